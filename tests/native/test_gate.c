#include "check.h"
#include "wg_aead.h"
#include "wg_blake2s.h"
#include "wg_bytes.h"
#include "wg_gate.h"
#include "wg_wipe.h"

enum { NOW_MS = 1000000 };

static wg_gate_t gate;
static uint8_t message[256];
static uint8_t reply[WG_COOKIE_LEN];
static uint8_t public_key[32];
static const wg_endpoint_t here = {.family = 4, .port = 40000, .address = {192, 0, 2, 1}};

static void set_up(void) {
    uint8_t random[64];
    uint64_t state = 6;
    check_random_bytes(&state, random, sizeof(random));
    check_random_bytes(&state, public_key, sizeof(public_key));
    wg_gate_init(&gate);
    wg_gate_set_identity(&gate, public_key);
    wg_gate_set_secret(&gate, random, NOW_MS);
    memset(reply, 0, sizeof(reply));
}

// Paper 5.4.4, with hashlib's words: blake2s(label + public_key).
static void labelled_key(uint8_t key[32], const char *label) {
    uint8_t data[40];
    memcpy(data, label, 8);
    memcpy(data + 8, public_key, 32);
    wg_blake2s(key, 32, data, sizeof(data), NULL, 0);
}

static void mac(uint8_t out[16], const uint8_t *key, size_t key_len, size_t len) {
    wg_blake2s(out, 16, message, len, key, key_len);
}

// A handshake message with a right mac1 and, if there is a cookie, mac2. Returns its length.
static size_t make(uint8_t type, uint8_t filling, const uint8_t *cookie) {
    size_t len = type == WG_MESSAGE_INITIATION ? WG_INITIATION_LEN : WG_RESPONSE_LEN;
    uint8_t key[32];
    labelled_key(key, "mac1----");
    memset(message, filling, len);
    memset(message, 0, 4);
    message[0] = type;
    mac(message + len - 32, key, 32, len - 32);
    memset(message + len - 16, 0, 16);
    if (cookie != NULL) {
        mac(message + len - 16, cookie, 16, len - 16);
    }
    return len;
}

static wg_status_t check(size_t len, const wg_endpoint_t *source, uint64_t now_ms) {
    return wg_gate_check(&gate, wg_message_kind_of_len(len), message, len, source, now_ms, reply);
}

static wg_status_t check_initiation(const uint8_t *cookie, const wg_endpoint_t *source, uint64_t now_ms) {
    return check(make(WG_MESSAGE_INITIATION, 0x5a, cookie), source, now_ms);
}

static void open_cookie(uint8_t cookie[16], const uint8_t *mac1) {
    uint8_t key[32];
    labelled_key(key, "cookie--");
    CHECK(wg_xaead_open(cookie, reply + 32, 32, mac1, 16, reply + 8, key));
}

static void fetch_cookie(uint8_t cookie[16], const wg_endpoint_t *source, uint64_t now_ms) {
    wg_gate_set_loaded(&gate, now_ms);
    CHECK_EQ(check_initiation(NULL, source, now_ms), WG_ERR_COOKIE);
    open_cookie(cookie, message + WG_INITIATION_MAC1);
}

TEST(messages_with_a_right_mac1_pass) {
    set_up();
    CHECK_EQ(check(make(WG_MESSAGE_INITIATION, 1, NULL), &here, NOW_MS), WG_OK);
    CHECK_EQ(check(make(WG_MESSAGE_RESPONSE, 1, NULL), &here, NOW_MS), WG_OK);
}

TEST(a_wrong_bit_anywhere_before_mac2_is_a_wrong_mac1) {
    set_up();
    size_t len = make(WG_MESSAGE_INITIATION, 1, NULL);
    for (size_t bit = 32; bit < 8 * (len - 16); bit++) {
        message[bit / 8] ^= (uint8_t)(1u << (bit % 8));
        CHECK_EQ(check(len, &here, NOW_MS), WG_ERR_MAC1);
        message[bit / 8] ^= (uint8_t)(1u << (bit % 8));
    }
    CHECK_EQ(check(len, &here, NOW_MS), WG_OK);
}

TEST(without_an_identity_no_mac1_is_right) {
    set_up();
    size_t len = make(WG_MESSAGE_INITIATION, 1, NULL);
    wg_gate_clear_identity(&gate);
    CHECK_EQ(check(len, &here, NOW_MS), WG_ERR_MAC1);
    uint8_t zero[32] = {0};
    mac(message + len - 32, zero, 32, len - 32);
    CHECK_EQ(check(len, &here, NOW_MS), WG_ERR_MAC1);
    CHECK(wg_is_zero(gate.mac1_key, 32) && wg_is_zero(gate.cookie_key, 32));
}

TEST(messages_of_other_kinds_and_lengths_are_refused) {
    set_up();
    for (size_t len = 0; len < sizeof(message); len++) {
        uint8_t *exact = calloc(1, len == 0 ? 1 : len); // ASan watches its end
        for (uint8_t kind = 0; kind < 8; kind++) {
            wg_status_t status = wg_gate_check(&gate, kind, exact, len, &here, NOW_MS, reply);
            size_t right = kind == 1 ? 148 : kind == 2 ? 92 : kind == 3 ? 64 : 0;
            if (right == 0) {
                CHECK_EQ(status, WG_ERR_TYPE);
            } else if (len != right) {
                CHECK_EQ(status, WG_ERR_SHORT);
            } else {
                CHECK_EQ(status, kind == 3 ? WG_OK : WG_ERR_MAC1);
            }
        }
        free(exact);
    }
}

TEST(the_type_on_the_wire_is_covered_by_mac1_and_may_be_any) {
    set_up();
    for (uint8_t type = 0; type < 8; type++) {
        size_t len = make(WG_MESSAGE_INITIATION, 1, NULL);
        uint8_t key[32];
        labelled_key(key, "mac1----");
        memset(message, type, 4);
        CHECK_EQ(check(len, &here, NOW_MS), WG_ERR_MAC1);
        mac(message + len - 32, key, 32, len - 32);
        CHECK_EQ(check(len, &here, NOW_MS), WG_OK);
    }
}

TEST(under_load_a_message_without_mac2_is_answered_with_a_cookie_that_opens) {
    set_up();
    wg_gate_set_loaded(&gate, NOW_MS);
    for (uint8_t type = WG_MESSAGE_INITIATION; type <= WG_MESSAGE_RESPONSE; type++) {
        size_t len = make(type, 7, NULL);
        uint8_t cookie[16], again[16];
        CHECK_EQ(check(len, &here, NOW_MS), WG_ERR_COOKIE);
        const uint8_t header[8] = {3, 0, 0, 0, 7, 7, 7, 7};
        CHECK_BYTES(reply, header, 8);
        open_cookie(cookie, message + len - 32);
        // cookie = MAC(secret, address || port)
        const uint8_t source[6] = {192, 0, 2, 1, 40000 >> 8, 40000 & 255};
        wg_blake2s(again, 16, source, sizeof(source), gate.secret, 32);
        CHECK_BYTES(cookie, again, 16);
        CHECK_EQ(check(make(type, 7, cookie), &here, NOW_MS), WG_OK);
        CHECK_EQ(check(make(type, 8, cookie), &here, NOW_MS), WG_OK);
    }
}

TEST(a_cookie_is_bound_to_address_and_port) {
    set_up();
    const wg_endpoint_t here6 = {.family = 6, .port = 40000, .address = {0x20, 1, 0xd, 0xb8}};
    uint8_t cookie[16];
    fetch_cookie(cookie, &here, NOW_MS);
    wg_endpoint_t other = here;
    other.port++;
    CHECK_EQ(check_initiation(cookie, &other, NOW_MS), WG_ERR_COOKIE);
    other = here;
    other.address[3]++;
    CHECK_EQ(check_initiation(cookie, &other, NOW_MS), WG_ERR_COOKIE);
    CHECK_EQ(check_initiation(cookie, &here, NOW_MS), WG_OK);
    fetch_cookie(cookie, &here6, NOW_MS);
    other = here6;
    other.address[15]++;
    CHECK_EQ(check_initiation(cookie, &other, NOW_MS), WG_ERR_COOKIE);
    CHECK_EQ(check_initiation(cookie, &here6, NOW_MS), WG_OK);
}

TEST(a_wrong_mac1_gets_no_cookie) {
    set_up();
    wg_gate_set_loaded(&gate, NOW_MS);
    size_t len = make(WG_MESSAGE_INITIATION, 7, NULL);
    message[50] ^= 1;
    CHECK_EQ(check(len, &here, NOW_MS), WG_ERR_MAC1);
    CHECK(wg_is_zero(reply, sizeof(reply)));
}

TEST(nonces_of_replies_do_not_repeat) {
    enum { REPLIES = 1000 };
    static uint8_t nonces[REPLIES][24];
    set_up();
    for (size_t i = 0; i < REPLIES; i++) {
        wg_gate_set_loaded(&gate, NOW_MS);
        CHECK_EQ(check_initiation(NULL, &here, NOW_MS), WG_ERR_COOKIE);
        memcpy(nonces[i], reply + 8, 24);
        for (size_t j = 0; j < i; j++) {
            CHECK(memcmp(nonces[i], nonces[j], 24) != 0);
        }
    }
}

TEST(an_old_cookie_ends_with_its_secret) {
    set_up();
    uint8_t cookie[16];
    const uint8_t random[64] = {9};
    fetch_cookie(cookie, &here, NOW_MS);
    CHECK(!wg_gate_wants_secret(&gate, NOW_MS + 119999));
    CHECK(wg_gate_wants_secret(&gate, NOW_MS + 120000));
    wg_gate_set_secret(&gate, random, NOW_MS + 120000);
    CHECK(!wg_gate_wants_secret(&gate, NOW_MS + 120000));
    wg_gate_set_loaded(&gate, NOW_MS + 120000);
    CHECK_EQ(check_initiation(cookie, &here, NOW_MS + 120000), WG_ERR_COOKIE);
}

TEST(without_a_secret_load_means_silence) {
    wg_gate_init(&gate);
    CHECK(wg_gate_wants_secret(&gate, NOW_MS));
    set_up();
    gate.has_secret = false;
    CHECK_EQ(check_initiation(NULL, &here, NOW_MS), WG_OK);
    wg_gate_set_loaded(&gate, NOW_MS);
    CHECK_EQ(check_initiation(NULL, &here, NOW_MS), WG_ERR_RATE);
    CHECK(wg_is_zero(reply, sizeof(reply)));
}

TEST(load_said_by_the_receiver_is_held_for_a_second) {
    set_up();
    CHECK(!wg_gate_is_loaded(&gate, NOW_MS));
    wg_gate_set_loaded(&gate, NOW_MS);
    CHECK(wg_gate_is_loaded(&gate, NOW_MS + 999));
    CHECK_EQ(check_initiation(NULL, &here, NOW_MS + 999), WG_ERR_COOKIE);
    CHECK(!wg_gate_is_loaded(&gate, NOW_MS + 1000));
    CHECK_EQ(check_initiation(NULL, &here, NOW_MS + 1000), WG_OK);
}

TEST(more_messages_than_the_load_rate_in_any_second_are_load) {
    const uint64_t rate = WG_GATE_LOAD_RATE, calm = rate * 19 / 20, part = rate * 3 / 4;
    set_up();
    // A little less never is, in whatever rhythm.
    for (uint64_t i = 0; i < calm * 5; i++) {
        CHECK_EQ(check_initiation(NULL, &here, NOW_MS + i * 1000 / calm), WG_OK);
    }
    // A burst is, also across the border of two counted seconds.
    set_up();
    for (uint64_t i = 0; i < rate; i++) {
        CHECK_EQ(check_initiation(NULL, &here, NOW_MS + 900), WG_OK);
    }
    CHECK_EQ(check_initiation(NULL, &here, NOW_MS + 900), WG_ERR_COOKIE);
    set_up();
    CHECK_EQ(check_initiation(NULL, &here, NOW_MS), WG_OK);
    for (uint64_t i = 1; i < part; i++) {
        CHECK_EQ(check_initiation(NULL, &here, NOW_MS + 950), WG_OK);
    }
    unsigned refused = 0;
    for (uint64_t i = 0; i < part; i++) {
        refused += check_initiation(NULL, &here, NOW_MS + 1050) != WG_OK;
    }
    CHECK(refused >= rate * 2 / 5);
}

TEST(messages_with_a_wrong_mac1_are_no_load) {
    set_up();
    size_t len = make(WG_MESSAGE_INITIATION, 7, NULL);
    message[50] ^= 1;
    for (int i = 0; i < 1000; i++) {
        CHECK_EQ(check(len, &here, NOW_MS), WG_ERR_MAC1);
    }
    CHECK(!wg_gate_is_loaded(&gate, NOW_MS));
}

TEST(a_lasting_flood_keeps_the_gate_loaded_and_its_end_frees_it) {
    set_up();
    uint64_t now_ms = NOW_MS;
    for (unsigned i = 0; i < 5000; i++) {
        now_ms += i % 2;
        check_initiation(NULL, &here, now_ms);
        CHECK_EQ(wg_gate_is_loaded(&gate, now_ms), i >= WG_GATE_LOAD_RATE);
    }
    CHECK(wg_gate_is_loaded(&gate, now_ms + 999));
    CHECK_EQ(check_initiation(NULL, &here, now_ms + 2000), WG_OK);
}

TEST(a_proven_source_gets_5_at_once_and_20_a_second) {
    set_up();
    uint8_t cookie[16];
    fetch_cookie(cookie, &here, NOW_MS);
    unsigned passed = 0;
    for (uint64_t i = 0; i < 3000; i++) {
        wg_gate_set_loaded(&gate, NOW_MS + i);
        wg_status_t status = check_initiation(cookie, &here, NOW_MS + i);
        CHECK(status == WG_OK || status == WG_ERR_RATE);
        passed += status == WG_OK;
        if (i == 0) {
            for (int burst = 1; burst < WG_GATE_BURST; burst++) {
                CHECK_EQ(check_initiation(cookie, &here, NOW_MS), WG_OK);
            }
            CHECK_EQ(check_initiation(cookie, &here, NOW_MS), WG_ERR_RATE);
        }
    }
    CHECK_EQ(passed, 1 + 59);
}

TEST(ports_of_one_address_and_addresses_of_one_ipv6_network_share_a_limit) {
    set_up();
    wg_endpoint_t source = here;
    uint8_t cookie[16];
    for (int i = 0; i < WG_GATE_BURST; i++) {
        source.port++;
        fetch_cookie(cookie, &source, NOW_MS);
        CHECK_EQ(check_initiation(cookie, &source, NOW_MS), WG_OK);
    }
    fetch_cookie(cookie, &here, NOW_MS);
    CHECK_EQ(check_initiation(cookie, &here, NOW_MS), WG_ERR_RATE);
    source = (wg_endpoint_t){.family = 6, .port = 1, .address = {0x20, 1, 0xd, 0xb8, 0, 0, 0, 1}};
    for (int i = 0; i < WG_GATE_BURST; i++) {
        source.address[8 + i]++;
        fetch_cookie(cookie, &source, NOW_MS);
        CHECK_EQ(check_initiation(cookie, &source, NOW_MS), WG_OK);
    }
    fetch_cookie(cookie, &source, NOW_MS);
    CHECK_EQ(check_initiation(cookie, &source, NOW_MS), WG_ERR_RATE);
    source.address[7]++;
    fetch_cookie(cookie, &source, NOW_MS);
    CHECK_EQ(check_initiation(cookie, &source, NOW_MS), WG_OK);
}

TEST(strangers_without_mac2_take_nothing_from_a_proven_source) {
    set_up();
    uint8_t cookie[16];
    fetch_cookie(cookie, &here, NOW_MS);
    for (int i = 0; i < WG_GATE_BURST; i++) {
        CHECK_EQ(check_initiation(cookie, &here, NOW_MS), WG_OK);
    }
    wg_gate_t before = gate;
    uint64_t state = 7;
    for (int i = 0; i < 2000; i++) {
        wg_endpoint_t stranger = {.family = 4, .port = (uint16_t)check_random(&state)};
        check_random_bytes(&state, stranger.address, 4);
        CHECK_EQ(check_initiation(NULL, &stranger, NOW_MS), WG_ERR_COOKIE);
        stranger = here; // a forged source, even that of the honest one
        CHECK_EQ(check_initiation(NULL, &stranger, NOW_MS), WG_ERR_COOKIE);
    }
    CHECK(memcmp(gate.buckets, before.buckets, sizeof(before.buckets)) == 0);
    CHECK_EQ(check_initiation(cookie, &here, NOW_MS + 50), WG_OK);
}

TEST(more_proven_sources_than_buckets_share_them_and_are_served_again) {
    set_up();
    uint64_t now_ms = NOW_MS;
    unsigned passed = 0;
    const unsigned sources = 4 * WG_GATE_SOURCES;
    for (unsigned round = 0; round < 2; round++) {
        for (unsigned i = 0; i < sources; i++) {
            wg_endpoint_t source = {.family = 4, .port = 9, .address = {10, 0, (uint8_t)(i >> 8), (uint8_t)i}};
            uint8_t cookie[16];
            fetch_cookie(cookie, &source, now_ms);
            for (unsigned n = 0; n < 10; n++) {
                passed += check_initiation(cookie, &source, now_ms) == WG_OK;
            }
        }
        // All of them together get no more than the buckets hold.
        CHECK(passed <= WG_GATE_SOURCES * WG_GATE_BURST);
        CHECK(passed >= WG_GATE_SOURCES * WG_GATE_BURST * 9 / 10);
        passed = 0;
        now_ms += 250;
    }
}

TEST(cookie_replies_pass_only_so_often) {
    set_up();
    memset(message, 0, WG_COOKIE_LEN);
    message[0] = WG_MESSAGE_COOKIE;
    unsigned passed = 0;
    for (unsigned i = 0; i < 1000; i++) {
        passed += check(WG_COOKIE_LEN, &here, NOW_MS) == WG_OK;
    }
    CHECK_EQ(passed, WG_GATE_COOKIE_RATE);
    CHECK_EQ(check_initiation(NULL, &here, NOW_MS), WG_OK);
    message[0] = WG_MESSAGE_COOKIE;
    CHECK_EQ(check(WG_COOKIE_LEN, &here, NOW_MS + 2000), WG_OK);
}

TEST(a_wiped_gate_is_all_zero) {
    set_up();
    wg_gate_wipe(&gate);
    CHECK(wg_is_zero((const uint8_t *)&gate, sizeof(gate)));
}
