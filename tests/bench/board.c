// Counts the instructions of a board for a packet, on an emulated microcontroller, inside the guest: from a frame in the ring of
// one interface to the frame in the ring of the other, with the driver, lwIP's part, the translation and the cryptography. Only
// the devices are played here. Prints lines "count NAME INSTRUCTIONS".
#include <string.h>

#include "cr_tls.h"
#include "lwip/init.h"
#include "lwip/timeouts.h"
#include "lwpath.h"
#include "lwpath_frame.h"
#include "lwpath_port.h"
#include "nic.h"
#include "report.h"
#include "wg_aead.h"
#include "wg_bytes.h"

enum { PEERS = 4, INDICES = 16, WAITING = 8, PACKET_SIZE = 1500, NODES = 16, MTU = 1420, ROOM = 1600 };
enum { BATCH = 8, CLIENTS = 8, MANY = 500, ROUNDS = 2, OUR_PORT = 51820, WEB_PORT = 443 };
enum { IP = 14, UDP = IP + 20, DATAGRAM = UDP + 8, FIRST_PORT = 4000 };

typedef struct {
    wg_tunnel_t tunnel;
    wg_peer_t peers[PEERS];
    wg_index_slot_t indices[INDICES];
    wg_queue_slot_t queue[WAITING];
    uint8_t queue_packets[WAITING * PACKET_SIZE];
    wg_allowedips_node_t nodes[NODES];
} end_t;

static end_t ours, theirs;
static wg_gate_t gate;
static nic_t nics[2];
static const uint64_t now_ms = 100000;

static const wg_endpoint_t our_endpoint = {.family = 4, .port = 1111, .address = {198, 51, 100, 1}};
static const wg_endpoint_t their_endpoint = {.family = 4, .port = 2222, .address = {203, 0, 113, 2}};
static const uint8_t router_mac[6] = {2, 0, 0, 0, 9, 1};
static const uint8_t uplink_ip[4] = {192, 0, 2, 10}, router_ip[4] = {192, 0, 2, 1}, lan_ip[4] = {10, 7, 7, 1};
static const uint8_t tunnel_ip[4] = {10, 64, 0, 2}, web_ip[4] = {198, 51, 100, 80}, anywhere[4] = {0};
static uint16_t translated[MANY]; // the port that each flow has outside

// --- the port ---

uint64_t port_now_ms(void) {
    return now_ms;
}

uint32_t sys_now(void) {
    return (uint32_t)now_ms;
}

void network_fault(const char *message) {
    fail(message);
}

uint32_t entropy_number(void) {
    static uint32_t state = 1;
    return state = state * 1664525 + 1013904223;
}

bool port_fill_random(uint8_t *out, size_t len) {
    memset(out, 5, len);
    return true;
}

// No stream is secured here.
void cr_tls_start(void *arena, size_t len, bool (*fill_random)(uint8_t *out, size_t len)) {
    (void)arena, (void)len, (void)fill_random;
}

struct netif *port_netif(unsigned which) {
    return &nics[which].netif;
}

void port_network_poll(void) {
    for (unsigned i = 0; i < 2; i++) { // as in ports/virt/network.c
        const unsigned room = nic_room(&nics[1 - i]);
        nic_poll(&nics[i], room < BATCH ? room : BATCH);
    }
    for (unsigned i = 0; i < 2; i++) {
        nic_tell(&nics[i]);
    }
}

bool port_console_ready(void) {
    return false;
}

void port_wait(uint32_t timeout_ms) {
    (void)timeout_ms;
    require(false, "the path sleeps");
}

// --- the devices: rings in memory, and registers that do nothing ---

static struct {
    const virtqueue_descriptor_t *descriptors;
    const volatile virtqueue_available_t *available;
    volatile virtqueue_used_t *used;
    uint16_t mask, taken;
} rings[2][BUS_QUEUES];
static volatile uint32_t a_register;

bool bus_find(uint32_t kind, unsigned nth, bus_device_t *device) {
    *device = (bus_device_t){.common = nth};
    return kind == BUS_NET && nth < 2;
}

bool bus_negotiate(bus_device_t *device, uint32_t wanted, uint32_t *got) {
    (void)device;
    *got = wanted & (1 << 5); // an address; the link is always up
    return true;
}

bool bus_set_queue(bus_device_t *device, unsigned queue, uint16_t size, const void *descriptors, const void *available,
                   const void *used) {
    rings[device->common][queue].descriptors = descriptors;
    rings[device->common][queue].available = available;
    rings[device->common][queue].used = (volatile virtqueue_used_t *)(uintptr_t)used;
    rings[device->common][queue].mask = size - 1;
    return true;
}

void bus_start(bus_device_t *device) {
    (void)device;
}

void bus_notify(const bus_device_t *device, unsigned queue) {
    (void)device;
    a_register = queue;
}

bool bus_acknowledge(const bus_device_t *device) {
    (void)device;
    return false;
}

uint8_t bus_config_8(const bus_device_t *device, unsigned offset) {
    const uint8_t mac[6] = {2, 0, 0, 0, 1, (uint8_t)device->common};
    return mac[offset];
}

uint32_t bus_config_32(const bus_device_t *device, unsigned offset) {
    (void)device;
    return offset;
}

enum { RECEIVE = 0, TRANSMIT = 1, HEADER_LEN = 12 };

// A frame that arrives.
static void deliver(unsigned which, const uint8_t *frame, size_t len) {
    const uint16_t mask = rings[which][RECEIVE].mask;
    require(rings[which][RECEIVE].available->index != rings[which][RECEIVE].taken, "the ring has no buffer");
    const uint16_t head = rings[which][RECEIVE].available->heads[rings[which][RECEIVE].taken++ & mask];
    uint8_t *buffer = (uint8_t *)(uintptr_t)rings[which][RECEIVE].descriptors[head].address;
    memset(buffer, 0, HEADER_LEN);
    memcpy(buffer + HEADER_LEN, frame, len);
    volatile virtqueue_used_t *used = rings[which][RECEIVE].used;
    used->chains[used->index & mask].head = head;
    used->chains[used->index & mask].len = (uint32_t)(HEADER_LEN + len);
    used->index++;
}

// The next frame that was sent; 0: there is none.
static size_t take_sent(unsigned which, uint8_t *frame) {
    const uint16_t mask = rings[which][TRANSMIT].mask;
    if (rings[which][TRANSMIT].available->index == rings[which][TRANSMIT].taken) {
        return 0;
    }
    const uint16_t head = rings[which][TRANSMIT].available->heads[rings[which][TRANSMIT].taken++ & mask];
    const virtqueue_descriptor_t *part = &rings[which][TRANSMIT].descriptors[head];
    size_t len = 0;
    while ((part->flags & VIRTQUEUE_NEXT) != 0) { // the first one is the device's header
        part = &rings[which][TRANSMIT].descriptors[part->next];
        memcpy(frame + len, (const void *)(uintptr_t)part->address, part->len);
        len += part->len;
    }
    volatile virtqueue_used_t *used = rings[which][TRANSMIT].used;
    used->chains[used->index & mask].head = head;
    used->index++;
    return len;
}

// --- the tunnel's two ends ---

static void end_init(end_t *end, const wg_endpoint_t *other, const uint8_t allowed[4], unsigned prefix_len) {
    wg_tunnel_memory_t memory = {
        .peers = end->peers,
        .peer_capacity = PEERS,
        .indices = end->indices,
        .index_capacity = INDICES,
        .queue = end->queue,
        .queue_packets = end->queue_packets,
        .queue_capacity = WAITING,
        .packet_size = PACKET_SIZE,
        .nodes = end->nodes,
        .node_capacity = NODES,
    };
    require(wg_tunnel_init(&end->tunnel, &memory, MTU) && wg_tunnel_add_peer(&end->tunnel) == 0, "no tunnel");
    end->peers[0].endpoint = *other;
    require(wg_allowedips_insert(&end->tunnel.allowedips, 4, allowed, prefix_len, 0) == WG_OK, "no allowed IPs");
}

static void exchange_keys(void) {
    static const uint8_t there[32] = {1}, back[32] = {2};
    uint8_t keepalive[64];
    size_t len;
    wg_opened_t opened;
    require(wg_tunnel_install(&theirs.tunnel, 0, back, there, false, 3, 2, now_ms) == WG_OK &&
                wg_tunnel_install(&ours.tunnel, 0, there, back, true, 2, 3, now_ms) == WG_OK &&
                wg_tunnel_seal(&ours.tunnel, 0, keepalive, sizeof keepalive, NULL, 0, now_ms, &len) == WG_OK &&
                wg_tunnel_open(&theirs.tunnel, keepalive, len, &our_endpoint, now_ms, &opened) == WG_OK,
            "no keys");
}

// --- frames ---

static uint8_t frame[ROOM];

static void make_ethernet(unsigned to, const uint8_t from[6], uint16_t type) {
    memcpy(frame, nics[to].netif.hwaddr, 6);
    memcpy(frame + 6, from, 6);
    wg_store16_be(frame + 12, type);
}

// An IPv4 packet with UDP, of len bytes, without a checksum of UDP.
static void make_udp(uint8_t *packet, size_t len, const uint8_t source[4], uint16_t from_port,
                     const uint8_t destination[4], uint16_t to_port) {
    memset(packet, 0xc1, len);
    lwpath_write_ipv4(packet, len, LWPATH_PROTOCOL_UDP, lwpath_address(source), lwpath_address(destination));
    wg_store16_be(packet + 20, from_port);
    wg_store16_be(packet + 22, to_port);
    wg_store16_be(packet + 24, (uint16_t)(len - 20));
    wg_store16_be(packet + 26, 0);
}

static void arrive_from_client(unsigned flow, size_t len) {
    const uint8_t client = (uint8_t)(flow % CLIENTS);
    const uint8_t mac[6] = {2, 0, 0, 0, 7, client}, ip[4] = {10, 7, 7, (uint8_t)(20 + client)};
    make_ethernet(LWPATH_LAN, mac, LWPATH_TYPE_IPV4);
    make_udp(frame + IP, len, ip, (uint16_t)(FIRST_PORT + flow), web_ip, WEB_PORT);
    deliver(LWPATH_LAN, frame, IP + len);
}

static void arrive_from_tunnel(const uint8_t *inner, size_t len) {
    size_t sealed_len;
    make_ethernet(LWPATH_UPLINK, router_mac, LWPATH_TYPE_IPV4);
    require(wg_tunnel_seal(&theirs.tunnel, 0, frame + DATAGRAM, ROOM - DATAGRAM, inner, len, now_ms, &sealed_len) ==
                WG_OK,
            "the far end does not seal");
    lwpath_write_ipv4(frame + IP, 28 + sealed_len, LWPATH_PROTOCOL_UDP, lwpath_address(their_endpoint.address),
                      lwpath_address(uplink_ip));
    wg_store16_be(frame + UDP, their_endpoint.port);
    wg_store16_be(frame + UDP + 2, OUR_PORT);
    wg_store16_be(frame + UDP + 4, (uint16_t)(8 + sealed_len));
    wg_store16_be(frame + UDP + 6, 0);
    deliver(LWPATH_UPLINK, frame, DATAGRAM + sealed_len);
}

static void arrive_for_flow(unsigned flow, size_t len) {
    static uint8_t inner[MTU];
    make_udp(inner, len, web_ip, WEB_PORT, tunnel_ip, translated[flow]);
    arrive_from_tunnel(inner, len);
}

// What the far end gets of a flow; remembers the flow's port.
static void take_at_far_end(unsigned flow, size_t len) {
    wg_opened_t opened;
    const size_t frame_len = take_sent(LWPATH_UPLINK, frame);
    require(frame_len > DATAGRAM && wg_tunnel_open(&theirs.tunnel, frame + DATAGRAM, frame_len - DATAGRAM,
                                                   &our_endpoint, now_ms, &opened) == WG_OK,
            "nothing arrives at the far end");
    require(opened.len == len && memcmp(opened.inner + 12, tunnel_ip, 4) == 0, "something else arrives at the far end");
    translated[flow] = wg_load16_be(opened.inner + 20);
}

static void take_at_client(unsigned flow, size_t len) {
    require(take_sent(LWPATH_LAN, frame) == IP + len && frame[IP + 19] == 20 + flow % CLIENTS &&
                wg_load16_be(frame + UDP + 2) == FIRST_PORT + flow,
            "nothing arrives at the client");
}

// --- counting ---

static uint32_t poll_once(void) {
    uint16_t peer;
    uint8_t events;
    guest_start();
    const unsigned reasons = lwpath_poll(0);
    const uint32_t count = guest_stop();
    // The first packets of a peer are events, which are then watched no more.
    while (wg_tunnel_take_event(&ours.tunnel, &peer, &events)) {
    }
    require((reasons & ~(unsigned)LWPATH_WAKE_EVENT) == 0, "the control plane is asked");
    return count;
}

// Instructions for a packet, of flows that take turns.
static uint32_t measure(unsigned flows, size_t len, void (*arrive)(unsigned, size_t), void (*take)(unsigned, size_t)) {
    uint32_t sum = 0, packets = 0;
    for (unsigned first = 0; first < ROUNDS * flows || first < 2 * BATCH; first += BATCH) {
        for (unsigned i = 0; i < BATCH; i++) {
            arrive((first + i) % flows, len);
        }
        sum += poll_once();
        packets += BATCH;
        for (unsigned i = 0; i < BATCH; i++) {
            take((first + i) % flows, len);
        }
        sum += poll_once(); // lets go of what was sent
    }
    return (sum + packets / 2) / packets;
}

static uint32_t measure_sealing(size_t len) {
    static _Alignas(4) uint8_t plain[MTU], sealed[MTU + WG_TAG_LEN];
    static const uint8_t key[32] = {1}, nonce[12] = {2};
    guest_start();
    wg_aead_seal(sealed, plain, len, NULL, 0, nonce, key);
    return guest_stop();
}

static void start(void) {
    const uint32_t dns[1] = {lwpath_address(router_ip)};
    lwip_init();
    lwpath_init();
    require(nic_init(&nics[LWPATH_UPLINK], 0, lwpath_uplink_input, lwpath_uplink_output) &&
                nic_init(&nics[LWPATH_LAN], 1, lwpath_lan_input, lwpath_lan_output),
            "no interfaces");
    end_init(&ours, &their_endpoint, anywhere, 0);
    end_init(&theirs, &our_endpoint, tunnel_ip, 32);
    wg_gate_init(&gate);
    lwpath_open(&ours.tunnel, &gate);
    require(lwpath_uplink_static(lwpath_address(uplink_ip), 24, lwpath_address(router_ip), dns, 1) == ERR_OK,
            "no uplink");
    make_ethernet(LWPATH_UPLINK, router_mac, LWPATH_TYPE_ARP);
    memcpy(frame + IP, (const uint8_t[]){0, 1, 8, 0, 6, 4, 0, 2}, 8);
    memcpy(frame + IP + 8, router_mac, 6);
    memcpy(frame + IP + 14, router_ip, 4);
    memcpy(frame + IP + 18, nics[LWPATH_UPLINK].netif.hwaddr, 6);
    memcpy(frame + IP + 24, uplink_ip, 4);
    deliver(LWPATH_UPLINK, frame, IP + 28);
    lwpath_set_lan(lwpath_address(lan_ip), 24);
    lwpath_set_tunnel(lwpath_address(tunnel_ip), 0);
    require(lwpath_bind(OUR_PORT) == OUR_PORT, "no port");
    exchange_keys();
    arrive_from_tunnel(NULL, 0); // the far end was heard
    (void)lwpath_poll(0);
    while (take_sent(LWPATH_UPLINK, frame) > 0 || take_sent(LWPATH_LAN, frame) > 0) {
    }
}

void bench_main(void) {
    static const size_t lengths[] = {64, MTU};
    static const char *const names[][6] = {
        {"seal_64", "out_64_1", "in_64_1", "out_64_500", "in_64_500"},
        {"seal_1420", "out_1420_1", "in_1420_1", "out_1420_500", "in_1420_500"},
    };
    guest_begin();
    start();
    report("idle", poll_once());
    for (unsigned i = 0; i < 2; i++) {
        report(names[i][0], measure_sealing(lengths[i]));
        for (unsigned j = 0; j < 2; j++) {
            const unsigned flows = j == 0 ? 1 : MANY;
            measure(flows, lengths[i], arrive_from_client, take_at_far_end); // opens the flows
            report(names[i][1 + 2 * j], measure(flows, lengths[i], arrive_from_client, take_at_far_end));
            report(names[i][2 + 2 * j], measure(flows, lengths[i], arrive_for_flow, take_at_client));
        }
    }
    guest_exit(0);
}
