// lwIP as ESP-IDF has it, as far as it matters here (firmware/ports/esp32/idf_declarations/lwip/lwipopts.h), on threads of this
// machine, with its assertions.
#ifndef TEST_LWIPOPTS_H
#define TEST_LWIPOPTS_H

#define NO_SYS 0
#define SYS_LIGHTWEIGHT_PROT 1
#define LWIP_TCPIP_CORE_LOCKING 1
#define LWIP_TCPIP_CORE_LOCKING_INPUT 0
#define LWIP_NETCONN 0
#define LWIP_SOCKET 0
#define LWIP_TCP 1
#define LWIP_RAW 0
#define LWIP_IPV4 1
#define LWIP_IPV6 1
#define IP_FORWARD 0
#define IP_REASSEMBLY 0
#define IP_FRAG 0
#define LWIP_IPV6_REASS 0
#define LWIP_IPV6_FRAG 0
#define ARP_QUEUEING 1
#define ARP_QUEUE_LEN 3
#define LWIP_DHCP 1
#define LWIP_DHCP_DOES_ACD_CHECK 0
#define LWIP_ACD 0
#define LWIP_DNS 1
#define DNS_MAX_SERVERS 3
#define LWIP_NETIF_EXT_STATUS_CALLBACK 1
#define LWIP_NETIF_HOSTNAME 1
#define LWIP_NUM_NETIF_CLIENT_DATA 1
#define LWIP_SUPPORT_CUSTOM_PBUF 1
#define LWIP_NETIF_LOOPBACK 0
#define LWIP_HAVE_LOOPIF 0
#define MEM_LIBC_MALLOC 1
#define MEMP_MEM_MALLOC 1
#define MEM_ALIGNMENT 8
#define TCPIP_MBOX_SIZE 64
#define LWIP_STATS 0

// Counts the messages of lwIP's task, and knows it when an assertion asks who holds the lock.
void street_task_is_alive(void);
void street_mark_task(void);
void street_check_lock(void);
#define LWIP_TCPIP_THREAD_ALIVE() street_task_is_alive()
#define LWIP_MARK_TCPIP_THREAD() street_mark_task()
#define LWIP_ASSERT_CORE_LOCKED() street_check_lock()

#endif
