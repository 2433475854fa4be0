#define _GNU_SOURCE
#include "path.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/signalfd.h>
#include <time.h>
#include <unistd.h>

#include "path_forward.h"
#include "path_poll.h"
#include "wg_wipe.h"

_Static_assert(PATH_STREAM_CHUNK <= PATH_UDP_RX_MESSAGES * PATH_UDP_RX_SIZE, "streams and UDP share the room");

typedef struct {
    path_t path;
    wg_ring_slot_t ring_slots[PATH_RING_SLOTS];
    uint8_t tun_data[PATH_PACKET_MAX];
    uint8_t tx_data[PATH_UDP_TX_SIZE];
    uint8_t batch[PATH_STREAM_BATCH];
    uint8_t rx_data[(size_t)PATH_UDP_RX_MESSAGES * PATH_UDP_RX_SIZE];
} path_memory_t;

uint64_t path_now_ms(void) {
    struct timespec now;
    clock_gettime(CLOCK_BOOTTIME, &now);
    return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000 + 1;
}

static void own_signals(sigset_t *set) {
    sigemptyset(set);
    sigaddset(set, SIGINT);
    sigaddset(set, SIGTERM);
    sigaddset(set, SIGHUP);
}

int path_arm_number(path_t *path, int operation, int fd, unsigned kind, unsigned number, uint32_t events) {
    struct epoll_event event = {.events = events, .data.u64 = ((uint64_t)number << PATH_KIND_BITS) | kind};
    return epoll_ctl(path->epoll_fd, operation, fd, &event) < 0 ? errno : 0;
}

int path_arm(path_t *path, int operation, int fd, unsigned kind, uint32_t events) {
    return path_arm_number(path, operation, fd, kind, (unsigned)fd, events);
}

path_t *path_open(wg_tunnel_t *tunnel, wg_gate_t *gate) {
    path_memory_t *memory =
        mmap(NULL, sizeof *memory, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0); // all zero
    if (memory == MAP_FAILED) {
        return NULL;
    }
    path_t *path = &memory->path;
    sigset_t signals;
    path->tunnel = tunnel;
    path->gate = gate;
    path->tun_data = memory->tun_data;
    path->tun.fd = path->link.fd = -1;
    wg_ring_init(&path->ring, memory->ring_slots, PATH_RING_SLOTS);
    path_udp_init(&path->udp, memory->rx_data, memory->tx_data);
    path->streams.batch = memory->batch;
    path->streams.chunk = memory->rx_data; // nothing of UDP stays there between two calls
    path_coalesce_init(&path->coalesce, path_forward_write, path);
    own_signals(&signals);
    sigprocmask(SIG_BLOCK, &signals, NULL);
    path->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
    path->signal_fd = signalfd(-1, &signals, SFD_NONBLOCK | SFD_CLOEXEC);
    path->routes_fd = path_link_watch_routes();
    if (path->epoll_fd < 0 || path->signal_fd < 0 ||
        path_arm(path, EPOLL_CTL_ADD, path->signal_fd, PATH_KIND_SIGNAL, EPOLLIN) != 0) {
        int error = errno;
        path_close(path);
        errno = error;
        return NULL;
    }
    if (path->routes_fd >= 0) { // without it a moved source address is found out by the failure to send from it
        (void)path_arm(path, EPOLL_CTL_ADD, path->routes_fd, PATH_KIND_ROUTES, EPOLLIN);
    }
    return path;
}

static void close_fd(int fd) {
    if (fd >= 0) {
        close(fd);
    }
}

void path_close(path_t *path) {
    path_memory_t *memory = (path_memory_t *)(void *)path;
    sigset_t signals;
    path_stream_close_all(path);
    path_udp_close(&path->udp);
    path_link_close(&path->link);
    path_tun_close(&path->tun);
    close_fd(path->routes_fd);
    close_fd(path->signal_fd);
    close_fd(path->epoll_fd);
    own_signals(&signals);
    sigprocmask(SIG_UNBLOCK, &signals, NULL);
    wg_wipe(memory, sizeof *memory);
    munmap(memory, sizeof *memory);
}

int path_set_tun(path_t *path, const char *name) {
    if (path->tun.fd >= 0) {
        return EBUSY;
    }
    int error = path_tun_open(&path->tun, name);
    if (error == 0) {
        error = path_link_open(&path->link, &path->tun);
    }
    if (error == 0) {
        error = path_arm(path, EPOLL_CTL_ADD, path->tun.fd, PATH_KIND_TUN, EPOLLIN);
    }
    if (error == 0) {
        error = path_arm(path, EPOLL_CTL_ADD, path->link.fd, PATH_KIND_LINK, EPOLLIN);
    }
    if (error != 0) {
        path_link_close(&path->link);
        path_tun_close(&path->tun);
        return error;
    }
    path->tunnel->mtu = (uint16_t)path->link.mtu;
    path->coalesce.join_tcp = (path->tun.offloads & TUN_F_TSO4) != 0;
    path->coalesce.join_udp = (path->tun.offloads & TUN_F_USO4) != 0;
    return 0;
}

// Let epoll know the sockets that there are now, some of which it knows. Those closed have left the set by themselves.
static int arm_sockets(path_t *path) {
    for (unsigned i = 0; i < PATH_UDP_SOCKETS; i++) {
        int fd = path->udp.sockets[i].fd;
        int error = fd < 0 ? 0 : path_arm_number(path, EPOLL_CTL_ADD, fd, PATH_KIND_UDP, i, EPOLLIN);
        if (error != 0 && error != EEXIST) {
            return error;
        }
    }
    return 0;
}

int path_bind(path_t *path, uint16_t port) {
    int error = path_udp_bind(&path->udp, port);
    return error != 0 ? error : arm_sockets(path);
}

int path_also_bind(path_t *path, const uint16_t *ports, unsigned count, int *errors) {
    path_udp_also_bind(&path->udp, ports, count, errors);
    return arm_sockets(path);
}

int path_set_mark(path_t *path, uint32_t mark) {
    int error = path_udp_set_mark(&path->udp, mark);
    return error != 0 ? error : path_stream_set_mark(path, mark);
}

void path_unbind(path_t *path) {
    path_udp_close(&path->udp);
}

int path_watch_file(path_t *path, int fd) {
    if (path->file_count == PATH_FILES) {
        return ENOSPC;
    }
    int error = path_arm(path, EPOLL_CTL_ADD, fd, PATH_KIND_FILE, EPOLLIN);
    if (error == 0) {
        path->files[path->file_count] = fd;
        path->file_ready[path->file_count++] = false;
    }
    return error;
}

int path_unwatch_file(path_t *path, int fd) {
    for (unsigned i = 0; i < path->file_count; i++) {
        if (path->files[i] == fd) {
            path->file_count--;
            path->files[i] = path->files[path->file_count];
            path->file_ready[i] = path->file_ready[path->file_count];
            // One that was closed before has left the set by itself.
            return epoll_ctl(path->epoll_fd, EPOLL_CTL_DEL, fd, NULL) < 0 && errno != EBADF && errno != ENOENT ? errno
                                                                                                               : 0;
        }
    }
    return ENOENT;
}
