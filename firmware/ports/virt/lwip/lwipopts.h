// lwIP on a board: what the box itself needs of a network, and no more. Clients' packets never come here (native/lwip).
#ifndef LWIPOPTS_H
#define LWIPOPTS_H

// One thread of execution, no interrupt handlers that call lwIP.
#define NO_SYS 1
#define SYS_LIGHTWEIGHT_PROT 0
#define LWIP_NETCONN 0
#define LWIP_SOCKET 0

// IPv4 with DHCP, DNS and ping as a client. lwIP never forwards, and puts no fragments together.
#define LWIP_IPV4 1
#define LWIP_IPV6 0
#define IP_FORWARD 0
#define IP_REASSEMBLY 0
#define IP_FRAG 0
#define IP_OPTIONS_ALLOWED 0
#define LWIP_ARP 1
#define LWIP_ETHERNET 1
#define LWIP_UDP 1
#define LWIP_RAW 0
#define LWIP_ICMP 1
#define LWIP_BROADCAST_PING 0
#define LWIP_MULTICAST_PING 0
#define LWIP_IGMP 0
#define LWIP_DHCP 1
#define LWIP_DHCP_DOES_ACD_CHECK 0 // it would cost seconds at each start
#define LWIP_ACD 0
#define LWIP_AUTOIP 0
#define LWIP_DNS 1
#define DNS_MAX_SERVERS 2
#define DNS_TABLE_SIZE 2
#define DNS_MAX_NAME_LENGTH 254
#define DNS_MAX_TTL 0 // no answer outlives its look-up: the next network may give another (see lwpath_name.c)

// TCP as a client, for the one stream that may carry the tunnel (native/lwip/lwpath_tcp.c); nothing ever listens. What arrives in
// order is used up at once, where it lies: a wide window costs no memory. What arrives out of order is not kept, since the
// interfaces' buffers would be: the far end sends it again.
#define LWIP_TCP 1
#define TCP_MSS 1460
#define TCP_WND (16 * TCP_MSS)
#define TCP_QUEUE_OOSEQ 0
#define TCP_SND_BUF (4 * TCP_MSS)
#define TCP_SND_QUEUELEN 8
#define LWIP_TCP_RTO_TIME 1000      // RFC 6298, 2.1
#define LWIP_NETIF_TX_SINGLE_PBUF 1 // a segment is one piece: lwpath_transmit.c looks at all of it
#define TCP_LISTEN_BACKLOG 0
#define LWIP_TCP_KEEPALIVE 0
#define TCP_MSL 5000 // an end that was said goodbye to is heard for 10 s more
#define LWIP_HOOK_TCP_ISN(local, local_port, remote, remote_port) LWIP_RAND() // lwIP would count (RFC 6528)

// An answer that nobody asked for teaches no address (lwIP would only refresh what it knows).
#define ETHARP_TRUST_IP_MAC 0
#define ARP_TABLE_SIZE 8
#define ARP_QUEUEING 1
// A search begins before the router is known: two decoys, two initiations, two questions behind decoys of their own, and what else
// goes out meanwhile. Were the first dropped, what a network sees first would be no decoy.
#define ARP_QUEUE_LEN 10

#define LWIP_SINGLE_NETIF 0
#define LWIP_NETIF_HOSTNAME 1
#define LWIP_NETIF_API 0
#define LWIP_NETIF_STATUS_CALLBACK 1
#define LWIP_NETIF_LINK_CALLBACK 1
#define LWIP_NETIF_EXT_STATUS_CALLBACK 1
#define LWIP_NETIF_LOOPBACK 0
#define LWIP_HAVE_LOOPIF 0
#define LWIP_NUM_NETIF_CLIENT_DATA 0

// Memory: 4 KiB for what lwIP allocates itself (DHCP, DNS, ARP and ICMP messages), and what the stream has sent until it is
// acknowledged, in segments with their headers; no pool of received frames: those lie in the buffers of the interfaces.
#define MEM_ALIGNMENT 4
#define MEM_SIZE (4096 + 6 * (TCP_MSS + 96)) // lwpath_tcp.c: SEGMENTS_MAX
#define MEMP_NUM_TCP_PCB 2                   // the stream, and one before it that is saying goodbye
#define MEMP_NUM_TCP_PCB_LISTEN 0
#define MEMP_NUM_TCP_SEG TCP_SND_QUEUELEN
#define MEMP_NUM_PBUF 8
#define PBUF_POOL_SIZE 0
#define MEMP_NUM_UDP_PCB 4 // DHCP, DNS, the tunnel, one to spare
#define MEMP_NUM_ARP_QUEUE 12
#define MEMP_NUM_SYS_TIMEOUT (LWIP_NUM_SYS_TIMEOUT_INTERNAL + 1) // lwpath_silence.c
#define LWIP_SUPPORT_CUSTOM_PBUF 1

#define LWIP_CHKSUM_ALGORITHM 3
#define LWIP_STATS 0

#endif
