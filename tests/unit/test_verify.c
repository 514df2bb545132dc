/* The verifier: a model that a pass has got wrong ends the compiler with status 70 and says what is
 * wrong. Each test compiles a sound model, breaks one thing in it, and looks on from outside. */
#include "range.h"

#include <setjmp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

static const char text[] = "model net\ninput x: u8[6] fixed(8)\ntarget t: class[3]\n"
                           "h = relu(dense(x, 6)) + x\ny = dense(h, 3)\nloss cross_entropy(y, t)\n"
                           "train { optimizer sgd(lr = 2^-5, momentum = 0.9) batch 4 }\n";

static Model model;

/* What ends the program leaves the arena behind. */
const char *__asan_default_options(void);
const char *__asan_default_options(void) {
    return "detect_leaks=0";
}

static void compile_model(void) {
    model = (Model){.arena = arena_new()};
    model.source = (Source){.path = "net.int", .text = arena_copy(model.arena, text, strlen(text)),
                            .length = strlen(text)};
    parse(&model);
    check(&model);
    grad(&model);
    range(&model);
    plan(&model);
    assert_int_equal(model.source.errors, 0);
}

typedef void Break(void);

/* Runs in a child, whose messages come back through a pipe; its exit status. */
static int verify_broken(Break *break_model, const char *pass, char *said, size_t size) {
    int ends[2], status;
    assert_int_equal(pipe(ends), 0);
    fflush(NULL);
    pid_t child = fork();
    if (child == 0) {
        dup2(ends[1], STDERR_FILENO);
        compile_model();
        break_model();
        verify(&model, pass);
        exit(0);
    }
    close(ends[1]);
    memset(said, 0, size);
    for (size_t length = 0, got = 1; got > 0 && length < size - 1; length += got) {
        ssize_t count = read(ends[0], said + length, size - 1 - length);
        got = count > 0 ? (size_t)count : 0;
    }
    close(ends[0]);
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    return WEXITSTATUS(status);
}

static void expect(Break *break_model, const char *pass, const char *message) {
    char said[4096];
    assert_int_equal(verify_broken(break_model, pass, said, sizeof said), 70);
    if (!strstr(said, message))
        fail_msg("'%s' is not in: %s", message, said);
}

static Tensor *tensor_named(const char *name) {
    for (int i = 0; i < model.tensor_count; i++)
        if (strcmp(model.tensors[i]->name, name) == 0)
            return model.tensors[i];
    fail_msg("no tensor %s", name);
    return NULL;
}

/* The first step of that kind. */
static Step *step_of(const char *kind) {
    for (int i = 0; i < model.step_count; i++)
        if (strcmp(model.steps[i]->kind->name, kind) == 0)
            return model.steps[i];
    fail_msg("no step %s", kind);
    return NULL;
}

/* ---- what can be wrong ---- */

static void break_nothing(void) {
}

static void break_number(void) {
    model.steps[2]->number = 5;
}

static void break_id(void) {
    step_of("relu")->in[0]->id = model.tensor_count;
}

static void break_list(void) {
    step_of("relu")->in[0]->id = 0;
}

static void break_order(void) {
    step_of("relu")->in[0] = model.logits;
}

static void break_error_shape(void) {
    tensor_named("y")->error->shape.dimension[0]++;
}

static void break_gradient(void) {
    tensor_named("h.weights")->gradient = NULL;
}

static void break_gradient_shape(void) {
    tensor_named("h.weights")->gradient->shape.dimension[1]++;
}

static void break_format(void) {
    tensor_named("h.weights")->format = NULL;
}

static void break_bound(void) {
    tensor_named("h.weights")->bound = 128;
}

static void break_bound_sign(void) {
    tensor_named("h.weights")->bound = -1;
}

static void break_sum(void) {
    step_of("dense")->sum.worst_case = INT64_C(1) << 31;
}

static void break_sum_sign(void) {
    step_of("dense")->sum.worst_case = -1;
}

static void break_rounding(void) {
    step_of("dense")->sum.worst_case = INT32_MAX;
}

static void break_cast_type(void) {
    step_of("dense")->cast.hi = 128;
}

static void break_cast_ends(void) {
    step_of("dense")->cast.lo = 127;
    step_of("dense")->cast.hi = 0;
}

static void break_cast_left(void) {
    step_of("dense")->cast.shift = -31;
}

static void break_cast_right(void) {
    step_of("dense")->cast.shift = 63;
}

static void break_buffers(void) {
    step_of("add")->in[1]->offset = step_of("dense")->out[0]->offset;
}

static void break_scratch(void) {
    Step *step = step_of("dense_error");
    for (Scratch *scratch = step->scratch; scratch; scratch = scratch->next)
        if (strcmp(scratch->role, "draws") == 0)
            scratch->type = step->in[0]->format->type, scratch->offset = step->in[0]->offset;
}

/* Behind a gradient the update runs row by row: what the gradient reads is still alive. */
static void break_fused_scratch(void) {
    Step *step = step_of("dense_weight_gradient");
    Step *update = model.steps[step->number + 1];
    Scratch *scratch = arena_alloc(model.arena, sizeof *scratch);
    *scratch = (Scratch){.role = "more", .type = TYPE_I8, .elements = 1, .next = update->scratch};
    scratch->offset = step->in[0]->offset;
    update->scratch = scratch;
}

/* ---- the tests ---- */

static void a_sound_model_passes(void **state) {
    static const char *const passes[] = {"check", "grad", "range", "plan"};
    char said[4096];
    (void)state;
    for (size_t i = 0; i < sizeof passes / sizeof *passes; i++) {
        assert_int_equal(verify_broken(break_nothing, passes[i], said, sizeof said), 0);
        assert_string_equal(said, "");
    }
}

static void steps_are_in_order(void **state) {
    (void)state;
    expect(break_number, "check", "after check: step 2 is numbered 5");
    expect(break_id, "check", "reads a tensor that is not listed");
    expect(break_list, "check", "reads a tensor that is not listed");
    expect(break_order, "check", "reads y before it is made");
}

static void shapes_agree(void **state) {
    (void)state;
    expect(break_error_shape, "grad", "after grad: the error of y has another shape");
    expect(break_gradient, "grad", "h.weights has no gradient");
    expect(break_gradient_shape, "grad", "the gradient of h.weights has another shape");
}

static void values_fit_their_types(void **state) {
    (void)state;
    expect(break_format, "range", "after range: h.weights has no format");
    expect(break_bound, "range", "h.weights reaches 128, more than i8 holds");
    expect(break_bound_sign, "range", "h.weights reaches -1");
}

static void sums_fit_their_types(void **state) {
    (void)state;
    expect(break_sum, "range", "does not fit");
    expect(break_sum_sign, "range", "does not fit");
    expect(break_rounding, "range", "the rounding of step");
}

static void casts_are_sound(void **state) {
    (void)state;
    expect(break_cast_type, "range", "leaves its type");
    expect(break_cast_ends, "range", "is malformed");
    expect(break_cast_left, "range", "is malformed");
    expect(break_cast_right, "range", "is malformed");
}

static void buffers_are_apart(void **state) {
    (void)state;
    expect(break_buffers, "plan", "overlap");
    expect(break_scratch, "plan", "overlaps y.error");
    expect(break_fused_scratch, "plan", "overlaps y.error");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_sound_model_passes), cmocka_unit_test(steps_are_in_order),
        cmocka_unit_test(shapes_agree),         cmocka_unit_test(values_fit_their_types),
        cmocka_unit_test(sums_fit_their_types), cmocka_unit_test(casts_are_sound),
        cmocka_unit_test(buffers_are_apart),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
