// A stream with TLS over a real connection, for tests/native/test_carrier_tls.py: connects to 127.0.0.1, secures, sends what it reads
// from its input as one write, prints what comes back until nothing does, closes.
//
//   carrier_client PORT[,PORT] NAME PINS NOW_S PIECE ARENA_KB [MODE]
//
// PORT: several are taken in turns. PIECE: the most bytes that one call moves, 0: all. MODE: `carry` ten datagrams after that, as an echo
// gives them back; `twice`: all of it once more; `no_random`: with a generator that fails; `often`: 200 connections, two of three of which
// are cut somewhere in the handshake.
// Prints `state`, `end`, `used` (of the arena, when all is over), `most`, and `left` (bytes of the arena that are not wiped); and of
// `often` how many were `whole`, and `grown`, how much the most of the last 150 is above that of the first 50.

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <unistd.h>

#define main check_main // this is a program of its own
#include "carrier_wire.h"
#undef main

TEST(a_tool_has_no_tests) {
}
#include "cr_tls.h"

static int connection;
static size_t piece;
static bool no_random;
static long until_cut = -1; // bytes, either way; below 0: nobody cuts it

static int moved(ssize_t count) {
    if (count >= 0) {
        return (int)count;
    }
    return errno == EAGAIN ? 0 : -CR_END_RESET;
}

static int send_on(void *context, const uint8_t *data, size_t len) {
    (void)context;
    if (until_cut == 0) {
        return -CR_END_RESET;
    }
    return moved(send(connection, data, piece != 0 && len > piece ? piece : len, MSG_NOSIGNAL));
}

static int receive_on(void *context, uint8_t *data, size_t len) {
    (void)context;
    if (until_cut == 0) {
        return -CR_END_RESET;
    }
    len = until_cut > 0 && len > (size_t)until_cut ? (size_t)until_cut : len;
    const ssize_t count = recv(connection, data, piece != 0 && len > piece ? piece : len, 0);
    until_cut -= until_cut > 0 && count > 0 ? count : 0;
    return count == 0 ? -CR_END_CLOSED : moved(count);
}

static bool fill_random(uint8_t *out, size_t len) {
    return !no_random && getrandom(out, len, 0) == (ssize_t)len;
}

static const cr_hooks_t HOOKS = {send_on, receive_on, end_datagram, end_release};

// Until there are bytes, room if that is wanted, or enough time has passed.
static bool wait_for(const cr_stream_t *stream, int timeout_ms) {
    struct pollfd wanted = {connection, (short)(POLLIN | (cr_stream_wants_send(stream) ? POLLOUT : 0)), 0};
    return poll(&wanted, 1, timeout_ms) > 0;
}

static void talk(cr_stream_t *stream) {
    static uint8_t said[40000], heard[40000];
    const ssize_t len = read(STDIN_FILENO, said, sizeof(said));
    size_t sent = 0, got = 0;
    while (stream->state == CR_STREAM_OPEN && got < (size_t)len) {
        size_t count;
        while ((count = cr_stream_write(stream, said + sent, (size_t)len - sent)) > 0) {
            sent += count;
        }
        while ((count = cr_stream_read(stream, heard + got, sizeof(heard) - got, 1)) > 0) {
            got += count;
        }
        if (got < (size_t)len && !wait_for(stream, 2000)) {
            printf("silence\n");
            return;
        }
        cr_stream_flush(stream);
    }
    printf("echo %d\n", got == (size_t)len && memcmp(said, heard, got) == 0);
}

static void carry(end_t *end) {
    cr_stream_carry(&end->stream, CR_FRAMING_LENGTH, NULL, 0, 1);
    for (uint32_t i = 0; i < 10; i++) {
        end_send(end, i, 1400);
        while (end->got_count <= i && end->stream.state == CR_STREAM_CARRYING && wait_for(&end->stream, 2000)) {
            cr_stream_flush(&end->stream);
            while (cr_stream_receive(&end->stream, 100, 1)) {
            }
        }
        CHECK_EQ(end->got_count, i + 1);
        CHECK_EQ(end->got_lens[i], 1400);
        CHECK_EQ(end_got(end, i), i);
    }
    printf("carried %zu\n", end->got_count);
}

static bool is_mode(int argc, char **argv, const char *mode) {
    return argc > 7 && strcmp(argv[7], mode) == 0;
}

int main(int argc, char **argv) {
    static _Alignas(16) uint8_t arena[512 << 10];
    static end_t end;
    uint8_t pins[4 * CR_PIN_LEN];
    CHECK(argc >= 7);
    const char *second = strchr(argv[1], ',');
    const int ports[2] = {atoi(argv[1]), atoi(second != NULL ? second + 1 : argv[1])};
    struct sockaddr_in to = {.sin_family = AF_INET};
    to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    const size_t arena_len = (size_t)atoi(argv[6]) << 10;
    piece = (size_t)atoi(argv[5]);
    no_random = is_mode(argc, argv, "no_random");
    const bool is_often = is_mode(argc, argv, "often");
    const int times = is_often ? 200 : is_mode(argc, argv, "twice") ? 2 : 1;
    size_t most_at_first = 0, whole = 0;
    cr_tls_start(arena, arena_len, fill_random);
    for (int time = 0; time < times; time++) {
        until_cut = is_often && time % 3 != 0 ? 1 + time * 53 % 2900 : -1;
        most_at_first = time < 50 ? cr_tls_used_most() : most_at_first;
        to.sin_port = htons((uint16_t)ports[time & 1]);
        connection = socket(AF_INET, SOCK_STREAM, 0);
        CHECK(connect(connection, (struct sockaddr *)&to, sizeof(to)) == 0);
        fcntl(connection, F_SETFL, O_NONBLOCK);
        end_open(&end, &HOOKS, NULL, NULL, false);
        const size_t pins_len = check_unhex(pins, argv[3]);
        (void)cr_stream_secure(&end.stream, argv[2], strlen(argv[2]), pins, pins_len / CR_PIN_LEN,
                               strtoull(argv[4], NULL, 10));
        while (end.stream.state == CR_STREAM_SECURING) {
            if (!cr_stream_work(&end.stream, 1) && end.stream.state == CR_STREAM_SECURING && until_cut != 0 &&
                !wait_for(&end.stream, 3000)) {
                cr_stream_fail(&end.stream, CR_END_TIMEOUT);
            }
        }
        printf("state %d\n", end.stream.state);
        if (end.stream.state == CR_STREAM_OPEN) {
            talk(&end.stream);
        }
        until_cut = -1;
        whole += end.stream.state == CR_STREAM_OPEN;
        if (end.stream.state == CR_STREAM_OPEN && (is_often ? time % 9 == 0 : is_mode(argc, argv, "carry"))) {
            carry(&end);
        }
        cr_stream_close(&end.stream);
        printf("end %d\n", end.stream.end);
        close(connection);
    }
    size_t left = 0;
    // What is left are the headers of blocks, 8 bytes each: one of them, when everything is one piece again.
    for (size_t i = 8; i < sizeof(arena); i++) {
        left += arena[i] != 0;
    }
    if (is_often) {
        printf("whole %zu\ngrown %zu\n", whole, cr_tls_used_most() - most_at_first);
    }
    printf("used %zu\nmost %zu\nleft %zu\n", cr_tls_used(), cr_tls_used_most(), left);
    return 0;
}
