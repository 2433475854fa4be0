#include "path_outgoing.h"

#include <errno.h>
#include <string.h>

#include "wg_message.h"
#include "wg_ring.h"

// How many bytes stand before a message of a kind to an endpoint.
static size_t room_before(const path_t *path, const wg_endpoint_t *to, uint8_t kind) {
    return to->shape == 0 ? 0 : wg_shape_room(path->shape, kind);
}

// Whether a shape is asked for that there is not (any more).
static bool lacks_shape(const path_t *path, const wg_endpoint_t *to) {
    return to->shape != 0 && path->shape == NULL;
}

// Data gets its shape some at a time, which is cheaper.
static void shape_waiting(path_t *path) {
    if (path->unshaped_count > 0) {
        wg_shape_wrap_many(path->shape, &path->spares, path->unshaped, path->unshaped_count);
        path->unshaped_count = 0;
    }
}

uint8_t *path_outgoing_room(path_t *path, const wg_endpoint_t *to, size_t len) {
    if (lacks_shape(path, to)) {
        return NULL;
    }
    if (to->family == WG_FAMILY_STREAM) {
        return path_stream_room(path, to->port, len);
    }
    size_t before = room_before(path, to, WG_MESSAGE_TRANSPORT);
    if (path_udp_is_full(&path->udp, before + len)) {
        shape_waiting(path);
    }
    uint8_t *room = path_udp_room(&path->udp, before + len);
    return room == NULL ? NULL : room + before;
}

void path_outgoing_commit(path_t *path, wg_endpoint_t *to, uint8_t *message, size_t len) {
    size_t before = room_before(path, to, WG_MESSAGE_TRANSPORT);
    if (to->family == WG_FAMILY_STREAM) {
        if (to->shape != 0) {
            (void)wg_shape_wrap(path->shape, WG_MESSAGE_TRANSPORT, message, len);
        }
        path_stream_commit(path, to->port, message - before, before + len);
        return;
    }
    path_udp_commit(&path->udp, to, before + len);
    if (to->shape != 0) {
        path->unshaped[path->unshaped_count++] = message;
        if (path->unshaped_count == WG_SHAPE_MANY) {
            shape_waiting(path);
        }
    }
}

void path_outgoing_flush(path_t *path) {
    shape_waiting(path);
    (void)path_udp_flush(&path->udp);
    path_stream_flush(path);
}

static int send_to_stream(path_t *path, const uint8_t *datagram, size_t len, const wg_endpoint_t *to) {
    uint8_t *room = path_stream_room(path, to->port, len);
    if (room == NULL) {
        return ENOTCONN;
    }
    memcpy(room, datagram, len);
    path_stream_commit(path, to->port, room, len);
    path_stream_flush(path);
    return 0;
}

int path_outgoing_send(path_t *path, uint8_t kind, const uint8_t *message, size_t len, wg_endpoint_t *to) {
    uint8_t datagram[WG_SHAPE_ROOM_MAX + WG_INITIATION_LEN];
    const uint8_t *whole = message;
    if (lacks_shape(path, to)) {
        return EDESTADDRREQ;
    }
    if (to->shape != 0) {
        if (kind == 0 || len > WG_INITIATION_LEN) {
            return EINVAL;
        }
        size_t before = room_before(path, to, kind);
        memcpy(datagram + before, message, len);
        whole = wg_shape_wrap(path->shape, kind, datagram + before, len);
        len += before;
    }
    return to->family == WG_FAMILY_STREAM ? send_to_stream(path, whole, len, to)
                                          : path_udp_send(&path->udp, whole, len, to);
}

// --- what the control plane sends ---

int path_send(path_t *path, const uint8_t *message, size_t len, const wg_endpoint_t *to) {
    const wg_endpoint_t *asked = wg_ring_last_source(&path->ring);
    wg_endpoint_t known = wg_endpoint_equal(asked, to) ? *asked : *to;
    return path_outgoing_send(path, wg_message_kind_of_len(len), message, len, &known);
}

int path_send_to_peer(path_t *path, uint16_t peer, const uint8_t *message, size_t len) {
    wg_endpoint_t *to = &path->tunnel->memory.peers[peer].endpoint;
    return path_outgoing_send(path, wg_message_kind_of_len(len), message, len, to);
}

int path_send_decoy(path_t *path, const uint8_t *datagram, size_t len, const wg_endpoint_t *to) {
    wg_endpoint_t known = *to;
    if (to->family == WG_FAMILY_STREAM || len > PATH_DECOY_MAX) {
        return EINVAL;
    }
    return path_udp_send(&path->udp, datagram, len, &known);
}

wg_status_t path_keepalive(path_t *path, uint16_t peer) {
    uint8_t message[WG_TRANSPORT_OVERHEAD];
    size_t len;
    path->now_ms = path_now_ms();
    wg_status_t status = wg_tunnel_seal(path->tunnel, peer, message, sizeof message, NULL, 0, path->now_ms, &len);
    if (status == WG_OK) {
        wg_endpoint_t *to = &path->tunnel->memory.peers[peer].endpoint;
        (void)path_outgoing_send(path, WG_MESSAGE_TRANSPORT, message, len, to);
    }
    return status;
}

unsigned path_flush_queue(path_t *path, uint16_t peer) {
    size_t room = (size_t)path->tunnel->memory.packet_size + WG_TRANSPORT_OVERHEAD + WG_PADDING, len;
    wg_peer_t *to = &path->tunnel->memory.peers[peer];
    unsigned sent = 0;
    path->now_ms = path_now_ms();
    while (to->queue_len > 0) {
        uint8_t *out = path_outgoing_room(path, &to->endpoint, room);
        if (out == NULL && path->udp.tx_blocked_fd >= 0) {
            path->unflushed[peer / 64] |= UINT64_C(1) << peer % 64;
            path->has_unflushed = true;
        }
        if (out == NULL || !wg_tunnel_seal_queued(path->tunnel, peer, out, room, path->now_ms, &len)) {
            break;
        }
        path_outgoing_commit(path, &to->endpoint, out, len);
        sent++;
    }
    path_outgoing_flush(path);
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
