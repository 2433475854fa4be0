// with: posix
// Joining: whatever packets a peer sends, splitting what was written gives just these packets back.

#include "../path_packets.h"
#include "fuzz_input.h"
#include "path_coalesce.h"
#include "path_segment.h"

#define MOST 64
#define LONGEST 600

typedef struct {
    uint8_t bytes[LONGEST];
    size_t len;
    bool seen;
} sent_t;

static sent_t sent[MOST];
static size_t sent_count, seen_count;

// The same but for the identification of IPv4 packets that may not be fragmented, which means nothing, and its checksum.
static bool same_packet(const sent_t *a, const uint8_t *bytes, size_t len) {
    if (a->len != len) {
        return false;
    }
    if (len < 20 || bytes[0] != 0x45 || (bytes[6] & 0x40) == 0) {
        return memcmp(a->bytes, bytes, len) == 0;
    }
    return memcmp(a->bytes, bytes, 4) == 0 && memcmp(a->bytes + 6, bytes + 6, 4) == 0 &&
           memcmp(a->bytes + 12, bytes + 12, len - 12) == 0;
}

static void take_back(void *context, const struct iovec *slices, size_t count, size_t packets) {
    static uint8_t whole[PATH_PACKET_MAX];
    struct virtio_net_hdr offload;
    path_segment_t split;
    uint8_t *part;
    size_t len = 0, part_len, parts = 0;
    (void)context;
    memcpy(&offload, slices[0].iov_base, sizeof offload);
    for (size_t i = 1; i < count; i++) {
        memcpy(whole + len, slices[i].iov_base, slices[i].iov_len);
        len += slices[i].iov_len;
    }
    FUZZ_CLAIM(path_segment_begin(&split, &offload, whole, len));
    while (path_segment_next(&split, &part, &part_len)) {
        size_t i = 0;
        while (i < sent_count && (sent[i].seen || !same_packet(&sent[i], part, part_len))) {
            i++;
        }
        FUZZ_CLAIM(i < sent_count);
        sent[i].seen = true;
        seen_count++;
        parts++;
    }
    FUZZ_CLAIM(parts == packets);
}

static void mend_sums(uint8_t *packet, size_t len, const packet_shape_t *shape) {
    size_t ip_len = packet_ip_len(shape), check = ip_len + (shape->is_udp ? 6 : 16);
    if (!shape->is_ipv6) {
        wg_store16_be(packet + 10, 0);
        wg_store16_be(packet + 10, (uint16_t)~naive_sum(packet, 20, 0));
    }
    wg_store16_be(packet + check, 0);
    uint16_t sum = (uint16_t)~naive_sum(packet + ip_len, len - ip_len, naive_pseudo_sum(packet, len, shape->is_udp));
    wg_store16_be(packet + check, sum == 0 && shape->is_udp ? 0xffff : sum);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static path_coalesce_t coalesce;
    static uint8_t packets[MOST][LONGEST];
    packet_shape_t shapes[4];
    memset(shapes, 0, sizeof shapes);
    for (uint16_t i = 0; i < 4; i++) {
        shapes[i] = (packet_shape_t){.is_ipv6 = i & 1, .is_udp = i > 1, .hops = 64, .flags = 16, .source_port = i};
    }
    path_coalesce_init(&coalesce, take_back, NULL);
    sent_count = seen_count = 0;
    while (size >= 6 && sent_count < MOST) {
        // What kind, how long, and what is spoilt: a byte anywhere, with the sums mended after it or not.
        packet_shape_t *shape = &shapes[data[0] & 3];
        coalesce.join_tcp = (data[0] & 4) == 0;
        coalesce.join_udp = (data[0] & 8) == 0;
        shape->may_fragment = (data[0] & 16) != 0;
        shape->flags = (uint8_t)(16 | (data[0] >> 5 & 1) << 3);
        shape->options_len = data[1] >> 6 << 2;
        sent_t *entry = &sent[sent_count];
        uint8_t *packet = packets[sent_count++];
        size_t payload = (size_t)(data[1] & 63) * 8, len = write_packet(packet, shape, payload);
        packet[data[2] % len] ^= data[3];
        if ((data[4] & 1) != 0) {
            mend_sums(packet, len, shape);
        }
        len -= (data[4] & 2) != 0 ? data[5] % len : 0;
        memcpy(entry->bytes, packet, len);
        entry->len = len;
        entry->seen = false;
        path_coalesce_add(&coalesce, packet, len);
        shape->sequence += (uint32_t)payload;
        shape->id++;
        data += 6;
        size -= 6;
    }
    path_coalesce_flush(&coalesce);
    FUZZ_CLAIM(seen_count == sent_count);
    return 0;
}
