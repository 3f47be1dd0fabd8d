/* A crowd of listeners on loopback: opens N connections, sends each a GET, drains what comes.
 *
 *   crowd [-H HEADER] [-p PHASES] [-r BYTES_PER_S] [-R] HOST PORT PATH LISTENERS JOINS_PER_S
 *         SECONDS GAP_MS
 *
 * HOST is an address in 127.0.0.0/8. Connections come from many source addresses (127.0.x.1),
 * so that ports do not run out and budgets per address see many people. As many processes are
 * forked as the limit of file handles asks for. Prints one JSON line once everybody has joined
 * (or cannot), then measures for SECONDS in PHASES equal parts: a line as each begins, and a last
 * one with the sums and each phase's gaps. With -r each reads only so much (0: nothing after its
 * first bytes). Built with tls.c it speaks TLS 1.3, with -R resuming sessions.
 *
 * An interval is the time between two reads of a connection; a gap is one of more than GAP_MS.
 * Disconnected is one that the server ended. Nobody reconnects: a bench wants to see what was lost.
 */
#define _GNU_SOURCE
#include "kit.h"
#include "line.h"

#include <errno.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
    REQUEST_MAX = 1024,      /* bytes of the request head */
    DRAIN_BYTES = 1 << 20,   /* discarded by one call */
    JOIN_PATIENCE_S = 30,    /* after the ramp; then those without a byte have failed */
    PHASES_MAX = 300,        /* of one run */
    SIPS_PER_S = 10,         /* how often a slow reader reads */
    SLOW_WINDOW = 4096       /* its receive buffer: the sender feels it soon */
};

struct phase {
    uint64_t bytes, reads, gaps, disconnected, gap_us_max;
    struct histogram intervals;
};

struct share {                /* one per process, in shared memory, written by that process only */
    _Atomic uint64_t joined, failed, resumed;
    struct histogram first_byte;
    struct phase phases[PHASES_MAX];
};

struct control { _Atomic int phase; _Atomic uint64_t measured_from_us; _Atomic int stop; };

struct listener { struct line line; int state; uint64_t started_us, last_us; };
enum { UNUSED, CONNECTING, GREETING, WAITING, HEARING, GONE };

static struct control *control;
static struct share *shares;
static struct sockaddr_in host;
static char request[REQUEST_MAX];
static size_t request_size;
static uint64_t gap_us;
static long sip_bytes = -1;

static void fail(struct listener *l, struct share *share)
{
    line_close(&l->line);
    if (l->state == HEARING)
        share->phases[control->phase].disconnected += control->measured_from_us != 0;
    else
        share->failed++;
    l->state = GONE;
}

static void await_events(struct listener *l, int epoll, unsigned events, struct share *share)
{
    struct epoll_event event = {.events = events, .data.ptr = l};
    if (epoll_ctl(epoll, EPOLL_CTL_MOD, l->line.fd, &event))
        fail(l, share);
}

static void join_one(struct listener *l, long number, int epoll, struct share *share)
{
    struct epoll_event event = {.events = EPOLLOUT, .data.ptr = l};
    l->started_us = now_us();
    l->state = CONNECTING;
    l->line = (struct line){.fd = connect_from(&host, number, sip_bytes >= 0 ? SLOW_WINDOW : 0)};
    if (l->line.fd < 0 || epoll_ctl(epoll, EPOLL_CTL_ADD, l->line.fd, &event))
        fail(l, share);
}

static void greet(struct listener *l, int epoll, struct share *share)
{
    unsigned events = EPOLLIN;
    const int done = line_greet(&l->line, &events);
    l->state = GREETING;
    if (done < 0) {
        fail(l, share);
        return;
    }
    if (done) {
        share->resumed += line_resumed(&l->line) != 0;
        if (line_send(&l->line, request, request_size) != (ssize_t)request_size) {
            fail(l, share);
            return;
        }
        l->state = WAITING;
    }
    await_events(l, epoll, events, share);
}

static void note_interval(struct phase *phase, uint64_t silence_us)
{
    note(&phase->intervals, silence_us);
    if (silence_us > phase->gap_us_max)
        phase->gap_us_max = silence_us;
    phase->gaps += silence_us > gap_us;
}

static void drain(struct listener *l, size_t most, struct share *share)
{
    const ssize_t got = line_drain(&l->line, most);
    if (got < 0 && errno == EAGAIN)
        return;
    if (got <= 0) {
        fail(l, share);
        return;
    }
    const uint64_t now = now_us(), from = control->measured_from_us;
    if (from && now >= from) {
        struct phase *phase = &share->phases[control->phase];
        note_interval(phase, now - (l->last_us > from ? l->last_us : from));
        phase->bytes += (uint64_t)got;
        phase->reads++;
    }
    l->last_us = now;
}

static void first_bytes(struct listener *l, int epoll, struct share *share)
{
    char start[12];
    const ssize_t got = line_read(&l->line, start, sizeof start);
    if (got < 0 && errno == EAGAIN)
        return;
    if (got != sizeof start || memcmp(start, "HTTP/1.", 7) || memcmp(start + 8, " 200", 4)) {
        fail(l, share);
        return;
    }
    l->state = HEARING;
    l->last_us = now_us();
    note(&share->first_byte, l->last_us - l->started_us);
    share->joined++;
    if (sip_bytes >= 0)
        await_events(l, epoll, 0, share); /* only its end is told */
    else
        drain(l, DRAIN_BYTES, share); /* what TLS holds already wakes nobody */
}

static void handle(struct listener *l, unsigned events, int epoll, struct share *share)
{
    if (l->state == CONNECTING || l->state == GREETING)
        greet(l, epoll, share);
    else if (l->state == WAITING)
        first_bytes(l, epoll, share);
    else if (l->state == HEARING && (sip_bytes < 0 || events & (EPOLLHUP | EPOLLERR)))
        drain(l, DRAIN_BYTES, share);
}

static void sip(struct listener *all, long count, struct share *share)
{
    static uint64_t due_us;
    const uint64_t now = now_us();
    if (sip_bytes <= 0 || now < due_us)
        return;
    due_us = now + 1000000 / SIPS_PER_S;
    for (long i = 0; i < count; i++)
        if (all[i].state == HEARING)
            drain(&all[i], (size_t)sip_bytes, share);
}

static void last_look(const struct listener *all, long count, struct share *share)
{
    const uint64_t now = now_us(), from = control->measured_from_us;
    struct phase *phase = &share->phases[control->phase];
    for (long i = 0; i < count && from; i++) {
        const uint64_t silence = now - (all[i].last_us > from ? all[i].last_us : from);
        if (all[i].state != HEARING)
            continue;
        if (silence > phase->gap_us_max) /* not over yet: it counts only as the longest */
            phase->gap_us_max = silence;
        phase->gaps += silence > gap_us;
    }
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
        for (int some = 0; some < EVENTS_MAX && begun < count && (double)begun <= due; some++) {
            join_one(&all[begun], first + begun, epoll, share);
            begun++;
        }
        const int got = epoll_wait(epoll, events, EVENTS_MAX, begun < count ? 1 : STEP_MS);
        for (int i = 0; i < got; i++)
            handle(events[i].data.ptr, events[i].events, epoll, share);
        sip(all, count, share);
    }
    last_look(all, count, share);
    exit(0);
}

static void wait_for_joins(int processes, long listeners, double joins_per_s)
{
    const uint64_t patience = (uint64_t)(((double)listeners / joins_per_s + JOIN_PATIENCE_S) * 1e6);
    const uint64_t start = now_us();
    uint64_t joined = 0, failed = 0, resumed = 0;
    struct histogram first = {0};
    do {
        usleep(STEP_MS * 1000);
        joined = failed = 0;
        for (int i = 0; i < processes; i++) {
            joined += shares[i].joined;
            failed += shares[i].failed;
        }
    } while (joined + failed < (uint64_t)listeners && now_us() - start < patience);
    for (int i = 0; i < processes; i++) {
        add_up(&first, &shares[i].first_byte);
        resumed += shares[i].resumed;
    }
    printf("{\"joined\": %llu, \"failed\": %llu, \"seconds\": %.3f, \"resumed\": %llu, "
           "\"first_byte_ms_p50\": %.2f, \"first_byte_ms_p99\": %.2f}\n",
           (unsigned long long)joined, (unsigned long long)listeners - joined,
           (double)(now_us() - start) / 1e6, (unsigned long long)resumed,
           percentile_ms(&first, 0.5), percentile_ms(&first, 0.99));
    fflush(stdout);
}

static void add_phase(struct phase *sum, const struct phase *part)
{
    sum->bytes += part->bytes;
    sum->reads += part->reads;
    sum->gaps += part->gaps;
    sum->disconnected += part->disconnected;
    if (part->gap_us_max > sum->gap_us_max)
        sum->gap_us_max = part->gap_us_max;
    add_up(&sum->intervals, &part->intervals);
}

static void print_phase(const struct phase *phase)
{
    printf("\"bytes\": %llu, \"reads\": %llu, \"gaps\": %llu, \"gap_ms_max\": %.1f, "
           "\"interval_ms_p50\": %.2f, \"interval_ms_p99\": %.2f, \"disconnected\": %llu",
           (unsigned long long)phase->bytes, (unsigned long long)phase->reads,
           (unsigned long long)phase->gaps, (double)phase->gap_us_max / 1e3,
           percentile_ms(&phase->intervals, 0.5), percentile_ms(&phase->intervals, 0.99),
           (unsigned long long)phase->disconnected);
}

static void report(int processes, int phases, double seconds)
{
    static struct phase all, sums[PHASES_MAX];
    struct histogram first = {0};
    uint64_t joined = 0;
    for (int i = 0; i < processes; i++) {
        joined += shares[i].joined;
        add_up(&first, &shares[i].first_byte);
        for (int p = 0; p < phases; p++)
            add_phase(&sums[p], &shares[i].phases[p]);
    }
    for (int p = 0; p < phases; p++)
        add_phase(&all, &sums[p]);
    printf("{\"listeners\": %llu, \"seconds\": %.3f, ", (unsigned long long)joined, seconds);
    print_phase(&all);
    printf(", \"first_byte_ms_p50\": %.2f, \"first_byte_ms_p99\": %.2f, \"processes\": %d, "
           "\"cpu_s\": %.2f, \"phases\": [", percentile_ms(&first, 0.5),
           percentile_ms(&first, 0.99), processes, children_cpu_s());
    for (int p = 0; p < phases && phases > 1; p++) {
        printf(p ? ", {" : "{");
        print_phase(&sums[p]);
        printf("}");
    }
    printf("]}\n");
    fflush(stdout);
}

static double measure(int phases, double seconds)
{
    const uint64_t from = now_us();
    control->measured_from_us = from;
    for (int p = 0; p < phases; p++) {
        const uint64_t end = from + (uint64_t)((p + 1) * seconds / phases * 1e6);
        control->phase = p;
        if (phases > 1) {
            printf("{\"phase\": %d}\n", p);
            fflush(stdout);
        }
        for (uint64_t now = now_us(); now < end; now = now_us())
            usleep((useconds_t)(end - now));
    }
    control->stop = 1;
    return (double)(now_us() - from) / 1e6;
}

int main(int argc, char **argv)
{
    const char *header = "";
    int option, phases = 1, resume = 0;
    double rate = -1;
    while ((option = getopt(argc, argv, "H:p:r:R")) != -1) {
        header = option == 'H' ? optarg : header;
        phases = option == 'p' ? atoi(optarg) : phases;
        rate = option == 'r' ? atof(optarg) : rate;
        resume |= option == 'R';
    }
    char **given = argv + optind;
    if (argc - optind != 7 || phases < 1 || phases > PHASES_MAX) {
        fprintf(stderr, "usage: crowd [-H HEADER] [-p PHASES, at most %d] [-r BYTES_PER_S] [-R] "
                        "HOST PORT PATH LISTENERS JOINS_PER_S SECONDS GAP_MS\n", PHASES_MAX);
        return 2;
    }
    const long listeners = atol(given[3]);
    const double joins_per_s = atof(given[4]), seconds = atof(given[5]);
    gap_us = (uint64_t)(atof(given[6]) * 1e3);
    sip_bytes = rate < 0 ? -1 : (long)(rate / SIPS_PER_S);
    host = loopback("crowd", given[0], given[1]);
    if (listeners < 1 || joins_per_s <= 0 || seconds <= 0) {
        fprintf(stderr, "crowd: LISTENERS, JOINS_PER_S and SECONDS are above zero\n");
        return 2;
    }
    const long processes = processes_for("crowd", listeners);
    request_size = (size_t)snprintf(request, sizeof request,
        "GET %s HTTP/1.1\r\nHost: %s:%s\r\nUser-Agent: rostra-crowd\r\nAccept: */*\r\n%s%s\r\n",
        given[2], given[0], given[1], header, *header ? "\r\n" : "");
    if (request_size >= sizeof request) {
        fprintf(stderr, "crowd: PATH and HEADER are too long\n");
        return 2;
    }
    signal(SIGPIPE, SIG_IGN);
    control = shared(sizeof *control);
    shares = shared(sizeof *shares * (size_t)processes);
    for (long i = 0, first = 0; i < processes; i++) {
        const long count = listeners * (i + 1) / processes - first;
        if (fork() == 0) {
            end_with_parent();
            lines_begin(resume);
            be_crowd(first, count, joins_per_s / (double)processes, &shares[i]);
        }
        first += count;
    }
    wait_for_joins((int)processes, listeners, joins_per_s);
    const double measured = measure(phases, seconds);
    while (wait(NULL) > 0)
        ;
    report((int)processes, phases, measured);
    return 0;
}
