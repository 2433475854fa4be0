// with: lwip
// The window for signing in: questions for names, which do not leave.
#include "lwpath_hotel.h"

// A question, as a message; its length.
static size_t question(uint8_t *message, const char *name, uint16_t type) {
    memset(message, 0, 12);
    message[0] = 0x12;
    message[2] = 1; // recursion is wanted
    message[5] = 1;
    size_t at = 12;
    while (*name != 0) {
        size_t len = strcspn(name, ".");
        message[at++] = (uint8_t)len;
        memcpy(message + at, name, len);
        at += len;
        name += len + (name[len] == '.');
    }
    message[at++] = 0;
    wg_store16_be(message + at, type);
    wg_store16_be(message + at + 2, 1);
    return at + 4;
}

// The address in the answer, and that it is one to that question; NULL: there is none in it.
static const uint8_t *answer_to(const uint8_t server[4], const char *name, uint16_t type) {
    uint8_t message[300];
    size_t len = question(message, name, type);
    unsigned before = lan.count;
    ask(server, message, len);
    CHECK_EQ(lan.count, before + 1);
    const uint8_t *frame = last_sent(&lan), *dns = frame + 42;
    CHECK_BYTES(frame, client_mac, 6);
    CHECK(lwpath_is_ipv4_header_right(frame + 14, 20));
    CHECK_BYTES(frame + 26, server, 4);
    CHECK_BYTES(frame + 30, client_ip, 4);
    CHECK_EQ(wg_load16_be(frame + 34), 53);
    CHECK_EQ(wg_load16_be(frame + 36), 5353);
    CHECK_BYTES(dns, message, 2);
    CHECK_EQ(wg_load16_be(dns + 2), 0x8180);
    CHECK_BYTES(dns + 12, message + 12, len - 12);
    if (wg_load16_be(dns + 6) == 0) {
        CHECK_EQ(lan.sent[lan.count - 1].len, 42 + len);
        return NULL;
    }
    CHECK_EQ(lan.sent[lan.count - 1].len, 42 + len + 16);
    CHECK_EQ(wg_load32_be(dns + len + 6), 0); // for the moment alone
    return dns + len + 12;
}

TEST(names_of_the_portal_are_known_and_all_others_lead_to_it) {
    open_window();
    CHECK_BYTES(answer_to(lan_ip, "login.hotel.example", 1), portal_ip, 4);
    CHECK_BYTES(answer_to(lan_ip, "PAY.Example", 1), second_ip, 4);
    CHECK_BYTES(answer_to(lan_ip, "www.example.org", 1), portal_ip, 4);
    CHECK_BYTES(answer_to(lan_ip, "pay.example.org", 1), portal_ip, 4);
    CHECK_BYTES(answer_to(lan_ip, "y.pay.example", 1), portal_ip, 4);
    CHECK_BYTES(answer_to(lan_ip, "ay.example", 1), portal_ip, 4);
    CHECK_BYTES(answer_to(lan_ip, "pay", 1), portal_ip, 4);
    CHECK_BYTES(answer_to(web_ip, "pay.example", 1), second_ip, 4); // a client with a server of its own
    CHECK_EQ(left(), 0);                                            // no question leaves
    CHECK_EQ(told().answered, 8);
    check_nothing_leaks();
}

TEST(there_are_no_answers_of_other_types) {
    open_window();
    CHECK(answer_to(lan_ip, "pay.example", 28) == NULL); // AAAA
    CHECK(answer_to(lan_ip, "pay.example", 65) == NULL); // HTTPS
    CHECK(answer_to(lan_ip, "pay.example", 16) == NULL);
    CHECK_EQ(left(), 0);
    check_nothing_leaks();
}

TEST(only_the_windows_client_is_answered) {
    uint8_t message[300];
    size_t len = question(message, "pay.example", 1);
    open_window();
    frame_t frame = make_udp(lan_mac, other_mac, other_ip, 5353, lan_ip, 53, message, len);
    arrive(&lan, &frame);
    CHECK_EQ(lan.count, 0);
    lwpath_close_sign_in();
    ask(lan_ip, message, len);
    CHECK_EQ(lan.count, 0);
    CHECK_EQ(left(), 0);
    check_nothing_leaks();
}

TEST(broken_questions_are_counted_and_not_answered) {
    uint8_t message[600];
    open_window();
    size_t len = question(message, "pay.example", 1);
    for (size_t cut = 0; cut < len; cut++) {
        ask(lan_ip, message, cut);
    }
    CHECK_EQ(told().refused, len);
    message[12] = 0xc0; // a compressed name
    ask(lan_ip, message, len);
    message[12] = 3;
    message[2] = 0x81; // an answer
    ask(lan_ip, message, len);
    message[2] = 1;
    message[5] = 2; // two questions
    ask(lan_ip, message, len);
    memset(message + 12, 1, 500); // a name that is too long
    message[5] = 1;
    message[12 + 500] = 0;
    ask(lan_ip, message, 12 + 505);
    CHECK_EQ(lan.count, 0);
    CHECK_EQ(left(), 0);
    check_nothing_leaks();
}
