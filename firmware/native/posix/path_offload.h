// What user space and the kernel tell each other about a packet on the TUN device: struct virtio_net_hdr in native byte order,
// and the offload bits that are newer than the headers of older systems.
#ifndef PATH_OFFLOAD_H
#define PATH_OFFLOAD_H

#include <linux/if_tun.h>
#include <linux/virtio_net.h>

#ifndef TUN_F_USO4
#define TUN_F_USO4 0x20
#define TUN_F_USO6 0x40
#endif
#ifndef VIRTIO_NET_HDR_GSO_UDP_L4
#define VIRTIO_NET_HDR_GSO_UDP_L4 5
#endif

// The longest packet that the TUN device hands over: 64 KiB of payload and its headers.
#define PATH_PACKET_MAX (65536 + 256)

enum { PATH_PROTOCOL_TCP = 6, PATH_PROTOCOL_UDP = 17 };
enum { PATH_TCP_FIN = 1, PATH_TCP_SYN = 2, PATH_TCP_RST = 4, PATH_TCP_PSH = 8, PATH_TCP_ACK = 16, PATH_TCP_CWR = 128 };
// Offsets in the TCP header (RFC 9293 3.1) and the UDP header (RFC 768).
enum { PATH_TCP_SEQ = 4, PATH_TCP_OFFSET = 12, PATH_TCP_FLAGS = 13, PATH_TCP_CHECK = 16, PATH_TCP_MIN = 20 };
enum { PATH_UDP_LENGTH = 4, PATH_UDP_CHECK = 6, PATH_UDP_MIN = 8 };

#endif
