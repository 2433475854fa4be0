"""Each defence of the packet glue, taken out once: the tests on threads notice."""

import pytest
from tests.esp32 import threads

from undertow import paths
from undertow.build import esp32_parts

# What goes, the file, the text, what stands there instead, the sanitizer, the test that notices.
GONE = {
    "the lock": (
        "lock.c",
        "    LOCK_TCPIP_CORE();\n",
        "",
        "thread",
        "a_flood_from_both_sides_ends_without_leak_and_lets_pythons_task_work",
    ),
    "frames in lwIP's task only": (
        "intake.c",
        "    ring_t *ring = &rings[netif->name[0] == 'e' ? CABLE : RADIO];\n    if (!push(",
        "    ring_t *ring = &rings[netif->name[0] == 'e' ? CABLE : RADIO];\n"
        "    if (netif == port_netif(LWPATH_LAN)) {\n"
        "        return lwpath_lan_input(frame, netif);\n    }\n"
        "    if (!push(",
        "thread",
        "a_flood_from_both_sides_ends_without_leak_and_lets_pythons_task_work",
    ),
    "giving a frame back that found no room": (
        "intake.c",
        "        pbuf_free(frame);\n        return ERR_OK;",
        "        return ERR_OK;",
        "address",
        "frames_without_room_go_back_to_their_driver",
    ),
    "looking again after the last frame": (
        "intake.c",
        "    if (anything_waits()) {\n        go_on();",
        "    if (anything_waits() && false) {\n        go_on();",
        "address",
        "frames_that_came_at_once_are_all_dealt_with",
    ),
    "what waits from an interface that goes": (
        "intake.c",
        "    for (slot_t slot; pop(ring, &slot);) {\n        pbuf_free(slot.frame);\n    }",
        "    for (slot_t slot; pop(ring, &slot);) {\n    }",
        "address",
        "frames_that_wait_go_back_before_their_driver_goes",
    ),
    "taking an interface over when it is added": (
        "interfaces.c",
        "        deny(netif);\n        atomic_store(&is_unsettled, true);",
        "        atomic_store(&is_unsettled, true);",
        "address",
        "an_interface_that_is_no_side_drops_everything",
    ),
    "what an interface that is no side may send": (
        "interfaces.c",
        "    netif->output = deny_output;\n",
        "    (void)deny_output;\n",
        "address",
        "an_interface_that_is_no_side_drops_everything",
    ),
    "lwIP's address on the LAN": (
        "interfaces.c",
        "    if (netif_ip4_addr(netif)->addr != 0) {",
        "    if (false) {",
        "address",
        "an_address_of_another_interface_draws_nothing_of_lwips_own",
    ),
    "turning ESP-IDF's DHCP off after each start": (
        "interfaces.c",
        "        atomic_store(&is_unsettled, true);\n",
        "",
        "address",
        "esp_idfs_own_dhcp_client_is_off_also_after_a_restart",
    ),
    "getting the address again": (
        "lwpath_sides.c",
        "        lwpath_uplink_resume();",
        "        ;",
        "address",
        "an_uplink_that_comes_or_goes_wakes_whoever_waits",
    ),
    "waking whoever waits": (
        "intake.c",
        "        port_wake();",
        "        ;",
        "address",
        "a_handshake_message_wakes_whoever_waits",
    ),
    "telling lwIP's task of an earlier timer": (
        "lock.c",
        "    if (is_sooner) {",
        "    if (false && is_sooner) {",
        "address",
        "lwips_task_is_told_of_an_earlier_timer_and_of_nothing_else",
    ),
    "a handshake's steps that meet lwIP's task": (
        "lwpath_stream.c",
        "    LOCK();\n    int moved = lwpath_tcp_receive(data, len);\n    UNLOCK();\n",
        "    int moved = lwpath_tcp_receive(data, len);\n",
        "thread",
        "a_handshake_goes_on_beside_a_flood_until_the_connection_is_cut_off",
    ),
    "a copy of what has to wait": (
        "lwpath_tcp.c",
        "#if NO_SYS\n    return segment;\n",
        "#if 1\n    return segment;\n",
        "address",
        "bytes_of_a_stream_that_nobody_reads_hold_no_drivers_buffers",
    ),
    "a stuck generator": (
        "entropy.c",
        "    there = mix() && first;",
        "    there = mix() || !first || true;",
        "address",
        "no_two_draws_are_alike_and_a_stuck_generator_is_none",
    ),
}


@pytest.mark.parametrize("gone", GONE)
def test_the_tests_notice_when_it_is_gone(gone: str, monkeypatch: pytest.MonkeyPatch) -> None:
    name, text, instead, sanitizer, test = GONE[gone]
    folder = paths.LWIP if name.startswith("lwpath") else esp32_parts.PORT
    whole = (folder / name).read_text()
    assert whole.count(text) == 1
    monkeypatch.setattr(threads, "TIMEOUT_S", 4)
    program = threads.build(sanitizer, {name: whole.replace(text, instead)})
    assert threads.run_test(program, test) != ""
