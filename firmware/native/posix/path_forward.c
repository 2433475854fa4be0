#define _GNU_SOURCE
#include "path_forward.h"

#include <errno.h>
#include <sys/epoll.h>

#include "path_poll.h"
#include "path_segment.h"
#include "wg_message.h"

// Packets (large ones count once) that are read before the sockets get their turn.
#define OUT_BATCH 16

static void seal_or_queue(path_t *path, uint16_t peer, const uint8_t *packet, size_t len) {
    // Padding never makes it longer than this.
    size_t room = len + WG_TRANSPORT_OVERHEAD + WG_PADDING, sealed_len;
    uint8_t *out = path_udp_room(&path->udp, room);
    if (out == NULL) {
        path->udp.counters.tx_dropped++;
        return;
    }
    wg_status_t status = wg_tunnel_seal(path->tunnel, peer, out, room, packet, len, path->now_ms, &sealed_len);
    if (status == WG_OK) {
        path_udp_commit(&path->udp, &path->tunnel->memory.peers[peer].endpoint, sealed_len);
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
    (void)path_udp_flush(&path->udp);
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

static void receive_handshake(path_t *path, const path_datagram_t *datagram) {
    uint8_t reply[WG_COOKIE_LEN];
    uint8_t kind;
    wg_status_t status = wg_message_classify(datagram->data, datagram->len, &kind);
    if (status == WG_OK) {
        status = WG_ERR_INDEX;
        if (wg_tunnel_expects(path->tunnel, kind, datagram->data, datagram->len)) {
            status =
                wg_gate_check(path->gate, kind, datagram->data, datagram->len, datagram->source, path->now_ms, reply);
        }
    }
    if (status == WG_OK) {
        if (!wg_ring_push(&path->ring, datagram->data, datagram->len, datagram->source)) {
            path->counters.ring_full++;
        }
        if (wg_ring_is_loaded(&path->ring)) {
            wg_gate_set_loaded(path->gate, path->now_ms);
        }
        return;
    }
    wg_tunnel_count_drop(path->tunnel, status);
    if (status == WG_ERR_COOKIE) {
        wg_endpoint_t to = *datagram->source;
        path->counters.cookies++;
        (void)path_udp_send(&path->udp, reply, sizeof reply, &to);
    }
}

void path_forward_in(path_t *path, unsigned socket) {
    path_datagram_t datagram;
    wg_opened_t opened;
    if (!path_udp_receive(&path->udp, socket)) {
        return;
    }
    while (path_udp_next(&path->udp, &datagram)) {
        if (datagram.data[0] != WG_MESSAGE_TRANSPORT) {
            receive_handshake(path, &datagram);
        } else if (wg_tunnel_open(path->tunnel, datagram.data, datagram.len, datagram.source, path->now_ms, &opened) ==
                       WG_OK &&
                   opened.len > 0) {
            path_coalesce_add(&path->coalesce, opened.inner, opened.len);
        }
    }
    path_coalesce_flush(&path->coalesce);
}

int path_send(path_t *path, const uint8_t *datagram, size_t len, const wg_endpoint_t *to) {
    const wg_endpoint_t *asked = wg_ring_last_source(&path->ring);
    wg_endpoint_t known = wg_endpoint_equal(asked, to) ? *asked : *to;
    return path_udp_send(&path->udp, datagram, len, &known);
}

int path_send_to_peer(path_t *path, uint16_t peer, const uint8_t *datagram, size_t len) {
    return path_udp_send(&path->udp, datagram, len, &path->tunnel->memory.peers[peer].endpoint);
}

wg_status_t path_keepalive(path_t *path, uint16_t peer) {
    uint8_t datagram[WG_TRANSPORT_OVERHEAD];
    size_t len;
    path->now_ms = path_now_ms();
    wg_status_t status = wg_tunnel_seal(path->tunnel, peer, datagram, sizeof datagram, NULL, 0, path->now_ms, &len);
    if (status == WG_OK) {
        (void)path_udp_send(&path->udp, datagram, len, &path->tunnel->memory.peers[peer].endpoint);
    }
    return status;
}

unsigned path_flush_queue(path_t *path, uint16_t peer) {
    size_t room = (size_t)path->tunnel->memory.packet_size + WG_TRANSPORT_OVERHEAD + WG_PADDING, len;
    wg_peer_t *to = &path->tunnel->memory.peers[peer];
    unsigned sent = 0;
    path->now_ms = path_now_ms();
    while (to->queue_len > 0) {
        uint8_t *out = path_udp_room(&path->udp, room);
        if (out == NULL) {
            path->unflushed[peer / 64] |= UINT64_C(1) << peer % 64;
            path->has_unflushed = true;
            break;
        }
        if (!wg_tunnel_seal_queued(path->tunnel, peer, out, room, path->now_ms, &len)) {
            break;
        }
        path_udp_commit(&path->udp, &to->endpoint, len);
        sent++;
    }
    (void)path_udp_flush(&path->udp);
    return sent;
}

void path_flush_rest(path_t *path) {
    if (!path->has_unflushed || path->udp.tx_blocked_fd >= 0) {
        return;
    }
    path->has_unflushed = false;
    for (unsigned i = 0; i < PATH_PEER_WORDS && path->udp.tx_blocked_fd < 0; i++) {
        uint64_t left = path->unflushed[i];
        path->unflushed[i] = 0;
        for (; left != 0 && path->udp.tx_blocked_fd < 0; left &= left - 1) {
            uint16_t peer = (uint16_t)(i * 64 + (unsigned)__builtin_ctzll(left));
            if (wg_tunnel_has_peer(path->tunnel, peer)) {
                (void)path_flush_queue(path, peer);
            }
        }
        path->unflushed[i] |= left;
    }
    path->has_unflushed = path->has_unflushed || path->udp.tx_blocked_fd >= 0;
}
