// with: lwip
// The window for signing in: what it is opened for, how long, and what shuts it.
#include "lwpath_hotel.h"

TEST(a_portal_is_another_machine_on_the_uplinks_side) {
    static const uint8_t wrong[][4] = {{0, 0, 0, 0},         {127, 0, 0, 1},  {224, 0, 0, 1}, {255, 255, 255, 255},
                                       {169, 254, 169, 254}, {192, 0, 2, 10}, {10, 7, 7, 1},  {10, 7, 7, 21}};
    lwpath_sign_in_places_t at = places();
    arrive_at_hotel();
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        at.addresses[1] = ip_of(wrong[i]); // what a name leads to, as a server that means harm may say
        CHECK_EQ(lwpath_set_sign_in(client_mac, &at, SECONDS), ERR_ARG);
    }
    lwpath_set_former_lan(ip_of(second_ip), 24);
    at = places();
    CHECK_EQ(lwpath_set_sign_in(client_mac, &at, SECONDS), ERR_ARG);
    at.count = 0;
    CHECK_EQ(lwpath_set_sign_in(client_mac, &at, SECONDS), ERR_ARG);
    at.count = LWPATH_SIGN_IN_PLACES + 1;
    CHECK_EQ(lwpath_set_sign_in(client_mac, &at, SECONDS), ERR_ARG);
    CHECK_EQ(told().end, LWPATH_SIGN_IN_NONE);
}

TEST(it_is_opened_for_some_minutes_at_most) {
    const lwpath_sign_in_places_t at = places();
    arrive_at_hotel();
    CHECK_EQ(lwpath_set_sign_in(client_mac, &at, 0), ERR_ARG);
    CHECK_EQ(lwpath_set_sign_in(client_mac, &at, LWPATH_SIGN_IN_MAX_S + 1), ERR_ARG);
    CHECK_EQ(lwpath_set_sign_in(client_mac, &at, UINT32_MAX), ERR_ARG);
    CHECK_EQ(lwpath_set_sign_in(client_mac, &at, LWPATH_SIGN_IN_MAX_S), ERR_OK);
}

TEST(it_is_opened_for_a_client_that_was_heard_and_with_an_uplink) {
    static const uint8_t nobody[6] = {2, 0, 0, 0, 7, 9};
    const lwpath_sign_in_places_t at = places();
    arrive_at_hotel();
    CHECK_EQ(lwpath_set_sign_in(nobody, &at, SECONDS), ERR_CONN);
    netif_set_link_down(&uplink.netif);
    CHECK_EQ(lwpath_set_sign_in(client_mac, &at, SECONDS), ERR_RTE);
    lwpath_close();
    CHECK_EQ(lwpath_set_sign_in(client_mac, &at, SECONDS), ERR_CONN); // its clients are forgotten
}

TEST(a_new_window_knows_nothing_of_the_one_before) {
    open_window();
    uint16_t port = begin(PORT);
    const lwpath_sign_in_places_t at = places();
    CHECK_EQ(lwpath_set_sign_in(other_mac, &at, SECONDS), ERR_OK);
    unsigned before = left(), heard = lan.count;
    client_says(PORT, portal_ip, 80, ACK, 100);
    portal_says(portal_ip, 80, port, ACK, 100);
    CHECK_EQ(left(), before);
    CHECK_EQ(lan.count, heard);
    CHECK_EQ(told().flows, 0);
    check_nothing_leaks();
}

TEST(after_its_time_nothing_passes_either_way) {
    open_window();
    uint16_t port = begin(PORT);
    unsigned before = left(), heard = lan.count;
    clock_ms += SECONDS * 1000 - 1;
    CHECK_EQ(told().left_ms, 1);
    clock_ms += 1;
    client_says(PORT, portal_ip, 80, ACK, 100);
    client_says(PORT + 1, portal_ip, 80, SYN, 0);
    portal_says(portal_ip, 80, port, ACK, 100);
    CHECK_EQ(left(), before);
    CHECK_EQ(lan.count, heard);
    CHECK_EQ(told().end, LWPATH_SIGN_IN_TIME);
    check_nothing_leaks();
}

TEST(closed_by_hand_it_is_closed_at_once) {
    open_window();
    uint16_t port = begin(PORT);
    unsigned before = left(), heard = lan.count;
    lwpath_close_sign_in();
    client_says(PORT, portal_ip, 80, ACK, 100);
    portal_says(portal_ip, 80, port, ACK, 100);
    CHECK_EQ(left(), before);
    CHECK_EQ(lan.count, heard);
    CHECK_EQ(told().end, LWPATH_SIGN_IN_CLOSED);
    check_nothing_leaks();
}

TEST(the_tunnel_closes_it) {
    open_window();
    (void)begin(PORT);
    street_keys();
    CHECK_EQ(told().end, LWPATH_SIGN_IN_OPEN);
    frame_t keepalive = sealed_by_theirs(NULL, 0);
    arrive(&uplink, &keepalive);
    CHECK_EQ(told().end, LWPATH_SIGN_IN_TUNNEL);
    unsigned before = left();
    client_says(PORT + 1, elsewhere, 80, SYN, 0);
    CHECK_EQ(left(), before + 1); // by the tunnel
    CHECK_EQ(uplink.sent[uplink.count - 1].bytes[23], LWPATH_PROTOCOL_UDP);
    check_nothing_leaks();
}

// The handshake comes before the first packet: who closes it then does so since the tunnel is up.
TEST(closed_after_the_gateway_was_heard_it_says_so) {
    open_window();
    clock_ms++;
    wg_tunnel_note_heard(&ours.tunnel, 0, WG_RESPONSE_LEN, clock_ms);
    lwpath_close_sign_in();
    CHECK_EQ(told().end, LWPATH_SIGN_IN_TUNNEL);
    const lwpath_sign_in_places_t at = places();
    CHECK_EQ(lwpath_set_sign_in(client_mac, &at, SECONDS), ERR_OK); // heard before that
    lwpath_close_sign_in();
    CHECK_EQ(told().end, LWPATH_SIGN_IN_CLOSED);
}

TEST(another_network_closes_it_also_when_the_first_comes_back) {
    static const uint8_t moved[4] = {192, 0, 2, 11};
    const uint32_t dns[1] = {ip_of(router_ip)};
    open_window();
    CHECK_EQ(lwpath_uplink_static(ip_of(moved), 24, ip_of(router_ip), dns, 1), ERR_OK);
    CHECK_EQ(lwpath_uplink_static(ip_of(uplink_ip), 24, ip_of(router_ip), dns, 1), ERR_OK);
    frame_t arp = make_arp(uplink_mac, router_mac, 2, router_ip, uplink_ip);
    arrive(&uplink, &arp);
    client_says(PORT, portal_ip, 80, SYN, 0);
    CHECK_EQ(left(), 0);
    CHECK_EQ(told().end, LWPATH_SIGN_IN_UPLINK);
    lwpath_close();
    open_window();
    netif_set_link_down(&uplink.netif);
    netif_set_link_up(&uplink.netif);
    arrive(&uplink, &arp);
    client_says(PORT, portal_ip, 80, SYN, 0);
    CHECK_EQ(left(), 0);
    check_nothing_leaks();
}

TEST(closing_the_path_closes_it) {
    open_window();
    lwpath_close();
    CHECK_EQ(told().end, LWPATH_SIGN_IN_CLOSED);
    client_says(PORT, portal_ip, 80, SYN, 0);
    CHECK_EQ(left(), 0);
    check_nothing_leaks();
}
