// Receiver indices of handshakes that we began, and which answers they let in.
#include "tunnel_pair.h"

static uint8_t message[WG_INITIATION_LEN];

static bool expects(box_t *box, uint32_t type, uint32_t index) {
    memset(message, 0, sizeof(message));
    message[0] = (uint8_t)type;
    wg_store32_le(message + (type == WG_MESSAGE_RESPONSE ? WG_RESPONSE_RECEIVER : WG_COOKIE_RECEIVER), index);
    return wg_tunnel_expects(&box->tunnel, (uint8_t)type, message,
                             type == WG_MESSAGE_RESPONSE ? WG_RESPONSE_LEN : WG_COOKIE_LEN);
}

static void check_expected(box_t *box, uint32_t index, bool response, bool cookie) {
    CHECK_EQ(expects(box, WG_MESSAGE_RESPONSE, index), response);
    CHECK_EQ(expects(box, WG_MESSAGE_COOKIE, index), cookie);
}

TEST(an_answer_must_name_the_handshake_under_way) {
    introduce();
    check_expected(&ours, 8, false, false);
    CHECK_EQ(wg_tunnel_reserve_index(&ours.tunnel, 0, 8), WG_OK);
    check_expected(&ours, 8, true, true);
    check_expected(&ours, 9, false, false);
    CHECK_EQ(wg_tunnel_reserve_index(&ours.tunnel, 0, 8), WG_ERR_INDEX);
    CHECK_EQ(wg_tunnel_reserve_index(&ours.tunnel, 0, 10), WG_OK); // the next try
    check_expected(&ours, 8, false, false);
    check_expected(&ours, 10, true, true);
    wg_tunnel_release_index(&ours.tunnel, 0);
    wg_tunnel_release_index(&ours.tunnel, 0);
    check_expected(&ours, 10, false, false);
    CHECK_EQ(wg_tunnel_find_index(&ours.tunnel, 10), WG_NO_PEER);
}

TEST(what_is_no_answer_is_left_to_the_gate) {
    introduce();
    memset(message, 0, sizeof(message));
    for (uint8_t kind = 0; kind < 6; kind++) {
        for (size_t len = 0; len < sizeof(message); len++) {
            bool answer = len >= WG_COOKIE_LEN && (kind == WG_MESSAGE_RESPONSE || kind == WG_MESSAGE_COOKIE);
            CHECK_EQ(wg_tunnel_expects(&ours.tunnel, kind, message, len), !answer);
        }
    }
}

TEST(an_answer_to_a_question_is_let_in_as_a_response_to_its_index_alone) {
    introduce();
    wg_tunnel_set_question(&ours.tunnel, true, 8);
    check_expected(&ours, 8, true, false);
    check_expected(&ours, 9, false, false);
    wg_tunnel_set_question(&ours.tunnel, false, 8);
    check_expected(&ours, 8, false, false);
    check_expected(&ours, 0, false, false);
    wg_tunnel_set_question(&ours.tunnel, true, 8);
    wg_tunnel_wipe(&ours.tunnel);
    check_expected(&ours, 8, false, false);
}

TEST(a_keypair_takes_the_index_of_its_handshake_over) {
    introduce();
    CHECK_EQ(wg_tunnel_reserve_index(&ours.tunnel, 0, 2), WG_OK);
    install(&ours, 1, true, NOW_MS);
    CHECK(!ours.peers[0].has_handshake);
    check_expected(&ours, 2, false, false);
    wg_tunnel_release_index(&ours.tunnel, 0);
    install(&theirs, 1, false, NOW_MS);
    datagram_t sent = keepalive_from(&ours, NOW_MS);
    CHECK_EQ(open_at_theirs(&sent, NOW_MS), WG_OK);
    datagram_t answer = keepalive_from(&theirs, NOW_MS);
    CHECK_EQ(open_at_ours(&answer, NOW_MS), WG_OK);
}

TEST(nobody_takes_the_index_of_another_peer) {
    uint8_t key[32] = {1};
    introduce();
    uint16_t other = wg_tunnel_add_peer(&ours.tunnel);
    CHECK_EQ(wg_tunnel_reserve_index(&ours.tunnel, 0, 8), WG_OK);
    CHECK_EQ(wg_tunnel_reserve_index(&ours.tunnel, other, 8), WG_ERR_INDEX);
    CHECK_EQ(wg_tunnel_install(&ours.tunnel, other, key, key, true, 8, 9, NOW_MS), WG_ERR_INDEX);
    CHECK_EQ(wg_tunnel_find_index(&ours.tunnel, 8), 0);
    install(&ours, 1, true, NOW_MS);
    CHECK_EQ(wg_tunnel_reserve_index(&ours.tunnel, other, 2), WG_ERR_INDEX);
    wg_tunnel_remove_peer(&ours.tunnel, 0);
    CHECK_EQ(wg_tunnel_reserve_index(&ours.tunnel, other, 8), WG_OK);
}

TEST(a_cookie_reply_may_refuse_a_response_until_it_is_confirmed) {
    introduce();
    install(&theirs, 1, false, NOW_MS);
    check_expected(&theirs, 3, false, true);
    install(&ours, 1, true, NOW_MS);
    datagram_t sent = keepalive_from(&ours, NOW_MS);
    CHECK_EQ(open_at_theirs(&sent, NOW_MS), WG_OK);
    check_expected(&theirs, 3, false, false);
}

TEST(data_to_a_handshake_is_dropped) {
    connect();
    datagram_t sent = data_from_theirs(NOW_MS);
    CHECK_EQ(wg_tunnel_reserve_index(&ours.tunnel, 0, 8), WG_OK);
    wg_store32_le(sent.bytes + WG_TRANSPORT_RECEIVER, 8);
    CHECK_EQ(open_at_ours(&sent, NOW_MS), WG_ERR_INDEX);
    CHECK_EQ(ours.tunnel.drops[WG_ERR_INDEX], 1);
}

// As many peers as there is room for, each with all that it can have: a quarter of the table stays free.
TEST(the_table_is_never_full) {
    uint8_t key[32] = {1};
    uint64_t state = 5;
    uint32_t index = 1, most = 0;
    introduce();
    while (wg_tunnel_add_peer(&ours.tunnel) != WG_NO_PEER) {
    }
    for (unsigned step = 0; step < 20000; step++) {
        uint16_t peer = (uint16_t)(check_random(&state) % PEERS);
        bool is_initiator = check_random(&state) % 2 == 0;
        if (check_random(&state) % 2 == 0) {
            CHECK_EQ(wg_tunnel_reserve_index(&ours.tunnel, peer, index++), WG_OK);
        } else {
            CHECK_EQ(wg_tunnel_install(&ours.tunnel, peer, key, key, is_initiator, index++, 0, NOW_MS), WG_OK);
        }
        uint32_t used = 0;
        for (uint32_t i = 0; i < INDICES; i++) {
            used += ours.indices[i].peer != WG_NO_PEER;
        }
        most = used > most ? used : most;
    }
    CHECK_EQ(most, 3 * PEERS);
}
