// What happens to an IPv4 packet between the clients of the LAN and the tunnel: translation of addresses and ports (NAPT),
// MSS, fragments, ICMP errors. Plain C like the core: no I/O, no clock, no allocation, no lwIP. Packets lie at even addresses
// (behind an Ethernet header in an aligned buffer, they do), and are changed in place;
// addresses are in network byte order as they stand in packets, everything else in host byte order. Times are milliseconds of
// a clock that never goes back and never says 0.
#ifndef RT_H
#define RT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "rt_fragment.h"
#include "rt_icmp.h"
#include "rt_napt.h"
#include "rt_random.h"
#include "rt_split.h"
#include "rt_verdict.h"

typedef struct {
    rt_napt_memory_t napt;
    rt_fragment_t *fragments;
    uint16_t fragment_capacity; // a power of two, >= 4
} rt_memory_t;

typedef struct {
    rt_napt_t napt;
    rt_fragments_t fragments;
    rt_random_t random;
    rt_icmp_t icmp;
    uint32_t lan, lan_mask; // our address on the LAN; 0: none
    uint32_t former_lan, former_mask;
    uint32_t tunnel; // our address in the tunnel; 0: closed
    uint32_t dns;    // where queries to our LAN address go; 0: nowhere
    uint16_t mtu;    // of the tunnel
    uint16_t next_id;
    uint32_t counts[RT_VERDICT_COUNT];
    // After RT_ANSWER: a whole IPv4 packet for the client (outbound) or through the tunnel (inbound). It may lie in the packet
    // that it answers, and is good until the next call.
    const uint8_t *answer;
    size_t answer_len;
    uint8_t answer_buffer[RT_ANSWER_MAX];
} rt_router_t;

// Take over the memory; closed until it has addresses. False: a capacity is not as described. The seed keeps strangers and
// clients from foreseeing ports and where a flow lies in the table: zeros are as good as anything until there is a tunnel.
bool rt_init(rt_router_t *router, const rt_memory_t *memory, const uint8_t seed[RT_SEED_LEN]);
// A new seed, e.g. when the machine's generator has started. Forgets all flows.
void rt_seed(rt_router_t *router, const uint8_t seed[RT_SEED_LEN]);

// Changing any of these forgets the flows that cannot go on. A net moves by rt_set_former_lan() with the old address and then
// rt_set_lan() with the new one. Address 0: none.
void rt_set_lan(rt_router_t *router, uint32_t address, uint32_t mask);
void rt_set_former_lan(rt_router_t *router, uint32_t address, uint32_t mask);
// mtu: of inner packets, at least RT_MTU_MIN.
void rt_set_tunnel(rt_router_t *router, uint32_t address, uint16_t mtu, uint32_t dns);
void rt_clear(rt_router_t *router);

// Whether a client can have this address: in one of our nets, not its first or last one, and not ours.
bool rt_is_client(const rt_router_t *router, uint32_t address);

#define RT_MTU_MIN 576 // what every host can take (RFC 791)

// A packet from a client, len bytes from its IPv4 header (what the link has added behind is cut: *len is set).
rt_verdict_t rt_outbound(rt_router_t *router, uint8_t *packet, size_t *len, uint64_t now_ms);
// A packet that the tunnel has opened. Its new destination is a client's address.
rt_verdict_t rt_inbound(rt_router_t *router, uint8_t *packet, size_t *len, uint64_t now_ms);

// Flows of one client's address, for people.
uint16_t rt_flows_of(rt_router_t *router, uint32_t client, uint64_t now_ms);

#endif
