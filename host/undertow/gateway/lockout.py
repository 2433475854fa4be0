"""The lockout after codes that did not match, kept over runs of the program and over reboots."""

import time
from pathlib import Path

from pairing.errors import PairingError
from pairing.lockout import Lockout
from undertow.gateway import document
from undertow.gateway.folder import Folder, broken

FILE = "lockout.json"
BOOT_ID = Path("/proc/sys/kernel/random/boot_id")


def now_ms() -> int:
    """Of a clock that goes on while the machine sleeps, and that nobody sets."""
    return time.clock_gettime_ns(time.CLOCK_BOOTTIME) // 1_000_000


def boot_id() -> str:
    return BOOT_ID.read_text().strip()


class KeptLockout:
    """Counts a failure when a code is about to be shown, and takes it back when both confirmed.

    So whoever ends the program in between, by a power cut even, wins no further try.
    """

    def __init__(self, folder: Folder, boot: str | None = None) -> None:
        self.folder = folder
        self.boot = boot or boot_id()

    def locked_s(self, at_ms: int) -> int:
        """Seconds until a run may begin; 0: now."""
        return self._load(at_ms).locked_s(at_ms)

    def fail(self, at_ms: int) -> None:
        lockout = self._load(at_ms)
        lockout.fail(at_ms)
        self._store(lockout, at_ms)

    def extend(self, at_ms: int) -> None:
        """The failure that was counted has come true only now: the wait begins now."""
        lockout = self._load(at_ms)
        lockout.failures = max(lockout.failures - 1, 0)
        lockout.fail(at_ms)
        self._store(lockout, at_ms)

    def succeed(self, at_ms: int) -> None:
        self._store(Lockout(), at_ms)

    def _load(self, at_ms: int) -> Lockout:
        found = document.load(self.folder, FILE)
        if found is None:
            return Lockout()
        try:
            document.expect(found, {"kept": str, "boot": str, "failed_at_ms": int})
            lockout = Lockout.decode(bytes.fromhex(found["kept"]), at_ms)
        except (ValueError, PairingError) as error:
            raise broken(self.folder.path / FILE, str(error).rstrip(".")) from None
        if not lockout.failures:
            return lockout
        if found["boot"] == self.boot and found["failed_at_ms"] <= at_ms:
            lockout.failures -= 1
            lockout.fail(found["failed_at_ms"])
        else:
            # Nobody knows how long the machine was off: a wait that was not over begins anew.
            self._store(lockout, at_ms)
        return lockout

    def _store(self, lockout: Lockout, at_ms: int) -> None:
        content = {
            "kept": lockout.encode(at_ms).hex(),
            "boot": self.boot,
            "failed_at_ms": at_ms,
        }
        document.store(self.folder, FILE, content)
