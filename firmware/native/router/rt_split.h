// Cutting an IPv4 packet that is too long into fragments (RFC 791, section 3.2), in place: each fragment's header is written
// right in front of its payload, over the end of the one before, which must have been sent (or copied) by then.
#ifndef RT_SPLIT_H
#define RT_SPLIT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct {
    uint8_t header[20];
    uint8_t *next;  // payload of the next fragment
    size_t left;    // bytes of payload from there
    uint16_t step;  // payload of all fragments but the last
    uint16_t field; // flags and offset of the next fragment, host byte order
} rt_split_t;

// A whole packet without IPv4 options that may be cut (RT_SPLIT says so), itself maybe a fragment. mtu >= 68.
void rt_split_begin(rt_split_t *split, uint8_t *packet, size_t len, uint16_t mtu);
// The next fragment, of at most mtu bytes; false: there is no more.
bool rt_split_next(rt_split_t *split, uint8_t **fragment, size_t *len);

#endif
