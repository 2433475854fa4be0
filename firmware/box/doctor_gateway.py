"""The doctor's questions about the tunnel itself: what passes, how much of it, and how large."""

from box.doctor_answer import Answer
from box.way import LONG_MS
from carrier import proof as proofs
from carrier.rung import UDP
from carrier.standing import FROZEN, PROVEN, SILENT
from wg.compat import TYPE_CHECKING
from wg.const import REJECT_AFTER_TIME_MS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from box.board import Board
    from box.climb import Climb

CURRENT = 0
ASK_MS = 3_000


def climb_of(board: "Board") -> "Climb | None":
    lead = board.connection.lead
    return None if lead is None else lead.climb


def is_proven(climb: "Climb") -> bool:
    """Of the way that carries now: what was proven before says nothing of this network."""
    return climb.way.is_carrying() and climb.way.is_proven


def settle(board: "Board", climb: "Climb") -> "Iterator[Answer | None]":
    """Wait until a way is found, or one was looked for so long that there seems to be none.

    Of a search that has just begun nobody knows what it will come to.
    """
    while climb.way.searching_ms:
        proof = None if climb.inside is None else climb.inside.proof
        is_proving = proof is not None and proof.state == proofs.RUNNING
        if board.control.now_ms() - climb.way.searching_ms >= LONG_MS and not is_proving:
            return
        yield None


def shape(board: "Board") -> "Iterator[Answer | None]":
    """By what the search has met: the same port, plain and in the gateway's shape."""
    climb = climb_of(board)
    if climb is None or climb.ladder is None:
        yield Answer.unknown("the document names but one way")
        return
    came: "dict[tuple[int, bool], list[str]]" = {}
    for rung, result in climb.ladder.tried():
        if rung.kind == UDP:
            came.setdefault((rung.port, rung.is_shaped), []).append(result)
    ports = [port for port, is_shaped in came if is_shaped and (port, False) in came]
    is_known = [port for port in ports if PROVEN in came[(port, True)]]
    answer = Answer.yes()
    answer.facts["ports_compared"] = len(ports)
    if is_known and all(set(came[(port, False)]) == {SILENT} for port in is_known):
        answer.note = "this network recognises WireGuard; in its shape the tunnel passes"
        answer.facts["recognised"] = True
    elif not ports:
        answer = Answer.unknown("both shapes were not tried on one port")
    yield answer


def volume(board: "Board") -> "Iterator[Answer | None]":
    """64 KiB both ways: handshakes prove nothing."""
    climb = climb_of(board)
    if climb is None or climb.ladder is None:
        yield Answer.unknown("the document names but one way")
        return
    yield from settle(board, climb)
    results = [result for _, result in climb.ladder.tried()]
    if not climb.way.is_carrying() and FROZEN in results:
        proof = None if climb.inside is None else climb.inside.proof
        answer = Answer.no("frozen")
        answer.facts["passed_bytes"] = 0 if proof is None else proof.passed
        yield answer
        return
    if not is_proven(climb):
        yield Answer.unknown("no way was proven yet")
        return
    yield Answer.yes("64 KiB came through both ways")


def size(board: "Board") -> "Iterator[Answer | None]":
    climb = climb_of(board)
    if climb is None or not is_proven(climb):
        yield Answer.unknown("no way was proven yet")
        return
    answer = Answer.yes()
    answer.facts["mtu"] = climb.way.mtu
    if climb.way.is_narrow():
        answer.note = "large packets are lost here, so the box sends smaller ones"
    yield answer


def handshake(board: "Board") -> "Iterator[Answer | None]":
    """The keys' age, and whether packets come back: the deceptive case is one way only."""
    peer = board.connection.peer()
    if peer is None:
        yield Answer.unknown("there is no gateway")
        return
    now_ms = board.control.now_ms()
    age_ms = board.device.tunnel.keypair_age(peer.number, CURRENT, now_ms)
    received, sent = peer.transfer()
    if age_ms < 0 and received == 0:
        yield Answer.no("unknown")
    if age_ms < 0 or age_ms >= REJECT_AFTER_TIME_MS:
        yield Answer.unknown("the keys are old, because nobody has anything to send")
        return
    answer = Answer.yes()
    answer.facts["handshake_age_s"] = age_ms // 1000
    answer.facts["rx_bytes"], answer.facts["tx_bytes"] = received, sent
    yield answer


def inside(board: "Board") -> "Iterator[Answer | None]":
    """The gateway's service in the tunnel: it answers, and says where it sees us."""
    climb = climb_of(board)
    service = None if climb is None else climb.inside
    if service is None:
        yield Answer.unknown("this gateway has no service inside")
        return
    now_ms = board.control.now_ms
    began_ms = now_ms()
    service.ask()
    service.ask_where()
    while service.heard_ms < began_ms and now_ms() - began_ms < ASK_MS:
        yield None
    if service.heard_ms < began_ms:
        yield Answer.no("silent")
    answer = Answer.yes("the gateway answers inside of the tunnel")
    answer.facts["round_trip_ms"] = service.heard_ms - began_ms
    answer.facts["seen"] = bool(service.seen)
    yield answer


def leaks(board: "Board") -> "Iterator[Answer | None]":
    """Nothing leaves without the tunnel: there is no such way in the packet path."""
    drops = board.drops()
    answer = Answer.yes("nothing leaves but by the tunnel")
    answer.facts["drops"] = sum([drops[name] for name in drops])
    yield answer
