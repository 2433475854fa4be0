// Ethernet frames: where the headers have what (Ethernet II, RFC 791, 768, 826), and what is asked of them most.
#ifndef LWPATH_FRAME_H
#define LWPATH_FRAME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "wg_bytes.h"

enum {
    LWPATH_MAC_LEN = 6,
    LWPATH_ETHERNET_LEN = 14,
    LWPATH_ETHERNET_SOURCE = 6,
    LWPATH_ETHERNET_TYPE = 12,

    LWPATH_TYPE_IPV4 = 0x0800,
    LWPATH_TYPE_ARP = 0x0806,
    LWPATH_TYPE_IPV6 = 0x86dd,

    LWPATH_IPV4_LEN = 20,
    LWPATH_IPV4_TOTAL_LEN = 2,
    LWPATH_IPV4_ID = 4,
    LWPATH_IPV4_FRAGMENT = 6,
    LWPATH_IPV4_MORE_AND_OFFSET = 0x3fff, // of the 16 bits there; 0: a whole packet
    LWPATH_IPV4_OFFSET = 0x1fff,          // 0: its first piece, or all of it
    LWPATH_IPV4_TTL = 8,
    LWPATH_IPV4_PROTOCOL = 9,
    LWPATH_IPV4_CHECKSUM = 10,
    LWPATH_IPV4_SOURCE = 12,
    LWPATH_IPV4_DESTINATION = 16,

    LWPATH_PROTOCOL_ICMP = 1,
    LWPATH_PROTOCOL_TCP = 6,
    LWPATH_PROTOCOL_UDP = 17,

    LWPATH_TCP_LEN = 20, // without options
    LWPATH_TCP_SOURCE = 0,
    LWPATH_TCP_DESTINATION = 2,

    LWPATH_UDP_LEN = 8,
    LWPATH_UDP_SOURCE = 0,
    LWPATH_UDP_DESTINATION = 2,
    LWPATH_UDP_TOTAL_LEN = 4,
    LWPATH_UDP_CHECKSUM = 6,

    LWPATH_PORT_DNS = 53,
    LWPATH_PORT_DHCP_SERVER = 67,
    LWPATH_PORT_DHCP_CLIENT = 68,

    LWPATH_ARP_LEN = 28,
    LWPATH_ARP_OPERATION = 6,
    LWPATH_ARP_SENDER_MAC = 8,
    LWPATH_ARP_SENDER = 14,
    LWPATH_ARP_TARGET_MAC = 18,
    LWPATH_ARP_TARGET = 24,
    LWPATH_ARP_REQUEST = 1,
    LWPATH_ARP_REPLY = 2,

    LWPATH_TTL = 64, // of what we send ourselves
};

static inline bool lwpath_same_mac(const uint8_t *a, const uint8_t *b) {
    return ((a[0] ^ b[0]) | (a[1] ^ b[1]) | (a[2] ^ b[2]) | (a[3] ^ b[3]) | (a[4] ^ b[4]) | (a[5] ^ b[5])) == 0;
}

// Also broadcast.
static inline bool lwpath_is_multicast_mac(const uint8_t *mac) {
    return (mac[0] & 1) != 0;
}

// An address as it stands in a packet.
static inline uint32_t lwpath_address(const uint8_t *p) {
    uint32_t address;
    memcpy(&address, p, sizeof address);
    return address;
}

// Whether an address is in a network, which is given by any of its addresses; 0: there is no such network.
static inline bool lwpath_is_in(uint32_t address, uint32_t network, uint32_t mask) {
    return network != 0 && ((address ^ network) & mask) == 0;
}

// The network mask of a prefix length (0 to 32) in network byte order.
static inline uint32_t lwpath_mask(unsigned prefix_len) {
    uint8_t bytes[4];
    wg_store32_be(bytes, prefix_len == 0 ? 0 : UINT32_MAX << (32 - prefix_len));
    return lwpath_address(bytes);
}

// The sum of big-endian 16-bit words for the Internet checksum (RFC 1071); len is even.
static inline uint32_t lwpath_sum(const uint8_t *p, size_t len) {
    uint32_t sum = 0;
    for (size_t i = 0; i < len; i += 2) {
        sum += wg_load16_be(p + i);
    }
    return sum;
}

static inline uint16_t lwpath_checksum(uint32_t sum) {
    sum = (sum & 0xffff) + (sum >> 16);
    sum += sum >> 16;
    return (uint16_t)~sum;
}

static inline bool lwpath_is_ipv4_header_right(const uint8_t *packet, size_t header_len) {
    return lwpath_checksum(lwpath_sum(packet, header_len)) == 0;
}

// The header of a packet of ours; everything in it but the two variable fields is the same for one pair of addresses.
static inline void lwpath_write_ipv4(uint8_t *packet, size_t total_len, uint8_t protocol, uint32_t source,
                                     uint32_t destination) {
    memset(packet, 0, LWPATH_IPV4_LEN);
    packet[0] = 0x45;
    wg_store16_be(packet + LWPATH_IPV4_TOTAL_LEN, (uint16_t)total_len);
    packet[LWPATH_IPV4_TTL] = LWPATH_TTL;
    packet[LWPATH_IPV4_PROTOCOL] = protocol;
    memcpy(packet + LWPATH_IPV4_SOURCE, &source, 4);
    memcpy(packet + LWPATH_IPV4_DESTINATION, &destination, 4);
    wg_store16_be(packet + LWPATH_IPV4_CHECKSUM, lwpath_checksum(lwpath_sum(packet, LWPATH_IPV4_LEN)));
}

// The TCP part of a packet, when it is whole and has one.
static inline const uint8_t *lwpath_find_tcp(const uint8_t *packet, size_t packet_len) {
    size_t header_len = (size_t)(packet[0] & 15) * 4;
    size_t total_len = wg_load16_be(packet + LWPATH_IPV4_TOTAL_LEN);
    if (packet[0] >> 4 != 4 || header_len < LWPATH_IPV4_LEN || total_len > packet_len ||
        total_len < header_len + LWPATH_TCP_LEN || packet[LWPATH_IPV4_PROTOCOL] != LWPATH_PROTOCOL_TCP ||
        (wg_load16_be(packet + LWPATH_IPV4_FRAGMENT) & LWPATH_IPV4_MORE_AND_OFFSET) != 0) {
        return NULL;
    }
    return packet + header_len;
}

// The UDP part of a packet, when it is whole and has one; *len: of the payload.
static inline const uint8_t *lwpath_find_udp(const uint8_t *packet, size_t packet_len, size_t *len) {
    size_t header_len = (size_t)(packet[0] & 15) * 4;
    size_t total_len = wg_load16_be(packet + LWPATH_IPV4_TOTAL_LEN);
    if (packet[0] >> 4 != 4 || header_len < LWPATH_IPV4_LEN || total_len > packet_len ||
        total_len < header_len + LWPATH_UDP_LEN || packet[LWPATH_IPV4_PROTOCOL] != LWPATH_PROTOCOL_UDP ||
        (wg_load16_be(packet + LWPATH_IPV4_FRAGMENT) & LWPATH_IPV4_MORE_AND_OFFSET) != 0) {
        return NULL;
    }
    const uint8_t *udp = packet + header_len;
    size_t udp_len = wg_load16_be(udp + LWPATH_UDP_TOTAL_LEN);
    if (udp_len < LWPATH_UDP_LEN || udp_len > total_len - header_len) {
        return NULL;
    }
    *len = udp_len - LWPATH_UDP_LEN;
    return udp;
}

#endif
