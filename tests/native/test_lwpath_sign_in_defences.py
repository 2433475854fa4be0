"""Each defence of the window for signing in, switched off in its source: a test must notice.

Rows as in test_defences.py.
"""

import pytest
from tests.support import native_mutant

WINDOW = "lwpath_sign_in.c"
TESTS = "test_lwpath_sign_in.c:"

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
        WINDOW,
        "connections begun in their middle",
        [("    if (!is_first) {", "    if (!is_first && len == 0) {")],
        TESTS + "only_a_first_segment_begins_a_connection",
    ),
    (
        WINDOW,
        "open for ever",
        [("if (lwpath.now_ms >= window.ends_ms) {", "if (lwpath.now_ms == 0) {")],
        TESTS + "after_its_time_nothing_passes_either_way",
    ),
    (
        WINDOW,
        "any machine's answers taken for the portal's",
        [
            (
                "        if (flow->remote == remote && flow->remote_port == remote_port && "
                "flow->port == port) {",
                "        if (remote != 0 && remote_port != 0 && flow->port == port) {",
            )
        ],
        TESTS + "strangers_do_not_reach_the_client",
    ),
    (
        WINDOW,
        "connections to the client",
        [(" || (tcp[TCP_FLAGS] & (SYN | ACK)) == SYN) {", ") {")],
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
        TESTS + "a_portal_is_another_machine_on_the_uplinks_side",
    ),
    (
        WINDOW,
        "no limit to its time",
        [(" || seconds == 0 || seconds > LWPATH_SIGN_IN_MAX_S", "")],
        TESTS + "it_is_opened_for_some_minutes_at_most",
    ),
    (
        WINDOW,
        "answered connections given up for new ones",
        [
            (
                "if (!flow->is_answered && (oldest == NULL ||",
                "if ((oldest == NULL ||",
            )
        ],
        TESTS + "more_connections_than_it_holds_are_counted_and_refused",
    ),
    (
        "lwpath_uplink_input.c",
        "open beside the tunnel",
        [("        lwpath_sign_in_end(LWPATH_SIGN_IN_TUNNEL);\n", "")],
        TESTS + "the_tunnel_closes_it",
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
        TESTS + "another_network_closes_it_also_when_the_first_comes_back",
    ),
    (
        "lwpath.c",
        "open behind a closed path",
        [("    lwpath_close_sign_in();\n", "")],
        TESTS + "closing_the_path_closes_it",
    ),
    (
        "lwpath_sign_in_names.c",
        "answers taken for questions",
        [("(wg_load16_be(question + FLAGS) & RESPONSE_OR_OPCODE) != 0 ||", "")],
        TESTS + "broken_questions_are_counted_and_not_answered",
    ),
    (
        "lwpath_sign_in_names.c",
        "a part of a name taken for it",
        [("    return *name == 0;", "    return true;")],
        TESTS + "names_of_the_portal_are_known_and_all_others_lead_to_it",
    ),
]


@pytest.mark.parametrize("row", ROWS, ids=native_mutant.row_id)
def test_the_suite_fails_without(row):
    file, _, changes, test = row
    native_mutant.check(file, changes, test)
