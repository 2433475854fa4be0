#include "cr_stream.h"

#include <string.h>

#include "wg_bytes.h"
#include "wg_wipe.h"

void cr_stream_init(cr_stream_t *stream, const cr_hooks_t *hooks, void *context, const cr_memory_t *memory,
                    const uint8_t seed[32], uint64_t now_ms) {
    static const uint8_t nonce[WG_NONCE_LEN] = {0};
    memset(stream, 0, sizeof(*stream));
    stream->state = CR_STREAM_CONNECTING;
    stream->hooks = hooks;
    stream->context = context;
    stream->memory = *memory;
    stream->heard_ms = now_ms;
    stream->masks_used = sizeof(stream->masks);
    cr_queue_init(&stream->queue, memory->items, memory->item_count);
    wg_chacha20_begin(&stream->random, seed, nonce, 0);
}

void cr_stream_connected(cr_stream_t *stream, uint64_t now_ms) {
    if (stream->state == CR_STREAM_CONNECTING) {
        stream->state = CR_STREAM_OPEN;
        stream->heard_ms = now_ms;
    }
}

// --- the end ---

static void drop_layer(cr_stream_t *stream, bool orderly) {
    if (stream->layer != NULL) {
        stream->layer->close(stream->secured, orderly);
        stream->layer = NULL;
        stream->secured = NULL;
    }
}

static void end(cr_stream_t *stream, cr_end_t why) {
    if (stream->state == CR_STREAM_ENDED) {
        return;
    }
    stream->state = CR_STREAM_ENDED;
    stream->end = why;
    stream->readable = false;
    drop_layer(stream, false);
    while (stream->queue.count > 0) {
        stream->hooks->release(stream->context, cr_queue_take(&stream->queue).owner);
    }
    stream->control_len = stream->control_sent = 0;
    wg_wipe(stream->control, sizeof(stream->control));
    wg_wipe(stream->masks, sizeof(stream->masks));
    wg_wipe(&stream->random, sizeof(stream->random));
    wg_wipe(&stream->decoder, sizeof(stream->decoder));
}

void cr_stream_fail(cr_stream_t *stream, cr_end_t why) {
    end(stream, why);
}

// --- sending ---

static const uint8_t *next_mask(cr_stream_t *stream) {
    if (stream->masks_used == sizeof(stream->masks)) {
        memset(stream->masks, 0, sizeof(stream->masks));
        wg_chacha20_next(&stream->random, stream->masks, stream->masks, sizeof(stream->masks));
        stream->masks_used = 0;
    }
    const uint8_t *mask = stream->masks + stream->masks_used;
    stream->masks_used += 4;
    return mask;
}

// Bytes to the connection: how many it or TLS has taken, 0 also at the end of the stream.
static size_t write_out(cr_stream_t *stream, const uint8_t *data, size_t len) {
    const int taken = stream->layer != NULL ? stream->layer->write(stream->secured, data, len)
                                            : stream->hooks->send(stream->context, data, len);
    if (taken < 0) {
        end(stream, (cr_end_t)-taken);
        return 0;
    }
    return (size_t)taken;
}

// Whether TLS has nothing left that it could not send.
static bool flush_layer(cr_stream_t *stream) {
    if (stream->layer == NULL || !stream->layer->waits(stream->secured)) {
        return true;
    }
    const int result = stream->layer->flush(stream->secured);
    if (result < 0) {
        end(stream, (cr_end_t)-result);
        return false;
    }
    return !stream->layer->waits(stream->secured);
}

// As many waiting frames as leave together: from the first one's rest on.
static const uint8_t *gather(cr_stream_t *stream, size_t *len) {
    const cr_item_t *item = cr_queue_first(&stream->queue);
    const cr_item_t *next = cr_queue_at(&stream->queue, 1);
    *len = item->len - item->sent;
    // What is to be said in between waits for the end of this one alone.
    if (next == NULL || stream->control_len > 0 || *len + next->len > stream->memory.batch_len) {
        return item->data + item->sent;
    }
    uint8_t *batch = stream->memory.batch;
    memcpy(batch, item->data + item->sent, *len);
    for (uint16_t i = 1; (next = cr_queue_at(&stream->queue, i)) != NULL; i++) {
        if (*len + next->len > stream->memory.batch_len) {
            break;
        }
        memcpy(batch + *len, next->data, next->len);
        *len += next->len;
    }
    return batch;
}

// So many bytes of the waiting frames are gone.
static void advance(cr_stream_t *stream, size_t len) {
    while (len > 0) {
        cr_item_t *item = cr_queue_first(&stream->queue);
        const size_t left = item->len - item->sent;
        if (len < left) {
            item->sent += (uint32_t)len;
            return;
        }
        len -= left;
        stream->datagrams_out++;
        stream->hooks->release(stream->context, cr_queue_take(&stream->queue).owner);
    }
}

// One call of send or of TLS. False: the connection is full, or nothing is left.
static bool flush_once(cr_stream_t *stream) {
    if (!flush_layer(stream)) {
        return false;
    }
    const cr_item_t *first = cr_queue_first(&stream->queue);
    size_t len, taken;
    // Between two frames, never inside one.
    if (stream->control_len > 0 && (first == NULL || first->sent == 0)) {
        len = (size_t)(stream->control_len - stream->control_sent);
        taken = write_out(stream, stream->control + stream->control_sent, len);
        stream->control_sent = (uint8_t)(stream->control_sent + taken);
        if (stream->control_sent == stream->control_len) {
            stream->control_len = stream->control_sent = 0;
        }
    } else if (first != NULL) {
        const uint8_t *data = gather(stream, &len);
        taken = write_out(stream, data, len);
        advance(stream, taken);
    } else {
        return false;
    }
    // A connection that took a part is full; TLS takes no more at a time than a record holds.
    return taken == len || (taken > 0 && stream->layer != NULL);
}

void cr_stream_flush(cr_stream_t *stream) {
    if (stream->is_flushing) {
        return;
    }
    stream->is_flushing = true;
    // Not while TLS makes its handshake: what is left of that, cr_stream_work() sends.
    while ((stream->state == CR_STREAM_CARRYING || stream->state == CR_STREAM_OPEN) && flush_once(stream)) {
    }
    stream->is_flushing = false;
}

void cr_stream_queue(cr_stream_t *stream, uint8_t *datagram, size_t len, void *owner) {
    if (stream->state != CR_STREAM_CARRYING || len == 0 || len > CR_DATAGRAM_MAX) {
        stream->hooks->release(stream->context, owner);
        return;
    }
    const cr_framing_t framing = stream->decoder.framing;
    static const uint8_t no_mask[4] = {0};
    const uint8_t *mask = framing == CR_FRAMING_WEBSOCKET_CLIENT ? next_mask(stream) : no_mask;
    uint8_t *frame = cr_frame_encode(framing, datagram, len, mask);
    const cr_item_t item = {.data = frame, .owner = owner, .len = (uint32_t)((size_t)(datagram - frame) + len)};
    cr_item_t loser;
    if (!cr_queue_put(&stream->queue, &item, &loser)) {
        stream->hooks->release(stream->context, loser.owner);
    }
}

void cr_stream_send(cr_stream_t *stream, uint8_t *datagram, size_t len, void *owner) {
    cr_stream_queue(stream, datagram, len, owner);
    cr_stream_flush(stream);
}

bool cr_stream_wants_send(const cr_stream_t *stream) {
    if (stream->state == CR_STREAM_ENDED) {
        return false;
    }
    return stream->queue.count > 0 || stream->control_len > 0 ||
           (stream->layer != NULL && stream->layer->waits(stream->secured));
}

static void send_control(cr_stream_t *stream, cr_control_t kind, const uint8_t *payload, size_t len) {
    if (stream->control_sent == 0) {
        stream->control_len =
            (uint8_t)cr_frame_control(stream->decoder.framing, kind, payload, len, next_mask(stream), stream->control);
    }
    cr_stream_flush(stream);
}

static void send_close(cr_stream_t *stream, uint16_t status) {
    uint8_t payload[2];
    wg_store16_be(payload, status);
    send_control(stream, CR_CONTROL_CLOSE, payload, sizeof(payload));
}

void cr_stream_ping(cr_stream_t *stream) {
    if (stream->state == CR_STREAM_CARRYING && stream->decoder.framing != CR_FRAMING_LENGTH) {
        send_control(stream, CR_CONTROL_PING, NULL, 0);
    }
}

void cr_stream_close(cr_stream_t *stream) {
    if (stream->state == CR_STREAM_CARRYING) {
        send_close(stream, CR_CLOSE_GOING_AWAY);
    }
    if (stream->state == CR_STREAM_CARRYING || stream->state == CR_STREAM_OPEN) {
        drop_layer(stream, true);
    }
    end(stream, CR_END_HERE);
}

// --- receiving ---

// Bytes from the connection: how many; 0: none now, or the end of the stream.
static size_t read_in(cr_stream_t *stream, uint8_t *out, size_t len, uint64_t now_ms) {
    const int count = stream->layer != NULL ? stream->layer->read(stream->secured, out, len)
                                            : stream->hooks->receive(stream->context, out, len);
    if (count < 0) {
        end(stream, (cr_end_t)-count);
        return 0;
    }
    if (count > 0) {
        stream->heard_ms = now_ms;
    }
    return (size_t)count;
}

size_t cr_stream_read(cr_stream_t *stream, uint8_t *out, size_t len, uint64_t now_ms) {
    if (stream->state != CR_STREAM_OPEN || len == 0) {
        return 0;
    }
    const size_t count = read_in(stream, out, len, now_ms);
    stream->readable = count > 0;
    return count;
}

size_t cr_stream_write(cr_stream_t *stream, const uint8_t *data, size_t len) {
    if (stream->state != CR_STREAM_OPEN || len == 0 || !flush_layer(stream)) {
        return 0;
    }
    return write_out(stream, data, len);
}

bool cr_stream_work(cr_stream_t *stream, uint64_t now_ms) {
    if (stream->state != CR_STREAM_SECURING) {
        return false;
    }
    const int result = stream->layer->step(stream->secured);
    if (result < 0) {
        end(stream, (cr_end_t)-result);
        return false;
    }
    if (result > 0) {
        stream->heard_ms = now_ms;
    }
    if (result == 1) {
        stream->state = CR_STREAM_OPEN;
        stream->readable = stream->layer->holds(stream->secured);
    }
    return result == 2;
}

static void handle(cr_stream_t *stream, const cr_frame_t *frame) {
    switch (frame->event) {
    case CR_FRAME_DATAGRAM:
        stream->datagrams_in++;
        stream->hooks->datagram(stream->context, frame->data, frame->len);
        break;
    case CR_FRAME_PING:
        send_control(stream, CR_CONTROL_PONG, frame->data, frame->len);
        break;
    case CR_FRAME_CLOSE:
        send_close(stream, CR_CLOSE_GOING_AWAY);
        end(stream, CR_END_CLOSED);
        break;
    case CR_FRAME_BROKEN:
        send_close(stream, CR_CLOSE_PROTOCOL);
        end(stream, CR_END_PROTOCOL);
        break;
    default:
        break;
    }
}

static void feed(cr_stream_t *stream, uint8_t *data, size_t len) {
    while (len > 0 && stream->state == CR_STREAM_CARRYING) {
        const cr_frame_t frame = cr_decoder_feed(&stream->decoder, &data, &len);
        handle(stream, &frame);
    }
}

void cr_stream_carry(cr_stream_t *stream, cr_framing_t framing, uint8_t *rest, size_t len, uint64_t now_ms) {
    if (stream->state != CR_STREAM_OPEN) {
        return;
    }
    stream->state = CR_STREAM_CARRYING;
    stream->readable = false;
    stream->heard_ms = now_ms;
    cr_decoder_init(&stream->decoder, framing, stream->memory.buffer, stream->memory.room);
    feed(stream, rest, len);
}

void cr_stream_set_buffer(cr_stream_t *stream, uint8_t *buffer, size_t room) {
    stream->memory.buffer = buffer;
    stream->memory.room = room;
    cr_decoder_set_buffer(&stream->decoder, buffer, room);
}

bool cr_stream_receive(cr_stream_t *stream, size_t budget, uint64_t now_ms) {
    if (stream->state == CR_STREAM_OPEN) {
        stream->readable = true;
    }
    size_t moved = 0;
    while (stream->state == CR_STREAM_CARRYING && moved < budget) {
        size_t len = stream->memory.chunk_len;
        uint8_t *place = len > 0 ? stream->memory.chunk : cr_decoder_want(&stream->decoder, &len);
        const size_t count = read_in(stream, place, len, now_ms);
        if (count == 0) {
            return false;
        }
        moved += count;
        if (stream->memory.chunk_len > 0) {
            feed(stream, place, count);
        } else {
            const cr_frame_t frame = cr_decoder_took(&stream->decoder, count);
            handle(stream, &frame);
        }
    }
    return stream->state == CR_STREAM_CARRYING;
}
