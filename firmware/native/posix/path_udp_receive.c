#define _GNU_SOURCE
#include <errno.h>
#include <string.h>

#include "path_address.h"
#include "path_udp.h"

bool path_udp_receive(path_udp_t *udp, unsigned socket) {
    path_address_t addresses[PATH_UDP_RX_MESSAGES];
    path_control_t controls[PATH_UDP_RX_MESSAGES];
    struct iovec parts[PATH_UDP_RX_MESSAGES];
    struct mmsghdr messages[PATH_UDP_RX_MESSAGES];
    udp->rx_count = udp->rx_index = 0;
    udp->rx_offset = 0;
    for (unsigned i = 0; i < PATH_UDP_RX_MESSAGES; i++) {
        parts[i] = (struct iovec){.iov_base = udp->rx_data + (size_t)i * PATH_UDP_RX_SIZE, .iov_len = PATH_UDP_RX_SIZE};
        messages[i].msg_hdr = (struct msghdr){
            .msg_name = &addresses[i],
            .msg_namelen = sizeof addresses[i],
            .msg_iov = &parts[i],
            .msg_iovlen = 1,
            .msg_control = &controls[i],
            .msg_controllen = sizeof controls[i],
        };
    }
    uint16_t port = socket < PATH_UDP_PAIR ? 0 : udp->also[socket / PATH_UDP_PAIR - 1];
    int got = recvmmsg(udp->sockets[socket].fd, messages, PATH_UDP_RX_MESSAGES, MSG_DONTWAIT, NULL);
    udp->counters.rx_calls++;
    if (got < 0) {
        udp->counters.rx_errors += errno != EAGAIN && errno != EINTR;
        return false;
    }
    for (int i = 0; i < got; i++) {
        udp->rx_len[i] = messages[i].msg_len;
        path_address_load(&udp->rx_sources[i], &addresses[i]);
        udp->rx_sources[i].local_port = port;
        path_control_load(&messages[i].msg_hdr, &udp->rx_sources[i], &udp->rx_segment[i]);
    }
    udp->rx_count = (unsigned)got;
    return got > 0;
}

bool path_udp_next(path_udp_t *udp, path_datagram_t *datagram) {
    while (udp->rx_index < udp->rx_count) {
        size_t total = udp->rx_len[udp->rx_index], left = total - udp->rx_offset;
        if (left == 0) { // an empty datagram ends here, too
            udp->rx_index++;
            udp->rx_offset = 0;
            continue;
        }
        size_t len = udp->rx_segment[udp->rx_index];
        datagram->len = len == 0 || len > left ? left : len;
        datagram->data = udp->rx_data + (size_t)udp->rx_index * PATH_UDP_RX_SIZE + udp->rx_offset;
        datagram->source = &udp->rx_sources[udp->rx_index];
        udp->rx_offset += datagram->len;
        udp->counters.rx_datagrams++;
        return true;
    }
    return false;
}
