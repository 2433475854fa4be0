// The connections of the window for signing in: which of the client's ports is which of ours, and for how long.
#ifndef LWPATH_SIGN_IN_FLOWS_H
#define LWPATH_SIGN_IN_FLOWS_H

#include <stdbool.h>
#include <stdint.h>

typedef struct {
    uint32_t remote; // 0: free
    uint16_t remote_port, client_port;
    uint16_t port; // ours on the uplink
    bool is_answered, client_finished, portal_finished;
    uint32_t used_ms; // of the clock's lower half
} lwpath_flow_t;

void lwpath_flows_forget(void);
// That of the client's segment, which begins it if it is a first one; NULL: there is none. *full: since there is no place.
lwpath_flow_t *lwpath_flows_of_client(uint32_t remote, uint16_t remote_port, uint16_t client_port, uint8_t flags,
                                      bool *full);
// That of a segment to our port; NULL: there is none.
lwpath_flow_t *lwpath_flows_of_portal(uint32_t remote, uint16_t remote_port, uint16_t port, uint8_t flags);
// A segment of it with these flags has passed, from the client or to it.
void lwpath_flow_passed(lwpath_flow_t *flow, uint8_t flags, bool is_clients);
// How many are in use.
uint16_t lwpath_flows_count(void);

#endif
