/* intc.h - every type of the compiler, in the order in which the passes fill them.
 *
 * A compile is one straight line. One Model is handed from pass to pass; each pass fills its own
 * section of it and rewrites nothing that an earlier one wrote:
 *
 *     text -parse-> Node -check-> Tensor, Step -grad-> more steps -range-> Format, Sum, Cast
 *          -plan-> buffers -define-> m4 definitions -expand-> C
 *
 * A network is a flat list of steps in execution order. After `grad`, forward, backward and update
 * steps stand in the same list and are treated alike. Passes walk; operators know: a pass calls the
 * functions in a step's StepKind and never asks which operator it is looking at.
 */
#ifndef INTC_H
#define INTC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#define INTC_VERSION "0.1.0"

typedef struct Model Model;
typedef struct Node Node;
typedef struct Tensor Tensor;
typedef struct Step Step;
typedef struct StepKind StepKind;
typedef struct Operator Operator;

/* ---- arena.c: memory that lives as long as the compile -------------------------------------- */

typedef struct Arena Arena;

Arena *arena_new(void);
void arena_free(Arena *arena);
/* Zeroed memory; never NULL: running out of memory prints one line and exits with status 3. */
void *arena_alloc(Arena *arena, size_t size);
char *arena_copy(Arena *arena, const char *text, size_t length);
char *arena_print(Arena *arena, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* A growing text in an arena. */
typedef struct {
    Arena *arena;
    char *text; /* always terminated; never NULL after text_new */
    size_t length, capacity;
} Text;

Text text_new(Arena *arena);
void text_add(Text *text, const char *format, ...) __attribute__((format(printf, 2, 3)));
void text_append(Text *text, const char *bytes, size_t length);

/* ---- diag.c: places in the model file, and what is said about them -------------------------- */

/* Lines and columns count from 1; columns count bytes; `end_column` is one past the last. */
typedef struct {
    int line, column, end_line, end_column;
} Place;

typedef struct {
    const char *path; /* as the user gave it: every message starts with it */
    const char *text; /* the whole file, terminated; may hold NUL bytes before `length` */
    size_t length;
    bool color;
    int errors, warnings;
} Source;

/* Print `path:line:col: error: ...`, the source line and a caret. Notes and helps follow the error
 * or warning that they belong to. A place of line 0 prints the path alone. */
void diag_error(Model *model, Place place, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
void diag_warning(Model *model, Place place, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
void diag_note(Model *model, Place place, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
void diag_help(Model *model, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* The member of `names` (NULL-terminated) that is nearest to `name`, or NULL if none is near. */
const char *diag_nearest(const char *name, const char *const *names);
/* Something outside the model failed: `intc: error: ...` on stderr, exit status 3. */
_Noreturn void fail(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* The command line is wrong: the same, exit status 2. */
_Noreturn void misused(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* A defect of the compiler itself; says so and exits with status 70. */
_Noreturn void internal_error(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* ---- ast.c: what the parser builds ---------------------------------------------------------- */

/* The children of each kind, in order; `text` and `number` where noted. */
typedef enum {
    NODE_FILE,      /* items */
    NODE_MODEL,     /* text: name */
    NODE_INPUT,     /* text: name; TYPE [UNIT] [CALL: encoding] */
    NODE_TARGET,    /* text: name; TYPE [UNIT] [CALL: encoding] */
    NODE_BINDING,   /* text: name; [PIN] expression */
    NODE_DEF,       /* text: name; PARAMETER... expression */
    NODE_PARAMETER, /* text: name */
    NODE_LOSS,      /* expression: CALL, or a sum of them, each with a factor or none */
    NODE_TRAIN,     /* SETTING... */
    NODE_SETTING,   /* text: key; expression | COMPARE | BLOCK */
    NODE_BLOCK,     /* SETTING... */
    NODE_TYPE,      /* text: u8, i16, class, ...; one expression for each dimension */
    NODE_UNIT,      /* expression */
    NODE_PIN,       /* text: type; [expression: shift] */
    NODE_CALL,      /* text: name; expression | NAMED ... */
    NODE_NAMED,     /* text: name; expression (an argument `momentum = 0.9`) */
    NODE_NAME,      /* text */
    NODE_NUMBER,    /* number; text: as written */
    NODE_STRING,    /* text: without quotes */
    NODE_LIST,      /* expressions */
    NODE_BINARY,    /* text: + - * / ^; left, right */
    NODE_NEGATE,    /* expression */
    NODE_COMPARE    /* text: > < >= <= ; left, right */
} NodeKind;

struct Node {
    NodeKind kind;
    Place place;      /* the token that a caret should mark: a call's name, an operator's sign */
    const char *text; /* NULL where the kind has none */
    double number;
    Node *first; /* children */
    Node *next;  /* siblings */
};

Node *node_new(Model *model, NodeKind kind, Place place, const char *text);
/* Put `child` behind the last child of `parent`; returns `parent`. */
Node *node_add(Node *parent, Node *child);
int node_count(const Node *parent);
/* The expression as canonical source text: `relu(dense(image, 128))`. */
char *node_source(Arena *arena, const Node *node);
void ast_dump(const Model *model, FILE *out);

/* ---- types and shapes (graph.c) -------------------------------------------------------------- */

typedef enum { TYPE_NONE, TYPE_U8, TYPE_I8, TYPE_I16, TYPE_I32, TYPE_I64, TYPE_F32 } Type;

const char *type_name(Type type);   /* i8 */
const char *type_c_name(Type type); /* int8_t */
int type_bytes(Type type);
int type_magnitude_bits(Type type); /* i8: 7, u8: 8; without the sign */
bool type_from_name(const char *name, Type *type);

enum { MAX_DIMENSIONS = 4, MAX_ELEMENTS = 1 << 28, MAX_NAME = 63 };

typedef struct {
    int rank;
    int64_t dimension[MAX_DIMENSIONS];
} Shape;

int64_t shape_elements(Shape shape);
int64_t shape_last(Shape shape); /* the last dimension, of one at least */
bool shape_equal(Shape a, Shape b);
char *shape_print(Arena *arena, Shape shape); /* [28,28] */

/* ---- what check fills: settings, tensors, forward steps -------------------------------------- */

/* A number of the model file and the multiplier * 2^-shift that the integers really use. */
typedef struct {
    double asked;
    int64_t multiplier;
    int shift;
    Place place;
} Rational;

typedef struct {
    Type weights, activations, gradients, master, accumulators;
    Place place;
} Precision;

enum { MAX_EPOCHS = 100000 };

/* The learning rate: from epoch from[i] on the optimizer's times factor[i] * 2^-shift. */
typedef struct {
    int count; /* from[0] is 0 */
    int *from;
    int64_t *factor;
    int shift; /* no factor exceeds 2^shift */
} Rates;

typedef struct Curve Curve; /* schedule.c */

/* For a class of tensors (weights, activations, errors, inputs) or for one tensor by its name. */
typedef struct Headroom {
    const char *name;
    double factor;
    Place place;
    bool given; /* by the user; else a default */
    bool used;
    struct Headroom *next;
} Headroom;

typedef struct {
    Precision precision;
    const struct Optimizer *optimizer;
    const Node *optimizer_source;
    Rational rate;          /* learning rate of the first epoch, before division by the batch */
    Rational momentum_loss; /* 1 - momentum; multiplier 0: no momentum */
    Rational square_loss;   /* 1 - beta2, of the mean of squared gradients; multiplier 0: none */
    double epsilon;         /* is added to the root of that mean */
    double rate_decay;      /* weights lose this share for each unit of the rate (adamw); 0: none */
    int decay_shift;        /* weights lose w * 2^-decay_shift a step; 0: none */
    double clip;            /* bound on each element of the mean gradient; 0: none */
    Place clip_place, decay_place, momentum_place;
    Curve *schedule; /* NULL: the rate is constant */
    const char *schedule_text;
    Place schedule_place;
    Rates rates; /* what the schedule comes to */
    int batch, epochs;
    Place batch_place;
    double stop_accuracy; /* 0: none */
    int average_last;     /* weights are averaged over so many epochs; 0: they are not */
    Place average_place;
    uint64_t seed;
    struct Headroom *headrooms; /* how many times the typical magnitude a format spans */
    bool nearest_errors; /* rounding nearest: to show what stochastic rounding is worth */
    int shift_pixels;    /* augment: how far images are moved at most; 0: not at all */
    bool flip;           /* augment: whether they are mirrored */
    const Node *augment_source;
    /* data */
    const char *data_kind; /* "idx", "csv", "synthetic", "text" or NULL */
    const char *data_name;
    const char *data_label; /* csv: name of the label column; NULL: the last one */
    double data_test;       /* csv: share of the rows kept for the test */
    int64_t data_split;     /* csv, synthetic: seed of the split; 0: the fixed one */
    int64_t data_train_samples, data_test_samples; /* synthetic: how many are made */
    Place data_place;
} Settings;

/* How the raw integers of an input or a real-valued target become values:
 * value = raw * scale[i] - offset[i], feature by feature. */
typedef struct {
    const char *name; /* fixed, zscore, minmax, index */
    Type raw;
    double unit; /* what one step of the raw integer is worth */
    double *scale, *offset;
    int indices;       /* of `index`: how many there are; else 0 */
    int64_t features;  /* elements of one sample */
    bool per_feature;  /* false: scale[0] and offset[0] serve all */
    double least, most; /* values that raw integers can take (hard), after encoding */
    double typical;     /* expected rms */
    const char *reason;
} Encoding;

typedef enum {
    KIND_INPUT,      /* what the caller passes: raw integers */
    KIND_TARGET,     /* what the network is to answer */
    KIND_PARAMETER,  /* the storage copy, read by forward and backward steps */
    KIND_ACTIVATION,
    KIND_ERROR,      /* gradient of the loss by an activation */
    KIND_GRADIENT,   /* gradient of the loss by a parameter, summed over the batch */
    KIND_MASTER,     /* the copy of a parameter to which updates are added */
    KIND_STATE,      /* momentum and the like */
    KIND_AVERAGE     /* sum of a master after several epochs */
} Kind;

const char *kind_name(Kind kind);

/* What the user wrote between a name and its `=`: `i16 shift 9`. */
typedef struct {
    bool has_type, has_shift;
    Type type;
    int shift;
    Place place;
} Pin;

/* The fixed-point format of a tensor: the value of an element q is q * 2^-shift. Tensors that must
 * agree (a ReLU and its input) share one Format. */
typedef struct {
    Type type;
    int bits;  /* magnitude bits in use: |q| < 2^bits; at most the type's, fewer where budgeted */
    int shift;
    double span_factor;   /* the format spans this times the typical magnitude */
    bool shift_known;
    Pin pin;
    const char *narrowed; /* why `bits` is less than the type's, or NULL */
    bool reported;        /* a warning about it has been given */
} Format;

enum { MAX_STATES = 2 };

/* What the storage copy of a weight keeps of its master: its value as far as the format goes; its
 * sign; the nearest of -1, 0 and 1. The last two are in units of 2^-unit_shift. */
typedef enum { KEPT_VALUE, KEPT_SIGN, KEPT_ROUNDED } Kept;

struct Tensor {
    int id; /* position in Model.tensors */
    const char *name;
    Kind kind;
    Shape shape;  /* of one sample if `batched`, else of the whole */
    bool batched; /* one for each sample of the batch */
    int classes;  /* n of a target class[n] or class[steps,n]; how many indices there are; else 0 */
    Encoding *encoding; /* input and real-valued target */
    Pin pin;
    Place place;
    Tensor *master, *gradient; /* of a parameter, may be itself; of a sum, what it is the sum of */
    Tensor *state[MAX_STATES]; /* of its optimizer: momentum and the like */
    Tensor *average;           /* of a parameter, or NULL: the sum of its master after epochs */
    double init_bound; /* parameters: drawn uniformly in +- init_bound; 0: zeros */
    double init_sigma;
    int init_shift;    /* of the integers that are drawn: the master's, in every precision */
    int64_t row_elements; /* parameters: elements of one output unit's row */
    Kept kept;            /* parameters */
    int unit_shift;
    bool sparse;          /* parameters, their gradients: rows whose gradient is zero rest */
    Step *producer;

    /* grad */
    bool needs_error; /* lies between a parameter and the loss */
    struct Contribution *contributions;
    Tensor *error;

    /* range */
    Format *format;
    bool non_negative;
    bool exact;      /* every value is represented without rounding (signs, steps) */
    int64_t bound;   /* hard: |q| <= bound, always */
    double limit;    /* hard bound on the value known before the format; 0: only the format's */
    double typical;  /* rms of the value, expected at initialisation */
    const char *reason; /* why the typical magnitude is what it is, with its numbers */

    /* plan */
    Tensor *buffer_of; /* lives in that tensor's buffer (in place), or NULL */
    int64_t offset;    /* in elements of the pool of its type; -1: a named member of its own */
    int64_t sum_offset; /* distributed form, of a gradient: in the array of sums of its type */
    int64_t own_offset; /* of a gradient: in the memory that each thread has of its own; or -1 */
    int first_use, last_use; /* step numbers */
};

typedef enum { PHASE_INIT, PHASE_FORWARD, PHASE_BACKWARD, PHASE_UPDATE } Phase;

const char *phase_name(Phase phase);

/* ---- what range fills: exact sums and named casts -------------------------------------------- */

/* An accumulator: the sum of `terms` products of elements of `left` and `right` (`right` may be
 * NULL: a sum of elements), plus an element of `addend`. Exact: `range` proves that the worst case
 * fits `type`. */
typedef struct {
    Tensor *left, *right, *addend;
    int64_t terms;
    bool widens; /* to 64 bits, rather than that its operands are narrowed */
    Type type;
    int64_t worst_case;
    int headroom_bits; /* unused magnitude bits of the type */
    int shift;
} Sum;

typedef enum {
    ROUND_EXACT,
    ROUND_NEAREST,
    ROUND_STOCHASTIC,
    ROUND_FLOOR,
    ROUND_SCALE
} Rounding;

const char *rounding_name(Rounding rounding);

/* The only place where bits are dropped or values saturate: q = clamp(round(v * 2^-shift), lo, hi).
 * ROUND_SCALE is a multiplication by 2^-shift, shift < 0; ROUND_EXACT has shift 0. */
typedef struct {
    bool present;
    int shift;
    Rounding rounding;
    bool saturate; /* false: the worst case fits, the clamp would never act */
    int64_t lo, hi;
    int site; /* stochastic: which stream of random numbers; else -1 */
    int row;  /* elements that one row of the site draws */
    int field; /* bits of a draw that one element uses: 16, 32 or 64 */
} Cast;

/* A constant of a step under the name that the schedule, the dumps and the templates use. */
typedef struct Attribute {
    const char *name;
    const char *text;      /* a text attribute, or NULL */
    const int64_t *values; /* one or many integers */
    const double *reals;   /* or reals (f32) */
    int64_t count;
    bool list;
    struct Attribute *next;
} Attribute;

enum { MAX_OPERANDS = 6 };

struct Step {
    const StepKind *kind;
    Phase phase;
    int number; /* position in Model.steps */
    Place place;
    const Node *source; /* the binding, loss or setting that it comes from */
    Tensor *in[MAX_OPERANDS];
    Tensor *out[MAX_OPERANDS];
    bool straight_through; /* inside ste(...): the error passes unchanged */
    Sum sum;
    Cast cast;
    Attribute *attributes;
    struct Scratch *scratch;
    int counter; /* of elements at the limit of the format: 1, 2, ...; 0: not counted */
};

/* Memory that a step needs while it runs. */
typedef struct Scratch {
    const char *role; /* accumulator, draws */
    Type type;
    int64_t elements;
    int64_t own_elements; /* where each thread has its own; as many, unless a step wants more */
    int64_t offset;       /* plan: in the pool of its type */
    int64_t own_offset;   /* plan: in the memory that each thread has of its own; -1: not there */
    struct Scratch *next;
} Scratch;

/* ---- operators: an operator is known by its own file only ------------------------------------ */

/* What a pass may ask of a kind of step. Roles name the operands for dumps, schedule, templates. */
struct StepKind {
    const char *name;                         /* also the template: templates/.../NAME.m4 */
    const char *in_roles[MAX_OPERANDS + 1];
    const char *out_roles[MAX_OPERANDS + 1];
    const char *runtime;                      /* files of runtime/, blanks between, or NULL */
    const char *kernels;                      /* its kernels there: NAME_8 and NAME_16; or NULL */
    bool wall;                                /* derivative zero almost everywhere */
    const char *written;                      /* in messages, where that is no call of NAME */
    bool in_place;                            /* out[0] may take the place of in[0] */
    bool training_differs;                    /* forwards, m->training says which is meant */
    bool whole_batch;                         /* distributed form: adds up all slices */
    bool parallel;                            /* threads share its loop, scratch is its own */
    bool shares;                              /* or a sum falls into a share for each thread */
    void (*grad)(Model *model, Step *step);   /* append backward steps, contribute errors */
    void (*typical)(Model *model, Step *step); /* typical values of outputs; the sum's operands */
    void (*settle)(Model *model, Step *step); /* formats are known: casts and attributes */
};

/* An argument of a call as the operator receives it. */
typedef struct {
    const char *name;
    Place place;
    bool given;
    Tensor *tensor;   /* a value of the graph */
    double number;    /* a constant */
    const char *text; /* a name such as `xavier`, or a string */
    const double *numbers; /* a list of constants: as many as `list` has elements */
    const Node *list;
} Argument;

typedef enum {
    ARGUMENT_NONE, /* ends a list of parameters */
    ARGUMENT_TENSOR,
    ARGUMENT_INDEX, /* a tensor of indices */
    ARGUMENT_OPERAND, /* a tensor, or a constant */
    ARGUMENT_INTEGER,
    ARGUMENT_NUMBER,
    ARGUMENT_NUMBERS, /* a list */
    ARGUMENT_CHOICE
} ArgumentKind;

typedef struct {
    const char *name;
    ArgumentKind kind;
    bool required;
    double fallback;          /* numbers: the default */
    double least, most;       /* numbers, each of a list: the range allowed */
    const char *choices[4];   /* choices: allowed words up to a NULL, the first is the default */
} Parameter;

enum { MAX_PARAMETERS = 9 };

/* An operator of the language. `build` checks shapes, appends forward steps and returns the result,
 * or NULL after a diagnostic. */
typedef struct {
    Place place;      /* of the operator's name */
    const Node *node; /* the call */
    const char *binding;
    bool straight_through;
    double factor; /* of a loss in a sum: a power of two */
    const char *const *operands; /* a loss: names of output and target, which stand first */
    Argument argument[MAX_PARAMETERS];
} Call;

struct Operator {
    const char *name;
    Parameter parameters[MAX_PARAMETERS];
    bool wall; /* may stand inside ste(...) */
    Tensor *(*build)(Model *model, Call *call);
};

/* For `build`: whether the last dimension of the call's first argument has that many elements. */
bool width_fits(Model *model, const Call *call, int least, int most);

/* A loss: `build` checks its operands and appends the step that makes the first error. */
typedef struct Loss {
    const char *name;
    Parameter parameters[MAX_PARAMETERS]; /* behind the output and the target */
    bool of_steps; /* takes a class for each step of a sequence too */
    void (*build)(Model *model, const Call *call, Tensor *prediction, Tensor *target);
} Loss;

/* An optimizer: `read` takes its arguments into the settings, `build` makes the masters and the
 * state of a parameter and appends its update. */
typedef struct Optimizer {
    const char *name;
    Parameter parameters[MAX_PARAMETERS];
    void (*read)(Model *model, Call *call);
    void (*begin)(Model *model); /* appends what is done once a step, before all updates; or NULL */
    void (*build)(Model *model, const Step *like, Tensor *parameter);
} Optimizer;

extern const StepKind encode_step; /* ops/encode.c: from the caller's integers to values */
extern const StepKind index_step;  /* ops/index.c: or to indices */
extern const StepKind augment_step; /* ops/augment.c: images as they are trained on */

extern const Operator *const operators[]; /* NULL-terminated; from ops/ops.def */
extern const Loss *const losses[];
extern const Optimizer *const optimizers[];

/* ---- the model ------------------------------------------------------------------------------- */

typedef struct {
    const char *key, *value; /* --set KEY=VALUE */
} Override;

typedef struct {
    const char *template_folder; /* --templates, or NULL: the embedded ones */
    const char *output_folder;   /* -o, or "." */
    bool driver;                 /* --driver */
    bool distributed;            /* --for=distributed: gradients and update are separate calls */
    bool tiles;                  /* --tiles, or intc train where the machine has tiles */
    bool for_training;           /* intc train: the trainer may know where the model file lies */
    bool include_runtime;        /* --include-runtime: #include "int_runtime.h", not pasted */
    const char *dump;            /* --dump=PASS, or NULL */
    const char *profile;         /* --profile FILE, or NULL */
    Override *overrides;
    int override_count;
} Options;

/* How large a tensor was in a training, as its log says. */
typedef struct Observed Observed;
struct Observed {
    const char *name;
    double rms;
    bool used; /* by a tensor of this model */
    Observed *next;
};

typedef struct {
    Type type;
    int64_t elements;
} Pool;

enum { POOLS = 5 }; /* i8, i16, i32, i64, f32 */
enum { SUMS = 2 };  /* i32, i64 */

struct Model {
    Arena *arena;
    Source source;
    Options options;

    Observed *observed; /* profile_read; of --profile */

    /* parse */
    Node *ast;

    /* check */
    const char *name;
    Settings settings;
    Tensor *input, *target; /* what the caller passes */
    Tensor *logits;         /* what the first loss reads: the network's answer */
    Tensor **tensors;
    int tensor_count, tensor_capacity;
    Step **steps;
    int step_count, step_capacity;
    Step *loss;             /* the first, where there are several */
    Tensor *correction; /* of the learning rate, from an optimizer's `begin`; or NULL */
    int expansions; /* of definitions so far */

    /* grad appends backward and update steps; range fills formats, sums, casts */
    int sites;    /* streams of random numbers */
    int counters; /* casts that may saturate */

    /* plan */
    Pool pools[POOLS];
    Pool sums[SUMS]; /* distributed form: gradients of the whole batch */
    Pool own[POOLS]; /* what each thread has of its own, where there are threads */
    int64_t state_bytes, scratch_bytes;

    /* define */
    Text definitions;
};

/* The nearest multiplier * 2^-shift with a multiplier below 2^bits (constant.c). */
Rational rational_from(double value, int bits, Place place);
double rational_value(Rational rational);

/* ---- graph.c: helpers that know no pass ------------------------------------------------------ */

Tensor *tensor_new(Model *model, const char *name, Kind kind, Shape shape, bool batched,
                   Place place);
/* `base`, or `base2`, `base3`... if it is taken. */
const char *tensor_unique_name(Model *model, const char *base);
Step *step_new(Model *model, const StepKind *kind, Phase phase, Place place);
/* A step that comes from the same source as `like`, with the operands that its roles name. */
Step *step_with(Model *model, const StepKind *kind, Phase phase, const Step *like,
                Tensor *const in[], Tensor *out);
void step_integer(Model *model, Step *step, const char *name, int64_t value);
void step_integers(Model *model, Step *step, const char *name, const int64_t *values,
                   int64_t count);
void step_reals(Model *model, Step *step, const char *name, const double *values, int64_t count);
void step_text(Model *model, Step *step, const char *name, const char *value);
/* The attribute of that name; NULL if the step has none. */
const Attribute *step_attribute(const Step *step, const char *name);
/* An integer, or a real number, that the step has. */
int64_t step_value(const Step *step, const char *name);
double step_real(const Step *step, const char *name);
/* The type that holds one draw of that many bits. */
Type field_type(int field);
bool is_loss(const Step *step);
Scratch *step_scratch(Model *model, Step *step, const char *role, Type type, int64_t elements);
/* The verifier: shapes agree, widths fit, live buffers are disjoint; internal_error if not. */
void verify(const Model *model, const char *pass);

/* ---- describe.c: words about the model, for comments, reports and dumps ---------------------- */

/* `h1 = relu(dense(image, 128))`: the item that a step comes from, safe inside a C comment. */
char *step_source(Model *model, const Step *step);
/* `image i8[784] >>7` */
char *tensor_describe(Model *model, const Tensor *tensor);
/* `[28,28]`, or `u8[28,28]` where the tensor is an input. */
char *tensor_type(Model *model, const Tensor *tensor);
/* `i8`, or the classes where they differ: `weights i8, activations i16, ...` */
char *precision_text(Model *model);
/* What a saturating cast is called in the training log: the name of its binding. */
char *counter_name(Model *model, const Step *step);
/* The shift of the answers that `infer` gives; f32 gives fixed point too. */
int logits_shift(const Model *model);

/* ---- the passes ------------------------------------------------------------------------------ */

void parse(Model *model);  /* requires source; fills ast */
void check(Model *model);  /* requires ast; fills name, settings, tensors, forward steps */
void grad(Model *model);   /* requires check; appends backward and update steps */
void range(Model *model);  /* requires grad; fills formats, sums, casts, attributes */
void plan(Model *model);   /* requires range; fills buffers */
void define(Model *model); /* requires plan; fills definitions */
void expand(Model *model); /* requires definitions; writes the files */

#endif
