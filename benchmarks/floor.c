/* The floor under every push server: a bare loop that sends bytes to N sockets on a tick.
 *
 * It does what a perfect edge would do and nothing else: accept, read a request head, answer
 * with one header, and then once a tick write one fixed block to each socket. Sockets are spread
 * over as many buckets as the tick has messages, so that the writes are as staggered as an
 * edge's. A socket that cannot take a block loses the rest of it and is counted.
 *
 *   floor PORT LISTENERS TICK_MS BYTES BUCKETS SECONDS
 *
 * Port 0 takes a free one. Prints one JSON line {"port": …} when it listens, and one with its own
 * rusage over the SECONDS measured once LISTENERS are connected.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum {
    HEAD_MAX = 8192,      /* bytes of a request head, as in rostra.domain.limits */
    EVENTS_MAX = 512,     /* events taken from epoll at once */
    BACKLOG = 4096,       /* a crowd connects faster than one loop turn accepts */
    ACCEPTS_MAX = 64,     /* connections taken between two ticks, so that no tick is late */
    RESERVED_HANDLES = 32 /* stdin, stdout, epoll, the listening socket, and some air */
};

static const char ANSWER[] =
    "HTTP/1.1 200 OK\r\nContent-Type: audio/mp4\r\nCache-Control: no-store\r\n"
    "Connection: close\r\n\r\n";

struct sums {
    uint64_t writes, bytes, skipped, closed, late_us_max, ticks;
};

static int *sockets;
static int open_count, joined_count, listeners;
static struct sums sums;

static void die(const char *what)
{
    fprintf(stderr, "floor: %s: %s\n", what, strerror(errno));
    exit(1);
}

static uint64_t now_us(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000 + (uint64_t)t.tv_nsec / 1000;
}

static double cpu_s(const struct timeval *t) { return (double)t->tv_sec + 1e-6 * (double)t->tv_usec; }

static int listen_on(int port)
{
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0), yes = 1;
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    socklen_t size = sizeof at;
    at.sin_addr.s_addr = htonl(INADDR_ANY);
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    if (fd < 0 || bind(fd, (struct sockaddr *)&at, sizeof at) || listen(fd, BACKLOG))
        die("cannot listen");
    getsockname(fd, (struct sockaddr *)&at, &size);
    printf("{\"port\": %d}\n", ntohs(at.sin_port));
    fflush(stdout);
    return fd;
}

static void drop(int epoll, int fd)
{
    epoll_ctl(epoll, EPOLL_CTL_DEL, fd, NULL);
    close(fd);
    for (int slot = 0; slot < joined_count; slot++)
        if (sockets[slot] == fd)
            sockets[slot] = -1;
    open_count--;
    sums.closed++;
}

static void accept_some(int epoll, int server)
{
    for (int turn = 0; turn < ACCEPTS_MAX; turn++) {
        int fd = accept4(server, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC), yes = 1;
        struct epoll_event event = {.events = EPOLLIN, .data.fd = fd};
        if (fd < 0)
            return;
        setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
        epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event);
        open_count++;
    }
}

/* A request head is read once and never looked at: the first bytes make a listener. */
static void take_request(int epoll, int fd, char *joined)
{
    char head[HEAD_MAX];
    ssize_t got = read(fd, head, sizeof head);
    if (got <= 0) {
        if (got == 0 || errno != EAGAIN)
            drop(epoll, fd);
        return;
    }
    if (joined[fd] || joined_count == listeners)
        return;
    joined[fd] = 1;
    if (write(fd, ANSWER, sizeof ANSWER - 1) != (ssize_t)(sizeof ANSWER - 1)) {
        drop(epoll, fd);
        return;
    }
    sockets[joined_count++] = fd;
}

static void write_bucket(int epoll, int bucket, int buckets, const char *block, size_t size)
{
    for (int slot = bucket; slot < joined_count; slot += buckets) {
        if (sockets[slot] < 0)
            continue;
        ssize_t sent = send(sockets[slot], block, size, MSG_NOSIGNAL);
        if (sent < 0 && errno != EAGAIN) {
            drop(epoll, sockets[slot]);
            continue;
        }
        sums.writes++;
        sums.bytes += sent > 0 ? (uint64_t)sent : 0;
        sums.skipped += sent != (ssize_t)size;
    }
}

static void report(double seconds, const struct rusage *from, const struct rusage *to)
{
    double user = cpu_s(&to->ru_utime) - cpu_s(&from->ru_utime);
    double kernel = cpu_s(&to->ru_stime) - cpu_s(&from->ru_stime);
    printf("{\"listeners\": %d, \"seconds\": %.3f, \"user_s\": %.4f, \"system_s\": %.4f, "
           "\"us_per_listener_second\": %.3f, \"writes\": %llu, \"bytes\": %llu, "
           "\"skipped\": %llu, \"closed\": %llu, \"late_us_max\": %llu}\n",
           joined_count, seconds, user, kernel, 1e6 * (user + kernel) / seconds / joined_count,
           (unsigned long long)sums.writes, (unsigned long long)sums.bytes,
           (unsigned long long)sums.skipped, (unsigned long long)sums.closed,
           (unsigned long long)sums.late_us_max);
    fflush(stdout);
}

static int raise_handles(void)
{
    struct rlimit limit;
    getrlimit(RLIMIT_NOFILE, &limit);
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
    if (limit.rlim_max < (rlim_t)(listeners + RESERVED_HANDLES)) {
        fprintf(stderr, "floor: %d listeners need more than the %llu file handles of this process;"
                " raise them with: ulimit -Hn\n", listeners, (unsigned long long)limit.rlim_max);
        exit(2);
    }
    return (int)(limit.rlim_max > 1048576 ? 1048576 : limit.rlim_max);
}

int main(int argc, char **argv)
{
    if (argc != 7) {
        fprintf(stderr, "usage: floor PORT LISTENERS TICK_MS BYTES BUCKETS SECONDS\n");
        return 2;
    }
    listeners = atoi(argv[2]);
    const double tick_ms = atof(argv[3]), seconds = atof(argv[6]);
    const size_t size = (size_t)atol(argv[4]);
    const int buckets = atoi(argv[5]);
    if (listeners < 1 || tick_ms <= 0 || size < 1 || buckets < 1 || seconds <= 0) {
        fprintf(stderr, "floor: every argument but PORT is above zero\n");
        return 2;
    }
    signal(SIGPIPE, SIG_IGN);
    char *joined = calloc((size_t)raise_handles(), 1);
    char *block = malloc(size);
    sockets = malloc(sizeof *sockets * (size_t)listeners);
    memset(block, 'x', size);
    const int server = listen_on(atoi(argv[1])), epoll = epoll_create1(EPOLL_CLOEXEC);
    struct epoll_event ask = {.events = EPOLLIN, .data.fd = server}, events[EVENTS_MAX];
    epoll_ctl(epoll, EPOLL_CTL_ADD, server, &ask);
    const double step_us = tick_ms * 1000 / buckets;
    const uint64_t start = now_us();
    uint64_t measured_from = 0;
    struct rusage from = {0}, to;
    for (;;) {
        const uint64_t due = start + (uint64_t)((double)(sums.ticks + 1) * step_us);
        uint64_t now = now_us();
        if (now >= due) {
            if (measured_from && now - due > sums.late_us_max)
                sums.late_us_max = now - due;
            write_bucket(epoll, (int)(sums.ticks % (uint64_t)buckets), buckets, block, size);
            sums.ticks++;
            continue;
        }
        if (!measured_from && joined_count == listeners && sums.ticks % (uint64_t)buckets == 0) {
            uint64_t ticks = sums.ticks;
            sums = (struct sums){.ticks = ticks};
            measured_from = now;
            getrusage(RUSAGE_SELF, &from);
        }
        if (measured_from && (double)(now - measured_from) >= seconds * 1e6)
            break;
        const int wait_ms = (int)((due - now + 999) / 1000);
        const int count = epoll_wait(epoll, events, EVENTS_MAX, wait_ms);
        for (int i = 0; i < count; i++) {
            if (events[i].data.fd == server)
                accept_some(epoll, server);
            else
                take_request(epoll, events[i].data.fd, joined);
        }
    }
    getrusage(RUSAGE_SELF, &to);
    report((double)(now_us() - measured_from) / 1e6, &from, &to);
    return 0;
}
