// Datagrams in a stream of bytes: two framings, three kinds of ends.
//
//   CR_FRAMING_LENGTH            u16 big-endian length, datagram (Mullvad's udp-over-tcp). An empty datagram says nothing.
//   CR_FRAMING_WEBSOCKET_CLIENT  one binary message for each datagram (RFC 6455, 5.2): what we send is masked
//   CR_FRAMING_WEBSOCKET_SERVER  the same from the other end: what we receive has to be masked
//
// Nothing is allocated, and of a received datagram no byte is copied more than once: it is opened where it lies if it came in one
// piece (cr_decoder_feed), else put together in the decoder's buffer (cr_decoder_want lets a caller read it directly to there).
#ifndef CR_FRAME_H
#define CR_FRAME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "cr_end.h"

typedef enum {
    CR_FRAMING_LENGTH = 1,
    CR_FRAMING_WEBSOCKET_CLIENT,
    CR_FRAMING_WEBSOCKET_SERVER,
    CR_FRAMING_COUNT,
} cr_framing_t;

#define CR_FRAME_ROOM 8          // the most bytes that a frame has in front of its datagram
#define CR_DATAGRAM_MAX 65535    // what an encoder takes; a decoder takes what its buffer has room for
#define CR_CONTROL_MAX (6 + 125) // a ping, pong or close message with its header (5.5)
#define CR_CLOSE_GOING_AWAY 1001 // status codes in close messages (7.4.1)
#define CR_CLOSE_PROTOCOL 1002

// --- sending ---

// Put a frame around the datagram of len bytes (1 to CR_DATAGRAM_MAX), in place. The CR_FRAME_ROOM bytes in front of it are
// overwritten, and for WEBSOCKET_CLIENT it is masked. mask: 4 random bytes, of which only that framing makes use. Returns the
// frame's first byte; the frame ends where the datagram does.
uint8_t *cr_frame_encode(cr_framing_t framing, uint8_t *datagram, size_t len, const uint8_t mask[4]);

typedef enum { CR_CONTROL_CLOSE = 8, CR_CONTROL_PING = 9, CR_CONTROL_PONG = 10 } cr_control_t;

// A control message of WebSocket with a payload of up to 125 bytes; its length. 0: this framing has none.
size_t cr_frame_control(cr_framing_t framing, cr_control_t kind, const uint8_t *payload, size_t len,
                        const uint8_t mask[4], uint8_t out[CR_CONTROL_MAX]);

// --- receiving ---

typedef struct cr_decoder {
    cr_framing_t framing;
    uint8_t *buffer; // where datagrams are put together
    size_t room;     // a longer one ends the stream
    size_t header_len, header_wanted;
    size_t payload_len, filled;
    cr_end_t end;
    uint8_t opcode;
    uint8_t header[CR_FRAME_ROOM];
    uint8_t control[125]; // the payload of a control message
} cr_decoder_t;

typedef enum {
    CR_FRAME_MORE,     // nothing yet
    CR_FRAME_DATAGRAM, // a datagram
    CR_FRAME_PING,     // to be answered with a pong of the same payload
    CR_FRAME_PONG,     // somebody is there
    CR_FRAME_CLOSE,    // the other end closes; nothing after it counts
    CR_FRAME_BROKEN,   // not what the framing allows; nothing after it counts
} cr_frame_event_t;

typedef struct {
    cr_frame_event_t event;
    uint8_t *
        data; // a datagram (1 byte or more) or a ping's payload, until the decoder is used again; it may be changed in place
    size_t len;
} cr_frame_t;

// buffer: room bytes, which are the decoder's until the stream ends; CR_CONTROL_MAX or more.
void cr_decoder_init(cr_decoder_t *decoder, cr_framing_t framing, uint8_t *buffer, size_t room);
// Another buffer from the next datagram on; only right after an event, not in the middle of a datagram.
void cr_decoder_set_buffer(cr_decoder_t *decoder, uint8_t *buffer, size_t room);

// Take bytes from *data, *len of them, up to the end of the next frame; both are moved on. Bytes may be changed: a datagram that
// lies in them whole is handed out there.
cr_frame_t cr_decoder_feed(cr_decoder_t *decoder, uint8_t **data, size_t *len);

// The same without a copy for who reads from a connection: where the next bytes belong, and how many at most (1 or more); then
// how many were put there.
uint8_t *cr_decoder_want(cr_decoder_t *decoder, size_t *len);
cr_frame_t cr_decoder_took(cr_decoder_t *decoder, size_t len);

#endif
