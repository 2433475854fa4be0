// The Internet checksum (RFC 1071), summed in native byte order so that only the folded result has to be stored as it is.
#ifndef PATH_CHECKSUM_H
#define PATH_CHECKSUM_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

// Add len bytes to a sum. data must start at an even offset of what is summed; an odd last byte is padded with zero.
uint64_t path_checksum_add(uint64_t sum, const uint8_t *data, size_t len);

// Add the pseudo header of IPv4 or IPv6 (RFC 9293 3.1, RFC 8200 8.1). ip: the IP header without IPv6 extensions.
uint64_t path_checksum_pseudo(uint64_t sum, const uint8_t *ip, uint8_t protocol, size_t transport_len);

// Fold to 16 bits, in native order and not inverted.
static inline uint16_t path_checksum_fold(uint64_t sum) {
    sum = (sum & 0xffffffff) + (sum >> 32);
    sum = (sum & 0xffffffff) + (sum >> 32);
    sum = (sum & 0xffff) + (sum >> 16);
    sum = (sum & 0xffff) + (sum >> 16);
    sum = (sum & 0xffff) + (sum >> 16);
    return (uint16_t)sum;
}

static inline uint16_t path_checksum_load(const uint8_t *p) {
    uint16_t v;
    memcpy(&v, p, sizeof v);
    return v;
}

static inline void path_checksum_store(uint8_t *p, uint16_t v) {
    memcpy(p, &v, sizeof v);
}

// Write the header checksum of an IPv4 header of 20 to 60 bytes.
void path_checksum_ipv4(uint8_t *ip);

#endif
