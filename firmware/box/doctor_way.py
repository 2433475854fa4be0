"""The doctor's questions about the way out of a network: signing in, names, TCP and UDP."""

from box.doctor_answer import Answer
from box.doctor_gateway import climb_of, settle, tried
from box.doctor_stream import Dial
from box.sign_in_search import Search
from carrier import inside as messages
from carrier.errors import PORTAL
from carrier.rung import UDP
from carrier.standing import FROZEN, SILENT
from wg.compat import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator

    from box.board import Board
    from box.climb import Climb

NAME_MS = 6_000
# So many ports are asked in both shapes.
COMPARED_MAX = 3
# Whoever reaches one of these reaches the internet: name servers that everybody asks.
WELL_KNOWN = (b"\x01\x01\x01\x01", b"\x09\x09\x09\x09", b"\x08\x08\x08\x08")
TLS_PORT, WEB_PORT = 443, 80
# What becomes of a stream to where nobody is, and of one that asked nobody (box.climb_streams).
_NOBODY = (SILENT, "timeout", "unreachable")
_UNASKED = ("busy", "memory", "closed-here")


def portal(board: "Board") -> "Iterator[Answer | None]":
    """Whether this place wants a sign-in: by what its DHCP says, and by what a page becomes."""
    climb = climb_of(board)
    if climb is None:
        yield Answer.unknown("the document names one way")
        return
    is_told = board.router.uplink_portal() is not None
    for _ in settle(board, climb):
        if is_told or PORTAL in [why for _, why in tried(climb)]:
            break
        yield None
    if climb.way.is_carrying():
        yield Answer.yes()
        return
    search = Search(board)
    # Where the search for a way has reached nobody by TCP, no page comes, either.
    is_there = is_told or _reached_by_search(climb) is not False
    try:
        while is_there and search.step():
            yield None
    finally:
        search.stop()
    if search.is_free:
        answer = Answer.yes()
    elif search.is_page:
        answer = Answer.no("page")
    elif is_told:
        answer = Answer.no("told")
    elif search.status:
        answer = Answer.unknown("another web server is in the gateway's place")
    else:
        answer = Answer.unknown("no web server was reached to tell by")
    if search.status:
        answer.facts["status"] = search.status
    yield answer


def names(board: "Board") -> "Iterator[Answer | None]":
    """What the gateway's name leads to here, beside where it was reached before."""
    climb = climb_of(board)
    if climb is None:
        name = board.connection.name_not_found()
        if name is not None:
            yield _not_found(name)
        yield Answer.unknown("the document names one way")
        return
    places = climb.places
    if not places.is_named(0):
        yield Answer.unknown("the gateway has an address and no name")
        return
    ends_ms = board.control.now_ms() + NAME_MS
    while places.answer(0) is None and board.control.now_ms() < ends_ms:
        places.addresses(0)
        yield None
    here, stored = places.answer(0), places.stored
    if here is None and stored is None:
        yield _not_found(places.hosts[0])
    answer = Answer.yes()
    if here is None:
        answer.note = "names are not found here; the box goes to where its gateway was before"
    elif stored is not None and here != stored:
        answer.note = "the name leads elsewhere than before: names may be falsified here"
        answer.facts["differs"] = True
    yield answer


def _not_found(name: str) -> Answer:
    return Answer.no("not-found", "the name %s" % name)


def way_out(board: "Board") -> "Iterator[Answer | None]":
    """By TCP to the gateway; where that fails, to places that everybody reaches."""
    climb = climb_of(board)
    addresses = [] if climb is None else climb.places.addresses(0)
    if climb is None or not addresses:
        yield Answer.unknown("there is no address to try")
        return
    yield from settle(board, climb)
    if climb.way.is_carrying():
        yield Answer.yes("the tunnel is there")
        return
    dials = [Dial(board, climb, addresses[0], port) for port in (TLS_PORT, WEB_PORT)]
    # The search has opened streams to the gateway already: what came of those is as good.
    reached = _reached_by_search(climb)
    for dial in dials if reached is None else []:
        yield from dial.fetch()
        if dial.is_busy:
            yield Answer.unknown("the search for a way is at it")
            return
    if reached or any(dial.is_there for dial in dials):
        yield Answer.yes("the gateway's machine is reached by TCP")
        return
    for address in WELL_KNOWN:
        dial = Dial(board, climb, address, TLS_PORT)
        dial.is_busy = True
        while dial.is_busy:  # until the step's time is over: the search pauses now and then
            dial.is_busy = False
            yield from dial.fetch()
        if dial.is_there:
            yield Answer.no("not-there")
            return
    answer = Answer.unknown("nothing is reached by TCP here")
    answer.facts["tcp"] = 0
    yield answer


def _reached_by_search(climb: "Climb") -> "bool | None":
    """Whether a stream of the search reached the gateway's machine; None: it has tried none."""
    streams = [why for rung, why in tried(climb) if rung.is_stream and not rung.is_proxied]
    results = [why for why in streams if why not in _UNASKED]
    return any(why not in _NOBODY for why in results) if results else None


def udp(board: "Board") -> "Iterator[Answer | None]":
    """Each of the gateway's UDP ports, by questions that only the gateway can answer."""
    climb = climb_of(board)
    if climb is None or not climb.places.addresses(0):
        yield Answer.unknown("the document names one way")
        return
    ports = _udp_ports(climb, True)
    if not ports or climb.carriers.probe_key is None:
        yield Answer.unknown("this gateway cannot be asked port by port")
        return
    answered = yield from _ask_ports(climb, ports)
    is_open = sorted([port for port, _ in answered])
    facts = {"open": is_open, "closed": sorted({port for port, _ in ports} - set(is_open))}
    if not is_open and _has_frozen(climb):
        # Its flows are dead by now, and so are questions in them; the step on volume says more.
        answer = Answer.yes("UDP passes at first, and stops")
    elif not is_open and not climb.way.is_carrying():
        answer = Answer.no("closed")
    else:
        answer = Answer.yes(_ports_in_words(is_open, facts["closed"]))
    answer.facts.update(facts)
    yield answer


def shape(board: "Board") -> "Iterator[Answer | None]":
    """Ports that have just answered in the gateway's shape, by WireGuard's own messages.

    Only where the document has the box try both, and not where it speaks now: who recognises
    WireGuard may close that port.
    """
    climb = climb_of(board)
    shaped = [] if climb is None else climb.race.questions.shaped
    if climb is None or not shaped:
        yield Answer.unknown("nothing by UDP to compare")
        return
    own = climb.way.rung if climb.way.is_carrying() else None
    ports = [port for port in shaped if own is None or own.port != port]
    asked = [each for each in _udp_ports(climb, False) if each[0] in ports][:COMPARED_MAX]
    if not asked:
        yield Answer.unknown("the document names one shape")
        return
    answer = Answer.yes()
    if not (yield from _ask_ports(climb, asked)):
        answer.note = "this network recognises WireGuard; in its shape the tunnel passes"
        answer.facts["recognised"] = True
    answer.facts["ports_compared"] = len(asked)
    yield answer


def _ask_ports(
    climb: "Climb", ports: "list[tuple[int, bool]]"
) -> "Generator[None, None, list[tuple[int, bool]]]":
    """Which of these ports, (port, is_shaped), the gateway answers at, wherever it is."""
    answered: "list[tuple[int, bool]]" = []
    for address in climb.places.addresses(0) if ports else []:
        results: "list[tuple[int, bool, int]]" = []
        climb.race.questions.check_ports(address, ports, results.extend)
        while not results:
            yield None
        answered = [each[:2] for each in results if each[2] == messages.ANSWERED]
        if answered:  # a name that is falsified leads elsewhere
            break
    return answered


def _has_frozen(climb: "Climb") -> bool:
    """Whether UDP carried something on this network, and then nothing more came."""
    return any(rung.kind == UDP and result == FROZEN for rung, result in tried(climb))


def _udp_ports(climb: "Climb", is_shaped: bool) -> "list[tuple[int, bool]]":
    found = []
    for rung in climb.carriers.rungs:
        place = (rung.port, rung.is_shaped)
        if rung.kind == UDP and place[1] == is_shaped and not rung.place and place not in found:
            found.append(place)
    return found


def _ports_in_words(is_open: "list[int]", closed: "list[int]") -> str:
    if not closed:
        return "UDP is open on each of the gateway's ports"
    if not is_open:
        return "UDP is closed here, so the tunnel goes by TCP"
    return "UDP is closed here except on %s" % ", ".join([str(port) for port in is_open])
