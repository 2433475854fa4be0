// Splitting the large packets that the kernel hands to user space (TSO, USO) into packets as they go on a wire, in place and
// without copying payload.
#ifndef PATH_SEGMENT_H
#define PATH_SEGMENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "path_offload.h"

typedef struct {
    uint8_t *packet; // where the next segment's header goes
    size_t left;     // payload not handed out yet
    size_t ip_len;   // headers before the transport header
    size_t header_len;
    size_t step;      // payload of a full segment
    uint64_t partial; // sum of the pseudo header without the length
    uint32_t sequence;
    uint16_t id;
    uint8_t last_flags; // FIN and PSH wait for the last segment
    bool is_ipv6, is_udp, whole, first;
    uint8_t header[128];
} path_segment_t;

// Look at a packet of len bytes and its offload header. False: malformed, or a kind that was not asked for; drop it.
bool path_segment_begin(path_segment_t *split, const struct virtio_net_hdr *offload, uint8_t *packet, size_t len);

// The next packet, complete with checksums; false at the end. Its bytes are valid until the next call, which writes the next
// header over the end of this one's payload.
bool path_segment_next(path_segment_t *split, uint8_t **packet, size_t *len);

#endif
