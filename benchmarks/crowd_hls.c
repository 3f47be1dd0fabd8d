/* A crowd of HLS players on loopback, as a player does it: keep-alive, playlist, newest segment.
 *
 *   crowd_hls HOST PORT PATH PLAYERS JOINS_PER_S SECONDS TARGET_MS
 *
 * PATH is a media playlist. Each player reads it once in TARGET_MS, at a moment of its own, and
 * fetches the last segment named in it if it has not yet. Prints one JSON line when everybody has
 * had a first answer, measures for SECONDS from there, and prints another one with the sums.
 */
#define _GNU_SOURCE
#include "kit.h"

#include <errno.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
    PLAYLIST_MAX = 1 << 15, /* bytes of an answer that are looked at: head and playlist */
    NAME_MAX_BYTES = 200,   /* of a segment, with its folder */
    PATIENCE_S = 30         /* after the ramp; then those without an answer have failed */
};

struct share {
    _Atomic uint64_t joined, failed;
    uint64_t bytes, playlists, segments, repeats, failures;
    struct histogram answer;
};

struct control { _Atomic uint64_t measured_from_us; _Atomic int stop; };

enum { UNUSED, CONNECTING, PLAYLIST, SEGMENT, IDLE, GONE };
struct player {
    int fd, state;
    uint64_t due_us, asked_us;
    long left;              /* bytes of the answer's body still to come; -1 in its head */
    size_t held;            /* bytes of `text` */
    char *text;             /* head, and the playlist */
    char last[NAME_MAX_BYTES];
};

static struct control *control;
static struct share *shares;
static struct sockaddr_in host;
static const char *path;
static char folder[NAME_MAX_BYTES];
static uint64_t target_us;

static void fail(struct player *p, struct share *share)
{
    if (p->fd >= 0)
        close(p->fd);
    share->failures += control->measured_from_us != 0;
    share->failed += p->state <= PLAYLIST && !p->last[0];
    p->fd = -1;
    p->state = GONE;
}

static void ask(struct player *p, int state, const char *what, struct share *share)
{
    char request[1024];
    const int size = snprintf(request, sizeof request,
        "GET %s HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nUser-Agent: rostra-crowd\r\nAccept: */*\r\n\r\n",
        what, ntohs(host.sin_port));
    p->state = state;
    p->left = -1;
    p->held = 0;
    p->asked_us = now_us();
    if (send(p->fd, request, (size_t)size, MSG_NOSIGNAL) != size)
        fail(p, share);
}

/* The last line of a playlist that is no tag and not empty. */
static int newest(const char *text, char *name)
{
    const char *found = NULL, *line = text;
    for (const char *end; (end = strchr(line, '\n')); line = end + 1)
        if (line[0] != '#' && end > line + 1)
            found = line;
    if (!found)
        return 0;
    const int size = (int)strcspn(found, "\r\n");
    return snprintf(name, NAME_MAX_BYTES, "%s%.*s", found[0] == '/' ? "" : folder, size, found) <
           NAME_MAX_BYTES;
}

static void answered(struct player *p, struct share *share)
{
    const int counts = control->measured_from_us != 0;
    const int was = p->state;
    char name[NAME_MAX_BYTES];
    if (counts) {
        note(&share->answer, now_us() - p->asked_us);
        share->playlists += was == PLAYLIST;
        share->segments += was == SEGMENT;
    }
    p->state = IDLE;
    if (was != PLAYLIST)
        return;
    p->text[p->held] = 0;
    if (!newest(p->text, name)) {
        fail(p, share);
        return;
    }
    if (!strcmp(name, p->last)) {
        share->repeats += (uint64_t)counts;
        return;
    }
    share->joined += !p->last[0];
    strcpy(p->last, name);
    ask(p, SEGMENT, p->last, share);
}

/* Read the head: its length, and move what follows to the front. */
static void head(struct player *p, struct share *share)
{
    p->text[p->held] = 0;
    char *end = strstr(p->text, "\r\n\r\n"), *length = strcasestr(p->text, "\r\nContent-Length:");
    if (!end && p->held < PLAYLIST_MAX - 1)
        return;
    if (!end || !length || length > end || memcmp(p->text + 8, " 200", 4)) {
        fail(p, share);
        return;
    }
    const size_t body = p->held - (size_t)(end + 4 - p->text);
    p->left = atol(length + 17) - (long)body;
    if (p->state == PLAYLIST && p->left + (long)body >= PLAYLIST_MAX) {
        fail(p, share);
        return;
    }
    memmove(p->text, end + 4, body);
    p->held = body;
}

static void ready(struct player *p, struct share *share)
{
    const int keeps = p->left < 0 || p->state == PLAYLIST;
    const ssize_t got = keeps ? recv(p->fd, p->text + p->held, PLAYLIST_MAX - 1 - p->held, 0)
                              : recv(p->fd, NULL, 1 << 20, MSG_TRUNC);
    if (got < 0 && errno == EAGAIN)
        return;
    if (got <= 0) {
        fail(p, share);
        return;
    }
    share->bytes += control->measured_from_us ? (uint64_t)got : 0;
    p->held += keeps ? (size_t)got : 0;
    if (p->left < 0)
        head(p, share);
    else
        p->left -= got;
    if (p->state != GONE && p->left == 0)
        answered(p, share);
}

static void join_one(struct player *p, long number, int epoll, struct share *share)
{
    struct epoll_event event = {.events = EPOLLOUT, .data.ptr = p};
    p->text = malloc(PLAYLIST_MAX);
    p->fd = connect_from(&host, number, 0);
    p->state = CONNECTING;
    p->due_us = now_us() + target_us;
    if (!p->text || p->fd < 0 || epoll_ctl(epoll, EPOLL_CTL_ADD, p->fd, &event))
        fail(p, share);
}

static void handle(struct player *p, int epoll, struct share *share)
{
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = p};
    if (p->state == CONNECTING) {
        if (epoll_ctl(epoll, EPOLL_CTL_MOD, p->fd, &event))
            fail(p, share);
        else
            ask(p, PLAYLIST, path, share);
    } else if (p->state != GONE) {
        ready(p, share);
    }
}

/* Those whose moment has come; who still waits for an answer is asked again a period later. */
static void look(struct player *all, long begun, struct share *share)
{
    const uint64_t now = now_us();
    for (long i = 0; i < begun; i++) {
        if (all[i].state == GONE || now < all[i].due_us)
            continue;
        all[i].due_us += target_us;
        if (all[i].state == IDLE)
            ask(&all[i], PLAYLIST, path, share);
    }
}

static void be_crowd(long first, long count, double joins_per_s, struct share *share)
{
    struct player *all = calloc((size_t)count, sizeof *all);
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
        const int got = epoll_wait(epoll, events, EVENTS_MAX, STEP_MS);
        for (int i = 0; i < got; i++)
            handle(events[i].data.ptr, epoll, share);
        look(all, begun, share);
    }
    exit(0);
}

static void wait_for_joins(int processes, long players, double joins_per_s)
{
    const uint64_t patience = (uint64_t)(((double)players / joins_per_s + PATIENCE_S) * 1e6);
    const uint64_t start = now_us();
    uint64_t joined = 0, failed = 0;
    do {
        usleep(STEP_MS * 1000);
        joined = failed = 0;
        for (int i = 0; i < processes; i++) {
            joined += shares[i].joined;
            failed += shares[i].failed;
        }
    } while (joined + failed < (uint64_t)players && now_us() - start < patience);
    printf("{\"joined\": %llu, \"failed\": %llu, \"seconds\": %.3f}\n", (unsigned long long)joined,
           (unsigned long long)players - joined, (double)(now_us() - start) / 1e6);
    fflush(stdout);
}

static void report(int processes, double seconds)
{
    struct share sum = {0};
    for (int i = 0; i < processes; i++) {
        sum.joined += shares[i].joined;
        sum.bytes += shares[i].bytes;
        sum.playlists += shares[i].playlists;
        sum.segments += shares[i].segments;
        sum.repeats += shares[i].repeats;
        sum.failures += shares[i].failures;
        add_up(&sum.answer, &shares[i].answer);
    }
    printf("{\"listeners\": %llu, \"seconds\": %.3f, \"bytes\": %llu, \"playlists\": %llu, "
           "\"segments\": %llu, \"repeats\": %llu, \"disconnected\": %llu, \"gaps\": 0, "
           "\"answer_ms_p50\": %.2f, \"answer_ms_p99\": %.2f, \"processes\": %d, "
           "\"cpu_s\": %.2f}\n",
           (unsigned long long)sum.joined, seconds, (unsigned long long)sum.bytes,
           (unsigned long long)sum.playlists, (unsigned long long)sum.segments,
           (unsigned long long)sum.repeats, (unsigned long long)sum.failures,
           percentile_ms(&sum.answer, 0.5), percentile_ms(&sum.answer, 0.99), processes,
           children_cpu_s());
    fflush(stdout);
}

int main(int argc, char **argv)
{
    if (argc != 8) {
        fprintf(stderr,
                "usage: crowd_hls HOST PORT PATH PLAYERS JOINS_PER_S SECONDS TARGET_MS\n");
        return 2;
    }
    const long players = atol(argv[4]);
    const double joins_per_s = atof(argv[5]), seconds = atof(argv[6]);
    host = loopback("crowd_hls", argv[1], argv[2]);
    path = argv[3];
    target_us = (uint64_t)(atof(argv[7]) * 1e3);
    const char *slash = strrchr(path, '/');
    if (!slash || slash - path + 2 > NAME_MAX_BYTES || players < 1 || joins_per_s <= 0 ||
        seconds <= 0 || !target_us) {
        fprintf(stderr, "crowd_hls: PATH begins with a slash; the numbers are above zero\n");
        return 2;
    }
    snprintf(folder, sizeof folder, "%.*s", (int)(slash - path) + 1, path);
    const long processes = processes_for("crowd_hls", players);
    signal(SIGPIPE, SIG_IGN);
    control = shared(sizeof *control);
    shares = shared(sizeof *shares * (size_t)processes);
    for (long i = 0, first = 0; i < processes; i++) {
        const long count = players * (i + 1) / processes - first;
        if (fork() == 0) {
            end_with_parent();
            be_crowd(first, count, joins_per_s / (double)processes, &shares[i]);
        }
        first += count;
    }
    wait_for_joins((int)processes, players, joins_per_s);
    const uint64_t from = now_us();
    control->measured_from_us = from;
    usleep((useconds_t)(seconds * 1e6));
    const double measured = (double)(now_us() - from) / 1e6;
    control->stop = 1;
    while (wait(NULL) > 0)
        ;
    report((int)processes, measured);
    return 0;
}
