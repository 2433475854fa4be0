#include "reference.h"
#include "vectors.h"
#include "wg_poly1305.h"

static void authenticate(uint8_t tag[16], const uint8_t *data, size_t len, const uint8_t key[32]) {
    wg_poly1305_t poly;
    wg_poly1305_init(&poly, key);
    wg_poly1305_update(&poly, data, len);
    wg_poly1305_finish(&poly, tag);
}

TEST(poly1305_makes_the_tag_of_rfc_8439) {
    uint8_t key[32];
    uint8_t message[64];
    uint8_t expected[16];
    uint8_t tag[16];
    vectors_t vectors = vectors_open("rfc/rfc8439.json", "sec");
    int tests = 0;
    while (vectors_next(&vectors)) {
        if (vectors_has(&vectors, "msg")) {
            vectors_bytes(&vectors, "key", key, sizeof(key));
            vectors_bytes(&vectors, "tag", expected, sizeof(expected));
            size_t len = vectors_bytes(&vectors, "msg", message, sizeof(message));
            authenticate(tag, message, len, key);
            CHECK_BYTES(tag, expected, 16);
            tests++;
        }
    }
    CHECK_EQ(tests, 1);
}

// RFC 8439, A.3, tests 7 to 11: numbers about 2^130 - 5 and 2^128, where reduction goes wrong if it can.
TEST(poly1305_reduces_the_edge_cases_of_rfc_8439) {
    static const struct {
        const char *r, *s, *data, *tag;
    } cases[] = {
        {"02000000000000000000000000000000", "00000000000000000000000000000000", "ffffffffffffffffffffffffffffffff",
         "03000000000000000000000000000000"},
        {"02000000000000000000000000000000", "ffffffffffffffffffffffffffffffff", "02000000000000000000000000000000",
         "03000000000000000000000000000000"},
        {"01000000000000000000000000000000", "00000000000000000000000000000000",
         "fffffffffffffffffffffffffffffffff0ffffffffffffffffffffffffffffff11000000000000000000000000000000",
         "05000000000000000000000000000000"},
        {"01000000000000000000000000000000", "00000000000000000000000000000000",
         "fffffffffffffffffffffffffffffffffbfefefefefefefefefefefefefefefe01010101010101010101010101010101",
         "00000000000000000000000000000000"},
        {"02000000000000000000000000000000", "00000000000000000000000000000000", "fdffffffffffffffffffffffffffffff",
         "faffffffffffffffffffffffffffffff"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        uint8_t key[32];
        uint8_t data[48];
        uint8_t expected[16];
        uint8_t tag[16];
        check_unhex(key, cases[i].r);
        check_unhex(key + 16, cases[i].s);
        check_unhex(expected, cases[i].tag);
        authenticate(tag, data, check_unhex(data, cases[i].data), key);
        CHECK_BYTES(tag, expected, 16);
    }
}

TEST(poly1305_agrees_with_plain_code_at_every_length_and_alignment) {
    uint64_t seed = 2;
    uint8_t key[32 + 1];
    uint8_t data[300 + 4];
    for (int round = 0; round < 4; round++) {
        for (size_t len = 0; len <= 300; len++) {
            uint8_t expected[16];
            uint8_t tag[16];
            size_t at = len % 4;
            check_random_bytes(&seed, key, sizeof(key));
            check_random_bytes(&seed, data, sizeof(data));
            if (round == 1) {
                memset(data, 0xff, sizeof(data)); // the greatest sums
                memset(key, 0xff, sizeof(key));
            } else if (round == 2) {
                memset(data, 0xff, sizeof(data));
            } else if (round == 3) {
                memset(key, 0xff, sizeof(key));
            }
            reference_poly1305(expected, data + at, len, key + at % 2);
            authenticate(tag, data + at, len, key + at % 2);
            CHECK_BYTES(tag, expected, 16);
        }
    }
}

TEST(poly1305_takes_a_message_in_pieces_of_any_length) {
    uint64_t seed = 3;
    uint8_t key[32];
    uint8_t data[200];
    check_random_bytes(&seed, key, sizeof(key));
    check_random_bytes(&seed, data, sizeof(data));
    uint8_t expected[16];
    authenticate(expected, data, sizeof(data), key);
    for (int round = 0; round < 500; round++) {
        wg_poly1305_t poly;
        uint8_t tag[16];
        wg_poly1305_init(&poly, key);
        for (size_t at = 0; at < sizeof(data);) {
            size_t n = check_random(&seed) % 50;
            n = n < sizeof(data) - at ? n : sizeof(data) - at;
            wg_poly1305_update(&poly, data + at, n);
            at += n;
        }
        wg_poly1305_finish(&poly, tag);
        CHECK_BYTES(tag, expected, 16);
    }
}
