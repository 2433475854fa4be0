// with: posix
#include "check.h"
#include "path_coalesce.h"
#include "path_packets.h"
#include "path_segment.h"

enum { PACKETS = 1024, PACKET = 2048 };

// What was written to the TUN device, joined up.
typedef struct {
    struct virtio_net_hdr offload;
    uint8_t bytes[PATH_PACKET_MAX];
    size_t len, packets;
} written_t;

static written_t written[PACKETS];
static unsigned written_count;
static uint8_t packets[PACKETS][PACKET];
static path_coalesce_t coalesce;

static void write_down(void *context, const struct iovec *slices, size_t count, size_t packet_count) {
    written_t *w = &written[written_count++];
    CHECK(context == &written_count);
    CHECK_EQ(slices[0].iov_len, sizeof(w->offload));
    memcpy(&w->offload, slices[0].iov_base, sizeof(w->offload));
    w->len = 0;
    w->packets = packet_count;
    for (size_t i = 1; i < count; i++) {
        memcpy(w->bytes + w->len, slices[i].iov_base, slices[i].iov_len);
        w->len += slices[i].iov_len;
    }
}

static void begin(void) {
    path_coalesce_init(&coalesce, write_down, &written_count);
    coalesce.join_tcp = coalesce.join_udp = true;
    written_count = 0;
}

static const packet_shape_t tcp = {.hops = 64, .flags = 16, .sequence = 1000, .window = 500, .source_port = 7};

// Add count consecutive packets of 100 bytes of payload, the one with this number spoilt by change(), and flush.
static unsigned writes_after(void (*change)(packet_shape_t *shape, uint8_t *packet), unsigned which, unsigned count) {
    begin();
    packet_shape_t shape = tcp;
    for (unsigned i = 0; i < count; i++) {
        packet_shape_t here = shape;
        if (change != NULL && i == which) {
            change(&here, NULL);
        }
        size_t len = write_packet(packets[i], &here, 100);
        if (change != NULL && i == which) {
            change(&here, packets[i]);
        }
        path_coalesce_add(&coalesce, packets[i], len);
        shape.sequence += 100;
        shape.id++;
    }
    path_coalesce_flush(&coalesce);
    return written_count;
}

TEST(consecutive_segments_become_one_packet_that_the_kernel_can_split) {
    CHECK_EQ(writes_after(NULL, 0, 10), 1);
    CHECK_EQ(written[0].packets, 10);
    CHECK_EQ(written[0].len, 40 + 1000);
    CHECK_EQ(written[0].offload.flags, VIRTIO_NET_HDR_F_NEEDS_CSUM);
    CHECK_EQ(written[0].offload.gso_type, VIRTIO_NET_HDR_GSO_TCPV4);
    CHECK_EQ(written[0].offload.gso_size, 100);
    CHECK_EQ(written[0].offload.hdr_len, 40);
    CHECK_EQ(written[0].offload.csum_start, 20);
    CHECK_EQ(written[0].offload.csum_offset, 16);
    CHECK_EQ(wg_load16_be(written[0].bytes + 36), naive_pseudo_sum(written[0].bytes, 1040, false));
    CHECK_EQ(wg_load16_be(written[0].bytes + 2), 1040);
    CHECK_EQ(naive_sum(written[0].bytes, 20, 0), 0xffff);
}

static void corrupt_payload(packet_shape_t *shape, uint8_t *packet) {
    (void)shape;
    if (packet != NULL) {
        packet[77] ^= 4;
    }
}

TEST(a_packet_with_a_wrong_checksum_goes_through_alone_and_unchanged) {
    for (unsigned which = 0; which < 5; which++) {
        unsigned writes = writes_after(corrupt_payload, which, 5), wrong = 0;
        for (unsigned i = 0; i < writes; i++) {
            if (written[i].packets == 1 && !packet_sums_are_right(written[i].bytes, written[i].len, false)) {
                CHECK_EQ(written[i].offload.flags, 0);
                CHECK_BYTES(written[i].bytes, packets[which], 140);
                wrong++;
            }
        }
        CHECK_EQ(wrong, 1);
        CHECK_EQ(writes, which == 0 || which == 4 ? 2 : 3);
    }
}

static void corrupt_ip_header(packet_shape_t *shape, uint8_t *packet) {
    (void)shape;
    if (packet != NULL) {
        packet[11] ^= 1;
    }
}

TEST(a_wrong_ipv4_header_sum_is_not_mended) {
    CHECK_EQ(writes_after(corrupt_ip_header, 0, 3), 2);
    CHECK(!packet_sums_are_right(written[0].bytes, written[0].len, false));
    CHECK_EQ(writes_after(corrupt_ip_header, 1, 3), 3);
}

static void other_window(packet_shape_t *shape, uint8_t *packet) {
    (void)packet;
    shape->window++;
}
static void other_acknowledgement(packet_shape_t *shape, uint8_t *packet) {
    (void)packet;
    shape->acknowledgement++;
}
static void other_hops(packet_shape_t *shape, uint8_t *packet) {
    (void)packet;
    shape->hops++;
}
static void other_options(packet_shape_t *shape, uint8_t *packet) {
    (void)packet;
    shape->options_len = 12;
}
static void reset(packet_shape_t *shape, uint8_t *packet) {
    (void)packet;
    shape->flags |= PATH_TCP_RST;
}
static void other_sequence(packet_shape_t *shape, uint8_t *packet) {
    (void)packet;
    shape->sequence += 1;
}
static void fragmentable(packet_shape_t *shape, uint8_t *packet) {
    (void)packet;
    shape->may_fragment = true;
}

TEST(segments_that_differ_in_more_than_their_place_stay_apart) {
    void (*const changes[])(packet_shape_t *, uint8_t *) = {
        other_window, other_acknowledgement, other_hops, other_options, reset, other_sequence, fragmentable,
    };
    for (size_t i = 0; i < sizeof(changes) / sizeof(changes[0]); i++) {
        CHECK_EQ(writes_after(changes[i], 2, 5), 3);
        CHECK_EQ(written[0].packets, 2);
        CHECK_EQ(written[1].packets, 1);
        CHECK_EQ(written[2].packets, 2);
        CHECK_BYTES(written[1].bytes, packets[2], written[1].len);
    }
}

static void push(packet_shape_t *shape, uint8_t *packet) {
    (void)packet;
    shape->flags |= PATH_TCP_PSH;
}

TEST(push_ends_a_packet_and_is_kept) {
    CHECK_EQ(writes_after(push, 2, 5), 2);
    CHECK_EQ(written[0].packets, 3);
    CHECK_EQ(written[0].bytes[33], PATH_TCP_ACK | PATH_TCP_PSH);
    CHECK_EQ(written[1].bytes[33], PATH_TCP_ACK);
}

TEST(a_shorter_segment_is_the_last_and_a_longer_one_is_the_next) {
    const size_t lens[] = {100, 100, 60, 60, 100};
    packet_shape_t shape = tcp;
    begin();
    for (unsigned i = 0; i < 5; i++) {
        path_coalesce_add(&coalesce, packets[i], write_packet(packets[i], &shape, lens[i]));
        shape.sequence += (uint32_t)lens[i];
    }
    path_coalesce_flush(&coalesce);
    CHECK_EQ(written_count, 3);
    CHECK_EQ(written[0].len, 40 + 260);
    CHECK_EQ(written[1].len, 40 + 60);
    CHECK_EQ(written[2].len, 40 + 100);
}

TEST(acknowledgements_and_the_data_of_their_flow_keep_their_order) {
    packet_shape_t shape = tcp;
    begin();
    path_coalesce_add(&coalesce, packets[0], write_packet(packets[0], &shape, 100));
    shape.sequence += 100;
    path_coalesce_add(&coalesce, packets[1], write_packet(packets[1], &shape, 100));
    shape.sequence += 100;
    path_coalesce_add(&coalesce, packets[2], write_packet(packets[2], &shape, 0));
    CHECK_EQ(written_count, 2);
    CHECK_EQ(written[0].packets, 2);
    CHECK_EQ(written[1].len, 40);
}

TEST(without_the_kernels_offloads_nothing_is_joined) {
    begin();
    coalesce.join_tcp = coalesce.join_udp = false;
    for (unsigned i = 0; i < 4; i++) {
        packet_shape_t shape = tcp;
        shape.is_udp = i > 1;
        path_coalesce_add(&coalesce, packets[i], write_packet(packets[i], &shape, 100));
    }
    CHECK_EQ(written_count, 4);
}

TEST(fragments_options_and_other_protocols_go_through_as_they_are) {
    for (unsigned kind = 0; kind < 4; kind++) {
        begin();
        for (unsigned i = 0; i < 2; i++) {
            packet_shape_t shape = tcp;
            shape.sequence += i * 100;
            size_t len = write_packet(packets[i], &shape, 100);
            if (kind == 0) {
                packets[i][6] |= 0x20; // more fragments
            } else if (kind == 1) {
                packets[i][0] = 0x46;
            } else if (kind == 2) {
                packets[i][9] = 1; // ICMP
            } else {
                len--; // its length field says more
            }
            path_coalesce_add(&coalesce, packets[i], len);
            CHECK_EQ(written_count, i + 1);
            CHECK_BYTES(written[i].bytes, packets[i], len);
        }
    }
}

TEST(datagrams_of_one_size_are_joined_and_those_without_checksum_are_not) {
    for (unsigned without = 0; without < 2; without++) {
        packet_shape_t shape = {.is_udp = true, .is_ipv6 = true, .hops = 64, .source_port = 53};
        begin();
        for (unsigned i = 0; i < 5; i++) {
            size_t len = write_packet(packets[i], &shape, i == 3 ? 50 : 100);
            if (without != 0) {
                wg_store16_be(packets[i] + 46, 0);
            }
            path_coalesce_add(&coalesce, packets[i], len);
        }
        path_coalesce_flush(&coalesce);
        CHECK_EQ(written_count, without != 0 ? 5 : 2);
        CHECK_EQ(written[0].len, without != 0 ? 148 : 48 + 350);
        CHECK_EQ(written[0].offload.gso_type, without != 0 ? VIRTIO_NET_HDR_GSO_NONE : VIRTIO_NET_HDR_GSO_UDP_L4);
    }
}

TEST(a_joined_packet_is_never_longer_than_ip_allows) {
    packet_shape_t shape = tcp;
    begin();
    for (unsigned i = 0; i < 100; i++) {
        path_coalesce_add(&coalesce, packets[i], write_packet(packets[i], &shape, 1460));
        shape.sequence += 1460;
    }
    path_coalesce_flush(&coalesce);
    CHECK_EQ(written_count, 3);
    CHECK_EQ(written[0].packets, 44);
    CHECK(written[0].len <= 65535);
}

TEST(splitting_and_joining_gives_the_same_large_packet) {
    static uint8_t large[PATH_PACKET_MAX], copy[PATH_PACKET_MAX], parts[64][PACKET];
    uint64_t random = 6;
    for (unsigned i = 0; i < 300; i++) {
        packet_shape_t shape = {
            .is_ipv6 = i & 1,
            .is_udp = (i & 2) != 0,
            .may_fragment = (i & 4) != 0,
            .hops = 64,
            .id = (uint16_t)check_random(&random),
            .source_port = (uint16_t)check_random(&random),
            .sequence = (uint32_t)check_random(&random),
            .acknowledgement = (uint32_t)check_random(&random),
            .flags = (uint8_t)(16 | (check_random(&random) & 9)),
            .options_len = (uint8_t)(check_random(&random) % 11 * 4),
        };
        size_t step = 1 + check_random(&random) % 1400, header_len = packet_header_len(&shape);
        size_t payload = step + 1 + check_random(&random) % (60000 < 63 * step ? 60000 : 63 * step - 1);
        size_t len = write_packet(large, &shape, payload), check = shape.is_udp ? 6 : 16, count = 0, part_len;
        wg_store16_be(large + packet_ip_len(&shape) + check, naive_pseudo_sum(large, len, shape.is_udp));
        struct virtio_net_hdr offload = {
            .flags = VIRTIO_NET_HDR_F_NEEDS_CSUM,
            .gso_type = shape.is_udp    ? VIRTIO_NET_HDR_GSO_UDP_L4
                        : shape.is_ipv6 ? VIRTIO_NET_HDR_GSO_TCPV6
                                        : VIRTIO_NET_HDR_GSO_TCPV4,
            .hdr_len = (uint16_t)header_len,
            .gso_size = (uint16_t)step,
            .csum_start = (uint16_t)packet_ip_len(&shape),
            .csum_offset = (uint16_t)check,
        };
        path_segment_t split;
        uint8_t *part;
        memcpy(copy, large, len);
        begin();
        CHECK(path_segment_begin(&split, &offload, copy, len));
        while (path_segment_next(&split, &part, &part_len)) {
            memcpy(parts[count], part, part_len);
            path_coalesce_add(&coalesce, parts[count++], part_len);
        }
        path_coalesce_flush(&coalesce);
        CHECK_EQ(written_count, 1);
        CHECK_EQ(written[0].len, len);
        CHECK_BYTES(written[0].bytes, large, len);
        CHECK_BYTES(&written[0].offload, &offload, sizeof(offload));
    }
}

// Split everything that was written again, and compare with the packets of each flow in their order.
static void check_flows(unsigned flows, const size_t *lens, unsigned count) {
    unsigned next[64] = {0};
    for (unsigned w = 0; w < written_count; w++) {
        path_segment_t split;
        uint8_t *part;
        size_t part_len;
        CHECK(path_segment_begin(&split, &written[w].offload, written[w].bytes, written[w].len));
        while (path_segment_next(&split, &part, &part_len)) {
            unsigned flow = wg_load16_be(part + (part[0] >> 4 == 6 ? 40 : 20)) % flows;
            while (next[flow] % flows != flow) {
                next[flow]++;
            }
            unsigned i = next[flow];
            CHECK(i < count);
            CHECK_EQ(part_len, lens[i]);
            CHECK_BYTES(part, packets[i], part_len);
            next[flow] += flows;
        }
    }
    unsigned seen = 0;
    for (unsigned flow = 0; flow < flows; flow++) {
        seen += (next[flow] + flows - 1 - flow) / flows;
    }
    CHECK_EQ(seen, count);
}

TEST(many_flows_with_losses_and_repeats_come_out_as_they_went_in) {
    static uint8_t sent[PACKETS][PACKET];
    size_t lens[PACKETS];
    uint64_t random = 7;
    for (unsigned flows = 1; flows < 64; flows += 7) { // also more than there are groups
        packet_shape_t shapes[64];
        memset(shapes, 0, sizeof(shapes));
        begin();
        for (unsigned i = 0; i < 640; i++) {
            packet_shape_t *shape = &shapes[i % flows];
            uint64_t dice = check_random(&random);
            shape->is_ipv6 = i % flows % 2 != 0;
            shape->is_udp = i % flows % 3 == 2;
            shape->hops = 64;
            shape->source_port = (uint16_t)(flows * 100 + i % flows);
            shape->flags = (uint8_t)(16 | (dice % 16 == 0 ? 8 : 0) | (dice % 64 == 1 ? 2 : 0));
            shape->sequence -= dice % 32 == 2 ? 100 : 0;
            size_t payload = dice % 8 == 3 ? (dice >> 16) % 100 : 100;
            lens[i] = write_packet(packets[i], shape, payload);
            shape->sequence += (uint32_t)payload;
            shape->id++;
            memcpy(sent[i], packets[i], lens[i]);
            path_coalesce_add(&coalesce, sent[i], lens[i]);
        }
        path_coalesce_flush(&coalesce);
        CHECK(flows > 1 || written_count < 640 / 2);
        check_flows(flows, lens, 640);
    }
}
