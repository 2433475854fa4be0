#include "lwpath_stream.h"

#include "cr_stream.h"
#include "cr_tls.h"
#include "lwpath_path.h"
#include "lwpath_port.h"
#include "lwpath_tcp.h"
#include "lwpath_uplink_input.h"
#include "wg_wipe.h"

// All memory that TLS ever has: ../carrier/README.md says how much it takes.
#ifndef LWPATH_TLS_ARENA
#define LWPATH_TLS_ARENA (24 * 1024)
#endif
// Frames that wait for the connection to take them, in transmit buffers: half of what clients' packets may have.
#define WAITING_MAX ((LWPATH_BUFFERS - LWPATH_BUFFERS_KEPT) / 2)
// Bytes that are dealt with in one go, before others have their turn; a window's worth comes in so many.
#define BUDGET 8192

static _Alignas(8) uint8_t arena[LWPATH_TLS_ARENA];
static cr_item_t waiting[WAITING_MAX];

static struct {
    uint16_t number; // of the stream that there is; 0: there was none yet
    bool is_there;   // until it is closed from above, also when it has ended
    bool is_working; // a step of its handshake runs, maybe without the lock: nobody else touches `carrier`
    bool has_news;   // its state has changed, and nobody was told
    cr_stream_state_t told;
    lwpath_buffer_t *room; // where the next datagram is put together
    cr_stream_t carrier;
} stream;

// The lock is held wherever this file is called, but for steps of the handshake, which are long. Those run in the control plane's
// task, as all does that could end the stream meanwhile; what lwIP's task does then stays in lwpath_tcp.c.
#if NO_SYS
#define LOCK()
#define UNLOCK()
#else
#define LOCK() port_lock()
#define UNLOCK() port_unlock()
#endif

// --- what the carrier asks for ---

static int give_to_tcp(void *context, const uint8_t *data, size_t len) {
    (void)context;
    if (!stream.is_working) {
        return lwpath_tcp_send(data, len);
    }
    LOCK();
    int moved = lwpath_tcp_send(data, len);
    UNLOCK();
    return moved;
}

static int take_from_tcp(void *context, uint8_t *data, size_t len) {
    (void)context;
    if (!stream.is_working) {
        return lwpath_tcp_receive(data, len);
    }
    LOCK();
    int moved = lwpath_tcp_receive(data, len);
    UNLOCK();
    return moved;
}

static void set_room(lwpath_buffer_t *buffer) {
    stream.room = buffer;
    cr_stream_set_buffer(&stream.carrier, lwpath_buffer_packet(buffer), LWPATH_MTU);
}

// It lies in `room`, and goes on to a client in there. The next one comes into another buffer.
static void take_datagram(void *context, uint8_t *datagram, size_t len) {
    (void)context;
    lwpath_buffer_t *full = stream.room, *next = lwpath_pool_take_for_client();
    if (next == NULL) {
        lwpath_note(LWPATH_COUNT_UPLINK_NO_BUFFER);
        return;
    }
    set_room(next);
    uint8_t *place = lwpath_buffer_packet(full);
    // What Python has read beyond the handshake is its own.
    if ((uintptr_t)datagram - (uintptr_t)place >= LWPATH_MTU) {
        datagram = memcpy(place, datagram, len);
    }
    wg_endpoint_t source = {.family = WG_FAMILY_STREAM, .port = stream.number};
    lwpath_uplink_datagram(lwpath_pool_packet(full, LWPATH_MTU), datagram, len, &source);
}

static void take_back(void *context, void *owner) {
    (void)context;
    lwpath_pool_give(owner);
}

static const cr_hooks_t hooks = {give_to_tcp, take_from_tcp, take_datagram, take_back};

// --- how it stands ---

// After each turn: close the connection of a stream that has ended, and have changes told.
static void look(void) {
    if (stream.carrier.state == stream.told) {
        return;
    }
    if (stream.carrier.state == CR_STREAM_ENDED) {
        lwpath_tcp_close();
        if (stream.room != NULL) {
            lwpath_pool_give(stream.room);
            stream.room = NULL;
        }
    }
    stream.told = stream.carrier.state;
    stream.has_news = true;
    port_wake();
}

// The stream of this number, if it is there and has not ended; to lwIP's task there is none while a step of its handshake runs.
static cr_stream_t *find(uint16_t number) {
    bool is_it =
        !stream.is_working && stream.is_there && stream.number == number && stream.carrier.state != CR_STREAM_ENDED;
    return is_it ? &stream.carrier : NULL;
}

bool lwpath_stream_has_news(void) {
    return stream.has_news ||
           (!stream.is_working && stream.is_there && stream.carrier.state == CR_STREAM_OPEN && stream.carrier.readable);
}

void lwpath_stream_told(void) {
    stream.has_news = false;
}

// --- what the connection tells ---

void lwpath_stream_connected(void) {
    cr_stream_connected(&stream.carrier, lwpath.now_ms);
    look();
}

void lwpath_stream_arrived(void) {
    if (stream.is_working || stream.carrier.state == CR_STREAM_SECURING) {
        port_wake(); // the handshake reads them
        return;
    }
    while (cr_stream_receive(&stream.carrier, BUDGET, lwpath.now_ms)) {
    }
    if (stream.carrier.state == CR_STREAM_OPEN) {
        port_wake();
    }
    look();
}

void lwpath_stream_drained(void) {
    if (stream.is_working || stream.carrier.state == CR_STREAM_SECURING) {
        port_wake();
        return;
    }
    cr_stream_flush(&stream.carrier);
    look();
}

void lwpath_stream_over(cr_end_t why) {
    if (!stream.is_working) { // else the next byte that is asked for says so
        cr_stream_fail(&stream.carrier, why);
        look();
    }
}

// --- sending ---

bool lwpath_stream_carries(uint16_t number) {
    const cr_stream_t *carrier = find(number);
    return carrier != NULL && carrier->state == CR_STREAM_CARRYING;
}

uint32_t lwpath_stream_remote(uint16_t number) {
    return find(number) != NULL ? lwpath_tcp_remote() : 0;
}

void lwpath_stream_send(lwpath_buffer_t *buffer, uint8_t *datagram, size_t len) {
    uint32_t dropped = stream.carrier.queue.dropped;
    cr_stream_send(&stream.carrier, datagram, len, buffer);
    lwpath.counts[LWPATH_COUNT_STREAM_FULL] += stream.carrier.queue.dropped - dropped;
    look();
}

// --- for the control plane ---

void lwpath_stream_init(void) {
    if (stream.room != NULL) {
        cr_stream_close(&stream.carrier);
    }
    wg_wipe(&stream, sizeof stream);
    cr_tls_start(arena, sizeof arena, port_fill_random);
}

uint16_t lwpath_stream_open(uint32_t address, uint16_t port) {
    uint8_t seed[32] = {0};
    if (lwpath.tunnel == NULL || (stream.is_there && stream.carrier.state != CR_STREAM_ENDED)) {
        return 0;
    }
    lwpath_buffer_t *room = lwpath_pool_take();
    if (room == NULL) {
        return 0;
    }
    lwpath_take_time();
    (void)port_fill_random(seed, sizeof seed); // masks hide nothing (RFC 6455, 10.3)
    const cr_memory_t memory = {
        .items = waiting, .item_count = WAITING_MAX, .buffer = lwpath_buffer_packet(room), .room = LWPATH_MTU};
    cr_stream_init(&stream.carrier, &hooks, NULL, &memory, seed, lwpath.now_ms);
    wg_wipe(seed, sizeof seed);
    stream.room = room;
    stream.is_there = true;
    stream.number = stream.number == UINT16_MAX ? 1 : stream.number + 1;
    stream.told = CR_STREAM_CONNECTING;
    stream.has_news = false;
    cr_end_t why = lwpath_tcp_connect(address, port);
    if (why != CR_END_NONE) {
        cr_stream_fail(&stream.carrier, why);
        look();
    }
    return stream.number;
}

void lwpath_stream_close(uint16_t number) {
    if (stream.is_there && stream.number == number) {
        cr_stream_close(&stream.carrier);
        look();
        lwpath_tcp_close();
        wg_wipe(&stream.carrier, sizeof stream.carrier);
        stream.is_there = stream.has_news = false;
    }
}

void lwpath_stream_close_any(void) {
    lwpath_stream_close(stream.number);
}

cr_stream_state_t lwpath_stream_state(uint16_t number) {
    return find(number) != NULL ? stream.carrier.state : CR_STREAM_ENDED;
}

cr_end_t lwpath_stream_end(uint16_t number) {
    return stream.is_there && stream.number == number ? stream.carrier.end : CR_END_HERE;
}

uint64_t lwpath_stream_heard_ms(uint16_t number) {
    return stream.is_there && stream.number == number ? stream.carrier.heard_ms : 0;
}

bool lwpath_stream_secure(uint16_t number, const char *name, size_t name_len, const uint8_t *pins, size_t pin_count,
                          uint64_t now_s) {
    cr_stream_t *carrier = find(number);
    if (carrier == NULL || carrier->state != CR_STREAM_OPEN) {
        return false;
    }
    (void)cr_stream_secure(carrier, name, name_len, pins, pin_count, now_s);
    look();
    return true;
}

bool lwpath_stream_work(void) {
    LOCK();
    stream.is_working = stream.is_there && stream.carrier.state == CR_STREAM_SECURING;
    bool is_working = stream.is_working;
    UNLOCK();
    if (!is_working) {
        return false;
    }
    bool more = cr_stream_work(&stream.carrier, port_now_ms());
    LOCK();
    stream.is_working = false;
    lwpath_tcp_take_refused();
    look();
    UNLOCK();
    return more;
}

size_t lwpath_stream_read(uint16_t number, uint8_t *out, size_t len) {
    cr_stream_t *carrier = find(number);
    if (carrier == NULL || carrier->state != CR_STREAM_OPEN) {
        return 0;
    }
    lwpath_take_time();
    size_t taken = cr_stream_read(carrier, out, len, lwpath.now_ms);
    lwpath_tcp_take_refused();
    look();
    return taken;
}

size_t lwpath_stream_write(uint16_t number, const uint8_t *data, size_t len) {
    cr_stream_t *carrier = find(number);
    if (carrier == NULL || carrier->state != CR_STREAM_OPEN) {
        return 0;
    }
    size_t taken = cr_stream_write(carrier, data, len);
    look();
    return taken;
}

bool lwpath_stream_carry(uint16_t number, cr_framing_t framing, uint8_t *rest, size_t len) {
    cr_stream_t *carrier = find(number);
    if (carrier == NULL || carrier->state != CR_STREAM_OPEN) {
        return false;
    }
    lwpath_take_time();
    cr_stream_carry(carrier, framing, rest, len, lwpath.now_ms);
    lwpath_stream_arrived(); // what came after `rest` was read
    lwpath_tcp_take_refused();
    return true;
}

void lwpath_stream_ping(uint16_t number) {
    if (lwpath_stream_carries(number)) {
        cr_stream_ping(&stream.carrier);
        look();
    }
}
