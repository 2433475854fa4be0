"""What can go wrong between a laptop and a box, in sentences that say what to try."""

import errno

from undertow import port
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
    """The error for a console that did not open. number: errno, where there is one."""
    if url.startswith("unix:") and number in (errno.ENOENT, errno.ECONNREFUSED):
        return _no_emulated_board(url, number)
    return port.not_opened(url, number, text, "--console", "a console has room for one")


def nobody_answers(url: str, seconds: float) -> UndertowError:
    if holders := port.holders_of(url):
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
    if holders := port.holders_of(url):
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


def no_answer(url: str, verb: str) -> UndertowError:
    """What it says has the form of an answer, and not the content of one."""
    return UndertowError(
        f"What is at {url} does not answer '{verb}' as a box does",
        "Something in the answer cannot be, so it is no box of ours, or a box with other firmware.",
        "Check that this is the box's port; flash the box anew by ./invoke flash.",
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


def _no_emulated_board(url: str, number: int) -> UndertowError:
    what, why = f"There is no {url}", "An emulated board makes it when it starts."
    if number == errno.ECONNREFUSED:
        what = f"Nobody is at {url}"
        why = "No program listens there; an emulated board has its console only while it runs."
    mend = "Start the board with ./invoke run, or correct --console."
    return UndertowError(what, why, mend, EXIT_NO_BOX)


def _last_line(heard: bytes) -> str:
    """The end of what was heard, as text that is safe to show."""
    lines = [line for line in heard.splitlines() if line.strip()]
    text = lines[-1][-SHOWN_LEN:] if lines else b""
    return "".join(chr(byte) if 0x20 <= byte < 0x7F else "." for byte in text)
