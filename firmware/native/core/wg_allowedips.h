// Cryptokey routing: which peer may send from, and gets packets for, an inner address (paper 2). Longest prefix first.
#ifndef WG_ALLOWEDIPS_H
#define WG_ALLOWEDIPS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "wg_status.h"

#define WG_NO_PEER 0xffff
#define WG_NO_NODE 0xffffffff

// A node of the compressed binary trie. A table of n prefixes needs at most 2 n nodes.
typedef struct {
    uint8_t address[16]; // IPv4 in the first four bytes
    uint32_t child[2];   // child[0] also links the free nodes
    uint16_t peer;       // WG_NO_PEER: only a branch
    uint8_t prefix_len;
    uint8_t family; // 0: free
} wg_allowedips_node_t;

typedef struct {
    wg_allowedips_node_t *nodes;
    uint32_t capacity;
    uint32_t used;
    uint32_t free;
    uint32_t root4;
    uint32_t root6;
} wg_allowedips_t;

void wg_allowedips_init(wg_allowedips_t *table, wg_allowedips_node_t *nodes, uint32_t capacity);

// family: 4 or 6, prefix_len: at most 32 or 128; the caller has checked both. Bits past prefix_len are ignored. A prefix that is there
// already moves to this peer. WG_ERR_SPACE: table full and unchanged.
wg_status_t wg_allowedips_insert(wg_allowedips_t *table, unsigned family, const uint8_t *address, unsigned prefix_len,
                                 uint16_t peer);
// Remove one prefix if this peer has it; false if not.
bool wg_allowedips_remove(wg_allowedips_t *table, unsigned family, const uint8_t *address, unsigned prefix_len,
                          uint16_t peer);
void wg_allowedips_remove_peer(wg_allowedips_t *table, uint16_t peer);

// The peer of the longest prefix that holds this address, or WG_NO_PEER.
uint16_t wg_allowedips_lookup(const wg_allowedips_t *table, unsigned family, const uint8_t *address);

// One prefix of a peer at a time, for listing: start with *cursor = 0; false at the end.
bool wg_allowedips_next(const wg_allowedips_t *table, uint16_t peer, uint32_t *cursor, unsigned *family,
                        uint8_t address[16], unsigned *prefix_len);

#endif
