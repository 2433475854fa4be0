// The cryptographic state of a handshake (Noise 5; paper 5.4).
#include <string.h>

#include "bind_keys.h"
#include "wg_aead.h"
#include "wg_kdf.h"
#include "wg_wipe.h"
#include "wg_x25519.h"

static void wipe_cipher(void *state) {
    bind_cipher_t *cipher = state;
    wg_wipe(cipher->key, sizeof(cipher->key));
}

static void wipe_symmetric(void *state) {
    wg_wipe(state, sizeof(bind_symmetric_t));
}

const bind_class_t bind_class_CipherState = {"CipherState", sizeof(bind_cipher_t), wipe_cipher};
const bind_class_t bind_class_SymmetricState = {"SymmetricState", sizeof(bind_symmetric_t), wipe_symmetric};

void bind_cipher_wipe(bind_cipher_t *cipher) {
    cipher->state.live = false;
    wipe_cipher(cipher);
}

// The buffers of an encryption or decryption: out at 0, in at 1.
static bool take_pair(bind_call_t *call, bool sealing, bind_buffer_t *out, bind_buffer_t *in) {
    if (!bind_output(call, 0, BIND_ANY_LEN, out) || !bind_bytes(call, 1, BIND_ANY_LEN, in) ||
        !bind_overlap(call, out, in, BIND_IN_PLACE)) {
        return false;
    }
    const bind_buffer_t *longer = sealing ? out : in;
    const bind_buffer_t *shorter = sealing ? in : out;
    if (longer->len < WG_TAG_LEN || longer->len - WG_TAG_LEN != shorter->len) {
        return bind_fail_call(call, BIND_VALUE_ERROR, "ciphertext must be 16 bytes longer than plaintext");
    }
    return true;
}

// The nonce for one more message. 2^64 - 1 is never used (Noise 5.1), so that the count cannot begin anew.
static bool take_nonce(bind_call_t *call, uint64_t count, uint8_t nonce[WG_NONCE_LEN]) {
    if (count == UINT64_MAX) {
        return bind_fail_call(call, BIND_VALUE_ERROR, "the nonces are used up");
    }
    wg_nonce(nonce, count);
    return true;
}

/// class CipherState:
///     """A transport key and its nonce (Noise 5.1). Made only by SymmetricState.split()."""

///     def encrypt(self, out: WriteableBuffer, plaintext: ReadableBuffer) -> None:
///         """out: len(plaintext) + 16, may begin where plaintext does; empty associated data. Counts the nonce up."""
bool bind_CipherState_encrypt(bind_call_t *call) {
    bind_cipher_t *self = call->self;
    bind_buffer_t out, plaintext;
    uint8_t nonce[WG_NONCE_LEN];
    if (!take_pair(call, true, &out, &plaintext) || !take_nonce(call, self->nonce, nonce)) {
        return false;
    }
    self->nonce++;
    wg_aead_seal(out.data, plaintext.data, plaintext.len, NULL, 0, nonce, self->key);
    return true;
}

///     def decrypt(self, out: WriteableBuffer, ciphertext: ReadableBuffer) -> bool:
///         """out: len(ciphertext) - 16, may begin where ciphertext does. False: forged, the nonce stays."""
bool bind_CipherState_decrypt(bind_call_t *call) {
    bind_cipher_t *self = call->self;
    bind_buffer_t out, ciphertext;
    uint8_t nonce[WG_NONCE_LEN];
    if (!take_pair(call, false, &out, &ciphertext) || !take_nonce(call, self->nonce, nonce)) {
        return false;
    }
    bool opened = wg_aead_open(out.data, ciphertext.data, ciphertext.len, NULL, 0, nonce, self->key);
    self->nonce += opened;
    return bind_return_bool(call, opened);
}

///     def set_nonce(self, nonce: int) -> None:
///         """The nonce of the next message, 64 bits. Whoever encrypts must not go back."""
bool bind_CipherState_set_nonce(bind_call_t *call) {
    bind_cipher_t *self = call->self;
    return bind_number(call, 0, UINT64_MAX, &self->nonce);
}

///     def wipe(self) -> None: ...
bool bind_CipherState_wipe(bind_call_t *call) {
    return bind_wipe(call, wipe_cipher);
}

// H = HASH(H || data).
static void mix_hash(uint8_t hash[WG_HASH_LEN], const uint8_t *data, size_t len) {
    wg_blake2s_t state;
    wg_blake2s_init(&state, WG_HASH_LEN, NULL, 0);
    wg_blake2s_update(&state, hash, WG_HASH_LEN);
    wg_blake2s_update(&state, data, len);
    wg_blake2s_finish(&state, hash);
}

/// class SymmetricState:
///     """Chaining key, hash and key of a handshake (Noise 5.2; C, H and kappa of paper 5.4)."""

///     def __init__(self, protocol_name: ReadableBuffer, prologue: ReadableBuffer) -> None:
///         """H = HASH(HASH(protocol_name) || prologue), C = HASH(protocol_name). protocol_name: more than 32 bytes."""
bool bind_SymmetricState_new(bind_call_t *call) {
    bind_symmetric_t *self = call->self;
    bind_buffer_t name, prologue;
    if (!bind_bytes(call, 0, BIND_ANY_LEN, &name) || !bind_bytes(call, 1, BIND_ANY_LEN, &prologue)) {
        return false;
    }
    if (name.len <= WG_HASH_LEN) {
        return bind_fail_number(call, BIND_VALUE_ERROR, 0, name.len, " bytes given, more than 32 wanted");
    }
    wg_blake2s(self->chaining_key, WG_HASH_LEN, name.data, name.len, NULL, 0);
    memcpy(self->hash, self->chaining_key, WG_HASH_LEN);
    mix_hash(self->hash, prologue.data, prologue.len);
    self->state.live = true;
    return true;
}

///     def copy(self) -> "SymmetricState":
///         """A second state that goes its own way: a forged message must leave the real one as it was."""
bool bind_SymmetricState_copy(bind_call_t *call) {
    void *state;
    if (!bind_return(call, bind_port_new(&bind_class_SymmetricState, &state))) {
        return false;
    }
    memcpy(state, call->self, sizeof(bind_symmetric_t));
    return true;
}

///     def mix_hash(self, data: ReadableBuffer) -> None:
///         """H = HASH(H || data)."""
bool bind_SymmetricState_mix_hash(bind_call_t *call) {
    bind_symmetric_t *self = call->self;
    bind_buffer_t data;
    if (!bind_bytes(call, 0, BIND_ANY_LEN, &data)) {
        return false;
    }
    mix_hash(self->hash, data.data, data.len);
    return true;
}

// A new key begins with nonce 0 (Noise 5.1).
static void begin_key(bind_symmetric_t *self) {
    self->has_key = true;
    self->nonce = 0;
}

///     def mix_key(self, public: ReadableBuffer) -> None:
///         """C = KDF1(C, public): an ephemeral public key, as psk patterns mix it (Noise 9.2, paper 5.4.2).
///
///         There is no kappa then until the next mix_dh() or mix_psk().
///         """
bool bind_SymmetricState_mix_key(bind_call_t *call) {
    bind_symmetric_t *self = call->self;
    bind_buffer_t public_key;
    if (!bind_bytes(call, 0, 32, &public_key)) {
        return false;
    }
    wg_kdf(self->chaining_key, NULL, NULL, self->chaining_key, public_key.data, public_key.len);
    self->has_key = false;
    wg_wipe(self->key, sizeof(self->key));
    return true;
}

///     def mix_dh(self, private: PrivateKey, public: ReadableBuffer) -> bool:
///         """(C, kappa) = KDF2(C, DH(private, public)).
///
///         False: the result was zero; nothing was mixed, and the handshake must be given up.
///         """
bool bind_SymmetricState_mix_dh(bind_call_t *call) {
    bind_symmetric_t *self = call->self;
    void *private_key;
    bind_buffer_t public_key;
    if (!bind_object(call, 0, &bind_class_PrivateKey, &private_key) || !bind_bytes(call, 1, 32, &public_key)) {
        return false;
    }
    uint8_t shared[32];
    bool sound = wg_x25519(shared, ((bind_key_t *)private_key)->key, public_key.data);
    if (sound) {
        wg_kdf(self->chaining_key, self->key, NULL, self->chaining_key, shared, sizeof(shared));
        begin_key(self);
    }
    wg_wipe(shared, sizeof(shared));
    return bind_return_bool(call, sound);
}

///     def mix_psk(self, psk: PresharedKey) -> None:
///         """(C, t, kappa) = KDF3(C, Q), H = HASH(H || t)."""
bool bind_SymmetricState_mix_psk(bind_call_t *call) {
    bind_symmetric_t *self = call->self;
    void *psk;
    if (!bind_object(call, 0, &bind_class_PresharedKey, &psk)) {
        return false;
    }
    uint8_t t[WG_HASH_LEN];
    wg_kdf(self->chaining_key, t, self->key, self->chaining_key, ((bind_key_t *)psk)->key, 32);
    mix_hash(self->hash, t, sizeof(t));
    begin_key(self);
    wg_wipe(t, sizeof(t));
    return true;
}

static bool take_handshake_nonce(bind_call_t *call, uint8_t nonce[WG_NONCE_LEN]) {
    bind_symmetric_t *self = call->self;
    if (!self->has_key) {
        return bind_fail_call(call, BIND_VALUE_ERROR, "no key yet: mix_dh() or mix_psk() comes first");
    }
    return take_nonce(call, self->nonce, nonce);
}

///     def encrypt_and_hash(self, out: WriteableBuffer, plaintext: ReadableBuffer) -> None:
///         """out: len(plaintext) + 16, may begin where plaintext does."""
bool bind_SymmetricState_encrypt_and_hash(bind_call_t *call) {
    bind_symmetric_t *self = call->self;
    bind_buffer_t out, plaintext;
    uint8_t nonce[WG_NONCE_LEN];
    if (!take_pair(call, true, &out, &plaintext) || !take_handshake_nonce(call, nonce)) {
        return false;
    }
    self->nonce++;
    wg_aead_seal(out.data, plaintext.data, plaintext.len, self->hash, WG_HASH_LEN, nonce, self->key);
    mix_hash(self->hash, out.data, out.len);
    return true;
}

///     def decrypt_and_hash(self, out: WriteableBuffer, ciphertext: ReadableBuffer) -> bool:
///         """out: len(ciphertext) - 16, may begin where ciphertext does. False: forged, the state is as it was."""
bool bind_SymmetricState_decrypt_and_hash(bind_call_t *call) {
    bind_symmetric_t *self = call->self;
    bind_buffer_t out, ciphertext;
    uint8_t nonce[WG_NONCE_LEN];
    if (!take_pair(call, false, &out, &ciphertext) || !take_handshake_nonce(call, nonce)) {
        return false;
    }
    uint8_t hash[WG_HASH_LEN]; // made before the ciphertext may be overwritten
    memcpy(hash, self->hash, sizeof(hash));
    mix_hash(hash, ciphertext.data, ciphertext.len);
    if (!wg_aead_open(out.data, ciphertext.data, ciphertext.len, self->hash, WG_HASH_LEN, nonce, self->key)) {
        return bind_return_bool(call, false);
    }
    self->nonce++;
    memcpy(self->hash, hash, sizeof(hash));
    return bind_return_bool(call, true);
}

///     def hash(self) -> bytes:
///         """H, 32 bytes (public: a handshake's transcript)."""
bool bind_SymmetricState_hash(bind_call_t *call) {
    bind_symmetric_t *self = call->self;
    return bind_return_bytes(call, self->hash, WG_HASH_LEN);
}

///     def split(self) -> "tuple[CipherState, CipherState]":
///         """The initiator's sending key and its receiving key (paper 5.4.5); this state is wiped."""
bool bind_SymmetricState_split(bind_call_t *call) {
    bind_symmetric_t *self = call->self;
    void *states[2] = {NULL, NULL};
    bind_value_t ciphers[2];
    for (size_t i = 0; i < 2; i++) {
        ciphers[i] = bind_port_new(&bind_class_CipherState, &states[i]);
    }
    if (!bind_return(call, bind_port_new_tuple(ciphers, 2))) {
        return false;
    }
    bind_cipher_t *send = states[0];
    bind_cipher_t *receive = states[1];
    wg_kdf(send->key, receive->key, NULL, self->chaining_key, NULL, 0);
    send->state.live = true;
    receive->state.live = true;
    wipe_symmetric(self);
    return true;
}

///     def wipe(self) -> None: ...
bool bind_SymmetricState_wipe(bind_call_t *call) {
    return bind_wipe(call, wipe_symmetric);
}
