/* reserved.c - names that a model file may not use, or not as they are.
 *
 * Lists of words are texts: a blank before and behind each word. */
#include "reserved.h"

#include <stddef.h>
#include <string.h>

static const char keywords[] =
    " auto break case char const continue default do double else enum extern float for goto if "
    "inline int long register restrict return short signed sizeof static struct switch typedef "
    "union unsigned void volatile while main asm memcpy memset bool true false typeof linux unix "
    "i386 NULL ";

/* The generated header is C++ as well. */
static const char keywords_of_cpp[] =
    " alignas alignof and and_eq bitand bitor catch class compl concept const_cast consteval "
    "constexpr constinit decltype delete dynamic_cast explicit export friend mutable namespace "
    "new noexcept not not_eq nullptr operator or or_eq private protected public reinterpret_cast "
    "requires static_assert static_cast template this thread_local throw try typeid typename "
    "using virtual wchar_t xor xor_eq ";

/* `time.h` would be found instead of the system's. */
static const char headers[] =
    " assert complex ctype errno fenv float inttypes iso646 limits locale math setjmp signal "
    "stdalign stdarg stdatomic stdbool stddef stdint stdio stdlib stdnoreturn string strings "
    "tgmath threads time uchar wchar wctype unistd fcntl zlib zconf csv omp int_runtime ";

/* What <string.h> and <math.h> declare, which are included; `sinf` and `sinl` as `sin`. */
static const char functions[] =
    " memccpy memchr memcmp memmove mempcpy memmem memrchr memfrob stpcpy stpncpy strcat strchr "
    "strcmp strcoll strcpy strcspn strdup strerror strlen strncat strncmp strncpy strndup strnlen "
    "strpbrk strrchr strsep strsignal strspn strstr strtok strxfrm strverscmp strchrnul "
    "strcasecmp strncasecmp strcasestr strfry strlcat strlcpy basename bcmp bcopy bzero ffs ffsl "
    "ffsll index rindex "
    "acos acosh asin asinh atan atan2 atanh cbrt ceil copysign cos cosh drem erf erfc exp exp10 "
    "exp2 expm1 fabs fdim finite floor fma fmax fmin fmod fpclassify frexp gamma hypot ilogb "
    "isfinite isgreater isinf isless isnan isnormal isunordered j0 j1 jn ldexp lgamma lgamma_r "
    "llrint llround log log10 log1p log2 logb lrint lround modf nan nearbyint nextafter "
    "nexttoward pow pow10 remainder remquo rint round scalb scalbln scalbn signbit signgam "
    "significand sin sincos sinh sqrt tan tanh tgamma trunc y0 y1 yn ";

/* Parameters and variables of the functions whose parameters the user names. */
static const char variables[] =
    " m logits values best i place rows seed loss correct first count ready add_up context ";

/* What <stdlib.h> declares: vector intrinsics bring it along; and their type in the kernels. */
static const char functions_of_stdlib[] =
    " a64l abort abs aligned_alloc alloca arc4random at_quick_exit atexit atof atoi atol atoll "
    "bsearch calloc clearenv cfree canonicalize_file_name div div_t drand48 ecvt erand48 exit "
    "fcvt free gcvt getenv getloadavg getpt getsubopt grantpt initstate jrand48 l64a labs lcong48 "
    "ldiv ldiv_t llabs lldiv lldiv_t lrand48 malloc mblen mbstowcs mbtowc mkdtemp mkostemp "
    "mkostemps mkstemp mkstemps mktemp mrand48 nrand48 on_exit posix_memalign posix_openpt "
    "ptsname putenv qecvt qfcvt qgcvt qsort quick_exit rand random realloc reallocarray realpath "
    "rpmatch seed48 setenv setstate srand srand48 srandom strtod strtof strtol strtold strtoll "
    "strtoq strtoul strtoull strtouq system unlockpt unsetenv valloc wcstombs wctomb select "
    "pselect defined IntVector IntErrors IntGroups FloatVector IntFactors IntGain IntUpdate "
    "IntAdam IntRootTable ";

/* Variables of generated functions, where the model's name is a type. Single letters too. */
static const char locals[] =
    " at best bits correct draws error exp2_table factor factors from hash input largest limits "
    "logits loss master momentum multiplier offset power rate rate_draws apply_draws reciprocal "
    "rest right row rows samples saturated scaled seed seen site squares state step storage sum "
    "sums target mean change ratio root sign gradient square decay correction correction_table "
    "doublings rise gate slope distance near beyond start end turns logit ahead short_of half "
    "against square_draws epsilon rate_factor difference term terms total values width epoch "
    "block lane columns first own outputs count ready add_up context last later gates inner carry "
    "injected to_n to_z to_r reset_sum keep_sum reset_curve keep_curve curve value last_uses "
    "uses_before use place weight class_weights more doubled whole weights along away below "
    "center centered centers condition corner down draw e_s e_x element error_mean errors frame "
    "gathered kept kept_site kinds left line other patch piece product products scale scales share "
    "spread square_sum stream to together variance wanted work shares low high ";

static bool is_listed(const char *list, const char *name, size_t length) {
    for (const char *at = strstr(list, name); at; at = strstr(at + 1, name))
        if (at[-1] == ' ' && at[length] == ' ')
            return true;
    return false;
}

static bool is_word_of(const char *list, const char *name) {
    return is_listed(list, name, strlen(name));
}

static bool starts(const char *name, const char *start) {
    return strncmp(name, start, strlen(start)) == 0;
}

static bool ends(const char *name, const char *end) {
    size_t length = strlen(name), tail = strlen(end);
    return length >= tail && strcmp(name + length - tail, end) == 0;
}

bool name_is_reserved(const char *name) {
    return is_word_of(keywords, name) || starts(name, "int_") || starts(name, "INTC_") ||
           starts(name, "m4_") || name[0] == '_';
}

/* Types and macros of <stdint.h> and <stddef.h>, by what they have in common. */
static bool is_standard_type(const char *name) {
    return ends(name, "_t") || ends(name, "_MAX") || ends(name, "_MIN") || ends(name, "_C") ||
           ends(name, "_WIDTH");
}

static bool is_function(const char *name) {
    char stem[64];
    size_t length = strlen(name);
    if (is_word_of(functions, name))
        return true;
    if (length >= sizeof stem || (name[length - 1] != 'f' && name[length - 1] != 'l'))
        return false;
    memcpy(stem, name, length - 1);
    stem[length - 1] = '\0';
    return is_word_of(functions, stem);
}

bool model_name_is_reserved(const char *name) {
    return name_is_reserved(name) || name[1] == '\0' || is_word_of(locals, name) ||
           is_word_of(keywords_of_cpp, name) || is_word_of(headers, name) ||
           is_word_of(functions_of_stdlib, name) || is_function(name) ||
           is_standard_type(name) ||
           starts(name, "float_") || starts(name, "host_") || starts(name, "Host") ||
           starts(name, "HOST_") || starts(name, "INT_");
}

bool can_name_parameter(const char *name, const char *model) {
    size_t length = strlen(model);
    bool of_model = starts(name, model) && (name[length] == '\0' || name[length] == '_');
    return !of_model && !is_word_of(keywords_of_cpp, name) && !is_standard_type(name) &&
           !is_word_of(variables, name) && !starts(name, "INT_") &&
           !starts(name, "float_");
}
