"""Each defence of the boards' data path, switched off in a copy of its source: a test must notice.

Rows as in test_defences.py.
"""

import pytest
from tests.support import native_mutant

LAN = "lwpath_lan_input.c"
UPLINK = "lwpath_uplink_input.c"
TRANSMIT = "lwpath_transmit.c"
SILENCE = "lwpath_silence.c"

ROWS = [
    (
        TRANSMIT,
        "packets in clear while there is no key",
        [
            (
                "        (void)wg_tunnel_queue(lwpath.tunnel, peer, inner, len);",
                "        if (take_buffer(&sealed, 0, to, true)) {\n"
                "            take_message(&sealed, inner, len);\n"
                "            (void)transmit(&sealed, to);\n"
                "        }",
            )
        ],
        "test_lwpath_leak.c:nothing_leaves_without_a_key",
    ),
    (
        TRANSMIT,
        "anything sent for the control plane",
        [
            (
                "    if (kind == 0) {\n        return ERR_ARG;",
                "    if (kind == 0 && len > DATAGRAM_MAX) {\n        return ERR_ARG;",
            )
        ],
        "test_lwpath_leak.c:what_is_no_handshake_message_cannot_be_sent_from_the_control_plane",
    ),
    (
        TRANSMIT,
        "lwIP's own packets sent whatever they are",
        [
            (
                "!is_asked_for(packet->payload, packet->len, to->addr)",
                "(!is_asked_for(packet->payload, packet->len, to->addr) && to == NULL)",
            )
        ],
        "test_lwpath_leak.c:lwip_itself_may_say_nothing_else_on_either_side",
    ),
    (
        TRANSMIT,
        "datagrams sent without an address",
        [
            (
                "    if (lwpath_uplink_address() == 0 || !netif_is_link_up(lwpath.uplink)) {",
                "    if (!netif_is_link_up(lwpath.uplink)) {",
            )
        ],
        "test_lwpath_leak.c:nothing_leaves_without_an_uplink_address_or_a_link",
    ),
    (
        TRANSMIT,
        "headers kept when the address changes",
        [("outer.source == lwpath_uplink_address() && ", "")],
        "test_lwpath.c:a_new_uplink_address_is_the_source_from_then_on_and_the_session_goes_on",
    ),
    (
        SILENCE,
        "a router that has moved not looked for",
        [("    silence.tries += silence.tries < TRIES;", "    silence.tries = 0;")],
        "test_lwpath_silence.c:another_machine_with_the_routers_address_is_found_and_told",
    ),
    (
        SILENCE,
        "a dead network asked five times a second",
        [
            (
                "    if (is_time || (silence.tries",
                "    if (is_time || silence.is_gone || (silence.tries",
            )
        ],
        "test_lwpath_silence.c:a_dead_network_is_asked_once_a_second_and_only_while_somebody_sends",
    ),
    (
        SILENCE,
        "asked for ever after a last packet",
        [
            (
                "now_ms - silence.last_ms > ENDED_MS) {\n        return;",
                "now_ms == 0) {\n        return;",
            )
        ],
        "test_lwpath_silence.c:a_last_word_costs_one_question_to_the_router_and_says_nothing",
    ),
    (
        SILENCE,
        "a last word taken for a silent gateway",
        [("(silence.is_repeated || silence.last_ms - silence.since_ms >= SPOKE_MS)", "hop != 0")],
        "test_lwpath_silence.c:a_last_word_costs_one_question_to_the_router_and_says_nothing",
    ),
    (
        SILENCE,
        "any neighbour taken for the router",
        [("if (silence.since_ms == 0 || sender != next_hop()) {", "if (silence.since_ms == 0) {")],
        "test_lwpath_silence.c:what_other_neighbours_say_is_no_answer",
    ),
    (
        "lwpath_sides.c",
        "the network before remembered in the next",
        [("        lwpath_silence_reset();", "        (void)lwpath_silence_reset;")],
        "test_lwpath_silence.c:a_new_network_begins_without_a_past",
    ),
    (
        TRANSMIT,
        "buffers not given back",
        [("    pbuf_free(packet); // ARP or the device may still hold it\n", "")],
        "test_lwpath.c:a_clients_packet_comes_out_at_the_far_end_from_our_tunnel_address",
    ),
    (
        LAN,
        "packets of clients given to lwIP",
        [
            (
                "    uint32_t source = lwpath_address(packet + LWPATH_IPV4_SOURCE);",
                "    uint32_t source = lwpath_address(packet + LWPATH_IPV4_SOURCE);\n"
                "    if (lwpath_address(packet + LWPATH_IPV4_DESTINATION) ==\n"
                "        lwpath_uplink_address()) {\n"
                "        extern err_t ethernet_input(struct pbuf * frame, struct netif * netif);\n"
                "        return ethernet_input(frame, lwpath.lan);\n"
                "    }",
            )
        ],
        "test_lwpath_uplink.c:a_client_does_not_reach_the_uplinks_address_but_through_the_tunnel",
    ),
    (
        LAN,
        "IPv6 not told from the unknown",
        [
            (
                "    case LWPATH_TYPE_IPV6:\n"
                "        return lwpath_drop(frame, LWPATH_COUNT_LAN_IPV6);\n",
                "",
            )
        ],
        "test_lwpath_lan.c:ipv6_and_frames_for_others_are_dropped_and_counted",
    ),
    (
        LAN,
        "chained frames taken",
        [
            (
                "    if (frame->next != NULL || frame->len != frame->tot_len) {",
                "    if (netif == NULL) {",
            )
        ],
        "test_lwpath_uplink.c:chained_frames_are_dropped_and_given_back",
    ),
    (
        LAN,
        "frames for others taken",
        [
            (
                " && !lwpath_same_mac(header, netif->hwaddr))) {",
                " && netif == NULL)) {",
            )
        ],
        "test_lwpath_lan.c:ipv6_and_frames_for_others_are_dropped_and_counted",
    ),
    (
        LAN,
        "frames from groups taken",
        [
            (
                "    if (lwpath_is_multicast_mac(header + LWPATH_ETHERNET_SOURCE) ||",
                "    if (header == NULL ||",
            )
        ],
        "test_lwpath_lan.c:a_frame_from_everybody_is_from_nobody",
    ),
    (
        "lwpath_dhcp.c",
        "all places for DHCP to one machine",
        [(" || its == LWPATH_DHCP_SLOTS_PER_MAC;", " || its == LWPATH_DHCP_SLOTS;")],
        "test_lwpath_lan.c:one_client_cannot_keep_the_others_dhcp_out",
    ),
    (
        "lwpath_pool.c",
        "all buffers for clients' packets",
        [("free_count > LWPATH_BUFFERS_KEPT ?", "free_count > 0 ?")],
        "test_lwpath.c:a_flood_of_packets_leaves_buffers_for_handshakes_and_dhcp",
    ),
    (
        "lwpath_sides.c",
        "a renewed lease taken for a new network",
        [(" && reason != LWIP_NSC_IPV4_ADDR_VALID) {", ") {")],
        "test_lwpath_uplink.c:a_renewed_lease_of_the_same_addresses_changes_nothing",
    ),
    (
        LAN,
        "broadcast packets routed",
        [("    if (lwpath_is_multicast_mac(header)) {", "    if (header == NULL) {")],
        "test_lwpath_lan.c:ipv6_and_frames_for_others_are_dropped_and_counted",
    ),
    (
        LAN,
        "impostors heard",
        [
            (
                "    if (rt_is_client(&lwpath.router, source) && !hear(source, mac)) {",
                "    if (rt_is_client(&lwpath.router, source) && !hear(source, mac) && false) {",
            )
        ],
        "test_lwpath_lan.c:a_clients_address_cannot_be_taken_while_it_speaks",
    ),
    (
        LAN,
        "ARP answered for every address",
        [
            (
                " || !is_ours(lwpath_address(arp + LWPATH_ARP_TARGET))) {",
                " || lwpath.router.lan == 0) {",
            )
        ],
        "test_lwpath_lan.c:clients_find_the_gateway_and_nobody_else_by_arp",
    ),
    (
        LAN,
        "ARP heard from whoever claims our address",
        [(" || is_ours(sender)) {", ") {")],
        "test_lwpath_lan.c:arp_that_claims_our_address_or_contradicts_itself_is_dropped",
    ),
    (
        "lwpath_neighbours.c",
        "an address taken from who speaks",
        [
            (
                "    if (entry != NULL && worth(entry, now_ms) > SILENT) {",
                "    if (entry != NULL && now_ms == 0) {",
            )
        ],
        "test_lwpath_lan.c:a_clients_address_cannot_be_taken_while_it_speaks",
    ),
    (
        "lwpath_neighbours.c",
        "clients pushed out by invented ones",
        [
            (
                "        if (worth(entry, now_ms) > SILENT || spare_of",
                "        if (spare_of",
            )
        ],
        "test_lwpath_neighbours.c:the_longest_silent_makes_room_when_it_was_silent_for_long",
    ),
    (
        "lwpath_neighbours.c",
        "the table filled by one machine",
        [
            (
                "    return count >= LWPATH_ADDRESSES_PER_MAC ?",
                "    return count >= LWPATH_NEIGHBOURS ?",
            )
        ],
        "test_lwpath_neighbours.c:a_machine_with_many_addresses_leaves_room_for_others",
    ),
    (
        "lwpath_neighbours.c",
        "the table filled by one machine's leases",
        [("        entry = spare_of(table, mac, now_ms);\n", "")],
        "test_lwpath_neighbours.c:a_machine_that_gets_lease_after_lease_takes_nobodys_place",
    ),
    (
        "lwpath_neighbours.c",
        "leases worth no more than what was heard",
        [("    return entry->leased ? LEASED : HEARD;", "    return HEARD;")],
        "test_lwpath_neighbours.c:a_crowd_of_invented_addresses_neither_moves_nor_bars_a_lease",
    ),
    (
        UPLINK,
        "pings given to lwIP",
        [
            (
                "        return lwpath_drop(frame, icmp ?",
                "        if (icmp) {\n            return ethernet_input(frame, netif);\n        }\n"
                "        return lwpath_drop(frame, icmp ?",
            )
        ],
        "test_lwpath_uplink.c:pings_and_redirects_are_dropped_in_silence",
    ),
    (
        UPLINK,
        "closed ports told by lwIP",
        [
            (
                "        if (is_for_lwip(netif, source, from_port, to_port)) {",
                "        if (is_for_lwip(netif, source, from_port, to_port) || to_us) {",
            )
        ],
        "test_lwpath_uplink.c:no_port_is_open_and_none_says_that_it_is_closed",
    ),
    (
        UPLINK,
        "any address taken for the uplink's",
        [("own != 0 && lwpath_address(packet + LWPATH_IPV4_DESTINATION) == own", "own != 0")],
        "test_lwpath_uplink.c:addresses_inside_are_not_to_be_had_from_outside",
    ),
    (
        UPLINK,
        "ARP heard from whoever claims our address",
        [
            (
                "own == 0 || sender == own || !is_neighbour",
                "own == 0 && (sender == own || !is_neighbour)",
            )
        ],
        "test_lwpath_uplink.c:whoever_claims_our_address_or_has_a_foreign_one_is_not_heard",
    ),
    (
        UPLINK,
        "DHCP heard unasked",
        [
            (
                "return dhcp != NULL && dhcp->state != DHCP_STATE_OFF;",
                "return dhcp == NULL || dhcp->state != DHCP_STATE_OFF;",
            )
        ],
        "test_lwpath_uplink.c:dhcp_is_heard_only_when_the_box_has_asked_for_it",
    ),
    (
        UPLINK,
        "DNS heard from everybody",
        [
            (
                "lwpath_is_name_server(source) && is_pcb(to_port)",
                "(lwpath_is_name_server(source) || is_pcb(to_port) || true)",
            )
        ],
        "test_lwpath_uplink.c:names_are_asked_of_the_uplinks_name_server_and_nobody_else_is_heard",
    ),
    (
        UPLINK,
        "damaged outer headers taken",
        [(" || !lwpath_is_ipv4_header_right(packet, (size_t)(udp - packet))", "")],
        "test_lwpath.c:a_damaged_outer_header_does_not_move_the_endpoint",
    ),
    (
        UPLINK,
        "fragments not told from whole packets",
        [
            (
                "LWPATH_IPV4_MORE_AND_OFFSET) != 0) {\n"
                "        return lwpath_drop(frame, LWPATH_COUNT_UPLINK_FRAGMENT)",
                "0) != 0) {\n        return lwpath_drop(frame, LWPATH_COUNT_UPLINK_FRAGMENT)",
            )
        ],
        "test_lwpath_uplink.c:frames_for_others_in_pieces_or_too_short_are_dropped",
    ),
    (
        UPLINK,
        "handshakes not checked by the gate",
        [
            (
                "        status = wg_gate_check(",
                "        status = WG_OK;\n        (void)wg_gate_check(",
            )
        ],
        "test_lwpath_uplink.c:only_handshakes_with_a_right_mac1_wait_for_the_control_plane",
    ),
    (
        UPLINK,
        "no load when the ring fills",
        [("if (wg_ring_is_loaded(&lwpath.handshakes)) {", "if (false) {")],
        "test_lwpath_uplink.c:a_flood_of_handshakes_fills_the_ring_and_then_costs_cookies",
    ),
    (
        "lwpath_sides.c",
        "inputs lost when an interface is added again",
        [
            (
                "    if ((reason & LWIP_NSC_NETIF_ADDED) != 0) {",
                "    static unsigned added;\n"
                "    if ((reason & LWIP_NSC_NETIF_ADDED) != 0 && added++ < 2) {",
            )
        ],
        "test_lwpath_leak.c:nothing_leaves_after_interfaces_went_and_came",
    ),
    (
        "lwpath_sides.c",
        "MACs of the network before believed",
        [("        etharp_cleanup_netif(netif);", "        (void)etharp_cleanup_netif;")],
        "test_lwpath.c:a_new_network_with_the_same_addresses_is_looked_at_anew",
    ),
    (
        "lwpath.c",
        "a closed path that goes on",
        [
            (
                "    lwpath.tunnel = NULL;\n"
                "    lwpath.gate = NULL;\n"
                "    lwpath.shape = NULL;\n"
                "    lwpath_stream_close_any();\n"
                "    lwpath_unbind();\n"
                "    lwpath_set_tunnel(0, 0);",
                "    lwpath.now_ms++;",
            )
        ],
        "test_lwpath_uplink.c:a_closed_path_hears_no_datagram",
    ),
    (
        "lwpath.c",
        "a stream that outlives the path",
        [("    lwpath_stream_close_any();\n", "")],
        "test_lwpath_stream.c:closing_the_path_closes_the_stream_and_wipes_it",
    ),
    (
        UPLINK,
        "TCP of strangers given to lwIP",
        [("    if (!lwpath_tcp_is_ours(", "    if (tcp == NULL && !lwpath_tcp_is_ours(")],
        "test_lwpath_stream.c:strangers_hear_nothing_whatever_they_send",
    ),
    (
        UPLINK,
        "ports of TCP seen to be closed",
        [("    if (!lwpath_tcp_is_ours(", "    if (tcp == NULL && !lwpath_tcp_is_ours(")],
        "test_lwpath_uplink.c:no_port_is_open_and_none_says_that_it_is_closed",
    ),
    (
        TRANSMIT,
        "TCP of lwIP's own to anybody",
        [
            (
                "        return is_of_connection(packet, packet_len, to);",
                "        return is_of_connection(packet, packet_len, to) || packet_len > 0;",
            )
        ],
        "test_lwpath_leak.c:lwip_itself_may_say_nothing_else_on_either_side",
    ),
    (
        "lwpath_tcp.c",
        "the remote port not looked at",
        [(" && pcb->remote_port == remote_port &&", " && remote_port != 0 &&")],
        "test_lwpath_stream.c:strangers_hear_nothing_whatever_they_send",
    ),
    (
        "lwpath_tcp.c",
        "the remote address not looked at",
        [("ip_2_ip4(&pcb->remote_ip)->addr == remote)", "remote != 0)")],
        "test_lwpath_stream.c:strangers_hear_nothing_whatever_they_send",
    ),
    (
        "lwpath_tcp.c",
        "ports that are counted",
        [("lwpath_choose_port());", "0);")],
        "test_lwpath_stream.c:a_connection_is_made_from_the_uplinks_address_and_a_port_of_chance",
    ),
    (
        "lwpath_tcp.c",
        "all that arrives held, whoever reads",
        [("arrived->tot_len + segment->tot_len <= ARRIVED_MAX", "arrived != segment")],
        "test_lwpath_stream.c:what_nobody_reads_holds_few_buffers_and_stops_the_far_end",
    ),
    (
        "lwpath_tcp.c",
        "as many segments held as there are bytes",
        [
            (
                "pbuf_clen(arrived) + pbuf_clen(segment) <= ARRIVED_SEGMENTS_MAX",
                "pbuf_clen(arrived) > 0",
            )
        ],
        "test_lwpath_tcp.c:small_segments_hold_no_more_buffers_than_long_ones",
    ),
    (
        "lwpath_tcp.c",
        "lwIP not told that a connection is gone",
        [("tcp.was_cut ? ERR_ABRT : ERR_OK", "ERR_OK")],
        "test_lwpath_tcp.c:bytes_that_wait_with_lwip_may_end_the_stream_with_the_end_behind_them",
    ),
    (
        "lwpath_tcp.c",
        "the memory of one that hangs kept from the next",
        [
            (
                "pcb->callback_arg == &tcp && pcb->snd_queuelen",
                "pcb->callback_arg == NULL && pcb->snd_queuelen",
            )
        ],
        "test_lwpath_tcp.c:a_new_connection_gets_the_memory_of_one_that_hangs",
    ),
    (
        "lwpath_tcp.c",
        "bytes for a window that was never open",
        [(" || pcb->snd_wnd_max < 2", "")],
        "test_lwpath_tcp.c:bytes_wait_until_the_far_end_has_opened_its_window_once",
    ),
    (
        "lwpath_tcp.c",
        "a goodbye cut short",
        [("pcb->snd_queuelen > 1", "pcb->snd_queuelen > 0")],
        "test_lwpath_tcp.c:a_connection_that_has_but_to_say_goodbye_says_it_beside_a_new_one",
    ),
    (
        "lwpath_stream.c",
        "memory of Python's handed to a device",
        [("(uintptr_t)datagram - (uintptr_t)place >= LWPATH_MTU", "datagram == NULL")],
        "test_lwpath_stream.c:"
        "a_whole_datagram_beyond_the_handshake_reaches_its_client_from_our_own_memory",
    ),
    (
        "lwpath_stream.c",
        "a datagram of a stream kept from the pool",
        [("    lwpath_pool_give(owner);", "    (void)owner;")],
        "test_lwpath_stream.c:a_clients_packet_goes_through_the_stream_and_the_answer_comes_back",
    ),
    (
        "lwpath_stream.c",
        "a stream that ended keeps its buffer",
        [("            lwpath_pool_give(stream.room);\n", "")],
        "test_lwpath_stream.c:a_far_end_that_closes_ends_the_stream",
    ),
    (
        "lwpath_stream.c",
        "a stream with the number of the one before",
        [("stream.number == UINT16_MAX ? 1 : stream.number + 1", "1")],
        "test_lwpath_stream.c:there_is_one_stream_and_none_on_a_closed_path",
    ),
    (
        TRANSMIT,
        "a dead stream sent to",
        [
            (
                "return lwpath_stream_carries(to->port) ? LWPATH_COUNTER_COUNT :",
                "return to->port != 0 ? LWPATH_COUNTER_COUNT :",
            )
        ],
        "test_lwpath_stream.c:a_connection_that_is_cut_off_ends_the_stream_and_nothing_leaves_in_its_name",
    ),
    (
        TRANSMIT,
        "plain datagrams where a shape is wanted",
        [
            (
                "    if (sealed->kind != 0 && to->shape != 0) {",
                "    if (sealed->kind == 0 && to->shape != 0) {",
            )
        ],
        "test_lwpath_shape.c:data_leaves_in_the_shape_of_its_endpoint",
    ),
    (
        TRANSMIT,
        "an endpoint's shape forgotten with the shape",
        [
            (
                "    if (to->shape != 0 && lwpath.shape == NULL) {\n"
                "        return LWPATH_COUNT_UPLINK_NO_ROUTE;",
                "    if (to->shape != 0 && lwpath.shape == NULL) {\n"
                "        ((wg_endpoint_t *)(uintptr_t)to)->shape = 0;",
            )
        ],
        "test_lwpath_shape.c:without_the_shape_nothing_leaves_for_an_endpoint_that_has_one",
    ),
    (
        "lwpath_lan_input.c",
        "clients that speak to the gateway in our name",
        [("    if (lwpath_inside_is_asked(packet, len)) {", "    if (packet == NULL) {")],
        "test_lwpath_inside.c:a_client_cannot_speak_to_the_gateway_in_our_name",
    ),
    (
        "lwpath_inside.c",
        "the gateway's messages from anybody",
        [("lwpath_address(packet + LWPATH_IPV4_SOURCE) != inside->address", "packet == NULL")],
        "test_lwpath_inside.c:what_differs_in_one_address_or_port_is_no_message",
    ),
    (
        "lwpath_lease.c",
        "a portal's address of control characters",
        [("text[i] <= ' ' ||", "text[i] == 0 ||")],
        "test_lwpath_uplink.c:a_portal_that_is_cut_short_or_not_printable_is_none",
    ),
    (
        "lwpath_lease.c",
        "a portal by anybody's lease",
        [
            (
                "        wg_load32_be(message + TRANSACTION) != dhcp->xid) {",
                "        message == NULL) {",
            )
        ],
        "test_lwpath_uplink.c:a_portal_that_is_cut_short_or_not_printable_is_none",
    ),
    (
        LAN,
        "clients' packets out in clear while there is no tunnel, before the doctor's eyes",
        [
            (
                "            return lwpath_drop(frame, LWPATH_COUNT_LAN_CLOSED);",
                "            (void)lwpath.uplink->linkoutput(lwpath.uplink, frame);\n"
                "            return lwpath_drop(frame, LWPATH_COUNT_LAN_CLOSED);",
            )
        ],
        "test_lwpath_try_leak.c:a_packet_without_the_tunnel_dies",
    ),
    (
        "lwpath_leak.c",
        "the doctor's packet becomes a client",
        [("        nobody->address = 0;\n", "        (void)nobody;\n")],
        "test_lwpath_try_leak.c:it_leaves_no_client_behind_that_is_none",
    ),
]


@pytest.mark.parametrize("row", ROWS, ids=native_mutant.row_id)
def test_the_suite_fails_without(row):
    file, _, changes, test = row
    native_mutant.check(file, changes, test)
