#include "lwpath_dhcp.h"

#include "lwpath_deliver.h"
#include "lwpath_path.h"
#include "lwpath_pool.h"

enum {
    OPERATION = 0,
    REPLY = 2,
    YOUR_ADDRESS = 16,
    OPTION_PAD = 0,
    OPTION_MESSAGE_TYPE = 53,
    OPTION_END = 255,
    ACKNOWLEDGEMENT = 5,
};

// Whether no message of this machine can wait.
static bool is_full(const lwpath_dhcp_ring_t *ring, const uint8_t mac[6]) {
    unsigned its = 0;
    for (unsigned i = 0; i < ring->count; i++) {
        its += lwpath_same_mac(ring->slots[(ring->first + i) % LWPATH_DHCP_SLOTS].mac, mac);
    }
    return ring->count == LWPATH_DHCP_SLOTS || its == LWPATH_DHCP_SLOTS_PER_MAC;
}

void lwpath_dhcp_push(const uint8_t *message, size_t len, const uint8_t mac[6]) {
    lwpath_dhcp_ring_t *ring = &lwpath.dhcp;
    if (len < LWPATH_DHCP_MIN || len > LWPATH_DHCP_MAX) {
        lwpath_note(LWPATH_COUNT_LAN_DHCP);
        return;
    }
    if (is_full(ring, mac)) {
        lwpath_note(LWPATH_COUNT_LAN_DHCP_FULL);
        return;
    }
    lwpath_dhcp_slot_t *slot = &ring->slots[(ring->first + ring->count) % LWPATH_DHCP_SLOTS];
    memcpy(slot->mac, mac, LWPATH_MAC_LEN);
    slot->len = (uint16_t)len;
    memcpy(slot->message, message, len);
    ring->count++;
}

const lwpath_dhcp_slot_t *lwpath_next_dhcp(void) {
    lwpath_dhcp_ring_t *ring = &lwpath.dhcp;
    if (ring->count == 0) {
        return NULL;
    }
    const lwpath_dhcp_slot_t *slot = &ring->slots[ring->first];
    ring->first = (uint16_t)((ring->first + 1) % LWPATH_DHCP_SLOTS);
    ring->count--;
    return slot;
}

// Whether a message of ours says that a client has an address from now on.
static bool is_acknowledgement(const uint8_t *message, size_t len) {
    if (len < LWPATH_DHCP_MIN || message[OPERATION] != REPLY) {
        return false;
    }
    for (size_t at = LWPATH_DHCP_MIN; at + 2 < len && message[at] != OPTION_END;) {
        if (message[at] == OPTION_PAD) {
            at++;
        } else if (message[at] == OPTION_MESSAGE_TYPE) {
            return message[at + 2] == ACKNOWLEDGEMENT;
        } else {
            at += 2U + message[at + 1];
        }
    }
    return false;
}

err_t lwpath_send_dhcp(const uint8_t *message, size_t len, const uint8_t mac[6], uint32_t address, bool broadcast) {
    static const uint8_t everyone[6] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff};
    const size_t headers_len = LWPATH_IPV4_LEN + LWPATH_UDP_LEN;
    uint32_t lan = lwpath.router.lan;
    lwpath_take_time();
    if (len > LWPATH_MTU - headers_len) {
        return ERR_ARG;
    }
    if (lan == 0 || lwpath.lan == NULL) {
        return ERR_RTE;
    }
    if (is_acknowledgement(message, len) && lwpath_address(message + YOUR_ADDRESS) != 0) {
        lwpath_neighbours_lease(&lwpath.neighbours, lwpath_address(message + YOUR_ADDRESS), mac, lwpath.now_ms);
    }
    lwpath_buffer_t *buffer = lwpath_pool_take();
    if (buffer == NULL) {
        return ERR_MEM;
    }
    uint8_t *packet = lwpath_buffer_packet(buffer), *udp = packet + LWPATH_IPV4_LEN;
    lwpath_write_ipv4(packet, headers_len + len, LWPATH_PROTOCOL_UDP, lan, broadcast ? UINT32_MAX : address);
    wg_store16_be(udp + LWPATH_UDP_SOURCE, LWPATH_PORT_DHCP_SERVER);
    wg_store16_be(udp + LWPATH_UDP_DESTINATION, LWPATH_PORT_DHCP_CLIENT);
    wg_store32_be(udp + LWPATH_UDP_TOTAL_LEN, (uint32_t)(LWPATH_UDP_LEN + len) << 16); // and no checksum (RFC 768)
    memcpy(udp + LWPATH_UDP_LEN, message, len);
    lwpath_deliver(lwpath_pool_packet(buffer, headers_len + len), LWPATH_TYPE_IPV4, broadcast ? everyone : mac);
    return ERR_OK;
}
