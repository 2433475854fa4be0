#define _GNU_SOURCE
#include "path_udp.h"

#include <errno.h>
#include <netinet/udp.h>
#include <string.h>
#include <unistd.h>

#include "path_address.h"

#ifndef UDP_SEGMENT
#define UDP_SEGMENT 103
#define UDP_GRO 104
#endif

enum { RX_BUFFER = 8 << 20, TX_BUFFER = 2 << 20, PORT_TRIES = 32 };

void path_udp_init(path_udp_t *udp, uint8_t *rx_data, uint8_t *tx_data) {
    memset(udp, 0, sizeof *udp);
    udp->rx_data = rx_data;
    udp->tx_data = tx_data;
    udp->tx_blocked_fd = -1;
    for (unsigned i = 0; i < PATH_UDP_SOCKETS; i++) {
        udp->sockets[i].fd = -1;
    }
}

static void set_option(int fd, int level, int name, int value) {
    // Each of these is a wish: without it the path is slower or picks the default address, and still works.
    (void)setsockopt(fd, level, name, &value, sizeof value);
}

static void set_buffers(int fd) {
    set_option(fd, SOL_SOCKET, SO_RCVBUF, RX_BUFFER);
    set_option(fd, SOL_SOCKET, SO_SNDBUF, TX_BUFFER);
    set_option(fd, SOL_SOCKET, SO_RCVBUFFORCE, RX_BUFFER); // beyond the system's limit, for those who may
    set_option(fd, SOL_SOCKET, SO_SNDBUFFORCE, TX_BUFFER);
}

// Open one socket; *port is filled in when it was 0. 0 or errno.
static int open_socket(path_udp_socket_t *sock, bool is_ipv6, uint16_t *port, uint32_t mark) {
    path_address_t address;
    wg_endpoint_t any = {.family = is_ipv6 ? 6 : 4, .port = *port};
    socklen_t address_len = path_address_store(&address, &any);
    int fd = socket(address.any.sa_family, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0) {
        return errno;
    }
    if (is_ipv6) {
        set_option(fd, IPPROTO_IPV6, IPV6_V6ONLY, 1);
        set_option(fd, IPPROTO_IPV6, IPV6_RECVPKTINFO, 1);
    } else {
        set_option(fd, IPPROTO_IP, IP_PKTINFO, 1);
        // Datagrams may be fragmented on the way: a path that swallows ICMP would swallow the tunnel otherwise.
        set_option(fd, IPPROTO_IP, IP_MTU_DISCOVER, IP_PMTUDISC_DONT);
    }
    set_buffers(fd);
    set_option(fd, SOL_UDP, UDP_GRO, 1);
    int segment = 0;
    socklen_t segment_len = sizeof segment;
    sock->can_segment = getsockopt(fd, SOL_UDP, UDP_SEGMENT, &segment, &segment_len) == 0;
    if ((mark != 0 && setsockopt(fd, SOL_SOCKET, SO_MARK, &mark, sizeof mark) < 0) ||
        bind(fd, &address.any, address_len) < 0 || getsockname(fd, &address.any, &address_len) < 0) {
        int error = errno;
        close(fd);
        return error;
    }
    *port = ntohs(is_ipv6 ? address.v6.sin6_port : address.v4.sin_port);
    sock->fd = fd;
    return 0;
}

static void close_sockets(path_udp_socket_t *sockets, unsigned count) {
    for (unsigned i = 0; i < count; i++) {
        if (sockets[i].fd >= 0) {
            close(sockets[i].fd);
            sockets[i].fd = -1;
        }
    }
}

static int open_pair(path_udp_socket_t sockets[PATH_UDP_PAIR], uint16_t *port, uint32_t mark) {
    sockets[PATH_UDP_IPV4].fd = sockets[PATH_UDP_IPV6].fd = -1;
    int error = open_socket(&sockets[PATH_UDP_IPV4], false, port, mark);
    if (error != 0) {
        return error;
    }
    error = open_socket(&sockets[PATH_UDP_IPV6], true, port, mark);
    if (error == EAFNOSUPPORT || error == EADDRNOTAVAIL) {
        return 0; // a kernel without IPv6, or told to do without
    }
    if (error != 0) {
        close_sockets(sockets, PATH_UDP_PAIR);
    }
    return error;
}

// What was received or waits to be sent may be of sockets that are closed now.
static void forget_batches(path_udp_t *udp) {
    udp->rx_count = udp->rx_index = 0;
    udp->tx_used = udp->tx_first = udp->tx_count = 0;
    udp->tx_blocked_fd = -1;
}

static path_udp_socket_t *pair_beside(path_udp_t *udp, unsigned i) {
    return &udp->sockets[(size_t)PATH_UDP_PAIR * (1 + i)];
}

static void close_beside(path_udp_t *udp, unsigned i) {
    close_sockets(pair_beside(udp, i), PATH_UDP_PAIR);
    udp->also[i] = 0;
    forget_batches(udp);
}

// The place of a port among those beside the first, or PATH_UDP_ALSO_PORTS. Port 0: a free place.
static unsigned find_beside(const path_udp_t *udp, uint16_t port) {
    unsigned i = 0;
    while (i < PATH_UDP_ALSO_PORTS && udp->also[i] != port) {
        i++;
    }
    return i;
}

int path_udp_bind(path_udp_t *udp, uint16_t port) {
    path_udp_socket_t fresh[PATH_UDP_PAIR];
    unsigned beside = port == 0 ? PATH_UDP_ALSO_PORTS : find_beside(udp, port);
    if (beside < PATH_UDP_ALSO_PORTS) {
        close_beside(udp, beside);
    }
    if (port != 0 && port == udp->port) {
        close_sockets(udp->sockets, PATH_UDP_PAIR);
        udp->port = 0;
        forget_batches(udp);
    }
    int error = EADDRINUSE;
    uint16_t bound = port;
    // A port that is free for IPv4 may be taken for IPv6.
    for (unsigned i = 0; i < PORT_TRIES && error == EADDRINUSE && (i == 0 || port == 0); i++) {
        bound = port;
        error = open_pair(fresh, &bound, udp->mark);
    }
    if (error != 0) {
        return error;
    }
    close_sockets(udp->sockets, PATH_UDP_PAIR);
    forget_batches(udp);
    memcpy(udp->sockets, fresh, sizeof fresh);
    udp->port = bound;
    return 0;
}

void path_udp_also_bind(path_udp_t *udp, const uint16_t *ports, unsigned count, int *errors) {
    for (unsigned i = 0; i < PATH_UDP_ALSO_PORTS; i++) {
        bool wanted = false;
        for (unsigned j = 0; j < count; j++) {
            wanted = wanted || ports[j] == udp->also[i];
        }
        if (udp->also[i] != 0 && !wanted) {
            close_beside(udp, i);
        }
    }
    for (unsigned j = 0; j < count; j++) {
        errors[j] = 0;
        if (ports[j] == udp->port || find_beside(udp, ports[j]) < PATH_UDP_ALSO_PORTS) {
            continue;
        }
        unsigned i = find_beside(udp, 0);
        uint16_t port = ports[j];
        errors[j] = i == PATH_UDP_ALSO_PORTS ? ENOSPC : open_pair(pair_beside(udp, i), &port, udp->mark);
        if (errors[j] == 0) {
            udp->also[i] = port;
        }
    }
}

void path_udp_close(path_udp_t *udp) {
    close_sockets(udp->sockets, PATH_UDP_SOCKETS);
    udp->port = 0;
    memset(udp->also, 0, sizeof udp->also);
    forget_batches(udp);
}

int path_udp_set_mark(path_udp_t *udp, uint32_t mark) {
    udp->mark = mark;
    for (unsigned i = 0; i < PATH_UDP_SOCKETS; i++) {
        int fd = udp->sockets[i].fd;
        if (fd >= 0 && setsockopt(fd, SOL_SOCKET, SO_MARK, &mark, sizeof mark) < 0) {
            return errno;
        }
    }
    return 0;
}
