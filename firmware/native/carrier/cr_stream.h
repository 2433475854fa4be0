// One connection that carries datagrams: bytes while Python makes its way (a proxy, TLS, HTTP's upgrade), frames from then on.
//
// No input or output of its own and no memory: a path (../posix, ../lwip) connects, gives bytes when the connection has some and
// takes them when it has room. All functions of a stream are called one after the other, by whoever holds the path.
//
//   cr_stream_init       CONNECTING
//   cr_stream_connected  OPEN         cr_stream_read, cr_stream_write
//   cr_stream_secure     SECURING     cr_stream_work until it is OPEN again, now inside TLS (tls/)
//   cr_stream_carry      CARRYING     cr_stream_send; datagrams arrive in hooks->datagram
//   cr_stream_fail, cr_stream_close, or what the other end does: ENDED, with a reason in end
//
// A stream that has ended holds nothing of anybody: all frames were released, TLS's memory is wiped. Close the connection then.
#ifndef CR_STREAM_H
#define CR_STREAM_H

#include "cr_frame.h"
#include "cr_queue.h"
#include "wg_chacha20.h"

// What a path gives. context is the stream's. send and receive never wait; they return how many bytes were moved, 0 for none now,
// or -cr_end_t: the connection is over (receive: -CR_END_CLOSED when the other end has closed in order).
typedef struct {
    int (*send)(void *context, const uint8_t *data, size_t len);
    int (*receive)(void *context, uint8_t *data, size_t len);
    // A datagram has arrived; its bytes may be changed in place (opened there). It may call cr_stream_send() and
    // cr_stream_set_buffer(), and nothing else of this stream.
    void (*datagram)(void *context, uint8_t *datagram, size_t len);
    // A frame that was given to cr_stream_send() is not needed any longer. Exactly once for each.
    void (*release)(void *context, void *owner);
} cr_hooks_t;

// What a stream works with, its own as long as it lives.
typedef struct {
    cr_item_t *items; // places in its queue: 8 on boards, where what TCP holds comes on top
    uint16_t item_count;
    uint8_t *
        buffer; // for a datagram that arrives in pieces. Without `chunk` every datagram lies here when it is handed out, so
    size_t room; // that memory in front of it which belongs to the path is headroom
    // For many bytes at once, NULL on boards. One for all streams of a path will do: nothing stays in them between two calls.
    uint8_t *chunk; // what was received; datagrams are handed out in it
    size_t chunk_len;
    uint8_t *batch; // frames that leave together, in one call of send, and with TLS in one record
    size_t batch_len;
} cr_memory_t;

typedef struct cr_layer cr_layer_t; // TLS between the stream and its connection

typedef struct {
    cr_stream_state_t state;
    cr_end_t end;
    bool readable;     // OPEN: the connection may have bytes for cr_stream_read()
    bool is_flushing;  // within cr_stream_flush()
    uint64_t heard_ms; // when bytes came last
    const cr_hooks_t *hooks;
    void *context;
    cr_memory_t memory;
    const cr_layer_t *layer; // NULL: none
    void *secured;           // its state
    cr_queue_t queue;
    cr_decoder_t decoder;
    // One control message on its way: a later one takes its place as long as nothing of it was sent (RFC 6455, 5.5.3).
    uint8_t control[CR_CONTROL_MAX];
    uint8_t control_len, control_sent;
    // Masks: a block of ChaCha20's keystream is good for 16 frames.
    wg_chacha20_t random;
    uint8_t masks[WG_CHACHA20_BLOCK_LEN];
    uint8_t masks_used;
    uint64_t datagrams_in, datagrams_out; // frames whose last byte the connection has taken
} cr_stream_t;

// seed: 32 random bytes for masks; it is the caller's to wipe. hooks must outlive the stream.
void cr_stream_init(cr_stream_t *stream, const cr_hooks_t *hooks, void *context, const cr_memory_t *memory,
                    const uint8_t seed[32], uint64_t now_ms);

// The connection is there: OPEN.
void cr_stream_connected(cr_stream_t *stream, uint64_t now_ms);
// The path knows why it is over: ENDED. Nothing happens to one that has ended.
void cr_stream_fail(cr_stream_t *stream, cr_end_t why);
// We close: what can be said of that without waiting is said (close, close_notify). ENDED, CR_END_HERE.
void cr_stream_close(cr_stream_t *stream);

// OPEN: bytes, through TLS if that is there. How many; 0: none now, or the stream has ended. Read until it says 0: what TLS holds
// already, the connection does not tell again.
size_t cr_stream_read(cr_stream_t *stream, uint8_t *out, size_t len, uint64_t now_ms);
size_t cr_stream_write(cr_stream_t *stream, const uint8_t *data, size_t len);

// OPEN to SECURING, by name (for SNI and, with a pinned issuer, to be found in the certificate: a host name of up to 253 letters; empty:
// none is said, and only a key of the server's own can be pinned) and pins (pin_count times SHA-256 of a SubjectPublicKeyInfo, 32 bytes each; see cr_tls.h). now_s: seconds since 1970 by a clock that
// is right, 0: nobody knows. Returns CR_END_NONE, or why not (no memory); then the stream has ended. In tls/cr_secure.c: programs
// that never call it need no Mbed TLS.
cr_end_t cr_stream_secure(cr_stream_t *stream, const char *name, size_t name_len, const uint8_t *pins, size_t pin_count,
                          uint64_t now_s);
// SECURING: one step of the handshake. These are long (an ESP32 computes 0.1 to 0.5 s) and want 8 KiB of stack: never from where packets are
// moved. True: the next can be made at once; false: it waits for the connection, either way, or there is nothing to do.
bool cr_stream_work(cr_stream_t *stream, uint64_t now_ms);

// OPEN to CARRYING. rest: what was read beyond the handshake, len bytes, which may be changed; datagrams in it arrive at once. Then
// call cr_stream_receive(): the connection may have told of its bytes before.
void cr_stream_carry(cr_stream_t *stream, cr_framing_t framing, uint8_t *rest, size_t len, uint64_t now_ms);
// As cr_decoder_set_buffer().
void cr_stream_set_buffer(cr_stream_t *stream, uint8_t *buffer, size_t room);

// The connection may have bytes (or its end). CARRYING: move up to so many of them (and at most as many as lie in one record or chunk
// more). True: there may be more, which the connection does not tell again (TLS holds some): call it again. OPEN: notes that it is
// readable; Python reads.
bool cr_stream_receive(cr_stream_t *stream, size_t budget, uint64_t now_ms);

// CARRYING: send a datagram (1 to CR_DATAGRAM_MAX bytes with CR_FRAME_ROOM writable bytes in front), by reference: it is the
// stream's until hooks->release(context, owner), which may be before this returns. In any other state it is released at once.
void cr_stream_send(cr_stream_t *stream, uint8_t *datagram, size_t len, void *owner);
// The same without sending, for who has many: cr_stream_flush() afterwards.
void cr_stream_queue(cr_stream_t *stream, uint8_t *datagram, size_t len, void *owner);
// The connection may take bytes again: send what waits.
void cr_stream_flush(cr_stream_t *stream);
// Whether something waits for the connection to take bytes (EPOLLOUT is wanted).
bool cr_stream_wants_send(const cr_stream_t *stream);
// CARRYING: an empty ping; with CR_FRAMING_LENGTH nothing. The answer shows in heard_ms.
void cr_stream_ping(cr_stream_t *stream);

// --- for tls/ ---

// Between stream and connection. read and write are as receive and send above, but what write has taken and the connection has not
// is the layer's, and `waits` says so: no other write as long as it does. step: 1 done, 0 waits, 2 go on, or -cr_end_t.
struct cr_layer {
    int (*step)(void *secured);
    int (*read)(void *secured, uint8_t *out, size_t len);
    int (*write)(void *secured, const uint8_t *data, size_t len);
    int (*flush)(void *secured);                // 0, or -cr_end_t
    bool (*waits)(const void *secured);         // bytes for the connection are left
    bool (*holds)(const void *secured);         // bytes for read() are left
    void (*close)(void *secured, bool orderly); // wipes and frees it
};

#endif
