// The proof that nothing leaves without the tunnel, asked for while people use the box: one packet such as a client's comes in on the
// LAN's side at a moment when the tunnel is away. Whoever calls holds the lock, so no frame of anybody's comes in between, and the
// moment is as long as that one packet takes. What it would make leave is counted, and does not leave either.
#include "lwpath_path.h"
#include "lwpath_pool.h"
#include "rt_ipv4.h"

enum {
    PACKET_LEN = LWPATH_IPV4_LEN + LWPATH_UDP_LEN,
    DISCARD = 9, // RFC 863
};

static unsigned left;

static err_t count(struct netif *netif, struct pbuf *frame) {
    (void)netif, (void)frame;
    left++;
    return ERR_OK;
}

// An address that nobody on the LAN has; 0: there is none.
static uint32_t free_address(void) {
    uint32_t address = lwpath.router.lan;
    for (uint8_t last = 254; last > 0; last--) {
        memcpy((uint8_t *)&address + 3, &last, 1);
        if (rt_is_client(&lwpath.router, address) && lwpath_neighbours_find(&lwpath.neighbours, address) == NULL) {
            return address;
        }
    }
    return 0;
}

// A frame of nobody's to where nobody is (RFC 5737); NULL: there is no buffer.
static struct pbuf *make_frame(uint32_t source) {
    static const uint8_t nobody[4] = {198, 51, 100, 77};
    lwpath_buffer_t *buffer = lwpath_pool_take_for_client();
    if (buffer == NULL) {
        return NULL;
    }
    struct pbuf *frame = lwpath_pool_packet(buffer, PACKET_LEN);
    uint8_t *packet = frame->payload, *udp = packet + LWPATH_IPV4_LEN, *header = packet - LWPATH_ETHERNET_LEN;
    rt_ipv4_write(packet, PACKET_LEN, LWPATH_PROTOCOL_UDP, source, lwpath_address(nobody));
    memset(udp, 0, LWPATH_UDP_LEN);
    wg_store16_be(udp + LWPATH_UDP_SOURCE, DISCARD);
    wg_store16_be(udp + LWPATH_UDP_DESTINATION, DISCARD);
    wg_store16_be(udp + LWPATH_UDP_TOTAL_LEN, LWPATH_UDP_LEN);
    (void)pbuf_add_header(frame, LWPATH_ETHERNET_LEN); // the buffer has room for it
    memcpy(header, lwpath.lan->hwaddr, LWPATH_MAC_LEN);
    memset(header + LWPATH_ETHERNET_SOURCE, 2, LWPATH_MAC_LEN); // of no maker
    wg_store16_be(header + LWPATH_ETHERNET_TYPE, LWPATH_TYPE_IPV4);
    return frame;
}

int lwpath_try_leak(void) {
    lwpath_take_time();
    uint32_t source = lwpath.lan != NULL && lwpath_uplink_address() != 0 ? free_address() : 0;
    struct pbuf *frame = source != 0 ? make_frame(source) : NULL;
    if (frame == NULL) {
        return -1;
    }
    wg_tunnel_t *tunnel = lwpath.tunnel;
    netif_linkoutput_fn output = lwpath.uplink->linkoutput;
    uint32_t dropped = lwpath.counts[LWPATH_COUNT_LAN_CLOSED];
    left = 0;
    lwpath.tunnel = NULL;
    lwpath.uplink->linkoutput = count;
    (void)lwpath_lan_input(frame, lwpath.lan);
    lwpath.uplink->linkoutput = output;
    lwpath.tunnel = tunnel;
    lwpath_neighbour_t *nobody = (lwpath_neighbour_t *)lwpath_neighbours_find(&lwpath.neighbours, source);
    if (nobody != NULL) {
        nobody->address = 0;
    }
    return left != 0 ? 1 : lwpath.counts[LWPATH_COUNT_LAN_CLOSED] != dropped ? 0 : -1;
}
