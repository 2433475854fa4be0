// Counts the instructions that the translation between LAN and tunnel takes for a packet, on an emulated microcontroller,
// inside the guest: with one flow in the table, and with 500 flows of 8 clients, which take turns. Prints lines "count NAME
// INSTRUCTIONS", averages over all flows.
#include <string.h>

#include "report.h"
#include "rt.h"
#include "rt_ipv4.h"
#include "rt_tcp.h"
#include "wg_bytes.h"

enum { FLOWS = 512, BUCKETS = 512, CLIENTS = 32, FRAGMENTS = 32, MTU = 1420, LEN = 64 };
enum { LAN_CLIENTS = 8, MANY = 500, ROUNDS = 4 };

static rt_flow_t flows[FLOWS];
static rt_mapping_t mappings[FLOWS];
static uint16_t buckets[3 * BUCKETS];
static rt_client_t clients[CLIENTS];
static rt_fragment_t fragments[FRAGMENTS];
static rt_router_t router;
// As a packet lies behind an Ethernet header in a buffer that is aligned to words.
static _Alignas(4) uint8_t frame[14 + LEN];
static uint8_t *const packet = frame + 14;
static uint64_t now_ms = 1;

static const uint8_t lan[4] = {10, 7, 7, 1}, mask[4] = {255, 255, 255, 0}, tunnel[4] = {10, 66, 0, 2};

static void open_router(void) {
    static const uint8_t seed[RT_SEED_LEN] = {1};
    rt_memory_t memory = {.napt = {.flows = flows,
                                   .mappings = mappings,
                                   .flow_capacity = FLOWS,
                                   .buckets = buckets,
                                   .bucket_count = BUCKETS,
                                   .clients = clients,
                                   .client_capacity = CLIENTS},
                          .fragments = fragments,
                          .fragment_capacity = FRAGMENTS};
    if (!rt_init(&router, &memory, seed)) {
        fail("the router does not take its memory");
    }
    rt_set_lan(&router, rt_load32(lan), rt_load32(mask));
    rt_set_tunnel(&router, rt_load32(tunnel), MTU, 0);
}

// A packet of flow i between its client and its server, either way, ports as the client sees them.
static void write_packet(unsigned i, uint8_t protocol, int is_inbound) {
    uint8_t client[4] = {10, 7, 7, (uint8_t)(2 + i % LAN_CLIENTS)};
    uint8_t server[4] = {93, 184, (uint8_t)i, (uint8_t)(i >> 8)};
    uint16_t client_port = (uint16_t)(40000 + i);
    memset(packet, 0, LEN);
    rt_ipv4_write(packet, LEN, protocol, rt_load32(is_inbound ? server : client),
                  rt_load32(is_inbound ? tunnel : server));
    uint8_t *transport = packet + RT_IPV4_LEN;
    wg_store16_be(transport, is_inbound ? 443 : client_port);
    wg_store16_be(transport + 2, is_inbound ? client_port : 443);
    transport[RT_TCP_DATA_OFFSET] = 0x50;
    transport[RT_TCP_FLAGS] = RT_TCP_ACKS;
    transport[6] = 1; // a UDP checksum
}

// Average over count flows, each in turn; every round is so much later. A second: each packet renews its flow's life. 0: the
// flows were renewed just before, as they were for most packets of flows that carry more than a few in a second.
static uint32_t measure(unsigned count, uint8_t protocol, int is_inbound, unsigned later_ms) {
    uint32_t total = 0, idle = 0;
    for (unsigned round = 0; round < ROUNDS; round++) {
        now_ms += later_ms;
        for (unsigned i = 0; i < count; i++) {
            write_packet(i, protocol, is_inbound);
            size_t len = LEN;
            guest_start();
            idle = guest_stop();
            guest_start();
            rt_verdict_t verdict =
                is_inbound ? rt_inbound(&router, packet, &len, now_ms) : rt_outbound(&router, packet, &len, now_ms);
            total += guest_stop() - idle;
            if (verdict != RT_OK) {
                fail("a packet does not pass");
            }
        }
    }
    return total / (count * ROUNDS);
}

// What the first packet of a flow costs, with so many already there.
static uint32_t measure_opening(unsigned first, unsigned count) {
    uint32_t total = 0;
    for (unsigned i = first; i < first + count; i++) {
        write_packet(i, RT_PROTOCOL_UDP, 0);
        size_t len = LEN;
        guest_start();
        rt_verdict_t verdict = rt_outbound(&router, packet, &len, now_ms);
        total += guest_stop();
        if (verdict != RT_OK) {
            fail("a flow does not open");
        }
    }
    return total / count;
}

static void measure_with(unsigned count, uint8_t protocol, const char *const names[4]) {
    open_router();
    (void)measure(count, protocol, 0, 1000);
    (void)measure(count, protocol, 1, 1000);
    for (int is_inbound = 0; is_inbound < 2; is_inbound++) {
        report(names[is_inbound], measure(count, protocol, is_inbound, 0));
        report(names[2 + is_inbound], measure(count, protocol, is_inbound, 1000));
    }
}

void bench_main(void) {
    guest_begin();
    static const char *const names[4][4] = {
        {"out_udp_1", "in_udp_1", "renewing_out_udp_1", "renewing_in_udp_1"},
        {"out_udp_500", "in_udp_500", "renewing_out_udp_500", "renewing_in_udp_500"},
        {"out_tcp_1", "in_tcp_1", "renewing_out_tcp_1", "renewing_in_tcp_1"},
        {"out_tcp_500", "in_tcp_500", "renewing_out_tcp_500", "renewing_in_tcp_500"},
    };
    measure_with(1, RT_PROTOCOL_UDP, names[0]);
    measure_with(MANY, RT_PROTOCOL_UDP, names[1]);
    measure_with(1, RT_PROTOCOL_TCP, names[2]);
    measure_with(MANY, RT_PROTOCOL_TCP, names[3]);
    open_router();
    report("open_client", measure_opening(0, 8));
    (void)measure_opening(8, MANY - 8);
    report("open_500", measure_opening(MANY, 8));
    (void)measure_opening(MANY + 8, FLOWS - MANY - 8);
    report("open_full", measure_opening(FLOWS, 64));
    guest_exit(0);
}
