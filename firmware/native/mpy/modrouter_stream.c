// _router.Router: the stream, a TCP connection over the uplink that may carry the tunnel.
#include "cr_stream.h"
#include "cr_tls.h"
#include "modrouter.h"
#include "py/mperrno.h"

static uint16_t get_stream(mp_obj_t self, mp_obj_t number) {
    (void)router_enter(self);
    return (uint16_t)modpath_get_number(number, UINT16_MAX, MP_ERROR_TEXT("stream: not 0 to 65535"));
}

static void check_open(bool was_open) {
    if (!was_open) {
        mp_raise_OSError(MP_ENOTCONN);
    }
}

///
///     def stream_open(self, address: ReadableBuffer, port: int) -> int:
///         """Begin a TCP connection on the uplink; its number, by which wg.endpoint.stream() knows it.
///
///         A board has one. OSError ENOBUFS: there is one that has not ended. What keeps it from being made is told by
///         stream_state() and stream_end().
///         """
static mp_obj_t router_stream_open(mp_obj_t self, mp_obj_t address_in, mp_obj_t port_in) {
    (void)router_enter(self);
    uint32_t address = router_get_address(address_in, MP_ERROR_TEXT("address: not 4 bytes"));
    uint16_t port = modpath_get_port(port_in);
    port_lock();
    uint16_t number = lwpath_stream_open(address, port);
    port_unlock();
    if (number == 0) {
        mp_raise_OSError(MP_ENOBUFS);
    }
    return MP_OBJ_NEW_SMALL_INT(number);
}
MP_DEFINE_CONST_FUN_OBJ_3(router_stream_open_obj, router_stream_open);

///
///     def stream_state(self, stream: int) -> int:
///         """_carrier.STREAM_...; STREAM_ENDED also of a number that is not there."""
static mp_obj_t router_stream_state(mp_obj_t self, mp_obj_t number_in) {
    uint16_t number = get_stream(self, number_in);
    port_lock();
    cr_stream_state_t state = lwpath_stream_state(number);
    port_unlock();
    return MP_OBJ_NEW_SMALL_INT(state);
}
MP_DEFINE_CONST_FUN_OBJ_2(router_stream_state_obj, router_stream_state);

///
///     def stream_end(self, stream: int) -> int:
///         """Why it has ended, _carrier.END_...; 0: it has not."""
static mp_obj_t router_stream_end(mp_obj_t self, mp_obj_t number_in) {
    uint16_t number = get_stream(self, number_in);
    port_lock();
    cr_end_t end = lwpath_stream_end(number);
    port_unlock();
    return MP_OBJ_NEW_SMALL_INT(end);
}
MP_DEFINE_CONST_FUN_OBJ_2(router_stream_end_obj, router_stream_end);

///
///     def stream_secure(self, stream: int, name: str, pin: ReadableBuffer, now_s: int = 0) -> None:
///         """TLS from now on, in STREAM_SECURING until it is STREAM_OPEN again.
///
///         name: of the host; empty: none is said, and an issuer's pin is none. pin: SHA-256 of a SubjectPublicKeyInfo, 32 bytes, or up to four of them. now_s: seconds since 1970,
///         0: the clock is not to be trusted. OSError ENOTCONN: the stream is not open. ValueError: no pin, or no name.
///         """
static mp_obj_t router_stream_secure(size_t n_args, const mp_obj_t *args) {
    size_t name_len;
    uint16_t number = get_stream(args[0], args[1]);
    const char *name = mp_obj_str_get_data(args[2], &name_len);
    const mp_buffer_info_t pins = modpath_get_bytes(args[3]);
    uint64_t now_s = n_args > 4 ? (uint32_t)mp_obj_get_int_truncated(args[4]) : 0;
    if (name_len > CR_NAME_MAX) {
        mp_raise_ValueError(MP_ERROR_TEXT("name: above 253 letters"));
    }
    if (pins.len == 0 || pins.len % CR_PIN_LEN != 0 || pins.len > CR_PINS_MAX * CR_PIN_LEN) {
        mp_raise_ValueError(MP_ERROR_TEXT("pin: not 32 bytes, or up to 4 times 32"));
    }
    port_lock();
    bool was_open = lwpath_stream_secure(number, name, name_len, pins.buf, pins.len / CR_PIN_LEN, now_s);
    port_unlock();
    check_open(was_open);
    return mp_const_none;
}
MP_DEFINE_CONST_FUN_OBJ_VAR_BETWEEN(router_stream_secure_obj, 4, 5, router_stream_secure);

///
///     def stream_write(self, stream: int, data: ReadableBuffer) -> int:
///         """STREAM_OPEN: how many bytes were taken; 0: none now, or it is not open."""
static mp_obj_t router_stream_write(mp_obj_t self, mp_obj_t number_in, mp_obj_t data_in) {
    uint16_t number = get_stream(self, number_in);
    const mp_buffer_info_t data = modpath_get_bytes(data_in);
    port_lock();
    size_t taken = lwpath_stream_write(number, data.buf, data.len);
    port_unlock();
    return mp_obj_new_int_from_uint(taken);
}
MP_DEFINE_CONST_FUN_OBJ_3(router_stream_write_obj, router_stream_write);

///
///     def stream_read(self, stream: int, buffer: WriteableBuffer) -> int:
///         """STREAM_OPEN: how many bytes were read; 0: none now, or it is not open."""
static mp_obj_t router_stream_read(mp_obj_t self, mp_obj_t number_in, mp_obj_t buffer_in) {
    mp_buffer_info_t buffer;
    uint16_t number = get_stream(self, number_in);
    mp_get_buffer_raise(buffer_in, &buffer, MP_BUFFER_WRITE);
    port_lock();
    size_t taken = lwpath_stream_read(number, buffer.buf, buffer.len);
    port_unlock();
    return mp_obj_new_int_from_uint(taken);
}
MP_DEFINE_CONST_FUN_OBJ_3(router_stream_read_obj, router_stream_read);

///
///     def stream_carry(self, stream: int, framing: int, rest: ReadableBuffer = b"") -> None:
///         """Carry datagrams from now on, _carrier.FRAMING_...; rest: what was read beyond what ended the bytes before, up to 1500.
///
///         OSError ENOTCONN: the stream is not open. ValueError: no framing, or too much rest.
///         """
static mp_obj_t router_stream_carry(size_t n_args, const mp_obj_t *args) {
    uint8_t rest[LWPATH_REST_MAX];
    uint16_t number = get_stream(args[0], args[1]);
    mp_int_t framing = modpath_get_number(args[2], CR_FRAMING_COUNT - 1, MP_ERROR_TEXT("framing: there is none such"));
    size_t len = 0;
    if (framing == 0) {
        mp_raise_ValueError(MP_ERROR_TEXT("framing: there is none such"));
    }
    if (n_args > 3) {
        const mp_buffer_info_t given = modpath_get_bytes(args[3]);
        if (given.len > sizeof rest) {
            mp_raise_ValueError(MP_ERROR_TEXT("rest: more than 1500 bytes"));
        }
        memcpy(rest, given.buf, given.len); // it is opened in place, and bytes of Python's are not to be changed
        len = given.len;
    }
    port_lock();
    bool was_open = lwpath_stream_carry(number, (cr_framing_t)framing, rest, len);
    port_unlock();
    check_open(was_open);
    return mp_const_none;
}
MP_DEFINE_CONST_FUN_OBJ_VAR_BETWEEN(router_stream_carry_obj, 3, 4, router_stream_carry);

///
///     def stream_ping(self, stream: int) -> None:
///         """STREAM_CARRYING: ask the other end for a sign of life, which shows in stream_heard_ms(). Not with FRAMING_LENGTH."""
static mp_obj_t router_stream_ping(mp_obj_t self, mp_obj_t number_in) {
    uint16_t number = get_stream(self, number_in);
    port_lock();
    lwpath_stream_ping(number);
    port_unlock();
    return mp_const_none;
}
MP_DEFINE_CONST_FUN_OBJ_2(router_stream_ping_obj, router_stream_ping);

///
///     def stream_heard_ms(self, stream: int) -> int:
///         """When bytes came last, as now_ms() says it; 0: it is not there."""
static mp_obj_t router_stream_heard_ms(mp_obj_t self, mp_obj_t number_in) {
    uint16_t number = get_stream(self, number_in);
    port_lock();
    uint64_t heard_ms = lwpath_stream_heard_ms(number);
    port_unlock();
    return mp_obj_new_int_from_ull(heard_ms);
}
MP_DEFINE_CONST_FUN_OBJ_2(router_stream_heard_ms_obj, router_stream_heard_ms);

///
///     def stream_close(self, stream: int) -> None:
///         """Close it, say so to the other end, and wipe what it knew. Nothing happens to one that is not there."""
static mp_obj_t router_stream_close(mp_obj_t self, mp_obj_t number_in) {
    uint16_t number = get_stream(self, number_in);
    port_lock();
    lwpath_stream_close(number);
    port_unlock();
    return mp_const_none;
}
MP_DEFINE_CONST_FUN_OBJ_2(router_stream_close_obj, router_stream_close);
