#include "check.h"
#include "wg_wipe.h"

TEST(strings_are_equal_only_if_every_byte_is) {
    uint8_t a[33] = {0};
    uint8_t b[33] = {0};
    CHECK(wg_equal(a, b, sizeof(a)));
    CHECK(wg_equal(a, b, 0));
    for (size_t i = 0; i < sizeof(a); i++) {
        for (int bit = 0; bit < 8; bit++) {
            a[i] = (uint8_t)(1 << bit);
            CHECK(!wg_equal(a, b, sizeof(a)));
            CHECK(!wg_is_zero(a, sizeof(a)));
            CHECK(wg_equal(a, b, i));
            a[i] = 0;
        }
    }
    CHECK(wg_is_zero(a, sizeof(a)));
}

TEST(a_wiped_buffer_is_zero_and_its_neighbours_are_not) {
    uint8_t data[40];
    for (size_t len = 0; len <= 38; len++) {
        memset(data, 0xee, sizeof(data));
        wg_wipe(data + 1, len);
        CHECK_EQ(data[0], 0xee);
        CHECK(wg_is_zero(data + 1, len));
        CHECK_EQ(data[1 + len], 0xee);
    }
}
