// A tunnel's keypairs and packets.
#include "bind_keys.h"
#include "bind_tunnel.h"

// --- keypairs ---

///     def find_index(self, index: int) -> int:
///         """The peer whose keypair or handshake has this receiver index, or -1."""
bool bind_Tunnel_find_index(bind_call_t *call) {
    uint64_t index;
    if (!bind_number(call, 0, UINT32_MAX, &index)) {
        return false;
    }
    uint16_t peer = wg_tunnel_find_index(bind_tunnel_of(call), (uint32_t)index);
    return bind_return_int(call, peer != WG_NO_PEER ? peer : -1);
}

///     def reserve_index(self, peer: int, index: int) -> None:
///         """The receiver index of a handshake that we begin, in place of that of the one before.
///
///         ValueError: it is taken; nothing changed.
///         """
bool bind_Tunnel_reserve_index(bind_call_t *call) {
    uint16_t peer;
    uint64_t index;
    if (!bind_peer(call, 0, &peer) || !bind_number(call, 1, UINT32_MAX, &index)) {
        return false;
    }
    return wg_tunnel_reserve_index(bind_tunnel_of(call), peer, (uint32_t)index) == WG_OK ||
           bind_fail_number(call, BIND_VALUE_ERROR, 1, index, " is taken");
}

///     def release_index(self, peer: int) -> None:
///         """The handshake that we began is given up; nothing happens when there is none."""
bool bind_Tunnel_release_index(bind_call_t *call) {
    uint16_t peer;
    if (!bind_peer(call, 0, &peer)) {
        return false;
    }
    wg_tunnel_release_index(bind_tunnel_of(call), peer);
    return true;
}

///     def expect_answer(self, index: Optional[int] = None) -> None:
///         """Expect a message of kind 2 to this index, too: an answer to a question outside of any handshake. None: none."""
bool bind_Tunnel_expect_answer(bind_call_t *call) {
    uint64_t index = 0;
    bool has_question = bind_has(call, 0);
    if (has_question && !bind_number(call, 0, UINT32_MAX, &index)) {
        return false;
    }
    wg_tunnel_set_question(bind_tunnel_of(call), has_question, (uint32_t)index);
    return true;
}

///     def expects(self, kind: int, message: ReadableBuffer) -> bool:
///         """False: a handshake response (kind 2) or cookie reply (3) to an index where we wait for none."""
bool bind_Tunnel_expects(bind_call_t *call) {
    uint64_t kind;
    bind_buffer_t message;
    return bind_number(call, 0, UINT8_MAX, &kind) && bind_bytes(call, 1, BIND_ANY_LEN, &message) &&
           bind_return_bool(call, wg_tunnel_expects(bind_tunnel_of(call), (uint8_t)kind, message.data, message.len));
}

// A key whose nonces are all still unused: the tunnel counts from 0.
static bool take_cipher(bind_call_t *call, size_t at, bind_cipher_t **cipher) {
    void *state;
    if (!bind_object(call, at, &bind_class_CipherState, &state)) {
        return false;
    }
    *cipher = state;
    return (*cipher)->nonce == 0 || bind_fail(call, BIND_VALUE_ERROR, at, "its nonce is not 0 any more");
}

///     def install(
///         self, peer: int, send: CipherState, receive: CipherState, is_initiator: bool,
///         local_index: int, remote_index: int, now_ms: int
///     ) -> None:
///         """Take over the keypair of a finished handshake; both CipherStates are wiped.
///
///         local_index may be the one reserved for this peer. ValueError: it is taken otherwise, or
///         the CipherStates were used already; nothing changed.
///         """
bool bind_Tunnel_install(bind_call_t *call) {
    uint16_t peer;
    bind_cipher_t *send, *receive;
    bool is_initiator;
    uint64_t local_index, remote_index, now_ms;
    if (!bind_peer(call, 0, &peer) || !take_cipher(call, 1, &send) || !take_cipher(call, 2, &receive) ||
        !bind_bool(call, 3, &is_initiator) || !bind_number(call, 4, UINT32_MAX, &local_index) ||
        !bind_number(call, 5, UINT32_MAX, &remote_index) || !bind_now(call, 6, &now_ms)) {
        return false;
    }
    if (send == receive) {
        return bind_fail(call, BIND_VALUE_ERROR, 2, "the same object as send");
    }
    if (wg_tunnel_install(bind_tunnel_of(call), peer, send->key, receive->key, is_initiator, (uint32_t)local_index,
                          (uint32_t)remote_index, now_ms) != WG_OK) {
        return bind_fail_number(call, BIND_VALUE_ERROR, 4, local_index, " is taken");
    }
    bind_cipher_wipe(send);
    bind_cipher_wipe(receive);
    return true;
}

///     def clear_keypairs(self, peer: int) -> None:
///         """Forget the keys of a peer, but not what waits for it."""
bool bind_Tunnel_clear_keypairs(bind_call_t *call) {
    uint16_t peer;
    if (!bind_peer(call, 0, &peer)) {
        return false;
    }
    wg_tunnel_clear_keypairs(bind_tunnel_of(call), peer);
    return true;
}

// The keypair of a peer at 0 that is named at 1.
static bool take_keypair(bind_call_t *call, const wg_keypair_t **keypair) {
    uint16_t peer;
    uint64_t which;
    if (!bind_peer(call, 0, &peer) || !bind_number(call, 1, UINT64_MAX, &which)) {
        return false;
    }
    if (which >= WG_KEYPAIR_SLOTS) {
        return bind_fail_number(call, BIND_VALUE_ERROR, 1, which, " is none of CURRENT, PREVIOUS, NEXT");
    }
    *keypair = wg_peer_keypair(&bind_tunnel_of(call)->memory.peers[peer], (unsigned)which);
    return true;
}

///     def has_keypair(self, peer: int, which: int) -> bool:
///         """which: CURRENT, PREVIOUS, NEXT."""
bool bind_Tunnel_has_keypair(bind_call_t *call) {
    const wg_keypair_t *keypair;
    return take_keypair(call, &keypair) && bind_return_bool(call, keypair->valid);
}

///     def keypair_age(self, peer: int, which: int, now_ms: int) -> int:
///         """Milliseconds since its handshake, or -1 without one."""
bool bind_Tunnel_keypair_age(bind_call_t *call) {
    const wg_keypair_t *keypair;
    uint64_t now_ms;
    if (!take_keypair(call, &keypair) || !bind_now(call, 2, &now_ms)) {
        return false;
    }
    return bind_return_int(call, keypair->valid ? (int64_t)wg_keypair_age_ms(keypair, now_ms) : -1);
}

///     def set_send_counter(self, peer: int, counter: int) -> None:
///         """Raise the counter of the current keypair, for tests of the limits.
///
///         ValueError: lower than it is, or no keypair.
///         """
bool bind_Tunnel_set_send_counter(bind_call_t *call) {
    uint16_t peer;
    uint64_t counter;
    if (!bind_peer(call, 0, &peer) || !bind_number(call, 1, UINT64_MAX, &counter)) {
        return false;
    }
    wg_keypair_t *keypair = wg_peer_keypair(&bind_tunnel_of(call)->memory.peers[peer], WG_KEYPAIR_CURRENT);
    if (!keypair->valid) {
        return bind_fail_number(call, BIND_VALUE_ERROR, 0, peer, " has no current keypair");
    }
    if (counter < keypair->send_counter) {
        return bind_fail_number(call, BIND_VALUE_ERROR, 1, counter, " is lower than it is");
    }
    keypair->send_counter = counter;
    return true;
}

// --- out ---

static bool return_drop(bind_call_t *call, wg_status_t status) {
    return bind_return_int(call, -(int64_t)status);
}

///     def route(self, packet: ReadableBuffer) -> int:
///         """The peer of an inner packet, or minus a status."""
bool bind_Tunnel_route(bind_call_t *call) {
    bind_buffer_t packet;
    uint16_t peer;
    if (!bind_bytes(call, 0, BIND_ANY_LEN, &packet)) {
        return false;
    }
    wg_status_t status = wg_tunnel_route(bind_tunnel_of(call), packet.data, packet.len, &peer);
    return status == WG_OK ? bind_return_int(call, peer) : return_drop(call, status);
}

///     def seal(self, peer: int, out: WriteableBuffer, packet: ReadableBuffer, now_ms: int) -> int:
///         """Length of the datagram in out, or minus a status (see wg_tunnel_seal).
///
///         packet may lie in out, 16 bytes after its beginning.
///         """
bool bind_Tunnel_seal(bind_call_t *call) {
    uint16_t peer;
    bind_buffer_t out, packet;
    uint64_t now_ms;
    if (!bind_peer(call, 0, &peer) || !bind_output(call, 1, BIND_ANY_LEN, &out) ||
        !bind_bytes(call, 2, BIND_ANY_LEN, &packet) || !bind_now(call, 3, &now_ms)) {
        return false;
    }
    bool in_place = out.len > WG_TRANSPORT_PAYLOAD && packet.data == out.data + WG_TRANSPORT_PAYLOAD;
    if (!in_place && !bind_overlap(call, &out, &packet, BIND_APART)) {
        return false;
    }
    size_t len;
    wg_status_t status =
        wg_tunnel_seal(bind_tunnel_of(call), peer, out.data, out.len, packet.data, packet.len, now_ms, &len);
    return status == WG_OK ? bind_return_int(call, (int64_t)len) : return_drop(call, status);
}

///     def queue(self, peer: int, packet: ReadableBuffer) -> int:
///         """Let a packet wait for a keypair. A status."""
bool bind_Tunnel_queue(bind_call_t *call) {
    uint16_t peer;
    bind_buffer_t packet;
    if (!bind_peer(call, 0, &peer) || !bind_bytes(call, 1, BIND_ANY_LEN, &packet)) {
        return false;
    }
    return bind_return_int(call, wg_tunnel_queue(bind_tunnel_of(call), peer, packet.data, packet.len));
}

///     def seal_queued(self, peer: int, out: WriteableBuffer, now_ms: int) -> int:
///         """Length of the datagram in out; 0: nothing to send."""
bool bind_Tunnel_seal_queued(bind_call_t *call) {
    uint16_t peer;
    bind_buffer_t out;
    uint64_t now_ms;
    if (!bind_peer(call, 0, &peer) || !bind_output(call, 1, BIND_ANY_LEN, &out) || !bind_now(call, 2, &now_ms)) {
        return false;
    }
    size_t len;
    bool sealed = wg_tunnel_seal_queued(bind_tunnel_of(call), peer, out.data, out.len, now_ms, &len);
    return bind_return_int(call, sealed ? (int64_t)len : 0);
}

///     def waiting(self, peer: int) -> int:
///         """How many packets wait."""
bool bind_Tunnel_waiting(bind_call_t *call) {
    uint16_t peer;
    return bind_peer(call, 0, &peer) && bind_return_int(call, bind_tunnel_of(call)->memory.peers[peer].queue_len);
}

///     def drop_queue(self, peer: int) -> None: ...
bool bind_Tunnel_drop_queue(bind_call_t *call) {
    uint16_t peer;
    if (!bind_peer(call, 0, &peer)) {
        return false;
    }
    wg_tunnel_drop_queue(bind_tunnel_of(call), peer);
    return true;
}

// --- in ---

///     def open(self, datagram: WriteableBuffer, source: ReadableBuffer, now_ms: int) -> "tuple[int, int, int]":
///         """Open in place: (peer, offset, length) of the inner packet; (-status, 0, 0) for a drop.
///
///         length 0: a keepalive.
///         """
bool bind_Tunnel_open(bind_call_t *call) {
    bind_buffer_t datagram;
    wg_endpoint_t source;
    uint64_t now_ms;
    if (!bind_output(call, 0, BIND_ANY_LEN, &datagram) || !bind_endpoint(call, 1, &source) ||
        !bind_now(call, 2, &now_ms)) {
        return false;
    }
    wg_opened_t opened;
    wg_status_t status = wg_tunnel_open(bind_tunnel_of(call), datagram.data, datagram.len, &source, now_ms, &opened);
    bind_value_t items[3] = {
        bind_port_new_int(status == WG_OK ? opened.peer : -(int64_t)status),
        bind_port_new_int(status == WG_OK ? opened.inner - datagram.data : 0),
        bind_port_new_int(status == WG_OK ? (int64_t)opened.len : 0),
    };
    return bind_return(call, bind_port_new_tuple(items, 3));
}

static bool take_note(bind_call_t *call, uint16_t *peer, size_t *len, uint64_t *now_ms) {
    uint64_t length;
    if (!bind_peer(call, 0, peer) || !bind_number(call, 1, UINT16_MAX, &length) || !bind_now(call, 2, now_ms)) {
        return false;
    }
    *len = (size_t)length;
    return true;
}

///     def note_sent(self, peer: int, length: int, now_ms: int) -> None:
///         """Account for a handshake message of this peer that was sent. length: at most 65535."""
bool bind_Tunnel_note_sent(bind_call_t *call) {
    uint16_t peer;
    size_t len;
    uint64_t now_ms;
    if (!take_note(call, &peer, &len, &now_ms)) {
        return false;
    }
    wg_tunnel_note_sent(bind_tunnel_of(call), peer, len, now_ms);
    return true;
}

///     def note_heard(self, peer: int, length: int, now_ms: int) -> None:
///         """The same for one that was accepted."""
bool bind_Tunnel_note_heard(bind_call_t *call) {
    uint16_t peer;
    size_t len;
    uint64_t now_ms;
    if (!take_note(call, &peer, &len, &now_ms)) {
        return false;
    }
    wg_tunnel_note_heard(bind_tunnel_of(call), peer, len, now_ms);
    return true;
}
