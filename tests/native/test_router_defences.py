"""Each defence of the router, switched off in a copy of its source: a named native test notices.

Rows are as in test_defences.py.
"""

import pytest
from tests.support import native_mutant

ROWS = [
    (
        "rt_napt.c",
        "any remote address let in",
        [("(flows[i].remote != remote || flows", "(flows")],
        "test_rt_router.c:from_the_tunnel_only_what_was_asked_for_comes_in",
    ),
    (
        "rt_napt.c",
        "any remote port let in",
        [("flows[i].remote_port != remote_port ||", "")],
        "test_rt_router.c:from_the_tunnel_only_what_was_asked_for_comes_in",
    ),
    (
        "rt_napt.c",
        "protocols of a port not told apart",
        [("|| protocol_of(mappings[i].kind) != protocol)", ")")],
        "test_rt_napt.c:a_client_keeps_its_port_when_it_is_free",
    ),
    (
        "rt_napt.c",
        "a taken port given twice",
        [("    if (*port != 0 && find_outside(", "    if (*port != 0 || find_outside(")],
        "test_rt_napt.c:two_clients_with_one_port_get_two",
    ),
    (
        "rt_napt.c",
        "chains that everybody can compute",
        [
            (
                "        napt->key[i] = rt_random32(random);",
                "        napt->key[i] = (rt_random32(random) & 1) * 0 + 0x9e3779b9u * (i + 1);",
            )
        ],
        "test_rt_napt.c:nobody_who_does_not_know_the_key_can_fill_one_chain",
    ),
    (
        "rt_napt.c",
        "expired flows found",
        [
            (
                "    if (rt_flow_is_expired(&flows[i], now)) {",
                "    if (i == RT_NONE && rt_flow_is_expired(&flows[i], now)) {",
            )
        ],
        "test_rt_napt.c:a_flow_ends_after_its_silence",
    ),
    (
        "rt_napt.c",
        "expired flows kept while others lose theirs",
        [("    expire_some(napt, client, now);", "    (void)expire_some;")],
        "test_rt_napt.c:what_has_expired_goes_before_anything_that_lives",
    ),
    (
        "rt_lanes.c",
        "the one who asks never gives",
        [
            (
                "    if (!is_new && memory->clients[client].flows >= share) {",
                "    if (!is_new && share == 0) {",
            ),
            (
                "        if (memory->clients[i].flows > memory->clients[giver].flows) {",
                "        if (i != client && memory->clients[i].flows > 0) {",
            ),
        ],
        "test_rt_napt.c:every_client_gets_its_share_however_many_flows_the_others_want",
    ),
    (
        "rt_lanes.c",
        "the one who asks always gives",
        [
            (
                "    if (!is_new && memory->clients[client].flows >= share) {",
                "    if (!is_new && share != 0) {",
            )
        ],
        "test_rt_napt.c:a_full_table_takes_from_the_client_that_has_most",
    ),
    (
        "rt_lanes.c",
        "the one with least gives",
        [
            (
                "clients[i].flows > memory->clients[giver].flows",
                "clients[i].flows - 1u < memory->clients[giver].flows - 1u",
            )
        ],
        "test_rt_napt.c:a_full_table_takes_from_the_client_that_has_most",
    ),
    (
        "rt_lanes.c",
        "the newest flow given up first",
        [("    return lane->oldest;", "    return lane->newest;")],
        "test_rt_napt.c:of_equals_the_longest_silent_goes",
    ),
    (
        "rt_lanes.c",
        "a place taken from a client that is there",
        [("    uint32_t longest = RT_CLIENT_SILENCE_MS / 256;", "    uint32_t longest = 0;")],
        "test_rt_napt.c:a_new_client_takes_the_place_of_one_that_is_silent_and_of_no_other",
    ),
    (
        "rt_tcp.c",
        "any reset believed",
        [("ahead == 0 ? RESET : 0", "RESET")],
        "test_rt_tcp.c:a_reset_with_any_other_number_passes_and_ends_nothing",
    ),
    (
        "rt_tcp.c",
        "any reset in a window believed",
        [("ahead == 0 ? RESET", "ahead < FIN_WINDOW ? RESET")],
        "test_rt_tcp.c:a_reset_with_any_other_number_passes_and_ends_nothing",
    ),
    (
        "rt_tcp.c",
        "any end of a connection believed",
        [("ahead < FIN_WINDOW ? FIN_IN : 0", "FIN_IN")],
        "test_rt_tcp.c:a_blind_fin_from_outside_ends_nothing",
    ),
    (
        "rt_outbound.c",
        "a flow made by a reset",
        [("        if (is_tcp && (transport->bytes", "        if (false && (transport->bytes")],
        "test_rt_tcp.c:a_reset_makes_no_flow",
    ),
    (
        "rt_outbound.c",
        "any source",
        [
            (
                "    if (!is_client(router, packet.source, own)) {",
                "    if (false && !is_client(router, packet.source, own)) {",
            )
        ],
        "test_rt_router.c:only_addresses_of_the_lan_may_send",
    ),
    (
        "rt_outbound.c",
        "our own address as a source",
        [(" && source != router->lan &&\n           source != router->former_lan;", ";")],
        "test_rt_router.c:only_addresses_of_the_lan_may_send",
    ),
    (
        "rt_outbound.c",
        "any destination",
        [
            (
                "    if (packet.destination != own && !is_beyond(",
                "    if (packet.destination == 1 && !is_beyond(",
            )
        ],
        "test_rt_router.c:addresses_that_are_no_host_somewhere_else_get_nothing",
    ),
    (
        "rt_outbound.c",
        "packets without a tunnel",
        [("    if (router->tunnel == 0) {\n", "    if (router->tunnel == 1) {\n")],
        "test_rt_router.c:nothing_passes_without_a_tunnel_address",
    ),
    (
        "rt_outbound.c",
        "errors of one client in the name of another",
        [("    if (quote.destination != packet->source || quote", "    if (quote")],
        "test_rt_icmp.c:a_client_may_not_speak_for_another",
    ),
    (
        "rt_outbound.c",
        "overlapping fragments outwards",
        [(" || (packet->fragment & RT_OFFSET_MASK) * 8u < first->first_len) {", ") {")],
        "test_rt_fragment.c:a_later_piece_may_not_lie_over_the_first",
    ),
    (
        "rt_inbound.c",
        "overlapping fragments inwards",
        [(" || (packet->fragment & RT_OFFSET_MASK) * 8u < first->first_len) {", ") {")],
        "test_rt_fragment.c:a_later_piece_may_not_lie_over_the_first",
    ),
    (
        "rt_inbound.c",
        "a second first fragment that says something else",
        [(" && entry->first_len == wanted.first_len;", ";")],
        "test_rt_fragment.c:a_second_first_piece_from_outside_must_say_the_same",
    ),
    (
        "rt_ipv4.c",
        "fragments beyond the longest packet",
        [("end <= UINT16_MAX - RT_IPV4_LEN &&", "end != 0 &&")],
        "test_rt_fragment.c:pieces_of_impossible_size_are_dropped",
    ),
    (
        "rt_fragment.c",
        "fragments remembered for ever",
        [
            (
                "entry->used != 0 && now - entry->used <= LIFE",
                "entry->used != 0 && now - entry->used <= LIFE * 1000u",
            )
        ],
        "test_rt_fragment.c:a_later_piece_without_its_first_is_dropped",
    ),
    (
        "rt_ipv4.c",
        "a header's checksum not tested",
        [("    if (header_sum(bytes) != 0xffff) {", "    if (header_sum(bytes) == 0) {")],
        "test_rt_router.c:a_broken_header_is_dropped",
    ),
    (
        "rt_ipv4.c",
        "a packet longer than what carried it",
        [(" || total_len > len) {", ") {")],
        "test_rt_router.c:a_broken_header_is_dropped",
    ),
    (
        "rt_inbound.c",
        "packets to any address let in",
        [("    if (packet.destination != router->tunnel) {", "    if (packet.destination == 0) {")],
        "test_rt_router.c:a_packet_from_the_tunnel_to_another_address_is_dropped",
    ),
    (
        "rt_inbound.c",
        "addresses of the LAN from the tunnel",
        [(" ||\n        rt_own_address(router, packet.source) != 0) {", ") {")],
        "test_rt_router.c:a_source_that_nobody_beyond_the_tunnel_has_is_dropped",
    ),
    (
        "rt_inbound.c",
        "errors about packets that were not ours",
        [("    if (quote.source != router->tunnel) {", "    if (quote.source == 0) {")],
        "test_rt_icmp.c:an_error_about_nothing_that_we_sent_is_dropped",
    ),
    (
        "rt_quote.c",
        "the checksum of an error not tested",
        [(" || rt_sum(quote->message, len) != 0xffff) {", ") {")],
        "test_rt_icmp.c:an_error_with_a_wrong_checksum_is_dropped",
    ),
    (
        "rt_quote.c",
        "the checksum of the quoted header left as it was",
        [("addresses + mend(quote->bytes + RT_IPV4_CHECKSUM, addresses, false);", "addresses;")],
        "test_rt_icmp.c:an_error_about_a_udp_packet_finds_its_sender",
    ),
    (
        "rt_quote.c",
        "the quoted checksum left as it was",
        [("        if (is_quoted && (", "        if (is_quoted && false && (")],
        "test_rt_icmp.c:an_error_about_a_udp_packet_finds_its_sender",
    ),
    (
        "rt_icmp.c",
        "any number of errors",
        [("    if (after_ms - now_ms > ", "    if (after_ms == now_ms && 0 > ")],
        "test_rt_icmp.c:errors_are_sent_only_so_often_to_one_client_and_others_still_get_theirs",
    ),
    (
        "rt_icmp.c",
        "one limit for all clients",
        [("[side][octets[3] % RT_ICMP_LIMITERS]", "[side][octets[3] & 0]")],
        "test_rt_icmp.c:errors_are_sent_only_so_often_to_one_client_and_others_still_get_theirs",
    ),
    (
        "rt_icmp.c",
        "errors about errors",
        [
            (
                "    return packet[RT_IPV4_PROTOCOL] != RT_PROTOCOL_ICMP ||",
                "    return packet[RT_IPV4_PROTOCOL] == RT_PROTOCOL_ICMP ||",
            )
        ],
        "test_rt_icmp.c:errors_and_later_fragments_are_never_answered",
    ),
    (
        "rt_icmp.c",
        "errors about later fragments",
        [
            (
                " ||\n        (wg_load16_be(packet + RT_IPV4_FRAGMENT) & RT_OFFSET_MASK) != 0) {",
                ") {",
            )
        ],
        "test_rt_icmp.c:errors_and_later_fragments_are_never_answered",
    ),
    (
        "rt_router.c",
        "flows that outlive their net",
        [("    rt_napt_forget_outside(&router->napt, nets);", "    (void)nets;")],
        "test_rt_router.c:clients_of_the_former_net_go_on_and_may_begin",
    ),
    (
        "rt_router.c",
        "flows that outlive the tunnel address",
        [("    if (address != router->tunnel) {", "    if (address == 0) {")],
        "test_rt_router.c:a_new_tunnel_address_ends_all_flows",
    ),
    (
        "rt_napt.c",
        "ports counted up in place of drawn",
        [
            (
                "        *port = rt_random16(random);",
                "        *port = rt_host16((uint16_t)(i + 2000 + (random == NULL)));",
            )
        ],
        "test_rt_napt.c:chosen_ports_cannot_be_foreseen",
    ),
    (
        "rt_outbound.c",
        "queries to us and to the server in one mapping",
        [
            (
                "        ends.kind = is_dns ? RT_KIND_UDP_DNS : RT_KIND_UDP;",
                "        ends.kind = RT_KIND_UDP;",
            )
        ],
        "test_rt_router.c:a_client_may_ask_us_and_the_same_server_from_one_port",
    ),
    (
        "rt_lanes.c",
        "answered flows given up first",
        [
            (
                "    const rt_lane_ends_t *lane = napt->memory.clients[client].lanes;\n",
                "    const rt_lane_ends_t *lane = napt->memory.clients[client].lanes\n"
                "                                 + RT_LANE_COUNT - 1;\n",
            ),
            ("        lane++;", "        lane--;"),
        ],
        "test_rt_napt.c:flows_that_were_never_answered_go_before_those_that_were",
    ),
    (
        "rt_inbound.c",
        "a closed flow kept by whoever goes on",
        [("    rt_napt_touch(&router", "    rt_napt_move(&router")],
        "test_rt_tcp.c:a_closed_connection_is_gone_after_ten_seconds",
    ),
    (
        "rt_translate.c",
        "a first fragment without all of the header",
        [("    if (len < header_len) {", "    if (len < header_len && len < RT_UDP_LEN) {")],
        "test_rt_fragment.c:a_first_piece_must_have_the_whole_header",
    ),
    (
        "rt_outbound.c",
        "the client's own identification of fragments",
        [
            (
                "    return router->next_id++;",
                "    return router == NULL ? 0 : rt_load16(packet->bytes + RT_IPV4_ID);",
            )
        ],
        "test_rt_fragment.c:two_clients_with_one_identification_are_told_apart",
    ),
    (
        "rt_inbound.c",
        "time exceeded told to strangers",
        [
            ("source_port, now);\n    if (flow == NULL) {", "source_port, now);\n    if (false) {"),
            (
                "    const rt_mapping_t *mapping = rt_napt_mapping(&router->napt, flow);\n"
                "    uint32_t source = source_for",
                "    if (flow == NULL) {\n        return RT_DROP_NO_FLOW;\n    }\n"
                "    const rt_mapping_t *mapping = rt_napt_mapping(&router->napt, flow);\n"
                "    uint32_t source = source_for",
            ),
        ],
        "test_rt_icmp.c:a_stranger_learns_nothing_from_a_low_ttl",
    ),
]


@pytest.mark.parametrize("row", ROWS, ids=native_mutant.row_id)
def test_the_suite_fails_without(row):
    file, _, changes, test = row
    native_mutant.check(file, changes, test)
