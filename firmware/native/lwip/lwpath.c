#include "lwpath.h"

#include "lwpath_path.h"
#include "lwpath_pool.h"
#include "lwpath_port.h"
#include "lwpath_sign_in.h"
#include "lwpath_silence.h"
#include "lwpath_stream.h"
#include "lwpath_transmit.h"
#include "wg_wipe.h"

#ifndef LWPATH_FLOWS
#define LWPATH_FLOWS 512 // 46 bytes each
#endif
enum { FLOWS = LWPATH_FLOWS, CLIENTS = 32, FRAGMENTS = 32, PORT_TRIES = 64 };

lwpath_t lwpath;

static rt_flow_t flows[FLOWS];
static rt_mapping_t mappings[FLOWS];
static uint16_t buckets[3 * FLOWS];
static rt_client_t clients[CLIENTS];
static rt_fragment_t fragments[FRAGMENTS];
static wg_ring_slot_t handshakes[LWPATH_HANDSHAKES];

void lwpath_init(void) {
    static const uint8_t no_seed[RT_SEED_LEN];
    const rt_memory_t memory = {
        .napt = {.flows = flows,
                 .mappings = mappings,
                 .flow_capacity = FLOWS,
                 .buckets = buckets,
                 .bucket_count = FLOWS,
                 .clients = clients,
                 .client_capacity = CLIENTS},
        .fragments = fragments,
        .fragment_capacity = FRAGMENTS,
    };
    lwpath = (lwpath_t){0};
    lwpath_pool_init();
    lwpath_stream_init();
    bool is_right = rt_init(&lwpath.router, &memory, no_seed); // not in the assertion, which may be compiled out
    LWIP_ASSERT("the router's memory", is_right);
    (void)is_right;
    wg_ring_init(&lwpath.handshakes, handshakes, LWPATH_HANDSHAKES);
    lwpath_take_time();
    lwpath_uplink_stop(); // what a start before has asked for
    lwpath_sides_init();
}

void lwpath_take_time(void) {
    lwpath.now_ms = port_now_ms();
}

uint64_t lwpath_now_ms(void) {
    return lwpath.now_ms;
}

// --- open and closed ---

void lwpath_open(wg_tunnel_t *tunnel, wg_gate_t *gate) {
    uint8_t seed[RT_SEED_LEN] = {0};
    lwpath_close();
    (void)port_fill_random(seed, sizeof seed); // without a generator there are no keys, either
    rt_seed(&lwpath.router, seed);
    wg_wipe(seed, sizeof seed);
    lwpath_transmit_init();
    lwpath_take_time();
    lwpath.tunnel = tunnel;
    lwpath.gate = gate;
    lwpath.uplink_changed = true; // whoever comes has to look
}

void lwpath_set_shape(wg_shape_t *shape) {
    lwpath.shape = shape;
}

void lwpath_forget_shape(const wg_shape_t *shape) {
    if (shape != NULL && shape == lwpath.shape) {
        lwpath.shape = NULL;
    }
}

void lwpath_close(void) {
    lwpath.tunnel = NULL;
    lwpath.gate = NULL;
    lwpath.shape = NULL;
    lwpath_stream_close_any();
    lwpath_unbind();
    lwpath_set_tunnel(0, 0);
    lwpath_set_lan(0, 0);
    lwpath_set_former_lan(0, 0);
    lwpath_set_inside(0, 0, 0);
    lwpath_close_sign_in();
    lwpath.handshakes.count = 0;
    lwpath.dhcp.count = 0;
    lwpath.has_unflushed = false;
    lwpath_silence_reset();
}

void lwpath_forget(const wg_tunnel_t *tunnel) {
    if (tunnel != NULL && tunnel == lwpath.tunnel) {
        lwpath_close();
    }
}

static unsigned reasons_of_path(void) {
    return (lwpath.handshakes.count > 0 ? (unsigned)LWPATH_WAKE_HANDSHAKE : 0) |
           (lwpath.tunnel != NULL && wg_tunnel_has_event(lwpath.tunnel) ? (unsigned)LWPATH_WAKE_EVENT : 0) |
           (lwpath.uplink_changed ? (unsigned)LWPATH_WAKE_UPLINK : 0) |
           (lwpath.dhcp.count > 0 ? (unsigned)LWPATH_WAKE_DHCP : 0) |
           (lwpath_name_has_ended() ? (unsigned)LWPATH_WAKE_NAME : 0) |
           (lwpath_silence_has_news() ? (unsigned)LWPATH_WAKE_SILENCE : 0) |
           (lwpath.inside.count > 0 ? (unsigned)LWPATH_WAKE_INSIDE : 0) |
           (lwpath_stream_has_news() ? (unsigned)LWPATH_WAKE_STREAM : 0);
}

bool lwpath_has_reasons(void) {
    return reasons_of_path() != 0;
}

unsigned lwpath_reasons(void) {
    unsigned reasons = reasons_of_path() | (port_console_ready() ? (unsigned)LWPATH_WAKE_CONSOLE : 0);
    lwpath.uplink_changed = false;
    lwpath_stream_told();
    return reasons;
}

// --- the tunnel's port ---

uint16_t lwpath_choose_port(void) {
    const uint16_t first = 49152;
    uint8_t random[2] = {0, 0};
    (void)port_fill_random(random, sizeof random); // without a generator any does
    return (uint16_t)(first + wg_load16_be(random) % (65536 - first));
}

uint16_t lwpath_bind(uint16_t port) {
    struct udp_pcb *pcb = udp_new();
    if (pcb == NULL) {
        return 0;
    }
    if (port == lwpath.port) {
        lwpath_unbind();
    }
    uint16_t wanted = port;
    err_t error = ERR_USE;
    for (unsigned tries = port != 0 ? 1 : PORT_TRIES; tries > 0 && error != ERR_OK; tries--) {
        wanted = port != 0 ? port : lwpath_choose_port();
        error = udp_bind(pcb, IP_ADDR_ANY, wanted);
    }
    if (error != ERR_OK) {
        udp_remove(pcb);
        return 0;
    }
    lwpath_unbind();
    lwpath.our_pcb = pcb;
    lwpath.port = wanted;
    return wanted;
}

void lwpath_unbind(void) {
    if (lwpath.our_pcb != NULL) {
        udp_remove(lwpath.our_pcb);
    }
    lwpath.our_pcb = NULL;
    lwpath.port = 0;
}

const wg_ring_slot_t *lwpath_next_handshake(void) {
    return wg_ring_pop(&lwpath.handshakes);
}

// --- addresses inside ---

void lwpath_set_tunnel(uint32_t address, uint32_t dns) {
    uint16_t mtu = lwpath.tunnel != NULL && lwpath.tunnel->mtu >= RT_MTU_MIN ? lwpath.tunnel->mtu : RT_MTU_MIN;
    rt_set_tunnel(&lwpath.router, address, mtu, dns);
}

static void forget_strangers(void) {
    const rt_router_t *router = &lwpath.router;
    lwpath_neighbours_keep(&lwpath.neighbours, router->lan, router->lan_mask, router->former_lan, router->former_mask);
}

void lwpath_set_lan(uint32_t address, unsigned prefix_len) {
    rt_set_lan(&lwpath.router, address, lwpath_mask(prefix_len));
    forget_strangers();
}

void lwpath_set_former_lan(uint32_t address, unsigned prefix_len) {
    rt_set_former_lan(&lwpath.router, address, lwpath_mask(prefix_len));
    forget_strangers();
}

const lwpath_neighbour_t *lwpath_next_client(unsigned *cursor) {
    while (*cursor < LWPATH_NEIGHBOURS) {
        const lwpath_neighbour_t *entry = &lwpath.neighbours.entries[(*cursor)++];
        if (entry->address != 0) {
            return entry;
        }
    }
    return NULL;
}

uint16_t lwpath_flows_of(uint32_t client) {
    return rt_flows_of(&lwpath.router, client, lwpath.now_ms);
}

// --- counts ---

uint32_t lwpath_count(lwpath_counter_t counter) {
    return lwpath.counts[counter];
}

uint32_t lwpath_router_count(rt_verdict_t verdict) {
    return lwpath.router.counts[verdict];
}
