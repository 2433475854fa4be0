// with: lwip
// The stream that carries the tunnel where datagrams do not come through: TCP on lwIP, seen from its far end.
#include "lwpath_far.h"

static void open_street(void) {
    street_open();
    (void)lwpath_reasons();
}

// Closed in the end, and nothing is left of it.
static void check_over(uint16_t number) {
    lwpath_stream_close(number);
    far_serve();
    CHECK_EQ(lwpath_stream_state(number), CR_STREAM_ENDED);
    CHECK_EQ(far.others, 0);
    check_nothing_leaks();
}

TEST(a_connection_is_made_from_the_uplinks_address_and_a_port_of_chance) {
    uint16_t ports[3];
    open_street();
    for (unsigned i = 0; i < 3; i++) {
        uint16_t number = far_open();
        CHECK((lwpath_reasons() & LWPATH_WAKE_STREAM) != 0);
        CHECK(!lwpath_has_reasons());
        ports[i] = far.port;
        CHECK(far.port >= 49152);
        CHECK_EQ(far.finished, 0);
        check_over(number);
        CHECK_EQ(far.finished, 1);
    }
    CHECK(ports[1] != ports[0] + 1 || ports[2] != ports[1] + 1); // lwIP would count
}

TEST(there_is_one_stream_and_none_on_a_closed_path) {
    street_boot();
    CHECK_EQ(lwpath_stream_open(ip_of(far_ip), FAR_PORT), 0);
    open_street();
    uint16_t number = far_open();
    CHECK_EQ(lwpath_stream_open(ip_of(far_ip), FAR_PORT), 0);
    CHECK_EQ(lwpath_stream_state(number), CR_STREAM_OPEN);
    check_over(number);
    uint16_t next = far_open();
    CHECK(next != number);
    CHECK_EQ(lwpath_stream_state(number), CR_STREAM_ENDED);
    lwpath_stream_close(number); // the one before: nothing happens
    CHECK_EQ(lwpath_stream_state(next), CR_STREAM_OPEN);
    check_over(next);
}

TEST(without_an_address_or_a_link_nothing_is_sent_and_the_stream_says_so) {
    open_street();
    netif_set_link_down(&uplink.netif);
    uint16_t number = far_begin();
    CHECK(number != 0);
    CHECK_EQ(lwpath_stream_end(number), CR_END_UNREACHABLE);
    CHECK_EQ(uplink.count, 0);
    check_over(number);
}

TEST(a_port_where_nobody_listens_refuses) {
    open_street();
    uint16_t number = far_begin();
    far_look();
    far_say(RST | ACK, NULL, 0);
    CHECK_EQ(lwpath_stream_state(number), CR_STREAM_ENDED);
    CHECK_EQ(lwpath_stream_end(number), CR_END_REFUSED);
    CHECK((lwpath_reasons() & LWPATH_WAKE_STREAM) != 0);
    unsigned sent = uplink.count;
    pass(20000);
    CHECK_EQ(uplink.count, sent);
    check_over(number);
}

TEST(an_address_that_is_silent_is_asked_a_few_times_and_given_up) {
    open_street();
    uint16_t number = far_begin();
    pass(300000);
    far_look();
    CHECK(far.synced >= 3 && far.synced <= 8);
    CHECK_EQ(lwpath_stream_end(number), CR_END_TIMEOUT);
    check_over(number);
}

TEST(bytes_pass_both_ways_and_wait_until_they_are_read) {
    uint8_t text[64];
    open_street();
    uint16_t number = far_open();
    (void)lwpath_reasons();
    CHECK_EQ(lwpath_stream_write(number, (const uint8_t *)"CONNECT", 7), 7);
    far_serve();
    CHECK_EQ(far.len, 7);
    CHECK_BYTES(far.stream, "CONNECT", 7);
    far_say(ACK | PSH, "HTTP/1.1 200", 12);
    CHECK((lwpath_reasons() & LWPATH_WAKE_STREAM) != 0);
    CHECK_EQ(lwpath_stream_read(number, text, 5), 5);
    CHECK((lwpath_reasons() & LWPATH_WAKE_STREAM) != 0); // there is more
    CHECK_EQ(lwpath_stream_read(number, text + 5, sizeof text - 5), 7);
    CHECK_BYTES(text, "HTTP/1.1 200", 12);
    CHECK_EQ(lwpath_stream_read(number, text, sizeof text), 0);
    CHECK(!lwpath_has_reasons());
    check_over(number);
}

// More than is held waits at the far end, and nothing is lost.
TEST(what_nobody_reads_holds_few_buffers_and_stops_the_far_end) {
    static uint8_t page[40000], got[40000];
    open_street();
    uint16_t number = far_open();
    for (size_t i = 0; i < sizeof page; i++) {
        page[i] = (uint8_t)(i * 7);
    }
    size_t at = 0, read = 0;
    uint32_t first = far.sent;
    while (read < sizeof page) {
        for (unsigned i = 0; i < 30 && at < sizeof page; i++) {
            size_t len = sizeof page - at < 1000 ? sizeof page - at : 1000;
            far_say(ACK, page + at, len);
            at += len;
        }
        CHECK(frames_lent <= 8);
        read += lwpath_stream_read(number, got + read, 3000);
        far_look();
        segment_t segment;
        for (unsigned i = 0; i < uplink.count; i++) {
            if (read_segment(&uplink.sent[i], &segment)) {
                at = segment.acknowledged - first; // from there on it is sent again
                far.sent = segment.acknowledged;
            }
        }
    }
    CHECK_BYTES(got, page, sizeof page);
    check_over(number);
}

TEST(a_clients_packet_goes_through_the_stream_and_the_answer_comes_back) {
    open_street();
    uint16_t number = far_carry();
    frame_t packet = make_client_packet(1300), inner;
    arrive(&lan, &packet);
    far_serve();
    CHECK_EQ(far_opened(&inner), 1);
    CHECK_BYTES(inner.bytes + 12, tunnel_ip, 4);
    CHECK_BYTES(inner.bytes + 16, web_ip, 4);
    CHECK_EQ(far.others, 0);
    uint16_t mapped = wg_load16_be(inner.bytes + 20);

    frame_t answer = make_answer(1300);
    wg_store16_be(answer.bytes + 22, mapped);
    uint8_t wire[2000];
    size_t len = far_frame(wire, answer.bytes, answer.len);
    lan.count = 0;
    far_say(ACK | PSH, wire, 900);
    CHECK_EQ(lan.count, 0);
    far_say(ACK | PSH, wire + 900, len - 900);
    CHECK_EQ(lan.count, 1);
    CHECK_BYTES(last_sent(&lan), client_mac, 6);
    CHECK_BYTES(last_sent(&lan) + 30, client_ip, 4);
    CHECK_EQ(lan.sent[0].len, 14 + answer.len);
    CHECK(has_payload(&lan.sent[0]));
    check_over(number);
}

TEST(datagrams_arrive_whole_however_their_bytes_are_cut) {
    open_street();
    uint16_t number = far_carry();
    frame_t packet = make_client_packet(100), inner;
    arrive(&lan, &packet);
    far_serve();
    CHECK_EQ(far_opened(&inner), 1);
    uint8_t wire[6000];
    size_t len = 0;
    for (unsigned i = 0; i < 12; i++) {
        frame_t answer = make_answer(50 + 31 * i);
        memcpy(answer.bytes + 22, inner.bytes + 20, 2);
        len += far_frame(wire + len, answer.bytes, answer.len);
    }
    lan.count = 0;
    size_t step = 1;
    for (size_t at = 0; at < len; step = step % 97 + 5) {
        size_t piece = step < len - at ? step : len - at;
        far_say(ACK | PSH, wire + at, piece);
        at += piece;
    }
    CHECK_EQ(lan.count, 12);
    for (unsigned i = 0; i < 12; i++) {
        CHECK_EQ(lan.sent[i].len, 14 + 28 + 50 + 31 * i);
    }
    check_over(number);
}

TEST(a_message_that_opens_moves_the_endpoint_to_the_stream_and_answers_go_there) {
    open_street();
    uint16_t number = far_open();
    CHECK(lwpath_stream_carry(number, CR_FRAMING_LENGTH, NULL, 0));
    CHECK_EQ(ours.tunnel.memory.peers[0].endpoint.family, 4);
    uint8_t wire[100];
    size_t len = far_frame(wire, NULL, 0);
    far_say(ACK, wire, len);
    const wg_endpoint_t expected = stream_endpoint(number);
    CHECK(wg_endpoint_equal(&ours.tunnel.memory.peers[0].endpoint, &expected));
    CHECK_EQ(lwpath_keepalive(0), WG_OK);
    far_serve();
    CHECK_EQ(far_opened(NULL), 1);
    check_over(number);
}

TEST(what_was_read_beyond_the_handshake_is_carried_too) {
    open_street();
    uint16_t number = far_open();
    uint8_t wire[100];
    size_t len = far_frame(wire, NULL, 0);
    far_say(ACK, wire + 20, len - 20); // and this nobody has read yet
    CHECK(lwpath_stream_carry(number, CR_FRAMING_LENGTH, wire, 20));
    CHECK_EQ(ours.tunnel.memory.peers[0].endpoint.family, WG_FAMILY_STREAM);
    check_over(number);
}

// What a device still holds must lie in a buffer of ours: the caller's bytes are gone by then.
TEST(a_whole_datagram_beyond_the_handshake_reaches_its_client_from_our_own_memory) {
    open_street();
    uint16_t number = far_carry();
    frame_t packet = make_client_packet(100), inner;
    arrive(&lan, &packet);
    far_serve();
    CHECK_EQ(far_opened(&inner), 1);
    lwpath_stream_close(number);
    number = far_open();
    frame_t answer = make_answer(100);
    memcpy(answer.bytes + 22, inner.bytes + 20, 2);
    uint8_t wire[2000];
    size_t len = far_frame(wire, answer.bytes, answer.len);
    len += far_frame(wire + len, answer.bytes, answer.len);
    lan.holds = true;
    lan.count = 0;
    CHECK(lwpath_stream_carry(number, CR_FRAMING_LENGTH, wire, len));
    memset(wire, 0xee, sizeof wire);
    CHECK_EQ(lan.held_count, 2);
    for (unsigned i = 0; i < lan.held_count; i++) {
        frame_t sent = {.len = lan.held[i]->tot_len};
        pbuf_copy_partial(lan.held[i], sent.bytes, lan.held[i]->tot_len, 0);
        CHECK_EQ(sent.len, 14 + answer.len);
        CHECK(has_payload(&sent));
    }
    check_over(number);
}

TEST(a_far_end_that_takes_nothing_costs_the_oldest_packets_and_no_more_buffers) {
    open_street();
    uint16_t number = far_carry();
    far_window = 0;
    far_say(ACK, NULL, 0);
    for (unsigned i = 0; i < 100; i++) {
        frame_t packet = make_client_packet(1000);
        wg_store16_be(packet.bytes + 42, (uint16_t)i); // which one it is
        arrive(&lan, &packet);
    }
    uint32_t lost = lwpath_count(LWPATH_COUNT_STREAM_FULL);
    CHECK(lost >= 80 && lost < 100);
    CHECK(lwpath_pool_take_for_client() != NULL || lost == 0); // others still find some
    far_look();
    CHECK_EQ(far.len, 0);
    far_window = WINDOW;
    far_say(ACK, NULL, 0);
    frame_t last;
    unsigned got = 0;
    for (unsigned i = 0; i < 40; i++) {
        far_serve();
        got += far_opened(&last);
    }
    CHECK_EQ(got, 100 - lost);
    CHECK_EQ(wg_load16_be(last.bytes + 28), 99);
    lwpath_stream_close(number);
    far_serve();
    CHECK_EQ(far.others, 0);
}

TEST(a_lost_segment_is_sent_again) {
    open_street();
    uint16_t number = far_carry();
    frame_t packet = make_client_packet(500);
    arrive(&lan, &packet);
    far.seen = uplink.count; // it did not arrive
    pass(2000);
    far_serve();
    CHECK_EQ(far_opened(NULL), 1);
    check_over(number);
}

TEST(a_connection_that_is_cut_off_ends_the_stream_and_nothing_leaves_in_its_name) {
    open_street();
    uint16_t number = far_carry();
    far_say(RST | ACK, NULL, 0);
    CHECK_EQ(lwpath_stream_end(number), CR_END_RESET);
    CHECK((lwpath_reasons() & LWPATH_WAKE_STREAM) != 0);
    uint32_t before = lwpath_count(LWPATH_COUNT_UPLINK_NO_ROUTE);
    unsigned sent = uplink.count;
    frame_t packet = make_client_packet(500);
    arrive(&lan, &packet);
    pass(5000);
    CHECK_EQ(uplink.count, sent);
    CHECK_EQ(lwpath_count(LWPATH_COUNT_UPLINK_NO_ROUTE), before + 1);
    check_over(number);
}

TEST(a_far_end_that_closes_ends_the_stream) {
    open_street();
    uint16_t number = far_carry();
    far_say(FIN | ACK, NULL, 0);
    CHECK_EQ(lwpath_stream_end(number), CR_END_CLOSED);
    check_over(number);
    CHECK_EQ(far.finished, 1);
}

TEST(what_is_no_frame_ends_the_stream) {
    open_street();
    uint16_t number = far_open();
    CHECK(lwpath_stream_carry(number, CR_FRAMING_WEBSOCKET_CLIENT, NULL, 0));
    far_say(ACK | PSH, "HTTP/1.1 400 Bad Request\r\n\r\n", 28);
    CHECK_EQ(lwpath_stream_end(number), CR_END_PROTOCOL);
    check_over(number);
}

TEST(garbage_in_frames_is_dropped_and_counted_and_changes_nothing) {
    open_street();
    uint16_t number = far_carry();
    uint64_t state = 5;
    for (unsigned i = 0; i < 300; i++) {
        uint8_t wire[600];
        size_t len = 1 + check_random(&state) % 500;
        check_random_bytes(&state, wire + 2, len);
        wg_store16_be(wire, (uint16_t)len);
        far_say(ACK | PSH, wire, 2 + len);
    }
    far_look();
    CHECK_EQ(lwpath_stream_state(number), CR_STREAM_CARRYING);
    CHECK_EQ(lan.count, 0);
    CHECK_EQ(far.len, 0);
    check_over(number);
}

TEST(strangers_hear_nothing_whatever_they_send) {
    open_street();
    uint16_t number = far_carry();
    unsigned sent = uplink.count;
    const uint8_t flags[] = {SYN, SYN | ACK, ACK, RST, FIN | ACK, ACK | PSH, 0, 0x3f};
    for (unsigned i = 0; i < sizeof flags; i++) {
        for (unsigned kind = 0; kind < 4; kind++) {
            uint32_t before = lwpath_count(LWPATH_COUNT_UPLINK_TCP);
            frame_t frame = make_segment(kind == 0 ? web_ip : far_ip, kind == 1 ? FAR_PORT + 1 : FAR_PORT,
                                         kind == 2   ? far.port + 1
                                         : kind == 3 ? 80
                                                     : far.port,
                                         flags[i], far.sent, far.next, (const uint8_t *)"x", flags[i] & SYN ? 0 : 1);
            arrive(&uplink, &frame);
            CHECK_EQ(lwpath_count(LWPATH_COUNT_UPLINK_TCP), before + 1);
        }
    }
    CHECK_EQ(uplink.count, sent);
    CHECK_EQ(lwpath_stream_state(number), CR_STREAM_CARRYING);
    check_over(number);
    pass(60000);
    far_look();
    sent = uplink.count;
    far_say(ACK | PSH, "late", 4); // of a connection that is over
    far_say(SYN, NULL, 0);
    CHECK_EQ(uplink.count, sent);
    check_nothing_leaks();
}

TEST(segments_to_other_addresses_groups_and_in_pieces_are_dropped) {
    open_street();
    uint16_t number = far_carry();
    unsigned sent = uplink.count;
    frame_t segment = make_segment(far_ip, FAR_PORT, far.port, ACK, far.sent, far.next, (const uint8_t *)"x", 1);
    frame_t frame = segment;
    memcpy(frame.bytes, everyone, 6);
    arrive(&uplink, &frame);
    frame = segment;
    memcpy(frame.bytes + 30, lan_ip, 4);
    fix_header(&frame);
    arrive(&uplink, &frame);
    frame = segment;
    frame.bytes[20] |= 0x20; // more fragments
    fix_header(&frame);
    arrive(&uplink, &frame);
    frame = segment;
    frame.bytes[24] ^= 1; // a wrong checksum
    arrive(&uplink, &frame);
    frame = segment;
    wg_store16_be(frame.bytes + 16, 39);
    fix_header(&frame);
    arrive(&uplink, &frame);
    CHECK_EQ(uplink.count, sent);
    CHECK_EQ(lwpath_stream_state(number), CR_STREAM_CARRYING);
    check_over(number);
}

TEST(a_new_address_ends_the_stream_and_nothing_of_it_is_seen_from_there) {
    open_street();
    uint16_t number = far_carry();
    frame_t packet = make_client_packet(500);
    arrive(&lan, &packet);
    far_look();
    CHECK_EQ(lwpath_uplink_static(ip_of((const uint8_t[4]){192, 0, 2, 99}), 24, ip_of(router_ip), NULL, 0), ERR_OK);
    CHECK_EQ(lwpath_stream_state(number), CR_STREAM_ENDED);
    frame_t arp = make_arp(uplink_mac, router_mac, 2, router_ip, (const uint8_t[4]){192, 0, 2, 99});
    arrive(&uplink, &arp);
    uplink.count = far.seen = 0;
    pass(60000);
    for (unsigned i = 0; i < uplink.count; i++) {
        CHECK_EQ(wg_load16_be(uplink.sent[i].bytes + 12), LWPATH_TYPE_ARP);
    }
    lwpath_stream_close(number);
    check_nothing_leaks();
}

TEST(closing_the_path_closes_the_stream_and_wipes_it) {
    open_street();
    uint16_t number = far_carry();
    lwpath_close();
    CHECK_EQ(lwpath_stream_state(number), CR_STREAM_ENDED);
    CHECK_EQ(lwpath_stream_end(number), CR_END_HERE);
    far_look();
    CHECK_EQ(far.finished, 1);
    CHECK_EQ(lwpath_stream_open(ip_of(far_ip), FAR_PORT), 0);
    check_nothing_leaks();
}

TEST(a_silent_far_end_of_a_stream_is_told_as_silence) {
    open_street();
    uint16_t number = far_carry();
    far_acknowledges = false;
    lwpath_silence_t found = LWPATH_SILENCE_NONE;
    for (unsigned i = 0; i < 30 && found == LWPATH_SILENCE_NONE; i++) {
        frame_t packet = make_client_packet(100);
        arrive(&lan, &packet);
        pass(100);
        frame_t arp = make_arp(uplink_mac, router_mac, 2, router_ip, uplink_ip);
        arrive(&uplink, &arp);
        found = lwpath_silence();
    }
    CHECK_EQ(found, LWPATH_SILENCE_FAR);
    lwpath_stream_close(number);
}

TEST(an_answer_on_the_stream_ends_the_silence) {
    open_street();
    uint16_t number = far_carry();
    for (unsigned i = 0; i < 40; i++) {
        uint8_t wire[100];
        frame_t packet = make_client_packet(100);
        arrive(&lan, &packet);
        far_look();
        far_say(ACK, wire, far_frame(wire, NULL, 0));
        pass(100);
    }
    CHECK_EQ(lwpath_silence(), LWPATH_SILENCE_NONE);
    check_over(number);
}
