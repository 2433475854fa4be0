// Datagrams of the tunnel that have arrived, whatever has carried them.
#ifndef LWPATH_UPLINK_INPUT_H
#define LWPATH_UPLINK_INPUT_H

#include <stddef.h>
#include <stdint.h>

#include "lwip/pbuf.h"
#include "wg_endpoint.h"

// It lies in the frame, or in the buffer that the frame is, with room for an Ethernet header in front of what is inside. Both are
// no more the caller's. source: all but its shape.
void lwpath_uplink_datagram(struct pbuf *frame, uint8_t *datagram, size_t len, wg_endpoint_t *source);

#endif
