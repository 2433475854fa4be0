// with: lwip
// The doctor's own proof that nothing leaves without the tunnel: what it says, and that nobody notices it.
#include "lwpath_street.h"

static unsigned clients(void) {
    unsigned cursor = 0, count = 0;
    while (lwpath_next_client(&cursor) != NULL) {
        count++;
    }
    return count;
}

static void client_speaks(void) {
    frame_t frame = make_udp(lan_mac, client_mac, client_ip, 4000, web_ip, 80, NULL, 100);
    arrive(&lan, &frame);
}

TEST(a_packet_without_the_tunnel_dies) {
    street_open();
    CHECK_EQ(lwpath_try_leak(), 0);
    CHECK_EQ(lwpath_count(LWPATH_COUNT_LAN_CLOSED), 1);
    CHECK_EQ(uplink.count, 0);
    check_nothing_leaks();
}

TEST(the_tunnel_is_there_again_behind_it_and_the_uplink_sends) {
    street_open();
    client_speaks();
    CHECK_BYTES(opened_by_theirs().bytes + 16, web_ip, 4);
    uplink.count = 0;
    CHECK_EQ(lwpath_try_leak(), 0);
    client_speaks();
    CHECK_BYTES(opened_by_theirs().bytes + 16, web_ip, 4);
    check_nothing_leaks();
}

TEST(it_leaves_no_client_behind_that_is_none) {
    street_open();
    client_speaks();
    for (unsigned i = 0; i < 100; i++) {
        CHECK_EQ(lwpath_try_leak(), 0);
        CHECK_EQ(clients(), 1);
    }
    check_nothing_leaks();
}

TEST(where_there_is_nothing_to_try_it_says_so) {
    street_boot();
    CHECK_EQ(lwpath_try_leak(), -1);
    street_uplink();
    CHECK_EQ(lwpath_try_leak(), -1); // no address for clients yet
    street_inside();
    CHECK_EQ(lwpath_try_leak(), 0); // no keys, no gateway: it dies for the same reason
    netif_set_link_down(&uplink.netif);
    CHECK_EQ(lwpath_try_leak(), 0);
    lwpath_set_tunnel(0, 0);
    CHECK_EQ(lwpath_try_leak(), -1);
    check_nothing_leaks();
}

TEST(nobodys_place_is_taken_where_the_lan_is_full) {
    street_open();
    lwpath_set_lan(ip_of(lan_ip), 30); // .1 and .2 are all that there are
    frame_t frame = make_udp(lan_mac, client_mac, (const uint8_t[]){10, 7, 7, 2}, 4000, web_ip, 80, NULL, 100);
    arrive(&lan, &frame);
    CHECK_EQ(clients(), 1);
    CHECK_EQ(lwpath_try_leak(), -1);
    CHECK_EQ(clients(), 1);
    check_nothing_leaks();
}
