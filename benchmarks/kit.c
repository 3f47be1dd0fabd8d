/* What the crowds share: time, histograms, file handles, memory between processes, addresses. */
#define _GNU_SOURCE
#include "kit.h"

#include <arpa/inet.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#ifndef IP_BIND_ADDRESS_NO_PORT
#define IP_BIND_ADDRESS_NO_PORT 24
#endif

void die(const char *what)
{
    fprintf(stderr, "crowd: %s: %s\n", what, strerror(errno));
    exit(1);
}

uint64_t now_us(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000 + (uint64_t)t.tv_nsec / 1000;
}

/* Buckets grow by a 32nd of a power of two: a percentile is right within 3 %. */
static int bucket_of(uint64_t us)
{
    if (us < FINE)
        return (int)us;
    const int shift = 63 - __builtin_clzll(us) - __builtin_ctz(FINE);
    const int bucket = FINE * (shift + 1) + (int)((us >> shift) & (FINE - 1));
    return bucket < BUCKETS ? bucket : BUCKETS - 1;
}

static uint64_t bucket_bottom(int bucket)
{
    if (bucket < FINE)
        return (uint64_t)bucket;
    return (uint64_t)(FINE + bucket % FINE) << (bucket / FINE - 1);
}

void note(struct histogram *h, uint64_t us) { h->counts[bucket_of(us)]++; }

void add_up(struct histogram *sum, const struct histogram *part)
{
    for (int i = 0; i < BUCKETS; i++)
        sum->counts[i] += part->counts[i];
}

/* Within a bucket the counts are taken as spread evenly, so that two runs compare finely. */
double percentile_ms(const struct histogram *h, double share_of_all)
{
    uint64_t total = 0;
    double seen = 0;
    for (int i = 0; i < BUCKETS; i++)
        total += h->counts[i];
    for (int i = 0; i < BUCKETS && total; i++) {
        const double wanted = share_of_all * (double)total, here = (double)h->counts[i];
        if (here > 0 && seen + here >= wanted) {
            const double low = (double)bucket_bottom(i), high = (double)bucket_bottom(i + 1);
            return (low + (high - low) * (wanted - seen) / here) / 1e3;
        }
        seen += here;
    }
    return 0;
}

long raise_handles(void)
{
    struct rlimit limit;
    getrlimit(RLIMIT_NOFILE, &limit);
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
    return (long)(limit.rlim_max > 1000000 ? 1000000 : limit.rlim_max) - RESERVED_HANDLES;
}

void end_with_parent(void) { prctl(PR_SET_PDEATHSIG, SIGKILL); }

void *shared(size_t size)
{
    void *memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED)
        die("no shared memory");
    return memory;
}

double children_cpu_s(void)
{
    struct rusage used;
    getrusage(RUSAGE_CHILDREN, &used);
    return (double)(used.ru_utime.tv_sec + used.ru_stime.tv_sec) +
           1e-6 * (double)(used.ru_utime.tv_usec + used.ru_stime.tv_usec);
}

struct sockaddr_in loopback(const char *program, const char *address, const char *port)
{
    struct sockaddr_in host = {.sin_family = AF_INET, .sin_port = htons((uint16_t)atoi(port))};
    if (inet_pton(AF_INET, address, &host.sin_addr) != 1 ||
        ntohl(host.sin_addr.s_addr) >> 24 != 127) {
        fprintf(stderr, "%s: HOST is an address in 127.0.0.0/8, not %s\n", program, address);
        exit(2);
    }
    return host;
}

long processes_for(const char *program, long listeners)
{
    const long each_max = raise_handles();
    const long processes = each_max < 1 ? PROCESSES_MAX + 1 : (listeners + each_max - 1) / each_max;
    if (processes > PROCESSES_MAX) {
        fprintf(stderr, "%s: %ld listeners need %ld processes of %ld file handles; %d are the most."
                " Raise the limit: ulimit -Hn\n", program, listeners, processes, each_max,
                PROCESSES_MAX);
        exit(2);
    }
    return processes;
}

int connect_from(const struct sockaddr_in *to, long number, int receive_bytes)
{
    struct sockaddr_in from = {.sin_family = AF_INET};
    int yes = 1;
    const int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    from.sin_addr.s_addr = htonl(0x7f000101u + (uint32_t)((number / PER_SOURCE) << 8));
    if (fd < 0)
        return -1;
    setsockopt(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &yes, sizeof yes);
    if (receive_bytes)
        setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &receive_bytes, sizeof receive_bytes);
    if (bind(fd, (struct sockaddr *)&from, sizeof from) ||
        (connect(fd, (const struct sockaddr *)to, sizeof *to) && errno != EINPROGRESS)) {
        close(fd);
        return -1;
    }
    return fd;
}
