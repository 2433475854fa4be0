"""A guest behind a box: opens pages until they come, and holds one long call.

Nothing here waits: whoever watches calls look() again and again.
"""

import time
from typing import NamedTuple

from undertow.lab import LabError
from undertow.lab.ethernet import Client, Stream
from undertow.lab.ethernet.loop import Timer
from undertow.lab.ethernet.world import BULK, ECHO, PAGE, WEB

SITE, FRIEND = "203.0.113.80", "203.0.113.7"
# What no guest says but to be found again where it must not be.
MARK = b"what only the guest and the friend may read"

_EVERY_S = 0.5
_LOOK_S = 0.05


class Page(NamedTuple):
    """Something to open. patience_s: after that the guest presses the button again."""

    port: int
    question: bytes
    answer: bytes
    patience_s: float


SMALL = Page(WEB, b"GET / HTTP/1.0\r\n\r\n", PAGE, 0.8)
LARGE = Page(BULK, b"300000\n", bytes(300_000), 8.0)


class Browser:
    """Opens a page, again and again.

    came: seconds from begin() until each one that came whole. most: bytes of one that came at most.
    """

    def __init__(self, client: Client) -> None:
        self.came: list[float] = []
        self.most = 0
        self._client = client
        self._page = SMALL
        self._again = False
        self._began = self._tried = 0.0
        self._stream: Stream | None = None
        self._asked = False

    def begin(self, page: Page, again: bool = False) -> None:
        """Open it from now on. again: also when it has come."""
        self.stop()
        self.came = []
        self.most = 0
        self._page, self._again = page, again
        self._began = time.monotonic()
        self._try()

    def look(self) -> None:
        """See what has come, and do what a guest does then."""
        if self._stream is None:
            return
        connection = self._stream.connection
        now = time.monotonic()
        if connection.established and not self._asked:
            self._asked = True
            self._stream.send(self._page.question)
        self.most = max(self.most, len(connection.received))
        if connection.ended and self._client.loop.call(
            lambda: connection.received == self._page.answer
        ):
            self.came.append(now - self._began)
            self.stop()
            if self._again:
                self._try()
        elif connection.reset or now - self._tried > self._page.patience_s:
            self.stop()
            self._try()

    def stop(self) -> None:
        """Close it, whatever came."""
        if self._stream is not None:
            self._client.loop.call(self._stream.connection.abort)
            self._stream = None

    def _try(self) -> None:
        self._asked = False
        self._tried = time.monotonic()
        self._stream = self._client.start_connecting(SITE, self._page.port)


class Call:
    """One TCP connection to a friend, who says every word back.

    said, heard: words. pause_s: the longest time that one took, since calm().
    """

    def __init__(self, client: Client) -> None:
        """LabError: the friend does not answer."""
        self.said = self.heard = 0
        self.pause_s = 0.0
        self._loop = client.loop
        self._stream = client.connect(FRIEND, ECHO)
        self._times: list[float] = []  # of the words that have not come back
        self._timer: Timer | None = None
        self._loop.call(self._speak)

    def _speak(self) -> None:
        now = time.monotonic()
        self._listen(now)
        if not self._times or now - self._times[-1] >= _EVERY_S:
            self.said += 1
            self._times.append(now)
            self._stream.connection.send(MARK)
        self._timer = self._loop.after(_LOOK_S, self._speak)

    def _listen(self, now: float) -> None:
        received = self._stream.connection.received
        while self._times and received[: len(MARK)] == MARK:
            del received[: len(MARK)]
            self.pause_s = max(self.pause_s, now - self._times.pop(0))
            self.heard += 1
        if self._times:
            self.pause_s = max(self.pause_s, now - self._times[0])

    def calm(self) -> None:
        """Count the longest pause anew."""
        self.pause_s = 0.0

    def waits_s(self) -> float:
        """For how long the friend has not been heard; LabError: the line is dead."""
        if self._stream.connection.reset:
            raise LabError("the guest's call was cut off", f"after {self.heard} words")

        def since() -> float:
            return time.monotonic() - self._times[0] if self._times else 0.0

        return self._loop.call(since)

    def hang_up(self) -> None:
        """End it."""
        if self._timer is not None:
            self._timer.cancel()
        self._loop.call(self._stream.connection.abort)
