// The packet path: peers, their keypairs, receiver indices, allowed IPs, and packets that wait for a handshake. No I/O, no
// clock, no allocation: the caller owns all memory and gives the time in milliseconds of a clock that never goes back and
// never says 0.
//
// The control plane (handshakes and timers, in Python) learns what it must know from events, and reads the times it needs from
// wg_peer_t; see wg_tunnel_take_event().
#ifndef WG_TUNNEL_H
#define WG_TUNNEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "wg_allowedips.h"
#include "wg_endpoint.h"
#include "wg_index.h"
#include "wg_keypair.h"
#include "wg_status.h"
#include "wg_transport.h"

// Reasons to wake the control plane. An event that was taken stays quiet until it is watched again, so that a busy flow wakes
// Python a few times a minute and not for each packet.
enum {
    WG_EVENT_HANDSHAKE = 1,  // something to send and no keypair for it
    WG_EVENT_REKEY = 2,      // the keypair in use should be replaced (paper 6.2)
    WG_EVENT_SENT = 4,       // data sent and nothing heard since: data_sent_ms was 0 and is set
    WG_EVENT_RECEIVED = 8,   // data received and nothing sent since: data_received_ms was 0 and is set
    WG_EVENT_CONFIRMED = 16, // the responder's new keypair was used by the peer for the first time
    WG_EVENT_ENDPOINT = 32,  // the peer's outer address has moved
    WG_EVENT_ALL = 63,
};

enum { WG_KEYPAIR_CURRENT = 0, WG_KEYPAIR_PREVIOUS = 1, WG_KEYPAIR_NEXT = 2, WG_KEYPAIR_SLOTS = 3 };

#define WG_QUEUE_PER_PEER 32

typedef struct {
    bool in_use;
    uint8_t slot[WG_KEYPAIR_SLOTS]; // which keypairs[] holds current, previous, next
    wg_keypair_t keypairs[WG_KEYPAIR_SLOTS];
    wg_endpoint_t endpoint;
    uint64_t rx_bytes; // outer UDP payload bytes, as `wg show` counts them
    uint64_t tx_bytes;
    uint64_t data_sent_ms;     // first data sent since the peer was last heard; 0: none
    uint64_t data_received_ms; // first data received since anything was last sent; 0: none
    uint64_t sent_ms;          // last authenticated message sent; 0: never
    uint64_t heard_ms;         // last authenticated message received; 0: never
    uint8_t events;            // raised, not yet taken
    uint8_t watched;           // may be raised
    uint16_t queue_head, queue_tail, queue_len;
    uint16_t event_next; // list of peers with events
    bool has_handshake;  // handshake_index is in the table
    uint32_t handshake_index;
} wg_peer_t;

// One waiting inner packet.
typedef struct {
    uint16_t next;
    uint16_t len;
    uint8_t *packet; // packet_size bytes
} wg_queue_slot_t;

typedef struct {
    wg_peer_t *peers;       // all zero: a big table from calloc() costs memory only for the peers there are
    uint16_t peer_capacity; // < WG_NO_PEER
    wg_index_slot_t *indices;
    // A power of two, >= 4 * peer_capacity. A peer has at most two keypairs at a time (never both previous and next) and one
    // handshake of ours under way, so that a quarter stays free and lookups end.
    uint32_t index_capacity;
    wg_queue_slot_t *queue;
    uint8_t *queue_packets; // queue_capacity * packet_size bytes
    uint16_t queue_capacity;
    uint16_t packet_size; // the longest inner packet that can wait
    wg_allowedips_node_t *nodes;
    uint32_t node_capacity;
} wg_tunnel_memory_t;

typedef struct {
    wg_tunnel_memory_t memory;
    wg_allowedips_t allowedips;
    uint16_t queue_free;
    uint16_t event_head, event_tail;
    uint16_t mtu;      // of the inner interface; padding stops there
    bool has_question; // question_index stands in questions of ours
    uint32_t question_index;
    uint32_t drops[WG_STATUS_COUNT];
} wg_tunnel_t;

// Take over the memory. False: a capacity is not as described.
bool wg_tunnel_init(wg_tunnel_t *tunnel, const wg_tunnel_memory_t *memory, uint16_t mtu);
// Wipe every key and waiting packet. The tunnel is then as wg_tunnel_init() left it: without peers.
void wg_tunnel_wipe(wg_tunnel_t *tunnel);

// Peers are known by their numbers. Where a function below takes one, the caller has made sure that wg_tunnel_has_peer().
static inline bool wg_tunnel_has_peer(const wg_tunnel_t *tunnel, uint16_t peer) {
    return peer < tunnel->memory.peer_capacity && tunnel->memory.peers[peer].in_use;
}

// A new peer's number, or WG_NO_PEER when the table is full.
uint16_t wg_tunnel_add_peer(wg_tunnel_t *tunnel);
void wg_tunnel_remove_peer(wg_tunnel_t *tunnel, uint16_t peer);

// The peer whose keypair or handshake has this receiver index; WG_NO_PEER: nobody.
uint16_t wg_tunnel_find_index(const wg_tunnel_t *tunnel, uint32_t index);
// The receiver index of a handshake that we begin with a peer, in place of that of its handshake before. WG_ERR_INDEX: it is
// taken, nothing changed.
wg_status_t wg_tunnel_reserve_index(wg_tunnel_t *tunnel, uint16_t peer, uint32_t index);
// That handshake is given up. Nothing happens when there is none.
void wg_tunnel_release_index(wg_tunnel_t *tunnel, uint16_t peer);
// The index in questions that we ask outside of any handshake (wg/probe.py), whose answers look like responses; has_question
// false: we ask none.
void wg_tunnel_set_question(wg_tunnel_t *tunnel, bool has_question, uint32_t index);
// Whether we wait for a message of kind 1, 2 or 3, before anything costly is done with it: for a response under the index of a
// handshake or of a question, for a cookie reply under the same or under that of a next keypair, whose response it may refuse. For initiations
// always; and what is none of these is left to wg_gate_check().
bool wg_tunnel_expects(const wg_tunnel_t *tunnel, uint8_t kind, const uint8_t *message, size_t len);
// Take the keypair of a finished handshake. The initiator's becomes current at once; the responder's becomes next, and current
// with the first message that opens with it (paper 6.3 and 5.4.5: only then the initiator is known to have it). local_index may
// be the one that is reserved for this peer, and is so no more. WG_ERR_INDEX: it is taken otherwise, nothing changed.
wg_status_t wg_tunnel_install(wg_tunnel_t *tunnel, uint16_t peer, const uint8_t send_key[32],
                              const uint8_t receive_key[32], bool is_initiator, uint32_t local_index,
                              uint32_t remote_index, uint64_t now_ms);
// Forget the keys of a peer (180 s x 3 without a new handshake, paper 6.3; a changed identity), but not its queue.
void wg_tunnel_clear_keypairs(wg_tunnel_t *tunnel, uint16_t peer);

// The peer for an inner packet, by its destination. WG_ERR_INNER, WG_ERR_ROUTE: a drop that was counted.
wg_status_t wg_tunnel_route(wg_tunnel_t *tunnel, const uint8_t *inner, size_t len, uint16_t *peer);

// Seal one inner packet (len 0: a keepalive) into out, which holds out_size bytes; *out_len is the datagram's length.
// WG_ERR_NO_KEY, WG_ERR_EXPIRED: WG_EVENT_HANDSHAKE was raised, the caller may queue the packet, and nothing was counted.
// WG_ERR_NO_ENDPOINT: nowhere to send it, tested first. WG_ERR_SPACE: out_size is too small. Both are drops that were counted.
// May raise WG_EVENT_REKEY and WG_EVENT_SENT. out may be inner - WG_TRANSPORT_PAYLOAD.
wg_status_t wg_tunnel_seal(wg_tunnel_t *tunnel, uint16_t peer, uint8_t *out, size_t out_size, const uint8_t *inner,
                           size_t len, uint64_t now_ms, size_t *out_len);

// Keep an inner packet until there is a keypair; the oldest of this peer's packets goes when its share or the pool is full.
// WG_ERR_SPACE: too long, or the pool is full of other peers' packets. What is lost was counted under that name.
wg_status_t wg_tunnel_queue(wg_tunnel_t *tunnel, uint16_t peer, const uint8_t *inner, size_t len);
// Seal the oldest waiting packet of a peer as wg_tunnel_seal() does and take it off the queue. False: none left, or none can
// be sealed now.
bool wg_tunnel_seal_queued(wg_tunnel_t *tunnel, uint16_t peer, uint8_t *out, size_t out_size, uint64_t now_ms,
                           size_t *out_len);
void wg_tunnel_drop_queue(wg_tunnel_t *tunnel, uint16_t peer);

typedef struct {
    uint16_t peer;
    uint8_t *inner; // inside the datagram
    size_t len;     // of the inner packet without padding; 0: a keepalive
} wg_opened_t;

// Open one transport data message in place: index, tag, replay, then the inner source against the allowed IPs, and only then
// does the endpoint move to source. Every error is a drop that was counted. What did not authenticate, or was replayed, changes
// nothing else. WG_ERR_INNER, WG_ERR_SOURCE: the peer was heard all the same.
wg_status_t wg_tunnel_open(wg_tunnel_t *tunnel, uint8_t *datagram, size_t len, const wg_endpoint_t *source,
                           uint64_t now_ms, wg_opened_t *opened);

// Account for a handshake message of this peer that was sent or accepted.
void wg_tunnel_note_sent(wg_tunnel_t *tunnel, uint16_t peer, size_t len, uint64_t now_ms);
void wg_tunnel_note_heard(wg_tunnel_t *tunnel, uint16_t peer, size_t len, uint64_t now_ms);

// The next peer with events, and those events, which stop being watched; false when there is none.
bool wg_tunnel_take_event(wg_tunnel_t *tunnel, uint16_t *peer, uint8_t *events);
bool wg_tunnel_has_event(const wg_tunnel_t *tunnel);
// Watch events of a peer again. Does not raise what happened meanwhile: read wg_peer_t after it.
void wg_tunnel_watch(wg_tunnel_t *tunnel, uint16_t peer, uint8_t events);

static inline wg_keypair_t *wg_peer_keypair(wg_peer_t *peer, unsigned which) {
    return &peer->keypairs[peer->slot[which]];
}

void wg_tunnel_count_drop(wg_tunnel_t *tunnel, wg_status_t status);

#endif
