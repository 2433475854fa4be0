"""The document "box" (firmware/box/box_document.py), made from what the user names."""

import ipaddress
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from undertow.errors import EXIT_REFUSED, EXIT_USAGE, UndertowError
from undertow.provisioning import wifi
from undertow.provisioning.wifi import Network
from wg.keytext import wipe

DHCP = "dhcp"
MEDIA = ("auto", "ethernet", "wifi")
NAME_LEN_MAX = 32
NETWORKS_MAX = 8
DEFAULT_NAME = "undertow"


@dataclass
class BoxWanted:
    """What a box is to be, read and checked; the passwords in it are wiped by wipe().

    What is empty was not named: it stays as it is, or in a new box as boxes are by default.
    uplink: "dhcp", or ADDRESS/LENGTH,GATEWAY and perhaps name servers behind further commas.
    medium: one of MEDIA. networks: to join, the first is preferred. lan: the box's ADDRESS/LENGTH
    there. lan_ssid, lan_password: of its own Wi-Fi.
    """

    name: str = ""
    uplink: str = ""
    medium: str = ""
    networks: list[Network] = field(default_factory=list)
    lan: str = ""
    lan_ssid: str = ""
    lan_password: bytearray | None = field(default=None, repr=False)

    def wipe(self) -> None:
        for network in self.networks:
            network.wipe()
        if self.lan_password is not None:
            wipe(self.lan_password)

    def check(self) -> None:
        """UndertowError: something in it cannot be used. Whether it fits is for the box to say."""
        wipe(compose(self))
        if len(self.networks) > NETWORKS_MAX:
            raise UndertowError(
                f"{len(self.networks)} Wi-Fi networks are too many",
                f"A box keeps {NETWORKS_MAX}.",
                "Name those that it will meet next.",
                EXIT_REFUSED,
            )
        names = [network.ssid for network in self.networks]
        for name in names:
            if names.count(name) > 1:
                raise UndertowError(
                    f"The Wi-Fi network '{name}' is named twice",
                    "A box has one password for a name.",
                    "Name it once.",
                    EXIT_USAGE,
                )


def name_after(config: str) -> str:
    """The name of a box that got no other: that of its tunnel's file."""
    stem = re.sub(r"[^A-Za-z0-9-]+", "-", Path(config).stem).strip("-")
    return stem[:NAME_LEN_MAX].rstrip("-") or DEFAULT_NAME


def default_ssid(mac: str) -> str:
    """How a box calls its own Wi-Fi when nobody says otherwise. mac: 02:75:74:00:1a:2b."""
    return "undertow-" + mac.replace(":", "")[-4:]


def compose(wanted: BoxWanted, keeps: bool = False) -> bytearray:
    """The document's text, to be wiped.

    keeps: what is not named stays as the box has it, passwords too, which nobody can ask it for.
    UndertowError: something is not of the form that it should have.
    """
    if not re.fullmatch(r"[A-Za-z0-9]([A-Za-z0-9-]{0,30}[A-Za-z0-9])?", wanted.name or "x"):
        raise _wrong(
            "--name",
            wanted.name,
            "it cannot be a name",
            f"Use letters, digits and '-', at most {NAME_LEN_MAX} of them.",
        )
    pieces: list[str | bytearray] = [f"[Box]\nName = {wanted.name or DEFAULT_NAME}\n"]
    kept = []
    if wanted.uplink or wanted.medium or not keeps:
        pieces += _uplink(wanted)
    else:
        kept.append("Uplink")
    for network in wanted.networks:
        pieces.append(f"\n[WiFi]\nSSID = {_text(network.ssid)}\n")
        pieces += _password(network.password)
    if not wanted.networks:
        kept.append("WiFi")
    if wanted.lan or wanted.lan_ssid or wanted.lan_password:
        pieces += _lan(wanted)
        if wanted.lan_password is None:
            kept.append("Password")
    else:
        kept.append("LAN")
    if keeps and kept:
        pieces.append(f"\n[Keep]\nWhat = {', '.join(kept)}\n")
    return _joined(pieces)


def _lan(wanted: BoxWanted) -> list[str | bytearray]:
    pieces: list[str | bytearray] = ["\n[LAN]\n"]
    if wanted.lan:
        _interface("--lan", wanted.lan, "Write it like 10.20.30.1/24.")
        pieces.append(f"Address = {wanted.lan}\n")
    if wanted.lan_ssid:
        wifi.check_ssid(wanted.lan_ssid, "--lan-ssid")
        pieces.append(f"SSID = {_text(wanted.lan_ssid)}\n")
    return pieces + _password(wanted.lan_password)


def _uplink(wanted: BoxWanted) -> list[str | bytearray]:
    lines: list[str | bytearray] = ["\n[Uplink]\n"]
    if wanted.medium:
        if wanted.medium not in MEDIA:
            raise _wrong("--medium", wanted.medium, "there is none", f"Write {_any_of(MEDIA)}.")
        lines.append(f"Medium = {wanted.medium}\n")
    return lines + [f"{line}\n" for line in _addresses(wanted.uplink or DHCP)]


def _addresses(text: str) -> list[str]:
    if text.lower() == DHCP:
        return ["Mode = dhcp"]
    mend = "Write 'dhcp', or address, gateway and name servers: 192.0.2.7/24,192.0.2.1,9.9.9.9."
    address, *others = [part.strip() for part in text.split(",")]
    if not others:
        raise _wrong("--uplink", text, "a fixed address needs a gateway", mend)
    _interface("--uplink", address, mend)
    for other in others:
        try:
            ipaddress.IPv4Address(other)
        except ValueError:
            raise _wrong("--uplink", other, "it is not an IPv4 address", mend) from None
    lines = ["Mode = static", f"Address = {address}", f"Gateway = {others[0]}"]
    return lines + ([f"DNS = {', '.join(others[1:])}"] if others[1:] else [])


def _interface(flag: str, text: str, mend: str) -> None:
    try:
        ipaddress.IPv4Interface(text)
    except ValueError:
        raise _wrong(flag, text, "it is not an IPv4 address with its length", mend) from None
    if "/" not in text:
        raise _wrong(flag, text, "the length of the network is missing", mend)


def _password(password: bytearray | None) -> list[str | bytearray]:
    if password is None:
        return []
    return ["Password = ", _quoted(password), "\n"]


def _text(text: str) -> str:
    return _quoted(bytearray(text.encode())).decode()


def _quoted(value: bytearray) -> bytearray:
    """A value as the document has it: plain, or quoted where it could be taken for something else.

    In a buffer of its own, which _joined() wipes.
    """
    if not _needs_quotes(value):
        return bytearray(value)
    out = bytearray(2 + len(value) + sum(byte in b'"\\' for byte in value))
    used = 1
    out[0] = out[-1] = 0x22
    for byte in value:
        if byte in b'"\\':
            out[used] = 0x5C
            used += 1
        out[used] = byte
        used += 1
    return out


def _needs_quotes(value: bytearray) -> bool:
    return (
        not value or any(byte in b'#"\\' for byte in value) or value[0] == 0x20 or value[-1] == 0x20
    )


def _joined(pieces: Sequence[str | bytearray]) -> bytearray:
    """All of it in a buffer that has its size from the start; secret pieces are wiped."""
    size = sum(len(p) if isinstance(p, bytearray) else len(p.encode()) for p in pieces)
    out = bytearray(size)
    view = memoryview(out)
    used = 0
    for piece in pieces:
        data = piece if isinstance(piece, bytearray) else piece.encode()
        view[used : used + len(data)] = data
        used += len(data)
        if isinstance(piece, bytearray):
            wipe(piece)
    view.release()
    return out


def _any_of(words: Sequence[str]) -> str:
    quoted = [f"'{word}'" for word in words]
    return f"{', '.join(quoted[:-1])} or {quoted[-1]}"


def _wrong(flag: str, value: str, why: str, mend: str) -> UndertowError:
    return UndertowError(
        f"{flag} {value!r} cannot be used", why[:1].upper() + why[1:] + ".", mend, EXIT_USAGE
    )
