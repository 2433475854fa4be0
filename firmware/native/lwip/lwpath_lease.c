#include "lwpath_lease.h"

#include "lwip/dhcp.h"
#include "lwpath_path.h"

enum {
    // Places in a message (RFC 2131, 2).
    OPERATION = 0,
    TRANSACTION = 4,
    OPTIONS = 240, // behind the magic cookie
    REPLY = 2,

    OPTION_PAD = 0,
    OPTION_BROADCAST = 28,
    OPTION_MESSAGE_TYPE = 53,
    OPTION_PARAMETERS = 55,
    OPTION_PORTAL = 114,
    OPTION_END = 255,
    ACKNOWLEDGEMENT = 5,
};

static struct {
    uint8_t len;
    char address[LWPATH_PORTAL_MAX];
} portal;

// The contents of an option, or NULL; *option_len: of them.
static const uint8_t *find_option(const uint8_t *message, size_t len, uint8_t option, size_t *option_len) {
    for (size_t at = OPTIONS; at + 2 <= len && message[at] != OPTION_END;) {
        if (message[at] == OPTION_PAD) {
            at++;
            continue;
        }
        size_t next = at + 2U + message[at + 1];
        if (next > len) {
            return NULL;
        }
        if (message[at] == option) {
            *option_len = message[at + 1];
            return message + at + 2;
        }
        at = next;
    }
    return NULL;
}

// --- asking ---

// Put another byte at a place of a UDP datagram, and have its checksum, if it has one, follow (RFC 1624).
static void replace(uint8_t *udp, size_t at, uint8_t byte) {
    uint8_t *word = udp + at / 2 * 2;
    uint16_t before = wg_load16_be(word), checksum = wg_load16_be(udp + LWPATH_UDP_CHECKSUM);
    udp[at] = byte;
    if (checksum != 0) {
        uint32_t sum = (uint16_t)~checksum + (uint32_t)(uint16_t)~before + wg_load16_be(word);
        checksum = lwpath_checksum(sum);
        wg_store16_be(udp + LWPATH_UDP_CHECKSUM, checksum != 0 ? checksum : UINT16_MAX);
    }
}

void lwpath_lease_ask(uint8_t *packet, size_t packet_len) {
    size_t len, asked_len;
    const uint8_t *found = lwpath_find_udp(packet, packet_len, &len);
    if (found == NULL) {
        return;
    }
    uint8_t *udp = packet + (found - packet);
    const uint8_t *asked = find_option(udp + LWPATH_UDP_LEN, len, OPTION_PARAMETERS, &asked_len);
    for (size_t i = 0; asked != NULL && i < asked_len; i++) {
        // lwIP asks for the broadcast address, and never reads it. So nothing has to move.
        if (asked[i] == OPTION_BROADCAST) {
            replace(udp, (size_t)(asked - udp) + i, OPTION_PORTAL);
            return;
        }
    }
}

// --- hearing ---

static bool is_printable(const uint8_t *text, size_t len) {
    for (size_t i = 0; i < len; i++) {
        if (text[i] <= ' ' || text[i] > '~') {
            return false;
        }
    }
    return true;
}

void lwpath_lease_hear(const struct netif *netif, const uint8_t *message, size_t len) {
    size_t type_len, address_len;
    const struct dhcp *dhcp = netif_dhcp_data(netif);
    if (dhcp == NULL || len < OPTIONS || message[OPERATION] != REPLY ||
        wg_load32_be(message + TRANSACTION) != dhcp->xid) {
        return;
    }
    const uint8_t *type = find_option(message, len, OPTION_MESSAGE_TYPE, &type_len);
    if (type == NULL || type_len != 1 || *type != ACKNOWLEDGEMENT) {
        return;
    }
    portal.len = 0;
    const uint8_t *address = find_option(message, len, OPTION_PORTAL, &address_len);
    if (address != NULL && is_printable(address, address_len)) {
        memcpy(portal.address, address, address_len);
        portal.len = (uint8_t)address_len;
    }
}

void lwpath_lease_forget(void) {
    portal.len = 0;
}

size_t lwpath_uplink_portal(char address[LWPATH_PORTAL_MAX]) {
    memcpy(address, portal.address, portal.len);
    return portal.len;
}
