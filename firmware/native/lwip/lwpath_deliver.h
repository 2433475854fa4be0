// Frames to clients, each in one pbuf that is sent by reference.
#ifndef LWPATH_DELIVER_H
#define LWPATH_DELIVER_H

#include <stddef.h>
#include <stdint.h>

#include "lwip/pbuf.h"

// Send a packet whose pbuf begins at what follows the Ethernet header, with room for that header in front, whatever it held. It
// takes the pbuf over. What is lost was counted.
void lwpath_deliver(struct pbuf *packet, uint16_t type, const uint8_t mac[6]);
// Send a copy of an IPv4 packet.
void lwpath_deliver_copy(const uint8_t *packet, size_t len, const uint8_t mac[6]);

#endif
