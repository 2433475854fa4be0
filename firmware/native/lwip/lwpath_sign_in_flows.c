#include "lwpath_sign_in_flows.h"

#include "lwpath_path.h"
#include "lwpath_tcp.h"

enum {
    FIN = 0x01,
    SYN = 0x02,
    RST = 0x04,
    ACK = 0x10,

    FLOWS = 48,
    PORT_TRIES = 16,
    SILENCE_MS = 120000,
    // After both have said goodbye: for the acknowledgement of the second one, and for what comes once more.
    LINGER_MS = 5000,
};

static lwpath_flow_t flows[FLOWS];

void lwpath_flows_forget(void) {
    memset(flows, 0, sizeof flows);
}

// --- how one stands ---

static uint32_t silence_ms(const lwpath_flow_t *flow) {
    return (uint32_t)lwpath.now_ms - flow->used_ms;
}

static bool is_finished(const lwpath_flow_t *flow) {
    return flow->client_finished && flow->portal_finished;
}

static bool is_over(const lwpath_flow_t *flow) {
    return flow->remote == 0 || silence_ms(flow) > (is_finished(flow) ? LINGER_MS : SILENCE_MS);
}

void lwpath_flow_passed(lwpath_flow_t *flow, uint8_t flags, bool is_clients) {
    flow->used_ms = (uint32_t)lwpath.now_ms;
    flow->is_answered |= !is_clients;
    *(is_clients ? &flow->client_finished : &flow->portal_finished) |= (flags & FIN) != 0;
    if ((flags & RST) != 0) {
        flow->remote = 0;
    }
}

uint16_t lwpath_flows_count(void) {
    uint16_t count = 0;
    for (const lwpath_flow_t *flow = flows; flow < flows + FLOWS; flow++) {
        count = (uint16_t)(count + (!is_over(flow) && !is_finished(flow)));
    }
    return count;
}

// --- beginning ---

// One that is over, or else the oldest of those that nobody has answered, or both have finished; NULL: all are in use.
static lwpath_flow_t *find_place(void) {
    lwpath_flow_t *oldest = NULL;
    for (lwpath_flow_t *flow = flows; flow < flows + FLOWS; flow++) {
        if (is_over(flow)) {
            return flow;
        }
        bool is_spare = !flow->is_answered || is_finished(flow);
        if (is_spare && (oldest == NULL || silence_ms(flow) > silence_ms(oldest))) {
            oldest = flow;
        }
    }
    return oldest;
}

static bool is_port_taken(uint32_t remote, uint16_t remote_port, uint16_t port) {
    for (const lwpath_flow_t *flow = flows; flow < flows + FLOWS; flow++) {
        if (flow->remote != 0 && flow->port == port) {
            return true;
        }
    }
    return lwpath_tcp_is_ours(remote, remote_port, port);
}

static lwpath_flow_t *begin(uint32_t remote, uint16_t remote_port, uint16_t client_port) {
    lwpath_flow_t *flow = find_place();
    for (unsigned tries = 0; flow != NULL && tries < PORT_TRIES; tries++) {
        uint16_t port = lwpath_choose_port();
        if (!is_port_taken(remote, remote_port, port)) {
            *flow =
                (lwpath_flow_t){.remote = remote, .remote_port = remote_port, .client_port = client_port, .port = port};
            return flow;
        }
    }
    return NULL;
}

// --- finding ---

lwpath_flow_t *lwpath_flows_of_client(uint32_t remote, uint16_t remote_port, uint16_t client_port, uint8_t flags,
                                      bool *full) {
    bool is_first = (flags & (SYN | ACK | RST | FIN)) == SYN;
    *full = false;
    for (lwpath_flow_t *flow = flows; flow < flows + FLOWS; flow++) {
        if (flow->remote == remote && flow->remote_port == remote_port && flow->client_port == client_port) {
            if (!is_over(flow) && !(is_first && is_finished(flow))) {
                return flow;
            }
            flow->remote = 0;
            break;
        }
    }
    lwpath_flow_t *flow = is_first ? begin(remote, remote_port, client_port) : NULL;
    *full = is_first && flow == NULL;
    return flow;
}

lwpath_flow_t *lwpath_flows_of_portal(uint32_t remote, uint16_t remote_port, uint16_t port, uint8_t flags) {
    for (lwpath_flow_t *flow = flows; flow < flows + FLOWS; flow++) {
        if (flow->remote == remote && flow->remote_port == remote_port && flow->port == port) {
            return !is_over(flow) && (flags & (SYN | ACK)) != SYN ? flow : NULL;
        }
    }
    return NULL;
}
