// _router: the packet path of a board (../lwip) for MicroPython. Only in the ports of boards.
/// """The packet path of a board, in C (native/lwip): clients on the LAN, the tunnel on the uplink.
///
/// It exists from power-on and denies everything; a Router opens it. Addresses are 4 bytes, MACs 6.
/// """
///
/// from typing import Optional
///
/// from _typeshed import ReadableBuffer, WriteableBuffer
/// from _wg import Gate, Shape, Tunnel

#include "modrouter.h"
#include "lwpath_port.h"
#include "modwg.h"
#include "py/mperrno.h"

/// # Why poll() came back: a set of bits; 0 is the timeout.
/// WAKE_HANDSHAKE: int  # next_handshake() has something
/// WAKE_EVENT: int  # Tunnel.take_event() has something
/// WAKE_CONSOLE: int  # bytes wait on the console
/// WAKE_UPLINK: int  # link, address or gateway of the uplink has changed: see uplink()
/// WAKE_DHCP: int  # next_dhcp() has something
/// WAKE_NAME: int  # the look-up has ended: see name()
/// WAKE_SILENCE: int  # we send and hear nothing: see silence()
/// WAKE_INSIDE: int  # next_inside() has something
/// WAKE_STREAM: int  # the stream's state has changed, or it has bytes to read
/// # What silence() says.
/// SILENCE_FAR: int  # the next hop answers, and nobody beyond it
/// SILENCE_NEAR: int  # the next hop does not answer: this may be another network
/// SILENCE_MOVED: int  # the next hop is another machine now, or is back
/// # What sign_in() says of the window for signing in.
/// SIGN_IN_OPEN: int
/// SIGN_IN_NONE: int  # there was none yet
/// SIGN_IN_CLOSED: int
/// SIGN_IN_TIME: int  # its time was over
/// SIGN_IN_TUNNEL: int  # the tunnel has brought something
/// SIGN_IN_UPLINK: int  # its network, address or link has changed

typedef struct {
    mp_obj_base_t base;
    mp_obj_t tunnel;
    mp_obj_t gate;
    mp_obj_t shape; // None: there is none
} router_obj_t;

static router_obj_t *opened; // there is one path

// --- arguments and results ---

uint32_t router_get_address(mp_obj_t value, mp_rom_error_text_t message) {
    const mp_buffer_info_t buffer = modpath_get_bytes(value);
    uint32_t address;
    if (buffer.len != sizeof address) {
        mp_raise_ValueError(message);
    }
    memcpy(&address, buffer.buf, sizeof address);
    return address;
}

uint32_t router_get_optional_address(mp_obj_t value, mp_rom_error_text_t message) {
    return value == mp_const_none ? 0 : router_get_address(value, message);
}

unsigned router_get_prefix_len(mp_obj_t value) {
    return (unsigned)modpath_get_number(value, 32, MP_ERROR_TEXT("prefix_len: not 0 to 32"));
}

mp_obj_t router_new_address(uint32_t address) {
    return mp_obj_new_bytes((const byte *)&address, sizeof address);
}

int router_errno(err_t error) {
    switch (error) {
    case ERR_OK:
        return 0;
    case ERR_MEM:
        return MP_ENOBUFS;
    case ERR_ARG:
        return MP_EINVAL;
    default:
        return MP_EHOSTUNREACH;
    }
}

mp_obj_t router_new_errno(err_t error, mp_rom_error_text_t wrong) {
    if (error == ERR_ARG) {
        mp_raise_ValueError(wrong);
    }
    return MP_OBJ_NEW_SMALL_INT(router_errno(error));
}

wg_tunnel_t *router_enter(mp_obj_t self_in) {
    router_obj_t *self = MP_OBJ_TO_PTR(self_in);
    if (self != opened) {
        mp_raise_OSError(MP_EBADF);
    }
    (void)wg_mpy_gate(self->gate);
    if (self->shape != mp_const_none) {
        (void)wg_mpy_shape(self->shape);
    }
    return wg_mpy_tunnel(self->tunnel);
}

// --- the machine's clocks and numbers ---

/// def now_ms() -> int:
///     """Milliseconds since power-on, never 0."""
static mp_obj_t router_now_ms(void) {
    return mp_obj_new_int_from_ull(port_now_ms());
}
static MP_DEFINE_CONST_FUN_OBJ_0(router_now_ms_obj, router_now_ms);

/// def fill_random(buffer: WriteableBuffer) -> None:
///     """Fill buffer with bytes fit for keys. OSError: this machine has no generator."""
static mp_obj_t router_fill_random(mp_obj_t buffer_in) {
    mp_buffer_info_t buffer;
    mp_get_buffer_raise(buffer_in, &buffer, MP_BUFFER_WRITE);
    if (!port_fill_random(buffer.buf, buffer.len)) {
        mp_raise_OSError(MP_ENODEV);
    }
    return mp_const_none;
}
static MP_DEFINE_CONST_FUN_OBJ_1(router_fill_random_obj, router_fill_random);

/// def wall_clock() -> "tuple[int, int]":
///     """Seconds and nanoseconds since 1970, which may be wrong; (0, 0): the machine has no clock."""
static mp_obj_t router_wall_clock(void) {
    uint64_t seconds;
    uint32_t nanoseconds;
    if (!port_wall_clock(&seconds, &nanoseconds)) {
        seconds = nanoseconds = 0;
    }
    return modpath_new_time(seconds, nanoseconds);
}
static MP_DEFINE_CONST_FUN_OBJ_0(router_wall_clock_obj, router_wall_clock);

// --- Router ---

/// class Router:
///     """Only one is open at a time."""
///
///     WAKE_HANDSHAKE: int  # all of them also here, for what runs on every data path
///     WAKE_EVENT: int
///     WAKE_CONSOLE: int
///     WAKE_UPLINK: int
///     WAKE_DHCP: int
///     WAKE_NAME: int
///     WAKE_SILENCE: int
///     WAKE_INSIDE: int
///     WAKE_STREAM: int
///     SILENCE_FAR: int
///     SILENCE_NEAR: int
///     SILENCE_MOVED: int
///     SIGN_IN_OPEN: int
///     SIGN_IN_NONE: int
///     SIGN_IN_CLOSED: int
///     SIGN_IN_TIME: int
///     SIGN_IN_TUNNEL: int
///     SIGN_IN_UPLINK: int
///
///     def __init__(self, tunnel: Tunnel, gate: Gate) -> None:
///         """Holds both until it is closed, in place of the Router that was open before."""
static mp_obj_t router_make_new(const mp_obj_type_t *type, size_t n_args, size_t n_kw, const mp_obj_t *args) {
    mp_arg_check_num(n_args, n_kw, 2, 2, false);
    wg_tunnel_t *tunnel = wg_mpy_tunnel(args[0]);
    wg_gate_t *gate = wg_mpy_gate(args[1]);
    router_obj_t *self = mp_obj_malloc_with_finaliser(router_obj_t, type);
    self->tunnel = args[0];
    self->gate = args[1];
    self->shape = mp_const_none;
    port_lock();
    lwpath_open(tunnel, gate);
    port_unlock();
    opened = self;
    return MP_OBJ_FROM_PTR(self);
}

///
///     def poll(self, timeout_ms: int) -> int:
///         """Move packets, run lwIP's timers and sleep until something is wanted. timeout_ms -1: for ever. Returns WAKE_ bits.
///
///         With something wanted already it moves one bounded batch of packets and returns.
///         """
static mp_obj_t router_poll(mp_obj_t self, mp_obj_t timeout_ms) {
    (void)router_enter(self);
    int32_t timeout = modpath_get_timeout(timeout_ms);
    MP_THREAD_GIL_EXIT();
    unsigned reasons = lwpath_poll(timeout);
    MP_THREAD_GIL_ENTER();
    mp_handle_pending(true);
    return MP_OBJ_NEW_SMALL_INT(reasons);
}
static MP_DEFINE_CONST_FUN_OBJ_2(router_poll_obj, router_poll);

// --- Router: what wg.device needs ---

///
///     def next_handshake(self, message: WriteableBuffer) -> "Optional[tuple[int, bytes]]":
///         """The oldest handshake message that passed the gate: (length, source endpoint), or None. message: 148 bytes."""
static mp_obj_t router_next_handshake(mp_obj_t self, mp_obj_t message) {
    (void)router_enter(self);
    uint8_t *room = modpath_get_message_room(message);
    port_lock();
    const wg_ring_slot_t *next = lwpath_next_handshake();
    const wg_ring_slot_t slot = next != NULL ? *next : (wg_ring_slot_t){0};
    port_unlock();
    return modpath_new_handshake(room, next != NULL ? &slot : NULL);
}
static MP_DEFINE_CONST_FUN_OBJ_2(router_next_handshake_obj, router_next_handshake);

///
///     def send(self, datagram: ReadableBuffer, endpoint: ReadableBuffer) -> int:
///         """Send a handshake message or cookie reply; 0, or an errno that the network caused. ValueError: it is neither."""
static mp_obj_t router_send(mp_obj_t self, mp_obj_t datagram_in, mp_obj_t endpoint) {
    (void)router_enter(self);
    const mp_buffer_info_t datagram = modpath_get_bytes(datagram_in);
    const wg_endpoint_t to = modpath_get_endpoint(endpoint);
    port_lock();
    err_t error = lwpath_send(datagram.buf, datagram.len, &to);
    port_unlock();
    return router_new_errno(error, MP_ERROR_TEXT("datagram: no handshake message"));
}
static MP_DEFINE_CONST_FUN_OBJ_3(router_send_obj, router_send);

///
///     def send_to_peer(self, peer: int, datagram: ReadableBuffer) -> int:
///         """The same, to the peer's endpoint."""
static mp_obj_t router_send_to_peer(mp_obj_t self, mp_obj_t peer, mp_obj_t datagram_in) {
    uint16_t to = modpath_get_peer(router_enter(self), peer);
    const mp_buffer_info_t datagram = modpath_get_bytes(datagram_in);
    port_lock();
    err_t error = lwpath_send_to_peer(to, datagram.buf, datagram.len);
    port_unlock();
    return router_new_errno(error, MP_ERROR_TEXT("datagram: no handshake message"));
}
static MP_DEFINE_CONST_FUN_OBJ_3(router_send_to_peer_obj, router_send_to_peer);

///
///     def set_shape(self, shape: "Optional[Shape]") -> None:
///         """How datagrams look to and from endpoints that have a shape (wg.endpoint.with_shape()); None: there are none such."""
static mp_obj_t router_set_shape(mp_obj_t self_in, mp_obj_t shape_in) {
    router_obj_t *self = MP_OBJ_TO_PTR(self_in);
    (void)router_enter(self_in);
    wg_shape_t *shape = shape_in == mp_const_none ? NULL : wg_mpy_shape(shape_in);
    port_lock();
    lwpath_set_shape(shape);
    port_unlock();
    self->shape = shape_in;
    return mp_const_none;
}
static MP_DEFINE_CONST_FUN_OBJ_2(router_set_shape_obj, router_set_shape);

///
///     def send_decoy(self, datagram: ReadableBuffer, endpoint: ReadableBuffer) -> int:
///         """Send up to 1280 bytes as they are, to an address; 0, or an errno that the network caused."""
static mp_obj_t router_send_decoy(mp_obj_t self, mp_obj_t datagram_in, mp_obj_t endpoint) {
    (void)router_enter(self);
    const mp_buffer_info_t datagram = modpath_get_bytes(datagram_in);
    const wg_endpoint_t to = modpath_get_endpoint(endpoint);
    port_lock();
    err_t error = lwpath_send_decoy(datagram.buf, datagram.len, &to);
    port_unlock();
    return router_new_errno(error, MP_ERROR_TEXT("datagram: not 1 to 1280 bytes, or for a stream"));
}
static MP_DEFINE_CONST_FUN_OBJ_3(router_send_decoy_obj, router_send_decoy);

///
///     def keepalive(self, peer: int) -> int:
///         """Send an empty transport message; a status of _wg."""
static mp_obj_t router_keepalive(mp_obj_t self, mp_obj_t peer) {
    uint16_t to = modpath_get_peer(router_enter(self), peer);
    port_lock();
    wg_status_t status = lwpath_keepalive(to);
    port_unlock();
    return MP_OBJ_NEW_SMALL_INT(status);
}
static MP_DEFINE_CONST_FUN_OBJ_2(router_keepalive_obj, router_keepalive);

///
///     def flush(self, peer: int) -> int:
///         """Send the packets that waited for a keypair; how many. Those that find no buffer leave later by themselves."""
static mp_obj_t router_flush(mp_obj_t self, mp_obj_t peer) {
    uint16_t to = modpath_get_peer(router_enter(self), peer);
    port_lock();
    unsigned sent = lwpath_flush(to);
    port_unlock();
    return MP_OBJ_NEW_SMALL_INT(sent);
}
static MP_DEFINE_CONST_FUN_OBJ_2(router_flush_obj, router_flush);

///
///     def bind(self, port: int) -> int:
///         """Take a UDP port on the uplink for the tunnel (0: a random one that is free), in place of the one before; the port.
///
///         OSError: it is taken, and the one before is still ours.
///         """
static mp_obj_t router_bind(mp_obj_t self, mp_obj_t port) {
    (void)router_enter(self);
    uint16_t wanted = modpath_get_port(port);
    port_lock();
    uint16_t bound = lwpath_bind(wanted);
    port_unlock();
    if (bound == 0) {
        mp_raise_OSError(MP_EADDRINUSE);
    }
    return MP_OBJ_NEW_SMALL_INT(bound);
}
static MP_DEFINE_CONST_FUN_OBJ_2(router_bind_obj, router_bind);

///
///     def unbind(self) -> None: ...
static mp_obj_t router_unbind(mp_obj_t self) {
    (void)router_enter(self);
    port_lock();
    lwpath_unbind();
    port_unlock();
    return mp_const_none;
}
static MP_DEFINE_CONST_FUN_OBJ_1(router_unbind_obj, router_unbind);

///
///     def close(self) -> None:
///         """Back to denying everything; the uplink keeps its address. Later calls but this one: OSError."""
static mp_obj_t router_close(mp_obj_t self_in) {
    router_obj_t *self = MP_OBJ_TO_PTR(self_in);
    if (self == opened) {
        opened = NULL;
        port_lock();
        lwpath_close();
        port_unlock();
    }
    return mp_const_none;
}
static MP_DEFINE_CONST_FUN_OBJ_1(router_close_obj, router_close);

// --- tables ---

#define CONSTANTS                                                                                                      \
    {MP_ROM_QSTR(MP_QSTR_WAKE_HANDSHAKE), MP_ROM_INT(LWPATH_WAKE_HANDSHAKE)},                                          \
        {MP_ROM_QSTR(MP_QSTR_WAKE_EVENT), MP_ROM_INT(LWPATH_WAKE_EVENT)},                                              \
        {MP_ROM_QSTR(MP_QSTR_WAKE_CONSOLE), MP_ROM_INT(LWPATH_WAKE_CONSOLE)},                                          \
        {MP_ROM_QSTR(MP_QSTR_WAKE_UPLINK), MP_ROM_INT(LWPATH_WAKE_UPLINK)},                                            \
        {MP_ROM_QSTR(MP_QSTR_WAKE_DHCP), MP_ROM_INT(LWPATH_WAKE_DHCP)},                                                \
        {MP_ROM_QSTR(MP_QSTR_WAKE_NAME), MP_ROM_INT(LWPATH_WAKE_NAME)},                                                \
        {MP_ROM_QSTR(MP_QSTR_WAKE_SILENCE), MP_ROM_INT(LWPATH_WAKE_SILENCE)},                                          \
        {MP_ROM_QSTR(MP_QSTR_WAKE_INSIDE), MP_ROM_INT(LWPATH_WAKE_INSIDE)},                                            \
        {MP_ROM_QSTR(MP_QSTR_WAKE_STREAM), MP_ROM_INT(LWPATH_WAKE_STREAM)},                                            \
        {MP_ROM_QSTR(MP_QSTR_SILENCE_FAR), MP_ROM_INT(LWPATH_SILENCE_FAR)},                                            \
        {MP_ROM_QSTR(MP_QSTR_SILENCE_NEAR), MP_ROM_INT(LWPATH_SILENCE_NEAR)},                                          \
        {MP_ROM_QSTR(MP_QSTR_SIGN_IN_OPEN), MP_ROM_INT(LWPATH_SIGN_IN_OPEN)},                                          \
        {MP_ROM_QSTR(MP_QSTR_SIGN_IN_NONE), MP_ROM_INT(LWPATH_SIGN_IN_NONE)},                                          \
        {MP_ROM_QSTR(MP_QSTR_SIGN_IN_CLOSED), MP_ROM_INT(LWPATH_SIGN_IN_CLOSED)},                                      \
        {MP_ROM_QSTR(MP_QSTR_SIGN_IN_TIME), MP_ROM_INT(LWPATH_SIGN_IN_TIME)},                                          \
        {MP_ROM_QSTR(MP_QSTR_SIGN_IN_TUNNEL), MP_ROM_INT(LWPATH_SIGN_IN_TUNNEL)},                                      \
        {MP_ROM_QSTR(MP_QSTR_SIGN_IN_UPLINK), MP_ROM_INT(LWPATH_SIGN_IN_UPLINK)}, {                                    \
        MP_ROM_QSTR(MP_QSTR_SILENCE_MOVED), MP_ROM_INT(LWPATH_SILENCE_MOVED)                                           \
    }

static const mp_rom_map_elem_t router_locals_table[] = {
    CONSTANTS,
#if WG_LOCK
    // For box.control: on real chips each takes tens of milliseconds, and the console waits meanwhile; packets do not.
    {MP_ROM_QSTR(MP_QSTR_HANDSHAKES_AT_ONCE), MP_ROM_INT(2)},
#endif
    {MP_ROM_QSTR(MP_QSTR_poll), MP_ROM_PTR(&router_poll_obj)},
    {MP_ROM_QSTR(MP_QSTR_next_handshake), MP_ROM_PTR(&router_next_handshake_obj)},
    {MP_ROM_QSTR(MP_QSTR_send), MP_ROM_PTR(&router_send_obj)},
    {MP_ROM_QSTR(MP_QSTR_send_to_peer), MP_ROM_PTR(&router_send_to_peer_obj)},
    {MP_ROM_QSTR(MP_QSTR_keepalive), MP_ROM_PTR(&router_keepalive_obj)},
    {MP_ROM_QSTR(MP_QSTR_flush), MP_ROM_PTR(&router_flush_obj)},
    {MP_ROM_QSTR(MP_QSTR_bind), MP_ROM_PTR(&router_bind_obj)},
    {MP_ROM_QSTR(MP_QSTR_unbind), MP_ROM_PTR(&router_unbind_obj)},
    {MP_ROM_QSTR(MP_QSTR_uplink_dhcp), MP_ROM_PTR(&router_uplink_dhcp_obj)},
    {MP_ROM_QSTR(MP_QSTR_uplink_static), MP_ROM_PTR(&router_uplink_static_obj)},
    {MP_ROM_QSTR(MP_QSTR_uplink_stop), MP_ROM_PTR(&router_uplink_stop_obj)},
    {MP_ROM_QSTR(MP_QSTR_uplink), MP_ROM_PTR(&router_uplink_obj)},
    {MP_ROM_QSTR(MP_QSTR_look_up), MP_ROM_PTR(&router_look_up_obj)},
    {MP_ROM_QSTR(MP_QSTR_name), MP_ROM_PTR(&router_name_obj)},
    {MP_ROM_QSTR(MP_QSTR_silence), MP_ROM_PTR(&router_silence_obj)},
    {MP_ROM_QSTR(MP_QSTR_set_tunnel), MP_ROM_PTR(&router_set_tunnel_obj)},
    {MP_ROM_QSTR(MP_QSTR_set_lan), MP_ROM_PTR(&router_set_lan_obj)},
    {MP_ROM_QSTR(MP_QSTR_set_former_lan), MP_ROM_PTR(&router_set_former_lan_obj)},
    {MP_ROM_QSTR(MP_QSTR_next_dhcp), MP_ROM_PTR(&router_next_dhcp_obj)},
    {MP_ROM_QSTR(MP_QSTR_send_dhcp), MP_ROM_PTR(&router_send_dhcp_obj)},
    {MP_ROM_QSTR(MP_QSTR_clients), MP_ROM_PTR(&router_clients_obj)},
    {MP_ROM_QSTR(MP_QSTR_try_leak), MP_ROM_PTR(&router_try_leak_obj)},
    {MP_ROM_QSTR(MP_QSTR_set_shape), MP_ROM_PTR(&router_set_shape_obj)},
    {MP_ROM_QSTR(MP_QSTR_send_decoy), MP_ROM_PTR(&router_send_decoy_obj)},
    {MP_ROM_QSTR(MP_QSTR_uplink_router), MP_ROM_PTR(&router_uplink_router_obj)},
    {MP_ROM_QSTR(MP_QSTR_uplink_portal), MP_ROM_PTR(&router_uplink_portal_obj)},
    {MP_ROM_QSTR(MP_QSTR_stream_open), MP_ROM_PTR(&router_stream_open_obj)},
    {MP_ROM_QSTR(MP_QSTR_stream_state), MP_ROM_PTR(&router_stream_state_obj)},
    {MP_ROM_QSTR(MP_QSTR_stream_end), MP_ROM_PTR(&router_stream_end_obj)},
    {MP_ROM_QSTR(MP_QSTR_stream_secure), MP_ROM_PTR(&router_stream_secure_obj)},
    {MP_ROM_QSTR(MP_QSTR_stream_write), MP_ROM_PTR(&router_stream_write_obj)},
    {MP_ROM_QSTR(MP_QSTR_stream_read), MP_ROM_PTR(&router_stream_read_obj)},
    {MP_ROM_QSTR(MP_QSTR_stream_carry), MP_ROM_PTR(&router_stream_carry_obj)},
    {MP_ROM_QSTR(MP_QSTR_stream_ping), MP_ROM_PTR(&router_stream_ping_obj)},
    {MP_ROM_QSTR(MP_QSTR_stream_heard_ms), MP_ROM_PTR(&router_stream_heard_ms_obj)},
    {MP_ROM_QSTR(MP_QSTR_stream_close), MP_ROM_PTR(&router_stream_close_obj)},
    {MP_ROM_QSTR(MP_QSTR_set_inside), MP_ROM_PTR(&router_set_inside_obj)},
    {MP_ROM_QSTR(MP_QSTR_send_inside), MP_ROM_PTR(&router_send_inside_obj)},
    {MP_ROM_QSTR(MP_QSTR_next_inside), MP_ROM_PTR(&router_next_inside_obj)},
    {MP_ROM_QSTR(MP_QSTR_set_sign_in), MP_ROM_PTR(&router_set_sign_in_obj)},
    {MP_ROM_QSTR(MP_QSTR_close_sign_in), MP_ROM_PTR(&router_close_sign_in_obj)},
    {MP_ROM_QSTR(MP_QSTR_sign_in), MP_ROM_PTR(&router_sign_in_obj)},
    {MP_ROM_QSTR(MP_QSTR_counters), MP_ROM_PTR(&router_counters_obj)},
    {MP_ROM_QSTR(MP_QSTR_close), MP_ROM_PTR(&router_close_obj)},
    {MP_ROM_QSTR(MP_QSTR___del__), MP_ROM_PTR(&router_close_obj)},
};
static MP_DEFINE_CONST_DICT(router_locals, router_locals_table);

static MP_DEFINE_CONST_OBJ_TYPE(router_type, MP_QSTR_Router, MP_TYPE_FLAG_NONE, make_new, router_make_new, locals_dict,
                                &router_locals);

static const mp_rom_map_elem_t router_globals_table[] = {
    {MP_ROM_QSTR(MP_QSTR___name__), MP_ROM_QSTR(MP_QSTR__router)},
    CONSTANTS,
    {MP_ROM_QSTR(MP_QSTR_now_ms), MP_ROM_PTR(&router_now_ms_obj)},
    {MP_ROM_QSTR(MP_QSTR_fill_random), MP_ROM_PTR(&router_fill_random_obj)},
    {MP_ROM_QSTR(MP_QSTR_wall_clock), MP_ROM_PTR(&router_wall_clock_obj)},
    {MP_ROM_QSTR(MP_QSTR_Router), MP_ROM_PTR(&router_type)},
};
static MP_DEFINE_CONST_DICT(router_globals, router_globals_table);

const mp_obj_module_t router_module = {
    .base = {&mp_type_module},
    .globals = (mp_obj_dict_t *)&router_globals,
};

MP_REGISTER_MODULE(MP_QSTR__router, router_module);
