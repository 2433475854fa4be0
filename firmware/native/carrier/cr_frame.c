#include "cr_frame.h"

#include <string.h>

#include "wg_bytes.h"

// RFC 6455, 5.2.
enum {
    FINAL = 0x80,
    RESERVED = 0x70,
    OPCODE = 0x0f,
    BINARY = 2,
    IS_CONTROL = 8,
    MASKED = 0x80,
    LENGTH = 0x7f,
    LENGTH_16 = 126, // in the next two bytes; 127: in eight, more than any datagram has
    CONTROL_PAYLOAD_MAX = 125,
    MASK_LEN = 4,
};

// XOR with the mask repeated, in words where the memory allows it.
static void apply_mask(uint8_t *data, size_t len, const uint8_t mask[MASK_LEN]) {
    size_t i = 0;
    for (; i < len && ((uintptr_t)(data + i) & 3) != 0; i++) {
        data[i] ^= mask[i & 3];
    }
    const uint8_t turned[MASK_LEN] = {mask[i & 3], mask[(i + 1) & 3], mask[(i + 2) & 3], mask[(i + 3) & 3]};
    uint32_t pattern;
    memcpy(&pattern, turned, sizeof(pattern));
    for (; len - i >= sizeof(uint32_t); i += sizeof(uint32_t)) {
        uint8_t *place = __builtin_assume_aligned(data + i, sizeof(uint32_t));
        uint32_t word;
        memcpy(&word, place, sizeof(word));
        word ^= pattern;
        memcpy(place, &word, sizeof(word));
    }
    for (; i < len; i++) {
        data[i] ^= mask[i & 3];
    }
}

// --- sending ---

uint8_t *cr_frame_encode(cr_framing_t framing, uint8_t *datagram, size_t len, const uint8_t mask[4]) {
    uint8_t *start = datagram;
    if (framing == CR_FRAMING_LENGTH) {
        start -= 2;
        wg_store16_be(start, (uint16_t)len);
        return start;
    }
    uint8_t masked = 0;
    if (framing == CR_FRAMING_WEBSOCKET_CLIENT) {
        apply_mask(datagram, len, mask);
        start -= MASK_LEN;
        memcpy(start, mask, MASK_LEN);
        masked = MASKED;
    }
    if (len < LENGTH_16) {
        *--start = (uint8_t)(masked | len);
    } else {
        start -= 2;
        wg_store16_be(start, (uint16_t)len);
        *--start = masked | LENGTH_16;
    }
    *--start = FINAL | BINARY;
    return start;
}

size_t cr_frame_control(cr_framing_t framing, cr_control_t kind, const uint8_t *payload, size_t len,
                        const uint8_t mask[4], uint8_t out[CR_CONTROL_MAX]) {
    if (framing == CR_FRAMING_LENGTH || len > CONTROL_PAYLOAD_MAX) {
        return 0;
    }
    const bool masked = framing == CR_FRAMING_WEBSOCKET_CLIENT;
    uint8_t *next = out;
    *next++ = (uint8_t)(FINAL | kind);
    *next++ = (uint8_t)((masked ? MASKED : 0) | len);
    if (masked) {
        memcpy(next, mask, MASK_LEN);
        next += MASK_LEN;
    }
    if (len > 0) {
        memcpy(next, payload, len);
    }
    if (masked) {
        apply_mask(next, len, mask);
    }
    return (size_t)(next - out) + len;
}

// --- receiving ---

static void begin_frame(cr_decoder_t *decoder) {
    decoder->header_len = 0;
    decoder->header_wanted = 2;
    decoder->payload_len = 0;
    decoder->filled = 0;
    decoder->opcode = BINARY;
}

void cr_decoder_init(cr_decoder_t *decoder, cr_framing_t framing, uint8_t *buffer, size_t room) {
    memset(decoder, 0, sizeof(*decoder));
    decoder->framing = framing;
    decoder->buffer = buffer;
    decoder->room = room;
    begin_frame(decoder);
}

void cr_decoder_set_buffer(cr_decoder_t *decoder, uint8_t *buffer, size_t room) {
    decoder->buffer = buffer;
    decoder->room = room;
}

static cr_frame_t nothing_yet(void) {
    return (cr_frame_t){CR_FRAME_MORE, NULL, 0};
}

static cr_frame_t broken(cr_decoder_t *decoder) {
    decoder->end = CR_END_PROTOCOL;
    begin_frame(decoder); // who asks where more belongs is told no length that came
    return (cr_frame_t){CR_FRAME_BROKEN, NULL, 0};
}

static bool is_control(const cr_decoder_t *decoder) {
    return decoder->opcode >= IS_CONTROL;
}

// What the first two bytes of a WebSocket frame say, and how many follow before the payload. False: it is not for us.
static bool read_websocket_start(cr_decoder_t *decoder) {
    const uint8_t first = decoder->header[0], second = decoder->header[1];
    const bool masked = (second & MASKED) != 0;
    const size_t length = second & LENGTH;
    decoder->opcode = first & OPCODE;
    const bool known =
        decoder->opcode == BINARY || (decoder->opcode >= CR_CONTROL_CLOSE && decoder->opcode <= CR_CONTROL_PONG);
    // One message is one frame: nobody needs fragments, and text is not for us.
    if (!known || (first & (FINAL | RESERVED)) != FINAL) {
        return false;
    }
    // A server has to close if a client does not mask, and a client if a server does (5.1).
    if (masked != (decoder->framing == CR_FRAMING_WEBSOCKET_SERVER)) {
        return false;
    }
    if (length > LENGTH_16 || (is_control(decoder) && length > CONTROL_PAYLOAD_MAX)) {
        return false;
    }
    decoder->payload_len = length;
    decoder->header_wanted += (length == LENGTH_16 ? 2u : 0u) + (masked ? (size_t)MASK_LEN : 0u);
    return true;
}

// The header is there as far as it was wanted.
static bool read_header(cr_decoder_t *decoder) {
    if (decoder->framing == CR_FRAMING_LENGTH) {
        decoder->payload_len = wg_load16_be(decoder->header);
        return decoder->payload_len <= decoder->room;
    }
    if (decoder->header_len == 2) {
        if (!read_websocket_start(decoder)) {
            return false;
        }
        if (decoder->header_wanted > 2) {
            return true; // not whole yet
        }
    } else if (decoder->payload_len == LENGTH_16) {
        decoder->payload_len = wg_load16_be(decoder->header + 2);
        if (decoder->payload_len < LENGTH_16) {
            return false; // the shortest form is the only one (5.2)
        }
    }
    return is_control(decoder) || decoder->payload_len <= decoder->room;
}

static uint8_t *payload_place(cr_decoder_t *decoder) {
    return is_control(decoder) ? decoder->control : decoder->buffer;
}

// A whole frame: payload_len bytes at payload.
static cr_frame_t end_frame(cr_decoder_t *decoder, uint8_t *payload) {
    cr_frame_t frame = {CR_FRAME_MORE, payload, decoder->payload_len};
    if (decoder->framing == CR_FRAMING_WEBSOCKET_SERVER) {
        apply_mask(payload, frame.len, decoder->header + decoder->header_wanted - MASK_LEN);
    }
    switch (decoder->opcode) {
    case BINARY:
        frame.event = frame.len > 0 ? CR_FRAME_DATAGRAM : CR_FRAME_MORE;
        break;
    case CR_CONTROL_PING:
        frame.event = CR_FRAME_PING;
        break;
    case CR_CONTROL_PONG:
        frame.event = CR_FRAME_PONG;
        break;
    default:
        frame.event = CR_FRAME_CLOSE;
        decoder->end = CR_END_CLOSED;
        break;
    }
    begin_frame(decoder);
    return frame;
}

static bool has_header(const cr_decoder_t *decoder) {
    return decoder->header_len == decoder->header_wanted;
}

uint8_t *cr_decoder_want(cr_decoder_t *decoder, size_t *len) {
    if (!has_header(decoder)) {
        *len = decoder->header_wanted - decoder->header_len;
        return decoder->header + decoder->header_len;
    }
    *len = decoder->payload_len - decoder->filled;
    return payload_place(decoder) + decoder->filled;
}

cr_frame_t cr_decoder_took(cr_decoder_t *decoder, size_t len) {
    if (decoder->end != CR_END_NONE) {
        return broken(decoder);
    }
    if (!has_header(decoder)) {
        decoder->header_len += len;
        if (!has_header(decoder)) {
            return nothing_yet();
        }
        if (!read_header(decoder)) {
            return broken(decoder);
        }
        if (!has_header(decoder)) {
            return nothing_yet();
        }
    } else {
        decoder->filled += len;
    }
    return decoder->filled < decoder->payload_len ? nothing_yet() : end_frame(decoder, payload_place(decoder));
}

cr_frame_t cr_decoder_feed(cr_decoder_t *decoder, uint8_t **data, size_t *len) {
    if (decoder->end != CR_END_NONE) {
        *data += *len;
        *len = 0;
        return broken(decoder);
    }
    while (*len > 0) {
        // A datagram that lies there whole stays there.
        if (has_header(decoder) && decoder->filled == 0 && !is_control(decoder) && *len >= decoder->payload_len) {
            uint8_t *payload = *data;
            *data += decoder->payload_len;
            *len -= decoder->payload_len;
            return end_frame(decoder, payload);
        }
        size_t part;
        uint8_t *place = cr_decoder_want(decoder, &part);
        part = part < *len ? part : *len;
        memcpy(place, *data, part);
        *data += part;
        *len -= part;
        const cr_frame_t frame = cr_decoder_took(decoder, part);
        if (frame.event != CR_FRAME_MORE) {
            return frame;
        }
    }
    return nothing_yet();
}
