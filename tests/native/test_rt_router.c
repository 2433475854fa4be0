// with: router
// What passes between LAN and tunnel, and how it looks then.

#include "check.h"
#include "rt_lab.h"

static lab_t lab;

static void open_lab(void) {
    CHECK(lab_open(&lab));
}

TEST(a_udp_packet_leaves_with_our_address_and_the_answer_comes_back) {
    open_lab();
    CHECK_EQ(lab_udp_out(&lab, client(2), 40000, LAB_SERVER, 4433), RT_OK);
    CHECK(sums_are_right(lab.packet, lab.len));
    CHECK_EQ(source_of(lab.packet), LAB_TUNNEL);
    CHECK_EQ(destination_of(lab.packet), LAB_SERVER);
    CHECK_EQ(destination_port_of(lab.packet), 4433);
    CHECK_EQ(lab.packet[8], 63);
    CHECK_EQ(lab_udp_in(&lab, LAB_SERVER, 4433, source_port_of(lab.packet)), RT_OK);
    CHECK(sums_are_right(lab.packet, lab.len));
    CHECK_EQ(source_of(lab.packet), LAB_SERVER);
    CHECK_EQ(destination_of(lab.packet), client(2));
    CHECK_EQ(destination_port_of(lab.packet), 40000);
    CHECK_EQ(lab.packet[8], 63);
    CHECK_EQ(lab.router.counts[RT_OK], 2);
}

TEST(a_tcp_segment_leaves_with_our_address_and_the_answer_comes_back) {
    open_lab();
    CHECK_EQ(lab_tcp_out(&lab, client(2), 40000, (segment_t){.flags = SYN, .data_len = 3}), RT_OK);
    CHECK(sums_are_right(lab.packet, lab.len));
    CHECK_EQ(source_of(lab.packet), LAB_TUNNEL);
    CHECK_EQ(lab_tcp_in(&lab, source_port_of(lab.packet), (segment_t){.flags = SYN | ACK, .data_len = 5}), RT_OK);
    CHECK(sums_are_right(lab.packet, lab.len));
    CHECK_EQ(destination_of(lab.packet), client(2));
    CHECK_EQ(destination_port_of(lab.packet), 40000);
}

TEST(an_echo_is_answered_under_its_own_identifier) {
    open_lab();
    lab.len = write_echo(lab.packet, client(2), LAB_SERVER, false, 77, 56);
    CHECK_EQ(lab_out(&lab), RT_OK);
    CHECK(sums_are_right(lab.packet, lab.len));
    uint16_t first = echo_id_of(lab.packet);
    lab.len = write_echo(lab.packet, client(3), LAB_SERVER, false, 77, 56);
    CHECK_EQ(lab_out(&lab), RT_OK);
    CHECK(sums_are_right(lab.packet, lab.len));
    uint16_t second = echo_id_of(lab.packet);
    CHECK(first != second);
    lab.len = write_echo(lab.packet, LAB_SERVER, LAB_TUNNEL, true, second, 56);
    CHECK_EQ(lab_in(&lab), RT_OK);
    CHECK(sums_are_right(lab.packet, lab.len));
    CHECK_EQ(destination_of(lab.packet), client(3));
    CHECK_EQ(echo_id_of(lab.packet), 77);
    lab.len = write_echo(lab.packet, LAB_OTHER, LAB_TUNNEL, true, second, 56);
    CHECK_EQ(lab_in(&lab), RT_DROP_NO_FLOW);
}

TEST(checksums_stay_right_whatever_the_packet) {
    open_lab();
    uint64_t random = 7;
    for (int i = 0; i < 20000; i++) {
        uint32_t remote = ip(20, (uint8_t)check_random(&random), 1, 1);
        uint16_t port = (uint16_t)(check_random(&random) | 1), remote_port = (uint16_t)check_random(&random);
        uint32_t from = client((uint8_t)(2 + check_random(&random) % 4));
        size_t data_len = check_random(&random) % 40;
        bool is_tcp = check_random(&random) % 2 == 0;
        segment_t segment = {.flags = ACK, .data_len = data_len, .sequence = (uint32_t)check_random(&random)};
        lab.len = is_tcp ? write_tcp(lab.packet, from, port, remote, remote_port, segment)
                         : write_udp(lab.packet, from, port, remote, remote_port, data_len);
        check_random_bytes(&random, lab.packet + (is_tcp ? 40 : 28), data_len);
        lab.packet[6] = (uint8_t)(check_random(&random) % 2 * 0x40);
        wg_store16_be(lab.packet + 4, (uint16_t)check_random(&random));
        mend_sums(lab.packet, lab.len);
        CHECK_EQ(lab_out(&lab), RT_OK);
        CHECK(sums_are_right(lab.packet, lab.len));
        uint16_t outer = source_port_of(lab.packet);
        lab.len = is_tcp ? write_tcp(lab.packet, remote, remote_port, LAB_TUNNEL, outer, segment)
                         : write_udp(lab.packet, remote, remote_port, LAB_TUNNEL, outer, data_len);
        check_random_bytes(&random, lab.packet + (is_tcp ? 40 : 28), data_len);
        mend_sums(lab.packet, lab.len);
        CHECK_EQ(lab_in(&lab), RT_OK);
        CHECK(sums_are_right(lab.packet, lab.len));
        CHECK_EQ(destination_of(lab.packet), from);
        CHECK_EQ(destination_port_of(lab.packet), port);
        lab.now_ms += check_random(&random) % 100;
    }
    CHECK(table_is_sound(&lab.router.napt));
}

TEST(a_udp_checksum_that_comes_out_as_zero_is_sent_as_all_ones) {
    open_lab();
    for (uint32_t data = 0; data < 0x10000; data++) {
        lab.len = write_udp(lab.packet, client(2), 40000, LAB_SERVER, 4433, 10);
        wg_store16_be(lab.packet + 28, (uint16_t)data);
        mend_sums(lab.packet, lab.len);
        CHECK_EQ(lab_out(&lab), RT_OK);
        CHECK(wg_load16_be(lab.packet + 26) != 0);
        CHECK(sums_are_right(lab.packet, lab.len));
    }
}

TEST(a_udp_packet_without_checksum_stays_without) {
    open_lab();
    lab.len = write_udp(lab.packet, client(2), 40000, LAB_SERVER, 4433, 10);
    wg_store16_be(lab.packet + 26, 0);
    CHECK_EQ(lab_out(&lab), RT_OK);
    CHECK_EQ(wg_load16_be(lab.packet + 26), 0);
}

TEST(nothing_passes_without_a_tunnel_address) {
    open_lab();
    rt_set_tunnel(&lab.router, 0, LAB_MTU, LAB_DNS);
    CHECK_EQ(lab_udp_out(&lab, client(2), 40000, LAB_SERVER, 4433), RT_DROP_CLOSED);
    CHECK_EQ(lab_udp_in(&lab, LAB_SERVER, 4433, 40000), RT_DROP_CLOSED);
    CHECK_EQ(lab.router.counts[RT_DROP_CLOSED], 2);
}

TEST(only_addresses_of_the_lan_may_send) {
    open_lab();
    const uint32_t wrong[] = {ip(10, 7, 8, 2),    ip(10, 7, 7, 0), ip(10, 7, 7, 255), LAB_LAN,   LAB_TUNNEL,
                              ip(192, 168, 1, 2), ip(0, 0, 0, 0),  ip(127, 0, 0, 1),  LAB_SERVER};
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        CHECK_EQ(lab_udp_out(&lab, wrong[i], 40000, LAB_SERVER, 4433), RT_DROP_SOURCE);
    }
    rt_set_lan(&lab.router, 0, 0);
    CHECK_EQ(lab_udp_out(&lab, client(2), 40000, LAB_SERVER, 4433), RT_DROP_SOURCE);
}

TEST(addresses_that_are_no_host_somewhere_else_get_nothing) {
    open_lab();
    const uint32_t wrong[] = {ip(10, 7, 7, 9),  ip(10, 7, 7, 255),     ip(255, 255, 255, 255), ip(224, 0, 0, 251),
                              ip(240, 0, 0, 1), ip(127, 0, 0, 1),      ip(0, 0, 0, 0),         ip(0, 1, 2, 3),
                              LAB_TUNNEL,       ip(169, 254, 169, 254)};
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        CHECK_EQ(lab_udp_out(&lab, client(2), 40000, wrong[i], 4433), RT_DROP_DESTINATION);
    }
    CHECK_EQ(lab.router.napt.client_count, 0);
}

TEST(the_uplinks_own_net_is_reached_through_the_tunnel_like_any_other) {
    open_lab();
    CHECK_EQ(lab_udp_out(&lab, client(2), 40000, ip(192, 168, 1, 1), 80), RT_OK);
    CHECK_EQ(source_of(lab.packet), LAB_TUNNEL);
}

TEST(what_is_for_the_box_itself_is_left_alone) {
    open_lab();
    uint8_t before[LAB_ROOM];
    lab.len = write_echo(lab.packet, client(2), LAB_LAN, false, 7, 20);
    memcpy(before, lab.packet, lab.len);
    CHECK_EQ(lab_out(&lab), RT_LOCAL);
    CHECK_BYTES(lab.packet, before, lab.len);
    CHECK_EQ(lab_udp_out(&lab, client(2), 68, LAB_LAN, 67), RT_LOCAL);
    rt_set_tunnel(&lab.router, 0, LAB_MTU, 0);
    CHECK_EQ(lab_udp_out(&lab, client(2), 5353, LAB_LAN, 53), RT_LOCAL);
}

TEST(a_broken_header_is_dropped) {
    open_lab();
    for (size_t cut = 0; cut < 38; cut++) {
        lab.len = write_udp(lab.packet, client(2), 40000, LAB_SERVER, 4433, 10);
        lab.len = cut;
        CHECK_EQ(lab_out(&lab), RT_DROP_MALFORMED);
        lab.len = cut;
        CHECK_EQ(lab_in(&lab), RT_DROP_MALFORMED);
    }
    for (size_t bit = 0; bit < 160; bit++) {
        lab.len = write_udp(lab.packet, client(2), 40000, LAB_SERVER, 4433, 10);
        lab.packet[bit / 8] ^= (uint8_t)(1 << bit % 8);
        rt_verdict_t verdict = lab_out(&lab);
        CHECK(verdict == RT_DROP_MALFORMED || verdict == RT_DROP_OPTIONS);
    }
}

TEST(a_transport_header_that_is_not_whole_is_dropped) {
    open_lab();
    for (size_t len = 0; len < 20; len++) {
        lab.len = write_tcp(lab.packet, client(2), 40000, LAB_SERVER, 443, (segment_t){.flags = ACK});
        wg_store16_be(lab.packet + 2, (uint16_t)(20 + len));
        mend_header(lab.packet);
        CHECK_EQ(lab_out(&lab), RT_DROP_MALFORMED);
        lab.len = write_udp(lab.packet, client(2), 40000, LAB_SERVER, 443, 20);
        wg_store16_be(lab.packet + 2, (uint16_t)(20 + len));
        mend_header(lab.packet);
        CHECK_EQ(lab_out(&lab), len < 8 ? RT_DROP_MALFORMED : RT_OK);
    }
    lab.len = write_tcp(lab.packet, client(2), 40000, LAB_SERVER, 443, (segment_t){.flags = ACK});
    lab.packet[32] = 0x40; // four words
    mend_sums(lab.packet, lab.len);
    CHECK_EQ(lab_out(&lab), RT_DROP_MALFORMED);
    lab.packet[32] = 0x60; // one more than there are
    mend_sums(lab.packet, lab.len);
    lab.len = 40;
    CHECK_EQ(lab_out(&lab), RT_DROP_MALFORMED);
}

TEST(a_packet_with_ip_options_is_dropped) {
    open_lab();
    lab.len = write_udp(lab.packet, client(2), 40000, LAB_SERVER, 4433, 10);
    memmove(lab.packet + 24, lab.packet + 20, 18);
    memcpy(lab.packet + 20, (const uint8_t[]){7, 4, 4, 0}, 4); // record route
    lab.packet[0] = 0x46;
    lab.len += 4;
    wg_store16_be(lab.packet + 2, (uint16_t)lab.len);
    wg_store16_be(lab.packet + 10, 0);
    wg_store16_be(lab.packet + 10, (uint16_t)~slow_sum(lab.packet, 24, 0));
    CHECK_EQ(lab_out(&lab), RT_DROP_OPTIONS);
    CHECK_EQ(lab_in(&lab), RT_DROP_OPTIONS);
}

TEST(what_the_link_has_added_is_cut) {
    open_lab();
    lab.len = write_udp(lab.packet, client(2), 40000, LAB_SERVER, 4433, 3) + 15;
    CHECK_EQ(lab_out(&lab), RT_OK);
    CHECK_EQ(lab.len, 31);
}

TEST(other_protocols_are_dropped) {
    open_lab();
    for (int protocol = 0; protocol < 256; protocol++) {
        if (protocol == 1 || protocol == 6 || protocol == 17) {
            continue;
        }
        lab.len = write_ip(lab.packet, (uint8_t)protocol, client(2), LAB_SERVER, 40);
        mend_header(lab.packet);
        CHECK_EQ(lab_out(&lab), RT_DROP_PROTOCOL);
    }
    for (int type = 0; type < 256; type++) {
        lab.len = write_echo(lab.packet, client(2), LAB_SERVER, false, 1, 20);
        lab.packet[20] = (uint8_t)type;
        mend_sums(lab.packet, lab.len);
        rt_verdict_t verdict = lab_out(&lab);
        bool is_error = type == 3 || type == 11 || type == 12;
        CHECK_EQ(verdict, type == 8   ? RT_OK
                          : type == 0 ? RT_DROP_NO_FLOW
                          : is_error  ? RT_DROP_MALFORMED
                                      : RT_DROP_PROTOCOL);
    }
}

TEST(from_the_tunnel_only_what_was_asked_for_comes_in) {
    open_lab();
    CHECK_EQ(lab_udp_out(&lab, client(2), 40000, LAB_SERVER, 4433), RT_OK);
    uint16_t port = source_port_of(lab.packet);
    CHECK_EQ(lab_udp_in(&lab, LAB_SERVER, 4434, port), RT_DROP_NO_FLOW);
    CHECK_EQ(lab_udp_in(&lab, LAB_OTHER, 4433, port), RT_DROP_NO_FLOW);
    CHECK_EQ(lab_udp_in(&lab, LAB_SERVER, 4433, (uint16_t)(port + 1)), RT_DROP_NO_FLOW);
    lab.len = write_tcp(lab.packet, LAB_SERVER, 4433, LAB_TUNNEL, port, (segment_t){.flags = ACK});
    CHECK_EQ(lab_in(&lab), RT_DROP_NO_FLOW);
    for (uint16_t i = 1; i < 1000; i++) { // enough to meet the flow's own bucket
        CHECK_EQ(lab_udp_in(&lab, LAB_SERVER, (uint16_t)(4433 + i), port), RT_DROP_NO_FLOW);
        CHECK_EQ(lab_udp_in(&lab, ip(198, 51, (uint8_t)i, (uint8_t)(i >> 8)), 4433, port), RT_DROP_NO_FLOW);
        CHECK_EQ(lab_udp_in(&lab, LAB_SERVER, 4433, (uint16_t)(port + i)), RT_DROP_NO_FLOW);
    }
    CHECK_EQ(lab_udp_in(&lab, LAB_SERVER, 4433, port), RT_OK);
}

TEST(a_packet_from_the_tunnel_to_another_address_is_dropped) {
    open_lab();
    lab.len = write_udp(lab.packet, LAB_SERVER, 4433, client(2), 40000, 10);
    CHECK_EQ(lab_in(&lab), RT_DROP_DESTINATION);
}

TEST(a_source_that_nobody_beyond_the_tunnel_has_is_dropped) {
    open_lab();
    const uint32_t wrong[] = {client(2),
                              LAB_LAN,
                              LAB_TUNNEL,
                              ip(127, 0, 0, 1),
                              ip(224, 0, 0, 1),
                              ip(0, 0, 0, 0),
                              ip(255, 255, 255, 255),
                              ip(169, 254, 1, 1)};
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        CHECK_EQ(lab_udp_in(&lab, wrong[i], 4433, 40000), RT_DROP_SOURCE);
        lab.len = write_echo(lab.packet, wrong[i], LAB_TUNNEL, false, 1, 8);
        CHECK_EQ(lab_in(&lab), RT_DROP_SOURCE);
    }
}

TEST(a_query_to_our_address_goes_to_the_tunnels_name_server_and_back) {
    open_lab();
    CHECK_EQ(lab_udp_out(&lab, client(2), 40000, LAB_LAN, 53), RT_OK);
    CHECK(sums_are_right(lab.packet, lab.len));
    CHECK_EQ(source_of(lab.packet), LAB_TUNNEL);
    CHECK_EQ(destination_of(lab.packet), LAB_DNS);
    CHECK_EQ(lab_udp_in(&lab, LAB_DNS, 53, source_port_of(lab.packet)), RT_OK);
    CHECK(sums_are_right(lab.packet, lab.len));
    CHECK_EQ(source_of(lab.packet), LAB_LAN);
    CHECK_EQ(destination_of(lab.packet), client(2));
    CHECK_EQ(destination_port_of(lab.packet), 40000);
    lab.len = write_tcp(lab.packet, client(2), 40001, LAB_LAN, 53, (segment_t){.flags = SYN});
    CHECK_EQ(lab_out(&lab), RT_OK);
    CHECK_EQ(destination_of(lab.packet), LAB_DNS);
    lab.len =
        write_tcp(lab.packet, LAB_DNS, 53, LAB_TUNNEL, source_port_of(lab.packet), (segment_t){.flags = SYN | ACK});
    CHECK_EQ(lab_in(&lab), RT_OK);
    CHECK(sums_are_right(lab.packet, lab.len));
    CHECK_EQ(source_of(lab.packet), LAB_LAN);
}

TEST(a_client_may_ask_us_and_the_same_server_from_one_port) {
    open_lab();
    CHECK_EQ(lab_udp_out(&lab, client(2), 40000, LAB_LAN, 53), RT_OK);
    uint16_t to_us = source_port_of(lab.packet);
    CHECK_EQ(lab_udp_out(&lab, client(2), 40000, LAB_DNS, 53), RT_OK);
    uint16_t direct = source_port_of(lab.packet);
    CHECK(to_us != direct);
    CHECK_EQ(lab_udp_in(&lab, LAB_DNS, 53, direct), RT_OK);
    CHECK_EQ(source_of(lab.packet), LAB_DNS);
    CHECK_EQ(lab_udp_in(&lab, LAB_DNS, 53, to_us), RT_OK);
    CHECK_EQ(source_of(lab.packet), LAB_LAN);
}

TEST(queries_to_others_go_there) {
    open_lab();
    CHECK_EQ(lab_udp_out(&lab, client(2), 40000, LAB_OTHER, 53), RT_OK);
    CHECK_EQ(destination_of(lab.packet), LAB_OTHER);
}

TEST(clients_of_the_former_net_go_on_and_may_begin) {
    open_lab();
    CHECK_EQ(lab_udp_out(&lab, client(2), 40000, LAB_SERVER, 4433), RT_OK);
    uint16_t port = source_port_of(lab.packet);
    rt_set_former_lan(&lab.router, LAB_LAN, LAB_MASK);
    rt_set_lan(&lab.router, ip(10, 9, 9, 1), LAB_MASK);
    CHECK_EQ(lab_udp_in(&lab, LAB_SERVER, 4433, port), RT_OK);
    CHECK_EQ(destination_of(lab.packet), client(2));
    CHECK_EQ(lab_udp_out(&lab, client(3), 40000, LAB_SERVER, 4433), RT_OK);
    CHECK_EQ(lab_udp_out(&lab, ip(10, 9, 9, 2), 40000, LAB_SERVER, 4433), RT_OK);
    CHECK_EQ(lab_udp_out(&lab, client(2), 40001, LAB_LAN, 53), RT_OK);
    CHECK_EQ(destination_of(lab.packet), LAB_DNS);
    CHECK_EQ(lab_udp_in(&lab, LAB_DNS, 53, source_port_of(lab.packet)), RT_OK);
    CHECK_EQ(source_of(lab.packet), LAB_LAN);
    rt_set_former_lan(&lab.router, 0, 0);
    CHECK_EQ(lab_udp_in(&lab, LAB_SERVER, 4433, port), RT_DROP_NO_FLOW);
    CHECK_EQ(lab_udp_out(&lab, client(2), 40000, LAB_SERVER, 4433), RT_DROP_SOURCE);
    CHECK_EQ(rt_flows_of(&lab.router, ip(10, 9, 9, 2), lab.now_ms), 1);
    CHECK(table_is_sound(&lab.router.napt));
}

TEST(a_new_tunnel_address_ends_all_flows) {
    open_lab();
    CHECK_EQ(lab_udp_out(&lab, client(2), 40000, LAB_SERVER, 4433), RT_OK);
    uint16_t port = source_port_of(lab.packet);
    rt_set_tunnel(&lab.router, LAB_TUNNEL, 1400, LAB_DNS);
    CHECK_EQ(lab_udp_in(&lab, LAB_SERVER, 4433, port), RT_OK);
    rt_set_tunnel(&lab.router, ip(10, 66, 0, 3), LAB_MTU, LAB_DNS);
    lab.len = write_udp(lab.packet, LAB_SERVER, 4433, ip(10, 66, 0, 3), port, 10);
    CHECK_EQ(lab_in(&lab), RT_DROP_NO_FLOW);
}

TEST(memory_of_a_wrong_size_is_refused) {
    static const uint8_t seed[RT_SEED_LEN];
    rt_memory_t memory = lab_memory(&lab);
    memory.napt.bucket_count = 48;
    CHECK(!rt_init(&lab.router, &memory, seed));
    memory = lab_memory(&lab);
    memory.napt.flow_capacity = LAB_CLIENTS - 1;
    CHECK(!rt_init(&lab.router, &memory, seed));
    memory = lab_memory(&lab);
    memory.napt.client_capacity = 0;
    CHECK(!rt_init(&lab.router, &memory, seed));
    memory = lab_memory(&lab);
    memory.fragment_capacity = 6;
    CHECK(!rt_init(&lab.router, &memory, seed));
}
