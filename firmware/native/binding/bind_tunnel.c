// A tunnel's memory, peers, allowed IPs and events.
#include "bind_tunnel.h"

#include <string.h>

#include "wg_wipe.h"

// The memory of a wiped tunnel stays until the object is freed: the data path may still point at it.
static void wipe_tunnel(void *state) {
    wg_tunnel_wipe(((bind_tunnel_t *)state)->tunnel);
}

static void finish_tunnel(void *state) {
    bind_tunnel_t *self = state;
    if (self->tunnel != NULL) {
        wg_tunnel_wipe(self->tunnel);
        bind_port_free(self->tunnel);
        self->tunnel = NULL;
    }
}

const bind_class_t bind_class_Tunnel = {"Tunnel", sizeof(bind_tunnel_t), finish_tunnel};

bool bind_peer(bind_call_t *call, size_t at, uint16_t *peer) {
    uint64_t number;
    if (!bind_number(call, at, WG_NO_PEER, &number)) {
        return false;
    }
    if (!wg_tunnel_has_peer(bind_tunnel_of(call), (uint16_t)number)) {
        return bind_fail_number(call, BIND_VALUE_ERROR, at, number, " is not a peer");
    }
    *peer = (uint16_t)number;
    return true;
}

// Where the next table begins; tables follow each other, aligned for anything in them.
static uint64_t place(uint64_t *size, uint64_t count, size_t item_size) {
    uint64_t at = *size;
    *size = (at + count * item_size + 15) & ~UINT64_C(15);
    return at;
}

// Allocate the tunnel and its tables in one piece. Capacities are in *memory. NULL: not enough.
static wg_tunnel_t *make_tunnel(wg_tunnel_memory_t *memory, uint16_t mtu) {
    memory->index_capacity = 4;
    while (memory->index_capacity < 4u * memory->peer_capacity) {
        memory->index_capacity *= 2;
    }
    uint64_t size = 0;
    place(&size, 1, sizeof(wg_tunnel_t));
    uint64_t peers = place(&size, memory->peer_capacity, sizeof(wg_peer_t));
    uint64_t indices = place(&size, memory->index_capacity, sizeof(wg_index_slot_t));
    uint64_t queue = place(&size, memory->queue_capacity, sizeof(wg_queue_slot_t));
    uint64_t nodes = place(&size, memory->node_capacity, sizeof(wg_allowedips_node_t));
    uint64_t packets = place(&size, (uint64_t)memory->queue_capacity * memory->packet_size, 1);
    uint8_t *base = size <= SIZE_MAX / 2 ? bind_port_allocate((size_t)size) : NULL;
    if (base == NULL) {
        return NULL;
    }
    memory->peers = (wg_peer_t *)(void *)(base + peers);
    memory->indices = (wg_index_slot_t *)(void *)(base + indices);
    memory->queue = (wg_queue_slot_t *)(void *)(base + queue);
    memory->nodes = (wg_allowedips_node_t *)(void *)(base + nodes);
    memory->queue_packets = base + packets;
    wg_tunnel_t *tunnel = (wg_tunnel_t *)(void *)base;
    if (!wg_tunnel_init(tunnel, memory, mtu)) {
        bind_port_free(base);
        return NULL;
    }
    return tunnel;
}

/// class Tunnel:
///     """Peers, keypairs, indices, allowed IPs and waiting packets (core/wg_tunnel.h)."""

///     def __init__(self, peers: int, prefixes: int, waiting: int, packet_size: int, mtu: int) -> None:
///         """Capacities: peers, allowed IPs, waiting packets and their longest length.
///
///         mtu: of the inner interface; 0: not known.
///         """
bool bind_Tunnel_new(bind_call_t *call) {
    bind_tunnel_t *self = call->self;
    uint64_t peers, prefixes, waiting, packet_size, mtu;
    if (!bind_number(call, 0, WG_NO_PEER - 1, &peers) || !bind_number(call, 1, UINT32_MAX / 2 - 1, &prefixes) ||
        !bind_number(call, 2, UINT16_MAX - 1, &waiting) || !bind_number(call, 3, UINT16_MAX, &packet_size) ||
        !bind_number(call, 4, UINT16_MAX, &mtu)) {
        return false;
    }
    if (peers == 0) {
        return bind_fail(call, BIND_VALUE_ERROR, 0, "0, at least 1 wanted");
    }
    wg_tunnel_memory_t memory = {
        .peer_capacity = (uint16_t)peers,
        .queue_capacity = (uint16_t)waiting,
        .packet_size = (uint16_t)packet_size,
        .node_capacity = (uint32_t)(2 * prefixes),
    };
    self->tunnel = make_tunnel(&memory, (uint16_t)mtu);
    if (self->tunnel == NULL) {
        return bind_fail_call(call, BIND_MEMORY_ERROR, "not enough memory for these capacities");
    }
    self->state.live = true;
    return true;
}

///     def set_mtu(self, mtu: int) -> None:
///         """Padding stops there; 0: not known."""
bool bind_Tunnel_set_mtu(bind_call_t *call) {
    uint64_t mtu;
    if (!bind_number(call, 0, UINT16_MAX, &mtu)) {
        return false;
    }
    bind_tunnel_of(call)->mtu = (uint16_t)mtu;
    return true;
}

// --- peers ---

///     def add_peer(self) -> int:
///         """The new peer's number. MemoryError: the table is full."""
bool bind_Tunnel_add_peer(bind_call_t *call) {
    uint16_t peer = wg_tunnel_add_peer(bind_tunnel_of(call));
    if (peer == WG_NO_PEER) {
        return bind_fail_call(call, BIND_MEMORY_ERROR, "the table of peers is full");
    }
    return bind_return_int(call, peer);
}

///     def remove_peer(self, peer: int) -> None:
///         """Forget it, its keys, its allowed IPs and what waits for it."""
bool bind_Tunnel_remove_peer(bind_call_t *call) {
    uint16_t peer;
    if (!bind_peer(call, 0, &peer)) {
        return false;
    }
    wg_tunnel_remove_peer(bind_tunnel_of(call), peer);
    return true;
}

///     def set_endpoint(self, peer: int, endpoint: ReadableBuffer) -> None:
///         """endpoint: bytes as wg.endpoint makes them; empty: forget it.
///
///         Family (4, 6, or 1: a stream) | shape << 4, port, scope (both big endian, 2 and 4 bytes), address.
///         """
bool bind_Tunnel_set_endpoint(bind_call_t *call) {
    uint16_t peer;
    bind_buffer_t bytes;
    wg_endpoint_t endpoint;
    memset(&endpoint, 0, sizeof(endpoint));
    if (!bind_peer(call, 0, &peer) || !bind_bytes(call, 1, BIND_ANY_LEN, &bytes) ||
        (bytes.len != 0 && !bind_endpoint(call, 1, &endpoint))) {
        return false;
    }
    wg_endpoint_t *known = &bind_tunnel_of(call)->memory.peers[peer].endpoint;
    if (!wg_endpoint_equal(known, &endpoint)) { // else our side of it would be forgotten
        *known = endpoint;
    }
    return true;
}

///     def endpoint(self, peer: int) -> bytes:
///         """As in set_endpoint(); empty: not known."""
bool bind_Tunnel_endpoint(bind_call_t *call) {
    uint16_t peer;
    uint8_t bytes[WG_ENDPOINT_MAX_LEN];
    if (!bind_peer(call, 0, &peer)) {
        return false;
    }
    size_t len = wg_endpoint_store(bytes, &bind_tunnel_of(call)->memory.peers[peer].endpoint);
    return bind_return_bytes(call, bytes, len);
}

// --- allowed IPs ---

///     def allow(self, peer: int, address: ReadableBuffer, prefix_len: int) -> None:
///         """Add an allowed IP; one that another peer has moves here. MemoryError: full, nothing changed."""
bool bind_Tunnel_allow(bind_call_t *call) {
    uint16_t peer;
    const uint8_t *address;
    unsigned family, prefix_len;
    if (!bind_peer(call, 0, &peer) || !bind_prefix(call, 1, &address, &family, &prefix_len)) {
        return false;
    }
    return wg_allowedips_insert(&bind_tunnel_of(call)->allowedips, family, address, prefix_len, peer) == WG_OK ||
           bind_fail_call(call, BIND_MEMORY_ERROR, "the table of allowed IPs is full");
}

///     def disallow(self, peer: int, address: ReadableBuffer, prefix_len: int) -> bool:
///         """False: this peer has no such prefix."""
bool bind_Tunnel_disallow(bind_call_t *call) {
    uint16_t peer;
    const uint8_t *address;
    unsigned family, prefix_len;
    if (!bind_peer(call, 0, &peer) || !bind_prefix(call, 1, &address, &family, &prefix_len)) {
        return false;
    }
    return bind_return_bool(call,
                            wg_allowedips_remove(&bind_tunnel_of(call)->allowedips, family, address, prefix_len, peer));
}

///     def disallow_all(self, peer: int) -> None: ...
bool bind_Tunnel_disallow_all(bind_call_t *call) {
    uint16_t peer;
    if (!bind_peer(call, 0, &peer)) {
        return false;
    }
    wg_allowedips_remove_peer(&bind_tunnel_of(call)->allowedips, peer);
    return true;
}

///     def allowed(self, peer: int) -> "list[tuple[bytes, int]]":
///         """(address, prefix length), in no order."""
bool bind_Tunnel_allowed(bind_call_t *call) {
    uint16_t peer;
    return bind_peer(call, 0, &peer) && bind_return_prefixes(call, &bind_tunnel_of(call)->allowedips, peer);
}

///     def lookup(self, address: ReadableBuffer) -> int:
///         """The peer whose allowed IPs hold this address, or -1."""
bool bind_Tunnel_lookup(bind_call_t *call) {
    const uint8_t *address;
    unsigned family;
    if (!bind_address(call, 0, &address, &family)) {
        return false;
    }
    uint16_t peer = wg_allowedips_lookup(&bind_tunnel_of(call)->allowedips, family, address);
    return bind_return_int(call, peer != WG_NO_PEER ? peer : -1);
}

// --- what the control plane reads ---

///     def take_event(self) -> "Optional[tuple[int, int]]":
///         """(peer, events), or None."""
bool bind_Tunnel_take_event(bind_call_t *call) {
    uint16_t peer;
    uint8_t events;
    if (!wg_tunnel_take_event(bind_tunnel_of(call), &peer, &events)) {
        return true;
    }
    uint64_t numbers[2] = {peer, events};
    return bind_return_numbers(call, numbers, 2);
}

///     def watch(self, peer: int, events: int) -> None:
///         """Let these events of a peer be raised again; what happened meanwhile is not: read times() after it."""
bool bind_Tunnel_watch(bind_call_t *call) {
    uint16_t peer;
    uint64_t events;
    if (!bind_peer(call, 0, &peer) || !bind_number(call, 1, UINT64_MAX, &events)) {
        return false;
    }
    if (events > WG_EVENT_ALL) {
        return bind_fail_number(call, BIND_VALUE_ERROR, 1, events, " has bits that are no event");
    }
    wg_tunnel_watch(bind_tunnel_of(call), peer, (uint8_t)events);
    return true;
}

///     def times(self, peer: int) -> "tuple[int, int, int, int]":
///         """data_sent_ms, data_received_ms, sent_ms, heard_ms of core/wg_tunnel.h; 0 stands for never."""
bool bind_Tunnel_times(bind_call_t *call) {
    uint16_t peer;
    if (!bind_peer(call, 0, &peer)) {
        return false;
    }
    const wg_peer_t *of = &bind_tunnel_of(call)->memory.peers[peer];
    uint64_t numbers[4] = {of->data_sent_ms, of->data_received_ms, of->sent_ms, of->heard_ms};
    return bind_return_numbers(call, numbers, 4);
}

///     def bytes(self, peer: int) -> "tuple[int, int]":
///         """Received and sent, outer UDP payload bytes."""
bool bind_Tunnel_bytes(bind_call_t *call) {
    uint16_t peer;
    if (!bind_peer(call, 0, &peer)) {
        return false;
    }
    const wg_peer_t *of = &bind_tunnel_of(call)->memory.peers[peer];
    uint64_t numbers[2] = {of->rx_bytes, of->tx_bytes};
    return bind_return_numbers(call, numbers, 2);
}

///     def drops(self) -> "tuple[int, ...]":
///         """How many packets were dropped, by status; STATUS_COUNT numbers of 32 bits."""
bool bind_Tunnel_drops(bind_call_t *call) {
    uint64_t numbers[WG_STATUS_COUNT];
    for (size_t i = 0; i < WG_STATUS_COUNT; i++) {
        numbers[i] = bind_tunnel_of(call)->drops[i];
    }
    return bind_return_numbers(call, numbers, WG_STATUS_COUNT);
}

///     def count_drop(self, status: int) -> None:
///         """Count a packet that was dropped elsewhere, by any status but OK."""
bool bind_Tunnel_count_drop(bind_call_t *call) {
    uint64_t status;
    if (!bind_number(call, 0, UINT64_MAX, &status)) {
        return false;
    }
    if (status == WG_OK || status >= WG_STATUS_COUNT) {
        return bind_fail_number(call, BIND_VALUE_ERROR, 0, status, " is not a reason to drop");
    }
    wg_tunnel_count_drop(bind_tunnel_of(call), (wg_status_t)status);
    return true;
}

///     def wipe(self) -> None:
///         """Wipe every key and every waiting packet, and forget all peers."""
bool bind_Tunnel_wipe(bind_call_t *call) {
    return bind_wipe(call, wipe_tunnel);
}
