"""What `_wg` promises of a tunnel's arguments, tables and events."""

import unittest

import _wg
from tests.contract import support

OUT = bytes([8, 8, 8, 8])


class TunnelCase(unittest.TestCase):
    wg = _wg

    def setUp(self):
        self.tunnel = self.wg.Tunnel(peers=3, prefixes=8, waiting=4, packet_size=100, mtu=1420)
        self.peer = self.tunnel.add_peer()

    def install(self, local_index=1, is_initiator=True, now_ms=1000, name="a"):
        send, receive = support.split(self.wg, name)
        if not is_initiator:
            send, receive = receive, send
        self.tunnel.install(
            self.peer, send, receive, is_initiator, local_index, local_index + 1, now_ms
        )


class TunnelTest(TunnelCase):
    def test_peers_have_numbers_until_the_table_is_full(self):
        numbers = [self.peer, self.tunnel.add_peer(), self.tunnel.add_peer()]
        self.assertEqual(sorted(numbers), [0, 1, 2])
        self.assertIs(support.refusal(self.tunnel.add_peer, ()), MemoryError)
        self.tunnel.remove_peer(numbers[1])
        self.assertIs(support.refusal(self.tunnel.remove_peer, (numbers[1],)), ValueError)
        self.assertEqual(self.tunnel.add_peer(), numbers[1])

    def test_capacities_are_checked(self):
        def good():
            return (1, 1, 1, 1, 1)

        wrong = [(0, 0, ValueError)]
        for position, highest in enumerate((0xFFFE, 2**31 - 2, 0xFFFE, 0xFFFF, 0xFFFF)):
            wrong += support.wrong_number(position, highest)
        support.check_refusals(self, self.wg.Tunnel, good, wrong)
        self.assertIsNone(support.refusal(self.wg.Tunnel, (1, 0, 0, 0, 0)))

    def test_every_method_refuses_a_peer_that_is_not_there(self):
        tunnel = self.tunnel
        send, receive = support.split(self.wg)
        out = bytearray(200)
        for method, rest in (
            (tunnel.remove_peer, ()),
            (tunnel.allow, (bytes(4), 0)),
            (tunnel.disallow, (bytes(4), 0)),
            (tunnel.disallow_all, ()),
            (tunnel.allowed, ()),
            (tunnel.set_endpoint, (b"",)),
            (tunnel.endpoint, ()),
            (tunnel.install, (send, receive, True, 1, 2, 1)),
            (tunnel.clear_keypairs, ()),
            (tunnel.reserve_index, (1,)),
            (tunnel.release_index, ()),
            (tunnel.has_keypair, (self.wg.CURRENT,)),
            (tunnel.keypair_age, (self.wg.CURRENT, 1)),
            (tunnel.set_send_counter, (0,)),
            (tunnel.seal, (out, b"", 1)),
            (tunnel.queue, (b"",)),
            (tunnel.seal_queued, (out, 1)),
            (tunnel.waiting, ()),
            (tunnel.drop_queue, ()),
            (tunnel.note_sent, (1, 1)),
            (tunnel.note_heard, (1, 1)),
            (tunnel.watch, (0,)),
            (tunnel.times, ()),
            (tunnel.bytes, ()),
        ):
            for wrong, kind in (
                (self.peer + 1, ValueError),
                (2, ValueError),
                (3, ValueError),
                (0xFFFF, ValueError),
                (0x10000 + self.peer, OverflowError),
                (2**32 + self.peer, OverflowError),
                (support.TOO_BIG + self.peer, OverflowError),
                (-1, OverflowError),
                (None, TypeError),
            ):
                self.assertIs(support.refusal(method, support.joined((wrong,), rest)), kind)
            self.assertIs(
                support.refusal(
                    method,
                    support.joined(
                        (self.peer,),
                        rest,
                        (
                            1,
                            1,
                        ),
                    ),
                ),
                TypeError,
            )
        send.set_nonce(0)  # what was refused has taken nothing

    def test_allowed_ips_move_and_leave_with_their_peer(self):
        tunnel, first = self.tunnel, self.peer
        second = tunnel.add_peer()
        tunnel.allow(first, b"\x0a\x00\x00\x07", 8)
        tunnel.allow(first, bytes(16), 0)
        self.assertEqual(
            sorted(tunnel.allowed(first)), [(b"\x0a\x00\x00\x00", 8), (bytes(16), 0)][::-1]
        )
        tunnel.allow(second, b"\x0a\x00\x00\x00", 8)
        self.assertEqual(tunnel.allowed(first), [(bytes(16), 0)])
        self.assertEqual(tunnel.lookup(b"\x0a\x01\x01\x01"), second)
        self.assertEqual(tunnel.lookup(b"\x0b\x01\x01\x01"), -1)
        self.assertIs(tunnel.disallow(first, b"\x0a\x00\x00\x00", 8), False)
        self.assertIs(tunnel.disallow(second, b"\x0a\x00\x00\x00", 8), True)
        tunnel.allow(second, b"\x0a\x00\x00\x00", 8)
        tunnel.disallow_all(second)
        self.assertEqual(tunnel.allowed(second), [])
        tunnel.allow(second, b"\x0a\x00\x00\x00", 8)
        tunnel.remove_peer(second)
        self.assertEqual(tunnel.lookup(b"\x0a\x01\x01\x01"), -1)

    def test_allowed_ips_are_checked_and_fill_up(self):
        tunnel = self.tunnel
        for method in (tunnel.allow, tunnel.disallow):
            support.check_refusals(
                self,
                method,
                lambda: (self.peer, bytes(4), 32),
                [
                    (1, bytes(5), ValueError),
                    (1, b"", ValueError),
                    (1, "1234", TypeError),
                    (2, 33, ValueError),
                    (2, 256, ValueError),
                ],
                support.wrong_number(2, 2**64 - 1),
            )
        support.check_refusals(
            self, tunnel.lookup, lambda: (bytes(16),), [(0, bytes(8), ValueError)]
        )
        kinds = {
            support.refusal(tunnel.allow, (self.peer, bytes([1, 2, 3, n]), 32)) for n in range(64)
        }
        self.assertEqual(kinds, {None, MemoryError})

    def test_endpoints_come_back_as_they_were_set(self):
        tunnel = self.tunnel
        self.assertEqual(tunnel.endpoint(self.peer), b"")
        link_local = b"\x06\x12\x34\x00\x00\x00\x03\xfe\x80" + bytes(13) + b"\x01"
        for given in (support.endpoint(1), link_local, b"\x06" + bytes(22), b""):
            tunnel.set_endpoint(self.peer, given)
            self.assertEqual(tunnel.endpoint(self.peer), given)
        tunnel.set_endpoint(self.peer, link_local)
        for wrong in (b"\x04", link_local[:-1], b"\x05" + bytes(10), b"\x00" * 11):
            self.assertIs(support.refusal(tunnel.set_endpoint, (self.peer, wrong)), ValueError)
        self.assertIs(support.refusal(tunnel.set_endpoint, (self.peer, "x" * 11)), TypeError)
        self.assertEqual(tunnel.endpoint(self.peer), link_local)

    def test_statuses_are_counted_by_name(self):
        tunnel = self.tunnel
        self.assertEqual(tunnel.drops(), (0,) * self.wg.STATUS_COUNT)
        tunnel.count_drop(self.wg.ERR_HANDSHAKE)
        tunnel.count_drop(status=self.wg.ERR_HANDSHAKE)
        self.assertEqual(tunnel.drops()[self.wg.ERR_HANDSHAKE], 2)
        self.assertEqual(sum(tunnel.drops()), 2)
        support.check_refusals(
            self,
            tunnel.count_drop,
            lambda: (1,),
            support.wrong_number(0, 2**64 - 1),
            [(0, 0, ValueError), (0, self.wg.STATUS_COUNT, ValueError)],
        )

    def test_an_event_that_was_taken_is_quiet_until_it_is_watched(self):
        tunnel, wg = self.tunnel, self.wg
        out = bytearray(200)
        self.assertIsNone(tunnel.take_event())
        tunnel.set_endpoint(self.peer, support.endpoint(1))
        self.assertEqual(tunnel.seal(self.peer, out, b"x", 1), -wg.ERR_NO_KEY)
        self.assertEqual(tunnel.take_event(), (self.peer, wg.EVENT_HANDSHAKE))
        self.assertIsNone(tunnel.take_event())
        self.assertEqual(tunnel.seal(self.peer, out, b"x", 2), -wg.ERR_NO_KEY)
        self.assertIsNone(tunnel.take_event())
        tunnel.watch(self.peer, wg.EVENT_HANDSHAKE)
        self.assertIsNone(tunnel.take_event())
        self.assertEqual(tunnel.seal(self.peer, out, b"x", 3), -wg.ERR_NO_KEY)
        self.assertEqual(tunnel.take_event(), (self.peer, wg.EVENT_HANDSHAKE))
        support.check_refusals(
            self,
            tunnel.watch,
            lambda: (self.peer, wg.EVENT_ALL),
            support.wrong_number(1, 2**64 - 1),
            [(1, 64, ValueError), (1, 256, ValueError), (1, 2**32, ValueError)],
        )

    def test_notes_count_bytes_and_times(self):
        tunnel = self.tunnel
        self.assertEqual(tunnel.times(self.peer), (0, 0, 0, 0))
        self.assertEqual(tunnel.bytes(self.peer), (0, 0))
        tunnel.note_sent(self.peer, 148, 2**40)
        tunnel.note_heard(self.peer, 92, 2**62 - 1)
        self.assertEqual(tunnel.times(self.peer), (0, 0, 2**40, 2**62 - 1))
        self.assertEqual(tunnel.bytes(self.peer), (92, 148))
        for method in (tunnel.note_sent, tunnel.note_heard):
            support.check_refusals(
                self,
                method,
                lambda: (self.peer, 1, 1),
                support.wrong_number(1, 0xFFFF) + support.wrong_time(2),
            )

    def test_a_wiped_tunnel_is_refused(self):
        tunnel = self.tunnel
        self.install()
        tunnel.wipe()
        tunnel.wipe()
        for method, arguments in (
            (tunnel.add_peer, ()),
            (tunnel.set_mtu, (1,)),
            (tunnel.remove_peer, (0,)),
            (tunnel.lookup, (bytes(4),)),
            (tunnel.find_index, (1,)),
            (tunnel.reserve_index, (0, 1)),
            (tunnel.release_index, (0,)),
            (tunnel.expects, (1, b"")),
            (tunnel.expect_answer, (1,)),
            (tunnel.has_keypair, (0, 0)),
            (tunnel.route, (b"",)),
            (tunnel.seal, (0, bytearray(100), b"", 1)),
            (tunnel.open, (bytearray(32), support.endpoint(1), 1)),
            (tunnel.take_event, ()),
            (tunnel.drops, ()),
            (tunnel.count_drop, (1,)),
        ):
            self.assertIs(support.refusal(method, arguments), ValueError)


class KeypairTest(TunnelCase):
    def test_the_initiators_keypair_is_current_at_once(self):
        tunnel, wg = self.tunnel, self.wg
        self.install(local_index=7)
        self.assertIs(tunnel.has_keypair(self.peer, wg.CURRENT), True)
        self.assertIs(tunnel.has_keypair(self.peer, wg.NEXT), False)
        self.assertEqual(tunnel.find_index(7), self.peer)
        self.assertEqual(tunnel.find_index(8), -1)
        self.install(local_index=9, name="b")
        self.assertIs(tunnel.has_keypair(self.peer, wg.PREVIOUS), True)
        self.install(local_index=11, name="c")
        self.assertEqual([tunnel.find_index(i) for i in (7, 9, 11)], [-1, 0, 0])

    def test_the_responders_keypair_waits_in_next(self):
        tunnel, wg = self.tunnel, self.wg
        self.install(local_index=2**32 - 2, is_initiator=False)
        self.assertIs(tunnel.has_keypair(self.peer, wg.CURRENT), False)
        self.assertIs(tunnel.has_keypair(self.peer, wg.NEXT), True)
        self.assertEqual(tunnel.find_index(2**32 - 2), self.peer)
        tunnel.clear_keypairs(self.peer)
        self.assertEqual(tunnel.find_index(2**32 - 2), -1)
        self.assertIs(tunnel.has_keypair(self.peer, wg.NEXT), False)

    def answer(self, kind, index):
        """A handshake response or cookie reply to an index."""
        head = bytes([kind, 0, 0, 0]) + (bytes(4) if kind == 2 else b"")
        return (head + index.to_bytes(4, "little") + bytes(92))[: 92 if kind == 2 else 64]

    def expected(self, index):
        """Whether a response and a cookie reply to this index are waited for."""
        return [self.tunnel.expects(kind, self.answer(kind, index)) for kind in (2, 3)]

    def test_answers_are_expected_by_a_handshake_that_we_began(self):
        tunnel = self.tunnel
        self.assertEqual(self.expected(7), [False, False])
        tunnel.reserve_index(self.peer, 7)
        self.assertEqual(tunnel.find_index(7), self.peer)
        self.assertEqual(self.expected(7), [True, True])
        self.assertEqual(self.expected(8), [False, False])
        tunnel.reserve_index(self.peer, 2**32 - 1)
        self.assertEqual(self.expected(7), [False, False])
        self.assertEqual(self.expected(2**32 - 1), [True, True])
        tunnel.release_index(self.peer)
        tunnel.release_index(self.peer)
        self.assertEqual(self.expected(2**32 - 1), [False, False])
        tunnel.reserve_index(self.peer, 7)
        tunnel.remove_peer(self.peer)
        self.assertEqual(tunnel.find_index(7), -1)

    def test_the_keypair_takes_the_index_of_its_handshake_over(self):
        tunnel = self.tunnel
        tunnel.reserve_index(self.peer, 7)
        self.install(local_index=7)
        self.assertEqual(tunnel.find_index(7), self.peer)
        self.assertEqual(self.expected(7), [False, False])
        tunnel.release_index(self.peer)
        self.assertEqual(tunnel.find_index(7), self.peer)
        for index in (7, 9):
            self.assertIs(
                support.refusal(tunnel.reserve_index, (self.peer, index)),
                ValueError if index == 7 else None,
            )
        other = tunnel.add_peer()
        send, receive = support.split(self.wg, "other")
        arguments = (other, send, receive, True, 9, 1, 1000)
        self.assertIs(support.refusal(tunnel.install, arguments), ValueError)
        self.assertIs(support.refusal(tunnel.reserve_index, (other, 9)), ValueError)

    def test_a_cookie_reply_is_expected_by_a_response_that_is_not_confirmed(self):
        self.install(local_index=7, is_initiator=False)
        self.assertEqual(self.expected(7), [False, True])
        self.install(local_index=9)
        self.assertEqual(self.expected(7), [False, False])

    def test_an_answer_to_a_question_is_expected_as_a_response(self):
        tunnel = self.tunnel
        tunnel.expect_answer(7)
        self.assertEqual(self.expected(7), [True, False])
        self.assertEqual(self.expected(8), [False, False])
        tunnel.expect_answer(index=2**32 - 2)
        self.assertEqual(self.expected(7), [False, False])
        self.assertEqual(self.expected(2**32 - 2), [True, False])
        self.install(local_index=2**32 - 2)  # a keypair takes no responses
        self.assertEqual(self.expected(2**32 - 2), [False, False])
        tunnel.expect_answer(0)
        self.assertEqual(self.expected(0), [True, False])
        tunnel.expect_answer()
        self.assertEqual(self.expected(0), [False, False])
        tunnel.expect_answer(5)
        tunnel.expect_answer(None)
        self.assertEqual(self.expected(5), [False, False])
        wrong = [row for row in support.wrong_number(0, 2**32 - 1) if row[1] is not None]
        for _, value, error in wrong:
            self.assertIs(support.refusal(tunnel.expect_answer, (value,)), error)

    def test_what_is_no_answer_is_left_to_the_gate(self):
        for kind, message in (
            (2, b""),
            (3, bytes(3)),
            (1, bytes(148)),
            (3, self.answer(3, 7)[:-1]),
        ):
            self.assertIs(self.tunnel.expects(kind, message), True)
        support.check_refusals(
            self,
            self.tunnel.expects,
            lambda: (2, b""),
            [(1, value, TypeError) for value in ("", None, 1, support.NoBuffer())],
            support.wrong_number(0, 255),
        )

    def test_data_to_a_handshake_is_dropped(self):
        tunnel, wg = self.tunnel, self.wg
        tunnel.reserve_index(self.peer, 7)
        datagram = bytearray(b"\4\0\0\0\7" + bytes(27))
        opened = tunnel.open(datagram, support.endpoint(1), 1000)
        self.assertEqual(opened, (-wg.ERR_INDEX, 0, 0))

    def test_indices_to_reserve_are_checked(self):
        tunnel = self.tunnel
        indices = iter(range(100))
        support.check_refusals(
            self,
            tunnel.reserve_index,
            lambda: (self.peer, next(indices)),
            support.wrong_number(1, 2**32 - 1),
        )

    def test_ages_are_told(self):
        tunnel, wg = self.tunnel, self.wg
        self.assertEqual(tunnel.keypair_age(self.peer, wg.CURRENT, 1), -1)
        self.install(now_ms=1000)
        self.assertEqual(tunnel.keypair_age(self.peer, wg.CURRENT, 1000), 0)
        self.assertEqual(tunnel.keypair_age(self.peer, wg.CURRENT, 999), 0)
        self.assertEqual(tunnel.keypair_age(self.peer, wg.CURRENT, 2**62 - 1), 2**62 - 1001)
        self.assertEqual(tunnel.keypair_age(self.peer, wg.PREVIOUS, 5000), -1)
        support.check_refusals(
            self,
            tunnel.keypair_age,
            lambda: (self.peer, wg.NEXT, 5),
            support.wrong_number(1, 2**64 - 1),
            [(1, 3, ValueError), (1, 256, ValueError)],
            support.wrong_time(2),
        )
        support.check_refusals(
            self,
            tunnel.has_keypair,
            lambda: (self.peer, wg.NEXT),
            support.wrong_number(1, 2**64 - 1),
            [(1, 3, ValueError)],
        )
        support.check_refusals(
            self, tunnel.find_index, lambda: (0,), support.wrong_number(0, 2**32 - 1)
        )

    def test_install_takes_two_fresh_keys_and_wipes_them(self):
        tunnel = self.tunnel
        send, receive = support.split(self.wg)
        used, _ = support.split(self.wg, "used")
        used.encrypt(bytearray(16), b"")
        wiped, _ = support.split(self.wg, "wiped")
        wiped.wipe()
        self.install(local_index=50, name="taken")
        # A key that has encrypted would encrypt under the same nonces again.
        for position, value, kind in support.joined(
            [
                (1, used, ValueError),
                (2, used, ValueError),
                (1, wiped, ValueError),
                (2, send, ValueError),
                (1, b"", TypeError),
                (2, None, TypeError),
                (3, 1, TypeError),
                (3, None, TypeError),
                (4, 50, ValueError),
            ],
            support.wrong_number(4, 2**32 - 1),
            support.wrong_number(5, 2**32 - 1),
            support.wrong_time(6),
        ):
            arguments = [self.peer, send, receive, True, 1, 2, 1000]
            arguments[position] = value
            self.assertIs(support.refusal(tunnel.install, arguments), kind)
        self.assertEqual(tunnel.find_index(1), -1)
        tunnel.install(self.peer, send, receive, True, 1, 2, 1000)
        for cipher in (send, receive):
            self.assertIs(support.refusal(cipher.encrypt, (bytearray(16), b"")), ValueError)

    def test_the_send_counter_only_rises(self):
        tunnel = self.tunnel
        self.assertIs(support.refusal(tunnel.set_send_counter, (self.peer, 0)), ValueError)
        self.install(is_initiator=False)
        self.assertIs(support.refusal(tunnel.set_send_counter, (self.peer, 0)), ValueError)
        self.install(local_index=5)
        tunnel.set_send_counter(self.peer, 2**63)
        self.assertIs(support.refusal(tunnel.set_send_counter, (self.peer, 2**63 - 1)), ValueError)
        support.check_refusals(
            self,
            tunnel.set_send_counter,
            lambda: (self.peer, 2**64 - 1),
            support.wrong_number(1, 2**64 - 1),
        )


if __name__ == "__main__":
    unittest.main()
