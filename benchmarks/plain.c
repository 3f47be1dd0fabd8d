/* A listener's line without TLS: what it discards is never copied. */
#include "line.h"

#include <sys/socket.h>
#include <unistd.h>

void lines_begin(int resume) { (void)resume; }

int line_greet(struct line *line, unsigned *events)
{
    (void)line, (void)events;
    return 1;
}

ssize_t line_send(struct line *line, const void *data, size_t size)
{
    return send(line->fd, data, size, MSG_NOSIGNAL);
}

ssize_t line_read(struct line *line, void *data, size_t size)
{
    return recv(line->fd, data, size, 0);
}

ssize_t line_drain(struct line *line, size_t size) { return recv(line->fd, NULL, size, MSG_TRUNC); }

int line_resumed(const struct line *line)
{
    (void)line;
    return 0;
}

void line_close(struct line *line)
{
    if (line->fd >= 0)
        close(line->fd);
    line->fd = -1;
}
