#include "rt_translate.h"

#include "rt_mss.h"
#include "rt_tcp.h"

enum { UDP_CHECKSUM = 6, ICMP_CHECKSUM = 2, ICMP_ID = 4, HEADERS = RT_IPV4_LEN + RT_TCP_LEN, TTL_UNIT = 0x100 };

static rt_verdict_t read_icmp(rt_transport_t *transport, const rt_packet_t *packet) {
    switch (transport->bytes[0]) {
    case RT_ICMP_ECHO:
    case RT_ICMP_ECHO_REPLY:
        transport->is_query = transport->bytes[0] == RT_ICMP_ECHO;
        transport->source_port = transport->destination_port = rt_load16(transport->bytes + ICMP_ID);
        return RT_OK;
    case RT_ICMP_UNREACHABLE:
    case RT_ICMP_TIME_EXCEEDED:
    case RT_ICMP_PARAMETER:
        transport->is_error = true;
        return rt_is_fragment(packet) ? RT_DROP_FRAGMENT : RT_OK; // nobody sends errors that long
    default:
        return RT_DROP_PROTOCOL;
    }
}

rt_verdict_t rt_transport_read(rt_transport_t *transport, const rt_packet_t *packet) {
    uint8_t *bytes = packet->bytes + RT_IPV4_LEN;
    size_t len = packet->len - RT_IPV4_LEN;
    transport->bytes = bytes;
    transport->protocol = packet->protocol;
    transport->is_error = transport->is_query = false;
    size_t header_len = RT_UDP_LEN;
    if (packet->protocol == RT_PROTOCOL_TCP) {
        header_len = RT_TCP_LEN;
        if (len > RT_TCP_DATA_OFFSET) {
            size_t said = (size_t)(bytes[RT_TCP_DATA_OFFSET] >> 4) * 4;
            if (said < RT_TCP_LEN) {
                return RT_DROP_MALFORMED;
            }
            header_len = said;
        }
    } else if (packet->protocol != RT_PROTOCOL_UDP && packet->protocol != RT_PROTOCOL_ICMP) {
        return RT_DROP_PROTOCOL;
    }
    if (len < header_len) {
        return rt_is_fragment(packet) ? RT_DROP_FRAGMENT : RT_DROP_MALFORMED;
    }
    if (packet->protocol == RT_PROTOCOL_ICMP) {
        return read_icmp(transport, packet);
    }
    transport->source_port = rt_load16(bytes);
    transport->destination_port = rt_load16(bytes + 2);
    return RT_OK;
}

uint32_t rt_readdress(rt_packet_t *packet, uint32_t source, uint32_t destination, uint16_t id) {
    uint8_t *header = packet->bytes;
    uint32_t addresses = 0;
    if (source != packet->source) {
        addresses = rt_change32(addresses, packet->source, source);
        rt_store32(header + RT_IPV4_SOURCE, source);
    }
    if (destination != packet->destination) {
        addresses = rt_change32(addresses, packet->destination, destination);
        rt_store32(header + RT_IPV4_DESTINATION, destination);
    }
    uint32_t change = rt_replace16(addresses, header + RT_IPV4_ID, id);
    header[RT_IPV4_TTL]--;
    change += UINT16_MAX - rt_host16(TTL_UNIT); // ~m + m' where m' is one TTL less than m
    rt_apply(header + RT_IPV4_CHECKSUM, change);
    return addresses;
}

void rt_translate_ports(rt_router_t *router, const rt_transport_t *transport, uint32_t addresses, uint16_t source_port,
                        uint16_t destination_port) {
    uint8_t *bytes = transport->bytes;
    if (transport->protocol == RT_PROTOCOL_ICMP) {
        uint16_t id = transport->is_query ? source_port : destination_port;
        rt_apply(bytes + ICMP_CHECKSUM, rt_replace16(0, bytes + ICMP_ID, id)); // without a pseudo header
        return;
    }
    uint32_t change = rt_change16(addresses, transport->source_port, source_port);
    change = rt_change16(change, transport->destination_port, destination_port);
    rt_store16(bytes, source_port);
    rt_store16(bytes + 2, destination_port);
    if (transport->protocol == RT_PROTOCOL_TCP) {
        rt_apply(bytes + RT_TCP_CHECKSUM, change);
        if ((bytes[RT_TCP_FLAGS] & RT_TCP_SYN) != 0) {
            rt_mss_clamp(bytes, (size_t)(bytes[RT_TCP_DATA_OFFSET] >> 4) * 4, (uint16_t)(router->mtu - HEADERS));
        }
    } else if (rt_load16(bytes + UDP_CHECKSUM) != 0) {
        rt_apply(bytes + UDP_CHECKSUM, change);
        if (rt_load16(bytes + UDP_CHECKSUM) == 0) {
            rt_store16(bytes + UDP_CHECKSUM, 0xffff); // 0 would say that there is none
        }
    }
}

rt_verdict_t rt_refuse(rt_router_t *router, unsigned side, const rt_packet_t *packet, uint32_t from,
                       rt_verdict_t reason, uint64_t now_ms) {
    if (!rt_icmp_may_answer(packet->bytes, packet->len) ||
        !rt_icmp_may_send(&router->icmp, side, packet->source, now_ms)) {
        return reason;
    }
    router->counts[reason]++;
    bool is_late = reason == RT_DROP_TTL;
    router->answer = router->answer_buffer;
    router->answer_len = rt_icmp_write(router->answer_buffer, from, packet->bytes, packet->len,
                                       is_late ? RT_ICMP_TIME_EXCEEDED : RT_ICMP_UNREACHABLE,
                                       is_late ? RT_ICMP_CODE_TTL : RT_ICMP_CODE_TOO_BIG, is_late ? 0 : router->mtu);
    return RT_ANSWER;
}
