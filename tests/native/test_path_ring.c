// with: posix
#include "check.h"
#include "path_ring.h"

TEST(messages_come_out_in_order_with_their_sources) {
    static path_ring_t ring;
    uint8_t message[WG_INITIATION_LEN] = {1};
    wg_endpoint_t source = {.family = 4};
    for (unsigned i = 0; i < 3 * PATH_RING_SLOTS; i++) {
        for (unsigned n = 0; n < 2; n++) {
            message[4] = (uint8_t)(2 * i + n);
            source.port = (uint16_t)(2 * i + n);
            CHECK(path_ring_push(&ring, message, 92 + n, &source));
        }
        for (unsigned n = 0; n < 2; n++) {
            const path_ring_slot_t *slot = path_ring_pop(&ring);
            CHECK(slot != NULL);
            CHECK_EQ(slot->message[4], (uint8_t)(2 * i + n));
            CHECK_EQ(slot->source.port, (uint16_t)(2 * i + n));
            CHECK_EQ(slot->len, 92 + n);
        }
    }
    CHECK(path_ring_pop(&ring) == NULL);
}

TEST(a_full_ring_takes_nothing_and_keeps_what_it_has) {
    static path_ring_t ring;
    uint8_t message[WG_INITIATION_LEN] = {1};
    wg_endpoint_t source = {.family = 4};
    for (unsigned i = 0; i < PATH_RING_SLOTS; i++) {
        message[4] = (uint8_t)i;
        CHECK(path_ring_push(&ring, message, sizeof(message), &source));
    }
    CHECK(!path_ring_push(&ring, message, sizeof(message), &source));
    CHECK_EQ(path_ring_pop(&ring)->message[4], 0);
    CHECK(path_ring_push(&ring, message, sizeof(message), &source));
}

TEST(a_message_longer_than_an_initiation_is_refused) {
    static path_ring_t ring;
    uint8_t message[WG_INITIATION_LEN + 1] = {1};
    wg_endpoint_t source = {.family = 4};
    CHECK(!path_ring_push(&ring, message, sizeof(message), &source));
    CHECK_EQ(ring.count, 0);
}
