// The outer sockets: IPv4 and IPv6 on one port and on some beside it, datagrams in batches. Runs of equal datagrams to one
// endpoint leave as one message (UDP_SEGMENT), and arrive so (UDP_GRO), where the kernel can. An answer leaves by the port at
// which the question arrived (wg_endpoint_t.local_port).
#ifndef PATH_UDP_H
#define PATH_UDP_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

#include "wg_endpoint.h"

#define PATH_UDP_RX_MESSAGES 16
#define PATH_UDP_RX_SIZE 65536
#define PATH_UDP_TX_SIZE (256 * 1024)
#define PATH_UDP_TX_RUNS 128
#define PATH_UDP_RUN_DATAGRAMS 64 // the kernel's UDP_MAX_SEGMENTS
#define PATH_UDP_RUN_LEN 65507    // of a UDP datagram over IPv4

#define PATH_UDP_ALSO_PORTS 15 // beside the first

// The sockets of the first port are those two; of the i-th beside it, those 2 * i + 2 and 2 * i + 3.
enum { PATH_UDP_IPV4, PATH_UDP_IPV6, PATH_UDP_PAIR, PATH_UDP_SOCKETS = PATH_UDP_PAIR * (1 + PATH_UDP_ALSO_PORTS) };

typedef struct {
    int fd; // -1: not open
    bool can_segment;
} path_udp_socket_t;

// One datagram as it arrived.
typedef struct {
    uint8_t *data;
    size_t len;
    wg_endpoint_t *source; // of the whole message, of which this may be a part
} path_datagram_t;

// Datagrams of one size (the last may be shorter), one after the other in tx_data.
typedef struct {
    wg_endpoint_t *to; // its local address is forgotten when it turns out to be no more ours
    unsigned socket;
    size_t start, len, datagram_len;
    unsigned datagrams;
    bool closed; // the last one is shorter
} path_udp_run_t;

typedef struct {
    uint64_t rx_datagrams, rx_calls, rx_errors, tx_datagrams, tx_calls, tx_errors, tx_dropped;
} path_udp_counters_t;

typedef struct {
    path_udp_socket_t sockets[PATH_UDP_SOCKETS];
    uint16_t port;
    uint16_t also[PATH_UDP_ALSO_PORTS]; // 0: none
    uint32_t mark;
    path_udp_counters_t counters;

    uint8_t *rx_data; // PATH_UDP_RX_MESSAGES * PATH_UDP_RX_SIZE
    wg_endpoint_t rx_sources[PATH_UDP_RX_MESSAGES];
    size_t rx_len[PATH_UDP_RX_MESSAGES];
    uint16_t rx_segment[PATH_UDP_RX_MESSAGES]; // length of each datagram in a message; 0: it is one
    unsigned rx_count, rx_index;
    size_t rx_offset;

    uint8_t *tx_data; // PATH_UDP_TX_SIZE
    size_t tx_used;
    path_udp_run_t tx_runs[PATH_UDP_TX_RUNS];
    unsigned tx_first, tx_count; // runs sent already; runs in all
    int tx_blocked_fd;           // the socket whose buffer is full, or -1
} path_udp_t;

// rx_data, tx_data: PATH_UDP_RX_MESSAGES * PATH_UDP_RX_SIZE and PATH_UDP_TX_SIZE bytes.
void path_udp_init(path_udp_t *udp, uint8_t *rx_data, uint8_t *tx_data);

// Open both sockets on a port (0: any that is free for both) in place of those before. 0 or errno; after an error the sockets
// before are still there, unless they had this port. Without IPv6 in the kernel, IPv4 alone. It may be one of the others, and is
// none of those then.
int path_udp_bind(path_udp_t *udp, uint16_t port);
// Have sockets on these ports, too (none of them 0, none twice), and on no others beside the first. Those that are open stay as
// they are. errors[i]: 0, or why ports[i] could not be had.
void path_udp_also_bind(path_udp_t *udp, const uint16_t *ports, unsigned count, int *errors);
void path_udp_close(path_udp_t *udp); // all of them
// SO_MARK, now and for sockets opened later. 0 or errno.
int path_udp_set_mark(path_udp_t *udp, uint32_t mark);
// The port of ours by which datagrams leave to an endpoint; 0: it is a stream, or there are no sockets.
uint16_t path_udp_port_to(const path_udp_t *udp, const wg_endpoint_t *to);

// Whether path_udp_room() has to send what was committed before there is room.
bool path_udp_is_full(const path_udp_t *udp, size_t len);
// Where the next datagram, of at most len bytes, may be written; NULL: there is no room until path_udp_flush() succeeds.
uint8_t *path_udp_room(path_udp_t *udp, size_t len);
// Take len bytes that were written there. to must live until path_udp_flush().
void path_udp_commit(path_udp_t *udp, wg_endpoint_t *to, size_t len);
// Send what was committed. False: a socket's buffer is full (tx_blocked_fd), and the rest waits for the next call.
bool path_udp_flush(path_udp_t *udp);
// Send one datagram past the batch. 0 or errno.
int path_udp_send(path_udp_t *udp, const uint8_t *data, size_t len, wg_endpoint_t *to);

// Take a batch from a socket: false when nothing is there. Then path_udp_next() gives its datagrams one by one; they stay where
// they are until the next path_udp_receive().
bool path_udp_receive(path_udp_t *udp, unsigned socket);
bool path_udp_next(path_udp_t *udp, path_datagram_t *datagram);

#endif
