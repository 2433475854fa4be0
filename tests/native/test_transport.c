#include "check.h"
#include "wg_aead.h"
#include "wg_bytes.h"
#include "wg_transport.h"

enum { BORN_MS = 1000, ROOM = 2048 };

static const uint8_t key_a[WG_KEY_LEN] = {1, 2, 3};
static const uint8_t key_b[WG_KEY_LEN] = {4, 5, 6};

static wg_keypair_t sender, receiver;
static uint8_t datagram[ROOM];

static void set_up(void) {
    wg_keypair_set(&sender, key_a, key_b, true, 0x11111111, 0x22334455, BORN_MS);
    wg_keypair_set(&receiver, key_b, key_a, false, 0x22334455, 0x11111111, BORN_MS);
}

static void seal(const uint8_t *in, size_t len, size_t padded_len) {
    CHECK_EQ(wg_transport_seal(&sender, datagram, in, len, padded_len, BORN_MS), WG_OK);
}

// A message as the paper describes it, made without the function under test.
static void forge(uint64_t counter, const uint8_t *in, size_t len) {
    uint8_t nonce[WG_NONCE_LEN] = {0};
    wg_store64_le(nonce + 4, counter);
    memset(datagram, 0, 16);
    datagram[0] = 4;
    wg_store32_le(datagram + 4, 0x22334455);
    wg_store64_le(datagram + 8, counter);
    wg_aead_seal(datagram + 16, in, len, NULL, 0, nonce, key_a);
}

static wg_status_t open_at(size_t len, uint64_t now_ms) {
    size_t padded_len;
    return wg_transport_open(&receiver, datagram, len, now_ms, &padded_len);
}

TEST(padding_goes_to_16_but_never_past_the_mtu) {
    CHECK_EQ(wg_transport_padded_len(0, 1420), 0);
    CHECK_EQ(wg_transport_padded_len(1, 1420), 16);
    CHECK_EQ(wg_transport_padded_len(16, 1420), 16);
    CHECK_EQ(wg_transport_padded_len(17, 1420), 32);
    CHECK_EQ(wg_transport_padded_len(1408, 1420), 1408);
    CHECK_EQ(wg_transport_padded_len(1409, 1420), 1420);
    CHECK_EQ(wg_transport_padded_len(1420, 1420), 1420);
    CHECK_EQ(wg_transport_padded_len(1421, 1420), 1421);
    CHECK_EQ(wg_transport_padded_len(1421, 0), 1424);
    CHECK_EQ(wg_transport_padded_len(20, 20), 20);
}

TEST(a_message_has_the_form_of_the_paper) {
    set_up();
    const uint8_t inner[20] = "twenty bytes of data";
    const uint8_t header[16] = {4, 0, 0, 0, 0x55, 0x44, 0x33, 0x22, 7, 0, 0, 0, 0, 0, 0, 0};
    const uint8_t nonce[WG_NONCE_LEN] = {0, 0, 0, 0, 7};
    sender.send_counter = 7;
    seal(inner, sizeof(inner), 32);
    CHECK_BYTES(datagram, header, sizeof(header));
    uint8_t opened[32];
    uint8_t padded[32] = {0};
    memcpy(padded, inner, sizeof(inner));
    CHECK(wg_aead_open(opened, datagram + 16, 48, NULL, 0, nonce, key_a));
    CHECK_BYTES(opened, padded, sizeof(padded));
    CHECK_EQ(sender.send_counter, 8);
}

TEST(every_length_comes_back_also_sealed_in_place) {
    set_up();
    uint8_t inner[1500];
    uint64_t state = 2;
    check_random_bytes(&state, inner, sizeof(inner));
    for (size_t len = 0; len <= sizeof(inner); len += len < 200 ? 1 : 13) {
        size_t padded_len = wg_transport_padded_len(len, 1420);
        if (len % 2 == 0) {
            seal(inner, len, padded_len);
        } else {
            memset(datagram, 0xee, sizeof(datagram));
            memcpy(datagram + WG_TRANSPORT_PAYLOAD, inner, len);
            seal(datagram + WG_TRANSPORT_PAYLOAD, len, padded_len);
        }
        size_t opened_len;
        CHECK_EQ(wg_transport_open(&receiver, datagram, padded_len + 32, BORN_MS, &opened_len), WG_OK);
        CHECK_EQ(opened_len, padded_len);
        CHECK_BYTES(datagram + WG_TRANSPORT_PAYLOAD, inner, len);
        for (size_t i = len; i < padded_len; i++) {
            CHECK_EQ(datagram[WG_TRANSPORT_PAYLOAD + i], 0);
        }
    }
}

TEST(a_payload_that_is_no_multiple_of_16_opens) {
    set_up();
    forge(3, (const uint8_t *)"odd", 3);
    size_t padded_len;
    CHECK_EQ(wg_transport_open(&receiver, datagram, 35, BORN_MS, &padded_len), WG_OK);
    CHECK_EQ(padded_len, 3);
}

TEST(no_nonce_is_used_twice) {
    set_up();
    for (uint64_t i = 0; i < 100; i++) {
        seal(NULL, 0, 0);
        CHECK_EQ(wg_load64_le(datagram + WG_TRANSPORT_COUNTER), i);
    }
}

TEST(the_sender_stops_at_the_counter_limit_and_never_wraps) {
    set_up();
    sender.send_counter = WG_REJECT_AFTER_MESSAGES - 1;
    seal(NULL, 0, 0);
    CHECK_EQ(open_at(32, BORN_MS), WG_OK);
    uint8_t before[ROOM];
    memcpy(before, datagram, sizeof(before));
    for (int i = 0; i < 3; i++) {
        CHECK_EQ(wg_transport_seal(&sender, datagram, NULL, 0, 0, BORN_MS), WG_ERR_EXPIRED);
        CHECK_EQ(sender.send_counter, WG_REJECT_AFTER_MESSAGES);
    }
    CHECK_BYTES(datagram, before, sizeof(before));
}

TEST(the_receiver_refuses_counters_at_the_limit_even_when_authentic) {
    set_up();
    const uint64_t counters[] = {WG_REJECT_AFTER_MESSAGES, WG_REJECT_AFTER_MESSAGES + 1, UINT64_MAX};
    for (size_t i = 0; i < 3; i++) {
        forge(counters[i], NULL, 0);
        CHECK_EQ(open_at(32, BORN_MS), WG_ERR_EXPIRED);
    }
    CHECK_EQ(receiver.replay.next, 0);
}

TEST(a_keypair_without_messages_left_to_send_still_receives) {
    set_up();
    receiver.send_counter = WG_REJECT_AFTER_MESSAGES;
    seal(NULL, 0, 0);
    CHECK_EQ(open_at(32, BORN_MS), WG_OK);
}

TEST(nothing_is_sealed_or_opened_after_180_seconds) {
    set_up();
    CHECK_EQ(wg_transport_seal(&sender, datagram, NULL, 0, 0, BORN_MS + 179999), WG_OK);
    CHECK_EQ(open_at(32, BORN_MS + 179999), WG_OK);
    seal(NULL, 0, 0);
    CHECK_EQ(open_at(32, BORN_MS + 180000), WG_ERR_EXPIRED);
    CHECK_EQ(wg_transport_seal(&sender, datagram, NULL, 0, 0, BORN_MS + 180000), WG_ERR_EXPIRED);
    CHECK_EQ(open_at(32, BORN_MS + 179999), WG_OK);
}

TEST(an_invalid_keypair_does_nothing) {
    set_up();
    seal(NULL, 0, 0);
    wg_keypair_wipe(&sender);
    wg_keypair_wipe(&receiver);
    CHECK_EQ(wg_transport_seal(&sender, datagram, NULL, 0, 0, 1), WG_ERR_NO_KEY);
    CHECK_EQ(open_at(32, 1), WG_ERR_EXPIRED);
}

TEST(short_messages_are_refused_without_reading_past_them) {
    set_up();
    for (size_t len = 0; len < 32; len++) {
        uint8_t *exact = malloc(len == 0 ? 1 : len); // ASan watches its end
        memset(exact, 0, len);
        size_t padded_len;
        CHECK_EQ(wg_transport_open(&receiver, exact, len, BORN_MS, &padded_len), WG_ERR_SHORT);
        free(exact);
    }
}

TEST(a_changed_message_is_refused_and_changes_nothing) {
    set_up();
    uint8_t inner[40];
    uint64_t state = 3;
    check_random_bytes(&state, inner, sizeof(inner));
    seal(inner, sizeof(inner), 48);
    uint8_t good[80];
    memcpy(good, datagram, sizeof(good));
    wg_keypair_t before = receiver;
    // The type and the receiver index are not authenticated; the index is what found this keypair.
    for (size_t bit = 64; bit < 8 * sizeof(good); bit++) {
        memcpy(datagram, good, sizeof(good));
        datagram[bit / 8] ^= (uint8_t)(1u << (bit % 8));
        wg_status_t status = open_at(sizeof(good), BORN_MS);
        CHECK_EQ(status, WG_ERR_TAG);
    }
    for (size_t len = 32; len < sizeof(good); len++) {
        memcpy(datagram, good, sizeof(good));
        CHECK_EQ(open_at(len, BORN_MS), WG_ERR_TAG);
    }
    CHECK(memcmp(&before, &receiver, sizeof(before)) == 0);
    memcpy(datagram, good, sizeof(good));
    CHECK_EQ(open_at(sizeof(good), BORN_MS), WG_OK);
}

TEST(a_replayed_message_is_refused) {
    set_up();
    uint8_t good[32];
    seal(NULL, 0, 0);
    memcpy(good, datagram, sizeof(good));
    CHECK_EQ(open_at(32, BORN_MS), WG_OK);
    wg_keypair_t before = receiver;
    for (int i = 0; i < 3; i++) {
        memcpy(datagram, good, sizeof(good));
        CHECK_EQ(open_at(32, BORN_MS), WG_ERR_REPLAY);
    }
    CHECK(memcmp(&before, &receiver, sizeof(before)) == 0);
}

TEST(a_forged_counter_far_ahead_does_not_move_the_window) {
    set_up();
    forge(1, NULL, 0);
    wg_store64_le(datagram + WG_TRANSPORT_COUNTER, UINT64_C(1) << 60);
    CHECK_EQ(open_at(32, BORN_MS), WG_ERR_TAG);
    forge(1, NULL, 0);
    CHECK_EQ(open_at(32, BORN_MS), WG_OK);
}
