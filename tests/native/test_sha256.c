#include "vectors.h"
#include "wg_sha256.h"
#include "wg_wipe.h"

TEST(sha256_gives_the_digests_of_nist) {
    uint8_t message[128];
    uint8_t expected[32];
    uint8_t out[32];
    vectors_t vectors = vectors_open("nist/sha256.json", "msg");
    int tests = 0;
    while (vectors_next(&vectors)) {
        size_t len = vectors_bytes(&vectors, "msg", message, sizeof(message));
        vectors_bytes(&vectors, "md", expected, sizeof(expected));
        wg_sha256_t hash;
        wg_sha256_init(&hash);
        for (long i = vectors_number(&vectors, "times"); i > 0; i--) {
            wg_sha256_update(&hash, message, len);
        }
        wg_sha256_finish(&hash, out);
        CHECK_BYTES(out, expected, 32);
        tests++;
    }
    CHECK_EQ(tests, 13);
}

TEST(sha256_passes_the_monte_carlo_test_of_nist) {
    uint8_t digests[3 * 32];
    uint8_t expected[32];
    vectors_t vectors = vectors_open("nist/sha256.json", "seed");
    CHECK(vectors_next(&vectors));
    for (int i = 0; i < 3; i++) {
        vectors_bytes(&vectors, "seed", digests + 32 * i, 32);
    }
    vectors_bytes(&vectors, "after_1000", expected, sizeof(expected));
    CHECK(!vectors_next(&vectors));
    for (int i = 0; i < 1000; i++) {
        uint8_t next[32];
        wg_sha256(next, digests, sizeof(digests));
        memmove(digests, digests + 32, 64);
        memcpy(digests + 64, next, 32);
    }
    CHECK_BYTES(digests + 64, expected, 32);
}

TEST(sha256_takes_a_message_in_pieces_of_any_length) {
    uint64_t seed = 11;
    uint8_t message[300];
    check_random_bytes(&seed, message, sizeof(message));
    for (size_t len = 0; len <= sizeof(message); len++) {
        uint8_t expected[32];
        uint8_t out[32];
        wg_sha256_t hash;
        wg_sha256(expected, message, len);
        wg_sha256_init(&hash);
        for (size_t at = 0; at < len;) {
            size_t n = check_random(&seed) % 100;
            n = n < len - at ? n : len - at;
            wg_sha256_update(&hash, message + at, n);
            at += n;
        }
        wg_sha256_finish(&hash, out);
        CHECK_BYTES(out, expected, 32);
        CHECK(wg_is_zero((const uint8_t *)&hash, sizeof(hash)));
    }
}

TEST(a_message_longer_than_32_bits_can_count_has_its_length_in_the_digest) {
    // The state as if 2^32 bytes had gone through, against one that forgot them.
    wg_sha256_t after;
    wg_sha256_t forgot;
    uint8_t out[2][32];
    wg_sha256_init(&after);
    wg_sha256_init(&forgot);
    after.count = UINT64_C(1) << 32;
    wg_sha256_finish(&after, out[0]);
    wg_sha256_finish(&forgot, out[1]);
    CHECK(memcmp(out[0], out[1], 32) != 0);
}

TEST(hmac_sha256_gives_the_codes_of_rfc_4231) {
    uint8_t key[200];
    uint8_t data[200];
    uint8_t expected[32];
    uint8_t out[32];
    vectors_t vectors = vectors_open("rfc/rfc4231.json", "key");
    int tests = 0;
    while (vectors_next(&vectors)) {
        size_t key_len = vectors_bytes(&vectors, "key", key, sizeof(key));
        size_t len = vectors_bytes(&vectors, "data", data, sizeof(data));
        size_t mac_len = vectors_bytes(&vectors, "mac", expected, sizeof(expected));
        wg_hmac_sha256(out, key, key_len, data, len);
        CHECK_BYTES(out, expected, mac_len);
        tests++;
    }
    CHECK_EQ(tests, 7);
}

TEST(hmac_sha256_agrees_with_wycheproof) {
    uint8_t key[128];
    uint8_t message[256];
    uint8_t expected[32];
    uint8_t out[32];
    vectors_t vectors = vectors_open("wycheproof/hmac_sha256_test.json", "tcId");
    int tests = 0;
    while (vectors_next(&vectors)) {
        size_t key_len = vectors_bytes(&vectors, "key", key, sizeof(key));
        size_t len = vectors_bytes(&vectors, "msg", message, sizeof(message));
        size_t tag_len = vectors_bytes(&vectors, "tag", expected, sizeof(expected));
        wg_hmac_sha256(out, key, key_len, message, len);
        CHECK_EQ(wg_equal(out, expected, tag_len), vectors_is(&vectors, "result", "valid"));
        tests++;
    }
    CHECK_EQ(tests, 174);
}

TEST(hmac_sha256_may_write_where_its_key_or_its_data_is) {
    uint8_t key[32] = {1};
    uint8_t data[32] = {2};
    uint8_t expected[32];
    wg_hmac_sha256(expected, key, 32, data, 32);
    wg_hmac_sha256(data, key, 32, data, 32);
    CHECK_BYTES(data, expected, 32);
    memset(data, 0, sizeof(data));
    data[0] = 2;
    wg_hmac_sha256(key, key, 32, data, 32);
    CHECK_BYTES(key, expected, 32);
}

TEST(hkdf_expands_as_in_rfc_5869) {
    uint8_t secret[32];
    uint8_t info[100];
    uint8_t expected[100];
    uint8_t out[100];
    vectors_t vectors = vectors_open("rfc/rfc5869.json", "prk");
    int tests = 0;
    while (vectors_next(&vectors)) {
        vectors_bytes(&vectors, "prk", secret, sizeof(secret));
        size_t info_len = vectors_bytes(&vectors, "info", info, sizeof(info));
        size_t len = vectors_bytes(&vectors, "okm", expected, sizeof(expected));
        wg_hkdf_sha256_expand(out, len, secret, info, info_len);
        CHECK_BYTES(out, expected, len);
        tests++;
    }
    CHECK_EQ(tests, 3);
}

TEST(hkdf_agrees_with_wycheproof_up_to_its_longest_output) {
    static uint8_t expected[255 * 32 + 1];
    static uint8_t out[255 * 32];
    uint8_t key[128];
    uint8_t salt[128];
    uint8_t info[128];
    uint8_t secret[32];
    vectors_t vectors = vectors_open("wycheproof/hkdf_sha256_test.json", "tcId");
    int tests = 0;
    while (vectors_next(&vectors)) {
        size_t key_len = vectors_bytes(&vectors, "ikm", key, sizeof(key));
        size_t salt_len = vectors_bytes(&vectors, "salt", salt, sizeof(salt));
        size_t info_len = vectors_bytes(&vectors, "info", info, sizeof(info));
        size_t len = vectors_bytes(&vectors, "okm", expected, sizeof(expected));
        if (!vectors_is(&vectors, "result", "valid")) {
            CHECK_EQ(len, 0); // longer than HKDF can give
            continue;
        }
        wg_hmac_sha256(secret, salt, salt_len, key, key_len);
        wg_hkdf_sha256_expand(out, len, secret, info, info_len);
        CHECK_BYTES(out, expected, len);
        tests++;
    }
    CHECK_EQ(tests, 83);
}
