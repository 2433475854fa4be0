"""The tests of leaks and of the uplink fail when a defence of the firmware is taken out.

The C is the same on both boards, so one of them is enough.
"""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from tests.boards import mutant, test_leaks, test_uplink_surface
from tests.boards.mutant import Changes

from undertow.board.scene import Scene
from undertow.console import Console
from undertow.lab.ethernet import Station

BOARD = "virt_rv32"
LAN_INPUT = "native/lwip/lwpath_lan_input.c"
UPLINK_INPUT = "native/lwip/lwpath_uplink_input.c"
TO_UPLINK = "(void)lwpath.uplink->linkoutput(lwpath.uplink, frame)"

Connect = Callable[[], Console]
Check = Callable[[Scene, Connect], object]


def blank(scene: Scene, connect: Connect) -> None:
    client = scene.client()
    client.set_address("10.11.12.13", 8, "10.11.12.1")
    test_leaks.test_nothing_leaves_a_blank_box(scene, client)


def beside_a_tunnel(scene: Scene, connect: Connect) -> None:
    client = scene.client()
    test_leaks.test_nothing_leaks_beside_a_tunnel_that_works(scene, connect, client)


def doors(scene: Scene, connect: Connect) -> None:
    test_leaks.bring_up(scene, connect, scene.client())
    stranger = Station(scene.street, "stranger", b"\2guest", "172.16.5.66")
    test_uplink_surface.test_no_door_is_open_and_none_says_so(scene, stranger)


ROWS: list[tuple[str, Changes, Check]] = [
    (
        "IPv6 of clients is dropped",
        {
            LAN_INPUT: (
                "return lwpath_drop(frame, LWPATH_COUNT_LAN_IPV6);",
                f"{TO_UPLINK}; return lwpath_drop(frame, LWPATH_COUNT_LAN_IPV6);",
            )
        },
        blank,
    ),
    (
        "strange frames of clients are dropped",
        {
            LAN_INPUT: (
                "return lwpath_drop(frame, LWPATH_COUNT_LAN_ETHERTYPE);",
                f"{TO_UPLINK}; return lwpath_drop(frame, LWPATH_COUNT_LAN_ETHERTYPE);",
            )
        },
        blank,
    ),
    (
        "broadcasts stay on the LAN",
        {
            LAN_INPUT: (
                "lwpath_note(LWPATH_COUNT_LAN_BROADCAST);",
                f"{{ {TO_UPLINK}; lwpath_note(LWPATH_COUNT_LAN_BROADCAST); }}",
            )
        },
        blank,
    ),
    (
        "the uplink's own network is reached through the tunnel",
        {
            LAN_INPUT: (
                "    return route(frame);\n}\n\nerr_t lwpath_lan_input",
                "    uint32_t own = lwpath_uplink_address();\n"
                "    if (own != 0 && lwpath_is_in(lwpath_address(packet + "
                "LWPATH_IPV4_DESTINATION), own, netif_ip4_netmask(lwpath.uplink)->addr)) {\n"
                f"        {TO_UPLINK};\n    }}\n"
                "    return route(frame);\n}\n\nerr_t lwpath_lan_input",
            )
        },
        beside_a_tunnel,
    ),
    (
        "lwIP is fenced in on both ways",
        {
            UPLINK_INPUT: (
                "    switch (wg_load16_be(header + LWPATH_ETHERNET_TYPE)) {\n"
                "    case LWPATH_TYPE_IPV4:\n",
                "    switch (wg_load16_be(header + LWPATH_ETHERNET_TYPE)) {\n"
                "    case LWPATH_TYPE_IPV4:\n"
                "        if (frame->len > 23 && header[23] == LWPATH_PROTOCOL_ICMP) {\n"
                "            return ethernet_input(frame, netif);\n        }\n",
            ),
            "native/lwip/lwpath_transmit.c": (
                "packet->next != NULL || !is_asked_for(",
                "packet->next != NULL && !is_asked_for(",
            ),
        },
        doors,
    ),
]


@pytest.fixture
def scene(request: pytest.FixtureRequest, folder: Path) -> Iterator[Scene]:
    """A board whose firmware lacks the defence of the test's row."""
    with Scene(BOARD, folder, firmware=mutant.build(BOARD, request.param)) as made:
        yield made


@pytest.mark.parametrize(
    ("scene", "check"),
    [(changes, check) for _, changes, check in ROWS],
    ids=[name.replace(" ", "-") for name, _, _ in ROWS],
    indirect=["scene"],
)
def test_a_test_fails_unless(scene: Scene, connect: Connect, check: Check) -> None:
    with pytest.raises(AssertionError, match=r"leaked|-->"):
        check(scene, connect)
