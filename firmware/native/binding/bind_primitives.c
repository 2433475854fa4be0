// The primitives, for tests and for hashing public data.
#include "bind.h"
#include "wg_aead.h"
#include "wg_kdf.h"
#include "wg_x25519.h"

/// # --- primitives, for tests and for hashing public data; each writes into its first argument ---

/// def blake2s(out: WriteableBuffer, data: ReadableBuffer, key: Optional[ReadableBuffer] = None) -> None:
///     """RFC 7693. out: 1 to 32 bytes, its length is the hash's length. key: up to 32 bytes."""
bool bind_blake2s(bind_call_t *call) {
    bind_buffer_t out, data;
    bind_buffer_t key = {NULL, 0};
    if (!bind_output(call, 0, BIND_ANY_LEN, &out) || !bind_bytes(call, 1, BIND_ANY_LEN, &data) ||
        (bind_has(call, 2) && !bind_bytes(call, 2, BIND_ANY_LEN, &key))) {
        return false;
    }
    if (out.len == 0 || out.len > WG_HASH_LEN) {
        return bind_fail_number(call, BIND_VALUE_ERROR, 0, out.len, " bytes given, a hash has 1 to 32");
    }
    if (key.len > WG_HASH_LEN) {
        return bind_fail_number(call, BIND_VALUE_ERROR, 2, key.len, " bytes given, at most 32 wanted");
    }
    if (!bind_overlap(call, &out, &data, BIND_APART) || !bind_overlap(call, &out, &key, BIND_APART)) {
        return false;
    }
    wg_blake2s(out.data, out.len, data.data, data.len, key.data, key.len);
    return true;
}

/// def hmac(out: WriteableBuffer, key: ReadableBuffer, data: ReadableBuffer) -> None:
///     """HMAC-BLAKE2s into 32 bytes."""
bool bind_hmac(bind_call_t *call) {
    bind_buffer_t out, key, data;
    if (!bind_output(call, 0, WG_HASH_LEN, &out) || !bind_bytes(call, 1, BIND_ANY_LEN, &key) ||
        !bind_bytes(call, 2, BIND_ANY_LEN, &data) || !bind_overlap(call, &out, &key, BIND_APART) ||
        !bind_overlap(call, &out, &data, BIND_APART)) {
        return false;
    }
    wg_hmac(out.data, key.data, key.len, data.data, data.len);
    return true;
}

/// def kdf(outputs: "tuple[WriteableBuffer, ...]", chaining_key: ReadableBuffer, data: ReadableBuffer) -> None:
///     """KDF1, KDF2 or KDF3 of the paper: one to three outputs of 32 bytes each; one of them may be chaining_key."""
bool bind_kdf(bind_call_t *call) {
    bind_buffer_t outs[3] = {{NULL, 0}, {NULL, 0}, {NULL, 0}};
    bind_buffer_t chaining_key, data;
    size_t count;
    if (!bind_outputs(call, 0, WG_HASH_LEN, 3, outs, &count) || !bind_bytes(call, 1, WG_HASH_LEN, &chaining_key) ||
        !bind_bytes(call, 2, BIND_ANY_LEN, &data)) {
        return false;
    }
    for (size_t i = 0; i < count; i++) {
        if (!bind_overlap(call, &outs[i], &chaining_key, BIND_IN_PLACE) ||
            !bind_overlap(call, &outs[i], &data, BIND_APART)) {
            return false;
        }
        for (size_t j = 0; j < i; j++) {
            if (!bind_overlap(call, &outs[i], &outs[j], BIND_APART)) {
                return false;
            }
        }
    }
    wg_kdf(outs[0].data, outs[1].data, outs[2].data, chaining_key.data, data.data, data.len);
    return true;
}

/// def chacha20_xor(
///     out: WriteableBuffer, data: ReadableBuffer, key: ReadableBuffer, nonce: ReadableBuffer, counter: int
/// ) -> None:
///     """RFC 8439, 2.4. out: as long as data, may be data. key: 32 bytes, nonce: 12 bytes, counter: 32 bits."""
bool bind_chacha20_xor(bind_call_t *call) {
    bind_buffer_t out, data, key, nonce;
    uint64_t counter;
    if (!bind_bytes(call, 1, BIND_ANY_LEN, &data) || !bind_output(call, 0, data.len, &out) ||
        !bind_bytes(call, 2, WG_KEY_LEN, &key) || !bind_bytes(call, 3, WG_NONCE_LEN, &nonce) ||
        !bind_number(call, 4, UINT32_MAX, &counter) || !bind_overlap(call, &out, &data, BIND_IN_PLACE) ||
        !bind_overlap(call, &out, &key, BIND_APART) || !bind_overlap(call, &out, &nonce, BIND_APART)) {
        return false;
    }
    uint64_t blocks = data.len / WG_CHACHA20_BLOCK_LEN + (data.len % WG_CHACHA20_BLOCK_LEN != 0);
    if (blocks > (UINT64_C(1) << 32) - counter) {
        return bind_fail(call, BIND_VALUE_ERROR, 4, "runs over the end of the key stream");
    }
    wg_chacha20_xor(out.data, data.data, data.len, key.data, nonce.data, (uint32_t)counter);
    return true;
}

/// def poly1305(out: WriteableBuffer, data: ReadableBuffer, key: ReadableBuffer) -> None:
///     """RFC 8439, 2.5. out: 16 bytes, key: 32 bytes."""
bool bind_poly1305(bind_call_t *call) {
    bind_buffer_t out, data, key;
    if (!bind_output(call, 0, WG_TAG_LEN, &out) || !bind_bytes(call, 1, BIND_ANY_LEN, &data) ||
        !bind_bytes(call, 2, 32, &key) || !bind_overlap(call, &out, &data, BIND_APART) ||
        !bind_overlap(call, &out, &key, BIND_APART)) {
        return false;
    }
    wg_poly1305_t poly;
    wg_poly1305_init(&poly, key.data);
    wg_poly1305_update(&poly, data.data, data.len);
    wg_poly1305_finish(&poly, out.data);
    return true;
}

typedef struct {
    bind_buffer_t out, in, ad, nonce, key;
} aead_t;

static bool take_aead(bind_call_t *call, aead_t *aead) {
    if (!bind_output(call, 0, BIND_ANY_LEN, &aead->out) || !bind_bytes(call, 1, BIND_ANY_LEN, &aead->in) ||
        !bind_bytes(call, 2, BIND_ANY_LEN, &aead->ad) || !bind_bytes(call, 3, BIND_ANY_LEN, &aead->nonce) ||
        !bind_bytes(call, 4, WG_KEY_LEN, &aead->key) || !bind_overlap(call, &aead->out, &aead->in, BIND_IN_PLACE) ||
        !bind_overlap(call, &aead->out, &aead->ad, BIND_APART) ||
        !bind_overlap(call, &aead->out, &aead->nonce, BIND_APART) ||
        !bind_overlap(call, &aead->out, &aead->key, BIND_APART)) {
        return false;
    }
    if (aead->nonce.len != WG_NONCE_LEN && aead->nonce.len != WG_XNONCE_LEN) {
        return bind_fail_number(call, BIND_VALUE_ERROR, 3, aead->nonce.len, " bytes given, 12 or 24 wanted");
    }
    return true;
}

/// def aead_seal(
///     out: WriteableBuffer, data: ReadableBuffer, ad: ReadableBuffer, nonce: ReadableBuffer, key: ReadableBuffer
/// ) -> None:
///     """RFC 8439, 2.8. out: len(data) + 16, may begin where data does.
///
///     nonce: 12 bytes (ChaCha20-Poly1305) or 24 (XChaCha20-Poly1305).
///     """
bool bind_aead_seal(bind_call_t *call) {
    aead_t aead;
    if (!take_aead(call, &aead)) {
        return false;
    }
    if (aead.out.len < WG_TAG_LEN || aead.out.len - WG_TAG_LEN != aead.in.len) {
        return bind_fail(call, BIND_VALUE_ERROR, 0, "16 bytes more than data wanted");
    }
    (aead.nonce.len == WG_NONCE_LEN ? wg_aead_seal : wg_xaead_seal)(
        aead.out.data, aead.in.data, aead.in.len, aead.ad.data, aead.ad.len, aead.nonce.data, aead.key.data);
    return true;
}

/// def aead_open(
///     out: WriteableBuffer, data: ReadableBuffer, ad: ReadableBuffer, nonce: ReadableBuffer, key: ReadableBuffer
/// ) -> bool:
///     """The reverse: out: len(data) - 16, may begin where data does. False: forged, out is as it was."""
bool bind_aead_open(bind_call_t *call) {
    aead_t aead;
    if (!take_aead(call, &aead)) {
        return false;
    }
    if (aead.in.len < WG_TAG_LEN) {
        return bind_fail(call, BIND_VALUE_ERROR, 1, "shorter than a tag");
    }
    if (aead.in.len - WG_TAG_LEN != aead.out.len) {
        return bind_fail(call, BIND_VALUE_ERROR, 0, "16 bytes less than data wanted");
    }
    return bind_return_bool(
        call, (aead.nonce.len == WG_NONCE_LEN ? wg_aead_open : wg_xaead_open)(
                  aead.out.data, aead.in.data, aead.in.len, aead.ad.data, aead.ad.len, aead.nonce.data, aead.key.data));
}

/// def x25519(out: WriteableBuffer, scalar: ReadableBuffer, point: ReadableBuffer) -> bool:
///     """RFC 7748, 5. False: the result is all zero and must not be used. Arguments: 32 bytes each."""
bool bind_x25519(bind_call_t *call) {
    bind_buffer_t out, scalar, point;
    if (!bind_output(call, 0, 32, &out) || !bind_bytes(call, 1, 32, &scalar) || !bind_bytes(call, 2, 32, &point) ||
        !bind_overlap(call, &out, &scalar, BIND_APART) || !bind_overlap(call, &out, &point, BIND_APART)) {
        return false;
    }
    return bind_return_bool(call, wg_x25519(out.data, scalar.data, point.data));
}
