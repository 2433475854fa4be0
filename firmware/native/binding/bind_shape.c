#include "bind_shape.h"

#include "wg_wipe.h"

static void wipe_shape(void *state) {
    wg_shape_wipe(&((bind_shape_t *)state)->shape);
}

const bind_class_t bind_class_Shape = {"Shape", sizeof(bind_shape_t), wipe_shape};

static wg_shape_t *shape_of(bind_call_t *call) {
    return &((bind_shape_t *)call->self)->shape;
}

static bool take_settings(bind_call_t *call, wg_shape_settings_t *settings) {
    uint64_t sizes[WG_SHAPE_KINDS], types[2 * WG_SHAPE_KINDS];
    if (!bind_numbers(call, 0, UINT16_MAX, sizes, WG_SHAPE_KINDS) ||
        !bind_numbers(call, 1, UINT32_MAX, types, 2 * WG_SHAPE_KINDS)) {
        return false;
    }
    for (size_t i = 0; i < WG_SHAPE_KINDS; i++) {
        settings->sizes[i] = (uint16_t)sizes[i];
        settings->low[i] = (uint32_t)types[2 * i];
        settings->high[i] = (uint32_t)types[2 * i + 1];
    }
    return true;
}

/// class Shape:
///     """How datagrams look on the wire: AmneziaWG's S1 to S4, H1 to H4 and header protection (core/wg_shape.h)."""

///     def __init__(
///         self,
///         sizes: "tuple[int, ...]",
///         types: "tuple[int, ...]",
///         key: Optional[ReadableBuffer],
///         seed: ReadableBuffer,
///     ) -> None:
///         """sizes: S1 to S4; the first three at most 1132, the last 64; with a key at least 12.
///
///         types: H1 to H4, lowest and highest of each; none overlaps another. key: of header protection, 32 bytes.
///         seed: 32 fresh bytes. Both are wiped when they can be written.
///         """
bool bind_Shape_new(bind_call_t *call) {
    bind_shape_t *self = call->self;
    bind_buffer_t key = {NULL, 0}, seed;
    bool key_writable = false, seed_writable;
    wg_shape_settings_t settings;
    if (!take_settings(call, &settings) ||
        (bind_has(call, 2) && !bind_secret(call, 2, WG_KEY_LEN, &key, &key_writable)) ||
        !bind_secret(call, 3, WG_KEY_LEN, &seed, &seed_writable)) {
        return false;
    }
    self->state.live = wg_shape_init(&self->shape, &settings, key.data, seed.data);
    if (key_writable) {
        wg_wipe(key.data, key.len);
    }
    if (seed_writable) {
        wg_wipe(seed.data, seed.len);
    }
    return self->state.live ||
           bind_fail_call(call, BIND_VALUE_ERROR, "a size is out of range, or types are empty or overlap");
}

static bool take_kind(bind_call_t *call, size_t at, uint8_t *kind) {
    uint64_t number;
    if (!bind_number(call, at, UINT8_MAX, &number)) {
        return false;
    }
    *kind = (uint8_t)number;
    return (number >= WG_MESSAGE_INITIATION && number <= WG_MESSAGE_TRANSPORT) ||
           bind_fail_number(call, BIND_VALUE_ERROR, at, number, " is no kind of message, 1 to 4");
}

///     def room(self, kind: int) -> int:
///         """How many bytes stand before a message of this kind, 1 to 4."""
bool bind_Shape_room(bind_call_t *call) {
    uint8_t kind;
    return take_kind(call, 0, &kind) && bind_return_int(call, (int64_t)wg_shape_room(shape_of(call), kind));
}

///     def wrap(self, kind: int, datagram: WriteableBuffer) -> None:
///         """datagram: room(kind) bytes, which are overwritten, and the message, which is hidden in place."""
bool bind_Shape_wrap(bind_call_t *call) {
    wg_shape_t *shape = shape_of(call);
    uint8_t kind;
    bind_buffer_t datagram;
    if (!take_kind(call, 0, &kind) || !bind_output(call, 1, BIND_ANY_LEN, &datagram)) {
        return false;
    }
    size_t room = wg_shape_room(shape, kind), len = datagram.len - room;
    bool is_data = kind == WG_MESSAGE_TRANSPORT;
    if (datagram.len < room || (is_data ? len < WG_TRANSPORT_OVERHEAD : kind != wg_message_kind_of_len(len))) {
        return bind_fail_number(call, BIND_VALUE_ERROR, 1, datagram.len, " bytes given, not as long as that message");
    }
    (void)wg_shape_wrap(shape, kind, datagram.data + room, len);
    return true;
}

///     def open(self, datagram: WriteableBuffer) -> "tuple[int, int, int]":
///         """Uncover the message in a datagram: (kind, offset of the message, shape of the endpoint).
///
///         A negative status in place of the kind: there is none, a drop.
///         """
bool bind_Shape_open(bind_call_t *call) {
    bind_buffer_t datagram;
    wg_shaped_t found = {0};
    if (!bind_output(call, 0, BIND_ANY_LEN, &datagram)) {
        return false;
    }
    wg_status_t status = wg_shape_open(shape_of(call), datagram.data, datagram.len, &found);
    bind_value_t items[3] = {
        bind_port_new_int(status == WG_OK ? found.kind : -(int64_t)status),
        bind_port_new_int(found.offset),
        bind_port_new_int(found.shape),
    };
    return bind_return(call, bind_port_new_tuple(items, 3));
}

///     def wipe(self) -> None: ...
bool bind_Shape_wipe(bind_call_t *call) {
    return bind_wipe(call, wipe_shape);
}
