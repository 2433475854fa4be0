#define _GNU_SOURCE
#include <errno.h>
#include <string.h>

#include "path_address.h"
#include "path_udp.h"

// Everything that sendmmsg() wants to know about some messages.
typedef struct {
    struct mmsghdr headers[PATH_UDP_TX_RUNS];
    struct iovec parts[PATH_UDP_TX_RUNS];
    path_address_t addresses[PATH_UDP_TX_RUNS];
    path_control_t controls[PATH_UDP_TX_RUNS];
} path_messages_t;

static void set_message(path_messages_t *messages, unsigned i, const uint8_t *data, size_t len, const wg_endpoint_t *to,
                        size_t datagram_len) {
    struct msghdr *header = &messages->headers[i].msg_hdr;
    // sendmmsg() does not write to the data.
    messages->parts[i] = (struct iovec){.iov_base = (void *)(uintptr_t)data, .iov_len = len};
    *header = (struct msghdr){
        .msg_name = &messages->addresses[i],
        .msg_namelen = path_address_store(&messages->addresses[i], to),
        .msg_iov = &messages->parts[i],
        .msg_iovlen = 1,
    };
    size_t control_len =
        path_control_store(&messages->controls[i], to, len > datagram_len ? (uint16_t)datagram_len : 0);
    if (control_len > 0) {
        header->msg_control = &messages->controls[i];
        header->msg_controllen = control_len;
    }
}

// Whether the error may be that the source address is not ours any more; if so, forget it for the next try.
static bool forget_source(wg_endpoint_t *to, int error) {
    if (to->local_family == 0 ||
        (error != EINVAL && error != EADDRNOTAVAIL && error != ENETUNREACH && error != ENODEV)) {
        return false;
    }
    to->local_family = 0;
    return true;
}

// The number of the socket that sends to an endpoint: that of the port at which it last reached us, if there still is one.
static unsigned socket_for(const path_udp_t *udp, const wg_endpoint_t *to) {
    unsigned family = to->family == 6 ? PATH_UDP_IPV6 : PATH_UDP_IPV4;
    for (unsigned i = 0; to->local_port != 0 && i < PATH_UDP_ALSO_PORTS; i++) {
        if (udp->also[i] == to->local_port) {
            return PATH_UDP_PAIR * (1 + i) + family;
        }
    }
    return family;
}

uint16_t path_udp_port_to(const path_udp_t *udp, const wg_endpoint_t *to) {
    if (to->family != 4 && to->family != 6) {
        return 0;
    }
    unsigned socket = socket_for(udp, to);
    return socket < PATH_UDP_PAIR ? udp->port : udp->also[socket / PATH_UDP_PAIR - 1];
}

int path_udp_send(path_udp_t *udp, const uint8_t *data, size_t len, wg_endpoint_t *to) {
    path_address_t address;
    path_control_t control;
    int fd = to->family == 0 ? -1 : udp->sockets[socket_for(udp, to)].fd;
    if (fd < 0) {
        udp->counters.tx_errors++;
        return to->family == 0 ? EDESTADDRREQ : ENETDOWN;
    }
    for (;;) {
        struct iovec part = {.iov_base = (void *)(uintptr_t)data, .iov_len = len};
        struct msghdr header = {.msg_name = &address, .msg_iov = &part, .msg_iovlen = 1, .msg_control = &control};
        header.msg_namelen = path_address_store(&address, to);
        header.msg_controllen = path_control_store(&control, to, 0);
        udp->counters.tx_calls++;
        if (sendmsg(fd, &header, MSG_DONTWAIT) >= 0) {
            udp->counters.tx_datagrams++;
            return 0;
        }
        if (errno != EINTR && !forget_source(to, errno)) {
            udp->counters.tx_errors++;
            return errno;
        }
    }
}

bool path_udp_is_full(const path_udp_t *udp, size_t len) {
    return udp->tx_used + len > PATH_UDP_TX_SIZE || udp->tx_count == PATH_UDP_TX_RUNS || udp->tx_blocked_fd >= 0;
}

uint8_t *path_udp_room(path_udp_t *udp, size_t len) {
    if (len > PATH_UDP_TX_SIZE || (path_udp_is_full(udp, len) && !path_udp_flush(udp))) {
        return NULL;
    }
    return udp->tx_data + udp->tx_used;
}

void path_udp_commit(path_udp_t *udp, wg_endpoint_t *to, size_t len) {
    path_udp_run_t *run = udp->tx_count > 0 ? &udp->tx_runs[udp->tx_count - 1] : NULL;
    if (run == NULL || run->closed || run->to != to || len > run->datagram_len ||
        run->datagrams == PATH_UDP_RUN_DATAGRAMS || run->len + len > PATH_UDP_RUN_LEN) {
        run = &udp->tx_runs[udp->tx_count++];
        *run = (path_udp_run_t){
            .to = to,
            .socket = socket_for(udp, to),
            .start = udp->tx_used,
            .datagram_len = len,
        };
        run->closed = !udp->sockets[run->socket].can_segment;
    } else if (len < run->datagram_len) {
        run->closed = true;
    }
    run->len += len;
    run->datagrams++;
    udp->tx_used += len;
}

// Send the datagrams of a run one by one, because the kernel refused them together.
static void send_singly(path_udp_t *udp, const path_udp_run_t *run) {
    for (size_t done = 0; done < run->len; done += run->datagram_len) {
        size_t len = run->len - done < run->datagram_len ? run->len - done : run->datagram_len;
        (void)path_udp_send(udp, udp->tx_data + run->start + done, len, run->to);
    }
}

// Deal with the refusal of a run. False: try it again later, the socket's buffer is full.
static bool handle_refusal(path_udp_t *udp, path_udp_run_t *run, int error) {
    path_udp_socket_t *sock = &udp->sockets[run->socket];
    if (error == EAGAIN) {
        udp->tx_blocked_fd = sock->fd;
        return false;
    }
    if (error == EINTR || forget_source(run->to, error)) {
        return true;
    }
    if (run->datagrams > 1 && (error == EIO || error == EINVAL || error == EMSGSIZE || error == EOPNOTSUPP)) {
        // EIO: the device cannot sum for us. EINVAL, EMSGSIZE: this path's MTU is too small for datagrams of this length, but
        // others may do.
        sock->can_segment = sock->can_segment && error != EIO && error != EOPNOTSUPP;
        send_singly(udp, run);
    } else {
        udp->counters.tx_errors++;
        udp->counters.tx_dropped += run->datagrams;
    }
    udp->tx_first++;
    return true;
}

bool path_udp_flush(path_udp_t *udp) {
    path_messages_t messages;
    udp->tx_blocked_fd = -1;
    while (udp->tx_first < udp->tx_count) {
        unsigned socket = udp->tx_runs[udp->tx_first].socket, count = 0;
        while (udp->tx_first + count < udp->tx_count) {
            const path_udp_run_t *run = &udp->tx_runs[udp->tx_first + count];
            if (run->socket != socket) {
                break;
            }
            set_message(&messages, count, udp->tx_data + run->start, run->len, run->to, run->datagram_len);
            count++;
        }
        udp->counters.tx_calls++;
        int sent = sendmmsg(udp->sockets[socket].fd, messages.headers, count, MSG_DONTWAIT);
        if (sent < 0 && !handle_refusal(udp, &udp->tx_runs[udp->tx_first], errno)) {
            return false;
        }
        for (; sent > 0; sent--) {
            udp->counters.tx_datagrams += udp->tx_runs[udp->tx_first++].datagrams;
        }
    }
    udp->tx_first = udp->tx_count = 0;
    udp->tx_used = 0;
    return true;
}
