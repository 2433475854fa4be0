// Handshake messages that passed the gate, waiting for the control plane. Fixed slots: a flood costs no memory.
#ifndef WG_RING_H
#define WG_RING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "wg_endpoint.h"
#include "wg_message.h"

typedef struct {
    wg_endpoint_t source;
    uint16_t len;
    uint8_t message[WG_INITIATION_LEN];
} wg_ring_slot_t;

typedef struct {
    wg_ring_slot_t *slots;
    uint16_t capacity;
    uint16_t first, count;
} wg_ring_t;

// An empty ring in the caller's slots; capacity: at least 1.
void wg_ring_init(wg_ring_t *ring, wg_ring_slot_t *slots, uint16_t capacity);

// Copy a message in. False: the ring is full, or the message is longer than a slot.
bool wg_ring_push(wg_ring_t *ring, const uint8_t *message, size_t len, const wg_endpoint_t *source);

// Take the oldest one out, or NULL. It stays valid until the next push.
const wg_ring_slot_t *wg_ring_pop(wg_ring_t *ring);

// Whether so many wait that the control plane cannot be keeping up (paper 5.3: under load).
bool wg_ring_is_loaded(const wg_ring_t *ring);

// Where the message that was taken last came from, or, when the ring has filled up since, one that came later.
const wg_endpoint_t *wg_ring_last_source(const wg_ring_t *ring);

#endif
