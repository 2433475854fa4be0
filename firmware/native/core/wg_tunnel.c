#include "wg_tunnel.h"

#include <string.h>

#include "wg_bytes.h"
#include "wg_event.h"
#include "wg_index.h"
#include "wg_inner.h"
#include "wg_queue.h"
#include "wg_wipe.h"

static bool is_power_of_two(uint32_t n) {
    return n != 0 && (n & (n - 1)) == 0;
}

bool wg_tunnel_init(wg_tunnel_t *tunnel, const wg_tunnel_memory_t *memory, uint16_t mtu) {
    if (memory->peer_capacity == 0 || memory->peer_capacity >= WG_NO_PEER || !is_power_of_two(memory->index_capacity) ||
        memory->index_capacity / 4 < memory->peer_capacity || memory->queue_capacity >= WG_NO_SLOT ||
        memory->node_capacity >= WG_NO_NODE) {
        return false;
    }
    memset(tunnel, 0, sizeof(*tunnel));
    tunnel->memory = *memory;
    tunnel->mtu = mtu;
    wg_index_clear(memory->indices, memory->index_capacity);
    wg_queue_init(tunnel);
    wg_event_init(tunnel);
    wg_allowedips_init(&tunnel->allowedips, memory->nodes, memory->node_capacity);
    return true;
}

void wg_tunnel_wipe(wg_tunnel_t *tunnel) {
    wg_tunnel_memory_t memory = tunnel->memory;
    wg_wipe(memory.peers, memory.peer_capacity * sizeof(*memory.peers));
    wg_wipe(memory.queue_packets, (size_t)memory.queue_capacity * memory.packet_size);
    wg_tunnel_init(tunnel, &memory, tunnel->mtu);
}

void wg_tunnel_count_drop(wg_tunnel_t *tunnel, wg_status_t status) {
    tunnel->drops[status]++;
}

static wg_status_t drop(wg_tunnel_t *tunnel, wg_status_t status) {
    wg_tunnel_count_drop(tunnel, status);
    return status;
}

// --- peers and their keypairs ---

uint16_t wg_tunnel_add_peer(wg_tunnel_t *tunnel) {
    for (uint16_t i = 0; i < tunnel->memory.peer_capacity; i++) {
        wg_peer_t *peer = &tunnel->memory.peers[i];
        if (!peer->in_use) {
            memset(peer, 0, sizeof(*peer));
            peer->in_use = true;
            for (uint8_t which = 0; which < WG_KEYPAIR_SLOTS; which++) {
                peer->slot[which] = which;
            }
            peer->watched = WG_EVENT_ALL;
            peer->event_next = WG_NO_PEER;
            return i;
        }
    }
    return WG_NO_PEER;
}

void wg_tunnel_remove_peer(wg_tunnel_t *tunnel, uint16_t peer) {
    wg_tunnel_clear_keypairs(tunnel, peer);
    wg_tunnel_release_index(tunnel, peer);
    wg_tunnel_drop_queue(tunnel, peer);
    wg_event_forget(tunnel, peer);
    wg_allowedips_remove_peer(&tunnel->allowedips, peer);
    wg_wipe(&tunnel->memory.peers[peer], sizeof(wg_peer_t));
}

static const wg_index_slot_t *find_index(const wg_tunnel_t *tunnel, uint32_t index) {
    return wg_index_find(tunnel->memory.indices, tunnel->memory.index_capacity, index);
}

uint16_t wg_tunnel_find_index(const wg_tunnel_t *tunnel, uint32_t index) {
    const wg_index_slot_t *slot = find_index(tunnel, index);
    return slot != NULL ? slot->peer : WG_NO_PEER;
}

wg_status_t wg_tunnel_reserve_index(wg_tunnel_t *tunnel, uint16_t peer, uint32_t index) {
    wg_peer_t *owner = &tunnel->memory.peers[peer];
    if (find_index(tunnel, index) != NULL) {
        return WG_ERR_INDEX;
    }
    wg_tunnel_release_index(tunnel, peer);
    wg_index_insert(tunnel->memory.indices, tunnel->memory.index_capacity, index, peer, WG_INDEX_HANDSHAKE);
    owner->handshake_index = index;
    owner->has_handshake = true;
    return WG_OK;
}

void wg_tunnel_release_index(wg_tunnel_t *tunnel, uint16_t peer) {
    wg_peer_t *owner = &tunnel->memory.peers[peer];
    if (owner->has_handshake) {
        wg_index_remove(tunnel->memory.indices, tunnel->memory.index_capacity, owner->handshake_index);
        owner->has_handshake = false;
    }
}

void wg_tunnel_set_question(wg_tunnel_t *tunnel, bool has_question, uint32_t index) {
    tunnel->has_question = has_question;
    tunnel->question_index = index;
}

bool wg_tunnel_expects(const wg_tunnel_t *tunnel, uint8_t kind, const uint8_t *message, size_t len) {
    if (len < WG_COOKIE_LEN || (kind != WG_MESSAGE_RESPONSE && kind != WG_MESSAGE_COOKIE)) {
        return true;
    }
    size_t receiver = kind == WG_MESSAGE_RESPONSE ? WG_RESPONSE_RECEIVER : WG_COOKIE_RECEIVER;
    uint32_t index = wg_load32_le(message + receiver);
    const wg_index_slot_t *slot = find_index(tunnel, index);
    if (slot == NULL) {
        return kind == WG_MESSAGE_RESPONSE && tunnel->has_question && index == tunnel->question_index;
    }
    return slot->keypair == WG_INDEX_HANDSHAKE ||
           (kind == WG_MESSAGE_COOKIE && slot->keypair == tunnel->memory.peers[slot->peer].slot[WG_KEYPAIR_NEXT]);
}

static void forget_keypair(wg_tunnel_t *tunnel, wg_peer_t *peer, unsigned which) {
    wg_keypair_t *keypair = wg_peer_keypair(peer, which);
    if (keypair->valid) {
        wg_index_remove(tunnel->memory.indices, tunnel->memory.index_capacity, keypair->local_index);
        wg_keypair_wipe(keypair);
    }
}

// Let the keypairs change names; none of them moves in memory, so the indices stay right.
static void rename_keypairs(wg_peer_t *peer, uint8_t current, uint8_t previous, uint8_t next) {
    peer->slot[WG_KEYPAIR_CURRENT] = current;
    peer->slot[WG_KEYPAIR_PREVIOUS] = previous;
    peer->slot[WG_KEYPAIR_NEXT] = next;
}

// Make room for the initiator's new keypair; it takes the place of current.
static void make_room_in_current(wg_tunnel_t *tunnel, wg_peer_t *peer) {
    uint8_t current = peer->slot[WG_KEYPAIR_CURRENT];
    uint8_t previous = peer->slot[WG_KEYPAIR_PREVIOUS];
    uint8_t next = peer->slot[WG_KEYPAIR_NEXT];
    forget_keypair(tunnel, peer, WG_KEYPAIR_PREVIOUS);
    if (wg_peer_keypair(peer, WG_KEYPAIR_NEXT)->valid) {
        // Both sides shook hands at once. The peer may already use next, its own handshake, so that one stays to be received with.
        forget_keypair(tunnel, peer, WG_KEYPAIR_CURRENT);
        rename_keypairs(peer, current, next, previous);
    } else {
        rename_keypairs(peer, previous, current, next);
    }
}

// Make room for the responder's new keypair; it takes the place of next.
static void make_room_in_next(wg_tunnel_t *tunnel, wg_peer_t *peer) {
    forget_keypair(tunnel, peer, WG_KEYPAIR_PREVIOUS);
    forget_keypair(tunnel, peer, WG_KEYPAIR_NEXT);
}

wg_status_t wg_tunnel_install(wg_tunnel_t *tunnel, uint16_t peer, const uint8_t send_key[32],
                              const uint8_t receive_key[32], bool is_initiator, uint32_t local_index,
                              uint32_t remote_index, uint64_t now_ms) {
    wg_peer_t *owner = &tunnel->memory.peers[peer];
    if (owner->has_handshake && owner->handshake_index == local_index) {
        wg_tunnel_release_index(tunnel, peer);
    }
    if (find_index(tunnel, local_index) != NULL) {
        return WG_ERR_INDEX;
    }
    unsigned which = WG_KEYPAIR_NEXT;
    if (is_initiator) {
        make_room_in_current(tunnel, owner);
        which = WG_KEYPAIR_CURRENT;
    } else {
        make_room_in_next(tunnel, owner);
    }
    wg_keypair_set(wg_peer_keypair(owner, which), send_key, receive_key, is_initiator, local_index, remote_index,
                   now_ms);
    wg_index_insert(tunnel->memory.indices, tunnel->memory.index_capacity, local_index, peer, owner->slot[which]);
    return WG_OK;
}

void wg_tunnel_clear_keypairs(wg_tunnel_t *tunnel, uint16_t peer) {
    for (unsigned which = 0; which < WG_KEYPAIR_SLOTS; which++) {
        forget_keypair(tunnel, &tunnel->memory.peers[peer], which);
    }
}

// --- out ---

wg_status_t wg_tunnel_route(wg_tunnel_t *tunnel, const uint8_t *inner, size_t len, uint16_t *peer) {
    wg_inner_t packet;
    if (!wg_inner_parse(&packet, inner, len)) {
        return drop(tunnel, WG_ERR_INNER);
    }
    uint16_t found = wg_allowedips_lookup(&tunnel->allowedips, packet.family, packet.destination);
    if (found == WG_NO_PEER) {
        return drop(tunnel, WG_ERR_ROUTE);
    }
    *peer = found;
    return WG_OK;
}

void wg_tunnel_note_sent(wg_tunnel_t *tunnel, uint16_t peer, size_t len, uint64_t now_ms) {
    wg_peer_t *to = &tunnel->memory.peers[peer];
    to->tx_bytes += len;
    to->sent_ms = now_ms;
    to->data_received_ms = 0;
}

static void note_data_sent(wg_tunnel_t *tunnel, uint16_t peer, uint64_t now_ms) {
    wg_peer_t *to = &tunnel->memory.peers[peer];
    if (to->data_sent_ms == 0) {
        to->data_sent_ms = now_ms;
        wg_event_raise(tunnel, peer, WG_EVENT_SENT);
    }
}

// As wg_tunnel_seal(), but counts no drop.
static wg_status_t seal(wg_tunnel_t *tunnel, uint16_t peer, uint8_t *out, size_t out_size, const uint8_t *inner,
                        size_t len, uint64_t now_ms, size_t *out_len) {
    wg_peer_t *to = &tunnel->memory.peers[peer];
    wg_keypair_t *keypair = wg_peer_keypair(to, WG_KEYPAIR_CURRENT);
    size_t padded_len = wg_transport_padded_len(len, tunnel->mtu);
    if (to->endpoint.family == 0) {
        return WG_ERR_NO_ENDPOINT;
    }
    if (out_size < WG_TRANSPORT_OVERHEAD || out_size - WG_TRANSPORT_OVERHEAD < padded_len) {
        return WG_ERR_SPACE;
    }
    wg_status_t status = wg_transport_seal(keypair, out, inner, len, padded_len, now_ms);
    if (status != WG_OK) {
        wg_event_raise(tunnel, peer, WG_EVENT_HANDSHAKE);
        return status;
    }
    *out_len = WG_TRANSPORT_OVERHEAD + padded_len;
    wg_tunnel_note_sent(tunnel, peer, *out_len, now_ms);
    if (len != 0) {
        note_data_sent(tunnel, peer, now_ms);
    }
    if (wg_keypair_wants_rekey(keypair, now_ms)) {
        wg_event_raise(tunnel, peer, WG_EVENT_REKEY);
    }
    return WG_OK;
}

wg_status_t wg_tunnel_seal(wg_tunnel_t *tunnel, uint16_t peer, uint8_t *out, size_t out_size, const uint8_t *inner,
                           size_t len, uint64_t now_ms, size_t *out_len) {
    wg_status_t status = seal(tunnel, peer, out, out_size, inner, len, now_ms, out_len);
    if (status == WG_ERR_NO_ENDPOINT || status == WG_ERR_SPACE) {
        wg_tunnel_count_drop(tunnel, status);
    }
    return status;
}

bool wg_tunnel_seal_queued(wg_tunnel_t *tunnel, uint16_t peer, uint8_t *out, size_t out_size, uint64_t now_ms,
                           size_t *out_len) {
    wg_peer_t *owner = &tunnel->memory.peers[peer];
    const wg_queue_slot_t *waiting = wg_queue_first(tunnel, owner);
    if (waiting == NULL || seal(tunnel, peer, out, out_size, waiting->packet, waiting->len, now_ms, out_len) != WG_OK) {
        return false;
    }
    wg_queue_drop_first(tunnel, owner);
    return true;
}

// --- in ---

void wg_tunnel_note_heard(wg_tunnel_t *tunnel, uint16_t peer, size_t len, uint64_t now_ms) {
    wg_peer_t *from = &tunnel->memory.peers[peer];
    from->rx_bytes += len;
    from->heard_ms = now_ms;
    from->data_sent_ms = 0;
}

static void note_data_received(wg_tunnel_t *tunnel, uint16_t peer, uint64_t now_ms) {
    wg_peer_t *from = &tunnel->memory.peers[peer];
    if (from->data_received_ms == 0) {
        from->data_received_ms = now_ms;
        wg_event_raise(tunnel, peer, WG_EVENT_RECEIVED);
    }
}

// The peer has used the responder's new keypair, so it has it: now we may send with it too (paper 5.4.5).
static void confirm_next(wg_tunnel_t *tunnel, uint16_t peer) {
    wg_peer_t *from = &tunnel->memory.peers[peer];
    forget_keypair(tunnel, from, WG_KEYPAIR_PREVIOUS);
    rename_keypairs(from, from->slot[WG_KEYPAIR_NEXT], from->slot[WG_KEYPAIR_CURRENT], from->slot[WG_KEYPAIR_PREVIOUS]);
    wg_event_raise(tunnel, peer, WG_EVENT_CONFIRMED);
}

static void move_endpoint(wg_tunnel_t *tunnel, uint16_t peer, const wg_endpoint_t *source) {
    wg_peer_t *from = &tunnel->memory.peers[peer];
    bool moved = !wg_endpoint_equal(&from->endpoint, source);
    from->endpoint = *source;
    if (moved) {
        wg_event_raise(tunnel, peer, WG_EVENT_ENDPOINT);
    }
}

// Look up the keypair of a transport message, open it, and take it into account: all that comes before its content.
static wg_status_t authenticate(wg_tunnel_t *tunnel, uint8_t *datagram, size_t len, uint64_t now_ms, uint16_t *peer,
                                size_t *padded_len) {
    if (len < WG_TRANSPORT_OVERHEAD) {
        return WG_ERR_SHORT;
    }
    if (wg_load32_le(datagram) != WG_MESSAGE_TRANSPORT) {
        return WG_ERR_TYPE;
    }
    const wg_index_slot_t *slot = find_index(tunnel, wg_load32_le(datagram + WG_TRANSPORT_RECEIVER));
    if (slot == NULL || slot->keypair == WG_INDEX_HANDSHAKE) {
        return WG_ERR_INDEX;
    }
    uint8_t used = slot->keypair;
    *peer = slot->peer;
    wg_peer_t *from = &tunnel->memory.peers[*peer];
    wg_status_t status = wg_transport_open(&from->keypairs[used], datagram, len, now_ms, padded_len);
    if (status != WG_OK) {
        return status;
    }
    if (used == from->slot[WG_KEYPAIR_NEXT]) {
        confirm_next(tunnel, *peer);
    }
    wg_tunnel_note_heard(tunnel, *peer, len, now_ms);
    if (wg_keypair_ends_soon(wg_peer_keypair(from, WG_KEYPAIR_CURRENT), now_ms)) {
        wg_event_raise(tunnel, *peer, WG_EVENT_REKEY);
    }
    return WG_OK;
}

// Find the inner packet, and see that this peer may send from its source.
static wg_status_t check_inner(const wg_tunnel_t *tunnel, uint16_t peer, const uint8_t *inner, size_t padded_len,
                               size_t *len) {
    wg_inner_t packet;
    if (!wg_inner_parse(&packet, inner, padded_len)) {
        return WG_ERR_INNER;
    }
    if (wg_allowedips_lookup(&tunnel->allowedips, packet.family, packet.source) != peer) {
        return WG_ERR_SOURCE;
    }
    *len = packet.len;
    return WG_OK;
}

wg_status_t wg_tunnel_open(wg_tunnel_t *tunnel, uint8_t *datagram, size_t len, const wg_endpoint_t *source,
                           uint64_t now_ms, wg_opened_t *opened) {
    uint16_t peer;
    size_t padded_len;
    wg_status_t status = authenticate(tunnel, datagram, len, now_ms, &peer, &padded_len);
    if (status != WG_OK) {
        return drop(tunnel, status);
    }
    size_t inner_len = 0;
    uint8_t *inner = datagram + WG_TRANSPORT_PAYLOAD;
    if (padded_len != 0) {
        note_data_received(tunnel, peer, now_ms);
        status = check_inner(tunnel, peer, inner, padded_len, &inner_len);
        if (status != WG_OK) {
            return drop(tunnel, status);
        }
    }
    move_endpoint(tunnel, peer, source);
    *opened = (wg_opened_t){.peer = peer, .inner = inner, .len = inner_len};
    return WG_OK;
}
