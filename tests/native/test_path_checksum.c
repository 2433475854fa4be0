// with: posix
#include "check.h"
#include "path_checksum.h"
#include "path_packets.h"

static uint16_t in_network_order(uint16_t native) {
    uint8_t bytes[2];
    memcpy(bytes, &native, 2);
    return wg_load16_be(bytes);
}

TEST(the_sum_is_that_of_single_bytes_for_every_length_and_alignment) {
    uint64_t random = 1;
    uint8_t data[2048 + 8];
    check_random_bytes(&random, data, sizeof(data));
    for (size_t start = 0; start < 8; start++) {
        for (size_t len = 0; len < 2048; len += len < 200 ? 1 : 37) {
            uint16_t fast = path_checksum_fold(path_checksum_add(0, data + start, len));
            CHECK_EQ(in_network_order(fast), naive_sum(data + start, len, 0));
        }
    }
}

TEST(the_longest_packet_of_ones_loses_no_carry) {
    static uint8_t data[65536];
    memset(data, 0xff, sizeof(data));
    CHECK_EQ(path_checksum_fold(path_checksum_add(0, data, sizeof(data))), 0xffff);
    data[65535] = 0xfe;
    uint16_t sum = path_checksum_fold(path_checksum_add(0, data, sizeof(data)));
    CHECK_EQ(in_network_order(sum), naive_sum(data, sizeof(data), 0));
}

TEST(sums_can_be_taken_in_pieces_of_even_length) {
    uint64_t random = 2;
    uint8_t data[300];
    check_random_bytes(&random, data, sizeof(data));
    for (size_t cut = 0; cut <= sizeof(data); cut += 2) {
        uint64_t sum = path_checksum_add(path_checksum_add(0, data, cut), data + cut, sizeof(data) - cut);
        CHECK_EQ(in_network_order(path_checksum_fold(sum)), naive_sum(data, sizeof(data), 0));
    }
}

TEST(a_written_ipv4_header_sums_to_all_ones) {
    packet_shape_t shape = {.hops = 64, .id = 77};
    uint8_t packet[64];
    write_packet(packet, &shape, 0);
    packet[8] = 63;
    CHECK(naive_sum(packet, 20, 0) != 0xffff);
    path_checksum_ipv4(packet);
    CHECK_EQ(naive_sum(packet, 20, 0), 0xffff);
}

TEST(the_pseudo_header_is_that_of_the_rfcs) {
    for (unsigned is_ipv6 = 0; is_ipv6 < 2; is_ipv6++) {
        packet_shape_t shape = {.is_ipv6 = is_ipv6 != 0, .is_udp = true, .hops = 64};
        uint8_t packet[200];
        size_t len = write_packet(packet, &shape, 100);
        uint64_t sum = path_checksum_pseudo(0, packet, 17, len - packet_ip_len(&shape));
        CHECK_EQ(in_network_order(path_checksum_fold(sum)), naive_pseudo_sum(packet, len, true));
    }
}
