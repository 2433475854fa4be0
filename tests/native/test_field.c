// The arithmetic below X25519, with operands as large as it may ever see: random points hardly come near.
#include "check.h"

#define wg_x25519 field_x25519
#define wg_x25519_public field_x25519_public
#include "wg_x25519.c"

// A number in digits of 8 bits, long enough for a product before it is reduced.
#define DIGITS 80

static void to_digits(uint32_t out[DIGITS], const field_t a) {
    uint64_t digits[DIGITS] = {0};
    for (int i = 0; i < LIMBS; i++) {
        int bit = i * LIMB_BITS;
        uint64_t limb = (uint64_t)a[i] << bit % 8;
        for (int j = 0; j < 5; j++) {
            digits[bit / 8 + j] += limb >> 8 * j & 255;
        }
    }
    uint64_t carry = 0;
    for (int i = 0; i < DIGITS; i++) {
        carry += digits[i];
        out[i] = carry & 255;
        carry >>= 8;
    }
}

// Reduce modulo 2^255 - 19, by taking 2^256 as 38 until nothing is left above, then p off.
static void reduce_digits(uint8_t out[32], uint32_t digits[DIGITS]) {
    for (int round = 0; round < 4; round++) {
        uint64_t carry = 0;
        for (int i = 0; i < 32; i++) {
            carry += digits[i];
            if (32 + i < DIGITS) {
                carry += (uint64_t)38 * digits[32 + i];
            }
            if (64 + i < DIGITS) {
                carry += (uint64_t)38 * 38 * digits[64 + i];
            }
            digits[i] = carry & 255;
            carry >>= 8;
        }
        for (int i = 32; i < DIGITS; i++) {
            digits[i] = carry & 255;
            carry >>= 8;
        }
    }
    for (int round = 0; round < 2; round++) {
        uint32_t minus[32];
        uint32_t carry = 19;
        for (int i = 0; i < 32; i++) {
            carry += digits[i];
            minus[i] = carry & 255;
            carry >>= 8;
        }
        if (carry != 0 || minus[31] >= 128) {
            // digits + 19 - 2^255
            minus[31] += 256 * carry;
            minus[31] -= 128;
            memcpy(digits, minus, sizeof(minus));
        }
    }
    for (int i = 0; i < 32; i++) {
        CHECK(digits[i] < 256);
        out[i] = (uint8_t)digits[i];
    }
}

static void multiply_digits(uint32_t out[DIGITS], const uint32_t a[DIGITS], const uint32_t b[DIGITS]) {
    uint64_t sums[DIGITS] = {0};
    for (int i = 0; i < DIGITS / 2; i++) {
        for (int j = 0; j < DIGITS / 2; j++) {
            sums[i + j] += a[i] * b[j];
        }
    }
    uint64_t carry = 0;
    for (int i = 0; i < DIGITS; i++) {
        carry += sums[i];
        out[i] = carry & 255;
        carry >>= 8;
    }
}

static void check_value(const field_t actual, uint32_t expected[DIGITS]) {
    uint32_t digits[DIGITS];
    uint8_t a[32];
    uint8_t b[32];
    to_digits(digits, actual);
    reduce_digits(a, digits);
    reduce_digits(b, expected);
    CHECK_BYTES(a, b, 32);
}

static uint32_t greatest(int limb) {
    // As large as a reduced limb may be: see the bounds in wg_field_*.h.
    if (limb == LIMBS - 1) {
        return TOP_MASK;
    }
    return LIMB_MASK + (limb == 0 ? UINT32_C(1) << 15 : limb == 1 && LIMB_BITS == 29 ? UINT32_C(1) << 17 : 0);
}

static void check_reduced(const field_t a) {
    for (int i = 0; i < LIMBS; i++) {
        CHECK(a[i] <= greatest(i));
    }
}

static void fill_reduced(field_t a, uint64_t *seed) {
    uint64_t kind = check_random(seed) % 4;
    for (int i = 0; i < LIMBS; i++) {
        uint64_t random = check_random(seed);
        uint32_t corners[4] = {0, 1, greatest(i) - 1, greatest(i)};
        a[i] = kind == 0   ? greatest(i)
               : kind == 1 ? corners[random % 4]
                           : (uint32_t)(random % ((uint64_t)greatest(i) + 1));
    }
}

TEST(field_arithmetic_is_right_with_the_greatest_operands) {
    uint64_t seed = 10;
    for (int round = 0; round < 3000; round++) {
        field_t a, b, c, d, sum, other_sum, difference, result;
        uint32_t x[DIGITS], y[DIGITS], expected[DIGITS];
        fill_reduced(a, &seed);
        fill_reduced(b, &seed);
        fill_reduced(c, &seed);
        fill_reduced(d, &seed);
        field_add(sum, a, b);
        field_add(other_sum, c, d);

        field_subtract(difference, a, b);
        check_reduced(difference);
        field_add(result, difference, b);
        to_digits(expected, a);
        check_value(result, expected);

        field_multiply(result, sum, other_sum);
        check_reduced(result);
        to_digits(x, sum);
        to_digits(y, other_sum);
        multiply_digits(expected, x, y);
        check_value(result, expected);

        field_square(result, sum);
        check_reduced(result);
        multiply_digits(expected, x, x);
        check_value(result, expected);

        field_multiply(result, a, difference);
        check_reduced(result);
        to_digits(x, a);
        to_digits(y, difference);
        multiply_digits(expected, x, y);
        check_value(result, expected);

        field_add_a24_times(result, a, difference);
        check_reduced(result);
        for (int i = 0; i < DIGITS; i++) {
            x[i] = 0;
        }
        x[0] = 121665 & 255, x[1] = 121665 >> 8 & 255, x[2] = 121665 >> 16;
        multiply_digits(expected, x, y);
        to_digits(x, a);
        uint32_t carry = 0;
        for (int i = 0; i < DIGITS; i++) {
            carry += expected[i] + x[i];
            expected[i] = carry & 255;
            carry >>= 8;
        }
        check_value(result, expected);
    }
}

TEST(a_stored_number_is_the_one_below_p) {
    uint64_t seed = 11;
    for (int round = 0; round < 2000; round++) {
        field_t a, back;
        uint32_t digits[DIGITS];
        uint8_t expected[32];
        uint8_t out[32];
        fill_reduced(a, &seed);
        to_digits(digits, a);
        reduce_digits(expected, digits);
        field_store(out, a);
        CHECK_BYTES(out, expected, 32);
        field_load(back, out);
        check_reduced(back);
        field_store(expected, back);
        CHECK_BYTES(out, expected, 32);
    }
    // p - 1, p, p + 1 and 2^255 - 1, as others may send them.
    static const struct {
        uint8_t lowest, stored;
    } cases[] = {{0xec, 0xec}, {0xed, 0}, {0xee, 1}, {0xff, 18}};
    for (size_t i = 0; i < 4; i++) {
        uint8_t bytes[32];
        field_t a;
        memset(bytes, 0xff, 32);
        bytes[0] = cases[i].lowest;
        field_load(a, bytes);
        field_store(bytes, a);
        CHECK_EQ(bytes[0], cases[i].stored);
        CHECK_EQ(bytes[31], i == 0 ? 0x7f : 0);
    }
}
