#include "lwpath_neighbours.h"

#include <string.h>

#include "lwpath_frame.h"

static lwpath_neighbour_t *set_of(const lwpath_neighbours_t *table, uint32_t address) {
    const uint8_t *bytes = (const uint8_t *)&address;
    return (lwpath_neighbour_t *)&table->entries[(bytes[3] % LWPATH_NEIGHBOUR_SETS) * LWPATH_NEIGHBOUR_WAYS];
}

static lwpath_neighbour_t *find(const lwpath_neighbours_t *table, uint32_t address) {
    lwpath_neighbour_t *set = set_of(table, address);
    for (unsigned i = 0; i < LWPATH_NEIGHBOUR_WAYS; i++) {
        if (set[i].address == address) {
            return &set[i];
        }
    }
    return NULL;
}

static bool is_silent(const lwpath_neighbour_t *entry, uint64_t now_ms) {
    return now_ms - entry->heard_ms > (entry->leased ? LWPATH_LEASE_SILENCE_MS : LWPATH_NEIGHBOUR_SILENCE_MS);
}

// Whether a is the better one to give up.
static bool is_worth_less(const lwpath_neighbour_t *a, const lwpath_neighbour_t *b) {
    if (a->address == 0 || b->address == 0) {
        return b->address != 0;
    }
    return a->leased != b->leased ? b->leased : a->heard_ms < b->heard_ms;
}

static lwpath_neighbour_t *least_of(const lwpath_neighbours_t *table, uint32_t address) {
    lwpath_neighbour_t *set = set_of(table, address), *least = &set[0];
    for (unsigned i = 1; i < LWPATH_NEIGHBOUR_WAYS; i++) {
        if (is_worth_less(&set[i], least)) {
            least = &set[i];
        }
    }
    return least;
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
    if (entry != NULL && !is_silent(entry, now_ms)) {
        return LWPATH_NEIGHBOUR_IMPOSTOR;
    }
    if (entry == NULL) {
        entry = least_of(table, address);
        if (entry->address != 0 && !is_silent(entry, now_ms)) {
            return LWPATH_NEIGHBOUR_NO_ROOM;
        }
    }
    store(entry, address, mac, false, now_ms);
    return LWPATH_NEIGHBOUR_OK;
}

void lwpath_neighbours_lease(lwpath_neighbours_t *table, uint32_t address, const uint8_t mac[6], uint64_t now_ms) {
    lwpath_neighbour_t *entry = find(table, address);
    store(entry != NULL ? entry : least_of(table, address), address, mac, true, now_ms);
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
