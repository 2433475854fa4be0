#include "wg_ring.h"

#include <string.h>

void wg_ring_init(wg_ring_t *ring, wg_ring_slot_t *slots, uint16_t capacity) {
    *ring = (wg_ring_t){.slots = slots, .capacity = capacity};
}

// The slot n places after the oldest; n: at most the capacity.
static wg_ring_slot_t *slot_after(const wg_ring_t *ring, unsigned n) {
    unsigned at = ring->first + n;
    return &ring->slots[at < ring->capacity ? at : at - ring->capacity];
}

bool wg_ring_push(wg_ring_t *ring, const uint8_t *message, size_t len, const wg_endpoint_t *source) {
    if (ring->count == ring->capacity || len > WG_INITIATION_LEN) {
        return false;
    }
    wg_ring_slot_t *slot = slot_after(ring, ring->count);
    slot->source = *source;
    slot->len = (uint16_t)len;
    memcpy(slot->message, message, len);
    ring->count++;
    return true;
}

const wg_ring_slot_t *wg_ring_pop(wg_ring_t *ring) {
    if (ring->count == 0) {
        return NULL;
    }
    const wg_ring_slot_t *slot = slot_after(ring, 0);
    ring->first = (uint16_t)(ring->first + 1 < ring->capacity ? ring->first + 1 : 0);
    ring->count--;
    return slot;
}

bool wg_ring_is_loaded(const wg_ring_t *ring) {
    return ring->count > ring->capacity / 8;
}

const wg_endpoint_t *wg_ring_last_source(const wg_ring_t *ring) {
    return &slot_after(ring, ring->capacity - 1U)->source;
}
