"""Noticing that a way which has worked is dead: somebody sends, and nobody is heard.

A packet that nobody answers is no sign of anything: it may be the last of a conversation. So the
other end is asked first, and a way is given up only when that has no answer either. Then no more
than FROZEN_MS and one look have passed since the first packet that was lost.
"""

from wg.compat import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

# After so long without an answer the other end is asked, and again.
ASK_AFTER_MS = 1000
ASK_EVERY_MS = 250
# The other end may have been started anew, and know our keys no more: so it is also asked for new
# ones, at this one of the questions.
NEW_KEYS_AT = 3
ASKED_MIN = 6
# So long without any answer is the end, but not before it was asked so often: a loop that was busy
# elsewhere has heard nothing, either.
FROZEN_MS = 3000
LOOK_EVERY_MS = 250


class FreezeWatch:
    """Looks at one peer's times; who owns it calls look() every LOOK_EVERY_MS."""

    def __init__(self, ask: "Callable[[bool], object]") -> None:
        """ask: sends the other end something small that it answers at once; True: whoever it is."""
        self._ask = ask
        self._begun_ms = 0
        self._unanswered_ms = 0
        self._asked_ms = 0
        self._asked = 0

    def begin(self, now_ms: int) -> None:
        """The way is another one from now on; what lay on the one before says nothing of it."""
        self._begun_ms = now_ms
        self._unanswered_ms = self._asked_ms = self._asked = 0

    def look(self, unanswered_ms: int, now_ms: int) -> bool:
        """Whether the way is dead, which is said once.

        unanswered_ms: when the first of what nobody has answered was sent; 0: all was answered.
        """
        if unanswered_ms != self._unanswered_ms:
            # Somebody was heard in between.
            self._unanswered_ms = unanswered_ms
            self._asked = 0
        if not unanswered_ms:
            return False
        silent_ms = now_ms - max(unanswered_ms, self._begun_ms)
        if silent_ms < ASK_AFTER_MS:
            return False
        if self._asked >= ASKED_MIN and silent_ms >= FROZEN_MS:
            self.begin(now_ms)
            return True
        if now_ms - self._asked_ms >= ASK_EVERY_MS:
            self._asked_ms = now_ms
            self._asked += 1
            self._ask(self._asked == NEW_KEYS_AT)
        return False
