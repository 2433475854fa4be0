// with: lwip
// The connections of the window for signing in: how they begin and end, and how many there are.
#include "lwpath_hotel.h"

TEST(only_a_first_segment_begins_a_connection) {
    open_window();
    client_says(PORT, portal_ip, 80, ACK, 100);
    client_says(PORT, portal_ip, 80, SYN | ACK, 0);
    client_says(PORT, portal_ip, 80, FIN | ACK, 0);
    client_says(PORT, portal_ip, 80, RST, 0);
    client_says(PORT, portal_ip, 80, SYN | FIN, 0);
    CHECK_EQ(left(), 0);
    CHECK_EQ(told().refused, 5);
    check_nothing_leaks();
}

TEST(a_header_that_lies_about_its_length_does_not_leave) {
    open_window();
    frame_t frame = from_client(client_mac, client_ip, PORT, portal_ip, 80, SYN, 0);
    frame.bytes[46] = 15 << 4;
    arrive(&lan, &frame);
    frame.bytes[46] = 4 << 4;
    arrive(&lan, &frame);
    frame.bytes[46] = 5 << 4;
    frame.bytes[24] ^= 1; // and a damaged one
    arrive(&lan, &frame);
    CHECK_EQ(left(), 0);
    check_nothing_leaks();
}

TEST(a_connection_that_is_over_is_forgotten) {
    open_window();
    uint16_t port = begin(PORT);
    client_says(PORT, portal_ip, 80, FIN | ACK, 0);
    portal_says(portal_ip, 80, port, FIN | ACK, 0);
    CHECK_EQ(told().flows, 0);
    clock_ms += 5001;
    unsigned heard = lan.count, before = left();
    portal_says(portal_ip, 80, port, ACK, 50);
    client_says(PORT, portal_ip, 80, ACK, 0);
    CHECK_EQ(lan.count, heard);
    CHECK_EQ(left(), before);
    port = begin(PORT); // the same ports once more
    CHECK_EQ(told().flows, 1);
    portal_says(portal_ip, 80, port, RST, 0);
    CHECK_EQ(told().flows, 0);
    heard = lan.count;
    portal_says(portal_ip, 80, port, ACK, 50);
    CHECK_EQ(lan.count, heard);
    check_nothing_leaks();
}

// Else the portal says its goodbye again and again, and the client looks as if it had gone.
TEST(the_last_acknowledgement_of_a_connection_passes_too) {
    open_window();
    uint16_t port = begin(PORT);
    client_says(PORT, portal_ip, 80, FIN | ACK, 0);
    portal_says(portal_ip, 80, port, FIN | ACK, 0);
    unsigned before = left(), heard = lan.count;
    client_says(PORT, portal_ip, 80, ACK, 0);
    CHECK_EQ(left(), before + 1);
    portal_says(portal_ip, 80, port, FIN | ACK, 0); // once more
    CHECK_EQ(lan.count, heard + 1);
    client_says(PORT, portal_ip, 80, SYN, 0); // the client is in a hurry
    CHECK(wg_load16_be(last_sent(&uplink) + 34) != port);
    CHECK_EQ(told().flows, 1);
    CHECK_EQ(told().refused, 0);
    check_nothing_leaks();
}

TEST(connections_that_are_finished_make_room_for_new_ones) {
    open_window();
    for (unsigned i = 0; i < 2 * FLOWS; i++) {
        uplink.count = lan.count = 0;
        client_says((uint16_t)(PORT + i), portal_ip, 80, SYN, 0);
        CHECK_EQ(left(), 1);
        uint16_t port = wg_load16_be(last_sent(&uplink) + 34);
        portal_says(portal_ip, 80, port, SYN | ACK, 0);
        client_says((uint16_t)(PORT + i), portal_ip, 80, FIN | ACK, 0);
        portal_says(portal_ip, 80, port, FIN | ACK, 0);
    }
    CHECK_EQ(lwpath_count(LWPATH_COUNT_SIGN_IN_FULL), 0);
    check_nothing_leaks();
}

TEST(a_flood_of_first_segments_takes_no_place_of_those_that_are_answered) {
    open_window();
    uint16_t port = begin(PORT);
    for (unsigned i = 0; i < 4 * FLOWS; i++) {
        clock_ms++;
        uplink.count = 0;
        client_says((uint16_t)(1024 + i), portal_ip, 443, SYN, 0);
    }
    CHECK_EQ(told().flows, FLOWS);
    unsigned heard = lan.count;
    portal_says(portal_ip, 80, port, ACK, 50);
    CHECK_EQ(lan.count, heard + 1);
    check_nothing_leaks();
}

TEST(more_connections_than_it_holds_are_counted_and_refused) {
    open_window();
    for (unsigned i = 0; i < FLOWS; i++) {
        (void)begin((uint16_t)(PORT + i));
    }
    uint32_t full = lwpath_count(LWPATH_COUNT_SIGN_IN_FULL);
    unsigned before = left();
    client_says(PORT + FLOWS, portal_ip, 80, SYN, 0);
    CHECK_EQ(left(), before);
    CHECK_EQ(lwpath_count(LWPATH_COUNT_SIGN_IN_FULL), full + 1);
    check_nothing_leaks();
}
