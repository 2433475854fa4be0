#include "check.h"
#include "wg_ring.h"

enum { SLOTS = 24 };

static wg_ring_slot_t slots[SLOTS];

TEST(messages_come_out_in_order_with_their_sources) {
    wg_ring_t ring;
    wg_ring_init(&ring, slots, SLOTS);
    uint8_t message[WG_INITIATION_LEN] = {1};
    wg_endpoint_t source = {.family = 4};
    for (unsigned i = 0; i < 3 * SLOTS; i++) {
        for (unsigned n = 0; n < 2; n++) {
            message[4] = (uint8_t)(2 * i + n);
            source.port = (uint16_t)(2 * i + n);
            CHECK(wg_ring_push(&ring, message, 92 + n, &source));
        }
        for (unsigned n = 0; n < 2; n++) {
            const wg_ring_slot_t *slot = wg_ring_pop(&ring);
            CHECK(slot != NULL);
            CHECK_EQ(slot->message[4], (uint8_t)(2 * i + n));
            CHECK_EQ(slot->source.port, (uint16_t)(2 * i + n));
            CHECK_EQ(slot->len, 92 + n);
        }
    }
    CHECK(wg_ring_pop(&ring) == NULL);
}

TEST(a_full_ring_takes_nothing_and_keeps_what_it_has) {
    wg_ring_t ring;
    wg_ring_init(&ring, slots, SLOTS);
    uint8_t message[WG_INITIATION_LEN] = {1};
    wg_endpoint_t source = {.family = 4};
    for (unsigned i = 0; i < SLOTS; i++) {
        message[4] = (uint8_t)i;
        CHECK(wg_ring_push(&ring, message, sizeof(message), &source));
    }
    CHECK(!wg_ring_push(&ring, message, sizeof(message), &source));
    CHECK_EQ(wg_ring_pop(&ring)->message[4], 0);
    CHECK(wg_ring_push(&ring, message, sizeof(message), &source));
}

TEST(a_message_longer_than_an_initiation_is_refused) {
    wg_ring_t ring;
    wg_ring_init(&ring, slots, SLOTS);
    uint8_t message[WG_INITIATION_LEN + 1] = {1};
    wg_endpoint_t source = {.family = 4};
    CHECK(!wg_ring_push(&ring, message, sizeof(message), &source));
    CHECK_EQ(ring.count, 0);
}

TEST(more_than_an_eighth_waiting_means_load) {
    wg_ring_t ring;
    wg_ring_init(&ring, slots, SLOTS);
    uint8_t message[WG_INITIATION_LEN] = {1};
    wg_endpoint_t source = {.family = 4};
    for (unsigned i = 0; i < SLOTS / 8; i++) {
        CHECK(wg_ring_push(&ring, message, sizeof(message), &source));
        CHECK(!wg_ring_is_loaded(&ring));
    }
    CHECK(wg_ring_push(&ring, message, sizeof(message), &source));
    CHECK(wg_ring_is_loaded(&ring));
}
