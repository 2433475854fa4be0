// with: carrier
// Frames: what is written is what RFC 6455 and udp-over-tcp say, and comes back whole however the stream is cut; what is wrong ends it.

#include "check.h"
#include "cr_frame.h"
#include "cr_queue.h"
#include "cr_sha1.h"

#define LONGEST 2000

static const uint8_t MASK[4] = {0x37, 0xfa, 0x21, 0x3d}; // RFC 6455, 5.7
static const cr_framing_t ENDS[3] = {CR_FRAMING_LENGTH, CR_FRAMING_WEBSOCKET_CLIENT, CR_FRAMING_WEBSOCKET_SERVER};

// Who reads what such an end writes.
static cr_framing_t other_end(cr_framing_t framing) {
    if (framing == CR_FRAMING_LENGTH) {
        return framing;
    }
    return framing == CR_FRAMING_WEBSOCKET_CLIENT ? CR_FRAMING_WEBSOCKET_SERVER : CR_FRAMING_WEBSOCKET_CLIENT;
}

static size_t encode(cr_framing_t framing, const uint8_t *datagram, size_t len, const uint8_t *mask, uint8_t *out) {
    static uint8_t room[CR_FRAME_ROOM + CR_DATAGRAM_MAX];
    memcpy(room + CR_FRAME_ROOM, datagram, len);
    const uint8_t *frame = cr_frame_encode(framing, room + CR_FRAME_ROOM, len, mask);
    CHECK(frame >= room);
    const size_t frame_len = (size_t)(room + CR_FRAME_ROOM + len - frame);
    memcpy(out, frame, frame_len);
    return frame_len;
}

static cr_frame_t feed_hex(cr_framing_t framing, const char *hex) {
    static uint8_t bytes[256], buffer[LONGEST];
    static cr_decoder_t decoder;
    cr_decoder_init(&decoder, framing, buffer, sizeof(buffer));
    size_t len = check_unhex(bytes, hex);
    uint8_t *data = bytes;
    return cr_decoder_feed(&decoder, &data, &len);
}

TEST(a_length_is_two_bytes_and_big_endian) {
    uint8_t datagram[0x194], out[512];
    memset(datagram, 7, sizeof(datagram));
    CHECK_EQ(encode(CR_FRAMING_LENGTH, datagram, sizeof(datagram), MASK, out), 0x196);
    CHECK_BYTES(out, "\x01\x94", 2);
    CHECK_BYTES(out + 2, datagram, sizeof(datagram));
}

TEST(a_masked_message_is_that_of_the_rfc) {
    // RFC 6455, 5.7: "Hello", but binary.
    uint8_t out[32], expected[32];
    const size_t len = check_unhex(expected, "828537fa213d7f9f4d5158");
    CHECK_EQ(encode(CR_FRAMING_WEBSOCKET_CLIENT, (const uint8_t *)"Hello", 5, MASK, out), len);
    CHECK_BYTES(out, expected, len);
    CHECK_EQ(encode(CR_FRAMING_WEBSOCKET_SERVER, (const uint8_t *)"Hello", 5, MASK, out), 7);
    CHECK_BYTES(out, "\x82\x05Hello", 7);
}

TEST(the_header_of_a_message_grows_at_126_bytes) {
    uint8_t datagram[LONGEST] = {0}, out[LONGEST + CR_FRAME_ROOM];
    CHECK_EQ(encode(CR_FRAMING_WEBSOCKET_CLIENT, datagram, 125, MASK, out), 125 + 6);
    CHECK_BYTES(out, "\x82\xfd", 2);
    CHECK_EQ(encode(CR_FRAMING_WEBSOCKET_CLIENT, datagram, 126, MASK, out), 126 + 8);
    CHECK_BYTES(out, "\x82\xfe\x00\x7e", 4);
    CHECK_EQ(encode(CR_FRAMING_WEBSOCKET_SERVER, datagram, 1420, MASK, out), 1420 + 4);
    CHECK_BYTES(out, "\x82\x7e\x05\x8c", 4);
}

TEST(a_ping_is_masked_by_a_client_only_and_none_is_there_with_lengths) {
    uint8_t out[CR_CONTROL_MAX];
    CHECK_EQ(cr_frame_control(CR_FRAMING_WEBSOCKET_CLIENT, CR_CONTROL_PING, NULL, 0, MASK, out), 6);
    CHECK_BYTES(out, "\x89\x80\x37\xfa\x21\x3d", 6);
    CHECK_EQ(cr_frame_control(CR_FRAMING_WEBSOCKET_SERVER, CR_CONTROL_PONG, (const uint8_t *)"Hello", 5, MASK, out), 7);
    CHECK_BYTES(out, "\x8a\x05Hello", 7);
    CHECK_EQ(cr_frame_control(CR_FRAMING_LENGTH, CR_CONTROL_PING, NULL, 0, MASK, out), 0);
    CHECK_EQ(cr_frame_control(CR_FRAMING_WEBSOCKET_CLIENT, CR_CONTROL_PING, out, 126, MASK, out), 0);
}

// Frames of random lengths, pings among them, cut anywhere; read by feeding, or straight into the decoder's places.
static void cut_anywhere(cr_framing_t framing, uint64_t seed, size_t longest_piece, bool feeding) {
    static uint8_t wire[200 * (LONGEST + CR_FRAME_ROOM)], sent[200][LONGEST], buffer[LONGEST], piece[LONGEST * 4];
    size_t lens[200], wire_len = 0, got = 0, pings = 0, got_pings = 0;
    for (size_t i = 0; i < 200; i++) {
        lens[i] = check_random(&seed) % 4 == 0 ? 1 + check_random(&seed) % 200 : 1 + check_random(&seed) % LONGEST;
        check_random_bytes(&seed, sent[i], lens[i]);
        uint8_t mask[4];
        check_random_bytes(&seed, mask, sizeof(mask));
        wire_len += encode(framing, sent[i], lens[i], mask, wire + wire_len);
        if (check_random(&seed) % 8 == 0) {
            const size_t control = cr_frame_control(framing, CR_CONTROL_PING, (const uint8_t *)"here?",
                                                    check_random(&seed) % 6, mask, wire + wire_len);
            wire_len += control;
            pings += control > 0;
        }
    }
    cr_decoder_t decoder;
    cr_decoder_init(&decoder, other_end(framing), buffer, sizeof(buffer));
    for (size_t at = 0; at < wire_len;) {
        size_t len = 1 + check_random(&seed) % longest_piece;
        len = len < wire_len - at ? len : wire_len - at;
        cr_frame_t frame;
        uint8_t *data = piece;
        if (feeding) {
            memcpy(piece, wire + at, len);
            at += len;
        }
        do {
            if (feeding) {
                frame = cr_decoder_feed(&decoder, &data, &len);
            } else {
                size_t wanted;
                uint8_t *place = cr_decoder_want(&decoder, &wanted);
                CHECK(wanted > 0);
                len = wanted < len ? wanted : len;
                memcpy(place, wire + at, len);
                at += len;
                frame = cr_decoder_took(&decoder, len);
                len = 0;
            }
            if (frame.event == CR_FRAME_DATAGRAM) {
                CHECK_EQ(frame.len, lens[got]);
                CHECK_BYTES(frame.data, sent[got], frame.len);
                memset(frame.data, 0xee, frame.len); // as opening in place does
                got++;
            } else if (frame.event == CR_FRAME_PING) {
                CHECK(frame.len < 6 && memcmp(frame.data, "here?", frame.len) == 0);
                got_pings++;
            } else {
                CHECK_EQ(frame.event, CR_FRAME_MORE);
            }
        } while (len > 0);
    }
    CHECK_EQ(got, 200);
    CHECK_EQ(got_pings, pings);
}

TEST(datagrams_come_back_whole_however_the_stream_is_cut) {
    for (unsigned end = 0; end < 3; end++) {
        for (uint64_t seed = 0; seed < 6; seed++) {
            static const size_t PIECES[6] = {1, 2, 7, 300, 1500, LONGEST * 4};
            cut_anywhere(ENDS[end], seed, PIECES[seed], true);
            cut_anywhere(ENDS[end], seed, PIECES[seed], false);
        }
    }
}

TEST(a_datagram_that_came_in_one_piece_is_not_copied) {
    uint8_t wire[64], buffer[LONGEST];
    cr_decoder_t decoder;
    memset(buffer, 0x55, sizeof(buffer));
    cr_decoder_init(&decoder, CR_FRAMING_WEBSOCKET_SERVER, buffer, sizeof(buffer));
    size_t len = encode(CR_FRAMING_WEBSOCKET_CLIENT, (const uint8_t *)"Hello", 5, MASK, wire);
    uint8_t *data = wire;
    const cr_frame_t frame = cr_decoder_feed(&decoder, &data, &len);
    CHECK(frame.data == wire + 6);
    CHECK_BYTES(frame.data, "Hello", 5);
    CHECK(buffer[0] == 0x55);
}

TEST(what_no_datagram_is_ends_the_stream) {
    static const struct {
        const char *why, *hex;
        cr_framing_t framing;
    } wrong[] = {
        {"text", "810548656c6c6f", CR_FRAMING_WEBSOCKET_CLIENT},
        {"the first of several fragments", "020548656c6c6f", CR_FRAMING_WEBSOCKET_CLIENT},
        {"a later fragment", "800548656c6c6f", CR_FRAMING_WEBSOCKET_CLIENT},
        {"a reserved bit", "c20548656c6c6f", CR_FRAMING_WEBSOCKET_CLIENT},
        {"an unknown opcode", "830548656c6c6f", CR_FRAMING_WEBSOCKET_CLIENT},
        {"an unknown control opcode", "8b00", CR_FRAMING_WEBSOCKET_CLIENT},
        {"a server that masks", "828537fa213d7f9f4d5158", CR_FRAMING_WEBSOCKET_CLIENT},
        {"a client that does not mask", "820548656c6c6f", CR_FRAMING_WEBSOCKET_SERVER},
        {"a longer length than needed", "827e0005", CR_FRAMING_WEBSOCKET_CLIENT},
        {"a length of eight bytes", "827f0000000000000005", CR_FRAMING_WEBSOCKET_CLIENT},
        {"a datagram without room", "827e07d1", CR_FRAMING_WEBSOCKET_CLIENT},
        {"a long ping", "897e0080", CR_FRAMING_WEBSOCKET_CLIENT},
        {"a ping in fragments", "0900", CR_FRAMING_WEBSOCKET_CLIENT},
        {"a length without room", "07d1", CR_FRAMING_LENGTH},
    };
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        if (feed_hex(wrong[i].framing, wrong[i].hex).event != CR_FRAME_BROKEN) {
            printf("taken: %s\n", wrong[i].why);
            CHECK(false);
        }
    }
    CHECK_EQ(feed_hex(CR_FRAMING_WEBSOCKET_CLIENT, "827e07d0").event, CR_FRAME_MORE);
    CHECK_EQ(feed_hex(CR_FRAMING_LENGTH, "07d0").event, CR_FRAME_MORE);
}

TEST(after_the_end_nothing_counts) {
    uint8_t bytes[32], buffer[LONGEST];
    static const char *ENDING[2] = {"8800820548656c6c6f", "8105820548656c6c6f"}; // a close, a text
    for (int i = 0; i < 2; i++) {
        cr_decoder_t decoder;
        cr_decoder_init(&decoder, CR_FRAMING_WEBSOCKET_CLIENT, buffer, sizeof(buffer));
        size_t len = check_unhex(bytes, ENDING[i]);
        uint8_t *data = bytes;
        CHECK_EQ(cr_decoder_feed(&decoder, &data, &len).event, i == 0 ? CR_FRAME_CLOSE : CR_FRAME_BROKEN);
        while (len > 0) {
            CHECK(cr_decoder_feed(&decoder, &data, &len).event != CR_FRAME_DATAGRAM);
        }
    }
}

TEST(who_asks_where_more_belongs_after_the_end_is_told_no_length_that_came) {
    static const struct {
        const char *hex;
        cr_framing_t framing;
    } wrong[] = {{"ffff", CR_FRAMING_LENGTH}, {"827effff", CR_FRAMING_WEBSOCKET_CLIENT}};
    for (size_t i = 0; i < 2; i++) {
        uint8_t buffer[LONGEST];
        cr_decoder_t decoder;
        cr_decoder_init(&decoder, wrong[i].framing, buffer, sizeof(buffer));
        size_t wanted, len = strlen(wrong[i].hex) / 2;
        for (size_t at = 0; at < len; at += wanted) {
            uint8_t *place = cr_decoder_want(&decoder, &wanted);
            uint8_t bytes[8];
            check_unhex(bytes, wrong[i].hex);
            memcpy(place, bytes + at, wanted);
            (void)cr_decoder_took(&decoder, wanted);
        }
        CHECK_EQ(decoder.end, CR_END_PROTOCOL);
        (void)cr_decoder_want(&decoder, &wanted);
        CHECK(wanted > 0 && wanted <= CR_FRAME_ROOM);
        CHECK_EQ(cr_decoder_took(&decoder, wanted).event, CR_FRAME_BROKEN);
    }
}

TEST(what_is_empty_says_nothing) {
    CHECK_EQ(feed_hex(CR_FRAMING_WEBSOCKET_CLIENT, "8200820548656c6c6f").len, 5);
    CHECK_EQ(feed_hex(CR_FRAMING_LENGTH, "00000000000548656c6c6f").len, 5);
}

// --- the queue ---

static cr_item_t numbered(uint32_t number) {
    return (cr_item_t){.len = number};
}

TEST(a_full_queue_gives_its_oldest_that_was_not_begun) {
    cr_item_t items[3], loser;
    cr_queue_t queue;
    cr_queue_init(&queue, items, 3);
    for (uint32_t i = 1; i <= 3; i++) {
        const cr_item_t item = numbered(i);
        CHECK(cr_queue_put(&queue, &item, &loser));
    }
    cr_item_t next = numbered(4);
    CHECK(!cr_queue_put(&queue, &next, &loser));
    CHECK_EQ(loser.len, 1);
    cr_queue_first(&queue)->sent = 1; // of number 2
    next = numbered(5);
    CHECK(!cr_queue_put(&queue, &next, &loser));
    CHECK_EQ(loser.len, 3);
    static const uint32_t LEFT[3] = {2, 4, 5};
    for (int i = 0; i < 3; i++) {
        CHECK_EQ(cr_queue_take(&queue).len, LEFT[i]);
    }
    CHECK(cr_queue_first(&queue) == NULL);
    CHECK_EQ(queue.dropped, 2);
}

TEST(a_queue_of_one_that_was_begun_takes_no_other) {
    cr_item_t items[1], loser;
    cr_queue_t queue;
    cr_queue_init(&queue, items, 1);
    cr_item_t item = numbered(1);
    CHECK(cr_queue_put(&queue, &item, &loser));
    cr_queue_first(&queue)->sent = 1;
    item = numbered(2);
    CHECK(!cr_queue_put(&queue, &item, &loser));
    CHECK_EQ(loser.len, 2);
    CHECK_EQ(cr_queue_first(&queue)->len, 1);
}

TEST(a_queue_equals_a_plain_list) {
    uint64_t seed = 5;
    cr_item_t items[5], loser;
    cr_queue_t queue;
    uint32_t list[6], count = 0, number = 0;
    bool begun = false;
    cr_queue_init(&queue, items, 5);
    for (int step = 0; step < 20000; step++) {
        const unsigned what = check_random(&seed) % 8;
        if (what < 5) {
            const cr_item_t item = numbered(++number);
            const bool room = cr_queue_put(&queue, &item, &loser);
            CHECK_EQ(room, count < 5);
            list[count++] = number;
            if (!room) {
                const uint32_t gone = begun ? 1 : 0;
                CHECK_EQ(loser.len, list[gone]);
                memmove(list + gone, list + gone + 1, (--count - gone) * sizeof(list[0]));
            }
        } else if (what == 5 && count > 0) {
            cr_queue_first(&queue)->sent = 1;
            begun = true;
        } else if (count > 0) {
            CHECK_EQ(cr_queue_take(&queue).len, list[0]);
            memmove(list, list + 1, --count * sizeof(list[0]));
            begun = false;
        }
        CHECK_EQ(queue.count, count);
    }
}

// --- SHA-1 ---

TEST(sha1_is_that_of_fips_180) {
    static const struct {
        const char *message, *digest;
    } known[] = {
        {"", "da39a3ee5e6b4b0d3255bfef95601890afd80709"},
        {"abc", "a9993e364706816aba3e25717850c26c9cd0d89d"},
        {"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq", "84983e441c3bd26ebaae4aa1f95129e5e54670f1"},
        // RFC 6455, 1.3
        {"dGhlIHNhbXBsZSBub25jZQ==258EAFA5-E914-47DA-95CA-C5AB0DC85B11", "b37a4f2cc0624f1690f64606cf385945b2bec4ea"},
    };
    for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
        uint8_t digest[CR_SHA1_LEN], expected[CR_SHA1_LEN];
        check_unhex(expected, known[i].digest);
        cr_sha1(digest, (const uint8_t *)known[i].message, strlen(known[i].message));
        CHECK_BYTES(digest, expected, sizeof(expected));
    }
    uint8_t many[1000], digest[CR_SHA1_LEN], expected[CR_SHA1_LEN];
    memset(many, 'a', sizeof(many));
    cr_sha1(digest, many, sizeof(many));
    check_unhex(expected, "291e9a6c66994949b57ba5e650361e98fc36b1ba");
    CHECK_BYTES(digest, expected, sizeof(expected));
}
