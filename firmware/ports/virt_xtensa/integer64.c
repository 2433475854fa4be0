// 64-bit arithmetic that the compiler calls for: the processor has 32 bits and no high word of a product. Multiplication and
// shifts take the same path for all values, as they may be secret; division is not asked for secrets.

#include <stdint.h>

typedef union {
    uint64_t whole;
    struct {
        uint32_t low, high;
    };
} words_t;

uint64_t __muldi3(uint64_t a, uint64_t b);
uint64_t __ashldi3(uint64_t value, int count);
uint64_t __lshrdi3(uint64_t value, int count);
int64_t __ashrdi3(int64_t value, int count);
uint64_t __udivdi3(uint64_t dividend, uint64_t divisor);
uint64_t __umoddi3(uint64_t dividend, uint64_t divisor);
int64_t __divdi3(int64_t dividend, int64_t divisor);
int64_t __moddi3(int64_t dividend, int64_t divisor);
int __popcountsi2(uint32_t value);
uint32_t __bswapsi2(uint32_t value);
uint64_t __bswapdi2(uint64_t value);

uint64_t __muldi3(uint64_t a_whole, uint64_t b_whole) {
    words_t a = {a_whole}, b = {b_whole}, product;
    uint32_t a0 = a.low & 0xffff, a1 = a.low >> 16, b0 = b.low & 0xffff, b1 = b.low >> 16;
    uint32_t low = a0 * b0, left = a1 * b0, right = a0 * b1;
    uint32_t middle = (low >> 16) + (left & 0xffff) + (right & 0xffff);
    product.low = (low & 0xffff) | (middle << 16);
    product.high = a1 * b1 + (left >> 16) + (right >> 16) + (middle >> 16) + a.high * b.low + a.low * b.high;
    return product.whole;
}

// The processor shifts by 0 to 32; the compiler asks for 0 to 63, and takes care of constants itself.
uint64_t __ashldi3(uint64_t whole, int count) {
    words_t value = {whole}, shifted;
    if (count & 32) {
        shifted.high = value.low << (count & 31);
        shifted.low = 0;
    } else {
        shifted.high = (value.high << count) | ((value.low >> 1) >> (31 - count));
        shifted.low = value.low << count;
    }
    return shifted.whole;
}

uint64_t __lshrdi3(uint64_t whole, int count) {
    words_t value = {whole}, shifted;
    if (count & 32) {
        shifted.low = value.high >> (count & 31);
        shifted.high = 0;
    } else {
        shifted.low = (value.low >> count) | ((value.high << 1) << (31 - count));
        shifted.high = value.high >> count;
    }
    return shifted.whole;
}

int64_t __ashrdi3(int64_t whole, int count) {
    words_t value = {(uint64_t)whole}, shifted;
    int32_t high = (int32_t)value.high;
    if (count & 32) {
        shifted.low = (uint32_t)(high >> (count & 31));
        shifted.high = (uint32_t)(high >> 31);
    } else {
        shifted.low = (value.low >> count) | ((value.high << 1) << (31 - count));
        shifted.high = (uint32_t)(high >> count);
    }
    return (int64_t)shifted.whole;
}

static int leading_zeros(words_t value) {
    return value.high ? __builtin_clz(value.high) : 32 + (value.low ? __builtin_clz(value.low) : 32);
}

static uint64_t divide(uint64_t dividend_whole, uint64_t divisor_whole, uint64_t *remainder) {
    words_t dividend = {dividend_whole}, divisor = {divisor_whole}, quotient = {0};
    if (!dividend.high && !divisor.high) {
        *remainder = dividend.low % divisor.low;
        return dividend.low / divisor.low;
    }
    int shift = leading_zeros(divisor) - leading_zeros(dividend);
    if (shift >= 0) {
        divisor.whole = __ashldi3(divisor.whole, shift);
        for (; shift >= 0; shift--) {
            quotient.whole += quotient.whole;
            if (dividend.whole >= divisor.whole) {
                dividend.whole -= divisor.whole;
                quotient.low |= 1;
            }
            divisor.low = (divisor.low >> 1) | (divisor.high << 31);
            divisor.high >>= 1;
        }
    }
    *remainder = dividend.whole;
    return quotient.whole;
}

uint64_t __udivdi3(uint64_t dividend, uint64_t divisor) {
    uint64_t remainder;
    return divide(dividend, divisor, &remainder);
}

uint64_t __umoddi3(uint64_t dividend, uint64_t divisor) {
    uint64_t remainder;
    divide(dividend, divisor, &remainder);
    return remainder;
}

static uint64_t magnitude(int64_t value) {
    return value < 0 ? -(uint64_t)value : (uint64_t)value;
}

int64_t __divdi3(int64_t dividend, int64_t divisor) {
    uint64_t quotient = __udivdi3(magnitude(dividend), magnitude(divisor));
    return (int64_t)((dividend < 0) != (divisor < 0) ? -quotient : quotient);
}

int64_t __moddi3(int64_t dividend, int64_t divisor) {
    uint64_t remainder = __umoddi3(magnitude(dividend), magnitude(divisor));
    return (int64_t)(dividend < 0 ? -remainder : remainder);
}

int __popcountsi2(uint32_t value) {
    value -= (value >> 1) & 0x55555555;
    value = (value & 0x33333333) + ((value >> 2) & 0x33333333);
    value = (value + (value >> 4)) & 0x0f0f0f0f;
    return (int)((value * 0x01010101) >> 24);
}

uint32_t __bswapsi2(uint32_t value) {
    return (value << 24) | ((value & 0xff00) << 8) | ((value >> 8) & 0xff00) | (value >> 24);
}

uint64_t __bswapdi2(uint64_t whole) {
    words_t value = {whole}, swapped;
    swapped.low = __bswapsi2(value.high);
    swapped.high = __bswapsi2(value.low);
    return swapped.whole;
}
