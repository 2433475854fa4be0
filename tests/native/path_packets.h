// TCP and UDP packets for the tests of the data path, with checksums that were summed the slow and obvious way.
#ifndef PATH_PACKETS_H
#define PATH_PACKETS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "wg_bytes.h"

typedef struct {
    bool is_ipv6, is_udp;
    bool may_fragment; // IPv4 without DF
    uint16_t id;
    uint16_t source_port;
    uint32_t sequence;
    uint32_t acknowledgement;
    uint16_t window;
    uint8_t flags;
    uint8_t options_len; // of TCP, a multiple of 4
    uint8_t hops;
} packet_shape_t;

static inline size_t packet_ip_len(const packet_shape_t *shape) {
    return shape->is_ipv6 ? 40 : 20;
}

static inline size_t packet_header_len(const packet_shape_t *shape) {
    return packet_ip_len(shape) + (shape->is_udp ? 8U : 20U + shape->options_len);
}

static inline uint16_t naive_sum(const uint8_t *data, size_t len, uint32_t sum) {
    for (size_t i = 0; i < len; i++) {
        sum += (i & 1) == 0 ? (uint32_t)data[i] << 8 : data[i];
        sum = (sum & 0xffff) + (sum >> 16);
    }
    return (uint16_t)sum;
}

// The sum over the pseudo header, as the kernel leaves it in the checksum field when it wants the rest done by others.
static inline uint16_t naive_pseudo_sum(const uint8_t *packet, size_t len, bool is_udp) {
    size_t ip_len = packet[0] >> 4 == 6 ? 40 : 20;
    uint32_t sum = naive_sum(packet + (ip_len == 40 ? 8 : 12), ip_len == 40 ? 32 : 8, 0);
    sum += (uint32_t)(len - ip_len) + (is_udp ? 17U : 6U);
    return (uint16_t)((sum & 0xffff) + (sum >> 16));
}

static inline bool packet_sums_are_right(const uint8_t *packet, size_t len, bool is_udp) {
    size_t ip_len = packet[0] >> 4 == 6 ? 40 : 20;
    if (ip_len == 20 && naive_sum(packet, 20, 0) != 0xffff) {
        return false;
    }
    return naive_sum(packet + ip_len, len - ip_len, naive_pseudo_sum(packet, len, is_udp)) == 0xffff;
}

// Write a whole packet whose payload follows from its sequence; its length.
static inline size_t write_packet(uint8_t *packet, const packet_shape_t *shape, size_t payload_len) {
    size_t ip_len = packet_ip_len(shape), header_len = packet_header_len(shape), len = header_len + payload_len;
    uint8_t *transport = packet + ip_len;
    memset(packet, 0, header_len);
    if (shape->is_ipv6) {
        packet[0] = 0x60;
        packet[3] = 9; // flow label
        wg_store16_be(packet + 4, (uint16_t)(len - 40));
        packet[6] = shape->is_udp ? 17 : 6;
        packet[7] = shape->hops;
        packet[8] = packet[24] = 0xfd;
        packet[23] = 1;
        packet[39] = 2;
    } else {
        packet[0] = 0x45;
        wg_store16_be(packet + 2, (uint16_t)len);
        wg_store16_be(packet + 4, shape->id);
        packet[6] = shape->may_fragment ? 0 : 0x40;
        packet[8] = shape->hops;
        packet[9] = shape->is_udp ? 17 : 6;
        memcpy(packet + 12, (const uint8_t[]){10, 0, 0, 1, 10, 0, 0, 2}, 8);
        wg_store16_be(packet + 10, (uint16_t)~naive_sum(packet, 20, 0));
    }
    wg_store16_be(transport, shape->source_port);
    wg_store16_be(transport + 2, 443);
    for (size_t i = 0; i < payload_len; i++) {
        packet[header_len + i] = (uint8_t)((shape->sequence + i) * 31 + ((shape->sequence + i) >> 8));
    }
    size_t check = 6;
    if (shape->is_udp) {
        wg_store16_be(transport + 4, (uint16_t)(len - ip_len));
    } else {
        check = 16;
        wg_store32_be(transport + 4, shape->sequence);
        wg_store32_be(transport + 8, shape->acknowledgement);
        transport[12] = (uint8_t)((20 + shape->options_len) << 2);
        transport[13] = shape->flags;
        wg_store16_be(transport + 14, shape->window);
        memset(transport + 20, 1, shape->options_len); // NOP
    }
    uint16_t sum = (uint16_t)~naive_sum(transport, len - ip_len, naive_pseudo_sum(packet, len, shape->is_udp));
    wg_store16_be(transport + check, shape->is_udp && sum == 0 ? 0xffff : sum);
    return len;
}

#endif
