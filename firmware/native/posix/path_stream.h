// The path's byte streams: TCP connections, or sockets that somebody else has connected, which carry datagrams in frames
// (../carrier). Each has a number, by which endpoints of the family WG_FAMILY_STREAM name it, and memory of its own that is taken
// when it begins and given back when it is closed.
#ifndef PATH_STREAM_H
#define PATH_STREAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "cr_stream.h"
#include "wg_endpoint.h"
#include "wg_shape.h"
#include "wg_transport.h"

#define PATH_STREAMS 4096             // at a time
#define PATH_STREAM_QUEUE 256         // datagrams that wait for the connection; then the oldest goes
#define PATH_STREAM_BURST 44          // frames that are worth a system call: about a batch
#define PATH_STREAM_BATCH 65536       // bytes that leave in one call
#define PATH_STREAM_CHUNK (128 << 10) // bytes that arrive in one call
#define PATH_STREAM_MESSAGE 2048      // the longest message, without what stands before it
#define PATH_STREAM_ROOM (CR_FRAME_ROOM + WG_SHAPE_DATA_ROOM_MAX)
#define PATH_STREAM_SLOT (PATH_STREAM_ROOM + PATH_STREAM_MESSAGE)

typedef struct path_stream path_stream_t;

typedef struct {
    // rx: datagrams, bytes; tx: the same; dropped: that did not wait any longer, or had nowhere to go.
    uint64_t rx_datagrams, rx_calls, tx_datagrams, tx_calls, tx_dropped;
} path_stream_counters_t;

// All streams of a path.
typedef struct {
    path_stream_t *streams[PATH_STREAMS]; // NULL: free
    uint8_t generations[PATH_STREAMS];    // so that a number comes again only after 15 others of its place
    uint64_t changed[PATH_STREAMS / 64];  // a bit for each that Python should look at
    uint64_t dirty[PATH_STREAMS / 64];    // and for each with frames that were not sent yet
    bool has_dirty;
    bool is_woken; // something has changed since path_poll() came back last
    unsigned count, next_free;
    uint8_t *batch; // PATH_STREAM_BATCH bytes
    uint8_t *chunk; // PATH_STREAM_CHUNK bytes
    path_stream_counters_t counters;
} path_streams_t;

struct path;

// Each of these that returns a number returns it from 1 to 65535, or -errno: ENOSPC: there are too many.
// Begin to connect to an address; the endpoint's local side is not looked at.
int path_stream_open(struct path *path, const wg_endpoint_t *to);
// Take over a connected socket, which is duplicated: frames from now on. rest: bytes that were read from it before, len of them
// (they may be changed).
int path_stream_adopt(struct path *path, int fd, cr_framing_t framing, uint8_t *rest, size_t len);
// The stream of a number, or NULL. It may have ended.
path_stream_t *path_stream_find(struct path *path, unsigned number);
// One that has changed its state or has bytes to read since it was given here last; 0: none.
unsigned path_stream_next(struct path *path);
// End it, if it has not ended, and give its number and memory back.
void path_stream_close(struct path *path, path_stream_t *stream);
void path_stream_close_all(struct path *path);

cr_stream_t *path_stream_core(path_stream_t *stream);
// Whether a datagram of a peer came by it that was authentic.
bool path_stream_is_proven(const path_stream_t *stream);
// To be called after anything was done with the core: the connection is watched for what is wanted now.
void path_stream_follow(struct path *path, path_stream_t *stream);
// The TLS handshake, as far as it goes now.
void path_stream_work(struct path *path, path_stream_t *stream);
// Carry frames; rest as above.
void path_stream_carry(struct path *path, path_stream_t *stream, cr_framing_t framing, uint8_t *rest, size_t len);

// What epoll says about it.
void path_stream_handle(struct path *path, unsigned place, uint32_t events);

// Where a message of at most len bytes may be written, with PATH_STREAM_ROOM bytes before it; NULL: it carries nothing now, or the
// message is too long.
uint8_t *path_stream_room(struct path *path, unsigned number, size_t len);
// Take the datagram of len bytes that was made there; it leaves with path_stream_flush() at the latest.
void path_stream_commit(struct path *path, unsigned number, uint8_t *datagram, size_t len);
void path_stream_flush(struct path *path);
// Whether its queue is so full that what comes next may cost what waits.
bool path_stream_is_crowded(struct path *path, unsigned number);
// SO_MARK of those there are. 0 or errno.
int path_stream_set_mark(struct path *path, uint32_t mark);

#endif
