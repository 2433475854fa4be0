"""Each defence of the core, switched off in a copy of its source: a named native test must notice.

A row is the file, what it does without the defence, the changes that do that, and the test. A
change whose old text is not in the file exactly once is an error: the row has to follow the source.
"""

import pytest
from tests.support import native_mutant

ROWS = [
    (
        "wg_transport.c",
        "no replay test",
        [("if (!wg_replay_accept(", "if (false && !wg_replay_accept(")],
        "test_tunnel.c:a_replayed_packet_changes_nothing_but_a_counter",
    ),
    (
        "wg_transport.c",
        "no replay test for keepalives",
        [("if (!wg_replay_accept(", "if (len > WG_TRANSPORT_OVERHEAD && !wg_replay_accept(")],
        "test_tunnel.c:a_replayed_packet_changes_nothing_but_a_counter",
    ),
    (
        "wg_transport.c",
        "the replay window moved by what is not authentic",
        [
            ("    if (!wg_replay_accept(&keypair->replay, counter)) {", "    if (!fresh) {"),
            (
                "    uint8_t *payload =",
                "    bool fresh = wg_replay_accept(&keypair->replay, counter);\n"
                "    uint8_t *payload =",
            ),
        ],
        "test_transport.c:a_forged_counter_far_ahead_does_not_move_the_window",
    ),
    (
        "wg_replay.c",
        "distances of counters cut to 32 bits",
        [
            (
                "} else if (replay->next - 1 - counter >",
                "} else if ((uint32_t)(replay->next - 1 - counter) >",
            )
        ],
        "test_replay.c:counters_a_multiple_of_2_to_the_32_apart_are_told_apart",
    ),
    (
        "wg_replay.c",
        "words of the window not cleared when it moves",
        [("        replay->seen[(from + i) % WORDS] = 0;", "        (void)from;")],
        "test_replay.c:the_window_equals_a_plain_list",
    ),
    (
        "wg_replay.c",
        "the counter limit not tested by the window",
        [("if (counter >= WG_REJECT_AFTER_MESSAGES)", "if (counter == UINT64_MAX)")],
        "test_replay.c:the_script_of_wireguard_go_holds",
    ),
    (
        "wg_transport.c",
        "the counter limit not tested when receiving",
        [("now_ms) || counter >= WG_REJECT_AFTER_MESSAGES)", "now_ms))")],
        "test_transport.c:the_receiver_refuses_counters_at_the_limit_even_when_authentic",
    ),
    (
        "wg_transport.c",
        "the counter limit not tested when sending",
        [("now_ms) || keypair->send_counter >= WG_REJECT_AFTER_MESSAGES)", "now_ms))")],
        "test_transport.c:the_sender_stops_at_the_counter_limit_and_never_wraps",
    ),
    (
        "wg_transport.c",
        "a nonce used twice",
        [("keypair->send_counter++;", "keypair->send_counter;")],
        "test_transport.c:no_nonce_is_used_twice",
    ),
    (
        "wg_keypair.c",
        "an expired keypair not refused",
        [("wg_keypair_age_ms(keypair, now_ms) < WG_REJECT_AFTER_TIME_MS", "now_ms > 0")],
        "test_tunnel_keypairs.c:an_expired_keypair_neither_sends_nor_receives",
    ),
    (
        "wg_tunnel.c",
        "the endpoint moved before authentication",
        [
            (
                "    wg_status_t status = authenticate(",
                "    const wg_index_slot_t *early = len < WG_TRANSPORT_OVERHEAD ? NULL\n"
                "        : wg_index_find(tunnel->memory.indices, tunnel->memory.index_capacity,\n"
                "                        wg_load32_le(datagram + WG_TRANSPORT_RECEIVER));\n"
                "    if (early != NULL) { move_endpoint(tunnel, early->peer, source); }\n"
                "    wg_status_t status = authenticate(",
            )
        ],
        "test_tunnel.c:an_unauthenticated_datagram_changes_nothing_but_a_counter",
    ),
    (
        "wg_tunnel.c",
        "the endpoint moved before the replay test",
        [
            (
                "    size_t inner_len = 0;",
                "    size_t inner_len = 0;\n"
                "    if (replayed) { return drop(tunnel, WG_ERR_REPLAY); }",
            ),
            (
                "    if (status != WG_OK) {\n        return drop(tunnel, status);\n"
                "    }\n    size_t inner",
                "    bool replayed = status == WG_ERR_REPLAY;\n"
                "    if (replayed) { move_endpoint(tunnel, peer, source); }\n"
                "    else if (status != WG_OK) { return drop(tunnel, status); }\n    size_t inner",
            ),
        ],
        "test_tunnel.c:a_replayed_packet_changes_nothing_but_a_counter",
    ),
    (
        "wg_tunnel.c",
        "the endpoint moved before the source is checked",
        [
            (
                "        note_data_received(tunnel, peer, now_ms);",
                "        note_data_received(tunnel, peer, now_ms);\n"
                "        move_endpoint(tunnel, peer, source);",
            )
        ],
        "test_tunnel.c:a_source_that_the_peer_may_not_use_is_dropped_and_moves_nothing",
    ),
    (
        "wg_tunnel.c",
        "the inner source not checked",
        [("packet.source) != peer)", "packet.source) != peer && peer == WG_NO_PEER)")],
        "test_tunnel.c:a_source_that_the_peer_may_not_use_is_dropped_and_moves_nothing",
    ),
    (
        "wg_tunnel.c",
        "a source good that any peer may use",
        [("packet.source) != peer)", "packet.source) == WG_NO_PEER || peer == WG_NO_PEER)")],
        "test_tunnel.c:a_source_that_the_peer_may_not_use_is_dropped_and_moves_nothing",
    ),
    (
        "wg_tunnel.c",
        "the inner destination checked in place of the source",
        [("packet.family, packet.source)", "packet.family, packet.destination)")],
        "test_tunnel.c:a_packet_comes_out_as_it_went_in",
    ),
    (
        "wg_inner.c",
        "an IPv4 packet longer than what carried it",
        [("total_len < header_len || total_len > len", "total_len < header_len")],
        "test_inner.c:an_ipv4_packet_is_as_long_as_its_header_says",
    ),
    (
        "wg_inner.c",
        "an IPv6 packet longer than what carried it",
        [("    if (total_len > len) {", "    if (total_len > len + 65535) {")],
        "test_inner.c:an_ipv6_packet_is_as_long_as_its_header_says",
    ),
    (
        "wg_tunnel.c",
        "the responder sends before the initiator has confirmed",
        [
            (
                "    if (is_initiator) {\n        make_room",
                "    if (is_initiator || peer != WG_NO_PEER) {\n        make_room",
            )
        ],
        "test_tunnel_keypairs.c:the_responder_sends_with_its_keypair_only_after_the_initiator_did",
    ),
    (
        "wg_tunnel.c",
        "old keys not wiped",
        [("        wg_keypair_wipe(keypair);", "        keypair->valid = false;")],
        "test_tunnel_keypairs.c:forgotten_keypairs_leave_nothing_behind_but_the_queue",
    ),
    (
        "wg_tunnel.c",
        "answers to handshakes that are not ours let in",
        [
            (
                " && tunnel->has_question && index == tunnel->question_index;",
                ";",
            )
        ],
        "test_tunnel_index.c:an_answer_must_name_the_handshake_under_way",
    ),
    (
        "wg_tunnel.c",
        "answers to keypairs let in",
        [("    return slot->keypair == WG_INDEX_HANDSHAKE ||", "    return slot != NULL ||")],
        "test_tunnel_index.c:a_keypair_takes_the_index_of_its_handshake_over",
    ),
    (
        "wg_allowedips.c",
        "the shortest prefix wins",
        [("        if (node->peer != WG_NO_PEER) {", "        if (found == WG_NO_PEER) {")],
        "test_allowedips.c:the_longest_prefix_wins",
    ),
    (
        "wg_gate.c",
        "mac1 not checked",
        [
            (
                "!gate->has_identity || !wg_equal(mac1,",
                "!gate->has_identity || (false && !wg_equal(mac1,",
            ),
            ("message + mac1_at, WG_MAC_LEN)) {", "message + mac1_at, WG_MAC_LEN))) {"),
        ],
        "test_gate.c:a_wrong_bit_anywhere_before_mac2_is_a_wrong_mac1",
    ),
    (
        "wg_gate.c",
        "mac2 not checked",
        [("    if (!wg_equal(mac2,", "    if (mac2_at == 0 && !wg_equal(mac2,")],
        "test_gate.c:a_cookie_is_bound_to_address_and_port",
    ),
    (
        "wg_gate.c",
        "a cookie good for every port",
        [("wg_store16_be(bytes + len, source->port);", "wg_store16_be(bytes + len, 0);")],
        "test_gate.c:a_cookie_is_bound_to_address_and_port",
    ),
    (
        "wg_gate.c",
        "the nonce of a cookie reply used twice",
        [("gate->nonce_count++);", "gate->nonce_count);")],
        "test_gate.c:nonces_of_replies_do_not_repeat",
    ),
    (
        "wg_gate.c",
        "no limit for a proven source",
        [
            (
                "    } else if (!take_token(",
                "    } else if (false && !take_token(",
            )
        ],
        "test_gate.c:a_proven_source_gets_5_at_once_and_20_a_second",
    ),
    (
        "wg_gate.c",
        "tokens taken before mac2 is checked",
        [
            (
                "    wg_status_t status = WG_OK;\n    if (",
                "    wg_status_t status = WG_OK;\n    if (take_token(gate, source, now_ms) && ",
            )
        ],
        "test_gate.c:strangers_without_mac2_take_nothing_from_a_proven_source",
    ),
    (
        "wg_gate.c",
        "any number of cookie replies",
        [("> WG_GATE_COOKIE_RATE ?", "> UINT32_MAX - 1 ?")],
        "test_gate.c:cookie_replies_pass_only_so_often",
    ),
    (
        "wg_shape.c",
        "one nonce for all",
        [("    take_random(shape, datagram + done, room - done);", "    (void)shape;")],
        "test_shape.c:what_stands_before_messages_is_as_good_as_random",
    ),
    (
        "wg_shape.c",
        "the key stream of data stands before the next",
        [
            (
                "        done = sizeof(shape->spare);\n",
                "        done = sizeof(shape->spare);\n"
                "        memcpy(shape->spare, shape->header.end, sizeof(shape->spare));\n",
            )
        ],
        "test_shape.c:what_stands_before_messages_is_as_good_as_random",
    ),
    (
        "wg_shape.c",
        "the generator begins anew after 2^32 blocks",
        [("shape->chance.state[NONCE - 1] == 0;", "false;")],
        "test_shape.c:the_generator_goes_on_where_its_counter_wraps",
    ),
    (
        "wg_shape.c",
        "one type of a range",
        [
            (
                "return low == high ? low : low + pick(shape, high - low);",
                "(void)high, (void)pick; return low;",
            )
        ],
        "test_shape.c:types_are_spread_over_their_range",
    ),
    (
        "wg_shape.c",
        "types above the range let in",
        [("<= type && type <= shape->settings.high[kind - 1];", "<= type;")],
        "test_shape.c:messages_of_one_length_are_taken_for_the_first_kind_whose_types_fit",
    ),
    (
        "wg_shape.c",
        "sizes without a limit",
        [("if (settings->sizes[i] > max ||", "if (settings->sizes[i] > max + 9 ||")],
        "test_shape.c:impossible_settings_are_refused_and_leave_nothing",
    ),
    (
        "wg_shape.c",
        "a nonce that is part of the message",
        [("settings->sizes[i] < WG_NONCE_LEN)", "settings->sizes[i] < 1)")],
        "test_shape.c:impossible_settings_are_refused_and_leave_nothing",
    ),
    (
        "wg_shape.c",
        "types of two kinds overlap",
        [("            if (settings->low[i] <= settings->high[j] &&", "            if (false &&")],
        "test_shape.c:impossible_settings_are_refused_and_leave_nothing",
    ),
    (
        "wg_shape.c",
        "plain beside a shape that may be plain",
        [("return possible == 0 || always", "return possible < 5 || always")],
        "test_shape.c:a_shape_that_could_be_plain_is_not_mixed_with_it",
    ),
    (
        "wg_shape.c",
        "only the header of handshake messages hidden",
        [
            (
                "    wg_chacha20_next(&stream, message, message, len);",
                "    wg_chacha20_next(&stream, message, message, len < 16 ? len : 16);",
            )
        ],
        "test_shape.c:datagrams_of_all_versions_are_what_the_description_says",
    ),
    (
        "wg_shape.c",
        "a wiped shape keeps its keys",
        [("    wg_wipe(shape, sizeof(*shape));", "    wg_wipe(shape, sizeof(shape->settings));")],
        "test_shape.c:a_wiped_shape_is_all_zero",
    ),
    (
        "wg_shape_many.c",
        "what makes random bytes for many begins anew after 2^32 blocks",
        [("        state[NONCE]++;", "")],
        "test_shape_many.c:the_generator_goes_on_where_its_counter_wraps_among_many",
    ),
    (
        "wg_shape_many.c",
        "one beginning for all of a batch",
        [("spares->words[word][i]);", "spares->words[word][i & 0]);")],
        "test_shape_many.c:what_stands_before_data_is_as_good_as_random_and_never_the_same",
    ),
    (
        "wg_shape_many.c",
        "what blocks had to spare used twice",
        [
            (
                "        memcpy(spares->words[word], heads.spare[word],",
                "        memcpy(heads.out[word], heads.spare[word],",
            )
        ],
        "test_shape_many.c:what_stands_before_data_is_as_good_as_random_and_never_the_same",
    ),
    (
        "wg_shape_many.c",
        "more spares counted than there are",
        [("    spares->count = count;", "    spares->count = WG_SHAPE_MANY;")],
        "test_shape_many.c:what_stands_before_data_is_as_good_as_random_and_never_the_same",
    ),
    (
        "wg_shape_many.c",
        "handshake messages taken for data among many",
        [(" && len != totals[0] && len != totals[1] && len != totals[2] &&", " &&")],
        "test_shape_many.c:what_is_opened_together_is_what_each_is_alone",
    ),
    (
        "wg_shape_many.c",
        "plain messages taken for shaped data among many",
        [("(datagram) > WG_MESSAGE_TRANSPORT;", "(datagram) > 0;")],
        "test_shape_many.c:what_is_opened_together_is_what_each_is_alone",
    ),
    (
        "path_outgoing.c",
        "a full batch leaves before all of it has its shape",
        [
            (
                "    if (path_udp_is_full(&path->udp, before + len)) {\n",
                "    if (path_udp_is_full(&path->udp, before + len) && false) {\n",
            )
        ],
        "test_path_shape.c:nothing_leaves_before_it_has_its_shape_when_the_batch_is_full",
    ),
    (
        "wg_tunnel.c",
        "answers to questions that nobody asked let in",
        [
            (
                "kind == WG_MESSAGE_RESPONSE && tunnel->has_question &&",
                "kind == WG_MESSAGE_RESPONSE &&",
            )
        ],
        "test_tunnel_index.c:an_answer_to_a_question_is_let_in_as_a_response_to_its_index_alone",
    ),
    (
        "path_stream_io.c",
        "a reset that nobody reads told again and again",
        [("return out != 0 ? out : (uint32_t)EPOLLET;", "return out;")],
        "test_path_stream.c:"
        "a_connection_that_is_reset_before_anybody_reads_does_not_keep_the_loop_busy",
    ),
    (
        "wg_tunnel.c",
        "data not padded",
        [("padded_len = wg_transport_padded_len(len, tunnel->mtu);", "padded_len = len;")],
        "test_path_shape.c:data_is_padded_on_the_wire_whatever_stands_before_it",
    ),
    (
        "wg_pairing.c",
        "a shared secret of zeros is used",
        [("    if (is_agreed) {", "    is_agreed = true;\n    if (is_agreed) {")],
        "test_pairing.c:a_key_of_low_order_is_refused_and_leaves_nothing",
    ),
    (
        "wg_pairing.c",
        "the ephemeral key is kept",
        [("    wg_wipe(pairing->ephemeral, sizeof(pairing->ephemeral));\n", "")],
        "test_pairing.c:agreeing_wipes_the_ephemeral_key",
    ),
    (
        "wg_pairing.c",
        "the secret does not depend on what was said",
        [("pairing->secret, transcript, 32, shared,", "pairing->secret, shared, 32, shared,")],
        "test_pairing.c:any_bit_of_the_transcript_or_of_the_keys_changes_every_value",
    ),
    (
        "wg_pairing.c",
        "both ends confirm alike",
        [("is_initiator ? initiator_label", "is_initiator || true ? initiator_label")],
        "test_pairing.c:both_ends_derive_the_published_values",
    ),
    (
        "wg_sha256.c",
        "the length is cut to 32 bits",
        [("(uint32_t)(hash->count >> 29)", "0")],
        "test_sha256.c:a_message_longer_than_32_bits_can_count_has_its_length_in_the_digest",
    ),
    (
        "wg_sha256.c",
        "the state is left in memory",
        [
            (
                "    wg_wipe(hash, sizeof(*hash));\n}\n\nvoid wg_sha256(",
                "}\n\nvoid wg_sha256(",
            )
        ],
        "test_sha256.c:sha256_takes_a_message_in_pieces_of_any_length",
    ),
]


@pytest.mark.parametrize("row", ROWS, ids=native_mutant.row_id)
def test_the_suite_fails_without(row):
    file, _, changes, test = row
    native_mutant.check(file, changes, test)
