#include <string.h>

#include "rt_quote.h"
#include "rt_tcp.h"
#include "rt_translate.h"
#include "wg_bytes.h"

enum { DNS_PORT = 53 };

// rt_is_client() of an address in the net where we are `own`.
static bool is_client(const rt_router_t *router, uint32_t source, uint32_t own) {
    uint32_t mask = own == router->lan ? router->lan_mask : router->former_mask;
    return own != 0 && (source & ~mask) != 0 && (~source & ~mask) != 0 && source != router->lan &&
           source != router->former_lan;
}

static bool is_beyond(const rt_router_t *router, uint32_t destination) {
    return rt_ipv4_is_host(destination) && destination != router->tunnel && rt_own_address(router, destination) == 0;
}

// Whether a packet to our own address is a query for the tunnel's name server.
static bool is_query(const rt_router_t *router, const rt_packet_t *packet) {
    return router->dns != 0 && !rt_is_later_fragment(packet) &&
           (packet->protocol == RT_PROTOCOL_UDP || packet->protocol == RT_PROTOCOL_TCP) &&
           packet->len >= RT_IPV4_LEN + 4 && wg_load16_be(packet->bytes + RT_IPV4_LEN + 2) == DNS_PORT;
}

// What speaks against passing it on at all.
static rt_verdict_t check_hop(rt_router_t *router, const rt_packet_t *packet, uint32_t own, uint64_t now_ms) {
    if (packet->bytes[RT_IPV4_TTL] <= 1) {
        return rt_refuse(router, RT_SIDE_LAN, packet, own, RT_DROP_TTL, now_ms);
    }
    if (packet->len > router->mtu && (packet->fragment & RT_DONT_FRAGMENT) != 0) {
        return rt_refuse(router, RT_SIDE_LAN, packet, own, RT_DROP_TOO_BIG, now_ms);
    }
    return RT_OK;
}

// The identification: our own for what may be or is cut, because two clients may use the same. What is whole and stays so
// needs none (RFC 6864).
static uint16_t choose_id(rt_router_t *router, const rt_packet_t *packet) {
    if (!rt_is_fragment(packet) && (packet->fragment & RT_DONT_FRAGMENT) != 0) {
        return rt_load16(packet->bytes + RT_IPV4_ID);
    }
    return router->next_id++;
}

static rt_fragment_t fragment_of(const rt_packet_t *packet) {
    return (rt_fragment_t){.source = packet->source,
                           .destination = packet->destination,
                           .id = rt_load16(packet->bytes + RT_IPV4_ID),
                           .protocol = packet->protocol};
}

static rt_verdict_t pass_later_fragment(rt_router_t *router, rt_packet_t *packet, uint32_t now) {
    rt_fragment_t wanted = fragment_of(packet);
    const rt_fragment_t *first = rt_fragments_find(&router->fragments, &wanted, now);
    if (first == NULL || (packet->fragment & RT_OFFSET_MASK) * 8u < first->first_len) {
        return RT_DROP_FRAGMENT;
    }
    rt_readdress(packet, first->to_source, first->to_destination, first->to_id);
    return RT_OK;
}

// Remember where the later fragments go; the identification of all of them.
static uint16_t note_first_fragment(rt_router_t *router, const rt_packet_t *packet, uint32_t destination,
                                    uint32_t now) {
    rt_fragment_t wanted = fragment_of(packet);
    rt_fragment_t *entry = rt_fragments_find(&router->fragments, &wanted, now);
    uint16_t first_len = (uint16_t)(packet->len - RT_IPV4_LEN);
    if (entry == NULL) {
        entry = rt_fragments_keep(&router->fragments, &wanted, now);
    } else if (entry->first_len == first_len && entry->to_destination == destination) {
        return entry->to_id; // once more the same
    }
    entry->to_source = router->tunnel;
    entry->to_destination = destination;
    entry->first_len = first_len;
    entry->to_id = choose_id(router, packet);
    return entry->to_id;
}

// An error about a packet that came to this client.
static rt_verdict_t pass_error(rt_router_t *router, rt_packet_t *packet, uint32_t now) {
    rt_quote_t quote;
    if (!rt_quote_read(&quote, packet)) {
        return RT_DROP_MALFORMED;
    }
    if (quote.destination != packet->source || quote.source != packet->destination) {
        return RT_DROP_NO_FLOW;
    }
    rt_ends_t ends = {.client = quote.destination,
                      .client_port = quote.destination_port,
                      .remote = quote.source,
                      .remote_port = quote.source_port};
    ends.kind = quote.protocol == RT_PROTOCOL_UDP   ? RT_KIND_UDP
                : quote.protocol == RT_PROTOCOL_TCP ? RT_KIND_TCP
                                                    : RT_KIND_ECHO;
    const rt_flow_t *flow = rt_napt_find_outbound(&router->napt, &ends, now);
    if (flow == NULL) {
        return RT_DROP_NO_FLOW;
    }
    rt_quote_rewrite(&quote, quote.source, quote.source_port, router->tunnel,
                     rt_napt_mapping(&router->napt, flow)->port);
    rt_readdress(packet, router->tunnel, packet->destination, choose_id(router, packet));
    return RT_OK;
}

// The flow of a first piece, maybe a new one, which is then noted in it.
static rt_verdict_t find_flow(rt_router_t *router, const rt_packet_t *packet, const rt_transport_t *transport,
                              bool is_dns, uint32_t destination, uint32_t now, const rt_flow_t **found) {
    rt_ends_t ends = {.client = packet->source,
                      .client_port = transport->source_port,
                      .remote = destination,
                      .remote_port = transport->destination_port};
    bool is_tcp = packet->protocol == RT_PROTOCOL_TCP;
    if (packet->protocol == RT_PROTOCOL_ICMP) {
        ends.kind = RT_KIND_ECHO;
        ends.remote_port = 0;
    } else if (is_tcp) {
        ends.kind = is_dns ? RT_KIND_TCP_DNS : RT_KIND_TCP;
    } else {
        ends.kind = is_dns ? RT_KIND_UDP_DNS : RT_KIND_UDP;
    }
    rt_flow_t *flow = rt_napt_find_outbound(&router->napt, &ends, now);
    if (flow == NULL) {
        if (is_tcp && (transport->bytes[RT_TCP_FLAGS] & RT_TCP_RST) != 0) {
            return RT_DROP_NO_FLOW; // the end of nothing. Other segments make a flow: a connection outlives our restart
        }
        flow = rt_napt_open(&router->napt, &ends, &router->random, now);
        if (flow == NULL) {
            return RT_DROP_NO_ROOM;
        }
    }
    rt_napt_touch(&router->napt, flow, is_tcp ? rt_tcp_outbound(flow, transport->bytes) : flow->lane, now);
    *found = flow;
    return RT_OK;
}

static rt_verdict_t pass_first(rt_router_t *router, rt_packet_t *packet, bool is_dns, uint32_t now) {
    rt_transport_t transport;
    rt_verdict_t verdict = rt_transport_read(&transport, packet);
    if (verdict != RT_OK) {
        return verdict;
    }
    if (transport.is_error) {
        return pass_error(router, packet, now);
    }
    if (packet->protocol == RT_PROTOCOL_ICMP && !transport.is_query) {
        return RT_DROP_NO_FLOW; // nobody can have asked a client
    }
    uint32_t destination = is_dns ? router->dns : packet->destination;
    const rt_flow_t *flow;
    verdict = find_flow(router, packet, &transport, is_dns, destination, now, &flow);
    if (verdict != RT_OK) {
        return verdict;
    }
    uint16_t id =
        rt_is_fragment(packet) ? note_first_fragment(router, packet, destination, now) : choose_id(router, packet);
    uint32_t addresses = rt_readdress(packet, router->tunnel, destination, id);
    rt_translate_ports(router, &transport, addresses, rt_napt_mapping(&router->napt, flow)->port,
                       transport.destination_port);
    return RT_OK;
}

static rt_verdict_t outbound(rt_router_t *router, uint8_t *bytes, size_t *len, uint64_t now_ms) {
    rt_packet_t packet;
    if (!rt_ipv4_parse(&packet, bytes, *len)) {
        return rt_ipv4_has_options(bytes, *len) ? RT_DROP_OPTIONS : RT_DROP_MALFORMED;
    }
    *len = packet.len;
    uint32_t own = rt_own_address(router, packet.source);
    if (!is_client(router, packet.source, own)) {
        return RT_DROP_SOURCE;
    }
    bool is_dns = packet.destination == own && is_query(router, &packet);
    if (packet.destination == own && !is_dns && !rt_is_later_fragment(&packet)) {
        return RT_LOCAL;
    }
    if (router->tunnel == 0) {
        return RT_DROP_CLOSED;
    }
    if (packet.destination != own && !is_beyond(router, packet.destination)) {
        return RT_DROP_DESTINATION;
    }
    rt_verdict_t verdict = check_hop(router, &packet, own, now_ms);
    if (verdict != RT_OK) {
        return verdict;
    }
    uint32_t now = rt_ticks(now_ms);
    verdict = rt_is_later_fragment(&packet) ? pass_later_fragment(router, &packet, now)
                                            : pass_first(router, &packet, is_dns, now);
    return verdict == RT_OK && packet.len > router->mtu ? RT_SPLIT : verdict;
}

bool rt_is_client(const rt_router_t *router, uint32_t address) {
    return is_client(router, address, rt_own_address(router, address));
}

rt_verdict_t rt_outbound(rt_router_t *router, uint8_t *packet, size_t *len, uint64_t now_ms) {
    rt_verdict_t verdict = outbound(router, packet, len, now_ms);
    router->counts[verdict]++;
    return verdict;
}
