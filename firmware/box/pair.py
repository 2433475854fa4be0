"""The verb `pair`, step by step. Before both ends have confirmed there is nothing to commit.

It is loaded when somebody pairs and given back afterwards (box.unload).
"""

from box.pair_run import Run
from box.state import PAIRING, TUNNEL
from pairing.info import Info
from ut1.errors import BUSY, STATE, VALUE, RefusedError
from wg.compat import TYPE_CHECKING
from wg.keytext import wipe

if TYPE_CHECKING:
    from collections.abc import Callable

    from box.draft import Draft
    from box.identity import Identity
    from box.lockout_store import LockoutStore
    from ut1.payload import Object

_AGAIN = "Begin again at both ends."


class Pair:
    """is_over: no run is under way."""

    def __init__(
        self,
        identity: "Identity",
        draft: "Draft",
        lockout: "LockoutStore",
        fill_random: "Callable[[bytearray], object]",
        is_asked_for: "Callable[[], bool] | None",
    ) -> None:
        """is_asked_for: whether somebody pressed the box's button lately; None: it has none."""
        self._identity = identity
        self._draft = draft
        self._lockout = lockout
        self._fill_random = fill_random
        self._is_asked_for = is_asked_for
        self._run: "Run | None" = None

    @property
    def is_over(self) -> bool:
        return self._run is None or self._run.is_over

    def handle(self, arguments: "Object") -> "Object":
        """The answer to one step. RefusedError: why not."""
        self.check_time()
        operation = arguments.get("op")
        if operation == "begin":
            return self._begin(arguments.get("room"))
        if operation == "cancel":
            return self._end()
        run = self._run
        if run is None or run.is_over:
            raise RefusedError(STATE, "no pairing is under way", _AGAIN)
        if operation == "answer":
            return self._answer(run)
        if operation == "confirm":
            return run.confirm(arguments.get("digits"))
        if operation == "finish":
            return self._finish(run, arguments.get("confirmation"))
        if operation == "mismatch":
            run.mismatch()
            return self._end()
        raise RefusedError(
            VALUE, "there is no such step", "Use a host program of the same version."
        )

    def check_time(self) -> None:
        """Give up a run that takes too long."""
        if self._run is not None:
            self._run.check_time()

    def _begin(self, room: object) -> "Object":
        self._end()
        locked_s = self._lockout.locked_s()
        if locked_s:
            why = "a pairing failed, and for %d s more none may begin" % locked_s
            raise RefusedError(BUSY, why, "Wait, then begin again at both ends.")
        if self._is_asked_for is not None and not self._is_asked_for():
            mend = "Press it, and ask again within 30 s."
            raise RefusedError(STATE, "the button of the box was not pressed", mend)
        public, name = self._own()
        if public is None:
            mend = "Have it make one first, by 'keygen'."
            raise RefusedError(STATE, "the box has no private key yet", mend)
        info = Info(name)
        info.board = self._identity.board
        info.firmware = self._identity.firmware
        try:
            self._run = Run(self._lockout, self._fill_random, room, public, info)
        except OSError:
            raise RefusedError(STATE, "there are no random numbers", "Restart the box.")
        return self._run.commitment()

    def _answer(self, run: Run) -> "Object":
        message = self._draft.staging.take_answer()
        if message is None:
            mend = "Put it as the document 'answer' first."
            raise RefusedError(STATE, "the other end's answer is not here", mend)
        return run.answer(message)

    def _finish(self, run: Run, confirmation: object) -> "Object":
        trust, tunnel = run.finish(confirmation)
        state = self._draft.staging.state
        before, state.tunnel = state.tunnel, tunnel
        try:
            self._check(run)
        except RefusedError:
            state.tunnel = before
            wipe(tunnel)
            raise
        if before is not None:
            wipe(before)
        self._draft.staging.set(PAIRING, trust.encode())
        return {"gateway": trust.name}

    def _check(self, run: Run) -> None:
        """RefusedError: the tunnel that is staged is none, or the box is another one with it."""
        state, found = self._draft.judge()
        # The document that the tunnel takes the place of can have held the key that was paired.
        is_same = state.public_key() == run.public
        wrong = [error for name, error in found.problems if name == TUNNEL]
        found.wipe()
        state.wipe()
        if wrong:
            why = "the gateway's settings make no tunnel: %s: %s" % (wrong[0].what, wrong[0].why)
            raise RefusedError(VALUE, why, "See to the gateway's own settings.")
        if not is_same:
            raise RefusedError(STATE, "the box's key has changed meanwhile", _AGAIN)

    def _end(self) -> "Object":
        if self._run is not None and not self._run.is_over:
            self._run.end()
        return {"locked_s": self._lockout.locked_s()}

    def _own(self) -> "tuple[bytes | None, str]":
        """The public key and the name that the box has, or will have."""
        state, found = self._draft.judge()
        try:
            settings = found.settings
            name = self._identity.default_name if settings is None else settings.name
            return state.public_key(), name
        finally:
            found.wipe()
            state.wipe()
