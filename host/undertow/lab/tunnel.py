"""One end of a tunnel: an interface that some WireGuard implementation runs, driven by `wg`."""

import os
import socket
import time
from dataclasses import dataclass, field
from pathlib import Path

from undertow.lab.command import run
from undertow.lab.errors import LabError
from undertow.lab.namespace import Namespace
from undertow.lab.process import Process

SOCKETS = Path("/var/run/wireguard")


@dataclass(frozen=True)
class Implementation:
    """A program that makes the interface of its last argument and is set up by its socket."""

    name: str
    program: str
    arguments: tuple[str, ...] = ("-f",)

    def __str__(self) -> str:
        return self.name


@dataclass(frozen=True)
class KeyPair:
    """A static key pair in base64, as wg-quick files have it."""

    private: str
    public: str


@dataclass(frozen=True)
class PeerSettings:
    """The far end as an interface is told about it; None and 0 leave a line out."""

    public_key: str
    allowed_ips: tuple[str, ...]
    endpoint: str | None = None
    preshared_key: str | None = None
    keepalive_s: int = 0

    def lines(self) -> list[str]:
        """Its section of a configuration file."""
        found = ["[Peer]", f"PublicKey = {self.public_key}"]
        found.append(f"AllowedIPs = {', '.join(self.allowed_ips)}")
        if self.endpoint is not None:
            found.append(f"Endpoint = {self.endpoint}")
        if self.preshared_key is not None:
            found.append(f"PresharedKey = {self.preshared_key}")
        if self.keepalive_s:
            found.append(f"PersistentKeepalive = {self.keepalive_s}")
        return found


@dataclass(frozen=True)
class PeerStatus:
    """One line of `wg show NAME dump`."""

    public_key: str
    preshared_key: str | None
    endpoint: str | None
    allowed_ips: tuple[str, ...]
    last_handshake_s: int
    received: int
    sent: int
    keepalive_s: int


@dataclass(frozen=True)
class TunnelStatus:
    """What `wg show NAME dump` says."""

    private_key: str | None
    public_key: str | None
    listen_port: int
    mark: int
    peers: dict[str, PeerStatus] = field(default_factory=dict)


def make_key_pair() -> KeyPair:
    """A fresh static key pair."""
    private = run(["wg", "genkey"]).stdout.strip()
    return KeyPair(private, run(["wg", "pubkey"], input_text=private).stdout.strip())


def make_preshared_key() -> str:
    """A fresh preshared key."""
    return run(["wg", "genpsk"]).stdout.strip()


def _set(word: str) -> str | None:
    return None if word in ("(none)", "off") else word


def parse_dump(text: str) -> TunnelStatus:
    """Read the tab-separated output of `wg show NAME dump`."""
    first, *rest = (line.split("\t") for line in text.splitlines())
    peers = {}
    for key, psk, endpoint, allowed, handshake, received, sent, keepalive in rest:
        peers[key] = PeerStatus(
            key,
            _set(psk),
            _set(endpoint),
            () if _set(allowed) is None else tuple(allowed.split(",")),
            int(handshake),
            int(received),
            int(sent),
            0 if keepalive == "off" else int(keepalive),
        )
    mark = 0 if first[3] == "off" else int(first[3], 16)
    return TunnelStatus(_set(first[0]), _set(first[1]), int(first[2]), mark, peers)


def _accepts(path: Path) -> bool:
    """Whether somebody listens on a socket: a killed program leaves its file behind."""
    with socket.socket(socket.AF_UNIX) as asker:
        try:
            asker.connect(str(path))
        except OSError:
            return False
    return True


def wait_for_socket(process: Process, interface: str, timeout_s: float = 10.0) -> None:
    """Wait until a process serves its interface's socket; LabError with its words if not."""
    end = time.monotonic() + timeout_s
    while not _accepts(SOCKETS / f"{interface}.sock"):
        if not process.running() or time.monotonic() > end:
            raise LabError(f"{process.argv[0]} does not start", f"it said: {process.tail()}")
        time.sleep(0.01)


class Tunnel:
    """A tunnel interface in a namespace: the process behind it, its addresses, and its settings."""

    def __init__(
        self,
        implementation: Implementation,
        namespace: Namespace,
        interface: str,
        addresses: tuple[str, ...],
        key: KeyPair | None = None,
        mtu: int = 1420,
    ) -> None:
        """Nothing runs before start(). addresses: of the interface, with prefix length."""
        self.implementation = implementation
        self.namespace = namespace
        self.interface = interface
        self.addresses = addresses
        self.key = key or make_key_pair()
        self.mtu = mtu
        self.port = 0
        self.peers: list[PeerSettings] = []
        self._process: Process | None = None

    @property
    def process(self) -> Process:
        """The process that runs it now."""
        if self._process is None:
            raise LabError(f"the tunnel {self.interface}", "it was not started")
        return self._process

    def start(
        self,
        port: int = 0,
        peers: tuple[PeerSettings, ...] = (),
        environment: dict[str, str] | None = None,
    ) -> None:
        """Start the implementation, configure it, and bring the interface up."""
        self.port = port
        self.peers = list(peers)
        self._process = self.namespace.start(
            self.implementation.program,
            *self.implementation.arguments,
            self.interface,
            environment={"WG_PROCESS_FOREGROUND": "1", **(environment or {})},
        )
        wait_for_socket(self.process, self.interface)
        self.configure()
        self.namespace.ip("link", "set", self.interface, "mtu", str(self.mtu))
        self.namespace.address(self.interface, *self.addresses)

    def configure(self) -> None:
        """Put key, port and all peers in place (`wg setconf`)."""
        lines = ["[Interface]", f"PrivateKey = {self.key.private}"]
        if self.port:
            lines.append(f"ListenPort = {self.port}")
        for peer in self.peers:
            lines += peer.lines()
        self.namespace.run(
            "wg", "setconf", self.interface, "/dev/stdin", input_text="\n".join(lines) + "\n"
        )

    def set(self, *words: str, input_text: str | None = None) -> None:
        """`wg set` with these words. input_text: what /dev/stdin gives, for keys."""
        self.namespace.run("wg", "set", self.interface, *words, input_text=input_text)

    def status(self) -> TunnelStatus:
        """What `wg show` says of it now."""
        return parse_dump(self.namespace.run("wg", "show", self.interface, "dump").stdout)

    def forget_peers(self) -> None:
        """Remove every peer from the running interface and put them back, without sessions."""
        for peer in self.peers:
            self.set("peer", peer.public_key, "remove")
        self.configure()

    def stop(self) -> int:
        """End it by SIGTERM and wait until its interface is gone; its exit status."""
        return self._end(self.process.stop())

    def kill(self) -> int:
        """End it without a warning, as a power cut does."""
        return self._end(self.process.kill())

    def _end(self, status: int) -> int:
        end = time.monotonic() + 5.0
        while self.namespace.attempt("ip", "link", "show", self.interface).returncode == 0:
            if time.monotonic() > end:
                raise LabError(f"the interface {self.interface}", "it outlived its program")
            time.sleep(0.01)
        return status

    def restart(self, environment: dict[str, str] | None = None) -> None:
        """A fresh start with the same settings, after stop() or kill()."""
        self.start(self.port, tuple(self.peers), environment)


def program_version(program: str) -> str:
    """The first line that PROGRAM --version prints, or "" when it cannot be run."""
    if os.path.sep in program and not os.access(program, os.X_OK):
        return ""
    try:
        return run([program, "--version"]).stdout.partition("\n")[0].strip()
    except LabError:
        return ""
