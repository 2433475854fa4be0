// What the modules of the data paths (moddatapath.c, modrouter.c) take from Python and give to it alike. A build has one of them.
#ifndef MODPATH_H
#define MODPATH_H

#include <string.h>

#include "py/runtime.h"
#include "wg_endpoint.h"
#include "wg_message.h"
#include "wg_ring.h"
#include "wg_tunnel.h"

// 0 to max; ValueError: outside.
static inline mp_int_t modpath_get_number(mp_obj_t value, mp_int_t max, mp_rom_error_text_t message) {
    mp_int_t number = mp_obj_get_int(value);
    if (number < 0 || number > max) {
        mp_raise_ValueError(message);
    }
    return number;
}

static inline uint16_t modpath_get_port(mp_obj_t value) {
    return (uint16_t)modpath_get_number(value, 65535, MP_ERROR_TEXT("port: not 0 to 65535"));
}

// -1: for ever.
static inline int32_t modpath_get_timeout(mp_obj_t value) {
    mp_int_t timeout = mp_obj_get_int(value);
    if (timeout < -1) {
        mp_raise_ValueError(MP_ERROR_TEXT("timeout_ms: below -1"));
    }
    return timeout > INT32_MAX ? INT32_MAX : (int32_t)timeout;
}

static inline uint16_t modpath_get_peer(const wg_tunnel_t *tunnel, mp_obj_t value) {
    mp_int_t peer = mp_obj_get_int(value);
    if (peer < 0 || peer >= WG_NO_PEER || !wg_tunnel_has_peer(tunnel, (uint16_t)peer)) {
        mp_raise_msg_varg(&mp_type_ValueError, MP_ERROR_TEXT("peer: %d is not a peer"), (int)peer);
    }
    return (uint16_t)peer;
}

static inline mp_buffer_info_t modpath_get_bytes(mp_obj_t value) {
    mp_buffer_info_t buffer;
    mp_get_buffer_raise(value, &buffer, MP_BUFFER_READ);
    return buffer;
}

static inline wg_endpoint_t modpath_get_endpoint(mp_obj_t value) {
    const mp_buffer_info_t stored = modpath_get_bytes(value);
    wg_endpoint_t endpoint;
    if (!wg_endpoint_load(&endpoint, stored.buf, stored.len)) {
        mp_raise_ValueError(MP_ERROR_TEXT("endpoint: not an endpoint"));
    }
    return endpoint;
}

// Room for any handshake message.
static inline uint8_t *modpath_get_message_room(mp_obj_t value) {
    mp_buffer_info_t message;
    mp_get_buffer_raise(value, &message, MP_BUFFER_WRITE);
    if (message.len != WG_INITIATION_LEN) {
        mp_raise_ValueError(MP_ERROR_TEXT("message: not 148 bytes"));
    }
    return message.buf;
}

// Copies what waited to `room`: (length, source endpoint). No slot: None.
static inline mp_obj_t modpath_new_handshake(uint8_t *room, const wg_ring_slot_t *slot) {
    if (slot == NULL) {
        return mp_const_none;
    }
    uint8_t source[WG_ENDPOINT_MAX_LEN];
    memcpy(room, slot->message, slot->len);
    size_t source_len = wg_endpoint_store(source, &slot->source);
    mp_obj_t items[2] = {MP_OBJ_NEW_SMALL_INT(slot->len), mp_obj_new_bytes(source, source_len)};
    return mp_obj_new_tuple(2, items);
}

// (seconds, nanoseconds)
static inline mp_obj_t modpath_new_time(uint64_t seconds, uint32_t nanoseconds) {
    mp_obj_t items[2] = {mp_obj_new_int_from_ull(seconds), mp_obj_new_int_from_uint(nanoseconds)};
    return mp_obj_new_tuple(2, items);
}

#endif
