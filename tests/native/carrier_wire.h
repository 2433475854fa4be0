// A stream over a wire in memory, or over a socket: how the tests of native/carrier see both ends of one.
#ifndef CARRIER_WIRE_H
#define CARRIER_WIRE_H

#include "check.h"
#include "cr_stream.h"

#define WIRE_LEN 65536
#define FRAME_MAX (CR_FRAME_ROOM + 2048)
#define OWNERS 64

typedef struct {
    uint8_t bytes[WIRE_LEN];
    size_t len;
    size_t room;      // how much it takes at most before somebody reads
    size_t piece;     // the most that one call moves; 0: all
    int end_sent;     // what send says when not 0
    int end_received; // what receive says when it is empty
} wire_t;

typedef struct {
    cr_stream_t stream;
    wire_t *out, *in;
    cr_item_t items[8];
    uint8_t buffer[2048], chunk[4096], batch[4096];
    // What arrived, one after the other.
    uint8_t got[512][64];
    size_t got_lens[512], got_count;
    // Frames that were given away, and not given back.
    uint8_t frames[OWNERS][FRAME_MAX];
    bool held[OWNERS];
    size_t released;
} end_t;

static inline size_t wire_most(const wire_t *wire, size_t len) {
    return wire->piece != 0 && len > wire->piece ? wire->piece : len;
}

static inline int wire_send(void *context, const uint8_t *data, size_t len) {
    wire_t *wire = ((end_t *)context)->out;
    if (wire->end_sent != 0) {
        return wire->end_sent;
    }
    const size_t left = wire->room > wire->len ? wire->room - wire->len : 0;
    len = wire_most(wire, len < left ? len : left);
    memcpy(wire->bytes + wire->len, data, len);
    wire->len += len;
    return (int)len;
}

static inline int wire_receive(void *context, uint8_t *data, size_t len) {
    wire_t *wire = ((end_t *)context)->in;
    len = wire_most(wire, len < wire->len ? len : wire->len);
    if (len == 0) {
        return wire->end_received;
    }
    memcpy(data, wire->bytes, len);
    wire->len -= len;
    memmove(wire->bytes, wire->bytes + len, wire->len);
    return (int)len;
}

static inline void end_datagram(void *context, uint8_t *datagram, size_t len) {
    end_t *end = context;
    CHECK(end->got_count < 512);
    memcpy(end->got[end->got_count], datagram, len < 64 ? len : 64);
    end->got_lens[end->got_count++] = len;
    memset(datagram, 0xee, len); // as opening in place does
}

static inline void end_release(void *context, void *owner) {
    end_t *end = context;
    const size_t number = (size_t)(uintptr_t)owner - 1;
    CHECK(number < OWNERS && end->held[number]);
    end->held[number] = false;
    memset(end->frames[number], 0xdd, FRAME_MAX); // it is not ours to read any longer
    end->released++;
}

static const cr_hooks_t WIRE_HOOKS = {wire_send, wire_receive, end_datagram, end_release};

static inline void end_open(end_t *end, const cr_hooks_t *hooks, wire_t *out, wire_t *in, bool at_once) {
    static const uint8_t seed[32] = {7};
    memset(end, 0, sizeof(*end));
    end->out = out;
    end->in = in;
    cr_memory_t memory = {.items = end->items, .item_count = 8, .buffer = end->buffer, .room = sizeof(end->buffer)};
    if (at_once) {
        memory.chunk = end->chunk;
        memory.chunk_len = sizeof(end->chunk);
        memory.batch = end->batch;
        memory.batch_len = sizeof(end->batch);
    }
    cr_stream_init(&end->stream, hooks, end, &memory, seed, 1);
    cr_stream_connected(&end->stream, 1);
}

// Send a datagram of len bytes that begins with its number.
static inline void end_send(end_t *end, uint32_t number, size_t len) {
    size_t owner = 0;
    while (end->held[owner]) {
        owner++;
        CHECK(owner < OWNERS);
    }
    end->held[owner] = true;
    uint8_t *datagram = end->frames[owner] + CR_FRAME_ROOM;
    memset(datagram, 0x5a, len);
    memcpy(datagram, &number, len < sizeof(number) ? len : sizeof(number));
    cr_stream_send(&end->stream, datagram, len, (void *)(uintptr_t)(owner + 1));
}

static inline uint32_t end_got(const end_t *end, size_t i) {
    uint32_t number;
    memcpy(&number, end->got[i], sizeof(number));
    return number;
}

static inline size_t end_held(const end_t *end) {
    size_t count = 0;
    for (size_t i = 0; i < OWNERS; i++) {
        count += end->held[i];
    }
    return count;
}

#endif
