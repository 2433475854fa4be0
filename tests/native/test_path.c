// with: posix
// Two whole paths on loopback, with socket pairs in the place of TUN devices, and one on a real TUN device in a network
// namespace of its own.
#define _GNU_SOURCE
#include <errno.h>
#include <net/if.h>
#include <netinet/in.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "check.h"
#include "path_ends.h"
#include "wg_blake2s.h"

TEST(a_packet_comes_out_at_the_other_end_both_ways) {
    open_ends();
    install(0);
    install(1);
    check_passes(0);
    check_passes(1);
    CHECK_EQ(ends[1].peers[ends[1].peer].endpoint.local_family, 4);
    CHECK_BYTES(ends[1].peers[ends[1].peer].endpoint.local, loopback, 4);
    close_ends();
}

TEST(a_large_packet_is_split_and_joined_on_the_way) {
    static uint8_t sent[PATH_PACKET_MAX], received[PATH_PACKET_MAX];
    struct virtio_net_hdr offload = {
        .flags = VIRTIO_NET_HDR_F_NEEDS_CSUM,
        .gso_type = VIRTIO_NET_HDR_GSO_TCPV4,
        .hdr_len = 40,
        .gso_size = 1380,
        .csum_start = 20,
        .csum_offset = 16,
    };
    struct virtio_net_hdr arrived;
    open_ends();
    install(0);
    install(1);
    size_t len = write_packet(sent, &shape, 40 * 1380 + 77);
    wg_store16_be(sent + 36, naive_pseudo_sum(sent, len, false));
    give(0, &offload, sent, len);
    CHECK_EQ(take(1, &arrived, received, sizeof(received)), len);
    CHECK_BYTES(received, sent, len);
    CHECK_BYTES(&arrived, &offload, sizeof(offload));
    CHECK_EQ(ends[0].path->counters.tun_rx_packets, 41);
    CHECK_EQ(ends[1].path->counters.tun_tx_packets, 41);
    CHECK_EQ(ends[1].path->counters.tun_tx_calls, 1);
    close_ends();
}

TEST(packets_wait_for_a_keypair_and_leave_when_flushed) {
    uint8_t sent[200], received[200];
    struct virtio_net_hdr offload = {0};
    packet_shape_t numbered = shape;
    open_ends();
    for (unsigned i = 0; i < 3; i++) {
        numbered.source_port = (uint16_t)i;
        give(0, &offload, sent, write_packet(sent, &numbered, 100));
    }
    CHECK_EQ(path_poll(ends[0].path, 1000), PATH_WAKE_EVENT);
    take_events(0);
    CHECK_EQ(path_flush_queue(ends[0].path, ends[0].peer), 0);
    install(0);
    install(1);
    CHECK_EQ(path_flush_queue(ends[0].path, ends[0].peer), 3);
    for (unsigned i = 0; i < 3; i++) {
        CHECK_EQ(take(1, &offload, received, sizeof(received)), 140);
        CHECK_EQ(wg_load16_be(received + 20), i);
    }
    close_ends();
}

TEST(a_keepalive_is_heard_and_not_delivered) {
    uint8_t received[200];
    struct virtio_net_hdr offload;
    open_ends();
    CHECK_EQ(path_keepalive(ends[0].path, ends[0].peer), WG_ERR_NO_KEY);
    install(0);
    install(1);
    CHECK_EQ(path_keepalive(ends[0].path, ends[0].peer), WG_OK);
    CHECK_EQ(take(1, &offload, received, sizeof(received)), 0);
    CHECK(ends[1].peers[ends[1].peer].heard_ms != 0);
    CHECK_EQ(ends[1].peers[ends[1].peer].rx_bytes, WG_TRANSPORT_OVERHEAD);
    close_ends();
}

// A handshake initiation that passes the gate of an end without load.
static void write_initiation(const end_t *end, uint8_t message[WG_INITIATION_LEN]) {
    memset(message, 0, WG_INITIATION_LEN);
    message[0] = WG_MESSAGE_INITIATION;
    wg_blake2s(message + WG_INITIATION_MAC1, WG_MAC_LEN, message, WG_INITIATION_MAC1, end->gate.mac1_key, 32);
}

TEST(a_handshake_message_wakes_and_comes_with_its_source) {
    uint8_t message[WG_INITIATION_LEN];
    open_ends();
    wg_endpoint_t to = ends[0].peers[ends[0].peer].endpoint;
    write_initiation(&ends[1], message);
    message[WG_INITIATION_MAC1] ^= 1;
    CHECK_EQ(path_send(ends[0].path, message, sizeof(message), &to), 0);
    CHECK_EQ(path_poll(ends[1].path, 50), 0);
    CHECK_EQ(ends[1].tunnel.drops[WG_ERR_MAC1], 1);
    message[WG_INITIATION_MAC1] ^= 1;
    CHECK_EQ(path_send(ends[0].path, message, sizeof(message), &to), 0);
    CHECK_EQ(path_poll(ends[1].path, 1000), PATH_WAKE_HANDSHAKE);
    CHECK_EQ(path_poll(ends[1].path, 1000), PATH_WAKE_HANDSHAKE); // until it is taken
    const wg_ring_slot_t *slot = wg_ring_pop(&ends[1].path->ring);
    CHECK_EQ(slot->len, sizeof(message));
    CHECK_BYTES(slot->message, message, sizeof(message));
    CHECK_EQ(slot->source.port, ends[0].path->udp.port);
    CHECK_EQ(path_poll(ends[1].path, 0), 0);
    close_ends();
}

TEST(a_live_session_goes_on_in_a_flood_of_handshakes_that_are_not_taken) {
    uint8_t message[WG_INITIATION_LEN];
    open_ends();
    install(0);
    install(1);
    wg_endpoint_t to = ends[0].peers[ends[0].peer].endpoint;
    write_initiation(&ends[1], message);
    CHECK_EQ(wg_tunnel_reserve_index(&ends[0].tunnel, ends[0].peer, 0), WG_OK);
    for (unsigned i = 0; i < 20; i++) {
        for (unsigned n = 0; n < 50; n++) {
            CHECK_EQ(path_send(ends[0].path, message, sizeof(message), &to), 0);
        }
        check_passes(0);
    }
    CHECK(wg_gate_is_loaded(&ends[1].gate, path_now_ms()));
    CHECK(wg_ring_is_loaded(&ends[1].path->ring) && ends[1].path->ring.count < PATH_RING_SLOTS);
    CHECK(ends[1].path->counters.cookies > 500);
    CHECK_EQ(ends[1].path->counters.cookies, ends[1].tunnel.drops[WG_ERR_COOKIE]);
    CHECK(ends[0].path->ring.count > 0); // cookie replies
    close_ends();
}

TEST(a_cookie_reply_comes_through_a_flood_of_others) {
    uint8_t message[WG_COOKIE_LEN] = {WG_MESSAGE_COOKIE};
    open_ends();
    wg_endpoint_t to = ends[0].peers[ends[0].peer].endpoint;
    CHECK_EQ(wg_tunnel_reserve_index(&ends[1].tunnel, ends[1].peer, 7), WG_OK);
    for (uint32_t i = 0; i < 3 * WG_GATE_COOKIE_RATE; i++) {
        wg_store32_le(message + WG_COOKIE_RECEIVER, 1000 + i);
        CHECK_EQ(path_send(ends[0].path, message, sizeof(message), &to), 0);
    }
    CHECK_EQ(path_poll(ends[1].path, 20), 0);
    CHECK_EQ(ends[1].tunnel.drops[WG_ERR_INDEX], 3 * WG_GATE_COOKIE_RATE);
    wg_store32_le(message + WG_COOKIE_RECEIVER, 7);
    CHECK_EQ(path_send(ends[0].path, message, sizeof(message), &to), 0);
    CHECK_EQ(path_poll(ends[1].path, 1000), PATH_WAKE_HANDSHAKE);
    close_ends();
}

TEST(an_answer_leaves_from_the_address_that_was_asked) {
    uint8_t message[WG_INITIATION_LEN];
    struct sockaddr_in to = {.sin_family = AF_INET}, from;
    socklen_t from_len = sizeof(from);
    open_ends();
    int stranger = socket(AF_INET, SOCK_DGRAM, 0);
    to.sin_port = htons(ends[1].path->udp.port);
    to.sin_addr.s_addr = htonl(0x7f000002);
    write_initiation(&ends[1], message);
    CHECK_EQ(sendto(stranger, message, sizeof(message), 0, (void *)&to, sizeof(to)), sizeof(message));
    CHECK_EQ(path_poll(ends[1].path, 1000), PATH_WAKE_HANDSHAKE);
    // To the control plane it is bytes, without our side of it.
    wg_endpoint_t source;
    uint8_t bytes[WG_ENDPOINT_MAX_LEN];
    size_t len = wg_endpoint_store(bytes, &wg_ring_pop(&ends[1].path->ring)->source);
    CHECK(wg_endpoint_load(&source, bytes, len));
    CHECK_EQ(path_send(ends[1].path, message, WG_RESPONSE_LEN, &source), 0);
    CHECK_EQ(recvfrom(stranger, message, sizeof(message), 0, (void *)&from, &from_len), WG_RESPONSE_LEN);
    CHECK_EQ(ntohl(from.sin_addr.s_addr), 0x7f000002);
    close(stranger);
    close_ends();
}

TEST(garbage_is_dropped_and_counted) {
    static const uint8_t garbage[][8] = {{0}, {4}, {4, 0, 0, 0, 9}, {5, 1}, {1, 0, 0, 1}};
    open_ends();
    wg_endpoint_t to = ends[0].peers[ends[0].peer].endpoint;
    for (unsigned i = 0; i < 5; i++) {
        CHECK_EQ(path_send(ends[0].path, garbage[i], 8 - i, &to), 0);
    }
    CHECK_EQ(path_poll(ends[1].path, 50), 0);
    uint32_t drops = 0;
    for (unsigned i = 0; i < WG_STATUS_COUNT; i++) {
        drops += ends[1].tunnel.drops[i];
    }
    CHECK_EQ(drops, 5);
    close_ends();
}

TEST(the_timeout_is_kept_and_traffic_does_not_extend_it) {
    uint8_t packet[200];
    struct virtio_net_hdr offload = {0};
    open_ends();
    install(0);
    give(0, &offload, packet, write_packet(packet, &shape, 100));
    path_poll(ends[0].path, 100);
    take_events(0);
    uint64_t begun_ms = path_now_ms();
    for (unsigned i = 0; i < 5; i++) {
        give(0, &offload, packet, write_packet(packet, &shape, 100));
    }
    CHECK_EQ(path_poll(ends[0].path, 50), 0);
    uint64_t passed_ms = path_now_ms() - begun_ms;
    CHECK(passed_ms >= 49 && passed_ms < 5000);
    CHECK_EQ(ends[0].path->udp.counters.tx_datagrams, 6);
    close_ends();
}

TEST(signals_and_watched_files_wake) {
    open_ends();
    int ends_of_pipe[2];
    CHECK_EQ(pipe(ends_of_pipe), 0);
    CHECK_EQ(path_watch_file(ends[0].path, ends_of_pipe[0]), 0);
    CHECK_EQ(path_poll(ends[0].path, 10), 0);
    CHECK_EQ(write(ends_of_pipe[1], "x", 1), 1);
    CHECK_EQ(path_poll(ends[0].path, 1000), PATH_WAKE_FILE);
    CHECK(ends[0].path->file_ready[0]);
    CHECK_EQ(path_unwatch_file(ends[0].path, ends_of_pipe[0]), 0);
    CHECK_EQ(path_unwatch_file(ends[0].path, ends_of_pipe[0]), ENOENT);
    CHECK_EQ(path_poll(ends[0].path, 10), 0);
    raise(SIGHUP);
    CHECK_EQ(path_poll(ends[0].path, 1000), PATH_WAKE_SIGNAL);
    CHECK_EQ(path_take_signal(ends[0].path), SIGHUP);
    CHECK_EQ(path_take_signal(ends[0].path), 0);
    close(ends_of_pipe[0]);
    close(ends_of_pipe[1]);
    close_ends();
}

TEST(a_peer_behind_a_moved_port_is_followed) {
    open_ends();
    install(0);
    install(1);
    check_passes(0);
    CHECK_EQ(path_bind(ends[0].path, 0), 0); // another port
    check_passes(0);
    CHECK_EQ(ends[1].peers[ends[1].peer].endpoint.port, ends[0].path->udp.port);
    check_passes(1);
    close_ends();
}

// Put a TCP connection in the place of the IPv4 socket, because that is full when nobody reads; its other end.
static int fill_socket(path_t *path) {
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof(address);
    int listener = socket(AF_INET, SOCK_STREAM, 0), stream = socket(AF_INET, SOCK_STREAM, 0);
    CHECK_EQ(bind(listener, (void *)&address, len), 0);
    CHECK_EQ(listen(listener, 1), 0);
    CHECK_EQ(getsockname(listener, (void *)&address, &len), 0);
    CHECK_EQ(connect(stream, (void *)&address, len), 0);
    int other = accept(listener, NULL, NULL);
    CHECK(other >= 0);
    close(listener);
    static const uint8_t nothing[4096];
    while (send(stream, nothing, sizeof(nothing), MSG_DONTWAIT) > 0) {
    }
    path_udp_socket_t *socket = &path->udp.sockets[PATH_UDP_IPV4];
    close(socket->fd);
    *socket = (path_udp_socket_t){.fd = stream};
    CHECK_EQ(path_arm(path, EPOLL_CTL_ADD, stream, PATH_KIND_UDP, EPOLLIN), 0);
    return other;
}

static size_t read_all(int fd, uint8_t *data, size_t size) {
    size_t len = 0;
    ssize_t got;
    while ((got = recv(fd, data, size, MSG_DONTWAIT)) > 0) {
        len += (size_t)got;
    }
    return len;
}

TEST(packets_that_a_full_socket_kept_from_leaving_leave_when_there_is_room) {
    static uint8_t data[1 << 16];
    uint8_t packet[200];
    struct virtio_net_hdr offload = {0};
    open_ends();
    install(0);
    path_t *path = ends[0].path;
    int other = fill_socket(path);
    size_t len = write_packet(packet, &shape, 100);
    give(0, &offload, packet, len);
    CHECK_EQ(path_poll(path, 0), PATH_WAKE_EVENT);
    take_events(0);
    CHECK_EQ(path->udp.tx_blocked_fd, path->udp.sockets[PATH_UDP_IPV4].fd);
    for (unsigned i = 0; i < 3; i++) { // these waited for a handshake, which is done just now
        CHECK_EQ(wg_tunnel_queue(&ends[0].tunnel, ends[0].peer, packet, len), WG_OK);
    }
    CHECK_EQ(path_flush_queue(path, ends[0].peer), 0);
    CHECK_EQ(path_poll(path, 10), 0);
    CHECK_EQ(ends[0].peers[ends[0].peer].queue_len, 3);
    for (unsigned i = 0; i < 200 && ends[0].peers[ends[0].peer].queue_len > 0; i++) {
        read_all(other, data, sizeof(data));
        CHECK_EQ(path_poll(path, 10), 0);
    }
    CHECK_EQ(ends[0].peers[ends[0].peer].queue_len, 0);
    CHECK_EQ(path->udp.counters.tx_datagrams, 4);
    CHECK_EQ(path->udp.counters.tx_dropped, 0);
    close(other);
    close_ends();
}

TEST(new_sockets_do_not_wait_for_room_in_the_old) {
    uint8_t packet[200];
    struct virtio_net_hdr offload = {0};
    open_ends();
    install(0);
    path_t *path = ends[0].path;
    path->udp.tx_blocked_fd = path->udp.sockets[PATH_UDP_IPV4].fd; // as it is while that one's buffer is full
    path->waits_for_room = true;
    CHECK_EQ(path_arm(path, EPOLL_CTL_MOD, path->tun.fd, PATH_KIND_TUN, 0), 0);
    CHECK_EQ(path_bind(path, 0), 0);
    give(0, &offload, packet, write_packet(packet, &shape, 100));
    CHECK_EQ(path_poll(path, 0), PATH_WAKE_EVENT); // not only after a timeout
    CHECK_EQ(path->udp.counters.tx_datagrams, 1);
    close_ends();
}

static void set_interface(const char *name, unsigned long what, short flags, int mtu) {
    struct ifreq request = {0};
    int fd = socket(AF_INET, SOCK_DGRAM, 0);
    strcpy(request.ifr_name, name);
    if (what == SIOCSIFMTU) {
        request.ifr_mtu = mtu;
    } else {
        request.ifr_flags = flags;
    }
    CHECK_EQ(ioctl(fd, what, &request), 0);
    close(fd);
}

static bool enter_namespace(void) {
    if (unshare(CLONE_NEWNET) == 0 || unshare(CLONE_NEWUSER | CLONE_NEWNET) == 0) {
        return true;
    }
    printf("skipped: no network namespace to be had here (%s)\n", strerror(errno));
    return false;
}

static void wait_for_interface(path_t *path, bool up, unsigned mtu) {
    for (unsigned i = 0; i < 10 && (path->link.up != up || path->link.mtu != mtu); i++) {
        path_poll(path, 1000);
    }
    CHECK_EQ(path->link.up, up);
    CHECK_EQ(path->link.mtu, mtu);
}

TEST(the_interfaces_state_is_followed_until_it_is_gone) {
    if (!enter_namespace()) {
        return;
    }
    end_t *end = &ends[0];
    open_end(0);
    close(end->path->tun.fd);
    close(end->wire);
    end->path->tun.fd = -1;
    int error = path_set_tun(end->path, "under%d");
    if (error == ENOENT || error == EPERM) {
        printf("skipped: no TUN device to be had here (%s)\n", strerror(error));
    } else {
        path_t *path = end->path;
        CHECK_EQ(error, 0);
        CHECK_EQ(path_set_tun(path, "another"), EBUSY);
        CHECK_BYTES(path->tun.name, "under0", 7);
        CHECK_EQ(path->link.mtu, 1500);
        CHECK_EQ(end->tunnel.mtu, 1500);
        CHECK(!path->link.up);
        set_interface("under0", SIOCSIFMTU, 0, 1280);
        CHECK_EQ(path_poll(path, 1000), PATH_WAKE_TUN);
        wait_for_interface(path, false, 1280);
        CHECK_EQ(end->tunnel.mtu, 1280);
        set_interface("under0", SIOCSIFFLAGS, IFF_UP, 0);
        wait_for_interface(path, true, 1280);
        set_interface("under0", SIOCSIFFLAGS, 0, 0);
        wait_for_interface(path, false, 1280);
        set_interface("under0", SIOCSIFFLAGS, IFF_UP, 0);
        wait_for_interface(path, true, 1280);
        set_interface("under0", SIOCSIFFLAGS, 0, 0); // down for a moment, and that takes its routes away
        set_interface("under0", SIOCSIFFLAGS, IFF_UP, 0);
        CHECK_EQ(path_poll(path, 1000), PATH_WAKE_TUN);
        CHECK(!path->link.up);
        CHECK_EQ(path_poll(path, 1000), PATH_WAKE_TUN);
        CHECK(path->link.up);
        if (system("ip link del under0") == 0) {
            wait_for_interface(path, false, 0);
            path_poll(path, 20);
            path_poll(path, 20);
            CHECK_EQ(path_poll(path, 20), 0); // and it is quiet then
        }
    }
    path_close(end->path);
}

// A process in a network namespace of its own, until kill().
static pid_t start_neighbour(void) {
    int ready[2];
    char byte;
    CHECK_EQ(pipe(ready), 0);
    pid_t pid = fork();
    if (pid == 0) {
        if (unshare(CLONE_NEWNET) == 0 && write(ready[1], "x", 1) == 1) {
            sleep(20);
        }
        _exit(1);
    }
    CHECK_EQ(read(ready[0], &byte, 1), 1);
    close(ready[0]);
    close(ready[1]);
    return pid;
}

TEST(the_interface_is_followed_into_another_namespace) {
    if (!enter_namespace()) {
        return;
    }
    open_end(0);
    path_t *path = ends[0].path;
    close(path->tun.fd);
    close(ends[0].wire);
    path->tun.fd = -1;
    int error = path_set_tun(path, "under0");
    if (error == 0) {
        char command[200];
        pid_t neighbour = start_neighbour();
        snprintf(command, sizeof(command),
                 "ip link set under0 netns %d && nsenter -t %d -n ip link set under0 mtu 1300 up", neighbour,
                 neighbour);
        if (system(command) == 0) {
            wait_for_interface(path, true, 1300);
            CHECK_EQ(path_bind(path, 0), 0); // the sockets are still made in our own
        } else {
            printf("skipped: no ip or nsenter\n");
        }
        kill(neighbour, SIGKILL);
        waitpid(neighbour, NULL, 0);
    } else {
        printf("skipped: no TUN device to be had here (%s)\n", strerror(error));
    }
    path_close(path);
}
