"""One pairing as the laptop sees it: it carries messages between the box's console and the gateway.

It knows the code, which is no secret, and neither key nor preshared key: those are made at the two
ends. Whatever ends it, both ends are told, and the box keeps nothing that is not confirmed by both.
"""

import base64
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any, Self

from pairing import frames
from undertow.console import Check, Console, RefusedByBoxError
from undertow.console.problem import Problem, RefusedError
from undertow.errors import UndertowError
from undertow.pairing import failure
from undertow.pairing.address import Meeting
from undertow.pairing.gateway_line import ANSWER_TIMEOUT_S, GatewayLine
from undertow.terminal import interrupt
from ut1.errors import VALUE

# A room's life: longer nobody needs to wait for a person.
PERSON_TIMEOUT_S = 600.0
# The gateway has all that it needs by then, and stores it.
END_TIMEOUT_S = 5.0
TUNNEL = "tunnel"  # and whom to trust goes with it
# In the box's own words for a code, or a key, that is not as it should be.
IN_BETWEEN = "someone may be in between"


@dataclass(frozen=True)
class Shown:
    """What there is to compare, and who the other end says it is."""

    digits: str
    words: tuple[str, ...]
    name: str
    public: str


class Run:
    """A with block in which a box pairs; agree(), then confirm() or deny(), then finish()."""

    def __init__(self, console: Console, meeting: Meeting, name: str) -> None:
        """Nothing is said before agree(). console: an open one, whose box is called name."""
        self._console = console
        self._name = name
        self._meeting = meeting
        self._gateway: GatewayLine | None = None
        self._is_open = False  # the box has begun, and not finished
        self.machine_s = 0.0  # without the time that people took

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: object, trace: object) -> None:
        """Whatever came in between: neither end waits for the other."""
        with interrupt.delayed():
            if self._is_open:
                self._is_open = False
                with suppress(UndertowError):
                    self._console.pair("cancel")
            if self._gateway is not None:
                if kind is not None:
                    is_no = kind is failure.MismatchError
                    self._gateway.end(frames.NO_MATCH if is_no else frames.GAVE_UP)
                self._gateway.close()

    def agree(self) -> Shown:
        """Exchange keys; what is to be compared then."""
        with self._timed():
            # The gateway first: who cannot be reached costs the box no attempt.
            gateway = self._gateway = GatewayLine(self._meeting)
            begun = self._console.pair("begin", room=self._meeting.room)
            self._is_open = True
            gateway.hello()
            gateway.send(frames.COMMITMENT, bytes.fromhex(begun["commit"]))
            answer = gateway.receive(frames.ANSWER)
            if answer is None:
                raise failure.silent(self._meeting, ANSWER_TIMEOUT_S)
            self._console.put("answer", bytearray(answer))
            with self._suspicion():
                agreed = self._console.pair("answer")
            gateway.send(frames.REVEAL, base64.b64decode(agreed["reveal"]))
            gateway.is_shown = True
            peer: dict[str, Any] = agreed["peer"]
            return Shown(
                str(agreed["digits"]),
                tuple(str(word) for word in agreed["words"]),
                str(peer["name"]),
                str(peer["public"]),
            )

    def confirm(self, digits: str) -> None:
        """The digits that the person here heard. MismatchError: the box has others."""
        assert self._gateway is not None
        with self._timed():
            self._gateway.see_that_it_goes_on()
            with self._suspicion():
                confirmed = self._console.pair("confirm", digits=digits)
            self._gateway.send(frames.CONFIRMATION, bytes.fromhex(confirmed["confirmation"]))

    def deny(self) -> UndertowError:
        """The person here says that the codes differ: the error to raise."""
        self._is_open = False
        self._console.pair("mismatch")
        return failure.MismatchError("The codes differ")

    def finish(self, timeout_s: float = PERSON_TIMEOUT_S) -> bool:
        """Wait for the other person, and have the box take over its tunnel and its trust.

        Whether the gateway said that it has stored its part.
        """
        assert self._gateway is not None
        theirs = self._gateway.receive(frames.CONFIRMATION, timeout_s)
        if theirs is None:
            raise failure.nobody_confirms(timeout_s)
        with self._timed(), interrupt.delayed():
            try:
                with self._suspicion():
                    self._console.pair("finish", confirmation=theirs.hex())
                self._is_open = False
                self._take_over()
            except failure.MismatchError:
                raise
            except UndertowError as error:
                error.mend = f"{error.mend} {failure.half_done(self._name)}"
                raise
            self._gateway.end(frames.DONE)
            with suppress(UndertowError):
                ending = self._gateway.receive(frames.END, END_TIMEOUT_S)
                return ending is not None and frames.read_end(ending) == frames.DONE
        return False

    def _take_over(self) -> None:
        """Both have confirmed: what the box has made of it comes into force, or is forgotten."""
        try:
            found = self._console.check()
            if found.missing or found.problems:
                raise _unusable(found)
            self._console.commit(found.digest)
        except UndertowError:
            with suppress(UndertowError):
                self._console.drop(TUNNEL)
            raise

    @contextmanager
    def _suspicion(self) -> Iterator[None]:
        """Where the box refuses because of the code, it has ended the run and counts it."""
        try:
            yield
        except RefusedByBoxError as error:
            if error.code != VALUE or IN_BETWEEN not in f"{error.why} {error.mend}".lower():
                raise
            self._is_open = False
            raise failure.MismatchError("The codes differ") from None

    @contextmanager
    def _timed(self) -> Iterator[None]:
        started = time.monotonic()
        try:
            yield
        finally:
            self.machine_s += time.monotonic() - started


def _unusable(found: Check) -> UndertowError:
    problems = [
        Problem(str(each.get("what")), str(each.get("why")), str(each.get("mend")))
        for each in found.problems
    ]
    problems += [
        Problem(f"'{name}'", "the box does not have it", "Run `undertow provision` first.")
        for name in found.missing
    ]
    return RefusedError(
        "The box cannot use what the gateway says of the tunnel",
        problems,
        "Mend it at the gateway, or run `undertow provision` with other settings, and pair again.",
    )
