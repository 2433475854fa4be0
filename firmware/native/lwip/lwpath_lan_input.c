// What clients send: into the tunnel, or to the few services of the box, and nowhere else.
#include "lwpath_deliver.h"
#include "lwpath_inside.h"
#include "lwpath_path.h"
#include "lwpath_sign_in.h"
#include "lwpath_transmit.h"

// --- who is there ---

static bool is_ours(uint32_t address) {
    return address != 0 && (address == lwpath.router.lan || address == lwpath.router.former_lan);
}

// Whether this source may speak; if not, that was counted.
static bool hear(uint32_t source, const uint8_t *mac) {
    switch (lwpath_neighbours_hear(&lwpath.neighbours, source, mac, lwpath.now_ms)) {
    case LWPATH_NEIGHBOUR_IMPOSTOR:
        lwpath_note(LWPATH_COUNT_LAN_IMPOSTOR);
        return false;
    case LWPATH_NEIGHBOUR_NO_ROOM:
        lwpath_note(LWPATH_COUNT_LAN_NO_ROOM);
        return false;
    default:
        return true;
    }
}

// --- ARP (RFC 826) ---

static void answer_arp(struct pbuf *frame, const struct netif *netif) {
    uint8_t *arp = (uint8_t *)frame->payload + LWPATH_ETHERNET_LEN;
    uint8_t asked[4], mac[LWPATH_MAC_LEN];
    memcpy(asked, arp + LWPATH_ARP_TARGET, sizeof asked);
    memcpy(mac, arp + LWPATH_ARP_SENDER_MAC, sizeof mac);
    memcpy(arp + LWPATH_ARP_TARGET_MAC, arp + LWPATH_ARP_SENDER_MAC, LWPATH_MAC_LEN + sizeof asked);
    memcpy(arp + LWPATH_ARP_SENDER_MAC, netif->hwaddr, LWPATH_MAC_LEN);
    memcpy(arp + LWPATH_ARP_SENDER, asked, sizeof asked);
    wg_store16_be(arp + LWPATH_ARP_OPERATION, LWPATH_ARP_REPLY);
    lwpath_trim(frame, LWPATH_ETHERNET_LEN, LWPATH_ARP_LEN);
    lwpath_deliver(frame, LWPATH_TYPE_ARP, mac);
}

static err_t take_arp(struct pbuf *frame, const struct netif *netif) {
    static const uint8_t ethernet_ipv4[6] = {0, 1, 0x08, 0x00, 6, 4};
    const uint8_t *source = (const uint8_t *)frame->payload + LWPATH_ETHERNET_SOURCE;
    const uint8_t *arp = (const uint8_t *)frame->payload + LWPATH_ETHERNET_LEN;
    if (frame->len < LWPATH_ETHERNET_LEN + LWPATH_ARP_LEN) {
        return lwpath_drop(frame, LWPATH_COUNT_LAN_SHORT);
    }
    uint32_t sender = lwpath_address(arp + LWPATH_ARP_SENDER);
    if (memcmp(arp, ethernet_ipv4, sizeof ethernet_ipv4) != 0 ||
        !lwpath_same_mac(arp + LWPATH_ARP_SENDER_MAC, source) || is_ours(sender)) {
        return lwpath_drop(frame, LWPATH_COUNT_LAN_ARP);
    }
    if (rt_is_client(&lwpath.router, sender) && !hear(sender, source)) {
        pbuf_free(frame);
        return ERR_OK;
    }
    // Whoever asks from a foreign address is not served anyway; 0 is a client that looks whether an address is taken (RFC 5227).
    if (wg_load16_be(arp + LWPATH_ARP_OPERATION) != LWPATH_ARP_REQUEST ||
        (sender != 0 && !rt_is_client(&lwpath.router, sender)) || !is_ours(lwpath_address(arp + LWPATH_ARP_TARGET))) {
        return lwpath_drop(frame, LWPATH_COUNT_LAN_ARP_OTHER);
    }
    answer_arp(frame, netif);
    return ERR_OK;
}

// --- services of the box ---

static bool take_dhcp(const uint8_t *packet, size_t len, const uint8_t *mac) {
    size_t message_len;
    const uint8_t *udp = lwpath_find_udp(packet, len, &message_len);
    if (udp == NULL || wg_load16_be(udp + LWPATH_UDP_DESTINATION) != LWPATH_PORT_DHCP_SERVER) {
        return false;
    }
    lwpath_dhcp_push(udp + LWPATH_UDP_LEN, message_len, mac);
    return true;
}

// A whole ICMP echo request (RFC 792) of len bytes.
static bool is_echo_request(const uint8_t *packet, size_t len) {
    enum { ECHO_REQUEST = 8, ICMP_LEN = 8 };
    return packet[LWPATH_IPV4_PROTOCOL] == LWPATH_PROTOCOL_ICMP && len >= LWPATH_IPV4_LEN + ICMP_LEN &&
           (wg_load16_be(packet + LWPATH_IPV4_FRAGMENT) & LWPATH_IPV4_MORE_AND_OFFSET) == 0 &&
           wg_load16_be(packet + LWPATH_IPV4_LEN) == ECHO_REQUEST << 8;
}

static void answer_echo(struct pbuf *frame, size_t len) {
    uint8_t *packet = (uint8_t *)frame->payload + LWPATH_ETHERNET_LEN, *icmp = packet + LWPATH_IPV4_LEN;
    uint8_t mac[LWPATH_MAC_LEN];
    memcpy(mac, (uint8_t *)frame->payload + LWPATH_ETHERNET_SOURCE, sizeof mac);
    lwpath_write_ipv4(packet, len, LWPATH_PROTOCOL_ICMP, lwpath_address(packet + LWPATH_IPV4_DESTINATION),
                      lwpath_address(packet + LWPATH_IPV4_SOURCE));
    icmp[0] = 0; // echo reply; its checksum grows by what the type has lost (RFC 1624), and stays wrong if it was
    uint32_t sum = wg_load16_be(icmp + 2) + 0x800U;
    wg_store16_be(icmp + 2, (uint16_t)(sum + (sum >> 16)));
    lwpath_trim(frame, LWPATH_ETHERNET_LEN, len);
    lwpath_deliver(frame, LWPATH_TYPE_IPV4, mac);
}

// A packet for our own address, len bytes; it is no more the caller's.
static void take_local(struct pbuf *frame, size_t len) {
    const uint8_t *header = frame->payload, *packet = header + LWPATH_ETHERNET_LEN;
    if (is_echo_request(packet, len)) {
        answer_echo(frame, len);
        return;
    }
    if (!take_dhcp(packet, len, header + LWPATH_ETHERNET_SOURCE)) {
        lwpath_note(LWPATH_COUNT_LAN_LOCAL);
    }
    pbuf_free(frame);
}

// --- into the tunnel ---

// Send a packet to the peer that has its destination among its allowed IPs; longer ones in fragments.
static void send(uint8_t *packet, size_t len, bool cut) {
    uint16_t peer;
    if (wg_tunnel_route(lwpath.tunnel, packet, len, &peer) != WG_OK) {
        return;
    }
    if (!cut) {
        lwpath_transmit_packet(peer, packet, len);
        return;
    }
    rt_split_t split;
    rt_split_begin(&split, packet, len, lwpath.router.mtu);
    while (rt_split_next(&split, &packet, &len)) {
        lwpath_transmit_packet(peer, packet, len);
    }
}

// A frame whose IPv4 packet is for one machine; it is no more the caller's.
static err_t route(struct pbuf *frame) {
    uint8_t *header = frame->payload, *packet = header + LWPATH_ETHERNET_LEN;
    size_t len = (size_t)frame->len - LWPATH_ETHERNET_LEN;
    if (lwpath_inside_is_asked(packet, len)) {
        return lwpath_drop(frame, LWPATH_COUNT_LAN_LOCAL);
    }
    rt_verdict_t verdict = rt_outbound(&lwpath.router, packet, &len, lwpath.now_ms);
    if (verdict == RT_LOCAL) {
        take_local(frame, len);
        return ERR_OK;
    }
    if (verdict == RT_ANSWER) {
        lwpath_deliver_copy(lwpath.router.answer, lwpath.router.answer_len, header + LWPATH_ETHERNET_SOURCE);
    } else if (verdict == RT_OK || verdict == RT_SPLIT) {
        if (lwpath.tunnel == NULL) {
            return lwpath_drop(frame, LWPATH_COUNT_LAN_CLOSED);
        }
        lwpath_note(LWPATH_COUNT_LAN_RX);
        send(packet, len, verdict == RT_SPLIT);
    }
    pbuf_free(frame);
    return ERR_OK;
}

static err_t take_ipv4(struct pbuf *frame) {
    const uint8_t *header = frame->payload, *packet = header + LWPATH_ETHERNET_LEN;
    const uint8_t *mac = header + LWPATH_ETHERNET_SOURCE;
    if (frame->len < LWPATH_ETHERNET_LEN + LWPATH_IPV4_LEN) {
        return lwpath_drop(frame, LWPATH_COUNT_LAN_SHORT);
    }
    if (lwpath_is_multicast_mac(header)) {
        if (!take_dhcp(packet, (size_t)frame->len - LWPATH_ETHERNET_LEN, mac)) {
            lwpath_note(LWPATH_COUNT_LAN_BROADCAST);
        }
        pbuf_free(frame);
        return ERR_OK;
    }
    uint32_t source = lwpath_address(packet + LWPATH_IPV4_SOURCE);
    if (rt_is_client(&lwpath.router, source) && !hear(source, mac)) {
        pbuf_free(frame);
        return ERR_OK;
    }
    if (lwpath.signs_in && lwpath_sign_in_outbound(frame)) {
        return ERR_OK;
    }
    return route(frame);
}

err_t lwpath_lan_input(struct pbuf *frame, struct netif *netif) {
    const uint8_t *header = frame->payload;
    if (frame->next != NULL || frame->len != frame->tot_len) {
        return lwpath_drop(frame, LWPATH_COUNT_LAN_CHAINED);
    }
    if (frame->len < LWPATH_ETHERNET_LEN) {
        return lwpath_drop(frame, LWPATH_COUNT_LAN_SHORT);
    }
    if (lwpath_is_multicast_mac(header + LWPATH_ETHERNET_SOURCE) ||
        (!lwpath_is_multicast_mac(header) && !lwpath_same_mac(header, netif->hwaddr))) {
        return lwpath_drop(frame, LWPATH_COUNT_LAN_OTHER_MAC);
    }
    switch (wg_load16_be(header + LWPATH_ETHERNET_TYPE)) {
    case LWPATH_TYPE_IPV4:
        return take_ipv4(frame);
    case LWPATH_TYPE_ARP:
        return take_arp(frame, netif);
    case LWPATH_TYPE_IPV6:
        return lwpath_drop(frame, LWPATH_COUNT_LAN_IPV6);
    default:
        return lwpath_drop(frame, LWPATH_COUNT_LAN_ETHERTYPE);
    }
}

err_t lwpath_lan_output(struct netif *netif, struct pbuf *packet, const ip4_addr_t *to) {
    (void)netif, (void)packet, (void)to;
    lwpath_note(LWPATH_COUNT_LAN_TX_REFUSED);
    return ERR_RTE;
}
