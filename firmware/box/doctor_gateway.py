"""The doctor's questions about the tunnel itself: what passes, how much of it, and how large."""

from box.doctor_answer import Answer
from box.way import LONG_MS
from carrier import proof as proofs
from carrier.standing import FROZEN
from wg.compat import TYPE_CHECKING
from wg.const import REJECT_AFTER_TIME_MS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from box.board import Board
    from box.climb import Climb
    from carrier.rung import Rung

CURRENT = 0
# So long an answer is waited for, in the tunnel, and for one that makes keys.
ASK_MS = 3_000
HANDSHAKE_MS = 8_000


def climb_of(board: "Board") -> "Climb | None":
    lead = board.connection.lead
    return None if lead is None else lead.climb


def tried(climb: "Climb") -> "list[tuple[Rung, str]]":
    """What the search on this network has come to by now, as Ladder.tried() has it."""
    return [] if climb.ladder is None else climb.ladder.tried()


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


def volume(board: "Board") -> "Iterator[Answer | None]":
    """64 KiB both ways: handshakes prove nothing."""
    climb = climb_of(board)
    if climb is None or climb.ladder is None:
        yield Answer.unknown("the document names but one way")
        return
    yield from settle(board, climb)
    results = [result for _, result in tried(climb)]
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
    now_ms = board.control.now_ms
    climb = climb_of(board)
    ends_ms = now_ms() + HANDSHAKE_MS
    while True:
        age_ms = board.device.tunnel.keypair_age(peer.number, CURRENT, now_ms())
        received, sent = peer.transfer()
        if age_ms >= 0 or received or now_ms() >= ends_ms:
            break
        if climb is None:
            peer.initiate(now_ms())  # nobody else may have had a reason to
        yield None
    if age_ms < 0 and received == 0:
        yield Answer.no("unheard") if climb is None else Answer.no("unknown")
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
    if climb is None or service is None:
        yield Answer.unknown("this gateway has no service inside")
        return
    now_ms = board.control.now_ms
    began_ms = now_ms()
    service.ask()
    service.ask_where()
    # What is lost of these is asked again by who watches the way (box.freeze).
    while service.heard_ms < began_ms and now_ms() - began_ms < ASK_MS:
        yield None
    if service.heard_ms >= began_ms:
        answer = Answer.yes("the gateway answers inside of the tunnel")
        answer.facts["round_trip_ms"] = service.heard_ms - began_ms
        answer.facts["seen"] = bool(service.seen)
    elif not climb.way.is_carrying():
        answer = Answer.unknown("no way carries yet")
    elif not climb.way.can_ask():
        answer = Answer.unknown("its service inside is silent; clients are answered")
    else:
        answer = Answer.no("silent")
    yield answer


def leaks(board: "Board") -> "Iterator[Answer | None]":
    """Nothing leaves without the tunnel: a packet such as a client's is tried, and has to die.

    The tunnel is away for that packet alone: nobody else's comes in between (lwpath_leak.c).
    """
    drops = board.drops()
    left = board.router.try_leak()
    if left > 0:
        answer = Answer.no("left")
    elif left < 0:
        answer = Answer.unknown("it could not be tried")
    else:
        answer = Answer.yes("a packet was tried without the tunnel, and died")
    answer.facts["drops"] = sum([drops[name] for name in drops])
    yield answer


def speed(board: "Board") -> "Iterator[Answer | None]":
    """What the tunnel has carried at the most by the way of now, without asking it for more."""
    climb = climb_of(board)
    kbit_s = 0 if climb is None or not climb.way.is_carrying() else climb.way.fastest_kbit_s
    if not kbit_s:
        yield Answer.unknown("nothing has passed to tell by")
        return
    words = "%d kbit/s" % kbit_s
    if kbit_s >= 1000:
        words = "%d.%d Mbit/s" % (kbit_s // 1000, kbit_s % 1000 // 100)
    answer = Answer.yes("%s so far; more if more is asked for" % words)
    answer.facts["kbit_s"] = kbit_s
    yield answer
