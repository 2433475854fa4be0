#include "bind_gate.h"

#include "wg_wipe.h"

static void wipe_gate(void *state) {
    wg_gate_wipe(&((bind_gate_t *)state)->gate);
}

const bind_class_t bind_class_Gate = {"Gate", sizeof(bind_gate_t), wipe_gate};

static wg_gate_t *gate_of(bind_call_t *call) {
    return &((bind_gate_t *)call->self)->gate;
}

/// class Gate:
///     """mac1, mac2, cookies and the rate limit before the handshake (core/wg_gate.h)."""

///     def __init__(self) -> None: ...
bool bind_Gate_new(bind_call_t *call) {
    bind_gate_t *self = call->self;
    wg_gate_init(&self->gate);
    self->state.live = true;
    return true;
}

///     def set_identity(self, public_key: ReadableBuffer) -> None:
///         """Our public key, on which all macs stand."""
bool bind_Gate_set_identity(bind_call_t *call) {
    bind_buffer_t public_key;
    if (!bind_bytes(call, 0, 32, &public_key)) {
        return false;
    }
    wg_gate_set_identity(gate_of(call), public_key.data);
    return true;
}

///     def clear_identity(self) -> None:
///         """No key, no handshakes: every mac1 is wrong from here on."""
bool bind_Gate_clear_identity(bind_call_t *call) {
    wg_gate_clear_identity(gate_of(call));
    return true;
}

///     def set_secret(self, random: ReadableBuffer, now_ms: int) -> None:
///         """random: 64 fresh bytes; a writable buffer is wiped."""
bool bind_Gate_set_secret(bind_call_t *call) {
    bind_buffer_t random;
    bool writable;
    uint64_t now_ms;
    if (!bind_secret(call, 0, 64, &random, &writable) || !bind_now(call, 1, &now_ms)) {
        return false;
    }
    wg_gate_set_secret(gate_of(call), random.data, now_ms);
    if (writable) {
        wg_wipe(random.data, random.len);
    }
    return true;
}

///     def wants_secret(self, now_ms: int) -> bool:
///         """Whether set_secret() is due: at first, and every two minutes."""
bool bind_Gate_wants_secret(bind_call_t *call) {
    uint64_t now_ms;
    return bind_now(call, 0, &now_ms) && bind_return_bool(call, wg_gate_wants_secret(gate_of(call), now_ms));
}

///     def set_loaded(self, now_ms: int) -> None:
///         """Say that the receiver of handshake messages cannot keep up."""
bool bind_Gate_set_loaded(bind_call_t *call) {
    uint64_t now_ms;
    if (!bind_now(call, 0, &now_ms)) {
        return false;
    }
    wg_gate_set_loaded(gate_of(call), now_ms);
    return true;
}

///     def is_loaded(self, now_ms: int) -> bool: ...
bool bind_Gate_is_loaded(bind_call_t *call) {
    uint64_t now_ms;
    return bind_now(call, 0, &now_ms) && bind_return_bool(call, wg_gate_is_loaded(gate_of(call), now_ms));
}

///     def check(
///         self, kind: int, message: ReadableBuffer, source: ReadableBuffer, now_ms: int, reply: WriteableBuffer
///     ) -> int:
///         """A status: OK, ERR_COOKIE (reply, 64 bytes, is to be sent), or a drop. kind: 1 to 3; source: endpoint bytes."""
bool bind_Gate_check(bind_call_t *call) {
    bind_buffer_t message, reply;
    wg_endpoint_t source;
    uint64_t kind, now_ms;
    if (!bind_number(call, 0, UINT8_MAX, &kind) || !bind_bytes(call, 1, BIND_ANY_LEN, &message) ||
        !bind_endpoint(call, 2, &source) || !bind_now(call, 3, &now_ms) ||
        !bind_output(call, 4, WG_COOKIE_LEN, &reply) || !bind_overlap(call, &reply, &message, BIND_APART)) {
        return false;
    }
    return bind_return_int(
        call, wg_gate_check(gate_of(call), (uint8_t)kind, message.data, message.len, &source, now_ms, reply.data));
}

///     def wipe(self) -> None: ...
bool bind_Gate_wipe(bind_call_t *call) {
    return bind_wipe(call, wipe_gate);
}
