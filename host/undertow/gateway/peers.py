"""The boxes that a gateway knows."""

import re
from binascii import a2b_base64
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from ipaddress import IPv4Address
from typing import Any

from pairing.info import is_name
from undertow.gateway import document
from undertow.gateway.document import BadValueError
from wg.keytext import is_base64_key, is_zero_text

VERIFIED, NOT_VERIFIED, KEY_CHANGED = "verified", "not verified", "KEY CHANGED"

PSK_FILE = re.compile(r"psk-[0-9a-f]{16}")


@dataclass(frozen=True)
class Verified:
    """What two people have compared: both ends' public keys, in base64; when, in seconds."""

    public_key: str
    own: str
    at_s: int


@dataclass(frozen=True)
class Peer:
    """A box. public_key: base64. address: its own inside the tunnel. psk: the file with it."""

    name: str
    public_key: str
    address: IPv4Address
    psk: str | None = None
    verified: Verified | None = None

    def state(self, own: str) -> str:
        """What is known about its key; own: this gateway's public key."""
        if self.verified is None:
            return NOT_VERIFIED
        is_same = (self.verified.public_key, self.verified.own) == (self.public_key, own)
        return VERIFIED if is_same else KEY_CHANGED


@dataclass
class Peers:
    """All of them by name; reserved: addresses promised to boxes that pair, until when."""

    by_name: dict[str, Peer] = field(default_factory=dict)
    reserved: dict[IPv4Address, int] = field(default_factory=dict)

    def with_key(self, public_key: str) -> Peer | None:
        return next((p for p in self.by_name.values() if p.public_key == public_key), None)

    def put(self, peer: Peer) -> None:
        """Add it, or put it in place of the one of its name. BadValueError: it clashes."""
        for other in self.by_name.values():
            if other.name == peer.name:
                continue
            if other.public_key == peer.public_key:
                raise BadValueError(f"'{other.name}' has the key of '{peer.name}'")
            if other.address == peer.address:
                raise BadValueError(f"'{other.name}' has the address {peer.address}")
        self.by_name[peer.name] = peer

    def psk_files(self) -> set[str]:
        return {peer.psk for peer in self.by_name.values() if peer.psk is not None}


def encode(peers: Peers) -> dict[str, Any]:
    listed = sorted(peers.by_name.values(), key=lambda peer: peer.address)
    return {
        "peers": [{**asdict(peer), "address": str(peer.address)} for peer in listed],
        "reserved": {str(address): until_s for address, until_s in peers.reserved.items()},
    }


def decode(content: Mapping[str, Any]) -> Peers:
    """BadValueError: it is not what encode() makes."""
    document.expect(content, {"peers": list, "reserved": dict})
    peers = Peers()
    for entry in content["peers"]:
        peer = _peer(entry)
        if peer.name in peers.by_name:
            raise BadValueError(f"'{peer.name}' is there twice")
        peers.put(peer)
    for address, until_s in content["reserved"].items():
        if type(until_s) is not int:
            raise BadValueError("'reserved' has no time")
        peers.reserved[address_of(address)] = until_s
    return peers


def _peer(entry: object) -> Peer:
    if not isinstance(entry, dict):
        raise BadValueError("a peer is no object")
    kinds: dict[str, type] = {"name": str, "public_key": str, "address": str}
    document.expect({k: v for k, v in entry.items() if k not in ("psk", "verified")}, kinds)
    name, psk = entry["name"], entry.get("psk")
    if not is_name(name):
        raise BadValueError(f"{name!r} is no name")
    check_key(entry["public_key"])
    if psk is not None and not (isinstance(psk, str) and PSK_FILE.fullmatch(psk)):
        raise BadValueError(f"'{name}' has no right file for its preshared key")
    verified = _verified(entry.get("verified"))
    return Peer(name, entry["public_key"], address_of(entry["address"]), psk, verified)


def _verified(entry: object) -> Verified | None:
    if entry is None:
        return None
    if not isinstance(entry, dict):
        raise BadValueError("'verified' is no object")
    document.expect(entry, {"public_key": str, "own": str, "at_s": int})
    check_key(entry["public_key"])
    check_key(entry["own"])
    return Verified(**entry)


def check_key(text: str) -> bytes:
    """The 32 bytes of a public key in base64. BadValueError: it is none."""
    data = text.encode()
    if not is_base64_key(data) or is_zero_text(data):
        raise BadValueError(f"{text[:60]!r} is no public key: 44 characters of base64")
    return a2b_base64(data)


def address_of(text: str) -> IPv4Address:
    try:
        return IPv4Address(text)
    except ValueError:
        raise BadValueError(f"{text[:40]!r} is no IPv4 address") from None
