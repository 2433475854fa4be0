"""What is in the way: a ladder of questions from the cable to the gateway, in plain words.

Each step says yes, or no with one sentence on what is in the way and one on what to do; the first
no ends it. A step that has nothing to ask says so and goes on. Everything is asked over what the
box offers anyway, and nothing of a client's leaves for it.
"""

from box import doctor_steps
from box.doctor_answer import NO, Answer
from ut1 import doctor_code, doctor_words
from wg.compat import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from box.board import Board

    Object = dict[str, object]

# So long one question may take; it waits for a search to come to something (box.way.LONG_MS).
STEP_MS = 30_000
LOOK_MS = 100
# Who asks no more for so long has gone, without a word.
LEFT_MS = 60_000


class Doctor:
    """One examination. is_over: the report is whole."""

    def __init__(self, board: "Board") -> None:
        self.is_over = False
        self._told_ms = board.control.now_ms()
        self._is_stopped = False
        self._board = board
        self._steps = doctor_steps.STEPS
        self._number = 0
        self._answers: "list[Answer]" = []
        self._running: "Iterator[Answer | None] | None" = None
        self._ends_ms = 0

    def begin(self) -> None:
        self._look()

    def stop(self) -> None:
        """Nobody wants to know any more."""
        self._is_stopped = not self.is_over
        self._end()

    def report(self, have: int = 0) -> "Object":
        """What is known by now; of a whole report, what is in the way and its code.

        have: how many of the answers are known to who asks, and left out.
        """
        self._told_ms = self._board.control.now_ms()
        last = self._answers[-1] if self._answers else None
        told: "Object" = {
            "running": not self.is_over,
            "step": doctor_words.STEPS[min(self._number, len(self._steps) - 1)][0],
            "steps": [answer.as_members() for answer in self._answers[have:]],
            "problem": None,
            "code": None,
        }
        if not self.is_over or self._is_stopped:
            return told
        if last is not None and last.verdict == NO:
            told["problem"] = {"what": last.what, "why": last.why, "mend": last.mend}
        told["code"] = self.code()
        return told

    def code(self) -> str:
        """Six characters to read over a phone."""
        lead = self._board.connection.lead
        climb = None if lead is None else lead.climb
        network = b"" if climb is None or climb.way.network is None else climb.way.network.hash
        last = self._answers[-1] if self._answers else None
        if last is None or last.verdict != NO:
            return doctor_code.encode(doctor_code.ALL_IS_WELL, 0, network)
        return doctor_code.encode(self._number + 1, last.number, network)

    def is_left(self) -> bool:
        """Whether nobody wants to know any more, who has not said so."""
        return self._board.control.now_ms() - self._told_ms >= LEFT_MS

    def later(self, action: "Callable[[], object]") -> None:
        """Call it when is_left() may be. Not a method of ours: it would keep us in memory."""
        self._board.control.after(LEFT_MS, action)

    # --- within ---

    def _look(self) -> None:
        """Go on with the step of now, and with the next ones as far as they need no waiting."""
        while not self.is_over:
            if self._running is None:
                if self._number == len(self._steps):
                    self._end()
                    return
                self._running = self._steps[self._number](self._board)
                self._ends_ms = self._board.control.now_ms() + STEP_MS
            answer = self._next()
            if answer is None:
                self._board.control.after(LOOK_MS, self._look)
                return
            self._close()
            answer.take_place(self._number + 1)
            self._answers.append(answer)
            if answer.verdict == NO:
                self._end()
                return
            self._number += 1

    def _next(self) -> "Answer | None":
        if self._running is None or self._board.control.now_ms() >= self._ends_ms:
            return Answer.unknown("it took too long to find out")
        try:
            for answer in self._running:
                return answer
        except MemoryError:
            # A question less is better than a box that starts anew because of one.
            return Answer.unknown("the box has no memory left to find out")
        return Answer.unknown("there was nothing to find out")

    def _close(self) -> None:
        if self._running is not None:
            self._running.close()  # type: ignore[attr-defined]
        self._running = None

    def _end(self) -> None:
        self._close()
        self.is_over = True
