// A board on threads: lwIP's task, a driver's task for each of radio and cable where a test starts one, and the test's own, which
// is MicroPython's. Behind the cable is a router with the far end of the tunnel, on the box's own Wi-Fi a client.
#ifndef STREET_H
#define STREET_H

#include <pthread.h>
#include <unistd.h>

#include "../../../firmware/ports/virt/entropy.h"
#include "idf.h"
#include "intake.h"
#include "interfaces.h"
#include "lwip/etharp.h"
#include "lwip/tcpip.h"
#include "lwpath.h"
#include "lwpath_frame.h"
#include "lwpath_pool.h"
#include "lwpath_port.h"
#include "modlock.h"
#include "tunnel_pair.h"

enum { OUR_PORT = 51820, PAYLOAD_BYTE = 0xc1 };

static const uint8_t cable_mac[6] = {2, 0, 0, 0, 1, 3}, own_mac[6] = {2, 0, 0, 0, 1, 2};
static const uint8_t station_mac[6] = {2, 0, 0, 0, 1, 1};
static const uint8_t router_mac[6] = {2, 0, 0, 0, 9, 1}, client_mac[6] = {2, 0, 0, 0, 7, 1};
static const uint8_t uplink_ip[4] = {192, 0, 2, 10}, router_ip[4] = {192, 0, 2, 1};
static const uint8_t lan_ip[4] = {10, 7, 7, 1}, client_ip[4] = {10, 7, 7, 20};
static const uint8_t tunnel_ip[4] = {10, 64, 0, 2}, web_ip[4] = {198, 51, 100, 80};
static wg_gate_t gate;

bool port_console_ready(void) {
    return false;
}

// Let the others run until something holds. A test that waits in vain ends by the runner's patience.
#define UNTIL(condition)                                                                                               \
    do {                                                                                                               \
        while (!(condition)) {                                                                                         \
            usleep(500);                                                                                               \
        }                                                                                                              \
    } while (0)

// --- frames ---

static inline uint32_t ip_of(const uint8_t address[4]) {
    return lwpath_address(address);
}

static inline frame_t make_udp(const uint8_t to[6], const uint8_t from[6], const uint8_t source[4], uint16_t from_port,
                               const uint8_t destination[4], uint16_t to_port, const uint8_t *payload, size_t len) {
    frame_t frame = {.len = 42 + len};
    memcpy(frame.bytes, to, 6);
    memcpy(frame.bytes + 6, from, 6);
    wg_store16_be(frame.bytes + 12, LWPATH_TYPE_IPV4);
    lwpath_write_ipv4(frame.bytes + 14, 28 + len, LWPATH_PROTOCOL_UDP, ip_of(source), ip_of(destination));
    wg_store16_be(frame.bytes + 34, from_port);
    wg_store16_be(frame.bytes + 36, to_port);
    wg_store16_be(frame.bytes + 38, (uint16_t)(8 + len));
    wg_store16_be(frame.bytes + 40, 0);
    if (payload != NULL) {
        memcpy(frame.bytes + 42, payload, len);
    } else {
        memset(frame.bytes + 42, PAYLOAD_BYTE, len);
    }
    return frame;
}

static inline frame_t make_arp_reply(const uint8_t to[6], const uint8_t from[6], const uint8_t sender[4],
                                     const uint8_t target[4]) {
    static const uint8_t begin[8] = {0, 1, 8, 0, 6, 4, 0, 2};
    frame_t frame = {.len = 42};
    memcpy(frame.bytes, to, 6);
    memcpy(frame.bytes + 6, from, 6);
    wg_store16_be(frame.bytes + 12, LWPATH_TYPE_ARP);
    memcpy(frame.bytes + 14, begin, 8);
    memcpy(frame.bytes + 22, from, 6);
    memcpy(frame.bytes + 28, sender, 4);
    memcpy(frame.bytes + 32, to, 6);
    memcpy(frame.bytes + 38, target, 4);
    return frame;
}

static inline frame_t client_packet(size_t payload_len) {
    return make_udp(own_mac, client_mac, client_ip, 4000, web_ip, 443, NULL, payload_len);
}

static inline bool is_datagram(const frame_t *frame) {
    return wg_load16_be(frame->bytes + 12) == LWPATH_TYPE_IPV4 &&
           wg_load16_be(frame->bytes + 36) == their_endpoint.port;
}

static inline bool is_arp(const frame_t *frame) {
    return wg_load16_be(frame->bytes + 12) == LWPATH_TYPE_ARP;
}

static inline bool has_payload(const frame_t *frame) {
    static const uint8_t mark[8] = {PAYLOAD_BYTE, PAYLOAD_BYTE, PAYLOAD_BYTE, PAYLOAD_BYTE,
                                    PAYLOAD_BYTE, PAYLOAD_BYTE, PAYLOAD_BYTE, PAYLOAD_BYTE};
    for (size_t i = 0; i + sizeof mark <= frame->len; i++) {
        if (memcmp(frame->bytes + i, mark, sizeof mark) == 0) {
            return true;
        }
    }
    return false;
}

// --- the far end, which only the test's task is ---

// Open a frame that left on the uplink: a packet of the client's that the far end takes.
static inline bool open_by_theirs(const frame_t *frame, frame_t *inner) {
    datagram_t datagram = {.len = frame->len - 42};
    wg_opened_t opened;
    if (!is_datagram(frame)) {
        return false;
    }
    memcpy(datagram.bytes, frame->bytes + 42, datagram.len);
    if (wg_tunnel_open(&theirs.tunnel, datagram.bytes, datagram.len, &our_endpoint, port_now_ms(), &opened) != WG_OK) {
        return false;
    }
    inner->len = opened.len;
    memcpy(inner->bytes, opened.inner, opened.len);
    return opened.len > 0;
}

// The answer to an inner packet, as a frame that comes on the uplink.
static inline frame_t answer_by_theirs(const frame_t *inner) {
    frame_t back = *inner;
    datagram_t datagram;
    memcpy(back.bytes + 12, inner->bytes + 16, 4);
    memcpy(back.bytes + 16, inner->bytes + 12, 4);
    memcpy(back.bytes + 20, inner->bytes + 22, 2);
    memcpy(back.bytes + 22, inner->bytes + 20, 2);
    CHECK_EQ(try_seal(&theirs, &datagram, back.bytes, back.len, port_now_ms()), WG_OK);
    return make_udp(cable_mac, router_mac, their_endpoint.address, their_endpoint.port, uplink_ip, OUR_PORT,
                    datagram.bytes, datagram.len);
}

static inline frame_t keepalive_by_theirs(void) {
    datagram_t datagram;
    CHECK_EQ(try_seal(&theirs, &datagram, NULL, 0, port_now_ms()), WG_OK);
    return make_udp(cable_mac, router_mac, their_endpoint.address, their_endpoint.port, uplink_ip, OUR_PORT,
                    datagram.bytes, datagram.len);
}

// --- the street ---

static inline unsigned count_of(lwpath_counter_t counter) {
    port_lock();
    unsigned count = lwpath_count(counter);
    port_unlock();
    return count;
}

static inline void street_power_on(void) {
    entropy_init();
    CHECK(entropy_is_there());
    CHECK(interfaces_init());
    idf_make_interfaces();
}

static inline void street_open_path(void) {
    static const uint8_t anywhere[4];
    introduce();
    allow(&ours, 0, anywhere, 0);
    allow(&theirs, 0, tunnel_ip, 32);
    wg_gate_init(&gate);
    port_lock();
    lwpath_open(&ours.tunnel, &gate);
    lwpath_set_lan(ip_of(lan_ip), 24);
    lwpath_set_tunnel(ip_of(tunnel_ip), 0);
    CHECK_EQ(lwpath_bind(OUR_PORT), OUR_PORT);
    install(&theirs, 1, false, port_now_ms());
    install(&ours, 1, true, port_now_ms());
    datagram_t first = keepalive_from(&ours, port_now_ms());
    port_unlock();
    CHECK_EQ(open_at_theirs(&first, port_now_ms()), WG_OK);
}

static inline void street_address(void) {
    const uint32_t dns[1] = {ip_of(router_ip)};
    port_lock();
    CHECK_EQ(lwpath_uplink_static(ip_of(uplink_ip), 24, ip_of(router_ip), dns, 1), ERR_OK);
    port_unlock();
}

static inline uint32_t street_uplink_address(void) {
    lwpath_uplink_t uplink;
    port_lock();
    lwpath_uplink(&uplink);
    port_unlock();
    return uplink.address;
}

// A client's packet gets to the router, which answers when it is asked for its MAC.
static inline void street_check_passes(void) {
    frame_t sent, reply = make_arp_reply(cable_mac, router_mac, router_ip, uplink_ip), packet = client_packet(10);
    while (idf_take_sent(&idf_cable, &sent)) {
        CHECK(!has_payload(&sent));
    }
    idf_receive(&idf_access_point, &packet);
    do {
        UNTIL(idf_take_sent(&idf_cable, &sent));
        if (is_arp(&sent) && memcmp(sent.bytes + 38, router_ip, 4) == 0) {
            idf_receive(&idf_cable, &reply);
        }
    } while (!is_datagram(&sent));
}

// Nothing is to be told.
static inline void street_hear_all(void) {
    do {
        port_lock();
        take_events(&ours);
        port_unlock();
    } while (lwpath_poll(0) != 0);
}

// Cable to the router, Wi-Fi to the client, keys, and the router's MAC is known.
static inline void street_open(void) {
    street_power_on();
    idf_start(&idf_cable);
    idf_connected(&idf_cable);
    idf_start(&idf_access_point);
    CHECK(interfaces_set_sides("eth", "ap"));
    street_open_path();
    street_address();
    frame_t keepalive = keepalive_by_theirs();
    idf_receive(&idf_cable, &keepalive); // confirms the keys
    street_check_passes();
}

// Everything that a driver lent is back, and every transmit buffer is free, but for those that ARP may hold.
static inline void check_nothing_leaks(void) {
    lwpath_buffer_t *taken[LWPATH_BUFFERS];
    UNTIL(atomic_load(&idf_lent) == 0);
    port_lock();
    struct netif *uplink = port_netif(LWPATH_UPLINK);
    if (uplink != NULL) {
        etharp_cleanup_netif(uplink);
    }
    for (unsigned i = 0; i < LWPATH_BUFFERS; i++) {
        taken[i] = lwpath_pool_take();
        CHECK(taken[i] != NULL);
    }
    for (unsigned i = 0; i < LWPATH_BUFFERS; i++) {
        lwpath_pool_give(taken[i]);
    }
    port_unlock();
}

#endif
