#include "wg_wipe.h"

#include <string.h>

void wg_wipe(void *data, size_t len) {
    memset(data, 0, len);
    // The compiler has to assume that this reads *data.
    __asm__ __volatile__("" : : "r"(data) : "memory");
}

// Whether a byte is zero, without a comparison that a compiler could make a branch of.
static bool is_zero_byte(uint32_t byte) {
    // Hides where it comes from, so that no early exit can be made of the loop before it either.
    __asm__("" : "+r"(byte));
    return (byte - 1) >> 31;
}

bool wg_equal(const uint8_t *a, const uint8_t *b, size_t len) {
    uint32_t difference = 0;
    for (size_t i = 0; i < len; i++) {
        difference |= (uint32_t)(a[i] ^ b[i]);
    }
    return is_zero_byte(difference);
}

bool wg_is_zero(const uint8_t *data, size_t len) {
    uint32_t difference = 0;
    for (size_t i = 0; i < len; i++) {
        difference |= data[i];
    }
    return is_zero_byte(difference);
}
