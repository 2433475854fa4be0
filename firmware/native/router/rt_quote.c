#include "rt_quote.h"

#include "rt_icmp.h"
#include "rt_tcp.h"
#include "wg_bytes.h"

enum { QUOTED_PORTS = 8, UDP_CHECKSUM = 6, ICMP_CHECKSUM = 2, ICMP_ID = 4, VERSION_AND_LEN = 0x45 };

static bool read_ports(rt_quote_t *quote) {
    const uint8_t *transport = quote->bytes + RT_IPV4_LEN;
    switch (quote->protocol) {
    case RT_PROTOCOL_TCP:
    case RT_PROTOCOL_UDP:
        quote->source_port = rt_load16(transport);
        quote->destination_port = rt_load16(transport + 2);
        return true;
    case RT_PROTOCOL_ICMP:
        quote->source_port = transport[0] == RT_ICMP_ECHO ? rt_load16(transport + ICMP_ID) : 0;
        quote->destination_port = transport[0] == RT_ICMP_ECHO_REPLY ? rt_load16(transport + ICMP_ID) : 0;
        return transport[0] == RT_ICMP_ECHO || transport[0] == RT_ICMP_ECHO_REPLY;
    default:
        return false;
    }
}

bool rt_quote_read(rt_quote_t *quote, const rt_packet_t *packet) {
    size_t len = packet->len - RT_IPV4_LEN;
    quote->message = packet->bytes + RT_IPV4_LEN;
    if (len < RT_ICMP_LEN + RT_IPV4_LEN + QUOTED_PORTS || rt_sum(quote->message, len) != 0xffff) {
        return false;
    }
    quote->bytes = quote->message + RT_ICMP_LEN;
    quote->len = len - RT_ICMP_LEN;
    quote->protocol = quote->bytes[RT_IPV4_PROTOCOL];
    quote->source = rt_load32(quote->bytes + RT_IPV4_SOURCE);
    quote->destination = rt_load32(quote->bytes + RT_IPV4_DESTINATION);
    return quote->bytes[0] == VERSION_AND_LEN &&
           (wg_load16_be(quote->bytes + RT_IPV4_FRAGMENT) & RT_OFFSET_MASK) == 0 && read_ports(quote);
}

// Bring a quoted checksum up to date; what that changes in the sum of the error.
static uint32_t mend(uint8_t *checksum, uint32_t change, bool is_udp) {
    uint16_t from = rt_load16(checksum);
    rt_apply(checksum, change);
    if (is_udp && rt_load16(checksum) == 0) {
        rt_store16(checksum, 0xffff); // 0 would say that there is none
    }
    return rt_change16(0, from, rt_load16(checksum));
}

void rt_quote_rewrite(rt_quote_t *quote, uint32_t source, uint16_t source_port, uint32_t destination,
                      uint16_t destination_port) {
    uint8_t *transport = quote->bytes + RT_IPV4_LEN;
    uint32_t addresses = rt_replace32(0, quote->bytes + RT_IPV4_SOURCE, source);
    addresses = rt_replace32(addresses, quote->bytes + RT_IPV4_DESTINATION, destination);
    uint32_t total = addresses + mend(quote->bytes + RT_IPV4_CHECKSUM, addresses, false);
    uint32_t ports = 0;
    if (quote->protocol == RT_PROTOCOL_ICMP) {
        ports = rt_replace16(0, transport + ICMP_ID, transport[0] == RT_ICMP_ECHO ? source_port : destination_port);
        total += mend(transport + ICMP_CHECKSUM, ports, false);
    } else {
        ports = rt_replace16(rt_replace16(0, transport, source_port), transport + 2, destination_port);
        uint8_t *checksum = transport + (quote->protocol == RT_PROTOCOL_TCP ? RT_TCP_CHECKSUM : UDP_CHECKSUM);
        bool is_quoted = checksum + 2 <= quote->bytes + quote->len;
        if (is_quoted && (quote->protocol == RT_PROTOCOL_TCP || rt_load16(checksum) != 0)) {
            total += mend(checksum, addresses + ports, quote->protocol == RT_PROTOCOL_UDP);
        }
    }
    rt_apply(quote->message + ICMP_CHECKSUM, total + ports);
}
