"""What a box does for the console, verb by verb. Nothing is in force before `commit`."""

from box.committed import Committed
from box.draft import Draft
from box.identity import Identity
from box.state import KEY_LEN
from box.unload import DOCTOR_MODULES, PAIRING_MODULES, unload
from ut1.errors import OP, STATE, VALUE, RefusedError
from wg.compat import TYPE_CHECKING
from wg.keytext import public_to_base64

if TYPE_CHECKING:
    from collections.abc import Callable

    from box.doctor import Doctor
    from box.lockout_store import LockoutStore
    from box.log_ring import LogRing
    from box.pair import Pair
    from box.state_store import StateStore
    from ut1.payload import Object

# Seconds since 1970; what is later is no time.
TIME_MAX = 1 << 33


class Verbs:
    """Handles the requests of a ut1 session: handle() is its handler.

    live_digest: of the state that the box runs by, to be set by who runs it; None: it runs none.
    is_leaving: the box is to be reset once the answer is out.
    """

    def __init__(
        self,
        identity: Identity,
        store: "StateStore",
        fill_random: "Callable[[bytearray], object] | None",
        status: "Callable[[], Object]",
        log: "LogRing",
        erase: "Callable[[], object] | None" = None,
        lockout: "LockoutStore | None" = None,
        has_wifi: bool = False,
    ) -> None:
        """fill_random: fills a buffer, or OSError; None: the board has no generator.

        status: the object that `status` answers. erase: makes the flash forget everything, or
        OSError; None: the store does what it can. lockout: None: this box cannot be paired.
        has_wifi: of the board.
        """
        self._identity = identity
        self._store = store
        self._fill_random = fill_random
        self._status = status
        self._log = log
        self._erase = erase or store.erase
        self._lockout = lockout
        self._pairing: "Pair | None" = None
        self._has_wifi = has_wifi
        self._draft = Draft(store, log, fill_random)
        self._draft.has_wifi = has_wifi
        self._committed: "Committed | None" = None
        self._changes = 0  # of the store, when that was made
        self.live_digest: "bytes | None" = None
        self.is_leaving = False
        # Called before a commit, with the seconds since 1970 that it gives: not all have a clock.
        self.on_time: "Callable[[int], object] | None" = None
        # Called after a commit put a new state in force in flash.
        self.on_commit: "Callable[[], object] | None" = None
        # Makes an examination of the box, or says why there can be none; None: there is no box.
        self.make_doctor: "Callable[[], Doctor] | None" = None
        self._doctor: "Doctor | None" = None
        self._is_watching = False  # for who has begun one and gone
        # Opens, closes and shows the window for signing in; None: there is no box.
        self.sign_in: "Callable[[Object], Object] | None" = None
        # Whether somebody stands at the box and wants to pair it; None: it has no button to say so.
        self.is_asked_for: "Callable[[], bool] | None" = None

    def handle(self, verb: str, arguments: "Object", data: "memoryview | None") -> "Object":
        """Execute a request; its answer. RefusedError: why not."""
        if verb == "hello":
            return self._hello()
        if verb == "put":
            return self._draft.staging.put(arguments, data)
        if verb == "drop":
            self._draft.staging.drop(arguments.get("k"))
            return {}
        if verb == "keygen":
            return self._keygen()
        if verb == "check":
            return self._draft.check()
        if verb == "pair":
            return self._pair(arguments)
        if verb == "commit":
            return self._commit(arguments)
        if verb == "status":
            return self._status()
        if verb == "doctor":
            return self._examine(arguments.get("op"), arguments.get("have"))
        if verb == "signin" and self.sign_in is not None:
            return self.sign_in(arguments)
        if verb == "log":
            return {"lines": self._log.lines()}
        if verb == "wipe":
            return self._wipe(arguments.get("confirm"))
        if verb == "reboot":
            self.leave()
            return {}
        raise RefusedError(OP, "this box knows no '%s'" % verb, "Update the firmware of the box.")

    def leave(self) -> None:
        """Have the box reset once the answer is out."""
        self.is_leaving = True

    def state(self, committed: "Committed | None" = None) -> str:
        """ "blank", "partial": something was given and not committed, "ready", or "live"."""
        if not self._draft.is_empty:
            return "partial"
        digest = (committed or self.committed()).digest
        if digest is None:
            return "blank"
        return "live" if digest == self.live_digest else "ready"

    def name(self) -> "str | None":
        """The box's name as committed; None: it has none."""
        return self.committed().name

    def committed(self) -> Committed:
        """What is to be said of the settings in flash, which are read once after each change."""
        if self._committed is None or self._changes != self._store.changes:
            self._changes = self._store.changes
            stored = self._store.load()
            try:
                self._committed = Committed(stored)
            finally:
                stored.wipe()
        return self._committed

    def verification(self) -> "Object":
        """The member "verification" of `status`."""
        if self._pairing is not None:
            self._pairing.check_time()
        locked_s = 0 if self._lockout is None else self._lockout.locked_s()
        return self.committed().verification.as_members(locked_s)

    def _hello(self) -> "Object":
        committed = self.committed()
        return {
            "fw": self._identity.firmware,
            "board": self._identity.board,
            "mac": ":".join(["%02x" % byte for byte in self._identity.mac]),
            "name": committed.name,
            "state": self.state(committed),
            "verified": committed.verification.state,
            "wifi": self._has_wifi,
        }

    def _keygen(self) -> "Object":
        key = bytearray(KEY_LEN)
        try:
            if self._fill_random is None:
                raise OSError
            self._fill_random(key)
        except OSError:
            raise RefusedError(
                STATE,
                "this box has no source of random numbers, and a key made without one is no secret",
                "Give it a key that was made elsewhere.",
            )
        self._draft.staging.set_key(key)
        public = self._draft.staging.state.public_key()
        return {"public": None if public is None else public_to_base64(public)}

    def _commit(self, arguments: "Object") -> "Object":
        time = arguments.get("time")

        def tell_time() -> None:
            if self.on_time is not None and isinstance(time, int) and 0 < time < TIME_MAX:
                self.on_time(time)

        self._draft.commit(arguments.get("digest"), arguments.get("without"), tell_time)
        if self.on_commit is not None:
            self.on_commit()
        return {"state": self.state()}

    def _wipe(self, confirm: object) -> "Object":
        name = self.name()
        if self.state() != "blank" and confirm != (name or ""):
            raise RefusedError(
                VALUE,
                "this box is called '%s'" % (name or ""),
                "Give its name, to be sure that it is this one.",
            )
        if self._pairing is not None:
            self._pairing.handle({"op": "cancel"})
        if self._lockout is not None:
            self._lockout.locked_s()  # read it while it is there
        try:
            self._store.erase()  # first: when the power goes in what follows, nothing comes back
        except OSError:
            pass  # what is broken can be overwritten all the same
        try:
            self._erase()
        except OSError as error:
            raise RefusedError(
                STATE,
                "the flash cannot be erased (%s): keys are still in it" % error,
                "Try again; if it stays so, destroy the flash.",
            )
        self._draft.staging.forget()
        if self._lockout is not None:
            self._lockout.keep()  # who may wipe a box wins no tries at its code by it
        self._log("info", "everything was wiped")
        self.leave()
        return {}

    def _examine(self, op: object, have: object) -> "Object":
        """Begin to look for what is in the way, tell what was found by now, or stop.

        have: how many of the answers are not to be told again.
        """
        if op == "begin":
            if self.make_doctor is None:
                why = "the box does no more than talk to its console"
                raise RefusedError(STATE, why, "See `undertow status`.")
            if self._doctor is not None:
                self._doctor.stop()
            self._doctor = self.make_doctor()
            self._doctor.begin()
            if not self._is_watching:
                self._watch_doctor()
        elif op not in ("look", "stop"):
            raise RefusedError(VALUE, "'op' is none of begin, look, stop", "Begin with 'begin'.")
        if self._doctor is None:
            raise RefusedError(STATE, "nothing is being examined", "Begin with 'begin'.")
        if op == "stop":
            self._doctor.stop()
        told = self._doctor.report(have if isinstance(have, int) and have > 0 else 0)
        if op == "stop":
            self._forget_doctor()
        return told

    def _watch_doctor(self) -> None:
        doctor = self._doctor
        self._is_watching = doctor is not None and not doctor.is_left()
        if doctor is not None and self._is_watching:
            doctor.later(self._watch_doctor)
        elif doctor is not None:
            doctor.stop()
            self._forget_doctor()

    def _forget_doctor(self) -> None:
        """Give back the memory that it has."""
        self._doctor = None
        unload(DOCTOR_MODULES)

    # --- pairing ---

    def _pair(self, arguments: "Object") -> "Object":
        """One step of a pairing; what it needs is loaded for the first, and given back later."""
        if self._pairing is None:
            if self._lockout is None or self._fill_random is None:
                mend = "Give it a wg-quick file instead."
                raise RefusedError(STATE, "this box cannot be paired", mend)
            from box.pair import Pair

            self._pairing = Pair(
                self._identity, self._draft, self._lockout, self._fill_random, self.is_asked_for
            )
        try:
            return self._pairing.handle(arguments)
        finally:
            if self._pairing.is_over:
                self._pairing = None
                unload(PAIRING_MODULES)
