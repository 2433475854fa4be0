import unittest

from _wg import PresharedKey
from tests.support.network import Pair

from wg import endpoint, macs, probe
from wg.const import INITIATION_LEN, MESSAGE_INITIATION, MESSAGE_RESPONSE, RESPONSE_LEN

KEY = bytes(range(32))
SIZES = (16, 16, 16, 16)
OWN = (1, 1, 2, 2, 3, 3, 4, 4)
ELSEWHERE = endpoint.parse("198.51.100.7:4242")


class ProbeCase(unittest.TestCase):
    def setUp(self):
        self.pair = Pair()
        self.pair.shape(SIZES, OWN, KEY)
        for node in (self.pair.box, self.pair.gateway):
            node.device.probe_key = probe.key_of(KEY)
        self.found = []

    def shaped(self):
        return endpoint.with_shape(self.pair.gateway.address, 1)

    def ask(self, to=None, peer=None):
        return self.pair.box.device.ask(
            peer or self.pair.to_gateway,
            self.pair.gateway.address if to is None else to,
            lambda *answer: self.found.append(answer),
            self.pair.clock.ms,
        )

    def sent(self, node):
        return [data for source, _, data in self.pair.network.capture if source == node.address]

    def answers(self):
        return self.sent(self.pair.gateway)

    def inject(self, data, source=ELSEWHERE):
        self.pair.network.inject(source, self.pair.gateway.address, data)
        self.pair.run(100)


class AnswerTest(ProbeCase):
    def test_a_question_is_answered_in_the_shape_in_which_it_was_asked(self):
        for to in (self.pair.gateway.address, self.shaped()):
            self.pair.network.capture.clear()
            self.assertTrue(self.ask(to))
            self.pair.run(100)
            self.assertEqual(self.found.pop(), (to, self.pair.box.address))
            room = 16 * endpoint.shape(to)
            lengths = [len(data) for _, _, data in self.pair.network.capture]
            self.assertEqual(lengths, [INITIATION_LEN + room, RESPONSE_LEN + room])

    def test_the_answer_says_where_the_question_was_seen(self):
        for address in (ELSEWHERE, endpoint.parse("[2001:db8::9]:65535"), endpoint.stream(7)):
            self.pair.box.address = address
            self.ask()
            self.pair.run(100)
            self.assertEqual(self.found.pop()[1], address)

    def test_a_question_and_its_answer_look_like_a_handshake(self):
        self.ask()
        self.pair.run(100)
        question, answer = [data for _, _, data in self.pair.network.capture]
        self.assertEqual(question[:4], bytes([MESSAGE_INITIATION, 0, 0, 0]))
        self.assertEqual(answer[:4], bytes([MESSAGE_RESPONSE, 0, 0, 0]))
        self.assertEqual(answer[8:12], question[4:8])

    def test_nothing_moves_and_no_keys_come_of_it(self):
        self.pair.connect()
        gateway, box = self.pair.gateway, self.pair.box
        before = self.state()
        self.pair.box.address = ELSEWHERE
        for to in (self.shaped(), self.pair.gateway.address):
            self.assertTrue(self.ask(to))
            self.pair.run(100)
        self.assertEqual(len(self.found), 2)
        self.assertEqual(self.state(), before)
        self.assertEqual((gateway.received, box.received), ([], []))

    def state(self):
        ends = ((self.pair.box, self.pair.to_gateway), (self.pair.gateway, self.pair.to_box))
        return [
            (
                peer.endpoint(),
                peer.transfer(),
                peer.last_handshake,
                peer.timestamp,
                [node.tunnel.has_keypair(peer.number, which) for which in range(3)],
            )
            for node, peer in ends
        ]

    def test_a_handshake_may_be_under_way_meanwhile(self):
        self.pair.send()
        self.ask()
        self.pair.run(30)
        self.assertEqual(len(self.found), 1)
        self.assertEqual(self.pair.payloads(self.pair.gateway), [b"up"])

    def test_a_preshared_key_counts(self):
        self.pair.to_gateway.set_preshared_key(PresharedKey(b"k" * 32))
        self.ask()
        self.pair.run(100)
        self.assertEqual(self.found, [])
        self.pair.to_box.set_preshared_key(PresharedKey(b"k" * 32))
        self.ask()
        self.pair.run(100)
        self.assertEqual(len(self.found), 1)

    def test_several_questions_wait_at_once_and_each_has_its_answer(self):
        others = [endpoint.parse("192.0.2.9:%d" % port) for port in range(1, 4)]
        held = []
        self.pair.network.filter = lambda source, target, data: (
            target in others and not held.append((source, data))
        )
        for to in others:
            self.assertTrue(self.ask(to))
            self.pair.run(probe.INTERVAL_MS)
        self.assertEqual(len(held), 3)
        for source, data in held:  # as if the gateway were there
            self.inject(data, source)
        self.assertEqual([to for to, _ in self.found], others)

    def test_decoys_go_before_a_question_too(self):
        asked = []
        self.pair.box.device.on_initiation = lambda peer, to: asked.append(
            (peer, to, len(self.pair.network.capture))
        )
        self.ask(self.shaped())
        self.assertEqual(asked, [(self.pair.to_gateway, self.shaped(), 0)])


class SilenceTest(ProbeCase):
    def test_a_scanner_gets_silence(self):
        self.ask(self.shaped())
        self.pair.run(100)
        question = self.sent(self.pair.box)[0]
        count = len(self.answers())
        for at in range(len(question)):
            self.inject(question[:at] + bytes([question[at] ^ 1]) + question[at + 1 :])
        self.assertEqual(len(self.answers()), count)

    def test_a_recorded_question_that_is_sent_again_gets_silence(self):
        for to in (self.pair.gateway.address, self.shaped()):
            self.ask(to)
            self.pair.run(100)
        count = len(self.answers())
        for question in self.sent(self.pair.box):
            for source in (ELSEWHERE, self.pair.box.address):
                self.inject(question, source)
        self.assertEqual((count, len(self.answers())), (2, 2))
        self.assertEqual(self.pair.to_box.endpoint(), b"")

    def test_a_recorded_question_stays_old_when_its_peer_is_removed_and_added_again(self):
        self.pair.connect()
        self.ask()
        self.pair.run(1000)
        question = self.pair.network.capture[-2][2]
        gateway = self.pair.gateway
        gateway.device.remove_peer(self.pair.to_box.public_key)
        gateway.device.add_peer(self.pair.to_box.public_key)
        before = len(self.answers())
        self.inject(question)
        self.assertEqual(len(self.answers()), before)

    def test_a_recorded_question_is_old_after_the_next_handshake_of_a_new_gateway(self):
        held = []
        self.pair.network.filter = lambda source, target, data: not held.append(data)
        self.ask()
        self.pair.network.filter = None
        self.pair.connect()  # a gateway that has no memory of questions
        count = len(self.answers())
        self.inject(held[0])
        self.assertEqual(len(self.answers()), count)

    def test_another_probe_key_gets_silence(self):
        self.pair.box.device.probe_key = probe.key_of(bytes(32))
        self.ask()
        self.pair.run(100)
        self.assertEqual(len(self.sent(self.pair.box)), 1)
        self.assertEqual(self.answers(), [])

    def test_who_is_no_peer_gets_silence(self):
        self.pair.gateway.device.remove_peer(self.pair.box.public_key)
        self.ask()
        self.pair.run(100)
        self.assertEqual(self.answers(), [])

    def test_a_gateway_without_the_key_gives_silence(self):
        self.pair.gateway.device.probe_key = None
        self.ask()
        self.pair.run(100)
        self.assertEqual(self.answers(), [])

    def test_nobody_asks_without_keys(self):
        self.pair.box.device.probe_key = None
        self.assertFalse(self.ask())
        self.pair.box.device.probe_key = KEY
        self.pair.box.device.set_private_key(None)
        self.assertFalse(self.ask())
        self.assertEqual(self.pair.network.capture, [])

    def test_an_initiation_is_no_question_and_a_question_no_initiation(self):
        # The same message with the other's mac2: it fails by its prologue.
        held = []
        self.pair.network.filter = lambda source, target, data: not held.append(bytearray(data))
        self.ask()
        self.pair.to_gateway.initiate(self.pair.clock.ms)
        self.pair.network.filter = None
        question, initiation = held
        question[132:] = bytes(16)
        initiation[132:] = probe._mac2(initiation, probe.key_of(KEY))
        for message in held:
            self.inject(bytes(message))
        self.assertEqual(self.answers(), [])
        self.assertEqual(self.pair.to_box.endpoint(), b"")

    def test_questions_come_no_faster_than_they_are_answered(self):
        self.assertTrue(self.ask())
        self.assertFalse(self.ask())
        self.pair.run(probe.INTERVAL_MS - 1)
        self.assertFalse(self.ask())
        self.pair.run(1)
        self.assertTrue(self.ask())
        self.pair.run(100)
        self.assertEqual(len(self.found), 2)

    def test_a_peer_that_asks_too_often_gets_silence(self):
        probe_interval = probe.INTERVAL_MS
        probe.INTERVAL_MS = 0
        try:
            for _ in range(10):
                self.ask()
        finally:
            probe.INTERVAL_MS = probe_interval
        self.pair.run(100)
        self.assertEqual((len(self.sent(self.pair.box)), len(self.answers())), (10, 1))

    def test_under_load_a_question_is_no_way_around_the_cookie(self):
        self.pair.gateway.gate.set_loaded(self.pair.clock.ms)
        self.pair.gateway.poll()
        self.ask()
        self.pair.run(100)
        self.assertEqual([len(data) for data in self.answers()], [64])
        self.assertEqual(self.found, [])


class ForgedAnswerTest(ProbeCase):
    def recorded(self):
        """A question on its way, and its answer, held back."""
        held = []
        self.pair.network.filter = lambda source, target, data: (
            source == self.pair.gateway.address and not held.append(data)
        )
        self.ask()
        self.pair.run(100)
        self.pair.network.filter = None
        self.assertEqual(len(held), 1)
        return held[0]

    def give(self, data, source=ELSEWHERE):
        self.pair.network.inject(source, self.pair.box.address, bytes(data))
        self.pair.run(10)

    def test_a_changed_answer_is_none(self):
        answer = self.recorded()
        for at in range(RESPONSE_LEN - 16):
            changed = bytearray(answer)
            changed[at] ^= 1
            self.give(changed)
        # And by who knows how to make mac1: all that is sealed, and the index that it answers.
        for at in range(8, RESPONSE_LEN - 32):
            changed = bytearray(answer)
            changed[at] ^= 1
            macs.sign(changed, self.pair.box.public_key, None)
            self.give(changed)
        self.assertEqual(self.found, [])
        self.give(answer)
        self.assertEqual(len(self.found), 1)

    def test_an_answer_counts_once(self):
        answer = self.recorded()
        for _ in range(3):
            self.give(answer)
        self.assertEqual(len(self.found), 1)

    def test_an_answer_that_comes_too_late_is_none(self):
        answer = self.recorded()
        self.pair.run(probe.PATIENCE_MS)
        self.ask(ELSEWHERE)  # another question, which drops the old one
        self.give(answer)
        self.assertEqual(self.found, [])

    def test_no_more_than_eight_wait(self):
        answer = self.recorded()
        for _ in range(8):
            self.ask(ELSEWHERE)
            self.pair.run(probe.INTERVAL_MS)
        self.give(answer)
        self.assertEqual(self.found, [])

    def test_an_answer_to_who_was_removed_or_has_another_key_is_none(self):
        for change in (
            lambda: self.pair.box.device.set_private_key(self.pair.box.device.new_key()),
            lambda: self.pair.box.device.remove_peer(self.pair.gateway.public_key),
        ):
            self.setUp()
            answer = self.recorded()
            change()
            self.give(answer)
            self.assertEqual(self.found, [])
            self.assertFalse(self.pair.box.tunnel.expects(2, answer))


if __name__ == "__main__":
    unittest.main()
