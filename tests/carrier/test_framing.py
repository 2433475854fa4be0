"""Datagrams in a stream: the oracle of the framing, and what breaks it."""

import unittest

from tests.support.randomness import Random

from carrier import framing
from carrier.errors import CarrierError
from carrier.framing import (
    CLOSE,
    DATAGRAM,
    LENGTH,
    PING,
    PONG,
    WEBSOCKET_CLIENT,
    WEBSOCKET_SERVER,
    Decoder,
)

OTHER_END = {
    LENGTH: LENGTH,
    WEBSOCKET_CLIENT: WEBSOCKET_SERVER,
    WEBSOCKET_SERVER: WEBSOCKET_CLIENT,
}


def is_broken(kind, data):
    decoder = Decoder(kind, 1500)
    try:
        decoder.feed(data)
    except CarrierError:
        return True
    return False


class FramingTest(unittest.TestCase):
    def test_frames_are_those_of_the_rfc_and_of_udp_over_tcp(self):
        self.assertEqual(framing.encode(LENGTH, b"abc"), b"\x00\x03abc")
        # RFC 6455, 5.7, with binary in place of text.
        mask = b"\x37\xfa\x21\x3d"
        masked = b"\x82\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58"
        self.assertEqual(framing.encode(WEBSOCKET_CLIENT, b"Hello", mask), masked)
        self.assertEqual(framing.encode(WEBSOCKET_SERVER, b"Hello"), b"\x82\x05Hello")
        long = framing.encode(WEBSOCKET_SERVER, bytes(256))
        self.assertEqual(long[:4], b"\x82\x7e\x01\x00")
        ping = framing.control(WEBSOCKET_CLIENT, PING, b"Hello", mask)
        self.assertEqual(ping, b"\x89\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58")
        self.assertEqual(framing.control(LENGTH, PING), b"")

    def test_what_was_sent_arrives_however_it_is_cut(self):
        random = Random(21)
        for kind in OTHER_END:
            for _ in range(20):
                sent = []
                stream = b""
                for _ in range(1 + random.below(6)):
                    length = (1, 125, 126, 127, 148, 1420)[random.below(6)]
                    datagram = bytearray(length)
                    random.fill(datagram)
                    sent.append((DATAGRAM, bytes(datagram)))
                    stream += framing.encode(kind, datagram, b"\x01\xff\x80\x7f")
                    if random.below(3) == 0 and kind != LENGTH:
                        sent.append((PING, b"hi"))
                        stream += framing.control(kind, PING, b"hi", b"abcd")
                decoder = Decoder(OTHER_END[kind])
                found = []
                at = 0
                while at < len(stream):
                    step = 1 + random.below(700)
                    found += decoder.feed(stream[at : at + step])
                    at += step
                self.assertEqual(found, sent)

    def test_what_the_framing_does_not_allow_breaks_it(self):
        for kind, data in (
            (WEBSOCKET_SERVER, b"\x82\x01x"),  # a client that does not mask
            (WEBSOCKET_CLIENT, b"\x82\x81abcdx"),  # a server that does
            (WEBSOCKET_CLIENT, b"\x81\x01x"),  # text
            (WEBSOCKET_CLIENT, b"\x02\x01x"),  # the first of many fragments
            (WEBSOCKET_CLIENT, b"\x80\x01x"),  # a further one
            (WEBSOCKET_CLIENT, b"\xc2\x01x"),  # compressed
            (WEBSOCKET_CLIENT, b"\x83\x00"),  # nothing that there is
            (WEBSOCKET_CLIENT, b"\x82\x7f"),  # a length of 64 bits
            (WEBSOCKET_CLIENT, b"\x82\x7e\x00\x7d"),  # not the shortest form
            (WEBSOCKET_CLIENT, b"\x82\x7e\x05\xdd"),  # 1501 bytes
            (WEBSOCKET_CLIENT, b"\x89\x7e"),  # a ping of more than 125
            (LENGTH, b"\x05\xdd"),
        ):
            self.assertTrue(is_broken(kind, data), data)
            self.assertFalse(is_broken(kind, data[:1]), data)

    def test_nothing_comes_after_the_close_or_a_break(self):
        decoder = Decoder(WEBSOCKET_CLIENT)
        found = decoder.feed(b"\x8a\x00\x88\x02\x03\xe8\x82\x01x")
        self.assertEqual(found, [(PONG, b""), (CLOSE, b"\x03\xe8")])
        self.assertEqual(decoder.feed(b"\x82\x01x"), [])
        decoder = Decoder(WEBSOCKET_CLIENT)
        with self.assertRaises(CarrierError):
            decoder.feed(b"\x81\x01x")
        self.assertEqual(decoder.feed(b"\x82\x01x"), [])

    def test_an_empty_datagram_says_nothing(self):
        self.assertEqual(Decoder(LENGTH).feed(b"\x00\x00\x00\x01x"), [(DATAGRAM, b"x")])
        self.assertEqual(Decoder(WEBSOCKET_CLIENT).feed(b"\x82\x00\x82\x01x"), [(DATAGRAM, b"x")])
        with self.assertRaises(ValueError):
            framing.encode(LENGTH, b"")


if __name__ == "__main__":
    unittest.main()
