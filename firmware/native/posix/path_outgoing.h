// One place where messages become datagrams, whatever carries them: in the shape that their endpoint says, to a UDP socket's batch
// or to a stream's queue, written once and without a copy between.
#ifndef PATH_OUTGOING_H
#define PATH_OUTGOING_H

#include "path.h"

// Where a transport data message of at most len bytes to an endpoint may be written; NULL: there is no room, or no way there.
uint8_t *path_outgoing_room(path_t *path, const wg_endpoint_t *to, size_t len);
// Take the message of len bytes that was written there. to must live until path_outgoing_flush().
void path_outgoing_commit(path_t *path, wg_endpoint_t *to, uint8_t *message, size_t len);
// Send what was taken, as far as sockets have room.
void path_outgoing_flush(path_t *path);

// Send a handshake message, cookie reply or keepalive of a kind now, past the batch (kind 0: something else, which has no shape).
// 0 or errno.
int path_outgoing_send(path_t *path, uint8_t kind, const uint8_t *message, size_t len, wg_endpoint_t *to);

#endif
