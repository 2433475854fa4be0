// The inside service: small messages between the box and the gateway itself, by UDP in the tunnel. Nobody outside sees them, and
// no client can send one: they are told from clients' packets before translation, by all four of their addresses and ports.
#ifndef LWPATH_INSIDE_H
#define LWPATH_INSIDE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// As many as one side sends before it waits for the other.
#define LWPATH_INSIDE_SLOTS 8
// What is kept of each: messages say what they have to say at their front, and are filled up behind it to the length to be tried.
#define LWPATH_INSIDE_KEPT 256

typedef struct lwpath_inside_slot {
    uint16_t len; // as it came; of this, LWPATH_INSIDE_KEPT bytes are here at most
    uint8_t message[LWPATH_INSIDE_KEPT];
} lwpath_inside_slot_t;

typedef struct {
    uint16_t port, to_port;
    uint32_t address; // of the gateway in the tunnel; 0: no service
    uint16_t first, count;
    lwpath_inside_slot_t slots[LWPATH_INSIDE_SLOTS];
} lwpath_inside_t;

// Whether this packet from the tunnel is a message for us. Then it was taken, or counted as one too many.
bool lwpath_inside_take(const uint8_t *packet, size_t len);
// Whether this packet of a client is for the gateway's service, which would take it for one of ours.
bool lwpath_inside_is_asked(const uint8_t *packet, size_t len);

#endif
