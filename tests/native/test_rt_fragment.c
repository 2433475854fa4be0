// with: router
// Fragments that pass, fragments that lie, and packets that have to be cut.

#include "check.h"
#include "rt_lab.h"

static lab_t lab;

static void open_lab(void) {
    CHECK(lab_open(&lab));
}

enum { WHOLE = 3000, PIECE = 1200 }; // bytes behind the IP header

static uint8_t datagram[20 + WHOLE];

// Put one piece of the datagram in hand.
static void take_piece(size_t at, size_t len, uint16_t id) {
    memcpy(lab.packet, datagram, 20);
    memcpy(lab.packet + 20, datagram + 20 + at, len);
    lab.len = 20 + len;
    wg_store16_be(lab.packet + 2, (uint16_t)lab.len);
    wg_store16_be(lab.packet + 4, id);
    wg_store16_be(lab.packet + 6, (uint16_t)((at + len < WHOLE ? 0x2000 : 0) | at / 8));
    mend_header(lab.packet);
}

// A UDP datagram and its pieces, as its sender would cut it.
static void write_whole(uint32_t source, uint16_t source_port, uint32_t destination, uint16_t destination_port) {
    write_udp(datagram, source, source_port, destination, destination_port, WHOLE - 8);
}

static uint8_t joined[20 + WHOLE];

static void join_piece(void) {
    size_t at = (size_t)(wg_load16_be(lab.packet + 6) & 0x1fff) * 8;
    CHECK(header_sum_is_right(lab.packet));
    CHECK(at + lab.len - 20 <= WHOLE);
    memcpy(joined, lab.packet, 20);
    memcpy(joined + 20 + at, lab.packet + 20, lab.len - 20);
}

static void check_joined(void) {
    wg_store16_be(joined + 2, sizeof joined);
    wg_store16_be(joined + 6, 0);
    mend_header(joined);
    CHECK(sums_are_right(joined, sizeof joined));
}

TEST(a_datagram_in_pieces_goes_out_under_one_new_identification) {
    open_lab();
    write_whole(client(2), 40000, LAB_SERVER, 4433);
    uint16_t id = 0;
    for (size_t at = 0; at < WHOLE; at += PIECE) {
        take_piece(at, at + PIECE < WHOLE ? PIECE : WHOLE - at, 777);
        CHECK_EQ(lab_out(&lab), RT_OK);
        CHECK_EQ(source_of(lab.packet), LAB_TUNNEL);
        CHECK(at == 0 || id == wg_load16_be(lab.packet + 4));
        id = wg_load16_be(lab.packet + 4);
        join_piece();
    }
    check_joined();
    CHECK_EQ(source_port_of(joined), 40000);
}

TEST(two_clients_with_one_identification_are_told_apart) {
    open_lab();
    uint16_t ids[2];
    for (uint8_t i = 0; i < 2; i++) {
        write_whole(client((uint8_t)(2 + i)), 40000, LAB_SERVER, 4433);
        take_piece(0, PIECE, 777);
        CHECK_EQ(lab_out(&lab), RT_OK);
        ids[i] = wg_load16_be(lab.packet + 4);
    }
    CHECK(ids[0] != ids[1]);
    for (uint8_t i = 0; i < 2; i++) {
        write_whole(client((uint8_t)(2 + i)), 40000, LAB_SERVER, 4433);
        take_piece(PIECE, PIECE, 777);
        CHECK_EQ(lab_out(&lab), RT_OK);
        CHECK_EQ(wg_load16_be(lab.packet + 4), ids[i]);
    }
}

TEST(whole_packets_that_may_be_cut_get_identifications_of_ours) {
    open_lab();
    uint16_t before = 0;
    for (uint8_t i = 0; i < 5; i++) {
        lab.len = write_udp(lab.packet, client((uint8_t)(2 + i)), 40000, LAB_SERVER, 4433, 10);
        wg_store16_be(lab.packet + 6, 0);
        mend_header(lab.packet);
        CHECK_EQ(lab_out(&lab), RT_OK);
        CHECK(i == 0 || wg_load16_be(lab.packet + 4) != before);
        CHECK(sums_are_right(lab.packet, lab.len));
        before = wg_load16_be(lab.packet + 4);
    }
}

TEST(a_datagram_in_pieces_comes_in_and_back_to_its_client) {
    open_lab();
    CHECK_EQ(lab_udp_out(&lab, client(3), 40000, LAB_SERVER, 4433), RT_OK);
    CHECK_EQ(lab_udp_out(&lab, client(2), 40000, LAB_SERVER, 4433), RT_OK);
    write_whole(LAB_SERVER, 4433, LAB_TUNNEL, source_port_of(lab.packet));
    for (size_t at = 0; at < WHOLE; at += PIECE) {
        take_piece(at, at + PIECE < WHOLE ? PIECE : WHOLE - at, 777);
        CHECK_EQ(lab_in(&lab), RT_OK);
        CHECK_EQ(destination_of(lab.packet), client(2));
        join_piece();
    }
    check_joined();
    CHECK_EQ(destination_port_of(joined), 40000);
}

TEST(an_answer_to_a_query_comes_from_us_in_all_its_pieces) {
    open_lab();
    CHECK_EQ(lab_udp_out(&lab, client(2), 40000, LAB_LAN, 53), RT_OK);
    write_whole(LAB_DNS, 53, LAB_TUNNEL, source_port_of(lab.packet));
    for (size_t at = 0; at < WHOLE; at += PIECE) {
        take_piece(at, at + PIECE < WHOLE ? PIECE : WHOLE - at, 777);
        CHECK_EQ(lab_in(&lab), RT_OK);
        CHECK_EQ(source_of(lab.packet), LAB_LAN);
        join_piece();
    }
    check_joined();
}

TEST(a_query_in_pieces_goes_to_the_name_server) {
    open_lab();
    write_whole(client(2), 40000, LAB_LAN, 53);
    for (size_t at = 0; at < WHOLE; at += PIECE) {
        take_piece(at, at + PIECE < WHOLE ? PIECE : WHOLE - at, 777);
        CHECK_EQ(lab_out(&lab), RT_OK);
        CHECK_EQ(destination_of(lab.packet), LAB_DNS);
        join_piece();
    }
    check_joined();
}

TEST(a_later_piece_without_its_first_is_dropped) {
    open_lab();
    write_whole(client(2), 40000, LAB_SERVER, 4433);
    take_piece(PIECE, PIECE, 777);
    CHECK_EQ(lab_out(&lab), RT_DROP_FRAGMENT);
    take_piece(0, PIECE, 777);
    CHECK_EQ(lab_out(&lab), RT_OK);
    take_piece(PIECE, PIECE, 778);
    CHECK_EQ(lab_out(&lab), RT_DROP_FRAGMENT);
    lab.now_ms += RT_FRAGMENT_LIFE_MS + 500;
    take_piece(PIECE, PIECE, 777);
    CHECK_EQ(lab_out(&lab), RT_DROP_FRAGMENT);
    CHECK_EQ(lab_udp_out(&lab, client(2), 40000, LAB_SERVER, 4433), RT_OK);
    write_whole(LAB_SERVER, 4433, LAB_TUNNEL, 40000);
    take_piece(PIECE, PIECE, 777);
    CHECK_EQ(lab_in(&lab), RT_DROP_FRAGMENT);
}

TEST(pieces_from_outside_pass_only_after_a_first_one_that_was_asked_for) {
    open_lab();
    CHECK_EQ(lab_udp_out(&lab, client(2), 40000, LAB_SERVER, 4433), RT_OK);
    write_whole(LAB_SERVER, 4434, LAB_TUNNEL, 40000);
    take_piece(0, PIECE, 777);
    CHECK_EQ(lab_in(&lab), RT_DROP_NO_FLOW);
    take_piece(PIECE, PIECE, 777);
    CHECK_EQ(lab_in(&lab), RT_DROP_FRAGMENT);
}

TEST(a_first_piece_must_have_the_whole_header) {
    // RFC 1858: the flags of TCP in the second piece.
    open_lab();
    write_tcp(datagram, client(2), 40000, LAB_SERVER, 443, (segment_t){.flags = SYN, .data_len = WHOLE - 20});
    take_piece(0, 8, 777);
    CHECK_EQ(lab_out(&lab), RT_DROP_FRAGMENT);
    take_piece(0, 16, 777);
    CHECK_EQ(lab_out(&lab), RT_DROP_FRAGMENT);
    take_piece(0, 24, 778);
    CHECK_EQ(lab_out(&lab), RT_OK);
}

TEST(a_later_piece_may_not_lie_over_the_first) {
    // RFC 3128, also from outside: the ports that were checked stay those of the datagram.
    open_lab();
    write_whole(client(2), 40000, LAB_SERVER, 4433);
    take_piece(0, PIECE, 777);
    CHECK_EQ(lab_out(&lab), RT_OK);
    take_piece(8, PIECE, 777);
    CHECK_EQ(lab_out(&lab), RT_DROP_FRAGMENT);
    take_piece(PIECE - 8, PIECE, 777);
    CHECK_EQ(lab_out(&lab), RT_DROP_FRAGMENT);
    write_whole(LAB_SERVER, 4433, LAB_TUNNEL, 40000);
    take_piece(0, PIECE, 777);
    CHECK_EQ(lab_in(&lab), RT_OK);
    take_piece(8, PIECE, 777);
    CHECK_EQ(lab_in(&lab), RT_DROP_FRAGMENT);
}

TEST(a_second_first_piece_from_outside_must_say_the_same) {
    open_lab();
    CHECK_EQ(lab_udp_out(&lab, client(2), 40000, LAB_SERVER, 4433), RT_OK);
    CHECK_EQ(lab_udp_out(&lab, client(3), 40001, LAB_SERVER, 4433), RT_OK);
    write_whole(LAB_SERVER, 4433, LAB_TUNNEL, 40000);
    take_piece(0, PIECE, 777);
    CHECK_EQ(lab_in(&lab), RT_OK);
    take_piece(0, PIECE, 777);
    CHECK_EQ(lab_in(&lab), RT_OK);
    take_piece(0, PIECE / 2, 777);
    CHECK_EQ(lab_in(&lab), RT_DROP_FRAGMENT);
    write_whole(LAB_SERVER, 4433, LAB_TUNNEL, 40001);
    take_piece(0, PIECE, 777);
    CHECK_EQ(lab_in(&lab), RT_DROP_FRAGMENT);
}

TEST(pieces_of_impossible_size_are_dropped) {
    open_lab();
    write_whole(client(2), 40000, LAB_SERVER, 4433);
    take_piece(0, PIECE + 4, 777);
    CHECK_EQ(lab_out(&lab), RT_DROP_MALFORMED); // no whole units
    take_piece(0, PIECE, 777);
    CHECK_EQ(lab_out(&lab), RT_OK);
    take_piece(PIECE, PIECE, 777);
    wg_store16_be(lab.packet + 6, 0x1fff);
    mend_header(lab.packet);
    CHECK_EQ(lab_out(&lab), RT_DROP_MALFORMED); // beyond 64 KiB
    take_piece(PIECE, 0, 777);
    CHECK_EQ(lab_out(&lab), RT_DROP_MALFORMED); // nothing in it
}

TEST(many_first_pieces_push_out_the_oldest_and_break_nothing) {
    open_lab();
    write_whole(client(2), 40000, LAB_SERVER, 4433);
    for (uint16_t id = 0; id < 1000; id++) {
        take_piece(0, PIECE, id);
        CHECK_EQ(lab_out(&lab), RT_OK);
        take_piece(PIECE, PIECE, id);
        CHECK_EQ(lab_out(&lab), RT_OK);
    }
    take_piece(PIECE, PIECE, 3);
    CHECK_EQ(lab_out(&lab), RT_DROP_FRAGMENT);
}

// Cut what is in hand, and join the pieces.
static void split(size_t payload_len) {
    rt_split_t split;
    uint8_t *piece;
    size_t len, count = 0, total = 0;
    rt_split_begin(&split, lab.packet, lab.len, LAB_MTU);
    while (rt_split_next(&split, &piece, &len)) {
        CHECK(len <= LAB_MTU);
        CHECK_EQ(wg_load16_be(piece + 2), len);
        uint16_t field = wg_load16_be(piece + 6);
        size_t at = (size_t)(field & 0x1fff) * 8;
        CHECK(header_sum_is_right(piece));
        CHECK_EQ(at, total);
        total += len - 20;
        CHECK_EQ((field & 0x2000) != 0, total < payload_len);
        memcpy(joined, piece, 20);
        memcpy(joined + 20 + at, piece + 20, len - 20);
        memset(piece, 0xee, len); // it was sent
        count++;
    }
    CHECK_EQ(total, payload_len);
    CHECK_EQ(count, (payload_len + 1399) / 1400);
}

TEST(a_packet_that_is_too_big_and_may_be_cut_is_cut) {
    for (size_t data_len = LAB_MTU - 28; data_len < 1500; data_len++) {
        open_lab();
        lab.len = write_udp(lab.packet, client(2), 40000, LAB_SERVER, 4433, data_len);
        wg_store16_be(lab.packet + 6, 0);
        mend_header(lab.packet);
        CHECK_EQ(lab_out(&lab), data_len + 28 > LAB_MTU ? RT_SPLIT : RT_OK);
        split(8 + data_len);
        wg_store16_be(joined + 2, (uint16_t)(28 + data_len));
        wg_store16_be(joined + 6, 0);
        mend_header(joined);
        CHECK(sums_are_right(joined, 28 + data_len));
        CHECK_EQ(source_of(joined), LAB_TUNNEL);
    }
}

TEST(a_piece_that_is_too_big_is_cut_again) {
    open_lab();
    write_whole(client(2), 40000, LAB_SERVER, 4433);
    take_piece(0, 1480, 777);
    CHECK_EQ(lab_out(&lab), RT_SPLIT);
    rt_split_t pieces;
    uint8_t *piece;
    size_t len, at = 0;
    rt_split_begin(&pieces, lab.packet, lab.len, LAB_MTU);
    while (rt_split_next(&pieces, &piece, &len)) {
        CHECK_EQ(wg_load16_be(piece + 6), 0x2000 | at / 8);
        at += len - 20;
    }
    CHECK_EQ(at, 1480);
    take_piece(1480, WHOLE - 1480, 777);
    CHECK_EQ(lab_out(&lab), RT_SPLIT);
    rt_split_begin(&pieces, lab.packet, lab.len, LAB_MTU);
    while (rt_split_next(&pieces, &piece, &len)) {
        CHECK_EQ(wg_load16_be(piece + 6) & 0x1fff, at / 8);
        at += len - 20;
        CHECK_EQ((wg_load16_be(piece + 6) & 0x2000) != 0, at < WHOLE);
    }
    CHECK_EQ(at, WHOLE);
}
