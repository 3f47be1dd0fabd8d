/* A crowd of listeners on loopback: opens N connections, sends each a GET, drains what comes.
 *
 *   crowd HOST PORT PATH LISTENERS JOINS_PER_S SECONDS GAP_MS
 *
 * HOST is an address in 127.0.0.0/8. Connections come from many source addresses (127.0.x.1),
 * so that ports do not run out and budgets per address see many people. As many processes are
 * forked as the limit of file handles asks for. Prints one JSON line once everybody has joined
 * (or cannot), measures for SECONDS from there, and prints another one with the sums.
 *
 * A gap is a connection without a byte for more than GAP_MS; disconnected is one that the server
 * ended. Nobody reconnects: a bench wants to see what was lost.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#ifndef IP_BIND_ADDRESS_NO_PORT
#define IP_BIND_ADDRESS_NO_PORT 24
#endif

enum {
    PROCESSES_MAX = 64,       /* of one crowd */
    RESERVED_HANDLES = 32,    /* of each process, besides its listeners */
    PER_SOURCE = 2000,        /* listeners of one source address, far below its 28,000 ports */
    EVENTS_MAX = 512,         /* events taken from epoll at once */
    REQUEST_MAX = 1024,       /* bytes of the request head */
    DRAIN_BYTES = 1 << 20,    /* discarded by one call, never copied */
    STEP_MS = 10,             /* joins are spread over steps of this length */
    JOIN_PATIENCE_S = 30,     /* after the ramp; then those without a byte have failed */
    BUCKETS = 400             /* of a histogram: 20 a decade over 20 decades' worth of room */
};

struct histogram { uint64_t counts[BUCKETS]; };

struct share {                /* one per process, in shared memory, written by that process only */
    _Atomic uint64_t joined, failed;
    uint64_t bytes, reads, gaps, disconnected, gap_us_max;
    struct histogram first_byte;
};

struct control { _Atomic uint64_t measured_from_us; _Atomic int stop; };

struct listener { int fd, state; uint64_t started_us, last_us; };
enum { UNUSED, CONNECTING, WAITING, HEARING, GONE };

static struct control *control;
static struct share *shares;
static struct sockaddr_in host;
static char request[REQUEST_MAX];
static size_t request_size;
static uint64_t gap_us;

static void die(const char *what)
{
    fprintf(stderr, "crowd: %s: %s\n", what, strerror(errno));
    exit(1);
}

static uint64_t now_us(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000 + (uint64_t)t.tv_nsec / 1000;
}

/* Buckets grow by an eighth of a power of two: a percentile is right within 9 %. */
static int bucket_of(uint64_t us)
{
    if (us < 8)
        return (int)us;
    const int top = 63 - __builtin_clzll(us);
    const int bucket = 8 * (top - 2) + (int)((us >> (top - 3)) & 7);
    return bucket < BUCKETS ? bucket : BUCKETS - 1;
}

static uint64_t bucket_top(int bucket)
{
    if (bucket < 8)
        return (uint64_t)bucket;
    return ((uint64_t)(9 + bucket % 8) << (bucket / 8 - 1)) - 1;
}

static uint64_t percentile(const struct histogram *h, double share_of_all)
{
    uint64_t total = 0, seen = 0;
    for (int i = 0; i < BUCKETS; i++)
        total += h->counts[i];
    for (int i = 0; i < BUCKETS; i++) {
        seen += h->counts[i];
        if (total && (double)seen >= share_of_all * (double)total)
            return bucket_top(i);
    }
    return 0;
}

static void fail(struct listener *l, struct share *share)
{
    if (l->fd >= 0)
        close(l->fd);
    l->fd = -1;
    if (l->state == HEARING)
        share->disconnected += control->measured_from_us != 0;
    else
        share->failed++;
    l->state = GONE;
}

static void join_one(struct listener *l, long number, int epoll, struct share *share)
{
    struct sockaddr_in from = {.sin_family = AF_INET};
    const long source = number / PER_SOURCE;
    int yes = 1;
    from.sin_addr.s_addr = htonl(0x7f000101u + (uint32_t)(source << 8));
    l->started_us = now_us();
    l->state = CONNECTING;
    l->fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (l->fd < 0) {
        fail(l, share);
        return;
    }
    setsockopt(l->fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &yes, sizeof yes);
    struct epoll_event event = {.events = EPOLLOUT, .data.ptr = l};
    if (bind(l->fd, (struct sockaddr *)&from, sizeof from) ||
        (connect(l->fd, (struct sockaddr *)&host, sizeof host) && errno != EINPROGRESS) ||
        epoll_ctl(epoll, EPOLL_CTL_ADD, l->fd, &event))
        fail(l, share);
}

static void send_request(struct listener *l, int epoll, struct share *share)
{
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = l};
    if (send(l->fd, request, request_size, MSG_NOSIGNAL) != (ssize_t)request_size ||
        epoll_ctl(epoll, EPOLL_CTL_MOD, l->fd, &event)) {
        fail(l, share);
        return;
    }
    l->state = WAITING;
}

static void first_bytes(struct listener *l, struct share *share)
{
    char start[12];
    const ssize_t got = recv(l->fd, start, sizeof start, 0);
    if (got < 0 && errno == EAGAIN)
        return;
    if (got != sizeof start || memcmp(start, "HTTP/1.1 200", sizeof start)) {
        fail(l, share);
        return;
    }
    l->state = HEARING;
    l->last_us = now_us();
    share->first_byte.counts[bucket_of(l->last_us - l->started_us)]++;
    share->joined++;
}

static void note_gap(struct share *share, uint64_t silence_us)
{
    if (silence_us > share->gap_us_max)
        share->gap_us_max = silence_us;
    share->gaps += silence_us > gap_us;
}

static void drain(struct listener *l, struct share *share)
{
    const ssize_t got = recv(l->fd, NULL, DRAIN_BYTES, MSG_TRUNC);
    if (got < 0 && errno == EAGAIN)
        return;
    if (got <= 0) {
        fail(l, share);
        return;
    }
    const uint64_t now = now_us(), from = control->measured_from_us;
    if (from && now >= from) {
        note_gap(share, now - (l->last_us > from ? l->last_us : from));
        share->bytes += (uint64_t)got;
        share->reads++;
    }
    l->last_us = now;
}

static void handle(struct listener *l, int epoll, struct share *share)
{
    if (l->state == CONNECTING)
        send_request(l, epoll, share);
    else if (l->state == WAITING)
        first_bytes(l, share);
    else if (l->state == HEARING)
        drain(l, share);
}

static void last_look(const struct listener *all, long count, struct share *share)
{
    const uint64_t now = now_us(), from = control->measured_from_us;
    for (long i = 0; i < count; i++)
        if (all[i].state == HEARING && from)
            note_gap(share, now - (all[i].last_us > from ? all[i].last_us : from));
}

static void be_crowd(long first, long count, double joins_per_s, struct share *share)
{
    struct listener *all = calloc((size_t)count, sizeof *all);
    struct epoll_event events[EVENTS_MAX];
    const int epoll = epoll_create1(EPOLL_CLOEXEC);
    const uint64_t start = now_us();
    long begun = 0;
    if (!all || epoll < 0)
        die("no memory for the crowd");
    while (!control->stop) {
        const double due = (double)(now_us() - start) * 1e-6 * joins_per_s;
        for (; begun < count && (double)begun <= due; begun++)
            join_one(&all[begun], first + begun, epoll, share);
        const int got = epoll_wait(epoll, events, EVENTS_MAX, STEP_MS);
        for (int i = 0; i < got; i++)
            handle(events[i].data.ptr, epoll, share);
    }
    last_look(all, count, share);
    exit(0);
}

static void wait_for_joins(int processes, long listeners, double joins_per_s)
{
    const uint64_t patience = (uint64_t)(((double)listeners / joins_per_s + JOIN_PATIENCE_S) * 1e6);
    const uint64_t start = now_us();
    uint64_t joined = 0, failed = 0;
    do {
        usleep(STEP_MS * 1000);
        joined = failed = 0;
        for (int i = 0; i < processes; i++) {
            joined += shares[i].joined;
            failed += shares[i].failed;
        }
    } while (joined + failed < (uint64_t)listeners && now_us() - start < patience);
    printf("{\"joined\": %llu, \"failed\": %llu, \"seconds\": %.3f}\n", (unsigned long long)joined,
           (unsigned long long)listeners - joined, (double)(now_us() - start) / 1e6);
    fflush(stdout);
}

static void report(int processes, double seconds)
{
    struct share sum = {0};
    struct rusage used;
    for (int i = 0; i < processes; i++) {
        const struct share *s = &shares[i];
        sum.joined += s->joined;
        sum.bytes += s->bytes;
        sum.reads += s->reads;
        sum.gaps += s->gaps;
        sum.disconnected += s->disconnected;
        if (s->gap_us_max > sum.gap_us_max)
            sum.gap_us_max = s->gap_us_max;
        for (int b = 0; b < BUCKETS; b++)
            sum.first_byte.counts[b] += s->first_byte.counts[b];
    }
    getrusage(RUSAGE_CHILDREN, &used);
    printf("{\"listeners\": %llu, \"seconds\": %.3f, \"bytes\": %llu, \"reads\": %llu, "
           "\"gaps\": %llu, \"gap_ms_max\": %.1f, \"disconnected\": %llu, "
           "\"first_byte_ms_p50\": %.2f, \"first_byte_ms_p99\": %.2f, \"processes\": %d, "
           "\"cpu_s\": %.2f}\n",
           (unsigned long long)sum.joined, seconds, (unsigned long long)sum.bytes,
           (unsigned long long)sum.reads, (unsigned long long)sum.gaps,
           (double)sum.gap_us_max / 1e3, (unsigned long long)sum.disconnected,
           (double)percentile(&sum.first_byte, 0.5) / 1e3,
           (double)percentile(&sum.first_byte, 0.99) / 1e3, processes,
           (double)(used.ru_utime.tv_sec + used.ru_stime.tv_sec) +
               1e-6 * (double)(used.ru_utime.tv_usec + used.ru_stime.tv_usec));
    fflush(stdout);
}

static long raise_handles(void)
{
    struct rlimit limit;
    getrlimit(RLIMIT_NOFILE, &limit);
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
    return (long)(limit.rlim_max > 1000000 ? 1000000 : limit.rlim_max) - RESERVED_HANDLES;
}

static void *shared(size_t size)
{
    void *memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED)
        die("no shared memory");
    return memory;
}

int main(int argc, char **argv)
{
    if (argc != 8) {
        fprintf(stderr, "usage: crowd HOST PORT PATH LISTENERS JOINS_PER_S SECONDS GAP_MS\n");
        return 2;
    }
    const long listeners = atol(argv[4]), each_max = raise_handles();
    const double joins_per_s = atof(argv[5]), seconds = atof(argv[6]);
    gap_us = (uint64_t)(atof(argv[7]) * 1e3);
    host.sin_family = AF_INET;
    host.sin_port = htons((uint16_t)atoi(argv[2]));
    if (inet_pton(AF_INET, argv[1], &host.sin_addr) != 1 ||
        ntohl(host.sin_addr.s_addr) >> 24 != 127) {
        fprintf(stderr, "crowd: HOST is an address in 127.0.0.0/8, not %s\n", argv[1]);
        return 2;
    }
    if (listeners < 1 || joins_per_s <= 0 || seconds <= 0 || each_max < 1) {
        fprintf(stderr, "crowd: LISTENERS, JOINS_PER_S and SECONDS are above zero\n");
        return 2;
    }
    const long processes = (listeners + each_max - 1) / each_max;
    if (processes > PROCESSES_MAX) {
        fprintf(stderr, "crowd: %ld listeners need %ld processes of %ld file handles; %d are the"
                " most. Raise the limit: ulimit -Hn\n", listeners, processes, each_max, PROCESSES_MAX);
        return 2;
    }
    request_size = (size_t)snprintf(request, sizeof request,
        "GET %s HTTP/1.1\r\nHost: %s:%s\r\nUser-Agent: rostra-crowd\r\nAccept: */*\r\n\r\n",
        argv[3], argv[1], argv[2]);
    if (request_size >= sizeof request) {
        fprintf(stderr, "crowd: PATH is too long\n");
        return 2;
    }
    signal(SIGPIPE, SIG_IGN);
    control = shared(sizeof *control);
    shares = shared(sizeof *shares * (size_t)processes);
    for (long i = 0, first = 0; i < processes; i++) {
        const long count = listeners * (i + 1) / processes - first;
        if (fork() == 0)
            be_crowd(first, count, joins_per_s / (double)processes, &shares[i]);
        first += count;
    }
    wait_for_joins((int)processes, listeners, joins_per_s);
    const uint64_t from = now_us();
    control->measured_from_us = from;
    usleep((useconds_t)(seconds * 1e6));
    control->stop = 1;
    const double measured = (double)(now_us() - from) / 1e6;
    while (wait(NULL) > 0)
        ;
    report((int)processes, measured);
    return 0;
}
