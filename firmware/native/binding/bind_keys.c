// Private keys and preshared keys.
#include "bind_keys.h"

#include <string.h>

#include "bind_keytext.h"
#include "wg_wipe.h"
#include "wg_x25519.h"

static void wipe_key(void *state) {
    bind_key_t *key = state;
    wg_wipe(key->key, sizeof(key->key));
}

const bind_class_t bind_class_PrivateKey = {"PrivateKey", sizeof(bind_key_t), wipe_key};
const bind_class_t bind_class_PresharedKey = {"PresharedKey", sizeof(bind_key_t), wipe_key};

static bool make_key(bind_call_t *call) {
    bind_key_t *self = call->self;
    bind_buffer_t given;
    bool writable;
    if (!bind_secret(call, 0, BIND_ANY_LEN, &given, &writable)) {
        return false;
    }
    if (given.len == 32) {
        memcpy(self->key, given.data, 32);
    } else if (given.len == BIND_BASE64_LEN) {
        if (!bind_from_base64(self->key, given.data)) {
            return bind_fail(call, BIND_VALUE_ERROR, 0, "44 bytes given, but they are not the base64 of 32 bytes");
        }
    } else if (given.len == BIND_HEX_LEN) {
        if (!bind_from_hex(self->key, given.data)) {
            return bind_fail(call, BIND_VALUE_ERROR, 0, "64 bytes given, but they are not hexadecimal digits");
        }
    } else {
        return bind_fail_number(call, BIND_VALUE_ERROR, 0, given.len, " bytes given, a key has 32, 44 or 64");
    }
    if (writable) {
        wg_wipe(given.data, given.len);
    }
    self->state.live = true;
    return true;
}

#ifdef WG_KEY_EXPORT
static bool export_key(bind_call_t *call) {
    bind_key_t *self = call->self;
    bind_buffer_t out;
    if (!bind_output(call, 0, 32, &out)) {
        return false;
    }
    memcpy(out.data, self->key, 32);
    return true;
}
#endif

/// class PrivateKey:
///     """A Curve25519 private key. There is no getter; builds for hosts have export()."""

///     def __init__(self, key: ReadableBuffer) -> None:
///         """key: 32 bytes, raw, or 44 bytes of base64 as in a wg-quick file, or 64 hexadecimal digits.
///
///         A writable buffer is wiped once it was taken.
///         """
bool bind_PrivateKey_new(bind_call_t *call) {
    return make_key(call);
}

///     def public(self) -> bytes:
///         """The public key, 32 bytes."""
bool bind_PrivateKey_public(bind_call_t *call) {
    bind_key_t *self = call->self;
    uint8_t public_key[32];
    wg_x25519_public(public_key, self->key);
    return bind_return_bytes(call, public_key, sizeof(public_key));
}

///     def export(self, out: WriteableBuffer) -> None:
///         """Write the raw key into out (32 bytes).
///
///         Only in builds for hosts (unix, CPython), which answer `wg showconf` with it.
///         """
#ifdef WG_KEY_EXPORT
bool bind_PrivateKey_export(bind_call_t *call) {
    return export_key(call);
}
#endif

///     def wipe(self) -> None: ...
bool bind_PrivateKey_wipe(bind_call_t *call) {
    return bind_wipe(call, wipe_key);
}

/// class PresharedKey:
///     """A preshared key of 32 bytes (paper 5.2)."""

///     def __init__(self, key: ReadableBuffer) -> None:
///         """key: as for PrivateKey."""
bool bind_PresharedKey_new(bind_call_t *call) {
    return make_key(call);
}

///     def is_zero(self) -> bool:
///         """Whether it is the key that stands for none."""
bool bind_PresharedKey_is_zero(bind_call_t *call) {
    bind_key_t *self = call->self;
    return bind_return_bool(call, wg_is_zero(self->key, sizeof(self->key)));
}

///     def export(self, out: WriteableBuffer) -> None:
///         """As for PrivateKey."""
#ifdef WG_KEY_EXPORT
bool bind_PresharedKey_export(bind_call_t *call) {
    return export_key(call);
}
#endif

///     def wipe(self) -> None: ...
bool bind_PresharedKey_wipe(bind_call_t *call) {
    return bind_wipe(call, wipe_key);
}
