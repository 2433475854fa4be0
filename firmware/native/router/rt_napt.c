#include "rt_napt.h"

#include "rt_ipv4.h"
#include "rt_lanes.h"

enum { PORT_TRIES = 16, LOWEST_RANDOM_PORT = 1024, EXPIRED_AT_ONCE = 4 };

// Multiply-shift over 16-bit pieces (Thorup, "High Speed Hashing for Integers and Strings", 2015): whoever does not know the
// key makes two inputs meet with the chance of one in as many buckets, whatever he chooses.
static inline uint32_t bucket_of(const rt_napt_t *napt, uint32_t address, uint16_t port, uint16_t number) {
    const uint32_t *key = napt->key;
    uint32_t sum = key[0] + key[1] * (address & 0xffff) + key[2] * (address >> 16) + key[3] * port + key[4] * number;
    return (sum >> 16) & (napt->memory.bucket_count - 1u);
}

// Heads of the three tables' chains.
static uint16_t *inside_chain(const rt_napt_t *napt, rt_kind_t kind, uint32_t client, uint16_t client_port) {
    return &napt->memory.buckets[bucket_of(napt, client, client_port, (uint16_t)kind)];
}

static uint16_t *outside_chain(const rt_napt_t *napt, uint8_t protocol, uint16_t port) {
    return &napt->memory.buckets[napt->memory.bucket_count + bucket_of(napt, 0, port, protocol)];
}

static uint16_t *flow_chain(const rt_napt_t *napt, uint16_t mapping, uint32_t remote, uint16_t remote_port) {
    return &napt->memory.buckets[2u * napt->memory.bucket_count + bucket_of(napt, remote, remote_port, mapping)];
}

static uint8_t protocol_of(uint8_t kind) {
    switch (kind) {
    case RT_KIND_ECHO:
        return RT_PROTOCOL_ICMP;
    case RT_KIND_TCP:
    case RT_KIND_TCP_DNS:
        return RT_PROTOCOL_TCP;
    default:
        return RT_PROTOCOL_UDP;
    }
}

bool rt_napt_init(rt_napt_t *napt, const rt_napt_memory_t *memory) {
    if (memory->flow_capacity >= RT_NONE || memory->client_capacity == 0 || memory->client_capacity == UINT8_MAX ||
        memory->flow_capacity < memory->client_capacity || memory->bucket_count == 0 ||
        (memory->bucket_count & (memory->bucket_count - 1)) != 0) {
        return false;
    }
    *napt = (rt_napt_t){.memory = *memory};
    rt_napt_clear(napt);
    return true;
}

void rt_napt_seed(rt_napt_t *napt, rt_random_t *random) {
    for (unsigned i = 0; i < sizeof(napt->key) / sizeof(napt->key[0]); i++) {
        napt->key[i] = rt_random32(random);
    }
    rt_napt_clear(napt);
}

void rt_napt_clear(rt_napt_t *napt) {
    const rt_napt_memory_t *memory = &napt->memory;
    for (uint32_t i = 0; i < 3u * memory->bucket_count; i++) {
        memory->buckets[i] = RT_NONE;
    }
    napt->free_flow = napt->free_mapping = RT_NONE;
    for (uint16_t i = memory->flow_capacity; i-- > 0;) {
        memory->flows[i] = (rt_flow_t){.next = napt->free_flow};
        memory->mappings[i] = (rt_mapping_t){.next_inside = napt->free_mapping};
        napt->free_flow = napt->free_mapping = i;
    }
    for (uint8_t i = 0; i < memory->client_capacity; i++) {
        memory->clients[i] = (rt_client_t){.flows = 0};
    }
    napt->client_count = 0;
    napt->hand = 0;
}

static inline uint16_t find_inside(const rt_napt_t *napt, const rt_ends_t *ends) {
    const rt_mapping_t *mappings = napt->memory.mappings;
    uint16_t i = *inside_chain(napt, ends->kind, ends->client, ends->client_port);
    while (i != RT_NONE && (mappings[i].client != ends->client || mappings[i].client_port != ends->client_port ||
                            mappings[i].kind != (uint8_t)ends->kind)) {
        i = mappings[i].next_inside;
    }
    return i;
}

static inline uint16_t find_outside(const rt_napt_t *napt, uint8_t protocol, uint16_t port) {
    const rt_mapping_t *mappings = napt->memory.mappings;
    uint16_t i = *outside_chain(napt, protocol, port);
    while (i != RT_NONE && (mappings[i].port != port || protocol_of(mappings[i].kind) != protocol)) {
        i = mappings[i].next_outside;
    }
    return i;
}

static void unlink_mapping(rt_napt_t *napt, uint16_t index) {
    rt_mapping_t *mappings = napt->memory.mappings;
    const rt_mapping_t *mapping = &mappings[index];
    uint16_t *link = inside_chain(napt, mapping->kind, mapping->client, mapping->client_port);
    while (*link != index) {
        link = &mappings[*link].next_inside;
    }
    *link = mapping->next_inside;
    link = outside_chain(napt, protocol_of(mapping->kind), mapping->port);
    while (*link != index) {
        link = &mappings[*link].next_outside;
    }
    *link = mapping->next_outside;
}

static void remove_flow(rt_napt_t *napt, uint16_t index) {
    rt_flow_t *flows = napt->memory.flows;
    rt_flow_t *flow = &flows[index];
    uint16_t *link = flow_chain(napt, flow->mapping, flow->remote, flow->remote_port);
    while (*link != index) {
        link = &flows[*link].next;
    }
    *link = flow->next;
    rt_lanes_remove(napt, index);
    rt_mapping_t *mapping = &napt->memory.mappings[flow->mapping];
    rt_client_t *client = &napt->memory.clients[mapping->owner];
    client->flows--;
    if (client->flows == 0) {
        napt->client_count--;
    }
    mapping->flows--;
    if (mapping->flows == 0) {
        unlink_mapping(napt, flow->mapping);
        mapping->next_inside = napt->free_mapping;
        napt->free_mapping = flow->mapping;
    }
    flow->next = napt->free_flow;
    napt->free_flow = index;
}

static inline rt_flow_t *find_flow(rt_napt_t *napt, uint16_t mapping, uint32_t remote, uint16_t remote_port,
                                   uint32_t now) {
    if (mapping == RT_NONE) {
        return NULL;
    }
    rt_flow_t *flows = napt->memory.flows;
    uint16_t i = *flow_chain(napt, mapping, remote, remote_port);
    while (i != RT_NONE &&
           (flows[i].remote != remote || flows[i].remote_port != remote_port || flows[i].mapping != mapping)) {
        i = flows[i].next;
    }
    if (i == RT_NONE) {
        return NULL;
    }
    if (rt_flow_is_expired(&flows[i], now)) {
        remove_flow(napt, i);
        return NULL;
    }
    return &flows[i];
}

void rt_napt_move(rt_napt_t *napt, rt_flow_t *flow, rt_lane_t lane, uint32_t now) {
    rt_lanes_move(napt, (uint16_t)(flow - napt->memory.flows), lane, now);
}

rt_flow_t *rt_napt_find_outbound(rt_napt_t *napt, const rt_ends_t *ends, uint32_t now) {
    return find_flow(napt, find_inside(napt, ends), ends->remote, ends->remote_port, now);
}

rt_flow_t *rt_napt_find_inbound(rt_napt_t *napt, uint8_t protocol, uint16_t port, uint32_t remote, uint16_t remote_port,
                                uint32_t now) {
    return find_flow(napt, find_outside(napt, protocol, port), remote, remote_port, now);
}

// Let go of a few flows that have expired: of this client, and of the next one in turn. Every new flow does this, so that the
// table empties as fast as it fills.
static void expire_some(rt_napt_t *napt, uint8_t client, uint32_t now) {
    uint8_t capacity = napt->memory.client_capacity;
    uint8_t turn[2] = {client, capacity};
    for (uint8_t i = 0; i < capacity && turn[1] == capacity; i++) {
        napt->hand = (uint8_t)(napt->hand + 1 < capacity ? napt->hand + 1 : 0);
        if (napt->memory.clients[napt->hand].flows != 0) {
            turn[1] = napt->hand;
        }
    }
    for (unsigned i = 0; i < 2; i++) {
        for (unsigned n = 0; n < EXPIRED_AT_ONCE && turn[i] != capacity; n++) {
            uint16_t flow = rt_clients_expired(napt, turn[i], now);
            if (flow == RT_NONE) {
                break;
            }
            remove_flow(napt, flow);
        }
    }
}

// Every remaining flow of a client.
static void remove_flows(rt_napt_t *napt, uint8_t client) {
    while (napt->memory.clients[client].flows != 0) {
        remove_flow(napt, rt_clients_least(napt, client));
    }
}

// The client's own port if it is free, else one by chance; false: all that were tried are taken.
static bool choose_port(const rt_napt_t *napt, const rt_ends_t *ends, rt_random_t *random, uint16_t *port) {
    uint8_t protocol = protocol_of((uint8_t)ends->kind);
    *port = ends->client_port;
    if (*port != 0 && find_outside(napt, protocol, *port) == RT_NONE) {
        return true;
    }
    for (unsigned i = 0; i < PORT_TRIES; i++) {
        *port = rt_random16(random);
        if (rt_host16(*port) >= LOWEST_RANDOM_PORT && find_outside(napt, protocol, *port) == RT_NONE) {
            return true;
        }
    }
    return false;
}

// The number of this client, which has flows or a place to keep them; client_capacity: there is none.
static uint8_t enter_client(rt_napt_t *napt, uint32_t address, uint32_t now) {
    uint8_t client = rt_clients_find(napt, address);
    if (client != napt->memory.client_capacity) {
        return client;
    }
    client = rt_clients_place(napt, now);
    if (client != napt->memory.client_capacity) {
        remove_flows(napt, client);
        rt_client_t *entered = &napt->memory.clients[client];
        entered->address = address;
        for (unsigned lane = 0; lane < RT_LANE_COUNT; lane++) {
            entered->lanes[lane] = (rt_lane_ends_t){RT_NONE, RT_NONE};
        }
    }
    return client;
}

// A new mapping without flows; RT_NONE: no place for its client, or no port. A mapping is free: there are as many as flows.
static uint16_t add_mapping(rt_napt_t *napt, const rt_ends_t *ends, rt_random_t *random, uint32_t now) {
    uint8_t owner = enter_client(napt, ends->client, now);
    uint16_t port;
    if (owner == napt->memory.client_capacity || !choose_port(napt, ends, random, &port)) {
        return RT_NONE;
    }
    uint16_t index = napt->free_mapping;
    rt_mapping_t *mapping = &napt->memory.mappings[index];
    napt->free_mapping = mapping->next_inside;
    uint16_t *inside = inside_chain(napt, ends->kind, ends->client, ends->client_port);
    uint16_t *outside = outside_chain(napt, protocol_of((uint8_t)ends->kind), port);
    *mapping = (rt_mapping_t){.client = ends->client,
                              .client_port = ends->client_port,
                              .port = port,
                              .next_inside = *inside,
                              .next_outside = *outside,
                              .kind = (uint8_t)ends->kind,
                              .owner = owner};
    *inside = *outside = index;
    return index;
}

static rt_lane_t first_lane(rt_kind_t kind) {
    switch (protocol_of((uint8_t)kind)) {
    case RT_PROTOCOL_ICMP:
        return RT_LANE_ECHO;
    case RT_PROTOCOL_TCP:
        return RT_LANE_TCP_NEW;
    default:
        return RT_LANE_UDP_NEW;
    }
}

rt_flow_t *rt_napt_open(rt_napt_t *napt, const rt_ends_t *ends, rt_random_t *random, uint32_t now) {
    uint8_t client = rt_clients_find(napt, ends->client);
    expire_some(napt, client, now);
    if (napt->free_flow == RT_NONE) {
        remove_flow(napt, rt_clients_least(napt, rt_clients_giver(napt, client)));
    }
    uint16_t mapping = find_inside(napt, ends);
    if (mapping == RT_NONE) {
        mapping = add_mapping(napt, ends, random, now);
        if (mapping == RT_NONE) {
            return NULL;
        }
    }
    uint16_t index = napt->free_flow;
    rt_flow_t *flow = &napt->memory.flows[index];
    napt->free_flow = flow->next;
    uint16_t *chain = flow_chain(napt, mapping, ends->remote, ends->remote_port);
    *flow = (rt_flow_t){.remote = ends->remote, .remote_port = ends->remote_port, .mapping = mapping, .next = *chain};
    *chain = index;
    rt_mapping_t *through = &napt->memory.mappings[mapping];
    through->flows++;
    rt_client_t *owner = &napt->memory.clients[through->owner];
    owner->flows++;
    if (owner->flows == 1) {
        napt->client_count++;
    }
    rt_lanes_append(napt, index, first_lane(ends->kind), now);
    return flow;
}

void rt_napt_forget_outside(rt_napt_t *napt, const uint32_t nets[2][2]) {
    for (uint8_t i = 0; i < napt->memory.client_capacity; i++) {
        bool stays = false;
        for (unsigned net = 0; net < 2; net++) {
            stays =
                stays || (nets[net][0] != 0 && ((napt->memory.clients[i].address ^ nets[net][0]) & nets[net][1]) == 0);
        }
        if (!stays) {
            remove_flows(napt, i);
        }
    }
}

uint16_t rt_napt_flows_of(rt_napt_t *napt, uint32_t address, uint32_t now) {
    uint8_t client = rt_clients_find(napt, address);
    if (client == napt->memory.client_capacity) {
        return 0;
    }
    uint16_t expired;
    while ((expired = rt_clients_expired(napt, client, now)) != RT_NONE) {
        remove_flow(napt, expired);
    }
    return napt->memory.clients[client].flows;
}
