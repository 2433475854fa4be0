// What the packet path must know of an inner packet: its family, its whole length, and its two addresses.
#ifndef WG_INNER_H
#define WG_INNER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct {
    unsigned family; // 4 or 6
    size_t len;      // by the IP header; what follows is padding
    const uint8_t *source;
    const uint8_t *destination;
} wg_inner_t;

// False: the len bytes do not begin with a whole IPv4 (RFC 791) or IPv6 (RFC 8200) packet.
bool wg_inner_parse(wg_inner_t *inner, const uint8_t *packet, size_t len);

#endif
