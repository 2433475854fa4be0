// with: carrier
// A stream between two ends in memory: whole datagrams through any wire, the oldest lost first, an end for every fault.

#include "carrier_wire.h"
#include "wg_wipe.h"

static wire_t there, back;
static end_t box, home;

static void open_both(cr_framing_t framing, bool at_once) {
    memset(&there, 0, sizeof(there));
    memset(&back, 0, sizeof(back));
    there.room = back.room = WIRE_LEN;
    end_open(&box, &WIRE_HOOKS, &there, &back, at_once);
    end_open(&home, &WIRE_HOOKS, &back, &there, at_once);
    cr_stream_carry(&box.stream, framing, NULL, 0, 1);
    cr_stream_carry(&home.stream, framing == CR_FRAMING_LENGTH ? framing : CR_FRAMING_WEBSOCKET_SERVER, NULL, 0, 1);
}

static void settle(void) {
    for (int i = 0; i < 4000 && (there.len > 0 || back.len > 0 || cr_stream_wants_send(&box.stream)); i++) {
        (void)cr_stream_receive(&home.stream, 1000, 2);
        (void)cr_stream_receive(&box.stream, 1000, 2);
        cr_stream_flush(&box.stream);
        cr_stream_flush(&home.stream);
    }
}

TEST(datagrams_pass_both_ways_through_any_wire) {
    for (int form = 0; form < 4; form++) {
        static const size_t PIECES[3] = {1, 100, 0};
        for (int piece = 0; piece < 3; piece++) {
            open_both(form & 1 ? CR_FRAMING_WEBSOCKET_CLIENT : CR_FRAMING_LENGTH, form & 2);
            there.piece = back.piece = PIECES[piece];
            for (uint32_t i = 0; i < 100; i++) {
                end_send(&box, i, 4 + (i * 37) % 1500);
                end_send(&home, i, 4 + (i * 91) % 1500);
                settle();
            }
            CHECK_EQ(box.got_count, 100);
            CHECK_EQ(home.got_count, 100);
            for (uint32_t i = 0; i < 100; i++) {
                CHECK_EQ(end_got(&home, i), i);
                CHECK_EQ(home.got_lens[i], 4 + (i * 37) % 1500);
                CHECK_EQ(box.got_lens[i], 4 + (i * 91) % 1500);
            }
            CHECK_EQ(end_held(&box) + end_held(&home), 0);
            CHECK_EQ(box.stream.datagrams_out, 100);
        }
    }
}

TEST(a_full_connection_loses_the_oldest_and_cuts_no_frame) {
    for (int at_once = 0; at_once < 2; at_once++) {
        open_both(CR_FRAMING_WEBSOCKET_CLIENT, at_once);
        there.room = 150; // a frame and a half
        for (uint32_t i = 0; i < 30; i++) {
            end_send(&box, i, 100);
        }
        CHECK(cr_stream_wants_send(&box.stream));
        CHECK_EQ(end_held(&box), 8);
        CHECK_EQ(box.stream.queue.dropped, 21);
        there.room = WIRE_LEN;
        settle();
        // The first left at once, the second was begun; of the others the last seven.
        static const uint32_t LEFT[9] = {0, 1, 23, 24, 25, 26, 27, 28, 29};
        CHECK_EQ(home.got_count, 9);
        for (size_t i = 0; i < 9; i++) {
            CHECK_EQ(end_got(&home, i), LEFT[i]);
        }
        CHECK_EQ(end_held(&box), 0);
    }
}

TEST(what_is_sent_at_once_leaves_in_one_piece) {
    open_both(CR_FRAMING_WEBSOCKET_CLIENT, true);
    there.room = 0;
    for (uint32_t i = 0; i < 8; i++) {
        end_send(&box, i, 300);
    }
    there.room = WIRE_LEN;
    there.piece = 4096; // one call
    cr_stream_flush(&box.stream);
    settle();
    CHECK_EQ(home.got_count, 8);
}

TEST(a_ping_is_answered_between_frames_and_heard) {
    open_both(CR_FRAMING_WEBSOCKET_CLIENT, false);
    there.room = 150;
    end_send(&box, 0, 100);
    end_send(&box, 1, 100); // is half on its way
    cr_stream_ping(&box.stream);
    there.room = WIRE_LEN;
    cr_stream_flush(&box.stream);
    (void)cr_stream_receive(&home.stream, 10000, 5);
    CHECK_EQ(home.got_count, 2);
    CHECK_EQ(back.len, 2); // a pong
    (void)cr_stream_receive(&box.stream, 10000, 77);
    CHECK_EQ(box.stream.heard_ms, 77);
    open_both(CR_FRAMING_LENGTH, false);
    cr_stream_ping(&box.stream);
    CHECK_EQ(there.len, 0);
}

TEST(an_answer_waits_for_one_frame_and_not_for_all) {
    // A connection that takes less than there is, always: it stops within a frame each time.
    open_both(CR_FRAMING_WEBSOCKET_CLIENT, true);
    there.room = 150;
    for (uint32_t i = 0; i < 8; i++) {
        end_send(&box, i, 100);
    }
    memcpy(back.bytes, "\x89\x01?", 3);
    back.len = 3;
    (void)cr_stream_receive(&box.stream, 100, 2);
    CHECK(box.stream.control_len > 0);
    there.len = 0;
    cr_stream_flush(&box.stream);
    CHECK_EQ(box.stream.control_len, 0);
    CHECK_EQ(there.len, 150);
    CHECK_BYTES(there.bytes + 62, "\x8a\x81", 2);
}

TEST(many_pings_cost_one_answer) {
    open_both(CR_FRAMING_WEBSOCKET_CLIENT, true);
    there.room = 0; // our answers do not leave
    for (int i = 0; i < 1000; i++) {
        memcpy(back.bytes + back.len, "\x89\x01?", 3);
        back.len += 3;
    }
    (void)cr_stream_receive(&box.stream, 100000, 2);
    CHECK_EQ(box.stream.state, CR_STREAM_CARRYING);
    there.room = WIRE_LEN;
    cr_stream_flush(&box.stream);
    CHECK_EQ(there.len, 7);
}

static void check_ends_with(const char *hex, cr_end_t why, size_t first) {
    open_both(CR_FRAMING_WEBSOCKET_CLIENT, first % 2);
    there.room = first > 1 ? 0 : WIRE_LEN;
    end_send(&box, 0, 100);
    back.len = check_unhex(back.bytes, hex);
    (void)cr_stream_receive(&box.stream, 10000, 2);
    CHECK_EQ(box.stream.state, CR_STREAM_ENDED);
    CHECK_EQ(box.stream.end, why);
    CHECK_EQ(box.got_count, 1);
    CHECK_EQ(end_held(&box), 0);
    const size_t before = box.released;
    end_send(&box, 1, 100); // into nothing, and given back
    CHECK_EQ(box.released, before + 1);
    CHECK(!cr_stream_wants_send(&box.stream));
}

TEST(an_end_says_why_and_gives_everything_back) {
    for (size_t i = 0; i < 4; i++) {
        check_ends_with("820568656c6c6f8800820568656c6c6f", CR_END_CLOSED, i);
        check_ends_with("820568656c6c6f8105820568656c6c6f", CR_END_PROTOCOL, i);
    }
    open_both(CR_FRAMING_LENGTH, true);
    back.end_received = -CR_END_RESET;
    (void)cr_stream_receive(&box.stream, 10000, 2);
    CHECK_EQ(box.stream.end, CR_END_RESET);
    open_both(CR_FRAMING_LENGTH, true);
    there.end_sent = -CR_END_UNREACHABLE;
    end_send(&box, 0, 100);
    CHECK_EQ(box.stream.end, CR_END_UNREACHABLE);
    CHECK_EQ(end_held(&box), 0);
    cr_stream_close(&box.stream); // nothing happens to one that has ended
    CHECK_EQ(box.stream.end, CR_END_UNREACHABLE);
}

TEST(who_closes_or_breaks_the_framing_is_told_so) {
    static const char *const SAID[2] = {"8800", "8100"};
    static const uint16_t TOLD[2] = {CR_CLOSE_GOING_AWAY, CR_CLOSE_PROTOCOL};
    for (size_t i = 0; i < 2; i++) {
        open_both(CR_FRAMING_WEBSOCKET_CLIENT, false);
        back.len = check_unhex(back.bytes, SAID[i]);
        (void)cr_stream_receive(&box.stream, 100, 2);
        CHECK_EQ(there.len, 8);
        CHECK_BYTES(there.bytes, "\x88\x82", 2);
        CHECK_EQ((there.bytes[6] ^ there.bytes[2]) << 8 | (there.bytes[7] ^ there.bytes[3]), TOLD[i]);
    }
}

TEST(an_answer_that_was_begun_is_finished) {
    open_both(CR_FRAMING_WEBSOCKET_SERVER, false);
    there.room = 3; // of a pong's seven
    back.len = check_unhex(back.bytes, "898500000000"
                                       "68656c6c6f");
    (void)cr_stream_receive(&box.stream, 100, 2);
    back.len = check_unhex(back.bytes, "898200000000"
                                       "6969");
    (void)cr_stream_receive(&box.stream, 100, 2);
    there.room = WIRE_LEN;
    cr_stream_flush(&box.stream);
    CHECK_EQ(there.len, 7);
    CHECK_BYTES(there.bytes, "\x8a\x05hello", 7);
}

TEST(nothing_secret_is_left_of_a_stream_that_has_ended) {
    open_both(CR_FRAMING_WEBSOCKET_CLIENT, false);
    there.room = 3;
    end_send(&box, 0, 100);
    back.len = check_unhex(back.bytes, "8905"
                                       "68656c6c6f");
    (void)cr_stream_receive(&box.stream, 100, 2);
    CHECK(box.stream.control_len > 0);
    cr_stream_fail(&box.stream, CR_END_RESET);
    CHECK(wg_is_zero(box.stream.control, sizeof(box.stream.control)));
    CHECK(wg_is_zero(box.stream.masks, sizeof(box.stream.masks)));
    CHECK(wg_is_zero((const uint8_t *)&box.stream.random, sizeof(box.stream.random)));
    CHECK(wg_is_zero((const uint8_t *)&box.stream.decoder, sizeof(box.stream.decoder)));
}

TEST(each_call_has_its_time) {
    uint8_t bytes[4] = {0, 2, 7, 7};
    open_both(CR_FRAMING_LENGTH, false);
    back.len = 2;
    CHECK_EQ(cr_stream_read(&box.stream, bytes, sizeof(bytes), 2), 0); // frames are read by nobody else
    CHECK_EQ(cr_stream_write(&box.stream, bytes, sizeof(bytes)), 0);   // nor does anything come in between
    CHECK_EQ(there.len, 0);
    CHECK_EQ(back.len, 2);
    cr_stream_carry(&box.stream, CR_FRAMING_LENGTH, bytes, sizeof(bytes), 2);
    CHECK_EQ(box.got_count, 0);
    end_send(&box, 0, 0); // no datagram
    CHECK_EQ(end_held(&box) + there.len, 0);
    cr_stream_fail(&box.stream, CR_END_RESET);
    CHECK_EQ(cr_stream_read(&box.stream, bytes, sizeof(bytes), 2), 0);
    CHECK_EQ(cr_stream_write(&box.stream, bytes, sizeof(bytes)), 0);
    cr_stream_carry(&box.stream, CR_FRAMING_LENGTH, bytes, sizeof(bytes), 2);
    CHECK_EQ(box.stream.state, CR_STREAM_ENDED);
}

// A path that, whenever a buffer comes back, has the next datagram for it.
static uint32_t next_number;

static void release_and_send(void *context, void *owner) {
    end_release(context, owner);
    if (next_number < 20 && box.stream.state == CR_STREAM_CARRYING) {
        end_send(&box, next_number++, 600);
    }
}

TEST(who_gets_a_frame_back_may_send_the_next_one_at_once) {
    static const cr_hooks_t HOOKS = {wire_send, wire_receive, end_datagram, release_and_send};
    open_both(CR_FRAMING_WEBSOCKET_CLIENT, true);
    end_open(&box, &HOOKS, &there, &back, true);
    cr_stream_carry(&box.stream, CR_FRAMING_WEBSOCKET_CLIENT, NULL, 0, 1);
    there.room = 0;
    for (next_number = 0; next_number < 4;) {
        end_send(&box, next_number++, 600);
    }
    there.room = WIRE_LEN;
    cr_stream_flush(&box.stream);
    settle();
    CHECK_EQ(home.got_count, 20);
    for (uint32_t i = 0; i < 20; i++) {
        CHECK_EQ(end_got(&home, i), i);
    }
    CHECK_EQ(end_held(&box), 0);
}

TEST(we_close_with_a_word) {
    open_both(CR_FRAMING_WEBSOCKET_CLIENT, false);
    cr_stream_close(&box.stream);
    CHECK_EQ(box.stream.end, CR_END_HERE);
    (void)cr_stream_receive(&home.stream, 1000, 2);
    CHECK_EQ(home.stream.end, CR_END_CLOSED);
}

TEST(bytes_first_and_what_was_read_too_far_is_carried) {
    open_both(CR_FRAMING_LENGTH, true);
    end_open(&box, &WIRE_HOOKS, &there, &back, false);
    CHECK_EQ(cr_stream_write(&box.stream, (const uint8_t *)"GET", 3), 3);
    CHECK_EQ(there.len, 3);
    memcpy(back.bytes, "101\r\n", 5);
    back.len = 5;
    (void)cr_stream_receive(&box.stream, 1000, 9);
    CHECK(box.stream.readable);
    uint8_t answer[16];
    CHECK_EQ(cr_stream_read(&box.stream, answer, sizeof(answer), 9), 5);
    CHECK_EQ(cr_stream_read(&box.stream, answer, sizeof(answer), 9), 0);
    CHECK(!box.stream.readable);
    end_send(&box, 0, 10); // too early: given back
    CHECK_EQ(box.released, 1);
    uint8_t rest[] = {0, 4, 1, 0, 0, 0, 0, 4, 2, 0};
    cr_stream_carry(&box.stream, CR_FRAMING_LENGTH, rest, sizeof(rest), 9);
    memset(back.bytes, 0, 2);
    back.len = 2;
    (void)cr_stream_receive(&box.stream, 1000, 10);
    CHECK_EQ(box.got_count, 2);
    CHECK_EQ(end_got(&box, 1), 2);
}

TEST(no_mask_comes_twice) {
    static uint8_t seen[500][4];
    open_both(CR_FRAMING_WEBSOCKET_CLIENT, false);
    for (size_t i = 0; i < 500; i++) {
        there.len = 0;
        end_send(&box, 0, 20);
        memcpy(seen[i], there.bytes + 2, 4);
        for (size_t j = 0; j < i; j++) {
            CHECK(memcmp(seen[i], seen[j], 4) != 0);
        }
    }
}
