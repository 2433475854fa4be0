// with: carrier
// Frames by native/carrier for tests/native/test_frame_differential.py: reads orders, writes what comes of each. Numbers are big endian.
//
//   E framing mask[4] len[2] datagram                  -> len[4] frame
//   C framing kind mask[4] len payload                 -> len[4] message
//   D framing how room[2] pieces[2] (len[2] bytes)...  -> (event len[4] payload)... 0 end
//
// how: 1 bytes are fed, 2 read into the decoder's places.

#define main check_main // this is a program of its own
#include "check.h"
#undef main

TEST(a_tool_has_no_tests) {
}
#include "cr_frame.h"
#include "wg_bytes.h"

static uint8_t room[CR_FRAME_ROOM + CR_DATAGRAM_MAX];

static bool take(void *out, size_t len) {
    return fread(out, 1, len, stdin) == len;
}

static size_t take_number(size_t len) {
    uint8_t bytes[2] = {0};
    CHECK(take(bytes + 2 - len, len));
    return wg_load16_be(bytes);
}

static void tell(const uint8_t *data, size_t len) {
    uint8_t bytes[4];
    wg_store32_be(bytes, (uint32_t)len);
    fwrite(bytes, 1, sizeof(bytes), stdout);
    if (len > 0) {
        fwrite(data, 1, len, stdout);
    }
}

static void encode(void) {
    uint8_t mask[4], *datagram = room + CR_FRAME_ROOM;
    const cr_framing_t framing = (cr_framing_t)take_number(1);
    CHECK(take(mask, sizeof(mask)));
    const size_t len = take_number(2);
    CHECK(take(datagram, len));
    const uint8_t *frame = cr_frame_encode(framing, datagram, len, mask);
    CHECK(frame >= room);
    tell(frame, (size_t)(datagram + len - frame));
}

static void control(void) {
    uint8_t mask[4], payload[255], out[CR_CONTROL_MAX];
    const cr_framing_t framing = (cr_framing_t)take_number(1);
    const cr_control_t kind = (cr_control_t)take_number(1);
    CHECK(take(mask, sizeof(mask)));
    const size_t len = take_number(1);
    CHECK(take(payload, len));
    tell(out, cr_frame_control(framing, kind, payload, len, mask, out));
}

static void tell_event(const cr_frame_t *frame) {
    if (frame->event != CR_FRAME_MORE) {
        fputc(frame->event, stdout);
        tell(frame->data, frame->len);
        if (frame->len > 0) {
            memset(frame->data, 0xee, frame->len); // it was opened in place
        }
    }
}

static void decode(void) {
    cr_decoder_t decoder;
    const cr_framing_t framing = (cr_framing_t)take_number(1);
    const bool is_fed = take_number(1) == 1;
    const size_t longest = take_number(2);
    size_t pieces = take_number(2);
    uint8_t *buffer = malloc(longest); // by itself, so that a byte too many is noticed
    cr_decoder_init(&decoder, framing, buffer, longest);
    while (pieces-- > 0) {
        size_t len = take_number(2);
        uint8_t *piece = malloc(len + 1), *data = piece;
        CHECK(take(piece, len));
        while (len > 0 && decoder.end == CR_END_NONE) {
            cr_frame_t frame;
            if (is_fed) {
                frame = cr_decoder_feed(&decoder, &data, &len);
            } else {
                size_t part;
                uint8_t *place = cr_decoder_want(&decoder, &part);
                part = part < len ? part : len;
                memcpy(place, data, part);
                data += part;
                len -= part;
                frame = cr_decoder_took(&decoder, part);
            }
            tell_event(&frame);
        }
        free(piece);
    }
    free(buffer);
    fputc(0, stdout);
    fputc(decoder.end, stdout);
}

int main(void) {
    for (int order; (order = getchar()) != EOF;) {
        if (order == 'E') {
            encode();
        } else if (order == 'C') {
            control();
        } else {
            decode();
        }
    }
    return 0;
}
