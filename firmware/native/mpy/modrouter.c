// _router: the packet path of a board (../lwip) for MicroPython. Only in the ports of boards.
/// """The packet path of a board, in C (native/lwip): clients on the LAN, the tunnel on the uplink.
///
/// It exists from power-on and denies everything; a Router opens it. Addresses are 4 bytes, MACs 6.
/// """
///
/// from typing import Optional
///
/// from _typeshed import ReadableBuffer, WriteableBuffer
/// from _wg import Gate, Tunnel

#include "lwpath.h"
#include "lwpath_dhcp.h"
#include "lwpath_port.h"
#include "modwg.h"
#include "py/mperrno.h"
#include "py/objstr.h"
#include "py/runtime.h"

/// # Why poll() came back: a set of bits; 0 is the timeout.
/// WAKE_HANDSHAKE: int  # next_handshake() has something
/// WAKE_EVENT: int  # Tunnel.take_event() has something
/// WAKE_CONSOLE: int  # bytes wait on the console
/// WAKE_UPLINK: int  # link, address or gateway of the uplink has changed: see uplink()
/// WAKE_DHCP: int  # next_dhcp() has something
/// WAKE_NAME: int  # the look-up has ended: see name()
/// WAKE_SILENCE: int  # we send and hear nothing: see silence()
/// # What silence() says.
/// SILENCE_FAR: int  # the next hop answers, and nobody beyond it
/// SILENCE_NEAR: int  # the next hop does not answer: this may be another network
/// SILENCE_MOVED: int  # the next hop is another machine now, or is back

typedef struct {
    mp_obj_base_t base;
    mp_obj_t tunnel; // MP_OBJ_NULL: closed
    mp_obj_t gate;
} router_obj_t;

static router_obj_t *opened; // there is one path

// --- arguments and results ---

static uint16_t get_number(mp_obj_t value, mp_int_t max, mp_rom_error_text_t message) {
    mp_int_t number = mp_obj_get_int(value);
    if (number < 0 || number > max) {
        mp_raise_ValueError(message);
    }
    return (uint16_t)number;
}

static unsigned get_prefix_len(mp_obj_t value) {
    return get_number(value, 32, MP_ERROR_TEXT("prefix_len: not 0 to 32"));
}

static uint32_t get_address(mp_obj_t value, mp_rom_error_text_t message) {
    mp_buffer_info_t buffer;
    uint32_t address;
    mp_get_buffer_raise(value, &buffer, MP_BUFFER_READ);
    if (buffer.len != sizeof address) {
        mp_raise_ValueError(message);
    }
    memcpy(&address, buffer.buf, sizeof address);
    return address;
}

// None is 0.
static uint32_t get_optional_address(mp_obj_t value, mp_rom_error_text_t message) {
    return value == mp_const_none ? 0 : get_address(value, message);
}

static mp_obj_t new_address(uint32_t address) {
    return mp_obj_new_bytes((const byte *)&address, sizeof address);
}

static mp_obj_t new_optional_address(uint32_t address) {
    return address == 0 ? mp_const_none : new_address(address);
}

static int errno_of(err_t error) {
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

// An errno that the network caused, as a value; what our own code did wrong is raised.
static mp_obj_t sent(err_t error, mp_rom_error_text_t wrong) {
    if (error == ERR_ARG) {
        mp_raise_ValueError(wrong);
    }
    return MP_OBJ_NEW_SMALL_INT(errno_of(error));
}

static void check(err_t error) {
    if (error != ERR_OK) {
        mp_raise_OSError(error == ERR_RTE ? MP_ENODEV : errno_of(error));
    }
}

// Every method begins here: OSError once it is closed, ValueError when the tunnel or the gate was wiped.
static wg_tunnel_t *enter(mp_obj_t self_in) {
    router_obj_t *self = MP_OBJ_TO_PTR(self_in);
    if (self != opened) {
        mp_raise_OSError(MP_EBADF);
    }
    (void)wg_mpy_gate(self->gate);
    return wg_mpy_tunnel(self->tunnel);
}

static uint16_t get_peer(const wg_tunnel_t *tunnel, mp_obj_t value) {
    mp_int_t peer = mp_obj_get_int(value);
    if (peer < 0 || peer >= WG_NO_PEER || !wg_tunnel_has_peer(tunnel, (uint16_t)peer)) {
        mp_raise_msg_varg(&mp_type_ValueError, MP_ERROR_TEXT("peer: %d is not a peer"), (int)peer);
    }
    return (uint16_t)peer;
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
    mp_obj_t items[2] = {mp_obj_new_int_from_ull(seconds), mp_obj_new_int_from_uint(nanoseconds)};
    return mp_obj_new_tuple(2, items);
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
///     SILENCE_FAR: int
///     SILENCE_NEAR: int
///     SILENCE_MOVED: int
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
    lwpath_open(tunnel, gate);
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
    mp_int_t timeout = mp_obj_get_int(timeout_ms);
    (void)enter(self);
    if (timeout < -1) {
        mp_raise_ValueError(MP_ERROR_TEXT("timeout_ms: below -1"));
    }
    unsigned reasons = lwpath_poll(timeout > INT32_MAX ? INT32_MAX : (int32_t)timeout);
    mp_handle_pending(true);
    return MP_OBJ_NEW_SMALL_INT(reasons);
}
static MP_DEFINE_CONST_FUN_OBJ_2(router_poll_obj, router_poll);

// --- Router: what wg.device needs ---

///
///     def next_handshake(self, message: WriteableBuffer) -> "Optional[tuple[int, bytes]]":
///         """The oldest handshake message that passed the gate: (length, source endpoint), or None. message: 148 bytes."""
static mp_obj_t router_next_handshake(mp_obj_t self, mp_obj_t message_in) {
    mp_buffer_info_t message;
    uint8_t source[WG_ENDPOINT_MAX_LEN];
    (void)enter(self);
    mp_get_buffer_raise(message_in, &message, MP_BUFFER_WRITE);
    if (message.len != WG_INITIATION_LEN) {
        mp_raise_ValueError(MP_ERROR_TEXT("message: not 148 bytes"));
    }
    const wg_ring_slot_t *slot = lwpath_next_handshake();
    if (slot == NULL) {
        return mp_const_none;
    }
    memcpy(message.buf, slot->message, slot->len);
    size_t source_len = wg_endpoint_store(source, &slot->source);
    mp_obj_t items[2] = {MP_OBJ_NEW_SMALL_INT(slot->len), mp_obj_new_bytes(source, source_len)};
    return mp_obj_new_tuple(2, items);
}
static MP_DEFINE_CONST_FUN_OBJ_2(router_next_handshake_obj, router_next_handshake);

///
///     def send(self, datagram: ReadableBuffer, endpoint: ReadableBuffer) -> int:
///         """Send a handshake message or cookie reply; 0, or an errno that the network caused. ValueError: it is neither."""
static mp_obj_t router_send(mp_obj_t self, mp_obj_t datagram_in, mp_obj_t endpoint_in) {
    mp_buffer_info_t datagram, endpoint;
    wg_endpoint_t to;
    (void)enter(self);
    mp_get_buffer_raise(datagram_in, &datagram, MP_BUFFER_READ);
    mp_get_buffer_raise(endpoint_in, &endpoint, MP_BUFFER_READ);
    if (!wg_endpoint_load(&to, endpoint.buf, endpoint.len)) {
        mp_raise_ValueError(MP_ERROR_TEXT("endpoint: not an endpoint"));
    }
    return sent(lwpath_send(datagram.buf, datagram.len, &to), MP_ERROR_TEXT("datagram: no handshake message"));
}
static MP_DEFINE_CONST_FUN_OBJ_3(router_send_obj, router_send);

///
///     def send_to_peer(self, peer: int, datagram: ReadableBuffer) -> int:
///         """The same, to the peer's endpoint."""
static mp_obj_t router_send_to_peer(mp_obj_t self, mp_obj_t peer, mp_obj_t datagram_in) {
    mp_buffer_info_t datagram;
    uint16_t to = get_peer(enter(self), peer);
    mp_get_buffer_raise(datagram_in, &datagram, MP_BUFFER_READ);
    return sent(lwpath_send_to_peer(to, datagram.buf, datagram.len), MP_ERROR_TEXT("datagram: no handshake message"));
}
static MP_DEFINE_CONST_FUN_OBJ_3(router_send_to_peer_obj, router_send_to_peer);

///
///     def keepalive(self, peer: int) -> int:
///         """Send an empty transport message; a status of _wg."""
static mp_obj_t router_keepalive(mp_obj_t self, mp_obj_t peer) {
    uint16_t to = get_peer(enter(self), peer);
    return MP_OBJ_NEW_SMALL_INT(lwpath_keepalive(to));
}
static MP_DEFINE_CONST_FUN_OBJ_2(router_keepalive_obj, router_keepalive);

///
///     def flush(self, peer: int) -> int:
///         """Send the packets that waited for a keypair; how many. Those that find no buffer leave later by themselves."""
static mp_obj_t router_flush(mp_obj_t self, mp_obj_t peer) {
    uint16_t to = get_peer(enter(self), peer);
    return MP_OBJ_NEW_SMALL_INT(lwpath_flush(to));
}
static MP_DEFINE_CONST_FUN_OBJ_2(router_flush_obj, router_flush);

///
///     def bind(self, port: int) -> int:
///         """Take a UDP port on the uplink for the tunnel (0: a random one that is free), in place of the one before; the port.
///
///         OSError: it is taken, and the one before is still ours.
///         """
static mp_obj_t router_bind(mp_obj_t self, mp_obj_t port) {
    (void)enter(self);
    uint16_t bound = lwpath_bind(get_number(port, 65535, MP_ERROR_TEXT("port: not 0 to 65535")));
    if (bound == 0) {
        mp_raise_OSError(MP_EADDRINUSE);
    }
    return MP_OBJ_NEW_SMALL_INT(bound);
}
static MP_DEFINE_CONST_FUN_OBJ_2(router_bind_obj, router_bind);

///
///     def unbind(self) -> None: ...
static mp_obj_t router_unbind(mp_obj_t self) {
    (void)enter(self);
    lwpath_unbind();
    return mp_const_none;
}
static MP_DEFINE_CONST_FUN_OBJ_1(router_unbind_obj, router_unbind);

// --- Router: the uplink ---

///     def uplink_dhcp(self) -> None:
///         """Get the uplink's address from a DHCP server; again: ask it again now. OSError ENODEV: there is no uplink."""
static mp_obj_t router_uplink_dhcp(mp_obj_t self) {
    (void)enter(self);
    check(lwpath_uplink_dhcp());
    return mp_const_none;
}
static MP_DEFINE_CONST_FUN_OBJ_1(router_uplink_dhcp_obj, router_uplink_dhcp);

///
///     def uplink_static(
///         self, address: ReadableBuffer, prefix_len: int, gateway: ReadableBuffer, dns: "tuple[ReadableBuffer, ...]"
///     ) -> None:
///         """Give the uplink its address. Of the name servers the first two are used. OSError ENODEV: there is no uplink."""
static mp_obj_t router_uplink_static(size_t n_args, const mp_obj_t *args) {
    (void)n_args;
    uint32_t servers[DNS_MAX_SERVERS];
    mp_obj_t *items;
    size_t count;
    (void)enter(args[0]);
    uint32_t address = get_address(args[1], MP_ERROR_TEXT("address: not 4 bytes"));
    unsigned prefix_len = get_prefix_len(args[2]);
    uint32_t gateway = get_address(args[3], MP_ERROR_TEXT("gateway: not 4 bytes"));
    mp_obj_get_array(args[4], &count, &items);
    count = count < DNS_MAX_SERVERS ? count : DNS_MAX_SERVERS;
    for (size_t i = 0; i < count; i++) {
        servers[i] = get_address(items[i], MP_ERROR_TEXT("dns: not 4 bytes"));
    }
    check(lwpath_uplink_static(address, prefix_len, gateway, servers, count));
    return mp_const_none;
}
static MP_DEFINE_CONST_FUN_OBJ_VAR_BETWEEN(router_uplink_static_obj, 5, 5, router_uplink_static);

///
///     def uplink_stop(self) -> None:
///         """Give the address back, and have none."""
static mp_obj_t router_uplink_stop(mp_obj_t self) {
    (void)enter(self);
    lwpath_uplink_stop();
    return mp_const_none;
}
static MP_DEFINE_CONST_FUN_OBJ_1(router_uplink_stop_obj, router_uplink_stop);

///
///     def uplink(self) -> "tuple[bool, Optional[bytes], int, Optional[bytes], tuple[bytes, ...]]":
///         """(is the link up, address, prefix length, gateway, name servers); None: there is none."""
static mp_obj_t router_uplink(mp_obj_t self) {
    lwpath_uplink_t uplink;
    mp_obj_t servers[DNS_MAX_SERVERS];
    size_t count = 0;
    (void)enter(self);
    lwpath_uplink(&uplink);
    for (size_t i = 0; i < DNS_MAX_SERVERS; i++) {
        if (uplink.dns[i] != 0) {
            servers[count++] = new_address(uplink.dns[i]);
        }
    }
    mp_obj_t items[5] = {mp_obj_new_bool(uplink.link), new_optional_address(uplink.address),
                         MP_OBJ_NEW_SMALL_INT(uplink.prefix_len), new_optional_address(uplink.gateway),
                         mp_obj_new_tuple(count, servers)};
    return mp_obj_new_tuple(5, items);
}
static MP_DEFINE_CONST_FUN_OBJ_1(router_uplink_obj, router_uplink);

///
///     def look_up(self, name: str) -> None:
///         """Ask the uplink's name servers for an IPv4 address, in place of what was asked before. For the gateway's name alone."""
static mp_obj_t router_look_up(mp_obj_t self, mp_obj_t name) {
    (void)enter(self);
    lwpath_look_up(mp_obj_str_get_str(name));
    return mp_const_none;
}
static MP_DEFINE_CONST_FUN_OBJ_2(router_look_up_obj, router_look_up);

///
///     def name(self) -> "Optional[bytes]":
///         """The address that was found; b"": there is none; None: still looking."""
static mp_obj_t router_name(mp_obj_t self) {
    uint32_t address;
    (void)enter(self);
    switch (lwpath_name(&address)) {
    case LWPATH_NAME_FOUND:
        return new_address(address);
    case LWPATH_NAME_LOOKING:
        return mp_const_none;
    default:
        return mp_const_empty_bytes;
    }
}
static MP_DEFINE_CONST_FUN_OBJ_1(router_name_obj, router_name);

///
///     def silence(self) -> int:
///         """What it means that we send and hear nothing, SILENCE_; told again each second while it lasts. 0: nothing new."""
static mp_obj_t router_silence(mp_obj_t self) {
    (void)enter(self);
    return MP_OBJ_NEW_SMALL_INT(lwpath_silence());
}
static MP_DEFINE_CONST_FUN_OBJ_1(router_silence_obj, router_silence);

// --- Router: inside ---

///
///     def set_tunnel(self, address: "Optional[ReadableBuffer]", dns: "Optional[ReadableBuffer]") -> None:
///         """Our address in the tunnel, None: closed, and where clients' DNS queries go, None: nowhere. Takes over the tunnel's MTU."""
static mp_obj_t router_set_tunnel(mp_obj_t self, mp_obj_t address, mp_obj_t dns) {
    (void)enter(self);
    lwpath_set_tunnel(get_optional_address(address, MP_ERROR_TEXT("address: not 4 bytes")),
                      get_optional_address(dns, MP_ERROR_TEXT("dns: not 4 bytes")));
    return mp_const_none;
}
static MP_DEFINE_CONST_FUN_OBJ_3(router_set_tunnel_obj, router_set_tunnel);

///
///     def set_lan(self, address: ReadableBuffer, prefix_len: int) -> None:
///         """Our address on the LAN. Clients elsewhere, but in the former LAN, are forgotten."""
static mp_obj_t router_set_lan(mp_obj_t self, mp_obj_t address, mp_obj_t prefix_len) {
    (void)enter(self);
    lwpath_set_lan(get_address(address, MP_ERROR_TEXT("address: not 4 bytes")), get_prefix_len(prefix_len));
    return mp_const_none;
}
static MP_DEFINE_CONST_FUN_OBJ_3(router_set_lan_obj, router_set_lan);

///
///     def set_former_lan(self, address: "Optional[ReadableBuffer]", prefix_len: int) -> None:
///         """The address before, which is served, too; None: none. To be set before set_lan() when the LAN moves."""
static mp_obj_t router_set_former_lan(mp_obj_t self, mp_obj_t address, mp_obj_t prefix_len) {
    (void)enter(self);
    lwpath_set_former_lan(get_optional_address(address, MP_ERROR_TEXT("address: not 4 bytes")),
                          get_prefix_len(prefix_len));
    return mp_const_none;
}
static MP_DEFINE_CONST_FUN_OBJ_3(router_set_former_lan_obj, router_set_former_lan);

///
///     def next_dhcp(self, message: bytearray) -> "Optional[tuple[int, bytes]]":
///         """The oldest DHCP message of a client: (length, MAC of the frame), or None. message: at least 576 bytes."""
static mp_obj_t router_next_dhcp(mp_obj_t self, mp_obj_t message_in) {
    mp_buffer_info_t message;
    (void)enter(self);
    mp_get_buffer_raise(message_in, &message, MP_BUFFER_WRITE);
    if (message.len < LWPATH_DHCP_MAX) {
        mp_raise_ValueError(MP_ERROR_TEXT("message: less than 576 bytes"));
    }
    const lwpath_dhcp_slot_t *slot = lwpath_next_dhcp();
    if (slot == NULL) {
        return mp_const_none;
    }
    memcpy(message.buf, slot->message, slot->len);
    mp_obj_t items[2] = {MP_OBJ_NEW_SMALL_INT(slot->len), mp_obj_new_bytes(slot->mac, sizeof slot->mac)};
    return mp_obj_new_tuple(2, items);
}
static MP_DEFINE_CONST_FUN_OBJ_2(router_next_dhcp_obj, router_next_dhcp);

///
///     def send_dhcp(self, message: ReadableBuffer, mac: ReadableBuffer, address: ReadableBuffer, broadcast: bool) -> int:
///         """Send an answer from our LAN address, UDP 67 to 68; 0 or an errno. An acknowledgement binds its address to the MAC."""
static mp_obj_t router_send_dhcp(size_t n_args, const mp_obj_t *args) {
    (void)n_args;
    mp_buffer_info_t message, mac;
    (void)enter(args[0]);
    mp_get_buffer_raise(args[1], &message, MP_BUFFER_READ);
    mp_get_buffer_raise(args[2], &mac, MP_BUFFER_READ);
    if (mac.len != 6) {
        mp_raise_ValueError(MP_ERROR_TEXT("mac: not 6 bytes"));
    }
    uint32_t address = get_address(args[3], MP_ERROR_TEXT("address: not 4 bytes"));
    return sent(lwpath_send_dhcp(message.buf, message.len, mac.buf, address, mp_obj_is_true(args[4])),
                MP_ERROR_TEXT("message: too long"));
}
static MP_DEFINE_CONST_FUN_OBJ_VAR_BETWEEN(router_send_dhcp_obj, 5, 5, router_send_dhcp);

///
///     def clients(self) -> "list[tuple[bytes, bytes, int, int]]":
///         """(address, MAC, flows, milliseconds since it was heard) of those whose address is known."""
static mp_obj_t router_clients(mp_obj_t self) {
    unsigned cursor = 0;
    mp_obj_t list = mp_obj_new_list(0, NULL);
    (void)enter(self);
    lwpath_take_time();
    for (const lwpath_neighbour_t *client; (client = lwpath_next_client(&cursor)) != NULL;) {
        mp_obj_t items[4] = {new_address(client->address), mp_obj_new_bytes(client->mac, sizeof client->mac),
                             MP_OBJ_NEW_SMALL_INT(lwpath_flows_of(client->address)),
                             mp_obj_new_int_from_ull(lwpath_now_ms() - client->heard_ms)};
        mp_obj_list_append(list, mp_obj_new_tuple(4, items));
    }
    return list;
}
static MP_DEFINE_CONST_FUN_OBJ_1(router_clients_obj, router_clients);

// --- Router: counters ---

#define OWN_NAME(NUMBER, name) MP_QSTR_##name,
static const qstr own_names[] = {LWPATH_COUNTERS(OWN_NAME)};

// Those of the router's verdicts that are drops, from RT_DROP_MALFORMED on.
static const qstr router_names[] = {
    MP_QSTR_rt_malformed, MP_QSTR_rt_options, MP_QSTR_rt_source,  MP_QSTR_rt_destination,
    MP_QSTR_rt_protocol,  MP_QSTR_rt_ttl,     MP_QSTR_rt_too_big, MP_QSTR_rt_fragment,
    MP_QSTR_rt_no_flow,   MP_QSTR_rt_no_room, MP_QSTR_rt_closed,
};
_Static_assert(MP_ARRAY_SIZE(router_names) == RT_VERDICT_COUNT - RT_DROP_MALFORMED, "a verdict has no name");

// Those of the tunnel's statuses, from WG_ERR_SHORT on.
static const qstr tunnel_names[] = {
    MP_QSTR_wg_short,  MP_QSTR_wg_type,    MP_QSTR_wg_index,     MP_QSTR_wg_tag,
    MP_QSTR_wg_replay, MP_QSTR_wg_expired, MP_QSTR_wg_no_key,    MP_QSTR_wg_no_endpoint,
    MP_QSTR_wg_route,  MP_QSTR_wg_source,  MP_QSTR_wg_inner,     MP_QSTR_wg_mac1,
    MP_QSTR_wg_cookie, MP_QSTR_wg_rate,    MP_QSTR_wg_handshake, MP_QSTR_wg_space,
};
_Static_assert(MP_ARRAY_SIZE(tunnel_names) == WG_STATUS_COUNT - WG_ERR_SHORT, "a status has no name");

static void store_count(mp_obj_t dict, qstr name, uint32_t count) {
    mp_obj_dict_store(dict, MP_OBJ_NEW_QSTR(name), mp_obj_new_int_from_uint(count));
}

///
///     def counters(self) -> "dict[str, int]":
///         """Counts since power-on, modulo 2^32.
///
///         lan_rx, lan_tx, uplink_rx, uplink_tx: packets that passed; cookies: cookie replies sent. All others are drops:
///         lan_ and uplink_ by this path (lwpath_counters.h), rt_ by the router (rt_verdict.h), wg_ by the tunnel (wg_status.h).
///         """
static mp_obj_t router_counters(mp_obj_t self) {
    const wg_tunnel_t *tunnel = enter(self);
    mp_obj_t dict = mp_obj_new_dict(LWPATH_COUNTER_COUNT + MP_ARRAY_SIZE(router_names) + MP_ARRAY_SIZE(tunnel_names));
    for (size_t i = 0; i < LWPATH_COUNTER_COUNT; i++) {
        store_count(dict, own_names[i], lwpath_count((lwpath_counter_t)i));
    }
    for (size_t i = 0; i < MP_ARRAY_SIZE(router_names); i++) {
        store_count(dict, router_names[i], lwpath_router_count((rt_verdict_t)(RT_DROP_MALFORMED + i)));
    }
    for (size_t i = 0; i < MP_ARRAY_SIZE(tunnel_names); i++) {
        store_count(dict, tunnel_names[i], tunnel->drops[WG_ERR_SHORT + i]);
    }
    return dict;
}
static MP_DEFINE_CONST_FUN_OBJ_1(router_counters_obj, router_counters);

///
///     def close(self) -> None:
///         """Back to denying everything; the uplink keeps its address. Later calls but this one: OSError."""
static mp_obj_t router_close(mp_obj_t self_in) {
    router_obj_t *self = MP_OBJ_TO_PTR(self_in);
    if (self == opened) {
        opened = NULL;
        lwpath_close();
    }
    return mp_const_none;
}
static MP_DEFINE_CONST_FUN_OBJ_1(router_close_obj, router_close);

#define CONSTANTS                                                                                                      \
    {MP_ROM_QSTR(MP_QSTR_WAKE_HANDSHAKE), MP_ROM_INT(LWPATH_WAKE_HANDSHAKE)},                                          \
        {MP_ROM_QSTR(MP_QSTR_WAKE_EVENT), MP_ROM_INT(LWPATH_WAKE_EVENT)},                                              \
        {MP_ROM_QSTR(MP_QSTR_WAKE_CONSOLE), MP_ROM_INT(LWPATH_WAKE_CONSOLE)},                                          \
        {MP_ROM_QSTR(MP_QSTR_WAKE_UPLINK), MP_ROM_INT(LWPATH_WAKE_UPLINK)},                                            \
        {MP_ROM_QSTR(MP_QSTR_WAKE_DHCP), MP_ROM_INT(LWPATH_WAKE_DHCP)},                                                \
        {MP_ROM_QSTR(MP_QSTR_WAKE_NAME), MP_ROM_INT(LWPATH_WAKE_NAME)},                                                \
        {MP_ROM_QSTR(MP_QSTR_WAKE_SILENCE), MP_ROM_INT(LWPATH_WAKE_SILENCE)},                                          \
        {MP_ROM_QSTR(MP_QSTR_SILENCE_FAR), MP_ROM_INT(LWPATH_SILENCE_FAR)},                                            \
        {MP_ROM_QSTR(MP_QSTR_SILENCE_NEAR), MP_ROM_INT(LWPATH_SILENCE_NEAR)}, {                                        \
        MP_ROM_QSTR(MP_QSTR_SILENCE_MOVED), MP_ROM_INT(LWPATH_SILENCE_MOVED)                                           \
    }

static const mp_rom_map_elem_t router_locals_table[] = {
    CONSTANTS,
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
