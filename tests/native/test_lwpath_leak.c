// with: lwip
// In no state does anything that a client wrote leave on the uplink as it was.
#include "lwip/tcp.h"
#include "lwpath_street.h"

// A packet of every kind from a client, each with PAYLOAD_BYTE in it.
static void client_tries_everything(void) {
    static const uint8_t uplink_neighbour[4] = {192, 0, 2, 50}, nobody[4] = {0, 0, 0, 0};
    static const uint8_t all[4] = {255, 255, 255, 255}, group[4] = {224, 0, 0, 251},
                         group_mac[6] = {1, 0, 0x5e, 0, 0, 251};
    const uint8_t *const destinations[] = {web_ip, uplink_ip, router_ip, uplink_neighbour,
                                           lan_ip, tunnel_ip, other_ip,  their_endpoint.address,
                                           all,    group};
    const uint8_t *const sources[] = {client_ip, web_ip, uplink_ip, router_ip, tunnel_ip, lan_ip, nobody};
    static const uint8_t protocols[] = {LWPATH_PROTOCOL_UDP, LWPATH_PROTOCOL_ICMP, 6, 47, 2};
    for (unsigned s = 0; s < sizeof sources / sizeof sources[0]; s++) {
        for (unsigned d = 0; d < sizeof destinations / sizeof destinations[0]; d++) {
            for (unsigned p = 0; p < sizeof protocols; p++) {
                frame_t frame = make_ip(lan_mac, client_mac, protocols[p], sources[s], destinations[d], 100);
                if (protocols[p] == LWPATH_PROTOCOL_UDP) {
                    frame = make_udp(lan_mac, client_mac, sources[s], 53, destinations[d], 53, NULL, 100);
                } else if (protocols[p] == LWPATH_PROTOCOL_ICMP) {
                    frame.bytes[34] = 8;
                    frame.bytes[35] = 0;
                }
                arrive(&lan, &frame);
                memcpy(frame.bytes, d % 2 ? everyone : group_mac, 6);
                arrive(&lan, &frame);
                frame.bytes[18] ^= 0x20; // a fragment
                memcpy(frame.bytes, lan_mac, 6);
                arrive(&lan, &frame);
            }
        }
    }
    static const uint16_t types[] = {LWPATH_TYPE_IPV6, LWPATH_TYPE_ARP, 0x8100, 0x88cc, 0x0042};
    for (unsigned t = 0; t < sizeof types / sizeof types[0]; t++) {
        frame_t frame = make_frame(lan_mac, client_mac, types[t], 200);
        memset(frame.bytes + 14, PAYLOAD_BYTE, 200);
        frame.bytes[14] = 0x60;
        arrive(&lan, &frame);
        memcpy(frame.bytes, everyone, 6);
        arrive(&lan, &frame);
    }
}

// Everything that was sent on the uplink is ARP, or the tunnel's.
static void check_uplink_is_closed(void) {
    for (unsigned i = 0; i < uplink.count; i++) {
        const frame_t *frame = &uplink.sent[i];
        CHECK(!has_payload(frame));
        if (wg_load16_be(frame->bytes + 12) == LWPATH_TYPE_ARP) {
            continue;
        }
        datagram_t datagram = datagram_of_frame(frame);
        CHECK_BYTES(frame->bytes + 30, their_endpoint.address, 4);
        CHECK_EQ(wg_load16_be(frame->bytes + 34), OUR_PORT);
        CHECK(datagram.bytes[0] >= 1 && datagram.bytes[0] <= 4);
    }
    uplink.count = lan.count = 0;
}

static void client_tries_again(void) {
    for (unsigned round = 0; round < 3; round++) {
        client_tries_everything();
        check_uplink_is_closed();
        clock_ms += 700;
        sys_check_timeouts();
    }
}

TEST(nothing_leaves_from_power_on) {
    street_boot();
    client_tries_again();
    CHECK_EQ(uplink.count, 0);
    street_uplink();
    client_tries_again();
    check_nothing_leaks();
}

TEST(nothing_leaves_with_an_uplink_and_a_lan_but_no_tunnel_address) {
    street_boot();
    street_tunnels();
    wg_gate_init(&gate);
    lwpath_open(&ours.tunnel, &gate);
    street_uplink();
    lwpath_set_lan(ip_of(lan_ip), 24);
    (void)lwpath_bind(OUR_PORT);
    client_tries_again();
    CHECK_EQ(lwpath_count(LWPATH_COUNT_UPLINK_TX), 0);
    check_nothing_leaks();
}

TEST(nothing_leaves_without_a_key) {
    street_open();
    wg_tunnel_clear_keypairs(&ours.tunnel, 0);
    uint32_t before = lwpath_count(LWPATH_COUNT_UPLINK_TX);
    client_tries_again();
    CHECK_EQ(lwpath_count(LWPATH_COUNT_UPLINK_TX), before);
    check_nothing_leaks();
}

TEST(nothing_but_ciphertext_leaves_while_the_tunnel_works) {
    street_open();
    client_tries_again();
    CHECK(lwpath_count(LWPATH_COUNT_UPLINK_TX) > 0);
    check_nothing_leaks();
}

TEST(nothing_leaves_without_an_uplink_address_or_a_link) {
    street_open();
    lwpath_uplink_stop();
    uplink.count = 0;
    client_tries_again();
    CHECK_EQ(uplink.count, 0);
    street_uplink();
    netif_set_link_down(&uplink.netif);
    client_tries_again();
    CHECK_EQ(uplink.count, 0);
    CHECK(lwpath_count(LWPATH_COUNT_UPLINK_NO_ADDRESS) > 0);
    check_nothing_leaks();
}

TEST(nothing_leaves_once_keys_have_expired_or_the_tunnel_is_wiped) {
    street_open();
    uint32_t before = lwpath_count(LWPATH_COUNT_UPLINK_TX);
    clock_ms += WG_REJECT_AFTER_TIME_MS;
    client_tries_again();
    CHECK_EQ(lwpath_count(LWPATH_COUNT_UPLINK_TX), before);
    wg_tunnel_wipe(&ours.tunnel);
    client_tries_again();
    CHECK_EQ(lwpath_count(LWPATH_COUNT_UPLINK_TX), before);
    CHECK(ours.tunnel.drops[WG_ERR_ROUTE] > 0);
    check_nothing_leaks();
}

TEST(nothing_leaves_while_everything_is_set_anew) {
    street_open();
    lwpath_set_tunnel(0, 0);
    client_tries_again();
    lwpath_set_former_lan(ip_of(lan_ip), 24);
    lwpath_set_lan(ip_of(web_ip), 24); // as careless as can be: where the web server is
    client_tries_again();
    street_inside();
    lwpath_unbind();
    client_tries_again();
    (void)lwpath_bind(OUR_PORT);
    lwpath_set_lan(ip_of(uplink_ip), 24); // the LAN on the uplink's network
    client_tries_again();
    lwpath_close();
    client_tries_again();
    check_nothing_leaks();
}

TEST(nothing_leaves_after_interfaces_went_and_came) {
    street_open();
    netif_remove(&uplink.netif);
    netif_remove(&lan.netif);
    // As drivers do that know nothing of us.
    device_add(&lan, lwpath_lan_input);
    device_add(&uplink, ethernet_input);
    CHECK(uplink.netif.input == lwpath_uplink_input && uplink.netif.output == lwpath_uplink_output);
    street_uplink();
    client_tries_again();
    check_nothing_leaks();
}

TEST(a_query_for_our_lan_address_goes_to_the_tunnels_name_server) {
    street_open();
    frame_t query = make_udp(lan_mac, client_mac, client_ip, 4001, lan_ip, 53, NULL, 40);
    arrive(&lan, &query);
    CHECK_EQ(uplink.count, 1);
    CHECK_BYTES(uplink.sent[0].bytes + 30, their_endpoint.address, 4);
    frame_t inner = opened_by_theirs();
    CHECK_BYTES(inner.bytes + 16, tunnel_dns, 4);
}

static void note_end(void *has_ended, err_t error) {
    (void)error;
    *(bool *)has_ended = true;
}

TEST(lwip_itself_may_say_nothing_else_on_either_side) {
    bool has_ended = false;
    street_open();
    struct udp_pcb *pcb = udp_new();
    const ip_addr_t web = {ip_of(web_ip)}, client = {ip_of(client_ip)};
    struct pbuf *packet = pbuf_alloc(PBUF_TRANSPORT, 20, PBUF_RAM);
    CHECK(udp_sendto(pcb, packet, &web, 53) != ERR_OK);
    CHECK_EQ(lwpath_count(LWPATH_COUNT_UPLINK_TX_REFUSED), 1);
    pbuf_free(packet);
    packet = pbuf_alloc(PBUF_TRANSPORT, 20, PBUF_RAM);
    CHECK(udp_sendto_if(pcb, packet, &client, 68, &lan.netif) != ERR_OK);
    pbuf_free(packet);
    CHECK_EQ(uplink.count + lan.count, 0);
    udp_remove(pcb);
    struct tcp_pcb *tcp = tcp_new(); // not our stream's
    tcp_arg(tcp, &has_ended);
    tcp_err(tcp, note_end);
    CHECK(tcp_connect(tcp, &web, 443, NULL) == ERR_OK);
    for (unsigned i = 0; i < 100; i++) {
        clock_ms += 100;
        lwpath_take_time();
        sys_check_timeouts();
    }
    CHECK(lwpath_count(LWPATH_COUNT_UPLINK_TX_REFUSED) > 2);
    CHECK_EQ(uplink.count + lan.count, 0);
    if (!has_ended) {
        tcp_abort(tcp);
    }
    CHECK_EQ(uplink.count + lan.count, 0);
}

TEST(what_is_no_handshake_message_cannot_be_sent_from_the_control_plane) {
    uint8_t message[WG_INITIATION_LEN + 1] = {1};
    street_open();
    CHECK_EQ(lwpath_send(message, WG_INITIATION_LEN, &their_endpoint), ERR_OK);
    CHECK_EQ(lwpath_send(message, WG_INITIATION_LEN + 1, &their_endpoint), ERR_ARG);
    CHECK_EQ(lwpath_send(message, WG_RESPONSE_LEN, &their_endpoint), ERR_ARG);
    CHECK_EQ(lwpath_send(message, 3, &their_endpoint), ERR_ARG);
    message[0] = WG_MESSAGE_TRANSPORT;
    CHECK_EQ(lwpath_send(message, WG_INITIATION_LEN, &their_endpoint), ERR_ARG);
    message[0] = PAYLOAD_BYTE;
    CHECK_EQ(lwpath_send(message, WG_INITIATION_LEN, &their_endpoint), ERR_ARG);
    CHECK_EQ(uplink.count, 1);
    check_nothing_leaks();
}

// A frame as a stranger may write it: a good one of some kind, with a few bytes of it and its length changed.
static frame_t make_strange(uint64_t *state, bool from_lan) {
    static const uint8_t all[4] = {255, 255, 255, 255};
    frame_t frame;
    switch (check_random(state) % 5) {
    case 0:
        frame = from_lan ? make_client_packet(check_random(state) % 1460) : sealed_by_theirs(NULL, 0);
        break;
    case 1:
        frame = from_lan ? make_arp(everyone, client_mac, 1, client_ip, lan_ip)
                         : make_arp(everyone, router_mac, 1, router_ip, uplink_ip);
        break;
    case 2:
        frame = from_lan ? make_udp(everyone, client_mac, client_ip, 68, all, 67, NULL, 300)
                         : make_udp(uplink_mac, router_mac, router_ip, 67, uplink_ip, 68, NULL, 300);
        break;
    case 3:
        frame = from_lan ? make_ip(lan_mac, client_mac, LWPATH_PROTOCOL_ICMP, client_ip, lan_ip, 60)
                         : make_udp(uplink_mac, router_mac, router_ip, 53, uplink_ip, 50000, NULL, 60);
        break;
    default:
        frame = make_client_packet(100);
        if (!from_lan) {
            frame = sealed_by_theirs(frame.bytes + 14, frame.len - 14);
        }
        break;
    }
    for (uint64_t changes = check_random(state) % 4; changes > 0; changes--) {
        size_t headers_len = frame.len < 64 ? frame.len : 64;
        frame.bytes[12 + check_random(state) % (headers_len - 12)] = (uint8_t)check_random(state);
    }
    if (check_random(state) % 2 == 0 && frame.len > 34) {
        fix_header(&frame);
    }
    if (check_random(state) % 4 == 0) {
        frame.len = 1 + check_random(state) % frame.len;
    }
    return frame;
}

TEST(strange_frames_neither_break_nor_leak_anything) {
    uint64_t state = 1;
    street_open();
    CHECK_EQ(lwpath_uplink_dhcp(), ERR_OK);
    street_uplink();
    lwpath_look_up("gateway.example");
    for (unsigned i = 0; i < 20000; i++) {
        bool from_lan = check_random(&state) % 2 == 0;
        frame_t frame = make_strange(&state, from_lan);
        arrive(from_lan ? &lan : &uplink, &frame);
        CHECK_EQ(frames_lent, 0);
        for (unsigned n = 0; n < uplink.count; n++) {
            CHECK(!has_payload(&uplink.sent[n]));
        }
        uplink.count = lan.count = 0;
        (void)lwpath_next_dhcp();
        if (i % 64 == 0) {
            clock_ms += 50;
            sys_check_timeouts();
        }
    }
    CHECK(lwpath_count(LWPATH_COUNT_UPLINK_TX) > 1000);
    CHECK(lwpath_count(LWPATH_COUNT_LAN_TX) > 100);
    for (unsigned i = 0; i < 20; i++) { // what ARP still holds
        clock_ms += 1000;
        sys_check_timeouts();
    }
    check_nothing_leaks();
}
