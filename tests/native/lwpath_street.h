// A board in memory: the data path on two interfaces that write down what is sent, a client on the LAN, and on the uplink a
// router and the far end of the tunnel, which is a tunnel of the core.
#ifndef LWPATH_STREET_H
#define LWPATH_STREET_H

#include "cr_stream.h"
#include "lwip/etharp.h"
#include "lwip/init.h"
#include "lwip/timeouts.h"
#include "lwip/udp.h"
#include "lwpath.h"
#include "lwpath_dhcp.h"
#include "lwpath_frame.h"
#include "lwpath_pool.h"
#include "lwpath_port.h"
#include "netif/ethernet.h"
#include "tunnel_pair.h"

enum { FRAMES_MAX = 256, FRAME_MAX = 1600, OUR_PORT = 51820, PAYLOAD_BYTE = 0xc1 };

typedef struct {
    size_t len;
    uint8_t bytes[FRAME_MAX];
} frame_t;

// What an interface has sent; `held` are those that the device has not used yet.
typedef struct {
    struct netif netif;
    bool present;
    frame_t sent[FRAMES_MAX];
    unsigned count;
    bool holds; // the device keeps references until device_done()
    struct pbuf *held[FRAMES_MAX];
    unsigned held_count;
    bool full;
} device_t;

static device_t uplink, lan;
static uint64_t clock_ms;
static unsigned frames_lent; // received buffers that were not given back
static bool has_generator;
static wg_gate_t gate;

static const uint8_t uplink_mac[6] = {2, 0, 0, 0, 1, 1}, lan_mac[6] = {2, 0, 0, 0, 1, 2};
static const uint8_t router_mac[6] = {2, 0, 0, 0, 9, 1}, client_mac[6] = {2, 0, 0, 0, 7, 1};
static const uint8_t other_mac[6] = {2, 0, 0, 0, 7, 2}, everyone[6] = {255, 255, 255, 255, 255, 255};
static const uint8_t uplink_ip[4] = {192, 0, 2, 10}, router_ip[4] = {192, 0, 2, 1};
static const uint8_t lan_ip[4] = {10, 7, 7, 1}, client_ip[4] = {10, 7, 7, 20}, other_ip[4] = {10, 7, 7, 21};
static const uint8_t tunnel_ip[4] = {10, 64, 0, 2}, web_ip[4] = {198, 51, 100, 80}, tunnel_dns[4] = {10, 64, 0, 1};

// --- what a port gives ---

uint64_t port_now_ms(void) {
    return clock_ms;
}

uint32_t sys_now(void) {
    return (uint32_t)clock_ms;
}

static uint64_t lwips_chance, ports_chance; // the same in each life

uint32_t lwip_random(void) {
    return (uint32_t)check_random(&lwips_chance);
}

bool port_fill_random(uint8_t *out, size_t len) {
    check_random_bytes(&ports_chance, out, len);
    return has_generator;
}

struct netif *port_netif(unsigned which) {
    device_t *device = which == LWPATH_UPLINK ? &uplink : &lan;
    return device->present ? &device->netif : NULL;
}

void port_network_poll(void) {
}

bool port_console_ready(void) {
    return false;
}

void port_wait(uint32_t timeout_ms) {
    clock_ms += timeout_ms < 100 ? timeout_ms : 100;
}

// --- devices ---

static inline err_t device_send(struct netif *netif, struct pbuf *frame) {
    device_t *device = netif->state;
    if (device->full) {
        return ERR_MEM;
    }
    CHECK(device->count < FRAMES_MAX && frame->tot_len <= FRAME_MAX);
    device->sent[device->count].len = frame->tot_len;
    pbuf_copy_partial(frame, device->sent[device->count++].bytes, frame->tot_len, 0);
    if (device->holds) {
        pbuf_ref(frame);
        device->held[device->held_count++] = frame;
    }
    return ERR_OK;
}

static inline void device_done(device_t *device) {
    for (unsigned i = 0; i < device->held_count; i++) {
        pbuf_free(device->held[i]);
    }
    device->held_count = 0;
}

static inline err_t device_init(struct netif *netif) {
    netif->linkoutput = device_send;
    netif->output = etharp_output;
    netif->mtu = 1500;
    netif->hwaddr_len = 6;
    netif->flags = NETIF_FLAG_BROADCAST | NETIF_FLAG_ETHARP | NETIF_FLAG_ETHERNET | NETIF_FLAG_LINK_UP;
    memcpy(netif->hwaddr, netif->state == &uplink ? uplink_mac : lan_mac, 6);
    return ERR_OK;
}

static inline void device_add(device_t *device, netif_input_fn input) {
    *device = (device_t){.present = true};
    CHECK(netif_add(&device->netif, NULL, NULL, NULL, device, device_init, input) != NULL);
    netif_set_up(&device->netif);
}

typedef struct {
    struct pbuf_custom pbuf; // first
    uint8_t *bytes;
} lent_t;

static inline void lent_back(struct pbuf *pbuf) {
    lent_t *lent = (lent_t *)(void *)pbuf;
    free(lent->bytes);
    free(lent);
    frames_lent--;
}

// A frame as it arrives: in a buffer of exactly its length, so that every step past it is noticed.
static inline struct pbuf *lend(const uint8_t *bytes, size_t len) {
    lent_t *lent = calloc(1, sizeof *lent);
    CHECK(lent != NULL);
    lent->bytes = malloc(len);
    memcpy(lent->bytes, bytes, len);
    lent->pbuf.custom_free_function = lent_back;
    frames_lent++;
    return pbuf_alloced_custom(PBUF_RAW, (u16_t)len, PBUF_REF, &lent->pbuf, lent->bytes, (u16_t)len);
}

static inline void arrive(device_t *device, const frame_t *frame) {
    struct pbuf *pbuf = lend(frame->bytes, frame->len);
    lwpath_take_time();
    CHECK_EQ(device->netif.input(pbuf, &device->netif), ERR_OK);
}

// --- frames ---

static inline uint32_t ip_of(const uint8_t address[4]) {
    return lwpath_address(address);
}

static inline frame_t make_frame(const uint8_t to[6], const uint8_t from[6], uint16_t type, size_t payload_len) {
    frame_t frame = {.len = 14 + payload_len};
    memcpy(frame.bytes, to, 6);
    memcpy(frame.bytes + 6, from, 6);
    wg_store16_be(frame.bytes + 12, type);
    return frame;
}

static inline frame_t make_ip(const uint8_t to[6], const uint8_t from[6], uint8_t protocol, const uint8_t source[4],
                              const uint8_t destination[4], size_t payload_len) {
    frame_t frame = make_frame(to, from, LWPATH_TYPE_IPV4, 20 + payload_len);
    memset(frame.bytes + 34, PAYLOAD_BYTE, payload_len);
    lwpath_write_ipv4(frame.bytes + 14, 20 + payload_len, protocol, ip_of(source), ip_of(destination));
    return frame;
}

static inline void fix_header(frame_t *frame) {
    uint8_t *ip = frame->bytes + 14;
    wg_store16_be(ip + 10, 0);
    wg_store16_be(ip + 10, lwpath_checksum(lwpath_sum(ip, (size_t)(ip[0] & 15) * 4)));
}

static inline frame_t make_udp(const uint8_t to[6], const uint8_t from[6], const uint8_t source[4], uint16_t from_port,
                               const uint8_t destination[4], uint16_t to_port, const uint8_t *payload, size_t len) {
    frame_t frame = make_ip(to, from, LWPATH_PROTOCOL_UDP, source, destination, 8 + len);
    wg_store16_be(frame.bytes + 34, from_port);
    wg_store16_be(frame.bytes + 36, to_port);
    wg_store16_be(frame.bytes + 38, (uint16_t)(8 + len));
    wg_store16_be(frame.bytes + 40, 0);
    if (payload != NULL) {
        memcpy(frame.bytes + 42, payload, len);
    }
    return frame;
}

static inline frame_t make_arp(const uint8_t to[6], const uint8_t from[6], uint16_t operation, const uint8_t sender[4],
                               const uint8_t target[4]) {
    static const uint8_t begin[6] = {0, 1, 8, 0, 6, 4};
    frame_t frame = make_frame(to, from, LWPATH_TYPE_ARP, 28);
    memcpy(frame.bytes + 14, begin, 6);
    wg_store16_be(frame.bytes + 20, operation);
    memcpy(frame.bytes + 22, from, 6);
    memcpy(frame.bytes + 28, sender, 4);
    memcpy(frame.bytes + 38, target, 4);
    return frame;
}

// From the client to a web server, UDP with a payload of PAYLOAD_BYTE.
static inline frame_t make_client_packet(size_t payload_len) {
    return make_udp(lan_mac, client_mac, client_ip, 4000, web_ip, 443, NULL, payload_len);
}

static inline frame_t make_datagram(const uint8_t source[4], uint16_t from_port, uint16_t to_port,
                                    const datagram_t *datagram) {
    return make_udp(uplink_mac, router_mac, source, from_port, uplink_ip, to_port, datagram->bytes, datagram->len);
}

// --- the street ---

static inline uint8_t *last_sent(device_t *device) {
    CHECK(device->count > 0);
    return device->sent[device->count - 1].bytes;
}

// The far end knows us as peer 0 and may be sent everything; we know it as peer 0 behind the router.
static inline void street_tunnels(void) {
    static const uint8_t anywhere[4] = {0, 0, 0, 0};
    introduce();
    allow(&ours, 0, anywhere, 0);
    allow(&theirs, 0, tunnel_ip, 32);
}

static inline void street_keys(void) {
    install(&theirs, 1, false, clock_ms);
    install(&ours, 1, true, clock_ms);
    datagram_t first = keepalive_from(&ours, clock_ms);
    CHECK_EQ(open_at_theirs(&first, clock_ms), WG_OK);
    watch_anew(&ours);
    watch_anew(&theirs);
}

// A board at power-on.
static inline void street_boot(void) {
    static bool begun;
    clock_ms = NOW_MS;
    has_generator = true;
    lwips_chance = 7;
    ports_chance = 8;
    if (begun) {
        netif_remove(&uplink.netif);
        netif_remove(&lan.netif);
    } else {
        lwip_init();
    }
    begun = true;
    lwpath_init();
    device_add(&uplink, lwpath_uplink_input);
    device_add(&lan, lwpath_lan_input);
    uplink.count = lan.count = 0;
}

static inline void street_uplink(void) {
    const uint32_t dns[1] = {ip_of(router_ip)};
    CHECK_EQ(lwpath_uplink_static(ip_of(uplink_ip), 24, ip_of(router_ip), dns, 1), ERR_OK);
    frame_t arp = make_arp(uplink_mac, router_mac, 2, router_ip, uplink_ip);
    arrive(&uplink, &arp);
    uplink.count = 0;
}

static inline void street_inside(void) {
    lwpath_set_lan(ip_of(lan_ip), 24);
    lwpath_set_tunnel(ip_of(tunnel_ip), ip_of(tunnel_dns));
}

// Everything that was lent is back, and every transmit buffer is free.
static inline void check_nothing_leaks(void) {
    lwpath_buffer_t *taken[LWPATH_BUFFERS];
    device_done(&uplink);
    device_done(&lan);
    CHECK_EQ(frames_lent, 0);
    for (unsigned i = 0; i < LWPATH_BUFFERS; i++) {
        taken[i] = lwpath_pool_take();
        CHECK(taken[i] != NULL);
    }
    CHECK(lwpath_pool_take() == NULL);
    for (unsigned i = 0; i < LWPATH_BUFFERS; i++) {
        lwpath_pool_give(taken[i]);
    }
}

// The tunnel's datagram in a frame that left on the uplink.
static inline datagram_t datagram_of_frame(const frame_t *frame) {
    const uint8_t *ip = frame->bytes + 14;
    datagram_t datagram = {.len = (size_t)wg_load16_be(ip + 24) - 8};
    CHECK_EQ(wg_load16_be(frame->bytes + 12), LWPATH_TYPE_IPV4);
    CHECK_EQ(ip[9], LWPATH_PROTOCOL_UDP);
    CHECK(lwpath_is_ipv4_header_right(ip, 20));
    CHECK_EQ(wg_load16_be(ip + 2), frame->len - 14);
    memcpy(datagram.bytes, ip + 28, datagram.len);
    return datagram;
}

// What the far end finds in the last frame that left on the uplink: an inner packet.
static inline frame_t opened_by_theirs(void) {
    datagram_t datagram = datagram_of_frame(&uplink.sent[uplink.count - 1]);
    wg_opened_t opened;
    CHECK_EQ(wg_tunnel_open(&theirs.tunnel, datagram.bytes, datagram.len, &our_endpoint, clock_ms, &opened), WG_OK);
    frame_t inner = {.len = opened.len};
    memcpy(inner.bytes, opened.inner, opened.len);
    return inner;
}

// An inner packet from the far end, as a frame that arrives on the uplink.
static inline frame_t sealed_by_theirs(const uint8_t *inner, size_t len) {
    datagram_t datagram;
    CHECK_EQ(try_seal(&theirs, &datagram, inner, len, clock_ms), WG_OK);
    return make_datagram(their_endpoint.address, their_endpoint.port, OUR_PORT, &datagram);
}

// A board that is up and running, with keys that the far end has confirmed.
static inline void street_open(void) {
    street_boot();
    street_tunnels();
    wg_gate_init(&gate);
    lwpath_open(&ours.tunnel, &gate);
    street_uplink();
    street_inside();
    CHECK_EQ(lwpath_bind(OUR_PORT), OUR_PORT);
    street_keys();
    frame_t keepalive = sealed_by_theirs(NULL, 0);
    arrive(&uplink, &keepalive); // the gateway was heard
    watch_anew(&ours);
    (void)lwpath_reasons();
}

// Whether anything that a client wrote is in a frame as it was.
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

#endif
