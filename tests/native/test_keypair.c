#include "check.h"
#include "wg_keypair.h"
#include "wg_wipe.h"

static const uint8_t send_key[WG_KEY_LEN] = {1};
static const uint8_t receive_key[WG_KEY_LEN] = {2};

static wg_keypair_t made(bool is_initiator) {
    wg_keypair_t keypair;
    memset(&keypair, 0xa5, sizeof(keypair));
    wg_keypair_set(&keypair, send_key, receive_key, is_initiator, 11, 22, 1000);
    return keypair;
}

TEST(a_new_keypair_starts_at_zero) {
    wg_keypair_t keypair = made(true);
    CHECK(keypair.valid);
    CHECK_EQ(keypair.send_counter, 0);
    CHECK_EQ(keypair.replay.next, 0);
    CHECK_EQ(keypair.local_index, 11);
    CHECK_EQ(keypair.remote_index, 22);
    CHECK_BYTES(keypair.send_key, send_key, WG_KEY_LEN);
    CHECK_BYTES(keypair.receive_key, receive_key, WG_KEY_LEN);
}

TEST(it_is_usable_for_180_seconds) {
    wg_keypair_t keypair = made(false);
    CHECK(wg_keypair_usable(&keypair, 1000));
    CHECK(wg_keypair_usable(&keypair, 1000 + 179999));
    CHECK(!wg_keypair_usable(&keypair, 1000 + 180000));
    CHECK(!wg_keypair_usable(&keypair, UINT64_MAX));
}

TEST(a_clock_reading_from_just_before_its_birth_does_not_end_it) {
    wg_keypair_t keypair = made(true);
    CHECK(wg_keypair_usable(&keypair, 999));
    CHECK(!wg_keypair_wants_rekey(&keypair, 999));
}

TEST(only_the_initiator_rekeys_by_time) {
    wg_keypair_t initiator = made(true);
    wg_keypair_t responder = made(false);
    CHECK(!wg_keypair_wants_rekey(&initiator, 1000 + 119999));
    CHECK(wg_keypair_wants_rekey(&initiator, 1000 + 120000));
    CHECK(!wg_keypair_wants_rekey(&responder, 1000 + 179999));
    CHECK(!wg_keypair_ends_soon(&initiator, 1000 + 164999));
    CHECK(wg_keypair_ends_soon(&initiator, 1000 + 165000));
    CHECK(!wg_keypair_ends_soon(&responder, 1000 + 179999));
}

TEST(both_sides_rekey_by_messages) {
    for (int is_initiator = 0; is_initiator <= 1; is_initiator++) {
        wg_keypair_t keypair = made(is_initiator != 0);
        keypair.send_counter = WG_REKEY_AFTER_MESSAGES - 1;
        CHECK(!wg_keypair_wants_rekey(&keypair, 1000));
        keypair.send_counter++;
        CHECK(wg_keypair_wants_rekey(&keypair, 1000));
    }
}

TEST(the_limits_are_those_of_the_paper) {
    CHECK_EQ(WG_REKEY_AFTER_MESSAGES, UINT64_C(1152921504606846976));
    CHECK_EQ(WG_REJECT_AFTER_MESSAGES, UINT64_C(18446744073709543423));
}

TEST(a_wiped_keypair_is_all_zero_and_wants_nothing) {
    wg_keypair_t keypair = made(true);
    CHECK(wg_replay_accept(&keypair.replay, 77));
    wg_keypair_wipe(&keypair);
    CHECK(wg_is_zero((const uint8_t *)&keypair, sizeof(keypair)));
    CHECK(!wg_keypair_usable(&keypair, 1000));
    CHECK(!wg_keypair_wants_rekey(&keypair, 1000 + 120000));
    CHECK(!wg_keypair_ends_soon(&keypair, 1000 + 170000));
}
