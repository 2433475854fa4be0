// The two directions of the path, each one bounded batch a call so that neither starves the other.
#ifndef PATH_FORWARD_H
#define PATH_FORWARD_H

#include "path.h"

// Read packets from the TUN device, split, seal and send them.
void path_forward_out(path_t *path);

// Receive datagrams from one socket: open, join and write what is transport data, judge what is a handshake message.
void path_forward_in(path_t *path, unsigned socket);

// Take one datagram that has arrived, whatever carried it: in place, so its bytes must stay until path_forward_written(). source
// gets the datagram's shape. True: it was data of a peer, and authentic.
bool path_forward_datagram(path_t *path, uint8_t *datagram, size_t len, wg_endpoint_t *source);
// Write what waits for more of its flow.
void path_forward_written(path_t *path);

// Write one packet to the TUN device (what the coalescer calls; context is the path).
void path_forward_write(void *context, const struct iovec *slices, size_t count, size_t packets);

#endif
