// Arithmetic modulo p = 2^255 - 19 for CPUs that cannot tell a carry without a branch: ten limbs of 26 bits (the tenth: 21),
// and sums that fit 32 bits. Included by wg_x25519.c only.
//
// A product of two limbs counts as its low 26 bits in its own column and as the rest, the high word of (8a) * (8b), in the
// next.
//
// Bounds: "reduced" is a limb 0 below 2^26 + 2^16, other limbs below 2^26, limb 9 below 2^21. Products, squares, loaded
// numbers and differences are reduced. Sums are below twice that, and only they may be multiplied unreduced. Column 9 then
// gets at most 9 * 2^28 from column 8, 10 * 2^26 of its own and 2^28 from the fold, column 8 at most
// 8 * 2^28 + 9 * 2^26 + 19 * 1.001 * 2^26: all below 2^32.
#ifndef WG_FIELD_NOCARRY_H
#define WG_FIELD_NOCARRY_H

#include <stdint.h>

#include "wg_cpu.h"

#define LIMBS 10
#define LIMB_BITS 26
#define TOP_BITS 21
#define LIMB_MASK ((UINT32_C(1) << LIMB_BITS) - 1)
#define TOP_MASK ((UINT32_C(1) << TOP_BITS) - 1)

typedef uint32_t field_t[LIMBS];

// Carry x over into reduced limbs; what stands above 2^255 comes back times 19.
static void field_carry(field_t r, const uint32_t x[LIMBS]);

typedef struct {
    uint32_t high; // of the products, divided by 2^26
    uint32_t low;  // of the products, modulo 2^26
} column_t;

// Add a product to a column; both factors come times 8.
WG_INLINE void add_product(column_t *column, uint32_t a8, uint32_t b8) {
    column->high += wg_mul_high(a8, b8);
    column->low += (a8 * b8) >> 6;
}

// Add a column to x[0], and what the column before it had above 2^26.
WG_INLINE void put(uint32_t *x, column_t column, uint32_t *high) {
    *x += column.low + *high;
    *high = column.high;
}

// x += a * b, of five limbs each.
static void add_block(uint32_t x[10], const uint32_t a[5], const uint32_t b[5]) {
    uint32_t a0 = a[0] << 3, a1 = a[1] << 3, a2 = a[2] << 3, a3 = a[3] << 3, a4 = a[4] << 3;
    uint32_t b0 = b[0] << 3, b1 = b[1] << 3, b2 = b[2] << 3, b3 = b[3] << 3, b4 = b[4] << 3;
    uint32_t high = 0;
#define COLUMN(k, ...)                                                                                                 \
    {                                                                                                                  \
        column_t c = {0, 0};                                                                                           \
        __VA_ARGS__;                                                                                                   \
        put(x + (k), c, &high);                                                                                        \
    }
#define P(i, j) add_product(&c, a##i, b##j)
    COLUMN(0, P(0, 0))
    COLUMN(1, P(0, 1), P(1, 0))
    COLUMN(2, P(0, 2), P(1, 1), P(2, 0))
    COLUMN(3, P(0, 3), P(1, 2), P(2, 1), P(3, 0))
    COLUMN(4, P(0, 4), P(1, 3), P(2, 2), P(3, 1), P(4, 0))
    COLUMN(5, P(1, 4), P(2, 3), P(3, 2), P(4, 1))
    COLUMN(6, P(2, 4), P(3, 3), P(4, 2))
    COLUMN(7, P(3, 4), P(4, 3))
    COLUMN(8, P(4, 4))
#undef P
    x[9] += high;
}

// x += a * a, of five limbs.
static void add_square(uint32_t x[10], const uint32_t a[5]) {
    uint32_t a0 = a[0] << 3, a1 = a[1] << 3, a2 = a[2] << 3, a3 = a[3] << 3, a4 = a[4] << 3;
    uint32_t d0 = 2 * a0, d1 = 2 * a1, d2 = 2 * a2, d3 = 2 * a3;
    uint32_t high = 0;
#define P(i, j) add_product(&c, d##i, a##j)
#define Q(i) add_product(&c, a##i, a##i)
    COLUMN(0, Q(0))
    COLUMN(1, P(0, 1))
    COLUMN(2, P(0, 2), Q(1))
    COLUMN(3, P(0, 3), P(1, 2))
    COLUMN(4, P(0, 4), P(1, 3), Q(2))
    COLUMN(5, P(1, 4), P(2, 3))
    COLUMN(6, P(2, 4), Q(3))
    COLUMN(7, P(3, 4))
    COLUMN(8, Q(4))
#undef P
#undef Q
#undef COLUMN
    x[9] += high;
}

// r = x, with what stands above 2^260 brought back times 19 * 2^5.
static void fold(field_t r, const uint32_t x[2 * LIMBS]) {
    field_t sum;
    uint32_t before = 0;
    for (int i = 0; i < LIMBS; i++) {
        uint32_t high = x[LIMBS + i];
        // 2^5 times the upper half, in limbs: 21 bits here, the rest in the next.
        sum[i] = x[i] + 19 * (((high << 11) >> 6) + (before >> 21));
        before = high;
    }
    field_carry(r, sum);
}

static void field_multiply(field_t r, const field_t a, const field_t b) {
    uint32_t x[2 * LIMBS] = {0};
    add_block(x, a, b);
    add_block(x + 5, a, b + 5);
    add_block(x + 5, a + 5, b);
    add_block(x + 10, a + 5, b + 5);
    fold(r, x);
}

static void field_square(field_t r, const field_t a) {
    uint32_t x[2 * LIMBS] = {0};
    uint32_t twice[5];
    for (int i = 0; i < 5; i++) {
        twice[i] = 2 * a[i];
    }
    add_square(x, a);
    add_block(x + 5, twice, a + 5);
    add_square(x + 10, a + 5);
    fold(r, x);
}

// r = a + 121665 b, for the ladder (RFC 7748, section 5). a and b are reduced.
static void field_add_a24_times(field_t r, const field_t a, const field_t b) {
    field_t x;
    uint32_t high = 0;
    for (int i = 0; i < LIMBS; i++) {
        x[i] = a[i] + ((b[i] * 121665) & LIMB_MASK) + high;
        high = wg_mul_high(b[i] << 3, 121665 << 3);
    }
    x[0] += (19u << 5) * high;
    field_carry(r, x);
}

#endif
