#include "check.h"
#include "wg_endpoint.h"

static const uint8_t ipv4_bytes[] = {4, 0xca, 0x6c, 0, 0, 0, 0, 192, 0, 2, 7};
static const uint8_t stream_bytes[] = {1, 0x01, 0x02, 0, 0, 0, 0};
static const uint8_t ipv6_bytes[] = {6, 0x01, 0xbb, 0, 0, 0, 3, 0xfe, 0x80, 0, 0, 0, 0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8};

TEST(an_endpoint_comes_back_from_its_bytes) {
    const struct {
        const uint8_t *bytes;
        size_t len;
    } cases[] = {
        {ipv4_bytes, sizeof(ipv4_bytes)}, {ipv6_bytes, sizeof(ipv6_bytes)}, {stream_bytes, sizeof(stream_bytes)}};
    for (size_t i = 0; i < 6; i++) {
        wg_endpoint_t endpoint;
        uint8_t given[WG_ENDPOINT_MAX_LEN], bytes[WG_ENDPOINT_MAX_LEN];
        size_t len = cases[i / 2].len;
        memcpy(given, cases[i / 2].bytes, len);
        given[0] |= i % 2 ? 0x10 : 0;
        CHECK(wg_endpoint_load(&endpoint, given, len));
        CHECK_EQ(endpoint.shape, i % 2);
        CHECK_EQ(endpoint.local_family, 0);
        CHECK_EQ(endpoint.local_port, 0);
        CHECK_EQ(wg_endpoint_store(bytes, &endpoint), len);
        CHECK_BYTES(bytes, given, len);
    }
}

TEST(the_fields_are_where_the_header_says) {
    wg_endpoint_t endpoint;
    CHECK(wg_endpoint_load(&endpoint, ipv4_bytes, sizeof(ipv4_bytes)));
    CHECK_EQ(endpoint.family, 4);
    CHECK_EQ(endpoint.port, 51820);
    CHECK_EQ(endpoint.scope, 0);
    CHECK_BYTES(endpoint.address, ipv4_bytes + 7, 4);
    CHECK(wg_endpoint_load(&endpoint, ipv6_bytes, sizeof(ipv6_bytes)));
    CHECK_EQ(endpoint.family, 6);
    CHECK_EQ(endpoint.port, 443);
    CHECK_EQ(endpoint.scope, 3);
    CHECK_BYTES(endpoint.address, ipv6_bytes + 7, 16);
}

TEST(other_bytes_are_no_endpoint_and_change_nothing) {
    wg_endpoint_t endpoint;
    CHECK(wg_endpoint_load(&endpoint, ipv4_bytes, sizeof(ipv4_bytes)));
    wg_endpoint_t before = endpoint;
    uint8_t bytes[WG_ENDPOINT_MAX_LEN + 1] = {6};
    CHECK(!wg_endpoint_load(&endpoint, bytes, 0));
    for (size_t len = 1; len <= sizeof(bytes); len++) {
        bytes[0] = 6;
        CHECK_EQ(wg_endpoint_load(&endpoint, bytes, len), len == 23);
        endpoint = before;
        bytes[0] = 4;
        CHECK_EQ(wg_endpoint_load(&endpoint, bytes, len), len == 11);
        endpoint = before;
        bytes[0] = 1;
        CHECK_EQ(wg_endpoint_load(&endpoint, bytes, len), len == 7);
        endpoint = before;
        bytes[0] = 0x20 | 4; // a shape that there is not
        CHECK(!wg_endpoint_load(&endpoint, bytes, len));
        bytes[0] = 0;
        CHECK(!wg_endpoint_load(&endpoint, bytes, len));
        bytes[0] = 5;
        CHECK(!wg_endpoint_load(&endpoint, bytes, len));
        CHECK(memcmp(&endpoint, &before, sizeof(before)) == 0);
    }
}

TEST(ipv4_has_no_scope) {
    uint8_t bytes[sizeof(ipv4_bytes)];
    memcpy(bytes, ipv4_bytes, sizeof(bytes));
    bytes[6] = 1;
    wg_endpoint_t endpoint;
    CHECK(!wg_endpoint_load(&endpoint, bytes, sizeof(bytes)));
}

TEST(a_stream_has_no_scope_and_no_address) {
    uint8_t bytes[sizeof(stream_bytes)];
    memcpy(bytes, stream_bytes, sizeof(bytes));
    wg_endpoint_t endpoint;
    CHECK(wg_endpoint_load(&endpoint, bytes, sizeof(bytes)));
    CHECK_EQ(endpoint.family, WG_FAMILY_STREAM);
    CHECK_EQ(endpoint.port, 0x102);
    bytes[6] = 1;
    CHECK(!wg_endpoint_load(&endpoint, bytes, sizeof(bytes)));
}

TEST(an_unknown_endpoint_has_no_bytes) {
    wg_endpoint_t endpoint = {.family = 0};
    uint8_t bytes[WG_ENDPOINT_MAX_LEN];
    CHECK_EQ(wg_endpoint_store(bytes, &endpoint), 0);
}

TEST(address_port_and_scope_make_an_endpoint_another_one_and_the_local_side_does_not) {
    wg_endpoint_t a;
    CHECK(wg_endpoint_load(&a, ipv6_bytes, sizeof(ipv6_bytes)));
    wg_endpoint_t b = a;
    b.local_family = 6;
    b.local_interface = 9;
    CHECK(wg_endpoint_equal(&a, &b));
    b.port++;
    CHECK(!wg_endpoint_equal(&a, &b));
    b = a;
    b.scope++;
    CHECK(!wg_endpoint_equal(&a, &b));
    b = a;
    b.address[15] ^= 1;
    CHECK(!wg_endpoint_equal(&a, &b));
    b = (wg_endpoint_t){.family = 0};
    CHECK(!wg_endpoint_equal(&a, &b));
    CHECK(wg_endpoint_equal(&b, &b));
}
