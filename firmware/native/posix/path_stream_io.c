#define _GNU_SOURCE
#include <errno.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "path_forward.h"
#include "path_poll.h"
#include "path_stream.h"
#include "path_stream_parts.h"

cr_end_t path_stream_why(int error) {
    switch (error) {
    case ECONNREFUSED:
        return CR_END_REFUSED;
    case ETIMEDOUT:
        return CR_END_TIMEOUT;
    case ENETUNREACH:
    case EHOSTUNREACH:
    case ENETDOWN:
    case EHOSTDOWN:
    case EADDRNOTAVAIL:
    case EACCES:
    case EPERM:
        return CR_END_UNREACHABLE;
    default:
        return CR_END_RESET;
    }
}

// --- what a stream calls ---

static bool is_for_later(int error) {
    return error == EAGAIN || error == EINTR || error == ENOBUFS || error == ENOMEM;
}

static int hook_send(void *context, const uint8_t *data, size_t len) {
    path_stream_t *stream = context;
    stream->path->streams.counters.tx_calls++;
    ssize_t sent = send(stream->fd, data, len, MSG_DONTWAIT | MSG_NOSIGNAL);
    if (sent < 0) {
        return is_for_later(errno) ? 0 : -(int)path_stream_why(errno);
    }
    return (int)sent;
}

static int hook_receive(void *context, uint8_t *data, size_t len) {
    path_stream_t *stream = context;
    stream->path->streams.counters.rx_calls++;
    ssize_t got = recv(stream->fd, data, len, MSG_DONTWAIT);
    if (got < 0) {
        return is_for_later(errno) ? 0 : -(int)path_stream_why(errno);
    }
    return got == 0 ? -(int)CR_END_CLOSED : (int)got;
}

static void hook_datagram(void *context, uint8_t *datagram, size_t len) {
    path_stream_t *stream = context;
    stream->path->streams.counters.rx_datagrams++;
    if (path_forward_datagram(stream->path, datagram, len, &stream->source)) {
        stream->is_proven = true;
    }
    // What was opened in the decoder's buffer is kept there until the coalescer has written it; the next one that comes in pieces,
    // at the end of the same chunk, is put together elsewhere.
    if (datagram >= stream->buffers[stream->buffer_at] &&
        datagram < stream->buffers[stream->buffer_at] + PATH_STREAM_SLOT) {
        stream->buffer_at ^= 1;
        cr_stream_set_buffer(&stream->core, stream->buffers[stream->buffer_at], PATH_STREAM_SLOT);
    }
}

static void hook_release(void *context, void *owner) {
    path_stream_t *stream = context;
    size_t slot = (size_t)((uint8_t *)owner - stream->slots[0]) / PATH_STREAM_SLOT;
    stream->free_slots[stream->free_count++] = (uint16_t)slot;
}

const cr_hooks_t path_stream_hooks = {
    .send = hook_send,
    .receive = hook_receive,
    .datagram = hook_datagram,
    .release = hook_release,
};

// --- following it ---

static void set_bit(uint64_t *bits, unsigned place) {
    bits[place / 64] |= UINT64_C(1) << place % 64;
}

// Python looks at it when its state is another, or when it has bytes to read that it had not before.
static void tell(path_t *path, path_stream_t *stream) {
    bool readable = stream->core.state == CR_STREAM_OPEN && stream->core.readable;
    if (stream->core.state != stream->told || (readable && !stream->told_readable)) {
        set_bit(path->streams.changed, stream->place);
        path->streams.is_woken = true;
    }
    stream->told = stream->core.state;
    stream->told_readable = readable;
}

static uint32_t wanted_events(const cr_stream_t *core) {
    uint32_t out = cr_stream_wants_send(core) ? (uint32_t)EPOLLOUT : 0;
    switch (core->state) {
    case CR_STREAM_CONNECTING:
        return EPOLLOUT;
    case CR_STREAM_OPEN:
        if (core->readable) {
            // Nothing until Python has read. epoll tells of a reset also unasked: so it does that once, and not for ever.
            return out != 0 ? out : (uint32_t)EPOLLET;
        }
        return out | (uint32_t)EPOLLIN;
    case CR_STREAM_SECURING:
    case CR_STREAM_CARRYING:
        return out | (uint32_t)EPOLLIN;
    default:
        return 0;
    }
}

void path_stream_follow(path_t *path, path_stream_t *stream) {
    if (stream->core.state == CR_STREAM_ENDED && stream->fd >= 0) {
        close(stream->fd); // it leaves the set by itself
        stream->fd = -1;
    }
    uint32_t events = wanted_events(&stream->core);
    if (stream->fd >= 0 && events != stream->events) {
        stream->events = events;
        (void)path_arm_number(path, EPOLL_CTL_MOD, stream->fd, PATH_KIND_STREAM, stream->place, events);
    }
    tell(path, stream);
}

static void finish_connecting(path_stream_t *stream) {
    int error = 0;
    socklen_t len = sizeof error;
    if (getsockopt(stream->fd, SOL_SOCKET, SO_ERROR, &error, &len) < 0) {
        error = errno;
    }
    if (error != 0) {
        cr_stream_fail(&stream->core, path_stream_why(error));
    } else {
        cr_stream_connected(&stream->core, stream->path->now_ms);
    }
}

// One turn: a chunk. What TLS has read beyond a record belongs to it, because epoll does not tell of that.
static void receive(path_t *path, path_stream_t *stream) {
    cr_stream_t *core = &stream->core;
    do {
        (void)cr_stream_receive(core, 1, path->now_ms);
        path_forward_written(path); // what is in the chunk is overwritten by the next
    } while (core->state == CR_STREAM_CARRYING && core->layer != NULL && core->layer->holds(core->secured));
}

// A step takes a laptop a millisecond or two, and a tunnel makes this handshake once: packets wait for it.
void path_stream_work(path_t *path, path_stream_t *stream) {
    while (cr_stream_work(&stream->core, path_now_ms())) {
    }
    path_stream_follow(path, stream);
}

void path_stream_handle(path_t *path, unsigned place, uint32_t events) {
    path_stream_t *stream = path->streams.streams[place];
    if (stream == NULL || stream->fd < 0) {
        return;
    }
    cr_stream_t *core = &stream->core;
    if (core->state == CR_STREAM_CONNECTING) {
        finish_connecting(stream);
    } else if (core->state == CR_STREAM_SECURING) {
        path_stream_work(path, stream);
        return;
    } else {
        if (events & EPOLLOUT) {
            cr_stream_flush(core);
        }
        if (events & (EPOLLIN | EPOLLHUP | EPOLLERR)) {
            receive(path, stream);
        }
    }
    path_stream_follow(path, stream);
}

void path_stream_carry(path_t *path, path_stream_t *stream, cr_framing_t framing, uint8_t *rest, size_t len) {
    path->now_ms = path_now_ms();
    cr_stream_carry(&stream->core, framing, rest, len, path->now_ms);
    path_forward_written(path);
    path_stream_follow(path, stream);
}

// --- sending ---

static path_stream_t *carrying(path_t *path, unsigned number) {
    path_stream_t *stream = path_stream_find(path, number);
    return stream != NULL && stream->core.state == CR_STREAM_CARRYING ? stream : NULL;
}

uint8_t *path_stream_room(path_t *path, unsigned number, size_t len) {
    path_stream_t *stream = carrying(path, number);
    if (stream == NULL || len > PATH_STREAM_MESSAGE) {
        path->streams.counters.tx_dropped++;
        return NULL;
    }
    return stream->slots[stream->free_slots[stream->free_count - 1]] + PATH_STREAM_ROOM;
}

void path_stream_commit(path_t *path, unsigned number, uint8_t *datagram, size_t len) {
    path_stream_t *stream = carrying(path, number);
    if (stream == NULL) {
        return;
    }
    uint8_t *slot = stream->slots[stream->free_slots[--stream->free_count]];
    uint32_t dropped = stream->core.queue.dropped;
    path->streams.counters.tx_datagrams++;
    cr_stream_queue(&stream->core, datagram, len, slot);
    path->streams.counters.tx_dropped += stream->core.queue.dropped - dropped;
    set_bit(path->streams.dirty, stream->place);
    path->streams.has_dirty = true;
    if (stream->core.queue.count >= PATH_STREAM_BURST && (stream->events & EPOLLOUT) == 0) {
        cr_stream_flush(&stream->core);
        path_stream_follow(path, stream);
    }
}

void path_stream_flush(path_t *path) {
    path_streams_t *streams = &path->streams;
    if (!streams->has_dirty) {
        return;
    }
    streams->has_dirty = false;
    for (unsigned i = 0; i < PATH_STREAMS / 64; i++) {
        for (uint64_t left = streams->dirty[i]; left != 0; left &= left - 1) {
            path_stream_t *stream = streams->streams[i * 64 + (unsigned)__builtin_ctzll(left)];
            if (stream != NULL && stream->core.state == CR_STREAM_CARRYING && (stream->events & EPOLLOUT) == 0) {
                cr_stream_flush(&stream->core);
                path_stream_follow(path, stream);
            }
        }
        streams->dirty[i] = 0;
    }
}

bool path_stream_is_crowded(path_t *path, unsigned number) {
    const path_stream_t *stream = carrying(path, number);
    return stream != NULL && stream->core.queue.count >= PATH_STREAM_QUEUE / 4;
}
