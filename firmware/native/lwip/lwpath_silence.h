// What it means that we send and hear nothing: is this still the same network (as RFC 4436 asks), or is nobody there beyond it?
// Only what clients and handshakes send makes it look; without them there is no timer and no frame.
#ifndef LWPATH_SILENCE_H
#define LWPATH_SILENCE_H

#include <stdbool.h>
#include <stdint.h>

#include "wg_endpoint.h"

// Something that wants an answer is for this endpoint, whether it leaves now or waits for keys.
void lwpath_silence_sent(const wg_endpoint_t *to);
// A datagram of a peer was opened.
void lwpath_silence_heard(void);
// A neighbour on the uplink has said its MAC by ARP. To be called before lwIP learns it.
void lwpath_silence_arp(uint32_t sender, const uint8_t mac[6]);
// The uplink has changed: what was known of the network before counts no more.
void lwpath_silence_reset(void);
// Whether there is something that lwpath_silence() was not asked for yet.
bool lwpath_silence_has_news(void);

#endif
