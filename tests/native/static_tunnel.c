// One end of a tunnel with fixed keys and no control plane, to measure and tune the packet path alone:
//   static_tunnel INTERFACE PORT PEER_ADDRESS PEER_PORT initiator|responder
// The keys are in this file: it protects nothing. It ends after 170 s, before its keypair expires, or on a signal.
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "path.h"

enum { PEERS = 1, INDICES = 4, QUEUE = 32, PACKET = 1500, NODES = 4, LIFE_MS = 170000 };

static wg_peer_t peers[PEERS];
static wg_index_slot_t indices[INDICES];
static wg_queue_slot_t queue[QUEUE];
static uint8_t queue_packets[QUEUE * PACKET];
static wg_allowedips_node_t nodes[NODES];

static void set_up(wg_tunnel_t *tunnel, char **argv) {
    wg_tunnel_memory_t memory = {
        .peers = peers,
        .peer_capacity = PEERS,
        .indices = indices,
        .index_capacity = INDICES,
        .queue = queue,
        .queue_packets = queue_packets,
        .queue_capacity = QUEUE,
        .packet_size = PACKET,
        .nodes = nodes,
        .node_capacity = NODES,
    };
    static const uint8_t key_a[32] = {1}, key_b[32] = {2}, anything[16] = {0};
    bool initiator = strcmp(argv[5], "initiator") == 0;
    wg_tunnel_init(tunnel, &memory, 1420);
    uint16_t peer = wg_tunnel_add_peer(tunnel);
    wg_allowedips_insert(&tunnel->allowedips, 4, anything, 0, peer);
    wg_allowedips_insert(&tunnel->allowedips, 6, anything, 0, peer);
    wg_endpoint_t *endpoint = &peers[peer].endpoint;
    endpoint->port = (uint16_t)atoi(argv[4]);
    endpoint->family = strchr(argv[3], ':') != NULL ? 6 : 4;
    inet_pton(endpoint->family == 6 ? AF_INET6 : AF_INET, argv[3], endpoint->address);
    wg_tunnel_install(tunnel, peer, initiator ? key_a : key_b, initiator ? key_b : key_a, true, initiator ? 1 : 2,
                      initiator ? 2 : 1, path_now_ms());
}

static int fail(const char *what, int error) {
    fprintf(stderr, "static_tunnel: %s: %s\n", what, strerror(error));
    return 1;
}

static void print_counters(const path_t *path) {
    const path_counters_t *c = &path->counters;
    const path_udp_counters_t *u = &path->udp.counters;
    printf("tun in  %llu packets %llu calls\n", (unsigned long long)c->tun_rx_packets,
           (unsigned long long)c->tun_rx_calls);
    printf("tun out %llu packets %llu calls %llu errors\n", (unsigned long long)c->tun_tx_packets,
           (unsigned long long)c->tun_tx_calls, (unsigned long long)c->tun_tx_errors);
    printf("udp in  %llu packets %llu calls %llu errors\n", (unsigned long long)u->rx_datagrams,
           (unsigned long long)u->rx_calls, (unsigned long long)u->rx_errors);
    printf("udp out %llu packets %llu calls %llu errors %llu dropped\n", (unsigned long long)u->tx_datagrams,
           (unsigned long long)u->tx_calls, (unsigned long long)u->tx_errors, (unsigned long long)u->tx_dropped);
    for (unsigned i = 0; i < WG_STATUS_COUNT; i++) {
        if (path->tunnel->drops[i] != 0) {
            printf("drops[%u] %u\n", i, path->tunnel->drops[i]);
        }
    }
}

int main(int argc, char **argv) {
    static wg_tunnel_t tunnel;
    static wg_gate_t gate;
    if (argc != 6) {
        fprintf(stderr, "usage: static_tunnel INTERFACE PORT PEER_ADDRESS PEER_PORT initiator|responder\n");
        return 2;
    }
    set_up(&tunnel, argv);
    wg_gate_init(&gate);
    path_t *path = path_open(&tunnel, &gate);
    if (path == NULL) {
        return 1;
    }
    int error = path_set_tun(path, argv[1]);
    if (error != 0) {
        return fail("interface", error);
    }
    error = path_bind(path, (uint16_t)atoi(argv[2]));
    if (error != 0) {
        return fail("port", error);
    }
    uint64_t end_ms = path_now_ms() + LIFE_MS;
    while (path_now_ms() < end_ms && path_take_signal(path) == 0) {
        uint16_t peer;
        uint8_t events;
        path_poll(path, 1000);
        while (wg_tunnel_take_event(&tunnel, &peer, &events)) {
        }
    }
    print_counters(path);
    path_close(path);
    return 0;
}
