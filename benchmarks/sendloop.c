/* The edge's inner loop outside the interpreter: one block to many sockets, two ways.
 *
 * Both return how many sockets took the whole block and write what each took (-errno when it took
 * nothing) into `sent`, which is all that a driver would need. `send_batch` hands the kernel the
 * sends by io_uring, a ring's worth at a time, without a library.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <linux/io_uring.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { RING = 1024 };

static struct {
    int fd;
    unsigned *tail, *array, *mask, *done_head, *done_tail, *done_mask;
    struct io_uring_sqe *entries;
    struct io_uring_cqe *done;
} ring;

long send_loop(const int *fds, long count, const char *block, long size, int *sent)
{
    long whole = 0;
    for (long i = 0; i < count; i++) {
        const ssize_t took = send(fds[i], block, (size_t)size, MSG_NOSIGNAL | MSG_DONTWAIT);
        sent[i] = took < 0 ? -errno : (int)took;
        whole += took == size;
    }
    return whole;
}

static void *map(size_t size, uint64_t offset)
{
    return mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, ring.fd,
                (off_t)offset);
}

/* 0, or an errno where the kernel has no io_uring for us. */
int batch_begin(void)
{
    struct io_uring_params p = {.flags = IORING_SETUP_SINGLE_ISSUER | IORING_SETUP_DEFER_TASKRUN};
    ring.fd = (int)syscall(__NR_io_uring_setup, RING, &p);
    if (ring.fd < 0)
        return errno;
    char *asked = map(p.sq_off.array + p.sq_entries * sizeof(unsigned), IORING_OFF_SQ_RING);
    char *done = map(p.cq_off.cqes + p.cq_entries * sizeof(struct io_uring_cqe),
                     IORING_OFF_CQ_RING);
    ring.entries = map(p.sq_entries * sizeof(struct io_uring_sqe), IORING_OFF_SQES);
    if (asked == MAP_FAILED || done == MAP_FAILED || ring.entries == MAP_FAILED)
        return ENOMEM;
    ring.tail = (unsigned *)(asked + p.sq_off.tail);
    ring.mask = (unsigned *)(asked + p.sq_off.ring_mask);
    ring.array = (unsigned *)(asked + p.sq_off.array);
    ring.done_head = (unsigned *)(done + p.cq_off.head);
    ring.done_tail = (unsigned *)(done + p.cq_off.tail);
    ring.done_mask = (unsigned *)(done + p.cq_off.ring_mask);
    ring.done = (struct io_uring_cqe *)(done + p.cq_off.cqes);
    return 0;
}

static long reap(int *sent, long size)
{
    unsigned head = *ring.done_head;
    long whole = 0;
    while (head != __atomic_load_n(ring.done_tail, __ATOMIC_ACQUIRE)) {
        const struct io_uring_cqe *one = &ring.done[head++ & *ring.done_mask];
        sent[one->user_data] = one->res;
        whole += one->res == size;
    }
    __atomic_store_n(ring.done_head, head, __ATOMIC_RELEASE);
    return whole;
}

long send_batch(const int *fds, long count, const char *block, long size, int *sent)
{
    long whole = 0;
    for (long at = 0; at < count;) {
        const long some = count - at < RING ? count - at : RING;
        unsigned tail = *ring.tail;
        for (long i = 0; i < some; i++, tail++) {
            struct io_uring_sqe *entry = &ring.entries[tail & *ring.mask];
            memset(entry, 0, sizeof *entry);
            entry->opcode = IORING_OP_SEND;
            entry->fd = fds[at + i];
            entry->addr = (uint64_t)(uintptr_t)block;
            entry->len = (unsigned)size;
            entry->msg_flags = MSG_NOSIGNAL | MSG_DONTWAIT;
            entry->user_data = (uint64_t)(at + i);
            ring.array[tail & *ring.mask] = tail & *ring.mask;
        }
        __atomic_store_n(ring.tail, tail, __ATOMIC_RELEASE);
        if (syscall(__NR_io_uring_enter, ring.fd, some, some, IORING_ENTER_GETEVENTS, NULL, 0) < 0)
            return -errno;
        whole += reap(sent, size);
        at += some;
    }
    return whole;
}
