#include "rt_tcp.h"

#include "wg_bytes.h"

// What was seen, in flow->tcp.
enum { ANSWERED = 1, CONFIRMED = 2, FIN_OUT = 4, FIN_IN = 8, RESET = 16 };

#define FIN_WINDOW (UINT32_C(1) << 22)

static rt_lane_t lane_of(const rt_flow_t *flow) {
    if ((flow->tcp & RESET) != 0 || (flow->tcp & (FIN_OUT | FIN_IN)) == (FIN_OUT | FIN_IN)) {
        return RT_LANE_CLOSED;
    }
    if ((flow->tcp & ANSWERED) == 0) {
        return RT_LANE_TCP_NEW;
    }
    if ((flow->tcp & (FIN_OUT | FIN_IN)) != 0 || (flow->tcp & CONFIRMED) == 0) {
        return RT_LANE_TRANSITORY;
    }
    return RT_LANE_ESTABLISHED;
}

rt_lane_t rt_tcp_outbound(rt_flow_t *flow, const uint8_t *tcp) {
    uint8_t flags = tcp[RT_TCP_FLAGS];
    if ((flags & (RT_TCP_SYN | RT_TCP_ACKS)) == RT_TCP_SYN && flow->lane == RT_LANE_CLOSED) {
        flow->tcp = 0; // the same ports again, for a new connection
    }
    if ((flags & RT_TCP_ACKS) != 0) {
        flow->expected = wg_load32_be(tcp + RT_TCP_ACK);
        flow->tcp |= (flow->tcp & ANSWERED) != 0 ? CONFIRMED : 0;
    }
    flow->tcp |= (uint8_t)(((flags & RT_TCP_FIN) != 0 ? FIN_OUT : 0) | ((flags & RT_TCP_RST) != 0 ? RESET : 0));
    return lane_of(flow);
}

rt_lane_t rt_tcp_inbound(rt_flow_t *flow, const uint8_t *tcp) {
    uint8_t flags = tcp[RT_TCP_FLAGS];
    if ((flags & (RT_TCP_RST | RT_TCP_FIN)) != 0 && (flow->tcp & CONFIRMED) != 0) {
        uint32_t ahead = wg_load32_be(tcp + RT_TCP_SEQUENCE) - flow->expected;
        if ((flags & RT_TCP_RST) != 0) {
            flow->tcp |= ahead == 0 ? RESET : 0;
        } else {
            flow->tcp |= ahead < FIN_WINDOW ? FIN_IN : 0;
        }
    }
    if ((flags & RT_TCP_RST) == 0) {
        flow->tcp |= ANSWERED;
    }
    return lane_of(flow);
}
