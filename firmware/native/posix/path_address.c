#define _GNU_SOURCE
#include "path_address.h"

#include <netinet/udp.h>
#include <string.h>

#ifndef UDP_SEGMENT
#define UDP_SEGMENT 103
#define UDP_GRO 104
#endif

socklen_t path_address_store(path_address_t *address, const wg_endpoint_t *endpoint) {
    memset(address, 0, sizeof *address);
    if (endpoint->family == 4) {
        address->v4.sin_family = AF_INET;
        address->v4.sin_port = htons(endpoint->port);
        memcpy(&address->v4.sin_addr, endpoint->address, 4);
        return sizeof address->v4;
    }
    if (endpoint->family == 6) {
        address->v6.sin6_family = AF_INET6;
        address->v6.sin6_port = htons(endpoint->port);
        address->v6.sin6_scope_id = endpoint->scope;
        memcpy(&address->v6.sin6_addr, endpoint->address, 16);
        return sizeof address->v6;
    }
    return 0;
}

void path_address_load(wg_endpoint_t *endpoint, const path_address_t *address) {
    memset(endpoint, 0, sizeof *endpoint);
    if (address->any.sa_family == AF_INET) {
        endpoint->family = 4;
        endpoint->port = ntohs(address->v4.sin_port);
        memcpy(endpoint->address, &address->v4.sin_addr, 4);
    } else if (address->any.sa_family == AF_INET6) {
        endpoint->family = 6;
        endpoint->port = ntohs(address->v6.sin6_port);
        endpoint->scope = address->v6.sin6_scope_id;
        memcpy(endpoint->address, &address->v6.sin6_addr, 16);
    }
}

static size_t append(path_control_t *control, size_t used, int level, int type, const void *data, size_t len) {
    struct cmsghdr *header = (struct cmsghdr *)(void *)(control->bytes + used);
    header->cmsg_level = level;
    header->cmsg_type = type;
    header->cmsg_len = CMSG_LEN(len);
    memcpy(CMSG_DATA(header), data, len);
    return used + CMSG_SPACE(len);
}

size_t path_control_store(path_control_t *control, const wg_endpoint_t *endpoint, uint16_t datagram_len) {
    size_t used = 0;
    memset(control, 0, sizeof *control);
    // The address alone and not the interface: routing may have moved to another one.
    if (endpoint->local_family == 4 && endpoint->family == 4) {
        struct in_pktinfo info = {0};
        memcpy(&info.ipi_spec_dst, endpoint->local, 4);
        used = append(control, used, IPPROTO_IP, IP_PKTINFO, &info, sizeof info);
    } else if (endpoint->local_family == 6 && endpoint->family == 6) {
        struct in6_pktinfo info = {0};
        memcpy(&info.ipi6_addr, endpoint->local, 16);
        info.ipi6_ifindex = endpoint->scope != 0 ? endpoint->local_interface : 0;
        used = append(control, used, IPPROTO_IPV6, IPV6_PKTINFO, &info, sizeof info);
    }
    if (datagram_len != 0) {
        used = append(control, used, SOL_UDP, UDP_SEGMENT, &datagram_len, sizeof datagram_len);
    }
    return used;
}

void path_control_load(const struct msghdr *message, wg_endpoint_t *endpoint, uint16_t *datagram_len) {
    *datagram_len = 0;
    // CMSG_NXTHDR() is declared without const.
    struct msghdr *walk = (struct msghdr *)(uintptr_t)message;
    for (struct cmsghdr *header = CMSG_FIRSTHDR(walk); header != NULL; header = CMSG_NXTHDR(walk, header)) {
        if (header->cmsg_level == IPPROTO_IP && header->cmsg_type == IP_PKTINFO) {
            struct in_pktinfo info;
            memcpy(&info, CMSG_DATA(header), sizeof info);
            endpoint->local_family = 4;
            endpoint->local_interface = (uint32_t)info.ipi_ifindex;
            memcpy(endpoint->local, &info.ipi_spec_dst, 4);
        } else if (header->cmsg_level == IPPROTO_IPV6 && header->cmsg_type == IPV6_PKTINFO) {
            struct in6_pktinfo info;
            memcpy(&info, CMSG_DATA(header), sizeof info);
            endpoint->local_family = 6;
            endpoint->local_interface = info.ipi6_ifindex;
            memcpy(endpoint->local, &info.ipi6_addr, 16);
        } else if (header->cmsg_level == SOL_UDP && header->cmsg_type == UDP_GRO) {
            int len;
            memcpy(&len, CMSG_DATA(header), sizeof len);
            *datagram_len = (uint16_t)len;
        }
    }
}
