#include "wg_event.h"

// A peer is in the list exactly while its events are not 0.

void wg_event_init(wg_tunnel_t *tunnel) {
    tunnel->event_head = WG_NO_PEER;
    tunnel->event_tail = WG_NO_PEER;
}

void wg_event_raise(wg_tunnel_t *tunnel, uint16_t peer, uint8_t events) {
    wg_peer_t *raised = &tunnel->memory.peers[peer];
    events &= raised->watched;
    if (events == 0) {
        return;
    }
    if (raised->events == 0) {
        raised->event_next = WG_NO_PEER;
        if (tunnel->event_head == WG_NO_PEER) {
            tunnel->event_head = peer;
        } else {
            tunnel->memory.peers[tunnel->event_tail].event_next = peer;
        }
        tunnel->event_tail = peer;
    }
    raised->events |= events;
}

void wg_event_forget(wg_tunnel_t *tunnel, uint16_t peer) {
    wg_peer_t *peers = tunnel->memory.peers;
    uint16_t before = WG_NO_PEER;
    uint16_t at = tunnel->event_head;
    while (at != WG_NO_PEER && at != peer) {
        before = at;
        at = peers[at].event_next;
    }
    peers[peer].events = 0;
    if (at == WG_NO_PEER) {
        return;
    }
    if (before == WG_NO_PEER) {
        tunnel->event_head = peers[peer].event_next;
    } else {
        peers[before].event_next = peers[peer].event_next;
    }
    if (tunnel->event_tail == peer) {
        tunnel->event_tail = before;
    }
}

bool wg_tunnel_take_event(wg_tunnel_t *tunnel, uint16_t *peer, uint8_t *events) {
    if (tunnel->event_head == WG_NO_PEER) {
        return false;
    }
    *peer = tunnel->event_head;
    wg_peer_t *taken = &tunnel->memory.peers[*peer];
    tunnel->event_head = taken->event_next;
    *events = taken->events;
    taken->events = 0;
    taken->watched &= (uint8_t)~*events;
    return true;
}

bool wg_tunnel_has_event(const wg_tunnel_t *tunnel) {
    return tunnel->event_head != WG_NO_PEER;
}

void wg_tunnel_watch(wg_tunnel_t *tunnel, uint16_t peer, uint8_t events) {
    tunnel->memory.peers[peer].watched |= (uint8_t)(events & WG_EVENT_ALL);
}
