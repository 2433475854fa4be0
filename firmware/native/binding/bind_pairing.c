// What two ends that pair derive, and its hash.
#include <string.h>

#include "bind.h"
#include "wg_pairing.h"
#include "wg_sha256.h"
#include "wg_wipe.h"

/// def sha256(out: WriteableBuffer, data: ReadableBuffer) -> None:
///     """FIPS 180-4, into 32 bytes. For hashing public data."""
bool bind_sha256(bind_call_t *call) {
    bind_buffer_t out, data;
    if (!bind_output(call, 0, WG_SHA256_LEN, &out) || !bind_bytes(call, 1, BIND_ANY_LEN, &data) ||
        !bind_overlap(call, &out, &data, BIND_APART)) {
        return false;
    }
    wg_sha256(out.data, data.data, data.len);
    return true;
}

typedef struct {
    bind_state_t state;
    bool is_agreed;
    wg_pairing_t pairing;
} bind_pairing_t;

static void wipe_pairing(void *state) {
    bind_pairing_t *self = state;
    self->is_agreed = false;
    wg_pairing_wipe(&self->pairing);
}

const bind_class_t bind_class_PairingSecret = {"PairingSecret", sizeof(bind_pairing_t), wipe_pairing};

// Whether it is before, or after, agree().
static bool expect_agreed(bind_call_t *call, bool wanted) {
    bind_pairing_t *self = call->self;
    if (self->is_agreed != wanted) {
        return bind_fail_call(call, BIND_VALUE_ERROR, wanted ? "nothing is agreed yet" : "it has agreed already");
    }
    return true;
}

/// class PairingSecret:
///     """An end's secrets of one pairing, "box-pair-1": an ephemeral key, then what both ends share. No getter.
///
///     ValueError: not in this order: public(), agree(), the others.
///     """

///     def __init__(self, random: ReadableBuffer) -> None:
///         """random: 32 fresh bytes; a writable buffer is wiped once they were taken."""
bool bind_PairingSecret_new(bind_call_t *call) {
    bind_pairing_t *self = call->self;
    bind_buffer_t given;
    bool writable;
    if (!bind_secret(call, 0, 32, &given, &writable)) {
        return false;
    }
    wg_pairing_init(&self->pairing, given.data);
    if (writable) {
        wg_wipe(given.data, given.len);
    }
    self->state.live = true;
    return true;
}

///     def public(self) -> bytes:
///         """The ephemeral public key, 32 bytes."""
bool bind_PairingSecret_public(bind_call_t *call) {
    bind_pairing_t *self = call->self;
    uint8_t public_key[32];
    if (!expect_agreed(call, false)) {
        return false;
    }
    wg_pairing_public(&self->pairing, public_key);
    return bind_return_bytes(call, public_key, sizeof(public_key));
}

///     def agree(self, public: ReadableBuffer, transcript: ReadableBuffer) -> bool:
///         """Take their ephemeral public key and the hash of all that was said, 32 bytes each.
///
///         The ephemeral key is wiped. False: the shared secret is zero; all is wiped, and the object is of no use any more.
///         """
bool bind_PairingSecret_agree(bind_call_t *call) {
    bind_pairing_t *self = call->self;
    bind_buffer_t theirs, transcript;
    if (!bind_bytes(call, 0, 32, &theirs) || !bind_bytes(call, 1, 32, &transcript) || !expect_agreed(call, false)) {
        return false;
    }
    self->is_agreed = wg_pairing_agree(&self->pairing, theirs.data, transcript.data);
    self->state.live = self->is_agreed;
    return bind_return_bool(call, self->is_agreed);
}

///     def sas(self, out: WriteableBuffer) -> None:
///         """The 8 bytes that people compare."""
bool bind_PairingSecret_sas(bind_call_t *call) {
    bind_pairing_t *self = call->self;
    bind_buffer_t out;
    if (!bind_output(call, 0, WG_PAIRING_SAS_LEN, &out) || !expect_agreed(call, true)) {
        return false;
    }
    wg_pairing_sas(&self->pairing, out.data);
    return true;
}

///     def confirmation(self, out: WriteableBuffer, initiator: bool) -> None:
///         """The 16 bytes by which the initiator, or else the responder, says that its person has compared."""
bool bind_PairingSecret_confirmation(bind_call_t *call) {
    bind_pairing_t *self = call->self;
    bind_buffer_t out;
    bool is_initiator;
    if (!bind_output(call, 0, WG_PAIRING_CONFIRMATION_LEN, &out) || !bind_bool(call, 1, &is_initiator) ||
        !expect_agreed(call, true)) {
        return false;
    }
    wg_pairing_confirmation(&self->pairing, is_initiator, out.data);
    return true;
}

///     def preshared_key(self, out: WriteableBuffer) -> None:
///         """WireGuard's, 32 bytes. Only for who knows that both have confirmed."""
bool bind_PairingSecret_preshared_key(bind_call_t *call) {
    bind_pairing_t *self = call->self;
    bind_buffer_t out;
    if (!bind_output(call, 0, WG_PAIRING_PSK_LEN, &out) || !expect_agreed(call, true)) {
        return false;
    }
    wg_pairing_psk(&self->pairing, out.data);
    return true;
}

///     def wipe(self) -> None: ...
bool bind_PairingSecret_wipe(bind_call_t *call) {
    return bind_wipe(call, wipe_pairing);
}
