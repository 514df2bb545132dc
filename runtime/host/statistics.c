#include "host.h"

/* What the counted casts of the model come to: how much saturated in the whole run, and how large
 * each tensor was in the epoch in which it was largest, since its format has to hold that too. */

typedef struct {
    const HostModel *model;
    size_t count;         /* of counters; 0: the model counts nothing */
    uint64_t *sums;       /* saturated, squares, seen: `count` of each, up to now */
    uint64_t *before;     /* the same at the end of the epoch before */
    HostStatistic *list;  /* ends with a counter NULL */
} HostObserver;

static HostObserver host_observer_new(const HostModel *model) {
    HostObserver observer = {.model = model};
    if (!model->statistics)
        return observer;
    while (model->counters[observer.count].name)
        observer.count++;
    observer.sums = host_alloc(3 * observer.count, sizeof *observer.sums);
    observer.before = host_alloc(3 * observer.count, sizeof *observer.before);
    observer.list = host_alloc(observer.count + 1, sizeof *observer.list);
    memset(observer.sums, 0, 3 * observer.count * sizeof *observer.sums);
    for (size_t i = 0; i <= observer.count; i++)
        observer.list[i] = (HostStatistic){
            .counter = i < observer.count ? &model->counters[i] : NULL,
        };
    return observer;
}

static void host_observe(HostObserver *observer, size_t i) {
    const size_t count = observer->count;
    const uint64_t *sums = observer->sums + i, *before = observer->before + i;
    const double squares = (double)(sums[count] - before[count]);
    const double seen = (double)(sums[2 * count] - before[2 * count]);
    HostStatistic *statistic = &observer->list[i];
    if (!(seen > 0))
        return;
    statistic->saturated = (double)sums[0] / (double)sums[2 * count];
    statistic->rms =
        fmax(statistic->rms, sqrt(ldexp(squares / seen, statistic->counter->square_exponent)));
}

/* To be called when an epoch ends, by all ranks. */
static void host_observe_all(HostObserver *observer) {
    const size_t count = observer->count;
    if (count == 0)
        return;
    memcpy(observer->before, observer->sums, 3 * count * sizeof *observer->sums);
    observer->model->statistics(observer->sums, observer->sums + count,
                                observer->sums + 2 * count);
    host_add_up(observer->sums, 3 * count);
    for (size_t i = 0; i < count; i++)
        host_observe(observer, i);
}

static void host_observer_free(HostObserver *observer) {
    free(observer->sums);
    free(observer->before);
    free(observer->list);
}
