// The packet path from end to end: out, in, and what is refused.
#include "tunnel_pair.h"

static const wg_endpoint_t elsewhere = {.family = 4, .port = 3333, .address = {192, 0, 2, 99}};

static bool endpoint_is(const wg_endpoint_t *expected) {
    return wg_endpoint_equal(&ours.peers[0].endpoint, expected);
}

// What no stranger may change: everything but the drop counters.
static void check_only_dropped(const box_t *before, wg_status_t status) {
    CHECK(memcmp(ours.peers, before->peers, sizeof(ours.peers)) == 0);
    CHECK(memcmp(ours.indices, before->indices, sizeof(ours.indices)) == 0);
    CHECK(!wg_tunnel_has_event(&ours.tunnel));
    for (unsigned i = 0; i < WG_STATUS_COUNT; i++) {
        CHECK_EQ(ours.tunnel.drops[i], before->tunnel.drops[i] + (i == (unsigned)status ? 1 : 0));
    }
}

TEST(capacities_are_tested) {
    box_init(&ours);
    wg_tunnel_t tunnel;
    wg_tunnel_memory_t memory = ours.tunnel.memory;
    CHECK(wg_tunnel_init(&tunnel, &memory, 0));
    memory.peer_capacity = 0;
    CHECK(!wg_tunnel_init(&tunnel, &memory, 0));
    memory.peer_capacity = WG_NO_PEER;
    CHECK(!wg_tunnel_init(&tunnel, &memory, 0));
    memory.peer_capacity = PEERS;
    memory.index_capacity = INDICES / 2;
    CHECK(!wg_tunnel_init(&tunnel, &memory, 0));
    memory.index_capacity = INDICES + 8;
    CHECK(!wg_tunnel_init(&tunnel, &memory, 0));
    memory.index_capacity = 0;
    CHECK(!wg_tunnel_init(&tunnel, &memory, 0));
    memory.index_capacity = INDICES;
    memory.node_capacity = WG_NO_NODE;
    CHECK(!wg_tunnel_init(&tunnel, &memory, 0));
    memory.node_capacity = NODES;
    memory.queue_capacity = 0xffff;
    CHECK(!wg_tunnel_init(&tunnel, &memory, 0));
}

TEST(a_packet_comes_out_as_it_went_in) {
    connect();
    for (size_t len = 20; len <= MTU; len += 7) {
        uint8_t inner[ROOM];
        make_inner(inner, their_address, our_address, len);
        datagram_t sent = seal_from(&theirs, their_address, our_address, len, NOW_MS);
        size_t padded_len = (len + 15) / 16 * 16;
        CHECK_EQ(sent.len, 32 + (padded_len < MTU ? padded_len : MTU));
        wg_opened_t opened;
        CHECK_EQ(open_from(&ours, &sent, &their_endpoint, NOW_MS, &opened), WG_OK);
        CHECK_EQ(opened.peer, 0);
        CHECK_EQ(opened.len, len);
        CHECK_BYTES(opened.inner, inner, len);
    }
}

TEST(ipv6_passes_both_ways) {
    connect();
    uint8_t inner[60] = {0x60, 0, 0, 0, 0, 20};
    inner[8] = 0xfd; // source fd00::, destination 2001::
    inner[24] = 0x20;
    inner[25] = 0x01;
    CHECK_EQ(wg_allowedips_insert(&ours.tunnel.allowedips, 6, inner + 8, 16, 0), WG_OK);
    CHECK_EQ(wg_allowedips_insert(&theirs.tunnel.allowedips, 6, inner + 24, 16, 0), WG_OK);
    uint16_t peer;
    CHECK_EQ(wg_tunnel_route(&theirs.tunnel, inner, sizeof(inner), &peer), WG_OK);
    datagram_t sent;
    CHECK_EQ(try_seal(&theirs, &sent, inner, sizeof(inner), NOW_MS), WG_OK);
    wg_opened_t opened;
    CHECK_EQ(open_from(&ours, &sent, &their_endpoint, NOW_MS, &opened), WG_OK);
    CHECK_EQ(opened.len, 60);
    inner[9] = 1; // fd01:: is not theirs
    CHECK_EQ(try_seal(&theirs, &sent, inner, sizeof(inner), NOW_MS), WG_OK);
    CHECK_EQ(open_at_ours(&sent, NOW_MS), WG_ERR_SOURCE);
}

TEST(packets_are_routed_by_destination_and_counted_when_nobody_has_it) {
    connect();
    uint8_t inner[40];
    uint16_t peer = 77;
    make_inner(inner, our_address, foreign_address, sizeof(inner));
    CHECK_EQ(wg_tunnel_route(&ours.tunnel, inner, sizeof(inner), &peer), WG_ERR_ROUTE);
    CHECK_EQ(wg_tunnel_route(&ours.tunnel, inner, 19, &peer), WG_ERR_INNER);
    CHECK_EQ(wg_tunnel_route(&ours.tunnel, inner, 0, &peer), WG_ERR_INNER);
    CHECK_EQ(peer, 77);
    CHECK_EQ(ours.tunnel.drops[WG_ERR_ROUTE], 1);
    CHECK_EQ(ours.tunnel.drops[WG_ERR_INNER], 2);
    make_inner(inner, our_address, their_address, sizeof(inner));
    CHECK_EQ(wg_tunnel_route(&ours.tunnel, inner, sizeof(inner), &peer), WG_OK);
    CHECK_EQ(peer, 0);
}

TEST(sealing_without_what_it_needs_says_so) {
    introduce();
    datagram_t out;
    uint8_t inner[100] = {0x45};
    CHECK_EQ(try_seal(&ours, &out, inner, 100, NOW_MS), WG_ERR_NO_KEY);
    CHECK_EQ(take_events(&ours), WG_EVENT_HANDSHAKE);
    CHECK_EQ(ours.tunnel.drops[WG_ERR_NO_KEY], 0); // the packet can wait
    install(&ours, 1, true, NOW_MS);
    size_t len;
    CHECK_EQ(wg_tunnel_seal(&ours.tunnel, 0, out.bytes, 143, inner, 100, NOW_MS, &len), WG_ERR_SPACE);
    CHECK_EQ(wg_tunnel_seal(&ours.tunnel, 0, out.bytes, 31, inner, 0, NOW_MS, &len), WG_ERR_SPACE);
    CHECK_EQ(ours.tunnel.drops[WG_ERR_SPACE], 2);
    CHECK_EQ(wg_tunnel_seal(&ours.tunnel, 0, out.bytes, 144, inner, 100, NOW_MS, &len), WG_OK);
    ours.peers[0].endpoint.family = 0;
    CHECK_EQ(try_seal(&ours, &out, inner, 100, NOW_MS), WG_ERR_NO_ENDPOINT);
    CHECK_EQ(ours.tunnel.drops[WG_ERR_NO_ENDPOINT], 1);
    CHECK_EQ(keypair_of(&ours, WG_KEYPAIR_CURRENT)->send_counter, 1);
}

TEST(an_unauthenticated_datagram_changes_nothing_but_a_counter) {
    connect();
    datagram_t good = data_from_theirs(NOW_MS);
    static box_t before;
    before = ours;
    for (size_t bit = 0; bit < 8 * good.len; bit++) {
        datagram_t bad = good;
        bad.bytes[bit / 8] ^= (uint8_t)(1u << (bit % 8));
        wg_status_t status = open_from(&ours, &bad, &elsewhere, NOW_MS, &(wg_opened_t){0});
        CHECK_EQ(status, bit < 32 ? WG_ERR_TYPE : bit < 64 ? WG_ERR_INDEX : WG_ERR_TAG);
        check_only_dropped(&before, status);
        before = ours;
    }
    for (size_t len = 0; len < good.len; len++) {
        datagram_t bad = good;
        bad.len = len;
        wg_status_t status = open_from(&ours, &bad, &elsewhere, NOW_MS, &(wg_opened_t){0});
        CHECK_EQ(status, len < 32 ? WG_ERR_SHORT : WG_ERR_TAG);
        check_only_dropped(&before, status);
        before = ours;
    }
    CHECK_EQ(open_at_ours(&good, NOW_MS), WG_OK);
}

TEST(short_datagrams_are_refused_without_reading_past_them) {
    connect();
    for (size_t len = 0; len < 32; len++) {
        uint8_t *exact = calloc(1, len == 0 ? 1 : len); // ASan watches its end
        exact[0] = len > 0 ? 4 : 0;
        wg_opened_t opened;
        CHECK_EQ(wg_tunnel_open(&ours.tunnel, exact, len, &elsewhere, NOW_MS, &opened), WG_ERR_SHORT);
        free(exact);
    }
}

TEST(a_replayed_packet_changes_nothing_but_a_counter) {
    connect();
    datagram_t data = data_from_theirs(NOW_MS);
    datagram_t keepalive = keepalive_from(&theirs, NOW_MS);
    CHECK_EQ(open_at_ours(&data, NOW_MS), WG_OK);
    CHECK_EQ(open_at_ours(&keepalive, NOW_MS), WG_OK);
    watch_anew(&ours);
    static box_t before;
    before = ours;
    CHECK_EQ(open_from(&ours, &data, &elsewhere, NOW_MS + 5, &(wg_opened_t){0}), WG_ERR_REPLAY);
    check_only_dropped(&before, WG_ERR_REPLAY);
    before = ours;
    CHECK_EQ(open_from(&ours, &keepalive, &elsewhere, NOW_MS + 5, &(wg_opened_t){0}), WG_ERR_REPLAY);
    check_only_dropped(&before, WG_ERR_REPLAY);
    CHECK(endpoint_is(&their_endpoint));
}

TEST(a_packet_moves_the_endpoint_once) {
    connect();
    wg_opened_t opened;
    datagram_t data = data_from_theirs(NOW_MS);
    CHECK_EQ(open_from(&ours, &data, &elsewhere, NOW_MS, &opened), WG_OK);
    CHECK(endpoint_is(&elsewhere));
    CHECK_EQ(take_events(&ours), WG_EVENT_ENDPOINT | WG_EVENT_RECEIVED);
    wg_tunnel_watch(&ours.tunnel, 0, WG_EVENT_ALL);
    data = data_from_theirs(NOW_MS);
    CHECK_EQ(open_from(&ours, &data, &elsewhere, NOW_MS, &opened), WG_OK);
    CHECK_EQ(take_events(&ours), 0);
}

TEST(a_keepalive_moves_the_endpoint) {
    connect();
    wg_opened_t opened;
    datagram_t keepalive = keepalive_from(&theirs, NOW_MS);
    CHECK_EQ(open_from(&ours, &keepalive, &elsewhere, NOW_MS, &opened), WG_OK);
    CHECK_EQ(opened.len, 0);
    CHECK(endpoint_is(&elsewhere));
    CHECK_EQ(take_events(&ours), WG_EVENT_ENDPOINT);
}

TEST(where_a_datagram_arrived_is_kept_without_an_event) {
    connect();
    wg_endpoint_t source = their_endpoint;
    source.local_family = 4;
    source.local_interface = 5;
    datagram_t data = keepalive_from(&theirs, NOW_MS);
    CHECK_EQ(open_from(&ours, &data, &source, NOW_MS, &(wg_opened_t){0}), WG_OK);
    CHECK_EQ(ours.peers[0].endpoint.local_interface, 5);
    CHECK_EQ(take_events(&ours), 0);
}

TEST(a_source_that_the_peer_may_not_use_is_dropped_and_moves_nothing) {
    connect();
    CHECK_EQ(wg_tunnel_add_peer(&ours.tunnel), 1);
    allow(&ours, 1, foreign_address, 32);
    const uint8_t unknown_address[4] = {172, 16, 0, 1};
    const uint8_t *sources[] = {foreign_address, unknown_address, our_address};
    for (size_t i = 0; i < 3; i++) {
        datagram_t data = seal_from(&theirs, sources[i], our_address, 100, NOW_MS);
        CHECK_EQ(open_from(&ours, &data, &elsewhere, NOW_MS, &(wg_opened_t){0}), WG_ERR_SOURCE);
        CHECK(endpoint_is(&their_endpoint));
        CHECK_EQ(ours.tunnel.drops[WG_ERR_SOURCE], i + 1);
        CHECK_EQ(take_events(&ours) & WG_EVENT_ENDPOINT, 0);
    }
}

TEST(an_inner_packet_that_is_none_is_dropped_and_moves_nothing) {
    connect();
    const uint8_t packets[][24] = {{0x45, 0, 0, 25}, {0x55}, {0}, {0x60}, {0x44, 0, 0, 24}, {0x45, 0, 0, 0}};
    for (size_t i = 0; i < sizeof(packets) / sizeof(packets[0]); i++) {
        uint8_t inner[24];
        datagram_t sent;
        memcpy(inner, packets[i], sizeof(inner));
        memcpy(inner + 12, their_address, 4);
        theirs.tunnel.mtu = 24; // no padding
        CHECK_EQ(try_seal(&theirs, &sent, inner, sizeof(inner), NOW_MS), WG_OK);
        CHECK_EQ(open_from(&ours, &sent, &elsewhere, NOW_MS, &(wg_opened_t){0}), WG_ERR_INNER);
        CHECK(endpoint_is(&their_endpoint));
        CHECK_EQ(ours.tunnel.drops[WG_ERR_INNER], i + 1);
    }
}

TEST(an_authentic_packet_that_is_dropped_still_says_that_the_peer_lives) {
    connect();
    datagram_t ping = data_from_ours(NOW_MS + 1);
    CHECK_EQ(ours.peers[0].data_sent_ms, NOW_MS + 1);
    CHECK_EQ(open_at_theirs(&ping, NOW_MS + 1), WG_OK);
    datagram_t data = seal_from(&theirs, foreign_address, our_address, 100, NOW_MS + 2);
    CHECK_EQ(open_at_ours(&data, NOW_MS + 2), WG_ERR_SOURCE);
    CHECK_EQ(ours.peers[0].heard_ms, NOW_MS + 2);
    CHECK_EQ(ours.peers[0].data_sent_ms, 0);
    CHECK_EQ(ours.peers[0].data_received_ms, NOW_MS + 2);
    CHECK_EQ(ours.peers[0].rx_bytes, data.len);
}

TEST(bytes_are_those_of_the_outer_payload) {
    connect();
    wg_peer_t *peer = &ours.peers[0];
    uint64_t tx_before = peer->tx_bytes;
    uint64_t rx_before = peer->rx_bytes;
    data_from_ours(NOW_MS);
    CHECK_EQ(peer->tx_bytes - tx_before, 32 + 112);
    datagram_t data = data_from_theirs(NOW_MS);
    CHECK_EQ(open_at_ours(&data, NOW_MS), WG_OK);
    CHECK_EQ(peer->rx_bytes - rx_before, 32 + 112);
    wg_tunnel_note_sent(&ours.tunnel, 0, 148, NOW_MS);
    wg_tunnel_note_heard(&ours.tunnel, 0, 92, NOW_MS);
    CHECK_EQ(peer->tx_bytes - tx_before, 144 + 148);
    CHECK_EQ(peer->rx_bytes - rx_before, 144 + 92);
}

// Paper 6.5: what the passive keepalive and the handshake after silence are told by.
TEST(times_tell_since_when_an_answer_is_owed) {
    connect();
    wg_peer_t *peer = &ours.peers[0];
    keepalive_from(&ours, NOW_MS + 1); // no data
    CHECK_EQ(peer->data_sent_ms, 0);
    CHECK_EQ(peer->sent_ms, NOW_MS + 1);
    data_from_ours(NOW_MS + 2);
    data_from_ours(NOW_MS + 3);
    CHECK_EQ(peer->data_sent_ms, NOW_MS + 2);
    CHECK_EQ(take_events(&ours), WG_EVENT_SENT);
    datagram_t keepalive = keepalive_from(&theirs, NOW_MS + 4);
    CHECK_EQ(open_at_ours(&keepalive, NOW_MS + 4), WG_OK);
    CHECK_EQ(peer->data_sent_ms, 0);
    CHECK_EQ(peer->data_received_ms, 0); // a keepalive is not answered
    CHECK_EQ(peer->heard_ms, NOW_MS + 4);
    datagram_t data = data_from_theirs(NOW_MS + 5);
    CHECK_EQ(open_at_ours(&data, NOW_MS + 5), WG_OK);
    data = data_from_theirs(NOW_MS + 6);
    CHECK_EQ(open_at_ours(&data, NOW_MS + 6), WG_OK);
    CHECK_EQ(peer->data_received_ms, NOW_MS + 5);
    CHECK_EQ(take_events(&ours), WG_EVENT_RECEIVED);
    keepalive_from(&ours, NOW_MS + 7);
    CHECK_EQ(peer->data_received_ms, 0);
}

TEST(handshake_messages_count_as_sent_and_heard) {
    connect();
    wg_peer_t *peer = &ours.peers[0];
    data_from_ours(NOW_MS + 1);
    wg_tunnel_note_heard(&ours.tunnel, 0, 92, NOW_MS + 2);
    CHECK_EQ(peer->data_sent_ms, 0);
    CHECK_EQ(peer->heard_ms, NOW_MS + 2);
    datagram_t data = data_from_theirs(NOW_MS + 3);
    CHECK_EQ(open_at_ours(&data, NOW_MS + 3), WG_OK);
    wg_tunnel_note_sent(&ours.tunnel, 0, 148, NOW_MS + 4);
    CHECK_EQ(peer->data_received_ms, 0);
    CHECK_EQ(peer->sent_ms, NOW_MS + 4);
}

TEST(a_peer_that_goes_away_takes_everything_with_it) {
    connect();
    datagram_t data = data_from_theirs(NOW_MS);
    uint8_t inner[40];
    uint16_t found;
    make_inner(inner, our_address, their_address, sizeof(inner));
    CHECK_EQ(wg_tunnel_queue(&ours.tunnel, 0, inner, sizeof(inner)), WG_OK);
    data_from_ours(NOW_MS);
    CHECK(wg_tunnel_has_event(&ours.tunnel));
    CHECK(wg_tunnel_has_peer(&ours.tunnel, 0));
    wg_tunnel_remove_peer(&ours.tunnel, 0);
    CHECK(!wg_tunnel_has_peer(&ours.tunnel, 0));
    CHECK(!wg_tunnel_has_event(&ours.tunnel));
    CHECK_EQ(wg_tunnel_find_index(&ours.tunnel, 2), WG_NO_PEER);
    CHECK(wg_is_zero((const uint8_t *)&ours.peers[0], sizeof(ours.peers[0])));
    CHECK_EQ(open_at_ours(&data, NOW_MS), WG_ERR_INDEX);
    CHECK_EQ(wg_tunnel_route(&ours.tunnel, inner, sizeof(inner), &found), WG_ERR_ROUTE);
    CHECK_EQ(wg_tunnel_add_peer(&ours.tunnel), 0);
    CHECK_EQ(ours.peers[0].queue_len, 0);
    for (int i = 0; i < WG_QUEUE_PER_PEER; i++) {
        CHECK_EQ(wg_tunnel_queue(&ours.tunnel, 0, inner, sizeof(inner)), WG_OK);
    }
    CHECK_EQ(ours.tunnel.drops[WG_ERR_SPACE], 0);
}

TEST(peers_are_as_many_as_there_is_room_for) {
    box_init(&ours);
    for (uint16_t i = 0; i < PEERS; i++) {
        CHECK_EQ(wg_tunnel_add_peer(&ours.tunnel), i);
    }
    CHECK_EQ(wg_tunnel_add_peer(&ours.tunnel), WG_NO_PEER);
    CHECK(!wg_tunnel_has_peer(&ours.tunnel, PEERS));
    wg_tunnel_remove_peer(&ours.tunnel, 2);
    CHECK_EQ(wg_tunnel_add_peer(&ours.tunnel), 2);
}

TEST(a_wiped_tunnel_holds_no_key_no_packet_and_no_peer) {
    connect();
    uint8_t inner[40];
    make_inner(inner, our_address, their_address, sizeof(inner));
    CHECK_EQ(wg_tunnel_queue(&ours.tunnel, 0, inner, sizeof(inner)), WG_OK);
    data_from_ours(NOW_MS);
    wg_tunnel_wipe(&ours.tunnel);
    CHECK(wg_is_zero((const uint8_t *)ours.peers, sizeof(ours.peers)));
    CHECK(wg_is_zero(ours.queue_packets, sizeof(ours.queue_packets)));
    CHECK_EQ(wg_tunnel_find_index(&ours.tunnel, 2), WG_NO_PEER);
    CHECK(!wg_tunnel_has_event(&ours.tunnel));
    CHECK(!wg_tunnel_has_peer(&ours.tunnel, 0));
    CHECK_EQ(ours.tunnel.mtu, MTU);
    CHECK_EQ(wg_tunnel_add_peer(&ours.tunnel), 0);
}
