// with: lwip
// What the box does when it sends and hears nothing: it asks the next hop, and tells what that means.
#include "lwpath_silence.h"
#include "lwpath_street.h"

static const uint8_t new_mac[6] = {2, 0, 0, 0, 9, 2}, neighbour_ip[4] = {192, 0, 2, 77};

// Let time pass in steps, with what the loop does in each.
static void pass(unsigned ms) {
    for (unsigned i = 0; i < ms; i += 10) {
        clock_ms += 10;
        lwpath_take_time();
        sys_check_timeouts();
    }
}

// The same, with a client that sends something ten times a second.
static void talk(unsigned ms) {
    frame_t packet = make_client_packet(100);
    for (unsigned i = 0; i < ms; i += 100) {
        arrive(&lan, &packet);
        pass(100);
    }
}

static bool is_request(const frame_t *frame) {
    return wg_load16_be(frame->bytes + 12) == LWPATH_TYPE_ARP && wg_load16_be(frame->bytes + 20) == 1;
}

// How many requests for the router's MAC have left, to all or to one.
static unsigned requests(const uint8_t to[6]) {
    unsigned count = 0;
    for (unsigned i = 0; i < uplink.count; i++) {
        if (is_request(&uplink.sent[i]) && memcmp(uplink.sent[i].bytes, to, 6) == 0) {
            CHECK_BYTES(uplink.sent[i].bytes + 22, uplink_mac, 6);
            CHECK_BYTES(uplink.sent[i].bytes + 28, uplink_ip, 4);
            CHECK_BYTES(uplink.sent[i].bytes + 38, router_ip, 4);
            count++;
        }
    }
    return count;
}

static void answer_arp(const uint8_t mac[6]) {
    frame_t reply = make_arp(uplink_mac, mac, 2, router_ip, uplink_ip);
    arrive(&uplink, &reply);
}

static void hear(void) {
    frame_t keepalive = sealed_by_theirs(NULL, 0);
    arrive(&uplink, &keepalive);
}

static lwpath_silence_t news(void) {
    CHECK_EQ((lwpath_reasons() & LWPATH_WAKE_SILENCE) != 0, lwpath_silence_has_news());
    return lwpath_silence();
}

TEST(a_router_that_does_not_answer_is_told_about_a_second_after_the_last_word) {
    street_open();
    talk(400);
    CHECK_EQ(requests(router_mac), 0);
    talk(300);
    CHECK_EQ(requests(router_mac), 1); // first itself, then everybody
    CHECK_EQ(requests(everyone), 0);
    CHECK_EQ(news(), LWPATH_SILENCE_NONE);
    talk(600);
    CHECK_EQ(requests(everyone), 2);
    CHECK_EQ(news(), LWPATH_SILENCE_NEAR);
    CHECK_EQ(news(), LWPATH_SILENCE_NONE);
    check_nothing_leaks();
}

TEST(a_dead_network_is_asked_once_a_second_and_only_while_somebody_sends) {
    street_open();
    talk(2000);
    uplink.count = 0;
    talk(10000);
    CHECK(requests(everyone) >= 8 && requests(everyone) <= 10);
    CHECK_EQ(requests(router_mac), 0);
    pass(3000);
    uplink.count = 0;
    (void)news();
    pass(600000);
    CHECK_EQ(uplink.count, 0);
    CHECK_EQ(news(), LWPATH_SILENCE_NONE);
}

TEST(a_router_that_answers_means_that_nobody_is_heard_beyond_it) {
    street_open();
    uint64_t begun = clock_ms;
    while (news() != LWPATH_SILENCE_FAR) {
        talk(100);
        if (uplink.count > 0 && requests(router_mac) > 0) {
            uplink.count = 0;
            answer_arp(router_mac);
        }
        CHECK(clock_ms - begun < 2000);
    }
    CHECK(clock_ms - begun >= 1500);
    check_nothing_leaks();
}

TEST(while_the_peer_is_heard_nobody_is_asked) {
    street_open();
    for (unsigned i = 0; i < 50; i++) {
        talk(200);
        hear();
        CHECK_EQ(requests(router_mac) + requests(everyone), 0);
        CHECK_EQ(news(), LWPATH_SILENCE_NONE);
        uplink.count = 0;
    }
}

// Such as the last acknowledgement of a conversation, which nobody answers for ten seconds.
TEST(a_last_word_costs_one_question_to_the_router_and_says_nothing) {
    street_open();
    frame_t packet = make_client_packet(100);
    arrive(&lan, &packet);
    for (unsigned i = 0; i < 100; i++) {
        pass(100);
        if (requests(router_mac) > 0) {
            answer_arp(router_mac);
        }
        CHECK_EQ(news(), LWPATH_SILENCE_NONE);
    }
    CHECK(requests(router_mac) >= 1 && requests(router_mac) <= 2);
    CHECK_EQ(requests(everyone), 0);
}

// Such as a name that is asked for again after five seconds.
TEST(two_last_words_in_a_row_say_that_nobody_is_heard) {
    street_open();
    frame_t packet = make_client_packet(100);
    arrive(&lan, &packet);
    pass(5000);
    (void)news(); // the router has not answered
    answer_arp(router_mac);
    (void)news();
    uplink.count = 0;
    arrive(&lan, &packet);
    for (unsigned i = 0; i < 18; i++) {
        pass(100);
        if (uplink.count > 1 && requests(router_mac) > 0) {
            uplink.count = 0;
            answer_arp(router_mac);
        }
        if (lwpath_silence_has_news()) {
            break;
        }
    }
    CHECK_EQ(news(), LWPATH_SILENCE_FAR);
}

TEST(keepalives_want_no_answer) {
    street_open();
    for (unsigned i = 0; i < 100; i++) {
        CHECK_EQ(lwpath_keepalive(0), WG_OK);
        pass(100);
    }
    CHECK_EQ(requests(router_mac) + requests(everyone), 0);
}

TEST(a_handshake_wants_an_answer) {
    street_open();
    uint8_t message[WG_INITIATION_LEN] = {WG_MESSAGE_INITIATION};
    CHECK_EQ(lwpath_send_to_peer(0, message, sizeof message), ERR_OK);
    pass(1500);
    CHECK_EQ(requests(router_mac), 1);
    CHECK_EQ(news(), LWPATH_SILENCE_NEAR);
}

TEST(packets_that_wait_for_keys_want_an_answer) {
    street_open();
    wg_tunnel_clear_keypairs(&ours.tunnel, 0);
    talk(1500);
    CHECK_EQ(news(), LWPATH_SILENCE_NEAR);
}

TEST(another_machine_with_the_routers_address_is_found_and_told) {
    street_open();
    talk(800);
    CHECK_EQ(requests(everyone), 1);
    answer_arp(new_mac);
    CHECK_EQ(news(), LWPATH_SILENCE_MOVED);
    frame_t packet = make_client_packet(100);
    arrive(&lan, &packet);
    CHECK_BYTES(last_sent(&uplink), new_mac, 6);
    check_nothing_leaks();
}

TEST(a_router_that_is_back_is_told) {
    street_open();
    talk(5000);
    CHECK_EQ(news(), LWPATH_SILENCE_NEAR);
    answer_arp(router_mac);
    CHECK_EQ(news(), LWPATH_SILENCE_MOVED);
    answer_arp(router_mac);
    CHECK_EQ(news(), LWPATH_SILENCE_NONE);
}

TEST(what_other_neighbours_say_is_no_answer) {
    street_open();
    for (unsigned i = 0; i < 15; i++) {
        talk(100);
        frame_t reply = make_arp(uplink_mac, new_mac, 2, neighbour_ip, uplink_ip);
        arrive(&uplink, &reply);
    }
    CHECK_EQ(news(), LWPATH_SILENCE_NEAR);
}

TEST(a_new_network_begins_without_a_past) {
    static const uint8_t new_ip[4] = {192, 0, 2, 99};
    street_open();
    talk(1200);
    CHECK_EQ(lwpath_uplink_static(ip_of(new_ip), 24, ip_of(router_ip), NULL, 0), ERR_OK);
    CHECK_EQ(lwpath_silence(), LWPATH_SILENCE_NONE);
    answer_arp(new_mac);
    CHECK_EQ(lwpath_silence(), LWPATH_SILENCE_NONE);
}

TEST(without_a_router_nobody_is_asked) {
    street_open();
    CHECK_EQ(lwpath_uplink_static(ip_of(uplink_ip), 24, 0, NULL, 0), ERR_OK);
    uplink.count = 0;
    talk(3000);
    CHECK_EQ(uplink.count, 0);
}

TEST(without_a_link_nobody_is_asked) {
    street_open();
    talk(400);
    netif_set_link_down(&uplink.netif);
    uplink.count = 0;
    talk(3000);
    CHECK_EQ(uplink.count, 0);
    CHECK_EQ(lwpath_silence(), LWPATH_SILENCE_NONE);
}
