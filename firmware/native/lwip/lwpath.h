// The packet path of a board on lwIP's network interfaces. It exists from power-on: both interfaces are added with the input
// functions below, before any Python runs, and without a tunnel everything that clients send is dropped. lwIP never forwards.
// On the LAN it gets nothing and says nothing; on the uplink it gets ARP, and the DHCP and DNS answers that it asked for.
//
// There is one path in a machine. All functions run in the task that runs lwIP. Addresses are in network byte order as they
// stand in packets and in ip4_addr_t; ports are in host byte order.
#ifndef LWPATH_H
#define LWPATH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "cr_frame.h"
#include "lwip/netif.h"
#include "lwpath_counters.h"
#include "lwpath_neighbours.h"
#include "rt.h"
#include "wg_gate.h"
#include "wg_ring.h"
#include "wg_shape.h"
#include "wg_tunnel.h"

// --- for the port, before anything else runs ---

// After lwip_init() and before the interfaces are added. The path is then closed. Whenever an interface of port_netif() is
// added, also again, its input and output become those below by themselves; give them to netif_add(), too, so that there is no
// moment without them.
void lwpath_init(void);

// What a port gives its interfaces as `input`. They take every frame over and return ERR_OK.
err_t lwpath_lan_input(struct pbuf *frame, struct netif *netif);
err_t lwpath_uplink_input(struct pbuf *frame, struct netif *netif);
// And as `output`, which is for lwIP's own packets: DHCP and DNS on the uplink, none on the LAN.
err_t lwpath_lan_output(struct netif *netif, struct pbuf *packet, const ip4_addr_t *to);
err_t lwpath_uplink_output(struct netif *netif, struct pbuf *packet, const ip4_addr_t *to);

// The port's interfaces have changed sides: see again which one is which. What is no side any more is the port's to close. The
// uplink that was gives its address back; the new one has none until it is asked to get one.
void lwpath_sides_changed(void);
// What the uplink was asked for last, an address by DHCP or a given one, is asked for again if it has none and is up: interfaces
// can be taken away and added again.
void lwpath_uplink_resume(void);

// Read the clock of the port. To be called before a batch of frames, so that a packet costs no look at the clock.
void lwpath_take_time(void);
// Send what waits for a transmit buffer. To be called after a batch.
void lwpath_flush_rest(void);

// --- for the control plane ---

// Why lwpath_poll() came back; none: the time is over.
enum {
    LWPATH_WAKE_HANDSHAKE = 1, // lwpath_next_handshake() has something
    LWPATH_WAKE_EVENT = 2,     // wg_tunnel_take_event() has something
    LWPATH_WAKE_CONSOLE = 64,
    LWPATH_WAKE_UPLINK = 128,   // link, address or gateway of the uplink has changed
    LWPATH_WAKE_DHCP = 256,     // lwpath_next_dhcp() has something
    LWPATH_WAKE_NAME = 512,     // a look-up has ended
    LWPATH_WAKE_SILENCE = 1024, // lwpath_silence() has something
    LWPATH_WAKE_INSIDE = 2048,  // lwpath_next_inside() has something
    LWPATH_WAKE_STREAM = 4096,  // the stream's state has changed, or it has bytes to read
};

// Carry packets of this tunnel from now on. Addresses come later; until then everything is dropped.
void lwpath_open(wg_tunnel_t *tunnel, wg_gate_t *gate);
// Deny everything again: no tunnel, no port, no addresses on the LAN, no clients. The uplink keeps its address.
void lwpath_close(void);
// What there is to be done, without waiting. The change of the uplink is told once.
unsigned lwpath_reasons(void);
// Whether lwpath_reasons() would say anything, but for the console.
bool lwpath_has_reasons(void);
// The path is closed if it carries the packets of this tunnel: its memory goes away.
void lwpath_forget(const wg_tunnel_t *tunnel);
// Move packets, run lwIP's timers and sleep until a reason to wake is there, or timeout_ms have passed (-1: for ever). With a
// reason there already it moves one batch. Where lwIP has a task of its own this only sleeps, and is called without its lock.
unsigned lwpath_poll(int32_t timeout_ms);

// The shape of datagrams to and from endpoints that have one; NULL: none. Its memory is the caller's: lwpath_forget_shape() before
// that goes.
void lwpath_set_shape(wg_shape_t *shape);
void lwpath_forget_shape(const wg_shape_t *shape);

// The tunnel's UDP port; 0: any that is free. The port, or 0: it is taken.
uint16_t lwpath_bind(uint16_t port);
void lwpath_unbind(void);

// Send a handshake message or cookie reply. ERR_ARG: it is none. Else what became of it: ERR_OK, ERR_RTE (no address, link or
// gateway), ERR_MEM (no room).
err_t lwpath_send(const uint8_t *message, size_t len, const wg_endpoint_t *to);
// The same to a peer's endpoint, an empty transport message to a peer, the packets of a peer that waited for a keypair (how many
// left; those for which there is no buffer leave later by themselves).
err_t lwpath_send_to_peer(uint16_t peer, const uint8_t *message, size_t len);
wg_status_t lwpath_keepalive(uint16_t peer);
unsigned lwpath_flush(uint16_t peer);
// The oldest handshake message that passed the gate, or NULL. It stays valid until packets move.
const wg_ring_slot_t *lwpath_next_handshake(void);

// Send bytes as they are, up to LWPATH_DECOY_MAX, from the tunnel's port: what a censor is to see before a handshake. To an
// address only. As lwpath_send().
#define LWPATH_REST_MAX 1500 // of what is given to lwpath_stream_carry()
#define LWPATH_DECOY_MAX 1280
err_t lwpath_send_decoy(const uint8_t *bytes, size_t len, const wg_endpoint_t *to);

// The stream: a TCP connection over the uplink that carries datagrams (../carrier/cr_stream.h). There is one at a time; its number
// is that of no stream before it. 0: there is one that has not ended, the path is closed, or there is no buffer.
uint16_t lwpath_stream_open(uint32_t address, uint16_t port);
// How it stands; of a number that is not there: CR_STREAM_ENDED, CR_END_HERE, 0.
cr_stream_state_t lwpath_stream_state(uint16_t number);
cr_end_t lwpath_stream_end(uint16_t number);
uint64_t lwpath_stream_heard_ms(uint16_t number);
// CR_STREAM_OPEN: bytes, how many were moved; TLS over them from now on (as cr_stream_secure()); frames in place of them from now
// on (as cr_stream_carry()). False: it is not open, nothing was done.
size_t lwpath_stream_read(uint16_t number, uint8_t *out, size_t len);
size_t lwpath_stream_write(uint16_t number, const uint8_t *data, size_t len);
bool lwpath_stream_secure(uint16_t number, const char *name, size_t name_len, const uint8_t *pins, size_t pin_count,
                          uint64_t now_s);
bool lwpath_stream_carry(uint16_t number, cr_framing_t framing, uint8_t *rest, size_t len);
void lwpath_stream_ping(uint16_t number);
void lwpath_stream_close(uint16_t number);
void lwpath_stream_close_any(void);
// One step of a TLS handshake, of a tenth of a second and more; lwpath_poll() of each port calls it in the control plane's task,
// without the lock. True: another can be made at once.
bool lwpath_stream_work(void);

// The uplink's address, by DHCP or as given. ERR_RTE: the machine has no uplink. One that is not up yet, or not added yet where
// interfaces come and go, gets it then (lwpath_uplink_resume()). Asking for DHCP again asks the server again.
err_t lwpath_uplink_dhcp(void);
err_t lwpath_uplink_static(uint32_t address, unsigned prefix_len, uint32_t gateway, const uint32_t *dns,
                           size_t dns_count);
void lwpath_uplink_stop(void);

typedef struct {
    bool link;
    uint32_t address, gateway; // 0: none
    unsigned prefix_len;
    uint32_t dns[DNS_MAX_SERVERS]; // the first is the one to ask first; 0: none
} lwpath_uplink_t;
void lwpath_uplink(lwpath_uplink_t *uplink);

// The MAC of the uplink's next hop, as ARP told last. False: it is not known.
bool lwpath_uplink_router(uint8_t mac[6]);

// Where one signs in on the uplink, as its DHCP server said with the lease (option 114, RFC 8910): so many printable characters,
// no end behind them. 0: nothing.
#define LWPATH_PORTAL_MAX 255
size_t lwpath_uplink_portal(char address[LWPATH_PORTAL_MAX]);

// Ask the uplink's name servers for the IPv4 address of a name, in place of what was asked before.
void lwpath_look_up(const char *name);
typedef enum { LWPATH_NAME_NONE, LWPATH_NAME_LOOKING, LWPATH_NAME_FOUND, LWPATH_NAME_FAILED } lwpath_name_t;
// How the look-up stands; *address is set when it was found.
lwpath_name_t lwpath_name(uint32_t *address);

// What it means that we send and hear nothing, told once, and again each second while it lasts and more is sent.
typedef enum {
    LWPATH_SILENCE_NONE,
    LWPATH_SILENCE_FAR,   // the next hop answers ARP, and nobody beyond it is heard
    LWPATH_SILENCE_NEAR,  // the next hop answers no ARP: this may be another network
    LWPATH_SILENCE_MOVED, // the next hop is another machine now, or is back
} lwpath_silence_t;
lwpath_silence_t lwpath_silence(void);

// Our address in the tunnel, 0: closed, and where clients' DNS queries go, 0: nowhere.
void lwpath_set_tunnel(uint32_t address, uint32_t dns);
// Our address on the LAN, and the one before it, which is served until the leases have ended; 0: none.
void lwpath_set_lan(uint32_t address, unsigned prefix_len);
void lwpath_set_former_lan(uint32_t address, unsigned prefix_len);

// Have a packet such as a client's come at a moment without the tunnel (lwpath_leak.c). 0: it was dropped for that; 1: something left;
// -1: it could not be tried, without a LAN, an uplink or a gateway.
int lwpath_try_leak(void);

// The inside service: what comes through the tunnel by UDP from this address and port to our tunnel address and this port is for
// the control plane; address 0: none is. What waited before is forgotten.
void lwpath_set_inside(uint16_t port, uint32_t address, uint16_t to_port);
// Send one message there. ERR_ARG: longer than any packet. Else what became of it: ERR_OK (which says as little as of any
// packet), ERR_RTE (no service, no tunnel, or no peer for the address), ERR_MEM (no room).
err_t lwpath_send_inside(const uint8_t *payload, size_t len);
// The oldest message, or NULL. It stays valid until packets move.
typedef struct lwpath_inside_slot lwpath_inside_slot_t; // lwpath_inside.h
const lwpath_inside_slot_t *lwpath_next_inside(void);

// The window for signing in (lwpath_sign_in.h): who may speak with which addresses, and for how long.
#define LWPATH_SIGN_IN_PLACES 4
#define LWPATH_SIGN_IN_NAME_MAX 128 // with its end
#define LWPATH_SIGN_IN_MAX_S 600
typedef struct {
    size_t count;
    uint32_t addresses[LWPATH_SIGN_IN_PLACES];                  // the first is also that of every name that is not here
    char names[LWPATH_SIGN_IN_PLACES][LWPATH_SIGN_IN_NAME_MAX]; // of that address, with dots; empty: none
} lwpath_sign_in_places_t;

typedef enum {
    LWPATH_SIGN_IN_OPEN, // it has not ended
    LWPATH_SIGN_IN_NONE, // there was none yet
    LWPATH_SIGN_IN_CLOSED,
    LWPATH_SIGN_IN_TIME,
    LWPATH_SIGN_IN_TUNNEL, // the tunnel has brought something
    LWPATH_SIGN_IN_UPLINK, // its network, address or link has changed
} lwpath_sign_in_end_t;

typedef struct {
    lwpath_sign_in_end_t end;
    uint32_t left_ms;
    uint8_t mac[6];
    uint32_t client;
    uint16_t flows;
    uint32_t sent, received, answered,
        refused; // segments to the portal and from it, questions answered, what was not let through
} lwpath_sign_in_t;

// Open it, in place of the one before, for the client that was heard last with this MAC. ERR_ARG: no place, an address that is no
// other machine's of the uplink's side, or longer than LWPATH_SIGN_IN_MAX_S; ERR_CONN: nobody with this MAC was heard; ERR_RTE: the
// path is closed, or there is no uplink. It ends by itself.
err_t lwpath_set_sign_in(const uint8_t mac[6], const lwpath_sign_in_places_t *places, uint32_t seconds);
void lwpath_close_sign_in(void);
void lwpath_sign_in(lwpath_sign_in_t *told);

// The oldest DHCP message of a client (UDP payload), or NULL. It stays valid until packets move.
typedef struct lwpath_dhcp_slot lwpath_dhcp_slot_t; // lwpath_dhcp.h
const lwpath_dhcp_slot_t *lwpath_next_dhcp(void);
// Answer one: a UDP payload from our LAN address to a client's. An acknowledgement tells also which client has an address.
// ERR_ARG: longer than a frame takes; ERR_RTE: no LAN; ERR_MEM: no room.
err_t lwpath_send_dhcp(const uint8_t *message, size_t len, const uint8_t mac[6], uint32_t address, bool broadcast);

// Clients one at a time: start with *cursor = 0; NULL at the end.
const lwpath_neighbour_t *lwpath_next_client(unsigned *cursor);
uint16_t lwpath_flows_of(uint32_t client);
uint64_t lwpath_now_ms(void); // as the path knows it

// Counts since power-on, modulo 2^32.
uint32_t lwpath_count(lwpath_counter_t counter);
uint32_t lwpath_router_count(rt_verdict_t verdict);

#endif
