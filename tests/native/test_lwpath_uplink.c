// with: lwip
// What the uplink may make the box do: next to nothing.
#include "lwip/dhcp.h"
#include "lwip/prot/dhcp.h"
#include "lwpath_street.h"
#include "wg_blake2s.h"

static uint32_t dropped(lwpath_counter_t counter) {
    return lwpath_count(counter);
}

// The box answers nothing and counts this.
static void check_silent(const frame_t *frame, lwpath_counter_t counter) {
    uint32_t before = dropped(counter);
    arrive(&uplink, frame);
    CHECK_EQ(uplink.count, 0);
    CHECK_EQ(lan.count, 0);
    CHECK_EQ(dropped(counter), before + 1);
    CHECK_EQ(frames_lent, 0);
}

TEST(pings_and_redirects_are_dropped_in_silence) {
    street_open();
    static const uint8_t types[] = {8, 0, 3, 5, 9, 11, 13, 17};
    for (unsigned i = 0; i < sizeof types; i++) {
        frame_t frame = make_ip(uplink_mac, router_mac, LWPATH_PROTOCOL_ICMP, router_ip, uplink_ip, 64);
        frame.bytes[34] = types[i];
        frame.bytes[35] = 0;
        check_silent(&frame, LWPATH_COUNT_UPLINK_ICMP);
        memcpy(frame.bytes, everyone, 6);
        check_silent(&frame, LWPATH_COUNT_UPLINK_ICMP);
    }
}

TEST(no_port_is_open_and_none_says_that_it_is_closed) {
    street_open();
    for (unsigned port = 1; port < 65536; port += 13) {
        frame_t frame = make_udp(uplink_mac, router_mac, web_ip, 5000, uplink_ip, (uint16_t)port, NULL, 20);
        if (port != OUR_PORT && port != LWPATH_PORT_DHCP_CLIENT) {
            check_silent(&frame, LWPATH_COUNT_UPLINK_PORT);
        }
    }
    for (unsigned port = 1; port < 65536; port += 13) {
        frame_t tcp = make_ip(uplink_mac, router_mac, LWPATH_PROTOCOL_TCP, web_ip, uplink_ip, 20);
        wg_store16_be(tcp.bytes + 36, (uint16_t)port);
        check_silent(&tcp, LWPATH_COUNT_UPLINK_TCP);
    }
    frame_t igmp = make_ip(uplink_mac, router_mac, 2, router_ip, uplink_ip, 8);
    check_silent(&igmp, LWPATH_COUNT_UPLINK_PROTOCOL);
}

TEST(router_advertisements_and_all_other_ipv6_are_dropped) {
    street_open();
    frame_t frame = make_frame(uplink_mac, router_mac, LWPATH_TYPE_IPV6, 80);
    check_silent(&frame, LWPATH_COUNT_UPLINK_IPV6);
    frame = make_frame(uplink_mac, router_mac, 0x8100, 80);
    check_silent(&frame, LWPATH_COUNT_UPLINK_ETHERTYPE);
}

TEST(addresses_inside_are_not_to_be_had_from_outside) {
    street_open();
    const uint8_t *const inside[] = {lan_ip, client_ip, tunnel_ip, web_ip};
    datagram_t datagram = keepalive_from(&theirs, clock_ms);
    for (unsigned i = 0; i < 4; i++) {
        frame_t frame = make_udp(uplink_mac, router_mac, web_ip, 5000, inside[i], 53, NULL, 20);
        check_silent(&frame, LWPATH_COUNT_UPLINK_ADDRESS);
        frame = make_udp(uplink_mac, router_mac, their_endpoint.address, 2222, inside[i], OUR_PORT, datagram.bytes,
                         datagram.len);
        check_silent(&frame, LWPATH_COUNT_UPLINK_ADDRESS);
    }
}

TEST(a_client_does_not_reach_the_uplinks_address_but_through_the_tunnel) {
    street_open();
    frame_t frame = make_ip(lan_mac, client_mac, LWPATH_PROTOCOL_ICMP, client_ip, uplink_ip, 64);
    frame.bytes[34] = 8;
    frame.bytes[35] = 0;
    wg_store16_be(frame.bytes + 36, 0);
    wg_store16_be(frame.bytes + 36, lwpath_checksum(lwpath_sum(frame.bytes + 34, 64)));
    arrive(&lan, &frame);
    CHECK_EQ(lan.count, 0);
    CHECK_EQ(uplink.count, 1);
    CHECK_BYTES(opened_by_theirs().bytes + 16, uplink_ip, 4);
}

TEST(frames_for_others_in_pieces_or_too_short_are_dropped) {
    street_open();
    frame_t frame = sealed_by_theirs(NULL, 0);
    frame_t foreign = frame;
    foreign.bytes[5] ^= 1;
    check_silent(&foreign, LWPATH_COUNT_UPLINK_OTHER_MAC);
    frame_t broadcast = frame;
    memcpy(broadcast.bytes, everyone, 6);
    check_silent(&broadcast, LWPATH_COUNT_UPLINK_ADDRESS);
    for (size_t len = 1; len < 34; len++) {
        frame_t cut = frame;
        cut.len = len;
        check_silent(&cut, LWPATH_COUNT_UPLINK_SHORT);
    }
    for (size_t len = 34; len < frame.len; len++) {
        frame_t cut = frame;
        cut.len = len;
        check_silent(&cut, LWPATH_COUNT_UPLINK_MALFORMED);
    }
    frame_t fragment = frame;
    fragment.bytes[20] = 0x20;
    fix_header(&fragment);
    check_silent(&fragment, LWPATH_COUNT_UPLINK_FRAGMENT);
    frame_t lie = frame;
    wg_store16_be(lie.bytes + 38, 7);
    check_silent(&lie, LWPATH_COUNT_UPLINK_MALFORMED);
    wg_store16_be(lie.bytes + 38, 2000);
    check_silent(&lie, LWPATH_COUNT_UPLINK_MALFORMED);
}

TEST(chained_frames_are_dropped_and_given_back) {
    street_open();
    frame_t packet = make_client_packet(100), answer = sealed_by_theirs(NULL, 0);
    struct pbuf *chain = lend(packet.bytes, 60);
    pbuf_cat(chain, lend(packet.bytes + 60, packet.len - 60));
    CHECK_EQ(lan.netif.input(chain, &lan.netif), ERR_OK);
    chain = lend(answer.bytes, 60);
    pbuf_cat(chain, lend(answer.bytes + 60, answer.len - 60));
    CHECK_EQ(uplink.netif.input(chain, &uplink.netif), ERR_OK);
    CHECK_EQ(dropped(LWPATH_COUNT_LAN_CHAINED), 1);
    CHECK_EQ(dropped(LWPATH_COUNT_UPLINK_CHAINED), 1);
    CHECK_EQ(uplink.count, 0);
    check_nothing_leaks();
}

// --- ARP ---

TEST(arp_is_answered_for_the_uplinks_own_address_alone) {
    street_open();
    static const uint8_t asker[4] = {192, 0, 2, 5};
    frame_t request = make_arp(everyone, other_mac, 1, asker, uplink_ip);
    arrive(&uplink, &request);
    CHECK_EQ(uplink.count, 1);
    CHECK_BYTES(last_sent(&uplink) + 22, uplink_mac, 6);
    const uint8_t *const others[] = {lan_ip, tunnel_ip, client_ip, web_ip, router_ip};
    for (unsigned i = 0; i < 5; i++) {
        request = make_arp(everyone, other_mac, 1, asker, others[i]);
        arrive(&uplink, &request);
    }
    CHECK_EQ(uplink.count, 1);
    CHECK_EQ(frames_lent, 0);
}

TEST(whoever_claims_our_address_or_has_a_foreign_one_is_not_heard) {
    street_open();
    frame_t claim = make_arp(everyone, other_mac, 1, uplink_ip, uplink_ip);
    check_silent(&claim, LWPATH_COUNT_UPLINK_ARP);
    claim = make_arp(uplink_mac, other_mac, 2, uplink_ip, router_ip);
    check_silent(&claim, LWPATH_COUNT_UPLINK_ARP);
    claim = make_arp(uplink_mac, other_mac, 1, client_ip, uplink_ip);
    check_silent(&claim, LWPATH_COUNT_UPLINK_ARP);
    frame_t cut = make_arp(uplink_mac, other_mac, 1, router_ip, uplink_ip);
    cut.len = 41;
    check_silent(&cut, LWPATH_COUNT_UPLINK_SHORT);
}

// --- handshakes ---

static datagram_t initiation(const uint8_t public_key[32], uint32_t sender) {
    wg_gate_t theirs_of_us;
    datagram_t message = {.len = WG_INITIATION_LEN};
    wg_gate_init(&theirs_of_us);
    wg_gate_set_identity(&theirs_of_us, public_key);
    message.bytes[0] = WG_MESSAGE_INITIATION;
    wg_store32_le(message.bytes + 4, sender);
    wg_blake2s(message.bytes + WG_INITIATION_MAC1, WG_MAC_LEN, message.bytes, WG_INITIATION_MAC1, theirs_of_us.mac1_key,
               32);
    return message;
}

TEST(only_handshakes_with_a_right_mac1_wait_for_the_control_plane) {
    static const uint8_t key[32] = {5}, wrong_key[32] = {6};
    street_open();
    wg_gate_set_identity(&gate, key);
    datagram_t message = initiation(wrong_key, 7);
    frame_t frame = make_datagram(their_endpoint.address, 2222, OUR_PORT, &message);
    arrive(&uplink, &frame);
    CHECK((lwpath_reasons() & LWPATH_WAKE_HANDSHAKE) == 0);
    CHECK_EQ(ours.tunnel.drops[WG_ERR_MAC1], 1);
    message = initiation(key, 7);
    frame = make_datagram(their_endpoint.address, 2222, OUR_PORT, &message);
    arrive(&uplink, &frame);
    CHECK((lwpath_reasons() & LWPATH_WAKE_HANDSHAKE) != 0);
    const wg_ring_slot_t *slot = lwpath_next_handshake();
    CHECK(slot != NULL);
    CHECK_EQ(slot->len, WG_INITIATION_LEN);
    CHECK_BYTES(slot->message, message.bytes, message.len);
    CHECK(wg_endpoint_equal(&slot->source, &their_endpoint));
    CHECK(lwpath_next_handshake() == NULL);
    CHECK_EQ(uplink.count, 0);
    check_nothing_leaks();
}

TEST(a_flood_of_handshakes_fills_the_ring_and_then_costs_cookies) {
    static const uint8_t key[32] = {5}, secret[64] = {9};
    street_open();
    wg_gate_set_identity(&gate, key);
    wg_gate_set_secret(&gate, secret, clock_ms);
    for (uint32_t i = 0; i < 100; i++) {
        datagram_t message = initiation(key, i);
        frame_t frame = make_datagram(their_endpoint.address, 2222, OUR_PORT, &message);
        arrive(&uplink, &frame);
    }
    CHECK(dropped(LWPATH_COUNT_COOKIES) > 50);
    CHECK_EQ(uplink.count, dropped(LWPATH_COUNT_COOKIES));
    CHECK_EQ(datagram_of_frame(&uplink.sent[0]).bytes[0], WG_MESSAGE_COOKIE);
    unsigned waiting = 0;
    while (lwpath_next_handshake() != NULL) {
        waiting++;
    }
    CHECK(waiting > 0 && waiting < 16);
    check_nothing_leaks();
}

TEST(a_closed_path_hears_no_datagram) {
    street_open();
    frame_t frame = sealed_by_theirs(NULL, 0);
    lwpath_unbind();
    check_silent(&frame, LWPATH_COUNT_UPLINK_PORT);
    CHECK_EQ(lwpath_bind(OUR_PORT), OUR_PORT);
    lwpath_close();
    check_silent(&frame, LWPATH_COUNT_UPLINK_PORT);
}

// --- DHCP and DNS ---

static frame_t dhcp_from_router(const frame_t *request, uint8_t type, const uint8_t *options, size_t options_len) {
    uint8_t message[400] = {2, 1, 6};
    memcpy(message + 4, request->bytes + 42 + 4, 4);    // transaction
    memcpy(message + 28, request->bytes + 42 + 28, 16); // hardware address
    memcpy(message + 16, uplink_ip, 4);
    const uint8_t begin[] = {0x63, 0x82, 0x53, 0x63, 53,  1, type, 54, 4,   192, 0, 2, 1, 51, 4,   0, 0, 14, 16,
                             1,    4,    255,  255,  255, 0, 3,    4,  192, 0,   2, 1, 6, 4,  192, 0, 2, 1};
    memcpy(message + 236, begin, sizeof begin);
    size_t len = 236 + sizeof begin;
    if (options_len > 0) {
        memcpy(message + len, options, options_len);
        len += options_len;
    }
    message[len++] = 255;
    return make_udp(uplink_mac, router_mac, router_ip, 67, uplink_ip, 68, message, len);
}

TEST(dhcp_gives_an_address_and_option_121_gives_no_route) {
    // 198.51.100.0/24 and 0.0.0.0/1 past 192.0.2.66, in options 121, 249 and 33.
    static const uint8_t routes[] = {121, 14,  24, 198, 51,  100, 192, 0,  2,  66, 1,   0, 192, 0, 2,   66, 249, 8,
                                     24,  198, 51, 100, 192, 0,   2,   66, 33, 8,  203, 0, 113, 2, 192, 0,  2,   66};
    street_open();
    lwpath_uplink_t state;
    lwpath_uplink_stop();
    (void)lwpath_reasons();
    uplink.count = 0;
    CHECK_EQ(lwpath_uplink_dhcp(), ERR_OK);
    CHECK_EQ(uplink.count, 1);
    CHECK_EQ(wg_load16_be(uplink.sent[0].bytes + 36), 67);
    frame_t offer = dhcp_from_router(&uplink.sent[0], 2, routes, sizeof routes);
    arrive(&uplink, &offer);
    CHECK_EQ(uplink.count, 2);
    frame_t ack = dhcp_from_router(&uplink.sent[1], 5, routes, sizeof routes);
    arrive(&uplink, &ack);
    CHECK((lwpath_reasons() & LWPATH_WAKE_UPLINK) != 0);
    lwpath_uplink(&state);
    CHECK(state.link);
    CHECK_EQ(state.address, ip_of(uplink_ip));
    CHECK_EQ(state.prefix_len, 24);
    CHECK_EQ(state.gateway, ip_of(router_ip));
    CHECK_EQ(state.dns[0], ip_of(router_ip));
    CHECK_EQ(state.dns[1], 0);
    frame_t packet = make_client_packet(100);
    arrive(&lan, &packet);
    frame_t arp = make_arp(uplink_mac, router_mac, 2, router_ip, uplink_ip);
    arrive(&uplink, &arp);
    arrive(&lan, &packet);
    CHECK_BYTES(last_sent(&uplink), router_mac, 6); // not by way of 192.0.2.66
    CHECK_BYTES(last_sent(&uplink) + 30, their_endpoint.address, 4);
    check_nothing_leaks();
}

TEST(a_renewed_lease_of_the_same_addresses_changes_nothing) {
    street_open();
    lwpath_uplink_stop();
    uplink.count = 0;
    CHECK_EQ(lwpath_uplink_dhcp(), ERR_OK);
    frame_t offer = dhcp_from_router(&uplink.sent[0], 2, NULL, 0);
    arrive(&uplink, &offer);
    frame_t ack = dhcp_from_router(&uplink.sent[1], 5, NULL, 0);
    arrive(&uplink, &ack);
    frame_t arp = make_arp(uplink_mac, router_mac, 2, router_ip, uplink_ip);
    frame_t packet = make_client_packet(100);
    arrive(&lan, &packet);
    arrive(&uplink, &arp);
    (void)lwpath_reasons();
    uplink.count = 0;
    CHECK_EQ(lwpath_uplink_dhcp(), ERR_OK);
    ack = dhcp_from_router(&uplink.sent[0], 5, NULL, 0);
    arrive(&uplink, &ack);
    CHECK((lwpath_reasons() & LWPATH_WAKE_UPLINK) == 0);
    uplink.count = 0;
    arrive(&lan, &packet);
    CHECK_EQ(uplink.count, 1);
    CHECK_BYTES(uplink.sent[0].bytes, router_mac, 6); // whose MAC is still known
    check_nothing_leaks();
}

TEST(a_renewed_lease_with_another_router_is_followed_at_once) {
    static const uint8_t new_router_ip[4] = {192, 0, 2, 2}, new_mac[6] = {2, 0, 0, 0, 9, 2};
    enum { ROUTER_OPTION = 42 + LWPATH_DHCP_MIN + 21 };
    street_open();
    lwpath_uplink_stop();
    uplink.count = 0;
    CHECK_EQ(lwpath_uplink_dhcp(), ERR_OK);
    frame_t offer = dhcp_from_router(&uplink.sent[0], 2, NULL, 0);
    arrive(&uplink, &offer);
    frame_t ack = dhcp_from_router(&uplink.sent[1], 5, NULL, 0);
    arrive(&uplink, &ack);
    (void)lwpath_reasons();
    uplink.count = 0;
    CHECK_EQ(lwpath_uplink_dhcp(), ERR_OK);
    ack = dhcp_from_router(&uplink.sent[0], 5, NULL, 0);
    CHECK_EQ(ack.bytes[ROUTER_OPTION], 3);
    memcpy(ack.bytes + ROUTER_OPTION + 2, new_router_ip, 4);
    arrive(&uplink, &ack);
    CHECK((lwpath_reasons() & LWPATH_WAKE_UPLINK) != 0);
    frame_t packet = make_client_packet(100);
    arrive(&lan, &packet);
    frame_t arp = make_arp(uplink_mac, new_mac, 2, new_router_ip, uplink_ip);
    arrive(&uplink, &arp);
    CHECK_BYTES(last_sent(&uplink), new_mac, 6);
    CHECK_BYTES(last_sent(&uplink) + 30, their_endpoint.address, 4);
    check_nothing_leaks();
}

static uint8_t dhcp_type(const frame_t *frame) {
    return frame->bytes[42 + LWPATH_DHCP_MIN + 2]; // lwIP says first what it is
}

// Have an address by DHCP, do something, and see what is asked within a little more than a second that nobody answers.
static void check_asked_after(void (*change)(void)) {
    street_open();
    lwpath_uplink_stop();
    uplink.count = 0;
    CHECK_EQ(lwpath_uplink_dhcp(), ERR_OK);
    frame_t offer = dhcp_from_router(&uplink.sent[0], 2, NULL, 0);
    arrive(&uplink, &offer);
    frame_t ack = dhcp_from_router(&uplink.sent[1], 5, NULL, 0);
    arrive(&uplink, &ack);
    uplink.count = 0;
    change();
    for (unsigned i = 0; i < 11; i++) {
        clock_ms += 100;
        sys_check_timeouts();
    }
    uint8_t asked[2] = {0, 0};
    unsigned count = 0;
    for (unsigned i = 0; i < uplink.count; i++) {
        if (wg_load16_be(uplink.sent[i].bytes + 12) == LWPATH_TYPE_IPV4 && count < 2) {
            asked[count++] = dhcp_type(&uplink.sent[i]);
        }
    }
    CHECK_EQ(asked[0], 3); // may I still have it?
    CHECK_EQ(asked[1], 1); // who has one for me?
}

static void change_network(void) {
    netif_set_link_down(&uplink.netif);
    netif_set_link_up(&uplink.netif);
}

static void ask_again(void) {
    CHECK_EQ(lwpath_uplink_dhcp(), ERR_OK);
}

TEST(a_server_of_another_network_that_says_nothing_to_our_address_is_soon_asked_for_one) {
    check_asked_after(change_network);
}

TEST(asking_again_gives_an_address_up_as_soon) {
    check_asked_after(ask_again);
}

TEST(dhcp_is_heard_only_when_the_box_has_asked_for_it) {
    street_open();
    static const frame_t no_request;
    frame_t ack = dhcp_from_router(&no_request, 5, (const uint8_t *)"", 0);
    check_silent(&ack, LWPATH_COUNT_UPLINK_UNASKED);
    frame_t broadcast = ack;
    memcpy(broadcast.bytes, everyone, 6);
    memset(broadcast.bytes + 30, 255, 4);
    fix_header(&broadcast);
    check_silent(&broadcast, LWPATH_COUNT_UPLINK_UNASKED);
}

static frame_t dns_answer(const frame_t *query, const uint8_t from[4]) {
    uint8_t message[256];
    size_t len = (size_t)wg_load16_be(query->bytes + 38) - 8;
    memcpy(message, query->bytes + 42, len);
    message[2] |= 0x80;
    message[7] = 1;
    const uint8_t answer[] = {0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4, 203, 0, 113, 9};
    memcpy(message + len, answer, sizeof answer);
    return make_udp(uplink_mac, router_mac, from, 53, uplink_ip, wg_load16_be(query->bytes + 34), message,
                    len + sizeof answer);
}

TEST(names_are_asked_of_the_uplinks_name_server_and_nobody_else_is_heard) {
    static const uint8_t found_ip[4] = {203, 0, 113, 9};
    uint32_t address;
    street_open();
    CHECK_EQ(lwpath_name(&address), LWPATH_NAME_NONE);
    lwpath_look_up("gateway.example");
    CHECK_EQ(lwpath_name(&address), LWPATH_NAME_LOOKING);
    CHECK_EQ(uplink.count, 1);
    frame_t query = uplink.sent[0];
    CHECK_BYTES(query.bytes + 30, router_ip, 4);
    CHECK_EQ(wg_load16_be(query.bytes + 36), 53);
    uplink.count = 0;
    frame_t forged = dns_answer(&query, web_ip);
    check_silent(&forged, LWPATH_COUNT_UPLINK_UNASKED);
    frame_t answer = dns_answer(&query, router_ip), elsewhere = answer;
    wg_store16_be(elsewhere.bytes + 36, (uint16_t)(wg_load16_be(answer.bytes + 36) + 1));
    check_silent(&elsewhere, LWPATH_COUNT_UPLINK_UNASKED);
    arrive(&uplink, &answer);
    CHECK((lwpath_reasons() & LWPATH_WAKE_NAME) != 0);
    CHECK_EQ(lwpath_name(&address), LWPATH_NAME_FOUND);
    CHECK_EQ(address, ip_of(found_ip));
    CHECK((lwpath_reasons() & LWPATH_WAKE_NAME) == 0);
    check_silent(&answer, LWPATH_COUNT_UPLINK_UNASKED); // we have it
    check_nothing_leaks();
}

// What a sign-in page says of every name, or a network that means harm, is forgotten with that network.
TEST(an_answer_for_a_name_is_good_for_one_look_up) {
    uint32_t address;
    street_open();
    lwpath_look_up("moving.example");
    frame_t answer = dns_answer(&uplink.sent[0], router_ip);
    arrive(&uplink, &answer);
    CHECK_EQ(lwpath_name(&address), LWPATH_NAME_FOUND);
    lwpath_look_up("moving.example");
    CHECK_EQ(lwpath_name(&address), LWPATH_NAME_LOOKING);
    CHECK_EQ(uplink.count, 2);
}

TEST(a_look_up_that_nobody_answers_fails_and_tells_so) {
    uint32_t address;
    street_open();
    lwpath_look_up("nowhere.example");
    for (unsigned i = 0; i < 60 && lwpath_name(&address) == LWPATH_NAME_LOOKING; i++) {
        clock_ms += 1000;
        sys_check_timeouts();
    }
    CHECK_EQ(lwpath_name(&address), LWPATH_NAME_FAILED);
    lwpath_look_up("198.51.100.7");
    CHECK_EQ(lwpath_name(&address), LWPATH_NAME_FOUND);
}

// --- the port ---

TEST(a_port_is_taken_once_and_a_random_one_is_for_private_use) {
    street_open();
    struct udp_pcb *pcb = udp_new();
    CHECK_EQ(udp_bind(pcb, IP_ADDR_ANY, 7000), ERR_OK);
    CHECK_EQ(lwpath_bind(7000), 0); // and the one before is still ours
    frame_t frame = sealed_by_theirs(NULL, 0);
    arrive(&uplink, &frame);
    CHECK_EQ(dropped(LWPATH_COUNT_UPLINK_PORT), 0);
    uint16_t port = lwpath_bind(0);
    CHECK(port >= 49152 && port != OUR_PORT);
    CHECK_EQ(lwpath_bind(port), port);
    udp_remove(pcb);
}

TEST(the_loop_sleeps_until_its_time_and_comes_back_early_for_a_reason) {
    street_open();
    uint64_t begun = clock_ms;
    CHECK_EQ(lwpath_poll(250), 0);
    CHECK(clock_ms - begun >= 250 && clock_ms - begun < 400);
    netif_set_link_down(&uplink.netif);
    begun = clock_ms;
    CHECK_EQ(lwpath_poll(-1), LWPATH_WAKE_UPLINK);
    CHECK_EQ(clock_ms, begun);
}

// --- what else a network says of itself ---

static frame_t lease_with(const uint8_t *options, size_t len) {
    lwpath_uplink_stop();
    uplink.count = 0;
    CHECK_EQ(lwpath_uplink_dhcp(), ERR_OK);
    frame_t offer = dhcp_from_router(&uplink.sent[0], 2, options, len);
    arrive(&uplink, &offer);
    char address[LWPATH_PORTAL_MAX];
    CHECK_EQ(lwpath_uplink_portal(address), 0); // an offer is no lease
    return dhcp_from_router(&uplink.sent[1], 5, options, len);
}

static void check_portal(const char *expected) {
    char address[LWPATH_PORTAL_MAX];
    size_t len = lwpath_uplink_portal(address);
    CHECK_EQ(len, strlen(expected));
    CHECK_BYTES(address, expected, len);
}

TEST(dhcp_is_asked_where_one_signs_in_and_the_answer_is_kept_with_the_lease) {
    static const uint8_t options[] = {114, 19,  'h', 't', 't', 'p', 's', ':', '/', '/', 'h',
                                      'o', 't', 'e', 'l', '.', 't', 'e', 's', 't', '/'};
    street_open();
    frame_t ack = lease_with(options, sizeof options);
    for (unsigned i = 0; i < 2; i++) {
        const uint8_t *udp = uplink.sent[i].bytes + 34;
        size_t len = wg_load16_be(udp + 4);
        bool asked = false;
        for (size_t at = 8 + 240; udp[at] != 255; at += 2U + udp[at + 1]) {
            asked = asked || (udp[at] == 55 && memchr(udp + at + 2, 114, udp[at + 1]) != NULL);
        }
        CHECK(asked);
        const uint8_t *ip = uplink.sent[i].bytes + 14;
        uint8_t even[FRAME_MAX] = {0};
        memcpy(even, udp, len);
        CHECK_EQ(lwpath_checksum(lwpath_sum(ip + 12, 8) + LWPATH_PROTOCOL_UDP + (uint32_t)len +
                                 lwpath_sum(even, (len + 1) / 2 * 2)),
                 0);
    }
    arrive(&uplink, &ack);
    check_portal("https://hotel.test/");
    lwpath_uplink_stop();
    check_portal("");
}

TEST(a_portal_that_is_cut_short_or_not_printable_is_none) {
    static const uint8_t evil[] = {114, 6, 'h', 't', 27, '[', '2', 'J'};
    street_open();
    frame_t ack = lease_with(evil, sizeof evil);
    arrive(&uplink, &ack);
    check_portal("");
    static const uint8_t short_one[] = {114, 200, 'h', 't'};
    ack = lease_with(short_one, sizeof short_one);
    arrive(&uplink, &ack);
    check_portal("");
    static const uint8_t good[] = {114, 3, 'a', ':', 'b'};
    ack = lease_with(good, sizeof good);
    ack.bytes[42 + 4] ^= 1; // of another transaction
    arrive(&uplink, &ack);
    check_portal("");
}

TEST(the_next_hop_is_known_by_its_mac_once_arp_has_told_it) {
    uint8_t mac[6];
    street_open();
    CHECK(lwpath_uplink_router(mac));
    CHECK_BYTES(mac, router_mac, 6);
    netif_set_link_down(&uplink.netif);
    CHECK(!lwpath_uplink_router(mac));
    lwpath_uplink_stop();
    CHECK(!lwpath_uplink_router(mac));
}
