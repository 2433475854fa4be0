// The state of a Tunnel, and the arguments that its methods have in common.
#ifndef BIND_TUNNEL_H
#define BIND_TUNNEL_H

#include "bind.h"
#include "wg_tunnel.h"

typedef struct {
    bind_state_t state;
    wg_tunnel_t *tunnel; // at the beginning of its memory, all of it one piece
} bind_tunnel_t;

static inline wg_tunnel_t *bind_tunnel_of(bind_call_t *call) {
    return ((bind_tunnel_t *)call->self)->tunnel;
}

// The number of a peer that is there; ValueError for another.
bool bind_peer(bind_call_t *call, size_t at, uint16_t *peer);

#endif
