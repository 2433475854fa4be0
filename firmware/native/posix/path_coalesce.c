#include "path_coalesce.h"

#include <string.h>

#include "path_checksum.h"
#include "wg_bytes.h"

// What matters of a packet that could be joined.
typedef struct {
    uint8_t *packet;
    size_t len;
    uint16_t ip_len, header_len, payload_len;
    uint8_t flags; // of TCP
    bool is_ipv6, is_udp;
    bool is_flow;   // has ports, so that others must not overtake it
    bool can_begin; // may be joined with others
} path_candidate_t;

void path_coalesce_init(path_coalesce_t *coalesce, path_coalesce_write_t *write, void *context) {
    memset(coalesce, 0, sizeof *coalesce);
    coalesce->write = write;
    coalesce->context = context;
}

static void look_at_tcp(path_candidate_t *c) {
    const uint8_t *tcp = c->packet + c->ip_len;
    size_t header_len = c->ip_len + (size_t)(tcp[PATH_TCP_OFFSET] >> 4) * 4;
    if (c->len < (size_t)c->ip_len + PATH_TCP_MIN || header_len < (size_t)c->ip_len + PATH_TCP_MIN ||
        header_len > c->len) {
        return;
    }
    c->is_flow = true;
    c->header_len = (uint16_t)header_len;
    c->payload_len = (uint16_t)(c->len - header_len);
    c->flags = tcp[PATH_TCP_FLAGS];
    c->can_begin = c->payload_len > 0 && (c->flags & ~(PATH_TCP_FIN | PATH_TCP_PSH)) == PATH_TCP_ACK;
}

static void look_at_udp(path_candidate_t *c) {
    const uint8_t *udp = c->packet + c->ip_len;
    if (c->len < (size_t)c->ip_len + PATH_UDP_MIN) {
        return;
    }
    c->is_flow = true;
    c->header_len = (uint16_t)(c->ip_len + PATH_UDP_MIN);
    c->payload_len = (uint16_t)(c->len - c->header_len);
    c->can_begin = c->payload_len > 0 && wg_load16_be(udp + PATH_UDP_LENGTH) == c->len - c->ip_len &&
                   path_checksum_load(udp + PATH_UDP_CHECK) != 0;
}

static path_candidate_t look_at(uint8_t *packet, size_t len) {
    path_candidate_t c = {.packet = packet, .len = len};
    uint8_t protocol;
    // IPv4 options, IPv6 extensions and fragments go through as they are.
    if (len >= 20 && packet[0] == 0x45 && (wg_load16_be(packet + 6) & 0xbfff) == 0 && wg_load16_be(packet + 2) == len) {
        c.ip_len = 20;
        protocol = packet[9];
    } else if (len >= 40 && packet[0] >> 4 == 6 && wg_load16_be(packet + 4) == len - 40) {
        c.ip_len = 40;
        c.is_ipv6 = true;
        protocol = packet[6];
    } else {
        return c;
    }
    if (protocol == PATH_PROTOCOL_TCP && len >= (size_t)c.ip_len + PATH_TCP_MIN) {
        look_at_tcp(&c);
    } else if (protocol == PATH_PROTOCOL_UDP) {
        c.is_udp = true;
        look_at_udp(&c);
    }
    return c;
}

static bool sum_is_right(const uint8_t *packet, size_t len, size_t ip_len, bool is_udp) {
    uint8_t protocol = is_udp ? PATH_PROTOCOL_UDP : PATH_PROTOCOL_TCP;
    uint64_t sum = path_checksum_pseudo(0, packet, protocol, len - ip_len);
    if (ip_len == 20 && path_checksum_fold(path_checksum_add(0, packet, 20)) != 0xffff) {
        return false; // a header that the kernel would refuse must not be mended by us
    }
    return path_checksum_fold(path_checksum_add(sum, packet + ip_len, len - ip_len)) == 0xffff;
}

static bool same_flow(const path_group_t *group, const path_candidate_t *c) {
    if (group->is_ipv6 != c->is_ipv6 || group->is_udp != c->is_udp) {
        return false;
    }
    const uint8_t *a = group->first, *b = c->packet;
    if (memcmp(a + group->ip_len, b + c->ip_len, 4) != 0) {
        return false;
    }
    return c->is_ipv6 ? memcmp(a + 8, b + 8, 32) == 0 : memcmp(a + 12, b + 12, 8) == 0;
}

static bool same_ip_fields(const path_group_t *group, const path_candidate_t *c) {
    const uint8_t *a = group->first, *b = c->packet;
    if (c->is_ipv6) {
        return memcmp(a, b, 4) == 0 && a[7] == b[7]; // class and flow label; hop limit
    }
    bool dont_fragment = (b[6] & 0x40) != 0;
    uint16_t id = (uint16_t)(wg_load16_be(a + 4) + group->count);
    // With DF the identification means nothing (RFC 6864 4.1).
    return a[1] == b[1] && a[6] == b[6] && a[8] == b[8] && (dont_fragment || wg_load16_be(b + 4) == id);
}

static bool same_tcp_fields(const path_group_t *group, const path_candidate_t *c) {
    const uint8_t *a = group->first + group->ip_len, *b = c->packet + c->ip_len;
    size_t options = PATH_TCP_MIN, header_len = (size_t)(c->header_len - c->ip_len);
    return group->header_len == c->header_len && wg_load32_be(b + PATH_TCP_SEQ) == group->sequence &&
           memcmp(a + 8, b + 8, 5) == 0 &&   // acknowledgement, offset
           memcmp(a + 14, b + 14, 2) == 0 && // window
           memcmp(a + 18, b + 18, 2) == 0 && // urgent pointer
           memcmp(a + options, b + options, header_len - options) == 0;
}

static bool can_join(path_group_t *group, const path_candidate_t *c) {
    if (group->closed || !c->can_begin || c->payload_len > group->size || group->count == PATH_GROUP_PACKETS ||
        group->total_len + c->payload_len > 65535 || !same_ip_fields(group, c) ||
        (!c->is_udp && !same_tcp_fields(group, c))) {
        return false;
    }
    if (!group->summed) {
        if (!sum_is_right(group->first, group->first_len, group->ip_len, group->is_udp)) {
            return false;
        }
        group->summed = true;
    }
    return sum_is_right(c->packet, c->len, c->ip_len, c->is_udp);
}

static void join(path_group_t *group, const path_candidate_t *c) {
    group->count++;
    group->slices[group->count] = (struct iovec){.iov_base = c->packet + c->header_len, .iov_len = c->payload_len};
    group->total_len += c->payload_len;
    group->sequence += c->payload_len;
    group->end_flags = c->flags & (PATH_TCP_FIN | PATH_TCP_PSH);
    group->closed = c->payload_len < group->size || group->end_flags != 0;
}

static void begin(path_group_t *group, const path_candidate_t *c) {
    group->first = c->packet;
    group->first_len = c->len;
    group->total_len = c->len;
    group->ip_len = c->ip_len;
    group->header_len = c->header_len;
    group->size = c->payload_len;
    group->count = 1;
    group->sequence = c->is_udp ? 0 : wg_load32_be(c->packet + c->ip_len + PATH_TCP_SEQ) + c->payload_len;
    group->end_flags = c->flags & (PATH_TCP_FIN | PATH_TCP_PSH);
    group->is_udp = c->is_udp;
    group->is_ipv6 = c->is_ipv6;
    group->closed = group->end_flags != 0;
    group->summed = false;
    memset(&group->offload, 0, sizeof group->offload);
    group->slices[1] = (struct iovec){.iov_base = c->packet, .iov_len = c->len};
}

// Make the first header the header of all, and leave the sum over the payload to the kernel or its hardware.
static void write_joined_header(path_group_t *group) {
    uint8_t *ip = group->first, *transport = ip + group->ip_len;
    uint16_t transport_len = (uint16_t)(group->total_len - group->ip_len);
    unsigned kind, check;
    if (group->is_ipv6) {
        wg_store16_be(ip + 4, (uint16_t)(group->total_len - 40));
    } else {
        wg_store16_be(ip + 2, (uint16_t)group->total_len);
        path_checksum_ipv4(ip);
    }
    if (group->is_udp) {
        wg_store16_be(transport + PATH_UDP_LENGTH, transport_len);
        kind = VIRTIO_NET_HDR_GSO_UDP_L4;
        check = PATH_UDP_CHECK;
    } else {
        transport[PATH_TCP_FLAGS] |= group->end_flags;
        kind = group->is_ipv6 ? VIRTIO_NET_HDR_GSO_TCPV6 : VIRTIO_NET_HDR_GSO_TCPV4;
        check = PATH_TCP_CHECK;
    }
    uint64_t sum = path_checksum_pseudo(0, ip, group->is_udp ? PATH_PROTOCOL_UDP : PATH_PROTOCOL_TCP, transport_len);
    path_checksum_store(transport + check, path_checksum_fold(sum));
    group->offload.flags = VIRTIO_NET_HDR_F_NEEDS_CSUM;
    group->offload.gso_type = (uint8_t)kind;
    group->offload.hdr_len = group->header_len;
    group->offload.gso_size = group->size;
    group->offload.csum_start = group->ip_len;
    group->offload.csum_offset = (uint16_t)check;
}

static void write_group(path_coalesce_t *coalesce, path_group_t *group) {
    if (group->count > 1) {
        write_joined_header(group);
    }
    group->slices[0] = (struct iovec){.iov_base = &group->offload, .iov_len = sizeof group->offload};
    coalesce->write(coalesce->context, group->slices, group->count + 1U, group->count);
    group->count = 0;
}

static void write_alone(path_coalesce_t *coalesce, uint8_t *packet, size_t len) {
    struct virtio_net_hdr offload = {0};
    const struct iovec slices[2] = {
        {.iov_base = &offload, .iov_len = sizeof offload},
        {.iov_base = packet, .iov_len = len},
    };
    coalesce->write(coalesce->context, slices, 2, 1);
}

void path_coalesce_add(path_coalesce_t *coalesce, uint8_t *packet, size_t len) {
    path_candidate_t c = look_at(packet, len);
    if (!c.is_flow || !(c.is_udp ? coalesce->join_udp : coalesce->join_tcp)) {
        write_alone(coalesce, packet, len);
        return;
    }
    path_group_t *group = NULL;
    for (unsigned i = 0; i < coalesce->used; i++) {
        if (coalesce->groups[i].count > 0 && same_flow(&coalesce->groups[i], &c)) {
            group = &coalesce->groups[i];
            break;
        }
    }
    if (group != NULL && can_join(group, &c)) {
        join(group, &c);
        return;
    }
    if (group != NULL) {
        write_group(coalesce, group);
    }
    if (!c.can_begin) {
        write_alone(coalesce, packet, len);
        return;
    }
    if (group == NULL) {
        if (coalesce->used == PATH_GROUPS) {
            path_coalesce_flush(coalesce);
        }
        group = &coalesce->groups[coalesce->used++];
    }
    begin(group, &c);
}

void path_coalesce_flush(path_coalesce_t *coalesce) {
    for (unsigned i = 0; i < coalesce->used; i++) {
        if (coalesce->groups[i].count > 0) {
            write_group(coalesce, &coalesce->groups[i]);
        }
    }
    coalesce->used = 0;
}
