// The packets of a tunnel that wait for a handshake: one pool, a list for each peer. See also wg_tunnel_queue().
#ifndef WG_QUEUE_H
#define WG_QUEUE_H

#include "wg_tunnel.h"

#define WG_NO_SLOT 0xffff

void wg_queue_init(wg_tunnel_t *tunnel);
// The oldest waiting packet of a peer, or NULL.
const wg_queue_slot_t *wg_queue_first(const wg_tunnel_t *tunnel, const wg_peer_t *peer);
// Take it off; there must be one.
void wg_queue_drop_first(wg_tunnel_t *tunnel, wg_peer_t *peer);

#endif
