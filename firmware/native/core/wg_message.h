// Lengths and offsets of WireGuard's four messages (paper 5.4.2 to 5.4.7).
#ifndef WG_MESSAGE_H
#define WG_MESSAGE_H

#include <stddef.h>
#include <stdint.h>

#include "wg_bytes.h"
#include "wg_status.h"

// What a message is. Plain WireGuard writes the kind as the message's type; a shape (wg_shape.h) writes another number there.

enum {
    WG_MESSAGE_INITIATION = 1,
    WG_MESSAGE_RESPONSE = 2,
    WG_MESSAGE_COOKIE = 3,
    WG_MESSAGE_TRANSPORT = 4,
};

enum {
    // A type of 4 bytes, little endian: the paper's type byte and three reserved bytes, which are zero.
    WG_INITIATION_LEN = 148,
    WG_INITIATION_SENDER = 4,
    WG_INITIATION_EPHEMERAL = 8,
    WG_INITIATION_STATIC = 40,
    WG_INITIATION_TIMESTAMP = 88,
    WG_INITIATION_MAC1 = 116,
    WG_INITIATION_MAC2 = 132,

    WG_RESPONSE_LEN = 92,
    WG_RESPONSE_SENDER = 4,
    WG_RESPONSE_RECEIVER = 8,
    WG_RESPONSE_EPHEMERAL = 12,
    WG_RESPONSE_EMPTY = 44,
    WG_RESPONSE_MAC1 = 60,
    WG_RESPONSE_MAC2 = 76,

    WG_COOKIE_LEN = 64,
    WG_COOKIE_RECEIVER = 4,
    WG_COOKIE_NONCE = 8,
    WG_COOKIE_COOKIE = 32,

    WG_TRANSPORT_RECEIVER = 4,
    WG_TRANSPORT_COUNTER = 8,
    WG_TRANSPORT_PAYLOAD = 16,
    // Bytes that sealing adds: header and tag. Also the length of a keepalive.
    WG_TRANSPORT_OVERHEAD = 32,

    WG_MAC_LEN = 16,
    WG_PADDING = 16,
};

// The kind of a handshake message or cookie reply of this length; 0: none has it.
static inline uint8_t wg_message_kind_of_len(size_t len) {
    switch (len) {
    case WG_INITIATION_LEN:
        return WG_MESSAGE_INITIATION;
    case WG_RESPONSE_LEN:
        return WG_MESSAGE_RESPONSE;
    case WG_COOKIE_LEN:
        return WG_MESSAGE_COOKIE;
    default:
        return 0;
    }
}

// The kind of a plain message, by its type and length. WG_ERR_TYPE, WG_ERR_SHORT: none; *kind is untouched.
static inline wg_status_t wg_message_classify(const uint8_t *message, size_t len, uint8_t *kind) {
    if (len < 4) {
        return WG_ERR_SHORT;
    }
    uint32_t type = wg_load32_le(message);
    if (type == WG_MESSAGE_TRANSPORT) {
        if (len < WG_TRANSPORT_OVERHEAD) {
            return WG_ERR_SHORT;
        }
    } else if (type == 0 || type > WG_MESSAGE_TRANSPORT) {
        return WG_ERR_TYPE;
    } else if (type != wg_message_kind_of_len(len)) {
        return WG_ERR_SHORT;
    }
    *kind = (uint8_t)type;
    return WG_OK;
}

#endif
