// The two directions of the path, each one bounded batch a call so that neither starves the other.
#ifndef PATH_FORWARD_H
#define PATH_FORWARD_H

#include "path.h"

// Read packets from the TUN device, split, seal and send them.
void path_forward_out(path_t *path);

// Receive datagrams from one socket: open, join and write what is transport data, judge what is a handshake message.
void path_forward_in(path_t *path, unsigned socket);

// Send what path_flush_queue() had to leave behind, unless a socket is still full. Costs nothing when nothing was left.
void path_flush_rest(path_t *path);

// Write one packet to the TUN device (what the coalescer calls; context is the path).
void path_forward_write(void *context, const struct iovec *slices, size_t count, size_t packets);

#endif
