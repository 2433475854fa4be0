import unittest

from tests.dhcp.client import MAGIC, Client, Reply, ip
from tests.support.clock import ManualClock
from tests.support.randomness import Random

from dhcp import message


def sample(options=b"\x35\x01\x01\xff"):
    return bytearray(Client(None, ManualClock()).message(1)[:240]) + options


class ParseTest(unittest.TestCase):
    def test_a_clients_message_is_read(self):
        data = Client(None, None, 7, b"\x01hello", True).message(
            3, ip("10.1.2.3"), [(50, ip("10.1.2.4")), (54, ip("10.1.2.1"))]
        )
        request = message.parse(memoryview(data))
        self.assertEqual(request.kind, message.REQUEST)
        self.assertEqual(request.transaction, b"abcd")
        self.assertEqual(request.mac, b"\x02\0\0\0\0\x07")
        self.assertEqual(request.address, ip("10.1.2.3"))
        self.assertEqual(request.requested, ip("10.1.2.4"))
        self.assertEqual(request.server, ip("10.1.2.1"))
        self.assertEqual(request.client, b"\x01hello")
        self.assertTrue(request.wants_broadcast)

    def test_options_not_given_are_empty(self):
        request = message.parse(sample())
        self.assertEqual(request.kind, message.DISCOVER)
        self.assertEqual(request.requested, bytes(4))
        self.assertEqual(request.client, b"")
        self.assertFalse(request.wants_broadcast)

    def test_padding_and_a_missing_end_are_taken(self):
        self.assertEqual(message.parse(sample(b"\0\0\x35\x01\x03")).kind, 3)

    def test_broken_messages_are_none(self):
        for options in (
            b"",
            b"\xff",
            b"\x35",
            b"\x35\x01",
            b"\x35\x00\xff",
            b"\x35\x02\x01\x01\xff",
            b"\x35\x01\x01\x35\x01\x01\xff",
            b"\x35\x01\x01\x32\x03\x01\x02\x03\xff",
            b"\x35\x01\x01\x32\x04\x01\x02\x03",
            b"\x35\x01\x01\x3d\x01\x01\xff",
            b"\x35\x01\x01\x0c\xff\x01\xff",
        ):
            with self.subTest(repr(options)):
                self.assertEqual(message.parse(sample(options)), None)

    def test_what_is_not_for_this_server_is_none(self):
        for at, byte in ((0, 2), (1, 6), (2, 8), (24, 10), (28, 1), (236, 0), (239, 0)):
            with self.subTest(at):
                data = sample()
                data[at] = byte
                self.assertEqual(message.parse(data), None)

    def test_every_cut_is_none_or_read(self):
        whole = Client(None, None).message(3, options=[(50, ip("10.1.2.4"))])
        for length in range(len(whole)):
            request = message.parse(whole[:length])
            self.assertTrue(request is None or length > 240)

    def test_random_options_never_raise(self):
        random = Random(3)
        head = sample(b"")
        for _ in range(300):
            options = bytearray(1 + random.below(60))
            random.fill(options)
            message.parse(head + options)


class AnswerTest(unittest.TestCase):
    def answer(self, client_id=b"", kind=message.ACK):
        data = Client(None, None, 7, client_id, True).message(3, ip("10.1.2.3"))
        payload = message.answer(
            message.parse(data), kind, ip("10.1.2.9"), [(1, ip("255.255.255.0"))]
        )

        class Sent:
            pass

        Sent.payload = payload
        return Reply(Sent)

    def test_it_is_for_the_request(self):
        reply = self.answer()
        self.assertEqual(reply.op, 2)
        self.assertEqual(reply.transaction, b"abcd")
        self.assertEqual(reply.mac, b"\x02\0\0\0\0\x07")
        self.assertEqual(reply.flags, b"\x80\x00")
        self.assertEqual(reply.address, ip("10.1.2.9"))
        self.assertEqual(reply.client_address, ip("10.1.2.3"))
        self.assertEqual(reply.options, {53: b"\x05", 1: ip("255.255.255.0")})

    def test_an_identifier_goes_back_as_it_came(self):
        self.assertEqual(self.answer(b"\xff" + bytes(40)).options[61], b"\xff" + bytes(40))

    def test_only_an_acknowledgement_repeats_the_clients_address(self):
        self.assertEqual(self.answer(kind=message.OFFER).client_address, bytes(4))

    def test_names_and_boot_servers_stay_empty(self):
        reply = self.answer()
        self.assertEqual(reply.names, bytes(192))
        self.assertEqual(reply.next_server, bytes(4))

    def test_it_has_at_least_300_bytes(self):
        self.assertEqual(len(self.answer().answer.payload), 300)
        self.assertEqual(self.answer().answer.payload[236:240], MAGIC)


if __name__ == "__main__":
    unittest.main()
