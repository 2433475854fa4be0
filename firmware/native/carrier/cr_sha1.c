#include "cr_sha1.h"

#include <string.h>

#include "wg_bytes.h"

#define BLOCK_LEN 64

static uint32_t rotate(uint32_t value, unsigned bits) {
    return (value << bits) | (value >> (32 - bits));
}

static void compress(uint32_t h[5], const uint8_t block[BLOCK_LEN]) {
    uint32_t w[80], a = h[0], b = h[1], c = h[2], d = h[3], e = h[4];
    for (unsigned t = 0; t < 80; t++) {
        w[t] = t < 16 ? wg_load32_be(block + 4 * t) : rotate(w[t - 3] ^ w[t - 8] ^ w[t - 14] ^ w[t - 16], 1);
        uint32_t mixed;
        if (t < 20) {
            mixed = ((b & c) | (~b & d)) + 0x5a827999;
        } else if (t < 40) {
            mixed = (b ^ c ^ d) + 0x6ed9eba1;
        } else if (t < 60) {
            mixed = ((b & c) | (b & d) | (c & d)) + 0x8f1bbcdc;
        } else {
            mixed = (b ^ c ^ d) + 0xca62c1d6;
        }
        const uint32_t next = rotate(a, 5) + mixed + e + w[t];
        e = d;
        d = c;
        c = rotate(b, 30);
        b = a;
        a = next;
    }
    h[0] += a;
    h[1] += b;
    h[2] += c;
    h[3] += d;
    h[4] += e;
}

void cr_sha1(uint8_t out[CR_SHA1_LEN], const uint8_t *data, size_t len) {
    uint32_t h[5] = {0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0};
    size_t left = len;
    for (; left >= BLOCK_LEN; left -= BLOCK_LEN, data += BLOCK_LEN) {
        compress(h, data);
    }
    // The end: a bit, zeros, and the length in bits, in one block or two.
    uint8_t end[2 * BLOCK_LEN] = {0};
    if (left > 0) {
        memcpy(end, data, left);
    }
    end[left] = 0x80;
    const size_t end_len = left + 9 <= BLOCK_LEN ? BLOCK_LEN : 2 * BLOCK_LEN;
    wg_store32_be(end + end_len - 8, (uint32_t)((uint64_t)len >> 29));
    wg_store32_be(end + end_len - 4, (uint32_t)(len << 3));
    for (size_t at = 0; at < end_len; at += BLOCK_LEN) {
        compress(h, end + at);
    }
    for (unsigned i = 0; i < 5; i++) {
        wg_store32_be(out + 4 * i, h[i]);
    }
}
