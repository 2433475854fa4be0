// with: carrier
// TLS of a stream against a server that says what no server says: what is not authentic opens nothing, what means nothing holds nobody,
// and whatever happens nothing stays in the arena.

#include "carrier_wire.h"
#include "cr_tls.h"
#include "tls_far.h"

static _Alignas(8) uint8_t arena[64 << 10];
static tls_far_t far;
static end_t box;
static const uint8_t *endless; // what comes again and again when the server has said all, as long as it is not NULL
static size_t endless_len, endless_at, calls;

static bool is_full; // the connection takes nothing

static int send_far(void *context, const uint8_t *data, size_t len) {
    (void)context;
    return is_full ? 0 : tls_far_hear(&far, data, len);
}

static void check_asked(size_t len) {
    CHECK(calls++ < 1000000); // nobody goes on for ever in one call
    CHECK(len > 0);           // recv() would say that it is over
}

static int receive_far(void *context, uint8_t *data, size_t len) {
    (void)context;
    check_asked(len);
    if (far.given < far.for_client_len || endless == NULL) {
        return tls_far_give(&far, data, len);
    }
    for (size_t i = 0; i < len; i++) {
        data[i] = endless[endless_at++ % endless_len];
    }
    return (int)len;
}

static const cr_hooks_t FAR_HOOKS = {send_far, receive_far, end_datagram, end_release};

static void begin_with(const char *name, size_t arena_len) {
    tls_far_reset(&far);
    memset(arena, 0, sizeof(arena));
    endless = NULL;
    calls = endless_at = 0;
    is_full = false;
    cr_tls_start(arena, arena_len, tls_far_fill);
    end_open(&box, &FAR_HOOKS, NULL, NULL, false);
    (void)cr_stream_secure(&box.stream, name, strlen(name), TLS_FAR_PIN, 1, 0);
}

static void begin(void) {
    begin_with("far.example.org", sizeof(arena));
}

// Steps until it waits.
static void work(void) {
    for (int i = 0; i < 100 && cr_stream_work(&box.stream, 1); i++) {
    }
}

static void handshake(void) {
    for (int i = 0; i < 20000 && box.stream.state == CR_STREAM_SECURING && !far.is_cut; i++) {
        work();
        (void)tls_far_answer(&far);
        work();
    }
}

static void open_box(void) {
    begin();
    handshake();
    CHECK_EQ(box.stream.state, CR_STREAM_OPEN);
    CHECK(tls_far_finished(&far));
}

static void over(void) {
    cr_stream_close(&box.stream);
    CHECK_EQ(cr_tls_used(), 0);
    for (size_t i = 8; i < sizeof(arena); i++) { // but for the one block's header
        CHECK_EQ(arena[i], 0);
    }
}

TEST(a_server_in_memory_is_one_like_any_other) {
    static uint8_t heard[1 << 15];
    uint8_t bytes[64], type = 0;
    for (size_t piece = 0; piece < 3; piece++) {
        begin();
        far.piece = piece;
        handshake();
        CHECK_EQ(box.stream.state, CR_STREAM_OPEN);
        far.piece = 0;
        CHECK_EQ(cr_stream_write(&box.stream, (const uint8_t *)"GET", 3), 3);
        CHECK(tls_far_finished(&far));
        CHECK_EQ(tls_far_read(&far, &type, heard), 3);
        CHECK_EQ(type, FAR_DATA);
        tls_far_record(&far, FAR_DATA, (const uint8_t *)"hello", 5, 100);
        CHECK_EQ(cr_stream_read(&box.stream, bytes, sizeof(bytes), 2), 5);
        CHECK_BYTES(bytes, "hello", 5);
        over();
    }
}

// RFC 8446, 5: such records may be sent again and again by anybody on the way, and are passed over.
static const uint8_t CHANGES[] = {FAR_CCS, 3, 3, 0, 1, 1};
static const uint8_t WARNINGS[] = {FAR_ALERT, 3, 3, 0, 2, 1, 90};

TEST(what_means_nothing_holds_no_handshake) {
    for (int kind = 0; kind < 2; kind++) {
        begin();
        endless = kind == 0 ? CHANGES : WARNINGS;
        endless_len = kind == 0 ? sizeof(CHANGES) : sizeof(WARNINGS);
        for (int i = 0; i < 10; i++) {
            work();
        }
        CHECK_EQ(box.stream.state, CR_STREAM_SECURING);
        CHECK_EQ(box.stream.heard_ms, 1);
        over();
    }
}

TEST(what_means_nothing_holds_no_reader) {
    uint8_t bytes[64];
    open_box();
    endless = CHANGES;
    endless_len = sizeof(CHANGES);
    CHECK_EQ(cr_stream_read(&box.stream, bytes, sizeof(bytes), 99), 0);
    CHECK_EQ(box.stream.state, CR_STREAM_OPEN);
    CHECK_EQ(box.stream.heard_ms, 1); // and nobody was heard
    over();
}

TEST(empty_records_say_nothing) {
    // Padding alone (RFC 8446, 5.4) is no end.
    uint8_t bytes[64];
    open_box();
    for (int i = 0; i < 3; i++) {
        tls_far_record(&far, FAR_DATA, NULL, 0, 20);
    }
    tls_far_record(&far, FAR_DATA, (const uint8_t *)"hello", 5, 0);
    CHECK_EQ(cr_stream_read(&box.stream, bytes, sizeof(bytes), 2), 5);
    CHECK_EQ(box.stream.state, CR_STREAM_OPEN);
    over();
}

TEST(the_first_record_is_of_tls_1_0_and_no_other) {
    begin();
    work();
    CHECK_BYTES(far.said, "\x16\x03\x01", 3);
    CHECK(tls_far_answer(&far));
    handshake();
    CHECK_BYTES(far.said, "\x14\x03\x03", 3);
    over();
}

TEST(what_is_left_of_a_handshake_is_not_sent_where_packets_are) {
    begin();
    is_full = true;
    work();
    CHECK(cr_stream_wants_send(&box.stream));
    is_full = false;
    cr_stream_flush(&box.stream);
    CHECK_EQ(far.said_len, 0);
    handshake();
    CHECK_EQ(box.stream.state, CR_STREAM_OPEN);
    over();
}

// --- what the server says in its handshake ---

typedef struct {
    uint8_t type;  // of the message that is changed
    uint8_t *body; // what it becomes, but for its header
    size_t at;     // or where one bit of it is
} twist_t;

static void flip(tls_far_t *server, uint8_t *message, size_t *len) {
    const twist_t *twist = server->twister;
    if (message[0] == twist->type && twist->at < *len) {
        message[twist->at] ^= 1;
    }
}

// How it ends; CR_END_HERE: it opened, CR_END_NONE: it waits.
static cr_end_t end_with(void (*twist)(tls_far_t *, uint8_t *, size_t *), twist_t what) {
    begin();
    far.twist = twist;
    far.twister = &what;
    handshake();
    const cr_end_t end = box.stream.state == CR_STREAM_OPEN ? CR_END_HERE : box.stream.end;
    over();
    return end;
}

TEST(no_bit_of_what_proves_the_server_can_be_another) {
    // The signature, and the message that all keys hang on; what is said is hashed and encrypted as if it were so.
    static const uint8_t TYPES[2] = {FAR_VERIFY, FAR_FINISHED};
    for (size_t i = 0; i < 2; i++) {
        for (size_t at = 4; at < (i == 0 ? 74u : 36u); at += 3) {
            const cr_end_t end = end_with(flip, (twist_t){.type = TYPES[i], .at = at});
            CHECK(end == CR_END_TLS || end == CR_END_CERTIFICATE);
        }
    }
}

TEST(no_bit_of_a_pinned_key_can_be_another_and_the_rest_does_not_count) {
    static const uint8_t KEY_START[] = {0x30, 0x59, 0x30, 0x13};
    size_t start = 0;
    while (memcmp(CERTIFICATE + start, KEY_START, sizeof(KEY_START)) != 0) {
        start++;
    }
    for (size_t at = start; at < start + 91; at += 9) {
        const cr_end_t end = end_with(flip, (twist_t){.type = FAR_CERTIFICATE, .at = 11 + at});
        CHECK(end == CR_END_PIN || end == CR_END_TLS || end == CR_END_CERTIFICATE);
    }
    CHECK_EQ(end_with(flip, (twist_t){.type = FAR_CERTIFICATE, .at = 11 + sizeof(CERTIFICATE) - 3}), CR_END_HERE);
}

static void replace(tls_far_t *server, uint8_t *message, size_t *len) {
    const twist_t *twist = server->twister;
    if (message[0] == twist->type) {
        memcpy(message + 4, twist->body, twist->at);
        wg_store16_be(message + 2, (uint16_t)twist->at);
        *len = 4 + twist->at;
    }
}

static void leave_out(tls_far_t *server, uint8_t *message, size_t *len) {
    const twist_t *twist = server->twister;
    if (message[0] == twist->type) {
        *len = 0;
    }
}

static cr_end_t end_with_extensions(const char *hex) {
    uint8_t body[256];
    return end_with(replace, (twist_t){.type = FAR_EXTENSIONS, .body = body, .at = check_unhex(body, hex)});
}

TEST(a_handshake_that_is_not_whole_opens_nothing) {
    static const uint8_t TYPES[] = {FAR_HELLO, FAR_EXTENSIONS, FAR_CERTIFICATE, FAR_VERIFY};
    for (size_t i = 0; i < sizeof(TYPES); i++) {
        CHECK(end_with(leave_out, (twist_t){.type = TYPES[i]}) == CR_END_TLS);
    }
    // Without Finished it waits.
    CHECK_EQ(end_with(leave_out, (twist_t){.type = FAR_FINISHED}), CR_END_NONE);
    CHECK_EQ(end_with_extensions("000000"), CR_END_TLS);                 // longer than it says
    CHECK_EQ(end_with_extensions("0004002a0000"), CR_END_TLS);           // early data, which was not asked for
    CHECK_EQ(end_with_extensions("0009001000050003026832"), CR_END_TLS); // HTTP/2
    CHECK_EQ(end_with_extensions("000800330004001d0000"), CR_END_TLS);   // what belongs into the hello
    CHECK_EQ(end_with_extensions("0000"), CR_END_HERE);                  // no word on protocols: HTTP/1.1 it is
}

// A hello that wants another one (RFC 8446, 4.1.4), for a group.
static size_t retry(uint8_t *body, uint16_t group) {
    static const char *const START = "0303cf21ad74e59a6111be1d8c021e65b891c2a211167abb8c5e079e09e2c8a8339c20";
    size_t len = check_unhex(body, START);
    memcpy(body + len, far.hello + 44, 32);
    len += 32 + check_unhex(body + len + 32, "130300000c002b0002030400330002");
    wg_store16_be(body + len, group);
    return len + 2;
}

static void ask_again(tls_far_t *server, uint8_t *message, size_t *len) {
    if (message[0] == FAR_HELLO) {
        const size_t body_len = retry(message + 4, *(const uint16_t *)server->twister);
        wg_store16_be(message + 2, (uint16_t)body_len);
        *len = 4 + body_len;
    }
}

TEST(a_server_asks_for_another_hello_once_and_for_what_was_offered) {
    static const uint16_t GROUPS[] = {29, 25, 23}; // was given, was not offered, can be had
    for (size_t i = 0; i < 3; i++) {
        uint8_t type = 0, heard[1 << 15], *body = heard;
        begin();
        far.twist = ask_again;
        uint16_t group = GROUPS[i];
        far.twister = &group;
        work();
        CHECK(tls_far_answer(&far));
        far.for_client_len = 4 + 5 + 84 + 0; // nothing but that hello
        far.is_encrypted = false;
        work();
        if (i < 2) {
            CHECK_EQ(box.stream.end, CR_END_TLS);
            over();
            continue;
        }
        CHECK_EQ(box.stream.state, CR_STREAM_SECURING);
        while (type != FAR_HANDSHAKE) {
            CHECK(tls_far_read(&far, &type, heard) > 0);
        }
        CHECK_EQ(heard[0], 1);
        const size_t len = retry(body + 4, 24);
        memcpy(body, "\x02\x00", 2);
        wg_store16_be(body + 2, (uint16_t)len);
        tls_far_record(&far, FAR_HANDSHAKE, body, len + 4, 0);
        work();
        CHECK_EQ(box.stream.end, CR_END_TLS);
        over();
    }
}

// --- what it says afterwards ---

static void check_after(const char *why, uint8_t type, const char *hex, cr_end_t expected) {
    uint8_t bytes[64], data[600];
    open_box();
    const size_t len = check_unhex(data, hex);
    tls_far_record(&far, type, data, len, 0);
    tls_far_record(&far, FAR_DATA, (const uint8_t *)"hello", 5, 0);
    const size_t got = cr_stream_read(&box.stream, bytes, sizeof(bytes), 2);
    if (box.stream.end != expected || got != (expected == CR_END_NONE ? 5 : 0)) {
        printf("%s: end %d, %zu bytes\n", why, box.stream.end, got);
        CHECK(false);
    }
    over();
}

TEST(after_the_handshake_there_are_data_and_an_end) {
    check_after("a ticket", FAR_HANDSHAKE, "0400000e00000e1000000000000001000000", CR_END_NONE);
    check_after("a warning", FAR_ALERT, "015a", CR_END_NONE);
    check_after("a word of closing", FAR_ALERT, "0100", CR_END_CLOSED);
    check_after("a fatal alert", FAR_ALERT, "0228", CR_END_ALERT);
    check_after("half an alert", FAR_ALERT, "02", CR_END_TLS);
    check_after("another key", FAR_HANDSHAKE, "1800000100", CR_END_TLS);
    check_after("another handshake", FAR_HANDSHAKE, "00000000", CR_END_TLS);
    check_after("a certificate wanted", FAR_HANDSHAKE, "0d00000b000008000d000400020403", CR_END_TLS);
    check_after("half a message", FAR_HANDSHAKE, "04000020", CR_END_TLS); // and data in its middle
    check_after("an unknown type", 25, "00", CR_END_TLS);
    check_after("no type at all", 0, "", CR_END_TLS);
    // What anybody can write between the records.
    static const uint8_t FOREIGN[2][8] = {{FAR_DATA, 3, 3, 0, 3, 1, 2, 3}, {FAR_ALERT, 3, 3, 0, 2, 1, 0}};
    for (size_t i = 0; i < 2; i++) {
        uint8_t bytes[16];
        open_box();
        tls_far_raw(&far, FOREIGN[i], 8 - i);
        CHECK_EQ(cr_stream_read(&box.stream, bytes, sizeof(bytes), 2), 0);
        CHECK_EQ(box.stream.end, CR_END_TLS);
        over();
    }
}

TEST(no_record_is_longer_than_the_rfc_has_it) {
    static uint8_t data[(1 << 14) + 1];
    for (size_t extra = 0; extra < 2; extra++) {
        size_t got = 0, count;
        open_box();
        tls_far_record(&far, FAR_DATA, data, (1 << 14) + extra, 0);
        while ((count = cr_stream_read(&box.stream, data, 1000, 2)) > 0) {
            got += count;
        }
        CHECK_EQ(got, extra == 0 ? 1 << 14 : 0);
        CHECK_EQ(box.stream.end, extra == 0 ? CR_END_NONE : CR_END_TLS);
        over();
    }
}

// --- the arena ---

TEST(a_connection_may_be_cut_anywhere) {
    size_t whole = 1;
    for (size_t at = 0; at < whole; at += 37) {
        begin();
        work();
        CHECK(tls_far_answer(&far));
        whole = far.for_client_len;
        far.for_client_len = at;
        far.is_cut = true;
        work();
        CHECK_EQ(box.stream.end, CR_END_RESET);
        over();
    }
}

TEST(an_arena_may_be_full_anywhere) {
    size_t opened = 0, refused = 0;
    for (size_t len = 512; len < sizeof(arena); len += len < 8192 ? 256 : 1024) {
        begin_with("far.example.org", len);
        handshake();
        opened += box.stream.state == CR_STREAM_OPEN;
        refused += box.stream.end == CR_END_MEMORY;
        CHECK(box.stream.state == CR_STREAM_OPEN || box.stream.end == CR_END_MEMORY || box.stream.end == CR_END_TLS ||
              box.stream.end == CR_END_CERTIFICATE);
        over();
    }
    CHECK(opened > 0 && refused > 20);
}

TEST(a_connection_ends_with_a_word_and_five_pins_are_none) {
    static uint8_t heard[1 << 15];
    static const uint8_t pins[5 * CR_PIN_LEN] = {0};
    uint8_t type = 0;
    open_box();
    cr_stream_close(&box.stream);
    CHECK_EQ(tls_far_read(&far, &type, heard), 2);
    CHECK_EQ(type, FAR_ALERT);
    CHECK_BYTES(heard, "\x01\x00", 2); // close_notify
    over();
    end_open(&box, &FAR_HOOKS, NULL, NULL, false);
    CHECK_EQ(cr_stream_secure(&box.stream, "far", 3, pins, 5, 0), CR_END_PIN);
}

TEST(what_tls_has_taken_leaves_once_however_slow_the_connection) {
    static uint8_t said[40000], heard[40000 + (1 << 15)];
    size_t sent = 0, got = 0, len;
    uint64_t seed = 8;
    uint8_t type;
    check_random_bytes(&seed, said, sizeof(said));
    open_box();
    far.piece = 700;
    while (got < sizeof(said)) {
        is_full = check_random(&seed) % 3 == 0;
        if (check_random(&seed) % 2 == 0) {
            cr_stream_flush(&box.stream);
        } else {
            sent += cr_stream_write(&box.stream, said + sent, sizeof(said) - sent);
        }
        while ((len = tls_far_read(&far, &type, heard + got)) > 0) {
            got += len;
            CHECK(got <= sent);
        }
    }
    CHECK_BYTES(heard, said, sizeof(said));
    CHECK(!cr_stream_wants_send(&box.stream));
    over();
}

TEST(tls_is_begun_once_and_where_bytes_are_open) {
    const void *secured;
    begin();
    secured = box.stream.secured;
    CHECK_EQ(cr_stream_secure(&box.stream, "far", 3, TLS_FAR_PIN, 1, 0), CR_END_NONE);
    CHECK(box.stream.secured == secured);
    handshake();
    CHECK_EQ(cr_stream_secure(&box.stream, "far", 3, TLS_FAR_PIN, 1, 0), CR_END_NONE);
    CHECK(box.stream.secured == secured && box.stream.state == CR_STREAM_OPEN);
    over();
    CHECK_EQ(cr_stream_secure(&box.stream, "far", 3, TLS_FAR_PIN, 1, 0), CR_END_HERE);
    CHECK_EQ(cr_tls_used(), 0);
}
