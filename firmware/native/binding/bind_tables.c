// The replay window and the allowed IPs on their own, for tests; a tunnel has its own inside.
#include "bind.h"
#include "wg_replay.h"

typedef struct {
    bind_state_t state;
    wg_replay_t replay;
} window_t;

const bind_class_t bind_class_ReplayWindow = {"ReplayWindow", sizeof(window_t), NULL};

/// class ReplayWindow:
///     """RFC 6479, 8128 packets (core/wg_replay.h)."""

///     def __init__(self) -> None: ...
bool bind_ReplayWindow_new(bind_call_t *call) {
    window_t *self = call->self;
    wg_replay_reset(&self->replay);
    self->state.live = true;
    return true;
}

///     def accept(self, counter: int) -> bool:
///         """Whether this counter (64 bits) is new, not too old, and below the limit; it is then no longer new."""
bool bind_ReplayWindow_accept(bind_call_t *call) {
    window_t *self = call->self;
    uint64_t counter;
    if (!bind_number(call, 0, UINT64_MAX, &counter)) {
        return false;
    }
    return bind_return_bool(call, wg_replay_accept(&self->replay, counter));
}

typedef struct {
    bind_state_t state;
    wg_allowedips_t table;
    void *memory;
} table_t;

static void finish_table(void *state) {
    table_t *table = state;
    bind_port_free(table->memory);
}

const bind_class_t bind_class_AllowedIPs = {"AllowedIPs", sizeof(table_t), finish_table};

/// class AllowedIPs:
///     """Cryptokey routing on its own, for tests; a Tunnel has one inside."""

///     def __init__(self, capacity: int) -> None:
///         """capacity: prefixes. MemoryError: more than there is memory for."""
bool bind_AllowedIPs_new(bind_call_t *call) {
    table_t *self = call->self;
    uint64_t capacity;
    if (!bind_number(call, 0, UINT32_MAX / 2 - 1, &capacity)) {
        return false;
    }
    if (capacity == 0) {
        return bind_fail(call, BIND_VALUE_ERROR, 0, "0, at least 1 wanted");
    }
    uint64_t size = 2 * capacity * sizeof(wg_allowedips_node_t);
    self->memory = size <= SIZE_MAX / 2 ? bind_port_allocate((size_t)size) : NULL;
    if (self->memory == NULL) {
        return bind_fail(call, BIND_MEMORY_ERROR, 0, "not enough memory");
    }
    wg_allowedips_init(&self->table, self->memory, (uint32_t)(2 * capacity));
    self->state.live = true;
    return true;
}

static bool take_peer(bind_call_t *call, size_t at, uint16_t *peer) {
    uint64_t number;
    if (!bind_number(call, at, WG_NO_PEER - 1, &number)) {
        return false;
    }
    *peer = (uint16_t)number;
    return true;
}

///     def insert(self, address: ReadableBuffer, prefix_len: int, peer: int) -> None:
///         """address: 4 or 16 bytes; bits past prefix_len are ignored. MemoryError: full, nothing changed."""
bool bind_AllowedIPs_insert(bind_call_t *call) {
    table_t *self = call->self;
    const uint8_t *address;
    unsigned family, prefix_len;
    uint16_t peer;
    if (!bind_prefix(call, 0, &address, &family, &prefix_len) || !take_peer(call, 2, &peer)) {
        return false;
    }
    return wg_allowedips_insert(&self->table, family, address, prefix_len, peer) == WG_OK ||
           bind_fail_call(call, BIND_MEMORY_ERROR, "the table is full");
}

///     def remove(self, address: ReadableBuffer, prefix_len: int, peer: int) -> bool:
///         """False: this peer has no such prefix."""
bool bind_AllowedIPs_remove(bind_call_t *call) {
    table_t *self = call->self;
    const uint8_t *address;
    unsigned family, prefix_len;
    uint16_t peer;
    if (!bind_prefix(call, 0, &address, &family, &prefix_len) || !take_peer(call, 2, &peer)) {
        return false;
    }
    return bind_return_bool(call, wg_allowedips_remove(&self->table, family, address, prefix_len, peer));
}

///     def remove_peer(self, peer: int) -> None: ...
bool bind_AllowedIPs_remove_peer(bind_call_t *call) {
    table_t *self = call->self;
    uint16_t peer;
    if (!take_peer(call, 0, &peer)) {
        return false;
    }
    wg_allowedips_remove_peer(&self->table, peer);
    return true;
}

///     def lookup(self, address: ReadableBuffer) -> int:
///         """The peer, or -1."""
bool bind_AllowedIPs_lookup(bind_call_t *call) {
    table_t *self = call->self;
    const uint8_t *address;
    unsigned family;
    if (!bind_address(call, 0, &address, &family)) {
        return false;
    }
    uint16_t peer = wg_allowedips_lookup(&self->table, family, address);
    return bind_return_int(call, peer != WG_NO_PEER ? peer : -1);
}

///     def prefixes(self, peer: int) -> "list[tuple[bytes, int]]":
///         """(address, prefix length), in no order."""
bool bind_AllowedIPs_prefixes(bind_call_t *call) {
    table_t *self = call->self;
    uint16_t peer;
    return take_peer(call, 0, &peer) && bind_return_prefixes(call, &self->table, peer);
}
