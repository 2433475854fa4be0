"""The box's own Wi-Fi: it never is an open one, so it needs a password, given or made here."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from undertow.console import Hello
from undertow.console.problem import Problem
from undertow.provisioning import wifi
from undertow.provisioning.box_document import BoxWanted, default_ssid
from undertow.terminal import prompt
from wg.keytext import wipe


@dataclass
class AccessPoint:
    """Its name and its password, to be shown once and wiped."""

    ssid: str
    password: bytearray = field(repr=False)

    def wipe(self) -> None:
        wipe(self.password)


def make(wanted: BoxWanted, box: Hello) -> AccessPoint | None:
    """Give a box that has Wi-Fi and gets its first settings a password; None: not this time.

    It is made only where somebody sees it: a file with what a program printed is no place for it.
    """
    if not box.wifi or box.name is not None or wanted.lan_password is not None:
        return None
    if not prompt.is_watched():
        return None
    wanted.lan_ssid = wanted.lan_ssid or default_ssid(box.mac)
    wanted.lan_password = wifi.make_password()
    return AccessPoint(wanted.lan_ssid, bytearray(wanted.lan_password))


def notes(wanted: BoxWanted | None, box: Hello) -> Iterator[Problem]:
    """What the user may not expect."""
    if wanted is None or not box.wifi or box.name is not None or wanted.lan_password is not None:
        return
    yield Problem(
        "note",
        "the box's own Wi-Fi stays off: it has no password, and one is made only where somebody "
        "sees it",
        "Name a file with one by --lan-password-file.",
    )
