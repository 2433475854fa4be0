#include "wg_shape.h"

#include <string.h>

#include "wg_cpu.h"
#include "wg_wipe.h"

enum {
    FIRST = WG_MESSAGE_INITIATION,
    LAST = WG_MESSAGE_TRANSPORT,
    NONCE = 13, // place in ChaCha20's state, after the counter
};

// The length of a message by its kind; data has at least this.
static const uint8_t lengths[] = {0, WG_INITIATION_LEN, WG_RESPONSE_LEN, WG_COOKIE_LEN, WG_TRANSPORT_OVERHEAD};

// --- settings ---

static bool is_sound(const wg_shape_settings_t *settings, bool is_protected) {
    for (unsigned i = 0; i < WG_SHAPE_KINDS; i++) {
        size_t max = i + 1 == WG_MESSAGE_TRANSPORT ? WG_SHAPE_DATA_ROOM_MAX : WG_SHAPE_ROOM_MAX;
        if (settings->sizes[i] > max || (is_protected && settings->sizes[i] < WG_NONCE_LEN) ||
            settings->low[i] > settings->high[i]) {
            return false;
        }
        for (unsigned j = 0; j < i; j++) {
            if (settings->low[i] <= settings->high[j] && settings->low[j] <= settings->high[i]) {
                return false;
            }
        }
    }
    return true;
}

// Whether plain messages may come beside shaped ones: no shaped message can be a plain one, or every one is.
static bool takes_plain(const wg_shape_settings_t *settings) {
    unsigned possible = 0, always = 0;
    for (uint32_t kind = FIRST; kind <= LAST; kind++) {
        uint32_t low = settings->low[kind - 1], high = settings->high[kind - 1];
        bool is_bare = settings->sizes[kind - 1] == 0;
        possible += is_bare && low <= kind && kind <= high;
        always += is_bare && low == kind && kind == high;
    }
    return possible == 0 || always == WG_SHAPE_KINDS;
}

bool wg_shape_init(wg_shape_t *shape, const wg_shape_settings_t *settings, const uint8_t *key, const uint8_t seed[32]) {
    static const uint8_t nonce[WG_NONCE_LEN];
    memset(shape, 0, sizeof(*shape));
    if (!is_sound(settings, key != NULL)) {
        return false;
    }
    shape->settings = *settings;
    shape->takes_plain = takes_plain(settings);
    shape->is_protected = key != NULL;
    for (unsigned i = 0; i < WG_SHAPE_KINDS; i++) {
        shape->totals[i] = (uint16_t)(settings->sizes[i] + lengths[i + 1]);
    }
    if (key != NULL) {
        wg_chacha20_begin(&shape->message, key, nonce, 0);
        wg_chacha20_head_init(&shape->header, key);
    }
    wg_chacha20_begin(&shape->chance, seed, nonce, 0);
    shape->pool_at = sizeof(shape->pool);
    return true;
}

void wg_shape_wipe(wg_shape_t *shape) {
    wg_wipe(shape, sizeof(*shape));
}

// --- random bytes ---

static void take_random(wg_shape_t *shape, uint8_t *out, size_t len) {
    while (len > 0) {
        if (shape->pool_at >= sizeof(shape->pool)) {
            memset(shape->pool, 0, sizeof(shape->pool));
            wg_chacha20_next(&shape->chance, (uint8_t *)shape->pool, (uint8_t *)shape->pool, sizeof(shape->pool));
            shape->chance.state[NONCE] += shape->chance.state[NONCE - 1] == 0; // the counter's carry
            shape->pool_at = 0;
        }
        size_t left = sizeof(shape->pool) - shape->pool_at;
        size_t n = len < left ? len : left;
        memcpy(out, (uint8_t *)shape->pool + shape->pool_at, n);
        shape->pool_at = (uint8_t)(shape->pool_at + n);
        out += n;
        len -= n;
    }
}

// 0 to span, all as likely but for less than one in 2^32.
static uint32_t pick(wg_shape_t *shape, uint32_t span) {
    uint8_t random[4];
    take_random(shape, random, sizeof(random));
    uint64_t number = wg_load32_le(random);
    return (uint32_t)((number * span + number) >> 32);
}

WG_INLINE uint32_t pick_type(wg_shape_t *shape, uint8_t kind) {
    uint32_t low = shape->settings.low[kind - 1], high = shape->settings.high[kind - 1];
    return low == high ? low : low + pick(shape, high - low);
}

WG_INLINE void store_type(uint8_t *message, uint32_t type) {
    if (wg_is_word_aligned(message)) {
        wg_store_word(message, type);
    } else {
        wg_store32_le(message, type);
    }
}

// --- hiding ---

// The first 12 bytes of a datagram as words: where they are, if they can be read there, else in copy.
WG_INLINE const wg_word_t *nonce_of(const uint8_t *datagram, uint32_t copy[3]) {
    if (wg_is_word_aligned(datagram) && WG_LITTLE_ENDIAN(1) == 1) {
        return (const wg_word_t *)(const void *)datagram;
    }
    for (int i = 0; i < 3; i++) {
        copy[i] = wg_load32_le(datagram + 4 * i);
    }
    return copy;
}

// Write the type of data, and XOR the rest of its header.
WG_INLINE void write_header(uint8_t *message, uint32_t type, const uint32_t head[4]) {
    store_type(message, type);
    if (wg_is_word_aligned(message)) {
#pragma GCC unroll 3
        for (int i = 1; i < 4; i++) {
            wg_store_word(message + 4 * i, wg_load_word(message + 4 * i) ^ head[i]);
        }
        return;
    }
    for (int i = 1; i < 4; i++) {
        wg_store32_le(message + 4 * i, wg_load32_le(message + 4 * i) ^ head[i]);
    }
}

// All of a handshake message: the same in both directions.
static void xor_message(wg_shape_t *shape, const uint8_t *datagram, uint8_t *message, size_t len) {
    wg_chacha20_t stream = shape->message;
    for (unsigned i = 0; i < 3; i++) {
        stream.state[NONCE + i] = wg_load32_le(datagram + 4 * i);
    }
    wg_chacha20_next(&stream, message, message, len);
    wg_wipe(&stream, sizeof(stream));
}

// What stands before data. The block that hides a header has bytes to spare, which nobody sees anywhere else: they are the
// first 16 before the next data. So most data takes one block, and not another for what stands before it.
WG_INLINE void write_prefix(wg_shape_t *shape, uint8_t *datagram, size_t room) {
    size_t done = 0;
    if (shape->has_spare && room >= sizeof(shape->spare)) {
        done = sizeof(shape->spare);
        if (wg_is_word_aligned(datagram)) {
#pragma GCC unroll 4
            for (int i = 0; i < 4; i++) {
                wg_store_word(datagram + 4 * i, shape->spare[i]);
            }
        } else {
            memcpy(datagram, shape->spare, done);
        }
    }
    if (done < room) {
        take_random(shape, datagram + done, room - done);
    }
}

uint8_t *wg_shape_wrap(wg_shape_t *shape, uint8_t kind, uint8_t *message, size_t len) {
    size_t room = wg_shape_room(shape, kind);
    uint8_t *datagram = message - room;
    if (kind != WG_MESSAGE_TRANSPORT) {
        take_random(shape, datagram, room);
        if (kind == WG_MESSAGE_COOKIE) {
            store_type(message, pick_type(shape, kind));
        }
        if (shape->is_protected) {
            xor_message(shape, datagram, message, len);
        }
        return datagram;
    }
    write_prefix(shape, datagram, room);
    uint32_t type = pick_type(shape, WG_MESSAGE_TRANSPORT);
    if (shape->is_protected) {
        uint32_t head[4], copy[3];
        wg_chacha20_head(&shape->header, nonce_of(datagram, copy), head, shape->spare);
        shape->has_spare = true;
        write_header(message, type ^ head[0], head);
    } else {
        store_type(message, type);
    }
    return datagram;
}

// --- uncovering ---

// Whether a datagram that has the length of this kind has one of its types; first: the key stream's first word.
WG_INLINE bool has_type(const wg_shape_t *shape, uint8_t kind, const uint8_t *datagram, uint32_t first) {
    const uint8_t *message = datagram + wg_shape_room(shape, kind);
    uint32_t type = (wg_is_word_aligned(message) ? wg_load_word(message) : wg_load32_le(message)) ^ first;
    return shape->settings.low[kind - 1] <= type && type <= shape->settings.high[kind - 1];
}

// The kind of the message, 0: it is none. In this order, handshakes by their exact length first: as AmneziaWG does.
WG_INLINE uint8_t find_kind(const wg_shape_t *shape, const uint8_t *datagram, size_t len, uint32_t first) {
#pragma GCC unroll 3
    for (uint8_t kind = FIRST; kind < LAST; kind++) {
        if (len == shape->totals[kind - 1] && has_type(shape, kind, datagram, first)) {
            return kind;
        }
    }
    bool is_data = len >= shape->totals[LAST - 1] && has_type(shape, LAST, datagram, first);
    return is_data ? LAST : 0;
}

wg_status_t wg_shape_open(wg_shape_t *shape, uint8_t *datagram, size_t len, wg_shaped_t *found) {
    uint32_t head[4], copy[3];
    uint8_t kind;
    if (len < WG_TRANSPORT_OVERHEAD) {
        return WG_ERR_SHORT;
    }
    const wg_word_t *nonce = nonce_of(datagram, copy);
    // The first word is the type, if it is plain.
    if (nonce[0] <= LAST && shape->takes_plain && wg_message_classify(datagram, len, &kind) == WG_OK) {
        *found = (wg_shaped_t){.kind = kind};
        return WG_OK;
    }
    head[0] = 0;
    if (shape->is_protected) {
        wg_chacha20_head(&shape->header, nonce, head, NULL);
    }
    kind = find_kind(shape, datagram, len, head[0]);
    if (kind == 0) {
        return WG_ERR_TYPE;
    }
    size_t room = wg_shape_room(shape, kind);
    uint8_t *message = datagram + room;
    if (kind == WG_MESSAGE_TRANSPORT) {
        if (shape->is_protected) {
            write_header(message, kind, head);
        } else {
            store_type(message, kind);
        }
    } else {
        if (shape->is_protected) {
            xor_message(shape, datagram, message, len - room);
        }
        if (kind == WG_MESSAGE_COOKIE) {
            store_type(message, kind);
        }
    }
    *found = (wg_shaped_t){.kind = kind, .shape = 1, .offset = (uint16_t)room};
    return WG_OK;
}
