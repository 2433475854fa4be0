// Keypairs over their life: current, previous and next, limits, and the events that ask for new ones.
#include "tunnel_pair.h"

static bool has(const box_t *box, unsigned which) {
    return box->peers[0].keypairs[box->peers[0].slot[which]].valid;
}

// Which handshake's keypair this is; 0: none.
static uint32_t number_of(box_t *box, unsigned which) {
    const wg_keypair_t *keypair = keypair_of(box, which);
    return keypair->valid ? keypair->local_index / 2 : 0;
}

static void check_numbers(box_t *box, uint32_t current, uint32_t previous, uint32_t next) {
    CHECK_EQ(number_of(box, WG_KEYPAIR_CURRENT), current);
    CHECK_EQ(number_of(box, WG_KEYPAIR_PREVIOUS), previous);
    CHECK_EQ(number_of(box, WG_KEYPAIR_NEXT), next);
    // Exactly the indices of these keypairs are in the table.
    unsigned valid = 0, indices = 0;
    for (unsigned which = 0; which < WG_KEYPAIR_SLOTS; which++) {
        if (has(box, which)) {
            valid++;
            CHECK_EQ(wg_tunnel_find_index(&box->tunnel, keypair_of(box, which)->local_index), 0);
        } else {
            CHECK(wg_is_zero((const uint8_t *)keypair_of(box, which), sizeof(wg_keypair_t)));
        }
    }
    for (unsigned i = 0; i < INDICES; i++) {
        indices += box->indices[i].peer != WG_NO_PEER;
    }
    CHECK_EQ(indices, valid);
}

static wg_status_t pass_keepalive(box_t *from, box_t *to, uint64_t now_ms) {
    datagram_t sent = keepalive_from(from, now_ms);
    return open_from(to, &sent, from == &ours ? &our_endpoint : &their_endpoint, now_ms, &(wg_opened_t){0});
}

TEST(the_initiators_keypair_is_current_at_once) {
    introduce();
    install(&ours, 1, true, NOW_MS);
    check_numbers(&ours, 1, 0, 0);
    install(&ours, 2, true, NOW_MS);
    check_numbers(&ours, 2, 1, 0);
    install(&ours, 3, true, NOW_MS);
    check_numbers(&ours, 3, 2, 0);
}

TEST(the_responder_sends_with_its_keypair_only_after_the_initiator_did) {
    introduce();
    install(&theirs, 1, false, NOW_MS);
    check_numbers(&theirs, 0, 0, 1);
    datagram_t out;
    CHECK_EQ(try_seal(&theirs, &out, NULL, 0, NOW_MS), WG_ERR_NO_KEY);
    take_events(&theirs);
    install(&ours, 1, true, NOW_MS);
    CHECK_EQ(pass_keepalive(&ours, &theirs, NOW_MS), WG_OK);
    check_numbers(&theirs, 1, 0, 0);
    CHECK_EQ(take_events(&theirs), WG_EVENT_CONFIRMED);
    CHECK_EQ(pass_keepalive(&theirs, &ours, NOW_MS), WG_OK);
    CHECK_EQ(pass_keepalive(&ours, &theirs, NOW_MS), WG_OK);
    CHECK_EQ(take_events(&theirs), 0);
}

TEST(a_forged_message_confirms_nothing) {
    introduce();
    install(&theirs, 1, false, NOW_MS);
    install(&ours, 1, true, NOW_MS);
    datagram_t sent = keepalive_from(&ours, NOW_MS);
    sent.bytes[20] ^= 1;
    CHECK_EQ(open_at_theirs(&sent, NOW_MS), WG_ERR_TAG);
    check_numbers(&theirs, 0, 0, 1);
    CHECK_EQ(take_events(&theirs), 0);
}

TEST(packets_under_the_old_keypair_arrive_after_a_rekey) {
    connect();
    datagram_t late_ours = data_from_ours(NOW_MS);
    datagram_t late_theirs = data_from_theirs(NOW_MS);
    datagram_t later_theirs = data_from_theirs(NOW_MS);
    install(&theirs, 2, false, NOW_MS + 1000);
    check_numbers(&theirs, 1, 0, 2);
    CHECK_EQ(open_at_ours(&late_theirs, NOW_MS + 1000), WG_OK);
    install(&ours, 2, true, NOW_MS + 1000);
    check_numbers(&ours, 2, 1, 0);
    CHECK_EQ(open_at_theirs(&late_ours, NOW_MS + 1000), WG_OK);
    check_numbers(&theirs, 1, 0, 2);
    CHECK_EQ(pass_keepalive(&ours, &theirs, NOW_MS + 1000), WG_OK);
    check_numbers(&theirs, 2, 1, 0);
    CHECK_EQ(open_at_ours(&later_theirs, NOW_MS + 1000), WG_OK);
    CHECK_EQ(open_at_ours(&later_theirs, NOW_MS + 1000), WG_ERR_REPLAY);
    // The old keypair ends on its own day, not on that of the new one.
    datagram_t unused = data_from_theirs(NOW_MS + 1000);
    CHECK_EQ(open_at_ours(&unused, NOW_MS + 1000), WG_OK);
    CHECK_EQ(open_at_theirs(&late_ours, NOW_MS + 180000), WG_ERR_EXPIRED);
}

TEST(a_new_handshake_throws_the_responders_unused_keypair_away) {
    connect();
    install(&theirs, 2, false, NOW_MS);
    check_numbers(&theirs, 1, 0, 2);
    install(&theirs, 3, false, NOW_MS);
    check_numbers(&theirs, 1, 0, 3);
    install(&ours, 3, true, NOW_MS);
    CHECK_EQ(pass_keepalive(&ours, &theirs, NOW_MS), WG_OK);
    check_numbers(&theirs, 3, 1, 0);
    install(&theirs, 4, false, NOW_MS);
    check_numbers(&theirs, 3, 0, 4); // previous makes way
}

TEST(handshakes_that_cross_leave_both_sides_able_to_talk) {
    connect();
    // Both begin; both answer; both get their answer.
    install(&ours, 2, false, NOW_MS);
    install(&theirs, 3, false, NOW_MS);
    install(&ours, 3, true, NOW_MS);
    check_numbers(&ours, 3, 2, 0);
    install(&theirs, 2, true, NOW_MS);
    check_numbers(&theirs, 2, 3, 0);
    for (int i = 0; i < 3; i++) {
        CHECK_EQ(pass_keepalive(&ours, &theirs, NOW_MS), WG_OK);
        CHECK_EQ(pass_keepalive(&theirs, &ours, NOW_MS), WG_OK);
    }
    check_numbers(&ours, 3, 2, 0);
    check_numbers(&theirs, 2, 3, 0);
}

TEST(an_index_that_is_taken_is_refused_and_nothing_changes) {
    connect();
    static box_t before;
    before = ours;
    uint8_t key[32] = {0};
    CHECK_EQ(wg_tunnel_install(&ours.tunnel, 0, key, key, true, 2, 9, NOW_MS), WG_ERR_INDEX);
    CHECK_EQ(wg_tunnel_install(&ours.tunnel, 0, key, key, false, 2, 9, NOW_MS), WG_ERR_INDEX);
    CHECK(memcmp(&ours, &before, sizeof(ours)) == 0);
}

TEST(forgotten_keypairs_leave_nothing_behind_but_the_queue) {
    connect();
    install(&ours, 2, true, NOW_MS);
    install(&ours, 3, false, NOW_MS);
    install(&ours, 4, true, NOW_MS);
    CHECK_EQ(wg_tunnel_queue(&ours.tunnel, 0, (const uint8_t *)"x", 1), WG_OK);
    wg_tunnel_clear_keypairs(&ours.tunnel, 0);
    check_numbers(&ours, 0, 0, 0);
    CHECK_EQ(ours.peers[0].queue_len, 1);
    wg_tunnel_clear_keypairs(&ours.tunnel, 0);
}

// Many handshakes in both roles, at random, with the packets of all of them: the table of indices stays exact.
TEST(any_sequence_of_handshakes_keeps_indices_and_keypairs_together) {
    uint64_t state = 8;
    connect();
    for (uint32_t number = 2; number < 3000; number++) {
        box_t *initiator = check_random(&state) % 2 == 0 ? &ours : &theirs;
        box_t *responder = initiator == &ours ? &theirs : &ours;
        install(responder, number, false, NOW_MS);
        if (check_random(&state) % 4 != 0) { // else the response is lost
            install(initiator, number, true, NOW_MS);
            check_numbers(initiator, number, number_of(initiator, WG_KEYPAIR_PREVIOUS), 0);
            if (check_random(&state) % 2 == 0) {
                CHECK_EQ(pass_keepalive(initiator, responder, NOW_MS), WG_OK);
                CHECK_EQ(pass_keepalive(responder, initiator, NOW_MS), WG_OK);
                CHECK_EQ(number_of(responder, WG_KEYPAIR_CURRENT), number);
            }
        }
        check_numbers(responder, number_of(responder, WG_KEYPAIR_CURRENT), number_of(responder, WG_KEYPAIR_PREVIOUS),
                      number_of(responder, WG_KEYPAIR_NEXT));
    }
}

TEST(an_expired_keypair_neither_sends_nor_receives) {
    connect();
    datagram_t late = data_from_theirs(NOW_MS + 179999);
    datagram_t out;
    CHECK_EQ(try_seal(&ours, &out, NULL, 0, NOW_MS + 179999), WG_OK);
    watch_anew(&ours);
    CHECK_EQ(try_seal(&ours, &out, NULL, 0, NOW_MS + 180000), WG_ERR_EXPIRED);
    CHECK_EQ(take_events(&ours), WG_EVENT_HANDSHAKE);
    CHECK_EQ(open_at_ours(&late, NOW_MS + 180000), WG_ERR_EXPIRED);
    CHECK_EQ(ours.tunnel.drops[WG_ERR_EXPIRED], 1);
}

TEST(a_keypair_out_of_counters_sends_nothing) {
    connect();
    keypair_of(&ours, WG_KEYPAIR_CURRENT)->send_counter = WG_REJECT_AFTER_MESSAGES - 1;
    datagram_t last = data_from_ours(NOW_MS), out;
    CHECK_EQ(open_at_theirs(&last, NOW_MS), WG_OK);
    CHECK_EQ(take_events(&ours), WG_EVENT_SENT | WG_EVENT_REKEY);
    CHECK_EQ(try_seal(&ours, &out, NULL, 0, NOW_MS), WG_ERR_EXPIRED);
    CHECK_EQ(take_events(&ours), WG_EVENT_HANDSHAKE);
}

TEST(sending_asks_the_initiator_for_a_rekey_after_120_seconds) {
    connect();
    keepalive_from(&ours, NOW_MS + 119999);
    keepalive_from(&theirs, NOW_MS + 179999); // the responder does not
    CHECK_EQ(take_events(&ours), 0);
    CHECK_EQ(take_events(&theirs), 0);
    keepalive_from(&ours, NOW_MS + 120000);
    keepalive_from(&ours, NOW_MS + 120001);
    CHECK_EQ(take_events(&ours), WG_EVENT_REKEY);
    keepalive_from(&ours, NOW_MS + 120002);
    CHECK_EQ(take_events(&ours), 0); // quiet until it is watched again
    wg_tunnel_watch(&ours.tunnel, 0, WG_EVENT_REKEY);
    CHECK_EQ(take_events(&ours), 0);
    keepalive_from(&ours, NOW_MS + 120003);
    CHECK_EQ(take_events(&ours), WG_EVENT_REKEY);
}

TEST(receiving_asks_the_initiator_for_a_rekey_after_165_seconds) {
    connect();
    CHECK_EQ(pass_keepalive(&theirs, &ours, NOW_MS + 164999), WG_OK);
    CHECK_EQ(take_events(&ours), 0);
    CHECK_EQ(pass_keepalive(&theirs, &ours, NOW_MS + 165000), WG_OK);
    CHECK_EQ(take_events(&ours), WG_EVENT_REKEY);
    datagram_t sent = data_from_ours(NOW_MS + 165000); // which asks our side, so look at theirs
    CHECK_EQ(open_at_theirs(&sent, NOW_MS + 165000), WG_OK);
    CHECK_EQ(take_events(&theirs), WG_EVENT_RECEIVED);
}

TEST(a_late_packet_of_the_old_keypair_asks_for_nothing) {
    connect();
    datagram_t late = data_from_theirs(NOW_MS + 100000);
    install(&ours, 2, true, NOW_MS + 120000);
    CHECK_EQ(open_at_ours(&late, NOW_MS + 170000), WG_OK);
    CHECK_EQ(take_events(&ours), WG_EVENT_RECEIVED);
}
