"""One method for each verb of the console's protocol (firmware/lib/ut1)."""

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self

from undertow.console import failure, look, plain
from undertow.console.line import Line, LineLostError, open_line
from undertow.errors import EXIT_REFUSED, UndertowError
from undertow.terminal.plain import text
from ut1 import payload
from ut1.device import PROTO_MAX, PROTO_MIN
from ut1.errors import PROTO, NoAnswerError, RefusedError
from ut1.host import TIMEOUT_MS, TRIES, Exchange, Numbers

HEARD_LEN = 4096

Object = dict[str, Any]


@dataclass(frozen=True)
class Hello:
    """Who answers.

    state: blank, partial, ready or live. name: as committed; None: it has no settings. verified:
    "yes", "no" or "changed": whether two persons have compared the code, and if a key is another
    since then. wifi: whether the board has any.
    """

    firmware: str
    board: str
    mac: str
    name: str | None
    state: str
    verified: str = "no"
    wifi: bool = False


@dataclass(frozen=True)
class Check:
    """What the box makes of what it was given and did not yet take over.

    missing: items that it needs. problems: objects with k (the document), line, what, why, mend;
    more: how many it found besides. notes: what it takes and does not use. documents: the SHA-256
    of each that it has, in hexadecimal. public: the public key that it will have; None: it has no
    key yet. has_given_key: it was given one that it did not take over yet; else it made it.
    """

    missing: tuple[str, ...]
    problems: tuple[Object, ...]
    more: int
    documents: dict[str, str]
    public: str | None
    digest: str
    notes: tuple[Object, ...] = ()
    has_given_key: bool = False


class RefusedByBoxError(UndertowError):
    """The box refused a request. code: the protocol's word for the reason."""

    def __init__(self, verb: str, refusal: RefusedError) -> None:
        said, mend = text(refusal.why), text(refusal.mend)
        why = said[:1].upper() + said[1:].rstrip(".") + "."
        super().__init__(f"The box refused '{verb}'", why, mend, EXIT_REFUSED)
        self.code = refusal.code


class Console:
    """An open console; a with block closes it.

    Every method raises an UndertowError in words: RefusedByBoxError, or that the box does not
    answer or is gone.
    """

    def __init__(
        self,
        url: str,
        timeout_ms: int = TIMEOUT_MS,
        tries: int = TRIES,
        line: Line | None = None,
    ) -> None:
        """Open the line; hello() tells whether a box is there.

        url: see undertow.console.line. timeout_ms, tries: how long each of how many attempts of
        a request waits. line: one to that URL that is open already.
        """
        self.url = url
        self._timeout_ms = timeout_ms
        self._tries = tries
        self._line = line or open_line(url)
        # Where the numbers begin is nobody's secret; they only must differ from another run's.
        self._numbers = Numbers(time.time_ns() // 1000)
        self._heard = b""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the port."""
        self._line.close()

    # --- the verbs ---

    def hello(self) -> Hello:
        """Wait for the box and see that both speak the same protocol."""
        self._heard = b""
        seconds = self._timeout_ms * self._tries / 1000
        try:
            answer = self._exchange("hello", {"proto": [PROTO_MIN, PROTO_MAX]}, None)
        except NoAnswerError:
            if not self._heard:
                raise failure.nobody_answers(self.url, seconds) from None
            raise failure.no_box(self.url, self._heard, seconds) from None
        except RefusedError as refusal:
            if refusal.code != PROTO:
                raise RefusedByBoxError("hello", refusal) from None
            why, mend = text(refusal.why), text(refusal.mend)
            raise failure.other_protocol(self.url, why, mend) from None
        with self._understood("hello"):
            name = plain.name(answer.get("name"))
        return Hello(
            firmware=str(answer.get("fw")),
            board=str(answer.get("board")),
            mac=str(answer.get("mac")),
            name=name,
            state=str(answer.get("state")),
            verified=str(answer.get("verified", "no")),
            wifi=answer.get("wifi") is True,
        )

    def keygen(self) -> str:
        """Have the box make a new private key, to be taken over by commit; its public key."""
        answer = self.request("keygen")
        with self._understood("keygen"):
            return str(plain.public_key(answer["public"]))

    def put(self, name: str, content: bytearray) -> None:
        """Give it a document: "tunnel", "box" or "key". content is the caller's to wipe."""
        view = memoryview(content)
        count = max(1, -(-len(view) // payload.CHUNK_LEN_MAX))
        for index in range(count):
            start = index * payload.CHUNK_LEN_MAX
            chunk = view[start : start + payload.CHUNK_LEN_MAX]
            self.request("put", {"k": name, "i": index, "n": count}, chunk)

    def check(self) -> Check:
        """Have it judge what it was given."""
        answer = self.request("check")
        with self._understood("check"):
            return Check(
                missing=tuple(answer["missing"]),
                problems=tuple(answer["problems"]),
                more=int(answer["more"]),
                documents=answer["documents"],
                public=plain.public_key(answer["public"]),
                digest=answer["digest"],
                notes=tuple(answer.get("notes", ())),
                has_given_key=answer["key"].get("given") is True,
            )

    def drop(self, name: str) -> None:
        """Have it forget an item that it was given and did not take over."""
        self.request("drop", {"k": name})

    def commit(self, digest: str, missing: Sequence[str] = ()) -> Object:
        """Have it take over what it was given, all at once, if that is what digest says.

        It is told the time with it, for it may have no clock. missing: what it is to do without.
        """
        arguments: Object = {"digest": digest, "time": int(time.time())}
        if missing:
            arguments["without"] = missing[0]
        return self.request("commit", arguments)

    def pair(self, step: str, **arguments: str) -> Object:
        """A step of pairing, which firmware/lib/ut1/README.md lists."""
        return self.request("pair", {"op": step, **arguments})

    def status(self) -> Object:
        """How it is, as the object that `invoke status --json` prints."""
        return self.request("status")

    def doctor(self, op: str, have: int = 0) -> look.Look:
        """Begin an examination, look how far it is, or stop it: what it has found.

        have: how many answers are known already, and left out.
        """
        answer = self.request("doctor", {"op": op, "have": have})
        with self._understood("doctor"):
            return look.read(answer)

    def sign_in(self, op: str, client: str = "") -> Object:
        """Open the window for signing in, close it, or look: how it is with it.

        client: address or MAC of the one that may sign in; empty: the only one.
        """
        arguments: Object = {"op": op}
        if client:
            arguments["client"] = client
        answer = self.request("signin", arguments)
        with self._understood("signin"):
            page = [str(each) for each in list(answer.get("page", ()))]
            left_s = int(answer.get("left_s", 0))
            return {**answer, "state": str(answer["state"]), "page": page, "left_s": left_s}

    def log(self) -> list[str]:
        """The last lines of its log, oldest first."""
        answer = self.request("log")
        with self._understood("log"):
            return [str(line) for line in answer["lines"]]

    def wipe(self, name: str) -> None:
        """Have it forget everything. name: the box's own, to be sure that it is this one."""
        self.request("wipe", {"confirm": name})

    def reboot(self) -> None:
        """Have it start anew."""
        self.request("reboot")

    def request(
        self, verb: str, arguments: Object | None = None, data: memoryview | None = None
    ) -> Object:
        """Any verb; its answer. data: bytes that travel along and appear in no message."""
        try:
            return self._exchange(verb, arguments, data)
        except NoAnswerError:
            seconds = self._timeout_ms * self._tries / 1000
            raise failure.silent(self.url, verb, seconds) from None
        except RefusedError as refusal:
            raise RefusedByBoxError(verb, refusal) from None

    @contextmanager
    def _understood(self, verb: str) -> Iterator[None]:
        """For taking an answer apart. UndertowError: it is not as a box's is."""
        try:
            yield
        except (LookupError, TypeError, ValueError, AttributeError):
            raise failure.no_answer(self.url, verb) from None

    def _exchange(self, verb: str, arguments: Object | None, data: memoryview | None) -> Object:
        exchange = Exchange(
            self._numbers, verb, arguments, data, timeout_ms=self._timeout_ms, tries=self._tries
        )
        try:
            while not exchange.is_done:
                request = exchange.send(_now_ms())
                if request:
                    self._line.write(request)
                came = self._line.read(exchange.wait_ms(_now_ms()) / 1000)
                if verb == "hello":  # nothing else, because a line can echo what it is given
                    self._heard = (self._heard + came)[-HEARD_LEN:]
                exchange.receive(came)
            answer: Object = plain.whole(exchange.result())
            return answer
        except LineLostError:
            raise failure.lost(self.url) from None
        finally:
            exchange.close()


def _now_ms() -> int:
    return time.monotonic_ns() // 1_000_000
