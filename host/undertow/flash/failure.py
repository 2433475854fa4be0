"""What can go wrong between a laptop and a chip, in sentences that say what to do.

esptool ends with status 2 for nearly everything, so what it says is looked through for the few
sentences that are known here; each leads to a message and an exit code of its own.
"""

import errno
import re

from undertow import port
from undertow.errors import EXIT_FLASH, EXIT_NO_BOX, UndertowError

_BOOT_MODE = (
    "Hold the board's BOOT button (or IO0 to GND), press and let go RESET, let go BOOT, and run "
    "this again."
)
_AGAIN = "Running this again finishes it: what is written already is not written again."
_SHOWN_LINES = 6


def not_opened(url: str, number: int | None, text: str) -> UndertowError:
    """The error for a port that did not open. number: errno, where there is one."""
    return port.not_opened(url, number, text, "--port", "a flash needs it alone")


def silent(url: str) -> UndertowError:
    return UndertowError(
        f"No chip answers at {url}",
        "Not one byte came: it has no power, the cable carries power alone, or it is not in "
        "download mode.",
        f"Check the cable. {_BOOT_MODE}",
        EXIT_NO_BOX,
    )


def other_speaker(url: str) -> UndertowError:
    return UndertowError(
        f"What is at {url} does not answer as a chip in download mode",
        "Something comes, but no answer: the chip runs its program, or this is no ESP chip.",
        _BOOT_MODE,
        EXIT_NO_BOX,
    )


def stuck(url: str, seconds: float) -> UndertowError:
    return UndertowError(
        f"The chip at {url} stopped answering",
        f"For {seconds:g} s nothing came, in the middle of a conversation.",
        f"Turn the board off and on. {_AGAIN}",
        EXIT_FLASH,
    )


def wrong_chip(url: str, found: str, board: str, wanted: str) -> UndertowError:
    return UndertowError(
        f"The chip at {url} is an {found}, and {board} has an {wanted}",
        "It would not start these images. Nothing was written.",
        "Name the board that this is by --board, or the port of the other one by --port.",
        EXIT_FLASH,
    )


def small_flash(url: str, found: int, board: str, wanted: int) -> UndertowError:
    return UndertowError(
        f"The flash at {url} is too small for {board}",
        f"It has {found >> 10} KiB, and its partitions need {wanted >> 10}. Nothing was written.",
        "Name the board that this is by --board.",
        EXIT_FLASH,
    )


def other_layout(url: str) -> UndertowError:
    return UndertowError(
        f"The flash at {url} holds something else",
        "Its partition table is another, and there are data where a box's keys and files go. "
        "Nothing was written.",
        "If all of it may go, also keys that are on it, add --erase.",
        EXIT_FLASH,
    )


def interrupted(url: str) -> str:
    """What is said on Ctrl-C, when something may have been written."""
    return f"The flash at {url} is not complete. {_AGAIN}"


def of_esptool(url: str, said: str) -> UndertowError:
    """What esptool's last words mean."""
    for pattern, make in _KNOWN:
        if re.search(pattern, said):
            return make(url, said)
    lines = [line for line in said.splitlines() if line.strip() and "http" not in line]
    return UndertowError(
        f"The chip at {url} cannot be flashed",
        "esptool says:\n" + "\n".join(lines[-_SHOWN_LINES:]),
        f"{_AGAIN} If it stays so, try another cable and a lower --baud.",
        EXIT_FLASH,
    )


def is_no_answer(said: str) -> bool:
    """Whether esptool found nobody to talk to."""
    return re.search(_NO_CONNECTION, said) is not None


def _not_opened(url: str, said: str) -> UndertowError:
    found = re.search(r"\[Errno (\d+)\]", said)
    lines = [line for line in said.splitlines() if line.startswith("(")]
    return not_opened(url, int(found[1]) if found else None, " ".join(lines).strip("()"))


def _locked_port(url: str, _said: str) -> UndertowError:
    return not_opened(url, errno.EBUSY, "")


def _lost(url: str, _said: str) -> UndertowError:
    return UndertowError(
        f"The line to {url} broke off",
        "The cable was pulled, or the board lost its power; the flash is not complete.",
        f"Plug it in. {_AGAIN}",
        EXIT_FLASH,
    )


def _wrong_md5(url: str, _said: str) -> UndertowError:
    return UndertowError(
        f"The flash at {url} holds something else than was written",
        "What was read back has another MD5: the flash is worn out, or gets too little power.",
        f"Try another cable or supply. {_AGAIN}",
        EXIT_FLASH,
    )


def _refused_block(url: str, said: str) -> UndertowError:
    found = re.search(r"after seq (\d+) \(result was (\w+)", said)
    which = f"block {found[1]} (result {found[2]})" if found else "a block"
    return UndertowError(
        f"The chip at {url} refused what it was to write",
        f"It refused {which} three times: the line garbles bytes, or the flash is write-protected.",
        f"Try another cable and a lower --baud, such as 115200. {_AGAIN}",
        EXIT_FLASH,
    )


def _no_stub(url: str, _said: str) -> UndertowError:
    return UndertowError(
        f"The chip at {url} does not start esptool's helper",
        "It took the helper into its memory and did not answer afterwards. Nothing was written.",
        f"Turn the board off and on. {_BOOT_MODE}",
        EXIT_FLASH,
    )


def _locked_chip(url: str, _said: str) -> UndertowError:
    return UndertowError(
        f"The chip at {url} is locked",
        "Secure boot, flash encryption or secure download is burned into it, and what is written "
        "in plain would not start.",
        "It takes only images that are signed and encrypted for it; this cannot be undone.",
        EXIT_FLASH,
    )


def _other_chip(url: str, said: str) -> UndertowError:
    found = re.search(r"This chip is (\S+), not (\S+?)\.", said)
    words = f"It is an {found[1]}, and an {found[2]} was there" if found else "It is another"
    return UndertowError(
        f"The chip at {url} was exchanged",
        f"{words} a moment ago.",
        "Run this again, with one board at that port.",
        EXIT_FLASH,
    )


_NO_CONNECTION = r"Failed to connect to|No serial data received|Wrong boot mode"
_KNOWN = (
    (r"Could not exclusively lock port|Resource temporarily unavailable", _locked_port),
    (r"Could not open .*the port is busy", _not_opened),
    (r"Failed to connect to [^\n]*No serial data received", lambda url, _: silent(url)),
    (_NO_CONNECTION, lambda url, _: other_speaker(url)),
    (r"This chip is \S+, not", _other_chip),
    (r"Failed to start stub flasher", _no_stub),
    (r"MD5 of file does not match", _wrong_md5),
    (r"Failed to write (compressed data )?to (target )?flash", _refused_block),
    (r"Secure Boot V1|[Ff]lash encryption|Secure Download Mode|secure download mode", _locked_chip),
    (r"A serial exception error|Lost connection|No more data to read|stopped responding", _lost),
)
