// Poly1305 arithmetic for CPUs that can tell a carry without a branch: 2^130 - 5 in words of 32 bits.
// Included by wg_poly1305.c only.
#ifndef WG_POLY1305_CARRY_H
#define WG_POLY1305_CARRY_H

#include <stdint.h>

#include "wg_cpu.h"

// r[0..3]: the multiplier. r[4..6]: r[1..3] * 5 / 4, exact because clamping leaves r[1..3] multiples of four; a word of
// weight 2^(128 + 32k) times r[j] comes down to weight 2^(32k) through it, as 2^130 = 5.
WG_INLINE void set_multiplier(uint32_t r[9], const uint32_t key[4]) {
    r[0] = key[0] & 0x0fffffff;
    for (int i = 1; i < 4; i++) {
        r[i] = key[i] & 0x0ffffffc;
        r[3 + i] = r[i] + (r[i] >> 2);
    }
}

WG_INLINE uint64_t mul(uint32_t a, uint32_t b) {
    return (uint64_t)a * b;
}

// h = (h + m + top * 2^128) * r, partly reduced: h[4] <= 4 before and after.
// Every r[i] < 2^28 and r[3 + i] < 2^28.4, h[4] + top + carry <= 6: no column reaches 2^63.
WG_INLINE void absorb(uint32_t h[5], const uint32_t m[4], uint32_t top, const uint32_t r[9]) {
    uint64_t sum = (uint64_t)h[0] + m[0];
    uint32_t h0 = (uint32_t)sum;
    sum = (uint64_t)h[1] + m[1] + (sum >> 32);
    uint32_t h1 = (uint32_t)sum;
    sum = (uint64_t)h[2] + m[2] + (sum >> 32);
    uint32_t h2 = (uint32_t)sum;
    sum = (uint64_t)h[3] + m[3] + (sum >> 32);
    uint32_t h3 = (uint32_t)sum;
    uint32_t h4 = h[4] + top + (uint32_t)(sum >> 32);

    uint64_t d0 = mul(h0, r[0]) + mul(h1, r[6]) + mul(h2, r[5]) + mul(h3, r[4]);
    uint64_t d1 = mul(h0, r[1]) + mul(h1, r[0]) + mul(h2, r[6]) + mul(h3, r[5]) + h4 * r[4];
    uint64_t d2 = mul(h0, r[2]) + mul(h1, r[1]) + mul(h2, r[0]) + mul(h3, r[6]) + h4 * r[5];
    uint64_t d3 = mul(h0, r[3]) + mul(h1, r[2]) + mul(h2, r[1]) + mul(h3, r[0]) + h4 * r[6];

    d1 += d0 >> 32;
    d2 += d1 >> 32;
    d3 += d2 >> 32;
    h4 = h4 * r[0] + (uint32_t)(d3 >> 32);
    // What stands above 2^130 comes back times five.
    sum = (uint64_t)(uint32_t)d0 + ((h4 >> 2) + (h4 & ~UINT32_C(3)));
    h[0] = (uint32_t)sum;
    sum = (sum >> 32) + (uint32_t)d1;
    h[1] = (uint32_t)sum;
    sum = (sum >> 32) + (uint32_t)d2;
    h[2] = (uint32_t)sum;
    sum = (sum >> 32) + (uint32_t)d3;
    h[3] = (uint32_t)sum;
    h[4] = (h4 & 3) + (uint32_t)(sum >> 32);
}

// tag = (h mod 2^130 - 5) + pad, mod 2^128.
WG_INLINE void reduce(uint32_t tag[4], const uint32_t h[5], const uint32_t pad[4]) {
    // h - p, as h + 5 - 2^130: no borrow if h + 5 reaches 2^130.
    uint32_t minus[4];
    uint64_t sum = 5;
#pragma GCC unroll 4
    for (int i = 0; i < 4; i++) {
        sum += h[i];
        minus[i] = (uint32_t)sum;
        sum >>= 32;
    }
    uint32_t reached = 0 - ((h[4] + (uint32_t)sum) >> 2 & 1);
    sum = 0;
#pragma GCC unroll 4
    for (int i = 0; i < 4; i++) {
        sum += (uint64_t)(h[i] ^ ((h[i] ^ minus[i]) & reached)) + pad[i];
        tag[i] = (uint32_t)sum;
        sum >>= 32;
    }
}

#endif
