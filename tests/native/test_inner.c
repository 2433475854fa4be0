#include "check.h"
#include "wg_inner.h"

static uint8_t packet[80];
static wg_inner_t inner;

static void make_ipv4(void) {
    memset(packet, 0, sizeof(packet));
    packet[0] = 0x45;
    packet[3] = 28;
    memcpy(packet + 12, "SRC4DST4", 8);
}

static void make_ipv6(void) {
    memset(packet, 0, sizeof(packet));
    packet[0] = 0x60;
    packet[5] = 8;
    memcpy(packet + 8, "SOURCE ADDRESS 6DESTINATION ADR6", 32);
}

TEST(an_ipv4_packet_is_as_long_as_its_header_says) {
    make_ipv4();
    CHECK(wg_inner_parse(&inner, packet, 32));
    CHECK_EQ(inner.family, 4);
    CHECK_EQ(inner.len, 28);
    CHECK_BYTES(inner.source, "SRC4", 4);
    CHECK_BYTES(inner.destination, "DST4", 4);
    CHECK(wg_inner_parse(&inner, packet, 28));
    CHECK(!wg_inner_parse(&inner, packet, 27));
}

TEST(an_ipv6_packet_is_as_long_as_its_header_says) {
    make_ipv6();
    CHECK(wg_inner_parse(&inner, packet, 64));
    CHECK_EQ(inner.family, 6);
    CHECK_EQ(inner.len, 48);
    CHECK_BYTES(inner.source, "SOURCE ADDRESS 6", 16);
    CHECK_BYTES(inner.destination, "DESTINATION ADR6", 16);
    CHECK(wg_inner_parse(&inner, packet, 48));
    CHECK(!wg_inner_parse(&inner, packet, 47));
}

TEST(an_ipv4_header_must_fit_itself_and_its_packet) {
    make_ipv4();
    packet[0] = 0x44;
    CHECK(!wg_inner_parse(&inner, packet, 32));
    packet[0] = 0x47;
    CHECK(wg_inner_parse(&inner, packet, 32));
    packet[0] = 0x48;
    CHECK(!wg_inner_parse(&inner, packet, 32));
    packet[0] = 0x45;
    packet[3] = 19;
    CHECK(!wg_inner_parse(&inner, packet, 32));
    packet[3] = 20;
    CHECK(wg_inner_parse(&inner, packet, 32));
    packet[2] = 1;
    CHECK(!wg_inner_parse(&inner, packet, 32));
}

TEST(other_versions_are_no_packets) {
    make_ipv4();
    for (unsigned version = 0; version < 16; version++) {
        packet[0] = (uint8_t)(version << 4 | 5);
        CHECK_EQ(wg_inner_parse(&inner, packet, sizeof(packet)), version == 4 || version == 6);
    }
}

TEST(short_packets_are_refused_without_reading_past_them) {
    for (size_t len = 0; len < 40; len++) {
        uint8_t *exact = malloc(len == 0 ? 1 : len); // ASan watches its end
        memset(exact, 0, len);
        for (unsigned version = 4; version <= 6; version += 2) {
            if (len > 0) {
                exact[0] = (uint8_t)(version << 4 | 5);
            }
            CHECK(!wg_inner_parse(&inner, exact, len));
        }
        free(exact);
    }
}
