"""Pairs of tunnels, in C and in the reference, live the same random life."""

import random
from typing import Any

import pytest
from tests.contract import support
from tests.contract.test_differential import LIMITS, SEEDS, WG, Both

PEERS = 4


class Life:
    """Two tunnels that talk to each other about several peers, and a clock."""

    def __init__(self, seed: int) -> None:
        self.r = random.Random(seed)
        mtu = self.r.choice((0, 1280, 1420))
        self.tunnels = [WG.call("Tunnel", PEERS, 20, 40, 1500, mtu) for _ in range(2)]
        self.now_ms = 1000
        self.next_index = 1
        self.under_way: list[tuple[int, bytes]] = []
        for tunnel in self.tunnels:
            for _ in range(2):
                tunnel.call("add_peer")

    def tunnel(self) -> Both:
        return self.r.choice(self.tunnels)

    def peer(self) -> int:
        return self.r.randrange(PEERS) if self.r.random() < 0.1 else self.r.randrange(2)

    def address(self) -> bytes:
        if self.r.random() < 0.8:
            return bytes([10, 0, 0, self.r.randrange(4)])
        return b"\xfd" + bytes(14) + bytes([self.r.randrange(4)])

    def packet(self) -> bytes:
        r = self.r
        if r.random() < 0.1:
            return r.randbytes(r.randrange(60))
        payload = r.randbytes(r.choice((0, 1, 12, r.randrange(1400))))
        source = self.address()
        destination = self.address()
        while len(destination) != len(source):
            destination = self.address()
        packet = (support.ipv4 if len(source) == 4 else support.ipv6)(source, destination, payload)
        return packet if r.random() < 0.95 else packet[:-1]

    def endpoint(self) -> bytes:
        return support.endpoint(self.r.randrange(1, 4))

    def shake_hands(self) -> None:
        """Both ends take a keypair for one peer, as after a handshake; sometimes one end only."""
        r = self.r
        peer, name = self.peer(), str(r.randrange(10**9))
        first, second = r.sample((0, 1), 2)
        local, remote = self.next_index, self.next_index + 1
        if r.random() < 0.95:
            self.next_index += 2
        for which, is_initiator in ((first, True), (second, False)):
            if r.random() < 0.1:
                continue
            state = WG.call("SymmetricState", support.NAME, b"")
            state.call("mix_key", support.hidden(name))
            send, receive = state.call("split")
            if not is_initiator:
                send, receive, local, remote = receive, send, remote, local
            arguments = (peer, send, receive, is_initiator, local, remote, self.now_ms)
            self.tunnels[which].call("install", *arguments)

    def answer(self) -> bytes:
        """A handshake response, a cookie reply, or what looks like one."""
        r = self.r
        kind, length = r.choice(((2, 92), (3, 64), (1, 148), (3, 63), (2, 12), (2, 0)))
        index = max(0, self.next_index + r.randrange(-12, 2)).to_bytes(4, "little")
        head = bytes([kind, 0, 0, 0]) + (index if kind == 3 else bytes(4) + index)
        return (head + bytes(length))[:length]

    def begin_handshake(self) -> None:
        """Reserve an index, that is then most times installed, or give up."""
        r, tunnel, peer = self.r, self.tunnel(), self.peer()
        if r.random() < 0.3:
            tunnel.call("release_index", peer)
        else:
            tunnel.call("reserve_index", peer, max(0, self.next_index + r.randrange(-6, 1)))

    def note(self, which: int, datagram: bytearray, length: Any) -> None:
        if isinstance(length, int) and length > 0:
            self.under_way.append((1 - which, bytes(datagram[:length])))

    def send(self) -> None:
        r = self.r
        which = r.randrange(2)
        packet = self.packet() if r.random() < 0.8 else b""
        out = bytearray(r.choice((1600, 1600, 1600, 60)))
        if r.random() < 0.3:
            self.tunnels[which].call("route", packet)
        self.note(
            which, out, self.tunnels[which].call("seal", self.peer(), out, packet, self.now_ms)
        )

    def send_queued(self) -> None:
        which, out = self.r.randrange(2), bytearray(self.r.choice((1600, 1600, 100)))
        length = self.tunnels[which].call("seal_queued", self.peer(), out, self.now_ms)
        self.note(which, out, length)

    def deliver(self) -> None:
        """One of the datagrams under way arrives; it may be damaged, and may come again."""
        r = self.r
        if not self.under_way:
            return
        position = r.randrange(len(self.under_way))
        to, datagram = self.under_way[position]
        if r.random() < 0.8:
            del self.under_way[position]
        changed = bytearray(datagram)
        if r.random() < 0.1:
            changed[r.randrange(len(changed))] ^= 1 << r.randrange(8)
        if r.random() < 0.03:
            changed = changed[: r.randrange(len(changed))]
        source = self.endpoint()
        answer = self.tunnels[to].call("open", changed, source, self.now_ms)
        assert answer is not None

    def configure(self) -> None:
        r, tunnel, peer = self.r, self.tunnel(), self.peer()
        match r.randrange(8):
            case 0 | 1 | 2:
                tunnel.call("allow", peer, self.address(), r.choice((0, 8, 31, 32, 33, 128)))
            case 3:
                tunnel.call("disallow", peer, self.address(), r.choice((0, 8, 31, 32)))
            case 4 | 5:
                tunnel.call("set_endpoint", peer, r.choice((b"", *[self.endpoint()] * 5)))
            case 6:
                tunnel.call("add_peer")
            case 7:
                if r.random() < 0.3:
                    tunnel.call(r.choice(("remove_peer", "clear_keypairs", "drop_queue")), peer)

    def look(self) -> None:
        """Everything that can be asked."""
        r, tunnel, peer = self.r, self.tunnel(), self.peer()
        for name in ("endpoint", "allowed", "waiting", "times", "bytes"):
            tunnel.call(name, peer)
        for which in range(4):
            tunnel.call("has_keypair", peer, which)
            tunnel.call("keypair_age", peer, which, self.now_ms)
        tunnel.call("lookup", self.address())
        tunnel.call("find_index", r.randrange(self.next_index + 2))
        if r.random() < 0.1:
            tunnel.call("expect_answer", r.choice((None, r.randrange(self.next_index + 2))))
        tunnel.call("expects", r.choice((0, 1, 2, 3, 255)), self.answer())
        tunnel.call("drops")

    def control(self) -> None:
        r, tunnel, peer = self.r, self.tunnel(), self.peer()
        match r.randrange(6):
            case 0 | 1:
                tunnel.call("take_event")
            case 2:
                tunnel.call("watch", peer, r.randrange(65))
            case 3:
                tunnel.call(r.choice(("note_sent", "note_heard")), peer, 148, self.now_ms)
            case 4:
                tunnel.call("queue", peer, self.packet())
            case 5:
                if r.random() < 0.05:
                    tunnel.call("set_send_counter", peer, r.choice(LIMITS))

    def live(self) -> None:
        """One step."""
        actions = (self.send, self.deliver, self.send_queued, self.control, self.look)
        rare = (self.configure, self.shake_hands, self.begin_handshake)
        self.r.choices((*actions, *rare), weights=(30, 30, 8, 15, 6, 8, 4, 4))[0]()
        self.now_ms += self.r.choice((0, 0, 1, 10, 500, self.r.choice((0, 0, 0, 0, 5_000, 40_000))))


@pytest.mark.parametrize("seed", SEEDS)
def test_tunnels_live_the_same_life(seed: int) -> None:
    life = Life(seed)
    for _ in range(12):
        life.configure()
        life.shake_hands()
    for _ in range(1500):
        life.live()
    life.look()


def test_such_a_life_is_rich() -> None:
    """Every status that a packet can come to occurs, and most packets arrive."""
    seen = [0] * WG.compiled.STATUS_COUNT
    received = 0
    for seed in SEEDS:
        life = Life(seed)
        for _ in range(12):
            life.configure()
            life.shake_hands()
        for _ in range(400):
            life.live()
        for tunnel in life.tunnels:
            seen = [a + b for a, b in zip(seen, tunnel.call("drops"), strict=True)]
            for peer in range(2):
                counts = tunnel.call("bytes", peer)
                received += counts[0] if isinstance(counts, tuple) else 0
    wg = WG.compiled
    outside = {wg.OK, wg.ERR_NO_KEY, wg.ERR_MAC1, wg.ERR_COOKIE, wg.ERR_RATE, wg.ERR_HANDSHAKE}
    missing = [status for status in range(wg.STATUS_COUNT) if not seen[status]]
    assert set(missing) <= outside, missing
    assert received > 100_000
