#include "path_ring.h"

#include <string.h>

bool path_ring_push(path_ring_t *ring, const uint8_t *message, size_t len, const wg_endpoint_t *source) {
    if (ring->count == PATH_RING_SLOTS || len > WG_INITIATION_LEN) {
        return false;
    }
    path_ring_slot_t *slot = &ring->slots[(ring->first + ring->count) % PATH_RING_SLOTS];
    slot->source = *source;
    slot->len = (uint16_t)len;
    memcpy(slot->message, message, len);
    ring->count++;
    return true;
}

const wg_endpoint_t *path_ring_last_source(const path_ring_t *ring) {
    return &ring->slots[(ring->first + PATH_RING_SLOTS - 1) % PATH_RING_SLOTS].source;
}

const path_ring_slot_t *path_ring_pop(path_ring_t *ring) {
    if (ring->count == 0) {
        return NULL;
    }
    const path_ring_slot_t *slot = &ring->slots[ring->first];
    ring->first = (ring->first + 1) % PATH_RING_SLOTS;
    ring->count--;
    return slot;
}
