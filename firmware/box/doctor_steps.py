"""The questions of the doctor, one after the other: each a generator that ends with an answer.

Until then it gives None whenever it has to wait. What a step learns beside its answer are facts,
for programs.
"""

from box import doctor_gateway, doctor_way
from box.doctor_answer import Answer
from wg.allowedips import format_address
from wg.compat import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from box.board import Board

    Step = Callable[[Board], Iterator[Answer | None]]

# After a link comes up, so long an address is waited for.
ADDRESS_MS = 8_000


def settings(board: "Board") -> "Iterator[Answer | None]":
    """Whether the box may do anything at all."""
    if board.trouble is not None:
        yield Answer.no("unusable", *board.trouble)
    elif not board.connection.is_open:
        yield Answer.no("no-gateway")
    yield Answer.yes()


def link(board: "Board") -> "Iterator[Answer | None]":
    """The cable, or the Wi-Fi and its password."""
    if board.uplink.link:
        yield Answer.yes()
    found = board.links.problem()
    if found is not None:
        yield Answer.no("broken", *found)
    yield Answer.no("none")


def address(board: "Board") -> "Iterator[Answer | None]":
    now_ms = board.control.now_ms
    ends_ms = now_ms() + ADDRESS_MS
    while board.uplink.address is None and now_ms() < ends_ms:
        yield None
    if board.uplink.address is None:
        yield Answer.no("none")
    if board.uplink.gateway is None:
        yield Answer.no("no-router")
    answer = Answer.yes()
    answer.facts["prefix_len"] = board.uplink.prefix_len
    answer.facts["name_servers"] = len(board.uplink.dns)
    yield answer


def neighbour(board: "Board") -> "Iterator[Answer | None]":
    """The router of this network, by ARP: what pings may well be forbidden."""
    gateway = board.uplink.gateway
    if board.uplink.is_router_silent and gateway is not None:
        why = "its router %s does not answer" % format_address(gateway)
        yield Answer.no("silent", why=why)
    mac = getattr(board.router, "uplink_router", lambda: None)()
    yield Answer.yes() if mac is not None else Answer.unknown("nothing was sent to it yet")


# In the order of ut1.doctor_words.STEPS, which has their names.
STEPS: "tuple[Step, ...]" = (
    settings,
    link,
    address,
    neighbour,
    doctor_way.portal,
    doctor_way.names,
    doctor_way.way_out,
    doctor_way.udp,
    doctor_way.shape,
    doctor_gateway.volume,
    doctor_gateway.size,
    doctor_gateway.handshake,
    doctor_gateway.inside,
    doctor_gateway.leaks,
    doctor_gateway.speed,
)
