// with: lwip
// The connection of the stream when it ends within a call of lwIP's, which has memory of its own here: what is used after it was given
// back is noticed.
#include "lwpath_far.h"

static void open_street(void) {
    street_open();
    (void)lwpath_reasons();
}

static void check_over(uint16_t number) {
    lwpath_stream_close(number);
    far_serve();
    CHECK_EQ(lwpath_stream_state(number), CR_STREAM_ENDED);
    check_nothing_leaks();
}

// More than is held for Python: the last segment stays with lwIP.
static void say_more_than_is_held(uint8_t last_byte, uint8_t last_flags) {
    uint8_t text[TCP_MSS] = {0}; // empty frames
    for (unsigned i = 0; i < 4; i++) {
        far_say(ACK, text, sizeof text);
    }
    memset(text, last_byte, sizeof text);
    far_say(ACK | last_flags, text, 100);
}

// A server that says much before Python has looked: no frame is so long.
TEST(bytes_that_wait_with_lwip_may_end_the_stream) {
    open_street();
    uint16_t number = far_open();
    say_more_than_is_held(0xff, 0);
    CHECK(lwpath_stream_carry(number, CR_FRAMING_LENGTH, NULL, 0));
    CHECK_EQ(lwpath_stream_end(number), CR_END_PROTOCOL);
    check_over(number);
}

// The same, and it closes: lwIP goes on with the connection when it has told of the bytes.
TEST(bytes_that_wait_with_lwip_may_end_the_stream_with_the_end_behind_them) {
    open_street();
    uint16_t number = far_open();
    say_more_than_is_held(0xff, FIN);
    CHECK(lwpath_stream_carry(number, CR_FRAMING_LENGTH, NULL, 0));
    CHECK_EQ(lwpath_stream_end(number), CR_END_PROTOCOL);
    check_over(number);
}

TEST(bytes_that_wait_with_lwip_and_the_end_behind_them_are_used_up) {
    open_street();
    uint16_t number = far_open();
    say_more_than_is_held(0, FIN);
    CHECK(lwpath_stream_carry(number, CR_FRAMING_LENGTH, NULL, 0));
    CHECK_EQ(lwpath_stream_end(number), CR_END_CLOSED);
    check_over(number);
}

TEST(small_segments_hold_no_more_buffers_than_long_ones) {
    uint8_t text[1000];
    open_street();
    uint16_t number = far_open();
    for (unsigned i = 0; i < 100; i++) {
        far_say(ACK, "x", 1);
    }
    CHECK(frames_lent <= 9);
    pass(1000);
    size_t read = 0, count;
    for (unsigned i = 0; i < 10; i++) {
        while ((count = lwpath_stream_read(number, text, sizeof text)) > 0) {
            read += count;
        }
        pass(300);
    }
    CHECK(read >= 5);
    CHECK_EQ(frames_lent, 0);
    check_over(number);
}

// A far end that has frozen would hold on to what it did not acknowledge until TCP gives up, minutes later.
TEST(a_new_connection_gets_the_memory_of_one_that_hangs) {
    open_street();
    uint16_t number = far_carry();
    far_acknowledges = false;
    for (unsigned i = 0; i < 10; i++) {
        frame_t packet = make_client_packet(1300);
        arrive(&lan, &packet);
    }
    pass(3000);
    lwpath_stream_close(number);
    CHECK(tcp_active_pcbs != NULL && tcp_active_pcbs->snd_queuelen > 1);
    uint16_t next = far_open();
    CHECK(tcp_active_pcbs != NULL && tcp_active_pcbs->next == NULL);
    CHECK_EQ(tcp_active_pcbs->snd_queuelen, 0);
    check_over(next);
}

TEST(a_connection_that_has_but_to_say_goodbye_says_it_beside_a_new_one) {
    open_street();
    uint16_t number = far_carry();
    lwpath_stream_close(number);
    uint16_t port = far.port;
    far_look();
    CHECK_EQ(far.finished, 1);
    CHECK(far_open() != 0);
    pass(2000); // nobody has answered the goodbye
    bool is_repeated = false;
    segment_t segment;
    for (unsigned i = 0; i < uplink.count; i++) {
        is_repeated |= read_segment(&uplink.sent[i], &segment) && segment.from == port && (segment.flags & FIN) != 0;
    }
    CHECK(is_repeated);
}

// lwIP makes segments as long as half the widest window, or of any length as long as there was none.
TEST(bytes_wait_until_the_far_end_has_opened_its_window_once) {
    static const uint8_t text[1000];
    open_street();
    uint16_t number = far_begin();
    far_look();
    far.sent = FAR_ISN;
    for (far_window = 0; far_window < 2; far_window++) {
        far_say(far_window == 0 ? SYN | ACK : ACK, NULL, 0);
        CHECK_EQ(lwpath_stream_write(number, text, sizeof text), 0);
    }
    far_window = 10;
    far_say(ACK, NULL, 0);
    CHECK_EQ(lwpath_stream_write(number, text, 10), 10);
    CHECK_EQ(lwpath_stream_write(number, text, 10), 10);
    far_window = WINDOW;
    far_serve();
    CHECK_EQ(lwpath_stream_write(number, text, sizeof text), sizeof text);
    far_serve();
    CHECK_EQ(far.len, 20 + sizeof text);
    check_over(number);
}
