"""A WireGuard interface: its peers, the handshake messages that arrive, and its timers.

No I/O and no clock: a path sends, times come in as milliseconds of a clock that never goes back and
never says 0. Packets of users do not pass here; see _wg.Tunnel and the data paths.
"""

from _wg import (
    ERR_HANDSHAKE,
    ERR_INDEX,
    ERR_SHORT,
    ERR_TAG,
    PresharedKey,
    PrivateKey,
)

from wg import endpoint as endpoints
from wg import noise, probe
from wg.compat import TYPE_CHECKING
from wg.const import (
    COOKIE_REPLY_RECEIVER,
    INITIATION_NOISE,
    INITIATION_NOISE_END,
    INITIATION_SENDER,
    KEY_LEN,
    KINDS_BY_LENGTH,
    MESSAGE_COOKIE,
    MESSAGE_INITIATION,
    MESSAGE_RESPONSE,
    RESPONSE_RECEIVER,
    SECRET_LIFE_MS,
)
from wg.errors import ConfigError
from wg.peer import Peer
from wg.timers import Timers

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Protocol

    from _wg import Gate, Tunnel

    from wg.tai64n import Timestamps

    Buffer = bytes | bytearray | memoryview

    class Path(Protocol):
        """What moves datagrams: _datapath.Path, _router.Router, wg.memory.MemoryPath."""

        def send(self, message: Buffer, endpoint: bytes) -> int: ...
        def send_to_peer(self, peer: int, message: Buffer) -> int: ...
        def keepalive(self, peer: int) -> int: ...
        def flush(self, peer: int) -> int: ...


# Removed peers whose timestamps are remembered, so that adding one again does not make its old
# initiations and questions new (a configuration that is replaced removes and adds every peer).
_REMEMBERED = 64


class Device:
    """peers: by public key, for reading; add_peer() and remove_peer() change it.

    types: the lowest and highest type of each kind of message in the path's shape, 8 numbers as
    _wg.Shape has them; None: WireGuard's own.
    on_initiation: called with a peer and an endpoint right before an initiation, or a question, is
    sent there: the moment for decoys.
    probe_key: who may ask, and answers, whether a way works (wg.probe); None: nobody does.
    """

    def __init__(
        self,
        tunnel: "Tunnel",
        gate: "Gate",
        path: "Path",
        fill_random: "Callable[[bytearray], object]",
        timestamps: "Timestamps",
        wall_clock: "Callable[[], tuple[int, int]]",
        log: "Callable[[str, str], object] | None" = None,
    ) -> None:
        """fill_random: fills a buffer with bytes fit for keys.

        wall_clock: (seconds, nanoseconds) since 1970, for last_handshake alone.
        log: called with "debug", "info" or "warning" and a line that holds no secret.
        """
        self.tunnel = tunnel
        self.gate = gate
        self.path = path
        self.timestamps = timestamps
        self.wall_clock = wall_clock
        self.log = log
        self.private_key: "PrivateKey | None" = None
        self.public_key: "bytes | None" = None
        self.no_psk = PresharedKey(bytes(KEY_LEN))
        self.peers: "dict[bytes, Peer]" = {}
        self.timers = Timers(self)
        self.types: "tuple[int, ...] | None" = None
        self.on_initiation: "Callable[[Peer, bytes], object] | None" = None
        self.probe_key: "bytes | bytearray | None" = None
        self._questions = probe.Questions(self)
        self._fill_random = fill_random
        self._by_number: "dict[int, Peer]" = {}
        self._timestamps: "dict[bytes, bytes]" = {}
        self._secret_due_ms = 0

    # --- settings ---

    def set_private_key(self, key: "PrivateKey | None") -> None:
        """Take over a private key. All sessions end, unless it is the one that we have.

        A peer with our own public key is removed.
        """
        if key is self.private_key:
            return
        public_key = None if key is None else key.public()
        if key is not None and public_key == self.public_key:
            key.wipe()  # handshakes that are under way go on with the object that they know
            return
        if self.private_key is not None:
            self.private_key.wipe()
        self.private_key = key
        self.public_key = public_key
        self._questions.clear()
        if public_key is None:
            self.gate.clear_identity()
        else:
            self.gate.set_identity(public_key)
            self.remove_peer(public_key)
        for peer in self.peers.values():
            peer.abandon_handshake()
            self.tunnel.clear_keypairs(peer.number)
            self.timers.restart(peer)

    def add_peer(self, public_key: bytes) -> "Peer":
        """The peer with this public key (32 bytes), made if there is none.

        Timestamps that the peer has used stay used after it was removed and added again (for the
        last 64 removed). ConfigError: the key is our own. MemoryError: the tunnel's table is full.
        """
        if len(public_key) != KEY_LEN:
            raise ValueError("a public key has 32 bytes, not %d" % len(public_key))
        public_key = bytes(public_key)
        if public_key in self.peers:
            return self.peers[public_key]
        if public_key == self.public_key:
            raise ConfigError(
                "peer's public key",
                "it is this interface's own",
                "Write the public key of the other end; `wg show` prints it there.",
            )
        peer = Peer(self, public_key, self.tunnel.add_peer())
        peer.timestamp = self._timestamps.pop(public_key, peer.timestamp)
        self.peers[public_key] = peer
        self._by_number[peer.number] = peer
        return peer

    def remove_peer(self, public_key: bytes) -> bool:
        """Remove a peer with its keys and waiting packets; False: there was none."""
        peer = self.peers.pop(bytes(public_key), None)
        if peer is None:
            return False
        if len(self._timestamps) >= _REMEMBERED:
            del self._timestamps[next(iter(self._timestamps))]
        self._timestamps[peer.public_key] = max(peer.timestamp, peer.question_timestamp)
        del self._by_number[peer.number]
        self._questions.forget(peer)
        peer.close()
        return True

    def peer(self, number: int) -> "Peer | None":
        """The peer with this number in the tunnel."""
        return self._by_number.get(number)

    def close(self) -> None:
        """Wipe all keys and forget all peers; device, tunnel and gate cannot be used after it."""
        for public_key in list(self.peers):
            self.remove_peer(public_key)
        self.set_private_key(None)
        self.timers.clear()
        self.tunnel.wipe()
        self.gate.wipe()

    # --- what happens ---

    def poll(self, now_ms: int) -> "int | None":
        """Act on the tunnel's events and on timers that are due.

        To be called after events, handshake messages and settings, and after the milliseconds that
        it returns. None: no timer runs.
        """
        self._renew_secret(now_ms)
        self._take_events(now_ms)
        self.timers.run(now_ms)
        self._take_events(now_ms)
        wait_ms = self.timers.wait_ms(now_ms)
        if self._secret_due_ms:
            secret_ms = max(self._secret_due_ms - now_ms, 0)
            wait_ms = secret_ms if wait_ms is None else min(wait_ms, secret_ms)
        return wait_ms

    def receive_handshake(self, message: "Buffer", source: bytes, now_ms: int) -> bool:
        """Take one handshake message or cookie reply that has passed the gate.

        message: is read in place and not kept. source: endpoint bytes.
        False: a drop, which was counted.
        """
        status = self._receive(memoryview(message), source, now_ms)
        if status:
            self.tunnel.count_drop(status)
        return status == 0

    def _receive(self, message: memoryview, source: bytes, now_ms: int) -> int:
        """0, or the status under which the message is dropped."""
        # The path has looked at its type, which is another number in a shape.
        kind = KINDS_BY_LENGTH.get(len(message))
        if kind is None:
            return ERR_SHORT
        if self.private_key is None or self.public_key is None:
            return ERR_HANDSHAKE
        if kind == MESSAGE_INITIATION:
            if probe.is_question(message, self.probe_key):
                return 0 if probe.answer(self, message, source, now_ms) else ERR_HANDSHAKE
            responder = noise.Responder(self.private_key, self.public_key)
            accepted = self._accept_initiation(responder, message, source, now_ms)
            responder.wipe()
            return 0 if accepted else ERR_HANDSHAKE
        at = RESPONSE_RECEIVER if kind == MESSAGE_RESPONSE else COOKIE_REPLY_RECEIVER
        index = int.from_bytes(message[at : at + 4], "little")
        peer = self.peer(self.tunnel.find_index(index))
        if peer is None:
            if kind == MESSAGE_RESPONSE and self._questions.accept_answer(message, index):
                return 0
            return ERR_INDEX
        if kind == MESSAGE_COOKIE:
            return 0 if peer.accept_cookie(message, index, now_ms) else ERR_TAG
        return 0 if peer.accept_response(message, index, source, now_ms) else ERR_HANDSHAKE

    def _accept_initiation(
        self, responder: "noise.Responder", message: memoryview, source: bytes, now_ms: int
    ) -> bool:
        part = message[INITIATION_NOISE:INITIATION_NOISE_END]
        static = responder.read_static(part)
        if static is None:
            return False
        peer = self.peers.get(static)
        if peer is None:
            return False
        timestamp = responder.read_payload(part)
        if timestamp is None:
            return False
        index = int.from_bytes(message[INITIATION_SENDER : INITIATION_SENDER + 4], "little")
        return peer.accept_initiation(responder, bytes(timestamp), index, source, now_ms)

    def _take_events(self, now_ms: int) -> None:
        while True:
            taken = self.tunnel.take_event()
            if taken is None:
                break
            peer = self.peer(taken[0])
            if peer is not None:
                self.timers.raised(peer, taken[1], now_ms)

    def _renew_secret(self, now_ms: int) -> None:
        """The gate's cookies stand on a secret that lives for two minutes (paper 5.4.7)."""
        if self.public_key is None:
            self._secret_due_ms = 0
        elif self.gate.wants_secret(now_ms):
            secret = bytearray(2 * KEY_LEN)
            self._fill_random(secret)
            self.gate.set_secret(secret, now_ms)
            self._secret_due_ms = now_ms + SECRET_LIFE_MS

    def ask(
        self,
        peer: "Peer",
        endpoint: bytes,
        found: "Callable[[bytes, bytes], object]",
        now_ms: int,
    ) -> bool:
        """Ask whether the peer answers there, outside of the tunnel; nothing moves by it.

        found: called with the endpoint and where the peer sees us (endpoint bytes), if it answers.
        False: there is no probe_key or private key, or it is less than 25 ms since the last one.
        """
        return self._questions.ask(peer, endpoint, found, now_ms)

    def stop_asking(self, peer: "Peer") -> None:
        """Let go of what this peer was asked: keys and memory of it."""
        self._questions.forget(peer)

    # --- for peers and timers ---

    def new_type(self, kind: int, endpoint: bytes) -> bytes:
        """The type of a message of this kind (1 or 2) for this endpoint, as it is written."""
        types = self.types
        if types is None or not endpoints.shape(endpoint):
            return kind.to_bytes(4, "little")
        low, high = types[2 * kind - 2 : 2 * kind]
        random = bytearray(8)
        self._fill_random(random)
        return (low + int.from_bytes(random, "little") % (high - low + 1)).to_bytes(4, "little")

    def has_type(self, message: "Buffer", kind: int, endpoint: bytes) -> bool:
        """Whether a message of this kind has a type that is right for this endpoint."""
        number = int.from_bytes(message[:4], "little")
        if self.types is None or not endpoints.shape(endpoint):
            return number == kind
        return self.types[2 * kind - 2] <= number <= self.types[2 * kind - 1]

    def fill_random(self, buffer: bytearray) -> None:
        """Fill a buffer with bytes fit for keys."""
        self._fill_random(buffer)

    def new_key(self) -> "PrivateKey":
        """A fresh private key; wiped by whoever asked for it."""
        key = bytearray(KEY_LEN)
        self._fill_random(key)
        return PrivateKey(key)

    def new_index(self) -> int:
        """A random receiver index that nothing has."""
        random = bytearray(4)
        while True:
            self._fill_random(random)
            index = int.from_bytes(random, "little")
            if self.tunnel.find_index(index) < 0:
                return index

    def random_below(self, limit: int) -> int:
        """A number from 0 to limit - 1, for chance and not for keys; limit <= 65536."""
        random = bytearray(4)
        self._fill_random(random)
        return int.from_bytes(random, "little") % limit

    def say(self, level: str, peer: "Peer", text: str) -> None:
        """One line for the log, without secrets."""
        if self.log is not None:
            self.log(level, "peer %s: %s" % (peer.name, text))
