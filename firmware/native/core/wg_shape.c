#include "wg_shape.h"

#include <string.h>

#include "wg_cpu.h"
#include "wg_wipe.h"

enum {
    FIRST = WG_MESSAGE_INITIATION,
    LAST = WG_MESSAGE_TRANSPORT,
    HEADER_LEN = WG_TRANSPORT_PAYLOAD, // of data, all that is hidden of it
    COUNTER = 12,                      // places in ChaCha20's state
    NONCE = 13,
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
    if (key != NULL) {
        wg_chacha20_begin(&shape->header, key, nonce, 0);
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
            shape->chance.state[NONCE] += shape->chance.state[COUNTER] == 0; // the carry
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

static uint32_t pick_type(wg_shape_t *shape, uint8_t kind) {
    uint32_t low = shape->settings.low[kind - 1], span = shape->settings.high[kind - 1] - low;
    if (span == 0) {
        return low;
    }
    uint8_t random[4];
    take_random(shape, random, sizeof(random));
    uint64_t number = wg_load32_le(random);
    return low + (uint32_t)((number * span + number) >> 32);
}

// --- hiding ---

// The key stream of this datagram from its beginning on.
static wg_chacha20_t *begin_stream(wg_shape_t *shape, const uint8_t *datagram) {
    shape->header.state[COUNTER] = 0;
    for (unsigned i = 0; i < 3; i++) {
        shape->header.state[NONCE + i] = wg_load32_le(datagram + 4 * i);
    }
    return &shape->header;
}

static void make_block(wg_shape_t *shape, const uint8_t *datagram, uint32_t block[WG_CHACHA20_BLOCK_LEN / 4]) {
    memset(block, 0, WG_CHACHA20_BLOCK_LEN);
    wg_chacha20_next(begin_stream(shape, datagram), (uint8_t *)block, (uint8_t *)block, WG_CHACHA20_BLOCK_LEN);
}

static void xor_header(uint8_t *header, const uint32_t block[WG_CHACHA20_BLOCK_LEN / 4]) {
    const uint8_t *stream = (const uint8_t *)block;
    for (unsigned i = 0; i < HEADER_LEN; i++) {
        header[i] ^= stream[i];
    }
}

uint8_t *wg_shape_wrap(wg_shape_t *shape, uint8_t kind, uint8_t *message, size_t len) {
    size_t room = wg_shape_room(shape, kind);
    uint8_t *datagram = message - room;
    take_random(shape, datagram, room);
    if (kind == WG_MESSAGE_COOKIE || kind == WG_MESSAGE_TRANSPORT) {
        wg_store32_le(message, pick_type(shape, kind));
    }
    if (!shape->is_protected) {
        return datagram;
    }
    if (kind != WG_MESSAGE_TRANSPORT) {
        wg_chacha20_next(begin_stream(shape, datagram), message, message, len);
        return datagram;
    }
    // What the header leaves of its block is as good as random, and nobody sees it anywhere else: it stands before the next
    // messages. So most data takes one block, and not another for what stands before it.
    make_block(shape, datagram, shape->pool);
    xor_header(message, shape->pool);
    shape->pool_at = HEADER_LEN;
    return datagram;
}

// --- uncovering ---

// Whether a message of this kind may be in the datagram; first: the key stream's first word.
static bool is_kind(const wg_shape_t *shape, uint8_t kind, const uint8_t *datagram, size_t len, uint32_t first) {
    size_t room = wg_shape_room(shape, kind), wanted = room + lengths[kind];
    if (kind == WG_MESSAGE_TRANSPORT ? len < wanted : len != wanted) {
        return false;
    }
    uint32_t type = wg_load32_le(datagram + room) ^ first;
    return shape->settings.low[kind - 1] <= type && type <= shape->settings.high[kind - 1];
}

wg_status_t wg_shape_open(wg_shape_t *shape, uint8_t *datagram, size_t len, wg_shaped_t *found) {
    uint32_t block[WG_CHACHA20_BLOCK_LEN / 4] = {0};
    uint8_t kind;
    if (shape->takes_plain && wg_message_classify(datagram, len, &kind) == WG_OK) {
        *found = (wg_shaped_t){.kind = kind};
        return WG_OK;
    }
    if (len < WG_TRANSPORT_OVERHEAD) {
        return WG_ERR_SHORT;
    }
    if (shape->is_protected) {
        make_block(shape, datagram, block);
    }
    // In this order, handshakes by their exact length first: as AmneziaWG does.
    kind = FIRST;
    while (kind <= LAST && !is_kind(shape, kind, datagram, len, WG_LITTLE_ENDIAN(block[0]))) {
        kind++;
    }
    if (kind > LAST) {
        return WG_ERR_TYPE;
    }
    size_t room = wg_shape_room(shape, kind);
    uint8_t *message = datagram + room;
    if (shape->is_protected && kind == WG_MESSAGE_TRANSPORT) {
        xor_header(message, block);
    } else if (shape->is_protected) {
        wg_chacha20_next(begin_stream(shape, datagram), message, message, len - room);
    }
    if (kind == WG_MESSAGE_COOKIE || kind == WG_MESSAGE_TRANSPORT) {
        wg_store32_le(message, kind);
    }
    *found = (wg_shaped_t){.kind = kind, .shape = 1, .offset = (uint16_t)room};
    return WG_OK;
}
