"""The doctor's questions about the way out of a network: signing in, names, TCP and UDP."""

from box.doctor_answer import Answer
from box.doctor_gateway import climb_of, settle
from box.doctor_stream import Dial
from carrier import inside as messages
from carrier.rung import UDP
from carrier.standing import FROZEN, SILENT
from wg.compat import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from box.board import Board
    from box.climb import Climb

NAME_MS = 6_000
# Whoever reaches one of these reaches the internet: name servers that everybody asks.
WELL_KNOWN = (b"\x01\x01\x01\x01", b"\x09\x09\x09\x09", b"\x08\x08\x08\x08")
WEB_PORT = 80
TLS_PORT = 443
# What becomes of a stream to where nobody is, and of one that asked nobody (box.climb_streams).
_NOBODY = (SILENT, "timeout", "unreachable")
_UNASKED = ("busy", "memory", "closed-here")


def portal(board: "Board") -> "Iterator[Answer | None]":
    """Whether this place wants a sign-in: by what its DHCP says, and by what a page becomes."""
    told = getattr(board.router, "uplink_portal", lambda: None)()
    climb = climb_of(board)
    if climb is None or climb.way.is_carrying():
        yield Answer.yes() if climb is not None else Answer.unknown("the document names one way")
        return
    addresses = climb.places.addresses(0)
    page = None
    if addresses:
        page = Dial(board, climb, addresses[0], WEB_PORT)
        yield from page.fetch(climb.places.hosts[0])
    if page is not None and page.status and page.status != 204:
        answer = Answer.no("page")
        answer.facts["status"] = page.status
        yield answer
    if told is not None:
        yield Answer.no("told")
    is_ours = page is not None and page.status == 204
    yield Answer.yes() if is_ours else Answer.unknown("no web server was reached to tell by")


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
    if climb is None or not climb.places.addresses(0):
        yield Answer.unknown("there is no address to try")
        return
    yield from settle(board, climb)
    if climb.way.is_carrying():
        yield Answer.yes("the tunnel is there")
        return
    dials = [
        Dial(board, climb, climb.places.addresses(0)[0], port) for port in (TLS_PORT, WEB_PORT)
    ]
    # The search has opened streams to the gateway already: what came of those is as good.
    reached = _reached_by_search(climb)
    for dial in dials if reached is None else []:
        yield from dial.connect()
        if dial.is_busy:
            yield Answer.unknown("the search for a way is at it")
            return
    if reached or any(dial.is_there for dial in dials):
        yield Answer.yes("the gateway's machine is reached by TCP")
        return
    for address in WELL_KNOWN:
        dial = Dial(board, climb, address, TLS_PORT)
        yield from dial.connect()
        while dial.is_busy:  # until the step's time is over: the search pauses now and then
            dial.is_busy = False
            yield from dial.connect()
        if dial.is_there:
            yield Answer.no("not-there")
            return
    answer = Answer.unknown("nothing is reached by TCP here")
    answer.facts["tcp"] = 0
    yield answer


def _reached_by_search(climb: "Climb") -> "bool | None":
    """Whether a stream of the search reached the gateway's machine; None: it has tried none."""
    if climb.ladder is None:
        return None
    tried = [why for rung, why in climb.ladder.tried() if rung.is_stream and not rung.is_proxied]
    results = [why for why in tried if why not in _UNASKED]
    return any(why not in _NOBODY for why in results) if results else None


def udp(board: "Board") -> "Iterator[Answer | None]":
    """Each of the gateway's UDP ports, by questions that only the gateway can answer."""
    climb = climb_of(board)
    if climb is None or not climb.places.addresses(0):
        yield Answer.unknown("the document names one way")
        return
    ports = _udp_ports(climb)
    if not ports or climb.carriers.probe_key is None:
        yield Answer.unknown("this gateway cannot be asked port by port")
        return
    results: "list[tuple[int, bool, int]]" = []
    climb.race.questions.check_ports(climb.places.addresses(0)[0], ports, results.extend)
    while not results:
        yield None
    is_open = sorted({port for port, _, result in results if result == messages.ANSWERED})
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


def _has_frozen(climb: "Climb") -> bool:
    """Whether UDP carried something on this network, and then nothing more came."""
    tried = [] if climb.ladder is None else climb.ladder.tried()
    return any(rung.kind == UDP and result == FROZEN for rung, result in tried)


def _udp_ports(climb: "Climb") -> "list[tuple[int, bool]]":
    found = []
    for rung in climb.carriers.rungs:
        place = (rung.port, True)
        if rung.kind == UDP and rung.is_shaped and rung.place == 0 and place not in found:
            found.append(place)
    return found


def _ports_in_words(is_open: "list[int]", closed: "list[int]") -> str:
    if not closed:
        return "UDP is open on each of the gateway's ports"
    if not is_open:
        return "UDP is closed here, so the tunnel goes by TCP"
    return "UDP is closed here except on %s" % ", ".join([str(port) for port in is_open])
