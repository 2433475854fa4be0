"""What can go wrong between a laptop and a box, in sentences that say what to try."""

import errno
import os
from pathlib import Path

from serial.tools import list_ports

from undertow.errors import EXIT_NO_BOX, EXIT_PORT, UndertowError

SHOWN_LEN = 60


def no_url(url: str, why: str) -> UndertowError:
    return UndertowError(
        f"'{url}' names no console",
        why,
        "Give --console a port such as /dev/ttyUSB0, socket://HOST:PORT or unix:PATH.",
        EXIT_NO_BOX,
    )


def not_opened(url: str, number: int | None, text: str) -> UndertowError:
    """The error for a port that did not open. number: errno, where there is one."""
    if number in (errno.EACCES, errno.EPERM):
        return UndertowError(
            f"{url} may not be opened",
            f"It belongs to {owner_of(url)}, and you are not among them.",
            "Run `sudo usermod -aG dialout $USER`, log out and in again.",
            EXIT_PORT,
        )
    if number in (errno.EBUSY, errno.EAGAIN):
        return UndertowError(
            f"{url} is busy",
            f"{holders_of(url) or 'Another program'} has it open, and a console has room for one.",
            "End that program and run this again.",
            EXIT_PORT,
        )
    if number in (errno.ENOENT, errno.ENODEV, errno.ENXIO):
        return _no_port(url)
    if number == errno.ECONNREFUSED:
        return UndertowError(
            f"Nobody is at {url}",
            "No program listens there; an emulated board has its console only while it runs.",
            "Start the board with ./invoke run, or correct --console.",
            EXIT_NO_BOX,
        )
    return UndertowError(
        f"{url} cannot be opened",
        f"The system says: {text.rstrip('.')}.",
        "Check the cable and the name of the port.",
        EXIT_NO_BOX,
    )


def nobody_answers(url: str, seconds: float) -> UndertowError:
    if holders := holders_of(url):
        return _shared(f"Nobody answers at {url}", holders)
    return UndertowError(
        f"Nobody answers at {url}",
        f"In {seconds:g} s not one byte came.",
        "Check that the box has power, that the cable carries data and not power alone, and that "
        "no other program has the console open.",
        EXIT_NO_BOX,
    )


def no_box(url: str, heard: bytes, seconds: float) -> UndertowError:
    """Something is at the line, but it does not speak our protocol."""
    if holders := holders_of(url):
        return _shared(f"What is at {url} does not answer as a box", holders)
    return UndertowError(
        f"What is at {url} does not answer as a box",
        f"In {seconds:g} s {len(heard)} bytes came, and no answer among them; the last line was "
        f"'{_last_line(heard)}'.",
        "Check that this is the box's port, and that it runs Undertow: a box that was never "
        "flashed is flashed by ./invoke flash.",
        EXIT_NO_BOX,
    )


def silent(url: str, verb: str, seconds: float) -> UndertowError:
    """The box answered before, and now does not."""
    return UndertowError(
        f"The box at {url} stopped answering",
        f"It was asked for '{verb}', again and again for {seconds:g} s.",
        "Run this again: it goes on where it stopped. If it stays so, turn the box off and on.",
        EXIT_NO_BOX,
    )


def lost(url: str) -> UndertowError:
    return UndertowError(
        f"The line to {url} broke off",
        "The cable was pulled, or the emulated board has ended.",
        "Plug it in and run this again: it goes on where it stopped.",
        EXIT_NO_BOX,
    )


def other_protocol(url: str, why: str, mend: str) -> UndertowError:
    return UndertowError(
        f"The box at {url} speaks another version of the console's protocol",
        why[:1].upper() + why[1:] + ".",
        mend,
        EXIT_NO_BOX,
    )


def _shared(what: str, holders: str) -> UndertowError:
    """Others have the port open and do not say so to the system: each gets a part of the bytes."""
    return UndertowError(
        what,
        f"{holders} has it open, too, and takes what the box says.",
        "End that program and run this again.",
        EXIT_PORT,
    )


def owner_of(url: str) -> str:
    try:
        path = Path(url.removeprefix("unix:"))
        return f"user {path.owner()} and group {path.group()}"
    except (OSError, KeyError):
        return "another user"


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


def _no_port(url: str) -> UndertowError:
    if url.startswith("unix:"):
        why = "An emulated board makes it when it starts."
        mend = "Start the board with ./invoke run, or correct --console."
    else:
        names = sorted(port.device for port in list_ports.comports())
        there = f"These are there: {', '.join(names)}." if names else "There is none at all."
        why = f"No serial port has this name. {there}"
        mend = (
            "Plug the box in, with a cable that carries data and not power alone, or correct "
            "--console."
        )
    return UndertowError(f"There is no {url}", why, mend, EXIT_NO_BOX)


def _last_line(heard: bytes) -> str:
    """The end of what was heard, as text that is safe to show."""
    lines = [line for line in heard.splitlines() if line.strip()]
    text = lines[-1][-SHOWN_LEN:] if lines else b""
    return "".join(chr(byte) if 0x20 <= byte < 0x7F else "." for byte in text)
