// What the kernel says about interfaces, addresses and routes (rtnetlink).
#ifndef PATH_LINK_H
#define PATH_LINK_H

#include <stdbool.h>
#include <stdint.h>

#include "path_tun.h"

// The TUN interface as others have set it up, in whatever namespace it is by now.
typedef struct {
    int fd; // -1: not open
    int index;
    unsigned mtu; // 0: the interface is gone
    bool up;
} path_link_t;

// Watch the interface of tun, and read its state. 0 or errno.
int path_link_open(path_link_t *link, const path_tun_t *tun);
void path_link_close(path_link_t *link);
// Take what has come in, but of down and up again the first alone; call while fd is readable. True: the state has changed (fd
// may have, too).
bool path_link_read(path_link_t *link, const path_tun_t *tun);

// A socket that becomes readable when an address or a route of our own namespace changes; -1 with errno.
int path_link_watch_routes(void);
// Take what has come in and forget it.
void path_link_drain(int fd);

#endif
