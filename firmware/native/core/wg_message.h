// Lengths and offsets of WireGuard's four messages (paper 5.4.2 to 5.4.7).
#ifndef WG_MESSAGE_H
#define WG_MESSAGE_H

enum {
    WG_MESSAGE_INITIATION = 1,
    WG_MESSAGE_RESPONSE = 2,
    WG_MESSAGE_COOKIE = 3,
    WG_MESSAGE_TRANSPORT = 4,
};

enum {
    // The type byte is followed by three reserved bytes, which are zero.
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

#endif
