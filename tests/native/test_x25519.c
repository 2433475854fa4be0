#include "vectors.h"
#include "wg_wipe.h"
#include "wg_x25519.h"

TEST(x25519_passes_wycheproof) {
    uint8_t scalar[32];
    uint8_t point[32];
    uint8_t expected[32];
    uint8_t out[32];
    vectors_t vectors = vectors_open("wycheproof/x25519_test.json", "tcId");
    int tests = 0;
    int zeros = 0;
    while (vectors_next(&vectors)) {
        vectors_bytes(&vectors, "private", scalar, sizeof(scalar));
        vectors_bytes(&vectors, "public", point, sizeof(point));
        vectors_bytes(&vectors, "shared", expected, sizeof(expected));
        bool usable = wg_x25519(out, scalar, point);
        CHECK_BYTES(out, expected, 32);
        CHECK_EQ(usable, !wg_is_zero(expected, 32));
        zeros += !usable;
        tests++;
    }
    CHECK_EQ(tests, 518);
    CHECK(zeros > 0);
}

TEST(x25519_gives_the_results_of_rfc_7748) {
    uint8_t scalar[32];
    uint8_t point[32];
    uint8_t expected[32];
    uint8_t out[32];
    vectors_t vectors = vectors_open("rfc/rfc7748.json", "scalar");
    int tests = 0;
    while (vectors_next(&vectors)) {
        vectors_bytes(&vectors, "scalar", scalar, sizeof(scalar));
        vectors_bytes(&vectors, "u", point, sizeof(point));
        vectors_bytes(&vectors, "out", expected, sizeof(expected));
        CHECK(wg_x25519(out, scalar, point));
        CHECK_BYTES(out, expected, 32);
        tests++;
    }
    CHECK_EQ(tests, 2);
    vectors = vectors_open("rfc/rfc7748.json", "b_priv");
    CHECK(vectors_next(&vectors));
    vectors_bytes(&vectors, "b_priv", scalar, sizeof(scalar));
    vectors_bytes(&vectors, "b_pub", expected, sizeof(expected));
    wg_x25519_public(out, scalar);
    CHECK_BYTES(out, expected, 32);
    CHECK(!vectors_next(&vectors));
}

TEST(x25519_iterated_a_thousand_times_gives_the_result_of_rfc_7748) {
    uint8_t scalar[32] = {9};
    uint8_t point[32] = {9};
    uint8_t expected[32];
    check_unhex(expected, "684cf59ba83309552800ef566f2f4d3c1c3887c49360e3875f2eb94d99532c51");
    for (int i = 0; i < 1000; i++) {
        uint8_t next[32];
        CHECK(wg_x25519(next, scalar, point));
        memcpy(point, scalar, 32);
        memcpy(scalar, next, 32);
    }
    CHECK_BYTES(scalar, expected, 32);
}

TEST(x25519_may_write_over_its_inputs_at_any_alignment) {
    uint64_t seed = 9;
    uint8_t expected[32];
    uint8_t buffer[40];
    uint8_t scalar[32];
    uint8_t point[32];
    check_random_bytes(&seed, scalar, 32);
    check_random_bytes(&seed, point, 32);
    CHECK(wg_x25519(expected, scalar, point));
    for (size_t at = 0; at < 4; at++) {
        memcpy(buffer + at, scalar, 32);
        CHECK(wg_x25519(buffer + at, buffer + at, point));
        CHECK_BYTES(buffer + at, expected, 32);
        memcpy(buffer + at, point, 32);
        CHECK(wg_x25519(buffer + at, scalar, buffer + at));
        CHECK_BYTES(buffer + at, expected, 32);
    }
}
