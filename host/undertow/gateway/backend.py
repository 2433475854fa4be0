"""What carries the tunnel: our own data path, or the kernel's WireGuard."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from ipaddress import IPv4Address
from typing import Protocol

from _wg import PrivateKey

from undertow.gateway.carriers import Secrets
from undertow.gateway.streams.sink import Sink

OWN, KERNEL = "own", "kernel"


@dataclass(frozen=True)
class Traffic:
    """What became of a box. endpoint: HOST:PORT or empty. handshake_s: since 1970; 0: never.

    way: by which it came last, for people, such as "UDP 443, shaped" or "TLS"; empty: not known.
    """

    endpoint: str
    handshake_s: int
    received: int
    sent: int
    way: str = ""


@dataclass(frozen=True)
class Wire:
    """How datagrams arrive. port: UDP, which has to be had. more: further ones, which may fail.

    secrets: of the shape that boxes may use besides WireGuard's; None: there is no such.
    """

    port: int
    more: tuple[int, ...] = ()
    secrets: Secrets | None = None


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

    def start(self, key: PrivateKey, wire: Wire) -> None:
        """Make the interface, without boxes; it is not up yet."""

    def set_ports(self, wire: Wire) -> None:
        """Have other further ports from now on."""

    def refused(self) -> Mapping[int, str]:
        """The further ports that cannot be had, and why."""

    def redirected(self) -> tuple[int, ...]:
        """The further ports that rules of nftables have to lead to the first."""

    def sink(self) -> Sink | None:
        """Where streams of boxes go; None: it takes none."""

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
