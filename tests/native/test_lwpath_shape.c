// with: lwip
// Datagrams in a shape on the uplink, by UDP and on a stream; and decoys.
#include "lwpath_far.h"

static const wg_shape_settings_t settings = {.sizes = {20, 40, 60, 16}, .low = {1, 2, 3, 4}, .high = {1, 2, 3, 4}};
static const uint8_t shape_key[32] = {7}, our_seed[32] = {1}, their_seed[32] = {2};
static wg_shape_t our_shape, their_shape;

static void open_shaped(void) {
    street_open();
    CHECK(wg_shape_init(&our_shape, &settings, shape_key, our_seed));
    CHECK(wg_shape_init(&their_shape, &settings, shape_key, their_seed));
    lwpath_set_shape(&our_shape);
    ours.tunnel.memory.peers[0].endpoint.shape = 1;
}

// Opens a shaped datagram at the far end: the kind, and the message in place of the datagram.
static uint8_t check_uncovers(datagram_t *datagram) {
    wg_shaped_t found;
    CHECK_EQ(wg_shape_open(&their_shape, datagram->bytes, datagram->len, &found), WG_OK);
    CHECK_EQ(found.shape, 1);
    memmove(datagram->bytes, datagram->bytes + found.offset, datagram->len -= found.offset);
    return found.kind;
}

static void check_opens(datagram_t *datagram) {
    wg_opened_t opened;
    CHECK_EQ(check_uncovers(datagram), WG_MESSAGE_TRANSPORT);
    CHECK_EQ(wg_tunnel_open(&theirs.tunnel, datagram->bytes, datagram->len, &our_endpoint, clock_ms, &opened), WG_OK);
}

static frame_t shaped_by_theirs(const uint8_t *inner, size_t len) {
    uint8_t bytes[ROOM];
    datagram_t datagram, shaped;
    CHECK_EQ(try_seal(&theirs, &datagram, inner, len, clock_ms), WG_OK);
    memcpy(bytes + 64, datagram.bytes, datagram.len);
    uint8_t *begin = wg_shape_wrap(&their_shape, WG_MESSAGE_TRANSPORT, bytes + 64, datagram.len);
    shaped.len = datagram.len + (size_t)(bytes + 64 - begin);
    memcpy(shaped.bytes, begin, shaped.len);
    return make_datagram(their_endpoint.address, their_endpoint.port, OUR_PORT, &shaped);
}

TEST(data_leaves_in_the_shape_of_its_endpoint) {
    open_shaped();
    frame_t packet = make_client_packet(1300);
    arrive(&lan, &packet);
    datagram_t datagram = datagram_of_frame(&uplink.sent[uplink.count - 1]);
    uint8_t kind;
    CHECK(wg_message_classify(datagram.bytes, datagram.len, &kind) != WG_OK);
    check_opens(&datagram);
    CHECK_EQ(lwpath_keepalive(0), WG_OK);
    datagram = datagram_of_frame(&uplink.sent[uplink.count - 1]);
    CHECK_EQ(datagram.len, 16 + 32);
    check_opens(&datagram);
    check_nothing_leaks();
}

// As the paper wants it (5.4.6), so that lengths tell little; but no packet becomes longer than the tunnel's MTU.
TEST(data_is_padded_on_the_wire_behind_what_stands_before_it) {
    open_shaped();
    for (size_t len = 40; len < 120; len++) {
        frame_t packet = make_client_packet(len - 28);
        arrive(&lan, &packet);
        datagram_t datagram = datagram_of_frame(&uplink.sent[uplink.count - 1]);
        CHECK_EQ((datagram.len - 16) % 16, 0);
        CHECK(datagram.len >= 16 + 32 + len && datagram.len < 16 + 32 + len + 16);
    }
    check_nothing_leaks();
}

TEST(packets_that_waited_leave_in_the_shape) {
    open_shaped();
    wg_tunnel_clear_keypairs(&ours.tunnel, 0);
    frame_t packet = make_client_packet(300);
    arrive(&lan, &packet);
    install(&ours, 2, true, clock_ms);
    install(&theirs, 2, false, clock_ms);
    CHECK_EQ(lwpath_flush(0), 1);
    datagram_t datagram = datagram_of_frame(&uplink.sent[uplink.count - 1]);
    check_opens(&datagram);
}

TEST(what_arrives_in_the_shape_is_answered_in_it_and_plain_in_plain) {
    open_shaped();
    ours.tunnel.memory.peers[0].endpoint.shape = 0;
    frame_t frame = shaped_by_theirs(NULL, 0);
    arrive(&uplink, &frame);
    CHECK_EQ(ours.tunnel.memory.peers[0].endpoint.shape, 1);
    frame = sealed_by_theirs(NULL, 0);
    arrive(&uplink, &frame);
    CHECK_EQ(ours.tunnel.memory.peers[0].endpoint.shape, 0);
    check_nothing_leaks();
}

TEST(a_shaped_packet_goes_on_to_its_client) {
    open_shaped();
    frame_t packet = make_client_packet(1000);
    arrive(&lan, &packet);
    datagram_t datagram = datagram_of_frame(&uplink.sent[uplink.count - 1]);
    wg_opened_t opened;
    CHECK_EQ(check_uncovers(&datagram), WG_MESSAGE_TRANSPORT);
    CHECK_EQ(wg_tunnel_open(&theirs.tunnel, datagram.bytes, datagram.len, &our_endpoint, clock_ms, &opened), WG_OK);
    frame_t answer = make_answer(1000);
    memcpy(answer.bytes + 22, opened.inner + 20, 2);
    frame_t frame = shaped_by_theirs(answer.bytes, answer.len);
    lan.count = 0;
    arrive(&uplink, &frame);
    CHECK_EQ(lan.count, 1);
    CHECK_BYTES(last_sent(&lan) + 30, client_ip, 4);
    check_nothing_leaks();
}

TEST(handshake_messages_take_the_shape_of_where_they_go) {
    static const size_t lengths[] = {WG_INITIATION_LEN, WG_RESPONSE_LEN, WG_COOKIE_LEN};
    open_shaped();
    for (uint8_t kind = 1; kind <= 3; kind++) {
        uint8_t message[WG_INITIATION_LEN] = {kind};
        wg_endpoint_t to = their_endpoint;
        CHECK_EQ(lwpath_send(message, lengths[kind - 1], &to), ERR_OK);
        datagram_t plain = datagram_of_frame(&uplink.sent[uplink.count - 1]);
        CHECK_EQ(plain.len, lengths[kind - 1]);
        to.shape = 1;
        CHECK_EQ(lwpath_send(message, lengths[kind - 1], &to), ERR_OK);
        datagram_t shaped = datagram_of_frame(&uplink.sent[uplink.count - 1]);
        CHECK_EQ(shaped.len, lengths[kind - 1] + settings.sizes[kind - 1]);
        CHECK_EQ(check_uncovers(&shaped), kind);
        CHECK_BYTES(shaped.bytes, message, shaped.len);
    }
    check_nothing_leaks();
}

TEST(without_the_shape_nothing_leaves_for_an_endpoint_that_has_one) {
    open_shaped();
    lwpath_forget_shape(&our_shape);
    unsigned sent = uplink.count;
    uint32_t before = lwpath_count(LWPATH_COUNT_UPLINK_NO_ROUTE);
    frame_t packet = make_client_packet(300);
    arrive(&lan, &packet);
    CHECK_EQ(lwpath_keepalive(0), WG_OK);
    CHECK_EQ(uplink.count, sent);
    CHECK_EQ(lwpath_count(LWPATH_COUNT_UPLINK_NO_ROUTE), before + 2);
    frame_t frame = shaped_by_theirs(NULL, 0);
    arrive(&uplink, &frame);
    CHECK_EQ(uplink.count, sent);
    check_nothing_leaks();
}

TEST(the_shape_goes_on_a_stream_too) {
    open_shaped();
    uint16_t number = far_carry();
    ours.tunnel.memory.peers[0].endpoint.shape = 1;
    frame_t packet = make_client_packet(700);
    arrive(&lan, &packet);
    far_serve();
    datagram_t datagram = {.len = wg_load16_be(far.stream)};
    CHECK_EQ(far.len, 2 + datagram.len);
    memcpy(datagram.bytes, far.stream + 2, datagram.len);
    check_opens(&datagram);
    lwpath_stream_close(number);
}

TEST(a_decoy_leaves_as_it_is_and_only_to_an_address) {
    uint8_t decoy[LWPATH_DECOY_MAX + 1];
    uint64_t state = 6;
    check_random_bytes(&state, decoy, sizeof decoy);
    open_shaped();
    wg_endpoint_t to = their_endpoint;
    to.shape = 1;
    CHECK_EQ(lwpath_send_decoy(decoy, LWPATH_DECOY_MAX, &to), ERR_OK);
    datagram_t sent = datagram_of_frame(&uplink.sent[uplink.count - 1]);
    CHECK_EQ(sent.len, LWPATH_DECOY_MAX);
    CHECK_BYTES(sent.bytes, decoy, sent.len);
    unsigned count = uplink.count;
    CHECK_EQ(lwpath_send_decoy(decoy, sizeof decoy, &to), ERR_ARG);
    CHECK_EQ(lwpath_send_decoy(decoy, 0, &to), ERR_ARG);
    const wg_endpoint_t stream = stream_endpoint(1);
    CHECK_EQ(lwpath_send_decoy(decoy, 100, &stream), ERR_ARG);
    lwpath_unbind();
    CHECK_EQ(lwpath_send_decoy(decoy, 100, &to), ERR_RTE);
    CHECK_EQ(uplink.count, count);
    CHECK_EQ(lwpath_silence(), LWPATH_SILENCE_NONE);
    check_nothing_leaks();
}
