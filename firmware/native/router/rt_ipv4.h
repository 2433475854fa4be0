// IPv4 headers without options (RFC 791) and the Internet checksum (RFC 1071), changed bit by bit as RFC 1624 says.
#ifndef RT_IPV4_H
#define RT_IPV4_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

// Offsets in the header.
enum {
    RT_IPV4_TOTAL_LEN = 2,
    RT_IPV4_ID = 4,
    RT_IPV4_FRAGMENT = 6, // flags and offset
    RT_IPV4_TTL = 8,
    RT_IPV4_PROTOCOL = 9,
    RT_IPV4_CHECKSUM = 10,
    RT_IPV4_SOURCE = 12,
    RT_IPV4_DESTINATION = 16,
    RT_IPV4_LEN = 20,
};

enum { RT_PROTOCOL_ICMP = 1, RT_PROTOCOL_TCP = 6, RT_PROTOCOL_UDP = 17 };

// Flags and offset.
enum { RT_DONT_FRAGMENT = 0x4000, RT_MORE_FRAGMENTS = 0x2000, RT_OFFSET_MASK = 0x1fff };

#define RT_TCP_LEN 20
#define RT_UDP_LEN 8
#define RT_ICMP_LEN 8

// Packets lie at even addresses, and so do their fields: small CPUs, which may not load across a boundary, would take bytes one
// by one otherwise.
static inline uint8_t *rt_even(const uint8_t *p) {
    return (uint8_t *)__builtin_assume_aligned(p, 2);
}

// A field as it stands in the packet. What it is good for: comparing, copying, and adding up.
static inline uint16_t rt_load16(const uint8_t *p) {
    uint16_t v;
    memcpy(&v, rt_even(p), sizeof(v));
    return v;
}

static inline uint32_t rt_load32(const uint8_t *p) {
    uint32_t v;
    memcpy(&v, rt_even(p), sizeof(v));
    return v;
}

static inline void rt_store16(uint8_t *p, uint16_t v) {
    memcpy(rt_even(p), &v, sizeof(v));
}

static inline void rt_store32(uint8_t *p, uint32_t v) {
    memcpy(rt_even(p), &v, sizeof(v));
}

// The same as a number.
static inline uint16_t rt_host16(uint16_t v) {
    uint8_t bytes[sizeof(v)];
    memcpy(bytes, &v, sizeof(v));
    return (uint16_t)((bytes[0] << 8) | bytes[1]);
}

// A change is what replacing fields adds to the sum of a packet (RFC 1624: ~m + m'); it begins as 0 and has room for thousands
// of fields.
static inline uint32_t rt_change16(uint32_t change, uint16_t from, uint16_t to) {
    return change + (uint16_t)~from + to;
}

static inline uint32_t rt_change32(uint32_t change, uint32_t from, uint32_t to) {
    from = ~from;
    return change + (from & 0xffff) + (from >> 16) + (to & 0xffff) + (to >> 16);
}

static inline uint16_t rt_fold(uint32_t sum) {
    sum = (sum & 0xffff) + (sum >> 16);
    return (uint16_t)(sum + (sum >> 16));
}

// Bring a checksum up to date: HC' = ~(~HC + ~m + m').
static inline void rt_apply(uint8_t *checksum, uint32_t change) {
    rt_store16(checksum, (uint16_t)~rt_fold(change + (uint16_t)~rt_load16(checksum)));
}

// Store a field and add what that changes.
static inline uint32_t rt_replace16(uint32_t change, uint8_t *field, uint16_t to) {
    change = rt_change16(change, rt_load16(field), to);
    rt_store16(field, to);
    return change;
}

static inline uint32_t rt_replace32(uint32_t change, uint8_t *field, uint32_t to) {
    change = rt_change32(change, rt_load32(field), to);
    rt_store32(field, to);
    return change;
}

// The sum of len bytes from an even address, folded, not inverted. Right checksums make it 0xffff.
uint16_t rt_sum(const uint8_t *data, size_t len);

// A packet whose header was checked.
typedef struct {
    uint8_t *bytes;
    size_t len; // by the header
    uint32_t source, destination;
    uint16_t fragment; // flags and offset, host byte order
    uint8_t protocol;
} rt_packet_t;

// False: not a whole packet, or at an odd address, or its header's checksum is wrong, or it has options (rt_ipv4_has_options()), or it is a fragment
// of impossible size.
bool rt_ipv4_parse(rt_packet_t *packet, uint8_t *bytes, size_t len);
bool rt_ipv4_has_options(const uint8_t *bytes, size_t len);

static inline bool rt_is_fragment(const rt_packet_t *packet) {
    return (packet->fragment & (RT_MORE_FRAGMENTS | RT_OFFSET_MASK)) != 0;
}

static inline bool rt_is_later_fragment(const rt_packet_t *packet) {
    return (packet->fragment & RT_OFFSET_MASK) != 0;
}

// Whether a packet may come from, or go to, one host somewhere: not 0/8, 127/8, 169.254/16 (RFC 3927: never passed on),
// multicast, or what lies above it.
static inline bool rt_ipv4_is_host(uint32_t address) {
    uint8_t octets[sizeof(address)];
    memcpy(octets, &address, sizeof(octets));
    return octets[0] != 0 && octets[0] != 127 && octets[0] < 224 && !(octets[0] == 169 && octets[1] == 254);
}

// Write a header of our own, with its checksum.
void rt_ipv4_write(uint8_t *header, size_t total_len, uint8_t protocol, uint32_t source, uint32_t destination);

#endif
