// with: carrier
// Frames: whatever arrives, and however it is cut, both ways of reading agree on what it was, nothing is read or written outside, and
// what was encoded comes back.

#include "cr_frame.h"
#include "fuzz_input.h"

#define ROOM 300
#define MOST 4096

typedef struct {
    uint8_t bytes[4 * MOST];
    size_t len;
} log_t;

static void note(log_t *log, const cr_frame_t *frame) {
    FUZZ_CLAIM(frame->event != CR_FRAME_DATAGRAM || (frame->len > 0 && frame->len <= ROOM));
    if (frame->event == CR_FRAME_MORE || log->len + frame->len + 1 > sizeof(log->bytes)) {
        return;
    }
    log->bytes[log->len++] = (uint8_t)frame->event;
    if (frame->len > 0) {
        memcpy(log->bytes + log->len, frame->data, frame->len);
        memset(frame->data, 0xee, frame->len);
        log->len += frame->len;
    }
}

// Fed in pieces whose lengths the input says, each on the heap by itself.
static void feed(log_t *log, cr_framing_t framing, fuzz_input_t cuts, const uint8_t *wire, size_t len) {
    cr_decoder_t decoder;
    uint8_t *buffer = malloc(ROOM);
    cr_decoder_init(&decoder, framing, buffer, ROOM);
    while (len > 0 && decoder.end == CR_END_NONE) {
        size_t part = 1 + fuzz_u8(&cuts);
        part = part < len ? part : len;
        uint8_t *piece = malloc(part), *data = piece;
        size_t left = part;
        memcpy(piece, wire, part);
        while (left > 0 && decoder.end == CR_END_NONE) {
            const cr_frame_t frame = cr_decoder_feed(&decoder, &data, &left);
            note(log, &frame);
        }
        free(piece);
        wire += part;
        len -= part;
    }
    free(buffer);
}

static void pull(log_t *log, cr_framing_t framing, const uint8_t *wire, size_t len) {
    cr_decoder_t decoder;
    uint8_t *buffer = malloc(ROOM);
    cr_decoder_init(&decoder, framing, buffer, ROOM);
    while (len > 0 && decoder.end == CR_END_NONE) {
        size_t part;
        uint8_t *place = cr_decoder_want(&decoder, &part);
        FUZZ_CLAIM(part > 0);
        part = part < len ? part : len;
        memcpy(place, wire, part);
        wire += part;
        len -= part;
        const cr_frame_t frame = cr_decoder_took(&decoder, part);
        note(log, &frame);
    }
    free(buffer);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len) {
    static log_t fed, pulled;
    fuzz_input_t input = {data, len};
    const cr_framing_t framing = (cr_framing_t)(1 + fuzz_u8(&input) % 3);
    fuzz_input_t cuts = input;
    cuts.len = cuts.len < 16 ? cuts.len : 16;
    uint8_t wire[MOST];
    const size_t wire_len = fuzz_bytes(&input, wire, sizeof(wire));
    fed.len = pulled.len = 0;
    feed(&fed, framing, cuts, wire, wire_len);
    pull(&pulled, framing, wire, wire_len);
    FUZZ_CLAIM(fed.len == pulled.len && memcmp(fed.bytes, pulled.bytes, fed.len) == 0);
    // The same bytes as a datagram.
    if (wire_len >= 4 && wire_len <= ROOM) {
        static uint8_t frame[CR_FRAME_ROOM + ROOM];
        memcpy(frame + CR_FRAME_ROOM, wire, wire_len);
        uint8_t *start = cr_frame_encode(framing, frame + CR_FRAME_ROOM, wire_len, wire);
        const cr_framing_t other = framing == CR_FRAMING_LENGTH ? framing : (cr_framing_t)(5 - framing);
        fed.len = 0;
        feed(&fed, other, cuts, start, (size_t)(frame + CR_FRAME_ROOM + wire_len - start));
        FUZZ_CLAIM(fed.len == wire_len + 1 && memcmp(fed.bytes + 1, wire, wire_len) == 0);
    }
    return 0;
}
