#include "interfaces.h"

#include <stdatomic.h>
#include <string.h>

#include "../virt/network.h"
#include "esp_mac.h"
#include "esp_netif.h"
#include "esp_netif_net_stack.h"
#include "intake.h"
#include "lock.h"
#include "lwip/ip.h"
#include "lwpath.h"
#include "lwpath_port.h"
#include "modlock.h"

enum { STATION, ACCESS_POINT, CABLE, INTERFACES, NONE = INTERFACES };

// ESP-IDF's names, and its objects once MicroPython has made them (network.WLAN, network.LAN), which stay for ever.
static struct {
    const char *name, *key;
    esp_netif_t *object;
} interfaces[INTERFACES] = {
    {"sta", "WIFI_STA_DEF", NULL},
    {"ap", "WIFI_AP_DEF", NULL},
    {"eth", "ETH_DEF", NULL},
};
static unsigned sides[] = {[LWPATH_UPLINK] = NONE, [LWPATH_LAN] = NONE};
static atomic_bool is_unsettled;

static struct netif *netif_of(unsigned interface) {
    esp_netif_t *object = interface < INTERFACES ? interfaces[interface].object : NULL;
    return object != NULL ? esp_netif_get_netif_impl(object) : NULL;
}

struct netif *port_netif(unsigned which) {
    return which <= LWPATH_LAN ? netif_of(sides[which]) : NULL;
}

// --- what no side may do ---

static err_t deny_output(struct netif *netif, struct pbuf *packet, const ip4_addr_t *to) {
    (void)netif, (void)packet, (void)to;
    return ERR_RTE;
}

#if LWIP_IPV6
static err_t deny_output_ip6(struct netif *netif, struct pbuf *packet, const ip6_addr_t *to) {
    (void)netif, (void)packet, (void)to;
    return ERR_RTE;
}
#endif

static bool is_loopback(const struct netif *netif) {
    return netif->name[0] == 'l' && netif->name[1] == 'o';
}

static bool is_side(const struct netif *netif) {
    return netif == port_netif(LWPATH_UPLINK) || netif == port_netif(LWPATH_LAN);
}

// An address would make it a way for what lwIP itself sends. On the LAN, too: the packet path has its own there.
static void forget_address(struct netif *netif) {
    if (netif_ip4_addr(netif)->addr != 0) {
        netif_set_addr(netif, NULL, NULL, NULL);
    }
}

static void deny(struct netif *netif) {
    if (is_loopback(netif)) {
        return;
    }
    if (netif->input != port_input) { // which drops what comes from no side; a driver's task may be about to call it
        netif->input = port_input;
    }
    netif->output = deny_output;
#if LWIP_IPV6
    netif->output_ip6 = deny_output_ip6;
#endif
    forget_address(netif);
}

// Called before the packet path's own, which then takes a side over. In lwIP's task, or with its lock.
static void follow(struct netif *netif, netif_nsc_reason_t reason, const netif_ext_callback_args_t *args) {
    (void)args;
    if ((reason & LWIP_NSC_NETIF_ADDED) != 0) {
        deny(netif);
        atomic_store(&is_unsettled, true);
        port_wake();
    }
    if ((reason & LWIP_NSC_NETIF_REMOVED) != 0) {
        intake_forget(netif);
    }
    // ESP-IDF chooses another when it thinks that one is better.
    if ((reason & (LWIP_NSC_STATUS_CHANGED | LWIP_NSC_LINK_CHANGED | LWIP_NSC_IPV4_SETTINGS_CHANGED)) != 0 &&
        port_netif(LWPATH_UPLINK) != NULL && netif == port_netif(LWPATH_UPLINK)) {
        netif_set_default(netif);
    }
}

bool interfaces_init(void) {
    NETIF_DECLARE_EXT_CALLBACK(callback)
    if (esp_netif_init() != ESP_OK || !lock_init() || !intake_init()) {
        return false;
    }
    port_lock();
    lwpath_init();
    netif_add_ext_callback(&callback, follow);
    struct netif *netif;
    NETIF_FOREACH(netif) {
        deny(netif);
    }
    port_unlock();
    return true;
}

// --- in MicroPython's task ---

static void find_objects(void) {
    for (unsigned i = 0; i < INTERFACES; i++) {
        if (interfaces[i].object == NULL) {
            esp_netif_t *object = esp_netif_get_handle_from_ifkey(interfaces[i].key);
            port_lock();
            interfaces[i].object = object;
            port_unlock();
        }
    }
}

// Addresses are the packet path's: its DHCP client on the uplink, Python's server on the LAN. ESP-IDF forgets at each stop of an
// interface that its own are not wanted.
static void stop_dhcp(void) {
    for (unsigned i = 0; i < INTERFACES; i++) {
        if (interfaces[i].object != NULL) {
            (void)(i == ACCESS_POINT ? esp_netif_dhcps_stop(interfaces[i].object)
                                     : esp_netif_dhcpc_stop(interfaces[i].object));
        }
    }
}

static void take_sides(void) {
    struct netif *netif;
    NETIF_FOREACH(netif) {
        if (!is_side(netif)) {
            deny(netif);
        } else if (netif == port_netif(LWPATH_LAN)) {
            forget_address(netif);
        }
    }
    lwpath_sides_changed();
    lwpath_uplink_resume();
}

static void settle(void) {
    atomic_store(&is_unsettled, false);
    find_objects();
    stop_dhcp();
    port_lock();
    take_sides();
    unsigned uplink = sides[LWPATH_UPLINK];
    port_unlock();
    if (uplink != NONE && interfaces[uplink].object != NULL) {
        (void)esp_netif_set_default_netif(interfaces[uplink].object);
    }
}

void interfaces_settle(void) {
    if (atomic_load(&is_unsettled)) {
        settle();
    }
}

static unsigned interface_named(const char *name) {
    unsigned i = 0;
    while (i < INTERFACES && strcmp(interfaces[i].name, name) != 0) {
        i++;
    }
    return i;
}

bool interfaces_set_sides(const char *uplink, const char *lan) {
    unsigned first = uplink != NULL ? interface_named(uplink) : NONE,
             second = lan != NULL ? interface_named(lan) : NONE;
    if ((uplink != NULL && first == NONE) || (lan != NULL && second == NONE) || (first == second && first != NONE)) {
        return false;
    }
    port_lock();
    sides[LWPATH_UPLINK] = first;
    sides[LWPATH_LAN] = second;
    port_unlock();
    settle();
    return true;
}

// Those of the radio, whichever interfaces the sides are: a name and the LAN's address come of them, and must not move with the
// cable. No interface need have been started for it.
bool network_mac(unsigned which, uint8_t mac[6]) {
    static const esp_mac_type_t types[] = {[LWPATH_UPLINK] = ESP_MAC_WIFI_STA, [LWPATH_LAN] = ESP_MAC_WIFI_SOFTAP};
    return which <= LWPATH_LAN && esp_read_mac(mac, types[which]) == ESP_OK;
}

bool interfaces_have_link(const char *name) {
    find_objects();
    port_lock();
    const struct netif *netif = netif_of(interface_named(name)), *added;
    bool has_link = false;
    NETIF_FOREACH(added) {
        has_link = has_link || (added == netif && netif_is_up(netif) && netif_is_link_up(netif));
    }
    port_unlock();
    return has_link;
}
