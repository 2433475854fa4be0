// with: router
// ICMP errors that pass, with the packet they quote, and those that the router sends itself.

#include "check.h"
#include "rt_lab.h"

static lab_t lab;
static uint8_t sent[LAB_ROOM];
static size_t sent_len;

static void open_lab(void) {
    CHECK(lab_open(&lab));
}

// What left towards the tunnel last, for a router on the way to quote.
static void keep_sent(void) {
    memcpy(sent, lab.packet, lab.len);
    sent_len = lab.len;
}

static const uint8_t *quoted(void) {
    return lab.packet + 28;
}

// The quoted packet itself is right in all its sums.
static bool quote_is_right(size_t len) {
    return sums_are_right(quoted(), len);
}

TEST(an_error_about_a_udp_packet_finds_its_sender) {
    open_lab();
    CHECK_EQ(lab_udp_out(&lab, client(3), 40000, LAB_SERVER, 4433), RT_OK);
    CHECK_EQ(lab_udp_out(&lab, client(2), 40000, LAB_SERVER, 4433), RT_OK); // on another port outside
    keep_sent();
    lab.len = write_error(lab.packet, LAB_OTHER, LAB_TUNNEL, 3, 1, sent, sent_len);
    CHECK_EQ(lab_in(&lab), RT_OK);
    CHECK(sums_are_right(lab.packet, lab.len));
    CHECK_EQ(source_of(lab.packet), LAB_OTHER);
    CHECK_EQ(destination_of(lab.packet), client(2));
    CHECK_EQ(source_of(quoted()), client(2));
    CHECK_EQ(source_port_of(quoted()), 40000);
    CHECK_EQ(destination_of(quoted()), LAB_SERVER);
    CHECK(quote_is_right(sent_len));
}

TEST(an_error_about_a_tcp_segment_finds_its_sender) {
    open_lab();
    CHECK_EQ(lab_tcp_out(&lab, client(3), 40000, (segment_t){.flags = SYN}), RT_OK);
    CHECK_EQ(lab_tcp_out(&lab, client(2), 40000, (segment_t){.flags = SYN, .data_len = 9}), RT_OK);
    keep_sent();
    lab.len = write_error(lab.packet, LAB_OTHER, LAB_TUNNEL, 3, 4, sent, sent_len);
    wg_store16_be(lab.packet + 26, 1300);
    mend_sums(lab.packet, lab.len);
    CHECK_EQ(lab_in(&lab), RT_OK);
    CHECK(sums_are_right(lab.packet, lab.len));
    CHECK_EQ(wg_load16_be(lab.packet + 26), 1300);
    CHECK_EQ(source_port_of(quoted()), 40000);
    CHECK(quote_is_right(sent_len));
}

TEST(an_error_about_an_echo_finds_its_sender) {
    open_lab();
    lab.len = write_echo(lab.packet, client(3), LAB_SERVER, false, 77, 20);
    CHECK_EQ(lab_out(&lab), RT_OK);
    lab.len = write_echo(lab.packet, client(2), LAB_SERVER, false, 77, 20);
    CHECK_EQ(lab_out(&lab), RT_OK);
    keep_sent();
    lab.len = write_error(lab.packet, LAB_OTHER, LAB_TUNNEL, 11, 0, sent, sent_len);
    CHECK_EQ(lab_in(&lab), RT_OK);
    CHECK(sums_are_right(lab.packet, lab.len));
    CHECK_EQ(destination_of(lab.packet), client(2));
    CHECK_EQ(source_of(quoted()), client(2));
    CHECK_EQ(echo_id_of(quoted()), 77);
    CHECK(quote_is_right(sent_len));
}

TEST(a_quote_of_eight_bytes_is_enough) {
    open_lab();
    CHECK_EQ(lab_tcp_out(&lab, client(2), 40000, (segment_t){.flags = SYN}), RT_OK);
    keep_sent();
    lab.len = write_error(lab.packet, LAB_OTHER, LAB_TUNNEL, 11, 0, sent, 28);
    CHECK_EQ(lab_in(&lab), RT_OK);
    CHECK(sums_are_right(lab.packet, lab.len));
    CHECK(header_sum_is_right(quoted()));
    lab.len = write_error(lab.packet, LAB_OTHER, LAB_TUNNEL, 11, 0, sent, 27);
    CHECK_EQ(lab_in(&lab), RT_DROP_MALFORMED);
}

TEST(an_error_about_a_query_to_us_comes_from_us) {
    open_lab();
    CHECK_EQ(lab_udp_out(&lab, client(2), 40000, LAB_LAN, 53), RT_OK);
    keep_sent();
    lab.len = write_error(lab.packet, LAB_DNS, LAB_TUNNEL, 3, 3, sent, sent_len);
    CHECK_EQ(lab_in(&lab), RT_OK);
    CHECK(sums_are_right(lab.packet, lab.len));
    CHECK_EQ(source_of(lab.packet), LAB_LAN);
    CHECK_EQ(destination_of(quoted()), LAB_LAN);
    CHECK(quote_is_right(sent_len));
}

TEST(an_error_about_nothing_that_we_sent_is_dropped) {
    open_lab();
    CHECK_EQ(lab_udp_out(&lab, client(2), 40000, LAB_SERVER, 4433), RT_OK);
    keep_sent();
    uint8_t other[LAB_ROOM];
    const size_t spoilt[] = {12, 16, 20, 22, 9}; // both addresses, both ports, protocol
    for (size_t i = 0; i < sizeof spoilt / sizeof spoilt[0]; i++) {
        memcpy(other, sent, sent_len);
        other[spoilt[i]] ^= spoilt[i] == 9 ? 17 ^ 6 : 1;
        lab.len = write_error(lab.packet, LAB_OTHER, LAB_TUNNEL, 3, 1, other, sent_len);
        CHECK_EQ(lab_in(&lab), RT_DROP_NO_FLOW);
    }
}

TEST(an_error_with_a_wrong_checksum_is_dropped) {
    open_lab();
    CHECK_EQ(lab_udp_out(&lab, client(2), 40000, LAB_SERVER, 4433), RT_OK);
    keep_sent();
    lab.len = write_error(lab.packet, LAB_OTHER, LAB_TUNNEL, 3, 1, sent, sent_len);
    lab.packet[26] ^= 1;
    CHECK_EQ(lab_in(&lab), RT_DROP_MALFORMED);
}

TEST(redirects_and_source_quench_are_dropped) {
    open_lab();
    CHECK_EQ(lab_udp_out(&lab, client(2), 40000, LAB_SERVER, 4433), RT_OK);
    keep_sent();
    const uint8_t types[] = {4, 5, 9, 10, 13, 17};
    for (size_t i = 0; i < sizeof types; i++) {
        lab.len = write_error(lab.packet, LAB_OTHER, LAB_TUNNEL, types[i], 0, sent, sent_len);
        CHECK_EQ(lab_in(&lab), RT_DROP_PROTOCOL);
    }
}

TEST(an_error_neither_ends_a_flow_nor_keeps_it) {
    open_lab();
    CHECK_EQ(lab_udp_out(&lab, client(2), 40000, LAB_SERVER, 4433), RT_OK);
    keep_sent();
    lab.now_ms += 170000;
    lab.len = write_error(lab.packet, LAB_OTHER, LAB_TUNNEL, 3, 3, sent, sent_len);
    CHECK_EQ(lab_in(&lab), RT_OK);
    lab.now_ms += 5000;
    uint8_t packet[LAB_ROOM];
    size_t len = write_error(packet, LAB_OTHER, LAB_TUNNEL, 3, 3, sent, sent_len);
    CHECK_EQ(rt_inbound(&lab.router, packet, &len, lab.now_ms), RT_OK);
    lab.now_ms += 6000;
    CHECK_EQ(lab_udp_in(&lab, LAB_SERVER, 4433, 40000), RT_DROP_NO_FLOW);
}

// What came to a client last, for it to quote.
static void receive_udp(void) {
    CHECK_EQ(lab_udp_out(&lab, client(3), 40000, LAB_SERVER, 4433), RT_OK);
    CHECK_EQ(lab_udp_out(&lab, client(2), 40000, LAB_SERVER, 4433), RT_OK);
    CHECK_EQ(lab_udp_in(&lab, LAB_SERVER, 4433, source_port_of(lab.packet)), RT_OK);
    keep_sent();
}

TEST(an_error_of_a_client_is_about_our_address) {
    open_lab();
    receive_udp();
    lab.len = write_error(lab.packet, client(2), LAB_SERVER, 3, 3, sent, sent_len);
    CHECK_EQ(lab_out(&lab), RT_OK);
    CHECK(sums_are_right(lab.packet, lab.len));
    CHECK_EQ(source_of(lab.packet), LAB_TUNNEL);
    CHECK_EQ(destination_of(lab.packet), LAB_SERVER);
    CHECK_EQ(source_of(quoted()), LAB_SERVER);
    CHECK_EQ(destination_of(quoted()), LAB_TUNNEL);
    CHECK(destination_port_of(quoted()) != 40000);
    CHECK(quote_is_right(sent_len));
}

TEST(a_client_may_not_speak_for_another) {
    open_lab();
    receive_udp();
    lab.len = write_error(lab.packet, client(3), LAB_SERVER, 3, 3, sent, sent_len);
    CHECK_EQ(lab_out(&lab), RT_DROP_NO_FLOW);
    lab.len = write_error(lab.packet, client(2), LAB_OTHER, 3, 3, sent, sent_len);
    CHECK_EQ(lab_out(&lab), RT_DROP_NO_FLOW);
}

TEST(an_error_in_fragments_is_dropped) {
    open_lab();
    receive_udp();
    lab.len = write_error(lab.packet, client(2), LAB_SERVER, 3, 3, sent, 32);
    lab.len = 52; // whole units of 8 bytes
    wg_store16_be(lab.packet + 2, (uint16_t)lab.len);
    wg_store16_be(lab.packet + 6, 0x2000);
    mend_header(lab.packet);
    CHECK_EQ(lab_out(&lab), RT_DROP_FRAGMENT);
}

// The answer is a whole ICMP error about the packet that was in hand.
static void check_answer(uint32_t from, uint32_t to, uint8_t type, uint8_t code, const uint8_t *about,
                         size_t about_len) {
    const uint8_t *answer = lab.router.answer;
    size_t room = RT_ANSWER_MAX - 28;
    CHECK_EQ(lab.router.answer_len, 28 + (about_len < room ? about_len : room));
    CHECK_EQ(wg_load16_be(answer + 2), lab.router.answer_len);
    CHECK(sums_are_right(answer, lab.router.answer_len));
    CHECK_EQ(source_of(answer), from);
    CHECK_EQ(destination_of(answer), to);
    CHECK_EQ(answer[20], type);
    CHECK_EQ(answer[21], code);
    CHECK_BYTES(answer + 28, about, lab.router.answer_len - 28);
}

TEST(a_packet_that_is_too_big_and_may_not_be_cut_is_answered_with_the_mtu) {
    open_lab();
    lab.len = write_udp(lab.packet, client(2), 40000, LAB_SERVER, 4433, LAB_MTU - 28);
    CHECK_EQ(lab_out(&lab), RT_OK);
    lab.len = write_udp(lab.packet, client(2), 40000, LAB_SERVER, 4433, LAB_MTU - 27);
    memcpy(sent, lab.packet, lab.len);
    CHECK_EQ(lab_out(&lab), RT_ANSWER);
    check_answer(LAB_LAN, client(2), 3, 4, sent, lab.len);
    CHECK_EQ(wg_load16_be(lab.router.answer + 26), LAB_MTU);
    CHECK_EQ(wg_load16_be(lab.router.answer + 24), 0);
    CHECK_EQ(lab.router.counts[RT_DROP_TOO_BIG], 1);
    CHECK_EQ(lab.router.counts[RT_ANSWER], 1);
}

TEST(a_packet_whose_time_is_over_is_answered_on_either_side) {
    open_lab();
    for (uint8_t ttl = 0; ttl < 2; ttl++) {
        lab.len = write_udp(lab.packet, client(2), 40000, LAB_SERVER, 4433, 10);
        lab.packet[8] = ttl;
        mend_sums(lab.packet, lab.len);
        memcpy(sent, lab.packet, lab.len);
        CHECK_EQ(lab_out(&lab), RT_ANSWER);
        check_answer(LAB_LAN, client(2), 11, 0, sent, lab.len);
    }
    CHECK_EQ(lab.router.napt.client_count, 0);
    CHECK_EQ(lab_udp_out(&lab, client(2), 40000, LAB_SERVER, 4433), RT_OK);
    lab.len = write_udp(lab.packet, LAB_SERVER, 4433, LAB_TUNNEL, 40000, 10);
    lab.packet[8] = 1;
    mend_sums(lab.packet, lab.len);
    memcpy(sent, lab.packet, lab.len);
    CHECK_EQ(lab_in(&lab), RT_ANSWER);
    check_answer(LAB_TUNNEL, LAB_SERVER, 11, 0, sent, lab.len);
}

TEST(a_stranger_learns_nothing_from_a_low_ttl) {
    open_lab();
    lab.len = write_udp(lab.packet, LAB_SERVER, 4433, LAB_TUNNEL, 40000, 10);
    lab.packet[8] = 1;
    mend_sums(lab.packet, lab.len);
    CHECK_EQ(lab_in(&lab), RT_DROP_NO_FLOW);
}

TEST(errors_and_later_fragments_are_never_answered) {
    open_lab();
    receive_udp();
    lab.len = write_error(lab.packet, client(2), LAB_SERVER, 3, 3, sent, sent_len);
    lab.packet[8] = 1;
    mend_sums(lab.packet, lab.len);
    CHECK_EQ(lab_out(&lab), RT_DROP_TTL);
    lab.len = write_ip(lab.packet, 17, client(2), LAB_SERVER, 80);
    wg_store16_be(lab.packet + 6, 10);
    lab.packet[8] = 1;
    mend_header(lab.packet);
    CHECK_EQ(lab_out(&lab), RT_DROP_TTL);
}

TEST(errors_are_sent_only_so_often_to_one_client_and_others_still_get_theirs) {
    open_lab();
    unsigned answers = 0;
    for (int i = 0; i < 1020; i++) {
        lab.len = write_udp(lab.packet, client(2), 40000, LAB_SERVER, 4433, LAB_MTU);
        answers += lab_out(&lab) == RT_ANSWER;
        lab.now_ms += 1;
    }
    CHECK(answers >= RT_ICMP_BURST && answers <= RT_ICMP_BURST + 1020 / RT_ICMP_INTERVAL_MS);
    CHECK_EQ(lab.router.counts[RT_DROP_TOO_BIG], 1020);
    lab.len = write_udp(lab.packet, client(3), 40000, LAB_SERVER, 4433, LAB_MTU);
    CHECK_EQ(lab_out(&lab), RT_ANSWER);
}

TEST(an_echo_request_to_our_tunnel_address_is_answered) {
    open_lab();
    lab.len = write_echo(lab.packet, LAB_SERVER, LAB_TUNNEL, false, 99, 1300);
    memcpy(sent, lab.packet, lab.len);
    CHECK_EQ(lab_in(&lab), RT_ANSWER);
    CHECK_EQ(lab.router.answer_len, 1328);
    CHECK(sums_are_right(lab.router.answer, lab.router.answer_len));
    CHECK_EQ(source_of(lab.router.answer), LAB_TUNNEL);
    CHECK_EQ(destination_of(lab.router.answer), LAB_SERVER);
    CHECK_EQ(lab.router.answer[20], 0);
    CHECK_EQ(lab.router.answer[8], 64);
    CHECK_BYTES(lab.router.answer + 24, sent + 24, 1304);
}
