"""Rungs, messages inside, and what is remembered of networks: codecs that noise does not harm."""

import unittest

from tests.support.randomness import Random

from carrier import inside, networks
from carrier.networks import Network, Networks
from carrier.rung import TCP, TLS, UDP, WS, Rung
from wg.carrier_settings import DECOY_DNS, DECOY_NONE, DECOY_OWN, DECOY_QUIC

TOKEN = b"12345678"
SALT = bytes(range(16))


def every_rung():
    for place in (0, 3):
        for port in (1, 443, 65535):
            for shaped in (False, True):
                for decoy in (DECOY_NONE, DECOY_DNS, DECOY_QUIC, DECOY_OWN):
                    yield Rung(UDP, port, shaped, decoy, False, place)
                for kind in (TCP, WS, TLS):
                    for proxied in (False, True):
                        yield Rung(kind, port, shaped, DECOY_NONE, proxied, place)


class RungTest(unittest.TestCase):
    def test_an_id_says_all_of_a_rung_and_nothing_twice(self):
        rungs = list(every_rung())
        self.assertEqual(len({rung.id() for rung in rungs}), len(rungs))
        for rung in rungs:
            self.assertEqual(Rung.from_id(rung.id()), rung)
            self.assertEqual(len({each.words() for each in rungs if each == rung}), 1)

    def test_ids_are_those_that_lie_in_flash(self):
        self.assertEqual(Rung(UDP, 443, True, DECOY_QUIC).id(), b"\x00\x01\xbb\x21\x00")
        self.assertEqual(Rung(TLS, 8443, False, DECOY_NONE, True, 2).id(), b"\x03\x20\xfb\x02\x02")

    def test_every_other_id_is_none(self):
        random = Random(2)
        known = 0
        for _ in range(4000):
            raw = bytearray(5)
            random.fill(raw)
            raw[0] &= 7
            rung = Rung.from_id(bytes(raw))
            if rung is not None:
                known += 1
                self.assertEqual(rung.id(), bytes(raw))
        self.assertTrue(known > 20)
        self.assertEqual(Rung.from_id(b""), None)
        # UDP through a proxy, a stream after a decoy, bits that mean nothing.
        for raw in (b"\x00\x01\xbb\x02\x00", b"\x03\x01\xbb\x11\x00", b"\x03\x01\xbb\x04\x00"):
            self.assertEqual(Rung.from_id(raw), None)
        self.assertEqual(Rung.from_id(b"\x00\x00\x00\x00\x00"), None)

    def test_words_are_for_people(self):
        for rung, words in (
            (Rung(UDP, 443, True, DECOY_DNS), "UDP port 443, shaped, after a DNS decoy"),
            (Rung(UDP, 51820), "UDP port 51820"),
            (
                Rung(TLS, 443, True, DECOY_NONE, True, 1),
                "web page on port 443 through the proxy, address 2",
            ),
        ):
            self.assertEqual(rung.words(), words)


class InsideTest(unittest.TestCase):
    def test_an_echo_comes_back_byte_for_byte(self):
        message = inside.message(inside.ECHO, TOKEN, 0x1234, b"padding")
        answer = bytearray(message)
        self.assertTrue(inside.answer_echo(answer))
        found = inside.read(answer)
        self.assertEqual((found.kind, found.token, found.sequence), (inside.ECHOED, TOKEN, 0x1234))
        self.assertEqual(bytes(found.body), b"padding")
        self.assertFalse(inside.answer_echo(answer))

    def test_checks_reports_and_endpoints_arrive(self):
        ports = [(443, inside.SHAPED), (65535, inside.PLAIN), (80, inside.BY_WS)]
        self.assertEqual(inside.read_check(inside.read(inside.check(TOKEN, 1, ports))), ports)
        results = [(443, 1, inside.ANSWERED), (53, 0, inside.SILENT), (443, 3, inside.BUSY)]
        found = inside.read(inside.report(TOKEN, 1, results))
        self.assertEqual(inside.read_report(found), results)
        for length in (0, 7, 11, 23):
            found = inside.read(inside.seen(TOKEN, 1, bytes(length)))
            self.assertEqual(inside.read_seen(found), bytes(length))

    def test_lists_are_bounded_at_both_ends(self):
        with self.assertRaises(ValueError):
            inside.check(TOKEN, 0, [])
        with self.assertRaises(ValueError):
            inside.check(TOKEN, 0, [(1, True)] * 33)
        with self.assertRaises(ValueError):
            inside.report(TOKEN, 0, [(0, True, 1)])
        for body in (b"", b"\x01", b"\x00\x00\x01", b"\x01\xbb\x04", b"\x01\xbb\x01" * 33):
            found = inside.read(inside.message(inside.CHECK, TOKEN, 0, body))
            self.assertEqual(inside.read_check(found), None, body)
        for body in (b"\x01\xbb\x01\x08", b"\x01\xbb\x04\x01", b"\x01\xbb\x01"):
            found = inside.read(inside.message(inside.REPORT, TOKEN, 0, body))
            self.assertEqual(inside.read_report(found), None, body)
        for length in (1, 8, 24):
            found = inside.read(inside.message(inside.SEEN, TOKEN, 0, bytes(length)))
            self.assertEqual(inside.read_seen(found), None, length)

    def test_noise_is_passed_over(self):
        random = Random(8)
        for i in range(2000):
            raw = bytearray(random.below(40))
            random.fill(raw)
            if len(raw) > 1 and i % 2:
                raw[0] = inside.VERSION_1
                raw[1] = random.below(9)
            found = inside.read(raw)
            inside.answer_echo(bytearray(raw))
            if found is None:
                continue
            self.assertTrue(
                len(raw) >= inside.HEAD_LEN and inside.ECHO <= found.kind <= inside.SEEN
            )
            for read in (inside.read_check, inside.read_report, inside.read_seen):
                read(found)
        self.assertEqual(inside.read(bytearray(b"\x01\x01") + bytes(1471)), None)

    def test_another_version_is_passed_over(self):
        self.assertTrue(inside.read(b"\x01\x01" + bytes(10)) is not None)
        self.assertEqual(inside.read(b"\x02\x01" + bytes(10)), None)


class NetworksTest(unittest.TestCase):
    def filled(self, count=16):
        known = Networks()
        for i in range(count):
            network = known.use(networks.hash_of_router(SALT, bytes((2, 0, 0, 0, 0, i))))
            network.set_proven(Rung(UDP, 443 + i, True).id(), 1280 + i, bytes((192, 0, 2, i)))
            for k in range(i % 5):
                network.set_bad(Rung(UDP, 1 + k).id())
        return known

    def test_what_was_kept_is_read_again(self):
        for count in range(17):
            known = self.filled(count)
            data = known.encode()
            self.assertTrue(len(data) <= networks.ENCODED_LEN_MAX)
            again = Networks.decode(data)
            self.assertEqual(again.encode(), data)
            for i in range(count):
                network = again.get(networks.hash_of_router(SALT, bytes((2, 0, 0, 0, 0, i))))
                self.assertEqual(Rung.from_id(network.rung), Rung(UDP, 443 + i, True))
                self.assertEqual((network.mtu, network.address), (1280 + i, bytes((192, 0, 2, i))))
                self.assertEqual(len(network.bad), i % 5)

    def test_the_one_that_was_used_longest_ago_goes(self):
        known = self.filled(16)
        first = networks.hash_of_router(SALT, b"\x02\0\0\0\0\0")
        known.use(first)
        known.use(networks.hash_of_router(SALT, b"\x02\x00\x00\x00\x01\x01"))
        self.assertEqual(len(known), 16)
        self.assertTrue(known.get(first) is not None)
        self.assertEqual(known.get(networks.hash_of_router(SALT, b"\x02\0\0\0\0\x01")), None)

    def test_a_kept_network_fits_thousands_of_routers(self):
        kept = networks.hash_of_router(SALT, b"\x02\0\0\0\0\0")
        fitting = [
            i
            for i in range(1, 1 << 10)
            if networks.hash_of_router(SALT, i.to_bytes(6, "big"))[:1] == kept[:1]
        ]
        # As many as by chance of 8 of its bits; all 16 of them leave 1 in 65,536 of 2**48.
        self.assertEqual(len(kept), 2)
        self.assertTrue(1 <= len(fitting) <= 12, len(fitting))

    def test_another_box_makes_something_else_of_a_router(self):
        mac = b"\x02\0\0\0\0\x07"
        self.assertFalse(
            networks.hash_of_router(SALT, mac) == networks.hash_of_router(bytes(16), mac)
        )
        self.assertFalse(mac in self.filled().encode())

    def test_every_damage_is_noticed(self):
        data = self.filled(3).encode()
        for i in range(len(data)):
            for bit in (1, 128):
                damaged = bytearray(data)
                damaged[i] ^= bit
                self.assertEqual(Networks.decode(damaged), None, i)
        for length in range(len(data)):
            self.assertEqual(Networks.decode(data[:length]), None, length)
        self.assertEqual(Networks.decode(data + b"\x00"), None)

    def test_what_is_whole_and_makes_no_sense_is_refused(self):
        from binascii import crc32

        entry = bytes(13) + bytes(6)
        for body in (
            b"\x02\x00",  # a later version
            b"\x01\x11" + (entry + b"\x00") * 17,  # one more than there can be
            b"\x01\x01" + entry + b"\x05" + bytes(25),  # too many bad rungs
            b"\x01\x01" + entry + b"\x01",  # cut off
            b"\x01\x02" + entry + b"\x00",  # one is missing
            b"\x01\x00" + entry + b"\x00",  # one too much
        ):
            self.assertEqual(Networks.decode(body + crc32(body).to_bytes(4, "big")), None, body)

    def test_only_what_is_news_asks_to_be_written(self):
        network = Network(bytes(8))
        rung, other = Rung(UDP, 443).id(), Rung(UDP, 53).id()
        self.assertTrue(network.set_proven(rung, 1420, None))
        self.assertFalse(network.set_proven(rung, 1420, None))
        self.assertTrue(network.set_proven(rung, 1280, b"\x01\x02\x03\x04"))
        self.assertTrue(network.set_bad(other))
        self.assertFalse(network.set_bad(other))
        self.assertEqual(network.rung, rung)
        self.assertTrue(network.set_bad(rung))
        self.assertEqual((network.rung, network.bad), (None, [rung, other]))
        self.assertTrue(network.set_proven(rung, 1280, None))
        self.assertEqual(network.bad, [other])


if __name__ == "__main__":
    unittest.main()
