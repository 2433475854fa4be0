// What a DHCP server says with the uplink's address that lwIP has no ear for: where one signs in (option 114, RFC 8910).
#ifndef LWPATH_LEASE_H
#define LWPATH_LEASE_H

#include <stddef.h>
#include <stdint.h>

#include "lwip/netif.h"

// A message of lwIP's DHCP client on its way out, the IPv4 packet: ask for that option, too.
void lwpath_lease_ask(uint8_t *packet, size_t packet_len);
// A message to it, the UDP payload.
void lwpath_lease_hear(const struct netif *netif, const uint8_t *message, size_t len);
void lwpath_lease_forget(void);

#endif
