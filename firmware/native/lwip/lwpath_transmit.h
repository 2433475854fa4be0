// Everything that leaves on the uplink, except lwIP's ARP and what one client may say to a sign-in page (lwpath_sign_in.h). There is one function that sends datagrams, it takes nothing but
// lwpath_sealed_t, and that type is known to lwpath_transmit.c alone, where only ciphertext and handshake messages become one.
#ifndef LWPATH_TRANSMIT_H
#define LWPATH_TRANSMIT_H

#include <stddef.h>
#include <stdint.h>

void lwpath_transmit_init(void);
// Seal an inner packet for a peer and send it; without a keypair it waits in the tunnel's queue. What is lost was counted.
void lwpath_transmit_packet(uint16_t peer, const uint8_t *inner, size_t len);

#endif
