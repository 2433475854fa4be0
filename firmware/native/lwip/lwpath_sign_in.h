// The window for signing in: while a network lets nobody out before he has seen its page, one client may speak with that page's own
// addresses, in clear, for a few minutes. It is the one exception to what README.md says under "What cannot happen", so it stands
// by itself: what leaves by it leaves from lwpath_sign_in.c alone, and is nothing but TCP to ports 80 and 443 of those addresses.
// Questions for names do not leave at all: the box answers the window's client, with what it was told of the portal.
#ifndef LWPATH_SIGN_IN_H
#define LWPATH_SIGN_IN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lwip/netif.h"
#include "lwip/pbuf.h"
#include "lwpath.h"

// A frame of the LAN whose IPv4 packet is for one machine, from a source that may have its address (lwpath_neighbours.h). True: it
// was one for the window, and is no more the caller's.
bool lwpath_sign_in_outbound(struct pbuf *frame);
// A whole segment (lwpath_find_tcp()) that came to the uplink's own address and belongs to no connection of ours. True: likewise.
bool lwpath_sign_in_inbound(struct pbuf *frame, uint8_t *packet, const uint8_t *tcp);
// Close it, and say why; without one nothing changes.
void lwpath_sign_in_end(lwpath_sign_in_end_t why);

// lwpath_sign_in_names.c: the answer to a question (RFC 1035) for a name, in out. Its length; 0: it is no question, or there is no
// room. A: the address of the name as the window knows it, or its first; other types: none such.
size_t lwpath_sign_in_answer(const lwpath_sign_in_places_t *places, const uint8_t *question, size_t len, uint8_t *out,
                             size_t room);

#endif
