#include "wg_wipe.h"

#include <string.h>

void wg_wipe(void *data, size_t len) {
    memset(data, 0, len);
    // The compiler has to assume that this reads *data.
    __asm__ __volatile__("" : : "r"(data) : "memory");
}

static bool is_zero_word(uint32_t difference) {
    // Hides the value's history, so that no early exit can be made of the loop before it.
    __asm__("" : "+r"(difference));
    return difference == 0;
}

bool wg_equal(const uint8_t *a, const uint8_t *b, size_t len) {
    uint32_t difference = 0;
    for (size_t i = 0; i < len; i++) {
        difference |= (uint32_t)(a[i] ^ b[i]);
    }
    return is_zero_word(difference);
}

bool wg_is_zero(const uint8_t *data, size_t len) {
    uint32_t difference = 0;
    for (size_t i = 0; i < len; i++) {
        difference |= data[i];
    }
    return is_zero_word(difference);
}
