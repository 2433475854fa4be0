// Poly1305 arithmetic for CPUs that cannot tell a carry without a branch: five limbs of 26 bits, and sums that fit 32 bits.
// Included by wg_poly1305.c only.
//
// A product of two limbs counts as its low 26 bits in its own column and as the rest in the next. With both factors times 8
// the rest is the high word of the product, and the low bits are the upper ones of the low word.
#ifndef WG_POLY1305_NOCARRY_H
#define WG_POLY1305_NOCARRY_H

#include <stdint.h>

#include "wg_cpu.h"

#define LIMB_MASK UINT32_C(0x3ffffff)

// r[0..4]: 8 times the multiplier's limbs. r[5..8]: 5 times r[1..4], for products that reach 2^130, which is 5.
WG_INLINE void set_multiplier(uint32_t r[9], const uint32_t key[4]) {
    r[0] = (key[0] & 0x3ffffff) << 3;
    r[1] = (((key[0] >> 26) | (key[1] << 6)) & 0x3ffff03) << 3;
    r[2] = (((key[1] >> 20) | (key[2] << 12)) & 0x3ffc0ff) << 3;
    r[3] = (((key[2] >> 14) | (key[3] << 18)) & 0x3f03fff) << 3;
    r[4] = ((key[3] >> 8) & 0x00fffff) << 3;
    for (int i = 1; i < 5; i++) {
        r[4 + i] = 5 * r[i];
    }
}

typedef struct {
    uint32_t high; // of the products, divided by 2^26
    uint32_t low;  // of the products, modulo 2^26
} column_t;

// Add a product to a column; both factors come times 8.
WG_INLINE void add_product(column_t *column, uint32_t a8, uint32_t r8) {
    column->high += wg_mul_high(a8, r8);
    column->low += (a8 * r8) >> 6;
}

// h = (h + m + top * 2^128) * r, partly reduced: limbs below 2^26 + 2^9 before and after.
// With m they are below 2^27 + 2^9. The first column's `high` is then below 21.1 * 2^27, the last one's below 5.1 * 2^27, and
// a `low` below 5 * 2^26: the greatest sums, five times the last `high` with the first `low` and the first `high` with the
// second `low`, are below 2^32.
WG_INLINE void absorb(uint32_t h[5], const uint32_t m[4], uint32_t top, const uint32_t r[9]) {
    uint32_t a0 = h[0] + (m[0] & LIMB_MASK);
    uint32_t a1 = h[1] + (((m[0] >> 26) | (m[1] << 6)) & LIMB_MASK);
    uint32_t a2 = h[2] + (((m[1] >> 20) | (m[2] << 12)) & LIMB_MASK);
    uint32_t a3 = h[3] + (((m[2] >> 14) | (m[3] << 18)) & LIMB_MASK);
    uint32_t a4 = h[4] + ((m[3] >> 8) | (top << 24));
    a0 <<= 3, a1 <<= 3, a2 <<= 3, a3 <<= 3, a4 <<= 3;
    column_t c0 = {0, 0}, c1 = {0, 0}, c2 = {0, 0}, c3 = {0, 0}, c4 = {0, 0};
    add_product(&c4, a0, r[4]), add_product(&c4, a1, r[3]), add_product(&c4, a2, r[2]), add_product(&c4, a3, r[1]),
        add_product(&c4, a4, r[0]);
    add_product(&c0, a0, r[0]), add_product(&c0, a1, r[8]), add_product(&c0, a2, r[7]), add_product(&c0, a3, r[6]),
        add_product(&c0, a4, r[5]);
    uint32_t h0 = c0.low + 5 * c4.high;
    add_product(&c1, a0, r[1]), add_product(&c1, a1, r[0]), add_product(&c1, a2, r[8]), add_product(&c1, a3, r[7]),
        add_product(&c1, a4, r[6]);
    uint32_t h1 = c1.low + c0.high + (h0 >> 26);
    add_product(&c2, a0, r[2]), add_product(&c2, a1, r[1]), add_product(&c2, a2, r[0]), add_product(&c2, a3, r[8]),
        add_product(&c2, a4, r[7]);
    uint32_t h2 = c2.low + c1.high + (h1 >> 26);
    add_product(&c3, a0, r[3]), add_product(&c3, a1, r[2]), add_product(&c3, a2, r[1]), add_product(&c3, a3, r[0]),
        add_product(&c3, a4, r[8]);
    uint32_t h3 = c3.low + c2.high + (h2 >> 26);
    uint32_t h4 = c4.low + c3.high + (h3 >> 26);
    h[0] = (h0 & LIMB_MASK) + 5 * (h4 >> 26);
    h[1] = h1 & LIMB_MASK;
    h[2] = h2 & LIMB_MASK;
    h[3] = h3 & LIMB_MASK;
    h[4] = h4 & LIMB_MASK;
}

// tag = (h mod 2^130 - 5) + pad, mod 2^128.
WG_INLINE void reduce(uint32_t tag[4], const uint32_t h[5], const uint32_t pad[4]) {
    uint32_t a[5];
    uint32_t minus[5];
    uint32_t carry = 0;
    // Twice around, then all limbs are below 2^26.
    for (int i = 0; i < 5; i++) {
        carry += h[i];
        a[i] = carry & LIMB_MASK;
        carry >>= 26;
    }
    carry *= 5;
    for (int i = 0; i < 5; i++) {
        carry += a[i];
        a[i] = carry & LIMB_MASK;
        carry >>= 26;
    }
    // a - p, as a + 5 - 2^130: no borrow if a + 5 reaches 2^130.
    carry = 5;
    for (int i = 0; i < 5; i++) {
        carry += a[i];
        minus[i] = carry & LIMB_MASK;
        carry >>= 26;
    }
    uint32_t reached = 0 - carry;
    for (int i = 0; i < 5; i++) {
        a[i] ^= (a[i] ^ minus[i]) & reached;
    }
    uint32_t words[4] = {a[0] | a[1] << 26, a[1] >> 6 | a[2] << 20, a[2] >> 12 | a[3] << 14, a[3] >> 18 | a[4] << 8};
    carry = 0;
    for (int i = 0; i < 4; i++) {
        uint32_t sum = words[i] + pad[i] + carry;
        // What the top bits of a sum say about its carry, without a comparison.
        carry = ((words[i] & pad[i]) | ((words[i] | pad[i]) & ~sum)) >> 31;
        tag[i] = sum;
    }
}

#endif
