// ChaCha20 and Poly1305 written for nothing but plainness, to compare the core with.
#ifndef REFERENCE_H
#define REFERENCE_H

#include "check.h"

static inline uint32_t reference_load(const uint8_t *p) {
    return (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}

static inline void reference_quarter(uint32_t *x, int a, int b, int c, int d) {
    const int rotations[4] = {16, 12, 8, 7};
    for (int i = 0; i < 4; i++) {
        int to = i % 2 == 0 ? a : c;
        int with = i % 2 == 0 ? b : d;
        int rotated = i % 2 == 0 ? d : b;
        x[to] += x[with];
        x[rotated] ^= x[to];
        x[rotated] = x[rotated] << rotations[i] | x[rotated] >> (32 - rotations[i]);
    }
}

// RFC 8439, section 2.3.
static inline void reference_chacha20(uint8_t *data, size_t len, const uint8_t *key, const uint8_t *nonce,
                                      uint32_t counter) {
    for (size_t at = 0; at < len; at += 64, counter++) {
        uint32_t state[16];
        uint32_t x[16];
        for (int i = 0; i < 4; i++) {
            state[i] = reference_load((const uint8_t *)"expand 32-byte k" + 4 * i);
        }
        for (int i = 0; i < 8; i++) {
            state[4 + i] = reference_load(key + 4 * i);
        }
        state[12] = counter;
        for (int i = 0; i < 3; i++) {
            state[13 + i] = reference_load(nonce + 4 * i);
        }
        memcpy(x, state, sizeof(x));
        for (int i = 0; i < 10; i++) {
            for (int column = 0; column < 4; column++) {
                reference_quarter(x, column, 4 + column, 8 + column, 12 + column);
            }
            for (int column = 0; column < 4; column++) {
                reference_quarter(x, column, 4 + (column + 1) % 4, 8 + (column + 2) % 4, 12 + (column + 3) % 4);
            }
        }
        for (size_t i = 0; i < 64 && at + i < len; i++) {
            data[at + i] ^= (uint8_t)((x[i / 4] + state[i / 4]) >> 8 * (i % 4));
        }
    }
}

// RFC 8439, section 2.5: numbers in 17 bytes, the lowest first.
static inline void reference_poly1305(uint8_t tag[16], const uint8_t *data, size_t len, const uint8_t key[32]) {
    uint32_t h[17] = {0};
    uint32_t r[17] = {0};
    for (int i = 0; i < 16; i++) {
        r[i] = key[i] & (i % 4 == 3 ? 15 : i % 4 == 0 && i > 0 ? 252 : 255);
    }
    for (size_t at = 0; at < len; at += 16) {
        size_t n = len - at < 16 ? len - at : 16;
        for (size_t i = 0; i < n; i++) {
            h[i] += data[at + i];
        }
        h[n] += 1;
        uint32_t product[17];
        for (int i = 0; i < 17; i++) {
            product[i] = 0;
            for (int j = 0; j < 17; j++) {
                // 2^136 is 5 * 2^6 modulo p.
                product[i] += h[j] * (j <= i ? r[i - j] : 320 * r[i + 17 - j]);
            }
        }
        for (int round = 0; round < 2; round++) {
            uint32_t carry = 0;
            for (int i = 0; i < 16; i++) {
                carry += product[i];
                product[i] = carry & 255;
                carry >>= 8;
            }
            carry += product[16];
            product[16] = carry & 3;
            product[0] += 5 * (carry >> 2);
        }
        memcpy(h, product, sizeof(h));
    }
    // h < p + a little: take p off if it fits.
    uint32_t minus[17];
    uint32_t carry = 5;
    for (int i = 0; i < 17; i++) {
        carry += h[i];
        minus[i] = carry & 255;
        carry >>= 8;
    }
    const uint32_t *least = minus[16] >= 4 ? minus : h;
    carry = 0;
    for (int i = 0; i < 16; i++) {
        carry += least[i] + key[16 + i];
        tag[i] = (uint8_t)carry;
        carry >>= 8;
    }
}

#endif
