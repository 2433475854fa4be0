"""What a board runs, from its start on: flash, settings, box and console.

Nothing has to be closed here. Both interfaces were taken over before any of this, and deny
everything until the box says otherwise.
"""

import gc
import time

import _board
import _router

from box import flash, trust
from box.console import Console
from box.identity import Identity
from box.lockout_store import LockoutStore
from box.log_ring import LogRing
from box.port import CLOSED, CONNECTING, SIGNING_IN, TROUBLE, UNVERIFIED, UP, Port
from box.state_store import StateStore
from box.status import problem, status, tunnel_state
from box.verbs import Verbs
from box.version import VERSION
from wg.compat import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from box.board import Board
    from box.doctor import Doctor
    from box.improv import Improv
    from box.status import Problem

    Object = dict[str, object]


# After so many crashes in a row the box does no more than talk to its console.
CRASHES_MAX = 3
# After so many not even the flash is looked at, for that may be what breaks it.
CRASHES_MAX_WITH_FLASH = 6
FLASH_UNTRIED = (
    "the flash",
    "the box crashes whenever it is read",
    "Wipe the box and provision it again; if that does not help, it is worn out.",
)
# Long enough for the slowest thing that is done in one go, such as reading a large flash.
WATCHDOG_MS = 10_000
CONSOLE_PAUSE_MS = 20
# The file of failed pairings, in flash.
LOCKOUT = "/lockout"
# The heap is tidied after so many bytes were taken from it.
GARBAGE_MAX = 16384


def run(make_port: "Callable[[LogRing], Port]" = Port) -> None:
    """For ever. What it raises is a fault of ours: the machine says it and resets.

    make_port: called with the log, gives what the port brings besides _board and _router.
    """
    _board.watchdog(WATCHDOG_MS)
    log = LogRing(_router.now_ms)
    last_words = _board.last_words()
    if last_words:
        log("error", last_words)
    broken = flash.mount() if _board.crashes() < CRASHES_MAX_WITH_FLASH else FLASH_UNTRIED
    if broken is not None:
        log("error", "%s: %s" % (broken[0], broken[1]))
    program = Program(log, broken, make_port(log))
    if _board.crashes() >= CRASHES_MAX:
        program.serve_console_only()
    else:
        program.serve()


class Program:
    def __init__(
        self, log: LogRing, flash_problem: "Problem | None", port: "Port | None" = None
    ) -> None:
        self._log = log
        self._port = port or Port(log)
        self._flash_problem = flash_problem
        self._store = StateStore(slots=self._port.slots)
        self._is_verified = False
        self._board: "Board | None" = None
        self._lockout = LockoutStore(flash.FOLDER + LOCKOUT, _router.now_ms, log)
        self._identity = Identity(VERSION, _board.NAME, _mac())
        self._verbs = Verbs(
            self._identity,
            self._store,
            _router.fill_random if _board.has_random() else None,
            self._status,
            log,
            self._erase,
            self._lockout,
            self._port.links.has_wifi,
        )
        # Not all boards have a button; those that do are paired by who stands there.
        self._verbs.is_asked_for = self._port.is_asked_for
        self._console = Console(
            _board.console_read,
            _board.console_write,
            self._verbs,
            self._leave,
            self._make_improv,
        )

    def serve(self) -> None:
        """The whole box."""
        from box.board import HEALTHY_AFTER_MS, Board

        self._board = board = Board(flash.FOLDER, self._log, self._port.links)
        self._console.tell(self._greeting())
        gc.collect()
        self._lockout.watch(board.control.after)
        board.control.on_wake(board.router.WAKE_CONSOLE, self._console.receive)
        self._verbs.on_time = board.timestamps.not_before
        self._verbs.on_commit = lambda: board.control.after(0, self._apply)
        self._verbs.make_doctor = self._make_doctor
        self._verbs.sign_in = board.sign_in.handle
        self._port.on_hold = board.sign_in.press
        # Before the first question on the console, whose answer would say nothing of the settings.
        self._apply()
        self._port.begin(board.control, self._condition)
        board.control.after(HEALTHY_AFTER_MS, self._port.has_run_well)
        # What lives long stays together, and nothing grows, when garbage goes early.
        gc.collect()
        gc.threshold(GARBAGE_MAX)
        board.run()

    def serve_console_only(self) -> None:
        """The packet path stays as it was at power-on: closed. New settings get another try."""
        self._verbs.on_commit = self._verbs.leave
        self._log("error", "%d crashes in a row, there is no tunnel" % _board.crashes())
        self._console.tell(
            "%s: console only after %d crashes" % (self._greeting(), _board.crashes())
        )
        while True:
            self._console.receive()
            _board.feed()
            time.sleep_ms(CONSOLE_PAUSE_MS)

    def _make_doctor(self) -> "Doctor":
        from box.doctor import Doctor

        if self._board is None:
            raise OSError
        return Doctor(self._board)

    def _make_improv(self, send: "Callable[[bytes], object]") -> "Improv":
        from box.improv import Improv

        return Improv(self._identity, self._store, self._port.links, self._verbs, send, self._log)

    def _greeting(self) -> str:
        """Who we are, and whether two people have compared our code."""
        words = self._verbs.committed().verification.words()
        return "undertow %s on %s, %s" % (VERSION, _board.NAME, words)

    def _apply(self) -> None:
        """Live by the settings in flash."""
        if self._board is None:
            return
        state = self._store.load()
        digest = state.digest()
        try:
            self._board.apply(state, self._flash_problem or self._store.problem)
        finally:
            state.wipe()
        self._verbs.live_digest = digest if self._board.connection.is_open else None
        self._is_verified = self._verbs.committed().verification.state == trust.YES

    def _status(self) -> "Object":
        state, verification = self._verbs.state(), self._verbs.verification()
        if self._board is not None:
            return status(self._board, state, verification)
        told = _status_without_box(state, self._flash_problem or _crashed())
        told["verification"] = verification
        return told

    def _condition(self) -> int:
        """How the box does, in one of the few words that a light has (box.port)."""
        board = self._board
        if board is None:
            return TROUBLE
        if board.sign_in.is_open():
            return SIGNING_IN
        tunnel = tunnel_state(board)
        if tunnel in ("up", "idle"):
            return UP if self._is_verified else UNVERIFIED
        if problem(board) is not None:
            return TROUBLE
        return CLOSED if tunnel == "closed" else CONNECTING

    def _erase(self) -> None:
        flash.erase()
        self._port.erase()

    def _leave(self) -> None:
        # What was wiped stays wiped: nothing of the clients either.
        if self._board is not None and self._verbs.state() != "blank":
            self._board.lan.save()
        # Asked for by hand: whatever crashed gets another try.
        _board.healthy()
        _board.reset()


def _mac() -> bytes:
    try:
        return _board.mac(0)
    except OSError:
        return bytes(6)


def _crashed() -> "Problem":
    return (
        "the box",
        "it crashed %d times in a row, and carries nothing" % _board.crashes(),
        "Give it other settings, or turn it off and on; its log says where it crashed.",
    )


def _status_without_box(state: str, problem: "Problem") -> "Object":
    return {
        "box": {
            "board": _board.NAME,
            "firmware": VERSION,
            "state": state,
            "uptime_s": _router.now_ms() // 1000,
            "crashes": _board.crashes(),
        },
        "memory": _board.memory(),
        "problem": {"what": problem[0], "why": problem[1], "mend": problem[2]},
    }
