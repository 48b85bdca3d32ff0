// Loads that no program of Debian's is made of: what a kernel, a scheduler and a memory system do most. `loads NAME N`.
#define _GNU_SOURCE
#include <pthread.h>
#include <sched.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static void check(int is_well, const char *what)
{
    if (is_well)
        return;
    perror(what);
    exit(1);
}

/** N processes one after the other, each of which becomes another program. */
static long forks(long n)
{
    for (long i = 0; i < n; i++) {
        pid_t child = fork();
        check(child >= 0, "fork");
        if (child == 0) {
            execl("/usr/bin/true", "true", (char *)0);
            _exit(1);
        }
        int status;
        check(waitpid(child, &status, 0) == child && status == 0, "true");
    }
    return n;
}

/** A word goes round N times among `count` processes, through pipes. */
static long ring(long n, int count)
{
    int ends[8][2];
    for (int i = 0; i < count; i++)
        check(pipe(ends[i]) == 0, "pipe");
    for (int i = 1; i < count; i++) {
        if (fork() != 0)
            continue;
        for (long round = 0; round < n; round++) {
            long word;
            check(read(ends[i - 1][0], &word, sizeof word) == sizeof word, "read");
            word++;
            check(write(ends[i][1], &word, sizeof word) == sizeof word, "write");
        }
        _exit(0);
    }
    long word = 0;
    for (long round = 0; round < n; round++) {
        check(write(ends[0][1], &word, sizeof word) == sizeof word, "write");
        check(read(ends[count - 1][0], &word, sizeof word) == sizeof word, "read");
    }
    while (wait(0) > 0)
        ;
    return word;
}

static void pin(int cpu)
{
    cpu_set_t set;
    CPU_ZERO(&set);
    CPU_SET(cpu, &set);
    check(sched_setaffinity(0, sizeof set, &set) == 0, "sched_setaffinity");
}

/** N times 8 MiB of fresh pages. */
static long faults(long n)
{
    const size_t size = 8 << 20;
    long touched = 0;
    for (long i = 0; i < n; i++) {
        char *pages = mmap(0, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        check(pages != MAP_FAILED, "mmap");
        madvise(pages, size, MADV_NOHUGEPAGE);
        for (size_t at = 0; at < size; at += 4096, touched++)
            pages[at] = 1;
        munmap(pages, size);
    }
    return touched;
}

static long syscalls(long n)
{
    long sum = 0;
    for (long i = 0; i < n; i++)
        sum += syscall(SYS_getppid) > 0;
    return sum;
}

/** N times over three arrays of 4 MiB each. */
static long stream(long n)
{
    const long count = (4 << 20) / sizeof(uint64_t);
    uint64_t *a = calloc(count, sizeof *a), *b = calloc(count, sizeof *b), *c = calloc(count, sizeof *c);
    for (long i = 0; i < count; i++) {
        b[i] = i;
        c[i] = 3 * i;
    }
    for (long round = 0; round < n; round++) {
        for (long i = 0; i < count; i++)
            a[i] = b[i] + 5 * c[i] + round;
        __asm__ volatile("" : : "r"(a) : "memory");
    }
    return a[count - 1];
}

/** Mandelbrot's set on N rows of 256 points. */
static long floats(long n)
{
    long steps = 0;
    for (long y = 0; y < n; y++) {
        for (int x = 0; x < 256; x++) {
            double cr = x / 128.0 - 1.5, ci = y / (n / 2.0) - 1, r = 0, i = 0;
            for (int step = 0; step < 200 && r * r + i * i < 4; step++, steps++) {
                double next = r * r - i * i + cr;
                i = 2 * r * i + ci;
                r = next;
            }
        }
    }
    return steps;
}

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static long shared;

/** Takes a lock that three others want too. */
static void *contender(void *n)
{
    for (long i = 0; i < (long)n; i++) {
        pthread_mutex_lock(&mutex);
        shared++;
        pthread_mutex_unlock(&mutex);
    }
    return 0;
}

/** Works alone on memory of its own: sorts, again and again. */
static void *worker(void *n)
{
    uint32_t values[1024], random = 1;
    uint64_t sum = 0;
    for (long i = 0; i < (long)n; i++) {
        for (int k = 0; k < 1024; k++)
            values[k] = random = random * 1664525 + 1013904223;
        for (int gap = 512; gap > 0; gap /= 2) {
            for (int k = gap; k < 1024; k++) {
                uint32_t value = values[k];
                int to = k;
                for (; to >= gap && values[to - gap] > value; to -= gap)
                    values[to] = values[to - gap];
                values[to] = value;
            }
        }
        sum += values[i % 1024];
    }
    __atomic_fetch_add(&shared, sum, __ATOMIC_RELAXED);
    return 0;
}

static long four(void *(*body)(void *), long n)
{
    pthread_t threads[4];
    for (int i = 0; i < 4; i++)
        check(pthread_create(&threads[i], 0, body, (void *)n) == 0, "pthread_create");
    for (int i = 0; i < 4; i++)
        pthread_join(threads[i], 0);
    return shared;
}

int main(int argc, char **argv)
{
    const char *name = argc > 1 ? argv[1] : "";
    long n = argc > 2 ? atol(argv[2]) : 1, result;
    if (!strcmp(name, "forks"))
        result = forks(n);
    else if (!strcmp(name, "pipes"))
        result = ring(n, 2);
    else if (!strcmp(name, "pinned-pipes"))
        pin(0), result = ring(n, 2);
    else if (!strcmp(name, "ring"))
        result = ring(n, 8);
    else if (!strcmp(name, "faults"))
        result = faults(n);
    else if (!strcmp(name, "syscalls"))
        result = syscalls(n);
    else if (!strcmp(name, "stream"))
        result = stream(n);
    else if (!strcmp(name, "floats"))
        result = floats(n);
    else if (!strcmp(name, "locks"))
        result = four(contender, n);
    else if (!strcmp(name, "threads"))
        result = four(worker, n);
    else
        return 2;
    printf("%ld\n", result);
    return 0;
}
