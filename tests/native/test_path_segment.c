// with: posix
#include "check.h"
#include "path_packets.h"
#include "path_segment.h"

static uint8_t packet[PATH_PACKET_MAX];
static uint8_t whole[PATH_PACKET_MAX];

// Write a large packet as the kernel hands it over: the checksum field holds the pseudo header's sum.
static size_t write_large(const packet_shape_t *shape, size_t payload_len, uint16_t step,
                          struct virtio_net_hdr *offload) {
    size_t len = write_packet(packet, shape, payload_len), ip_len = packet_ip_len(shape);
    size_t check = shape->is_udp ? 6 : 16;
    wg_store16_be(packet + ip_len + check, naive_pseudo_sum(packet, len, shape->is_udp));
    *offload = (struct virtio_net_hdr){
        .flags = VIRTIO_NET_HDR_F_NEEDS_CSUM,
        .gso_type = VIRTIO_NET_HDR_GSO_UDP_L4,
        .hdr_len = (uint16_t)packet_header_len(shape),
        .gso_size = step,
        .csum_start = (uint16_t)ip_len,
        .csum_offset = (uint16_t)check,
    };
    if (!shape->is_udp) {
        offload->gso_type = shape->is_ipv6 ? VIRTIO_NET_HDR_GSO_TCPV6 : VIRTIO_NET_HDR_GSO_TCPV4;
    }
    memcpy(whole, packet, len);
    return len;
}

// Split what write_large() wrote, and compare each part with the packet that a sender without offloads would have made.
static unsigned check_split(packet_shape_t shape, size_t payload_len, uint16_t step) {
    static uint8_t expected[PATH_PACKET_MAX];
    struct virtio_net_hdr offload;
    path_segment_t split;
    size_t len = write_large(&shape, payload_len, step, &offload), part_len, done = 0;
    uint8_t *part, flags = shape.flags;
    unsigned parts = 0;
    CHECK(path_segment_begin(&split, &offload, packet, len));
    while (path_segment_next(&split, &part, &part_len)) {
        size_t here = payload_len - done < step ? payload_len - done : step;
        bool last = done + here == payload_len;
        shape.flags = (uint8_t)(flags & (last ? 0xff : ~9) & (done == 0 ? 0xff : ~128));
        CHECK_EQ(write_packet(expected, &shape, here), part_len);
        CHECK_BYTES(part, expected, part_len);
        CHECK(packet_sums_are_right(part, part_len, shape.is_udp));
        shape.sequence += (uint32_t)here;
        shape.id++;
        done += here;
        parts++;
    }
    CHECK_EQ(done, payload_len);
    return parts;
}

TEST(large_tcp_packets_become_those_of_a_sender_without_offloads) {
    uint64_t random = 3;
    for (unsigned i = 0; i < 400; i++) {
        packet_shape_t shape = {
            .is_ipv6 = i & 1,
            .hops = 64,
            .id = (uint16_t)check_random(&random),
            .may_fragment = (i & 2) != 0,
            .source_port = (uint16_t)check_random(&random),
            .sequence = (uint32_t)check_random(&random), // wraps, now and then
            .acknowledgement = (uint32_t)check_random(&random),
            .window = (uint16_t)check_random(&random),
            .flags = (uint8_t)(16 | (check_random(&random) & (1 | 8 | 128))),
            .options_len = (uint8_t)(check_random(&random) % 11 * 4),
        };
        uint16_t step = (uint16_t)(1 + check_random(&random) % (i < 100 ? 60 : 9000));
        size_t payload_len = 1 + check_random(&random) % (i < 100 ? 3000 : 65400);
        CHECK_EQ(check_split(shape, payload_len, step), (payload_len + step - 1) / step);
    }
}

TEST(large_udp_packets_become_datagrams) {
    uint64_t random = 4;
    for (unsigned i = 0; i < 200; i++) {
        packet_shape_t shape = {.is_ipv6 = i & 1, .is_udp = true, .hops = 64};
        shape.id = shape.source_port = (uint16_t)check_random(&random);
        shape.sequence = (uint32_t)check_random(&random);
        check_split(shape, 1 + check_random(&random) % 65400, (uint16_t)(1 + check_random(&random) % 1472));
    }
}

TEST(a_packet_of_usual_size_is_handed_out_once_and_only_summed) {
    for (unsigned i = 0; i < 4; i++) {
        packet_shape_t shape = {.is_ipv6 = i & 1, .is_udp = i > 1, .hops = 64, .flags = 16, .sequence = 5};
        static uint8_t expected[2000];
        struct virtio_net_hdr offload;
        path_segment_t split;
        uint8_t *part;
        size_t part_len, len = write_large(&shape, 1001, 1400, &offload);
        offload.gso_type = VIRTIO_NET_HDR_GSO_NONE;
        write_packet(expected, &shape, 1001);
        CHECK(path_segment_begin(&split, &offload, packet, len));
        CHECK(path_segment_next(&split, &part, &part_len));
        CHECK_EQ(part_len, len);
        CHECK_BYTES(part, expected, len);
        CHECK(!path_segment_next(&split, &part, &part_len));
    }
}

TEST(a_packet_without_offloads_stays_as_it_is) {
    struct virtio_net_hdr offload = {0};
    path_segment_t split;
    uint8_t bytes[3] = {1, 2, 3}, *part;
    size_t len;
    CHECK(path_segment_begin(&split, &offload, bytes, sizeof(bytes)));
    CHECK(path_segment_next(&split, &part, &len));
    CHECK_EQ(len, 3);
    CHECK_BYTES(part, ((const uint8_t[]){1, 2, 3}), 3);
    CHECK(!path_segment_next(&split, &part, &len));
    CHECK(!path_segment_begin(&split, &offload, bytes, 0));
}

TEST(a_udp_sum_of_zero_is_sent_as_all_ones) {
    // Two payload bytes are chosen so that the sum over everything is zero.
    packet_shape_t shape = {.is_udp = true, .hops = 64, .source_port = 1};
    struct virtio_net_hdr offload;
    path_segment_t split;
    uint8_t *part;
    size_t part_len, len = write_large(&shape, 4, 2, &offload);
    wg_store16_be(packet + 28, 0);
    wg_store16_be(packet + 26, (uint16_t)~naive_sum(packet + 20, 6, naive_pseudo_sum(packet, 30, true)));
    offload.gso_type = VIRTIO_NET_HDR_GSO_NONE;
    wg_store16_be(packet + 26, naive_pseudo_sum(packet, len, true));
    wg_store16_be(packet + 30, 0);
    uint16_t rest = naive_sum(packet + 20, len - 20, 0);
    wg_store16_be(packet + 30, (uint16_t)~rest);
    CHECK(path_segment_begin(&split, &offload, packet, len));
    CHECK(path_segment_next(&split, &part, &part_len));
    CHECK_EQ(wg_load16_be(part + 26), 0xffff);
}

TEST(headers_that_contradict_the_packet_are_refused) {
    packet_shape_t shape = {.hops = 64, .flags = 16};
    struct virtio_net_hdr good, bad;
    path_segment_t split;
    size_t len = write_large(&shape, 3000, 1000, &good);
    CHECK(path_segment_begin(&split, &good, packet, len));
    bad = good, bad.gso_size = 0;
    CHECK(!path_segment_begin(&split, &bad, packet, len));
    bad = good, bad.flags = 0;
    CHECK(!path_segment_begin(&split, &bad, packet, len));
    bad = good, bad.gso_type = VIRTIO_NET_HDR_GSO_TCPV6;
    CHECK(!path_segment_begin(&split, &bad, packet, len));
    bad = good, bad.gso_type = VIRTIO_NET_HDR_GSO_UDP;
    CHECK(!path_segment_begin(&split, &bad, packet, len));
    bad = good, bad.csum_start = 24;
    CHECK(!path_segment_begin(&split, &bad, packet, len));
    bad = good, bad.csum_offset = 6;
    CHECK(!path_segment_begin(&split, &bad, packet, len));
    CHECK(!path_segment_begin(&split, &good, packet, 39));
    bad = good, bad.gso_type = VIRTIO_NET_HDR_GSO_NONE, bad.csum_start = (uint16_t)len;
    CHECK(!path_segment_begin(&split, &bad, packet, len));
    packet[32] = 0x40; // a TCP header of 16 bytes
    CHECK(!path_segment_begin(&split, &good, packet, len));
}

TEST(random_headers_never_reach_beyond_the_packet) {
    uint64_t random = 5;
    unsigned accepted = 0;
    for (unsigned i = 0; i < 20000; i++) {
        packet_shape_t shape = {.is_ipv6 = i & 1, .is_udp = (i & 2) != 0, .hops = 64, .flags = 16};
        struct virtio_net_hdr offload;
        path_segment_t split;
        size_t len =
            write_large(&shape, 1 + check_random(&random) % 200, (uint16_t)(1 + check_random(&random) % 99), &offload);
        for (unsigned spoil = (unsigned)(check_random(&random) % 3); spoil > 0; spoil--) {
            uint64_t dice = check_random(&random);
            if ((dice & 1) != 0) {
                ((uint8_t *)&offload)[(dice >> 8) % sizeof(offload)] = (uint8_t)(dice >> 32);
            } else {
                packet[(dice >> 8) % 64] = (uint8_t)(dice >> 32);
            }
        }
        uint8_t *exact = malloc(len), *part; // its ends are watched by ASan
        size_t part_len, total = 0;
        memcpy(exact, packet, len);
        if (path_segment_begin(&split, &offload, exact, len)) {
            while (path_segment_next(&split, &part, &part_len)) {
                CHECK(part >= exact && part + part_len <= exact + len);
                total += part_len;
            }
            CHECK(total >= len);
            accepted++;
        }
        free(exact);
    }
    CHECK(accepted > 1000);
}
