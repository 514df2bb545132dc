/* aifes_mlp.c - the network in AIfES, f32, on its own interface. bench/mnist.py says how it is
 * called, what is timed and what the log holds; whatever --threads says, AIfES has one thread.
 *
 *     aifes_mlp DATA --sizes 784,128,128,10 --epochs N --seed N --threads N --log FILE
 *
 * Built by `bench/run --aifes FOLDER`, for AIfES 2.2. It gets what speeds it up: a batch goes
 * through a layer as a whole, weights are stored by output, and the first layer makes no gradient
 * of its input. */
#include "host/host.h"

#include "host/message.c"
#include "host/alone.c"
#include "host/random.c"
#include "host/data.c"
#include "host/find.c"
#include "host/idx.c"

#include "basic/base/aialgo/aialgo_sequential_inference.h"
#include "basic/base/aialgo/aialgo_sequential_training.h"
#include "basic/default/ailayer/ailayer_dense_default.h"
#include "basic/default/ailayer/ailayer_input_default.h"
#include "basic/default/ailayer/ailayer_relu_default.h"
#include "basic/default/ailayer/ailayer_softmax_default.h"
#include "basic/default/ailoss/ailoss_crossentropy_default.h"
#include "basic/default/aiopti/aiopti_sgd_default.h"

enum { BATCH = 32, INPUTS = 784, CLASSES = 10, MOST_LAYERS = 40, HALVE_EVERY = 4 };

typedef struct {
    int layers;
    uint32_t outputs[MOST_LAYERS];
    const char *data, *log;
    unsigned epochs;
    uint64_t seed;
} Options;

typedef struct {
    size_t samples;
    float (*inputs)[INPUTS];
    unsigned char *labels;
} Samples;

typedef struct {
    aimodel_t model;
    ailayer_input_f32_t input;
    ailayer_dense_f32_t dense[MOST_LAYERS];
    ailayer_relu_f32_t relu[MOST_LAYERS];
    ailayer_softmax_f32_t softmax;
    ailoss_crossentropy_f32_t loss;
    aiopti_sgd_f32_t sgd;
    aiopti_t *optimizer;
} Network;

/* ---- what it is called with ---- */

static void read_sizes(Options *options, char *text) {
    for (char *size = strtok(text, ","); size; size = strtok(NULL, ",")) {
        const long outputs = atol(size);
        if (options->layers > MOST_LAYERS || outputs < 1 || outputs > UINT16_MAX)
            host_fail("AIfES takes %d layers of %d outputs at the most", MOST_LAYERS, UINT16_MAX);
        if (options->layers++ > 0)
            options->outputs[options->layers - 2] = (uint32_t)outputs;
    }
    options->layers--;
}

static Options read_options(int count, char **words) {
    Options options = {.data = count > 1 ? words[1] : ""};
    for (int i = 2; i + 1 < count; i += 2) {
        if (strcmp(words[i], "--sizes") == 0)
            read_sizes(&options, words[i + 1]);
        if (strcmp(words[i], "--epochs") == 0)
            options.epochs = (unsigned)atoi(words[i + 1]);
        if (strcmp(words[i], "--seed") == 0)
            options.seed = (uint64_t)atoll(words[i + 1]);
        if (strcmp(words[i], "--log") == 0)
            options.log = words[i + 1];
    }
    return options;
}

/* ---- data ---- */

static Samples as_floats(const HostSamples *raw) {
    Samples samples = {.samples = raw->samples, .labels = raw->targets,
                       .inputs = host_alloc(raw->samples, sizeof *samples.inputs)};
    for (size_t i = 0; i < raw->samples * INPUTS; i++)
        samples.inputs[i / INPUTS][i % INPUTS] = (float)raw->inputs[i] / 256;
    return samples;
}

/* ---- the network ---- */

static void connect(Network *network, const Options *options) {
    static uint16_t shape[2] = {BATCH, INPUTS};
    network->input = (ailayer_input_f32_t){.input_dim = 2, .input_shape = shape};
    ailayer_t *last = network->model.input_layer = ailayer_input_f32_default(&network->input);
    for (int i = 0; i < options->layers; i++) {
        network->dense[i].neurons = options->outputs[i];
        last = ailayer_dense_wt_f32_default(&network->dense[i], last);
        if (i + 1 < options->layers)
            last = ailayer_relu_f32_default(&network->relu[i], last);
    }
    ailayer_t *first = &network->dense[0].base;
    AILAYER_SETTINGS_SET(first->settings, 1u, AILAYER_SETTINGS_NO_INPUT_GRADIENT, 1u);
    last = network->model.output_layer = ailayer_softmax_f32_default(&network->softmax, last);
    network->model.loss = ailoss_crossentropy_f32_default(&network->loss, last);
    aialgo_compile_model(&network->model);
}

static void prepare(Network *network, uint64_t seed) {
    aimodel_t *model = &network->model;
    const uint32_t parameters = aialgo_sizeof_parameter_memory(model);
    aialgo_distribute_parameter_memory(model, host_alloc(parameters, 1), parameters);
    srand((unsigned)seed);
    aialgo_initialize_parameters_model(model);
    network->sgd = (aiopti_sgd_f32_t){.learning_rate = 1.0f / 32, .momentum = 1 - 1.0f / 8};
    network->optimizer = aiopti_sgd_f32_default(&network->sgd);
    const uint32_t bytes = aialgo_sizeof_training_memory(model, network->optimizer);
    aialgo_schedule_training_memory(model, network->optimizer, host_alloc(bytes, 1), bytes);
    aialgo_init_model_for_training(model, network->optimizer);
}

/* ---- training and testing ---- */

static void train_batch(Network *network, const Samples *samples, const size_t *order) {
    static float inputs[BATCH][INPUTS], targets[BATCH][CLASSES];
    static uint16_t input_shape[2] = {BATCH, INPUTS}, target_shape[2] = {BATCH, CLASSES};
    aitensor_t input = AITENSOR_2D_F32(input_shape, inputs);
    aitensor_t target = AITENSOR_2D_F32(target_shape, targets);
    memset(targets, 0, sizeof targets);
    for (int b = 0; b < BATCH; b++) {
        memcpy(inputs[b], samples->inputs[order[b]], sizeof inputs[b]);
        targets[b][samples->labels[order[b]]] = 1;
    }
    aialgo_train_model(&network->model, &input, &target, network->optimizer, BATCH);
}

static int largest(const float *outputs) {
    int best = 0;
    for (int i = 1; i < CLASSES; i++)
        if (outputs[i] > outputs[best])
            best = i;
    return best;
}

/* The rows of a last batch that is not full hold what was there before. */
static double accuracy(Network *network, const Samples *samples) {
    static float inputs[BATCH][INPUTS];
    static uint16_t shape[2] = {BATCH, INPUTS};
    aitensor_t input = AITENSOR_2D_F32(shape, inputs);
    size_t right = 0;
    for (size_t first = 0; first < samples->samples; first += BATCH) {
        const size_t rest = samples->samples - first, count = rest < BATCH ? rest : BATCH;
        memcpy(inputs, samples->inputs[first], count * sizeof *inputs);
        const float *outputs = aialgo_forward_model(&network->model, &input)->data;
        for (size_t b = 0; b < count; b++)
            right += largest(outputs + b * CLASSES) == samples->labels[first + b];
    }
    return (double)right / (double)samples->samples;
}

static double now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

static double train_epoch(Network *network, const Samples *samples, size_t *order,
                          const Options *options, unsigned epoch) {
    const double start = now();
    network->sgd.learning_rate = ldexpf(1.0f / 32, -(int)(epoch / HALVE_EVERY));
    host_order(order, samples->samples, options->seed, epoch);
    for (size_t i = 0; i + BATCH <= samples->samples; i += BATCH)
        train_batch(network, samples, order + i);
    return now() - start;
}

int main(int count, char **words) {
    static Network network;
    static const HostModel mnist = {.inputs = INPUTS, .input_type = HOST_u8, .classes = CLASSES,
                                    .targets = 1};
    const Options options = read_options(count, words);
    HostData data = {0};
    host_load_idx(&mnist, options.data, 0, &data);
    const Samples train = as_floats(&data.train), test = as_floats(&data.test);
    size_t *order = host_alloc(train.samples, sizeof *order);
    FILE *log = fopen(options.log, "a");
    if (!log)
        host_fail("cannot write the log");
    connect(&network, &options);
    prepare(&network, options.seed);
    for (unsigned epoch = 0; epoch < options.epochs; epoch++) {
        const double seconds = train_epoch(&network, &train, order, &options, epoch);
        fprintf(log,
                "{\"epoch\": %u, \"samples\": %zu, \"test_accuracy\": %.4f, \"seconds\": %.4f}\n",
                epoch + 1, train.samples / BATCH * BATCH, accuracy(&network, &test), seconds);
        fflush(log);
    }
    return fclose(log) != 0;
}
