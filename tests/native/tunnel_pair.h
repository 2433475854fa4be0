// Two tunnels, ours and theirs, that know each other as peer 0, and what tests do with them.
#ifndef TUNNEL_PAIR_H
#define TUNNEL_PAIR_H

#include "check.h"
#include "wg_bytes.h"
#include "wg_tunnel.h"
#include "wg_wipe.h"

enum {
    PEERS = 4,
    INDICES = 16,
    WAITING = 40,
    PACKET_SIZE = 1500,
    NODES = 32,
    MTU = 1420,
    ROOM = 2048,
    NOW_MS = 100000
};

typedef struct {
    wg_tunnel_t tunnel;
    wg_peer_t peers[PEERS];
    wg_index_slot_t indices[INDICES];
    wg_queue_slot_t queue[WAITING];
    uint8_t queue_packets[WAITING * PACKET_SIZE];
    wg_allowedips_node_t nodes[NODES];
} box_t;

typedef struct {
    uint8_t bytes[ROOM];
    size_t len;
} datagram_t;

static box_t ours, theirs;

static const wg_endpoint_t our_endpoint = {.family = 4, .port = 1111, .address = {198, 51, 100, 1}};
static const wg_endpoint_t their_endpoint = {.family = 4, .port = 2222, .address = {203, 0, 113, 2}};
static const uint8_t our_address[4] = {10, 0, 0, 1};
static const uint8_t their_address[4] = {10, 0, 0, 2};
static const uint8_t foreign_address[4] = {10, 9, 9, 9};

static inline void box_init(box_t *box) {
    memset(box, 0xa5, sizeof(*box));
    memset(box->peers, 0, sizeof(box->peers));
    wg_tunnel_memory_t memory = {
        .peers = box->peers,
        .peer_capacity = PEERS,
        .indices = box->indices,
        .index_capacity = INDICES,
        .queue = box->queue,
        .queue_packets = box->queue_packets,
        .queue_capacity = WAITING,
        .packet_size = PACKET_SIZE,
        .nodes = box->nodes,
        .node_capacity = NODES,
    };
    CHECK(wg_tunnel_init(&box->tunnel, &memory, MTU));
}

static inline void allow(box_t *box, uint16_t peer, const uint8_t address[4], unsigned prefix_len) {
    CHECK_EQ(wg_allowedips_insert(&box->tunnel.allowedips, 4, address, prefix_len, peer), WG_OK);
}

static inline void derive_key(uint8_t key[32], uint32_t number, bool of_initiator) {
    memset(key, of_initiator ? 0x11 : 0x22, 32);
    wg_store32_le(key, number);
}

// One side's end of handshake `number`. Its indices are 2 * number (the initiator's) and 2 * number + 1.
static inline void install(box_t *box, uint32_t number, bool is_initiator, uint64_t now_ms) {
    uint8_t send_key[32], receive_key[32];
    derive_key(send_key, number, is_initiator);
    derive_key(receive_key, number, !is_initiator);
    uint32_t local = 2 * number + (is_initiator ? 0 : 1);
    CHECK_EQ(wg_tunnel_install(&box->tunnel, 0, send_key, receive_key, is_initiator, local, local ^ 1, now_ms), WG_OK);
}

// A plain IPv4 packet of len bytes.
static inline void make_inner(uint8_t *packet, const uint8_t source[4], const uint8_t destination[4], size_t len) {
    memset(packet, 0x77, len);
    packet[0] = 0x45;
    wg_store16_be(packet + 2, (uint16_t)len);
    memcpy(packet + 12, source, 4);
    memcpy(packet + 16, destination, 4);
}

static inline wg_status_t try_seal(box_t *box, datagram_t *out, const uint8_t *inner, size_t len, uint64_t now_ms) {
    return wg_tunnel_seal(&box->tunnel, 0, out->bytes, sizeof(out->bytes), inner, len, now_ms, &out->len);
}

// A packet with these inner addresses, as `box` sends it.
static inline datagram_t seal_from(box_t *box, const uint8_t source[4], const uint8_t destination[4], size_t len,
                                   uint64_t now_ms) {
    uint8_t inner[ROOM];
    datagram_t out;
    make_inner(inner, source, destination, len);
    CHECK_EQ(try_seal(box, &out, inner, len, now_ms), WG_OK);
    return out;
}

static inline datagram_t data_from_theirs(uint64_t now_ms) {
    return seal_from(&theirs, their_address, our_address, 100, now_ms);
}

static inline datagram_t data_from_ours(uint64_t now_ms) {
    return seal_from(&ours, our_address, their_address, 100, now_ms);
}

static inline datagram_t keepalive_from(box_t *box, uint64_t now_ms) {
    datagram_t out;
    CHECK_EQ(try_seal(box, &out, NULL, 0, now_ms), WG_OK);
    CHECK_EQ(out.len, 32);
    return out;
}

// Open a copy, so that the datagram can be used again.
static inline wg_status_t open_from(box_t *box, const datagram_t *datagram, const wg_endpoint_t *source,
                                    uint64_t now_ms, wg_opened_t *opened) {
    static uint8_t copy[ROOM];
    memcpy(copy, datagram->bytes, datagram->len);
    return wg_tunnel_open(&box->tunnel, copy, datagram->len, source, now_ms, opened);
}

static inline wg_status_t open_at_ours(const datagram_t *datagram, uint64_t now_ms) {
    wg_opened_t opened;
    return open_from(&ours, datagram, &their_endpoint, now_ms, &opened);
}

static inline wg_status_t open_at_theirs(const datagram_t *datagram, uint64_t now_ms) {
    wg_opened_t opened;
    return open_from(&theirs, datagram, &our_endpoint, now_ms, &opened);
}

static inline uint8_t take_events(box_t *box) {
    uint16_t peer;
    uint8_t events = 0;
    if (wg_tunnel_take_event(&box->tunnel, &peer, &events)) {
        CHECK_EQ(peer, 0);
        CHECK(events != 0);
    }
    return events;
}

// Forget what was raised so far, and watch everything.
static inline void watch_anew(box_t *box) {
    take_events(box);
    wg_tunnel_watch(&box->tunnel, 0, WG_EVENT_ALL);
}

static inline wg_keypair_t *keypair_of(box_t *box, unsigned which) {
    return wg_peer_keypair(&box->peers[0], which);
}

// Two tunnels that know each other and have no keys.
static inline void introduce(void) {
    box_init(&ours);
    box_init(&theirs);
    CHECK_EQ(wg_tunnel_add_peer(&ours.tunnel), 0);
    CHECK_EQ(wg_tunnel_add_peer(&theirs.tunnel), 0);
    ours.peers[0].endpoint = their_endpoint;
    theirs.peers[0].endpoint = our_endpoint;
    allow(&ours, 0, their_address, 32);
    allow(&theirs, 0, our_address, 32);
}

// The same after handshake 1 at NOW_MS, which we began, with a keepalive that confirmed it. Nothing is raised.
static inline void connect(void) {
    introduce();
    install(&theirs, 1, false, NOW_MS);
    install(&ours, 1, true, NOW_MS);
    datagram_t first = keepalive_from(&ours, NOW_MS);
    CHECK_EQ(open_at_theirs(&first, NOW_MS), WG_OK);
    watch_anew(&ours);
    watch_anew(&theirs);
}

#endif
