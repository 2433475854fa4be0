// The outer address of a peer.
#ifndef WG_ENDPOINT_H
#define WG_ENDPOINT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// A family beside 4 and 6: a byte stream of the path that carries datagrams. It has no address; port is its number.
#define WG_FAMILY_STREAM 1

typedef struct {
    uint8_t family; // 4, 6, WG_FAMILY_STREAM, or 0: not known
    uint8_t shape;  // how datagrams look there: 0: as WireGuard has them, 1: in the path's shape (wg_shape.h)
    uint16_t port;  // host byte order
    uint8_t address[16];
    uint32_t scope; // interface index of an IPv6 link-local address, else 0
    // Where the peer's last datagram arrived, so that answers leave from there (a gateway with two addresses, or several
    // ports). local_family 0: not known; local_port 0: the first.
    uint8_t local_family;
    uint16_t local_port;
    uint8_t local[16];
    uint32_t local_interface;
} wg_endpoint_t;

// Endpoints travel as bytes outside C: family | shape << 4, port (big endian), scope (big endian), 4 or 16 bytes of address, or
// none of a stream.
#define WG_ENDPOINT_MAX_LEN 23
size_t wg_endpoint_store(uint8_t out[WG_ENDPOINT_MAX_LEN], const wg_endpoint_t *endpoint);
// False: not an endpoint. endpoint is untouched then.
bool wg_endpoint_load(wg_endpoint_t *endpoint, const uint8_t *data, size_t len);
// The same address, port, scope and shape; the local side is not looked at.
bool wg_endpoint_equal(const wg_endpoint_t *a, const wg_endpoint_t *b);

#endif
