#include "wg_inner.h"

#include "wg_bytes.h"

enum { IPV4_HEADER_LEN = 20, IPV6_HEADER_LEN = 40 };

static bool parse_ipv4(wg_inner_t *inner, const uint8_t *packet, size_t len) {
    if (len < IPV4_HEADER_LEN) {
        return false;
    }
    size_t header_len = (size_t)(packet[0] & 15) * 4;
    size_t total_len = wg_load16_be(packet + 2);
    if (header_len < IPV4_HEADER_LEN || total_len < header_len || total_len > len) {
        return false;
    }
    *inner = (wg_inner_t){.family = 4, .len = total_len, .source = packet + 12, .destination = packet + 16};
    return true;
}

static bool parse_ipv6(wg_inner_t *inner, const uint8_t *packet, size_t len) {
    if (len < IPV6_HEADER_LEN) {
        return false;
    }
    size_t total_len = (size_t)IPV6_HEADER_LEN + wg_load16_be(packet + 4);
    if (total_len > len) {
        return false;
    }
    *inner = (wg_inner_t){.family = 6, .len = total_len, .source = packet + 8, .destination = packet + 24};
    return true;
}

bool wg_inner_parse(wg_inner_t *inner, const uint8_t *packet, size_t len) {
    if (len == 0) {
        return false;
    }
    switch (packet[0] >> 4) {
    case 4:
        return parse_ipv4(inner, packet, len);
    case 6:
        return parse_ipv6(inner, packet, len);
    default:
        return false;
    }
}
