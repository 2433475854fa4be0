#include "path_segment.h"

#include <string.h>

#include "path_checksum.h"
#include "wg_bytes.h"

// Finish the one checksum that the kernel left to us (CHECKSUM_PARTIAL): its field holds the pseudo header's sum.
static bool complete_checksum(const struct virtio_net_hdr *offload, uint8_t *packet, size_t len) {
    size_t start = offload->csum_start, field = start + offload->csum_offset;
    if (start > len || field + 2 > len) {
        return false;
    }
    uint16_t sum = (uint16_t)~path_checksum_fold(path_checksum_add(0, packet + start, len - start));
    if (sum == 0 && offload->csum_offset == PATH_UDP_CHECK) {
        sum = 0xffff; // zero says "no checksum" in UDP
    }
    path_checksum_store(packet + field, sum);
    return true;
}

static bool read_headers(path_segment_t *split, const struct virtio_net_hdr *offload, const uint8_t *packet,
                         size_t len) {
    size_t ip_min = split->is_ipv6 ? 40 : 20, transport_min = split->is_udp ? PATH_UDP_MIN : PATH_TCP_MIN;
    split->ip_len = offload->csum_start;
    if (split->ip_len < ip_min || len < split->ip_len + transport_min) {
        return false;
    }
    if (!split->is_ipv6 && split->ip_len != (size_t)(packet[0] & 15) * 4) {
        return false;
    }
    const uint8_t *transport = packet + split->ip_len;
    size_t transport_len = PATH_UDP_MIN, check = PATH_UDP_CHECK;
    if (!split->is_udp) {
        transport_len = (size_t)(transport[PATH_TCP_OFFSET] >> 4) * 4;
        check = PATH_TCP_CHECK;
        split->sequence = wg_load32_be(transport + PATH_TCP_SEQ);
        split->last_flags = transport[PATH_TCP_FLAGS] & (PATH_TCP_FIN | PATH_TCP_PSH);
    }
    split->header_len = split->ip_len + transport_len;
    if (transport_len < transport_min || offload->csum_offset != check || split->header_len >= len ||
        split->header_len > sizeof split->header) {
        return false;
    }
    // Take the length out of the pseudo header's sum; each segment adds its own.
    uint8_t total[2];
    wg_store16_be(total, (uint16_t)(len - split->ip_len));
    split->partial = path_checksum_load(transport + check) + (uint64_t)(uint16_t)~path_checksum_load(total);
    return true;
}

bool path_segment_begin(path_segment_t *split, const struct virtio_net_hdr *offload, uint8_t *packet, size_t len) {
    unsigned kind = offload->gso_type & (unsigned)~VIRTIO_NET_HDR_GSO_ECN;
    bool unsummed = (offload->flags & VIRTIO_NET_HDR_F_NEEDS_CSUM) != 0;
    split->packet = packet;
    split->first = true;
    split->whole = kind == VIRTIO_NET_HDR_GSO_NONE;
    if (split->whole) {
        split->left = len;
        return len > 0 && (!unsummed || complete_checksum(offload, packet, len));
    }
    if (len < 20 || !unsummed || offload->gso_size == 0) {
        return false;
    }
    split->is_ipv6 = packet[0] >> 4 == 6;
    split->is_udp = kind == VIRTIO_NET_HDR_GSO_UDP_L4;
    if (!split->is_udp && kind != (split->is_ipv6 ? VIRTIO_NET_HDR_GSO_TCPV6 : VIRTIO_NET_HDR_GSO_TCPV4)) {
        return false;
    }
    if (!read_headers(split, offload, packet, len)) {
        return false;
    }
    split->id = wg_load16_be(packet + 4);
    split->step = offload->gso_size;
    split->left = len - split->header_len;
    memcpy(split->header, packet, split->header_len);
    return true;
}

static void write_ip(path_segment_t *split, uint8_t *ip, size_t len) {
    if (split->is_ipv6) {
        wg_store16_be(ip + 4, (uint16_t)(len - 40));
        return;
    }
    wg_store16_be(ip + 2, (uint16_t)len);
    wg_store16_be(ip + 4, split->id++);
    path_checksum_ipv4(ip);
}

static void write_transport(path_segment_t *split, uint8_t *transport, size_t len, bool last) {
    uint8_t *check = transport + (split->is_udp ? PATH_UDP_CHECK : PATH_TCP_CHECK);
    uint8_t length[2];
    wg_store16_be(length, (uint16_t)len);
    if (split->is_udp) {
        memcpy(transport + PATH_UDP_LENGTH, length, 2);
    } else {
        wg_store32_be(transport + PATH_TCP_SEQ, split->sequence);
        uint8_t flags = transport[PATH_TCP_FLAGS] & (uint8_t)~(PATH_TCP_FIN | PATH_TCP_PSH);
        if (!split->first) {
            flags &= (uint8_t)~PATH_TCP_CWR; // once for each window reduction (RFC 3168 6.1.2)
        }
        transport[PATH_TCP_FLAGS] = last ? flags | split->last_flags : flags;
    }
    path_checksum_store(check, 0);
    uint64_t sum = path_checksum_add(split->partial + path_checksum_load(length), transport, len);
    uint16_t folded = (uint16_t)~path_checksum_fold(sum);
    path_checksum_store(check, split->is_udp && folded == 0 ? 0xffff : folded);
}

bool path_segment_next(path_segment_t *split, uint8_t **packet, size_t *len) {
    if (split->left == 0) {
        return false;
    }
    *packet = split->packet;
    if (split->whole) {
        *len = split->left;
        split->left = 0;
        return true;
    }
    bool last = split->left <= split->step;
    size_t payload = last ? split->left : split->step;
    *len = split->header_len + payload;
    memcpy(split->packet, split->header, split->header_len);
    write_ip(split, split->packet, *len);
    write_transport(split, split->packet + split->ip_len, *len - split->ip_len, last);
    split->packet += payload; // the header of the next one ends where its payload begins
    split->sequence += (uint32_t)payload;
    split->left -= payload;
    split->first = false;
    return true;
}
