#include "host.h"

/* The run: load the data, train epoch by epoch, test after each, report. Everything that decides
 * what is learned (the seed, the order of samples, the batches) is fixed here by integers alone.
 *
 * An epoch is as many full batches as there are samples for; the rest of the shuffled order, less
 * than a batch, is left out until the next epoch shuffles anew. */

typedef struct {
    const HostModel *model;
    const HostOptions *options;
    const HostData *data;
    HostLog log;
    HostProgress progress;
    HostObserver observer;
    HostTraining training;
    HostFeed feed;
} HostRun;

static const unsigned char *host_input(const HostModel *model, const HostSamples *from,
                                       size_t sample) {
    return from->inputs + sample * host_input_bytes(model);
}

static const unsigned char *host_target(const HostModel *model, const HostSamples *from,
                                        size_t sample) {
    return from->targets + sample * host_target_bytes(model);
}

/* Right answers of all ranks over all samples: each tests its share. */
static double host_test_accuracy(const HostModel *model, const HostSamples *test) {
    uint64_t right = 0;
    for (size_t i = 0; i < test->samples; i++)
        right +=
            model->classify(host_input(model, test, i)) == host_get_class(model, test->targets, i);
    host_add_up(&right, 1);
    return (double)right / (double)test->all;
}

static double host_test_loss(const HostModel *model, const HostSamples *test) {
    uint64_t sum = 0;
    for (size_t i = 0; i < test->samples; i++)
        sum += model->loss(host_input(model, test, i), host_target(model, test, i));
    host_add_up(&sum, 1);
    return (double)sum / 65536.0 / (double)test->all;
}

/* Of sequences with a class for each step: the accuracy, and the loss. */
static double host_test_steps(const HostModel *model, const HostSamples *test, double *mean_loss) {
    uint64_t right = 0, loss = 0;
    for (size_t i = 0; i < test->samples; i++) {
        loss += model->loss(host_input(model, test, i), host_target(model, test, i));
        right += model->correct();
    }
    host_add_up(&right, 1);
    host_add_up(&loss, 1);
    *mean_loss = (double)loss / 65536.0 / (double)test->all;
    return (double)right / (double)test->all / (double)model->targets;
}

static void host_test(const HostRun *run, HostResult *result) {
    const HostSamples *test = &run->data->test;
    const HostModel *model = run->model;
    result->test = result->test_loss = -1;
    if (!test->all)
        return;
    if (!model->classes)
        result->test = host_test_loss(model, test);
    else if (model->targets == 1)
        result->test = host_test_accuracy(model, test);
    else
        result->test = host_test_steps(model, test, &result->test_loss);
}

/* Returns whether the epoch was finished; `epoch` counts from 0. */
static bool host_train_epoch(HostRun *run, unsigned epoch, HostResult *result) {
    const HostModel *model = run->model;
    const size_t batches = run->data->train.all / model->batch;
    const double start = host_seconds();
    uint64_t loss = 0, right = 0;
    size_t done = 0;
    bool interrupted = false;
    host_feed_epoch(&run->feed, epoch);
    model->set_epoch(epoch);
    while (done < batches && !interrupted) {
        const HostStep step = host_train_batch(&run->feed, done);
        loss += step.loss;
        right += step.right;
        interrupted = step.interrupted;
        done++;
        if (run->progress.shown)
            host_progress_draw(&run->progress, epoch, done * model->batch, host_seconds() - start);
    }
    if (done < batches)
        return false;
    result->seconds = host_seconds() - start;
    result->epochs = epoch + 1;
    result->samples = batches * model->batch;
    result->loss = (double)loss / 65536.0 / (double)batches;
    result->train_accuracy =
        model->correct ? (double)right / (double)result->samples / (double)model->targets : -1;
    result->traffic = host_traffic(&run->feed);
    return true;
}

static bool host_accurate_enough(const HostModel *model, const HostResult *result) {
    return model->classes && model->stop_accuracy > 0 && result->test >= model->stop_accuracy;
}

/* The first of the epochs over which weights are averaged, counted from 0. */
static unsigned host_first_averaged(const HostRun *run) {
    const unsigned epochs = run->options->epochs, last = run->model->average_last;
    return epochs > last ? epochs - last : 0;
}

/* After an epoch: `epochs` are finished. */
static void host_collect(const HostRun *run, unsigned epochs) {
    const unsigned first = host_first_averaged(run);
    if (run->model->average_last && epochs > first)
        run->model->collect(epochs == first + 1);
}

/* A checkpoint within these epochs holds those that it has passed. */
static void host_check_collected(const HostRun *run, unsigned epochs) {
    const unsigned first = host_first_averaged(run);
    if (run->model->average_last && epochs > first && *run->model->collected != epochs - first)
        host_fail(
            "%s: has collected %u epochs for the average of weights, where %u are due: it was "
            "made with another --epochs",
            run->options->checkpoint, (unsigned)*run->model->collected, epochs - first);
}

/* At the end of a training that was not cut short. */
static void host_average(HostRun *run, HostResult *result) {
    const bool cut_short = result->epochs < run->options->epochs;
    if (!run->model->average_last || *run->model->collected == 0 || cut_short)
        return;
    result->averaged = *run->model->collected;
    run->model->average();
    host_test(run, result);
}

static HostResult host_train_epochs(HostRun *run) {
    HostResult result = {.train_accuracy = -1, .test = -1, .test_loss = -1};
    const unsigned epochs = run->options->epochs;
    const char *checkpoint = run->options->checkpoint;
    run->progress.first = result.epochs = host_resume(run->model, checkpoint, &run->training);
    host_check_collected(run, result.epochs);
    if (result.epochs > 0)
        host_test(run, &result);
    while (result.epochs < epochs && !host_stopping()) {
        const bool finished = host_train_epoch(run, result.epochs, &result);
        host_progress_clear(&run->progress);
        host_test(run, &result);
        host_observe_all(&run->observer);
        if (!finished)
            break;
        host_collect(run, result.epochs);
        host_save(run->model, checkpoint, &run->training, result.epochs);
        host_log_epoch(&run->log, run->model, &result);
        if (!run->options->quiet)
            host_show_epoch(run->model, &result, epochs);
        if (host_accurate_enough(run->model, &result))
            break;
    }
    result.interrupted = result.epochs < epochs && host_stopping();
    host_average(run, &result);
    return result;
}

/* Say why the run ended early, if it did. */
static void host_show_end(const HostRun *run, const HostResult *result) {
    char line[128] = "";
    if (result->interrupted)
        snprintf(line, sizeof line, "interrupted in epoch %u; this is what was learned so far\n",
                 result->epochs + 1);
    else if (result->epochs < run->options->epochs)
        snprintf(line, sizeof line, "stopped: the test accuracy has reached %.2f %%\n",
                 100 * run->model->stop_accuracy);
    if (*line)
        host_write(line);
}

static void host_report(HostRun *run, const HostResult *result) {
    const HostStatistic *statistics = run->observer.list;
    if (!run->options->quiet)
        host_write("\n");
    host_show_end(run, result);
    host_show_final(run->model, result, statistics);
    host_log_final(&run->log, run->model, result, statistics);
    host_log_close(&run->log);
}

static void host_train(const HostModel *model, const HostOptions *options, const char *path,
                       const HostData *data) {
    HostRun run = {.model = model, .options = options, .data = data};
    run.observer = host_observer_new(model);
    run.log = host_log_open(options->log);
    if (!options->quiet)
        host_show_start(model, options, path, data);
    run.progress = (HostProgress){.shown = HOST_DRAWS && !options->quiet && isatty(STDOUT_FILENO),
                                  .start = host_seconds(),
                                  .epochs = options->epochs,
                                  .samples = data->train.all / model->batch * model->batch};
    run.training = (HostTraining){options->seed, options->split, data->train.all};
    run.feed = host_feed_new(model, &data->train, options->seed);
    host_catch_signals();
    model->init(options->seed);
    const HostResult result = host_train_epochs(&run);
    host_report(&run, &result);
    host_observer_free(&run.observer);
    host_feed_free(&run.feed);
}

static int host_main(const HostModel *model, char **arguments) {
    host_join();
    const HostOptions options = host_read_options(model, arguments);
    if (options.help) {
        host_print_usage(arguments[0]);
        host_leave();
        return 0;
    }
    if (options.threads > 0 && model->set_threads)
        model->set_threads(options.threads);
    HostData data = {0};
    char *path = host_find(model, options.data);
    model->source->load(model, path, options.split, &data);
    if (data.train.all < model->batch)
        host_fail("%s: %zu samples to train, fewer than one batch of %zu", path, data.train.all,
                  model->batch);
    host_train(model, &options, path, &data);
    host_samples_free(&data.train);
    host_samples_free(&data.test);
    free(path);
    host_leave();
    return 0;
}
