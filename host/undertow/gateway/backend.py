"""What carries the tunnel: our own data path, or the kernel's WireGuard."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from ipaddress import IPv4Address
from typing import Protocol

from _wg import PrivateKey

OWN, KERNEL = "own", "kernel"


@dataclass(frozen=True)
class Traffic:
    """What became of a box. endpoint: HOST:PORT or empty. handshake_s: since 1970; 0: never."""

    endpoint: str
    handshake_s: int
    received: int
    sent: int


@dataclass(frozen=True)
class Admission:
    """A box to let in. psk: 44 characters of base64 that the backend wipes, or None."""

    public_key: str
    address: IPv4Address
    psk: bytearray | None


class Backend(Protocol):
    """A tunnel interface and who may come in by it. UndertowError: the system refuses."""

    name: str
    interface: str

    def start(self, key: PrivateKey, port: int) -> None:
        """Make the interface, without boxes; it is not up yet."""

    def admit(self, boxes: Iterable[Admission]) -> None:
        """Let boxes in, or give those that are in their new settings; all others stay as are."""

    def dismiss(self, public_keys: Iterable[str]) -> None:
        """Shut boxes out and forget their sessions."""

    def traffic(self) -> Mapping[str, Traffic]:
        """By public key."""

    def output(self) -> int | None:
        """A descriptor with lines to log, if there is one."""

    def is_alive(self) -> bool: ...
    def stop(self) -> None:
        """Take the interface down. A second time does no harm."""
