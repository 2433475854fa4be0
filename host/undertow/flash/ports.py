"""The ports at which a board may be: what the system knows, and which one is meant."""

import json as json_text
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import serial
from serial.tools import list_ports

from undertow.errors import EXIT_NO_BOX, EXIT_USAGE, UndertowError
from undertow.flash import failure
from undertow.hardware import boards
from undertow.terminal import plain, prompt

_ESPRESSIF = 0x303A
# Bridges that ESP boards carry, by the ids that their makers gave them.
_BRIDGES = {
    (0x10C4, 0xEA60): "CP210x bridge",
    (0x10C4, 0xEA70): "CP2105 bridge",
    (0x1A86, 0x7522): "CH340 bridge",
    (0x1A86, 0x7523): "CH340 bridge",
    (0x1A86, 0x55D4): "CH9102 bridge",
    (0x1A86, 0x55D3): "CH343 bridge",
    (0x0403, 0x6001): "FT232 bridge",
    (0x0403, 0x6010): "FT2232 bridge",
    (0x0403, 0x6015): "FT231X bridge",
    (_ESPRESSIF, 0x1001): "the USB of an ESP chip",
    (_ESPRESSIF, 0x1002): "the USB of an ESP chip",
}


@dataclass(frozen=True)
class Port:
    """A serial port. vid, pid: of USB; None: it has none. boards: that may be there."""

    device: str
    description: str
    vid: int | None
    pid: int | None
    serial_number: str
    boards: tuple[str, ...]

    @property
    def bridge(self) -> str:
        """What its ids stand for; empty: not known."""
        if self.vid is None or self.pid is None:
            return ""
        known = "an Espressif device" if self.vid == _ESPRESSIF else ""
        return _BRIDGES.get((self.vid, self.pid), known)

    @property
    def ids(self) -> str:
        return "" if self.vid is None else f"{self.vid:04X}:{self.pid or 0:04X}"

    def as_text(self) -> str:
        """One line for people."""
        words = [self.device, self.description, self.ids and f"[{self.ids}]"]
        text = "  ".join(word for word in words if word)
        if self.boards:
            return f"{text}  {self.bridge}; may be: {', '.join(self.boards)}"
        return f"{text}  {self.bridge}".rstrip()

    def as_object(self) -> dict[str, object]:
        return {
            "port": self.device,
            "description": self.description,
            "vid": self.vid,
            "pid": self.pid,
            "serial_number": self.serial_number,
            "bridge": self.bridge,
            "boards": list(self.boards),
        }


def listing() -> list[Port]:
    """All ports of this machine, those that can be a board first."""
    found = [
        Port(
            info.device,
            _description(info.description, info.device),
            info.vid,
            info.pid,
            plain.text(info.serial_number or ""),
            _boards_at(info.vid, info.pid),
        )
        for info in list_ports.comports()
    ]
    return sorted(found, key=lambda port: (not port.bridge, port.vid is None, port.device))


def choose(named: str, there: Sequence[Port] | None = None) -> str:
    """The port that is meant: the one that is named, else the one that can be a board.

    Several: a person is asked. UndertowError: there is none, or nobody to ask.
    """
    if named:
        return named
    candidates = [port for port in (listing() if there is None else there) if port.vid is not None]
    if not candidates:
        raise UndertowError(
            "There is no port with a board",
            "No USB device with a serial port is plugged in, or the system has no driver for it.",
            "Plug the board in, with a cable that carries data and not power alone. On Windows and "
            "macOS a CH340 or CP210x bridge may need its maker's driver. Else name it by --port.",
            EXIT_NO_BOX,
        )
    known = [port for port in candidates if port.bridge]
    if len(known or candidates) == 1:
        return (known or candidates)[0].device
    return _ask(known or candidates)


def _ask(candidates: Sequence[Port]) -> str:
    lines = [f"  {number}  {port.as_text()}" for number, port in enumerate(candidates, 1)]
    if not prompt.has_person():
        raise UndertowError(
            f"There are {len(candidates)} ports at which a board may be",
            "\n".join(line[5:] for line in lines),
            f"Name one by --port, such as --port {candidates[0].device}.",
            EXIT_USAGE,
        )
    question = "Ports at which a board may be:\n" + "\n".join(lines) + "\nWhich one?"
    answer = prompt.ask(question, "The port", f"Name it by --port {candidates[0].device}.")
    if answer.isdigit() and 0 < int(answer) <= len(candidates):
        return candidates[int(answer) - 1].device
    for port in candidates:
        if answer == port.device:
            return answer
    raise UndertowError(
        f"'{answer[:40]}' is none of these ports",
        "They are numbered from 1.",
        "Answer with a number of the list, or name the port by --port.",
        EXIT_USAGE,
    )


def check(port: str) -> None:
    """Open a port of this machine for a moment, so that an error is told in our own words.

    It touches neither DTR nor RTS. URLs are left to esptool. UndertowError: it does not open.
    """
    if "://" in port:
        return
    try:
        tried = serial.serial_for_url(port, do_not_open=True)
        tried.dtr = tried.rts = False
        if Path(port).exists():
            tried.exclusive = True
        tried.open()
        tried.close()
    except serial.SerialException as error:
        raise failure.not_opened(port, error.errno, str(error)) from error
    except ValueError as error:
        raise failure.not_opened(port, None, str(error)) from error


def main(json: bool) -> None:
    """`undertow ports`."""
    there = listing()
    if json:
        print(json_text.dumps({"ports": [port.as_object() for port in there]}, indent=2))
        return
    for port in there:
        print(port.as_text())
    if not there:
        print("There is no serial port. If a board is plugged in: does its cable carry data?")


def _description(text: str | None, device: str) -> str:
    """What the device calls itself; pyserial's words for "no idea" are left out."""
    return "" if text in (None, "n/a", device) else plain.text(str(text))


def _boards_at(vid: int | None, pid: int | None) -> tuple[str, ...]:
    """Boards that have such a USB; those without any are behind some bridge."""
    if vid is None or (vid, pid) not in _BRIDGES:
        return ()
    found = []
    for name in boards.names():
        usb = boards.load(name).usb
        is_theirs = any((port.vid, port.pid) == (vid, pid) for port in usb)
        if is_theirs or (not usb and vid != _ESPRESSIF):
            found.append(name)
    return tuple(found)
