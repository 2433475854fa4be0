// What is counted. LWPATH_COUNTERS(COUNTER) names each once.
#ifndef LWPATH_COUNTERS_H
#define LWPATH_COUNTERS_H

// Packets that passed: from clients into the router, to clients, datagrams of the tunnel from and to the uplink.
#define LWPATH_TRAFFIC(COUNTER)                                                                                        \
    COUNTER(LAN_RX, lan_rx)                                                                                            \
    COUNTER(LAN_TX, lan_tx)                                                                                            \
    COUNTER(UPLINK_RX, uplink_rx)                                                                                      \
    COUNTER(UPLINK_TX, uplink_tx)                                                                                      \
    COUNTER(COOKIES, cookies)       /* cookie replies sent */                                                          \
    COUNTER(SIGN_IN_TX, sign_in_tx) /* segments of the window for signing in to the portal, and from it */             \
    COUNTER(SIGN_IN_RX, sign_in_rx)                                                                                    \
    COUNTER(SIGN_IN_NAMES, sign_in_names) /* questions answered in it */

// Drops.
#define LWPATH_DROPS(COUNTER)                                                                                          \
    /* frames of the LAN: not in one piece; shorter than their headers; for other machines, or from a group of them */ \
    COUNTER(LAN_CHAINED, lan_chained)                                                                                  \
    COUNTER(LAN_SHORT, lan_short)                                                                                      \
    COUNTER(LAN_OTHER_MAC, lan_other_mac)                                                                              \
    COUNTER(LAN_IPV6, lan_ipv6)                                                                                        \
    COUNTER(LAN_ETHERTYPE, lan_ethertype)                                                                              \
    COUNTER(LAN_BROADCAST, lan_broadcast)     /* broadcast or multicast that is neither ARP nor DHCP */                \
    COUNTER(LAN_ARP, lan_arp)                 /* ARP that contradicts itself, or claims our address */                 \
    COUNTER(LAN_ARP_OTHER, lan_arp_other)     /* ARP that asks us nothing */                                           \
    COUNTER(LAN_DHCP, lan_dhcp)               /* DHCP messages that are broken, or longer than we take */              \
    COUNTER(LAN_DHCP_FULL, lan_dhcp_full)     /* and those that came faster than they were taken */                    \
    COUNTER(LAN_IMPOSTOR, lan_impostor)       /* from an address that another client has */                            \
    COUNTER(LAN_NO_ROOM, lan_no_room)         /* from a client for which the table has no room */                      \
    COUNTER(LAN_LOCAL, lan_local)             /* for our own address and no service, or for the gateway's own */       \
    COUNTER(LAN_CLOSED, lan_closed)           /* there is no tunnel */                                                 \
    COUNTER(LAN_NO_CLIENT, lan_no_client)     /* for an address whose client is not known */                           \
    COUNTER(LAN_TX_FAILED, lan_tx_failed)     /* the interface has no room, or is gone */                              \
    COUNTER(LAN_TX_REFUSED, lan_tx_refused)   /* what lwIP wanted to say by itself */                                  \
    COUNTER(INSIDE_FULL, inside_full)         /* messages of the gateway that came faster than they were taken */      \
    COUNTER(SIGN_IN_REFUSED, sign_in_refused) /* of or for the window for signing in: broken, or of no connection */   \
    COUNTER(SIGN_IN_FULL, sign_in_full)       /* more connections than it holds */                                     \
    /* frames of the uplink */                                                                                         \
    COUNTER(UPLINK_CHAINED, uplink_chained)                                                                            \
    COUNTER(UPLINK_SHORT, uplink_short)                                                                                \
    COUNTER(UPLINK_OTHER_MAC, uplink_other_mac)                                                                        \
    COUNTER(UPLINK_IPV6, uplink_ipv6)                                                                                  \
    COUNTER(UPLINK_ETHERTYPE, uplink_ethertype)                                                                        \
    COUNTER(UPLINK_ARP, uplink_arp)             /* ARP that claims our address, or comes from elsewhere */             \
    COUNTER(UPLINK_MALFORMED, uplink_malformed) /* no whole IPv4 packet, or lengths that lie */                        \
    COUNTER(UPLINK_FRAGMENT, uplink_fragment)                                                                          \
    COUNTER(UPLINK_ADDRESS, uplink_address) /* for an address that is not the uplink's */                              \
    COUNTER(UPLINK_ICMP, uplink_icmp)                                                                                  \
    COUNTER(UPLINK_UNASKED, uplink_unasked) /* DHCP and DNS that we did not ask for */                                 \
    COUNTER(UPLINK_TCP, uplink_tcp)         /* TCP that belongs to no connection of ours */                            \
    COUNTER(UPLINK_PORT, uplink_port)       /* UDP to other ports than the tunnel's */                                 \
    COUNTER(UPLINK_PROTOCOL, uplink_protocol)                                                                          \
    COUNTER(UPLINK_RING_FULL, uplink_ring_full)   /* handshakes that came faster than they were taken */               \
    COUNTER(UPLINK_NO_ADDRESS, uplink_no_address) /* to be sent, without address or link */                            \
    COUNTER(                                                                                                           \
        UPLINK_NO_ROUTE,                                                                                               \
        uplink_no_route) /* to be sent past a gateway that there is not, not by IPv4, or in a shape that is not set */ \
    COUNTER(STREAM_FULL, stream_full)             /* to be sent on a stream that takes less than there is */           \
    COUNTER(UPLINK_NO_BUFFER, uplink_no_buffer)   /* to be sent, and all transmit buffers are in use */                \
    COUNTER(UPLINK_TX_FAILED, uplink_tx_failed)   /* the interface has no room */                                      \
    COUNTER(UPLINK_TX_REFUSED, uplink_tx_refused) /* what lwIP wanted to say besides DHCP and DNS */

#define LWPATH_COUNTERS(COUNTER) LWPATH_TRAFFIC(COUNTER) LWPATH_DROPS(COUNTER)

#define LWPATH_COUNTER_NUMBER(NUMBER, name) LWPATH_COUNT_##NUMBER,
typedef enum { LWPATH_COUNTERS(LWPATH_COUNTER_NUMBER) LWPATH_COUNTER_COUNT } lwpath_counter_t;
#undef LWPATH_COUNTER_NUMBER

#endif
