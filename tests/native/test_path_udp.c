// with: posix
#define _GNU_SOURCE
#include <errno.h>
#include <poll.h>
#include <unistd.h>

#include "check.h"
#include "path_address.h"
#include "path_udp.h"

static uint8_t rx_data[2][(size_t)PATH_UDP_RX_MESSAGES * PATH_UDP_RX_SIZE];
static uint8_t tx_data[2][PATH_UDP_TX_SIZE];
static path_udp_t ends[2];

static const uint8_t loopback4[16] = {127, 0, 0, 1};
static const uint8_t loopback6[16] = {[15] = 1};

static bool has_ipv6(void) {
    return ends[0].sockets[PATH_UDP_IPV6].fd >= 0;
}

static void open_ends(void) {
    for (unsigned i = 0; i < 2; i++) {
        path_udp_init(&ends[i], rx_data[i], tx_data[i]);
        CHECK_EQ(path_udp_bind(&ends[i], 0), 0);
        CHECK(ends[i].port != 0);
    }
}

static void close_ends(void) {
    path_udp_close(&ends[0]);
    path_udp_close(&ends[1]);
}

static wg_endpoint_t endpoint_of(unsigned end, bool is_ipv6) {
    wg_endpoint_t endpoint = {.family = is_ipv6 ? 6 : 4, .port = ends[end].port};
    memcpy(endpoint.address, is_ipv6 ? loopback6 : loopback4, 16);
    return endpoint;
}

static void commit(unsigned end, wg_endpoint_t *to, uint8_t mark, size_t len) {
    uint8_t *room = path_udp_room(&ends[end], len);
    CHECK(room != NULL);
    memset(room, mark, len);
    path_udp_commit(&ends[end], to, len);
}

// The next datagram at an end, waiting for it a little.
static bool receive(unsigned end, bool is_ipv6, path_datagram_t *datagram) {
    unsigned socket = is_ipv6 ? PATH_UDP_IPV6 : PATH_UDP_IPV4;
    if (path_udp_next(&ends[end], datagram)) {
        return true;
    }
    struct pollfd wait = {.fd = ends[end].sockets[socket].fd, .events = POLLIN};
    return poll(&wait, 1, 200) == 1 && path_udp_receive(&ends[end], socket) && path_udp_next(&ends[end], datagram);
}

static void check_batch(bool is_ipv6, bool can_segment) {
    // Runs of equal length with a shorter last one, longer ones, and more than one message holds.
    static const size_t lens[] = {100, 100, 100, 40, 200, 200, 1, 1, 1452, 1452, 1452};
    wg_endpoint_t to = endpoint_of(1, is_ipv6);
    unsigned count = 0, runs = sizeof(lens) / sizeof(lens[0]);
    ends[0].sockets[is_ipv6 ? PATH_UDP_IPV6 : PATH_UDP_IPV4].can_segment = can_segment;
    for (; count < runs + 130; count++) {
        commit(0, &to, (uint8_t)count, count < runs ? lens[count] : 1452);
    }
    CHECK(path_udp_flush(&ends[0]));
    CHECK_EQ(ends[0].counters.tx_datagrams, count);
    for (unsigned i = 0; i < count; i++) {
        path_datagram_t datagram;
        CHECK(receive(1, is_ipv6, &datagram));
        CHECK_EQ(datagram.len, i < runs ? lens[i] : 1452);
        CHECK_EQ(datagram.data[0], (uint8_t)i);
        CHECK_EQ(datagram.data[datagram.len - 1], (uint8_t)i);
        CHECK_EQ(datagram.source->family, is_ipv6 ? 6 : 4);
        CHECK_EQ(datagram.source->port, ends[0].port);
        CHECK_BYTES(datagram.source->address, to.address, is_ipv6 ? 16 : 4);
        CHECK_EQ(datagram.source->local_family, is_ipv6 ? 6 : 4);
        CHECK_BYTES(datagram.source->local, to.address, is_ipv6 ? 16 : 4);
    }
}

TEST(a_batch_arrives_whole_and_in_order) {
    for (unsigned can_segment = 0; can_segment < 2; can_segment++) {
        open_ends();
        check_batch(false, can_segment != 0);
        close_ends();
    }
}

TEST(a_batch_arrives_over_ipv6) {
    open_ends();
    if (has_ipv6()) {
        check_batch(true, true);
    } else {
        printf("skipped: this machine has no IPv6\n");
    }
    close_ends();
}

TEST(both_families_share_a_port_and_a_batch) {
    open_ends();
    if (has_ipv6()) {
        wg_endpoint_t to4 = endpoint_of(1, false), to6 = endpoint_of(1, true);
        path_datagram_t datagram;
        for (uint8_t i = 0; i < 6; i++) {
            commit(0, i % 2 == 0 ? &to4 : &to6, i, 50);
        }
        CHECK(path_udp_flush(&ends[0]));
        for (unsigned i = 0; i < 6; i++) {
            CHECK(receive(1, i >= 3, &datagram));
            CHECK_EQ(datagram.data[0], i < 3 ? 2 * i : 2 * (i - 3) + 1);
        }
    } else {
        printf("skipped: this machine has no IPv6\n");
    }
    close_ends();
}

TEST(fewer_calls_than_datagrams_where_the_kernel_can_segment) {
    open_ends();
    if (ends[0].sockets[PATH_UDP_IPV4].can_segment) {
        wg_endpoint_t to = endpoint_of(1, false);
        for (unsigned i = 0; i < 88; i++) {
            commit(0, &to, 0, 1400);
        }
        CHECK_EQ(ends[0].tx_count, 2); // 46 datagrams of 1400 bytes are a message
        CHECK(path_udp_flush(&ends[0]));
        CHECK_EQ(ends[0].counters.tx_calls, 1);
        CHECK_EQ(ends[0].counters.tx_datagrams, 88);
    } else {
        printf("skipped: this kernel has no UDP_SEGMENT\n");
    }
    close_ends();
}

TEST(a_full_batch_makes_room_by_sending) {
    open_ends();
    wg_endpoint_t to = endpoint_of(1, false);
    for (unsigned i = 0; i < 3 * PATH_UDP_TX_SIZE / 1400; i++) {
        commit(0, &to, 0, 1400);
    }
    CHECK(ends[0].counters.tx_datagrams >= PATH_UDP_TX_SIZE / 1400);
    for (unsigned i = 0; i < 3 * PATH_UDP_TX_RUNS; i++) {
        commit(0, &to, 0, i + 1); // each longer than the one before: a run of its own
    }
    CHECK(path_udp_flush(&ends[0]));
    CHECK_EQ(ends[0].counters.tx_errors, 0);
    close_ends();
}

TEST(a_source_address_that_is_gone_is_forgotten_and_the_datagram_still_leaves) {
    open_ends();
    wg_endpoint_t to = endpoint_of(1, false);
    path_datagram_t datagram;
    for (unsigned batched = 0; batched < 2; batched++) {
        to.local_family = 4;
        memcpy(to.local, (const uint8_t[]){192, 0, 2, 77}, 4);
        if (batched != 0) {
            commit(0, &to, 9, 20);
            commit(0, &to, 9, 20);
            CHECK(path_udp_flush(&ends[0]));
        } else {
            CHECK_EQ(path_udp_send(&ends[0], (const uint8_t *)"hello", 5, &to), 0);
        }
        CHECK_EQ(to.local_family, 0);
        CHECK(receive(1, false, &datagram));
        CHECK_EQ(datagram.len, batched != 0 ? 20 : 5);
    }
    close_ends();
}

TEST(answers_leave_from_the_address_that_was_asked) {
    open_ends();
    wg_endpoint_t to = endpoint_of(1, false);
    path_datagram_t datagram;
    to.address[3] = 5; // 127.0.0.5 is ours, too
    CHECK_EQ(path_udp_send(&ends[0], (const uint8_t *)"ask", 3, &to), 0);
    CHECK(receive(1, false, &datagram));
    wg_endpoint_t back = *datagram.source;
    CHECK_EQ(path_udp_send(&ends[1], (const uint8_t *)"answer", 6, &back), 0);
    CHECK(receive(0, false, &datagram));
    CHECK_EQ(datagram.source->address[3], 5);
    close_ends();
}

TEST(what_the_network_refuses_is_counted_and_not_fatal) {
    open_ends();
    static uint8_t huge[70000];
    wg_endpoint_t to = endpoint_of(1, false), nowhere = {.family = 0};
    CHECK_EQ(path_udp_send(&ends[0], huge, sizeof(huge), &to), EMSGSIZE);
    CHECK_EQ(path_udp_send(&ends[0], huge, 10, &nowhere), EDESTADDRREQ);
    to.port = 0;
    commit(0, &to, 1, 30);
    commit(0, &to, 1, 30);
    CHECK(path_udp_flush(&ends[0]));
    CHECK(ends[0].counters.tx_errors >= 3);
    path_udp_close(&ends[0]);
    to.port = 9;
    CHECK_EQ(path_udp_send(&ends[0], huge, 10, &to), ENETDOWN);
    close_ends();
}

TEST(a_port_in_use_is_refused_and_the_sockets_before_stay) {
    open_ends();
    uint16_t before = ends[0].port;
    wg_endpoint_t to = endpoint_of(0, false);
    path_datagram_t datagram;
    CHECK_EQ(path_udp_bind(&ends[0], ends[1].port), EADDRINUSE);
    CHECK_EQ(ends[0].port, before);
    CHECK_EQ(path_udp_send(&ends[1], (const uint8_t *)"still", 5, &to), 0);
    CHECK(receive(0, false, &datagram));
    CHECK_EQ(path_udp_bind(&ends[0], before), 0); // the same again
    CHECK_EQ(ends[0].port, before);
    close_ends();
}

TEST(empty_datagrams_are_passed_over) {
    open_ends();
    wg_endpoint_t to = endpoint_of(1, false);
    path_datagram_t datagram;
    CHECK_EQ(path_udp_send(&ends[0], (const uint8_t *)"", 0, &to), 0);
    CHECK_EQ(path_udp_send(&ends[0], (const uint8_t *)"x", 1, &to), 0);
    CHECK(receive(1, false, &datagram) || receive(1, false, &datagram));
    CHECK_EQ(datagram.len, 1);
    close_ends();
}
