// Who has which flows, in the order in which they were last used: a client has a list for each lane. What expires, and who has
// to give when the table is full, is found at the ends of these lists.
#ifndef RT_LANES_H
#define RT_LANES_H

#include "rt_napt.h"

// Put a flow, whose mapping is set, at the new end of a lane, or take it out of its lane.
void rt_lanes_append(rt_napt_t *napt, uint16_t flow, rt_lane_t lane, uint32_t now);
void rt_lanes_remove(rt_napt_t *napt, uint16_t flow);

// The same as both, for a flow that has had a packet.
void rt_lanes_move(rt_napt_t *napt, uint16_t flow, rt_lane_t lane, uint32_t now);

// Ticks that a flow may be silent.
extern const uint32_t rt_lane_life[RT_LANE_COUNT];

static inline bool rt_flow_is_expired(const rt_flow_t *flow, uint32_t now) {
    return now - flow->used > rt_lane_life[flow->lane];
}

// The number of a client with this address; client_capacity: none.
uint8_t rt_clients_find(const rt_napt_t *napt, uint32_t address);
// A free place for a client. Without one, that of the client which has been silent for the longest time and for
// RT_CLIENT_SILENCE_MS at least; its flows are to be removed. client_capacity: none.
uint8_t rt_clients_place(const rt_napt_t *napt, uint32_t now);
#define RT_CLIENT_SILENCE_MS 30000

// A flow of this client that has expired; RT_NONE: none.
uint16_t rt_clients_expired(const rt_napt_t *napt, uint8_t client, uint32_t now);
// The flow that this client misses least; it has one.
uint16_t rt_clients_least(const rt_napt_t *napt, uint8_t client);
// Who has to give a flow so that this client (client_capacity: a new one) gets one.
uint8_t rt_clients_giver(const rt_napt_t *napt, uint8_t client);

#endif
