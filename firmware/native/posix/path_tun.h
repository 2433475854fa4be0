// The inner interface: a Linux TUN device with offload headers (IFF_VNET_HDR), non-blocking.
#ifndef PATH_TUN_H
#define PATH_TUN_H

#include <net/if.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include <sys/uio.h>

#include "path_offload.h"

typedef struct {
    int fd;            // -1: not open
    unsigned offloads; // TUN_F_ bits that the kernel has taken
    char name[IF_NAMESIZE];
} path_tun_t;

// Create the interface (name may hold %d), or attach to a persistent one. 0 or errno; EINVAL: the name is empty or too long.
int path_tun_open(path_tun_t *tun, const char *name);
void path_tun_close(path_tun_t *tun);

// Read one packet, large ones unsplit. Its length, or -1 with errno (EAGAIN: none; EBADFD: the interface is gone).
ssize_t path_tun_read(const path_tun_t *tun, struct virtio_net_hdr *offload, uint8_t *packet, size_t size);

// Whether the interface still exists, here or in another namespace.
bool path_tun_exists(const path_tun_t *tun);

#endif
