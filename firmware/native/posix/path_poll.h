// The epoll set behind path_poll(): what its descriptors are.
#ifndef PATH_POLL_H
#define PATH_POLL_H

#include "path.h"

// In the low bits of an event's data; the rest is the descriptor.
enum {
    PATH_KIND_TUN,
    PATH_KIND_UDP,
    PATH_KIND_SIGNAL,
    PATH_KIND_LINK,
    PATH_KIND_ROUTES,
    PATH_KIND_FILE,
    PATH_KIND_BITS = 3,
};

// epoll_ctl() for a descriptor of a kind. 0 or errno.
int path_arm(path_t *path, int operation, int fd, unsigned kind, uint32_t events);

#endif
