#include "wg_shape_many.h"

#include <string.h>

#include "wg_bytes.h"

enum {
    DATA = WG_MESSAGE_TRANSPORT - 1, // the place of data in settings
    TYPE_LEN = 4,
    EACH_MAX = WG_SHAPE_DATA_ROOM_MAX + TYPE_LEN,
    COUNTER = 12, // places in ChaCha20's state
    NONCE = 13,
};

static void load_nonce(wg_chacha20_heads_t *heads, size_t i, const uint8_t *datagram) {
    for (int word = 0; word < 3; word++) {
        heads->nonces[word][i] = wg_load32_le(datagram + 4 * word);
    }
}

// Write the type, XOR the rest of the header.
static void write_header(uint8_t *message, uint32_t type, const wg_chacha20_heads_t *heads, size_t i) {
    wg_store32_le(message, type);
    for (int word = 1; word < 4; word++) {
        wg_store32_le(message + 4 * word, wg_load32_le(message + 4 * word) ^ heads->out[word][i]);
    }
}

// What stands before each message, and where a range is, what picks from it. What is left of the pool stays for others.
static void take_random(wg_shape_t *shape, uint8_t *out, size_t len) {
    uint32_t *state = shape->chance.state,
             blocks = (uint32_t)((len + WG_CHACHA20_BLOCK_LEN - 1) / WG_CHACHA20_BLOCK_LEN);
    if (state[COUNTER] > UINT32_MAX - blocks) { // not over its end within one nonce
        state[COUNTER] = 0;
        state[NONCE]++;
    }
    memset(out, 0, len);
    wg_chacha20_next(&shape->chance, out, out, len);
}

void wg_shape_wrap_many(wg_shape_t *shape, uint8_t *const *messages, size_t count) {
    size_t room = wg_shape_room(shape, WG_MESSAGE_TRANSPORT);
    if (!shape->is_protected || count == 1) { // nothing to win
        for (size_t i = 0; i < count; i++) {
            (void)wg_shape_wrap(shape, WG_MESSAGE_TRANSPORT, messages[i], WG_TRANSPORT_OVERHEAD);
        }
        return;
    }
    uint8_t random[WG_SHAPE_MANY * EACH_MAX];
    wg_chacha20_heads_t heads;
    uint32_t low = shape->settings.low[DATA], span = shape->settings.high[DATA] - low;
    size_t each = room + (span == 0 ? 0 : TYPE_LEN);
    take_random(shape, random, count * each);
    for (size_t i = 0; i < count; i++) {
        memcpy(messages[i] - room, random + i * each, room);
        load_nonce(&heads, i, messages[i] - room);
    }
    wg_chacha20_heads(&shape->header, &heads, count);
    for (size_t i = 0; i < count; i++) {
        uint64_t number = span == 0 ? 0 : wg_load32_le(random + i * each + room);
        uint32_t type = low + (uint32_t)((number * span + number) >> 32);
        write_header(messages[i], type ^ heads.out[0][i], &heads, i);
    }
}

// Whether what a datagram is takes no more than a look at its header: it is neither plain nor as long as a handshake message.
static bool may_be_data(const wg_shape_t *shape, const uint8_t *datagram, size_t len) {
    const uint16_t *totals = shape->totals;
    return len >= totals[DATA] && len != totals[0] && len != totals[1] && len != totals[2] &&
           wg_load32_le(datagram) > WG_MESSAGE_TRANSPORT;
}

void wg_shape_look(const wg_shape_t *shape, wg_shape_many_t *many, uint8_t *const *datagrams, const size_t *lens,
                   size_t count) {
    static const uint8_t none[WG_NONCE_LEN];
    size_t wanted = 0;
    for (size_t i = 0; i < count; i++) {
        bool is_wanted = may_be_data(shape, datagrams[i], lens[i]);
        load_nonce(&many->heads, i, is_wanted ? datagrams[i] : none);
        wanted += is_wanted;
    }
    many->is_known = shape->is_protected && wanted > 1;
    if (many->is_known) {
        wg_chacha20_heads(&shape->header, &many->heads, count);
    }
}

// Whether this word is a type of data.
static bool has_data_type(const wg_shape_t *shape, uint32_t type) {
    return shape->settings.low[DATA] <= type && type <= shape->settings.high[DATA];
}

wg_status_t wg_shape_open_one(wg_shape_t *shape, const wg_shape_many_t *many, size_t i, uint8_t *datagram, size_t len,
                              wg_shaped_t *found) {
    size_t room = wg_shape_room(shape, WG_MESSAGE_TRANSPORT);
    if (many->is_known && may_be_data(shape, datagram, len) &&
        has_data_type(shape, wg_load32_le(datagram + room) ^ many->heads.out[0][i])) {
        write_header(datagram + room, WG_MESSAGE_TRANSPORT, &many->heads, i);
        *found = (wg_shaped_t){.kind = WG_MESSAGE_TRANSPORT, .shape = 1, .offset = (uint16_t)room};
        return WG_OK;
    }
    return wg_shape_open(shape, datagram, len, found);
}
