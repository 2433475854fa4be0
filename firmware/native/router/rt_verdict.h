// What can become of a packet.
#ifndef RT_VERDICT_H
#define RT_VERDICT_H

// From RT_DROP_MALFORMED on it is dropped, and counted under that name; the others are counted, too.
typedef enum {
    RT_OK = 0, // translated in place; pass it on
    RT_SPLIT,  // translated in place, but longer than the tunnel takes: pass on its fragments, see rt_split.h
    RT_LOCAL,  // from a client for the box itself (its address on the LAN, and no DNS query); unchanged
    RT_ANSWER, // send router->answer back to where the packet came from. The packet itself goes nowhere, and if that is a
               // drop, it is counted under its own name, too
    RT_DROP_MALFORMED,   // no whole IPv4 packet, a wrong header checksum, a length that lies
    RT_DROP_OPTIONS,     // has IPv4 options: they would show where it comes from, or lead it elsewhere (RFC 7126)
    RT_DROP_SOURCE,      // a source that no client of this LAN, or nobody beyond the tunnel, has (RFC 2827)
    RT_DROP_DESTINATION, // an address that no packet may be sent on to: broadcast, multicast, loopback, this LAN itself
    RT_DROP_PROTOCOL,    // neither TCP, UDP nor the parts of ICMP that pass
    RT_DROP_TTL,         // its time is over
    RT_DROP_TOO_BIG,     // longer than the tunnel takes, and may not be cut
    RT_DROP_FRAGMENT,    // a fragment whose first one was not seen, that overlaps it, or with ports out of reach
    RT_DROP_NO_FLOW,     // from the tunnel, and nobody here has asked for it
    RT_DROP_NO_ROOM,     // no flow could be made for it
    RT_DROP_CLOSED,      // there is no tunnel address
    RT_VERDICT_COUNT
} rt_verdict_t;

#endif
