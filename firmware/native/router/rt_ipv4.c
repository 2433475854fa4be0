#include "rt_ipv4.h"

#include "wg_bytes.h"

enum { VERSION_AND_LEN = 0x45, OUR_TTL = 64 };

uint16_t rt_sum(const uint8_t *data, size_t len) {
    uint32_t sum = 0; // of at most 64 KiB: does not overflow
    for (; len >= 2; len -= 2, data += 2) {
        sum += rt_load16(data);
    }
    if (len == 1) {
        _Alignas(uint16_t) const uint8_t last[2] = {data[0], 0};
        sum += rt_load16(last);
    }
    return rt_fold(sum);
}

// Of a header without options: for every packet, so not in a loop.
static uint16_t header_sum(const uint8_t *header) {
    return rt_fold((uint32_t)rt_load16(header) + rt_load16(header + 2) + rt_load16(header + 4) + rt_load16(header + 6) +
                   rt_load16(header + 8) + rt_load16(header + 10) + rt_load16(header + 12) + rt_load16(header + 14) +
                   rt_load16(header + 16) + rt_load16(header + 18));
}

bool rt_ipv4_has_options(const uint8_t *bytes, size_t len) {
    return len > RT_IPV4_LEN && bytes[0] > VERSION_AND_LEN && bytes[0] <= (VERSION_AND_LEN | 15);
}

bool rt_ipv4_parse(rt_packet_t *packet, uint8_t *bytes, size_t len) {
    if (len < RT_IPV4_LEN || ((uintptr_t)bytes & 1) != 0 || bytes[0] != VERSION_AND_LEN) {
        return false;
    }
    size_t total_len = wg_load16_be(bytes + RT_IPV4_TOTAL_LEN);
    if (total_len < RT_IPV4_LEN || total_len > len) {
        return false;
    }
    packet->bytes = bytes;
    packet->len = total_len;
    packet->source = rt_load32(bytes + RT_IPV4_SOURCE);
    packet->destination = rt_load32(bytes + RT_IPV4_DESTINATION);
    packet->fragment = wg_load16_be(bytes + RT_IPV4_FRAGMENT);
    packet->protocol = bytes[RT_IPV4_PROTOCOL];
    if (header_sum(bytes) != 0xffff) {
        return false;
    }
    if (!rt_is_fragment(packet)) {
        return true;
    }
    size_t payload_len = total_len - RT_IPV4_LEN;
    size_t end = (size_t)(packet->fragment & RT_OFFSET_MASK) * 8 + payload_len;
    // All but the last carry whole units of 8 bytes, and together they are no longer than a packet can be.
    return payload_len != 0 && end <= UINT16_MAX - RT_IPV4_LEN &&
           ((packet->fragment & RT_MORE_FRAGMENTS) == 0 || payload_len % 8 == 0);
}

void rt_ipv4_write(uint8_t *header, size_t total_len, uint8_t protocol, uint32_t source, uint32_t destination) {
    memset(header, 0, RT_IPV4_LEN);
    header[0] = VERSION_AND_LEN;
    wg_store16_be(header + RT_IPV4_TOTAL_LEN, (uint16_t)total_len);
    wg_store16_be(header + RT_IPV4_FRAGMENT, RT_DONT_FRAGMENT);
    header[RT_IPV4_TTL] = OUR_TTL;
    header[RT_IPV4_PROTOCOL] = protocol;
    rt_store32(header + RT_IPV4_SOURCE, source);
    rt_store32(header + RT_IPV4_DESTINATION, destination);
    rt_store16(header + RT_IPV4_CHECKSUM, (uint16_t)~rt_sum(header, RT_IPV4_LEN));
}
