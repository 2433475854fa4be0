// Handshake messages that passed the gate, waiting for the control plane. Fixed slots: a flood costs no memory.
#ifndef PATH_RING_H
#define PATH_RING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "wg_endpoint.h"
#include "wg_message.h"

#define PATH_RING_SLOTS 256
// More waiting than this means that the control plane cannot keep up (paper 5.3: under load).
#define PATH_RING_LOAD (PATH_RING_SLOTS / 8)

typedef struct {
    wg_endpoint_t source;
    uint16_t len;
    uint8_t message[WG_INITIATION_LEN];
} path_ring_slot_t;

typedef struct {
    unsigned first, count;
    path_ring_slot_t slots[PATH_RING_SLOTS];
} path_ring_t;

// Copy a message in. False: the ring is full, or the message is longer than a slot.
bool path_ring_push(path_ring_t *ring, const uint8_t *message, size_t len, const wg_endpoint_t *source);

// Take the oldest one out, or NULL. It stays valid until the next push.
const path_ring_slot_t *path_ring_pop(path_ring_t *ring);

// Where the message that was taken last came from, or, when the ring has filled up since, one that came later.
const wg_endpoint_t *path_ring_last_source(const path_ring_t *ring);

#endif
