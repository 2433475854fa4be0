"""The packet path (paper 2, 5.4.6, 6), one plain object for each thing."""

from typing import Any

from tests.contract.reference import constants as c
from tests.contract.reference.arguments import (
    address,
    alive,
    apart,
    begins_at,
    boolean,
    endpoint,
    instance,
    now,
    number,
    prefix,
    readable,
    writable,
)
from tests.contract.reference.noise import CipherState
from tests.contract.reference.peer import (
    DATA_RECEIVED,
    DATA_SENT,
    HEARD,
    KEEPALIVE_MS,
    QUEUE_PER_PEER,
    REJECT_AFTER_MS,
    REKEY_AFTER_MESSAGES,
    REKEY_AFTER_MS,
    REKEY_TIMEOUT_MS,
    SENT,
    Keypair,
    Peer,
    parse,
)
from tests.contract.reference.primitives import counter_nonce, open_sealed, seal
from tests.contract.reference.tables import REJECT_AFTER_MESSAGES, Prefixes


class Tunnel:
    def __init__(self, peers: Any, prefixes: Any, waiting: Any, packet_size: Any, mtu: Any) -> None:
        limits = ((peers, 0xFFFE), (prefixes, 2**31 - 2), (waiting, 0xFFFE), (packet_size, 0xFFFF))
        for value, highest in (*limits, (mtu, 0xFFFF)):
            number(value, highest)
        if peers == 0:
            raise ValueError("0")
        self._capacity, self._waiting, self._packet_size = peers, waiting, packet_size
        self._mtu = mtu
        self._peers: dict[int, Peer] = {}
        self._prefixes = Prefixes(prefixes)
        self._order: list[int] = []
        self._drops = [0] * c.STATUS_COUNT
        self._question: int | None = None
        self.live = True

    def _peer(self, peer: Any) -> Peer:
        if number(peer, 0xFFFF) not in self._peers:
            raise ValueError("no such peer")
        return self._peers[peer]

    def _drop(self, status: int) -> int:
        self._drops[status] = (self._drops[status] + 1) % 2**32
        return status

    def _raise(self, peer: int, events: int) -> None:
        owner = self._peers[peer]
        events &= owner.watched
        if events and not owner.events:
            self._order.append(peer)
        owner.events |= events

    @alive
    def set_mtu(self, mtu: Any) -> None:
        self._mtu = number(mtu, 0xFFFF)

    # --- peers ---

    @alive
    def add_peer(self) -> int:
        free = [peer for peer in range(self._capacity) if peer not in self._peers]
        if not free:
            raise MemoryError("full")
        self._peers[free[0]] = Peer()
        return free[0]

    @alive
    def remove_peer(self, peer: Any) -> None:
        self._peer(peer)
        del self._peers[peer]
        self._prefixes.remove_peer(peer)
        self._order = [other for other in self._order if other != peer]

    @alive
    def set_endpoint(self, peer: Any, endpoint: Any) -> None:
        owner = self._peer(peer)
        owner.endpoint = _endpoint(endpoint) if len(readable(endpoint)) else b""

    @alive
    def endpoint(self, peer: Any) -> bytes:
        return self._peer(peer).endpoint

    @alive
    def allow(self, peer: Any, address: Any, prefix_len: Any) -> None:
        self._peer(peer)
        self._prefixes.insert(prefix(address, prefix_len), peer)

    @alive
    def disallow(self, peer: Any, address: Any, prefix_len: Any) -> bool:
        self._peer(peer)
        return self._prefixes.remove(prefix(address, prefix_len), peer)

    @alive
    def disallow_all(self, peer: Any) -> None:
        self._peer(peer)
        self._prefixes.remove_peer(peer)

    @alive
    def allowed(self, peer: Any) -> list[tuple[bytes, int]]:
        self._peer(peer)
        return self._prefixes.of(peer)

    @alive
    def lookup(self, address: Any) -> int:
        return self._prefixes.lookup(_address(address))

    # --- keypairs ---

    def _find(self, index: int) -> "tuple[int, int, Keypair] | None":
        for peer, owner in self._peers.items():
            for which, keypair in enumerate(owner.keypairs):
                if keypair is not None and keypair.local == index:
                    return peer, which, keypair
        return None

    @alive
    def find_index(self, index: Any) -> int:
        number(index, 2**32 - 1)
        for peer, owner in self._peers.items():
            keypairs = [keypair.local for keypair in owner.keypairs if keypair is not None]
            if index in (*keypairs, owner.handshake):
                return peer
        return -1

    @alive
    def reserve_index(self, peer: Any, index: Any) -> None:
        owner = self._peer(peer)
        if self.find_index(index) >= 0:
            raise ValueError("taken")
        owner.handshake = index

    @alive
    def release_index(self, peer: Any) -> None:
        self._peer(peer).handshake = None

    @alive
    def expect_answer(self, index: Any = None) -> None:
        self._question = None if index is None else number(index, 2**32 - 1)

    @alive
    def expects(self, kind: Any, message: Any) -> bool:
        number(kind, 255)
        data = bytes(readable(message))
        if len(data) < 64 or kind not in (2, 3):
            return True
        index = int.from_bytes(data[8:12] if kind == 2 else data[4:8], "little")
        waiting = {owner.handshake for owner in self._peers.values()}
        if kind == 2 and index == self._question and self.find_index(index) < 0:
            return True
        if kind == 3:
            following = (owner.keypairs[c.NEXT] for owner in self._peers.values())
            waiting |= {keypair.local for keypair in following if keypair is not None}
        return index in waiting

    @alive
    def install(
        self,
        peer: Any,
        send: Any,
        receive: Any,
        is_initiator: Any,
        local_index: Any,
        remote_index: Any,
        now_ms: Any,
    ) -> None:
        owner = self._peer(peer)
        for cipher in (send, receive):
            if instance(cipher, CipherState).nonce != 0:
                raise ValueError("used already")
        boolean(is_initiator)
        number(local_index, 2**32 - 1)
        number(remote_index, 2**32 - 1)
        now(now_ms)
        if send is receive:
            raise ValueError("the same")
        if self.find_index(local_index) >= 0 and local_index != owner.handshake:
            raise ValueError("taken")
        if local_index == owner.handshake:
            owner.handshake = None
        new = Keypair(send.key, receive.key, is_initiator, local_index, remote_index, now_ms)
        current, _, following = owner.keypairs
        if not is_initiator:
            owner.keypairs = [current, None, new]
        elif following is not None:
            owner.keypairs = [new, following, None]
        else:
            owner.keypairs = [new, current, None]
        send.wipe()
        receive.wipe()

    @alive
    def clear_keypairs(self, peer: Any) -> None:
        self._peer(peer).keypairs = [None, None, None]

    def _keypair(self, peer: Any, which: Any) -> Keypair | None:
        owner = self._peer(peer)
        if number(which) > 2:
            raise ValueError("no such keypair")
        return owner.keypairs[which]

    @alive
    def has_keypair(self, peer: Any, which: Any) -> bool:
        return self._keypair(peer, which) is not None

    @alive
    def keypair_age(self, peer: Any, which: Any, now_ms: Any) -> int:
        keypair = self._keypair(peer, which)
        now(now_ms)
        return -1 if keypair is None else keypair.age(now_ms)

    @alive
    def set_send_counter(self, peer: Any, counter: Any) -> None:
        current = self._peer(peer).keypairs[c.CURRENT]
        number(counter)
        if current is None or counter < current.counter:
            raise ValueError("none, or lower")
        current.counter = counter

    # --- out ---

    @alive
    def route(self, packet: Any) -> int:
        inner = parse(bytes(readable(packet)))
        if inner is None:
            return -self._drop(c.ERR_INNER)
        peer = self._prefixes.lookup(inner[2])
        return peer if peer >= 0 else -self._drop(c.ERR_ROUTE)

    def _padded(self, length: int) -> int:
        padded = -(-length // 16) * 16
        if self._mtu and padded > self._mtu:
            return max(length, self._mtu)
        return padded

    def _seal(self, peer: int, out: memoryview, packet: bytes, now_ms: int) -> int:
        owner = self._peers[peer]
        keypair = owner.keypairs[c.CURRENT]
        padded = packet + bytes(self._padded(len(packet)) - len(packet))
        if not owner.endpoint:
            return -c.ERR_NO_ENDPOINT
        if len(out) < len(padded) + 32:
            return -c.ERR_SPACE
        if keypair is None:
            self._raise(peer, c.EVENT_HANDSHAKE)
            return -c.ERR_NO_KEY
        if keypair.age(now_ms) >= REJECT_AFTER_MS or keypair.counter >= REJECT_AFTER_MESSAGES:
            self._raise(peer, c.EVENT_HANDSHAKE)
            return -c.ERR_EXPIRED
        counter = keypair.counter
        keypair.counter += 1
        header = (
            b"\x04\0\0\0" + keypair.remote.to_bytes(4, "little") + counter.to_bytes(8, "little")
        )
        datagram = header + seal(keypair.send, counter_nonce(counter), padded, b"")
        out[: len(datagram)] = datagram
        owner.sent += len(datagram)
        owner.times[SENT], owner.times[DATA_RECEIVED] = now_ms, 0
        if packet and not owner.times[DATA_SENT]:
            owner.times[DATA_SENT] = now_ms
            self._raise(peer, c.EVENT_SENT)
        old = keypair.is_initiator and keypair.age(now_ms) >= REKEY_AFTER_MS
        if old or keypair.counter >= REKEY_AFTER_MESSAGES:
            self._raise(peer, c.EVENT_REKEY)
        return len(datagram)

    @alive
    def seal(self, peer: Any, out: Any, packet: Any, now_ms: Any) -> int:
        self._peer(peer)
        target, inner = writable(out), readable(packet)
        now(now_ms)
        if not begins_at(target, 16, inner):
            apart(target, inner)
        length = self._seal(peer, target, bytes(inner), now_ms)
        if length in (-c.ERR_NO_ENDPOINT, -c.ERR_SPACE):
            self._drop(-length)
        return length

    @alive
    def queue(self, peer: Any, packet: Any) -> int:
        owner, inner = self._peer(peer), bytes(readable(packet))
        if len(inner) > self._packet_size:
            return self._drop(c.ERR_SPACE)
        total = sum(len(other.queue) for other in self._peers.values())
        if len(owner.queue) == QUEUE_PER_PEER or total == self._waiting:
            self._drop(c.ERR_SPACE)
            if not owner.queue:
                return c.ERR_SPACE
            owner.queue.popleft()
        owner.queue.append(inner)
        return c.OK

    @alive
    def seal_queued(self, peer: Any, out: Any, now_ms: Any) -> int:
        owner, target = self._peer(peer), writable(out)
        now(now_ms)
        length = self._seal(peer, target, owner.queue[0], now_ms) if owner.queue else 0
        if length <= 0:
            return 0
        owner.queue.popleft()
        return length

    @alive
    def waiting(self, peer: Any) -> int:
        return len(self._peer(peer).queue)

    @alive
    def drop_queue(self, peer: Any) -> None:
        self._peer(peer).queue.clear()

    # --- in ---

    @alive
    def open(self, datagram: Any, source: Any, now_ms: Any) -> tuple[int, int, int]:
        target, sender = writable(datagram), _endpoint(source)
        now(now_ms)
        status, peer, length = self._open(target, sender, now_ms)
        if status != c.OK:
            return -self._drop(status), 0, 0
        return peer, 16, length

    def _open(self, target: memoryview, sender: bytes, now_ms: int) -> tuple[int, int, int]:
        data = bytes(target)
        if len(data) < 32:
            return c.ERR_SHORT, 0, 0
        if data[:4] != b"\x04\0\0\0":
            return c.ERR_TYPE, 0, 0
        found = self._find(int.from_bytes(data[4:8], "little"))
        if found is None:
            return c.ERR_INDEX, 0, 0
        peer, which, keypair = found
        counter = int.from_bytes(data[8:16], "little")
        if keypair.age(now_ms) >= REJECT_AFTER_MS or counter >= REJECT_AFTER_MESSAGES:
            return c.ERR_EXPIRED, 0, 0
        opened = open_sealed(keypair.receive, counter_nonce(counter), data[16:], b"")
        if opened is None:
            return c.ERR_TAG, 0, 0
        target[16 : 16 + len(opened)] = opened  # where it is opened, replayed or not
        if not keypair.window.accept(counter):
            return c.ERR_REPLAY, 0, 0
        self._authentic(peer, which, len(data), now_ms)
        length = 0
        if opened:
            status, length = self._take_data(peer, opened, now_ms)
            if status != c.OK:
                return status, 0, 0
        owner = self._peers[peer]
        if owner.endpoint != sender:
            owner.endpoint = sender
            self._raise(peer, c.EVENT_ENDPOINT)
        return c.OK, peer, length

    def _authentic(self, peer: int, which: int, length: int, now_ms: int) -> None:
        owner = self._peers[peer]
        if which == c.NEXT:
            owner.keypairs = [owner.keypairs[c.NEXT], owner.keypairs[c.CURRENT], None]
            self._raise(peer, c.EVENT_CONFIRMED)
        self._heard(owner, length, now_ms)
        current = owner.keypairs[c.CURRENT]
        soon = REJECT_AFTER_MS - KEEPALIVE_MS - REKEY_TIMEOUT_MS
        if current is not None and current.is_initiator and current.age(now_ms) >= soon:
            self._raise(peer, c.EVENT_REKEY)

    def _take_data(self, peer: int, opened: bytes, now_ms: int) -> tuple[int, int]:
        owner = self._peers[peer]
        if not owner.times[DATA_RECEIVED]:
            owner.times[DATA_RECEIVED] = now_ms
            self._raise(peer, c.EVENT_RECEIVED)
        inner = parse(opened)
        if inner is None:
            return c.ERR_INNER, 0
        if self._prefixes.lookup(inner[1]) != peer:
            return c.ERR_SOURCE, 0
        return c.OK, inner[0]

    @staticmethod
    def _heard(owner: Peer, length: int, now_ms: int) -> None:
        owner.received += length
        owner.times[HEARD], owner.times[DATA_SENT] = now_ms, 0

    @alive
    def note_sent(self, peer: Any, length: Any, now_ms: Any) -> None:
        owner = self._peer(peer)
        number(length, 0xFFFF)
        owner.times[SENT], owner.times[DATA_RECEIVED] = now(now_ms), 0
        owner.sent += length

    @alive
    def note_heard(self, peer: Any, length: Any, now_ms: Any) -> None:
        owner = self._peer(peer)
        number(length, 0xFFFF)
        self._heard(owner, length, now(now_ms))

    # --- events and counters ---

    @alive
    def take_event(self) -> tuple[int, int] | None:
        if not self._order:
            return None
        peer = self._order.pop(0)
        owner = self._peers[peer]
        events, owner.events = owner.events, 0
        owner.watched &= ~events
        return peer, events

    @alive
    def watch(self, peer: Any, events: Any) -> None:
        owner = self._peer(peer)
        if number(events) > c.EVENT_ALL:
            raise ValueError("no event")
        owner.watched |= events

    @alive
    def times(self, peer: Any) -> tuple[int, ...]:
        return tuple(self._peer(peer).times)

    @alive
    def bytes(self, peer: Any) -> "tuple[int, int]":
        owner = self._peer(peer)
        return owner.received, owner.sent

    @alive
    def drops(self) -> tuple[int, ...]:
        return tuple(self._drops)

    @alive
    def count_drop(self, status: Any) -> None:
        if not 0 < number(status) < c.STATUS_COUNT:
            raise ValueError("no drop")
        self._drop(status)

    def wipe(self) -> None:
        self._peers.clear()
        self.live = False


_address, _endpoint = address, endpoint
