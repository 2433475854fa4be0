// with: lwip
// The window for signing in: one client, the portal's addresses, TCP 80 and 443, some minutes, and nothing else in clear.
#include "lwpath_street.h"

enum { FIN = 1, SYN = 2, RST = 4, ACK = 16, SECONDS = 300, FLOWS = 48, PORT = 40000 };

static const uint8_t portal_ip[4] = {192, 0, 2, 1}, second_ip[4] = {203, 0, 113, 50}, elsewhere[4] = {203, 0, 113, 51};

static lwpath_sign_in_places_t places(void) {
    lwpath_sign_in_places_t made = {.count = 2, .addresses = {ip_of(portal_ip), ip_of(second_ip)}};
    memcpy(made.names[0], "login.hotel.example", 20);
    memcpy(made.names[1], "pay.example", 12);
    return made;
}

static frame_t from_client(const uint8_t mac[6], const uint8_t source[4], uint16_t port, const uint8_t to[4],
                           uint16_t to_port, uint8_t flags, size_t len) {
    frame_t frame = make_ip(lan_mac, mac, LWPATH_PROTOCOL_TCP, source, to, 20 + len);
    uint8_t *tcp = frame.bytes + 34;
    memset(tcp, 0, 20);
    wg_store16_be(tcp, port);
    wg_store16_be(tcp + 2, to_port);
    tcp[12] = 5 << 4;
    tcp[13] = flags;
    return frame;
}

static uint16_t checksum(const uint8_t *ip) {
    uint8_t even[FRAME_MAX] = {0};
    size_t len = wg_load16_be(ip + 2) - 20U;
    memcpy(even, ip + 20, len);
    return lwpath_checksum(lwpath_sum(ip + 12, 8) + LWPATH_PROTOCOL_TCP + (uint32_t)len +
                           lwpath_sum(even, (len + 1) / 2 * 2));
}

static void seal_checksum(frame_t *frame) {
    wg_store16_be(frame->bytes + 50, 0);
    wg_store16_be(frame->bytes + 50, checksum(frame->bytes + 14));
}

static void client_says(uint16_t port, const uint8_t to[4], uint16_t to_port, uint8_t flags, size_t len) {
    frame_t frame = from_client(client_mac, client_ip, port, to, to_port, flags, len);
    seal_checksum(&frame);
    arrive(&lan, &frame);
}

static void portal_says(const uint8_t from[4], uint16_t from_port, uint16_t port, uint8_t flags, size_t len) {
    frame_t frame = make_ip(uplink_mac, router_mac, LWPATH_PROTOCOL_TCP, from, uplink_ip, 20 + len);
    uint8_t *tcp = frame.bytes + 34;
    memset(tcp, 0, 20);
    wg_store16_be(tcp, from_port);
    wg_store16_be(tcp + 2, port);
    tcp[12] = 5 << 4;
    tcp[13] = flags;
    seal_checksum(&frame);
    arrive(&uplink, &frame);
}

// A board behind a portal: there is an uplink, a client, no key, and the window is shut.
static void arrive_at_hotel(void) {
    street_boot();
    street_tunnels();
    wg_gate_init(&gate);
    lwpath_open(&ours.tunnel, &gate);
    street_uplink();
    street_inside();
    CHECK_EQ(lwpath_bind(OUR_PORT), OUR_PORT);
    frame_t arp = make_arp(everyone, client_mac, LWPATH_ARP_REQUEST, client_ip, lan_ip);
    arrive(&lan, &arp);
    arp = make_arp(everyone, other_mac, LWPATH_ARP_REQUEST, other_ip, lan_ip);
    arrive(&lan, &arp);
    (void)lwpath_reasons();
    uplink.count = lan.count = 0;
}

static void open_window(void) {
    const lwpath_sign_in_places_t at = places();
    arrive_at_hotel();
    CHECK_EQ(lwpath_set_sign_in(client_mac, &at, SECONDS), ERR_OK);
}

static lwpath_sign_in_t told(void) {
    lwpath_sign_in_t found;
    lwpath_sign_in(&found);
    return found;
}

// What has left since, but for ARP, which says nothing of clients.
static unsigned left(void) {
    unsigned count = 0;
    for (unsigned i = 0; i < uplink.count; i++) {
        count += wg_load16_be(uplink.sent[i].bytes + 12) != LWPATH_TYPE_ARP;
    }
    return count;
}

// A connection of the client with the portal, as far as its answer; the port that the portal sees.
static uint16_t begin(uint16_t port) {
    unsigned before = uplink.count;
    client_says(port, portal_ip, 80, SYN, 0);
    CHECK_EQ(uplink.count, before + 1);
    uint16_t seen = wg_load16_be(last_sent(&uplink) + 34);
    portal_says(portal_ip, 80, seen, SYN | ACK, 0);
    return seen;
}

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

TEST(only_a_first_segment_begins_a_connection) {
    open_window();
    client_says(PORT, portal_ip, 80, ACK, 100);
    client_says(PORT, portal_ip, 80, SYN | ACK, 0);
    client_says(PORT, portal_ip, 80, FIN | ACK, 0);
    client_says(PORT, portal_ip, 80, RST, 0);
    client_says(PORT, portal_ip, 80, SYN | FIN, 0);
    CHECK_EQ(left(), 0);
    CHECK_EQ(told().refused, 5);
    check_nothing_leaks();
}

TEST(a_header_that_lies_about_its_length_does_not_leave) {
    open_window();
    frame_t frame = from_client(client_mac, client_ip, PORT, portal_ip, 80, SYN, 0);
    frame.bytes[46] = 15 << 4;
    arrive(&lan, &frame);
    frame.bytes[46] = 4 << 4;
    arrive(&lan, &frame);
    frame.bytes[46] = 5 << 4;
    frame.bytes[24] ^= 1; // and a damaged one
    arrive(&lan, &frame);
    CHECK_EQ(left(), 0);
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

TEST(a_connection_that_is_over_is_forgotten) {
    open_window();
    uint16_t port = begin(PORT);
    client_says(PORT, portal_ip, 80, FIN | ACK, 0);
    portal_says(portal_ip, 80, port, FIN | ACK, 0);
    CHECK_EQ(told().flows, 0);
    unsigned heard = lan.count;
    portal_says(portal_ip, 80, port, ACK, 50);
    CHECK_EQ(lan.count, heard);
    port = begin(PORT); // the same ports once more
    CHECK_EQ(told().flows, 1);
    portal_says(portal_ip, 80, port, RST, 0);
    CHECK_EQ(told().flows, 0);
    check_nothing_leaks();
}

TEST(a_flood_of_first_segments_takes_no_place_of_those_that_are_answered) {
    open_window();
    uint16_t port = begin(PORT);
    for (unsigned i = 0; i < 4 * FLOWS; i++) {
        clock_ms++;
        uplink.count = 0;
        client_says((uint16_t)(1024 + i), portal_ip, 443, SYN, 0);
    }
    CHECK_EQ(told().flows, FLOWS);
    unsigned heard = lan.count;
    portal_says(portal_ip, 80, port, ACK, 50);
    CHECK_EQ(lan.count, heard + 1);
    check_nothing_leaks();
}

TEST(more_connections_than_it_holds_are_counted_and_refused) {
    open_window();
    for (unsigned i = 0; i < FLOWS; i++) {
        (void)begin((uint16_t)(PORT + i));
    }
    uint32_t full = lwpath_count(LWPATH_COUNT_SIGN_IN_FULL);
    unsigned before = left();
    client_says(PORT + FLOWS, portal_ip, 80, SYN, 0);
    CHECK_EQ(left(), before);
    CHECK_EQ(lwpath_count(LWPATH_COUNT_SIGN_IN_FULL), full + 1);
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

// --- names ---

// A question, as a message; its length.
static size_t question(uint8_t *message, const char *name, uint16_t type) {
    memset(message, 0, 12);
    message[0] = 0x12;
    message[2] = 1; // recursion is wanted
    message[5] = 1;
    size_t at = 12;
    while (*name != 0) {
        size_t len = strcspn(name, ".");
        message[at++] = (uint8_t)len;
        memcpy(message + at, name, len);
        at += len;
        name += len + (name[len] == '.');
    }
    message[at++] = 0;
    wg_store16_be(message + at, type);
    wg_store16_be(message + at + 2, 1);
    return at + 4;
}

static void ask(const uint8_t server[4], const uint8_t *message, size_t len) {
    frame_t frame = make_udp(lan_mac, client_mac, client_ip, 5353, server, 53, message, len);
    arrive(&lan, &frame);
}

// The address in the answer, and that it is one to that question; NULL: there is none in it.
static const uint8_t *answer_to(const uint8_t server[4], const char *name, uint16_t type) {
    uint8_t message[300];
    size_t len = question(message, name, type);
    unsigned before = lan.count;
    ask(server, message, len);
    CHECK_EQ(lan.count, before + 1);
    const uint8_t *frame = last_sent(&lan), *dns = frame + 42;
    CHECK_BYTES(frame, client_mac, 6);
    CHECK(lwpath_is_ipv4_header_right(frame + 14, 20));
    CHECK_BYTES(frame + 26, server, 4);
    CHECK_BYTES(frame + 30, client_ip, 4);
    CHECK_EQ(wg_load16_be(frame + 34), 53);
    CHECK_EQ(wg_load16_be(frame + 36), 5353);
    CHECK_BYTES(dns, message, 2);
    CHECK_EQ(wg_load16_be(dns + 2), 0x8180);
    CHECK_BYTES(dns + 12, message + 12, len - 12);
    if (wg_load16_be(dns + 6) == 0) {
        CHECK_EQ(lan.sent[lan.count - 1].len, 42 + len);
        return NULL;
    }
    CHECK_EQ(lan.sent[lan.count - 1].len, 42 + len + 16);
    CHECK_EQ(wg_load32_be(dns + len + 6), 0); // for the moment alone
    return dns + len + 12;
}

TEST(names_of_the_portal_are_known_and_all_others_lead_to_it) {
    open_window();
    CHECK_BYTES(answer_to(lan_ip, "login.hotel.example", 1), portal_ip, 4);
    CHECK_BYTES(answer_to(lan_ip, "PAY.Example", 1), second_ip, 4);
    CHECK_BYTES(answer_to(lan_ip, "www.example.org", 1), portal_ip, 4);
    CHECK_BYTES(answer_to(lan_ip, "pay.example.org", 1), portal_ip, 4);
    CHECK_BYTES(answer_to(lan_ip, "y.pay.example", 1), portal_ip, 4);
    CHECK_BYTES(answer_to(lan_ip, "ay.example", 1), portal_ip, 4);
    CHECK_BYTES(answer_to(lan_ip, "pay", 1), portal_ip, 4);
    CHECK_BYTES(answer_to(web_ip, "pay.example", 1), second_ip, 4); // a client with a server of its own
    CHECK_EQ(left(), 0);                                            // no question leaves
    CHECK_EQ(told().answered, 8);
    check_nothing_leaks();
}

TEST(there_are_no_answers_of_other_types) {
    open_window();
    CHECK(answer_to(lan_ip, "pay.example", 28) == NULL); // AAAA
    CHECK(answer_to(lan_ip, "pay.example", 65) == NULL); // HTTPS
    CHECK(answer_to(lan_ip, "pay.example", 16) == NULL);
    CHECK_EQ(left(), 0);
    check_nothing_leaks();
}

TEST(only_the_windows_client_is_answered) {
    uint8_t message[300];
    size_t len = question(message, "pay.example", 1);
    open_window();
    frame_t frame = make_udp(lan_mac, other_mac, other_ip, 5353, lan_ip, 53, message, len);
    arrive(&lan, &frame);
    CHECK_EQ(lan.count, 0);
    lwpath_close_sign_in();
    ask(lan_ip, message, len);
    CHECK_EQ(lan.count, 0);
    CHECK_EQ(left(), 0);
    check_nothing_leaks();
}

TEST(broken_questions_are_counted_and_not_answered) {
    uint8_t message[600];
    open_window();
    size_t len = question(message, "pay.example", 1);
    for (size_t cut = 0; cut < len; cut++) {
        ask(lan_ip, message, cut);
    }
    CHECK_EQ(told().refused, len);
    message[12] = 0xc0; // a compressed name
    ask(lan_ip, message, len);
    message[12] = 3;
    message[2] = 0x81; // an answer
    ask(lan_ip, message, len);
    message[2] = 1;
    message[5] = 2; // two questions
    ask(lan_ip, message, len);
    memset(message + 12, 1, 500); // a name that is too long
    message[5] = 1;
    message[12 + 500] = 0;
    ask(lan_ip, message, 12 + 505);
    CHECK_EQ(lan.count, 0);
    CHECK_EQ(left(), 0);
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

// --- what it cannot be opened for ---

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
