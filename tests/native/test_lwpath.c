// with: lwip
// Packets both ways through a board.
#include "lwpath_street.h"

// --- out ---

TEST(a_clients_packet_comes_out_at_the_far_end_from_our_tunnel_address) {
    street_open();
    frame_t packet = make_client_packet(1000);
    arrive(&lan, &packet);
    CHECK_EQ(uplink.count, 1);
    CHECK(!has_payload(&uplink.sent[0]));
    CHECK_BYTES(uplink.sent[0].bytes, router_mac, 6);
    CHECK_BYTES(uplink.sent[0].bytes + 6, uplink_mac, 6);
    CHECK_BYTES(uplink.sent[0].bytes + 26, uplink_ip, 4);
    CHECK_BYTES(uplink.sent[0].bytes + 30, their_endpoint.address, 4);
    CHECK_EQ(wg_load16_be(uplink.sent[0].bytes + 34), OUR_PORT);
    CHECK_EQ(wg_load16_be(uplink.sent[0].bytes + 36), their_endpoint.port);
    frame_t inner = opened_by_theirs();
    CHECK_EQ(inner.len, packet.len - 14);
    CHECK_BYTES(inner.bytes + 12, tunnel_ip, 4);
    CHECK_BYTES(inner.bytes + 16, web_ip, 4);
    CHECK_BYTES(inner.bytes + 28, packet.bytes + 42, 1000);
    CHECK_EQ(lwpath_count(LWPATH_COUNT_LAN_RX), 1);
    CHECK_EQ(lwpath_count(LWPATH_COUNT_UPLINK_TX), 1);
    check_nothing_leaks();
}

TEST(what_the_link_adds_behind_a_packet_is_not_sent) {
    street_open();
    frame_t packet = make_client_packet(1);
    packet.len = 60; // the least that Ethernet carries
    arrive(&lan, &packet);
    CHECK_EQ(opened_by_theirs().len, 29);
}

TEST(datagrams_have_identifications_of_their_own_and_may_be_cut) {
    street_open();
    frame_t packet = make_client_packet(100);
    arrive(&lan, &packet);
    arrive(&lan, &packet);
    CHECK(wg_load16_be(uplink.sent[0].bytes + 18) != wg_load16_be(uplink.sent[1].bytes + 18));
    CHECK_EQ(wg_load16_be(uplink.sent[0].bytes + 20), 0);
    CHECK_EQ(wg_load16_be(uplink.sent[0].bytes + 40), 0); // no checksum
}

TEST(a_packet_that_is_too_long_leaves_in_pieces_or_is_answered) {
    street_open();
    frame_t packet = make_client_packet(1460);
    arrive(&lan, &packet);
    CHECK_EQ(uplink.count, 2);
    CHECK(!has_payload(&uplink.sent[0]) && !has_payload(&uplink.sent[1]));
    frame_t second = opened_by_theirs();
    CHECK(wg_load16_be(second.bytes + 6) != 0 && second.len < 200);
    packet.bytes[20] = 0x40; // don't fragment
    fix_header(&packet);
    arrive(&lan, &packet);
    CHECK_EQ(uplink.count, 2);
    CHECK_EQ(lan.count, 1);
    CHECK_BYTES(lan.sent[0].bytes, client_mac, 6);
    CHECK_EQ(lan.sent[0].bytes[34], 3); // destination unreachable,
    CHECK_EQ(lan.sent[0].bytes[35], 4); // fragmentation needed
    CHECK_EQ(wg_load16_be(lan.sent[0].bytes + 40), MTU);
    check_nothing_leaks();
}

TEST(an_endpoint_on_the_uplinks_own_network_is_reached_without_the_gateway) {
    static const uint8_t neighbour_ip[4] = {192, 0, 2, 77};
    street_open();
    memcpy(ours.peers[0].endpoint.address, neighbour_ip, 4);
    frame_t packet = make_client_packet(100);
    arrive(&lan, &packet);
    CHECK_EQ(uplink.count, 1); // who has 192.0.2.77?
    CHECK_EQ(wg_load16_be(uplink.sent[0].bytes + 12), LWPATH_TYPE_ARP);
    CHECK_BYTES(uplink.sent[0].bytes + 38, neighbour_ip, 4);
    frame_t reply = make_arp(uplink_mac, other_mac, 2, neighbour_ip, uplink_ip);
    arrive(&uplink, &reply);
    CHECK_EQ(uplink.count, 2); // what has waited for the answer
    CHECK_BYTES(last_sent(&uplink), other_mac, 6);
    CHECK_EQ(opened_by_theirs().len, 128);
    check_nothing_leaks();
}

TEST(a_new_uplink_address_is_the_source_from_then_on_and_the_session_goes_on) {
    static const uint8_t new_ip[4] = {192, 0, 2, 99};
    street_open();
    frame_t packet = make_client_packet(100);
    arrive(&lan, &packet);
    CHECK_EQ(lwpath_uplink_static(ip_of(new_ip), 24, ip_of(router_ip), NULL, 0), ERR_OK);
    CHECK((lwpath_reasons() & LWPATH_WAKE_UPLINK) != 0);
    CHECK((lwpath_reasons() & LWPATH_WAKE_UPLINK) == 0);
    arrive(&lan, &packet);
    frame_t reply = make_arp(uplink_mac, router_mac, 2, router_ip, new_ip);
    arrive(&uplink, &reply);
    CHECK_EQ(wg_load16_be(last_sent(&uplink) + 12), LWPATH_TYPE_IPV4);
    CHECK_BYTES(last_sent(&uplink) + 26, new_ip, 4);
    CHECK_EQ(opened_by_theirs().len, 128);
    check_nothing_leaks();
}

TEST(a_new_network_with_the_same_addresses_is_looked_at_anew) {
    street_open();
    frame_t packet = make_client_packet(100);
    arrive(&lan, &packet);
    netif_set_link_down(&uplink.netif);
    netif_set_link_up(&uplink.netif);
    uplink.count = 0;
    arrive(&lan, &packet);
    CHECK_EQ(uplink.count, 1); // who has 192.0.2.1?
    CHECK_EQ(wg_load16_be(uplink.sent[0].bytes + 12), LWPATH_TYPE_ARP);
    frame_t reply = make_arp(uplink_mac, other_mac, 2, router_ip, uplink_ip);
    arrive(&uplink, &reply);
    CHECK_BYTES(last_sent(&uplink), other_mac, 6);
    CHECK_EQ(opened_by_theirs().len, 128);
    check_nothing_leaks();
}

// --- back ---

// The far end's answer to the client's packet.
static frame_t answer_to_client(size_t payload_len) {
    frame_t packet = make_client_packet(10);
    arrive(&lan, &packet);
    frame_t inner = opened_by_theirs();
    uint16_t port = wg_load16_be(inner.bytes + 20);
    frame_t answer = make_udp(uplink_mac, router_mac, web_ip, 443, tunnel_ip, port, NULL, payload_len);
    return sealed_by_theirs(answer.bytes + 14, answer.len - 14);
}

TEST(an_answer_reaches_the_client_in_the_buffer_in_which_it_came) {
    street_open();
    frame_t answer = answer_to_client(1000);
    lan.holds = true;
    arrive(&uplink, &answer);
    CHECK_EQ(lan.count, 1);
    CHECK_EQ(frames_lent, 1); // by reference
    CHECK_EQ(lan.sent[0].len, 14 + 28 + 1000);
    CHECK_BYTES(lan.sent[0].bytes, client_mac, 6);
    CHECK_BYTES(lan.sent[0].bytes + 6, lan_mac, 6);
    CHECK_EQ(wg_load16_be(lan.sent[0].bytes + 12), LWPATH_TYPE_IPV4);
    CHECK_BYTES(lan.sent[0].bytes + 26, web_ip, 4);
    CHECK_BYTES(lan.sent[0].bytes + 30, client_ip, 4);
    CHECK_EQ(wg_load16_be(lan.sent[0].bytes + 36), 4000);
    CHECK(has_payload(&lan.sent[0]));
    CHECK_EQ(lwpath_count(LWPATH_COUNT_UPLINK_RX), 2); // the first was a keepalive
    CHECK_EQ(lwpath_count(LWPATH_COUNT_LAN_TX), 1);
    check_nothing_leaks();
}

TEST(an_answer_with_options_in_its_outer_header_is_read_all_the_same) {
    street_open();
    frame_t answer = answer_to_client(100);
    memmove(answer.bytes + 38, answer.bytes + 34, answer.len - 34);
    memset(answer.bytes + 34, 1, 4); // four times nothing
    answer.len += 4;
    answer.bytes[14] = 0x46;
    wg_store16_be(answer.bytes + 16, (uint16_t)(answer.len - 14));
    fix_header(&answer);
    arrive(&uplink, &answer);
    CHECK_EQ(lan.count, 1);
}

TEST(a_keepalive_is_heard_and_goes_nowhere) {
    street_open();
    frame_t frame = sealed_by_theirs(NULL, 0);
    clock_ms += 5;
    arrive(&uplink, &frame);
    CHECK_EQ(lan.count, 0);
    CHECK_EQ(ours.peers[0].heard_ms, clock_ms);
    check_nothing_leaks();
}

TEST(what_nobody_asked_for_does_not_reach_a_client) {
    street_open();
    frame_t packet = make_udp(uplink_mac, router_mac, web_ip, 443, tunnel_ip, 50000, NULL, 100);
    frame_t frame = sealed_by_theirs(packet.bytes + 14, packet.len - 14);
    arrive(&uplink, &frame);
    CHECK_EQ(lan.count, 0);
    CHECK_EQ(lwpath_router_count(RT_DROP_NO_FLOW), 1);
    check_nothing_leaks();
}

TEST(the_far_end_that_pings_our_tunnel_address_is_answered_through_the_tunnel) {
    street_open();
    frame_t ping = make_ip(uplink_mac, router_mac, LWPATH_PROTOCOL_ICMP, web_ip, tunnel_ip, 64);
    ping.bytes[34] = 8;
    ping.bytes[35] = 0;
    wg_store16_be(ping.bytes + 36, 0);
    wg_store16_be(ping.bytes + 36, lwpath_checksum(lwpath_sum(ping.bytes + 34, 64)));
    frame_t frame = sealed_by_theirs(ping.bytes + 14, ping.len - 14);
    arrive(&uplink, &frame);
    CHECK_EQ(lan.count, 0);
    CHECK_EQ(uplink.count, 1);
    frame_t inner = opened_by_theirs();
    CHECK_BYTES(inner.bytes + 12, tunnel_ip, 4);
    CHECK_EQ(inner.bytes[20], 0);
    check_nothing_leaks();
}

TEST(the_endpoint_follows_the_peer_only_when_the_datagram_is_authentic) {
    static const uint8_t new_address[4] = {203, 0, 113, 77};
    street_open();
    frame_t frame = sealed_by_theirs(NULL, 0);
    memcpy(frame.bytes + 26, new_address, 4);
    fix_header(&frame);
    frame_t forged = frame;
    forged.bytes[60] ^= 1;
    arrive(&uplink, &forged);
    CHECK_BYTES(ours.peers[0].endpoint.address, their_endpoint.address, 4);
    arrive(&uplink, &frame);
    CHECK_BYTES(ours.peers[0].endpoint.address, new_address, 4);
    frame_t packet = make_client_packet(10);
    arrive(&lan, &packet);
    CHECK_BYTES(last_sent(&uplink) + 30, new_address, 4);
}

TEST(a_damaged_outer_header_does_not_move_the_endpoint) {
    street_open();
    frame_t frame = sealed_by_theirs(NULL, 0);
    frame.bytes[29] ^= 4;
    arrive(&uplink, &frame);
    CHECK_BYTES(ours.peers[0].endpoint.address, their_endpoint.address, 4);
    CHECK_EQ(lwpath_count(LWPATH_COUNT_UPLINK_MALFORMED), 1);
}

// --- buffers ---

enum { FOR_CLIENTS = LWPATH_BUFFERS - LWPATH_BUFFERS_KEPT };

TEST(an_empty_pool_is_a_counted_drop_and_fills_again) {
    street_open();
    uplink.holds = true;
    frame_t packet = make_client_packet(100);
    for (unsigned i = 0; i < FOR_CLIENTS + 3; i++) {
        arrive(&lan, &packet);
    }
    CHECK_EQ(uplink.count, FOR_CLIENTS);
    CHECK_EQ(lwpath_count(LWPATH_COUNT_UPLINK_NO_BUFFER), 3);
    device_done(&uplink);
    arrive(&lan, &packet);
    CHECK_EQ(uplink.count, FOR_CLIENTS + 1);
    check_nothing_leaks();
}

TEST(a_flood_of_packets_leaves_buffers_for_handshakes_and_dhcp) {
    static const uint8_t initiation[WG_INITIATION_LEN] = {1};
    static const uint8_t message[300] = {2, 1, 6};
    street_open();
    uplink.holds = true;
    frame_t packet = make_client_packet(100), late = packet;
    late.bytes[22] = 1; // to be answered by an error
    fix_header(&late);
    for (unsigned i = 0; i < 2 * LWPATH_BUFFERS; i++) {
        arrive(&lan, &packet);
        arrive(&lan, &late);
    }
    CHECK(lwpath_count(LWPATH_COUNT_UPLINK_NO_BUFFER) > 0);
    CHECK_EQ(lwpath_send_to_peer(0, initiation, sizeof initiation), ERR_OK);
    unsigned before = uplink.count;
    CHECK_EQ(lwpath_keepalive(0), WG_OK);
    CHECK_EQ(uplink.count, before + 1);
    CHECK_EQ(lwpath_send_dhcp(message, sizeof message, client_mac, ip_of(client_ip), false), ERR_OK);
    check_nothing_leaks();
}

TEST(a_full_interface_is_a_counted_drop_on_either_side) {
    street_open();
    frame_t answer = answer_to_client(100), packet = make_client_packet(100);
    uplink.full = lan.full = true;
    arrive(&lan, &packet);
    arrive(&uplink, &answer);
    CHECK_EQ(lwpath_count(LWPATH_COUNT_UPLINK_TX_FAILED), 1);
    CHECK_EQ(lwpath_count(LWPATH_COUNT_LAN_TX_FAILED), 1);
    check_nothing_leaks();
}

TEST(an_unknown_next_hop_never_keeps_more_than_a_few_buffers) {
    street_open();
    static const uint8_t nobody[4] = {192, 0, 2, 200};
    memcpy(ours.peers[0].endpoint.address, nobody, 4);
    frame_t packet = make_client_packet(100);
    for (unsigned i = 0; i < 100; i++) {
        arrive(&lan, &packet);
    }
    CHECK_EQ(lwpath_count(LWPATH_COUNT_UPLINK_NO_BUFFER), 0);
    for (unsigned i = 0; i < 20; i++) { // ARP gives up
        clock_ms += 1000;
        sys_check_timeouts();
    }
    check_nothing_leaks();
}

// --- while there is no key ---

TEST(packets_wait_for_a_keypair_and_leave_in_order) {
    street_open();
    wg_tunnel_clear_keypairs(&ours.tunnel, 0);
    wg_tunnel_clear_keypairs(&theirs.tunnel, 0);
    frame_t first = make_client_packet(100), second = make_client_packet(200);
    arrive(&lan, &first);
    arrive(&lan, &second);
    CHECK_EQ(uplink.count, 0);
    CHECK((lwpath_reasons() & LWPATH_WAKE_EVENT) != 0);
    street_keys();
    CHECK_EQ(lwpath_flush(0), 2);
    CHECK_EQ(uplink.count, 2);
    CHECK_EQ(opened_by_theirs().len, 228);
    check_nothing_leaks();
}

TEST(waiting_packets_that_find_no_buffer_leave_when_there_is_one) {
    street_open();
    wg_tunnel_clear_keypairs(&ours.tunnel, 0);
    wg_tunnel_clear_keypairs(&theirs.tunnel, 0);
    frame_t packet = make_client_packet(100);
    for (unsigned i = 0; i < FOR_CLIENTS + 4; i++) {
        arrive(&lan, &packet);
    }
    street_keys();
    uplink.holds = true;
    CHECK_EQ(lwpath_flush(0), FOR_CLIENTS);
    lwpath_flush_rest();
    CHECK_EQ(uplink.count, FOR_CLIENTS);
    device_done(&uplink);
    CHECK_EQ(lwpath_poll(0) & LWPATH_WAKE_DHCP, 0);
    CHECK_EQ(uplink.count, FOR_CLIENTS + 4);
    check_nothing_leaks();
}
