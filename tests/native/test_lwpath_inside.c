// with: lwip
// The inside service: messages between the box and the gateway, told from clients' packets in the tunnel.
#include "lwpath_inside.h"
#include "lwpath_street.h"

enum { HERE = 40001, THERE = 51821 };

static const uint8_t gateway_ip[4] = {10, 64, 0, 1};

static void open_service(void) {
    street_open();
    lwpath_set_inside(HERE, ip_of(gateway_ip), THERE);
}

static void inner_arrives(const uint8_t source[4], uint16_t from, const uint8_t destination[4], uint16_t to,
                          const uint8_t *payload, size_t len) {
    frame_t made = make_udp(uplink_mac, router_mac, source, from, destination, to, payload, len);
    frame_t frame = sealed_by_theirs(made.bytes + 14, made.len - 14);
    arrive(&uplink, &frame);
}

TEST(a_message_goes_to_the_gateway_inside_the_tunnel) {
    open_service();
    CHECK_EQ(lwpath_send_inside((const uint8_t *)"hello", 5), ERR_OK);
    frame_t inner = opened_by_theirs();
    CHECK_EQ(inner.len, 33);
    CHECK_BYTES(inner.bytes + 12, tunnel_ip, 4);
    CHECK_BYTES(inner.bytes + 16, gateway_ip, 4);
    CHECK_EQ(wg_load16_be(inner.bytes + 20), HERE);
    CHECK_EQ(wg_load16_be(inner.bytes + 22), THERE);
    CHECK_BYTES(inner.bytes + 28, "hello", 5);
    CHECK(lwpath_is_ipv4_header_right(inner.bytes, 20));
    check_nothing_leaks();
}

TEST(a_message_from_the_gateway_is_for_the_control_plane_and_for_no_client) {
    open_service();
    inner_arrives(gateway_ip, THERE, tunnel_ip, HERE, (const uint8_t *)"hello", 5);
    CHECK((lwpath_reasons() & LWPATH_WAKE_INSIDE) != 0);
    const lwpath_inside_slot_t *slot = lwpath_next_inside();
    CHECK(slot != NULL);
    CHECK_EQ(slot->len, 5);
    CHECK_BYTES(slot->message, "hello", 5);
    CHECK(lwpath_next_inside() == NULL);
    CHECK_EQ(lwpath_reasons() & LWPATH_WAKE_INSIDE, 0);
    CHECK_EQ(lan.count, 0);
    check_nothing_leaks();
}

TEST(of_a_long_message_its_length_and_its_front_are_kept) {
    uint8_t message[1300];
    uint64_t state = 3;
    check_random_bytes(&state, message, sizeof message);
    open_service();
    inner_arrives(gateway_ip, THERE, tunnel_ip, HERE, message, sizeof message);
    const lwpath_inside_slot_t *slot = lwpath_next_inside();
    CHECK_EQ(slot->len, sizeof message);
    CHECK_BYTES(slot->message, message, LWPATH_INSIDE_KEPT);
}

TEST(what_differs_in_one_address_or_port_is_no_message) {
    open_service();
    inner_arrives(web_ip, THERE, tunnel_ip, HERE, NULL, 5);
    inner_arrives(gateway_ip, THERE + 1, tunnel_ip, HERE, NULL, 5);
    inner_arrives(gateway_ip, THERE, tunnel_ip, HERE + 1, NULL, 5);
    inner_arrives(gateway_ip, THERE, client_ip, HERE, NULL, 5);
    CHECK(lwpath_next_inside() == NULL);
    CHECK_EQ(lan.count, 0);
    check_nothing_leaks();
}

TEST(messages_that_nobody_takes_are_counted_and_the_first_ones_stay) {
    open_service();
    for (uint8_t i = 0; i < LWPATH_INSIDE_SLOTS + 3; i++) {
        inner_arrives(gateway_ip, THERE, tunnel_ip, HERE, &i, 1);
    }
    CHECK_EQ(lwpath_count(LWPATH_COUNT_INSIDE_FULL), 3);
    for (uint8_t i = 0; i < LWPATH_INSIDE_SLOTS; i++) {
        CHECK_EQ(lwpath_next_inside()->message[0], i);
    }
    CHECK(lwpath_next_inside() == NULL);
}

TEST(a_client_cannot_speak_to_the_control_plane) {
    open_service();
    frame_t frame = make_udp(lan_mac, client_mac, client_ip, THERE, tunnel_ip, HERE, NULL, 5);
    arrive(&lan, &frame);
    memcpy(frame.bytes + 26, gateway_ip, 4);
    fix_header(&frame);
    arrive(&lan, &frame);
    CHECK(lwpath_next_inside() == NULL);
}

// The router keeps a client's port where it can: the gateway would take him for us, and its answers would come here.
TEST(a_client_cannot_speak_to_the_gateway_in_our_name) {
    open_service();
    unsigned sent = uplink.count;
    frame_t frame = make_udp(lan_mac, client_mac, client_ip, HERE, gateway_ip, THERE, NULL, 5);
    arrive(&lan, &frame);
    frame = make_udp(lan_mac, client_mac, client_ip, HERE + 1, gateway_ip, THERE, NULL, 5);
    arrive(&lan, &frame);
    wg_store16_be(frame.bytes + 20, 0x2000); // a first piece
    fix_header(&frame);
    arrive(&lan, &frame);
    CHECK_EQ(uplink.count, sent);
    CHECK_EQ(lwpath_count(LWPATH_COUNT_LAN_LOCAL), 3);
    // Its other services are his as before, and so are other machines.
    frame = make_udp(lan_mac, client_mac, client_ip, HERE, gateway_ip, 53, NULL, 5);
    arrive(&lan, &frame);
    frame = make_udp(lan_mac, client_mac, client_ip, HERE, web_ip, THERE, NULL, 5);
    arrive(&lan, &frame);
    frame = make_ip(lan_mac, client_mac, LWPATH_PROTOCOL_TCP, client_ip, gateway_ip, 20);
    wg_store16_be(frame.bytes + 36, THERE);
    wg_store16_be(frame.bytes + 46, 5 << 12 | 2); // SYN
    arrive(&lan, &frame);
    CHECK_EQ(uplink.count, sent + 3);
    lwpath_set_inside(0, 0, 0);
    frame = make_udp(lan_mac, client_mac, client_ip, HERE, gateway_ip, THERE, NULL, 5);
    arrive(&lan, &frame);
    CHECK_EQ(uplink.count, sent + 4);
    check_nothing_leaks();
}

TEST(without_a_service_nothing_is_sent_or_taken) {
    street_open();
    unsigned sent = uplink.count;
    CHECK_EQ(lwpath_send_inside((const uint8_t *)"hello", 5), ERR_RTE);
    inner_arrives(gateway_ip, THERE, tunnel_ip, HERE, NULL, 5);
    CHECK(lwpath_next_inside() == NULL);
    lwpath_set_inside(HERE, ip_of(gateway_ip), THERE);
    inner_arrives(gateway_ip, THERE, tunnel_ip, HERE, NULL, 5);
    lwpath_set_inside(0, 0, 0);
    CHECK(lwpath_next_inside() == NULL);
    uint8_t long_one[1473] = {0};
    CHECK_EQ(lwpath_send_inside(long_one, sizeof long_one), ERR_ARG);
    lwpath_set_inside(HERE, ip_of(gateway_ip), THERE);
    lwpath_set_tunnel(0, 0);
    CHECK_EQ(lwpath_send_inside((const uint8_t *)"hello", 5), ERR_RTE);
    CHECK_EQ(uplink.count, sent);
    lwpath_close();
    CHECK_EQ(lwpath_send_inside((const uint8_t *)"hello", 5), ERR_RTE);
}
