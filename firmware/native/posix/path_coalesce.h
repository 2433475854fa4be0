// Joining packets of one flow into large ones for the TUN device (what the kernel calls GRO), without copying payload: a group
// is a list of slices that go to the kernel in one writev(). The rules are the kernel's (net/ipv4/tcp_offload.c): equal headers
// but for length, checksum, sequence, and FIN and PSH at the end; consecutive sequence; equal size but for the last.
#ifndef PATH_COALESCE_H
#define PATH_COALESCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/uio.h>

#include "path_offload.h"

#define PATH_GROUPS 32        // flows joined at the same time
#define PATH_GROUP_PACKETS 64 // in a group; more never fit at a usual MTU

typedef struct {
    uint8_t *first; // the first packet: its header becomes the header of all
    size_t first_len;
    size_t total_len;
    uint16_t ip_len, header_len;
    uint16_t size; // payload of each packet but the last
    uint16_t count;
    uint32_t sequence; // that the next one must have
    uint8_t end_flags; // FIN and PSH of the last
    bool is_udp, is_ipv6, closed, summed;
    struct virtio_net_hdr offload;
    struct iovec slices[1 + PATH_GROUP_PACKETS]; // the first is the offload header
} path_group_t;

// Write one packet: the offload header, then the packet in slices.
typedef void path_coalesce_write_t(void *context, const struct iovec *slices, size_t count, size_t packets);

typedef struct {
    path_coalesce_write_t *write;
    void *context;
    bool join_tcp, join_udp;
    unsigned used;
    path_group_t groups[PATH_GROUPS];
} path_coalesce_t;

void path_coalesce_init(path_coalesce_t *coalesce, path_coalesce_write_t *write, void *context);

// Take a whole IP packet of len bytes (its length field says len). It must stay where it is until path_coalesce_flush(), and its
// header may be changed. Packets of one flow are written in the order in which they came.
void path_coalesce_add(path_coalesce_t *coalesce, uint8_t *packet, size_t len);

// Write everything that is waiting.
void path_coalesce_flush(path_coalesce_t *coalesce);

#endif
