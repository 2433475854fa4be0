// The stream that may carry the tunnel where datagrams do not come through: the carrier's (../carrier/cr_stream.h) on the
// connection of lwpath_tcp.c. A board has one.
#ifndef LWPATH_STREAM_H
#define LWPATH_STREAM_H

#include <stdbool.h>
#include <stdint.h>

#include "cr_end.h"
#include "lwpath_pool.h"

// --- for lwpath_tcp.c ---

void lwpath_stream_connected(void);
void lwpath_stream_arrived(void); // bytes, or the end of them
void lwpath_stream_drained(void); // there may be room again
void lwpath_stream_over(cr_end_t why);

// --- for the path ---

void lwpath_stream_init(void);
// Whether datagrams can be sent on the stream of this number.
bool lwpath_stream_carries(uint16_t number);
// Send a datagram that lies in this buffer, with CR_FRAME_ROOM bytes in front of it. The buffer is no more the caller's.
void lwpath_stream_send(lwpath_buffer_t *buffer, uint8_t *datagram, size_t len);
// The address that the stream of this number goes to; 0: there is none.
uint32_t lwpath_stream_remote(uint16_t number);
// Whether lwpath_reasons() has something to tell; it was told.
bool lwpath_stream_has_news(void);
void lwpath_stream_told(void);

#endif
