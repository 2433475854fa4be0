#include "reference.h"
#include "vectors.h"
#include "wg_chacha20.h"
#include "wg_chacha20_head.h"

TEST(chacha20_encrypts_the_text_of_rfc_8439) {
    uint8_t key[32];
    uint8_t nonce[12];
    uint8_t text[128];
    uint8_t expected[128];
    vectors_t vectors = vectors_open("rfc/rfc8439.json", "sec");
    int tests = 0;
    while (vectors_next(&vectors)) {
        if (!vectors_has(&vectors, "counter")) {
            continue;
        }
        size_t len = 64;
        uint32_t counter = (uint32_t)vectors_number(&vectors, "counter");
        vectors_bytes(&vectors, "key", key, sizeof(key));
        vectors_bytes(&vectors, "nonce", nonce, sizeof(nonce));
        memset(text, 0, sizeof(text));
        if (vectors_has(&vectors, "pt")) {
            len = vectors_bytes(&vectors, "pt", text, sizeof(text));
            vectors_bytes(&vectors, "ct", expected, sizeof(expected));
        } else {
            vectors_bytes(&vectors, "out", expected, sizeof(expected));
        }
        wg_chacha20_xor(text, text, len, key, nonce, counter);
        CHECK_BYTES(text, expected, len);
        tests++;
    }
    CHECK_EQ(tests, 2);
}

TEST(chacha20_agrees_with_plain_code_at_every_length_and_alignment) {
    uint64_t seed = 1;
    uint8_t key[32 + 1];
    uint8_t nonce[12 + 1];
    uint8_t in[640 + 8];
    uint8_t out[640 + 8];
    uint8_t expected[640];
    for (size_t len = 0; len <= 640; len += len < 300 ? 1 : 17) {
        size_t in_at = len % 4;
        size_t out_at = len / 4 % 4;
        size_t key_at = len / 2 % 2;
        uint32_t counter = len % 3 == 0 ? UINT32_MAX - 1 : (uint32_t)check_random(&seed);
        check_random_bytes(&seed, key, sizeof(key));
        check_random_bytes(&seed, nonce, sizeof(nonce));
        check_random_bytes(&seed, in, sizeof(in));
        memset(out, 0xee, sizeof(out));
        memcpy(expected, in + in_at, len);
        reference_chacha20(expected, len, key + key_at, nonce + key_at, counter);
        wg_chacha20_xor(out + out_at, in + in_at, len, key + key_at, nonce + key_at, counter);
        CHECK_BYTES(out + out_at, expected, len);
        CHECK_EQ(out[out_at + len], 0xee);
        wg_chacha20_xor(in + in_at, in + in_at, len, key + key_at, nonce + key_at, counter);
        CHECK_BYTES(in + in_at, expected, len);
    }
}

TEST(the_head_of_a_block_is_its_first_16_bytes_and_what_is_spare_is_none_of_it) {
    uint64_t seed = 2;
    uint32_t before[4] = {0};
    for (int round = 0; round < 200; round++) {
        uint8_t key[32], nonce[12], block[64] = {0};
        uint32_t words[3], out[4], spare[4];
        check_random_bytes(&seed, key, sizeof(key));
        check_random_bytes(&seed, nonce, sizeof(nonce));
        reference_chacha20(block, sizeof(block), key, nonce, 0);
        for (int i = 0; i < 3; i++) {
            words[i] = wg_load32_le(nonce + 4 * i);
        }
        wg_chacha20_head_t head;
        wg_chacha20_head_init(&head, key);
        wg_chacha20_head(&head, words, out, spare);
        for (int i = 0; i < 4; i++) {
            CHECK_EQ(out[i], wg_load32_le(block + 4 * i));
            CHECK(spare[i] != before[i]);
            for (size_t at = 0; at <= sizeof(block) - 4; at++) {
                CHECK(spare[i] != wg_load32_le(block + at));
            }
        }
        memcpy(before, spare, sizeof(before));
        wg_chacha20_head(&head, words, spare, NULL);
        CHECK_BYTES(spare, out, sizeof(out));
    }
}

TEST(hchacha20_makes_the_subkey_of_the_xchacha_draft) {
    uint8_t key[32];
    uint8_t nonce[16];
    uint8_t expected[32];
    uint8_t subkey[32];
    check_unhex(key, "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f");
    check_unhex(nonce, "000000090000004a0000000031415927");
    check_unhex(expected, "82413b4227b27bfed30e42508a877d73a0f9e4d58a74a853c12ec41326d3ecdc");
    wg_hchacha20(subkey, key, nonce);
    CHECK_BYTES(subkey, expected, 32);
}
