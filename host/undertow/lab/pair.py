"""Two computers with a tunnel between them, and the networks that can lie in between."""

from dataclasses import dataclass
from pathlib import Path

from undertow.lab.laboratory import Lab
from undertow.lab.namespace import Namespace, connect
from undertow.lab.nat import Nat
from undertow.lab.tunnel import Implementation, PeerSettings, Tunnel, make_preshared_key

PORT = 51820
LEFT_INNER = ("10.7.0.1", "fd07::1")
RIGHT_INNER = ("10.7.0.2", "fd07::2")
LEFT_OUTER = ("192.0.2.1", "2001:db8:1::1")
RIGHT_OUTER = ("192.0.2.2", "2001:db8:1::2")

# Prefix lengths of IPv4 and IPv6 addresses: the networks, and single addresses.
_NETWORK = (24, 64)
_SINGLE = (32, 128)


@dataclass(frozen=True)
class Pair:
    """Which implementation takes which role."""

    initiator: Implementation
    responder: Implementation


def build_implementations(root: Path) -> dict[str, Implementation]:
    """The programs by short names. root: of the checkout."""
    undertow = str(root / "build" / "unix" / "undertow-unix")
    return {
        "undertow": Implementation("undertow-unix", undertow),
        "go": Implementation("wireguard-go", "wireguard-go"),
    }


def with_lengths(addresses: tuple[str, ...], lengths: tuple[int, ...]) -> tuple[str, ...]:
    """("10.7.0.1", "fd07::1") and (32, 128) -> ("10.7.0.1/32", "fd07::1/128")."""
    return tuple(f"{address}/{length}" for address, length in zip(addresses, lengths, strict=True))


def join(address: str, port: int) -> str:
    """An endpoint as `wg` writes it."""
    return f"[{address}]:{port}" if ":" in address else f"{address}:{port}"


@dataclass
class Ends:
    """The initiator's computer at the left, the responder's at the right. Neither runs yet."""

    lab: Lab
    left: Namespace
    right: Namespace
    initiator: Tunnel
    responder: Tunnel
    reach: str = RIGHT_OUTER[0]
    preshared_key: str | None = None
    keepalive_s: int = 0
    nat: Nat | None = None

    def settings_of_initiator(self) -> PeerSettings:
        """The initiator as the responder knows it: where it is, is learnt."""
        return PeerSettings(
            self.initiator.key.public,
            with_lengths(LEFT_INNER, _SINGLE),
            preshared_key=self.preshared_key,
        )

    def settings_of_responder(self) -> PeerSettings:
        """The responder as the initiator knows it."""
        return PeerSettings(
            self.responder.key.public,
            with_lengths(RIGHT_INNER, _SINGLE),
            join(self.reach, PORT),
            self.preshared_key,
            self.keepalive_s,
        )

    def start(self) -> "Ends":
        """Start the responder, then the initiator; nobody shakes hands before there is traffic."""
        self.responder.start(PORT, (self.settings_of_initiator(),))
        self.initiator.start(0, (self.settings_of_responder(),))
        return self

    def endpoint_of_initiator(self) -> str | None:
        """Where the responder thinks that the initiator is."""
        return self.responder.status().peers[self.initiator.key.public].endpoint


def _tunnels(lab: Lab, left: Namespace, right: Namespace, pair: Pair) -> tuple[Tunnel, Tunnel]:
    here, there = with_lengths(LEFT_INNER, _NETWORK), with_lengths(RIGHT_INNER, _NETWORK)
    initiator = Tunnel(pair.initiator, left, lab.interface_name("left"), here)
    return initiator, Tunnel(pair.responder, right, lab.interface_name("right"), there)


def make_direct(lab: Lab, pair: Pair, outer: int = 4, with_psk: bool = False) -> Ends:
    """One cable between the two. outer: the IP version that carries the tunnel."""
    left, right = lab.namespace("left"), lab.namespace("right")
    connect(left, "eth0", right, "eth0")
    left.address("eth0", *with_lengths(LEFT_OUTER, _NETWORK))
    right.address("eth0", *with_lengths(RIGHT_OUTER, _NETWORK))
    ends = Ends(lab, left, right, *_tunnels(lab, left, right, pair))
    ends.reach = RIGHT_OUTER[0] if outer == 4 else RIGHT_OUTER[1]
    ends.preshared_key = make_preshared_key() if with_psk else None
    return ends


def make_behind_nat(lab: Lab, pair: Pair) -> Ends:
    """The initiator is in a hotel: a router with NAT stands before the responder's network."""
    left, hotel, right = (lab.namespace(label) for label in ("left", "hotel", "right"))
    connect(left, "eth0", hotel, "rooms")
    connect(hotel, "street", right, "eth0")
    left.address("eth0", "172.16.5.9/24")
    hotel.address("rooms", "172.16.5.1/24")
    hotel.address("street", "192.0.2.1/24")
    right.address("eth0", "192.0.2.2/24")
    left.route("default", "via", "172.16.5.1")
    ends = Ends(lab, left, right, *_tunnels(lab, left, right, pair))
    ends.nat = Nat(hotel, "rooms", "street", "192.0.2.1/24")
    ends.keepalive_s = 1
    return ends
