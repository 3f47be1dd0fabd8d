/* How a listener's bytes travel: plain.c is TCP alone, tls.c is TLS 1.3 over it. */
#ifndef ROSTRA_BENCH_LINE_H
#define ROSTRA_BENCH_LINE_H

#include <sys/types.h>

struct line { int fd; void *tls; };

/* Once a process, before the first line. */
void lines_begin(int resume);
/* One step of the handshake: 1 done, 0 not yet (wait for *events), -1 broken. */
int line_greet(struct line *line, unsigned *events);
/* As send and recv: -1 with EAGAIN when there is nothing now. */
ssize_t line_send(struct line *line, const void *data, size_t size);
ssize_t line_read(struct line *line, void *data, size_t size);
/* Take in at most `size` bytes and look at none. */
ssize_t line_drain(struct line *line, size_t size);
/* Whether the handshake took up an earlier session. */
int line_resumed(const struct line *line);
void line_close(struct line *line);

#endif
