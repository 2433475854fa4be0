#include "wg_x25519.h"

#include <string.h>

#include "wg_bytes.h"
#include "wg_cpu.h"
#include "wg_wipe.h"

// field_t: a number modulo p = 2^255 - 19 in limbs of LIMB_BITS bits, the last of TOP_BITS, and its arithmetic.
#ifdef WG_WITHOUT_CARRY
#include "wg_field_nocarry.h"
#else
#include "wg_field_carry.h"
#endif

// Bit 255 is ignored (RFC 7748, section 5).
static void field_load(field_t r, const uint8_t in[32]) {
    for (int i = 0; i < LIMBS; i++) {
        int word = i * LIMB_BITS / 32;
        int shift = i * LIMB_BITS % 32;
        uint32_t limb = wg_load32_le(in + 4 * word) >> shift;
        if (shift + LIMB_BITS > 32 && word < 7) {
            limb |= wg_load32_le(in + 4 * word + 4) << (32 - shift);
        }
        r[i] = limb & (i < LIMBS - 1 ? LIMB_MASK : TOP_MASK);
    }
}

// Write the one representation of a that is below p. a is reduced, so below 2p.
static void field_store(uint8_t out[32], const field_t a) {
    uint32_t words[8] = {0};
    // Is a + 19 >= 2^255? Then a + 19 - 2^255 is the number.
    uint32_t carry = 19;
    for (int i = 0; i < LIMBS; i++) {
        carry = (a[i] + carry) >> (i < LIMBS - 1 ? LIMB_BITS : TOP_BITS);
    }
    carry *= 19;
    for (int i = 0; i < LIMBS; i++) {
        int word = i * LIMB_BITS / 32;
        int shift = i * LIMB_BITS % 32;
        carry += a[i];
        uint32_t limb = carry & (i < LIMBS - 1 ? LIMB_MASK : TOP_MASK);
        carry >>= LIMB_BITS;
        words[word] |= limb << shift;
        if (shift + LIMB_BITS > 32 && word < 7) {
            words[word + 1] |= limb >> (32 - shift);
        }
    }
    for (int i = 0; i < 8; i++) {
        wg_store32_le(out + 4 * i, words[i]);
    }
    wg_wipe(words, sizeof(words));
}

static WG_NOINLINE void field_add(field_t r, const field_t a, const field_t b) {
#pragma GCC unroll 10
    for (int i = 0; i < LIMBS; i++) {
        r[i] = a[i] + b[i];
    }
}

// Carry x over into reduced limbs; what stands above 2^255 comes back times 19.
static void field_carry(field_t r, const uint32_t x[LIMBS]) {
    uint32_t t = x[0];
    uint32_t first = t & LIMB_MASK;
#pragma GCC unroll 10
    for (int i = 1; i < LIMBS - 1; i++) {
        t = x[i] + (t >> LIMB_BITS);
        r[i] = t & LIMB_MASK;
    }
    t = x[LIMBS - 1] + (t >> LIMB_BITS);
    r[LIMBS - 1] = t & TOP_MASK;
    r[0] = first + 19 * (t >> TOP_BITS);
}

// r = a - b + 2p, with 2p written such that no limb goes below zero; carried over. a and b are reduced.
static WG_NOINLINE void field_subtract(field_t r, const field_t a, const field_t b) {
    field_t x;
    x[0] = a[0] + (2 * LIMB_MASK - 36) - b[0];
#pragma GCC unroll 10
    for (int i = 1; i < LIMBS - 1; i++) {
        x[i] = a[i] + 2 * LIMB_MASK - b[i];
    }
    x[LIMBS - 1] = a[LIMBS - 1] + 2 * TOP_MASK - b[LIMBS - 1];
    field_carry(r, x);
}

// Exchange a and b if swap is 1, do nothing if it is 0.
WG_INLINE void field_swap(field_t a, field_t b, uint32_t swap) {
    uint32_t mask = 0 - swap;
    __asm__("" : "+r"(mask)); // keeps the compiler from making a branch of it
    for (int i = 0; i < LIMBS; i++) {
        uint32_t t = (a[i] ^ b[i]) & mask;
        a[i] ^= t;
        b[i] ^= t;
    }
}

// r = a^(2^count), count >= 1.
static void field_square_times(field_t r, const field_t a, int count) {
    field_square(r, a);
    while (--count > 0) {
        field_square(r, r);
    }
}

// a = 1/a, as a^(p - 2); 0 stays 0. In the comments: the exponent so far.
static void field_invert(field_t a) {
    field_t a2;
    field_t a9;
    field_t b;
    field_t c;
    field_square(a2, a);            // 2
    field_square_times(b, a2, 2);   // 8
    field_multiply(a9, b, a);       // 9
    field_multiply(a2, a9, a2);     // 11
    field_square(b, a2);            // 22
    field_multiply(b, b, a9);       // 2^5 - 1
    field_square_times(c, b, 5);    // 2^10 - 2^5
    field_multiply(b, c, b);        // 2^10 - 1
    field_square_times(c, b, 10);   // 2^20 - 2^10
    field_multiply(c, c, b);        // 2^20 - 1
    field_square_times(a9, c, 20);  // 2^40 - 2^20
    field_multiply(c, a9, c);       // 2^40 - 1
    field_square_times(c, c, 10);   // 2^50 - 2^10
    field_multiply(b, c, b);        // 2^50 - 1
    field_square_times(c, b, 50);   // 2^100 - 2^50
    field_multiply(c, c, b);        // 2^100 - 1
    field_square_times(a9, c, 100); // 2^200 - 2^100
    field_multiply(c, a9, c);       // 2^200 - 1
    field_square_times(c, c, 50);   // 2^250 - 2^50
    field_multiply(c, c, b);        // 2^250 - 1
    field_square_times(c, c, 5);    // 2^255 - 2^5
    field_multiply(a, c, a2);       // 2^255 - 21
    wg_wipe(a2, sizeof(a2));
    wg_wipe(a9, sizeof(a9));
    wg_wipe(b, sizeof(b));
    wg_wipe(c, sizeof(c));
}

// What the ladder keeps, together, to be wiped in one go.
typedef struct {
    field_t x1, x2, z2, x3, z3;
    field_t a, b, c, d;
    uint8_t scalar[32];
} ladder_t;

// One step of the Montgomery ladder (RFC 7748, section 5).
static void step(ladder_t *l) {
    field_add(l->a, l->x2, l->z2);         // A
    field_subtract(l->b, l->x2, l->z2);    // B
    field_add(l->c, l->x3, l->z3);         // C
    field_subtract(l->d, l->x3, l->z3);    // D
    field_multiply(l->x3, l->d, l->a);     // DA
    field_multiply(l->z3, l->c, l->b);     // CB
    field_square(l->c, l->a);              // AA
    field_square(l->d, l->b);              // BB
    field_add(l->a, l->x3, l->z3);         // DA + CB
    field_subtract(l->b, l->x3, l->z3);    // DA - CB
    field_multiply(l->x2, l->c, l->d);     // x2 = AA * BB
    field_subtract(l->d, l->c, l->d);      // E = AA - BB
    field_add_a24_times(l->c, l->c, l->d); // AA + a24 * E
    field_multiply(l->z2, l->d, l->c);     // z2 = E * (AA + a24 * E)
    field_square(l->x3, l->a);             // x3 = (DA + CB)^2
    field_square(l->b, l->b);              // (DA - CB)^2
    field_multiply(l->z3, l->x1, l->b);    // z3 = x1 * (DA - CB)^2
}

bool wg_x25519(uint8_t out[32], const uint8_t scalar[32], const uint8_t point[32]) {
    ladder_t l;
    memset(&l, 0, sizeof(l));
    memcpy(l.scalar, scalar, 32);
    l.scalar[0] &= 248;
    l.scalar[31] = (uint8_t)((l.scalar[31] & 127) | 64);
    field_load(l.x1, point);
    memcpy(l.x3, l.x1, sizeof(l.x3));
    l.x2[0] = 1;
    l.z3[0] = 1;
    uint32_t swap = 0;
    for (int i = 254; i >= 0; i--) {
        uint32_t bit = (uint32_t)(l.scalar[i >> 3] >> (i & 7)) & 1;
        field_swap(l.x2, l.x3, swap ^ bit);
        field_swap(l.z2, l.z3, swap ^ bit);
        swap = bit;
        step(&l);
    }
    // The lowest bit of a clamped scalar is 0: nothing is left to swap.
    field_invert(l.z2);
    field_multiply(l.x2, l.x2, l.z2);
    field_store(out, l.x2);
    wg_wipe(&l, sizeof(l));
    return !wg_is_zero(out, 32);
}

void wg_x25519_public(uint8_t out[32], const uint8_t scalar[32]) {
    static const uint8_t base[32] = {9};
    (void)wg_x25519(out, scalar, base);
}
