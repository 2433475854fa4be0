"""The questions of the doctor, one after the other: each a generator that ends with an answer.

Until then it gives None whenever it has to wait. What a step learns beside its answer are facts,
for programs.
"""

from box import doctor_gateway, doctor_way
from box.doctor_answer import NO, UNKNOWN, YES, Answer
from wg.allowedips import format_address
from wg.compat import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from box.board import Board

    Step = Callable[[Board], Iterator[Answer | None]]

__all__ = ["NO", "UNKNOWN", "YES", "Answer"]

ALL_IS_WELL = 0
# After a link comes up, and after an address was asked for, so long is waited.
ADDRESS_MS = 8_000
SIGNED_IN_MS = 6_000


def settings(board: "Board") -> "Iterator[Answer | None]":
    """Whether the box may do anything at all."""
    if board.trouble is not None:
        yield Answer.no(1, *board.trouble)
    elif not board.connection.is_open:
        yield Answer.no(
            2,
            "the gateway",
            "the box has none yet",
            "Pair it with one and compare the code, or give it a wg-quick file.",
        )
    yield Answer.yes()


def link(board: "Board") -> "Iterator[Answer | None]":
    """The cable, or the Wi-Fi and its password."""
    if board.uplink.link:
        yield Answer.yes()
    found = board.links.problem()
    if found is not None:
        yield Answer.no(1, *found)
    yield Answer.no(
        2, "the uplink", "there is no link", "Plug the cable in, at both ends; try another socket."
    )


def address(board: "Board") -> "Iterator[Answer | None]":
    now_ms = board.control.now_ms
    ends_ms = now_ms() + ADDRESS_MS
    while board.uplink.address is None and now_ms() < ends_ms:
        yield None
    if board.uplink.address is None:
        yield Answer.no(
            1,
            "the uplink",
            "the network gives no address: it may be full, or let in only who it knows",
            "Try again in a minute; ask whether it needs a fixed address or a known device.",
        )
    if board.uplink.gateway is None:
        yield Answer.no(
            2,
            "the uplink",
            "the network names no router, so nothing beyond it can be reached",
            "Ask whoever runs it; with 'Mode = static' the box can be told its router.",
        )
    answer = Answer.yes()
    answer.facts["prefix_len"] = board.uplink.prefix_len
    answer.facts["name_servers"] = len(board.uplink.dns)
    yield answer


def neighbour(board: "Board") -> "Iterator[Answer | None]":
    """The router of this network, by ARP: what pings may well be forbidden."""
    gateway = board.uplink.gateway
    if board.uplink.is_router_silent and gateway is not None:
        yield Answer.no(
            1,
            "the uplink",
            "its router %s does not answer" % format_address(gateway),
            "See whether the network works for others; move closer, or plug the cable in anew.",
        )
    mac = getattr(board.router, "uplink_router", lambda: None)()
    yield Answer.yes() if mac is not None else Answer.unknown("nothing was sent to it yet")


# In this order; their numbers, from 1, are in the code.
STEPS: "tuple[tuple[str, Step], ...]" = (
    ("settings", settings),
    ("link", link),
    ("address", address),
    ("router", neighbour),
    ("sign-in", doctor_way.portal),
    ("names", doctor_way.names),
    ("way out", doctor_way.way_out),
    ("udp", doctor_way.udp),
    ("shape", doctor_gateway.shape),
    ("volume", doctor_gateway.volume),
    ("size", doctor_gateway.size),
    ("handshake", doctor_gateway.handshake),
    ("inside", doctor_gateway.inside),
    ("leaks", doctor_gateway.leaks),
)
