"""The folder in which a gateway keeps everything: for its owner alone, changed by one at a time."""

import contextlib
import fcntl
import os
import time
from collections.abc import Iterator
from pathlib import Path

from undertow.errors import EXIT_PORT, EXIT_REFUSED, UndertowError
from undertow.gateway.disk import MODE_FOLDER, Disk, replace

DEFAULT = Path("/var/lib/undertow/gateway")
VARIABLE = "UNDERTOW_GATEWAY"

LOCK = "lock"
RUN_LOCK = "run.lock"
PAIR_LOCK = "pair.lock"
# How long a command waits for another that changes something; each takes milliseconds.
PATIENCE_S = 10.0
LEN_MAX = 1 << 22


def chosen(name: str = "") -> Path:
    """The folder: as named, else UNDERTOW_GATEWAY, else /var/lib/undertow/gateway."""
    named = name or os.environ.get(VARIABLE, "")
    return Path(named).expanduser().absolute() if named else DEFAULT


class Folder:
    def __init__(self, path: Path, disk: Disk | None = None) -> None:
        """Make it where it is missing. UndertowError: this user may not use it."""
        self.path = path
        self.disk = disk or Disk()
        try:
            path.mkdir(mode=MODE_FOLDER, parents=True, exist_ok=True)
            status = path.stat()
            if status.st_uid not in _trusted():
                raise _of_another(path, status.st_uid)
            if status.st_mode & 0o077:
                path.chmod(MODE_FOLDER)
            if not os.access(path, os.R_OK | os.W_OK | os.X_OK):
                raise PermissionError(13, os.strerror(13))
        except OSError as error:
            raise UndertowError(
                f"The gateway's folder {path} cannot be used",
                f"The system says: {error.strerror}.",
                "Run this with sudo, or name a folder of yours: --state DIR or UNDERTOW_GATEWAY.",
                EXIT_PORT,
            ) from error

    def read(self, name: str) -> bytearray | None:
        """What is in a file, in one buffer that its reader may wipe; None: there is none."""
        path = self.path / name
        try:
            with open(path, "rb", buffering=0) as file:
                status = os.fstat(file.fileno())
                if status.st_uid not in _trusted():
                    raise _of_another(path, status.st_uid)
                if status.st_mode & 0o077:
                    raise _open_to_others(path)
                if status.st_size > LEN_MAX:
                    raise broken(path, f"it has {status.st_size} bytes, which none of ours has")
                buffer = bytearray(status.st_size)
                count = file.readinto(buffer)
                del buffer[count:]
                return buffer
        except FileNotFoundError:
            return None
        except OSError as error:
            raise UndertowError(
                f"{path} cannot be read",
                f"The system says: {error.strerror}.",
                "Run this as the user whose gateway it is, for example with sudo.",
                EXIT_PORT,
            ) from error

    def write(self, name: str, data: bytes | bytearray) -> None:
        """Put data into a file, whole or not at all."""
        path = self.path / name
        try:
            replace(self.disk, path, data)
        except OSError as error:
            raise UndertowError(
                f"{path} cannot be written",
                f"The system says: {error.strerror}. What was there before is still there.",
                "Make room, or see that the disk can be written; then run this again.",
            ) from error

    def remove(self, name: str) -> None:
        self.disk.remove(self.path / name)

    @contextlib.contextmanager
    def locked(self) -> Iterator[None]:
        """Nobody else changes anything for the length of a with block."""
        with self._lock_file(LOCK) as lock:
            end = time.monotonic() + PATIENCE_S
            while not _try_lock(lock):
                if time.monotonic() > end:
                    raise UndertowError(
                        f"Another command has held {self.path / LOCK} for {PATIENCE_S:.0f} s",
                        "Two at once would lose what one of them changes.",
                        "End the other `undertow gateway` command, and run this again.",
                        EXIT_PORT,
                    )
                time.sleep(0.01)
            yield

    @contextlib.contextmanager
    def running(self) -> Iterator[None]:
        """Only one gateway runs from this folder for the length of a with block."""
        with self._lock_file(RUN_LOCK) as lock:
            if not _try_lock(lock):
                raise UndertowError(
                    f"A gateway already runs from {self.path}",
                    "There can be one for each folder: it has the key and the addresses.",
                    "Stop that one (Ctrl-C, or systemctl stop undertow-gateway); boxes that are "
                    "added need no new start.",
                    EXIT_PORT,
                )
            yield

    @contextlib.contextmanager
    def pairing(self) -> Iterator[None]:
        """Only one room is open for the length of a with block."""
        with self._lock_file(PAIR_LOCK) as lock:
            if not _try_lock(lock):
                raise UndertowError(
                    "A room is open already",
                    "One box is let in after the other: a code that does not match has to have "
                    "its wait before the next is shown.",
                    "End the other `undertow gateway pair`, or wait until its room closes.",
                    EXIT_PORT,
                )
            yield

    def is_running(self) -> bool:
        """Whether a gateway runs from this folder."""
        with self._lock_file(RUN_LOCK) as lock:
            return not _try_lock(lock)

    @contextlib.contextmanager
    def _lock_file(self, name: str) -> Iterator[int]:
        flags = os.O_RDWR | os.O_CREAT | os.O_CLOEXEC
        try:
            descriptor = os.open(self.path / name, flags, 0o600)
        except OSError as error:
            raise UndertowError(
                f"{self.path / name} cannot be opened",
                f"The system says: {error.strerror}.",
                "Run this as the user whose gateway it is, for example with sudo.",
                EXIT_PORT,
            ) from error
        try:
            yield descriptor
        finally:
            os.close(descriptor)


def _try_lock(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def broken(path: Path, why: str) -> UndertowError:
    """A file that is not as we write it: named, and never overwritten."""
    return UndertowError(
        f"{path} is broken",
        f"That is: {why}. It is left as it is.",
        "Put back a copy of it; or move it away, to begin anew without what was in it.",
        EXIT_REFUSED,
    )


def _trusted() -> set[int]:
    """Whose folders and files may say whom to let in: ours, root's; of whom called sudo."""
    ours = os.geteuid()
    caller = os.environ.get("SUDO_UID", "")
    return {0, ours} | ({int(caller)} if ours == 0 and caller.isdecimal() else set())


def _of_another(path: Path, owner: int) -> UndertowError:
    return UndertowError(
        f"{path} belongs to another user (number {owner})",
        "Whoever owns it could put a key of his own there, or let himself in.",
        f"If it is yours all the same: sudo chown -R {os.geteuid()} {path}. Else begin anew in "
        "another folder: --state DIR.",
        EXIT_REFUSED,
    )


def _open_to_others(path: Path) -> UndertowError:
    return UndertowError(
        f"{path} can be read by others",
        "It may hold keys, which are for its owner alone.",
        f"Run: chmod 600 {path}. If others had a chance to read it, begin anew in another folder.",
        EXIT_REFUSED,
    )
