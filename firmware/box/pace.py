"""How often to try what may be in vain."""


class Pace:
    """At once, then after pauses that double, until somebody is heard again.

    tries: how many there were since somebody was heard.
    """

    def __init__(self, shortest_ms: int, longest_ms: int) -> None:
        """The pauses between two tries, whoever was heard."""
        self.tries = 0
        self._pause_ms = self._shortest_ms = shortest_ms
        self._longest_ms = longest_ms
        self._tried_ms = 0

    def try_now(self, now_ms: int, heard_ms: int) -> bool:
        """Whether it is time for a try, which then counts. heard_ms: when somebody was last."""
        if heard_ms > self._tried_ms:
            self.tries = 0
            self._pause_ms = self._shortest_ms
        if self._tried_ms and now_ms - self._tried_ms < self._pause_ms:
            return False
        if self.tries:
            self._pause_ms = min(2 * self._pause_ms, self._longest_ms)
        self.tries += 1
        self._tried_ms = now_ms
        return True
