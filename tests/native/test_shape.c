// The shape of datagrams: vectors, what comes back from any shape, and what cannot be told apart in a careless one.
#include "vectors.h"
#include "wg_bytes.h"
#include "wg_shape.h"
#include "wg_wipe.h"

enum { INITIATION = WG_MESSAGE_INITIATION, DATA = WG_MESSAGE_TRANSPORT, LONGEST = 1500 };

static const size_t lengths[] = {0, WG_INITIATION_LEN, WG_RESPONSE_LEN, WG_COOKIE_LEN, WG_TRANSPORT_OVERHEAD};
static const wg_shape_settings_t full = {{16, 16, 16, 16}, {1, 2, 3, 4}, {1, 2, 3, 4}};
static const uint8_t seed[32] = {7};
static uint8_t key[32];
static wg_shape_t shape, theirs;
static uint64_t state = 1;

static uint32_t below(uint32_t limit) {
    return (uint32_t)(check_random(&state) >> 32) % limit;
}

// A shape that may be: sizes and types by chance, lowest first or not.
static wg_shape_settings_t any_settings(bool is_protected) {
    wg_shape_settings_t settings;
    uint32_t bounds[8];
    for (int i = 0; i < 8; i++) {
        bounds[i] = (uint32_t)(check_random(&state) >> 32);
    }
    for (int i = 0; i < 8; i++) {
        for (int j = i + 1; j < 8; j++) {
            if (bounds[j] < bounds[i]) {
                uint32_t swap = bounds[i];
                bounds[i] = bounds[j], bounds[j] = swap;
            }
        }
    }
    uint32_t first = below(4);
    for (uint32_t i = 0; i < 4; i++) {
        uint32_t range = (i + first) % 4;
        settings.low[i] = bounds[2 * range];
        settings.high[i] = below(3) == 0 ? bounds[2 * range] : bounds[2 * range + 1];
        uint32_t least = is_protected ? 12 : 0;
        settings.sizes[i] = (uint16_t)(least + below((i == 3 ? 65 : 1133) - least));
    }
    return settings;
}

static uint8_t *exact_copy(const uint8_t *data, size_t len) {
    uint8_t *copy = malloc(len > 0 ? len : 1); // ASan watches its ends
    memcpy(copy, data, len);
    return copy;
}

// --- what is right ---

TEST(datagrams_of_all_versions_are_what_the_description_says) {
    static uint8_t wire[2600], message[2600];
    vectors_t vectors = vectors_open("amneziawg/shape.json", "name");
    int tests = 0;
    while (vectors_next(&vectors)) {
        wg_shape_settings_t settings;
        for (int i = 0; i < 4; i++) {
            char size[] = "s1", low[] = "h1low", high[] = "h1high";
            size[1] = low[1] = high[1] = (char)('1' + i);
            settings.sizes[i] = (uint16_t)vectors_number(&vectors, size);
            settings.low[i] = (uint32_t)vectors_number(&vectors, low);
            settings.high[i] = (uint32_t)vectors_number(&vectors, high);
        }
        bool is_protected = vectors_bytes(&vectors, "key", key, sizeof(key)) > 0;
        uint8_t kind = (uint8_t)vectors_number(&vectors, "kind");
        size_t len = vectors_bytes(&vectors, "wire", wire, sizeof(wire));
        size_t message_len = vectors_bytes(&vectors, "message", message, sizeof(message));
        CHECK(wg_shape_init(&shape, &settings, is_protected ? key : NULL, seed));
        wg_shaped_t found;
        CHECK_EQ(wg_shape_open(&shape, wire, len, &found), WG_OK);
        CHECK_EQ(found.kind, kind);
        CHECK_EQ(found.offset, settings.sizes[kind - 1]);
        CHECK_EQ(found.offset + message_len, len);
        CHECK_BYTES(wire + found.offset, message, message_len);
        tests++;
    }
    CHECK_EQ(tests, 41);
}

TEST(any_message_comes_back_from_any_shape_at_any_alignment) {
    static uint8_t message[LONGEST];
    for (int round = 0; round < 3000; round++) {
        bool is_protected = round % 2 == 0;
        wg_shape_settings_t settings = any_settings(is_protected);
        check_random_bytes(&state, key, sizeof(key));
        CHECK(wg_shape_init(&shape, &settings, is_protected ? key : NULL, seed));
        CHECK(wg_shape_init(&theirs, &settings, is_protected ? key : NULL, key));
        uint8_t kind = (uint8_t)(1 + below(4));
        size_t len = lengths[kind] + (kind == DATA ? below(LONGEST - 31) : 0), room = wg_shape_room(&shape, kind);
        check_random_bytes(&state, message, len);
        uint32_t type =
            kind < 3 ? settings.low[kind - 1] + below(settings.high[kind - 1] - settings.low[kind - 1] + 1) : kind;
        wg_store32_le(message, type);
        size_t at = below(4);
        uint8_t *buffer = calloc(1, at + room + len);
        memcpy(buffer + at + room, message, len);
        CHECK(wg_shape_wrap(&shape, kind, buffer + at + room, len) == buffer + at);
        CHECK(wg_is_zero(buffer, at));
        wg_shaped_t found;
        wg_status_t status = wg_shape_open(&theirs, buffer + at, room + len, &found);
        // What is as long as a message of an earlier kind may be taken for one, if that has many types.
        bool confused = status == WG_OK && found.kind < kind;
        CHECK(!confused || room + len == lengths[found.kind] + settings.sizes[found.kind - 1]);
        if (!confused) {
            CHECK_EQ(status, WG_OK);
            CHECK_EQ(found.kind, kind);
            CHECK_EQ(found.shape, 1);
            CHECK_EQ(found.offset, room);
            CHECK_BYTES(buffer + at + room, message, len);
        }
        free(buffer);
    }
}

TEST(plain_messages_come_back_beside_any_shape_with_something_before_its_messages) {
    for (int round = 0; round < 500; round++) {
        bool is_protected = round % 2 == 0;
        wg_shape_settings_t settings = any_settings(is_protected);
        for (int i = 0; i < 4; i++) {
            settings.sizes[i] = settings.sizes[i] == 0 ? 1 : settings.sizes[i];
        }
        CHECK(wg_shape_init(&shape, &settings, is_protected ? key : NULL, seed));
        for (uint8_t kind = 1; kind <= 4; kind++) {
            uint8_t *message = calloc(1, lengths[kind]);
            message[0] = kind;
            message[lengths[kind] - 1] = 0x55;
            wg_shaped_t found;
            CHECK_EQ(wg_shape_open(&shape, message, lengths[kind], &found), WG_OK);
            CHECK(found.kind == kind && found.shape == 0 && found.offset == 0);
            CHECK(message[0] == kind && message[lengths[kind] - 1] == 0x55);
            free(message);
        }
    }
}

TEST(a_shape_that_could_be_plain_is_not_mixed_with_it) {
    wg_shape_settings_t settings = full;
    wg_shaped_t found;
    settings.sizes[DATA - 1] = 0; // H4 = 4 and nothing before it: data that looks plain is ours
    CHECK(wg_shape_init(&shape, &settings, NULL, seed));
    uint8_t data[WG_INITIATION_LEN] = {DATA};
    CHECK_EQ(wg_shape_open(&shape, data, WG_TRANSPORT_OVERHEAD, &found), WG_OK);
    CHECK_EQ(found.shape, 1);
    data[0] = INITIATION;
    CHECK_EQ(wg_shape_open(&shape, data, WG_INITIATION_LEN, &found), WG_ERR_TYPE);
    memset(settings.sizes, 0, sizeof(settings.sizes)); // and this is no shape at all
    CHECK(wg_shape_init(&shape, &settings, NULL, seed));
    CHECK_EQ(wg_shape_open(&shape, data, WG_INITIATION_LEN, &found), WG_OK);
    CHECK(found.kind == INITIATION && found.shape == 0);
}

TEST(what_is_no_message_is_untouched_and_refused) {
    for (int round = 0; round < 2000; round++) {
        size_t len = below(300);
        uint8_t given[300];
        check_random_bytes(&state, given, len);
        CHECK(wg_shape_init(&shape, &full, round % 2 ? key : NULL, seed));
        uint8_t *datagram = exact_copy(given, len);
        wg_shaped_t found = {.kind = 99};
        CHECK_EQ(wg_shape_open(&shape, datagram, len, &found), len < 32 ? WG_ERR_SHORT : WG_ERR_TYPE);
        CHECK_EQ(found.kind, 99);
        CHECK_BYTES(datagram, given, len);
        free(datagram);
    }
}

TEST(one_wrong_bit_in_key_or_nonce_or_type_hides_the_message) {
    uint8_t wire[16 + WG_TRANSPORT_OVERHEAD] = {0}, changed[sizeof(wire)];
    wg_shaped_t found;
    CHECK(wg_shape_init(&shape, &full, key, seed));
    wire[16] = DATA;
    (void)wg_shape_wrap(&shape, DATA, wire + 16, WG_TRANSPORT_OVERHEAD);
    for (unsigned bit = 0; bit < 8 * 48; bit++) {
        memcpy(changed, wire, sizeof(wire));
        changed[bit / 8] ^= (uint8_t)(1u << bit % 8);
        bool matters = bit < 96 || (bit >= 128 && bit < 160);
        CHECK_EQ(wg_shape_open(&shape, changed, sizeof(changed), &found), matters ? WG_ERR_TYPE : WG_OK);
    }
    for (unsigned bit = 0; bit < 256; bit++) {
        key[bit / 8] ^= (uint8_t)(1u << bit % 8);
        CHECK(wg_shape_init(&theirs, &full, key, seed));
        key[bit / 8] ^= (uint8_t)(1u << bit % 8);
        memcpy(changed, wire, sizeof(wire));
        CHECK_EQ(wg_shape_open(&theirs, changed, sizeof(changed), &found), WG_ERR_TYPE);
    }
}

// --- what stands before a message ---

// Many datagrams of one kind: at each place all values as often as chance has it, and no two beginnings alike.
static void check_prefixes(uint8_t kind, size_t room) {
    enum { COUNT = 1500 };
    static uint8_t seen[COUNT][64];
    static unsigned counts[64][256];
    memset(counts, 0, sizeof(counts));
    uint8_t buffer[64 + WG_INITIATION_LEN];
    for (int i = 0; i < COUNT; i++) {
        memset(buffer, 0, sizeof(buffer));
        buffer[room] = kind;
        (void)wg_shape_wrap(&shape, kind, buffer + room, lengths[kind]);
        memcpy(seen[i], buffer, room);
        for (size_t at = 0; at < room; at++) {
            counts[at][buffer[at]]++;
        }
    }
    for (size_t at = 0; at < room; at++) {
        double chi = 0;
        for (int value = 0; value < 256; value++) {
            double off = counts[at][value] - COUNT / 256.0;
            chi += off * off / (COUNT / 256.0);
        }
        CHECK(chi > 150 && chi < 380); // 255 degrees of freedom: five standard deviations and more
    }
    for (int i = 0; i < COUNT; i++) {
        for (int j = 0; j < i; j++) {
            CHECK(memcmp(seen[i], seen[j], 12) != 0);
        }
    }
}

TEST(what_stands_before_messages_is_as_good_as_random) {
    for (int is_protected = 0; is_protected < 2; is_protected++) {
        for (uint16_t room = 12; room <= 64; room += 13) {
            wg_shape_settings_t settings = full;
            settings.sizes[0] = settings.sizes[DATA - 1] = room;
            CHECK(wg_shape_init(&shape, &settings, is_protected ? key : NULL, seed));
            check_prefixes(DATA, room);
            check_prefixes(INITIATION, room);
        }
    }
}

TEST(what_stands_before_data_is_no_key_stream_of_the_data_before_it) {
    CHECK(wg_shape_init(&shape, &full, key, seed));
    uint8_t buffer[48], block[64], before[64] = {0};
    for (int i = 0; i < 100; i++) {
        memset(buffer, 0, sizeof(buffer));
        (void)wg_shape_wrap(&shape, DATA, buffer + 16, 32);
        memset(block, 0, sizeof(block));
        wg_chacha20_xor(block, block, sizeof(block), key, buffer, 0);
        for (size_t at = 0; at <= 48; at++) {
            CHECK(memcmp(buffer, before + at, 12) != 0);
        }
        memcpy(before, block, sizeof(block));
    }
}

TEST(two_shapes_with_other_seeds_write_other_bytes) {
    uint8_t ours_bytes[48] = {0}, their_bytes[48] = {0}, other[32] = {8};
    CHECK(wg_shape_init(&shape, &full, key, seed));
    CHECK(wg_shape_init(&theirs, &full, key, other));
    (void)wg_shape_wrap(&shape, DATA, ours_bytes + 16, 32);
    (void)wg_shape_wrap(&theirs, DATA, their_bytes + 16, 32);
    CHECK(memcmp(ours_bytes, their_bytes, 16) != 0);
}

TEST(the_generator_goes_on_where_its_counter_wraps) {
    wg_shape_settings_t settings = {{64, 64, 64, 64}, {1, 2, 3, 4}, {1, 2, 3, 4}};
    CHECK(wg_shape_init(&shape, &settings, NULL, seed));
    uint8_t first[96] = {0}, buffer[96] = {0};
    (void)wg_shape_wrap(&shape, DATA, first + 64, 32);
    shape.chance.state[12] = UINT32_MAX;
    (void)wg_shape_wrap(&shape, DATA, buffer + 64, 32);
    (void)wg_shape_wrap(&shape, DATA, buffer + 64, 32); // block 2^32, not block 0 again
    CHECK(memcmp(first, buffer, 64) != 0);
}

TEST(types_are_spread_over_their_range) {
    wg_shape_settings_t settings = full;
    settings.sizes[DATA - 1] = 0;
    settings.low[DATA - 1] = UINT32_MAX - 9;
    settings.high[DATA - 1] = UINT32_MAX;
    CHECK(wg_shape_init(&shape, &settings, NULL, seed));
    unsigned counts[10] = {0};
    for (int i = 0; i < 10000; i++) {
        uint8_t message[32] = {DATA};
        (void)wg_shape_wrap(&shape, DATA, message, sizeof(message));
        counts[wg_load32_le(message) - (UINT32_MAX - 9)]++;
    }
    for (int i = 0; i < 10; i++) {
        CHECK(counts[i] > 850 && counts[i] < 1150);
    }
    settings = (wg_shape_settings_t){{0}, {1, 2, 3, 4}, {1, 2, 3, UINT32_MAX}}; // nearly all there are
    CHECK(wg_shape_init(&shape, &settings, NULL, seed));
    uint32_t all = 0;
    for (int i = 0; i < 200; i++) {
        uint8_t message[32] = {DATA};
        (void)wg_shape_wrap(&shape, DATA, message, sizeof(message));
        CHECK(wg_load32_le(message) >= 4);
        all |= wg_load32_le(message);
    }
    CHECK_EQ(all, UINT32_MAX);
}

// --- careless shapes: what the rules for settings are there for ---

// Of how many data packets of this length the other end takes none for data, in percent.
static double loss(const wg_shape_settings_t *settings, size_t len) {
    enum { COUNT = 4000 };
    CHECK(wg_shape_init(&shape, settings, NULL, seed));
    unsigned lost = 0;
    for (int i = 0; i < COUNT; i++) {
        uint8_t buffer[64 + 400];
        size_t room = wg_shape_room(&shape, DATA);
        check_random_bytes(&state, buffer + room, len);
        wg_store32_le(buffer + room, DATA);
        uint8_t *datagram = wg_shape_wrap(&shape, DATA, buffer + room, len);
        wg_shaped_t found;
        CHECK_EQ(wg_shape_open(&shape, datagram, room + len, &found), WG_OK);
        lost += found.kind != DATA;
    }
    return 100.0 * lost / COUNT;
}

TEST(data_as_long_as_a_handshake_message_is_lost_as_often_as_its_range_is_wide) {
    // H2 of the field, 351164001-721039105: 8.6 % of the packets of one length.
    wg_shape_settings_t settings = {{15, 40, 60, 4}, {5, 351164001, 6, 7}, {5, 721039105, 6, 7}};
    size_t same = (size_t)settings.sizes[1] + WG_RESPONSE_LEN - settings.sizes[3];
    CHECK(loss(&settings, same) > 7 && loss(&settings, same) < 10.2);
    CHECK(loss(&settings, same + 1) == 0);
    settings.high[1] = settings.low[1];
    CHECK(loss(&settings, same) == 0);
}

TEST(with_sizes_that_follow_the_rules_no_padded_data_is_as_long_as_a_handshake_message) {
    for (uint16_t s4 = 0; s4 <= 64; s4++) {
        for (int i = 1; i <= 3; i++) {
            for (uint16_t size = 0; size < 200; size++) {
                // (S1 - S4) mod 16 != 12, (S2 - S4) mod 16 != 4, (S3 - S4) mod 16 != 0
                static const int bad[] = {0, 12, 4, 0};
                bool collides = false;
                for (size_t len = 32; len < 400; len += 16) {
                    collides |= (size_t)s4 + len == (size_t)size + lengths[i];
                }
                bool ruled_out = ((size - s4) % 16 + 16) % 16 == bad[i];
                CHECK(ruled_out || !collides);
            }
        }
    }
    wg_shape_settings_t equal = {{16, 16, 16, 16}, {5, 1u << 30, 2u << 30, 3u << 30}, {99, 2 << 29, 0, 0}};
    equal.high[1] = (2u << 30) - 1, equal.high[2] = (3u << 30) - 1, equal.high[3] = UINT32_MAX;
    for (size_t len = 32; len <= 320; len += 16) {
        CHECK(loss(&equal, len) == 0 || len == 64); // a cookie reply's length, when S3 = S4
    }
}

TEST(messages_of_one_length_are_taken_for_the_first_kind_whose_types_fit) {
    // S1 + 56 = S2 + 0 would make initiations and responses as long; here they are, and the types are apart.
    wg_shape_settings_t settings = {{0, 56, 0, 0}, {10, 20, 30, 40}, {19, 29, 39, 49}};
    CHECK(wg_shape_init(&shape, &settings, NULL, seed));
    uint8_t datagram[WG_INITIATION_LEN] = {10};
    wg_shaped_t found;
    CHECK_EQ(wg_shape_open(&shape, datagram, sizeof(datagram), &found), WG_OK);
    CHECK_EQ(found.kind, WG_MESSAGE_INITIATION);
    datagram[0] = 20;
    datagram[56] = 29;
    CHECK_EQ(wg_shape_open(&shape, datagram, sizeof(datagram), &found), WG_OK);
    CHECK_EQ(found.kind, WG_MESSAGE_RESPONSE);
    datagram[0] = 15; // both
    CHECK_EQ(wg_shape_open(&shape, datagram, sizeof(datagram), &found), WG_OK);
    CHECK_EQ(found.kind, WG_MESSAGE_INITIATION);
}

// --- settings and secrets ---

TEST(impossible_settings_are_refused_and_leave_nothing) {
    for (int kind = 0; kind < 4; kind++) {
        wg_shape_settings_t settings = full;
        uint16_t most = kind == 3 ? 64 : 1132;
        settings.sizes[kind] = most;
        CHECK(wg_shape_init(&shape, &settings, key, seed));
        settings.sizes[kind] = (uint16_t)(most + 1);
        CHECK(!wg_shape_init(&shape, &settings, key, seed));
        CHECK(wg_is_zero((const uint8_t *)&shape, sizeof(shape)));
        settings.sizes[kind] = 11;
        CHECK(!wg_shape_init(&shape, &settings, key, seed));
        CHECK(wg_shape_init(&shape, &settings, NULL, seed));
        settings = full;
        settings.low[kind]++;
        CHECK(!wg_shape_init(&shape, &settings, key, seed));
        for (int other = 0; other < 4; other++) {
            settings = full;
            settings.low[kind] = settings.high[kind] = full.low[other];
            CHECK_EQ(wg_shape_init(&shape, &settings, key, seed), kind == other);
        }
    }
}

TEST(a_wiped_shape_is_all_zero) {
    CHECK(wg_shape_init(&shape, &full, key, seed));
    uint8_t buffer[48] = {0};
    (void)wg_shape_wrap(&shape, DATA, buffer + 16, 32);
    wg_shape_wipe(&shape);
    CHECK(wg_is_zero((const uint8_t *)&shape, sizeof(shape)));
}
