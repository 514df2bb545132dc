/* train.c - `intc train`: the model and its trainer are compiled into a folder for temporary files,
 * built there by the system's C compiler, and run. The folder goes however the program ends. */
#include "train.h"

#include "process.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#if defined __linux__ && defined __x86_64__
#include <sys/syscall.h>
#endif

/* ---- the folder: known here, since an exit handler is passed nothing ------------------------- */

static char *scratch_folder;

static void remove_scratch_folder(void) {
    int folder = open(scratch_folder, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    DIR *listing = folder < 0 ? NULL : fdopendir(folder);
    if (listing) {
        struct dirent *entry;
        while ((entry = readdir(listing)))
            unlinkat(dirfd(listing), entry->d_name, 0);
        closedir(listing);
    }
    rmdir(scratch_folder);
}

static void stop_if_interrupted(void) {
    if (process_interrupted())
        exit(128 + process_interrupted());
}

/* Whether this machine has AMX tiles, and Linux grants them: to this process, which needs none, as
 * it will to the trainer when that asks. */
static bool tiles_granted(void) {
#if defined __linux__ && defined __x86_64__
    enum { ASK = 0x1023, TILE_DATA = 18 };
    return syscall(SYS_arch_prctl, ASK, TILE_DATA) == 0;
#else
    return false;
#endif
}

void train_prepare(Model *model) {
    const char *place = getenv("TMPDIR");
    if (!place || !*place)
        place = "/tmp";
    /* Never something that a C compiler takes for an option. */
    char *folder = arena_print(model->arena, "%s%s/intc-XXXXXX", *place == '/' ? "" : "./", place);
    process_watch_signals();
    if (!mkdtemp(folder))
        fail("cannot create a folder in '%s': %s", place, strerror(errno));
    scratch_folder = strdup(folder); /* outlives the arena */
    if (!scratch_folder)
        fail("out of memory");
    atexit(remove_scratch_folder);
    model->options.output_folder = folder;
    model->options.driver = true;
    model->options.for_training = true;
    model->options.tiles = tiles_granted();
}

/* ---- building -------------------------------------------------------------------------------- */

enum { MOST_ARGUMENTS = 64 };

typedef struct {
    char *argument[MOST_ARGUMENTS + 1]; /* ends with NULL */
    int count;
} Arguments;

static void add(Arguments *arguments, const char *argument) {
    if (arguments->count == MOST_ARGUMENTS)
        fail("$CC has too many words");
    /* exec and its kin take char *, and do not write to it. */
    arguments->argument[arguments->count++] = (char *)(uintptr_t)argument;
}

/* $CC may hold arguments: `gcc -m32`, `ccache gcc`. */
static void add_words(Arena *arena, Arguments *arguments, const char *text) {
    while (*(text += strspn(text, " \t"))) {
        size_t length = strcspn(text, " \t");
        add(arguments, arena_copy(arena, text, length));
        text += length;
    }
}

/* What reading the data needs, or NULL. */
static const char *data_library(const Model *model) {
    const char *kind = model->settings.data_kind;
    return strcmp(kind, "csv") == 0 ? "-lcsv" : strcmp(kind, "idx") == 0 ? "-lz" : NULL;
}

/* A build for threads has room for as many as are asked for. */
static void add_threads(const Model *model, Arguments *command, const char *threads) {
    char *name = arena_copy(model->arena, model->name, strlen(model->name));
    if (!threads)
        return;
    for (char *at = name; *at; ++at)
        *at = (char)toupper((unsigned char)*at);
    add(command, "-fopenmp");
    add(command, arena_print(model->arena, "-D%s_THREADS=%s", name, threads));
}

static Process build(const Model *model, const char *program, const char *compiler,
                     const char *threads, bool native) {
    Arena *arena = model->arena;
    Arguments command = {0};
    add_words(arena, &command, compiler);
    add(&command, native ? "-O3" : "-O2");
    if (native)
        add(&command, "-march=native");
    add_threads(model, &command, threads);
    add(&command, "-DINT_STATISTICS");
    add(&command, "-o");
    add(&command, program);
    add(&command, arena_print(arena, "%s/%s.c", scratch_folder, model->name));
    add(&command, arena_print(arena, "%s/%s_main.c", scratch_folder, model->name));
    if (data_library(model))
        add(&command, data_library(model));
    add(&command, "-lm");
    return process_filter(arena, command.argument, "", 0);
}

/* A command that the environment may put another one in the place of. */
static const char *command_of(const char *variable, const char *usual) {
    const char *command = getenv(variable);
    return command && command[strspn(command, " \t")] ? command : usual;
}

static const char *compiler_command(const Model *model) {
    return model->options.distributed ? command_of("MPICC", "mpicc") : command_of("CC", "cc");
}

static const char *compiler_packages(const Model *model) {
    return model->options.distributed ? "gcc libopenmpi-dev openmpi-bin, or set MPICC"
                                      : "gcc, or set CC";
}

static _Noreturn void explain_failure(const char *compiler, const Process *process) {
    const char *errors = process->errors.text;
    fwrite(errors, 1, process->errors.length, stderr);
    if (strstr(errors, "zlib.h") || strstr(errors, "-lz"))
        fail("zlib is missing; install it with: apt-get install zlib1g-dev");
    if (strstr(errors, "csv.h") || strstr(errors, "-lcsv"))
        fail("libcsv is missing; install it with: apt-get install libcsv-dev");
    if (strstr(errors, "omp.h") || strstr(errors, "-lomp") || strstr(errors, "-lgomp"))
        fail("'%s' has no OpenMP, which --threads needs; it comes with gcc, for clang with: "
             "apt-get install libomp-dev", compiler);
    fail("the C compiler '%s' could not build the trainer (exit status %d)", compiler,
         process->status);
}

static void build_trainer(const Model *model, const char *program, const char *threads) {
    const char *compiler = compiler_command(model);
    Process process = build(model, program, compiler, threads, true);
    if (process.error == 0 && process.status != 0 && !process_interrupted())
        process = build(model, program, compiler, threads, false);
    stop_if_interrupted();
    if (process.error == ENOENT)
        fail("there is no C compiler '%s'; install one with: apt-get install %s", compiler,
             compiler_packages(model));
    if (process.error)
        fail("cannot run the C compiler '%s': %s", compiler, strerror(process.error));
    if (process.status != 0)
        explain_failure(compiler, &process);
}

/* ---- running --------------------------------------------------------------------------------- */

static void add_option(Arguments *arguments, const char *name, const char *value) {
    if (!value)
        return;
    add(arguments, name);
    add(arguments, value);
}

/* MPI's launcher in front of the trainer. More processes than processors are fine, and so is root,
 * and the threads of a rank are not all bound to one processor; Open MPI is told so by its own
 * variables, which mean nothing to others. */
static void add_launcher(const Model *model, Arguments *arguments, const CommandLine *line) {
    setenv("OMPI_MCA_rmaps_base_oversubscribe", "1", 0);
    if (line->threads)
        setenv("OMPI_MCA_hwloc_base_binding_policy", "none", 0);
    if (geteuid() == 0) {
        setenv("OMPI_ALLOW_RUN_AS_ROOT", "1", 0);
        setenv("OMPI_ALLOW_RUN_AS_ROOT_CONFIRM", "1", 0);
    }
    add_words(model->arena, arguments, command_of("MPIRUN", "mpirun"));
    add(arguments, "-np");
    add(arguments, line->ranks);
}

/* The launcher has said which rank ended, and how. */
static void explain_end(const CommandLine *line, int status) {
    bool kept = line->checkpoint && access(line->checkpoint, F_OK) == 0;
    fail("a rank ended the training (exit status %d)%s%s", status,
         kept ? "; the same command goes on from the last epoch in " : "",
         kept ? line->checkpoint : "");
}

int train_run(Model *model, const CommandLine *line) {
    stop_if_interrupted();
    const char *program = arena_print(model->arena, "%s/trainer", scratch_folder);
    build_trainer(model, program, line->threads);
    Arguments trainer = {0};
    if (line->ranks)
        add_launcher(model, &trainer, line);
    add(&trainer, program);
    add_option(&trainer, "--data", line->data);
    add_option(&trainer, "--epochs", line->epochs);
    add_option(&trainer, "--seed", line->seed);
    add_option(&trainer, "--split", line->split);
    add_option(&trainer, "--threads", line->threads);
    add_option(&trainer, "--log", line->log);
    add_option(&trainer, "--checkpoint", line->checkpoint);
    if (line->quiet)
        add(&trainer, "--quiet");
    Process process = process_run(trainer.argument);
    if (process.error && line->ranks)
        fail("cannot run '%s': %s; install it with: apt-get install openmpi-bin, or set MPIRUN",
             trainer.argument[0], strerror(process.error));
    if (process.error)
        fail("cannot run the trainer '%s': %s; TMPDIR names another place for it", program,
             strerror(process.error));
    if (!line->ranks && process.status > 128 && !process_interrupted())
        fail("the trainer was ended by signal %d", process.status - 128);
    bool refused = process.status == 2 || process.status == 3; /* and has said why */
    if (line->ranks && process.status != 0 && !refused && !process_interrupted())
        explain_end(line, process.status);
    return process.status;
}
