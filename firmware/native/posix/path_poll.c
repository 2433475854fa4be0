#define _GNU_SOURCE
#include "path_poll.h"

#include <errno.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "path_forward.h"

#define EVENTS 32

// While a socket's buffer is full, wait for room in it instead of for packets from the TUN device.
static void follow_backpressure(path_t *path) {
    path_flush_rest(path);
    bool blocked = path->udp.tx_blocked_fd >= 0;
    if (blocked == path->waits_for_room) {
        return;
    }
    path->waits_for_room = blocked;
    if (path->tun.fd >= 0) {
        (void)path_arm(path, EPOLL_CTL_MOD, path->tun.fd, PATH_KIND_TUN, blocked ? 0 : EPOLLIN);
    }
    for (unsigned i = 0; i < PATH_UDP_SOCKETS; i++) {
        int fd = path->udp.sockets[i].fd;
        if (fd >= 0) {
            bool waits = fd == path->udp.tx_blocked_fd;
            (void)path_arm_number(path, EPOLL_CTL_MOD, fd, PATH_KIND_UDP, i, waits ? EPOLLIN | EPOLLOUT : EPOLLIN);
        }
    }
}

static void take_signal(path_t *path) {
    struct signalfd_siginfo info;
    if (read(path->signal_fd, &info, sizeof info) == (ssize_t)sizeof info) {
        path->signal = (int)info.ssi_signo;
        path->wake |= PATH_WAKE_SIGNAL;
    }
}

static void take_link_change(path_t *path) {
    int before = path->link.fd;
    if (path_link_read(&path->link, &path->tun)) {
        path->tunnel->mtu = (uint16_t)path->link.mtu;
        path->wake |= PATH_WAKE_TUN;
    }
    if (path->link.fd != before && path->link.fd >= 0) {
        (void)path_arm(path, EPOLL_CTL_ADD, path->link.fd, PATH_KIND_LINK, EPOLLIN);
    }
}

// Addresses or routes have changed: let the kernel choose our side anew, until a peer's next datagram tells.
static void forget_sources(path_t *path) {
    path_link_drain(path->routes_fd);
    path->wake |= path->watches_uplink ? (unsigned)PATH_WAKE_UPLINK : 0;
    for (unsigned i = 0; i < path->tunnel->memory.peer_capacity; i++) {
        wg_peer_t *peer = &path->tunnel->memory.peers[i];
        if (peer->in_use) { // writing to the others would cost their memory
            peer->endpoint.local_family = 0;
        }
    }
}

static void handle_udp(path_t *path, unsigned socket, uint32_t events) {
    if (path->udp.sockets[socket].fd < 0) {
        return;
    }
    if (events & EPOLLOUT) {
        (void)path_udp_flush(&path->udp);
    }
    if (events & (EPOLLIN | EPOLLERR)) {
        path_forward_in(path, socket);
    }
}

static void handle(path_t *path, const struct epoll_event *event) {
    unsigned number = (unsigned)(event->data.u64 >> PATH_KIND_BITS);
    int fd = (int)number;
    switch (event->data.u64 & ((1U << PATH_KIND_BITS) - 1)) {
    case PATH_KIND_TUN:
        path_forward_out(path);
        break;
    case PATH_KIND_UDP:
        handle_udp(path, number, event->events);
        break;
    case PATH_KIND_SIGNAL:
        take_signal(path);
        break;
    case PATH_KIND_LINK:
        take_link_change(path);
        break;
    case PATH_KIND_ROUTES:
        forget_sources(path);
        break;
    case PATH_KIND_STREAM:
        path_stream_handle(path, number, event->events);
        break;
    default:
        for (unsigned i = 0; i < path->file_count; i++) {
            path->file_ready[i] = path->file_ready[i] || path->files[i] == fd;
        }
        path->wake |= PATH_WAKE_FILE;
        break;
    }
}

static unsigned reasons(const path_t *path) {
    return path->wake | (path->ring.count > 0 ? (unsigned)PATH_WAKE_HANDSHAKE : 0) |
           (wg_tunnel_has_event(path->tunnel) ? (unsigned)PATH_WAKE_EVENT : 0) |
           (path->streams.is_woken ? (unsigned)PATH_WAKE_STREAM : 0);
}

// How long to wait for descriptors: not at all when there is a reason to come back, and no longer than epoll can count.
static int time_left(const path_t *path, int timeout_ms, uint64_t begun_ms) {
    if (reasons(path) != 0) {
        return 0;
    }
    uint64_t passed = path->now_ms - begun_ms;
    return timeout_ms < 0 ? -1 : passed >= (uint64_t)timeout_ms ? 0 : (int)((uint64_t)timeout_ms - passed);
}

int path_poll(path_t *path, int timeout_ms) {
    struct epoll_event events[EVENTS];
    uint64_t begun_ms = path->now_ms = path_now_ms();
    path->wake = 0;
    for (unsigned i = 0; i < path->file_count; i++) {
        path->file_ready[i] = false;
    }
    follow_backpressure(path); // the control plane may have sent, or opened other sockets
    for (;;) {
        int wait_ms = time_left(path, timeout_ms, begun_ms);
        int count = epoll_wait(path->epoll_fd, events, EVENTS, wait_ms);
        if (count < 0 && errno != EINTR) {
            return -errno;
        }
        path->now_ms = path_now_ms();
        for (int i = 0; i < count; i++) {
            handle(path, &events[i]);
        }
        follow_backpressure(path);
        unsigned wake = reasons(path);
        if (wake != 0 || wait_ms == 0) {
            path->streams.is_woken = false;
            return (int)wake;
        }
    }
}

int path_take_signal(path_t *path) {
    int signal = path->signal;
    path->signal = 0;
    return signal;
}
