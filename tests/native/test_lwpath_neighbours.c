// with: lwip
// The table of clients, against crowds and cheats.
#include "lwpath_frame.h"
#include "lwpath_street.h"

static lwpath_neighbours_t table;

static uint32_t address(uint8_t last) {
    const uint8_t bytes[4] = {10, 7, 7, last};
    return lwpath_address(bytes);
}

static lwpath_neighbour_status_t hear(uint8_t last, const uint8_t *mac, uint64_t now_ms) {
    return lwpath_neighbours_hear(&table, address(last), mac, now_ms);
}

static bool is_known(uint8_t last) {
    return lwpath_neighbours_find(&table, address(last)) != NULL;
}

static bool has(uint8_t last, const uint8_t *mac) {
    return is_known(last) && lwpath_same_mac(lwpath_neighbours_find(&table, address(last))->mac, mac);
}

TEST(sixty_four_clients_in_a_row_are_all_remembered) {
    for (uint8_t i = 1; i <= 64; i++) {
        const uint8_t mac[6] = {2, 0, 0, 0, 0, i};
        CHECK_EQ(hear(i, mac, 1), LWPATH_NEIGHBOUR_OK);
    }
    for (uint8_t i = 1; i <= 64; i++) {
        const uint8_t mac[6] = {2, 0, 0, 0, 0, i};
        CHECK(has(i, mac));
    }
    CHECK_EQ(hear(65, client_mac, 1), LWPATH_NEIGHBOUR_NO_ROOM);
    CHECK(!is_known(65));
}

TEST(leases_are_all_remembered_whatever_their_addresses) {
    table = (lwpath_neighbours_t){0};
    for (uint8_t i = 0; i < 15; i++) {
        const uint8_t mac[6] = {2, 0, 0, 0, 0, i};
        lwpath_neighbours_lease(&table, address((uint8_t)(5 + 16 * i)), mac, 1);
    }
    for (uint8_t i = 0; i < 15; i++) {
        const uint8_t mac[6] = {2, 0, 0, 0, 0, i};
        CHECK(has((uint8_t)(5 + 16 * i), mac));
        CHECK_EQ(hear((uint8_t)(5 + 16 * i), mac, 2), LWPATH_NEIGHBOUR_OK);
    }
}

TEST(the_longest_silent_makes_room_when_it_was_silent_for_long) {
    table = (lwpath_neighbours_t){0};
    for (uint8_t i = 1; i <= LWPATH_NEIGHBOURS; i++) {
        const uint8_t mac[6] = {2, 0, 0, 0, 0, i};
        CHECK_EQ(hear(i, mac, 100u + i), LWPATH_NEIGHBOUR_OK);
    }
    const uint8_t first[6] = {2, 0, 0, 0, 0, 1};
    CHECK_EQ(hear(1, first, 200), LWPATH_NEIGHBOUR_OK);
    CHECK_EQ(hear(129, other_mac, 102 + LWPATH_NEIGHBOUR_SILENCE_MS), LWPATH_NEIGHBOUR_NO_ROOM);
    CHECK_EQ(hear(129, other_mac, 103 + LWPATH_NEIGHBOUR_SILENCE_MS), LWPATH_NEIGHBOUR_OK);
    CHECK(!is_known(2));
    CHECK(is_known(1) && is_known(3) && is_known(64) && is_known(129));
}

TEST(a_lease_of_somebody_who_has_gone_makes_room_before_a_client_that_speaks) {
    const uint64_t late_ms = LWPATH_LEASE_SILENCE_MS + 1000;
    table = (lwpath_neighbours_t){0};
    for (uint8_t i = 1; i < LWPATH_NEIGHBOURS; i++) {
        const uint8_t mac[6] = {2, 0, 0, 0, 0, i};
        lwpath_neighbours_lease(&table, address(i), mac, 1);
    }
    CHECK_EQ(hear(100, other_mac, late_ms), LWPATH_NEIGHBOUR_OK);
    lwpath_neighbours_lease(&table, address(101), client_mac, late_ms);
    CHECK(has(100, other_mac) && has(101, client_mac));
}

TEST(a_machine_with_many_addresses_leaves_room_for_others) {
    table = (lwpath_neighbours_t){0};
    for (unsigned i = 2; i < 255; i++) {
        (void)hear((uint8_t)i, other_mac, i);
    }
    CHECK(has(2, other_mac));
    for (uint8_t i = 100; i < 100 + LWPATH_NEIGHBOURS - LWPATH_ADDRESSES_PER_MAC; i++) {
        const uint8_t mac[6] = {2, 0, 0, 0, 0, i};
        CHECK_EQ(hear(i, mac, 300), LWPATH_NEIGHBOUR_OK);
    }
}

TEST(a_crowd_of_invented_addresses_neither_moves_nor_bars_a_lease) {
    table = (lwpath_neighbours_t){0};
    lwpath_neighbours_lease(&table, address(20), client_mac, 1);
    for (unsigned i = 2; i < 255; i++) {
        const uint8_t mac[6] = {2, 0, 0, 0, 1, (uint8_t)i};
        (void)hear((uint8_t)i, mac, 100000 + i);
    }
    CHECK(has(20, client_mac));
    lwpath_neighbours_lease(&table, address(36), client_mac, 150000);
    lwpath_neighbours_lease(&table, address(244), client_mac, 150000);
    CHECK(has(36, client_mac));
    CHECK(has(244, client_mac));
    CHECK(has(20, client_mac));
    CHECK_EQ(hear(36, other_mac, 150000 + LWPATH_NEIGHBOUR_SILENCE_MS + 1), LWPATH_NEIGHBOUR_IMPOSTOR);
    CHECK_EQ(hear(36, other_mac, 150000 + LWPATH_LEASE_SILENCE_MS + 1), LWPATH_NEIGHBOUR_OK);
}

TEST(a_machine_that_gets_lease_after_lease_takes_nobodys_place) {
    table = (lwpath_neighbours_t){0};
    lwpath_neighbours_lease(&table, address(250), client_mac, 1);
    for (uint8_t i = 1; i <= 2 * LWPATH_NEIGHBOURS; i++) {
        lwpath_neighbours_lease(&table, address(i), other_mac, 1u + i);
        CHECK(has(i, other_mac));
    }
    CHECK(has(250, client_mac));
    CHECK_EQ(hear(200, router_mac, 300), LWPATH_NEIGHBOUR_OK);
}

TEST(a_lease_moves_an_address_at_once_and_there_is_never_a_second_entry) {
    table = (lwpath_neighbours_t){0};
    CHECK_EQ(hear(20, other_mac, 1), LWPATH_NEIGHBOUR_OK);
    lwpath_neighbours_lease(&table, address(20), client_mac, 2);
    CHECK_EQ(hear(20, client_mac, 3), LWPATH_NEIGHBOUR_OK);
    CHECK_EQ(hear(20, other_mac, 3), LWPATH_NEIGHBOUR_IMPOSTOR);
    unsigned entries = 0;
    for (size_t i = 0; i < sizeof table.entries / sizeof table.entries[0]; i++) {
        entries += table.entries[i].address == address(20);
    }
    CHECK_EQ(entries, 1);
}

TEST(nobody_has_the_address_zero) {
    table = (lwpath_neighbours_t){0};
    CHECK(lwpath_neighbours_find(&table, 0) == NULL);
}
