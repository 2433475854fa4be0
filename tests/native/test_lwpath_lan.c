// with: lwip
// What the box is to its clients: a gateway with an address, DHCP, and answers to ping.
#include "lwpath_street.h"

static void check_silent(const frame_t *frame, lwpath_counter_t counter) {
    uint32_t before = lwpath_count(counter);
    unsigned sent = uplink.count + lan.count;
    arrive(&lan, frame);
    CHECK_EQ(uplink.count + lan.count, sent);
    CHECK_EQ(lwpath_count(counter), before + 1);
    CHECK_EQ(frames_lent, 0);
}

// --- ARP ---

TEST(clients_find_the_gateway_and_nobody_else_by_arp) {
    street_open();
    static const uint8_t nobody[4] = {0, 0, 0, 0};
    frame_t request = make_arp(everyone, client_mac, 1, client_ip, lan_ip);
    request.len = 60;
    arrive(&lan, &request);
    CHECK_EQ(lan.count, 1);
    CHECK_EQ(lan.sent[0].len, 42);
    CHECK_BYTES(lan.sent[0].bytes, client_mac, 6);
    CHECK_EQ(wg_load16_be(lan.sent[0].bytes + 20), 2);
    CHECK_BYTES(lan.sent[0].bytes + 22, lan_mac, 6);
    CHECK_BYTES(lan.sent[0].bytes + 28, lan_ip, 4);
    CHECK_BYTES(lan.sent[0].bytes + 32, client_mac, 6);
    CHECK_BYTES(lan.sent[0].bytes + 38, client_ip, 4);
    request = make_arp(everyone, client_mac, 1, nobody, lan_ip); // is the address free?
    arrive(&lan, &request);
    CHECK_EQ(lan.count, 2);
    const uint8_t *const others[] = {uplink_ip, tunnel_ip, other_ip, web_ip, client_ip, router_ip};
    for (unsigned i = 0; i < 6; i++) {
        request = make_arp(everyone, client_mac, 1, client_ip, others[i]);
        check_silent(&request, LWPATH_COUNT_LAN_ARP_OTHER);
    }
    check_nothing_leaks();
}

TEST(arp_that_claims_our_address_or_contradicts_itself_is_dropped) {
    street_open();
    frame_t frame = make_arp(everyone, client_mac, 1, lan_ip, lan_ip);
    check_silent(&frame, LWPATH_COUNT_LAN_ARP);
    frame = make_arp(lan_mac, client_mac, 2, client_ip, lan_ip);
    frame.bytes[22] ^= 2; // sender is not who sends
    check_silent(&frame, LWPATH_COUNT_LAN_ARP);
    frame = make_arp(lan_mac, client_mac, 1, client_ip, lan_ip);
    frame.bytes[18] = 5;
    check_silent(&frame, LWPATH_COUNT_LAN_ARP);
    frame = make_arp(lan_mac, client_mac, 1, client_ip, lan_ip);
    frame.len = 41;
    check_silent(&frame, LWPATH_COUNT_LAN_SHORT);
    CHECK(lwpath_next_client(&(unsigned){0}) == NULL);
}

TEST(the_former_gateway_still_answers) {
    static const uint8_t new_lan[4] = {10, 8, 8, 1}, new_client[4] = {10, 8, 8, 20};
    street_open();
    lwpath_set_former_lan(ip_of(lan_ip), 24);
    lwpath_set_lan(ip_of(new_lan), 24);
    frame_t request = make_arp(everyone, client_mac, 1, client_ip, lan_ip);
    arrive(&lan, &request);
    CHECK_EQ(lan.count, 1);
    frame_t packet = make_client_packet(100);
    arrive(&lan, &packet);
    CHECK_EQ(uplink.count, 1);
    request = make_arp(everyone, client_mac, 1, new_client, new_lan);
    arrive(&lan, &request);
    CHECK_EQ(lan.count, 2);
    lwpath_set_former_lan(0, 0);
    request = make_arp(everyone, client_mac, 1, client_ip, lan_ip);
    check_silent(&request, LWPATH_COUNT_LAN_ARP_OTHER);
    arrive(&lan, &packet);
    CHECK_EQ(uplink.count, 1);
    unsigned cursor = 0;
    const lwpath_neighbour_t *left = lwpath_next_client(&cursor);
    CHECK(left != NULL && left->address == ip_of(new_client));
    CHECK(lwpath_next_client(&cursor) == NULL);
}

// --- ping ---

static frame_t make_ping(const uint8_t source[4], const uint8_t destination[4]) {
    frame_t ping = make_ip(lan_mac, client_mac, LWPATH_PROTOCOL_ICMP, source, destination, 64);
    ping.bytes[34] = 8;
    ping.bytes[35] = 0;
    wg_store16_be(ping.bytes + 36, 0);
    wg_store16_be(ping.bytes + 36, lwpath_checksum(lwpath_sum(ping.bytes + 34, 64)));
    return ping;
}

TEST(a_ping_from_a_client_is_answered_in_its_own_buffer) {
    street_open();
    frame_t ping = make_ping(client_ip, lan_ip);
    lan.holds = true;
    arrive(&lan, &ping);
    CHECK_EQ(lan.count, 1);
    CHECK_EQ(frames_lent, 1);
    CHECK_EQ(lan.sent[0].len, ping.len);
    CHECK_BYTES(lan.sent[0].bytes, client_mac, 6);
    CHECK_BYTES(lan.sent[0].bytes + 26, lan_ip, 4);
    CHECK_BYTES(lan.sent[0].bytes + 30, client_ip, 4);
    CHECK(lwpath_is_ipv4_header_right(lan.sent[0].bytes + 14, 20));
    CHECK_EQ(lan.sent[0].bytes[34], 0);
    CHECK_EQ(lwpath_checksum(lwpath_sum(lan.sent[0].bytes + 34, 64)), 0);
    CHECK_EQ(uplink.count, 0);
    check_nothing_leaks();
}

TEST(a_ping_without_a_tunnel_is_answered_too) {
    street_boot();
    lwpath_set_lan(ip_of(lan_ip), 24);
    frame_t ping = make_ping(client_ip, lan_ip);
    arrive(&lan, &ping);
    CHECK_EQ(lan.count, 1);
}

TEST(nothing_else_on_our_lan_address_is_answered) {
    street_open();
    frame_t udp = make_udp(lan_mac, client_mac, client_ip, 4000, lan_ip, 80, NULL, 30);
    check_silent(&udp, LWPATH_COUNT_LAN_LOCAL);
    frame_t tcp = make_ip(lan_mac, client_mac, 6, client_ip, lan_ip, 40);
    wg_store16_be(tcp.bytes + 36, 80);
    check_silent(&tcp, LWPATH_COUNT_LAN_LOCAL);
    frame_t foreign = make_ping(web_ip, lan_ip); // its answer would have to leave on the uplink
    arrive(&lan, &foreign);
    CHECK_EQ(lan.count + uplink.count, 0);
}

// --- frames ---

TEST(ipv6_and_frames_for_others_are_dropped_and_counted) {
    street_open();
    frame_t frame = make_frame(lan_mac, client_mac, LWPATH_TYPE_IPV6, 60);
    check_silent(&frame, LWPATH_COUNT_LAN_IPV6);
    frame = make_frame(everyone, client_mac, 0x8863, 60);
    check_silent(&frame, LWPATH_COUNT_LAN_ETHERTYPE);
    frame = make_client_packet(100);
    frame.bytes[3] ^= 1;
    check_silent(&frame, LWPATH_COUNT_LAN_OTHER_MAC);
    frame = make_client_packet(100);
    memcpy(frame.bytes, everyone, 6);
    check_silent(&frame, LWPATH_COUNT_LAN_BROADCAST);
    frame = make_client_packet(100);
    for (size_t len = 1; len < 34; len++) {
        frame_t cut = frame;
        cut.len = len;
        check_silent(&cut, LWPATH_COUNT_LAN_SHORT);
    }
    for (size_t len = 34; len < frame.len; len++) {
        frame_t cut = frame;
        cut.len = len;
        arrive(&lan, &cut);
    }
    CHECK_EQ(uplink.count + lan.count, 0);
    check_nothing_leaks();
}

// --- who has which address ---

TEST(a_clients_address_cannot_be_taken_while_it_speaks) {
    street_open();
    frame_t packet = make_client_packet(10);
    arrive(&lan, &packet);
    frame_t inner = opened_by_theirs();
    frame_t answer = make_udp(uplink_mac, router_mac, web_ip, 443, tunnel_ip, wg_load16_be(inner.bytes + 20), NULL, 50);
    frame_t impostor = packet;
    memcpy(impostor.bytes + 6, other_mac, 6);
    check_silent(&impostor, LWPATH_COUNT_LAN_IMPOSTOR);
    frame_t claim = make_arp(lan_mac, other_mac, 2, client_ip, lan_ip);
    check_silent(&claim, LWPATH_COUNT_LAN_IMPOSTOR);
    frame_t back = sealed_by_theirs(answer.bytes + 14, answer.len - 14);
    arrive(&uplink, &back);
    CHECK_BYTES(last_sent(&lan), client_mac, 6);
    clock_ms += LWPATH_NEIGHBOUR_SILENCE_MS + 1;
    arrive(&lan, &impostor); // by now it is a new client
    back = sealed_by_theirs(answer.bytes + 14, answer.len - 14);
    arrive(&uplink, &back);
    CHECK_BYTES(last_sent(&lan), other_mac, 6);
}

TEST(an_answer_for_a_client_that_is_not_known_is_dropped) {
    street_open();
    frame_t packet = make_client_packet(10);
    arrive(&lan, &packet);
    frame_t inner = opened_by_theirs();
    frame_t answer = make_udp(uplink_mac, router_mac, web_ip, 443, tunnel_ip, wg_load16_be(inner.bytes + 20), NULL, 50);
    frame_t back = sealed_by_theirs(answer.bytes + 14, answer.len - 14);
    uint8_t ack[LWPATH_DHCP_MIN] = {2};
    // All places go to clients with leases.
    for (uint8_t i = 1; i <= LWPATH_NEIGHBOURS; i++) {
        uint8_t options[LWPATH_DHCP_MIN + 4];
        const uint8_t address[4] = {10, 7, 7, (uint8_t)(20 + i)}, mac[6] = {2, 0, 0, 0, 8, i};
        memcpy(options, ack, sizeof ack);
        memcpy(options + 16, address, 4);
        memcpy(options + LWPATH_DHCP_MIN, (uint8_t[]){53, 1, 5, 255}, 4);
        CHECK_EQ(lwpath_send_dhcp(options, sizeof options, mac, ip_of(address), false), ERR_OK);
    }
    lan.count = 0;
    arrive(&uplink, &back);
    CHECK_EQ(lan.count, 0);
    CHECK_EQ(lwpath_count(LWPATH_COUNT_LAN_NO_CLIENT), 1);
    check_nothing_leaks();
}

TEST(clients_are_listed_with_their_flows_and_silence) {
    street_open();
    frame_t packet = make_client_packet(10);
    arrive(&lan, &packet);
    wg_store16_be(packet.bytes + 34, 4001);
    arrive(&lan, &packet);
    unsigned cursor = 0;
    const lwpath_neighbour_t *client = lwpath_next_client(&cursor);
    CHECK(client != NULL && client->address == ip_of(client_ip));
    CHECK_BYTES(client->mac, client_mac, 6);
    CHECK_EQ(client->heard_ms, clock_ms);
    CHECK_EQ(lwpath_flows_of(client->address), 2);
    CHECK(lwpath_next_client(&cursor) == NULL);
}

// --- DHCP ---

static frame_t make_dhcp(const uint8_t to_mac[6], const uint8_t source[4], const uint8_t destination[4], size_t len) {
    return make_udp(to_mac, client_mac, source, 68, destination, 67, NULL, len);
}

TEST(dhcp_messages_wait_for_the_control_plane_also_before_there_is_an_address) {
    static const uint8_t nobody[4] = {0, 0, 0, 0}, all[4] = {255, 255, 255, 255};
    street_open();
    frame_t frame = make_dhcp(everyone, nobody, all, 300);
    arrive(&lan, &frame);
    CHECK((lwpath_reasons() & LWPATH_WAKE_DHCP) != 0);
    frame_t renewal = make_dhcp(lan_mac, client_ip, lan_ip, 280);
    arrive(&lan, &renewal);
    const lwpath_dhcp_slot_t *slot = lwpath_next_dhcp();
    CHECK(slot != NULL);
    CHECK_EQ(slot->len, 300);
    CHECK_BYTES(slot->mac, client_mac, 6);
    CHECK_BYTES(slot->message, frame.bytes + 42, 300);
    slot = lwpath_next_dhcp();
    CHECK(slot != NULL && slot->len == 280);
    CHECK(lwpath_next_dhcp() == NULL);
    frame = make_dhcp(everyone, nobody, all, LWPATH_DHCP_MIN - 1);
    check_silent(&frame, LWPATH_COUNT_LAN_DHCP);
    frame = make_dhcp(everyone, nobody, all, LWPATH_DHCP_MAX + 1);
    check_silent(&frame, LWPATH_COUNT_LAN_DHCP);
    frame = make_dhcp(everyone, nobody, all, LWPATH_DHCP_MAX);
    for (uint8_t i = 0; i < LWPATH_DHCP_SLOTS; i++) {
        frame.bytes[11] = i; // another machine
        arrive(&lan, &frame);
    }
    frame.bytes[11] = LWPATH_DHCP_SLOTS;
    check_silent(&frame, LWPATH_COUNT_LAN_DHCP_FULL);
    CHECK_EQ(uplink.count, 0);
}

TEST(one_client_cannot_keep_the_others_dhcp_out) {
    static const uint8_t nobody[4] = {0, 0, 0, 0}, all[4] = {255, 255, 255, 255};
    street_open();
    frame_t flood = make_dhcp(everyone, nobody, all, 300), other = flood;
    memcpy(other.bytes + 6, other_mac, 6);
    for (unsigned i = 0; i < 2 * LWPATH_DHCP_SLOTS; i++) {
        arrive(&lan, &flood);
    }
    CHECK(lwpath_count(LWPATH_COUNT_LAN_DHCP_FULL) > 0);
    arrive(&lan, &other);
    const lwpath_dhcp_slot_t *slot;
    while ((slot = lwpath_next_dhcp()) != NULL && !lwpath_same_mac(slot->mac, other_mac)) {
    }
    CHECK(slot != NULL);
}

TEST(a_frame_from_everybody_is_from_nobody) {
    street_open();
    frame_t packet = make_client_packet(10);
    memcpy(packet.bytes + 6, everyone, 6);
    check_silent(&packet, LWPATH_COUNT_LAN_OTHER_MAC);
    packet.bytes[6] = 1; // a group
    check_silent(&packet, LWPATH_COUNT_LAN_OTHER_MAC);
    CHECK(lwpath_next_client(&(unsigned){0}) == NULL);
}

TEST(a_clients_dhcp_to_a_server_elsewhere_goes_into_the_tunnel) {
    street_open();
    frame_t frame = make_dhcp(lan_mac, client_ip, web_ip, 300);
    arrive(&lan, &frame);
    CHECK(lwpath_next_dhcp() == NULL);
    CHECK_BYTES(opened_by_theirs().bytes + 16, web_ip, 4);
}

TEST(a_dhcp_answer_leaves_from_our_lan_address_and_a_lease_binds_the_address) {
    uint8_t message[300] = {2, 1, 6};
    street_open();
    frame_t other = make_client_packet(10);
    memcpy(other.bytes + 6, other_mac, 6);
    arrive(&lan, &other); // somebody uses the address without having been given it
    memcpy(message + 16, client_ip, 4);
    memcpy(message + 240, (uint8_t[]){54, 4, 10, 7, 7, 1, 0, 53, 1, 2, 255}, 11);
    CHECK_EQ(lwpath_send_dhcp(message, sizeof message, client_mac, ip_of(client_ip), true), ERR_OK);
    CHECK_BYTES(lan.sent[0].bytes, everyone, 6);
    CHECK_BYTES(lan.sent[0].bytes + 26, lan_ip, 4);
    CHECK_EQ(wg_load32_be(lan.sent[0].bytes + 30), UINT32_MAX);
    CHECK_EQ(wg_load16_be(lan.sent[0].bytes + 34), 67);
    CHECK_EQ(wg_load16_be(lan.sent[0].bytes + 36), 68);
    CHECK_EQ(wg_load16_be(lan.sent[0].bytes + 38), 308);
    CHECK(lwpath_is_ipv4_header_right(lan.sent[0].bytes + 14, 20));
    CHECK_BYTES(lan.sent[0].bytes + 42, message, sizeof message);
    frame_t packet = make_client_packet(10);
    check_silent(&packet, LWPATH_COUNT_LAN_IMPOSTOR); // an offer is no lease
    message[249] = 5;
    CHECK_EQ(lwpath_send_dhcp(message, sizeof message, client_mac, ip_of(client_ip), false), ERR_OK);
    CHECK_BYTES(lan.sent[1].bytes, client_mac, 6);
    CHECK_BYTES(lan.sent[1].bytes + 30, client_ip, 4);
    uplink.count = 0;
    arrive(&lan, &packet);
    CHECK_EQ(uplink.count, 1);
    check_silent(&other, LWPATH_COUNT_LAN_IMPOSTOR);
    CHECK_EQ(lwpath_send_dhcp(message, 1473, client_mac, ip_of(client_ip), false), ERR_ARG);
    lwpath_set_lan(0, 0);
    CHECK_EQ(lwpath_send_dhcp(message, sizeof message, client_mac, ip_of(client_ip), false), ERR_RTE);
    check_nothing_leaks();
}
