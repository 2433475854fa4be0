// Which client has which address on the LAN, learnt from what clients send and from the leases that they are given. Of a
// bounded size: who is silent goes first when there is no room, then who has no lease. A client's address cannot be taken from
// it while it speaks.
#ifndef LWPATH_NEIGHBOURS_H
#define LWPATH_NEIGHBOURS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define LWPATH_NEIGHBOURS 64
// A machine can have several addresses, but not so many that there is no room for other machines.
#define LWPATH_ADDRESSES_PER_MAC 8
// How long a client must have been silent before another may have its address, or its place.
#define LWPATH_NEIGHBOUR_SILENCE_MS 60000
#define LWPATH_LEASE_SILENCE_MS 600000 // the same with a lease

typedef struct {
    uint32_t address; // 0: free
    uint8_t mac[6];
    bool leased;
    uint64_t heard_ms;
} lwpath_neighbour_t;

typedef struct {
    lwpath_neighbour_t entries[LWPATH_NEIGHBOURS]; // in no order; see place_of()
} lwpath_neighbours_t;

typedef enum { LWPATH_NEIGHBOUR_OK, LWPATH_NEIGHBOUR_IMPOSTOR, LWPATH_NEIGHBOUR_NO_ROOM } lwpath_neighbour_status_t;

// A frame with this source came. Not OK: the table is as it was.
lwpath_neighbour_status_t lwpath_neighbours_hear(lwpath_neighbours_t *table, uint32_t address, const uint8_t mac[6],
                                                 uint64_t now_ms);
// A client was given this address: it has it from now on, whoever had it before. One with as many as it may have loses another.
void lwpath_neighbours_lease(lwpath_neighbours_t *table, uint32_t address, const uint8_t mac[6], uint64_t now_ms);
// NULL: nobody is known to have the address.
const lwpath_neighbour_t *lwpath_neighbours_find(const lwpath_neighbours_t *table, uint32_t address);
// Forget all that are not in either network.
void lwpath_neighbours_keep(lwpath_neighbours_t *table, uint32_t network, uint32_t mask, uint32_t other_network,
                            uint32_t other_mask);

#endif
