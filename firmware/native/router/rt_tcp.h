// How far a TCP connection has come, as far as its flow's life depends on it (RFC 5382, 7857).
#ifndef RT_TCP_H
#define RT_TCP_H

#include "rt_napt.h"

// Offsets in the header.
enum { RT_TCP_SEQUENCE = 4, RT_TCP_ACK = 8, RT_TCP_DATA_OFFSET = 12, RT_TCP_FLAGS = 13, RT_TCP_CHECKSUM = 16 };

enum { RT_TCP_FIN = 1, RT_TCP_SYN = 2, RT_TCP_RST = 4, RT_TCP_ACKS = 16 };

// Note a segment from the client; the lane of the flow after it.
rt_lane_t rt_tcp_outbound(rt_flow_t *flow, const uint8_t *tcp);
// Note a segment from the remote side. Who does not see the connection can send one as well: a RST counts only with the very
// sequence number that the client waits for (RFC 5961, section 3), a FIN only with one not far ahead of it.
rt_lane_t rt_tcp_inbound(rt_flow_t *flow, const uint8_t *tcp);

#endif
