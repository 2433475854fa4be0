#include "lwpath_sign_in.h"

#include "lwip/etharp.h"
#include "lwpath_deliver.h"
#include "lwpath_path.h"
#include "lwpath_pool.h"
#include "lwpath_port.h"
#include "lwpath_sign_in_flows.h"
#include "rt_ipv4.h"

enum {
    HTTP = 80,
    HTTPS = 443,
    TCP_OFFSET = 12,
    TCP_FLAGS = 13,
    TCP_CHECKSUM = 16,
};

static struct {
    lwpath_sign_in_end_t end;
    uint64_t opened_ms, ends_ms;
    uint8_t mac[LWPATH_MAC_LEN];
    uint32_t client, uplink; // addresses when it was opened
    lwpath_sign_in_places_t places;
    uint16_t next_id; // of the IPv4 header
    uint32_t sent, received, answered, refused;
} window = {.end = LWPATH_SIGN_IN_NONE};

// A segment that may leave in clear, in a transmit buffer. Only admit() makes one, and only leave() sends one.
typedef struct {
    lwpath_buffer_t *buffer;
    size_t len; // from the IPv4 header
    uint32_t to;
} admitted_t;

// --- opening and closing ---

// Another machine on the uplink's side, as far as an address can tell.
static bool can_be_portal(uint32_t address) {
    const rt_router_t *router = &lwpath.router;
    return rt_ipv4_is_host(address) && address != lwpath_uplink_address() &&
           !lwpath_is_in(address, router->lan, router->lan_mask) &&
           !lwpath_is_in(address, router->former_lan, router->former_mask);
}

static bool are_places_right(const lwpath_sign_in_places_t *places) {
    for (size_t i = 0; i < places->count && i < LWPATH_SIGN_IN_PLACES; i++) {
        if (!can_be_portal(places->addresses[i]) || places->names[i][LWPATH_SIGN_IN_NAME_MAX - 1] != 0) {
            return false;
        }
    }
    return places->count > 0 && places->count <= LWPATH_SIGN_IN_PLACES;
}

// The address with which a MAC was heard last; 0: it was not.
static uint32_t client_of(const uint8_t mac[6]) {
    const lwpath_neighbour_t *last = NULL;
    for (size_t i = 0; i < LWPATH_NEIGHBOURS; i++) {
        const lwpath_neighbour_t *entry = &lwpath.neighbours.entries[i];
        if (entry->address != 0 && lwpath_same_mac(entry->mac, mac) &&
            (last == NULL || entry->heard_ms > last->heard_ms)) {
            last = entry;
        }
    }
    return last != NULL ? last->address : 0;
}

static bool has_uplink(void) {
    return lwpath_uplink_address() != 0 && netif_is_link_up(lwpath.uplink);
}

err_t lwpath_set_sign_in(const uint8_t mac[6], const lwpath_sign_in_places_t *places, uint32_t seconds) {
    uint8_t random[2] = {0, 0};
    lwpath_take_time();
    uint32_t client = client_of(mac);
    if (!are_places_right(places) || seconds == 0 || seconds > LWPATH_SIGN_IN_MAX_S) {
        return ERR_ARG;
    }
    if (client == 0) {
        return ERR_CONN;
    }
    if (lwpath.tunnel == NULL || !has_uplink()) {
        return ERR_RTE;
    }
    memset(&window, 0, sizeof window);
    lwpath_flows_forget();
    (void)port_fill_random(random, sizeof random); // as in lwpath_transmit_init()
    window.end = LWPATH_SIGN_IN_OPEN;
    window.opened_ms = lwpath.now_ms;
    window.ends_ms = lwpath.now_ms + seconds * (uint64_t)1000;
    memcpy(window.mac, mac, sizeof window.mac);
    window.client = client;
    window.uplink = lwpath_uplink_address();
    window.places = *places;
    window.next_id = wg_load16_be(random);
    lwpath.signs_in = true;
    return ERR_OK;
}

void lwpath_sign_in_end(lwpath_sign_in_end_t why) {
    if (lwpath.signs_in) {
        lwpath.signs_in = false;
        window.end = why;
    }
}

// Whether the gateway has answered since: a handshake comes before the first packet.
static bool was_heard(void) {
    const wg_tunnel_memory_t *memory = lwpath.tunnel != NULL ? &lwpath.tunnel->memory : NULL;
    for (uint16_t i = 0; memory != NULL && i < memory->peer_capacity; i++) {
        if (memory->peers[i].in_use && memory->peers[i].heard_ms > window.opened_ms) {
            return true;
        }
    }
    return false;
}

void lwpath_close_sign_in(void) {
    lwpath_sign_in_end(was_heard() ? LWPATH_SIGN_IN_TUNNEL : LWPATH_SIGN_IN_CLOSED);
}

// Whether it is open still; what nobody has closed yet ends here.
static bool is_open(void) {
    if (lwpath.now_ms >= window.ends_ms) {
        lwpath_sign_in_end(LWPATH_SIGN_IN_TIME);
    } else if (!has_uplink() || window.uplink != lwpath_uplink_address()) {
        lwpath_sign_in_end(LWPATH_SIGN_IN_UPLINK);
    }
    return lwpath.signs_in;
}

static bool is_place(uint32_t address) {
    for (size_t i = 0; i < window.places.count; i++) {
        if (window.places.addresses[i] == address) {
            return true;
        }
    }
    return false;
}

static bool is_web(uint16_t port) {
    return port == HTTP || port == HTTPS;
}

// --- what leaves ---

static void refuse(void) {
    lwpath_note(LWPATH_COUNT_SIGN_IN_REFUSED);
    window.refused++;
}

// The connection to which a client's segment of len bytes belongs; of a first one it begins. NULL: to none, which was counted.
static lwpath_flow_t *flow_of(uint32_t remote, const uint8_t *tcp, size_t len) {
    size_t header_len = (size_t)(tcp[TCP_OFFSET] >> 4) * 4;
    bool full = false;
    lwpath_flow_t *flow = NULL;
    if (header_len >= LWPATH_TCP_LEN && header_len <= len) {
        flow = lwpath_flows_of_client(remote, wg_load16_be(tcp + LWPATH_TCP_DESTINATION),
                                      wg_load16_be(tcp + LWPATH_TCP_SOURCE), tcp[TCP_FLAGS], &full);
    }
    if (full) {
        lwpath_note(LWPATH_COUNT_SIGN_IN_FULL);
    } else if (flow == NULL) {
        refuse();
    }
    return flow;
}

// What may leave at all, of the window's client: segments to a portal's address, at one of its two ports.
static bool may_leave(const rt_packet_t *packet) {
    return packet->protocol == LWPATH_PROTOCOL_TCP && packet->len >= LWPATH_IPV4_LEN + LWPATH_TCP_LEN &&
           is_place(packet->destination) &&
           is_web(wg_load16_be(packet->bytes + LWPATH_IPV4_LEN + LWPATH_TCP_DESTINATION));
}

// The one place where such a segment becomes one that leaves: for its connection, with our address, our port and a header of our own.
static bool admit(admitted_t *admitted, const rt_packet_t *packet) {
    const uint8_t *tcp = packet->bytes + LWPATH_IPV4_LEN;
    size_t len = packet->len - LWPATH_IPV4_LEN;
    lwpath_flow_t *flow = flow_of(packet->destination, tcp, len);
    if (flow == NULL) {
        return false;
    }
    admitted->buffer = lwpath_pool_take_for_client();
    if (admitted->buffer == NULL || packet->len > LWPATH_MTU) {
        if (admitted->buffer != NULL) {
            lwpath_pool_give(admitted->buffer);
        }
        lwpath_note(LWPATH_COUNT_UPLINK_NO_BUFFER);
        return false;
    }
    admitted->len = packet->len;
    admitted->to = packet->destination;
    uint8_t *copy = lwpath_buffer_packet(admitted->buffer), *segment = copy + LWPATH_IPV4_LEN;
    lwpath_write_ipv4(copy, packet->len, LWPATH_PROTOCOL_TCP, window.uplink, admitted->to);
    uint16_t id = window.next_id++;
    wg_store16_be(copy + LWPATH_IPV4_ID, id);
    rt_apply(copy + LWPATH_IPV4_CHECKSUM, rt_change16(0, 0, rt_load16(copy + LWPATH_IPV4_ID)));
    memcpy(segment, tcp, len);
    uint8_t port[2];
    wg_store16_be(port, flow->port);
    uint32_t change = rt_change32(0, window.client, window.uplink);
    change = rt_replace16(change, segment + LWPATH_TCP_SOURCE, rt_load16(port));
    rt_apply(segment + TCP_CHECKSUM, change);
    lwpath_flow_passed(flow, tcp[TCP_FLAGS], true);
    return true;
}

// The one place where it leaves.
static void leave(const admitted_t *admitted) {
    const ip4_addr_t to = {admitted->to};
    struct pbuf *packet = lwpath_pool_packet(admitted->buffer, admitted->len);
    err_t error = etharp_output(lwpath.uplink, packet, &to);
    pbuf_free(packet); // ARP or the device may still hold it
    if (error == ERR_OK) {
        lwpath_note(LWPATH_COUNT_SIGN_IN_TX);
        window.sent++;
    } else {
        lwpath_note(error == ERR_RTE ? LWPATH_COUNT_UPLINK_NO_ROUTE : LWPATH_COUNT_UPLINK_TX_FAILED);
    }
}

// --- names ---

static bool is_question(const rt_packet_t *packet) {
    return packet->protocol == LWPATH_PROTOCOL_UDP && packet->len >= LWPATH_IPV4_LEN + LWPATH_UDP_LEN &&
           wg_load16_be(packet->bytes + LWPATH_IPV4_LEN + LWPATH_UDP_DESTINATION) == LWPATH_PORT_DNS;
}

// To whichever server it was: some clients have one of their own.
static void answer_name(const rt_packet_t *packet) {
    size_t len;
    const uint8_t *udp = lwpath_find_udp(packet->bytes, packet->len, &len);
    lwpath_buffer_t *buffer = udp != NULL ? lwpath_pool_take_for_client() : NULL;
    if (buffer == NULL) {
        refuse();
        return;
    }
    uint8_t *answer = lwpath_buffer_packet(buffer), *answer_udp = answer + LWPATH_IPV4_LEN;
    const size_t headers_len = LWPATH_IPV4_LEN + LWPATH_UDP_LEN;
    size_t answer_len = lwpath_sign_in_answer(&window.places, udp + LWPATH_UDP_LEN, len, answer + headers_len,
                                              LWPATH_MTU - headers_len);
    if (answer_len == 0) {
        lwpath_pool_give(buffer);
        refuse();
        return;
    }
    lwpath_write_ipv4(answer, headers_len + answer_len, LWPATH_PROTOCOL_UDP, packet->destination, packet->source);
    memcpy(answer_udp + LWPATH_UDP_SOURCE, udp + LWPATH_UDP_DESTINATION, 2);
    memcpy(answer_udp + LWPATH_UDP_DESTINATION, udp + LWPATH_UDP_SOURCE, 2);
    wg_store32_be(answer_udp + LWPATH_UDP_TOTAL_LEN, (uint32_t)(LWPATH_UDP_LEN + answer_len) << 16); // and no checksum
    lwpath_note(LWPATH_COUNT_SIGN_IN_NAMES);
    window.answered++;
    lwpath_deliver(lwpath_pool_packet(buffer, headers_len + answer_len), LWPATH_TYPE_IPV4, window.mac);
}

// --- frames ---

bool lwpath_sign_in_outbound(struct pbuf *frame) {
    uint8_t *header = frame->payload, *bytes = header + LWPATH_ETHERNET_LEN;
    rt_packet_t packet;
    // What is not for the window goes its usual way, which is the tunnel's.
    if (!is_open() || !lwpath_same_mac(header + LWPATH_ETHERNET_SOURCE, window.mac) ||
        !rt_ipv4_parse(&packet, bytes, (size_t)frame->len - LWPATH_ETHERNET_LEN) || packet.source != window.client ||
        rt_is_fragment(&packet)) {
        return false;
    }
    if (is_question(&packet)) {
        answer_name(&packet);
    } else if (may_leave(&packet)) {
        admitted_t admitted;
        if (admit(&admitted, &packet)) {
            leave(&admitted);
        }
    } else {
        return false;
    }
    pbuf_free(frame);
    return true;
}

bool lwpath_sign_in_inbound(struct pbuf *frame, uint8_t *packet, const uint8_t *tcp) {
    uint32_t remote = lwpath_address(packet + LWPATH_IPV4_SOURCE);
    size_t total_len = wg_load16_be(packet + LWPATH_IPV4_TOTAL_LEN);
    if (!is_open() || !is_place(remote) || tcp != packet + LWPATH_IPV4_LEN) {
        return false;
    }
    lwpath_flow_t *flow = lwpath_flows_of_portal(remote, wg_load16_be(tcp + LWPATH_TCP_SOURCE),
                                                 wg_load16_be(tcp + LWPATH_TCP_DESTINATION), tcp[TCP_FLAGS]);
    if (flow == NULL) {
        refuse();
        pbuf_free(frame);
        return true;
    }
    lwpath_flow_passed(flow, tcp[TCP_FLAGS], false);
    uint8_t port[2], *segment = packet + LWPATH_IPV4_LEN;
    wg_store16_be(port, flow->client_port);
    uint32_t change = rt_replace32(0, packet + LWPATH_IPV4_DESTINATION, window.client);
    rt_apply(packet + LWPATH_IPV4_CHECKSUM, change);
    change = rt_replace16(change, segment + LWPATH_TCP_DESTINATION, rt_load16(port));
    rt_apply(segment + TCP_CHECKSUM, change);
    lwpath_note(LWPATH_COUNT_SIGN_IN_RX);
    window.received++;
    lwpath_trim(frame, LWPATH_ETHERNET_LEN, total_len);
    lwpath_deliver(frame, LWPATH_TYPE_IPV4, window.mac);
    return true;
}

// --- for people ---

void lwpath_sign_in(lwpath_sign_in_t *told) {
    lwpath_take_time();
    if (lwpath.signs_in) {
        (void)is_open();
    }
    *told = (lwpath_sign_in_t){.end = window.end, .client = window.client};
    memcpy(told->mac, window.mac, sizeof told->mac);
    told->left_ms = lwpath.signs_in ? (uint32_t)(window.ends_ms - lwpath.now_ms) : 0;
    told->flows = lwpath_flows_count();
    told->sent = window.sent;
    told->received = window.received;
    told->answered = window.answered;
    told->refused = window.refused;
}
