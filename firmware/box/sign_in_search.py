"""Finding out where a network's sign-in page is: what its DHCP says, and what a page becomes.

The box asks for a page of its own gateway's, which answers 204 (No Content). Something else came
from somebody in between, and says where to go, a few steps far; or from another web server that
stands where the gateway is. Which of the two it was shows an address at which nobody is: a network
that wants a sign-in answers in everybody's place, or leads to an address that only networks have.
"""

from box.doctor_stream import PAGE, Dial
from wg import endpoint
from wg.allowedips import format_address, parse_address
from wg.compat import TYPE_CHECKING
from wg.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator

    from box.board import Board

    Problem = tuple[str, str, str]

SEARCH_MS = 15_000
NAME_MS = 4_000
HTTP, HTTPS = 80, 443
HOPS_MAX = 4
PLACES_MAX = 4  # Router.set_sign_in()
NAME_LEN_MAX = 127
NO_CONTENT = 204
# For documentation alone (RFC 5737): no packet to it reaches anybody.
NOBODY = b"\xc6\x33\x64\x4d"
AUTHENTICATION_REQUIRED = 511  # RFC 6585, 6
_OF_NAMES = "abcdefghijklmnopqrstuvwxyz0123456789-._"


class Search:
    """status: of what came in place of our gateway's page, 0: nothing did. is_free: that came.

    is_page: what came is this network's. is_busy: nobody was asked, no stream was free.

    places: (name or "", address), the page's first.
    trouble: why no place was found; None: there is one.
    """

    def __init__(self, board: "Board") -> None:
        self.status = 0
        self.is_free = False
        self.is_page = False
        self.is_busy = False
        self.places: "list[tuple[str, bytes]]" = []
        self.trouble: "Problem | None" = None
        self._board = board
        self._odd_port = 0
        self._is_within = False  # whoever answered in our gateway's place
        self._gateway_is_at: "bytes | None" = None  # whatever its name leads to here
        self._ends_ms = board.control.now_ms() + SEARCH_MS
        self._steps = self._run()

    def step(self) -> bool:
        """Go on; False: it is over."""
        is_late = self._board.control.now_ms() >= self._ends_ms
        if not is_late:
            for _ in self._steps:
                return True
        self.stop()
        self._judge()
        return False

    def stop(self) -> None:
        self._steps.close()  # type: ignore[attr-defined]

    def _judge(self) -> None:
        if self.places:
            return
        why = "no sign-in page of it was found"
        mend = "See what `undertow doctor` says is in the way."
        if self._odd_port:
            why = "its sign-in page is at port %d, and the box opens 80 and 443 alone"
            why = why % self._odd_port
            mend = "Sign in without the box, with its MAC address, or ask whoever runs the network."
        elif self.is_free:
            why = "no sign-in page is in the way: the gateway's own page came"
        self.trouble = ("this place", why, mend)

    # --- the steps ---

    def _run(self) -> "Iterator[None]":
        told = self._board.router.uplink_portal()
        url = None if told is None else read_url(told)
        if url is not None:
            yield from self._add(url)
        yield from self._follow(url)
        if not self.status:
            return
        self.is_page = self._leads_within() or (yield from self._is_everywhere())
        # A page in place, without a word where it is from: the network's router made it. Who asks
        # for the window knows that there is one, whatever this has come to.
        gateway = self._board.uplink.gateway
        if not self.places and not self._odd_port and gateway is not None:
            self.places.append(("", gateway))

    def _follow(self, told: "tuple[str, int, str] | None") -> "Iterator[None]":
        """Ask for our gateway's page, and go where that leads; else for the one we were told of."""
        host, addresses = yield from self._gateway()
        answer = yield from self._fetch(host, addresses, PAGE)
        if answer is None:
            return
        status, location = answer
        self.is_free = status == NO_CONTENT
        self.status = 0 if self.is_free else status
        self._is_within = addresses[0] != self._gateway_is_at and _is_private(addresses[0])
        for _ in range(HOPS_MAX):
            url = None if location is None or status // 100 != 3 else read_url(location)
            if url is None:
                return
            address = yield from self._add(url)
            if address is None or url[1] != HTTP:
                return
            answer = yield from self._fetch(url[0], [address], url[2])
            if answer is None:
                return
            status, location = answer

    def _leads_within(self) -> bool:
        """Whether our gateway's name, or its page, leads to an address that only networks have."""
        return self._is_within or any(_is_private(address) for _, address in self.places)

    def _is_everywhere(self) -> "Generator[None, None, bool]":
        """Whether such a page comes from where nobody is, too."""
        answer = yield from self._fetch(format_address(NOBODY), [NOBODY], PAGE)
        # A proxy that stands in the way says, as it should, that nobody is there.
        return answer is not None and (answer[0] < 400 or answer[0] == AUTHENTICATION_REQUIRED)

    def _gateway(self) -> "Generator[None, None, tuple[str, list[bytes]]]":
        """Name and addresses of our gateway; of the network's router, if the former has none."""
        board = self._board
        lead = board.connection.lead
        peer = board.connection.peer()
        if lead is not None and lead.climb is not None:
            places = lead.climb.places
            ends_ms = board.control.now_ms() + NAME_MS
            while not places.addresses(0) and board.control.now_ms() < ends_ms:
                yield None
            if places.addresses(0):
                known = places.stored if places.is_named(0) else places.addresses(0)[0]
                self._gateway_is_at = known
                return places.hosts[0], places.addresses(0)
        elif peer is not None and peer.endpoint() and len(endpoint.host(peer.endpoint())) == 4:
            address = self._gateway_is_at = endpoint.host(peer.endpoint())
            return format_address(address), [address]
        router = board.uplink.gateway
        return ("", []) if router is None else (format_address(router), [router])

    def _fetch(
        self, host: str, addresses: "list[bytes]", page: str
    ) -> "Generator[None, None, tuple[int, str | None] | None]":
        """Status and Location of a page; None: nobody answers with any."""
        if not addresses:
            return None
        lead = self._board.connection.lead
        climb = None if lead is None else lead.climb
        self.is_busy = True
        while self.is_busy:  # the search for a way pauses now and then
            dial = Dial(self._board, climb, addresses[0], HTTP)
            for _ in dial.fetch(host, page):
                yield None
            self.is_busy = dial.is_busy
        return (dial.status, dial.location) if dial.status else None

    def _add(self, url: "tuple[str, int, str]") -> "Generator[None, None, bytes | None]":
        """Take the host of an address as one of the page's; its own address, or None."""
        host, port, _ = url
        if port not in (HTTP, HTTPS):
            self._odd_port = port
            return None
        try:
            address: "bytes | None" = parse_address(host)
            host = ""
        except ConfigError:
            address = yield from self._look_up(host)
        # Our gateway has no such page: who says so stands in between, and made it himself.
        if address is None or not _can_be_asked(address) or address == self._gateway_is_at:
            return None
        if (host, address) not in self.places and len(self.places) < PLACES_MAX:
            self.places.append((host, address))
        return address

    def _look_up(self, name: str) -> "Generator[None, None, bytes | None]":
        found: "list[bytes | None]" = []
        self._board.connection.ask(name, found.append)
        ends_ms = self._board.control.now_ms() + NAME_MS
        while not found and self._board.control.now_ms() < ends_ms:
            yield None
        return found[0] if found else None


def _can_be_asked(address: bytes) -> bool:
    """IPv4, of one machine that is not this one."""
    return len(address) == 4 and 0 < address[0] < 224 and address[0] != 127


def _is_private(address: bytes) -> bool:
    """RFC 1918 and 6598."""
    first, second = address[0], address[1]
    return (
        first == 10
        or (first == 172 and second & 0xF0 == 16)
        or (first == 192 and second == 168)
        or (first == 100 and second & 0xC0 == 64)
    )


def read_url(text: str) -> "tuple[str, int, str] | None":
    """Host, port and page of an absolute http or https address; None: it is none."""
    scheme, separator, rest = text.partition("://")
    default = {"http": HTTP, "https": HTTPS}.get(scheme.lower())
    if not separator or default is None:
        return None
    end = len(rest)
    for mark in "/?#":
        at = rest.find(mark)
        end = at if 0 <= at < end else end
    place, page = rest[:end], rest[end:].partition("#")[0]
    host, colon, port = place.rpartition("@")[2].partition(":")
    if colon and (len(port) > 5 or not port.isdigit() or not 0 < int(port) < 65536):
        return None
    host = host.lower()
    while host.endswith("."):
        host = host[:-1]
    is_name = all(each in _OF_NAMES for each in host)
    if not host or len(host) > NAME_LEN_MAX or not is_name or ".." in host or host[0] == ".":
        return None
    if not all(" " < each <= "~" for each in page):
        return None
    return host, int(port) if colon else default, page if page[:1] == "/" else "/" + page
