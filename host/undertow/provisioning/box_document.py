"""The document "box" (firmware/box/box_document.py), made from what the user names."""

import ipaddress
import re
from pathlib import Path

from undertow.errors import EXIT_USAGE, UndertowError

DHCP = "dhcp"
NAME_LEN_MAX = 32
DEFAULT_NAME = "undertow"


def name_after(config: str) -> str:
    """The name of a box that got no other: that of its tunnel's file."""
    stem = re.sub(r"[^A-Za-z0-9-]+", "-", Path(config).stem).strip("-")
    return stem[:NAME_LEN_MAX].rstrip("-") or DEFAULT_NAME


def compose(name: str, uplink: str = DHCP, lan: str = "") -> bytearray:
    """The document's text.

    uplink: "dhcp", or ADDRESS/LENGTH,GATEWAY and perhaps name servers behind further commas.
    lan: the box's ADDRESS/LENGTH there; empty: the box chooses.
    UndertowError: one of them is not of that form. Whether it fits is for the box to say.
    """
    if any(ord(character) < 0x20 for character in name):
        raise _wrong("--name", name, "it is more than one line", "Give a short name.")
    lines = ["[Box]", f"Name = {name}", "", "[Uplink]", *_uplink(uplink)]
    if lan:
        _interface("--lan", lan, "Write it like 10.20.30.1/24.")
        lines += ["", "[LAN]", f"Address = {lan}"]
    return bytearray("\n".join([*lines, ""]).encode())


def _uplink(text: str) -> list[str]:
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


def _wrong(flag: str, value: str, why: str, mend: str) -> UndertowError:
    return UndertowError(
        f"{flag} {value!r} cannot be used", why[:1].upper() + why[1:] + ".", mend, EXIT_USAGE
    )
