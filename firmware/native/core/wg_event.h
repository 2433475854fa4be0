// The list of peers about which the control plane should know something. See also wg_tunnel_take_event().
#ifndef WG_EVENT_H
#define WG_EVENT_H

#include "wg_tunnel.h"

void wg_event_init(wg_tunnel_t *tunnel);
// Raise those of the events that are watched.
void wg_event_raise(wg_tunnel_t *tunnel, uint16_t peer, uint8_t events);
// Forget all events of a peer that goes away. Cost: the peers with events.
void wg_event_forget(wg_tunnel_t *tunnel, uint16_t peer);

#endif
