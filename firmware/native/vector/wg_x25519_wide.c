// X25519 (RFC 7748, section 5) for 64-bit machines: radix 2^51, products of 128 bits.

#include "wg_bytes.h"
#include "wg_wipe.h"
#include "wg_x25519.h"

typedef unsigned __int128 wide_t;
typedef uint64_t field_t[5]; // limbs of 51 bits, a little over is allowed between operations

#define MASK51 ((UINT64_C(1) << 51) - 1)

static void field_load(field_t out, const uint8_t in[32]) {
    out[0] = wg_load64_le(in) & MASK51;
    out[1] = (wg_load64_le(in + 6) >> 3) & MASK51;
    out[2] = (wg_load64_le(in + 12) >> 6) & MASK51;
    out[3] = (wg_load64_le(in + 19) >> 1) & MASK51;
    out[4] = (wg_load64_le(in + 24) >> 12) & MASK51; // the top bit is ignored (RFC 7748, section 5)
}

static inline void add(field_t out, const field_t a, const field_t b) {
    for (int i = 0; i < 5; i++) {
        out[i] = a[i] + b[i];
    }
}

// a - b + 2 p, which keeps every limb positive: b is always a product, so its limbs are hardly above 51 bits.
static inline void subtract(field_t out, const field_t a, const field_t b) {
    out[0] = a[0] + (UINT64_C(0x7ffffffffffed) << 1) - b[0];
    for (int i = 1; i < 5; i++) {
        out[i] = a[i] + (MASK51 << 1) - b[i];
    }
}

static inline void carry(field_t out, wide_t t[5]) {
    uint64_t c = 0;
    for (int i = 0; i < 5; i++) {
        t[i] += c;
        out[i] = (uint64_t)t[i] & MASK51;
        c = (uint64_t)(t[i] >> 51);
    }
    out[0] += c * 19;
    out[1] += out[0] >> 51;
    out[0] &= MASK51;
}

static void multiply(field_t out, const field_t a, const field_t b) {
    wide_t t[5];
    const uint64_t b1 = b[1] * 19, b2 = b[2] * 19, b3 = b[3] * 19, b4 = b[4] * 19;
    t[0] = (wide_t)a[0] * b[0] + (wide_t)a[1] * b4 + (wide_t)a[2] * b3 + (wide_t)a[3] * b2 + (wide_t)a[4] * b1;
    t[1] = (wide_t)a[0] * b[1] + (wide_t)a[1] * b[0] + (wide_t)a[2] * b4 + (wide_t)a[3] * b3 + (wide_t)a[4] * b2;
    t[2] = (wide_t)a[0] * b[2] + (wide_t)a[1] * b[1] + (wide_t)a[2] * b[0] + (wide_t)a[3] * b4 + (wide_t)a[4] * b3;
    t[3] = (wide_t)a[0] * b[3] + (wide_t)a[1] * b[2] + (wide_t)a[2] * b[1] + (wide_t)a[3] * b[0] + (wide_t)a[4] * b4;
    t[4] = (wide_t)a[0] * b[4] + (wide_t)a[1] * b[3] + (wide_t)a[2] * b[2] + (wide_t)a[3] * b[1] + (wide_t)a[4] * b[0];
    carry(out, t);
}

static void square(field_t out, const field_t a) {
    wide_t t[5];
    const uint64_t a0 = a[0] * 2, a1 = a[1] * 2, a3 = a[3] * 19, a4 = a[4] * 19;
    t[0] = (wide_t)a[0] * a[0] + (wide_t)a1 * a4 + (wide_t)(a[2] * 2) * a3;
    t[1] = (wide_t)a0 * a[1] + (wide_t)(a[2] * 2) * a4 + (wide_t)a[3] * a3;
    t[2] = (wide_t)a0 * a[2] + (wide_t)a[1] * a[1] + (wide_t)(a[3] * 2) * a4;
    t[3] = (wide_t)a0 * a[3] + (wide_t)a1 * a[2] + (wide_t)a[4] * a4;
    t[4] = (wide_t)a0 * a[4] + (wide_t)a1 * a[3] + (wide_t)a[2] * a[2];
    carry(out, t);
}

static void square_times(field_t out, const field_t a, int times) {
    square(out, a);
    while (--times > 0) {
        square(out, out);
    }
}

static void multiply_small(field_t out, const field_t a, uint32_t b) {
    wide_t t[5];
    for (int i = 0; i < 5; i++) {
        t[i] = (wide_t)a[i] * b;
    }
    carry(out, t);
}

// z^(p-2), by the usual chain of 254 squarings and 11 multiplications.
static void invert(field_t out, const field_t z) {
    field_t z2, z9, z11, a, b, c;
    square(z2, z);
    square_times(a, z2, 2);
    multiply(z9, a, z);
    multiply(z11, z9, z2);
    square(a, z11);
    multiply(b, a, z9); // 2^5 - 1
    square_times(a, b, 5);
    multiply(b, a, b); // 2^10 - 1
    square_times(a, b, 10);
    multiply(c, a, b); // 2^20 - 1
    square_times(a, c, 20);
    multiply(a, a, c); // 2^40 - 1
    square_times(a, a, 10);
    multiply(b, a, b); // 2^50 - 1
    square_times(a, b, 50);
    multiply(c, a, b); // 2^100 - 1
    square_times(a, c, 100);
    multiply(a, a, c); // 2^200 - 1
    square_times(a, a, 50);
    multiply(a, a, b); // 2^250 - 1
    square_times(a, a, 5);
    multiply(out, a, z11); // 2^255 - 21
}

// The one representative below p, in bytes.
static void field_store(uint8_t out[32], const field_t in) {
    uint64_t h[5];
    memcpy(h, in, sizeof h);
    for (int round = 0; round < 2; round++) {
        for (int i = 0; i < 4; i++) {
            h[i + 1] += h[i] >> 51;
            h[i] &= MASK51;
        }
        h[0] += (h[4] >> 51) * 19;
        h[4] &= MASK51;
    }
    // Carry of h + 19 out of the top says whether h >= p; then 19 is added and the top dropped.
    uint64_t q = (h[0] + 19) >> 51;
    for (int i = 1; i < 5; i++) {
        q = (h[i] + q) >> 51;
    }
    h[0] += 19 * q;
    for (int i = 0; i < 4; i++) {
        h[i + 1] += h[i] >> 51;
        h[i] &= MASK51;
    }
    h[4] &= MASK51;
    wg_store64_le(out, h[0] | (h[1] << 51));
    wg_store64_le(out + 8, (h[1] >> 13) | (h[2] << 38));
    wg_store64_le(out + 16, (h[2] >> 26) | (h[3] << 25));
    wg_store64_le(out + 24, (h[3] >> 39) | (h[4] << 12));
    wg_wipe(h, sizeof h);
}

static inline void swap(field_t a, field_t b, uint64_t choice) {
    uint64_t mask = 0 - choice;
    for (int i = 0; i < 5; i++) {
        uint64_t t = mask & (a[i] ^ b[i]);
        a[i] ^= t;
        b[i] ^= t;
    }
}

typedef struct {
    field_t x1, x2, z2, x3, z3, a, aa, b, bb, e, c, d;
    uint8_t scalar[32];
} ladder_t;

// One step of the Montgomery ladder, with the names of RFC 7748, section 5.
static void step(ladder_t *l) {
    add(l->a, l->x2, l->z2);
    square(l->aa, l->a);
    subtract(l->b, l->x2, l->z2);
    square(l->bb, l->b);
    subtract(l->e, l->aa, l->bb);
    add(l->c, l->x3, l->z3);
    subtract(l->d, l->x3, l->z3);
    multiply(l->d, l->d, l->a); // DA
    multiply(l->c, l->c, l->b); // CB
    add(l->x3, l->d, l->c);
    square(l->x3, l->x3);
    subtract(l->z3, l->d, l->c);
    square(l->z3, l->z3);
    multiply(l->z3, l->z3, l->x1);
    multiply(l->x2, l->aa, l->bb);
    multiply_small(l->z2, l->e, 121665);
    add(l->z2, l->z2, l->aa);
    multiply(l->z2, l->z2, l->e);
}

bool wg_x25519(uint8_t out[32], const uint8_t scalar[32], const uint8_t point[32]) {
    ladder_t l;
    memcpy(l.scalar, scalar, 32);
    l.scalar[0] &= 248;
    l.scalar[31] = (l.scalar[31] & 127) | 64;
    field_load(l.x1, point);
    memcpy(l.x3, l.x1, sizeof l.x3);
    memset(l.x2, 0, sizeof l.x2);
    memset(l.z2, 0, sizeof l.z2);
    memset(l.z3, 0, sizeof l.z3);
    l.x2[0] = 1;
    l.z3[0] = 1;
    uint64_t swapped = 0;
    for (int i = 254; i >= 0; i--) {
        uint64_t bit = (l.scalar[i >> 3] >> (i & 7)) & 1;
        swap(l.x2, l.x3, swapped ^ bit);
        swap(l.z2, l.z3, swapped ^ bit);
        swapped = bit;
        step(&l);
    }
    swap(l.x2, l.x3, swapped);
    swap(l.z2, l.z3, swapped);
    invert(l.z2, l.z2);
    multiply(l.x2, l.x2, l.z2);
    field_store(out, l.x2);
    wg_wipe(&l, sizeof l);
    return !wg_is_zero(out, 32);
}

void wg_x25519_public(uint8_t out[32], const uint8_t scalar[32]) {
    static const uint8_t base[32] = {9};
    (void)wg_x25519(out, scalar, base);
}
