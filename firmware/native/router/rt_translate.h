// What both directions do with a packet once its flow is known. For rt_outbound.c and rt_inbound.c.
#ifndef RT_TRANSLATE_H
#define RT_TRANSLATE_H

#include "rt.h"
#include "rt_ipv4.h"

// The first piece of a datagram, by its protocol: where its ports are, which part of the connection it is.
typedef struct {
    uint8_t *bytes; // the transport header
    uint8_t protocol;
    uint16_t source_port, destination_port; // of an echo both are its identifier
    bool is_query;                          // ICMP: an echo request
    bool is_error;                          // ICMP: an error that passes; nothing else of it was read
} rt_transport_t;

// RT_OK, or what is wrong with it: the whole transport header must be there (RFC 1858).
rt_verdict_t rt_transport_read(rt_transport_t *transport, const rt_packet_t *packet);

// Our address in the net of a client; 0: it is in none of ours.
static inline uint32_t rt_own_address(const rt_router_t *router, uint32_t client) {
    if (router->lan != 0 && ((client ^ router->lan) & router->lan_mask) == 0) {
        return router->lan;
    }
    if (router->former_lan != 0 && ((client ^ router->former_lan) & router->former_mask) == 0) {
        return router->former_lan;
    }
    return 0;
}

// Give the packet new addresses and identification, and take one from its TTL; what the addresses add to a transport checksum.
uint32_t rt_readdress(rt_packet_t *packet, uint32_t source, uint32_t destination, uint16_t id);
// Give the transport header new ports, clamp its MSS, and bring its checksum up to date. addresses: from rt_readdress(). An echo
// has one identifier: it becomes the source port of a request, the destination port of a reply.
void rt_translate_ports(rt_router_t *router, const rt_transport_t *transport, uint32_t addresses, uint16_t source_port,
                        uint16_t destination_port);

// A packet that may not pass: answer with an error from one of our addresses as far as that may be done, else just the reason.
rt_verdict_t rt_refuse(rt_router_t *router, unsigned side, const rt_packet_t *packet, uint32_t from,
                       rt_verdict_t reason, uint64_t now_ms);

#endif
