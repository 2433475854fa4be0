"""The port of this machine at which a box is: why it does not open, and who has it open.

Talking to a box and flashing one open it alike, and say the same when that fails.
"""

import errno
import os
from pathlib import Path

from serial.tools import list_ports

from undertow.errors import EXIT_NO_BOX, EXIT_PORT, UndertowError


def not_opened(url: str, number: int | None, text: str, flag: str, use: str) -> UndertowError:
    """The error for a port that did not open.

    number: errno, where there is one. text: what the system says. flag: by which the port is named.
    use: why nobody else may have it open, after "and".
    """
    if number in (errno.EACCES, errno.EPERM):
        return UndertowError(
            f"{url} may not be opened",
            f"It belongs to {_owner_of(url)}, and you are not among them.",
            "Run `sudo usermod -aG dialout $USER`, log out and in again.",
            EXIT_PORT,
        )
    if number in (errno.EBUSY, errno.EAGAIN):
        return UndertowError(
            f"{url} is busy",
            f"{holders_of(url) or 'Another program'} has it open, and {use}.",
            "End that program (a serial monitor, perhaps) and run this again.",
            EXIT_PORT,
        )
    if number in (errno.ENOENT, errno.ENODEV, errno.ENXIO):
        names = sorted(port.device for port in list_ports.comports())
        there = f"These are there: {', '.join(names)}." if names else "There is none at all."
        return UndertowError(
            f"There is no {url}",
            f"No serial port has this name. {there}",
            f"Plug it in, with a cable that carries data and not power alone, or correct {flag}.",
            EXIT_NO_BOX,
        )
    if number == errno.ECONNREFUSED:
        return UndertowError(
            f"Nobody is at {url}",
            "No program listens there.",
            f"Start the port server, or correct {flag}.",
            EXIT_NO_BOX,
        )
    return UndertowError(
        f"{url} cannot be opened",
        f"The system says: {text.rstrip('.')}.",
        f"Check the cable and {flag}.",
        EXIT_NO_BOX,
    )


def holders_of(url: str) -> str:
    """The other programs that have a port open, as far as we may see them; empty: none."""
    try:
        wanted = os.path.realpath(url)
        found = set()
        for descriptor in Path("/proc").glob("[0-9]*/fd/*"):
            try:
                process = descriptor.parents[1]
                if os.readlink(descriptor) == wanted and process.name != str(os.getpid()):
                    name = (process / "comm").read_text().strip()
                    found.add(f"{name} (process {process.name})")
            except OSError:
                continue
    except OSError:
        found = set()
    return " and ".join(sorted(found))


def _owner_of(url: str) -> str:
    try:
        path = Path(url.removeprefix("unix:"))
        return f"user {path.owner()} and group {path.group()}"
    except (OSError, KeyError):
        return "another user"
