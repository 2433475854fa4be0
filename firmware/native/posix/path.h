// One thread that moves packets between the TUN device and the sockets until the control plane is wanted.
#ifndef PATH_H
#define PATH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "path_coalesce.h"
#include "path_link.h"
#include "path_stream.h"
#include "path_tun.h"
#include "path_udp.h"
#include "wg_gate.h"
#include "wg_ring.h"
#include "wg_shape_many.h"
#include "wg_tunnel.h"

// Why path_poll() came back; none: the time is over.
enum {
    PATH_WAKE_HANDSHAKE = 1,
    PATH_WAKE_EVENT = 2,
    PATH_WAKE_SIGNAL = 4,
    PATH_WAKE_FILE = 8,
    PATH_WAKE_TUN = 16,
    PATH_WAKE_STREAM = 32,
    PATH_WAKE_UPLINK = 64,
};

#define PATH_PEER_WORDS 1024 // a bit for each number that a peer can have
#define PATH_RING_SLOTS 256  // handshake messages that can wait for the control plane
#define PATH_FILES 64        // descriptors that can be watched for the control plane
#define PATH_DECOY_MAX 1280  // bytes of a datagram that means nothing

typedef struct {
    uint64_t tun_rx_packets, tun_rx_calls, tun_rx_malformed, tun_tx_packets, tun_tx_calls, tun_tx_errors, ring_full,
        cookies;
} path_counters_t;

typedef struct path {
    wg_tunnel_t *tunnel;
    wg_gate_t *gate;
    wg_shape_t *shape; // NULL: none but WireGuard's own
    path_tun_t tun;
    path_link_t link;
    path_udp_t udp;
    path_streams_t streams;
    wg_ring_t ring;
    path_coalesce_t coalesce;
    path_counters_t counters;
    int epoll_fd, signal_fd, routes_fd;
    bool waits_for_room; // for a socket's buffer; the TUN device rests meanwhile
    bool watches_uplink; // PATH_WAKE_UPLINK is wanted: an address or a route of this machine has changed
    bool has_unflushed;  // some bit may be set in unflushed
    unsigned wake;       // reasons that the loop found itself
    int signal;
    int files[PATH_FILES];
    bool file_ready[PATH_FILES];
    unsigned file_count;
    uint64_t now_ms;
    uint8_t *tun_data;                // PATH_PACKET_MAX bytes
    uint8_t *unshaped[WG_SHAPE_MANY]; // data in the sockets' batch that gets its shape before they see it
    unsigned unshaped_count;
    wg_shape_spares_t spares;
    uint64_t unflushed[PATH_PEER_WORDS]; // by number, peers whose waiting packets met a full socket
} path_t;

// CLOCK_BOOTTIME in milliseconds, never 0: it goes on while the machine sleeps.
uint64_t path_now_ms(void);

// A path without interface and sockets, in memory of its own; NULL with errno. SIGINT, SIGTERM and SIGHUP are blocked from now
// on and come as PATH_WAKE_SIGNAL. tunnel and gate must outlive it.
path_t *path_open(wg_tunnel_t *tunnel, wg_gate_t *gate);
// Close everything, unblock the signals, and wipe what held packets.
void path_close(path_t *path);

// Each of these returns 0 or errno.
int path_set_tun(path_t *path, const char *name);
int path_bind(path_t *path, uint16_t port);                                           // the port: path->udp.port
int path_also_bind(path_t *path, const uint16_t *ports, unsigned count, int *errors); // see path_udp_also_bind()
void path_unbind(path_t *path);
int path_set_mark(path_t *path, uint32_t mark); // of sockets and streams, now and later
int path_watch_file(path_t *path, int fd);
int path_unwatch_file(path_t *path, int fd);

// Move packets until a reason to wake is there (then for one more round at most), or timeout_ms have passed (-1: for ever).
// Returns the reasons, 0 at the timeout, or -errno when the system refuses to wait at all.
int path_poll(path_t *path, int timeout_ms);

// The signal that came last, and forget it; 0: none.
int path_take_signal(path_t *path);

// Send one handshake message to an endpoint, in the shape that it says (0 or errno). An answer to the message that was taken from
// the ring last leaves from the address and port where that one arrived: a gateway with two addresses is not taken for another.
int path_send(path_t *path, const uint8_t *message, size_t len, const wg_endpoint_t *to);
// The same to a peer, an empty transport message to a peer, the packets of a peer that waited for a keypair (how many;
// those for which a socket has no room leave when it has).
int path_send_to_peer(path_t *path, uint16_t peer, const uint8_t *message, size_t len);
wg_status_t path_keepalive(path_t *path, uint16_t peer);
unsigned path_flush_queue(path_t *path, uint16_t peer);
// Send what path_flush_queue() had to leave behind, unless a socket is still full. Costs nothing when nothing was left.
void path_flush_rest(path_t *path);
// Send bytes as they are, PATH_DECOY_MAX at most, to a UDP endpoint (0 or errno).
int path_send_decoy(path_t *path, const uint8_t *datagram, size_t len, const wg_endpoint_t *to);

#endif
