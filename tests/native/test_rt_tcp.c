// with: router
// How long a TCP flow lives, who can end it, and the MSS.

#include "check.h"
#include "rt_lab.h"

static lab_t lab;

enum { PORT = 40000, THEIRS = 5000, OURS = 100 }; // sequence numbers

static void out(segment_t segment) {
    CHECK_EQ(lab_tcp_out(&lab, client(2), PORT, segment), RT_OK);
}

static void in(segment_t segment) {
    CHECK_EQ(lab_tcp_in(&lab, PORT, segment), RT_OK);
}

static void begin(void) {
    CHECK(lab_open(&lab));
    out((segment_t){.flags = SYN, .sequence = OURS});
    in((segment_t){.flags = SYN | ACK, .sequence = THEIRS, .ack = OURS + 1});
    out((segment_t){.flags = ACK, .sequence = OURS + 1, .ack = THEIRS + 1});
}

static bool lives_after(uint32_t seconds) {
    lab.now_ms += seconds * UINT64_C(1000);
    return lab_tcp_in(&lab, PORT, (segment_t){.flags = ACK, .sequence = THEIRS + 1}) == RT_OK;
}

TEST(an_established_connection_may_be_silent_for_two_hours) {
    begin();
    CHECK(lives_after(7439));
    begin();
    CHECK(!lives_after(7441));
}

TEST(a_connection_that_only_opens_lives_four_minutes) {
    CHECK(lab_open(&lab));
    out((segment_t){.flags = SYN});
    CHECK(lives_after(239));
    CHECK(lab_open(&lab));
    out((segment_t){.flags = SYN});
    CHECK(!lives_after(241));
    CHECK(lab_open(&lab));
    out((segment_t){.flags = SYN});
    in((segment_t){.flags = SYN | ACK, .sequence = THEIRS});
    CHECK(!lives_after(241));
}

TEST(a_connection_that_was_there_before_us_goes_on) {
    CHECK(lab_open(&lab));
    out((segment_t){.flags = ACK, .ack = 7});
    in((segment_t){.flags = ACK, .sequence = 7});
    out((segment_t){.flags = ACK, .ack = 8});
    CHECK(lives_after(7000));
}

TEST(a_half_closed_connection_lives_four_minutes) {
    begin();
    out((segment_t){.flags = FIN | ACK, .sequence = OURS + 1, .ack = THEIRS + 1});
    CHECK(lives_after(239));
    CHECK(!lives_after(241));
    begin();
    in((segment_t){.flags = FIN | ACK, .sequence = THEIRS + 1, .ack = OURS + 1});
    CHECK(!lives_after(241));
}

TEST(a_closed_connection_is_gone_after_ten_seconds) {
    begin();
    out((segment_t){.flags = FIN | ACK, .sequence = OURS + 1, .ack = THEIRS + 1});
    in((segment_t){.flags = FIN | ACK, .sequence = THEIRS + 1, .ack = OURS + 2});
    out((segment_t){.flags = ACK, .sequence = OURS + 2, .ack = THEIRS + 2});
    CHECK(lives_after(9));  // for what was on its way
    CHECK(!lives_after(2)); // and that does not keep it
}

TEST(a_client_may_open_a_closed_connection_again) {
    begin();
    out((segment_t){.flags = RST, .sequence = OURS + 1});
    out((segment_t){.flags = SYN, .sequence = OURS + 1000});
    CHECK(lives_after(100));
}

TEST(a_reset_by_the_client_ends_the_flow) {
    begin();
    out((segment_t){.flags = RST | ACK, .sequence = OURS + 1, .ack = THEIRS + 1});
    CHECK(!lives_after(11));
}

TEST(a_reset_from_outside_with_the_awaited_number_ends_the_flow) {
    begin();
    in((segment_t){.flags = RST, .sequence = THEIRS + 1});
    CHECK(!lives_after(11));
}

TEST(a_reset_with_any_other_number_passes_and_ends_nothing) {
    const uint32_t guesses[] = {0, THEIRS, THEIRS + 2, THEIRS + 1000, THEIRS + 0x80000001u, UINT32_MAX};
    for (size_t i = 0; i < sizeof guesses / sizeof guesses[0]; i++) {
        begin();
        in((segment_t){.flags = RST, .sequence = guesses[i]});
        CHECK(lives_after(7000));
    }
}

TEST(a_blind_fin_from_outside_ends_nothing) {
    begin();
    in((segment_t){.flags = FIN | ACK, .sequence = THEIRS + 0x40000000});
    CHECK(lives_after(7000));
}

TEST(a_reset_makes_no_flow) {
    CHECK(lab_open(&lab));
    CHECK_EQ(lab_tcp_out(&lab, client(2), PORT, (segment_t){.flags = RST}), RT_DROP_NO_FLOW);
    CHECK_EQ(lab.router.napt.client_count, 0);
}

TEST(closed_connections_make_room_first) {
    begin();
    out((segment_t){.flags = RST, .sequence = OURS + 1});
    CHECK_EQ(lab_udp_out(&lab, client(2), 30000, LAB_SERVER, 1), RT_OK);
    for (uint16_t i = 0; i < LAB_FLOWS - 1; i++) {
        CHECK_EQ(lab_tcp_out(&lab, client(2), (uint16_t)(20000 + i), (segment_t){.flags = SYN}), RT_OK);
    }
    CHECK_EQ(lab_udp_in(&lab, LAB_SERVER, 1, 30000), RT_OK);
    CHECK_EQ(lab_tcp_in(&lab, 20000, (segment_t){.flags = SYN | ACK}), RT_OK);
    CHECK(!lives_after(0));
}

static uint16_t mss_of(size_t at) {
    return wg_load16_be(lab.packet + 40 + at);
}

TEST(the_mss_is_clamped_both_ways_on_syn_and_syn_ack) {
    static const uint8_t mss[] = {2, 4, 0x05, 0xb4};
    CHECK(lab_open(&lab));
    out((segment_t){.flags = SYN, .options = mss, .options_len = 4});
    CHECK_EQ(mss_of(2), LAB_MTU - 40);
    CHECK(sums_are_right(lab.packet, lab.len));
    in((segment_t){.flags = SYN | ACK, .options = mss, .options_len = 4});
    CHECK_EQ(mss_of(2), LAB_MTU - 40);
    CHECK(sums_are_right(lab.packet, lab.len));
    rt_set_tunnel(&lab.router, LAB_TUNNEL, 1280, LAB_DNS);
    out((segment_t){.flags = SYN, .options = mss, .options_len = 4});
    CHECK_EQ(mss_of(2), 1240);
}

TEST(a_smaller_mss_and_segments_without_syn_are_left_alone) {
    static const uint8_t small[] = {2, 4, 0x02, 0x18}, large[] = {2, 4, 0x05, 0xb4};
    CHECK(lab_open(&lab));
    out((segment_t){.flags = SYN, .options = small, .options_len = 4});
    CHECK_EQ(mss_of(2), 536);
    out((segment_t){.flags = ACK, .options = large, .options_len = 4});
    CHECK_EQ(mss_of(2), 1460);
}

TEST(the_mss_is_found_wherever_it_stands) {
    static const uint8_t even[] = {4, 2, 1, 1, 2, 4, 0x05, 0xb4}, odd[] = {1, 2, 4, 0x05, 0xb4, 1, 4, 2},
                         late[] = {8, 10, 1, 2, 3, 4, 5, 6, 7, 8, 1, 1, 1, 2, 4, 0xff, 0xff, 0, 2, 4};
    CHECK(lab_open(&lab));
    out((segment_t){.flags = SYN, .options = even, .options_len = 8});
    CHECK_EQ(mss_of(6), LAB_MTU - 40);
    CHECK(sums_are_right(lab.packet, lab.len));
    out((segment_t){.flags = SYN, .options = odd, .options_len = 8});
    CHECK_EQ(mss_of(3), LAB_MTU - 40);
    CHECK(sums_are_right(lab.packet, lab.len));
    out((segment_t){.flags = SYN, .options = late, .options_len = 20});
    CHECK_EQ(mss_of(15), LAB_MTU - 40);
    CHECK(sums_are_right(lab.packet, lab.len));
}

TEST(broken_options_are_passed_on_as_they_are) {
    static const uint8_t broken[][8] = {{2, 0, 5, 0xb4},         {2, 1, 5, 0xb4},          {8, 200, 2, 4, 5, 0xb4},
                                        {0, 2, 4, 5, 0xb4},      {1, 1, 1, 1, 1, 1, 1, 2}, {1, 1, 1, 1, 2, 5, 5, 0xb4},
                                        {1, 1, 1, 1, 1, 2, 4, 9}};
    CHECK(lab_open(&lab));
    for (size_t i = 0; i < sizeof broken / sizeof broken[0]; i++) {
        out((segment_t){.flags = SYN, .options = broken[i], .options_len = 8});
        CHECK_BYTES(lab.packet + 40, broken[i], 8);
        CHECK(sums_are_right(lab.packet, lab.len));
    }
}
