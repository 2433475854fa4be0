// Which of lwIP's interfaces is the uplink, and which the LAN; what follows when one comes, changes or goes.
#include "lwip/dhcp.h"
#include "lwip/etharp.h"
#include "lwpath_path.h"
#include "lwpath_port.h"
#include "lwpath_sign_in.h"
#include "lwpath_silence.h"

// A driver's task may be about to call the one that is there.
static void set_input(struct netif *netif, netif_input_fn input) {
    if (netif->input != input) {
        netif->input = input;
    }
}

static void attach(struct netif *netif) {
    // A port may know an interface only after it was added.
    if (netif == port_netif(LWPATH_UPLINK) || netif->input == lwpath_uplink_input) {
        set_input(netif, PORT_INPUT(lwpath_uplink_input));
        netif->output = lwpath_uplink_output;
        netif_set_default(netif);
        lwpath.uplink = netif;
    } else if (netif == port_netif(LWPATH_LAN) || netif->input == lwpath_lan_input) {
        set_input(netif, PORT_INPUT(lwpath_lan_input));
        netif->output = lwpath_lan_output;
        lwpath.lan = netif;
    }
}

static void detach(struct netif *netif) {
    if (netif == lwpath.uplink) {
        dhcp_release_and_stop(netif); // lwIP would forget that it has memory for it
        dhcp_cleanup(netif);
        lwpath.uplink = NULL;
    } else if (netif == lwpath.lan) {
        lwpath.lan = NULL;
    }
}

static void follow(struct netif *netif, netif_nsc_reason_t reason, const netif_ext_callback_args_t *args) {
    if ((reason & LWIP_NSC_NETIF_ADDED) != 0) {
        attach(netif);
    }
    // lwIP tells of each lease that was renewed, too, when nothing has changed.
    if (netif == lwpath.uplink && reason != LWIP_NSC_IPV4_ADDR_VALID) {
        lwpath.uplink_changed = true;
        lwpath_sign_in_end(LWPATH_SIGN_IN_UPLINK);
        etharp_cleanup_netif(netif); // another network can have the same addresses
        lwpath_silence_reset();
        lwpath_uplink_ask_once();
    }
    if ((reason & LWIP_NSC_NETIF_REMOVED) != 0) {
        detach(netif);
    } else if (netif == lwpath.uplink && (reason & LWIP_NSC_STATUS_CHANGED) != 0 && args->status_changed.state != 0) {
        lwpath_uplink_resume(); // lwIP tells before it goes down, and after it came up
    }
    if (lwpath.uplink_changed) {
        port_wake();
    }
}

void lwpath_sides_changed(void) {
    struct netif *netif;
    if (lwpath.uplink != NULL && lwpath.uplink != port_netif(LWPATH_UPLINK)) {
        lwpath_uplink_stop();
        lwpath.uplink = NULL;
    }
    if (lwpath.lan != port_netif(LWPATH_LAN)) {
        lwpath.neighbours = (lwpath_neighbours_t){0};
        lwpath.lan = NULL;
    }
    NETIF_FOREACH(netif) {
        attach(netif);
    }
    lwpath_silence_reset();
    lwpath_sign_in_end(LWPATH_SIGN_IN_UPLINK);
    lwpath.uplink_changed = true;
    port_wake();
}

void lwpath_sides_init(void) {
    NETIF_DECLARE_EXT_CALLBACK(callback)
    netif_remove_ext_callback(&callback); // of a start before
    netif_add_ext_callback(&callback, follow);
}
