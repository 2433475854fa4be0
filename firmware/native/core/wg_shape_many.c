#include "wg_shape_many.h"

#include <string.h>

#include "wg_bytes.h"

enum {
    DATA = WG_MESSAGE_TRANSPORT - 1, // the place of data in settings
    TYPE_LEN = 4,
    SPARE_LEN = 16,
    EACH_MAX = WG_SHAPE_DATA_ROOM_MAX - SPARE_LEN + TYPE_LEN,
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

// What is left of the pool stays for others.
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

// As many spares as there are messages: at first, and when there are more than there have ever been.
static void have_spares(wg_shape_t *shape, wg_shape_spares_t *spares, size_t count) {
    if (spares->count >= count) {
        return;
    }
    uint8_t random[WG_SHAPE_MANY * SPARE_LEN];
    take_random(shape, random, sizeof(random));
    for (size_t i = spares->count; i < count; i++) {
        for (size_t word = 0; word < 4; word++) {
            spares->words[word][i] = wg_load32_le(random + i * SPARE_LEN + 4 * word);
        }
    }
    spares->count = count;
}

// The spare in front of a message, as far as there is room, and behind it `rest`.
static void write_prefix(uint8_t *datagram, size_t room, const wg_shape_spares_t *spares, size_t i,
                         const uint8_t *rest) {
    uint8_t begin[SPARE_LEN], *to = room < SPARE_LEN ? begin : datagram;
    for (size_t word = 0; word < 4; word++) {
        wg_store32_le(to + 4 * word, spares->words[word][i]);
    }
    if (room < SPARE_LEN) {
        memcpy(datagram, begin, room);
    } else if (room > SPARE_LEN) {
        memcpy(datagram + SPARE_LEN, rest, room - SPARE_LEN);
    }
}

void wg_shape_wrap_many(wg_shape_t *shape, wg_shape_spares_t *spares, uint8_t *const *messages, size_t count) {
    size_t room = wg_shape_room(shape, WG_MESSAGE_TRANSPORT);
    if (!shape->is_protected || count == 1) { // nothing to win
        for (size_t i = 0; i < count; i++) {
            (void)wg_shape_wrap(shape, WG_MESSAGE_TRANSPORT, messages[i], WG_TRANSPORT_OVERHEAD);
        }
        return;
    }
    wg_chacha20_heads_t heads;
    uint32_t low = shape->settings.low[DATA], span = shape->settings.high[DATA] - low;
    // What the spare does not fill, and where a range is, what picks from it.
    size_t rest = room > SPARE_LEN ? room - SPARE_LEN : 0, each = rest + (span == 0 ? 0 : TYPE_LEN);
    uint8_t random[WG_SHAPE_MANY * EACH_MAX];
    if (each > 0) {
        take_random(shape, random, count * each);
    }
    have_spares(shape, spares, count);
    memcpy(heads.nonces, spares->words, sizeof(heads.nonces)); // a nonce is what a datagram begins with
    wg_chacha20_heads(&shape->header, &heads, count);
    for (size_t i = 0; i < count; i++) {
        const uint8_t *more = random + i * each;
        uint64_t number = span == 0 ? 0 : wg_load32_le(more + rest);
        uint32_t type = low + (uint32_t)((number * span + number) >> 32);
        write_prefix(messages[i] - room, room, spares, i, more);
        write_header(messages[i], type ^ heads.out[0][i], &heads, i);
    }
    for (size_t word = 0; word < 4; word++) {
        memcpy(spares->words[word], heads.spare[word], count * sizeof(uint32_t));
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
