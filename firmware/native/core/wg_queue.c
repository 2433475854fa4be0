#include "wg_queue.h"

#include <string.h>

void wg_queue_init(wg_tunnel_t *tunnel) {
    const wg_tunnel_memory_t *memory = &tunnel->memory;
    tunnel->queue_free = WG_NO_SLOT;
    for (uint16_t i = memory->queue_capacity; i-- > 0;) {
        memory->queue[i] = (wg_queue_slot_t){
            .next = tunnel->queue_free, .len = 0, .packet = memory->queue_packets + (size_t)i * memory->packet_size};
        tunnel->queue_free = i;
    }
}

const wg_queue_slot_t *wg_queue_first(const wg_tunnel_t *tunnel, const wg_peer_t *peer) {
    return peer->queue_len != 0 ? &tunnel->memory.queue[peer->queue_head] : NULL;
}

void wg_queue_drop_first(wg_tunnel_t *tunnel, wg_peer_t *peer) {
    uint16_t slot = peer->queue_head;
    peer->queue_head = tunnel->memory.queue[slot].next;
    peer->queue_len--;
    tunnel->memory.queue[slot].next = tunnel->queue_free;
    tunnel->queue_free = slot;
}

wg_status_t wg_tunnel_queue(wg_tunnel_t *tunnel, uint16_t peer, const uint8_t *inner, size_t len) {
    wg_peer_t *owner = &tunnel->memory.peers[peer];
    if (len > tunnel->memory.packet_size) {
        wg_tunnel_count_drop(tunnel, WG_ERR_SPACE);
        return WG_ERR_SPACE;
    }
    if (owner->queue_len == WG_QUEUE_PER_PEER || tunnel->queue_free == WG_NO_SLOT) {
        // Newer packets are worth more: their senders still wait. Other peers' packets are not ours to drop.
        wg_tunnel_count_drop(tunnel, WG_ERR_SPACE);
        if (owner->queue_len == 0) {
            return WG_ERR_SPACE;
        }
        wg_queue_drop_first(tunnel, owner);
    }
    uint16_t slot = tunnel->queue_free;
    wg_queue_slot_t *taken = &tunnel->memory.queue[slot];
    tunnel->queue_free = taken->next;
    memcpy(taken->packet, inner, len);
    taken->len = (uint16_t)len;
    taken->next = WG_NO_SLOT;
    if (owner->queue_len == 0) {
        owner->queue_head = slot;
    } else {
        tunnel->memory.queue[owner->queue_tail].next = slot;
    }
    owner->queue_tail = slot;
    owner->queue_len++;
    return WG_OK;
}

void wg_tunnel_drop_queue(wg_tunnel_t *tunnel, uint16_t peer) {
    wg_peer_t *owner = &tunnel->memory.peers[peer];
    while (owner->queue_len != 0) {
        wg_queue_drop_first(tunnel, owner);
    }
}
