// Packets that wait for a handshake, and events that wait for the control plane.
#include "tunnel_pair.h"

static void queue_numbered(uint16_t peer, uint8_t number) {
    uint8_t inner[40];
    make_inner(inner, our_address, their_address, sizeof(inner));
    inner[20] = number;
    CHECK_EQ(wg_tunnel_queue(&ours.tunnel, peer, inner, sizeof(inner)), WG_OK);
}

// Seal the oldest waiting packet, open it at the other end, and return its number.
static uint8_t pass_queued(void) {
    datagram_t sent;
    wg_opened_t opened;
    CHECK(wg_tunnel_seal_queued(&ours.tunnel, 0, sent.bytes, sizeof(sent.bytes), NOW_MS, &sent.len));
    CHECK_EQ(open_from(&theirs, &sent, &our_endpoint, NOW_MS, &opened), WG_OK);
    CHECK_EQ(opened.len, 40);
    return opened.inner[20];
}

TEST(waiting_packets_leave_in_order_when_there_is_a_keypair) {
    introduce();
    datagram_t out;
    for (uint8_t i = 0; i < 5; i++) {
        queue_numbered(0, i);
    }
    CHECK(!wg_tunnel_seal_queued(&ours.tunnel, 0, out.bytes, sizeof(out.bytes), NOW_MS, &out.len));
    CHECK_EQ(ours.peers[0].queue_len, 5);
    install(&theirs, 1, false, NOW_MS);
    install(&ours, 1, true, NOW_MS);
    for (uint8_t i = 0; i < 5; i++) {
        CHECK_EQ(pass_queued(), i);
    }
    CHECK(!wg_tunnel_seal_queued(&ours.tunnel, 0, out.bytes, sizeof(out.bytes), NOW_MS, &out.len));
    CHECK_EQ(ours.peers[0].tx_bytes, 5 * (32 + 48));
    CHECK_EQ(ours.peers[0].data_sent_ms, NOW_MS);
}

TEST(a_full_share_loses_its_oldest_packet) {
    connect();
    for (uint8_t i = 0; i < WG_QUEUE_PER_PEER + 3; i++) {
        queue_numbered(0, i);
    }
    CHECK_EQ(ours.peers[0].queue_len, WG_QUEUE_PER_PEER);
    CHECK_EQ(ours.tunnel.drops[WG_ERR_SPACE], 3);
    for (uint8_t i = 3; i < WG_QUEUE_PER_PEER + 3; i++) {
        CHECK_EQ(pass_queued(), i);
    }
}

TEST(a_full_pool_takes_nothing_from_another_peer) {
    connect();
    CHECK_EQ(wg_tunnel_add_peer(&ours.tunnel), 1);
    CHECK_EQ(wg_tunnel_add_peer(&ours.tunnel), 2);
    for (uint8_t i = 0; i < WG_QUEUE_PER_PEER; i++) {
        queue_numbered(0, i);
    }
    for (uint8_t i = 0; i < WAITING - WG_QUEUE_PER_PEER + 2; i++) {
        queue_numbered(1, i);
    }
    CHECK_EQ(ours.peers[0].queue_len, WG_QUEUE_PER_PEER);
    CHECK_EQ(ours.peers[1].queue_len, WAITING - WG_QUEUE_PER_PEER);
    CHECK_EQ(ours.tunnel.drops[WG_ERR_SPACE], 2);
    CHECK_EQ(wg_tunnel_queue(&ours.tunnel, 2, (const uint8_t *)"x", 1), WG_ERR_SPACE);
    CHECK_EQ(ours.tunnel.drops[WG_ERR_SPACE], 3);
    wg_tunnel_drop_queue(&ours.tunnel, 1);
    CHECK_EQ(ours.peers[1].queue_len, 0);
    queue_numbered(2, 0);
    for (uint8_t i = 0; i < WG_QUEUE_PER_PEER; i++) {
        CHECK_EQ(pass_queued(), i);
    }
}

TEST(a_packet_that_is_too_long_cannot_wait) {
    connect();
    static uint8_t inner[PACKET_SIZE + 1];
    CHECK_EQ(wg_tunnel_queue(&ours.tunnel, 0, inner, sizeof(inner)), WG_ERR_SPACE);
    CHECK_EQ(wg_tunnel_queue(&ours.tunnel, 0, inner, PACKET_SIZE), WG_OK);
    CHECK_EQ(ours.tunnel.drops[WG_ERR_SPACE], 1);
}

TEST(queues_of_random_use_keep_order_and_lose_no_slot) {
    uint64_t state = 9;
    uint8_t numbers[PEERS] = {0};
    uint8_t oldest[PEERS] = {0};
    connect();
    for (uint16_t peer = 1; peer < PEERS; peer++) {
        CHECK_EQ(wg_tunnel_add_peer(&ours.tunnel), peer);
    }
    for (unsigned step = 0; step < 20000; step++) {
        uint16_t peer = (uint16_t)(check_random(&state) % PEERS);
        const wg_peer_t *owner = &ours.peers[peer];
        if (check_random(&state) % 8 == 0) {
            wg_tunnel_drop_queue(&ours.tunnel, peer);
            oldest[peer] = numbers[peer];
        } else if (check_random(&state) % 2 == 0 && peer == 0 && owner->queue_len > 0) {
            CHECK_EQ(pass_queued(), oldest[0]++);
        } else {
            uint8_t packet[40];
            uint16_t len_before = owner->queue_len;
            make_inner(packet, our_address, their_address, sizeof(packet));
            packet[20] = numbers[peer];
            if (wg_tunnel_queue(&ours.tunnel, peer, packet, sizeof(packet)) == WG_OK) {
                numbers[peer]++;
                oldest[peer] = (uint8_t)(numbers[peer] - owner->queue_len);
                CHECK(owner->queue_len == len_before + 1 || owner->queue_len == len_before);
            }
        }
        unsigned slots = 0;
        for (uint16_t slot = ours.tunnel.queue_free; slot != 0xffff; slot = ours.queue[slot].next) {
            slots++;
        }
        for (uint16_t i = 0; i < PEERS; i++) {
            slots += ours.peers[i].queue_len;
        }
        CHECK_EQ(slots, WAITING);
    }
}

// --- events ---

TEST(events_come_in_the_order_of_their_peers_first_one) {
    box_init(&ours);
    for (uint16_t i = 0; i < PEERS; i++) {
        wg_tunnel_add_peer(&ours.tunnel);
        ours.peers[i].endpoint = their_endpoint;
    }
    const uint16_t order[] = {2, 0, 3, 2, 0, 1};
    uint8_t out[64];
    size_t len;
    for (size_t i = 0; i < 6; i++) {
        CHECK_EQ(wg_tunnel_seal(&ours.tunnel, order[i], out, sizeof(out), NULL, 0, NOW_MS, &len), WG_ERR_NO_KEY);
    }
    const uint16_t expected[] = {2, 0, 3, 1};
    uint16_t peer;
    uint8_t events;
    for (size_t i = 0; i < 4; i++) {
        CHECK(wg_tunnel_has_event(&ours.tunnel));
        CHECK(wg_tunnel_take_event(&ours.tunnel, &peer, &events));
        CHECK_EQ(peer, expected[i]);
        CHECK_EQ(events, WG_EVENT_HANDSHAKE);
    }
    CHECK(!wg_tunnel_has_event(&ours.tunnel));
    CHECK(!wg_tunnel_take_event(&ours.tunnel, &peer, &events));
}

TEST(an_event_taken_stays_quiet_until_it_is_watched_again) {
    introduce();
    datagram_t out;
    CHECK_EQ(try_seal(&ours, &out, NULL, 0, NOW_MS), WG_ERR_NO_KEY);
    CHECK_EQ(take_events(&ours), WG_EVENT_HANDSHAKE);
    CHECK_EQ(try_seal(&ours, &out, NULL, 0, NOW_MS), WG_ERR_NO_KEY);
    CHECK(!wg_tunnel_has_event(&ours.tunnel));
    wg_tunnel_watch(&ours.tunnel, 0, WG_EVENT_HANDSHAKE);
    CHECK(!wg_tunnel_has_event(&ours.tunnel)); // what happened meanwhile is not raised
    CHECK_EQ(try_seal(&ours, &out, NULL, 0, NOW_MS), WG_ERR_NO_KEY);
    CHECK_EQ(take_events(&ours), WG_EVENT_HANDSHAKE);
}

TEST(taking_one_event_leaves_the_others_watched) {
    connect();
    data_from_ours(NOW_MS);
    CHECK_EQ(take_events(&ours), WG_EVENT_SENT);
    datagram_t data = data_from_theirs(NOW_MS);
    CHECK_EQ(open_at_ours(&data, NOW_MS), WG_OK);
    CHECK_EQ(take_events(&ours), WG_EVENT_RECEIVED);
    wg_tunnel_watch(&ours.tunnel, 0, 0xff);
    CHECK_EQ(ours.peers[0].watched, WG_EVENT_ALL);
}

TEST(peers_leave_the_event_list_wherever_they_are) {
    for (unsigned removed = 0; removed < PEERS; removed++) {
        box_init(&ours);
        uint8_t out[64], events;
        size_t len;
        uint16_t peer;
        for (uint16_t i = 0; i < PEERS; i++) {
            wg_tunnel_add_peer(&ours.tunnel);
            ours.peers[i].endpoint = their_endpoint;
            wg_tunnel_seal(&ours.tunnel, i, out, sizeof(out), NULL, 0, NOW_MS, &len);
        }
        wg_tunnel_remove_peer(&ours.tunnel, (uint16_t)removed);
        CHECK_EQ(wg_tunnel_add_peer(&ours.tunnel), removed);
        ours.peers[removed].endpoint = their_endpoint;
        wg_tunnel_seal(&ours.tunnel, (uint16_t)removed, out, sizeof(out), NULL, 0, NOW_MS, &len);
        for (unsigned i = 0; i < PEERS; i++) {
            if (i != removed) {
                CHECK(wg_tunnel_take_event(&ours.tunnel, &peer, &events));
                CHECK_EQ(peer, i);
            }
        }
        CHECK(wg_tunnel_take_event(&ours.tunnel, &peer, &events));
        CHECK_EQ(peer, removed);
        CHECK(!wg_tunnel_has_event(&ours.tunnel));
    }
}
