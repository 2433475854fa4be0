// Network address and port translation: which client is behind which port of the tunnel address, and with whom it speaks.
//
// A mapping gives a client's port (or ICMP echo identifier) one port outside, whoever it speaks with (RFC 4787, 5382, 5508:
// endpoint-independent mapping). A flow is one remote address and port that the client has written to through that mapping;
// only these may answer (address- and port-dependent filtering). Finding either takes one hash; keys are secret, so that nobody
// can make all his flows share a chain.
//
// Addresses and ports are as they stand in packets.
#ifndef RT_NAPT_H
#define RT_NAPT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "rt_random.h"

// A client's ports of each kind are spaces of their own. Queries to our LAN address have mappings of their own, so that their
// answers are told apart from those that a client gets from the same server directly.
typedef enum { RT_KIND_UDP, RT_KIND_TCP, RT_KIND_ECHO, RT_KIND_UDP_DNS, RT_KIND_TCP_DNS } rt_kind_t;

// How long a flow may be silent, and when it goes to make room: the first of these first.
typedef enum {
    RT_LANE_CLOSED,  // TCP, both sides have finished, or one has reset
    RT_LANE_TCP_NEW, // never answered
    RT_LANE_UDP_NEW, // never answered
    RT_LANE_ECHO,
    RT_LANE_TRANSITORY, // TCP, opening or closing (RFC 5382)
    RT_LANE_UDP,
    RT_LANE_ESTABLISHED, // TCP
    RT_LANE_COUNT
} rt_lane_t;

#define RT_NONE 0xffff

typedef struct {
    uint32_t remote;
    uint32_t expected; // TCP: what the client has acknowledged last, host byte order
    uint32_t used;     // rt_ticks() of the last packet
    uint16_t remote_port;
    uint16_t mapping;
    uint16_t next;         // of the hash chain, or of the free flows
    uint16_t older, newer; // in the client's lane
    uint8_t lane;
    uint8_t tcp; // what was seen of the connection, see rt_tcp.h
} rt_flow_t;

typedef struct {
    uint32_t client;
    uint16_t client_port;
    uint16_t port;         // outside
    uint16_t flows;        // 0: free
    uint16_t next_inside;  // of the hash chain by client and port, or of the free mappings
    uint16_t next_outside; // of the hash chain by outer port
    uint8_t kind;
    uint8_t owner; // in clients
} rt_mapping_t;

typedef struct {
    uint16_t oldest, newest; // flows by their last packet
} rt_lane_ends_t;

typedef struct {
    uint32_t address;
    uint16_t flows; // 0: free
    rt_lane_ends_t lanes[RT_LANE_COUNT];
} rt_client_t;

typedef struct {
    rt_flow_t *flows;
    rt_mapping_t *mappings; // as many
    uint16_t flow_capacity; // < RT_NONE, >= client_capacity
    uint16_t *buckets;      // 3 * bucket_count
    uint16_t bucket_count;  // a power of two, best >= flow_capacity
    rt_client_t *clients;
    uint8_t client_capacity;
} rt_napt_memory_t;

typedef struct {
    rt_napt_memory_t memory;
    uint16_t free_flow, free_mapping;
    uint8_t client_count; // with flows
    uint8_t hand;         // the client whose old flows are looked at next
    uint32_t key[5];
} rt_napt_t;

// Time in the table: quarters of a second, roughly, which last for 34 years.
static inline uint32_t rt_ticks(uint64_t now_ms) {
    return (uint32_t)(now_ms >> 8) + 1;
}

bool rt_napt_init(rt_napt_t *napt, const rt_napt_memory_t *memory);
// New keys and an empty table.
void rt_napt_seed(rt_napt_t *napt, rt_random_t *random);
void rt_napt_clear(rt_napt_t *napt);

// Both ends of a flow as its client sees them. remote_port of an echo is 0.
typedef struct {
    rt_kind_t kind;
    uint32_t client, remote;
    uint16_t client_port, remote_port;
} rt_ends_t;

// The flow of a packet from a client; NULL: there is none yet, or it was silent for too long.
rt_flow_t *rt_napt_find_outbound(rt_napt_t *napt, const rt_ends_t *ends, uint32_t now);
// Make it. When the table is full, a client that has its share of it loses a flow of its own, else the client with the most
// flows loses one. NULL: there is no room, or no port.
rt_flow_t *rt_napt_open(rt_napt_t *napt, const rt_ends_t *ends, rt_random_t *random, uint32_t now);
// The flow of a packet from outside: protocol by number (of ICMP only echo), the port that it came to.
rt_flow_t *rt_napt_find_inbound(rt_napt_t *napt, uint8_t protocol, uint16_t port, uint32_t remote, uint16_t remote_port,
                                uint32_t now);
// A packet has passed, and the flow belongs in this lane.
void rt_napt_move(rt_napt_t *napt, rt_flow_t *flow, rt_lane_t lane, uint32_t now);

static inline void rt_napt_touch(rt_napt_t *napt, rt_flow_t *flow, rt_lane_t lane, uint32_t now) {
    // Once a tick is enough; and what is closed stays no longer because somebody goes on.
    if (flow->lane != (uint8_t)lane || (flow->used != now && lane != RT_LANE_CLOSED)) {
        rt_napt_move(napt, flow, lane, now);
    }
}

static inline const rt_mapping_t *rt_napt_mapping(const rt_napt_t *napt, const rt_flow_t *flow) {
    return &napt->memory.mappings[flow->mapping];
}

// Forget every flow of the clients outside two nets (address, mask).
void rt_napt_forget_outside(rt_napt_t *napt, const uint32_t nets[2][2]);
// How many live flows a client has.
uint16_t rt_napt_flows_of(rt_napt_t *napt, uint32_t client, uint32_t now);

#endif
