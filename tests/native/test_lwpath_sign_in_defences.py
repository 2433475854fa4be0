"""Each defence of the window for signing in, switched off in its source: a test must notice.

Rows as in test_defences.py.
"""

import pytest
from tests.support import native_mutant

WINDOW = "lwpath_sign_in.c"
FLOWS = "lwpath_sign_in_flows.c"
TESTS = "test_lwpath_sign_in.c:"
FLOW_TESTS = "test_lwpath_sign_in_flows.c:"
END_TESTS = "test_lwpath_sign_in_end.c:"
NAME_TESTS = "test_lwpath_sign_in_names.c:"

ROWS = [
    (
        WINDOW,
        "every client let out",
        [
            (
                "!lwpath_same_mac(header + LWPATH_ETHERNET_SOURCE, window.mac) ||",
                "header == NULL ||",
            ),
            ("packet.source != window.client ||", "packet.len == 0 ||"),
        ],
        TESTS + "another_client_gets_nothing",
    ),
    (
        WINDOW,
        "a false MAC let out",
        [
            (
                "!lwpath_same_mac(header + LWPATH_ETHERNET_SOURCE, window.mac) ||",
                "header == NULL ||",
            )
        ],
        TESTS + "a_false_mac_or_a_false_address_gets_nothing",
    ),
    (
        WINDOW,
        "a false address let out",
        [("packet.source != window.client ||", "packet.len == 0 ||")],
        TESTS + "a_false_mac_or_a_false_address_gets_nothing",
    ),
    (
        WINDOW,
        "every address open",
        [("           is_place(packet->destination) &&\n", "")],
        TESTS + "nothing_leaves_for_other_addresses_ports_or_protocols",
    ),
    (
        WINDOW,
        "every port open",
        [("return port == HTTP || port == HTTPS;", "return port != 0;")],
        TESTS + "nothing_leaves_for_other_addresses_ports_or_protocols",
    ),
    (
        WINDOW,
        "other protocols taken for TCP",
        [("return packet->protocol == LWPATH_PROTOCOL_TCP && ", "return ")],
        TESTS + "nothing_leaves_for_other_addresses_ports_or_protocols",
    ),
    (
        WINDOW,
        "fragments let out",
        [(" ||\n        rt_is_fragment(&packet)) {", ") {")],
        TESTS + "fragments_do_not_leave",
    ),
    (
        FLOWS,
        "connections begun in their middle",
        [
            (
                "bool is_first = (flags & (SYN | ACK | RST | FIN)) == SYN;",
                "bool is_first = flags != 0;",
            )
        ],
        FLOW_TESTS + "only_a_first_segment_begins_a_connection",
    ),
    (
        WINDOW,
        "open for ever",
        [("if (lwpath.now_ms >= window.ends_ms) {", "if (lwpath.now_ms == 0) {")],
        END_TESTS + "after_its_time_nothing_passes_either_way",
    ),
    (
        FLOWS,
        "any machine's answers taken for the portal's",
        [
            (
                "flow->remote == remote && flow->remote_port == remote_port && flow->port == port",
                "remote != 0 && remote_port != 0 && flow->port == port",
            )
        ],
        TESTS + "strangers_do_not_reach_the_client",
    ),
    (
        FLOWS,
        "connections to the client",
        [
            (
                "return !is_over(flow) && (flags & (SYN | ACK)) != SYN ? flow",
                "return !is_over(flow) && flags != 0 ? flow",
            )
        ],
        TESTS + "strangers_do_not_reach_the_client",
    ),
    (
        WINDOW,
        "names that lead into our own networks",
        [
            (
                "if (!can_be_portal(places->addresses[i]) || ",
                "if ((!can_be_portal(places->addresses[i]) && i > 1) || ",
            )
        ],
        END_TESTS + "a_portal_is_another_machine_on_the_uplinks_side",
    ),
    (
        WINDOW,
        "no limit to its time",
        [(" || seconds == 0 || seconds > LWPATH_SIGN_IN_MAX_S", "")],
        END_TESTS + "it_is_opened_for_some_minutes_at_most",
    ),
    (
        FLOWS,
        "answered connections given up for new ones",
        [("bool is_spare = !flow->is_answered || is_finished(flow);", "bool is_spare = true;")],
        FLOW_TESTS + "more_connections_than_it_holds_are_counted_and_refused",
    ),
    (
        FLOWS,
        "the last acknowledgement refused",
        [("return flow->remote == 0 ||", "return flow->remote == 0 || is_finished(flow) ||")],
        FLOW_TESTS + "the_last_acknowledgement_of_a_connection_passes_too",
    ),
    (
        FLOWS,
        "places kept for what is finished",
        [
            (
                "bool is_spare = !flow->is_answered || is_finished(flow);",
                "bool is_spare = !flow->is_answered;",
            )
        ],
        FLOW_TESTS + "connections_that_are_finished_make_room_for_new_ones",
    ),
    (
        WINDOW,
        "a tunnel that is up not told",
        [("was_heard() ? LWPATH", "was_heard() && lwpath.now_ms == 0 ? LWPATH")],
        END_TESTS + "closed_after_the_gateway_was_heard_it_says_so",
    ),
    (
        "lwpath_uplink_input.c",
        "open beside the tunnel",
        [("        lwpath_sign_in_end(LWPATH_SIGN_IN_TUNNEL);\n", "")],
        END_TESTS + "the_tunnel_closes_it",
    ),
    (
        "lwpath_sides.c",
        "open in the next network",
        [
            (
                "        lwpath_sign_in_end(LWPATH_SIGN_IN_UPLINK);\n        etharp",
                "        etharp",
            )
        ],
        END_TESTS + "another_network_closes_it_also_when_the_first_comes_back",
    ),
    (
        "lwpath.c",
        "open behind a closed path",
        [("    lwpath_close_sign_in();\n", "")],
        END_TESTS + "closing_the_path_closes_it",
    ),
    (
        "lwpath_sign_in_names.c",
        "answers taken for questions",
        [("(wg_load16_be(question + FLAGS) & RESPONSE_OR_OPCODE) != 0 ||", "")],
        NAME_TESTS + "broken_questions_are_counted_and_not_answered",
    ),
    (
        "lwpath_sign_in_names.c",
        "a part of a name taken for it",
        [("    return *name == 0;", "    return true;")],
        NAME_TESTS + "names_of_the_portal_are_known_and_all_others_lead_to_it",
    ),
]


@pytest.mark.parametrize("row", ROWS, ids=native_mutant.row_id)
def test_the_suite_fails_without(row):
    file, _, changes, test = row
    native_mutant.check(file, changes, test)
