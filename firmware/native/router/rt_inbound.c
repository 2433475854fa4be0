#include "rt_quote.h"
#include "rt_tcp.h"
#include "rt_translate.h"

static rt_fragment_t fragment_of(const rt_packet_t *packet) {
    return (rt_fragment_t){.source = packet->source,
                           .destination = packet->destination,
                           .id = rt_load16(packet->bytes + RT_IPV4_ID),
                           .protocol = packet->protocol};
}

static rt_verdict_t check_ttl(rt_router_t *router, const rt_packet_t *packet, uint64_t now_ms) {
    if (packet->bytes[RT_IPV4_TTL] > 1) {
        return RT_OK;
    }
    return rt_refuse(router, RT_SIDE_TUNNEL, packet, router->tunnel, RT_DROP_TTL, now_ms);
}

static rt_verdict_t pass_later_fragment(rt_router_t *router, rt_packet_t *packet, uint64_t now_ms) {
    rt_fragment_t wanted = fragment_of(packet);
    const rt_fragment_t *first = rt_fragments_find(&router->fragments, &wanted, rt_ticks(now_ms));
    if (first == NULL || (packet->fragment & RT_OFFSET_MASK) * 8u < first->first_len) {
        return RT_DROP_FRAGMENT;
    }
    rt_verdict_t verdict = check_ttl(router, packet, now_ms);
    if (verdict == RT_OK) {
        rt_readdress(packet, first->to_source, first->to_destination, wanted.id);
    }
    return verdict;
}

// Remember to whom the later fragments go. False: it would overwrite what another first fragment has said.
static bool note_first_fragment(rt_router_t *router, const rt_packet_t *packet, uint32_t source, uint32_t client,
                                uint32_t now) {
    rt_fragment_t wanted = fragment_of(packet);
    wanted.to_source = source;
    wanted.to_destination = client;
    wanted.first_len = (uint16_t)(packet->len - RT_IPV4_LEN);
    const rt_fragment_t *entry = rt_fragments_find(&router->fragments, &wanted, now);
    if (entry == NULL) {
        rt_fragments_keep(&router->fragments, &wanted, now);
        return true;
    }
    return entry->to_destination == client && entry->to_source == source && entry->first_len == wanted.first_len;
}

// Who the client thinks it speaks with: of a query to us, our own address.
static uint32_t source_for(const rt_router_t *router, const rt_mapping_t *mapping, uint32_t remote) {
    bool is_dns = mapping->kind == RT_KIND_UDP_DNS || mapping->kind == RT_KIND_TCP_DNS;
    return is_dns ? rt_own_address(router, mapping->client) : remote;
}

// An error about a packet that a client of ours has sent.
static rt_verdict_t pass_error(rt_router_t *router, rt_packet_t *packet, uint64_t now_ms) {
    rt_quote_t quote;
    if (!rt_quote_read(&quote, packet)) {
        return RT_DROP_MALFORMED;
    }
    if (quote.source != router->tunnel) {
        return RT_DROP_NO_FLOW;
    }
    const rt_flow_t *flow = rt_napt_find_inbound(&router->napt, quote.protocol, quote.source_port, quote.destination,
                                                 quote.destination_port, rt_ticks(now_ms));
    if (flow == NULL) {
        return RT_DROP_NO_FLOW;
    }
    rt_verdict_t verdict = check_ttl(router, packet, now_ms);
    if (verdict != RT_OK) {
        return verdict;
    }
    const rt_mapping_t *mapping = rt_napt_mapping(&router->napt, flow);
    uint32_t remote = source_for(router, mapping, quote.destination);
    uint32_t source = packet->source == quote.destination ? remote : packet->source;
    rt_quote_rewrite(&quote, mapping->client, mapping->client_port, remote, quote.destination_port);
    rt_readdress(packet, source, mapping->client, rt_load16(packet->bytes + RT_IPV4_ID));
    return RT_OK;
}

static rt_verdict_t answer_echo(rt_router_t *router, const rt_packet_t *packet) {
    if (rt_is_fragment(packet)) {
        return RT_DROP_FRAGMENT;
    }
    rt_icmp_echo(packet->bytes);
    router->answer = packet->bytes;
    router->answer_len = packet->len;
    return RT_ANSWER;
}

static rt_verdict_t pass_first(rt_router_t *router, rt_packet_t *packet, uint64_t now_ms) {
    rt_transport_t transport;
    rt_verdict_t verdict = rt_transport_read(&transport, packet);
    if (verdict != RT_OK) {
        return verdict;
    }
    if (transport.is_error) {
        return pass_error(router, packet, now_ms);
    }
    if (transport.is_query) {
        return answer_echo(router, packet);
    }
    uint32_t now = rt_ticks(now_ms);
    bool is_echo = packet->protocol == RT_PROTOCOL_ICMP;
    rt_flow_t *flow = rt_napt_find_inbound(&router->napt, packet->protocol, transport.destination_port, packet->source,
                                           is_echo ? 0 : transport.source_port, now);
    if (flow == NULL) {
        return RT_DROP_NO_FLOW;
    }
    verdict = check_ttl(router, packet, now_ms);
    if (verdict != RT_OK) {
        return verdict;
    }
    const rt_mapping_t *mapping = rt_napt_mapping(&router->napt, flow);
    uint32_t source = source_for(router, mapping, packet->source);
    if (rt_is_fragment(packet) && !note_first_fragment(router, packet, source, mapping->client, now)) {
        return RT_DROP_FRAGMENT;
    }
    rt_lane_t lane = is_echo ? RT_LANE_ECHO : RT_LANE_UDP;
    if (packet->protocol == RT_PROTOCOL_TCP) {
        lane = rt_tcp_inbound(flow, transport.bytes);
    }
    rt_napt_touch(&router->napt, flow, lane, now);
    uint32_t addresses = rt_readdress(packet, source, mapping->client, rt_load16(packet->bytes + RT_IPV4_ID));
    rt_translate_ports(router, &transport, addresses, transport.source_port, mapping->client_port);
    return RT_OK;
}

static rt_verdict_t inbound(rt_router_t *router, uint8_t *bytes, size_t *len, uint64_t now_ms) {
    if (router->tunnel == 0) {
        return RT_DROP_CLOSED;
    }
    rt_packet_t packet;
    if (!rt_ipv4_parse(&packet, bytes, *len)) {
        return rt_ipv4_has_options(bytes, *len) ? RT_DROP_OPTIONS : RT_DROP_MALFORMED;
    }
    *len = packet.len;
    if (packet.destination != router->tunnel) {
        return RT_DROP_DESTINATION;
    }
    if (!rt_ipv4_is_host(packet.source) || packet.source == router->tunnel ||
        rt_own_address(router, packet.source) != 0) {
        return RT_DROP_SOURCE;
    }
    return rt_is_later_fragment(&packet) ? pass_later_fragment(router, &packet, now_ms)
                                         : pass_first(router, &packet, now_ms);
}

rt_verdict_t rt_inbound(rt_router_t *router, uint8_t *packet, size_t *len, uint64_t now_ms) {
    rt_verdict_t verdict = inbound(router, packet, len, now_ms);
    router->counts[verdict]++;
    return verdict;
}
