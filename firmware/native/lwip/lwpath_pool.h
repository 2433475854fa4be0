// Transmit buffers: a fixed number, each with room for any frame. They are pbufs, so that lwIP and drivers can hold on to them;
// one comes back when its last holder lets go of it.
#ifndef LWPATH_POOL_H
#define LWPATH_POOL_H

#include <stddef.h>
#include <stdint.h>

#include "lwip/pbuf.h"
#include "lwpath_frame.h"

#ifndef LWPATH_BUFFERS
#define LWPATH_BUFFERS 20
#endif
// So many are kept from clients' packets, for what holds up the tunnel and the LAN: handshakes, keepalives, DHCP.
#define LWPATH_BUFFERS_KEPT 4
// Two bytes in front put the IPv4 header, and the ciphertext behind it, at addresses of whole words.
#define LWPATH_BUFFER_PADDING 2
#define LWPATH_MTU 1500
#define LWPATH_BUFFER_SIZE ((LWPATH_BUFFER_PADDING + LWPATH_ETHERNET_LEN + LWPATH_MTU + 3) / 4 * 4)

typedef struct lwpath_buffer {
    struct pbuf_custom custom; // first: a pbuf that is given back is this buffer
    struct lwpath_buffer *next;
    _Alignas(4) uint8_t bytes[LWPATH_BUFFER_SIZE];
} lwpath_buffer_t;

void lwpath_pool_init(void);
// A buffer that becomes a pbuf by lwpath_pool_packet(), and comes back by pbuf_free(); NULL: all are in use.
lwpath_buffer_t *lwpath_pool_take(void);
// The same for what a client has sent or caused; NULL: only those that are kept are left.
lwpath_buffer_t *lwpath_pool_take_for_client(void);
// Give it back without having made it a pbuf.
void lwpath_pool_give(lwpath_buffer_t *buffer);
// The buffer as a pbuf whose payload is len bytes from its IPv4 header.
struct pbuf *lwpath_pool_packet(lwpath_buffer_t *buffer, size_t len);

static inline uint8_t *lwpath_buffer_packet(lwpath_buffer_t *buffer) {
    return buffer->bytes + LWPATH_BUFFER_PADDING + LWPATH_ETHERNET_LEN;
}

#endif
