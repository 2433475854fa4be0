#include "intake.h"

#include <stdatomic.h>

#include "lwip/pbuf.h"
#include "lwip/tcpip.h"
#include "lwip/timeouts.h"
#include "lwpath.h"
#include "lwpath_port.h"

// Frames that wait from one task. As many receive buffers of its driver are in use then: the driver has more (sdkconfig.common).
#ifndef INTAKE_SLOTS
#define INTAKE_SLOTS 32
#endif
#define SLOTS INTAKE_SLOTS
_Static_assert((SLOTS & (SLOTS - 1)) == 0, "places are counted modulo 2^32");
// Frames that are dealt with before other messages and timers of lwIP have their turn.
#define BATCH 16
// Batches without an end, and the pause after them. lwIP's task goes before Python's: on one core nobody else would run.
#define BATCHES_MAX 8
#define PAUSE_MS 2

typedef struct {
    struct pbuf *frame;
    struct netif *netif;
} slot_t;

// Written by one task, the driver's, and read by lwIP's. `put` and `taken` count for ever. `is_posted`: lwIP's task will look.
typedef struct {
    slot_t slots[SLOTS];
    atomic_uint put, taken;
    atomic_bool is_posted;
    atomic_uint full;
} ring_t;

// Which task an interface's frames come from: the radio's carries both of its interfaces.
enum { RADIO, CABLE, TASKS };

static ring_t rings[TASKS];
static struct tcpip_callback_msg *message;
static atomic_uint denied;
static unsigned batches;   // in a row that left something
static uint64_t resume_ms; // 0: no pause

static void serve(void *unused);

bool intake_init(void) {
    message = tcpip_callbackmsg_new(serve, NULL);
    return message != NULL;
}

uint32_t intake_full(void) {
    return atomic_load(&rings[RADIO].full) + atomic_load(&rings[CABLE].full);
}

uint32_t intake_denied(void) {
    return atomic_load(&denied);
}

// --- in the drivers' tasks ---

static void post(ring_t *ring) {
    atomic_store(&ring->is_posted, true);
    if (tcpip_callbackmsg_trycallback(message) != ERR_OK) {
        atomic_store(&ring->is_posted, false); // the next frame tries again
    }
}

// Only the ring's one task writes `put` and `full`.
static bool push(ring_t *ring, struct pbuf *frame, struct netif *netif) {
    unsigned put = atomic_load_explicit(&ring->put, memory_order_relaxed);
    if (put - atomic_load(&ring->taken) == SLOTS) {
        unsigned full = atomic_load_explicit(&ring->full, memory_order_relaxed);
        atomic_store_explicit(&ring->full, full + 1, memory_order_relaxed);
        // Should a timer or a message have found no memory, nobody looks; this mends it, and costs little in a flood.
        if (full % SLOTS == 0) {
            post(ring);
        }
        return false;
    }
    ring->slots[put % SLOTS] = (slot_t){frame, netif};
    atomic_store(&ring->put, put + 1);
    return true;
}

err_t port_input(struct pbuf *frame, struct netif *netif) {
    // Its driver's name for it, which never changes: "en" of a cable, "st" and "ap" of the radio.
    ring_t *ring = &rings[netif->name[0] == 'e' ? CABLE : RADIO];
    if (!push(ring, frame, netif)) {
        pbuf_free(frame);
        return ERR_OK;
    }
    if (!atomic_load(&ring->is_posted)) {
        post(ring);
    }
    return ERR_OK;
}

// --- in lwIP's task, or with its lock ---

static bool pop(ring_t *ring, slot_t *slot) {
    unsigned taken = atomic_load_explicit(&ring->taken, memory_order_relaxed);
    if (taken == atomic_load(&ring->put)) {
        return false;
    }
    *slot = ring->slots[taken % SLOTS];
    atomic_store(&ring->taken, taken + 1);
    return true;
}

void intake_forget(const struct netif *netif) {
    ring_t *ring = &rings[netif->name[0] == 'e' ? CABLE : RADIO];
    for (slot_t slot; pop(ring, &slot);) {
        pbuf_free(slot.frame);
    }
}

static void deliver(const slot_t *slot) {
    if (slot->netif == port_netif(LWPATH_UPLINK)) {
        (void)lwpath_uplink_input(slot->frame, slot->netif);
    } else if (slot->netif == port_netif(LWPATH_LAN)) {
        (void)lwpath_lan_input(slot->frame, slot->netif);
    } else {
        atomic_store_explicit(&denied, atomic_load_explicit(&denied, memory_order_relaxed) + 1, memory_order_relaxed);
        pbuf_free(slot->frame);
    }
}

static bool anything_waits(void) {
    for (unsigned i = 0; i < TASKS; i++) {
        if (atomic_load(&rings[i].put) != atomic_load(&rings[i].taken)) {
            return true;
        }
    }
    return false;
}

static void set_posted(bool is_posted) {
    for (unsigned i = 0; i < TASKS; i++) {
        atomic_store(&rings[i].is_posted, is_posted);
    }
}

// One frame of each task in turn.
static void serve_batch(void) {
    slot_t slot;
    bool found = true;
    for (unsigned left = BATCH; left > 0 && found;) {
        found = false;
        for (unsigned i = 0; i < TASKS && left > 0; i++) {
            if (pop(&rings[i], &slot)) {
                deliver(&slot);
                found = true;
                left--;
            }
        }
    }
}

// Have what is left dealt with: at once, after what else waits for lwIP's task, or after a pause.
static void go_on(void) {
    set_posted(true);
    if (++batches < BATCHES_MAX) {
        if (tcpip_callbackmsg_trycallback(message) == ERR_OK) {
            return;
        }
    } else {
        resume_ms = lwpath_now_ms() + PAUSE_MS;
    }
    batches = 0;
    sys_timeout(PAUSE_MS, serve, NULL);
}

static void serve(void *unused) {
    (void)unused;
    lwpath_take_time();
    if (lwpath_now_ms() < resume_ms) {
        return; // a frame that found its ring full has posted; the timer comes
    }
    resume_ms = 0;
    // First this, then the rings: what comes after the last look at them posts anew.
    set_posted(false);
    serve_batch();
    lwpath_flush_rest();
    if (lwpath_has_reasons()) {
        port_wake();
    }
    if (anything_waits()) {
        go_on();
    } else {
        batches = 0;
    }
}
