// Poly1305 (RFC 8439, section 2.5) for 64-bit machines: radix 2^44, products of 128 bits, four blocks to a reduction.

#include <stdbool.h>

#include "wg_bytes.h"
#include "wg_poly1305.h"
#include "wg_wipe.h"

typedef unsigned __int128 wide_t;

// A number below about 2^130 in limbs of 44, 44 and 42 bits.
typedef struct {
    uint64_t limb[3];
} number_t;

// r to a power, with the upper limbs times 20 = 5 * 4 as they come back round: 2^132 = 4 * 2^130 = 4 * 5.
typedef struct {
    number_t r;
    uint64_t again1, again2;
} power_t;

typedef struct {
    power_t power[4]; // r, r^2, r^3, r^4
    number_t h;
    uint64_t pad[2];
    uint8_t block[16];
    size_t block_len;
    bool has_powers;
} __attribute__((may_alias)) state_t; // lives in the caller's wg_poly1305_t

_Static_assert(sizeof(state_t) <= sizeof(wg_poly1305_t), "wg_poly1305_t is too small");

#define MASK44 ((UINT64_C(1) << 44) - 1)
#define MASK42 ((UINT64_C(1) << 42) - 1)

static inline uint64_t load64(const uint8_t *p) {
    uint64_t v;
    memcpy(&v, p, 8);
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
    v = __builtin_bswap64(v);
#endif
    return v;
}

// A whole block with the 1 bit behind it (high = 2^40 in the third limb), or a padded last one (high = 0).
static inline number_t load_block(const uint8_t *p, uint64_t high) {
    uint64_t low = load64(p), top = load64(p + 8);
    return (number_t){{low & MASK44, ((low >> 44) | (top << 20)) & MASK44, (top >> 24) | high}};
}

static inline void multiply_add(wide_t sum[3], const number_t *a, const power_t *b) {
    const uint64_t *x = a->limb, *r = b->r.limb;
    sum[0] += (wide_t)x[0] * r[0] + (wide_t)x[1] * b->again2 + (wide_t)x[2] * b->again1;
    sum[1] += (wide_t)x[0] * r[1] + (wide_t)x[1] * r[0] + (wide_t)x[2] * b->again2;
    sum[2] += (wide_t)x[0] * r[2] + (wide_t)x[1] * r[1] + (wide_t)x[2] * r[0];
}

static inline number_t reduce(wide_t sum[3]) {
    number_t h;
    h.limb[0] = (uint64_t)sum[0] & MASK44;
    sum[1] += (uint64_t)(sum[0] >> 44);
    h.limb[1] = (uint64_t)sum[1] & MASK44;
    sum[2] += (uint64_t)(sum[1] >> 44);
    h.limb[2] = (uint64_t)sum[2] & MASK42;
    h.limb[0] += (uint64_t)(sum[2] >> 42) * 5;
    h.limb[1] += h.limb[0] >> 44;
    h.limb[0] &= MASK44;
    return h;
}

static void power_set(power_t *power, const number_t *r) {
    power->r = *r;
    power->again1 = r->limb[1] * 20;
    power->again2 = r->limb[2] * 20;
}

static inline void add(number_t *h, const number_t *block) {
    h->limb[0] += block->limb[0];
    h->limb[1] += block->limb[1];
    h->limb[2] += block->limb[2];
}

static void absorb_one(state_t *s, const uint8_t *data, uint64_t high) {
    number_t block = load_block(data, high);
    wide_t sum[3] = {0, 0, 0};
    add(&s->h, &block);
    multiply_add(sum, &s->h, &s->power[0]);
    s->h = reduce(sum);
}

// h = (h + m0) r^4 + m1 r^3 + m2 r^2 + m3 r, reduced once.
static void absorb_four(state_t *s, const uint8_t *data, size_t groups) {
    number_t h = s->h;
    for (; groups > 0; groups--, data += 64) {
        wide_t sum[3] = {0, 0, 0};
        for (int i = 3; i > 0; i--) {
            number_t block = load_block(data + 16 * i, UINT64_C(1) << 40);
            multiply_add(sum, &block, &s->power[3 - i]);
        }
        number_t block = load_block(data, UINT64_C(1) << 40);
        add(&h, &block);
        multiply_add(sum, &h, &s->power[3]);
        h = reduce(sum);
    }
    s->h = h;
}

static void make_powers(state_t *s) {
    for (int i = 1; i < 4; i++) {
        wide_t sum[3] = {0, 0, 0};
        multiply_add(sum, &s->power[i - 1].r, &s->power[0]);
        number_t next = reduce(sum);
        power_set(&s->power[i], &next);
    }
    s->has_powers = true;
}

static void absorb(state_t *s, const uint8_t *data, size_t blocks) {
    // Below this the powers of r cost more than they save.
    if (blocks >= 8 || (s->has_powers && blocks >= 4)) {
        if (!s->has_powers) {
            make_powers(s);
        }
        absorb_four(s, data, blocks / 4);
        data += 64 * (blocks / 4);
        blocks %= 4;
    }
    for (; blocks > 0; blocks--, data += 16) {
        absorb_one(s, data, UINT64_C(1) << 40);
    }
}

void wg_poly1305_init(wg_poly1305_t *poly, const uint8_t key[32]) {
    state_t *s = (state_t *)poly;
    uint64_t low = load64(key) & UINT64_C(0x0ffffffc0fffffff);
    uint64_t top = load64(key + 8) & UINT64_C(0x0ffffffc0ffffffc);
    number_t r = {{low & MASK44, ((low >> 44) | (top << 20)) & MASK44, top >> 24}};
    power_set(&s->power[0], &r);
    s->h = (number_t){{0, 0, 0}};
    s->pad[0] = load64(key + 16);
    s->pad[1] = load64(key + 24);
    s->block_len = 0;
    s->has_powers = false;
}

void wg_poly1305_update(wg_poly1305_t *poly, const uint8_t *data, size_t len) {
    state_t *s = (state_t *)poly;
    if (s->block_len > 0) {
        size_t take = 16 - s->block_len < len ? 16 - s->block_len : len;
        memcpy(s->block + s->block_len, data, take);
        s->block_len += take;
        data += take;
        len -= take;
        if (s->block_len < 16) {
            return;
        }
        absorb_one(s, s->block, UINT64_C(1) << 40);
        s->block_len = 0;
    }
    absorb(s, data, len / 16);
    s->block_len = len % 16;
    memcpy(s->block, data + len - s->block_len, s->block_len);
}

void wg_poly1305_finish(wg_poly1305_t *poly, uint8_t tag[WG_TAG_LEN]) {
    state_t *s = (state_t *)poly;
    if (s->block_len > 0) {
        s->block[s->block_len] = 1;
        memset(s->block + s->block_len + 1, 0, 15 - s->block_len);
        absorb_one(s, s->block, 0);
    }
    // Full carry, then h - p if that is not negative; chosen by mask, not by branch.
    uint64_t *h = s->h.limb, g[3];
    for (int round = 0; round < 2; round++) {
        h[1] += h[0] >> 44;
        h[0] &= MASK44;
        h[2] += h[1] >> 44;
        h[1] &= MASK44;
        h[0] += (h[2] >> 42) * 5;
        h[2] &= MASK42;
    }
    h[1] += h[0] >> 44;
    h[0] &= MASK44;
    g[0] = h[0] + 5;
    g[1] = h[1] + (g[0] >> 44);
    g[0] &= MASK44;
    g[2] = h[2] + (g[1] >> 44) - (UINT64_C(1) << 42);
    g[1] &= MASK44;
    uint64_t keep_h = 0 - (g[2] >> 63); // all ones if h < p
    for (int i = 0; i < 3; i++) {
        h[i] = (h[i] & keep_h) | (g[i] & ~keep_h);
    }
    wide_t sum = (wide_t)(h[0] | (h[1] << 44)) + s->pad[0];
    wg_store64_le(tag, (uint64_t)sum);
    sum = (wide_t)((h[1] >> 20) | (h[2] << 24)) + s->pad[1] + (uint64_t)(sum >> 64);
    wg_store64_le(tag + 8, (uint64_t)sum);
    wg_wipe(s, sizeof *s);
}
