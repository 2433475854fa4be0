// What the packet path of a board asks of its port.
#ifndef LWPATH_PORT_H
#define LWPATH_PORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lwip/netif.h"

enum { LWPATH_UPLINK = 0, LWPATH_LAN = 1 };

// Milliseconds of a clock that never goes back and never says 0.
uint64_t port_now_ms(void);
// Bytes fit for keys. False: this machine has no generator.
bool port_fill_random(uint8_t *out, size_t len);
// Seconds and nanoseconds since 1970. False: there is no clock.
bool port_wall_clock(uint64_t *seconds, uint32_t *nanoseconds);

// An interface that was added at boot with one of the input functions of lwpath.h; NULL: the machine has none.
//
// Frames arrive as single pbufs over the device's own buffer: writable, without headroom, given back to the device when they
// are freed. linkoutput takes one pbuf or a chain by reference (pbuf_ref), which nobody changes until the device has sent it
// and gives the reference back in port_network_poll(); ERR_MEM when there is no room, and then no reference was taken.
struct netif *port_netif(unsigned which);
// Hand what has arrived to the interfaces' input functions (a bounded batch), and let go of what was sent.
void port_network_poll(void);
// Whether bytes wait on the console.
bool port_console_ready(void);
// Sleep until a device has something or so many milliseconds have passed; may come back early.
void port_wait(uint32_t timeout_ms);

#if NO_SYS
// One task does everything: a device hands its frames over directly, and nobody sleeps who would have to be woken.
#define PORT_INPUT(input) (input)
static inline void port_wake(void) {
}
#else
// lwIP has a task of its own, and so have the drivers. What an interface gets as `input` is called in its driver's task; the
// port sees to it that the functions of lwpath.h are called in lwIP's. Such a port has a lwpath_poll() of its own, and its
// other functions of lwpath.h are called with lwIP's lock (../mpy/modlock.h).
#define PORT_INPUT(input) port_input
err_t port_input(struct pbuf *frame, struct netif *netif);
// lwIP's lock (../mpy/modlock.h), for what is called without it: lwpath_stream_work().
void port_lock(void);
void port_unlock(void);
// lwpath_reasons() has something: have lwpath_poll() look. Called in lwIP's task.
void port_wake(void);
#endif

#endif
