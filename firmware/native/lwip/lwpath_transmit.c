#include "lwpath_transmit.h"

#include "lwip/dhcp.h"
#include "lwip/dns.h"
#include "lwip/etharp.h"
#include "lwpath.h"
#include "lwpath_lease.h"
#include "lwpath_path.h"
#include "lwpath_pool.h"
#include "lwpath_port.h"
#include "lwpath_silence.h"
#include "lwpath_stream.h"
#include "lwpath_tcp.h"
#include "wg_cpu.h"

// A message in a transmit buffer, behind room for its headers and for what its shape puts in front of it. Only the functions of the
// next part make one.
typedef struct {
    lwpath_buffer_t *buffer;
    uint8_t kind;  // WG_MESSAGE_..., 0: a decoy
    uint16_t room; // for the shape
    size_t len;
} lwpath_sealed_t;

// The headers of the datagrams to one endpoint, whose length, number and checksum are filled in for each.
static struct {
    uint32_t destination, source; // 0: none yet
    uint16_t port, our_port;
    uint32_t sum; // of the IPv4 header without what is filled in
    _Alignas(4) uint8_t bytes[LWPATH_IPV4_LEN + LWPATH_UDP_LEN];
} outer;
static uint16_t next_id; // of the IPv4 header, unlike for all datagrams that can be on their way at once (RFC 6864)

#define HEADERS_LEN (LWPATH_IPV4_LEN + LWPATH_UDP_LEN)
#define DATAGRAM_MAX (LWPATH_MTU - HEADERS_LEN)

// --- what may leave ---

static uint8_t *message_of(const lwpath_sealed_t *sealed) {
    return lwpath_buffer_packet(sealed->buffer) + HEADERS_LEN + sealed->room;
}

static size_t most_of(const lwpath_sealed_t *sealed) {
    return DATAGRAM_MAX - sealed->room;
}

// For a message of this kind to an endpoint.
static bool find_buffer(lwpath_sealed_t *sealed, uint8_t kind, const wg_endpoint_t *to, bool for_client) {
    sealed->kind = kind;
    sealed->room = kind != 0 && to->shape != 0 ? (uint16_t)wg_shape_room(lwpath.shape, kind) : 0;
    sealed->buffer = for_client ? lwpath_pool_take_for_client() : lwpath_pool_take();
    return sealed->buffer != NULL;
}

// The same for what is dropped then: it was counted.
static bool take_buffer(lwpath_sealed_t *sealed, uint8_t kind, const wg_endpoint_t *to, bool for_client) {
    bool found = find_buffer(sealed, kind, to, for_client);
    if (!found) {
        lwpath_note(LWPATH_COUNT_UPLINK_NO_BUFFER);
    }
    return found;
}

// Ciphertext of an inner packet. Not WG_OK: there is none, and no buffer is held.
static wg_status_t seal(lwpath_sealed_t *sealed, uint16_t peer, const uint8_t *inner, size_t len) {
    wg_status_t status = wg_tunnel_seal(lwpath.tunnel, peer, message_of(sealed), most_of(sealed), inner, len,
                                        lwpath.now_ms, &sealed->len);
    if (status != WG_OK) {
        lwpath_pool_give(sealed->buffer);
    }
    return status;
}

// Ciphertext of the oldest packet that waits for a peer.
static bool seal_waiting(lwpath_sealed_t *sealed, uint16_t peer) {
    bool done =
        wg_tunnel_seal_queued(lwpath.tunnel, peer, message_of(sealed), most_of(sealed), lwpath.now_ms, &sealed->len);
    if (!done) {
        lwpath_pool_give(sealed->buffer);
    }
    return done;
}

// The kind of a handshake message or cookie reply, by its length and its type, WireGuard's own or one of the shape's; 0: it is none.
static uint8_t kind_of(const uint8_t *message, size_t len) {
    uint8_t kind = wg_message_kind_of_len(len);
    if (kind == 0) {
        return 0;
    }
    uint32_t type = wg_load32_le(message);
    const wg_shape_settings_t *settings = lwpath.shape != NULL ? &lwpath.shape->settings : NULL;
    bool is_shaped = settings != NULL && settings->low[kind - 1] <= type && type <= settings->high[kind - 1];
    return type == kind || is_shaped ? kind : 0;
}

// A handshake message or cookie reply; see kind_of(). Or a decoy, of no kind, which is the control plane's own invention.
static void take_message(lwpath_sealed_t *sealed, const uint8_t *message, size_t len) {
    memcpy(message_of(sealed), message, len);
    sealed->len = len;
}

// --- sending it ---

// What keeps datagrams from leaving for an endpoint; LWPATH_COUNTER_COUNT: nothing.
static lwpath_counter_t obstacle(const wg_endpoint_t *to) {
    if (lwpath_uplink_address() == 0 || !netif_is_link_up(lwpath.uplink)) {
        return LWPATH_COUNT_UPLINK_NO_ADDRESS;
    }
    if (to->shape != 0 && lwpath.shape == NULL) {
        return LWPATH_COUNT_UPLINK_NO_ROUTE;
    }
    if (to->family == WG_FAMILY_STREAM) {
        return lwpath_stream_carries(to->port) ? LWPATH_COUNTER_COUNT : LWPATH_COUNT_UPLINK_NO_ROUTE;
    }
    return lwpath.port != 0 ? LWPATH_COUNTER_COUNT : LWPATH_COUNT_UPLINK_NO_ADDRESS;
}

// The same for what is dropped then: it was counted.
static bool can_send(const wg_endpoint_t *to) {
    lwpath_counter_t found = obstacle(to);
    if (found != LWPATH_COUNTER_COUNT) {
        lwpath_note(found);
    }
    return found == LWPATH_COUNTER_COUNT;
}

static void make_headers(const wg_endpoint_t *to) {
    outer.source = lwpath_uplink_address();
    outer.destination = lwpath_address(to->address);
    outer.port = to->port;
    outer.our_port = lwpath.port;
    lwpath_write_ipv4(outer.bytes, 0, LWPATH_PROTOCOL_UDP, outer.source, outer.destination);
    memset(outer.bytes + LWPATH_IPV4_CHECKSUM, 0, 2);
    outer.sum = lwpath_sum(outer.bytes, LWPATH_IPV4_LEN);
    uint8_t *udp = outer.bytes + LWPATH_IPV4_LEN;
    wg_store16_be(udp + LWPATH_UDP_SOURCE, outer.our_port);
    wg_store16_be(udp + LWPATH_UDP_DESTINATION, outer.port);
}

static bool has_headers(const wg_endpoint_t *to) {
    return outer.destination == lwpath_address(to->address) && outer.port == to->port &&
           outer.source == lwpath_uplink_address() && outer.our_port == lwpath.port && outer.source != 0;
}

static void write_headers(uint8_t *packet, size_t datagram_len, const wg_endpoint_t *to) {
    if (!has_headers(to)) {
        make_headers(to);
    }
    uint16_t len = (uint16_t)(HEADERS_LEN + datagram_len), id = next_id++;
    for (size_t i = 0; i < HEADERS_LEN; i += 4) {
        wg_store_word(packet + i, wg_load_word(outer.bytes + i));
    }
    wg_store16_be(packet + LWPATH_IPV4_TOTAL_LEN, len);
    wg_store16_be(packet + LWPATH_IPV4_ID, id);
    wg_store16_be(packet + LWPATH_IPV4_CHECKSUM, lwpath_checksum(outer.sum + len + id));
    // The checksum of UDP stays 0, none (RFC 768): what is inside is authentic or refused.
    wg_store16_be(packet + LWPATH_IPV4_LEN + LWPATH_UDP_TOTAL_LEN, (uint16_t)(LWPATH_UDP_LEN + datagram_len));
}

// The one place where datagrams leave. The caller has asked can_send(). The buffer is no more the caller's.
static err_t transmit(const lwpath_sealed_t *sealed, const wg_endpoint_t *to) {
    uint8_t *datagram = message_of(sealed);
    if (sealed->kind != 0 && to->shape != 0) {
        datagram = wg_shape_wrap(lwpath.shape, sealed->kind, datagram, sealed->len);
    }
    size_t len = sealed->room + sealed->len;
    if (to->family == WG_FAMILY_STREAM) {
        lwpath_stream_send(sealed->buffer, datagram, len);
        lwpath_note(LWPATH_COUNT_UPLINK_TX);
        return ERR_OK;
    }
    if (to->family != 4) {
        lwpath_pool_give(sealed->buffer);
        lwpath_note(LWPATH_COUNT_UPLINK_NO_ROUTE);
        return ERR_RTE;
    }
    ip4_addr_t destination = {lwpath_address(to->address)};
    write_headers(lwpath_buffer_packet(sealed->buffer), len, to);
    struct pbuf *packet = lwpath_pool_packet(sealed->buffer, HEADERS_LEN + len);
    err_t error = etharp_output(lwpath.uplink, packet, &destination);
    pbuf_free(packet); // ARP or the device may still hold it
    if (error == ERR_OK) {
        lwpath_note(LWPATH_COUNT_UPLINK_TX);
    } else {
        lwpath_note(error == ERR_RTE ? LWPATH_COUNT_UPLINK_NO_ROUTE : LWPATH_COUNT_UPLINK_TX_FAILED);
    }
    return error;
}

static const wg_endpoint_t *endpoint_of(uint16_t peer) {
    return &lwpath.tunnel->memory.peers[peer].endpoint;
}

void lwpath_transmit_init(void) {
    uint8_t random[2] = {0, 0};
    (void)port_fill_random(random,
                           sizeof random); // a hint at how much we have sent is all that a known number gives away
    next_id = wg_load16_be(random);
    outer.source = 0;
}

void lwpath_transmit_packet(uint16_t peer, const uint8_t *inner, size_t len) {
    lwpath_sealed_t sealed;
    const wg_endpoint_t *to = endpoint_of(peer);
    if (!can_send(to)) {
        return;
    }
    lwpath_silence_sent(to);
    if (!take_buffer(&sealed, WG_MESSAGE_TRANSPORT, to, true)) {
        return;
    }
    wg_status_t status = seal(&sealed, peer, inner, len);
    if (status == WG_OK) {
        (void)transmit(&sealed, to);
    } else if (status == WG_ERR_NO_KEY || status == WG_ERR_EXPIRED) {
        (void)wg_tunnel_queue(lwpath.tunnel, peer, inner, len);
    }
}

err_t lwpath_send(const uint8_t *message, size_t len, const wg_endpoint_t *to) {
    lwpath_sealed_t sealed;
    lwpath_take_time();
    uint8_t kind = kind_of(message, len);
    if (kind == 0) {
        return ERR_ARG;
    }
    if (!can_send(to)) {
        return ERR_RTE;
    }
    if (!take_buffer(&sealed, kind, to, false)) {
        return ERR_MEM;
    }
    if (kind == WG_MESSAGE_INITIATION) {
        lwpath_silence_sent(to);
    }
    take_message(&sealed, message, len);
    return transmit(&sealed, to);
}

err_t lwpath_send_decoy(const uint8_t *bytes, size_t len, const wg_endpoint_t *to) {
    lwpath_sealed_t sealed;
    lwpath_take_time();
    if (len == 0 || len > LWPATH_DECOY_MAX || to->family == WG_FAMILY_STREAM) {
        return ERR_ARG;
    }
    if (!can_send(to)) {
        return ERR_RTE;
    }
    if (!take_buffer(&sealed, 0, to, false)) {
        return ERR_MEM;
    }
    take_message(&sealed, bytes, len);
    return transmit(&sealed, to);
}

err_t lwpath_send_to_peer(uint16_t peer, const uint8_t *message, size_t len) {
    return lwpath_send(message, len, endpoint_of(peer));
}

wg_status_t lwpath_keepalive(uint16_t peer) {
    lwpath_sealed_t sealed;
    lwpath_take_time();
    const wg_endpoint_t *to = endpoint_of(peer);
    if (!can_send(to)) {
        return WG_OK; // lost on the way, as any datagram can be
    }
    if (!take_buffer(&sealed, WG_MESSAGE_TRANSPORT, to, false)) {
        return WG_OK;
    }
    wg_status_t status = seal(&sealed, peer, NULL, 0);
    if (status == WG_OK) {
        (void)transmit(&sealed, to);
    }
    return status;
}

unsigned lwpath_flush(uint16_t peer) {
    const wg_peer_t *waiting = &lwpath.tunnel->memory.peers[peer];
    const wg_endpoint_t *to = &waiting->endpoint;
    unsigned sent = 0;
    lwpath_take_time();
    while (waiting->queue_len > 0) {
        lwpath_sealed_t sealed;
        if (obstacle(to) != LWPATH_COUNTER_COUNT || !find_buffer(&sealed, WG_MESSAGE_TRANSPORT, to, true)) {
            lwpath.has_unflushed = true;
            break;
        }
        if (!seal_waiting(&sealed, peer)) {
            break;
        }
        (void)transmit(&sealed, to);
        sent++;
    }
    return sent;
}

void lwpath_flush_rest(void) {
    if (!lwpath.has_unflushed || lwpath.tunnel == NULL) {
        return;
    }
    lwpath.has_unflushed = false;
    for (uint16_t i = 0; i < lwpath.tunnel->memory.peer_capacity && !lwpath.has_unflushed; i++) {
        wg_peer_t *peer = &lwpath.tunnel->memory.peers[i];
        if (peer->in_use && peer->queue_len > 0 && wg_peer_keypair(peer, WG_KEYPAIR_CURRENT)->valid) {
            (void)lwpath_flush(i);
        }
    }
}

// --- what lwIP says by itself ---

// A segment of a connection of ours. What lwIP says to others, or of one that it has forgotten, is refused.
static bool is_of_connection(const uint8_t *packet, size_t packet_len, uint32_t to) {
    const uint8_t *tcp = lwpath_find_tcp(packet, packet_len);
    return tcp != NULL && lwpath_address(packet + LWPATH_IPV4_SOURCE) == lwpath_uplink_address() &&
           lwpath_address(packet + LWPATH_IPV4_DESTINATION) == to &&
           lwpath_tcp_is_ours(to, wg_load16_be(tcp + LWPATH_TCP_DESTINATION), wg_load16_be(tcp + LWPATH_TCP_SOURCE));
}

static bool is_asked_for(const uint8_t *packet, size_t packet_len, uint32_t to) {
    size_t len;
    if (packet_len < LWPATH_IPV4_LEN) {
        return false;
    }
    const uint8_t *udp = lwpath_find_udp(packet, packet_len, &len);
    if (udp == NULL) {
        return is_of_connection(packet, packet_len, to);
    }
    uint16_t from_port = wg_load16_be(udp + LWPATH_UDP_SOURCE), to_port = wg_load16_be(udp + LWPATH_UDP_DESTINATION);
    if (from_port == LWPATH_PORT_DHCP_CLIENT) {
        return to_port == LWPATH_PORT_DHCP_SERVER;
    }
    return to_port == LWPATH_PORT_DNS && lwpath_name_is_asked() && lwpath_is_name_server(to);
}

err_t lwpath_uplink_output(struct netif *netif, struct pbuf *packet, const ip4_addr_t *to) {
    if (packet->next != NULL || !is_asked_for(packet->payload, packet->len, to->addr)) {
        lwpath_note(LWPATH_COUNT_UPLINK_TX_REFUSED);
        return ERR_RTE;
    }
    lwpath_lease_ask(packet->payload, packet->len);
    return etharp_output(netif, packet, to);
}
