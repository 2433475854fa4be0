// Endpoints as the socket calls want them: addresses, and control messages that name our own address.
#ifndef PATH_ADDRESS_H
#define PATH_ADDRESS_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>

#include "wg_endpoint.h"

typedef union {
    struct sockaddr any;
    struct sockaddr_in v4;
    struct sockaddr_in6 v6;
} path_address_t;

// The length of the address, or 0 if the endpoint is not known.
socklen_t path_address_store(path_address_t *address, const wg_endpoint_t *endpoint);
// The remote side of a received message; the local side is set to not known.
void path_address_load(wg_endpoint_t *endpoint, const path_address_t *address);

// Room for the control messages below, aligned as they want it.
typedef union {
    struct cmsghdr align;
    uint8_t bytes[96];
} path_control_t;

// Write the control messages that choose the source address (if it is known) and the length of the datagrams (0: only one).
// Returns their length.
size_t path_control_store(path_control_t *control, const wg_endpoint_t *endpoint, uint16_t datagram_len);
// Read the local side and the length of the joined datagrams (0: not joined) from a received message.
void path_control_load(const struct msghdr *message, wg_endpoint_t *endpoint, uint16_t *datagram_len);

#endif
