"""The gateway's TCP ports as they look from here, one after another, when it asks (box.inside)."""

from carrier import inside as messages
from carrier.errors import MALFORMED, NOT_OURS, PORTAL
from carrier.rung import TLS, Rung
from carrier.standing import BUSY
from wg.compat import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from box.carriers import Carriers
    from box.climb_streams import Streams
    from box.control import Control
    from box.inside import Results

PATIENCE_MS = 6_000


class PortCheck:
    """streams: of its own, beside those of the search, which come first: see stop()."""

    def __init__(self, streams: "Streams", control: "Control", carriers: "Carriers") -> None:
        self._streams = streams
        self._control = control
        self._carriers = carriers
        self._waiting: "list[tuple[int, int]]" = []
        self._results: "Results" = []
        self._done: "Callable[[Results], object] | None" = None
        self._is_reached = False

    def begin(
        self, ports: "list[tuple[int, int]]", so_far: "Results", done: "Callable[[Results], object]"
    ) -> None:
        """ports: (port, kind) of TCP. done: called with what came of all, after so_far."""
        self._waiting, self._results, self._done = ports, so_far, done
        self._next()

    def stop(self) -> None:
        """The box needs its streams itself: what was not looked at is told to be so."""
        while self._waiting:
            self._note(messages.BUSY)
        self._next()

    def work(self) -> None:
        """Something has happened to a stream."""
        for _, news, why in self._streams.work():
            self._is_reached = True
            if news != self._streams.REACHED:
                self._note(messages.ANSWERED if news == self._streams.OPENED else _result(why))
                self._next()
                return

    def _next(self) -> None:
        self._streams.close_all()
        self._is_reached = False
        if self._done is not None and not self._waiting:
            done, self._done = self._done, None
            done(self._results)
        elif self._waiting:
            port, kind = self._waiting[0]
            left = len(self._waiting)
            if self._carriers.path is None or (kind == TLS and self._carriers.tls_pin is None):
                self._control.after(0, lambda: self._give_up(left, messages.NOT_ASKED))
                return
            self._streams.open(Rung(kind, port))
            self._control.after(0, self.work)
            self._control.after(PATIENCE_MS, lambda: self._give_up(left, messages.SILENT))

    def _give_up(self, left: int, result: int) -> None:
        """What has come to nothing by now, if it is still that port's turn."""
        if left == len(self._waiting):
            self._note(messages.CUT if self._is_reached else result)
            self._next()

    def _note(self, result: int) -> None:
        port, kind = self._waiting.pop(0)
        self._results.append((port, kind, result))


def _result(why: str) -> int:
    if why == "refused":
        return messages.REFUSED
    if why in ("timeout", "unreachable"):
        return messages.SILENT
    if why in (BUSY, "memory", "closed-here"):
        return messages.BUSY
    if why in ("closed", "reset"):
        return messages.CUT
    if why in (NOT_OURS, PORTAL, MALFORMED):
        return messages.NO_UPGRADE
    return messages.WRONG_TLS
