// What the CPU decides about the shape of the crypto code: aligned words, rotations, and whether carries are to be had.
#ifndef WG_CPU_H
#define WG_CPU_H

#include <stdbool.h>
#include <stdint.h>

// GCC for RISC-V moves instructions apart before it gives out registers, and the arithmetic here has none to spare: what
// it then keeps on the stack costs a tenth of the time.
#if defined(__riscv) && defined(__GNUC__) && !defined(__clang__)
#pragma GCC optimize("no-schedule-insns")
#endif

#include "wg_bytes.h"

// Xtensa has neither a carry flag nor an instruction that sets a register to the result of an unsigned comparison, and
// compilers turn the carry of a 64-bit addition into a branch: one that depends on secrets. Code for such a CPU gets by
// with sums that fit 32 bits. Tests switch it on for other CPUs.
#if defined(__XTENSA__) && !defined(WG_WITHOUT_CARRY)
#define WG_WITHOUT_CARRY 1
#endif

#define WG_INLINE static inline __attribute__((always_inline))
#define WG_NOINLINE __attribute__((noinline))

// Whether p may be read and written in words.
WG_INLINE bool wg_is_word_aligned(const void *p) {
    return ((uintptr_t)p & 3) == 0;
}

#if defined(__BYTE_ORDER__) && __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
#define WG_LITTLE_ENDIAN(word) __builtin_bswap32(word)
#else
#define WG_LITTLE_ENDIAN(word) (word)
#endif

// Little-endian words at addresses that are known to be aligned: one instruction each, also on CPUs that trap others.
typedef uint32_t __attribute__((may_alias)) wg_word_t;

WG_INLINE uint32_t wg_load_word(const uint8_t *p) {
    return WG_LITTLE_ENDIAN(*(const wg_word_t *)(const void *)p);
}

WG_INLINE void wg_store_word(uint8_t *p, uint32_t word) {
    *(wg_word_t *)(void *)p = WG_LITTLE_ENDIAN(word);
}

// Four little-endian words at any address.
WG_INLINE void wg_load_block(uint32_t words[4], const uint8_t *p) {
    if (wg_is_word_aligned(p)) {
#pragma GCC unroll 4
        for (int i = 0; i < 4; i++) {
            words[i] = wg_load_word(p + 4 * i);
        }
    } else {
        for (int i = 0; i < 4; i++) {
            words[i] = wg_load32_le(p + 4 * i);
        }
    }
}

// The high word of a 64-bit product.
WG_INLINE uint32_t wg_mul_high(uint32_t a, uint32_t b) {
    return (uint32_t)(((uint64_t)a * b) >> 32);
}

// Rotate four words to the right by the same constant, 1 to 31.
#if defined(__XTENSA__)
// SRC shifts a pair of registers by the amount in SAR; compilers set SAR for each word anew, or do without SRC.
#define WG_ROTATE4(a, b, c, d, n)                                                                                      \
    __asm__("ssai %4\n\tsrc %0, %0, %0\n\tsrc %1, %1, %1\n\tsrc %2, %2, %2\n\tsrc %3, %3, %3"                          \
            : "+r"(a), "+r"(b), "+r"(c), "+r"(d)                                                                       \
            : "i"(n)                                                                                                   \
            : "sar")
#else
#define WG_ROTATE1(a, n) ((a) = ((a) >> (n)) | ((a) << (32 - (n))))
#define WG_ROTATE4(a, b, c, d, n) (WG_ROTATE1(a, n), WG_ROTATE1(b, n), WG_ROTATE1(c, n), WG_ROTATE1(d, n))
#endif

#endif
