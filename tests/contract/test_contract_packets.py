"""What `_wg` promises of packets on their way out and in."""

import unittest

import _wg
from tests.contract import support

HERE, THERE = bytes([10, 0, 0, 1]), bytes([10, 0, 0, 2])
FIRST, SECOND = support.endpoint(1), support.endpoint(2)
MINUTE = 60_000


class PacketTest(unittest.TestCase):
    """Two tunnels with one peer each: `here` has initiated."""

    wg = _wg

    def setUp(self):
        self.here, self.there = (self.wg.Tunnel(2, 8, 40, 1500, 1420) for _ in range(2))
        for tunnel, far, endpoint in ((self.here, THERE, SECOND), (self.there, HERE, FIRST)):
            tunnel.add_peer()
            tunnel.allow(0, far, 32)
            tunnel.set_endpoint(0, endpoint)
        self.shake_hands()
        self.out = bytearray(1600)

    def shake_hands(self, name="a", local=1, now_ms=1000):
        send, receive = support.split(self.wg, name)
        self.here.install(0, send, receive, True, local, local + 100, now_ms)
        send, receive = support.split(self.wg, name)
        self.there.install(0, receive, send, False, local + 100, local, now_ms)

    def events(self, tunnel):
        event = tunnel.take_event()
        return 0 if event is None else event[1]

    def sealed(self, packet=b"", now_ms=2000, tunnel=None):
        length = (tunnel or self.here).seal(0, self.out, packet, now_ms)
        self.assertGreater(length, 0)
        return bytearray(self.out[:length])

    def opened(self, datagram, now_ms=2000, source=FIRST, tunnel=None):
        return (tunnel or self.there).open(datagram, source, now_ms)

    def test_a_packet_arrives_as_it_was_sent(self):
        for payload in (b"", b"x", bytes(1400)):
            packet = support.ipv4(HERE, THERE, payload)
            self.assertEqual(self.here.route(packet), 0)
            datagram = self.sealed(packet)
            padded = min((len(packet) + 15) // 16 * 16, 1420)
            self.assertEqual(len(datagram), padded + self.wg.OVERHEAD)
            self.assertEqual(datagram[:8], b"\x04\x00\x00\x00\x65\x00\x00\x00")
            peer, offset, length = self.opened(datagram)
            self.assertEqual((peer, offset, length), (0, 16, len(packet)))
            self.assertEqual(bytes(datagram[offset : offset + length]), packet)
        self.assertEqual(sum(self.here.drops()) + sum(self.there.drops()), 0)

    def test_a_keepalive_is_empty_and_heard(self):
        datagram = self.sealed()
        self.assertEqual(len(datagram), self.wg.OVERHEAD)
        self.assertEqual(self.opened(datagram, 3000), (0, 16, 0))
        self.assertEqual(self.there.times(0), (0, 0, 0, 3000))
        self.assertEqual(self.there.bytes(0), (32, 0))
        self.assertEqual(self.here.bytes(0), (0, 32))

    def test_sealing_works_in_place_with_headroom(self):
        packet = support.ipv4(HERE, THERE, b"payload")
        expected = self.sealed(packet)
        memory = bytearray(16) + packet + bytearray(40)
        view = memoryview(memory)
        length = self.here.seal(0, view, view[16 : 16 + len(packet)], 2000)
        self.assertEqual(length, len(expected))
        self.assertEqual(self.opened(memory[:length]), (0, 16, len(packet)))
        for offset in (0, 15, 17, len(memory) - len(packet)):
            wrong = (0, view, view[offset : offset + len(packet)], 2000)
            self.assertIs(support.refusal(self.here.seal, wrong), ValueError)

    def test_padding_stops_at_the_mtu(self):
        for mtu, length, padded in ((0, 1401, 1408), (1405, 1401, 1405), (1300, 1401, 1401)):
            self.here.set_mtu(mtu)
            packet = support.ipv4(HERE, THERE, bytes(length - 20))
            self.assertEqual(len(self.sealed(packet)), padded + self.wg.OVERHEAD)
        support.check_refusals(
            self, self.here.set_mtu, lambda: (0xFFFF,), support.wrong_number(0, 0xFFFF)
        )

    def test_routing_tells_a_peer_or_why_not(self):
        wg = self.wg
        self.here.allow(0, b"\xfd" + bytes(15), 8)
        packet = support.ipv6(bytes(16), b"\xfd" + bytes(15), b"xyz")
        self.assertEqual(self.here.route(packet), 0)
        for wrong, status in (
            (support.ipv4(THERE, HERE), wg.ERR_ROUTE),
            (support.ipv6(bytes(16), bytes(16)), wg.ERR_ROUTE),
            (packet[:-1], wg.ERR_INNER),
            (support.ipv4(HERE, THERE)[:19], wg.ERR_INNER),
            (b"", wg.ERR_INNER),
            (b"\x50" + bytes(40), wg.ERR_INNER),
        ):
            self.assertEqual(self.here.route(wrong), -status)
        self.assertEqual(self.here.drops()[wg.ERR_ROUTE], 2)
        self.assertEqual(self.here.drops()[wg.ERR_INNER], 4)
        self.assertIs(support.refusal(self.here.route, ("text",)), TypeError)

    def test_what_cannot_be_sealed_says_why(self):
        wg, out = self.wg, self.out
        self.assertEqual(self.there.seal(0, out, b"", 2000), -wg.ERR_NO_KEY)
        small = bytearray(47)
        self.assertEqual(self.here.seal(0, small, b"x", 2000), -wg.ERR_SPACE)
        self.assertEqual(bytes(small), bytes(47))
        self.assertEqual(self.here.seal(0, out, b"", 1000 + 3 * MINUTE), -wg.ERR_EXPIRED)
        self.assertEqual(self.here.take_event(), (0, wg.EVENT_HANDSHAKE))
        self.here.set_endpoint(0, b"")
        self.assertEqual(self.here.seal(0, out, b"", 2000), -wg.ERR_NO_ENDPOINT)
        self.assertEqual(self.here.drops()[wg.ERR_SPACE], 1)
        self.assertEqual(self.here.drops()[wg.ERR_NO_ENDPOINT], 1)
        self.assertEqual(sum(self.here.drops()), 2)
        support.check_refusals(
            self,
            self.here.seal,
            lambda: (0, out, b"", 1),
            [(1, bytes(100), TypeError), (1, None, TypeError), (2, "x", TypeError)],
            support.wrong_time(3),
        )

    def test_what_comes_in_is_dropped_under_its_name(self):
        wg = self.wg
        good = self.sealed(support.ipv4(HERE, THERE))

        def changed(position, value):
            other = bytearray(good)
            other[position] = value
            return other

        for wrong, status, now_ms in (
            (bytearray(31), wg.ERR_SHORT, 2000),
            (bytearray(), wg.ERR_SHORT, 2000),
            (changed(0, 1), wg.ERR_TYPE, 2000),
            (changed(3, 1), wg.ERR_TYPE, 2000),
            (changed(5, 9), wg.ERR_INDEX, 2000),
            (changed(8, 1), wg.ERR_TAG, 2000),
            (changed(20, good[20] ^ 1), wg.ERR_TAG, 2000),
            (changed(len(good) - 1, good[-1] ^ 1), wg.ERR_TAG, 2000),
            (bytearray(good[:8]) + b"\xff" * 8 + good[16:], wg.ERR_EXPIRED, 2000),
            (bytearray(good), wg.ERR_EXPIRED, 1000 + 3 * MINUTE),
        ):
            before = self.there.drops()[status]
            self.assertEqual(self.opened(wrong, now_ms, SECOND), (-status, 0, 0))
            self.assertEqual(self.there.drops()[status], before + 1)
        self.assertEqual(self.there.endpoint(0), FIRST)
        self.assertEqual(self.there.times(0), (0, 0, 0, 0))
        self.assertIs(self.there.has_keypair(0, wg.NEXT), True)
        again = bytearray(good)
        self.assertEqual(self.opened(good), (0, 16, 20))
        self.assertEqual(self.opened(again, 2000, SECOND), (-wg.ERR_REPLAY, 0, 0))
        self.assertEqual(self.there.endpoint(0), FIRST)

    def test_a_peer_may_only_send_from_its_own_addresses(self):
        wg = self.wg
        for packet, status in (
            (support.ipv4(THERE, HERE), wg.ERR_SOURCE),
            (support.ipv6(bytes(16), bytes(16)), wg.ERR_SOURCE),
            (b"nonsense", wg.ERR_INNER),
        ):
            datagram = self.sealed(packet)
            self.assertEqual(self.opened(datagram, 3000, SECOND), (-status, 0, 0))
        self.assertEqual(self.there.endpoint(0), FIRST)
        self.assertEqual(self.there.times(0)[3], 3000)  # it was heard all the same

    def test_the_endpoint_moves_with_what_is_authentic(self):
        wg = self.wg
        self.assertEqual(self.opened(self.sealed(), 2000, SECOND), (0, 16, 0))
        self.assertEqual(self.there.endpoint(0), SECOND)
        self.assertEqual(self.events(self.there), wg.EVENT_CONFIRMED | wg.EVENT_ENDPOINT)

    def test_the_responder_answers_when_the_new_keypair_was_used(self):
        wg = self.wg
        self.assertEqual(self.there.seal(0, self.out, b"", 2000), -wg.ERR_NO_KEY)
        self.opened(self.sealed())
        self.assertIs(self.there.has_keypair(0, wg.CURRENT), True)
        back = self.sealed(support.ipv4(THERE, HERE), 2000, self.there)
        self.assertEqual(self.opened(back, 2000, SECOND, self.here), (0, 16, 20))
        late = self.sealed()
        self.shake_hands("b", 3, 5000)
        self.opened(self.sealed(), 5000)
        self.assertIs(self.there.has_keypair(0, wg.PREVIOUS), True)
        self.assertEqual(self.opened(late, 5000), (0, 16, 0))  # under way when keys changed

    def test_times_and_events_follow_the_data(self):
        wg = self.wg
        datagram = self.sealed(support.ipv4(HERE, THERE), 5000)
        self.sealed(support.ipv4(HERE, THERE), 6000)
        self.assertEqual(self.here.times(0), (5000, 0, 6000, 0))
        self.assertEqual(self.events(self.here), wg.EVENT_SENT)
        self.opened(datagram, 5001)
        self.assertEqual(self.there.times(0), (0, 5001, 0, 5001))
        self.assertEqual(self.events(self.there), wg.EVENT_RECEIVED | wg.EVENT_CONFIRMED)
        answer = self.sealed(b"", 5002, self.there)
        self.assertEqual(self.there.times(0), (0, 0, 5002, 5001))
        self.opened(answer, 6001, SECOND, self.here)
        self.assertEqual(self.here.times(0), (0, 0, 6000, 6001))

    def test_the_initiator_wants_new_keys_in_time(self):
        wg = self.wg
        self.opened(self.sealed(b"", 1000 + 2 * MINUTE - 1), 1000 + 2 * MINUTE)
        self.events(self.there)
        self.assertEqual(self.events(self.here), 0)
        self.sealed(b"", 1000 + 2 * MINUTE)
        self.assertEqual(self.events(self.here), wg.EVENT_REKEY)
        self.sealed(b"", 1000 + 2 * MINUTE, self.there)
        self.assertEqual(self.events(self.there), 0)
        self.here.watch(0, wg.EVENT_REKEY)
        for now_ms, expected in ((165_999, 0), (166_000, wg.EVENT_REKEY)):
            back = self.sealed(b"", now_ms, self.there)
            self.opened(back, now_ms, SECOND, self.here)
            self.assertEqual(self.events(self.here), expected)

    def test_the_counter_has_its_limits(self):
        wg = self.wg
        self.here.set_send_counter(0, 2**60 - 2)
        self.sealed()
        self.assertEqual(self.events(self.here), 0)
        self.sealed()
        self.assertEqual(self.events(self.here), wg.EVENT_REKEY)
        last = 2**64 - 2**13 - 2
        self.here.set_send_counter(0, last)
        datagram = self.sealed()
        self.assertEqual(datagram[8:16], last.to_bytes(8, "little"))
        self.assertEqual(self.opened(datagram), (0, 16, 0))
        self.assertEqual(self.here.seal(0, self.out, b"", 2000), -wg.ERR_EXPIRED)

    def test_packets_wait_for_a_keypair_in_order(self):
        wg, there = self.wg, self.there
        packets = [support.ipv4(THERE, HERE, bytes([n])) for n in range(40)]
        for packet in packets:
            self.assertEqual(there.queue(0, packet), wg.OK)
        self.assertEqual(there.waiting(0), 32)
        self.assertEqual(there.drops()[wg.ERR_SPACE], 8)
        self.assertEqual(there.seal_queued(0, self.out, 2000), 0)
        self.assertEqual(there.waiting(0), 32)
        self.opened(self.sealed())
        self.assertEqual(there.seal_queued(0, bytearray(40), 2000), 0)
        for packet in packets[8:]:
            length = there.seal_queued(0, self.out, 2000)
            datagram = bytearray(self.out[:length])
            _, offset, length = self.opened(datagram, 2000, SECOND, self.here)
            self.assertEqual(bytes(datagram[offset : offset + length]), packet)
        self.assertEqual(there.seal_queued(0, self.out, 2000), 0)
        self.assertEqual(there.queue(0, bytes(1501)), wg.ERR_SPACE)
        self.assertEqual(there.queue(0, bytes(1500)), wg.OK)
        there.drop_queue(0)
        self.assertEqual(there.waiting(0), 0)
        self.assertIs(support.refusal(there.queue, (0, "x")), TypeError)
        support.check_refusals(
            self,
            there.seal_queued,
            lambda: (0, self.out, 1),
            [(1, bytes(100), TypeError)],
            support.wrong_time(2),
        )

    def test_one_peers_packets_do_not_push_out_anothers(self):
        wg, there = self.wg, self.there
        other = there.add_peer()
        for _ in range(32):
            there.queue(0, b"x")
        for _ in range(8):
            self.assertEqual(there.queue(other, b"x"), wg.OK)
        self.assertEqual(there.queue(other, b"newest"), wg.OK)  # in the place of its own oldest
        self.assertEqual((there.waiting(0), there.waiting(other)), (32, 8))
        there.remove_peer(other)
        other = there.add_peer()
        self.assertEqual(there.waiting(other), 0)

    def test_open_checks_its_arguments(self):
        support.check_refusals(
            self,
            self.there.open,
            lambda: (bytearray(32), FIRST, 1),
            [
                (0, bytes(32), TypeError),
                (0, None, TypeError),
                (1, b"", ValueError),
                (1, FIRST[:-1], ValueError),
                (1, "x" * 11, TypeError),
            ],
            support.wrong_time(2),
        )


if __name__ == "__main__":
    unittest.main()
