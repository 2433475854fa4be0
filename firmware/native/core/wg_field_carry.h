// Arithmetic modulo p = 2^255 - 19 for CPUs that can tell a carry without a branch: nine limbs of 29 bits (the ninth: 23).
// Included by wg_x25519.c only.
//
// "Reduced": limbs below 2^29, but for limbs 0 and 1 below 2^29 + 2^18, limb 8 below 2^23. Products, loaded numbers and
// differences are reduced. Sums are below twice that, and only they may be multiplied unreduced. A column of a product is
// then below 9 * 2^60 and what is carried in, far from 2^64.
#ifndef WG_FIELD_CARRY_H
#define WG_FIELD_CARRY_H

#include <stdint.h>

#include "wg_cpu.h"

#define LIMBS 9
#define LIMB_BITS 29
#define TOP_BITS 23
#define LIMB_MASK ((UINT32_C(1) << LIMB_BITS) - 1)
#define TOP_MASK ((UINT32_C(1) << TOP_BITS) - 1)
// 2^261, the weight of a tenth limb, is 19 * 2^6 modulo p.
#define FOLD (19u << 6)

typedef uint32_t field_t[LIMBS];

WG_INLINE uint64_t mul(uint32_t a, uint32_t b) {
    return (uint64_t)a * b;
}

// The low limb of a column; the rest goes on to the next.
WG_INLINE uint32_t take(uint64_t *column) {
    uint32_t limb = (uint32_t)*column & LIMB_MASK;
    *column >>= LIMB_BITS;
    return limb;
}

// The end of a product: what stands above 2^255 comes back times 19. l8: the ninth limb; column: above it, < 2^36.
WG_INLINE void finish(field_t r, uint32_t l0, uint32_t l1, uint32_t l8, uint64_t column) {
    r[8] = l8 & TOP_MASK;
    column = ((column << 6) | (l8 >> TOP_BITS)) * 19 + l0;
    r[0] = (uint32_t)column & LIMB_MASK;
    r[1] = l1 + (uint32_t)(column >> LIMB_BITS);
}

static void field_multiply(field_t r, const field_t a, const field_t b) {
    uint32_t a0 = a[0], a1 = a[1], a2 = a[2], a3 = a[3], a4 = a[4], a5 = a[5], a6 = a[6], a7 = a[7], a8 = a[8];
    uint32_t b0 = b[0], b1 = b[1], b2 = b[2], b3 = b[3], b4 = b[4], b5 = b[5], b6 = b[6], b7 = b[7], b8 = b[8];
    uint64_t t =
        mul(a1, b8) + mul(a2, b7) + mul(a3, b6) + mul(a4, b5) + mul(a5, b4) + mul(a6, b3) + mul(a7, b2) + mul(a8, b1);
    uint32_t h0 = take(&t);
    t += mul(a2, b8) + mul(a3, b7) + mul(a4, b6) + mul(a5, b5) + mul(a6, b4) + mul(a7, b3) + mul(a8, b2);
    uint32_t h1 = take(&t);
    t += mul(a3, b8) + mul(a4, b7) + mul(a5, b6) + mul(a6, b5) + mul(a7, b4) + mul(a8, b3);
    uint32_t h2 = take(&t);
    t += mul(a4, b8) + mul(a5, b7) + mul(a6, b6) + mul(a7, b5) + mul(a8, b4);
    uint32_t h3 = take(&t);
    t += mul(a5, b8) + mul(a6, b7) + mul(a7, b6) + mul(a8, b5);
    uint32_t h4 = take(&t);
    t += mul(a6, b8) + mul(a7, b7) + mul(a8, b6);
    uint32_t h5 = take(&t);
    t += mul(a7, b8) + mul(a8, b7);
    uint32_t h6 = take(&t);
    t += mul(a8, b8);
    uint32_t h7 = take(&t);
    uint32_t h8 = (uint32_t)t;

    t = mul(a0, b0) + mul(FOLD, h0);
    uint32_t l0 = take(&t);
    t += mul(a0, b1) + mul(a1, b0) + mul(FOLD, h1);
    uint32_t l1 = take(&t);
    t += mul(a0, b2) + mul(a1, b1) + mul(a2, b0) + mul(FOLD, h2);
    r[2] = take(&t);
    t += mul(a0, b3) + mul(a1, b2) + mul(a2, b1) + mul(a3, b0) + mul(FOLD, h3);
    r[3] = take(&t);
    t += mul(a0, b4) + mul(a1, b3) + mul(a2, b2) + mul(a3, b1) + mul(a4, b0) + mul(FOLD, h4);
    r[4] = take(&t);
    t += mul(a0, b5) + mul(a1, b4) + mul(a2, b3) + mul(a3, b2) + mul(a4, b1) + mul(a5, b0) + mul(FOLD, h5);
    r[5] = take(&t);
    t +=
        mul(a0, b6) + mul(a1, b5) + mul(a2, b4) + mul(a3, b3) + mul(a4, b2) + mul(a5, b1) + mul(a6, b0) + mul(FOLD, h6);
    r[6] = take(&t);
    t += mul(a0, b7) + mul(a1, b6) + mul(a2, b5) + mul(a3, b4) + mul(a4, b3) + mul(a5, b2) + mul(a6, b1) + mul(a7, b0) +
         mul(FOLD, h7);
    r[7] = take(&t);
    t += mul(a0, b8) + mul(a1, b7) + mul(a2, b6) + mul(a3, b5) + mul(a4, b4) + mul(a5, b3) + mul(a6, b2) + mul(a7, b1) +
         mul(a8, b0) + mul(FOLD, h8);
    uint32_t l8 = take(&t);
    finish(r, l0, l1, l8, t);
}

// Every other way costs a kilobyte of code.
static void field_square(field_t r, const field_t a) {
    field_multiply(r, a, a);
}

// r = a + 121665 b, for the ladder (RFC 7748, section 5). a and b are reduced.
static void field_add_a24_times(field_t r, const field_t a, const field_t b) {
    uint64_t t = 0;
    uint32_t limb[LIMBS];
    for (int i = 0; i < LIMBS; i++) {
        t += mul(b[i], 121665) + a[i];
        limb[i] = take(&t);
    }
    for (int i = 2; i < 8; i++) {
        r[i] = limb[i];
    }
    finish(r, limb[0], limb[1], limb[8], t);
}

#endif
