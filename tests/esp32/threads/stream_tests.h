// Streams: TCP in lwIP's task, TLS's handshake in MicroPython's without the lock.
#include "far.h"

TEST(packets_go_through_a_stream_and_back) {
    enum { PACKETS = 100 };
    street_open();
    uint16_t number = far_open();
    port_lock();
    CHECK(lwpath_stream_carry(number, CR_FRAMING_LENGTH, NULL, 0));
    ours.tunnel.memory.peers[0].endpoint = (wg_endpoint_t){.family = WG_FAMILY_STREAM, .port = number};
    port_unlock();
    frame_t packet = client_packet(200), inner, delivered;
    for (unsigned i = 0; i < PACKETS; i++) {
        idf_receive(&idf_access_point, &packet);
        while (!far_open_next(&inner)) {
            UNTIL(far_look());
        }
        CHECK(has_payload(&inner));
        frame_t answer = answer_by_theirs(&inner); // its datagram, but for the headers
        uint8_t wire[FRAME_MAX];
        wg_store16_be(wire, (uint16_t)(answer.len - 42));
        memcpy(wire + 2, answer.bytes + 42, answer.len - 42);
        far_say(ACK | PSH, wire, answer.len - 40);
        UNTIL(idf_take_sent(&idf_access_point, &delivered));
        CHECK(has_payload(&delivered) && memcmp(delivered.bytes, client_mac, 6) == 0);
    }
    far_close(number);
    check_nothing_leaks();
}

// What nobody reads is copied, and no driver waits for its buffers.
TEST(bytes_of_a_stream_that_nobody_reads_hold_no_drivers_buffers) {
    uint8_t got[2000];
    street_open();
    uint16_t number = far_open();
    for (unsigned i = 0; i < 30; i++) {
        far_say(ACK | PSH, "x", 1);
    }
    UNTIL(atomic_load(&idf_lent) <= 1); // one is lwIP's until there is room
    port_lock();
    size_t count = lwpath_stream_read(number, got, sizeof got);
    port_unlock();
    CHECK(count >= 1 && count <= 9);
    far_close(number);
    check_nothing_leaks();
}

static atomic_bool is_over;

// Bytes of a TLS record that never becomes whole, from the cable's task; what finds no room is sent again.
static void *trickle(void *unused) {
    static const uint8_t begin[5] = {22, 3, 3, 0x10, 0};
    (void)unused;
    while (far.len < 100) { // ClientHello
        (void)far_look();
    }
    far_say(ACK | PSH, begin, sizeof begin);
    for (unsigned i = 0; i < 1000; i++) {
        far_say(ACK | PSH, "x", 1);
        while (far_look()) {
        }
        far.sent = far.taken;
    }
    while (!atomic_load(&is_over)) {
        (void)far_look();
        far.sent = far.taken;
        far_say(RST | ACK, NULL, 0);
    }
    return NULL;
}

TEST(a_handshake_goes_on_beside_a_flood_until_the_connection_is_cut_off) {
    static const uint8_t pin[32];
    static flood_t clients;
    pthread_t tasks[2];
    street_open();
    uint16_t number = far_open();
    port_lock();
    CHECK(lwpath_stream_secure(number, "gateway.example", 15, pin, 1, 0));
    // Packets for it meet no way yet, which is looked up all the same.
    ours.tunnel.memory.peers[0].endpoint = (wg_endpoint_t){.family = WG_FAMILY_STREAM, .port = number};
    port_unlock();
    clients = (flood_t){.interface = &idf_access_point, .frame = client_packet(200), .count = 3000};
    pthread_create(&tasks[0], NULL, trickle, NULL);
    pthread_create(&tasks[1], NULL, flood, &clients);
    while (far_state(number) != CR_STREAM_ENDED) {
        (void)lwpath_poll(1);
    }
    atomic_store(&is_over, true);
    port_lock();
    cr_end_t end = lwpath_stream_end(number);
    port_unlock();
    for (unsigned i = 0; i < 2; i++) {
        pthread_join(tasks[i], NULL);
    }
    CHECK_EQ(end, CR_END_RESET);
    far_close(number);
    check_nothing_leaks();
}
