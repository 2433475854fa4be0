// What arrives on the uplink: the tunnel's datagrams, and to lwIP the ARP, DHCP and DNS that it needs. All else is dropped in
// silence, so that nobody there sees more of the box than a machine that asks for addresses.
#include "lwip/dhcp.h"
#include "lwip/etharp.h"
#include "lwip/prot/dhcp.h"
#if LWIP_ACD
#include "lwip/acd.h"
#endif
#include "lwpath_deliver.h"
#include "lwpath_lease.h"
#include "lwpath_path.h"
#include "lwpath_sign_in.h"
#include "lwpath_silence.h"
#include "lwpath_tcp.h"
#include "lwpath_transmit.h"
#include "lwpath_uplink_input.h"
#include "netif/ethernet.h"

// --- for lwIP ---

static err_t take_arp(struct pbuf *frame, struct netif *netif) {
    uint8_t *arp = (uint8_t *)frame->payload + LWPATH_ETHERNET_LEN;
    if (frame->len < LWPATH_ETHERNET_LEN + LWPATH_ARP_LEN) {
        return lwpath_drop(frame, LWPATH_COUNT_UPLINK_SHORT);
    }
    uint32_t own = netif_ip4_addr(netif)->addr, sender = lwpath_address(arp + LWPATH_ARP_SENDER);
    bool is_neighbour =
        lwpath_is_in(sender, own, netif_ip4_netmask(netif)->addr) || sender == netif_ip4_gw(netif)->addr;
    if (own == 0 || sender == own || !is_neighbour) {
#if LWIP_ACD
        acd_arp_reply(netif, (struct etharp_hdr *)(void *)arp); // somebody may have the address that we want
#endif
        return lwpath_drop(frame, LWPATH_COUNT_UPLINK_ARP);
    }
    lwpath_silence_arp(sender, arp + LWPATH_ARP_SENDER_MAC);
    return ethernet_input(frame, netif);
}

static bool is_dhcp_asked(struct netif *netif) {
    const struct dhcp *dhcp = netif_dhcp_data(netif);
    return dhcp != NULL && dhcp->state != DHCP_STATE_OFF;
}

// Whether lwIP's DNS client, and nobody else, has this port.
static bool is_pcb(uint16_t port) {
    for (const struct udp_pcb *pcb = udp_pcbs; pcb != NULL; pcb = pcb->next) {
        if (pcb->local_port == port && pcb != lwpath.our_pcb) {
            return true;
        }
    }
    return false;
}

static bool is_for_lwip(struct netif *netif, uint32_t source, uint16_t from_port, uint16_t to_port) {
    if (from_port == LWPATH_PORT_DHCP_SERVER && to_port == LWPATH_PORT_DHCP_CLIENT) {
        return is_dhcp_asked(netif);
    }
    return from_port == LWPATH_PORT_DNS && lwpath_name_is_asked() && lwpath_is_name_server(source) && is_pcb(to_port);
}

// --- the tunnel ---

static void take_handshake(uint8_t kind, const uint8_t *message, size_t len, const wg_endpoint_t *source) {
    uint8_t reply[WG_COOKIE_LEN];
    wg_status_t status = WG_ERR_INDEX;
    if (wg_tunnel_expects(lwpath.tunnel, kind, message, len)) {
        status = wg_gate_check(lwpath.gate, kind, message, len, source, lwpath.now_ms, reply);
    }
    if (status == WG_OK) {
        if (!wg_ring_push(&lwpath.handshakes, message, len, source)) {
            lwpath_note(LWPATH_COUNT_UPLINK_RING_FULL);
        }
        if (wg_ring_is_loaded(&lwpath.handshakes)) {
            wg_gate_set_loaded(lwpath.gate, lwpath.now_ms);
        }
        return;
    }
    wg_tunnel_count_drop(lwpath.tunnel, status);
    if (status == WG_ERR_COOKIE && lwpath_send(reply, sizeof reply, source) == ERR_OK) {
        lwpath_note(LWPATH_COUNT_COOKIES);
    }
}

// Tell the sender inside the tunnel what the router has to say about its packet.
static void answer_peer(void) {
    const rt_router_t *router = &lwpath.router;
    uint16_t peer;
    if (wg_tunnel_route(lwpath.tunnel, router->answer, router->answer_len, &peer) == WG_OK) {
        lwpath_transmit_packet(peer, router->answer, router->answer_len);
    }
}

// Send an opened packet on to its client, in the buffer in which it came. The frame is no more the caller's.
static void deliver_inner(struct pbuf *frame, uint8_t *inner, size_t len) {
    if (lwpath_inside_take(inner, len)) {
        pbuf_free(frame);
        return;
    }
    rt_verdict_t verdict = rt_inbound(&lwpath.router, inner, &len, lwpath.now_ms);
    if (verdict != RT_OK) {
        if (verdict == RT_ANSWER) {
            answer_peer();
        }
        pbuf_free(frame);
        return;
    }
    const lwpath_neighbour_t *client =
        lwpath_neighbours_find(&lwpath.neighbours, lwpath_address(inner + LWPATH_IPV4_DESTINATION));
    if (client == NULL) {
        (void)lwpath_drop(frame, LWPATH_COUNT_LAN_NO_CLIENT);
        return;
    }
    // The headers that have done their work are the room for the new one.
    lwpath_trim(frame, (size_t)(inner - (uint8_t *)frame->payload), len);
    lwpath_deliver(frame, LWPATH_TYPE_IPV4, client->mac);
}

// What kind of message it is, and where; of a shape, it is uncovered in place.
static wg_status_t find_message(uint8_t *datagram, size_t len, wg_shaped_t *found) {
    if (lwpath.shape != NULL) {
        return wg_shape_open(lwpath.shape, datagram, len, found);
    }
    *found = (wg_shaped_t){0};
    return wg_message_classify(datagram, len, &found->kind);
}

void lwpath_uplink_datagram(struct pbuf *frame, uint8_t *datagram, size_t len, wg_endpoint_t *source) {
    wg_opened_t opened;
    wg_shaped_t found;
    lwpath_note(LWPATH_COUNT_UPLINK_RX);
    wg_status_t status = lwpath.tunnel != NULL ? find_message(datagram, len, &found) : WG_ERR_TYPE;
    if (status != WG_OK) {
        if (lwpath.tunnel != NULL) {
            wg_tunnel_count_drop(lwpath.tunnel, status);
        }
        pbuf_free(frame);
        return;
    }
    uint8_t *message = datagram + found.offset;
    size_t message_len = len - found.offset;
    source->shape = found.shape;
    if (found.kind != WG_MESSAGE_TRANSPORT) {
        take_handshake(found.kind, message, message_len, source);
    } else if (wg_tunnel_open(lwpath.tunnel, message, message_len, source, lwpath.now_ms, &opened) == WG_OK) {
        lwpath_silence_heard();
        lwpath_sign_in_end(LWPATH_SIGN_IN_TUNNEL);
        if (opened.len > 0) {
            deliver_inner(frame, opened.inner, opened.len);
            return;
        }
    }
    pbuf_free(frame);
}

// --- frames ---

static err_t take_udp(struct pbuf *frame, struct netif *netif, uint8_t *packet, const uint8_t *udp, size_t len) {
    uint32_t source = lwpath_address(packet + LWPATH_IPV4_SOURCE), own = netif_ip4_addr(netif)->addr;
    uint16_t from_port = wg_load16_be(udp + LWPATH_UDP_SOURCE), to_port = wg_load16_be(udp + LWPATH_UDP_DESTINATION);
    bool to_us =
        own != 0 && lwpath_address(packet + LWPATH_IPV4_DESTINATION) == own && !lwpath_is_multicast_mac(frame->payload);
    if (to_us && to_port == lwpath.port && to_port != 0 && lwpath.tunnel != NULL) {
        wg_endpoint_t endpoint = {.family = 4, .port = from_port};
        memcpy(endpoint.address, &source, sizeof source);
        lwpath_uplink_datagram(frame, packet + (udp - packet) + LWPATH_UDP_LEN, len, &endpoint);
        return ERR_OK;
    }
    // Before there is an address DHCP comes to any.
    if (to_us || to_port == LWPATH_PORT_DHCP_CLIENT) {
        if (is_for_lwip(netif, source, from_port, to_port)) {
            if (to_port == LWPATH_PORT_DHCP_CLIENT) {
                lwpath_lease_hear(netif, udp + LWPATH_UDP_LEN, len);
            }
            return ethernet_input(frame, netif);
        }
        bool unasked = from_port == LWPATH_PORT_DNS || to_port == LWPATH_PORT_DHCP_CLIENT;
        return lwpath_drop(frame, unasked ? LWPATH_COUNT_UPLINK_UNASKED : LWPATH_COUNT_UPLINK_PORT);
    }
    return lwpath_drop(frame, LWPATH_COUNT_UPLINK_ADDRESS);
}

// lwIP gets segments of our own connections, whole and to our address, and would answer all others.
static err_t take_tcp(struct pbuf *frame, struct netif *netif, uint8_t *packet, size_t len) {
    const uint8_t *tcp = lwpath_find_tcp(packet, len);
    if (tcp == NULL || !lwpath_is_ipv4_header_right(packet, (size_t)(tcp - packet))) {
        return lwpath_drop(frame, LWPATH_COUNT_UPLINK_MALFORMED);
    }
    uint32_t own = netif_ip4_addr(netif)->addr;
    if (own == 0 || lwpath_address(packet + LWPATH_IPV4_DESTINATION) != own ||
        lwpath_is_multicast_mac(frame->payload)) {
        return lwpath_drop(frame, LWPATH_COUNT_UPLINK_ADDRESS);
    }
    if (!lwpath_tcp_is_ours(lwpath_address(packet + LWPATH_IPV4_SOURCE), wg_load16_be(tcp + LWPATH_TCP_SOURCE),
                            wg_load16_be(tcp + LWPATH_TCP_DESTINATION))) {
        if (lwpath.signs_in && lwpath_sign_in_inbound(frame, packet, tcp)) {
            return ERR_OK;
        }
        return lwpath_drop(frame, LWPATH_COUNT_UPLINK_TCP);
    }
    return ethernet_input(frame, netif);
}

static err_t take_ipv4(struct pbuf *frame, struct netif *netif) {
    uint8_t *packet = (uint8_t *)frame->payload + LWPATH_ETHERNET_LEN;
    size_t len = (size_t)frame->len - LWPATH_ETHERNET_LEN, udp_len;
    if (len < LWPATH_IPV4_LEN) {
        return lwpath_drop(frame, LWPATH_COUNT_UPLINK_SHORT);
    }
    if (packet[LWPATH_IPV4_PROTOCOL] == LWPATH_PROTOCOL_TCP) {
        return take_tcp(frame, netif, packet, len);
    }
    if (packet[LWPATH_IPV4_PROTOCOL] != LWPATH_PROTOCOL_UDP) {
        bool icmp = packet[LWPATH_IPV4_PROTOCOL] == LWPATH_PROTOCOL_ICMP;
        return lwpath_drop(frame, icmp ? LWPATH_COUNT_UPLINK_ICMP : LWPATH_COUNT_UPLINK_PROTOCOL);
    }
    if ((wg_load16_be(packet + LWPATH_IPV4_FRAGMENT) & LWPATH_IPV4_MORE_AND_OFFSET) != 0) {
        return lwpath_drop(frame, LWPATH_COUNT_UPLINK_FRAGMENT);
    }
    const uint8_t *udp = lwpath_find_udp(packet, len, &udp_len);
    // A damaged source would move the peer's endpoint.
    if (udp == NULL || !lwpath_is_ipv4_header_right(packet, (size_t)(udp - packet))) {
        return lwpath_drop(frame, LWPATH_COUNT_UPLINK_MALFORMED);
    }
    return take_udp(frame, netif, packet, udp, udp_len);
}

err_t lwpath_uplink_input(struct pbuf *frame, struct netif *netif) {
    const uint8_t *header = frame->payload;
    if (frame->next != NULL || frame->len != frame->tot_len) {
        return lwpath_drop(frame, LWPATH_COUNT_UPLINK_CHAINED);
    }
    if (frame->len < LWPATH_ETHERNET_LEN) {
        return lwpath_drop(frame, LWPATH_COUNT_UPLINK_SHORT);
    }
    if (!lwpath_is_multicast_mac(header) && !lwpath_same_mac(header, netif->hwaddr)) {
        return lwpath_drop(frame, LWPATH_COUNT_UPLINK_OTHER_MAC);
    }
    switch (wg_load16_be(header + LWPATH_ETHERNET_TYPE)) {
    case LWPATH_TYPE_IPV4:
        return take_ipv4(frame, netif);
    case LWPATH_TYPE_ARP:
        return take_arp(frame, netif);
    case LWPATH_TYPE_IPV6:
        return lwpath_drop(frame, LWPATH_COUNT_UPLINK_IPV6);
    default:
        return lwpath_drop(frame, LWPATH_COUNT_UPLINK_ETHERTYPE);
    }
}
