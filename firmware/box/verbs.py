"""What a box does for the console, verb by verb. Nothing is in force before `commit`."""

from hashlib import sha256

from box import box_document, judgement, kept
from box.staging import Staging
from box.state import BOX, DOCUMENTS, KEY, KEY_LEN, State
from ut1.errors import OP, STATE, VALUE, RefusedError
from wg.compat import TYPE_CHECKING
from wg.config import ConfigFileError
from wg.keytext import public_to_base64

if TYPE_CHECKING:
    from collections.abc import Callable

    from box.judgement import Judgement
    from box.log_ring import LogRing
    from box.state_store import StateStore
    from ut1.payload import Object

NONCE_LEN = 8
# Seconds since 1970; what is later is no time.
TIME_MAX = 1 << 33


class Identity:
    """What a box is, whatever it was given."""

    def __init__(self, firmware: str, board: str, mac: bytes) -> None:
        """mac: of the uplink."""
        self.firmware = firmware
        self.board = board
        self.mac = mac


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
    ) -> None:
        """fill_random: fills a buffer, or OSError; None: the board has no generator.

        status: the object that `status` answers. erase: makes the flash forget everything, or
        OSError; None: the store does what it can.
        """
        self._identity = identity
        self._store = store
        self._fill_random = fill_random
        self._status = status
        self._log = log
        self._erase = erase or store.erase
        self._staging = Staging()
        self.live_digest: "bytes | None" = None
        self.is_leaving = False
        # Called before a commit, with the seconds since 1970 that it gives: not all have a clock.
        self.on_time: "Callable[[int], object] | None" = None
        # Called after a commit put a new state in force in flash.
        self.on_commit: "Callable[[], object] | None" = None

    def handle(self, verb: str, arguments: "Object", data: "memoryview | None") -> "Object":
        """Execute a request; its answer. RefusedError: why not."""
        if verb == "hello":
            return self._hello()
        if verb == "put":
            return self._staging.put(arguments, data)
        if verb == "drop":
            self._staging.drop(arguments.get("k"))
            return {}
        if verb == "keygen":
            return self._keygen()
        if verb == "check":
            return self._check()
        if verb == "commit":
            return self._commit(arguments.get("digest"), arguments.get("time"))
        if verb == "status":
            return self._status()
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

    def state(self) -> str:
        """ "blank", "partial": something was given and not committed, "ready", or "live"."""
        if not self._staging.state.is_blank:
            return "partial"
        stored = self._store.load()
        digest = None if stored.is_blank else stored.digest()
        stored.wipe()
        if digest is None:
            return "blank"
        return "live" if digest == self.live_digest else "ready"

    def name(self) -> "str | None":
        """The box's name as committed; None: it has none."""
        stored = self._store.load()
        try:
            return None if stored.box is None else box_document.read(stored.box).name
        except ConfigFileError:
            return None
        finally:
            stored.wipe()

    def _hello(self) -> "Object":
        return {
            "fw": self._identity.firmware,
            "board": self._identity.board,
            "mac": ":".join(["%02x" % byte for byte in self._identity.mac]),
            "name": self.name(),
            "state": self.state(),
            "nonce": self._nonce(),
        }

    def _nonce(self) -> "str | None":
        nonce = bytearray(NONCE_LEN)
        if self._fill_random is None:
            return None
        try:
            self._fill_random(nonce)
        except OSError:
            return None
        return "".join(["%02x" % byte for byte in nonce])

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
        self._staging.set_key(key)
        public = self._staging.state.public_key()
        return {"public": None if public is None else public_to_base64(public)}

    def _check(self) -> "Object":
        state, found = self._judge()
        try:
            answer: "Object" = found.as_members()
            documents = {}
            for name in DOCUMENTS:
                text = state.document(name)
                if text is not None:
                    documents[name] = _hex(sha256(text).digest())
            public = state.public_key()
            answer["documents"] = documents
            answer["public"] = None if public is None else public_to_base64(public)
            answer["key"] = {"set": state.key is not None}
            answer["digest"] = _hex(state.digest())
            return answer
        finally:
            found.wipe()
            state.wipe()

    def _commit(self, digest: object, time: object) -> "Object":
        state, found = self._judge()
        try:
            if not found.is_good:
                raise RefusedError(
                    STATE,
                    "what the box has is not whole, or something is wrong with it",
                    "Ask for 'check': it says what.",
                )
            if digest != _hex(state.digest()):
                raise RefusedError(
                    VALUE,
                    "the digest is not that of what the box was given",
                    "Ask for 'check' and commit what it says.",
                )
            if self.on_time is not None and isinstance(time, int) and 0 < time < TIME_MAX:
                self.on_time(time)
            if not self._staging.state.is_blank:
                self._store.save(state)
                self._staging.forget()
                self._log("info", "new settings were committed")
        except OSError as error:
            self._log("error", "the settings cannot be written (%s)" % error)
            raise RefusedError(
                STATE,
                "the flash cannot be written (%s); the box is as it was" % error,
                "Try again; if it stays so, the flash is worn out.",
            )
        finally:
            found.wipe()
            state.wipe()
        if self.on_commit is not None:
            self.on_commit()
        return {"state": self.state()}

    def _judge(self) -> "tuple[State, Judgement]":
        """What there would be after a commit, and what is to be said of it; both to be wiped."""
        stored, staged = self._store.load(), self._staging.state
        merged = State()
        for name in DOCUMENTS + (KEY,):  # noqa: RUF005 -- MicroPython unpacks only in calls
            new, old = staged.document(name), stored.document(name)
            if name == BOX and new is not None:
                merged.put(name, kept.resolve(new, old))
                continue
            chosen = old if new is None else new
            merged.put(name, None if chosen is None else bytearray(chosen))
        stored.wipe()
        return merged, judgement.judge(merged, given_key=staged.key is not None)

    def _wipe(self, confirm: object) -> "Object":
        name = self.name()
        if self.state() != "blank" and confirm != (name or ""):
            raise RefusedError(
                VALUE,
                "this box is called '%s'" % (name or ""),
                "Give its name, to be sure that it is this one.",
            )
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
        self._staging.forget()
        self._log("info", "everything was wiped")
        self.leave()
        return {}


def _hex(data: bytes) -> str:
    return "".join(["%02x" % byte for byte in data])
