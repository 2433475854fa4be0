// with: posix
// The tunnel in byte streams: framed, over TCP and over socket pairs, between two whole paths.
#define _GNU_SOURCE
#include <errno.h>
#include <netinet/in.h>
#include <sys/resource.h>

#include "path_ends.h"

static int numbers[2];

static wg_endpoint_t stream_endpoint(int number) {
    return (wg_endpoint_t){.family = WG_FAMILY_STREAM, .port = (uint16_t)number};
}

static cr_stream_t *core_of(unsigned i) {
    path_stream_t *stream = path_stream_find(ends[i].path, (unsigned)numbers[i]);
    CHECK(stream != NULL);
    return path_stream_core(stream);
}

static void adopt(unsigned i, int fd, cr_framing_t framing) {
    numbers[i] = path_stream_adopt(ends[i].path, fd, framing, NULL, 0);
    CHECK(numbers[i] > 0);
    close(fd);
    ends[i].peers[ends[i].peer].endpoint = stream_endpoint(numbers[i]);
}

static void open_joined(cr_framing_t ours, cr_framing_t theirs) {
    int pair[2];
    open_ends();
    install(0);
    install(1);
    CHECK_EQ(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), 0);
    adopt(0, pair[0], ours);
    adopt(1, pair[1], theirs);
}

static void check_large_packet(unsigned from, size_t payload_len) {
    static uint8_t sent[PATH_PACKET_MAX], received[PATH_PACKET_MAX];
    struct virtio_net_hdr arrived, offload = {
                                       .flags = VIRTIO_NET_HDR_F_NEEDS_CSUM,
                                       .gso_type = VIRTIO_NET_HDR_GSO_TCPV4,
                                       .hdr_len = 40,
                                       .gso_size = 1340,
                                       .csum_start = 20,
                                       .csum_offset = 16,
                                   };
    size_t len = write_packet(sent, &shape, payload_len), done = 0;
    packet_shape_t part = shape;
    wg_store16_be(sent + 36, naive_pseudo_sum(sent, len, false));
    give(from, &offload, sent, len);
    // It may come in several parts, each of them whole packets joined: all of it, in order, and once.
    while (done < payload_len) {
        size_t got = take(1 - from, &arrived, received, sizeof(received));
        CHECK(got > 40 && done + got - 40 <= payload_len);
        CHECK_EQ(wg_load32_be(received + 24), part.sequence + done);
        CHECK_BYTES(received + 40, sent + 40 + done, got - 40);
        done += got - 40;
    }
}

TEST(packets_pass_in_each_framing_both_ways) {
    static const cr_framing_t framings[][2] = {
        {CR_FRAMING_LENGTH, CR_FRAMING_LENGTH},
        {CR_FRAMING_WEBSOCKET_CLIENT, CR_FRAMING_WEBSOCKET_SERVER},
    };
    for (unsigned i = 0; i < 2; i++) {
        open_joined(framings[i][0], framings[i][1]);
        check_passes(0);
        check_passes(1);
        check_large_packet(0, 40 * 1340 + 77);
        check_large_packet(1, 40 * 1340 + 77);
        CHECK(path_stream_is_proven(path_stream_find(ends[0].path, (unsigned)numbers[0])));
        // Many datagrams in few calls.
        CHECK_EQ(ends[0].path->streams.counters.tx_datagrams, 42);
        CHECK(ends[0].path->streams.counters.tx_calls <= 6);
        CHECK(ends[0].path->streams.counters.rx_calls <= 12);
        CHECK_EQ(ends[0].path->streams.counters.tx_dropped + ends[1].path->streams.counters.tx_dropped, 0);
        close_ends();
    }
}

TEST(a_tunnel_moves_between_udp_and_a_stream_and_the_answer_follows) {
    open_joined(CR_FRAMING_LENGTH, CR_FRAMING_LENGTH);
    wg_endpoint_t *to = &ends[0].peers[ends[0].peer].endpoint, stream = *to;
    wg_endpoint_t udp = {.family = 4, .port = ends[1].path->udp.port};
    memcpy(udp.address, loopback, 16);
    for (unsigned i = 0; i < 4; i++) {
        *to = i % 2 == 0 ? udp : stream;
        check_passes(0);
        CHECK_EQ(ends[1].peers[ends[1].peer].endpoint.family, i % 2 == 0 ? 4 : WG_FAMILY_STREAM);
        check_passes(1);
        CHECK(wg_endpoint_equal(to, i % 2 == 0 ? &udp : &stream));
    }
    close_ends();
}

TEST(shaped_datagrams_pass_in_a_stream) {
    static wg_shape_t shapes[2];
    static const uint8_t key[32] = {1};
    const wg_shape_settings_t settings = {.sizes = {16, 16, 16, 64}, .low = {1, 2, 3, 4}, .high = {1, 2, 3, 4}};
    open_joined(CR_FRAMING_WEBSOCKET_CLIENT, CR_FRAMING_WEBSOCKET_SERVER);
    for (unsigned i = 0; i < 2; i++) {
        CHECK(wg_shape_init(&shapes[i], &settings, key, keys[i]));
        ends[i].path->shape = &shapes[i];
    }
    ends[0].peers[ends[0].peer].endpoint.shape = 1;
    check_passes(0);
    CHECK_EQ(ends[1].peers[ends[1].peer].endpoint.shape, 1);
    check_large_packet(1, 30 * 1340);
    close_ends();
}

static uint8_t everything[1 << 22];

// All bytes that a plain socket gets until nothing comes for a while, the first end running.
static size_t read_stream(int fd) {
    size_t len = 0;
    for (unsigned quiet = 0; quiet < 20 && len < sizeof(everything);) {
        path_poll(ends[0].path, 0);
        ssize_t got = recv(fd, everything + len, sizeof(everything) - len, MSG_DONTWAIT);
        quiet = got > 0 ? 0 : quiet + 1;
        len += got > 0 ? (size_t)got : 0;
    }
    return len;
}

TEST(the_oldest_go_when_nobody_reads_and_what_comes_out_is_whole_frames) {
    uint8_t packet[1400];
    struct virtio_net_hdr offload = {0};
    int pair[2];
    open_ends();
    install(0);
    CHECK_EQ(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), 0);
    adopt(0, pair[0], CR_FRAMING_LENGTH);
    const size_t len = write_packet(packet, &shape, 1200), sealed = (len + 15) / 16 * 16 + WG_TRANSPORT_OVERHEAD;
    const unsigned count = 4000;
    for (unsigned i = 0; i < count; i++) {
        give(0, &offload, packet, len);
        path_poll(ends[0].path, 0);
        take_events(0);
    }
    const uint64_t dropped = ends[0].path->streams.counters.tx_dropped;
    CHECK(dropped > 0);
    CHECK_EQ(core_of(0)->queue.count, PATH_STREAM_QUEUE);
    CHECK_EQ(ends[0].path->udp.tx_blocked_fd, -1); // others go on
    const size_t got = read_stream(pair[1]);
    uint64_t counter = 0, frames = 0;
    for (size_t at = 0; at < got; at += 2 + sealed, frames++) {
        CHECK_EQ(wg_load16_be(everything + at), sealed);
        uint64_t next = wg_load64_le(everything + at + 2 + WG_TRANSPORT_COUNTER);
        CHECK(next >= counter);
        counter = next;
    }
    CHECK_EQ(frames + dropped, count);
    CHECK_EQ(counter, count - 1); // the newest is there
    CHECK_EQ(core_of(0)->queue.count, 0);
    give(0, &offload, packet, len);
    path_poll(ends[0].path, 0);
    CHECK_EQ(read_stream(pair[1]), 2 + sealed);
    close(pair[1]);
    close_ends();
}

TEST(bytes_in_any_pieces_are_the_same_datagrams) {
    uint8_t packet[300], received[300];
    struct virtio_net_hdr offload = {0};
    int pair[2], other[2];
    open_ends();
    install(0);
    install(1);
    CHECK_EQ(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), 0);
    CHECK_EQ(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, other), 0);
    adopt(0, pair[0], CR_FRAMING_WEBSOCKET_CLIENT);
    adopt(1, other[0], CR_FRAMING_WEBSOCKET_SERVER);
    packet_shape_t numbered = shape;
    for (unsigned i = 0; i < 60; i++) {
        numbered.source_port = (uint16_t)i;
        give(0, &offload, packet, write_packet(packet, &numbered, 3 * i));
    }
    path_poll(ends[0].path, 0);
    const size_t len = read_stream(pair[1]);
    CHECK(len > 60 * (40 + WG_TRANSPORT_OVERHEAD));
    unsigned seen = 0;
    for (size_t at = 0, step = 1; at < len; at += step, step = step % 97 + 1) {
        step = step > len - at ? len - at : step;
        CHECK_EQ(send(other[1], everything + at, step, 0), (ssize_t)step);
        path_poll(ends[1].path, 0);
        struct iovec parts[2] = {{&offload, sizeof(offload)}, {received, sizeof(received)}};
        ssize_t got;
        while ((got = readv(ends[1].wire, parts, 2)) > 0) {
            CHECK_EQ(wg_load16_be(received + 20), seen);
            CHECK_EQ((size_t)got - sizeof(offload), 40 + 3 * seen);
            seen++;
        }
    }
    CHECK_EQ(seen, 60);
    close(pair[1]);
    close(other[1]);
    close_ends();
}

TEST(a_ping_is_answered_and_garbage_ends_the_stream_with_a_reason) {
    static const uint8_t ping[] = {0x89, 0x82, 1, 2, 3, 4, 'h' ^ 1, 'i' ^ 2}, unmasked[] = {0x82, 1, 0};
    uint8_t answer[64];
    int pair[2];
    open_ends();
    CHECK_EQ(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), 0);
    adopt(0, pair[0], CR_FRAMING_WEBSOCKET_SERVER);
    CHECK_EQ(send(pair[1], ping, sizeof(ping), 0), sizeof(ping));
    CHECK_EQ(path_poll(ends[0].path, 10), 0);
    CHECK_EQ(recv(pair[1], answer, sizeof(answer), MSG_DONTWAIT), 4);
    CHECK_BYTES(answer, "\x8a\x02hi", 4);
    CHECK_EQ(send(pair[1], unmasked, sizeof(unmasked), 0), sizeof(unmasked));
    CHECK_EQ(path_poll(ends[0].path, 10), PATH_WAKE_STREAM);
    CHECK_EQ(path_stream_next(ends[0].path), numbers[0]);
    CHECK_EQ(path_stream_next(ends[0].path), 0);
    CHECK_EQ(core_of(0)->state, CR_STREAM_ENDED);
    CHECK_EQ(core_of(0)->end, CR_END_PROTOCOL);
    CHECK(recv(pair[1], answer, sizeof(answer), 0) > 0); // the close message
    CHECK_EQ(recv(pair[1], answer, sizeof(answer), 0), 0);
    CHECK_EQ(path_poll(ends[0].path, 10), 0); // told once
    close(pair[1]);
    close_ends();
}

TEST(a_number_that_is_nobodys_any_more_gets_nothing_also_when_its_place_is_taken) {
    uint8_t packet[200];
    struct virtio_net_hdr offload = {0};
    open_joined(CR_FRAMING_LENGTH, CR_FRAMING_LENGTH);
    const int before = numbers[0];
    int pair[2];
    path_stream_close(ends[0].path, path_stream_find(ends[0].path, (unsigned)before));
    CHECK(path_stream_find(ends[0].path, (unsigned)before) == NULL);
    CHECK(path_stream_find(ends[0].path, 0) == NULL);
    CHECK_EQ(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), 0);
    ends[0].path->streams.next_free = (unsigned)before % PATH_STREAMS;
    adopt(0, pair[0], CR_FRAMING_LENGTH);
    CHECK_EQ(numbers[0] % PATH_STREAMS, before % PATH_STREAMS);
    CHECK(numbers[0] != before);
    ends[0].peers[ends[0].peer].endpoint = stream_endpoint(before);
    give(0, &offload, packet, write_packet(packet, &shape, 100));
    path_poll(ends[0].path, 0);
    CHECK_EQ(read_stream(pair[1]), 0);
    CHECK_EQ(ends[0].path->streams.counters.tx_dropped, 1);
    CHECK(path_send_to_peer(ends[0].path, ends[0].peer, packet, WG_RESPONSE_LEN) != 0);
    close(pair[1]);
    close_ends();
}

// --- connecting ---

static int listen_here(uint16_t *port) {
    struct sockaddr_in own = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(0x7f000001)};
    socklen_t len = sizeof(own);
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    CHECK(fd >= 0 && bind(fd, (void *)&own, sizeof(own)) == 0 && listen(fd, 16) == 0);
    CHECK_EQ(getsockname(fd, (void *)&own, &len), 0);
    *port = ntohs(own.sin_port);
    return fd;
}

static void open_to(uint16_t port) {
    wg_endpoint_t to = {.family = 4, .port = port};
    memcpy(to.address, loopback, 16);
    numbers[0] = path_stream_open(ends[0].path, &to);
    CHECK(numbers[0] > 0);
}

TEST(a_connection_is_made_speaks_in_bytes_and_then_carries_what_was_read_too_far) {
    uint8_t buffer[256], packet[200], received[200];
    struct virtio_net_hdr offload = {0};
    uint16_t port;
    open_ends();
    install(0);
    install(1);
    int listener = listen_here(&port);
    open_to(port);
    CHECK_EQ(core_of(0)->state, CR_STREAM_CONNECTING);
    CHECK_EQ(path_poll(ends[0].path, 1000), PATH_WAKE_STREAM);
    CHECK_EQ(path_stream_next(ends[0].path), numbers[0]);
    CHECK_EQ(core_of(0)->state, CR_STREAM_OPEN);
    int other = accept(listener, NULL, NULL);
    path_stream_t *stream = path_stream_find(ends[0].path, (unsigned)numbers[0]);
    CHECK_EQ(cr_stream_write(core_of(0), (const uint8_t *)"hello", 5), 5);
    CHECK_EQ(recv(other, buffer, sizeof(buffer), 0), 5);
    CHECK_BYTES(buffer, "hello", 5);
    CHECK_EQ(path_poll(ends[0].path, 20), 0);
    CHECK_EQ(send(other, "there", 5, 0), 5);
    CHECK_EQ(path_poll(ends[0].path, 1000), PATH_WAKE_STREAM);
    CHECK_EQ(path_stream_next(ends[0].path), numbers[0]);
    struct epoll_event event; // nobody reads, and the loop does not turn in place
    CHECK_EQ(epoll_wait(ends[0].path->epoll_fd, &event, 1, 0), 0);
    CHECK_EQ(cr_stream_read(core_of(0), buffer, 3, path_now_ms()), 3);
    path_stream_follow(ends[0].path, stream);
    CHECK_EQ(cr_stream_read(core_of(0), buffer + 3, 100, path_now_ms()), 2);
    CHECK_EQ(cr_stream_read(core_of(0), buffer + 5, 100, path_now_ms()), 0);
    path_stream_follow(ends[0].path, stream);
    CHECK_BYTES(buffer, "there", 5);
    // A frame that came right behind the handshake.
    adopt(1, other, CR_FRAMING_LENGTH);
    give(1, &offload, packet, write_packet(packet, &shape, 100));
    path_poll(ends[1].path, 0);
    CHECK_EQ(path_poll(ends[0].path, 1000), PATH_WAKE_STREAM);
    size_t rest = cr_stream_read(core_of(0), buffer, sizeof(buffer), path_now_ms());
    CHECK(rest > 100);
    path_stream_carry(ends[0].path, stream, CR_FRAMING_LENGTH, buffer, rest);
    CHECK_EQ(take(0, &offload, received, sizeof(received)), 140);
    CHECK_BYTES(received, packet, 140);
    check_passes(0);
    check_passes(1);
    close(listener);
    close_ends();
}

TEST(a_connection_that_is_reset_before_anybody_reads_does_not_keep_the_loop_busy) {
    uint8_t buffer[8];
    uint16_t port;
    struct epoll_event event;
    open_ends();
    int listener = listen_here(&port);
    open_to(port);
    CHECK_EQ(path_poll(ends[0].path, 1000), PATH_WAKE_STREAM);
    int other = accept(listener, NULL, NULL);
    CHECK_EQ(send(other, "there", 5, 0), 5);
    CHECK_EQ(path_poll(ends[0].path, 1000), PATH_WAKE_STREAM);
    struct linger hard = {.l_onoff = 1};
    CHECK_EQ(setsockopt(other, SOL_SOCKET, SO_LINGER, &hard, sizeof(hard)), 0);
    close(other);
    CHECK_EQ(path_poll(ends[0].path, 20), 0);
    CHECK_EQ(epoll_wait(ends[0].path->epoll_fd, &event, 1, 0), 0);
    // And it is told to whoever reads then.
    path_stream_t *stream = path_stream_find(ends[0].path, (unsigned)numbers[0]);
    CHECK_EQ(cr_stream_read(core_of(0), buffer, sizeof(buffer), path_now_ms()), 5);
    CHECK_EQ(cr_stream_read(core_of(0), buffer, sizeof(buffer), path_now_ms()), 0);
    path_stream_follow(ends[0].path, stream);
    CHECK_EQ(core_of(0)->end, CR_END_RESET);
    close(listener);
    close_ends();
}

// As a client of a hostile gateway, or a stranger, might: nothing in a frame, in any pieces.
TEST(empty_frames_are_nothing_and_the_next_one_is_whole) {
    static const uint8_t none[] = {0, 0, 0, 0, 0, 0}, none_of_websocket[] = {0x82, 0, 0x82, 0};
    for (unsigned framing = CR_FRAMING_LENGTH; framing <= CR_FRAMING_WEBSOCKET_CLIENT; framing++) {
        int pair[2];
        open_ends();
        install(0);
        install(1);
        CHECK_EQ(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), 0);
        const uint8_t *empty = framing == CR_FRAMING_LENGTH ? none : none_of_websocket;
        size_t len = framing == CR_FRAMING_LENGTH ? sizeof(none) : sizeof(none_of_websocket);
        CHECK_EQ(send(pair[1], empty, len, 0), (ssize_t)len);
        adopt(0, pair[0], (cr_framing_t)framing);
        // Once as what was read beyond the handshake, which ends where it ends.
        uint8_t *rest = malloc(len);
        memcpy(rest, empty, len);
        CHECK_EQ(path_poll(ends[0].path, 20), 0);
        int other[2];
        CHECK_EQ(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, other), 0);
        int number = path_stream_adopt(ends[0].path, other[0], (cr_framing_t)framing, rest, len);
        free(rest);
        CHECK(number > 0 && path_stream_core(path_stream_find(ends[0].path, (unsigned)number))->end == 0);
        CHECK_EQ(core_of(0)->state, CR_STREAM_CARRYING);
        adopt(1, pair[1], framing == CR_FRAMING_LENGTH ? CR_FRAMING_LENGTH : CR_FRAMING_WEBSOCKET_SERVER);
        check_passes(1);
        close(other[0]);
        close(other[1]);
        close_ends();
    }
}

TEST(why_a_connection_is_not_made_or_ends_is_told) {
    uint16_t port;
    open_ends();
    close(listen_here(&port));
    open_to(port);
    CHECK_EQ(path_poll(ends[0].path, 1000), PATH_WAKE_STREAM);
    CHECK_EQ(core_of(0)->end, CR_END_REFUSED);
    for (unsigned orderly = 0; orderly < 2; orderly++) {
        int listener = listen_here(&port);
        open_to(port);
        CHECK_EQ(path_poll(ends[0].path, 1000), PATH_WAKE_STREAM);
        int other = accept(listener, NULL, NULL);
        path_stream_t *stream = path_stream_find(ends[0].path, (unsigned)numbers[0]);
        path_stream_carry(ends[0].path, stream, CR_FRAMING_LENGTH, NULL, 0);
        struct linger hard = {.l_onoff = orderly == 0};
        CHECK_EQ(setsockopt(other, SOL_SOCKET, SO_LINGER, &hard, sizeof(hard)), 0);
        close(other);
        unsigned woken = 0;
        for (unsigned i = 0; i < 5 && core_of(0)->state != CR_STREAM_ENDED; i++) {
            woken |= (unsigned)path_poll(ends[0].path, 200);
        }
        CHECK(woken & PATH_WAKE_STREAM);
        CHECK_EQ(core_of(0)->end, orderly != 0 ? CR_END_CLOSED : CR_END_RESET);
        close(listener);
    }
    close_ends();
}

TEST(thousands_of_streams_carry_and_one_more_than_there_are_places_is_refused) {
    static int wires[PATH_STREAMS];
    struct rlimit limit;
    CHECK_EQ(getrlimit(RLIMIT_NOFILE, &limit), 0);
    limit.rlim_cur = limit.rlim_max;
    CHECK_EQ(setrlimit(RLIMIT_NOFILE, &limit), 0);
    if (limit.rlim_max < 2 * PATH_STREAMS + 100) {
        printf("skipped: this machine allows %ju open files\n", (uintmax_t)limit.rlim_max);
        return;
    }
    static const uint8_t frame[] = {0, 8, 4, 0, 0, 0, 9, 9, 9, 9};
    int pair[2];
    open_ends();
    for (unsigned i = 0; i < PATH_STREAMS; i++) {
        CHECK_EQ(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), 0);
        CHECK(path_stream_adopt(ends[0].path, pair[0], CR_FRAMING_LENGTH, NULL, 0) > 0);
        close(pair[0]);
        wires[i] = pair[1];
    }
    CHECK_EQ(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair), 0);
    CHECK_EQ(path_stream_adopt(ends[0].path, pair[0], CR_FRAMING_LENGTH, NULL, 0), -ENOSPC);
    close(pair[1]);
    for (unsigned i = 0; i < PATH_STREAMS; i++) {
        CHECK_EQ(send(wires[i], frame, sizeof(frame), 0), sizeof(frame));
    }
    for (unsigned i = 0; i < 3 * PATH_STREAMS / 32; i++) {
        path_poll(ends[0].path, 0);
    }
    CHECK_EQ(ends[0].path->streams.counters.rx_datagrams, PATH_STREAMS);
    for (unsigned i = 0; i < PATH_STREAMS; i++) {
        close(wires[i]);
    }
    unsigned ended = 0;
    for (unsigned i = 0; i < 3 * PATH_STREAMS / 32; i++) {
        path_poll(ends[0].path, 0);
        for (unsigned number; (number = path_stream_next(ends[0].path)) != 0; ended++) {
            path_stream_close(ends[0].path, path_stream_find(ends[0].path, number));
        }
    }
    CHECK_EQ(ended, PATH_STREAMS);
    CHECK_EQ(ends[0].path->streams.count, 0);
    close_ends();
}
