/* What the crowds share: time, histograms, file handles, memory between processes, addresses. */
#ifndef ROSTRA_BENCH_KIT_H
#define ROSTRA_BENCH_KIT_H

#include <netinet/in.h>
#include <stddef.h>
#include <stdint.h>

enum {
    PROCESSES_MAX = 64,    /* of one crowd */
    RESERVED_HANDLES = 32, /* of each process, besides its listeners */
    PER_SOURCE = 100,      /* listeners of one source address and prefix: budgets see a crowd */
    EVENTS_MAX = 512,      /* events taken from epoll at once */
    STEP_MS = 10,          /* joins are spread over steps of this length */
    FINE = 32,             /* buckets of a histogram to a doubling */
    BUCKETS = 900          /* of a histogram: room for five minutes */
};

struct histogram { uint64_t counts[BUCKETS]; };

void die(const char *what);
uint64_t now_us(void);
void note(struct histogram *h, uint64_t us);
void add_up(struct histogram *sum, const struct histogram *part);
double percentile_ms(const struct histogram *h, double share_of_all);
long raise_handles(void);
/* In a fork: end with who forked it, however that ends. */
void end_with_parent(void);
void *shared(size_t size);
double children_cpu_s(void);

/* An address in 127.0.0.0/8 or an exit with words. */
struct sockaddr_in loopback(const char *program, const char *address, const char *port);
/* How many processes N listeners need, or an exit with words. */
long processes_for(const char *program, long listeners);
/* A non-blocking socket that begins to connect from source address NUMBER / PER_SOURCE; or -1. */
int connect_from(const struct sockaddr_in *to, long number, int receive_bytes);

#endif
