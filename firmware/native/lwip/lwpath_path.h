// The state of the one path in a machine, for the files of this folder.
#ifndef LWPATH_PATH_H
#define LWPATH_PATH_H

#include "lwip/udp.h"
#include "lwpath.h"
#include "lwpath_dhcp.h"
#include "lwpath_frame.h"
#include "lwpath_inside.h"

#define LWPATH_HANDSHAKES 16 // that can wait for the control plane

typedef struct {
    wg_tunnel_t *tunnel; // NULL: closed
    wg_gate_t *gate;
    wg_shape_t *shape;          // of datagrams to and from endpoints that have it; NULL: none
    struct netif *uplink, *lan; // NULL: not there
    rt_router_t router;
    lwpath_neighbours_t neighbours;
    wg_ring_t handshakes;
    lwpath_dhcp_ring_t dhcp;
    lwpath_inside_t inside;
    uint16_t port;           // of the tunnel; 0: none
    struct udp_pcb *our_pcb; // holds the port, so that lwIP gives it to nobody; nothing is received by it
    bool has_unflushed;      // waiting packets met an empty pool
    bool uplink_changed;     // and nobody was told
    bool signs_in;           // the window for signing in is open (lwpath_sign_in.c)
    uint64_t now_ms;
    uint32_t counts[LWPATH_COUNTER_COUNT];
} lwpath_t;

extern lwpath_t lwpath;

static inline void lwpath_note(lwpath_counter_t counter) {
    lwpath.counts[counter]++;
}

// Count a frame under this name, and give its buffer back.
static inline err_t lwpath_drop(struct pbuf *frame, lwpath_counter_t counter) {
    lwpath_note(counter);
    pbuf_free(frame);
    return ERR_OK;
}

static inline uint32_t lwpath_uplink_address(void) {
    return lwpath.uplink != NULL ? netif_ip4_addr(lwpath.uplink)->addr : 0;
}

// Cut a frame at the front, and to a length; both stay within it.
static inline void lwpath_trim(struct pbuf *frame, size_t front, size_t len) {
    frame->payload = (uint8_t *)frame->payload + front;
    frame->len = frame->tot_len = (uint16_t)len;
}

// A port of chance among those for private use (RFC 6335).
uint16_t lwpath_choose_port(void);

// lwpath_sides.c: be told of interfaces from now on.
void lwpath_sides_init(void);

// lwpath_uplink.c: do not insist on the address that the uplink has, after its link came up.
void lwpath_uplink_ask_once(void);

// lwpath_name.c: whether a look-up waits for answers; whether one has ended and was not asked about since; whether an address
// is that of one of the uplink's name servers.
bool lwpath_name_is_asked(void);
bool lwpath_name_has_ended(void);
bool lwpath_is_name_server(uint32_t address);

#endif
