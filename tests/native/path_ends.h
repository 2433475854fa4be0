// Two whole paths on loopback, with socket pairs in the place of TUN devices.
#ifndef PATH_ENDS_H
#define PATH_ENDS_H

#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "check.h"
#include "path.h"
#include "path_packets.h"
#include "path_poll.h"

enum { PEERS = 2, INDICES = 8, QUEUE = 32, PACKET = 1500, NODES = 8 };

typedef struct {
    wg_tunnel_t tunnel;
    wg_gate_t gate;
    path_t *path;
    int wire; // the other side of what stands for the TUN device
    uint16_t peer;
    wg_peer_t peers[PEERS];
    wg_index_slot_t indices[INDICES];
    wg_queue_slot_t queue[QUEUE];
    uint8_t queue_packets[QUEUE * PACKET];
    wg_allowedips_node_t nodes[NODES];
} end_t;

static end_t ends[2];
static const uint8_t keys[2][32] = {{1}, {2}};
static const uint8_t loopback[16] = {127, 0, 0, 1};

static inline void install(unsigned i) {
    wg_status_t status =
        wg_tunnel_install(&ends[i].tunnel, ends[i].peer, keys[i], keys[1 - i], true, 10 + i, 11 - i, path_now_ms());
    CHECK_EQ(status, WG_OK);
}

static inline void open_end(unsigned i) {
    end_t *end = &ends[i];
    const uint8_t anything[16] = {0};
    memset(end, 0, sizeof(*end));
    wg_tunnel_memory_t memory = {
        .peers = end->peers,
        .peer_capacity = PEERS,
        .indices = end->indices,
        .index_capacity = INDICES,
        .queue = end->queue,
        .queue_packets = end->queue_packets,
        .queue_capacity = QUEUE,
        .packet_size = PACKET,
        .nodes = end->nodes,
        .node_capacity = NODES,
    };
    CHECK(wg_tunnel_init(&end->tunnel, &memory, 1420));
    end->peer = wg_tunnel_add_peer(&end->tunnel);
    CHECK_EQ(wg_allowedips_insert(&end->tunnel.allowedips, 4, anything, 0, end->peer), WG_OK);
    CHECK_EQ(wg_allowedips_insert(&end->tunnel.allowedips, 6, anything, 0, end->peer), WG_OK);
    wg_gate_init(&end->gate);
    const uint8_t public_key[32] = {3}, random[64] = {4};
    wg_gate_set_identity(&end->gate, public_key);
    wg_gate_set_secret(&end->gate, random, path_now_ms());
    end->path = path_open(&end->tunnel, &end->gate);
    CHECK(end->path != NULL);
    CHECK_EQ(path_bind(end->path, 0), 0);
    int pair[2];
    CHECK_EQ(socketpair(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, pair), 0);
    end->path->tun.fd = pair[0];
    end->path->coalesce.join_tcp = end->path->coalesce.join_udp = true;
    CHECK_EQ(path_arm(end->path, EPOLL_CTL_ADD, pair[0], PATH_KIND_TUN, EPOLLIN), 0);
    end->wire = pair[1];
}

static inline void take_events(unsigned i) {
    uint16_t peer;
    uint8_t events;
    while (wg_tunnel_take_event(&ends[i].tunnel, &peer, &events)) {
    }
}

static inline void open_ends(void) {
    for (unsigned i = 0; i < 2; i++) {
        open_end(i);
    }
    for (unsigned i = 0; i < 2; i++) {
        wg_endpoint_t *to = &ends[i].peers[ends[i].peer].endpoint;
        *to = (wg_endpoint_t){.family = 4, .port = ends[1 - i].path->udp.port};
        memcpy(to->address, loopback, 16);
    }
}

static inline void close_ends(void) {
    for (unsigned i = 0; i < 2; i++) {
        close(ends[i].wire);
        path_close(ends[i].path);
    }
}

static inline void give(unsigned i, const struct virtio_net_hdr *offload, const uint8_t *packet, size_t len) {
    struct iovec parts[2] = {
        {.iov_base = (void *)(uintptr_t)offload, .iov_len = sizeof(*offload)},
        {.iov_base = (void *)(uintptr_t)packet, .iov_len = len},
    };
    CHECK_EQ(writev(ends[i].wire, parts, 2), (ssize_t)(sizeof(*offload) + len));
}

// What an end writes to its TUN device within a second, both ends running; its length, 0: nothing.
static inline size_t take(unsigned i, struct virtio_net_hdr *offload, uint8_t *packet, size_t size) {
    struct iovec parts[2] = {
        {.iov_base = offload, .iov_len = sizeof(*offload)},
        {.iov_base = packet, .iov_len = size},
    };
    for (unsigned round = 0; round < 200; round++) {
        path_poll(ends[0].path, 0);
        path_poll(ends[1].path, 0);
        ssize_t got = readv(ends[i].wire, parts, 2);
        if (got >= 0) {
            return (size_t)got - sizeof(*offload);
        }
        if (round > 10) {
            usleep(1000);
        }
    }
    return 0;
}

static const packet_shape_t shape = {.hops = 64, .flags = 16, .sequence = 1, .source_port = 80};

static inline void check_passes(unsigned from) {
    uint8_t sent[200], received[200];
    struct virtio_net_hdr offload = {0};
    size_t len = write_packet(sent, &shape, 100);
    give(from, &offload, sent, len);
    CHECK_EQ(take(1 - from, &offload, received, sizeof(received)), len);
    CHECK_BYTES(received, sent, len);
}

#endif
