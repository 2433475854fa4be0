// The uplink's own address: from lwIP's DHCP client, or as it was given.
#include "lwip/dhcp.h"
#include "lwip/dns.h"
#include "lwip/etharp.h"
#include "lwip/prot/dhcp.h"
#include "lwpath_lease.h"
#include "lwpath_path.h"

// lwIP asks twice, and waits for three seconds, whether it may keep the address that it has; a server of another network may say
// nothing to that (RFC 2131, 4.3.2). So it is asked once, and anybody at lwIP's next tick, within half a second: whichever answer
// comes first is taken, and until then the address that the uplink has stays in use.
#define REBOOT_TRIES_MAX 2

// What it means that there is no uplink. Where drivers have tasks, interfaces are taken away and added again.
#if NO_SYS
#define NO_UPLINK ERR_RTE
#else
#define NO_UPLINK ERR_OK
#endif

void lwpath_uplink_ask_once(void) {
    struct dhcp *dhcp = netif_dhcp_data(lwpath.uplink);
    if (dhcp != NULL && dhcp->state == DHCP_STATE_REBOOTING) {
        dhcp->tries = REBOOT_TRIES_MAX;
        dhcp->request_timeout = 1;
    }
}

// What the uplink was asked for last.
static struct {
    enum { NOTHING, BY_DHCP, GIVEN } kind;
    ip4_addr_t own, mask, next_hop; // GIVEN
} wanted;

static void forget_name_servers(void) {
    for (u8_t i = 0; i < DNS_MAX_SERVERS; i++) {
        dns_setserver(i, NULL);
    }
}

static bool is_asking(void) {
    const struct dhcp *dhcp = netif_dhcp_data(lwpath.uplink);
    return dhcp != NULL && dhcp->state != DHCP_STATE_OFF;
}

static err_t get_address(void) {
    if (wanted.kind == GIVEN) {
        netif_set_addr(lwpath.uplink, &wanted.own, &wanted.mask, &wanted.next_hop);
    } else if (wanted.kind == BY_DHCP && netif_is_up(lwpath.uplink)) {
        return dhcp_start(lwpath.uplink);
    }
    return ERR_OK; // an interface that is down gets it when it is up
}

void lwpath_uplink_resume(void) {
    if (lwpath.uplink != NULL && netif_is_up(lwpath.uplink) && lwpath_uplink_address() == 0 && !is_asking()) {
        (void)get_address();
    }
}

void lwpath_uplink_stop(void) {
    wanted.kind = NOTHING;
    if (lwpath.uplink == NULL) {
        return;
    }
    dhcp_release_and_stop(lwpath.uplink);
    dhcp_cleanup(lwpath.uplink);
    netif_set_addr(lwpath.uplink, NULL, NULL, NULL);
    forget_name_servers();
    lwpath_lease_forget();
}

err_t lwpath_uplink_dhcp(void) {
    if (lwpath.uplink == NULL) {
        wanted.kind = BY_DHCP;
        return NO_UPLINK;
    }
    if (is_asking()) {
        dhcp_network_changed_link_up(lwpath.uplink); // asks for the same address first, which is quicker
        lwpath_uplink_ask_once();
        return ERR_OK;
    }
    lwpath_uplink_stop();
    wanted.kind = BY_DHCP;
    return get_address();
}

err_t lwpath_uplink_static(uint32_t address, unsigned prefix_len, uint32_t gateway, const uint32_t *dns,
                           size_t dns_count) {
    lwpath_uplink_stop();
    wanted.kind = GIVEN;
    wanted.own.addr = address;
    wanted.mask.addr = lwpath_mask(prefix_len);
    wanted.next_hop.addr = gateway;
    for (u8_t i = 0; i < DNS_MAX_SERVERS && i < dns_count; i++) {
        const ip_addr_t server = IPADDR4_INIT(dns[i]);
        dns_setserver(i, &server);
    }
    return lwpath.uplink == NULL ? NO_UPLINK : get_address();
}

static unsigned prefix_len_of(uint32_t mask) {
    unsigned len = 0;
    while (len < 32 && (lwpath_mask(len + 1) & ~mask) == 0) {
        len++;
    }
    return len;
}

bool lwpath_uplink_router(uint8_t mac[6]) {
    const ip4_addr_t *found;
    struct eth_addr *known;
    if (lwpath.uplink == NULL || netif_ip4_gw(lwpath.uplink)->addr == 0 ||
        etharp_find_addr(lwpath.uplink, netif_ip4_gw(lwpath.uplink), &known, &found) < 0) {
        return false;
    }
    memcpy(mac, known->addr, LWPATH_MAC_LEN);
    return true;
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
