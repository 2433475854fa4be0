#include "network.h"

#include <string.h>

#include "console.h"
#include "cpu.h"
#include "entropy.h"
#include "lwip/init.h"
#include "lwip/sys.h"
#include "lwip/timeouts.h"
#include "lwpath.h"
#include "lwpath_port.h"
#include "nic.h"
#include "py/mpstate.h"
#include "reset.h"

// Frames of each interface before the other one, timers and Python have their turn, and the devices are told of what they are to
// send: no more than there are buffers for.
#define BATCH 8
// A link that goes down is noticed when the box would sleep; under load after so many polls.
#define POLLS_PER_LINK_CHECK 64

#define INTERFACES 2

static nic_t nics[INTERFACES];
static bool present[INTERFACES];

void network_init(void) {
    lwip_init();
    lwpath_init();
    present[LWPATH_UPLINK] = nic_init(&nics[LWPATH_UPLINK], LWPATH_UPLINK, lwpath_uplink_input, lwpath_uplink_output);
    present[LWPATH_LAN] = nic_init(&nics[LWPATH_LAN], LWPATH_LAN, lwpath_lan_input, lwpath_lan_output);
    if (present[LWPATH_UPLINK]) {
        netif_set_default(&nics[LWPATH_UPLINK].netif);
    }
}

void network_serve(void) {
    lwpath_take_time();
    port_network_poll();
    sys_check_timeouts();
    lwpath_flush_rest();
}

void network_deny(void) {
    lwpath_close();
}

bool network_mac(unsigned which, uint8_t mac[6]) {
    const struct netif *netif = port_netif(which);
    if (netif != NULL) {
        memcpy(mac, netif->hwaddr, 6);
    }
    return netif != NULL;
}

void network_fault(const char *message) { // lwip/arch/cc.h
    static const char title[] = "\r\nundertow: lwIP failed: ";
    console_write((const uint8_t *)title, sizeof(title) - 1);
    console_write((const uint8_t *)message, strlen(message));
    console_write((const uint8_t *)"\r\n", 2);
    reset_now(RESET_CRASH);
}

// --- what the packet path asks for: lwpath_port.h ---

uint64_t port_now_ms(void) {
    // A division of 64 bits costs hundreds of instructions, and this is asked for each packet.
    static uint64_t last_us, last_ms = 1;
    const uint64_t since_us = cpu_time_us() - last_us;
    if (since_us >= 1000) {
        const uint64_t since_ms = since_us <= UINT32_MAX ? (uint32_t)since_us / 1000 : since_us / 1000;
        last_ms += since_ms;
        last_us += since_ms * 1000;
    }
    return last_ms;
}

// lwIP's clock, which it asks many times for each packet: as old as the poll that it is asked in.
uint32_t sys_now(void) {
    return (uint32_t)lwpath_now_ms();
}

bool port_fill_random(uint8_t *out, size_t len) {
    return entropy_fill(out, len);
}

bool port_wall_clock(uint64_t *seconds, uint32_t *nanoseconds) {
    return cpu_wall_clock(seconds, nanoseconds);
}

struct netif *port_netif(unsigned which) {
    return which < INTERFACES && present[which] ? &nics[which].netif : NULL;
}

static void acknowledge(void) {
    for (unsigned i = 0; i < INTERFACES; i++) {
        if (present[i]) {
            nic_acknowledge(&nics[i]);
        }
    }
    cpu_acknowledge();
}

void port_network_poll(void) {
    static unsigned polls;
    if (++polls % POLLS_PER_LINK_CHECK == 0) {
        acknowledge();
    }
    for (unsigned i = 0; i < INTERFACES; i++) {
        if (present[i]) {
            const unsigned other = INTERFACES - 1 - i, room = present[other] ? nic_room(&nics[other]) : BATCH;
            nic_poll(&nics[i], room < BATCH ? room : BATCH);
        }
    }
    for (unsigned i = 0; i < INTERFACES; i++) {
        if (present[i]) {
            nic_tell(&nics[i]);
        }
    }
}

bool port_console_ready(void) {
    console_poll();
    // Ctrl-C in a development build is no byte, but whoever polls must come back for it.
    return console_ready() || MP_STATE_MAIN_THREAD(mp_pending_exception) != MP_OBJ_NULL;
}

static bool anything_waits(void) {
    for (unsigned i = 0; i < INTERFACES; i++) {
        if (present[i] && nic_has_frames(&nics[i])) {
            return true;
        }
    }
    return port_console_ready();
}

void port_wait(uint32_t timeout_ms) {
    for (unsigned i = 0; i < INTERFACES; i++) {
        if (present[i]) {
            nic_tell(&nics[i]);
        }
    }
    // First forget what has interrupted, then look at the rings for the last time: what comes after that interrupts the sleep.
    acknowledge();
    if (!anything_waits()) {
        cpu_sleep(timeout_ms);
    }
}
