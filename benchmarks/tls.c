/* A listener's line with TLS 1.3 by OpenSSL; certificates are not checked, this is loopback.
 *
 * With `resume`, every handshake after the first of a process takes up the newest session that
 * the server gave out, as a player does that comes back.
 */
#include "line.h"

#include <errno.h>
#include <openssl/ssl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/types.h>
#include <unistd.h>

enum { SCRATCH = 1 << 16 };

static SSL_CTX *context;
static SSL_SESSION *newest;
static int resuming;
static char scratch[SCRATCH];

static int keep(SSL *tls, SSL_SESSION *session)
{
    (void)tls;
    SSL_SESSION_free(newest);
    newest = session;
    return 1;
}

void lines_begin(int resume)
{
    resuming = resume;
    context = SSL_CTX_new(TLS_client_method());
    if (!context || !SSL_CTX_set_min_proto_version(context, TLS1_3_VERSION)) {
        fprintf(stderr, "crowd: no TLS 1.3 in this OpenSSL\n");
        exit(1);
    }
    SSL_CTX_set_verify(context, SSL_VERIFY_NONE, NULL);
    SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS);
    SSL_CTX_set_session_cache_mode(context,
                                   SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL_STORE);
    if (resume)
        SSL_CTX_sess_set_new_cb(context, keep);
}

static ssize_t outcome(struct line *line, int done)
{
    const int error = done > 0 ? SSL_ERROR_NONE : SSL_get_error(line->tls, done);
    if (done > 0)
        return done;
    errno = error == SSL_ERROR_WANT_READ || error == SSL_ERROR_WANT_WRITE ? EAGAIN : EIO;
    return error == SSL_ERROR_ZERO_RETURN ? 0 : -1;
}

static SSL *begun(struct line *line)
{
    SSL *tls = SSL_new(context);
    if (!tls || !SSL_set_fd(tls, line->fd))
        return NULL;
    if (resuming && newest) {
        SSL_SESSION *again = SSL_SESSION_dup(newest);
        SSL_set_session(tls, again);
        SSL_SESSION_free(again);
    }
    SSL_set_connect_state(tls);
    return tls;
}

int line_greet(struct line *line, unsigned *events)
{
    if (!line->tls && !(line->tls = begun(line)))
        return -1;
    const int done = SSL_do_handshake(line->tls);
    if (done == 1)
        return 1;
    const int error = SSL_get_error(line->tls, done);
    *events = error == SSL_ERROR_WANT_WRITE ? EPOLLOUT : EPOLLIN;
    return error == SSL_ERROR_WANT_READ || error == SSL_ERROR_WANT_WRITE ? 0 : -1;
}

ssize_t line_send(struct line *line, const void *data, size_t size)
{
    return outcome(line, SSL_write(line->tls, data, (int)size));
}

ssize_t line_read(struct line *line, void *data, size_t size)
{
    return outcome(line, SSL_read(line->tls, data, (int)size));
}

ssize_t line_drain(struct line *line, size_t size)
{
    ssize_t all = 0;
    while ((size_t)all < size) {
        const size_t room = size - (size_t)all < SCRATCH ? size - (size_t)all : SCRATCH;
        const ssize_t got = line_read(line, scratch, room);
        if (got <= 0)
            return all ? all : got;
        all += got;
    }
    return all;
}

int line_resumed(const struct line *line) { return SSL_session_reused(line->tls); }

void line_close(struct line *line)
{
    if (line->tls)
        SSL_free(line->tls);
    if (line->fd >= 0)
        close(line->fd);
    line->fd = -1;
    line->tls = NULL;
}
