// with: posix
// Shaped datagrams, plain ones beside them, and several ports, over two whole paths.
#define _GNU_SOURCE
#include <errno.h>
#include <netinet/in.h>

#include "path_ends.h"
#include "path_outgoing.h"
#include "wg_blake2s.h"

static wg_shape_t shapes[2];
static const uint8_t header_key[32] = {7}, seeds[2][32] = {{8}, {9}};

static void set_shapes(const wg_shape_settings_t *settings, const uint8_t *key) {
    for (unsigned i = 0; i < 2; i++) {
        CHECK(wg_shape_init(&shapes[i], settings, key, seeds[i]));
        ends[i].path->shape = &shapes[i];
    }
}

static const wg_shape_settings_t full = {
    .sizes = {16, 16, 16, 16},
    .low = {1, 2, 3, 4},
    .high = {1, 2, 3, 4},
};
static const wg_shape_settings_t uneven = {
    .sizes = {31, 47, 60, 5},
    .low = {1000, 2000, 3000, 4000},
    .high = {1999, 2999, 3999, 4999},
};

static void open_shaped(const wg_shape_settings_t *settings, const uint8_t *key) {
    open_ends();
    install(0);
    install(1);
    set_shapes(settings, key);
    ends[0].peers[ends[0].peer].endpoint.shape = 1;
}

static void check_large_packet(unsigned from) {
    static uint8_t sent[PATH_PACKET_MAX], received[PATH_PACKET_MAX];
    struct virtio_net_hdr arrived, offload = {
                                       .flags = VIRTIO_NET_HDR_F_NEEDS_CSUM,
                                       .gso_type = VIRTIO_NET_HDR_GSO_TCPV4,
                                       .hdr_len = 40,
                                       .gso_size = 1360,
                                       .csum_start = 20,
                                       .csum_offset = 16,
                                   };
    size_t len = write_packet(sent, &shape, 40 * 1360 + 77);
    wg_store16_be(sent + 36, naive_pseudo_sum(sent, len, false));
    give(from, &offload, sent, len);
    CHECK_EQ(take(1 - from, &arrived, received, sizeof(received)), len);
    CHECK_BYTES(received, sent, len);
    CHECK_BYTES(&arrived, &offload, sizeof(offload));
}

TEST(a_large_packet_passes_shaped_and_so_does_what_comes_back) {
    const wg_shape_settings_t *settings[] = {&full, &uneven, &uneven};
    const uint8_t *keys_of_them[] = {header_key, NULL, NULL};
    for (unsigned i = 0; i < 3; i++) {
        open_shaped(settings[i], keys_of_them[i]);
        check_large_packet(0);
        CHECK_EQ(ends[1].peers[ends[1].peer].endpoint.shape, 1); // the answer goes as the question came
        check_large_packet(1);
        CHECK_EQ(ends[1].path->udp.counters.rx_datagrams, 41);
        CHECK(ends[0].path->udp.counters.tx_calls < 8); // runs leave together as those of plain datagrams do
        close_ends();
    }
}

TEST(runs_of_any_length_pass_shaped) {
    static uint8_t sent[PATH_PACKET_MAX], received[PATH_PACKET_MAX];
    struct virtio_net_hdr arrived, offload = {
                                       .flags = VIRTIO_NET_HDR_F_NEEDS_CSUM,
                                       .gso_type = VIRTIO_NET_HDR_GSO_TCPV4,
                                       .hdr_len = 40,
                                       .gso_size = 900,
                                       .csum_start = 20,
                                       .csum_offset = 16,
                                   };
    open_shaped(&full, header_key);
    for (size_t count = 2; count <= 64; count++) {
        size_t len = write_packet(sent, &shape, count * 900);
        wg_store16_be(sent + 36, naive_pseudo_sum(sent, len, false));
        give(0, &offload, sent, len);
        CHECK_EQ(take(1, &arrived, received, sizeof(received)), len);
        CHECK_BYTES(received, sent, len);
    }
    CHECK_EQ(ends[1].path->udp.counters.rx_datagrams, 64 * 65 / 2 - 1);
    close_ends();
}

// A socket of its own in the place of the other end.
static int open_wire(void) {
    struct sockaddr_in own = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(0x7f000001)};
    socklen_t own_len = sizeof(own);
    int wire = socket(AF_INET, SOCK_DGRAM, 0);
    CHECK_EQ(bind(wire, (void *)&own, sizeof(own)), 0);
    CHECK_EQ(getsockname(wire, (void *)&own, &own_len), 0);
    ends[0].peers[ends[0].peer].endpoint.port = ntohs(own.sin_port);
    return wire;
}

TEST(nothing_leaves_before_it_has_its_shape_when_the_batch_is_full) {
    enum { COUNT = PATH_UDP_TX_RUNS + 2, LEAST = WG_TRANSPORT_OVERHEAD };
    open_shaped(&full, header_key);
    int wire = open_wire();
    wg_endpoint_t *to = &ends[0].peers[ends[0].peer].endpoint;
    for (size_t i = 0; i < COUNT; i++) {
        // Each is longer than the one before and so a run, but for the first two: some have no shape yet when there is no room.
        size_t len = LEAST + (i == 0 ? 1 : i);
        uint8_t *message = path_outgoing_room(ends[0].path, to, len);
        CHECK(message != NULL);
        memset(message, (int)i, len);
        wg_store32_le(message, WG_MESSAGE_TRANSPORT);
        path_outgoing_commit(ends[0].path, to, message, len);
    }
    CHECK_EQ(ends[0].path->udp.counters.tx_calls, 1); // it was full
    path_outgoing_flush(ends[0].path);
    for (size_t i = 0; i < COUNT; i++) {
        uint8_t datagram[512];
        wg_shaped_t found;
        ssize_t got = recv(wire, datagram, sizeof(datagram), MSG_DONTWAIT);
        CHECK_EQ(got, 16 + LEAST + (i == 0 ? 1 : i));
        CHECK_EQ(wg_shape_open(&shapes[1], datagram, (size_t)got, &found), WG_OK);
        CHECK(found.kind == WG_MESSAGE_TRANSPORT && found.shape == 1);
        for (ssize_t at = 16 + 4; at < got; at++) {
            CHECK_EQ(datagram[at], i);
        }
    }
    close(wire);
    close_ends();
}

TEST(plain_and_shaped_datagrams_come_in_turns_and_are_answered_alike) {
    open_shaped(&full, header_key);
    for (unsigned i = 0; i < 6; i++) {
        ends[0].peers[ends[0].peer].endpoint.shape = i % 2;
        check_passes(0);
        CHECK_EQ(ends[1].peers[ends[1].peer].endpoint.shape, i % 2);
        check_passes(1);
        CHECK_EQ(ends[0].peers[ends[0].peer].endpoint.shape, i % 2);
    }
    close_ends();
}

TEST(nothing_of_a_shaped_datagram_is_as_wireguard_has_it) {
    uint8_t seen[2][2048];
    ssize_t lens[2];
    open_shaped(&full, header_key);
    int wire = open_wire();
    for (unsigned i = 0; i < 2; i++) {
        CHECK_EQ(path_keepalive(ends[0].path, ends[0].peer), WG_OK);
        lens[i] = recv(wire, seen[i], sizeof(seen[i]), 0);
        CHECK_EQ(lens[i], 16 + WG_TRANSPORT_OVERHEAD);
    }
    unsigned same = 0;
    for (unsigned i = 0; i < 32; i++) { // 16 bytes in front, 16 of the header
        same += seen[0][i] == seen[1][i];
    }
    CHECK(same < 8); // chance makes 1 of 256 equal
    close(wire);
    close_ends();
}

// Lengths on the wire tell no more than the paper lets them (5.4.6): multiples of 16, but for a packet as long as the MTU.
TEST(data_is_padded_on_the_wire_whatever_stands_before_it) {
    static const wg_shape_settings_t odd = {{12, 12, 12, 12}, {1, 2, 3, 4}, {1, 2, 3, 4}};
    const wg_shape_settings_t *settings[] = {&full, &odd, &uneven, &uneven};
    for (unsigned i = 0; i < 4; i++) {
        open_shaped(settings[i], i < 2 ? header_key : NULL);
        ends[0].peers[ends[0].peer].endpoint.shape = i < 3; // and once plain
        size_t before = i < 3 ? settings[i]->sizes[3] : 0;
        int wire = open_wire();
        for (size_t len = 40; len <= 1420; len += len > 80 && len < 1380 ? 61 : 1) {
            uint8_t packet[1500], datagram[2048];
            struct virtio_net_hdr none = {0};
            size_t padded = (len + 15) / 16 * 16;
            CHECK_EQ(write_packet(packet, &shape, len - 40), len);
            give(0, &none, packet, len);
            CHECK(path_poll(ends[0].path, 0) >= 0);
            CHECK_EQ(recv(wire, datagram, sizeof(datagram), 0),
                     before + WG_TRANSPORT_OVERHEAD + (padded > 1420 ? 1420 : padded));
        }
        close(wire);
        close_ends();
    }
}

static void write_initiation(const end_t *end, uint8_t message[WG_INITIATION_LEN]) {
    memset(message, 0, WG_INITIATION_LEN);
    message[0] = WG_MESSAGE_INITIATION;
    wg_blake2s(message + WG_INITIATION_MAC1, WG_MAC_LEN, message, WG_INITIATION_MAC1, end->gate.mac1_key, 32);
}

TEST(a_shaped_handshake_message_arrives_uncovered_and_cookies_go_back_shaped) {
    uint8_t message[WG_INITIATION_LEN];
    open_shaped(&full, header_key);
    wg_endpoint_t to = ends[0].peers[ends[0].peer].endpoint;
    write_initiation(&ends[1], message);
    CHECK_EQ(path_send(ends[0].path, message, sizeof(message), &to), 0);
    CHECK_EQ(path_poll(ends[1].path, 1000), PATH_WAKE_HANDSHAKE);
    const wg_ring_slot_t *slot = wg_ring_pop(&ends[1].path->ring);
    CHECK_EQ(slot->len, sizeof(message));
    CHECK_BYTES(slot->message, message, sizeof(message));
    CHECK_EQ(slot->source.shape, 1);
    CHECK_EQ(wg_tunnel_reserve_index(&ends[0].tunnel, ends[0].peer, 0), WG_OK);
    wg_gate_set_loaded(&ends[1].gate, path_now_ms());
    CHECK_EQ(path_send(ends[0].path, message, sizeof(message), &to), 0);
    CHECK_EQ(path_poll(ends[1].path, 20), 0);
    CHECK_EQ(ends[1].path->counters.cookies, 1);
    CHECK_EQ(path_poll(ends[0].path, 1000), PATH_WAKE_HANDSHAKE);
    slot = wg_ring_pop(&ends[0].path->ring);
    CHECK_EQ(slot->len, WG_COOKIE_LEN);
    CHECK_EQ(slot->message[0], WG_MESSAGE_COOKIE);
    CHECK_EQ(slot->source.shape, 1);
    close_ends();
}

TEST(an_endpoint_of_a_shape_that_is_gone_gets_nothing) {
    open_shaped(&full, header_key);
    ends[0].path->shape = NULL;
    uint8_t packet[200];
    struct virtio_net_hdr offload = {0};
    give(0, &offload, packet, write_packet(packet, &shape, 100));
    CHECK_EQ(take(1, &offload, packet, sizeof(packet)), 0);
    CHECK_EQ(ends[0].path->udp.counters.tx_datagrams, 0);
    CHECK_EQ(ends[0].path->udp.counters.tx_dropped, 1);
    CHECK(path_send_to_peer(ends[0].path, ends[0].peer, packet, WG_RESPONSE_LEN) != 0);
    close_ends();
}

TEST(a_decoy_leaves_as_it_is_and_means_nothing) {
    uint8_t decoy[PATH_DECOY_MAX + 1] = {0x85, 0x80};
    open_shaped(&full, header_key);
    wg_endpoint_t to = ends[0].peers[ends[0].peer].endpoint, stream = {.family = WG_FAMILY_STREAM, .port = 1};
    CHECK_EQ(path_send_decoy(ends[0].path, decoy, 90, &to), 0);
    CHECK_EQ(path_send_decoy(ends[0].path, decoy, PATH_DECOY_MAX, &to), 0);
    CHECK(path_send_decoy(ends[0].path, decoy, sizeof(decoy), &to) != 0);
    CHECK(path_send_decoy(ends[0].path, decoy, 90, &stream) != 0);
    CHECK_EQ(path_poll(ends[1].path, 50), 0);
    CHECK_EQ(ends[1].path->udp.counters.rx_datagrams, 2);
    CHECK_EQ(ends[1].tunnel.drops[WG_ERR_TYPE], 2);
    close_ends();
}

// --- several ports ---

// A port that is free just now.
static uint16_t free_port(void) {
    struct sockaddr_in6 own = {.sin6_family = AF_INET6};
    socklen_t len = sizeof(own);
    int fd = socket(AF_INET6, SOCK_DGRAM, 0);
    CHECK(fd >= 0 && bind(fd, (void *)&own, sizeof(own)) == 0 && getsockname(fd, (void *)&own, &len) == 0);
    close(fd);
    return ntohs(own.sin6_port);
}

TEST(an_answer_leaves_by_the_port_that_was_asked) {
    int errors[2];
    open_ends();
    install(0);
    install(1);
    uint16_t ports[2] = {free_port(), free_port()}, first = ends[1].path->udp.port;
    CHECK_EQ(path_also_bind(ends[1].path, ports, 2, errors), 0);
    CHECK_EQ(errors[0] | errors[1], 0);
    wg_endpoint_t *to = &ends[0].peers[ends[0].peer].endpoint;
    const uint16_t asked[] = {ports[0], ports[1], first, ports[0]};
    for (unsigned i = 0; i < 4; i++) {
        to->port = asked[i];
        check_passes(0);
        check_passes(1);
        CHECK_EQ(to->port, asked[i]); // the answer came from there, else it had moved
        CHECK_EQ(ends[1].peers[ends[1].peer].endpoint.local_port, asked[i] == first ? 0 : asked[i]);
    }
    // Without that port the answer comes from the first, and the tunnel follows.
    CHECK_EQ(path_also_bind(ends[1].path, ports + 1, 1, errors), 0);
    check_passes(1);
    CHECK_EQ(to->port, first);
    to->port = ports[1];
    check_passes(0);
    close_ends();
}

TEST(a_port_that_cannot_be_had_is_told_and_the_others_are_there) {
    int errors[3];
    open_ends();
    install(0);
    install(1);
    uint16_t ports[3] = {ends[0].path->udp.port, free_port(), ends[1].path->udp.port};
    CHECK_EQ(path_also_bind(ends[1].path, ports, 3, errors), 0);
    CHECK_EQ(errors[0], EADDRINUSE);
    CHECK_EQ(errors[1], 0);
    CHECK_EQ(errors[2], 0); // it has it already
    ends[0].peers[ends[0].peer].endpoint.port = ports[1];
    check_passes(0);
    check_passes(1);
    // One of them becomes the first, and is asked for again.
    CHECK_EQ(path_bind(ends[1].path, ports[1]), 0);
    CHECK_EQ(path_also_bind(ends[1].path, ports + 1, 1, errors), 0);
    CHECK_EQ(errors[0], 0);
    check_passes(0);
    check_passes(1);
    path_unbind(ends[1].path);
    CHECK_EQ(path_bind(ends[1].path, ports[1]), 0); // nothing holds it any more
    close_ends();
}
