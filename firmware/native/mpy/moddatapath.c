// _datapath: the packet path on TUN, UDP sockets and streams (../posix) for MicroPython. Only in the unix port.
/// """The packet path on TUN, UDP sockets and streams, in C (native/posix); only in the unix port.
///
/// One thread: poll() moves packets between TUN and sockets until the control plane is wanted. Errors of the system are OSError.
/// """
///
/// from typing import Optional
///
/// from _typeshed import ReadableBuffer, WriteableBuffer
/// from _wg import Gate, Shape, Tunnel

#include <errno.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <time.h>

#include "moddatapath.h"
#include "modpath.h"
#include "modwg.h"

typedef struct {
    mp_obj_base_t base;
    mp_obj_t tunnel;
    mp_obj_t gate;
    mp_obj_t shape; // or None
    path_t *path;   // NULL: closed
} datapath_obj_t;

void datapath_check(int error) {
    if (error != 0) {
        mp_raise_OSError(error);
    }
}

// Tunnel, gate and shape are asked for each time: they may have been wiped since.
path_t *datapath_get_path(mp_obj_t self_in) {
    datapath_obj_t *self = MP_OBJ_TO_PTR(self_in);
    if (self->path == NULL) {
        mp_raise_OSError(EBADF);
    }
    self->path->tunnel = wg_mpy_tunnel(self->tunnel);
    self->path->gate = wg_mpy_gate(self->gate);
    self->path->shape = self->shape == mp_const_none ? NULL : wg_mpy_shape(self->shape);
    return self->path;
}

/// # Why poll() came back: a set of bits; 0 is the timeout.
/// WAKE_HANDSHAKE: int  # next_handshake() has something
/// WAKE_EVENT: int  # Tunnel.take_event() has something
/// WAKE_SIGNAL: int  # SIGINT, SIGTERM or SIGHUP: see signal()
/// WAKE_FILE: int  # a watched descriptor is readable: see ready()
/// WAKE_TUN: int  # the interface went up or down, changed its MTU, or is gone: see interface_state()
/// WAKE_STREAM: int  # a stream has changed its state, or has bytes to read: see next_stream()
/// WAKE_UPLINK: int  # an address or a route of this machine has changed; only after watch_uplink()

// --- the system's clocks and numbers ---

/// def now_ms() -> int:
///     """CLOCK_BOOTTIME in milliseconds, never 0: it goes on while the machine sleeps."""
static mp_obj_t datapath_now_ms(void) {
    return mp_obj_new_int_from_ull(path_now_ms());
}
static MP_DEFINE_CONST_FUN_OBJ_0(datapath_now_ms_obj, datapath_now_ms);

/// def fill_random(buffer: WriteableBuffer) -> None:
///     """Fill buffer from the kernel's generator (getrandom)."""
static mp_obj_t datapath_fill_random(mp_obj_t buffer_in) {
    mp_buffer_info_t buffer;
    mp_get_buffer_raise(buffer_in, &buffer, MP_BUFFER_WRITE);
    for (size_t done = 0; done < buffer.len;) {
        ssize_t got = getrandom((uint8_t *)buffer.buf + done, buffer.len - done, 0);
        if (got < 0 && errno != EINTR) {
            mp_raise_OSError(errno);
        }
        done += got > 0 ? (size_t)got : 0;
    }
    return mp_const_none;
}
static MP_DEFINE_CONST_FUN_OBJ_1(datapath_fill_random_obj, datapath_fill_random);

/// def wall_clock() -> "tuple[int, int]":
///     """Seconds and nanoseconds since 1970 by the system's clock, which may be wrong."""
static mp_obj_t datapath_wall_clock(void) {
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return modpath_new_time((uint64_t)now.tv_sec, (uint32_t)now.tv_nsec);
}
static MP_DEFINE_CONST_FUN_OBJ_0(datapath_wall_clock_obj, datapath_wall_clock);

/// def set_umask(mask: int) -> int:
///     """Set the mode bits that new files do not get; the mask before."""
static mp_obj_t datapath_set_umask(mp_obj_t mask) {
    return MP_OBJ_NEW_SMALL_INT(umask((mode_t)modpath_get_number(mask, 0777, MP_ERROR_TEXT("mask: not 0 to 0o777"))));
}
static MP_DEFINE_CONST_FUN_OBJ_1(datapath_set_umask_obj, datapath_set_umask);

// --- Path ---

static const mp_obj_type_t datapath_path_type;

/// class Path:
///     WAKE_HANDSHAKE: int  # also here, for what runs on every data path
///     WAKE_STREAM: int
///     WAKE_UPLINK: int
///
///     def __init__(self, tunnel: Tunnel, gate: Gate) -> None:
///         """Holds both for as long as it lives. Blocks SIGINT, SIGTERM and SIGHUP, which poll() then reports."""
static mp_obj_t path_make_new(const mp_obj_type_t *type, size_t n_args, size_t n_kw, const mp_obj_t *args) {
    mp_arg_check_num(n_args, n_kw, 2, 2, false);
    wg_tunnel_t *tunnel = wg_mpy_tunnel(args[0]);
    wg_gate_t *gate = wg_mpy_gate(args[1]);
    datapath_obj_t *self = mp_obj_malloc_with_finaliser(datapath_obj_t, type);
    self->tunnel = args[0];
    self->gate = args[1];
    self->shape = mp_const_none;
    self->path = path_open(tunnel, gate);
    if (self->path == NULL) {
        mp_raise_OSError(errno);
    }
    return MP_OBJ_FROM_PTR(self);
}

///
///     def open_tun(self, name: str) -> str:
///         """Create the interface with all the offloads that the kernel has; its real name. Its MTU becomes the tunnel's."""
static mp_obj_t path_open_tun(mp_obj_t self_in, mp_obj_t name) {
    path_t *path = datapath_get_path(self_in);
    datapath_check(path_set_tun(path, mp_obj_str_get_str(name)));
    return mp_obj_new_str_from_cstr(path->tun.name);
}
static MP_DEFINE_CONST_FUN_OBJ_2(path_open_tun_obj, path_open_tun);

///
///     def interface_state(self) -> "tuple[bool, int]":
///         """(is up, MTU); MTU 0: the interface is gone."""
static mp_obj_t path_interface_state(mp_obj_t self_in) {
    const path_t *path = datapath_get_path(self_in);
    mp_obj_t items[2] = {mp_obj_new_bool(path->link.up), mp_obj_new_int_from_uint(path->link.mtu)};
    return mp_obj_new_tuple(2, items);
}
static MP_DEFINE_CONST_FUN_OBJ_1(path_interface_state_obj, path_interface_state);

///
///     def bind(self, port: int) -> int:
///         """Open the UDP sockets for IPv4 and IPv6 on one port (0: any that is free) in place of those before; the port.
///
///         OSError: those before are still open, unless they had this port.
///         """
static mp_obj_t path_bind_port(mp_obj_t self_in, mp_obj_t port) {
    path_t *path = datapath_get_path(self_in);
    datapath_check(path_bind(path, modpath_get_port(port)));
    return MP_OBJ_NEW_SMALL_INT(path->udp.port);
}
static MP_DEFINE_CONST_FUN_OBJ_2(path_bind_obj, path_bind_port);

///
///     def also_bind(self, ports: "tuple[int, ...]") -> "tuple[tuple[int, int], ...]":
///         """Have sockets on these ports (1 to 65535), too, and on no others beside that of bind(); at most 15.
///
///         What leaves as an answer leaves by the port at which the question arrived. Returns (port, errno) of those that could
///         not be had. unbind() closes these, too.
///         """
static mp_obj_t path_also_bind_ports(mp_obj_t self_in, mp_obj_t ports_in) {
    path_t *path = datapath_get_path(self_in);
    size_t count;
    mp_obj_t *items;
    mp_obj_get_array(ports_in, &count, &items);
    uint16_t ports[PATH_UDP_ALSO_PORTS];
    int errors[PATH_UDP_ALSO_PORTS];
    if (count > PATH_UDP_ALSO_PORTS) {
        mp_raise_ValueError(MP_ERROR_TEXT("ports: more than 15"));
    }
    for (size_t i = 0; i < count; i++) {
        ports[i] = modpath_get_port(items[i]);
        for (size_t j = 0; j < i; j++) {
            if (ports[i] == ports[j]) {
                mp_raise_ValueError(MP_ERROR_TEXT("ports: one of them twice"));
            }
        }
        if (ports[i] == 0) {
            mp_raise_ValueError(MP_ERROR_TEXT("port: not 1 to 65535"));
        }
    }
    datapath_check(path_also_bind(path, ports, (unsigned)count, errors));
    mp_obj_t refused = mp_obj_new_list(0, NULL);
    for (size_t i = 0; i < count; i++) {
        if (errors[i] != 0) {
            mp_obj_t pair[2] = {MP_OBJ_NEW_SMALL_INT(ports[i]), MP_OBJ_NEW_SMALL_INT(errors[i])};
            mp_obj_list_append(refused, mp_obj_new_tuple(2, pair));
        }
    }
    mp_obj_list_get(refused, &count, &items);
    return mp_obj_new_tuple(count, items);
}
static MP_DEFINE_CONST_FUN_OBJ_2(path_also_bind_obj, path_also_bind_ports);

///
///     def unbind(self) -> None: ...
static mp_obj_t path_unbind_port(mp_obj_t self_in) {
    path_unbind(datapath_get_path(self_in));
    return mp_const_none;
}
static MP_DEFINE_CONST_FUN_OBJ_1(path_unbind_obj, path_unbind_port);

///     def set_mark(self, mark: int) -> None:
///         """SO_MARK of what leaves sockets and streams, now and of later ones; 0: none."""
static mp_obj_t path_mark(mp_obj_t self_in, mp_obj_t mark) {
    path_t *path = datapath_get_path(self_in);
    datapath_check(
        path_set_mark(path, (uint32_t)modpath_get_number(mark, 0xffffffff, MP_ERROR_TEXT("mark: not 32 bits"))));
    return mp_const_none;
}
static MP_DEFINE_CONST_FUN_OBJ_2(path_set_mark_obj, path_mark);

///
///     def set_shape(self, shape: "Optional[Shape]") -> None:
///         """How datagrams look to and from endpoints that have shape 1; None: no other than WireGuard's own.
///
///         With a shape, plain datagrams are taken as well, unless they could be mistaken for shaped ones.
///         """
static mp_obj_t path_set_shape(mp_obj_t self_in, mp_obj_t shape) {
    datapath_obj_t *self = MP_OBJ_TO_PTR(self_in);
    (void)datapath_get_path(self_in);
    if (shape != mp_const_none) {
        (void)wg_mpy_shape(shape);
    }
    self->shape = shape;
    return mp_const_none;
}
static MP_DEFINE_CONST_FUN_OBJ_2(path_set_shape_obj, path_set_shape);

///
///     def watch_uplink(self) -> None:
///         """Have poll() come back with WAKE_UPLINK."""
static mp_obj_t path_watch_uplink(mp_obj_t self_in) {
    datapath_get_path(self_in)->watches_uplink = true;
    return mp_const_none;
}
static MP_DEFINE_CONST_FUN_OBJ_1(path_watch_uplink_obj, path_watch_uplink);

///
///     def watch_file(self, descriptor: int) -> None: ...
static mp_obj_t path_watch(mp_obj_t self_in, mp_obj_t descriptor) {
    datapath_check(path_watch_file(datapath_get_path(self_in), (int)mp_obj_get_int(descriptor)));
    return mp_const_none;
}
static MP_DEFINE_CONST_FUN_OBJ_2(path_watch_file_obj, path_watch);

///     def unwatch_file(self, descriptor: int) -> None:
///         """Call it before the descriptor is closed."""
static mp_obj_t path_unwatch(mp_obj_t self_in, mp_obj_t descriptor) {
    datapath_check(path_unwatch_file(datapath_get_path(self_in), (int)mp_obj_get_int(descriptor)));
    return mp_const_none;
}
static MP_DEFINE_CONST_FUN_OBJ_2(path_unwatch_file_obj, path_unwatch);

///     def poll(self, timeout_ms: int) -> int:
///         """Move packets until something is wanted. timeout_ms -1: for ever. Returns WAKE_ bits.
///
///         With something wanted already it moves one bounded batch of packets and returns: live sessions go on
///         while a flood of handshakes is worked off, if no more than a few are taken between two calls.
///         """
static mp_obj_t path_poll_once(mp_obj_t self_in, mp_obj_t timeout_ms) {
    int wake = path_poll(datapath_get_path(self_in), modpath_get_timeout(timeout_ms));
    mp_handle_pending(true);
    datapath_check(wake < 0 ? -wake : 0);
    return MP_OBJ_NEW_SMALL_INT(wake);
}
static MP_DEFINE_CONST_FUN_OBJ_2(path_poll_obj, path_poll_once);

///
///     def ready(self) -> "list[int]":
///         """The watched descriptors that the last poll() found readable."""
static mp_obj_t path_ready(mp_obj_t self_in) {
    const path_t *path = datapath_get_path(self_in);
    mp_obj_t list = mp_obj_new_list(0, NULL);
    for (unsigned i = 0; i < path->file_count; i++) {
        if (path->file_ready[i]) {
            mp_obj_list_append(list, MP_OBJ_NEW_SMALL_INT(path->files[i]));
        }
    }
    return list;
}
static MP_DEFINE_CONST_FUN_OBJ_1(path_ready_obj, path_ready);

///     def signal(self) -> int:
///         """The number of the signal that came last, once; else 0."""
static mp_obj_t path_signal(mp_obj_t self_in) {
    return MP_OBJ_NEW_SMALL_INT(path_take_signal(datapath_get_path(self_in)));
}
static MP_DEFINE_CONST_FUN_OBJ_1(path_signal_obj, path_signal);

///
///     def next_handshake(self, message: WriteableBuffer) -> "Optional[tuple[int, bytes]]":
///         """The oldest handshake message that passed the gate: (length, source endpoint), or None. message: 148 bytes."""
static mp_obj_t path_next_handshake(mp_obj_t self_in, mp_obj_t message) {
    path_t *path = datapath_get_path(self_in);
    uint8_t *room = modpath_get_message_room(message);
    return modpath_new_handshake(room, wg_ring_pop(&path->ring));
}
static MP_DEFINE_CONST_FUN_OBJ_2(path_next_handshake_obj, path_next_handshake);

///
///     def send(self, datagram: ReadableBuffer, endpoint: ReadableBuffer) -> int:
///         """Send one datagram; 0, or an errno that the network caused (unreachable, refused, full)."""
static mp_obj_t path_send_to(mp_obj_t self_in, mp_obj_t datagram_in, mp_obj_t endpoint) {
    path_t *path = datapath_get_path(self_in);
    const mp_buffer_info_t datagram = modpath_get_bytes(datagram_in);
    const wg_endpoint_t to = modpath_get_endpoint(endpoint);
    return MP_OBJ_NEW_SMALL_INT(path_send(path, datagram.buf, datagram.len, &to));
}
static MP_DEFINE_CONST_FUN_OBJ_3(path_send_obj, path_send_to);

///
///     def send_decoy(self, datagram: ReadableBuffer, endpoint: ReadableBuffer) -> int:
///         """Send bytes as they are, 1280 at most, to a UDP endpoint; 0 or an errno."""
static mp_obj_t path_send_a_decoy(mp_obj_t self_in, mp_obj_t datagram_in, mp_obj_t endpoint) {
    path_t *path = datapath_get_path(self_in);
    const mp_buffer_info_t datagram = modpath_get_bytes(datagram_in);
    const wg_endpoint_t to = modpath_get_endpoint(endpoint);
    if (datagram.len > PATH_DECOY_MAX) {
        mp_raise_ValueError(MP_ERROR_TEXT("datagram: more than 1280 bytes"));
    }
    if (to.family == WG_FAMILY_STREAM) {
        mp_raise_ValueError(MP_ERROR_TEXT("endpoint: a stream carries no decoys"));
    }
    return MP_OBJ_NEW_SMALL_INT(path_send_decoy(path, datagram.buf, datagram.len, &to));
}
static MP_DEFINE_CONST_FUN_OBJ_3(path_send_decoy_obj, path_send_a_decoy);

///
///     def send_to_peer(self, peer: int, datagram: ReadableBuffer) -> int:
///         """The same, to the peer's endpoint and from the address at which it last reached us."""
static mp_obj_t path_send_by_peer(mp_obj_t self_in, mp_obj_t peer, mp_obj_t datagram_in) {
    path_t *path = datapath_get_path(self_in);
    const mp_buffer_info_t datagram = modpath_get_bytes(datagram_in);
    uint16_t to = modpath_get_peer(path->tunnel, peer);
    return MP_OBJ_NEW_SMALL_INT(path_send_to_peer(path, to, datagram.buf, datagram.len));
}
static MP_DEFINE_CONST_FUN_OBJ_3(path_send_to_peer_obj, path_send_by_peer);

///
///     def local_port(self, peer: int) -> int:
///         """The UDP port of ours by which we speak with a peer, that of its last datagram; 0: with none."""
static mp_obj_t path_local_port(mp_obj_t self_in, mp_obj_t peer) {
    const path_t *path = datapath_get_path(self_in);
    const wg_endpoint_t *to = &path->tunnel->memory.peers[modpath_get_peer(path->tunnel, peer)].endpoint;
    return MP_OBJ_NEW_SMALL_INT(path_udp_port_to(&path->udp, to));
}
static MP_DEFINE_CONST_FUN_OBJ_2(path_local_port_obj, path_local_port);

///
///     def keepalive(self, peer: int) -> int:
///         """Send an empty transport message; a status of _wg."""
static mp_obj_t path_send_keepalive(mp_obj_t self_in, mp_obj_t peer) {
    path_t *path = datapath_get_path(self_in);
    return MP_OBJ_NEW_SMALL_INT(path_keepalive(path, modpath_get_peer(path->tunnel, peer)));
}
static MP_DEFINE_CONST_FUN_OBJ_2(path_keepalive_obj, path_send_keepalive);

///
///     def flush(self, peer: int) -> int:
///         """Send the packets that waited for a keypair; how many."""
static mp_obj_t path_flush(mp_obj_t self_in, mp_obj_t peer) {
    path_t *path = datapath_get_path(self_in);
    return MP_OBJ_NEW_SMALL_INT(path_flush_queue(path, modpath_get_peer(path->tunnel, peer)));
}
static MP_DEFINE_CONST_FUN_OBJ_2(path_flush_obj, path_flush);

static void store_count(mp_obj_t dict, qstr name, uint64_t count) {
    mp_obj_dict_store(dict, MP_OBJ_NEW_QSTR(name), mp_obj_new_int_from_ull(count));
}

///
///     def counters(self) -> "dict[str, int]":
///         """What passed, and what was lost on the way.
///
///         tun_rx, udp_rx, tun_tx, udp_tx: packets; each with _calls: system calls, and _errors: refused by the
///         system. tun_rx_malformed: headers that contradict themselves. udp_tx_dropped: sockets were full.
///         ring_full: handshakes that came faster than they were taken. cookies: cookie replies sent.
///         stream_rx, stream_tx: datagrams; each with _calls; stream_tx_dropped: that had to make way for later ones in a
///         stream's queue, or whose stream was gone.
///         """
static mp_obj_t path_counters(mp_obj_t self_in) {
    const path_t *path = datapath_get_path(self_in);
    const path_counters_t *own = &path->counters;
    const path_udp_counters_t *udp = &path->udp.counters;
    const path_stream_counters_t *streams = &path->streams.counters;
    mp_obj_t dict = mp_obj_new_dict(20);
    store_count(dict, MP_QSTR_tun_rx, own->tun_rx_packets);
    store_count(dict, MP_QSTR_tun_rx_calls, own->tun_rx_calls);
    store_count(dict, MP_QSTR_tun_rx_malformed, own->tun_rx_malformed);
    store_count(dict, MP_QSTR_tun_tx, own->tun_tx_packets);
    store_count(dict, MP_QSTR_tun_tx_calls, own->tun_tx_calls);
    store_count(dict, MP_QSTR_tun_tx_errors, own->tun_tx_errors);
    store_count(dict, MP_QSTR_udp_rx, udp->rx_datagrams);
    store_count(dict, MP_QSTR_udp_rx_calls, udp->rx_calls);
    store_count(dict, MP_QSTR_udp_rx_errors, udp->rx_errors);
    store_count(dict, MP_QSTR_udp_tx, udp->tx_datagrams);
    store_count(dict, MP_QSTR_udp_tx_calls, udp->tx_calls);
    store_count(dict, MP_QSTR_udp_tx_errors, udp->tx_errors);
    store_count(dict, MP_QSTR_udp_tx_dropped, udp->tx_dropped);
    store_count(dict, MP_QSTR_ring_full, own->ring_full);
    store_count(dict, MP_QSTR_cookies, own->cookies);
    store_count(dict, MP_QSTR_stream_rx, streams->rx_datagrams);
    store_count(dict, MP_QSTR_stream_rx_calls, streams->rx_calls);
    store_count(dict, MP_QSTR_stream_tx, streams->tx_datagrams);
    store_count(dict, MP_QSTR_stream_tx_calls, streams->tx_calls);
    store_count(dict, MP_QSTR_stream_tx_dropped, streams->tx_dropped);
    return dict;
}
static MP_DEFINE_CONST_FUN_OBJ_1(path_counters_obj, path_counters);

///
///     def close(self) -> None:
///         """Close sockets and interface (which goes away) and unblock the signals. Later calls but this one: OSError."""
static mp_obj_t path_close_all(mp_obj_t self_in) {
    datapath_obj_t *self = MP_OBJ_TO_PTR(self_in);
    path_t *path = self->path;
    self->path = NULL;
    if (path != NULL) {
        path_close(path);
    }
    return mp_const_none;
}
static MP_DEFINE_CONST_FUN_OBJ_1(path_close_obj, path_close_all);

static const mp_rom_map_elem_t path_locals_table[] = {
    {MP_ROM_QSTR(MP_QSTR_WAKE_HANDSHAKE), MP_ROM_INT(PATH_WAKE_HANDSHAKE)},
    {MP_ROM_QSTR(MP_QSTR_WAKE_STREAM), MP_ROM_INT(PATH_WAKE_STREAM)},
    {MP_ROM_QSTR(MP_QSTR_WAKE_UPLINK), MP_ROM_INT(PATH_WAKE_UPLINK)},
    {MP_ROM_QSTR(MP_QSTR_open_tun), MP_ROM_PTR(&path_open_tun_obj)},
    {MP_ROM_QSTR(MP_QSTR_interface_state), MP_ROM_PTR(&path_interface_state_obj)},
    {MP_ROM_QSTR(MP_QSTR_bind), MP_ROM_PTR(&path_bind_obj)},
    {MP_ROM_QSTR(MP_QSTR_also_bind), MP_ROM_PTR(&path_also_bind_obj)},
    {MP_ROM_QSTR(MP_QSTR_unbind), MP_ROM_PTR(&path_unbind_obj)},
    {MP_ROM_QSTR(MP_QSTR_set_mark), MP_ROM_PTR(&path_set_mark_obj)},
    {MP_ROM_QSTR(MP_QSTR_set_shape), MP_ROM_PTR(&path_set_shape_obj)},
    {MP_ROM_QSTR(MP_QSTR_watch_uplink), MP_ROM_PTR(&path_watch_uplink_obj)},
    {MP_ROM_QSTR(MP_QSTR_watch_file), MP_ROM_PTR(&path_watch_file_obj)},
    {MP_ROM_QSTR(MP_QSTR_unwatch_file), MP_ROM_PTR(&path_unwatch_file_obj)},
    {MP_ROM_QSTR(MP_QSTR_poll), MP_ROM_PTR(&path_poll_obj)},
    {MP_ROM_QSTR(MP_QSTR_ready), MP_ROM_PTR(&path_ready_obj)},
    {MP_ROM_QSTR(MP_QSTR_signal), MP_ROM_PTR(&path_signal_obj)},
    {MP_ROM_QSTR(MP_QSTR_next_handshake), MP_ROM_PTR(&path_next_handshake_obj)},
    {MP_ROM_QSTR(MP_QSTR_send), MP_ROM_PTR(&path_send_obj)},
    {MP_ROM_QSTR(MP_QSTR_send_decoy), MP_ROM_PTR(&path_send_decoy_obj)},
    {MP_ROM_QSTR(MP_QSTR_send_to_peer), MP_ROM_PTR(&path_send_to_peer_obj)},
    {MP_ROM_QSTR(MP_QSTR_local_port), MP_ROM_PTR(&path_local_port_obj)},
    {MP_ROM_QSTR(MP_QSTR_keepalive), MP_ROM_PTR(&path_keepalive_obj)},
    {MP_ROM_QSTR(MP_QSTR_flush), MP_ROM_PTR(&path_flush_obj)},
    {MP_ROM_QSTR(MP_QSTR_counters), MP_ROM_PTR(&path_counters_obj)},
    {MP_ROM_QSTR(MP_QSTR_stream_open), MP_ROM_PTR(&datapath_stream_open_obj)},
    {MP_ROM_QSTR(MP_QSTR_adopt), MP_ROM_PTR(&datapath_adopt_obj)},
    {MP_ROM_QSTR(MP_QSTR_next_stream), MP_ROM_PTR(&datapath_next_stream_obj)},
    {MP_ROM_QSTR(MP_QSTR_stream_state), MP_ROM_PTR(&datapath_stream_state_obj)},
    {MP_ROM_QSTR(MP_QSTR_stream_end), MP_ROM_PTR(&datapath_stream_end_obj)},
    {MP_ROM_QSTR(MP_QSTR_stream_secure), MP_ROM_PTR(&datapath_stream_secure_obj)},
    {MP_ROM_QSTR(MP_QSTR_stream_write), MP_ROM_PTR(&datapath_stream_write_obj)},
    {MP_ROM_QSTR(MP_QSTR_stream_read), MP_ROM_PTR(&datapath_stream_read_obj)},
    {MP_ROM_QSTR(MP_QSTR_stream_carry), MP_ROM_PTR(&datapath_stream_carry_obj)},
    {MP_ROM_QSTR(MP_QSTR_stream_ping), MP_ROM_PTR(&datapath_stream_ping_obj)},
    {MP_ROM_QSTR(MP_QSTR_stream_heard_ms), MP_ROM_PTR(&datapath_stream_heard_ms_obj)},
    {MP_ROM_QSTR(MP_QSTR_stream_is_proven), MP_ROM_PTR(&datapath_stream_is_proven_obj)},
    {MP_ROM_QSTR(MP_QSTR_stream_close), MP_ROM_PTR(&datapath_stream_close_obj)},
    {MP_ROM_QSTR(MP_QSTR_close), MP_ROM_PTR(&path_close_obj)},
    {MP_ROM_QSTR(MP_QSTR___del__), MP_ROM_PTR(&path_close_obj)},
};
static MP_DEFINE_CONST_DICT(path_locals, path_locals_table);

static MP_DEFINE_CONST_OBJ_TYPE(datapath_path_type, MP_QSTR_Path, MP_TYPE_FLAG_NONE, make_new, path_make_new,
                                locals_dict, &path_locals);

static const mp_rom_map_elem_t datapath_globals_table[] = {
    {MP_ROM_QSTR(MP_QSTR___name__), MP_ROM_QSTR(MP_QSTR__datapath)},
    {MP_ROM_QSTR(MP_QSTR_WAKE_HANDSHAKE), MP_ROM_INT(PATH_WAKE_HANDSHAKE)},
    {MP_ROM_QSTR(MP_QSTR_WAKE_EVENT), MP_ROM_INT(PATH_WAKE_EVENT)},
    {MP_ROM_QSTR(MP_QSTR_WAKE_SIGNAL), MP_ROM_INT(PATH_WAKE_SIGNAL)},
    {MP_ROM_QSTR(MP_QSTR_WAKE_FILE), MP_ROM_INT(PATH_WAKE_FILE)},
    {MP_ROM_QSTR(MP_QSTR_WAKE_TUN), MP_ROM_INT(PATH_WAKE_TUN)},
    {MP_ROM_QSTR(MP_QSTR_WAKE_STREAM), MP_ROM_INT(PATH_WAKE_STREAM)},
    {MP_ROM_QSTR(MP_QSTR_WAKE_UPLINK), MP_ROM_INT(PATH_WAKE_UPLINK)},
    {MP_ROM_QSTR(MP_QSTR_now_ms), MP_ROM_PTR(&datapath_now_ms_obj)},
    {MP_ROM_QSTR(MP_QSTR_fill_random), MP_ROM_PTR(&datapath_fill_random_obj)},
    {MP_ROM_QSTR(MP_QSTR_wall_clock), MP_ROM_PTR(&datapath_wall_clock_obj)},
    {MP_ROM_QSTR(MP_QSTR_set_umask), MP_ROM_PTR(&datapath_set_umask_obj)},
    {MP_ROM_QSTR(MP_QSTR_Path), MP_ROM_PTR(&datapath_path_type)},
};
static MP_DEFINE_CONST_DICT(datapath_globals, datapath_globals_table);

const mp_obj_module_t datapath_module = {
    .base = {&mp_type_module},
    .globals = (mp_obj_dict_t *)&datapath_globals,
};

MP_REGISTER_MODULE(MP_QSTR__datapath, datapath_module);
