// with: lwip
// The window for signing in: one client, the portal's addresses, TCP 80 and 443, and nothing else in clear.
#include "lwpath_hotel.h"

TEST(it_is_closed_until_somebody_opens_it) {
    arrive_at_hotel();
    CHECK_EQ(told().end, LWPATH_SIGN_IN_NONE);
    client_says(PORT, portal_ip, 80, SYN, 0);
    CHECK_EQ(left(), 0);
    check_nothing_leaks();
}

TEST(the_client_speaks_with_the_portal_from_our_address_and_hears_it_as_itself) {
    open_window();
    client_says(PORT, portal_ip, 80, SYN, 0);
    CHECK_EQ(left(), 1);
    const uint8_t *ip = last_sent(&uplink) + 14;
    CHECK_BYTES(last_sent(&uplink), router_mac, 6);
    CHECK_BYTES(ip + 12, uplink_ip, 4);
    CHECK_BYTES(ip + 16, portal_ip, 4);
    CHECK(lwpath_is_ipv4_header_right(ip, 20));
    CHECK_EQ(checksum(ip), 0);
    uint16_t port = wg_load16_be(ip + 20);
    CHECK(port >= 49152);
    CHECK_EQ(wg_load16_be(ip + 22), 80);
    portal_says(portal_ip, 80, port, SYN | ACK, 0);
    client_says(PORT, portal_ip, 80, ACK, 1460);
    CHECK_EQ(left(), 2);
    CHECK_EQ(wg_load16_be(last_sent(&uplink) + 34), port);
    CHECK_EQ(checksum(last_sent(&uplink) + 14), 0);
    CHECK(has_payload(&uplink.sent[uplink.count - 1]));
    portal_says(portal_ip, 80, port, ACK, 901);
    CHECK_EQ(lan.count, 2);
    ip = last_sent(&lan) + 14;
    CHECK_BYTES(last_sent(&lan), client_mac, 6);
    CHECK_BYTES(ip + 12, portal_ip, 4);
    CHECK_BYTES(ip + 16, client_ip, 4);
    CHECK_EQ(wg_load16_be(ip + 22), PORT);
    CHECK(lwpath_is_ipv4_header_right(ip, 20));
    CHECK_EQ(checksum(ip), 0);
    CHECK_EQ(told().sent, 2);
    CHECK_EQ(told().received, 2);
    CHECK_EQ(told().flows, 1);
    CHECK_EQ(told().client, ip_of(client_ip));
    check_nothing_leaks();
}

TEST(both_ports_of_each_of_its_addresses_are_open) {
    open_window();
    client_says(PORT, portal_ip, 443, SYN, 0);
    client_says(PORT, second_ip, 80, SYN, 0);
    client_says(PORT, second_ip, 443, SYN, 0);
    CHECK_EQ(left(), 3);
    check_nothing_leaks();
}

TEST(nothing_leaves_for_other_addresses_ports_or_protocols) {
    open_window();
    client_says(PORT, elsewhere, 80, SYN, 0);
    client_says(PORT, web_ip, 443, SYN, 0);
    client_says(PORT, portal_ip, 8080, SYN, 0);
    client_says(PORT, portal_ip, 22, SYN, 0);
    client_says(PORT, portal_ip, 53, SYN, 0);
    frame_t frame = from_client(client_mac, client_ip, PORT, portal_ip, 443, SYN, 0); // but for its protocol
    frame.bytes[23] = LWPATH_PROTOCOL_UDP;
    fix_header(&frame);
    arrive(&lan, &frame);
    frame = make_udp(lan_mac, client_mac, client_ip, PORT, portal_ip, 443, NULL, 100);
    arrive(&lan, &frame);
    frame = make_udp(lan_mac, client_mac, client_ip, PORT, portal_ip, 80, NULL, 100);
    arrive(&lan, &frame);
    frame = make_ip(lan_mac, client_mac, LWPATH_PROTOCOL_ICMP, client_ip, portal_ip, 64);
    arrive(&lan, &frame);
    frame = make_frame(lan_mac, client_mac, LWPATH_TYPE_IPV6, 100);
    arrive(&lan, &frame);
    CHECK_EQ(left(), 0);
    check_nothing_leaks();
}

TEST(fragments_do_not_leave) {
    open_window();
    (void)begin(PORT);
    unsigned before = left();
    frame_t frame = from_client(client_mac, client_ip, PORT, portal_ip, 80, ACK, 96);
    wg_store16_be(frame.bytes + 20, 0x2000);
    fix_header(&frame);
    arrive(&lan, &frame);
    frame = from_client(client_mac, client_ip, PORT, portal_ip, 80, ACK, 96);
    wg_store16_be(frame.bytes + 20, 100);
    fix_header(&frame);
    arrive(&lan, &frame);
    CHECK_EQ(left(), before);
    check_nothing_leaks();
}

TEST(another_client_gets_nothing) {
    open_window();
    frame_t frame = from_client(other_mac, other_ip, PORT, portal_ip, 80, SYN, 0);
    arrive(&lan, &frame);
    CHECK_EQ(left(), 0);
    check_nothing_leaks();
}

TEST(a_false_mac_or_a_false_address_gets_nothing) {
    static const uint8_t third_ip[4] = {10, 7, 7, 33};
    open_window();
    frame_t frame = from_client(other_mac, client_ip, PORT, portal_ip, 80, SYN, 0);
    arrive(&lan, &frame);
    frame = from_client(client_mac, other_ip, PORT, portal_ip, 80, SYN, 0);
    arrive(&lan, &frame);
    frame = from_client(client_mac, third_ip, PORT, portal_ip, 80, SYN, 0);
    arrive(&lan, &frame);
    frame = from_client(client_mac, uplink_ip, PORT, portal_ip, 80, SYN, 0);
    arrive(&lan, &frame);
    CHECK_EQ(left(), 0);
    // Nor does another machine that has waited until it may have the address.
    clock_ms += LWPATH_NEIGHBOUR_SILENCE_MS + 1;
    frame = from_client(other_mac, client_ip, PORT, portal_ip, 80, SYN, 0);
    arrive(&lan, &frame);
    CHECK_EQ(left(), 0);
    check_nothing_leaks();
}

TEST(strangers_do_not_reach_the_client) {
    open_window();
    uint16_t port = begin(PORT);
    unsigned heard = lan.count, before = left();
    portal_says(elsewhere, 80, port, ACK, 50);     // another machine
    portal_says(second_ip, 80, port, ACK, 50);     // another address of the portal
    portal_says(portal_ip, 443, port, ACK, 50);    // another port of it
    portal_says(portal_ip, 80, port ^ 1, ACK, 50); // to another port of ours
    portal_says(portal_ip, 80, port, SYN, 0);      // a connection to the client
    portal_says(portal_ip, 80, PORT, SYN, 0);
    frame_t frame = make_udp(uplink_mac, router_mac, portal_ip, 80, uplink_ip, port, NULL, 50);
    arrive(&uplink, &frame);
    frame = make_ip(uplink_mac, router_mac, LWPATH_PROTOCOL_ICMP, portal_ip, uplink_ip, 64);
    arrive(&uplink, &frame);
    CHECK_EQ(lan.count, heard);
    CHECK_EQ(left(), before); // and nobody is answered
    check_nothing_leaks();
}

TEST(what_finds_no_buffer_is_counted_and_lost) {
    open_window();
    uplink.holds = true;
    for (unsigned i = 0; i < 2 * LWPATH_BUFFERS; i++) {
        client_says((uint16_t)(PORT + i), portal_ip, 80, SYN, 0);
    }
    CHECK_EQ(left(), LWPATH_BUFFERS - LWPATH_BUFFERS_KEPT);
    CHECK_EQ(lwpath_count(LWPATH_COUNT_UPLINK_NO_BUFFER) > 0, 1);
    check_nothing_leaks();
}

TEST(noise_in_the_place_of_questions_and_segments_harms_nothing) {
    uint64_t state = 11;
    uint8_t noise[300];
    open_window();
    uint16_t port = begin(PORT);
    for (unsigned i = 0; i < 3000; i++) {
        check_random_bytes(&state, noise, sizeof noise);
        size_t len = noise[0];
        memset(noise, 0, 12);
        noise[5] = 1;
        ask(lan_ip, noise, len);
        frame_t frame = make_ip(lan_mac, client_mac, LWPATH_PROTOCOL_TCP, client_ip, portal_ip, noise[1] + 20U);
        memcpy(frame.bytes + 34, noise + 40, 20);
        wg_store16_be(frame.bytes + 36, 80);
        arrive(&lan, &frame);
        frame = make_ip(uplink_mac, router_mac, LWPATH_PROTOCOL_TCP, portal_ip, uplink_ip, noise[1] + 20U);
        memcpy(frame.bytes + 34, noise + 60, 20);
        wg_store16_be(frame.bytes + 34, 80);
        wg_store16_be(frame.bytes + 36, port);
        arrive(&uplink, &frame);
        for (unsigned at = 0; at < uplink.count; at++) {
            CHECK_BYTES(uplink.sent[at].bytes + 30, portal_ip, 4);
        }
        uplink.count = lan.count = 0;
    }
    check_nothing_leaks();
}
