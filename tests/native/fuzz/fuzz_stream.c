// with: carrier
// A stream and what its connection, its user and a server that lies do to it, in any order: every frame is given back once, what is not
// authentic opens nothing, and with its end nothing is left of it.

#include "../tls_far.h"
#include "cr_stream.h"
#include "cr_tls.h"
#include "fuzz_input.h"

#define ROOM 1500
#define OWNERS 32
#define DATAGRAM 1400

static _Alignas(8) uint8_t arena[64 << 10];
static tls_far_t far;
static struct {
    cr_stream_t stream;
    cr_item_t items[4];
    uint8_t buffer[ROOM], chunk[2048], batch[4096];
    uint8_t frames[OWNERS][CR_FRAME_ROOM + DATAGRAM];
    bool is_held[OWNERS], is_full, answers;
} box;
static fuzz_input_t input;
static uint8_t twisted; // the type of the message that was changed; 0: none was
static bool is_other;   // and it is not as it was

static void send_one(size_t len) {
    size_t owner = 0;
    while (owner < OWNERS && box.is_held[owner]) {
        owner++;
    }
    FUZZ_CLAIM(owner < OWNERS);
    box.is_held[owner] = true;
    cr_stream_send(&box.stream, box.frames[owner] + CR_FRAME_ROOM, len, &box.is_held[owner]);
}

static int send_far(void *context, const uint8_t *data, size_t len) {
    (void)context;
    if (far.said_len > TLS_FAR_ROOM / 2) {
        far.said_len = 0; // nobody reads it
    }
    return box.is_full ? 0 : tls_far_hear(&far, data, len);
}

static int receive_far(void *context, uint8_t *data, size_t len) {
    (void)context;
    return tls_far_give(&far, data, len);
}

static void take_datagram(void *context, uint8_t *datagram, size_t len) {
    (void)context;
    FUZZ_CLAIM(len > 0 && len <= (box.stream.memory.chunk_len > 0 ? sizeof(box.chunk) : ROOM));
    memset(datagram, 0xee, len);
    if (box.answers) {
        send_one(len < DATAGRAM ? len : DATAGRAM);
        cr_stream_set_buffer(&box.stream, box.buffer, sizeof(box.buffer));
    }
}

static void take_back(void *context, void *owner) {
    (void)context;
    bool *is_held = owner;
    FUZZ_CLAIM(*is_held);
    *is_held = false;
}

static const cr_hooks_t HOOKS = {send_far, receive_far, take_datagram, take_back};

// One message is something else, as the input says: a bit, its body, or nothing at all.
static void twist(tls_far_t *server, uint8_t *message, size_t *len) {
    uint8_t before[2048];
    const size_t before_len = *len;
    (void)server;
    if (message[0] != twisted) {
        return;
    }
    memcpy(before, message, *len);
    const uint8_t how = fuzz_u8(&input);
    if (how < 128) {
        message[fuzz_u16(&input) % *len] ^= (uint8_t)(1 << (how & 7));
    } else if (how < 250) {
        const size_t at = 4 + fuzz_u8(&input) % (*len - 3);
        *len = at + fuzz_bytes(&input, message + at, 1 + fuzz_u8(&input));
        if (how & 1) {
            wg_store16_be(message + 2, (uint16_t)(*len - 4));
        }
    } else {
        *len = 0;
    }
    // What follows a whole message in its record is not of it.
    is_other = *len < before_len || memcmp(message, before, before_len) != 0;
}

static void work(void) {
    for (int i = 0; i < 50 && cr_stream_work(&box.stream, 1); i++) {
    }
}

static void secure(void) {
    const size_t arena_len = fuzz_u8(&input) < 230 ? sizeof(arena) : 512 + (size_t)fuzz_u8(&input) * 240;
    cr_tls_start(arena, arena_len, tls_far_fill);
    (void)cr_stream_secure(&box.stream, "far", 3, TLS_FAR_PIN, 1, 0);
    work();
    far.twist = twist;
    if (!tls_far_answer(&far)) {
        return;
    }
    if (fuzz_u8(&input) > 200) {
        far.for_client[fuzz_u16(&input) % far.for_client_len] ^= (uint8_t)(1 + fuzz_u8(&input));
    }
    for (int i = 0; i < 4000 && box.stream.state == CR_STREAM_SECURING && far.given < far.for_client_len; i++) {
        work();
    }
    if (box.stream.state == CR_STREAM_OPEN) {
        FUZZ_CLAIM(!is_other || (twisted != FAR_VERIFY && twisted != FAR_FINISHED));
        far.is_encrypted = true;
        if (!tls_far_finished(&far)) {
            far.said_len = 0;
        }
    }
}

static void turn(uint8_t what) {
    uint8_t bytes[600];
    const uint8_t how = fuzz_u8(&input);
    size_t len;
    switch (what) {
    case 0:
    case 1:
    case 2: // the server says something, in a record if there is TLS
        len = fuzz_bytes(&input, bytes, what == 2 ? (size_t)2 * how : how);
        if (box.stream.layer != NULL) {
            tls_far_record(&far, what == 1 ? how & 31 : FAR_DATA, bytes, len, how > 250 ? 300 : 0);
        } else {
            tls_far_raw(&far, bytes, len);
        }
        break;
    case 3: // somebody on the way says it
        tls_far_raw(&far, bytes, fuzz_bytes(&input, bytes, how));
        break;
    case 4:
        (void)cr_stream_receive(&box.stream, how, 2);
        break;
    case 5:
        len = cr_stream_read(&box.stream, bytes, how, 2);
        FUZZ_CLAIM(len <= how);
        break;
    case 6:
        len = cr_stream_write(&box.stream, bytes, 1 + fuzz_bytes(&input, bytes, how));
        FUZZ_CLAIM(len <= (size_t)1 + how);
        break;
    case 7:
        len = fuzz_bytes(&input, bytes, how);
        cr_stream_carry(&box.stream, (cr_framing_t)(1 + how % 3), bytes, len, 2);
        break;
    case 8:
        send_one(1 + (size_t)how * 5);
        break;
    case 9:
        box.is_full = how & 1;
        cr_stream_flush(&box.stream);
        break;
    case 10:
        cr_stream_ping(&box.stream);
        break;
    case 11:
        far.is_cut = how > 200;
        break;
    case 12:
        work();
        break;
    default:
        if (how > 240) {
            cr_stream_close(&box.stream);
        }
        break;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len) {
    static const uint8_t seed[32] = {7};
    input = (fuzz_input_t){data, len};
    tls_far_reset(&far);
    memset(&box, 0, sizeof(box));
    is_other = false;
    const uint8_t first = fuzz_u8(&input);
    far.piece = (first & 0x80) != 0 ? 1 + fuzz_u8(&input) : 0;
    box.answers = (first & 0x40) != 0;
    cr_memory_t memory = {.items = box.items, .item_count = 4, .buffer = box.buffer, .room = sizeof(box.buffer)};
    if ((first & 0x20) != 0) {
        memory.chunk = box.chunk;
        memory.chunk_len = sizeof(box.chunk);
        memory.batch = box.batch;
        memory.batch_len = sizeof(box.batch);
    }
    static const uint8_t TYPES[8] = {0, 0, 0, FAR_HELLO, FAR_EXTENSIONS, FAR_CERTIFICATE, FAR_VERIFY, FAR_FINISHED};
    twisted = TYPES[first & 7];
    cr_stream_init(&box.stream, &HOOKS, &box, &memory, seed, 1);
    cr_stream_connected(&box.stream, 1);
    if ((first & 0x10) != 0) {
        secure();
    }
    while (input.len > 0) {
        turn(fuzz_u8(&input) % 14);
    }
    cr_stream_close(&box.stream);
    FUZZ_CLAIM(box.stream.state == CR_STREAM_ENDED && box.stream.end > CR_END_NONE && box.stream.end < CR_END_COUNT);
    FUZZ_CLAIM(!cr_stream_wants_send(&box.stream) && box.stream.layer == NULL);
    for (size_t i = 0; i < OWNERS; i++) {
        FUZZ_CLAIM(!box.is_held[i]);
    }
    FUZZ_CLAIM((first & 0x10) == 0 || cr_tls_used() == 0);
    return 0;
}
