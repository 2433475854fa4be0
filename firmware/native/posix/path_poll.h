// The epoll set behind path_poll(): what its descriptors are.
#ifndef PATH_POLL_H
#define PATH_POLL_H

#include "path.h"

// In the low bits of an event's data; the rest is the number of a UDP socket or of a stream, of the others the descriptor.
enum {
    PATH_KIND_TUN,
    PATH_KIND_UDP,
    PATH_KIND_SIGNAL,
    PATH_KIND_LINK,
    PATH_KIND_ROUTES,
    PATH_KIND_FILE,
    PATH_KIND_STREAM,
    PATH_KIND_BITS = 3,
};

// epoll_ctl() for a descriptor of a kind, known by its number or by itself. 0 or errno.
int path_arm_number(path_t *path, int operation, int fd, unsigned kind, unsigned number, uint32_t events);
int path_arm(path_t *path, int operation, int fd, unsigned kind, uint32_t events);

#endif
