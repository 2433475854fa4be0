// The packet path of a board on lwIP's network interfaces. It exists from power-on: both interfaces are added with the input
// functions below, before any Python runs, and without a tunnel everything that clients send is dropped. lwIP itself gets ARP,
// DHCP and what the box asked for; it never forwards.
//
// All functions run in the task that runs lwIP.
#ifndef LWPATH_H
#define LWPATH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lwip/netif.h"
#include "rt.h"
#include "wg_gate.h"
#include "wg_tunnel.h"

// What a port gives its interfaces as `input`; again each time that an interface is added anew.
err_t lwpath_lan_input(struct pbuf *frame, struct netif *netif);
err_t lwpath_uplink_input(struct pbuf *frame, struct netif *netif);

#endif
