#include "bind_keytext.h"

#include <stddef.h>

// All ones if low <= c <= high, else 0. The arguments are less than 2^31.
static uint32_t in_range(uint32_t c, uint32_t low, uint32_t high) {
    return (((c - low) | (high - c)) >> 31) - 1u;
}

// The six bits of a character; *bad collects ones when it is none of the alphabet.
static uint32_t base64_bits(uint32_t c, uint32_t *bad) {
    uint32_t upper = in_range(c, 'A', 'Z');
    uint32_t lower = in_range(c, 'a', 'z');
    uint32_t digit = in_range(c, '0', '9');
    uint32_t plus = in_range(c, '+', '+');
    uint32_t slash = in_range(c, '/', '/');
    *bad |= ~(upper | lower | digit | plus | slash);
    return (upper & (c - 'A')) | (lower & (c - 'a' + 26)) | (digit & (c - '0' + 52)) | (plus & 62) | (slash & 63);
}

static uint32_t hex_bits(uint32_t c, uint32_t *bad) {
    uint32_t digit = in_range(c, '0', '9');
    uint32_t lower = in_range(c, 'a', 'f');
    uint32_t upper = in_range(c, 'A', 'F');
    *bad |= ~(digit | lower | upper);
    return (digit & (c - '0')) | (lower & (c - 'a' + 10)) | (upper & (c - 'A' + 10));
}

bool bind_from_base64(uint8_t key[32], const uint8_t text[BIND_BASE64_LEN]) {
    uint32_t bad = 0;
    for (size_t i = 0; i < 10; i++) {
        uint32_t bits = 0;
        for (size_t j = 0; j < 4; j++) {
            bits = bits << 6 | base64_bits(text[4 * i + j], &bad);
        }
        key[3 * i] = (uint8_t)(bits >> 16);
        key[3 * i + 1] = (uint8_t)(bits >> 8);
        key[3 * i + 2] = (uint8_t)bits;
    }
    // The last 16 bits: three characters whose two bits left over are zero, and the padding.
    uint32_t bits = 0;
    for (size_t j = 40; j < 43; j++) {
        bits = bits << 6 | base64_bits(text[j], &bad);
    }
    key[30] = (uint8_t)(bits >> 10);
    key[31] = (uint8_t)(bits >> 2);
    bad |= bits & 3;
    bad |= ~in_range(text[43], '=', '=');
    return bad == 0;
}

bool bind_from_hex(uint8_t key[32], const uint8_t text[BIND_HEX_LEN]) {
    uint32_t bad = 0;
    for (size_t i = 0; i < 32; i++) {
        uint32_t high = hex_bits(text[2 * i], &bad);
        key[i] = (uint8_t)(high << 4 | hex_bits(text[2 * i + 1], &bad));
    }
    return bad == 0;
}
