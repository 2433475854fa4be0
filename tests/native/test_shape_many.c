// Several datagrams at once get the shape that each would get alone, and several are found to be what each is alone.
#include "check.h"
#include "wg_bytes.h"
#include "wg_chacha20_heads.h"
#include "wg_shape_many.h"
#include "wg_wipe.h"

enum { DATA = WG_MESSAGE_TRANSPORT, ROOM = WG_SHAPE_ROOM_MAX, LONGEST = 1500, MANY = WG_SHAPE_MANY };

static const size_t lengths[] = {0, WG_INITIATION_LEN, WG_RESPONSE_LEN, WG_COOKIE_LEN, WG_TRANSPORT_OVERHEAD};
static const wg_shape_settings_t full = {{16, 16, 16, 16}, {1, 2, 3, 4}, {1, 2, 3, 4}};
static const uint8_t seed[32] = {7};
static uint8_t key[32];
static wg_shape_t shape, theirs;
static wg_shape_spares_t spares;
static uint64_t state = 1;

static uint32_t below(uint32_t limit) {
    return (uint32_t)(check_random(&state) >> 32) % limit;
}

// Wide ranges, in which chance finds what is none, and sizes of all kinds.
static void begin_any(bool is_protected) {
    wg_shape_settings_t settings;
    for (uint32_t i = 0; i < 4; i++) {
        settings.low[i] = i << 30 | below(1u << 29);
        settings.high[i] = below(4) == 0 ? settings.low[i] : settings.low[i] + below(1u << 29);
        settings.sizes[i] = (uint16_t)(12 + below(i == 3 ? 53 : 200));
    }
    check_random_bytes(&state, key, sizeof(key));
    CHECK(wg_shape_init(&shape, &settings, is_protected ? key : NULL, seed));
    theirs = shape;
}

TEST(many_heads_are_those_of_each_block) {
    for (size_t round = 0; round < 400; round++) {
        size_t count = round % (MANY + 1);
        wg_chacha20_head_t head;
        wg_chacha20_heads_t heads;
        check_random_bytes(&state, key, sizeof(key));
        check_random_bytes(&state, (uint8_t *)&heads, sizeof(heads));
        wg_chacha20_head_init(&head, key);
        wg_chacha20_heads_t given = heads;
        wg_chacha20_heads(&head, &heads, count);
        CHECK_BYTES((uint8_t *)heads.nonces, (uint8_t *)given.nonces, sizeof(given.nonces));
        for (size_t i = 0; i < count; i++) {
            uint32_t out[4], spare[4], nonce[3] = {given.nonces[0][i], given.nonces[1][i], given.nonces[2][i]};
            wg_chacha20_head(&head, nonce, out, spare);
            for (int word = 0; word < 4; word++) {
                CHECK_EQ(heads.out[word][i], out[word]);
                CHECK_EQ(heads.spare[word][i], spare[word]);
            }
        }
    }
}

// Messages of data, each in memory that ends with it, with what stands before.
typedef struct {
    uint8_t *begin, *message, content[LONGEST];
    size_t len;
} data_t;

static void make_data(data_t *data, size_t room) {
    size_t at = below(4);
    data->len = WG_TRANSPORT_OVERHEAD + below(below(2) ? 200 : LONGEST - WG_TRANSPORT_OVERHEAD);
    data->begin = malloc(at + room + data->len);
    data->message = data->begin + at + room;
    memset(data->begin, 0xa5, at + room);
    check_random_bytes(&state, data->content, data->len);
    wg_store32_le(data->content, DATA);
    memcpy(data->message, data->content, data->len);
}

TEST(what_is_wrapped_together_each_opens_alone) {
    static data_t data[MANY];
    for (size_t round = 0; round < 600; round++) {
        uint8_t *messages[MANY];
        size_t count = round % (MANY + 1);
        begin_any(round % 5 != 0);
        size_t room = wg_shape_room(&shape, DATA);
        for (size_t i = 0; i < count; i++) {
            make_data(&data[i], room);
            messages[i] = data[i].message;
        }
        wg_shape_wrap_many(&shape, &spares, messages, count);
        for (size_t i = 0; i < count; i++) {
            wg_shaped_t found;
            for (const uint8_t *p = data[i].begin; p < data[i].message - room; p++) {
                CHECK_EQ(*p, 0xa5);
            }
            CHECK_EQ(wg_shape_open(&theirs, data[i].message - room, room + data[i].len, &found), WG_OK);
            // What is as long as a message of an earlier kind may be taken for one, if that has many types.
            if (found.kind == DATA) {
                CHECK(found.shape == 1 && found.offset == room);
                CHECK_BYTES(data[i].message, data[i].content, data[i].len);
            } else {
                CHECK_EQ(room + data[i].len, theirs.totals[found.kind - 1]);
            }
            free(data[i].begin);
        }
    }
}

// Any datagram: shaped or plain, of any kind, as long as one of another kind, cut off, or nothing at all. Its length.
static size_t make_datagram(uint8_t out[LONGEST + ROOM]) {
    uint8_t kind = (uint8_t)(1 + below(4)), *message = out + (below(4) == 0 ? 0 : wg_shape_room(&shape, kind));
    size_t len = lengths[kind] + (kind == DATA ? below(1200) : 0);
    if (below(5) == 0) {
        len = shape.totals[below(3)] - (size_t)(message - out); // as long as a handshake message
        len = len < WG_TRANSPORT_OVERHEAD || len > LONGEST ? WG_TRANSPORT_OVERHEAD : len;
    }
    check_random_bytes(&state, message, len);
    wg_store32_le(message, message == out || kind > 2 ? kind : shape.settings.low[kind - 1]);
    if (message != out) {
        (void)wg_shape_wrap(&shape, kind, message, len);
    }
    size_t all = (size_t)(message - out) + len;
    return below(8) == 0 ? below((uint32_t)all) : all;
}

TEST(what_is_opened_together_is_what_each_is_alone) {
    static uint8_t given[MANY][LONGEST + ROOM];
    unsigned data = 0, plain = 0, handshakes = 0, none = 0;
    for (size_t round = 0; round < 1500; round++) {
        uint8_t *datagrams[MANY];
        size_t lens[MANY], count = round % (MANY + 1);
        wg_shape_many_t many;
        begin_any(round % 5 != 0);
        for (size_t i = 0; i < count; i++) {
            lens[i] = make_datagram(given[i]);
            datagrams[i] = malloc(lens[i] > 0 ? lens[i] : 1); // ASan watches its ends
            memcpy(datagrams[i], given[i], lens[i]);
        }
        wg_shape_look(&theirs, &many, datagrams, lens, count);
        for (size_t i = 0; i < count; i++) {
            wg_shaped_t found = {.kind = 99}, expected = {.kind = 99};
            CHECK_BYTES(datagrams[i], given[i], lens[i]);
            wg_status_t status = wg_shape_open_one(&theirs, &many, i, datagrams[i], lens[i], &found);
            CHECK_EQ(status, wg_shape_open(&shape, given[i], lens[i], &expected));
            CHECK(found.kind == expected.kind && found.shape == expected.shape && found.offset == expected.offset);
            CHECK_BYTES(datagrams[i], given[i], lens[i]);
            data += status == WG_OK && found.shape == 1 && found.kind == DATA;
            plain += status == WG_OK && found.shape == 0;
            handshakes += status == WG_OK && found.shape == 1 && found.kind != DATA;
            none += status != WG_OK;
            free(datagrams[i]);
        }
    }
    CHECK(data > 1000 && plain > 1000 && handshakes > 1000 && none > 1000);
}

TEST(what_stands_before_data_is_as_good_as_random_and_never_the_same) {
    enum { COUNT = 1600 };
    static uint8_t seen[COUNT][16], buffers[MANY][16 + WG_TRANSPORT_OVERHEAD];
    static unsigned counts[16][256];
    uint8_t *messages[MANY];
    for (size_t j = 0; j < MANY; j++) {
        messages[j] = buffers[j] + 16;
    }
    memset(&spares, 0, sizeof(spares));
    CHECK(wg_shape_init(&shape, &full, key, seed));
    size_t together = 0, left = 0; // few, many and one at a time: what the many had to spare waits for the next many
    for (size_t i = 0; i < COUNT; i++, left--) {
        if (left == 0) {
            left = together = 1 + below(MANY);
            wg_shape_wrap_many(&shape, &spares, messages, together);
        }
        memcpy(seen[i], buffers[together - left], 16);
        for (size_t at = 0; at < 16; at++) {
            counts[at][seen[i][at]]++;
        }
    }
    for (size_t at = 0; at < 16; at++) {
        double chi = 0;
        for (int value = 0; value < 256; value++) {
            double off = counts[at][value] - COUNT / 256.0;
            chi += off * off / (COUNT / 256.0);
        }
        CHECK(chi > 150 && chi < 380); // 255 degrees of freedom: five standard deviations and more
    }
    for (size_t i = 0; i < COUNT; i++) {
        for (size_t j = 0; j < i; j++) {
            CHECK(memcmp(seen[i], seen[j], 12) != 0);
        }
    }
}

TEST(the_generator_goes_on_where_its_counter_wraps_among_many) {
    uint8_t buffers[2][64 + WG_TRANSPORT_OVERHEAD], first[2][64];
    uint8_t *messages[2] = {buffers[0] + 64, buffers[1] + 64};
    wg_shape_settings_t settings = full;
    settings.sizes[DATA - 1] = 64;
    CHECK(wg_shape_init(&shape, &settings, key, seed));
    wg_shape_wrap_many(&shape, &spares, messages, 2);
    memcpy(first[0], buffers[0], 64), memcpy(first[1], buffers[1], 64);
    for (uint32_t before = 0; before < 3; before++) {
        shape.chance.state[12] = UINT32_MAX - before;
        shape.chance.state[13] = 0;
        for (int i = 0; i < 2; i++) {
            wg_shape_wrap_many(&shape, &spares, messages, 2);
            for (int j = 0; j < 4; j++) {
                CHECK(memcmp(buffers[j & 1] + 16, first[j >> 1] + 16, 48) != 0); // the spare goes its own way
            }
        }
    }
}

TEST(types_of_many_are_spread_over_their_range) {
    uint8_t buffers[MANY][16 + WG_TRANSPORT_OVERHEAD], *messages[MANY];
    wg_shape_settings_t settings = full;
    unsigned counts[10] = {0};
    settings.low[DATA - 1] = UINT32_MAX - 9;
    settings.high[DATA - 1] = UINT32_MAX;
    CHECK(wg_shape_init(&shape, &settings, key, seed));
    for (int round = 0; round < 600; round++) {
        for (size_t i = 0; i < MANY; i++) {
            messages[i] = buffers[i] + 16;
        }
        wg_shape_wrap_many(&shape, &spares, messages, MANY);
        for (size_t i = 0; i < MANY; i++) {
            uint8_t head[4] = {0};
            wg_chacha20_xor(head, head, sizeof(head), key, buffers[i], 0);
            counts[(wg_load32_le(messages[i]) ^ wg_load32_le(head)) - (UINT32_MAX - 9)]++;
        }
    }
    for (int i = 0; i < 10; i++) {
        CHECK(counts[i] > 800 && counts[i] < 1120); // of 960
    }
}
