#include "lwpath_inside.h"

#include "lwpath_path.h"
#include "lwpath_pool.h"
#include "lwpath_transmit.h"

#define HEADERS_LEN (LWPATH_IPV4_LEN + LWPATH_UDP_LEN)

void lwpath_set_inside(uint16_t port, uint32_t address, uint16_t to_port) {
    lwpath.inside = (lwpath_inside_t){.port = port, .address = address, .to_port = to_port};
}

bool lwpath_inside_take(const uint8_t *packet, size_t packet_len) {
    lwpath_inside_t *inside = &lwpath.inside;
    size_t len;
    if (inside->address == 0 || lwpath_address(packet + LWPATH_IPV4_SOURCE) != inside->address) {
        return false;
    }
    const uint8_t *udp = lwpath_find_udp(packet, packet_len, &len);
    if (udp == NULL || lwpath_address(packet + LWPATH_IPV4_DESTINATION) != lwpath.router.tunnel ||
        wg_load16_be(udp + LWPATH_UDP_SOURCE) != inside->to_port ||
        wg_load16_be(udp + LWPATH_UDP_DESTINATION) != inside->port) {
        return false;
    }
    if (inside->count == LWPATH_INSIDE_SLOTS) {
        lwpath_note(LWPATH_COUNT_INSIDE_FULL);
        return true;
    }
    lwpath_inside_slot_t *slot = &inside->slots[(inside->first + inside->count++) % LWPATH_INSIDE_SLOTS];
    slot->len = (uint16_t)len;
    memcpy(slot->message, udp + LWPATH_UDP_LEN, len < LWPATH_INSIDE_KEPT ? len : LWPATH_INSIDE_KEPT);
    return true;
}

// Its later pieces are nothing without the first one, in which the ports are.
bool lwpath_inside_is_asked(const uint8_t *packet, size_t len) {
    const lwpath_inside_t *inside = &lwpath.inside;
    return lwpath_address(packet + LWPATH_IPV4_DESTINATION) == inside->address && len >= HEADERS_LEN &&
           packet[LWPATH_IPV4_PROTOCOL] == LWPATH_PROTOCOL_UDP &&
           (wg_load16_be(packet + LWPATH_IPV4_FRAGMENT) & LWPATH_IPV4_OFFSET) == 0 &&
           wg_load16_be(packet + LWPATH_IPV4_LEN + LWPATH_UDP_DESTINATION) == inside->to_port;
}

const lwpath_inside_slot_t *lwpath_next_inside(void) {
    lwpath_inside_t *inside = &lwpath.inside;
    if (inside->count == 0) {
        return NULL;
    }
    const lwpath_inside_slot_t *slot = &inside->slots[inside->first];
    inside->first = (uint16_t)((inside->first + 1) % LWPATH_INSIDE_SLOTS);
    inside->count--;
    return slot;
}

err_t lwpath_send_inside(const uint8_t *payload, size_t len) {
    const lwpath_inside_t *inside = &lwpath.inside;
    uint16_t peer;
    lwpath_take_time();
    if (len > LWPATH_MTU - HEADERS_LEN) {
        return ERR_ARG;
    }
    if (lwpath.tunnel == NULL || inside->address == 0 || lwpath.router.tunnel == 0) {
        return ERR_RTE;
    }
    lwpath_buffer_t *room = lwpath_pool_take_for_client();
    if (room == NULL) {
        return ERR_MEM;
    }
    uint8_t *packet = lwpath_buffer_packet(room), *udp = packet + LWPATH_IPV4_LEN;
    lwpath_write_ipv4(packet, HEADERS_LEN + len, LWPATH_PROTOCOL_UDP, lwpath.router.tunnel, inside->address);
    wg_store16_be(udp + LWPATH_UDP_SOURCE, inside->port);
    wg_store16_be(udp + LWPATH_UDP_DESTINATION, inside->to_port);
    wg_store32_be(udp + LWPATH_UDP_TOTAL_LEN, (uint32_t)(LWPATH_UDP_LEN + len) << 16); // and no checksum (RFC 768)
    memcpy(udp + LWPATH_UDP_LEN, payload, len);
    err_t error = ERR_RTE;
    if (wg_tunnel_route(lwpath.tunnel, packet, HEADERS_LEN + len, &peer) == WG_OK) {
        lwpath_transmit_packet(peer, packet, HEADERS_LEN + len);
        error = ERR_OK;
    }
    lwpath_pool_give(room);
    return error;
}
