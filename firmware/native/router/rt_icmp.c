#include "rt_icmp.h"

#include "rt_ipv4.h"
#include "wg_bytes.h"

enum { TYPE = 0, CODE = 1, CHECKSUM = 2, NEXT_HOP_MTU = 6, REPLY_TTL = 64 };

bool rt_icmp_may_send(rt_icmp_t *icmp, unsigned side, uint32_t address, uint64_t now_ms) {
    _Alignas(uint32_t) uint8_t octets[4];
    rt_store32(octets, address);
    uint64_t *full_at_ms = &icmp->full_at_ms[side][octets[3] % RT_ICMP_LIMITERS];
    uint64_t after_ms = (*full_at_ms > now_ms ? *full_at_ms : now_ms) + RT_ICMP_INTERVAL_MS;
    if (after_ms - now_ms > (uint64_t)RT_ICMP_BURST * RT_ICMP_INTERVAL_MS) {
        return false;
    }
    *full_at_ms = after_ms;
    return true;
}

bool rt_icmp_may_answer(const uint8_t *packet, size_t len) {
    if (!rt_ipv4_is_host(rt_load32(packet + RT_IPV4_SOURCE)) ||
        (wg_load16_be(packet + RT_IPV4_FRAGMENT) & RT_OFFSET_MASK) != 0) {
        return false;
    }
    return packet[RT_IPV4_PROTOCOL] != RT_PROTOCOL_ICMP || (len > RT_IPV4_LEN && packet[RT_IPV4_LEN] == RT_ICMP_ECHO) ||
           (len > RT_IPV4_LEN && packet[RT_IPV4_LEN] == RT_ICMP_ECHO_REPLY);
}

size_t rt_icmp_write(uint8_t out[RT_ANSWER_MAX], uint32_t source, const uint8_t *packet, size_t len, uint8_t type,
                     uint8_t code, uint16_t mtu) {
    size_t room = RT_ANSWER_MAX - RT_IPV4_LEN - RT_ICMP_LEN;
    size_t quoted_len = len < room ? len : room;
    uint8_t *message = out + RT_IPV4_LEN;
    memset(message, 0, RT_ICMP_LEN);
    message[TYPE] = type;
    message[CODE] = code;
    wg_store16_be(message + NEXT_HOP_MTU, mtu);
    memcpy(message + RT_ICMP_LEN, packet, quoted_len);
    rt_store16(message + CHECKSUM, (uint16_t)~rt_sum(message, RT_ICMP_LEN + quoted_len));
    size_t total_len = RT_IPV4_LEN + RT_ICMP_LEN + quoted_len;
    rt_ipv4_write(out, total_len, RT_PROTOCOL_ICMP, source, rt_load32(packet + RT_IPV4_SOURCE));
    return total_len;
}

void rt_icmp_echo(uint8_t *packet) {
    uint32_t asked = rt_load32(packet + RT_IPV4_DESTINATION);
    rt_store32(packet + RT_IPV4_DESTINATION, rt_load32(packet + RT_IPV4_SOURCE));
    rt_store32(packet + RT_IPV4_SOURCE, asked); // a sum does not care for the order
    _Alignas(uint16_t) const uint8_t ttl_and_protocol[2] = {REPLY_TTL, RT_PROTOCOL_ICMP};
    rt_apply(packet + RT_IPV4_CHECKSUM, rt_replace16(0, packet + RT_IPV4_TTL, rt_load16(ttl_and_protocol)));
    uint8_t *message = packet + RT_IPV4_LEN;
    _Alignas(uint16_t) const uint8_t type_and_code[2] = {RT_ICMP_ECHO_REPLY, message[CODE]};
    rt_apply(message + CHECKSUM, rt_replace16(0, message + TYPE, rt_load16(type_and_code)));
}
