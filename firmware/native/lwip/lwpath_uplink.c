// The uplink's own address: from lwIP's DHCP client, or as it was given.
#include "lwip/dhcp.h"
#include "lwip/dns.h"
#include "lwip/prot/dhcp.h"
#include "lwpath_path.h"

// lwIP asks twice, and waits for three seconds, whether it may keep the address that it has; a server of another network may say
// nothing to that (RFC 2131, 4.3.2). So it is asked once, and anybody at lwIP's next tick, within half a second: whichever answer
// comes first is taken, and until then the address that the uplink has stays in use.
#define REBOOT_TRIES_MAX 2

void lwpath_uplink_ask_once(void) {
    struct dhcp *dhcp = netif_dhcp_data(lwpath.uplink);
    if (dhcp != NULL && dhcp->state == DHCP_STATE_REBOOTING) {
        dhcp->tries = REBOOT_TRIES_MAX;
        dhcp->request_timeout = 1;
    }
}

static void forget_name_servers(void) {
    for (u8_t i = 0; i < DNS_MAX_SERVERS; i++) {
        dns_setserver(i, NULL);
    }
}

void lwpath_uplink_stop(void) {
    if (lwpath.uplink == NULL) {
        return;
    }
    dhcp_release_and_stop(lwpath.uplink);
    dhcp_cleanup(lwpath.uplink);
    netif_set_addr(lwpath.uplink, NULL, NULL, NULL);
    forget_name_servers();
}

err_t lwpath_uplink_dhcp(void) {
    struct netif *uplink = lwpath.uplink;
    if (uplink == NULL) {
        return ERR_RTE;
    }
    const struct dhcp *dhcp = netif_dhcp_data(uplink);
    if (dhcp != NULL && dhcp->state != DHCP_STATE_OFF) {
        dhcp_network_changed_link_up(uplink); // asks for the same address first, which is quicker
        lwpath_uplink_ask_once();
        return ERR_OK;
    }
    lwpath_uplink_stop();
    return dhcp_start(uplink);
}

err_t lwpath_uplink_static(uint32_t address, unsigned prefix_len, uint32_t gateway, const uint32_t *dns,
                           size_t dns_count) {
    const ip4_addr_t own = {address}, mask = {lwpath_mask(prefix_len)}, next_hop = {gateway};
    if (lwpath.uplink == NULL) {
        return ERR_RTE;
    }
    lwpath_uplink_stop();
    for (u8_t i = 0; i < DNS_MAX_SERVERS && i < dns_count; i++) {
        ip_addr_t server;
        ip_addr_set_ip4_u32(&server, dns[i]);
        dns_setserver(i, &server);
    }
    netif_set_addr(lwpath.uplink, &own, &mask, &next_hop);
    return ERR_OK;
}

static unsigned prefix_len_of(uint32_t mask) {
    unsigned len = 0;
    while (len < 32 && (lwpath_mask(len + 1) & ~mask) == 0) {
        len++;
    }
    return len;
}

void lwpath_uplink(lwpath_uplink_t *uplink) {
    const struct netif *netif = lwpath.uplink;
    *uplink = (lwpath_uplink_t){0};
    if (netif == NULL) {
        return;
    }
    uplink->link = netif_is_link_up(netif);
    uplink->address = netif_ip4_addr(netif)->addr;
    uplink->gateway = netif_ip4_gw(netif)->addr;
    uplink->prefix_len = prefix_len_of(netif_ip4_netmask(netif)->addr);
    for (u8_t i = 0; i < DNS_MAX_SERVERS; i++) {
        uplink->dns[i] = ip_2_ip4(dns_getserver(i))->addr;
    }
}
