#include "rt_lanes.h"

#define TICKS(seconds) ((seconds) * 1000u / 256)

const uint32_t rt_lane_life[RT_LANE_COUNT] = {
    [RT_LANE_CLOSED] = TICKS(10),      [RT_LANE_TCP_NEW] = TICKS(240),
    [RT_LANE_UDP_NEW] = TICKS(180),                                         // RFC 4787: never less than 2 minutes
    [RT_LANE_ECHO] = TICKS(60),                                             // RFC 5508
    [RT_LANE_TRANSITORY] = TICKS(240),                                      // RFC 5382
    [RT_LANE_UDP] = TICKS(180),        [RT_LANE_ESTABLISHED] = TICKS(7440), // RFC 5382: 2 hours and 4 minutes
};

static rt_client_t *owner_of(const rt_napt_t *napt, const rt_flow_t *flow) {
    return &napt->memory.clients[napt->memory.mappings[flow->mapping].owner];
}

static void append(rt_flow_t *flows, rt_lane_ends_t *ends, uint16_t index) {
    flows[index].newer = RT_NONE;
    flows[index].older = ends->newest;
    if (ends->newest == RT_NONE) {
        ends->oldest = index;
    } else {
        flows[ends->newest].newer = index;
    }
    ends->newest = index;
}

static void take_out(rt_flow_t *flows, rt_lane_ends_t *ends, uint16_t index) {
    const rt_flow_t *flow = &flows[index];
    if (flow->older == RT_NONE) {
        ends->oldest = flow->newer;
    } else {
        flows[flow->older].newer = flow->newer;
    }
    if (flow->newer == RT_NONE) {
        ends->newest = flow->older;
    } else {
        flows[flow->newer].older = flow->older;
    }
}

void rt_lanes_append(rt_napt_t *napt, uint16_t index, rt_lane_t lane, uint32_t now) {
    rt_flow_t *flow = &napt->memory.flows[index];
    flow->lane = (uint8_t)lane;
    flow->used = now;
    append(napt->memory.flows, &owner_of(napt, flow)->lanes[lane], index);
}

void rt_lanes_remove(rt_napt_t *napt, uint16_t index) {
    const rt_flow_t *flow = &napt->memory.flows[index];
    take_out(napt->memory.flows, &owner_of(napt, flow)->lanes[flow->lane], index);
}

void rt_lanes_move(rt_napt_t *napt, uint16_t index, rt_lane_t lane, uint32_t now) {
    rt_flow_t *flows = napt->memory.flows;
    rt_flow_t *flow = &flows[index];
    flow->used = now;
    if (flow->newer == RT_NONE && flow->lane == (uint8_t)lane) {
        return; // is there already
    }
    rt_lane_ends_t *lanes = owner_of(napt, flow)->lanes;
    take_out(flows, &lanes[flow->lane], index);
    flow->lane = (uint8_t)lane;
    append(flows, &lanes[lane], index);
}

uint8_t rt_clients_find(const rt_napt_t *napt, uint32_t address) {
    const rt_client_t *clients = napt->memory.clients;
    uint8_t client = 0;
    while (client < napt->memory.client_capacity &&
           (clients[client].flows == 0 || clients[client].address != address)) {
        client++;
    }
    return client;
}

// Ticks since the client's last packet.
static uint32_t silence(const rt_napt_t *napt, const rt_client_t *client, uint32_t now) {
    uint32_t least = UINT32_MAX;
    for (unsigned lane = 0; lane < RT_LANE_COUNT; lane++) {
        uint16_t newest = client->lanes[lane].newest;
        if (newest != RT_NONE && now - napt->memory.flows[newest].used < least) {
            least = now - napt->memory.flows[newest].used;
        }
    }
    return least;
}

uint8_t rt_clients_place(const rt_napt_t *napt, uint32_t now) {
    uint8_t place = napt->memory.client_capacity;
    uint32_t longest = RT_CLIENT_SILENCE_MS / 256;
    for (uint8_t i = 0; i < napt->memory.client_capacity; i++) {
        const rt_client_t *client = &napt->memory.clients[i];
        if (client->flows == 0) {
            return i;
        }
        uint32_t silent = silence(napt, client, now);
        if (silent > longest) {
            longest = silent;
            place = i;
        }
    }
    return place;
}

uint16_t rt_clients_expired(const rt_napt_t *napt, uint8_t client, uint32_t now) {
    for (unsigned lane = 0; lane < RT_LANE_COUNT; lane++) {
        uint16_t oldest = napt->memory.clients[client].lanes[lane].oldest;
        if (oldest != RT_NONE && rt_flow_is_expired(&napt->memory.flows[oldest], now)) {
            return oldest;
        }
    }
    return RT_NONE;
}

uint16_t rt_clients_least(const rt_napt_t *napt, uint8_t client) {
    const rt_lane_ends_t *lane = napt->memory.clients[client].lanes;
    while (lane->oldest == RT_NONE) {
        lane++;
    }
    return lane->oldest;
}

uint8_t rt_clients_giver(const rt_napt_t *napt, uint8_t client) {
    const rt_napt_memory_t *memory = &napt->memory;
    bool is_new = client == memory->client_capacity;
    uint16_t share = (uint16_t)(memory->flow_capacity / (napt->client_count + (is_new ? 1u : 0u)));
    if (!is_new && memory->clients[client].flows >= share) {
        return client;
    }
    uint8_t giver = 0;
    for (uint8_t i = 1; i < memory->client_capacity; i++) {
        if (memory->clients[i].flows > memory->clients[giver].flows) {
            giver = i;
        }
    }
    return giver;
}
