"""Who is let in just now, and how that follows what the other commands write."""

import time
from collections.abc import Mapping
from ipaddress import IPv4Address, ip_address

from undertow.gateway.backend import Admission, Backend, Traffic
from undertow.gateway.log import Log
from undertow.gateway.peers import KEY_CHANGED, Peer
from undertow.gateway.state import State
from wg import endpoint
from wg.keytext import wipe

# A session lasts three minutes at the most (paper 6.1): who shook hands later than that is in.
FRESH_S = 180
# What is set of a box: whatever differs is set anew, and nothing else is touched.
Terms = tuple[IPv4Address, str | None]


class Admissions:
    def __init__(self, state: State, backend: Backend, log: Log) -> None:
        self.state = state
        self.backend = backend
        self.log = log
        self.admitted: dict[str, Peer] = {}  # by public key
        self._endpoints: dict[str, tuple[str, str]] = {}

    def take_over(self) -> None:
        """Let in and shut out by the file. UndertowError: it is broken; nothing has changed."""
        own = self.state.public_key()
        with self.state.folder.locked():
            # Not without the lock: a preshared key's file may go as soon as nobody has it.
            wanted = {peer.public_key: peer for peer in self.state.peers().by_name.values()}
            new = [
                p for p in wanted.values() if _terms(p) != _terms(self.admitted.get(p.public_key))
            ]
            boxes = [self._admission(peer) for peer in new]
        gone = [peer for key, peer in self.admitted.items() if key not in wanted]
        try:
            self.backend.dismiss([peer.public_key for peer in gone])
            self.backend.admit(boxes)
        finally:
            for box in boxes:
                wipe(box.psk or bytearray())
        for peer in gone:
            self._endpoints.pop(peer.public_key, None)
            self.log("info", "removed", f"{peer.name}: is shut out", name=peer.name)
        for peer in new:
            standing = peer.state(own)
            level = "error" if standing == KEY_CHANGED else "info"
            text = f"{peer.name}: is let in, {peer.address}, {standing}"
            self.log(level, "added", text, name=peer.name, state=standing)
        self.admitted = wanted

    def _admission(self, peer: Peer) -> Admission:
        return Admission(peer.public_key, peer.address, self.state.preshared_key(peer))

    def tell_of(self, traffic: Mapping[str, Traffic]) -> None:
        """Log who has come in, and from where."""
        now_s = time.time()
        for key, peer in self.admitted.items():
            found = traffic.get(key)
            if found is None or not found.endpoint or now_s - found.handshake_s > FRESH_S:
                continue
            if self._endpoints.get(key) != (found.endpoint, found.way):
                self._endpoints[key] = (found.endpoint, found.way)
                by = f" by {found.way}" if found.way else ""
                text = f"{peer.name}: comes in from {found.endpoint}{by}"
                details = {"name": peer.name, "endpoint": found.endpoint, "way": found.way}
                self.log("info", "endpoint", text, **details)

    def places(self, traffic: Mapping[str, Traffic]) -> dict[str, bytes]:
        """Where boxes are seen, by their addresses inside; bytes as of wg.endpoint."""
        return {
            str(peer.address): place
            for key, peer in self.admitted.items()
            if key in traffic and (place := _packed(traffic[key].endpoint))
        }


def _packed(text: str) -> bytes:
    """HOST:PORT as of wg.endpoint; empty: it is none."""
    host, _, port = text.rpartition(":")
    try:
        address = ip_address(host.strip("[]").partition("%")[0])
        return endpoint.pack(address.packed, int(port))
    except ValueError:
        return b""


def _terms(peer: Peer | None) -> Terms | None:
    return None if peer is None else (peer.address, peer.psk)
