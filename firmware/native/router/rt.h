// What happens to an IPv4 packet between the clients of the LAN and the tunnel: translation of addresses and ports (NAPT),
// MSS, fragments, ICMP errors. Plain C like the core: no I/O, no clock, no allocation, no lwIP. Packets are changed in place;
// addresses are in network byte order as they stand in packets, ports and lengths in host byte order.
#ifndef RT_H
#define RT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// What became of a packet. Everything above RT_ANSWER is a drop, counted under its name.
typedef enum {
    RT_OK = 0,           // translated in place; pass it on
    RT_ANSWER,           // dropped, but the sender is owed the ICMP message in answer (RFC 792, 1191, 1812)
    RT_DROP_MALFORMED,   // no whole IPv4 packet, a wrong header checksum, a length that lies
    RT_DROP_SOURCE,      // a source that no client of this LAN has (RFC 2827)
    RT_DROP_DESTINATION, // an address that no packet may be sent on to: broadcast, multicast, loopback, this LAN itself
    RT_DROP_PROTOCOL,    // neither TCP, UDP nor the parts of ICMP that pass
    RT_DROP_TTL,         // its time is over; answered
    RT_DROP_TOO_BIG,     // longer than the tunnel takes, and may not be cut; answered
    RT_DROP_FRAGMENT,    // a fragment whose first one was not seen, or with ports out of reach
    RT_DROP_NO_FLOW,     // from the tunnel, and nobody here has asked for it
    RT_DROP_NO_ROOM,     // the table is full, and this client has its share
    RT_DROP_CLOSED,      // there is no tunnel address
    RT_VERDICT_COUNT
} rt_verdict_t;

// IPv4 in the tunnel is never longer than this, so that every ICMP answer fits: a header, 8 bytes, and what it quotes.
#define RT_ANSWER_MAX 576

typedef struct rt_flow rt_flow_t;         // rt_napt.h
typedef struct rt_fragment rt_fragment_t; // rt_fragment.h

typedef struct {
    rt_flow_t *flows; // all zero
    uint16_t flow_capacity;
    uint16_t *buckets;     // bucket_count of them: heads of chains, both directions
    uint16_t bucket_count; // a power of two
    rt_fragment_t *fragments;
    uint16_t fragment_capacity;
} rt_memory_t;

typedef struct {
    rt_memory_t memory;
    uint32_t lan, lan_mask; // our address on the LAN; 0: none
    uint32_t former_lan, former_mask;
    uint32_t tunnel; // our address in the tunnel; 0: closed
    uint32_t dns;    // where queries to our LAN address go; 0: nowhere
    uint16_t mtu;    // of the tunnel
    uint32_t counts[RT_VERDICT_COUNT];
    uint8_t answer[RT_ANSWER_MAX];
    uint16_t answer_len; // after RT_ANSWER: a whole IPv4 packet for the client (outbound) or the peer (inbound)
    uint64_t random;     // state for ports, seeded by rt_seed()
} rt_router_t;

bool rt_init(rt_router_t *router, const rt_memory_t *memory);
void rt_seed(rt_router_t *router, const uint8_t seed[8]);
// Changing any of these forgets the flows that cannot go on.
void rt_set_lan(rt_router_t *router, uint32_t address, uint32_t mask);
void rt_set_former_lan(rt_router_t *router, uint32_t address, uint32_t mask);
void rt_set_tunnel(rt_router_t *router, uint32_t address, uint16_t mtu, uint32_t dns);
void rt_clear(rt_router_t *router);

// A packet from a client, len bytes from its IPv4 header (what the link has added behind is cut: *len is set).
rt_verdict_t rt_outbound(rt_router_t *router, uint8_t *packet, size_t *len, uint64_t now_ms);
// A packet that the tunnel has opened. Its new destination is a client's address.
rt_verdict_t rt_inbound(rt_router_t *router, uint8_t *packet, size_t *len, uint64_t now_ms);

// Flows of one client's address, for people.
uint16_t rt_flows_of(const rt_router_t *router, uint32_t client);

#endif
