"""How often pairing failed, in a file: neither a restart nor a power cut wins another try.

A code that is shown counts as a failure in flash until both people have confirmed it. Who takes
the power away in between has used up a try.
"""

from box import record
from box.files import exists, make_folder, replace
from wg.compat import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from pairing.lockout import Lockout

KIND = b"LOCK"
VERSION = 1
_LEN_MAX = record.OVERHEAD + 16


class LockoutStore:
    """One file. Without it nothing has failed, and the library for pairing is not even loaded."""

    def __init__(
        self,
        path: str,
        now_ms: "Callable[[], int]",
        log: "Callable[[str, str], object]",
    ) -> None:
        """now_ms: since the start of the machine, never going back."""
        self._path = path
        self.now_ms = now_ms
        self._log = log
        self._after: "Callable[[int, Callable[[], object]], object] | None" = None
        self._lockout: "Lockout | None" = None
        self._is_read = False
        self._is_pending = False  # as it stands in flash

    def watch(self, after: "Callable[[int, Callable[[], object]], object]") -> None:
        """after(ms, action): calls an action later, to note in flash that a wait is over."""
        self._after = after
        self._plan()

    def locked_s(self) -> int:
        """For how many seconds no pairing may begin."""
        lockout = self._load()
        if lockout is None:
            return 0
        left_s = lockout.locked_s(self.now_ms())
        if not left_s and self._is_pending:
            self._save()
        return left_s

    def shown(self) -> None:
        """A code is about to be shown. OSError: that cannot be kept, so it must not be shown."""
        from pairing.lockout import Lockout

        now_ms = self.now_ms()
        lockout = self._load() or Lockout()
        self._lockout = lockout
        ahead = Lockout.decode(lockout.encode(now_ms), now_ms)
        ahead.fail(now_ms)
        self._write(ahead.encode(now_ms))
        # Only what is in flash: here the wait begins when the run has ended.

    def failed(self) -> None:
        """A run ended without a match: the wait begins."""
        from pairing.lockout import Lockout

        lockout = self._load() or Lockout()
        self._lockout = lockout
        lockout.fail(self.now_ms())
        self._save()
        self._log("warning", "pairing failed, refused for %d s" % self.locked_s())
        self._plan()

    def succeeded(self) -> None:
        """Both people have confirmed."""
        lockout = self._load()
        if lockout is not None:
            lockout.succeed()
            self._save()

    def keep(self) -> None:
        """The box was wiped, and the file with it: write it again, if anything has failed."""
        if self._lockout is not None and self._lockout.failures:
            self._save()

    def _plan(self) -> None:
        left_s = self.locked_s()
        if left_s and self._after is not None:
            self._after(1000 * left_s, self.locked_s)

    def _load(self) -> "Lockout | None":
        if not self._is_read:
            self._is_read = True
            if exists(self._path):
                self._read()
        return self._lockout

    def _read(self) -> None:
        from pairing.errors import PairingError
        from pairing.lockout import Lockout

        now_ms = self.now_ms()
        try:
            with open(self._path, "rb") as file:
                data = file.read(_LEN_MAX)
            self._lockout = Lockout.decode(record.open_(data, KIND, VERSION), now_ms)
        except (OSError, record.BrokenRecordError, PairingError):
            # Damage does not help anybody to another try.
            self._lockout = Lockout()
            self._lockout.fail(now_ms)
        self._is_pending = True  # at the most; locked_s() sees to it

    def _save(self) -> None:
        if self._lockout is None:
            return
        try:
            self._write(self._lockout.encode(self.now_ms()))
        except OSError as error:
            self._is_pending = False  # not again and again
            self._log("error", "failed pairings cannot be kept (%s)" % error)

    def _write(self, kept: bytes) -> None:
        data = bytearray(record.OVERHEAD) + kept
        record.seal(data, KIND, VERSION)
        make_folder(self._path.rsplit("/", 1)[0])
        replace(self._path, bytes(data))
        self._is_pending = kept[-1] != 0
