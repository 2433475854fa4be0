#include "lwpath_neighbours.h"

#include <string.h>

#include "lwpath_frame.h"

// Where the search for an address begins; nearly always it also ends there.
static unsigned place_of(uint32_t address) {
    const uint8_t *bytes = (const uint8_t *)&address;
    return bytes[3] % LWPATH_NEIGHBOURS;
}

static lwpath_neighbour_t *find(const lwpath_neighbours_t *table, uint32_t address) {
    unsigned begin = place_of(address);
    for (unsigned i = 0; i < LWPATH_NEIGHBOURS; i++) {
        const lwpath_neighbour_t *entry = &table->entries[(begin + i) % LWPATH_NEIGHBOURS];
        if (entry->address == address) {
            return (lwpath_neighbour_t *)entry;
        }
    }
    return NULL;
}

// Which entries to give up first.
enum { FREE, SILENT, HEARD, LEASED };

static unsigned worth(const lwpath_neighbour_t *entry, uint64_t now_ms) {
    if (entry->address == 0) {
        return FREE;
    }
    if (now_ms - entry->heard_ms > (entry->leased ? LWPATH_LEASE_SILENCE_MS : LWPATH_NEIGHBOUR_SILENCE_MS)) {
        return SILENT;
    }
    return entry->leased ? LEASED : HEARD;
}

// The entry that another address may best have; of those that are worth the same the one that has been silent longest.
static lwpath_neighbour_t *least_of(const lwpath_neighbours_t *table, uint32_t address, uint64_t now_ms) {
    unsigned begin = place_of(address), least_worth = LEASED + 1;
    const lwpath_neighbour_t *least = NULL;
    for (unsigned i = 0; i < LWPATH_NEIGHBOURS && least_worth != FREE; i++) {
        const lwpath_neighbour_t *entry = &table->entries[(begin + i) % LWPATH_NEIGHBOURS];
        unsigned its_worth = worth(entry, now_ms);
        if (its_worth < least_worth || (its_worth == least_worth && entry->heard_ms < least->heard_ms)) {
            least = entry;
            least_worth = its_worth;
        }
    }
    return (lwpath_neighbour_t *)least;
}

// The address that a machine was heard with before all its others, when it has as many as it may have; NULL: it may have more.
static lwpath_neighbour_t *spare_of(const lwpath_neighbours_t *table, const uint8_t mac[6], uint64_t now_ms) {
    const lwpath_neighbour_t *oldest = NULL;
    unsigned count = 0;
    for (unsigned i = 0; i < LWPATH_NEIGHBOURS; i++) {
        const lwpath_neighbour_t *entry = &table->entries[i];
        if (worth(entry, now_ms) > SILENT && lwpath_same_mac(entry->mac, mac)) {
            count++;
            oldest = oldest == NULL || entry->heard_ms < oldest->heard_ms ? entry : oldest;
        }
    }
    return count >= LWPATH_ADDRESSES_PER_MAC ? (lwpath_neighbour_t *)oldest : NULL;
}

static void store(lwpath_neighbour_t *entry, uint32_t address, const uint8_t mac[6], bool leased, uint64_t now_ms) {
    entry->address = address;
    memcpy(entry->mac, mac, 6);
    entry->leased = leased;
    entry->heard_ms = now_ms;
}

lwpath_neighbour_status_t lwpath_neighbours_hear(lwpath_neighbours_t *table, uint32_t address, const uint8_t mac[6],
                                                 uint64_t now_ms) {
    lwpath_neighbour_t *entry = find(table, address);
    if (entry != NULL && lwpath_same_mac(entry->mac, mac)) {
        entry->heard_ms = now_ms;
        return LWPATH_NEIGHBOUR_OK;
    }
    if (entry != NULL && worth(entry, now_ms) > SILENT) {
        return LWPATH_NEIGHBOUR_IMPOSTOR;
    }
    if (entry == NULL) {
        entry = least_of(table, address, now_ms);
        if (worth(entry, now_ms) > SILENT || spare_of(table, mac, now_ms) != NULL) {
            return LWPATH_NEIGHBOUR_NO_ROOM;
        }
    }
    store(entry, address, mac, false, now_ms);
    return LWPATH_NEIGHBOUR_OK;
}

void lwpath_neighbours_lease(lwpath_neighbours_t *table, uint32_t address, const uint8_t mac[6], uint64_t now_ms) {
    lwpath_neighbour_t *entry = find(table, address);
    if (entry == NULL) {
        entry = spare_of(table, mac, now_ms);
    }
    store(entry != NULL ? entry : least_of(table, address, now_ms), address, mac, true, now_ms);
}

const lwpath_neighbour_t *lwpath_neighbours_find(const lwpath_neighbours_t *table, uint32_t address) {
    return address != 0 ? find(table, address) : NULL;
}

void lwpath_neighbours_keep(lwpath_neighbours_t *table, uint32_t network, uint32_t mask, uint32_t other_network,
                            uint32_t other_mask) {
    for (size_t i = 0; i < sizeof table->entries / sizeof table->entries[0]; i++) {
        uint32_t address = table->entries[i].address;
        if (!lwpath_is_in(address, network, mask) && !lwpath_is_in(address, other_network, other_mask)) {
            table->entries[i] = (lwpath_neighbour_t){0};
        }
    }
}
