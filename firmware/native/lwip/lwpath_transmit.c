#include "lwpath_transmit.h"

#include "lwip/dhcp.h"
#include "lwip/dns.h"
#include "lwip/etharp.h"
#include "lwpath.h"
#include "lwpath_path.h"
#include "lwpath_pool.h"
#include "lwpath_port.h"
#include "lwpath_silence.h"
#include "wg_cpu.h"

// A datagram in a transmit buffer, behind room for its headers. Only the functions of the next part make one.
typedef struct {
    lwpath_buffer_t *buffer;
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

static uint8_t *datagram_of(const lwpath_sealed_t *sealed) {
    return lwpath_buffer_packet(sealed->buffer) + HEADERS_LEN;
}

static bool take_buffer(lwpath_sealed_t *sealed, bool for_client) {
    sealed->buffer = for_client ? lwpath_pool_take_for_client() : lwpath_pool_take();
    if (sealed->buffer == NULL) {
        lwpath_note(LWPATH_COUNT_UPLINK_NO_BUFFER);
    }
    return sealed->buffer != NULL;
}

// Ciphertext of an inner packet. Not WG_OK: there is none, and no buffer is held.
static wg_status_t seal(lwpath_sealed_t *sealed, uint16_t peer, const uint8_t *inner, size_t len) {
    wg_status_t status =
        wg_tunnel_seal(lwpath.tunnel, peer, datagram_of(sealed), DATAGRAM_MAX, inner, len, lwpath.now_ms, &sealed->len);
    if (status != WG_OK) {
        lwpath_pool_give(sealed->buffer);
    }
    return status;
}

// Ciphertext of the oldest packet that waits for a peer.
static bool seal_waiting(lwpath_sealed_t *sealed, uint16_t peer) {
    bool done =
        wg_tunnel_seal_queued(lwpath.tunnel, peer, datagram_of(sealed), DATAGRAM_MAX, lwpath.now_ms, &sealed->len);
    if (!done) {
        lwpath_pool_give(sealed->buffer);
    }
    return done;
}

static bool is_message(const uint8_t *message, size_t len) {
    static const uint8_t lengths[] = {0, WG_INITIATION_LEN, WG_RESPONSE_LEN, WG_COOKIE_LEN};
    uint32_t type = len >= WG_COOKIE_LEN ? wg_load32_le(message) : 0;
    return type != 0 && type < sizeof lengths && lengths[type] == len;
}

// A handshake message or cookie reply; see is_message().
static void take_message(lwpath_sealed_t *sealed, const uint8_t *message, size_t len) {
    memcpy(datagram_of(sealed), message, len);
    sealed->len = len;
}

// --- sending it ---

static bool can_send(void) {
    return lwpath_uplink_address() != 0 && netif_is_link_up(lwpath.uplink) && lwpath.port != 0;
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
    if (to->family != 4) {
        lwpath_pool_give(sealed->buffer);
        lwpath_note(LWPATH_COUNT_UPLINK_NO_ROUTE);
        return ERR_RTE;
    }
    ip4_addr_t destination = {lwpath_address(to->address)};
    write_headers(lwpath_buffer_packet(sealed->buffer), sealed->len, to);
    struct pbuf *packet = lwpath_pool_packet(sealed->buffer, HEADERS_LEN + sealed->len);
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
    if (!can_send()) {
        lwpath_note(LWPATH_COUNT_UPLINK_NO_ADDRESS);
        return;
    }
    lwpath_silence_sent(endpoint_of(peer));
    if (!take_buffer(&sealed, true)) {
        return;
    }
    wg_status_t status = seal(&sealed, peer, inner, len);
    if (status == WG_OK) {
        (void)transmit(&sealed, endpoint_of(peer));
    } else if (status == WG_ERR_NO_KEY || status == WG_ERR_EXPIRED) {
        (void)wg_tunnel_queue(lwpath.tunnel, peer, inner, len);
    }
}

err_t lwpath_send(const uint8_t *message, size_t len, const wg_endpoint_t *to) {
    lwpath_sealed_t sealed;
    lwpath_take_time();
    if (!is_message(message, len)) {
        return ERR_ARG;
    }
    if (!can_send()) {
        lwpath_note(LWPATH_COUNT_UPLINK_NO_ADDRESS);
        return ERR_RTE;
    }
    if (!take_buffer(&sealed, false)) {
        return ERR_MEM;
    }
    if (message[0] == WG_MESSAGE_INITIATION) {
        lwpath_silence_sent(to);
    }
    take_message(&sealed, message, len);
    return transmit(&sealed, to);
}

err_t lwpath_send_to_peer(uint16_t peer, const uint8_t *message, size_t len) {
    return lwpath_send(message, len, endpoint_of(peer));
}

wg_status_t lwpath_keepalive(uint16_t peer) {
    lwpath_sealed_t sealed;
    lwpath_take_time();
    if (!can_send()) {
        lwpath_note(LWPATH_COUNT_UPLINK_NO_ADDRESS);
        return WG_OK; // lost on the way, as any datagram can be
    }
    if (!take_buffer(&sealed, false)) {
        return WG_OK;
    }
    wg_status_t status = seal(&sealed, peer, NULL, 0);
    if (status == WG_OK) {
        (void)transmit(&sealed, endpoint_of(peer));
    }
    return status;
}

unsigned lwpath_flush(uint16_t peer) {
    const wg_peer_t *to = &lwpath.tunnel->memory.peers[peer];
    unsigned sent = 0;
    lwpath_take_time();
    while (to->queue_len > 0) {
        lwpath_sealed_t sealed = {.buffer = can_send() ? lwpath_pool_take_for_client() : NULL};
        if (sealed.buffer == NULL) {
            lwpath.has_unflushed = true;
            break;
        }
        if (!seal_waiting(&sealed, peer)) {
            break;
        }
        (void)transmit(&sealed, &to->endpoint);
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

static bool is_asked_for(const uint8_t *packet, size_t packet_len, uint32_t to) {
    size_t len;
    const uint8_t *udp = packet_len >= LWPATH_IPV4_LEN ? lwpath_find_udp(packet, packet_len, &len) : NULL;
    if (udp == NULL) {
        return false;
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
    return etharp_output(netif, packet, to);
}
