#include "wg_index.h"

#include <stddef.h>

#include "wg_allowedips.h"

// Indices are random numbers that we drew, so their low bits spread well enough.
static uint32_t home_of(uint32_t index, uint32_t capacity) {
    return index & (capacity - 1);
}

// Where this index is, or the free slot where it would be.
static uint32_t position_of(const wg_index_slot_t *slots, uint32_t capacity, uint32_t index) {
    uint32_t position = home_of(index, capacity);
    while (slots[position].peer != WG_NO_PEER && slots[position].index != index) {
        position = (position + 1) & (capacity - 1);
    }
    return position;
}

void wg_index_clear(wg_index_slot_t *slots, uint32_t capacity) {
    for (uint32_t i = 0; i < capacity; i++) {
        slots[i] = (wg_index_slot_t){.index = 0, .peer = WG_NO_PEER, .keypair = 0};
    }
}

const wg_index_slot_t *wg_index_find(const wg_index_slot_t *slots, uint32_t capacity, uint32_t index) {
    const wg_index_slot_t *slot = &slots[position_of(slots, capacity, index)];
    return slot->peer != WG_NO_PEER ? slot : NULL;
}

void wg_index_insert(wg_index_slot_t *slots, uint32_t capacity, uint32_t index, uint16_t peer, uint8_t keypair) {
    slots[position_of(slots, capacity, index)] = (wg_index_slot_t){.index = index, .peer = peer, .keypair = keypair};
}

void wg_index_remove(wg_index_slot_t *slots, uint32_t capacity, uint32_t index) {
    uint32_t mask = capacity - 1;
    uint32_t hole = position_of(slots, capacity, index);
    if (slots[hole].peer == WG_NO_PEER) {
        return;
    }
    // Close the hole: what follows moves back unless that would put it before its home.
    for (uint32_t next = (hole + 1) & mask; slots[next].peer != WG_NO_PEER; next = (next + 1) & mask) {
        uint32_t from_home = (next - home_of(slots[next].index, capacity)) & mask;
        if (from_home >= ((next - hole) & mask)) {
            slots[hole] = slots[next];
            hole = next;
        }
    }
    slots[hole].peer = WG_NO_PEER;
}
