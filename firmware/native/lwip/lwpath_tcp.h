// The one TCP connection that a board makes, as a client of lwIP: to where a stream goes (lwpath_stream.c), from a port of chance.
// What passes the uplink as TCP belongs to it, or to the one before it that is saying goodbye.
#ifndef LWPATH_TCP_H
#define LWPATH_TCP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "cr_end.h"

// Begin to connect. CR_END_NONE, or why that cannot be.
cr_end_t lwpath_tcp_connect(uint32_t address, uint16_t port);
// As cr_hooks_t has them: how many bytes were moved, 0: none now, or -cr_end_t.
int lwpath_tcp_send(const uint8_t *data, size_t len);
int lwpath_tcp_receive(uint8_t *out, size_t len);
// Take what lwIP still holds, once there is room for it. Not from within what lwIP calls.
void lwpath_tcp_take_refused(void);
// Say goodbye, without waiting for the answer; what came and was not read is given back.
void lwpath_tcp_close(void);
// Where it goes; 0: there is none.
uint32_t lwpath_tcp_remote(void);
// Whether a segment between our port and this one belongs to a connection of ours.
bool lwpath_tcp_is_ours(uint32_t remote, uint16_t remote_port, uint16_t local_port);

#endif
