// The packet that an ICMP error quotes: it is translated like the error itself, or its sender would not know it again (RFC
// 5508, section 4).
#ifndef RT_QUOTE_H
#define RT_QUOTE_H

#include <stdbool.h>

#include "rt_ipv4.h"

typedef struct {
    uint8_t *message; // the error
    uint8_t *bytes;   // the quoted packet
    size_t len;       // as much of it as is there
    uint8_t protocol;
    uint32_t source, destination;
    uint16_t source_port, destination_port; // of an echo its identifier is the port of who asked, the other is 0
} rt_quote_t;

// packet: an ICMP error in one piece. False: its checksum is wrong, or there is not enough quoted of something that we
// translate.
bool rt_quote_read(rt_quote_t *quote, const rt_packet_t *packet);

// Give the quoted packet new ends, and bring its checksums and that of the error up to date.
void rt_quote_rewrite(rt_quote_t *quote, uint32_t source, uint16_t source_port, uint32_t destination,
                      uint16_t destination_port);

#endif
