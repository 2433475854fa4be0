// DHCP messages of clients on their way to the control plane, and its answers (RFC 2131).
#ifndef LWPATH_DHCP_H
#define LWPATH_DHCP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define LWPATH_DHCP_SLOTS 4
#define LWPATH_DHCP_SLOTS_PER_MAC 2 // so that nobody keeps the others out
#define LWPATH_DHCP_MIN 240         // the fixed part and the magic cookie
#define LWPATH_DHCP_MAX 576         // more than a client has to say; longer ones are dropped

typedef struct lwpath_dhcp_slot {
    uint8_t mac[6]; // of the frame
    uint16_t len;
    uint8_t message[LWPATH_DHCP_MAX];
} lwpath_dhcp_slot_t;

typedef struct {
    uint16_t first, count;
    lwpath_dhcp_slot_t slots[LWPATH_DHCP_SLOTS];
} lwpath_dhcp_ring_t;

// Take a message in, or count why not.
void lwpath_dhcp_push(const uint8_t *message, size_t len, const uint8_t mac[6]);

#endif
