// The table from receiver indices to keypairs and outstanding handshakes: open addressing, with no marks left behind by removals, so that a lookup costs
// the same after a year as on the first day.
#ifndef WG_INDEX_H
#define WG_INDEX_H

#include <stdint.h>

#define WG_INDEX_HANDSHAKE 0xff // no keypair yet: the index of a handshake that we began

typedef struct {
    uint32_t index;
    uint16_t peer;   // WG_NO_PEER: free
    uint8_t keypair; // which of the peer's keypairs[], or WG_INDEX_HANDSHAKE
} wg_index_slot_t;

// capacity: a power of two, and always more than the indices in the table.
void wg_index_clear(wg_index_slot_t *slots, uint32_t capacity);
// NULL: not in the table.
const wg_index_slot_t *wg_index_find(const wg_index_slot_t *slots, uint32_t capacity, uint32_t index);
// The index must not be in the table.
void wg_index_insert(wg_index_slot_t *slots, uint32_t capacity, uint32_t index, uint16_t peer, uint8_t keypair);
void wg_index_remove(wg_index_slot_t *slots, uint32_t capacity, uint32_t index);

#endif
