#define _GNU_SOURCE
#include "path_forward.h"

#include <errno.h>
#include <sys/epoll.h>

#include "path_outgoing.h"
#include "path_poll.h"
#include "path_segment.h"
#include "wg_message.h"

// Packets (large ones count once) that are read before the sockets get their turn.
#define OUT_BATCH 16

static void seal_or_queue(path_t *path, uint16_t peer, const uint8_t *packet, size_t len) {
    // Padding never makes it longer than this.
    size_t room = len + WG_TRANSPORT_OVERHEAD + WG_PADDING, sealed_len;
    wg_endpoint_t *to = &path->tunnel->memory.peers[peer].endpoint;
    uint8_t *out = path_outgoing_room(path, to, room);
    if (out == NULL) {
        path->udp.counters.tx_dropped += to->family != WG_FAMILY_STREAM; // streams count theirs
        return;
    }
    wg_status_t status = wg_tunnel_seal(path->tunnel, peer, out, room, packet, len, path->now_ms, &sealed_len);
    if (status == WG_OK) {
        path_outgoing_commit(path, to, out, sealed_len);
    } else if (status == WG_ERR_NO_KEY || status == WG_ERR_EXPIRED) {
        (void)wg_tunnel_queue(path->tunnel, peer, packet, len);
    }
}

// Split a packet and send each part to the peer of the whole.
static void send_packet(path_t *path, const struct virtio_net_hdr *offload, size_t len) {
    path_segment_t split;
    uint8_t *packet;
    uint16_t peer;
    if (!path_segment_begin(&split, offload, path->tun_data, len)) {
        path->counters.tun_rx_malformed++;
        return;
    }
    bool routed = false;
    while (path_segment_next(&split, &packet, &len)) {
        path->counters.tun_rx_packets++;
        if (!routed && wg_tunnel_route(path->tunnel, packet, len, &peer) != WG_OK) {
            return;
        }
        routed = true;
        seal_or_queue(path, peer, packet, len);
    }
}

void path_forward_out(path_t *path) {
    struct virtio_net_hdr offload;
    for (unsigned i = 0; i < OUT_BATCH && path->udp.tx_blocked_fd < 0; i++) {
        ssize_t len = path_tun_read(&path->tun, &offload, path->tun_data, PATH_PACKET_MAX);
        path->counters.tun_rx_calls++;
        if (len < 0) {
            if (errno == EBADFD) {
                path->link.up = false;
                path->link.mtu = 0;
                path->wake |= PATH_WAKE_TUN;
                // It would be reported as in error for ever.
                (void)path_arm(path, EPOLL_CTL_DEL, path->tun.fd, PATH_KIND_TUN, 0);
            }
            break;
        }
        send_packet(path, &offload, (size_t)len);
    }
    path_outgoing_flush(path);
}

void path_forward_write(void *context, const struct iovec *slices, size_t count, size_t packets) {
    path_t *path = context;
    path->counters.tun_tx_calls++;
    if (writev(path->tun.fd, slices, (int)count) >= 0) {
        path->counters.tun_tx_packets += packets;
    } else {
        path->counters.tun_tx_errors++; // down, or gone, which path_link_read() finds out
    }
}

static void receive_handshake(path_t *path, uint8_t kind, const uint8_t *message, size_t len,
                              const wg_endpoint_t *source) {
    uint8_t reply[WG_COOKIE_LEN];
    wg_status_t status = WG_ERR_INDEX;
    if (wg_tunnel_expects(path->tunnel, kind, message, len)) {
        status = wg_gate_check(path->gate, kind, message, len, source, path->now_ms, reply);
    }
    if (status == WG_OK) {
        if (!wg_ring_push(&path->ring, message, len, source)) {
            path->counters.ring_full++;
        }
        if (wg_ring_is_loaded(&path->ring)) {
            wg_gate_set_loaded(path->gate, path->now_ms);
        }
        return;
    }
    wg_tunnel_count_drop(path->tunnel, status);
    if (status == WG_ERR_COOKIE) {
        wg_endpoint_t to = *source;
        path->counters.cookies++;
        (void)path_outgoing_send(path, WG_MESSAGE_COOKIE, reply, sizeof reply, &to);
    }
}

// Take the message that was found, or not, in a datagram.
static bool take_message(path_t *path, wg_status_t status, const wg_shaped_t *found, uint8_t *datagram, size_t len,
                         wg_endpoint_t *source) {
    wg_opened_t opened;
    if (status != WG_OK) {
        wg_tunnel_count_drop(path->tunnel, status);
        return false;
    }
    uint8_t *message = datagram + found->offset;
    source->shape = found->shape;
    if (found->kind != WG_MESSAGE_TRANSPORT) {
        receive_handshake(path, found->kind, message, len - found->offset, source);
        return false;
    }
    status = wg_tunnel_open(path->tunnel, message, len - found->offset, source, path->now_ms, &opened);
    if (status == WG_OK && opened.len > 0) {
        path_coalesce_add(&path->coalesce, opened.inner, opened.len);
    }
    return status == WG_OK;
}

bool path_forward_datagram(path_t *path, uint8_t *datagram, size_t len, wg_endpoint_t *source) {
    wg_shaped_t found = {.kind = WG_MESSAGE_TRANSPORT};
    wg_status_t status = WG_OK;
    if (path->shape != NULL) {
        status = wg_shape_open(path->shape, datagram, len, &found);
    } else if (datagram[0] != WG_MESSAGE_TRANSPORT) { // wg_tunnel_open() looks at the rest of the type
        status = wg_message_classify(datagram, len, &found.kind);
    }
    return take_message(path, status, &found, datagram, len, source);
}

// With a shape, some at a time: it is cheaper.
static void take_shaped(path_t *path) {
    uint8_t *datagrams[WG_SHAPE_MANY];
    size_t lens[WG_SHAPE_MANY], count;
    wg_endpoint_t *sources[WG_SHAPE_MANY];
    wg_shape_many_t many;
    do {
        path_datagram_t datagram;
        for (count = 0; count < WG_SHAPE_MANY && path_udp_next(&path->udp, &datagram); count++) {
            datagrams[count] = datagram.data;
            lens[count] = datagram.len;
            sources[count] = datagram.source;
        }
        wg_shape_look(path->shape, &many, datagrams, lens, count);
        for (size_t i = 0; i < count; i++) {
            wg_shaped_t found;
            wg_status_t status = wg_shape_open_one(path->shape, &many, i, datagrams[i], lens[i], &found);
            (void)take_message(path, status, &found, datagrams[i], lens[i], sources[i]);
        }
    } while (count == WG_SHAPE_MANY);
}

void path_forward_written(path_t *path) {
    path_coalesce_flush(&path->coalesce);
}

void path_forward_in(path_t *path, unsigned socket) {
    path_datagram_t datagram;
    if (!path_udp_receive(&path->udp, socket)) {
        return;
    }
    if (path->shape != NULL) {
        take_shaped(path);
    }
    while (path_udp_next(&path->udp, &datagram)) {
        (void)path_forward_datagram(path, datagram.data, datagram.len, datagram.source);
    }
    path_forward_written(path);
}
