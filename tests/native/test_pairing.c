#include "vectors.h"
#include "wg_pairing.h"
#include "wg_wipe.h"

// Both ends of the published pairing.
typedef struct {
    wg_pairing_t initiator;
    wg_pairing_t responder;
    uint8_t initiator_public[32];
    uint8_t responder_public[32];
    uint8_t transcript[32];
    vectors_t vectors;
} pair_t;

static void begin(pair_t *pair) {
    uint8_t key[32];
    pair->vectors = vectors_open("pairing/box_pair_1.json", "room");
    CHECK(vectors_next(&pair->vectors));
    vectors_bytes(&pair->vectors, "ephemeral_i", key, sizeof(key));
    wg_pairing_init(&pair->initiator, key);
    vectors_bytes(&pair->vectors, "ephemeral_r", key, sizeof(key));
    wg_pairing_init(&pair->responder, key);
    vectors_bytes(&pair->vectors, "transcript", pair->transcript, sizeof(pair->transcript));
    wg_pairing_public(&pair->initiator, pair->initiator_public);
    wg_pairing_public(&pair->responder, pair->responder_public);
}

static void agree(pair_t *pair) {
    CHECK(wg_pairing_agree(&pair->initiator, pair->responder_public, pair->transcript));
    CHECK(wg_pairing_agree(&pair->responder, pair->initiator_public, pair->transcript));
}

static void end(pair_t *pair) {
    CHECK(!vectors_next(&pair->vectors));
}

static void check_value(pair_t *pair, const char *name, const uint8_t *actual, size_t len) {
    uint8_t expected[128];
    CHECK_EQ(vectors_bytes(&pair->vectors, name, expected, sizeof(expected)), len);
    CHECK_BYTES(actual, expected, len);
}

TEST(both_ends_derive_the_published_values) {
    pair_t pair;
    begin(&pair);
    agree(&pair);
    const wg_pairing_t *ends[] = {&pair.initiator, &pair.responder};
    for (int i = 0; i < 2; i++) {
        uint8_t out[32];
        check_value(&pair, "secret", ends[i]->secret, 32);
        wg_pairing_sas(ends[i], out);
        check_value(&pair, "sas", out, WG_PAIRING_SAS_LEN);
        wg_pairing_confirmation(ends[i], true, out);
        check_value(&pair, "confirm_i", out, WG_PAIRING_CONFIRMATION_LEN);
        wg_pairing_confirmation(ends[i], false, out);
        check_value(&pair, "confirm_r", out, WG_PAIRING_CONFIRMATION_LEN);
        wg_pairing_psk(ends[i], out);
        check_value(&pair, "psk", out, WG_PAIRING_PSK_LEN);
    }
    end(&pair);
}

TEST(the_public_keys_are_those_in_the_published_messages) {
    pair_t pair;
    uint8_t message[128];
    begin(&pair);
    vectors_bytes(&pair.vectors, "reveal", message, sizeof(message));
    CHECK_BYTES(pair.initiator_public, message + 2, 32);
    vectors_bytes(&pair.vectors, "answer", message, sizeof(message));
    CHECK_BYTES(pair.responder_public, message + 2, 32);
    end(&pair);
}

TEST(agreeing_wipes_the_ephemeral_key) {
    pair_t pair;
    begin(&pair);
    CHECK(!wg_is_zero(pair.initiator.ephemeral, 32));
    agree(&pair);
    CHECK(wg_is_zero(pair.initiator.ephemeral, 32));
    end(&pair);
}

TEST(a_key_of_low_order_is_refused_and_leaves_nothing) {
    uint8_t point[32];
    vectors_t vectors = vectors_open("wycheproof/x25519_test.json", "tcId");
    int refused = 0;
    while (vectors_next(&vectors)) {
        uint8_t shared[32];
        vectors_bytes(&vectors, "shared", shared, sizeof(shared));
        if (!wg_is_zero(shared, 32)) {
            continue;
        }
        pair_t pair;
        begin(&pair);
        vectors_bytes(&vectors, "public", point, sizeof(point));
        CHECK(!wg_pairing_agree(&pair.initiator, point, pair.transcript));
        CHECK(wg_is_zero((const uint8_t *)&pair.initiator, sizeof(pair.initiator)));
        end(&pair);
        refused++;
    }
    CHECK(refused >= 12);
}

TEST(any_bit_of_the_transcript_or_of_the_keys_changes_every_value) {
    uint8_t first[3][32];
    for (int bit = -1; bit < 3 * 8 * 32; bit += bit < 0 ? 1 : 37) {
        pair_t pair;
        begin(&pair);
        uint8_t *parts[] = {pair.transcript, pair.responder_public, pair.initiator.ephemeral};
        if (bit >= 0) {
            parts[bit / 256][bit / 8 % 32] ^= (uint8_t)(1 << bit % 8);
        }
        // Of a scalar the lowest three and the highest two bits are set here, of a point the highest bit is not used.
        int of_part = bit % 256;
        bool is_clamped = (bit >= 512 && (of_part < 3 || of_part > 253)) || (bit >= 256 && of_part == 255);
        CHECK(wg_pairing_agree(&pair.initiator, pair.responder_public, pair.transcript));
        uint8_t values[3][32] = {{0}};
        wg_pairing_sas(&pair.initiator, values[0]);
        wg_pairing_confirmation(&pair.initiator, true, values[1]);
        wg_pairing_psk(&pair.initiator, values[2]);
        for (int i = 0; i < 3; i++) {
            if (bit < 0) {
                memcpy(first[i], values[i], 32);
            } else {
                CHECK_EQ(memcmp(first[i], values[i], 32) == 0, is_clamped);
            }
        }
        end(&pair);
    }
}

TEST(a_wiped_pairing_has_nothing_left) {
    pair_t pair;
    begin(&pair);
    agree(&pair);
    wg_pairing_wipe(&pair.initiator);
    CHECK(wg_is_zero((const uint8_t *)&pair.initiator, sizeof(pair.initiator)));
    end(&pair);
}
