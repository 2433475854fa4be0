// _datapath's streams: connections that carry datagrams (../posix/path_stream.h).
#include "moddatapath.h"

#include <string.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <time.h>

#include "cr_tls.h"
#include "modpath.h"
#include "wg_endpoint.h"

// All TLS connections together; what a few take, which one tunnel has.
#define TLS_ARENA (256 << 10)

// --- a number and its stream ---

static path_stream_t *find(path_t *path, mp_obj_t number) {
    mp_int_t wanted = mp_obj_get_int(number);
    path_stream_t *stream = wanted <= 0 || wanted > 65535 ? NULL : path_stream_find(path, (unsigned)wanted);
    if (stream == NULL) {
        mp_raise_msg_varg(&mp_type_ValueError, MP_ERROR_TEXT("stream: %d is not a stream"), (int)wanted);
    }
    return stream;
}

static mp_obj_t number_or_error(int number) {
    datapath_check(number < 0 ? -number : 0);
    return MP_OBJ_NEW_SMALL_INT(number);
}

static cr_framing_t get_framing(mp_obj_t value) {
    mp_int_t framing = mp_obj_get_int(value);
    if (framing < CR_FRAMING_LENGTH || framing >= CR_FRAMING_COUNT) {
        mp_raise_ValueError(MP_ERROR_TEXT("framing: not one of _carrier.FRAMING_"));
    }
    return (cr_framing_t)framing;
}

// What was read beyond the handshake, as bytes that may be changed. They live as long as the call.
static uint8_t *copy_rest(mp_obj_t value, size_t *len) {
    const mp_buffer_info_t rest = modpath_get_bytes(value);
    uint8_t *copy = m_new(uint8_t, rest.len);
    memcpy(copy, rest.buf, rest.len);
    *len = rest.len;
    return copy;
}

///
///     # --- streams: each is known by a number; what is no number of one raises ValueError ---
///
///     def stream_open(self, address: bytes, port: int) -> int:
///         """Begin to connect by TCP; the number. OSError: ENOSPC: 4096 are open."""
static mp_obj_t stream_open(mp_obj_t self_in, mp_obj_t address_in, mp_obj_t port) {
    path_t *path = datapath_get_path(self_in);
    const mp_buffer_info_t address = modpath_get_bytes(address_in);
    if (address.len != 4 && address.len != 16) {
        mp_raise_ValueError(MP_ERROR_TEXT("address: not 4 or 16 bytes"));
    }
    wg_endpoint_t to = {.family = address.len == 4 ? 4 : 6, .port = modpath_get_port(port)};
    memcpy(to.address, address.buf, address.len);
    return number_or_error(path_stream_open(path, &to));
}
MP_DEFINE_CONST_FUN_OBJ_3(datapath_stream_open_obj, stream_open);

///
///     def adopt(self, descriptor: int, framing: int, rest: ReadableBuffer = b"") -> int:
///         """Carry frames on a connected stream socket, which is duplicated: the caller closes its own descriptor.
///
///         rest: what was read from it already. The number; OSError: ENOSPC: 4096 are open.
///         """
static mp_obj_t path_adopt(size_t n_args, const mp_obj_t *args) {
    path_t *path = datapath_get_path(args[0]);
    size_t len = 0;
    const cr_framing_t framing = get_framing(args[2]);
    uint8_t *rest = n_args > 3 ? copy_rest(args[3], &len) : NULL;
    return number_or_error(path_stream_adopt(path, (int)mp_obj_get_int(args[1]), framing, rest, len));
}
MP_DEFINE_CONST_FUN_OBJ_VAR_BETWEEN(datapath_adopt_obj, 3, 4, path_adopt);

///
///     def next_stream(self) -> int:
///         """One that has changed its state, or has bytes to read, since it was told of here last; 0: none."""
static mp_obj_t next_stream(mp_obj_t self_in) {
    return MP_OBJ_NEW_SMALL_INT(path_stream_next(datapath_get_path(self_in)));
}
MP_DEFINE_CONST_FUN_OBJ_1(datapath_next_stream_obj, next_stream);

///
///     def stream_state(self, number: int) -> int:
///         """_carrier.STREAM_CONNECTING, STREAM_OPEN, STREAM_SECURING, STREAM_CARRYING or STREAM_ENDED."""
static mp_obj_t stream_state(mp_obj_t self_in, mp_obj_t number) {
    return MP_OBJ_NEW_SMALL_INT(path_stream_core(find(datapath_get_path(self_in), number))->state);
}
MP_DEFINE_CONST_FUN_OBJ_2(datapath_stream_state_obj, stream_state);

///
///     def stream_end(self, number: int) -> int:
///         """Why it ended: one of _carrier.END_, 0: it has not."""
static mp_obj_t stream_end(mp_obj_t self_in, mp_obj_t number) {
    return MP_OBJ_NEW_SMALL_INT(path_stream_core(find(datapath_get_path(self_in), number))->end);
}
MP_DEFINE_CONST_FUN_OBJ_2(datapath_stream_end_obj, stream_end);

static bool fill_random(uint8_t *out, size_t len) {
    size_t done = 0;
    while (done < len) {
        ssize_t got = getrandom(out + done, len - done, 0);
        if (got < 0) {
            return false;
        }
        done += (size_t)got;
    }
    return true;
}

static void start_tls(void) {
    static bool is_started;
    if (!is_started) {
        void *arena = mmap(NULL, TLS_ARENA, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        if (arena == MAP_FAILED) {
            mp_raise_type(&mp_type_MemoryError);
        }
        cr_tls_start(arena, TLS_ARENA, fill_random);
        is_started = true;
    }
}

///
///     def stream_secure(self, number: int, name: str, pin: ReadableBuffer, now_s: int = -1) -> None:
///         """TLS over what flows now; STREAM_OPEN again when it is done. See native/carrier/cr_tls.h.
///
///         name: the host's, for SNI and in certificates of a pinned issuer; empty: not said, and such are not believed. pin: SHA-256 of a key, 32 bytes, or up to 4 of them.
///         now_s: the time since 1970 by which certificates are judged, 0: it is not known, -1: this machine's.
///         """
static mp_obj_t stream_secure(size_t n_args, const mp_obj_t *args) {
    path_t *path = datapath_get_path(args[0]);
    path_stream_t *stream = find(path, args[1]);
    size_t name_len;
    const char *name = mp_obj_str_get_data(args[2], &name_len);
    const mp_buffer_info_t pins = modpath_get_bytes(args[3]);
    const mp_int_t told = n_args > 4 ? mp_obj_get_int(args[4]) : -1;
    if (name_len > CR_NAME_MAX) {
        mp_raise_ValueError(MP_ERROR_TEXT("name: above 253 letters"));
    }
    if (pins.len == 0 || pins.len % CR_PIN_LEN != 0 || pins.len > CR_PINS_MAX * CR_PIN_LEN) {
        mp_raise_ValueError(MP_ERROR_TEXT("pin: not 1 to 4 times 32 bytes"));
    }
    start_tls();
    const uint64_t now_s = told < 0 ? (uint64_t)time(NULL) : (uint64_t)told;
    (void)cr_stream_secure(path_stream_core(stream), name, name_len, pins.buf, pins.len / CR_PIN_LEN, now_s);
    path_stream_work(path, stream);
    return mp_const_none;
}
MP_DEFINE_CONST_FUN_OBJ_VAR_BETWEEN(datapath_stream_secure_obj, 4, 5, stream_secure);

///
///     def stream_write(self, number: int, data: ReadableBuffer) -> int:
///         """STREAM_OPEN: send bytes; how many were taken, 0: there is no room now."""
static mp_obj_t stream_write(mp_obj_t self_in, mp_obj_t number, mp_obj_t data_in) {
    path_t *path = datapath_get_path(self_in);
    path_stream_t *stream = find(path, number);
    const mp_buffer_info_t data = modpath_get_bytes(data_in);
    const size_t taken = cr_stream_write(path_stream_core(stream), data.buf, data.len);
    path_stream_follow(path, stream);
    return mp_obj_new_int_from_uint(taken);
}
MP_DEFINE_CONST_FUN_OBJ_3(datapath_stream_write_obj, stream_write);

///
///     def stream_read(self, number: int, buffer: WriteableBuffer) -> int:
///         """STREAM_OPEN: read bytes; how many, 0: there are none now."""
static mp_obj_t stream_read(mp_obj_t self_in, mp_obj_t number, mp_obj_t buffer_in) {
    path_t *path = datapath_get_path(self_in);
    path_stream_t *stream = find(path, number);
    mp_buffer_info_t buffer;
    mp_get_buffer_raise(buffer_in, &buffer, MP_BUFFER_WRITE);
    const size_t got = cr_stream_read(path_stream_core(stream), buffer.buf, buffer.len, path_now_ms());
    path_stream_follow(path, stream);
    return mp_obj_new_int_from_uint(got);
}
MP_DEFINE_CONST_FUN_OBJ_3(datapath_stream_read_obj, stream_read);

///
///     def stream_carry(self, number: int, framing: int, rest: ReadableBuffer = b"") -> None:
///         """STREAM_OPEN: frames from now on. rest: what was read beyond the handshake."""
static mp_obj_t stream_carry(size_t n_args, const mp_obj_t *args) {
    path_t *path = datapath_get_path(args[0]);
    path_stream_t *stream = find(path, args[1]);
    size_t len = 0;
    const cr_framing_t framing = get_framing(args[2]);
    uint8_t *rest = n_args > 3 ? copy_rest(args[3], &len) : NULL;
    path_stream_carry(path, stream, framing, rest, len);
    return mp_const_none;
}
MP_DEFINE_CONST_FUN_OBJ_VAR_BETWEEN(datapath_stream_carry_obj, 3, 4, stream_carry);

///
///     def stream_ping(self, number: int) -> None:
///         """WebSocket: ask the other end for an answer, which shows in stream_heard_ms()."""
static mp_obj_t stream_ping(mp_obj_t self_in, mp_obj_t number) {
    path_t *path = datapath_get_path(self_in);
    path_stream_t *stream = find(path, number);
    cr_stream_ping(path_stream_core(stream));
    path_stream_follow(path, stream);
    return mp_const_none;
}
MP_DEFINE_CONST_FUN_OBJ_2(datapath_stream_ping_obj, stream_ping);

///
///     def stream_heard_ms(self, number: int) -> int:
///         """When bytes came last, by now_ms()."""
static mp_obj_t stream_heard_ms(mp_obj_t self_in, mp_obj_t number) {
    return mp_obj_new_int_from_ull(path_stream_core(find(datapath_get_path(self_in), number))->heard_ms);
}
MP_DEFINE_CONST_FUN_OBJ_2(datapath_stream_heard_ms_obj, stream_heard_ms);

///
///     def stream_is_proven(self, number: int) -> bool:
///         """Whether authentic data of a peer came by it."""
static mp_obj_t stream_is_proven(mp_obj_t self_in, mp_obj_t number) {
    return mp_obj_new_bool(path_stream_is_proven(find(datapath_get_path(self_in), number)));
}
MP_DEFINE_CONST_FUN_OBJ_2(datapath_stream_is_proven_obj, stream_is_proven);

///
///     def stream_close(self, number: int) -> None:
///         """End it, if it has not ended; the number is nobody's then."""
static mp_obj_t stream_close(mp_obj_t self_in, mp_obj_t number) {
    path_t *path = datapath_get_path(self_in);
    path_stream_close(path, find(path, number));
    return mp_const_none;
}
MP_DEFINE_CONST_FUN_OBJ_2(datapath_stream_close_obj, stream_close);
