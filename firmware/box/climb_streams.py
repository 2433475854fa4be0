"""Streams on their way up: connected, through a proxy, in TLS, upgraded, and then carrying.

Each is opened step by step by a generator that goes on whenever the path says that something has
happened to a stream. What passes in a stream that carries is C's affair.
"""

from box.unload import OPENING_MODULES, unload
from carrier.errors import CarrierError
from carrier.rung import TCP, TLS
from carrier.standing import BUSY
from wg.carrier_settings import SOCKS5
from wg.compat import TYPE_CHECKING
from wg.keytext import wipe

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from box.carriers import Carriers, Path
    from box.control import Control
    from box.places import Places
    from carrier.proxy import Connect
    from carrier.rung import Rung
    from carrier.socks5 import Socks5
    from carrier.websocket import Upgrade

# Of native/carrier/cr_end.h and cr_frame.h, as _carrier has them.
CONNECTING, OPEN, SECURING, CARRYING, ENDED = 1, 2, 3, 4, 5
FRAMING_LENGTH, FRAMING_CLIENT = 1, 2
ENDS = ["", "closed-here", "refused", "unreachable", "timeout", "reset", "closed", "alert", "tls"]
ENDS += ["certificate", "name", "expired", "pin", "protocol", "memory"]

# A clock that says less was never set: no certificate is judged by it. 2026-01-01.
BELIEVED_FROM_S = 1_767_225_600

# Names that lead to nobody abroad (RFC 8375): who says one to a server there stands out.
HOMES = ".home.arpa"

# A ping keeps a NAT's way open, and shows that the other end is there: so often, and it is not
# there when nothing at all came for so long as three of them take.
PING_EVERY_MS = 20_000
PING_JITTER_MS = 10_000
SILENT_MS = 3 * (PING_EVERY_MS + PING_JITTER_MS)
READ_LEN = 512


class Streams:
    """All of one climb. work() tells what became of them, as (rung, news, why)."""

    REACHED, OPENED, FAILED, LOST = range(4)

    def __init__(
        self,
        path: "Path",
        control: "Control",
        carriers: "Carriers",
        places: "Places",
        wall_clock: "Callable[[], tuple[int, int]]",
    ) -> None:
        """wall_clock: seconds and nanoseconds since 1970, right or wrong."""
        self._path = path
        self._control = control
        self._carriers = carriers
        self._places = places
        self._wall_clock = wall_clock
        self._browser = carriers.browser
        self._streams: "list[_Stream]" = []
        self._opened = 0

    def open(self, rung: "Rung") -> None:
        """Begin; how it goes is told by work(), which is called when something has happened."""
        self.close(rung)
        self._opened += 1
        self._streams.append(_Stream(self, rung))

    def close(self, rung: "Rung") -> None:
        for stream in self._streams:
            if stream.rung == rung:
                stream.close()
        self._streams = [stream for stream in self._streams if stream.rung != rung]

    def close_all(self) -> None:
        for stream in self._streams:
            stream.close()
        self._streams = []

    def number_of(self, rung: "Rung") -> "int | None":
        """The path's number of a stream that carries; None: there is none."""
        for stream in self._streams:
            if stream.rung == rung and stream.is_carrying:
                return stream.number
        return None

    def work(self) -> "list[tuple[Rung, int, str]]":
        """Go on with each as far as it goes, and tell what is new."""
        told = []
        for stream in list(self._streams):
            for news, why in stream.work():
                told.append((stream.rung, news, why))
                if news in (self.FAILED, self.LOST):
                    stream.close()
                    self._streams.remove(stream)
        if told and all(stream.is_carrying for stream in self._streams):
            unload(OPENING_MODULES)
        return told

    def has_any(self) -> bool:
        return bool(self._streams)

    def has_new(self) -> bool:
        """Whether work() has something to begin, of which the path will not tell."""
        return any(stream.is_new for stream in self._streams)

    def silent(self, now_ms: int) -> "Rung | None":
        """One that carries, and where nothing came for too long, pings' answers included."""
        for stream in self._streams:
            if not stream.is_carrying or stream.rung.kind == TCP:
                continue  # bare frames have no pings
            if now_ms - self._path.stream_heard_ms(stream.number) >= SILENT_MS:
                return stream.rung
        return None

    def ping(self, now_ms: int) -> None:
        """To be called now and then."""
        for stream in self._streams:
            if stream.is_carrying and stream.rung.kind != TCP and now_ms >= stream.ping_ms:
                jitter_ms = self._carriers.random_bytes(1)[0] * PING_JITTER_MS // 256
                stream.ping_ms = now_ms + PING_EVERY_MS + jitter_ms
                self._path.stream_ping(stream.number)

    # --- the steps of one, as a generator that yields whenever it has to wait ---

    def _steps(self, stream: "_Stream") -> "Iterator[None]":
        rung, path = stream.rung, self._path
        proxy = self._carriers.proxy if rung.is_proxied else None
        while True:
            address = self._address_of(rung)
            if address is not None:
                break
            yield
        port = rung.port if proxy is None else proxy.place.port
        try:
            stream.number = path.stream_open(address, port)
        except OSError:
            raise _EndedError(BUSY)
        while path.stream_state(stream.number) == CONNECTING:
            yield
        self._check(stream)
        stream.news.append((self.REACHED, ""))
        rest = b""
        if proxy is not None:
            yield from self._through_proxy(stream)
        if rung.kind == TLS:
            yield from self._secure(stream)
        if rung.kind != TCP:
            yield from self._upgrade(stream)
            rest = stream.rest
        framing = FRAMING_LENGTH if rung.kind == TCP else FRAMING_CLIENT
        path.stream_carry(stream.number, framing, rest)
        stream.is_carrying = True
        stream.ping_ms = self._control.now_ms() + PING_EVERY_MS
        stream.news.append((self.OPENED, ""))
        while path.stream_state(stream.number) != ENDED:
            yield
        self._check(stream)

    def _through_proxy(self, stream: "_Stream") -> "Iterator[None]":
        proxy, browser = self._carriers.proxy, self._browser
        if proxy is None:
            return
        from carrier.proxy import Connect
        from carrier.socks5 import Socks5

        talk: "Connect | Socks5" = Socks5() if proxy.scheme == SOCKS5 else Connect(browser)
        # The proxy is told a name where there is one: it looks it up where it is not falsified.
        host = self._host_of(stream.rung)
        request = talk.request(host, stream.rung.port, proxy.user, proxy.password)
        yield from self._talk(stream, talk, request)
        if talk.rest:
            raise _EndedError("protocol")  # nobody may speak before we do

    def _secure(self, stream: "_Stream") -> "Iterator[None]":
        pin = self._carriers.tls_pin
        if pin is None:
            raise _EndedError("pin")
        now_s = self._wall_clock()[0]
        if now_s < BELIEVED_FROM_S:
            now_s = 0  # nobody knows
        name = self._carriers.tls_name
        if name.endswith(HOMES):
            name = ""
        self._path.stream_secure(stream.number, name, pin, now_s)
        while self._path.stream_state(stream.number) == SECURING:
            yield
        self._check(stream)

    def _upgrade(self, stream: "_Stream") -> "Iterator[None]":
        secret, browser = self._carriers.path, self._browser
        from carrier.websocket import NONCE_LEN, ONCE_NONCE_LEN, Upgrade, once_path

        if secret is None:
            raise _EndedError("protocol")
        is_secured = stream.rung.kind == TLS
        if not is_secured:  # who is on the way reads it
            secret = once_path(secret, self._carriers.random_bytes(ONCE_NONCE_LEN))
        name = self._carriers.tls_name or self._host_of(stream.rung)
        talk = Upgrade(browser, self._carriers.random_bytes(NONCE_LEN))
        request = talk.request(name, stream.rung.port, secret, is_secured)
        yield from self._talk(stream, talk, request)
        stream.rest = talk.rest

    def _talk(
        self, stream: "_Stream", talk: "Connect | Socks5 | Upgrade", request: "bytes | bytearray"
    ) -> "Iterator[None]":
        """Write a request, which is wiped, and read until its answer is whole."""
        yield from self._write(stream, request)
        buffer = bytearray(READ_LEN)
        while not talk.is_done:
            count = self._path.stream_read(stream.number, buffer)
            if count:
                answer = talk.feed(bytes(memoryview(buffer)[:count]))
                if answer:
                    yield from self._write(stream, answer)
                continue
            self._check(stream)
            yield

    def _write(self, stream: "_Stream", data: "bytes | bytearray") -> "Iterator[None]":
        try:
            at = 0
            while at < len(data):
                taken = self._path.stream_write(stream.number, memoryview(data)[at:])
                at += taken
                if not taken:
                    self._check(stream)
                    yield
        finally:
            if isinstance(data, bytearray):
                wipe(data)

    def _check(self, stream: "_Stream") -> None:
        if self._path.stream_state(stream.number) == ENDED:
            raise _EndedError(ENDS[self._path.stream_end(stream.number)])

    def _address_of(self, rung: "Rung") -> "bytes | None":
        if rung.is_proxied:
            found = self._places.proxy_addresses()
        else:
            found = self._places.addresses(rung.place)
        # Where it was reached before may be old, and what a name leads to here falsified: in turns.
        return found[-(self._opened % len(found))] if found else None

    def _host_of(self, rung: "Rung") -> str:
        return self._places.hosts[rung.place]


class _EndedError(Exception):
    """why: a code."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


class _Stream:
    """One. number: the path's; -1: none yet. news: what work() tells next."""

    def __init__(self, streams: "Streams", rung: "Rung") -> None:
        self.rung = rung
        self.number = -1
        self.is_new = True
        self.is_carrying = False
        self.rest = b""
        self.ping_ms = 0
        self.news: "list[tuple[int, str]]" = []
        self._path = streams._path
        self._steps: "Iterator[None] | None" = streams._steps(self)

    def work(self) -> "list[tuple[int, str]]":
        self.is_new = False
        if self._steps is not None:
            try:
                next(self._steps)
            except CarrierError as error:
                self._end(Streams.FAILED, error.code)
            except _EndedError as error:
                self._end(Streams.LOST if self.is_carrying else Streams.FAILED, error.why)
        told, self.news = self.news, []
        return told

    def close(self) -> None:
        if self._steps is not None:
            self._steps.close()  # type: ignore[attr-defined]
            self._steps = None
        if self.number >= 0:
            self._path.stream_close(self.number)
            self.number = -1
        self.is_carrying = False

    def _end(self, news: int, why: str) -> None:
        self._steps = None
        self.news.append((news, why))
