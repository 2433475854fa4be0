// A board behind a portal: the client who signs in, and the portal, segment by segment.
#ifndef LWPATH_HOTEL_H
#define LWPATH_HOTEL_H

#include "lwpath_street.h"

enum { FIN = 1, SYN = 2, RST = 4, ACK = 16, SECONDS = 300, FLOWS = 48, PORT = 40000 };

static const uint8_t portal_ip[4] = {192, 0, 2, 1}, second_ip[4] = {203, 0, 113, 50}, elsewhere[4] = {203, 0, 113, 51};

static inline lwpath_sign_in_places_t places(void) {
    lwpath_sign_in_places_t made = {.count = 2, .addresses = {ip_of(portal_ip), ip_of(second_ip)}};
    memcpy(made.names[0], "login.hotel.example", 20);
    memcpy(made.names[1], "pay.example", 12);
    return made;
}

static inline frame_t from_client(const uint8_t mac[6], const uint8_t source[4], uint16_t port, const uint8_t to[4],
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

static inline uint16_t checksum(const uint8_t *ip) {
    uint8_t even[FRAME_MAX] = {0};
    size_t len = wg_load16_be(ip + 2) - 20U;
    memcpy(even, ip + 20, len);
    return lwpath_checksum(lwpath_sum(ip + 12, 8) + LWPATH_PROTOCOL_TCP + (uint32_t)len +
                           lwpath_sum(even, (len + 1) / 2 * 2));
}

static inline void seal_checksum(frame_t *frame) {
    wg_store16_be(frame->bytes + 50, 0);
    wg_store16_be(frame->bytes + 50, checksum(frame->bytes + 14));
}

static inline void client_says(uint16_t port, const uint8_t to[4], uint16_t to_port, uint8_t flags, size_t len) {
    frame_t frame = from_client(client_mac, client_ip, port, to, to_port, flags, len);
    seal_checksum(&frame);
    arrive(&lan, &frame);
}

static inline void portal_says(const uint8_t from[4], uint16_t from_port, uint16_t port, uint8_t flags, size_t len) {
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
static inline void arrive_at_hotel(void) {
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

static inline void open_window(void) {
    const lwpath_sign_in_places_t at = places();
    arrive_at_hotel();
    CHECK_EQ(lwpath_set_sign_in(client_mac, &at, SECONDS), ERR_OK);
}

static inline lwpath_sign_in_t told(void) {
    lwpath_sign_in_t found;
    lwpath_sign_in(&found);
    return found;
}

// What has left since, but for ARP, which says nothing of clients.
static inline unsigned left(void) {
    unsigned count = 0;
    for (unsigned i = 0; i < uplink.count; i++) {
        count += wg_load16_be(uplink.sent[i].bytes + 12) != LWPATH_TYPE_ARP;
    }
    return count;
}

// A connection of the client with the portal, as far as its answer; the port that the portal sees.
static inline uint16_t begin(uint16_t port) {
    unsigned before = uplink.count;
    client_says(port, portal_ip, 80, SYN, 0);
    CHECK_EQ(uplink.count, before + 1);
    uint16_t seen = wg_load16_be(last_sent(&uplink) + 34);
    portal_says(portal_ip, 80, seen, SYN | ACK, 0);
    return seen;
}

// A message to a name server.
static inline void ask(const uint8_t server[4], const uint8_t *message, size_t len) {
    frame_t frame = make_udp(lan_mac, client_mac, client_ip, 5353, server, 53, message, len);
    arrive(&lan, &frame);
}

#endif
