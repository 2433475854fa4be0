#define _GNU_SOURCE
#include "path_stream.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <unistd.h>

#include "path.h"
#include "path_address.h"
#include "path_poll.h"
#include "path_stream_parts.h"
#include "wg_wipe.h"

enum { PLACE_BITS = 12, GENERATIONS = 16 };
_Static_assert(PATH_STREAMS == 1 << PLACE_BITS && PATH_STREAMS * GENERATIONS == 1 << 16, "numbers have 16 bits");

enum {
    SEND_BUFFER = 1 << 20, // of a socket that is no TCP's, whose buffers grow by themselves
    NOT_SENT = 128 << 10,  // what waits longer than that waits with us, where the oldest goes first
    // A connection whose other end is gone is found out within two minutes, and one that takes nothing within one.
    KEEP_IDLE_S = 60,
    KEEP_EVERY_S = 20,
    KEEP_COUNT = 3,
    USER_TIMEOUT_MS = 60000,
};

static void set_option(int fd, int level, int name, int value) {
    (void)setsockopt(fd, level, name, &value, sizeof value); // wishes, all of them
}

static void set_options(int fd) {
    int domain = 0;
    socklen_t len = sizeof domain;
    if (getsockopt(fd, SOL_SOCKET, SO_DOMAIN, &domain, &len) == 0 && domain == AF_UNIX) {
        set_option(fd, SOL_SOCKET, SO_SNDBUF, SEND_BUFFER);
        return;
    }
    set_option(fd, IPPROTO_TCP, TCP_NODELAY, 1);
    set_option(fd, IPPROTO_TCP, TCP_NOTSENT_LOWAT, NOT_SENT);
    set_option(fd, SOL_SOCKET, SO_KEEPALIVE, 1);
    set_option(fd, IPPROTO_TCP, TCP_KEEPIDLE, KEEP_IDLE_S);
    set_option(fd, IPPROTO_TCP, TCP_KEEPINTVL, KEEP_EVERY_S);
    set_option(fd, IPPROTO_TCP, TCP_KEEPCNT, KEEP_COUNT);
    set_option(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, USER_TIMEOUT_MS);
}

// --- places ---

// A free place, or PATH_STREAMS. The one that was free longest is likely the next.
static unsigned find_place(path_streams_t *streams) {
    for (unsigned i = 0; i < PATH_STREAMS && streams->count < PATH_STREAMS; i++) {
        unsigned place = (streams->next_free + i) % PATH_STREAMS;
        if (streams->streams[place] == NULL) {
            streams->next_free = (place + 1) % PATH_STREAMS;
            return place;
        }
    }
    return PATH_STREAMS;
}

static unsigned next_number(path_streams_t *streams, unsigned place) {
    unsigned generation = streams->generations[place];
    if (place == 0 && generation == 0) {
        generation = 1; // 0 is nobody's number
    }
    streams->generations[place] = (uint8_t)((generation + 1) % GENERATIONS);
    return generation << PLACE_BITS | place;
}

static void set_memory(path_streams_t *streams, path_stream_t *stream, cr_memory_t *memory) {
    *memory = (cr_memory_t){
        .items = stream->items,
        .item_count = PATH_STREAM_QUEUE,
        .buffer = stream->buffers[0],
        .room = sizeof stream->buffers[0],
        .chunk = streams->chunk,
        .chunk_len = PATH_STREAM_CHUNK,
        .batch = streams->batch,
        .batch_len = PATH_STREAM_BATCH,
    };
    for (unsigned i = 0; i < PATH_STREAM_SLOTS; i++) {
        stream->free_slots[i] = (uint16_t)(PATH_STREAM_SLOTS - 1 - i);
    }
    stream->free_count = PATH_STREAM_SLOTS;
}

// A stream of a socket, which is closed when there is none. NULL with errno.
static path_stream_t *begin(path_t *path, int fd) {
    path_streams_t *streams = &path->streams;
    unsigned place = find_place(streams);
    int error = ENOSPC;
    path_stream_t *stream = MAP_FAILED;
    uint8_t seed[32];
    if (place < PATH_STREAMS) {
        stream = mmap(NULL, sizeof *stream, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
        error = errno;
    }
    if (stream == MAP_FAILED) {
        close(fd);
        errno = error;
        return NULL;
    }
    cr_memory_t memory;
    set_options(fd);
    stream->path = path;
    stream->fd = fd;
    stream->place = place;
    stream->number = next_number(streams, place);
    stream->source = (wg_endpoint_t){.family = WG_FAMILY_STREAM, .port = (uint16_t)stream->number};
    set_memory(streams, stream, &memory);
    (void)getrandom(seed, sizeof seed, 0); // 32 bytes are never cut short
    cr_stream_init(&stream->core, &path_stream_hooks, stream, &memory, seed, path_now_ms());
    wg_wipe(seed, sizeof seed);
    streams->streams[place] = stream;
    streams->count++;
    return stream;
}

path_stream_t *path_stream_find(path_t *path, unsigned number) {
    path_stream_t *stream = path->streams.streams[number % PATH_STREAMS];
    return stream != NULL && stream->number == number ? stream : NULL;
}

unsigned path_stream_next(path_t *path) {
    path_streams_t *streams = &path->streams;
    for (unsigned i = 0; i < PATH_STREAMS / 64; i++) {
        while (streams->changed[i] != 0) {
            unsigned place = i * 64 + (unsigned)__builtin_ctzll(streams->changed[i]);
            streams->changed[i] &= streams->changed[i] - 1;
            if (streams->streams[place] != NULL) {
                return streams->streams[place]->number;
            }
        }
    }
    return 0;
}

void path_stream_close(path_t *path, path_stream_t *stream) {
    path_streams_t *streams = &path->streams;
    cr_stream_close(&stream->core);
    if (stream->fd >= 0) {
        close(stream->fd);
    }
    streams->streams[stream->place] = NULL;
    streams->count--;
    wg_wipe(&stream->core, sizeof stream->core);
    wg_wipe(stream->buffers, sizeof stream->buffers);
    munmap(stream, sizeof *stream);
}

void path_stream_close_all(path_t *path) {
    for (unsigned i = 0; i < PATH_STREAMS && path->streams.count > 0; i++) {
        if (path->streams.streams[i] != NULL) {
            path_stream_close(path, path->streams.streams[i]);
        }
    }
}

cr_stream_t *path_stream_core(path_stream_t *stream) {
    return &stream->core;
}

bool path_stream_is_proven(const path_stream_t *stream) {
    return stream->is_proven;
}

// --- beginning ---

int path_stream_open(path_t *path, const wg_endpoint_t *to) {
    path_address_t address;
    socklen_t len = path_address_store(&address, to);
    if (len == 0) {
        return -EDESTADDRREQ;
    }
    int fd = socket(address.any.sa_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0) {
        return -errno;
    }
    uint32_t mark = path->udp.mark;
    if (mark != 0 && setsockopt(fd, SOL_SOCKET, SO_MARK, &mark, sizeof mark) < 0) {
        int error = errno;
        close(fd);
        return -error;
    }
    path_stream_t *stream = begin(path, fd);
    if (stream == NULL) {
        return -errno;
    }
    int number = (int)stream->number;
    if (connect(fd, &address.any, len) < 0 && errno != EINPROGRESS) {
        cr_stream_fail(&stream->core, path_stream_why(errno));
    }
    int error = path_arm_number(path, EPOLL_CTL_ADD, fd, PATH_KIND_STREAM, stream->place, 0);
    if (error != 0) {
        path_stream_close(path, stream);
        return -error;
    }
    path_stream_follow(path, stream);
    return number;
}

int path_stream_adopt(path_t *path, int fd, cr_framing_t framing, uint8_t *rest, size_t len) {
    int own = fcntl(fd, F_DUPFD_CLOEXEC, 0);
    if (own < 0) {
        return -errno;
    }
    if (fcntl(own, F_SETFL, O_NONBLOCK) < 0) { // a flag of the connection: both descriptors have it
        int error = errno;
        close(own);
        return -error;
    }
    path_stream_t *stream = begin(path, own);
    if (stream == NULL) {
        return -errno;
    }
    int error = path_arm_number(path, EPOLL_CTL_ADD, own, PATH_KIND_STREAM, stream->place, 0);
    if (error != 0) {
        path_stream_close(path, stream);
        return -error;
    }
    int number = (int)stream->number;
    stream->told = CR_STREAM_CARRYING; // whoever adopts it knows
    cr_stream_connected(&stream->core, path_now_ms());
    path_stream_carry(path, stream, framing, rest, len);
    return number;
}

int path_stream_set_mark(path_t *path, uint32_t mark) {
    for (unsigned i = 0; i < PATH_STREAMS && path->streams.count > 0; i++) {
        path_stream_t *stream = path->streams.streams[i];
        if (stream != NULL && stream->fd >= 0 && setsockopt(stream->fd, SOL_SOCKET, SO_MARK, &mark, sizeof mark) < 0) {
            return errno;
        }
    }
    return 0;
}
