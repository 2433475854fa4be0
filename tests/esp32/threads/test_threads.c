// The port's packet glue with lwIP itself in its own task, drivers in theirs, and MicroPython's beside them.
#include "street.h"

#include "../../../firmware/ports/virt/network.h"
#include "flash_blocks.h"
#include "lwip/dhcp.h"
#include "lwip/timeouts.h"
#include "radio.h"
#include "wg_blake2s.h"

// --- packets ---

TEST(packets_go_from_a_client_into_the_tunnel_and_back) {
    enum { PACKETS = 400 };
    street_open();
    frame_t packet = client_packet(200), sent, inner, delivered;
    for (unsigned i = 0; i < PACKETS; i++) {
        idf_receive(&idf_access_point, &packet);
        do {
            UNTIL(idf_take_sent(&idf_cable, &sent));
        } while (!is_datagram(&sent));
        CHECK(!has_payload(&sent));
        CHECK(open_by_theirs(&sent, &inner) && has_payload(&inner));
        frame_t answer = answer_by_theirs(&inner);
        idf_receive(&idf_cable, &answer);
        UNTIL(idf_take_sent(&idf_access_point, &delivered));
        CHECK(has_payload(&delivered) && memcmp(delivered.bytes, client_mac, 6) == 0);
    }
    CHECK_EQ(intake_full(), 0);
    check_nothing_leaks();
}

TEST(packets_that_wait_for_the_routers_mac_are_not_written_over) {
    street_power_on();
    idf_start(&idf_cable);
    idf_connected(&idf_cable);
    idf_start(&idf_access_point);
    CHECK(interfaces_set_sides("eth", "ap"));
    street_open_path();
    street_address();
    frame_t keepalive = keepalive_by_theirs(), sent, inner;
    idf_receive(&idf_cable, &keepalive);
    for (unsigned i = 0; i < 3; i++) { // so many wait in lwIP's ARP, by reference
        frame_t packet = client_packet(100 + i);
        idf_receive(&idf_access_point, &packet);
    }
    UNTIL(count_of(LWPATH_COUNT_LAN_RX) == 3);
    frame_t reply = make_arp_reply(cable_mac, router_mac, router_ip, uplink_ip);
    idf_receive(&idf_cable, &reply);
    for (unsigned i = 0; i < 3; i++) {
        do {
            UNTIL(idf_take_sent(&idf_cable, &sent));
        } while (!is_datagram(&sent));
        CHECK(open_by_theirs(&sent, &inner));
        CHECK_EQ(wg_load16_be(inner.bytes + 2), 28 + 100 + i);
    }
    check_nothing_leaks();
}

TEST(a_driver_without_room_loses_packets_and_no_buffers) {
    street_open();
    idf_set_full(&idf_cable, true);
    frame_t packet = client_packet(300);
    for (unsigned i = 0; i < 100; i++) {
        idf_receive(&idf_access_point, &packet);
        UNTIL(atomic_load(&idf_lent) == 0);
    }
    CHECK_EQ(count_of(LWPATH_COUNT_UPLINK_TX_FAILED), 100);
    check_nothing_leaks();
}

TEST(frames_that_came_at_once_are_all_dealt_with) {
    street_open();
    frame_t packet = client_packet(100);
    unsigned before = count_of(LWPATH_COUNT_LAN_RX);
    port_lock(); // lwIP's task cannot take any
    for (unsigned i = 0; i < 30; i++) {
        idf_receive(&idf_access_point, &packet);
    }
    port_unlock();
    UNTIL(atomic_load(&idf_lent) == 0);
    CHECK_EQ(count_of(LWPATH_COUNT_LAN_RX), before + 30);
    check_nothing_leaks();
}

TEST(frames_without_room_go_back_to_their_driver) {
    street_open();
    frame_t packet = client_packet(100);
    port_lock();
    for (unsigned i = 0; i < 40; i++) {
        idf_receive(&idf_access_point, &packet);
    }
    CHECK_EQ(atomic_load(&idf_lent), 32);
    port_unlock();
    CHECK_EQ(intake_full(), 8);
    check_nothing_leaks();
}

TEST(frames_that_wait_go_back_before_their_driver_goes) {
    street_open();
    frame_t packet = client_packet(100);
    port_lock();
    for (unsigned i = 0; i < 10; i++) {
        idf_receive(&idf_access_point, &packet);
    }
    CHECK_EQ(atomic_load(&idf_lent), 10);
    idf_stop_held(&idf_access_point);
    CHECK_EQ(atomic_load(&idf_lent), 0);
    port_unlock();
}

// --- which interface is which ---

TEST(an_interface_that_is_no_side_drops_everything) {
    street_open();
    idf_start(&idf_station);
    idf_stop(&idf_station); // forgets that no DHCP was wanted
    idf_start(&idf_station);
    idf_connected(&idf_station); // so that ESP-IDF asks for an address there
    frame_t packet = make_udp(station_mac, client_mac, client_ip, 4000, web_ip, 443, NULL, 100);
    unsigned before = intake_denied();
    for (unsigned i = 0; i < 20; i++) {
        idf_receive(&idf_station, &packet);
        UNTIL(intake_denied() == before + i + 1);
    }
    CHECK_EQ(idf_sent(&idf_station), 0);
    check_nothing_leaks();
}

TEST(nothing_passes_before_the_sides_are_chosen) {
    street_power_on();
    idf_start(&idf_cable);
    idf_connected(&idf_cable);
    idf_start(&idf_access_point);
    street_open_path();
    frame_t packet = client_packet(100), arp = make_arp_reply(cable_mac, router_mac, router_ip, uplink_ip);
    for (unsigned i = 0; i < 20; i++) {
        idf_receive(&idf_access_point, &packet);
        idf_receive(&idf_cable, &arp);
    }
    UNTIL(intake_denied() == 40);
    CHECK_EQ(idf_sent(&idf_cable) + idf_sent(&idf_access_point), 0);
    check_nothing_leaks();
}

TEST(an_address_of_another_interface_draws_nothing_of_lwips_own) {
    street_open();
    port_lock();
    const struct netif *lan = port_netif(LWPATH_LAN);
    CHECK_EQ(netif_ip4_addr(lan)->addr, 0); // ESP-IDF gave it 192.168.4.1
    ip4_addr_t there;
    IP4_ADDR(&there, 192, 168, 4, 77);
    CHECK(ip4_route(&there) == port_netif(LWPATH_UPLINK));
    port_unlock();
}

TEST(an_interface_that_was_restarted_is_ours_again) {
    street_open();
    frame_t packet = client_packet(200);
    for (unsigned i = 0; i < 20; i++) {
        esp_netif_t *restarted = i % 2 == 0 ? &idf_access_point : &idf_cable;
        idf_stop(restarted);
        idf_receive(restarted, &packet);
        idf_start(restarted);
        struct netif *netif = esp_netif_get_netif_impl(restarted);
        CHECK(netif->input == port_input); // at once, with nobody's help
        idf_connected(restarted);
        (void)lwpath_poll(0);
        CHECK_EQ(street_uplink_address(), ip_of(uplink_ip)); // it was given, and is asked for again
        street_check_passes();
    }
    check_nothing_leaks();
}

TEST(esp_idfs_own_dhcp_client_is_off_also_after_a_restart) {
    street_open();
    idf_stop(&idf_cable);
    idf_start(&idf_cable);
    (void)lwpath_poll(0); // what MicroPython's task does when it is woken
    idf_connected(&idf_cable);
    port_lock();
    const struct dhcp *dhcp = netif_dhcp_data(port_netif(LWPATH_UPLINK));
    CHECK(dhcp == NULL || dhcp->pcb_allocated == 0);
    port_unlock();
    CHECK_EQ(street_uplink_address(), ip_of(uplink_ip));
}

TEST(dhcp_that_was_asked_for_goes_on_when_the_uplink_comes) {
    street_power_on();
    CHECK(interfaces_set_sides("sta", "ap"));
    port_lock();
    CHECK_EQ(lwpath_uplink_dhcp(), ERR_OK); // there is no uplink yet
    port_unlock();
    idf_start(&idf_station);
    (void)lwpath_poll(0);
    idf_connected(&idf_station);
    frame_t sent;
    UNTIL(idf_take_sent(&idf_station, &sent)); // DISCOVER, by the packet path's leave
    CHECK_EQ(wg_load16_be(sent.bytes + 36), LWPATH_PORT_DHCP_SERVER);
    idf_stop(&idf_station);
    idf_start(&idf_station);
    (void)lwpath_poll(0);
    idf_connected(&idf_station);
    UNTIL(idf_take_sent(&idf_station, &sent));
    CHECK_EQ(wg_load16_be(sent.bytes + 36), LWPATH_PORT_DHCP_SERVER);
    check_nothing_leaks();
}

TEST(the_uplink_can_be_changed_while_packets_come) {
    street_open();
    idf_start(&idf_station);
    idf_connected(&idf_station);
    CHECK(interfaces_set_sides("sta", "ap"));
    CHECK_EQ(street_uplink_address(), 0);
    unsigned before = idf_sent(&idf_cable), denied = intake_denied();
    frame_t packet = client_packet(100), arp = make_arp_reply(cable_mac, router_mac, router_ip, uplink_ip);
    idf_receive(&idf_access_point, &packet);
    idf_receive(&idf_cable, &arp);
    UNTIL(intake_denied() == denied + 1 && count_of(LWPATH_COUNT_UPLINK_NO_ADDRESS) > 0);
    CHECK_EQ(idf_sent(&idf_cable), before);
    CHECK(interfaces_set_sides("eth", "ap"));
    street_address();
    street_check_passes();
    check_nothing_leaks();
}

TEST(a_name_that_is_none_or_twice_the_same_is_refused_and_changes_nothing) {
    street_open();
    CHECK(!interfaces_set_sides("eth", "eth"));
    CHECK(!interfaces_set_sides("wlan0", "ap"));
    CHECK(!interfaces_set_sides("eth", ""));
    CHECK(port_netif(LWPATH_UPLINK) == esp_netif_get_netif_impl(&idf_cable));
    CHECK(interfaces_have_link("eth") && interfaces_have_link("ap"));
    CHECK(!interfaces_have_link("sta") && !interfaces_have_link("wlan0"));
    idf_disconnected(&idf_cable);
    CHECK(!interfaces_have_link("eth"));
}

TEST(the_boxs_own_addresses_stay_whatever_the_sides_are) {
    // Its name and the LAN's address come of them.
    static const char *const sides[][2] = {{NULL, NULL}, {"sta", "ap"}, {"eth", "ap"}, {"sta", "eth"}};
    uint8_t first[2][6], now[6];
    street_open();
    CHECK(network_mac(LWPATH_UPLINK, first[0]) && network_mac(LWPATH_LAN, first[1]));
    CHECK(memcmp(first[0], first[1], 6) != 0);
    for (unsigned i = 0; i < sizeof sides / sizeof sides[0]; i++) {
        CHECK(interfaces_set_sides(sides[i][0], sides[i][1]));
        for (unsigned which = 0; which < 2; which++) {
            CHECK(network_mac(which, now));
            CHECK(memcmp(now, first[which], 6) == 0);
        }
    }
    CHECK(!network_mac(2, now));
}

// --- floods ---

typedef struct {
    esp_netif_t *interface;
    frame_t frame;
    unsigned count;
    atomic_bool is_done;
} flood_t;

static atomic_bool floods_may_end = true;

static void *flood(void *argument) {
    flood_t *it = argument;
    for (unsigned i = 0; i < it->count || !atomic_load(&floods_may_end); i++) {
        idf_receive(it->interface, &it->frame);
    }
    atomic_store(&it->is_done, true);
    return NULL;
}

TEST(a_flood_from_both_sides_ends_without_leak_and_lets_pythons_task_work) {
    enum { TURNS = 20 };
    static flood_t floods[2];
    pthread_t tasks[2];
    street_open();
    atomic_store(&floods_may_end, false);
    floods[0] = (flood_t){.interface = &idf_access_point, .frame = client_packet(1200), .count = 20000};
    floods[1] = (flood_t){.interface = &idf_cable, .frame = keepalive_by_theirs(), .count = 20000};
    for (unsigned i = 0; i < 2; i++) {
        pthread_create(&tasks[i], NULL, flood, &floods[i]);
    }
    for (unsigned turns = 0; !atomic_load(&floods[0].is_done) || !atomic_load(&floods[1].is_done); turns++) {
        atomic_store(&floods_may_end, turns >= TURNS);
        (void)lwpath_poll(0);
        port_lock();
        (void)lwpath_keepalive(0);
        (void)wg_allowedips_remove(&ours.tunnel.allowedips, 4, their_address, 32, 0);
        allow(&ours, 0, their_address, 32);
        lwpath_set_tunnel(ip_of(tunnel_ip), 0);
        port_unlock();
    }
    for (unsigned i = 0; i < 2; i++) {
        pthread_join(tasks[i], NULL);
    }
    check_nothing_leaks();
    street_check_passes(); // and packets still pass
}

TEST(interfaces_are_restarted_and_changed_in_a_flood) {
    static flood_t floods[2];
    pthread_t tasks[2];
    street_open();
    floods[0] = (flood_t){.interface = &idf_access_point, .frame = client_packet(600), .count = 6000};
    floods[1] = (flood_t){.interface = &idf_cable, .frame = keepalive_by_theirs(), .count = 6000};
    for (unsigned i = 0; i < 2; i++) {
        pthread_create(&tasks[i], NULL, flood, &floods[i]);
    }
    for (unsigned turn = 0; !atomic_load(&floods[0].is_done) || !atomic_load(&floods[1].is_done); turn++) {
        esp_netif_t *restarted = turn % 2 == 0 ? &idf_access_point : &idf_cable;
        idf_stop(restarted);
        idf_start(restarted);
        idf_connected(restarted);
        CHECK(interfaces_set_sides(turn % 3 == 0 ? "sta" : "eth", "ap"));
        (void)lwpath_poll(1);
    }
    for (unsigned i = 0; i < 2; i++) {
        pthread_join(tasks[i], NULL);
    }
    check_nothing_leaks();
    CHECK(interfaces_set_sides("eth", "ap"));
    street_address();
    street_check_passes();
}

// --- streams ---

#include "stream_tests.h"

// --- waiting ---

static void *send_now(void *frame) {
    idf_receive(&idf_cable, frame);
    return NULL;
}

static bool has_reasons(void) {
    port_lock();
    bool has = lwpath_has_reasons();
    port_unlock();
    return has;
}

TEST(a_handshake_message_wakes_whoever_waits) {
    pthread_t task;
    street_open();
    street_hear_all();
    uint8_t initiation[WG_INITIATION_LEN] = {WG_MESSAGE_INITIATION};
    frame_t frame = make_udp(cable_mac, router_mac, their_endpoint.address, their_endpoint.port, uplink_ip, OUR_PORT,
                             initiation, sizeof initiation);
    uint8_t public_key[32] = {9}, mac1_key[32];
    port_lock();
    wg_gate_set_identity(&gate, public_key);
    port_unlock();
    // mac1 over the message with the key of our identity (paper 5.4.4).
    wg_blake2s_t hash;
    wg_blake2s_init(&hash, 32, NULL, 0);
    wg_blake2s_update(&hash, (const uint8_t *)"mac1----", 8);
    wg_blake2s_update(&hash, public_key, 32);
    wg_blake2s_finish(&hash, mac1_key);
    wg_blake2s(frame.bytes + 42 + 116, 16, frame.bytes + 42, 116, mac1_key, 32);
    port_lock();
    unsigned wakes = atomic_load(&idf_wakes);
    pthread_create(&task, NULL, send_now, &frame);
    pthread_join(task, NULL);
    CHECK_EQ(atomic_load(&idf_wakes), wakes);
    port_unlock();
    UNTIL(has_reasons());
    CHECK(atomic_load(&idf_wakes) > wakes); // it was told with the lock
    CHECK((lwpath_poll(-1) & LWPATH_WAKE_HANDSHAKE) != 0);
    port_lock();
    CHECK(lwpath_next_handshake() != NULL);
    port_unlock();
}

TEST(an_uplink_that_comes_or_goes_wakes_whoever_waits) {
    street_open();
    (void)lwpath_poll(0);
    idf_disconnected(&idf_cable);
    CHECK((lwpath_poll(-1) & LWPATH_WAKE_UPLINK) != 0);
    CHECK_EQ(lwpath_poll(0) & LWPATH_WAKE_UPLINK, 0); // told once
    CHECK_EQ(street_uplink_address(), 0);
    idf_connected(&idf_cable);
    CHECK((lwpath_poll(-1) & LWPATH_WAKE_UPLINK) != 0);
    CHECK_EQ(street_uplink_address(), ip_of(uplink_ip));
}

TEST(waiting_ends_when_the_time_is_over) {
    street_open();
    street_hear_all();
    CHECK_EQ(lwpath_poll(50), 0);
}

static atomic_bool has_fired;

static void fire(void *unused) {
    (void)unused;
    atomic_store(&has_fired, true);
}

TEST(lwips_task_is_told_of_an_earlier_timer_and_of_nothing_else) {
    street_open();
    street_hear_all();
    unsigned before = atomic_load(&idf_messages);
    port_lock();
    sys_timeout(3600000, fire, NULL);
    port_unlock();
    CHECK_EQ(atomic_load(&idf_messages), before);
    port_lock();
    sys_timeout(1, fire, NULL);
    port_unlock();
    UNTIL(atomic_load(&idf_messages) > before && atomic_load(&has_fired));
}

// --- secrets ---

TEST(no_two_draws_are_alike_and_a_stuck_generator_is_none) {
    uint8_t a[64], b[64];
    entropy_init();
    CHECK(entropy_fill(a, sizeof a) && entropy_fill(b, sizeof b));
    CHECK(memcmp(a, b, sizeof a) != 0 && memcmp(a, a + 32, 32) != 0);
    idf_generator_is_stuck = true;
    entropy_init();
    CHECK(!entropy_is_there());
    CHECK(!entropy_fill(a, sizeof a));
    for (size_t i = 0; i < sizeof a; i++) {
        CHECK_EQ(a[i], 0);
    }
}

TEST(our_own_network_would_be_closed_before_it_has_its_settings) {
    entropy_init();
    CHECK(radio_close_access_point());
    const wifi_ap_config_t first = idf_wifi_config.ap;
    CHECK(first.authmode == WIFI_AUTH_WPA2_PSK && first.ssid_hidden == 1 && first.ssid_len == 10);
    CHECK(strlen((const char *)first.password) >= 32);
    CHECK(radio_close_access_point());
    CHECK(memcmp(first.password, idf_wifi_config.ap.password, sizeof first.password) != 0);
    CHECK_EQ(idf_wifi_mode, WIFI_MODE_STA);
    idf_wifi_refuses = true;
    CHECK(!radio_close_access_point());
    CHECK_EQ(idf_wifi_mode, WIFI_MODE_STA);
}

TEST(the_disk_is_read_written_and_erased_where_it_is_asked_and_nowhere_else) {
    static uint8_t block[2 * FLASH_BLOCK_LEN], read[FLASH_BLOCK_LEN];
    CHECK(blocks_init() && blocks_count() == 4);
    memset(block, 0x5a, sizeof block);
    CHECK(blocks_replace(1, block, sizeof block) == BLOCKS_OK);
    CHECK(idf_flash[1][0] == 0x5a && idf_flash[2][FLASH_BLOCK_LEN - 1] == 0x5a && idf_flash[3][0] == 0);
    CHECK(blocks_erase(2) == BLOCKS_OK && idf_flash[2][0] == 0xff && idf_flash[1][FLASH_BLOCK_LEN - 1] == 0x5a);
    CHECK(blocks_write(2, 10, block, 3) == BLOCKS_OK);
    CHECK(blocks_read(2, 8, read, 6) == BLOCKS_OK && memcmp(read, "\xff\xff\x5a\x5a\x5a\xff", 6) == 0);
    // Over the end, before the beginning, and so far that it comes around.
    CHECK(blocks_read(3, 1, read, FLASH_BLOCK_LEN) == BLOCKS_OUTSIDE && blocks_read(-1, 0, read, 1) == BLOCKS_OUTSIDE);
    CHECK(blocks_write(0, -1, block, 1) == BLOCKS_OUTSIDE && blocks_write(4, 0, block, 1) == BLOCKS_OUTSIDE);
    CHECK(blocks_replace(3, block, sizeof block) == BLOCKS_OUTSIDE && blocks_replace(0, block, 10) == BLOCKS_OUTSIDE);
    CHECK(blocks_read(INT64_MAX, INT64_MAX, read, 1) == BLOCKS_OUTSIDE && blocks_erase(4) == BLOCKS_OUTSIDE);
    CHECK(blocks_erase(1 << 20) == BLOCKS_OUTSIDE && blocks_erase(-1) == BLOCKS_OUTSIDE);
    idf_flash_fails = true;
    CHECK(blocks_read(0, 0, read, 1) == BLOCKS_FAILED && blocks_erase(0) == BLOCKS_FAILED);
    CHECK(blocks_write(0, 0, block, 1) == BLOCKS_FAILED && blocks_replace(0, block, 4096) == BLOCKS_FAILED);
}
