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

static int receive_far(void *context, uint8_t *data, size_t len) {
    (void)context;
    CHECK(calls++ < 1000000); // nobody goes on for ever in one call
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
    memset(&far, 0, sizeof(far));
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
