"""Decoys are what they pretend to be, and no two are the same."""

import sys
import unittest

from tests.support import vectors
from tests.support.randomness import Random

from carrier import dns_decoy, quic_decoy, tags
from carrier.browser import Browser
from carrier.chance import Chance
from carrier.decoys import Decoys
from wg import config_shape
from wg.carrier_settings import DECOY_DNS, DECOY_NONE, DECOY_OWN, DECOY_QUIC, ShapeSettings

BOXES = 24
EACH = 6


def generator(seed):
    random = Random(seed)

    def random_bytes(count):
        out = bytearray(count)
        random.fill(out)
        return bytes(out)

    return random_bytes


def box(number, shape=None, name=""):
    return Decoys(Browser(bytes((number,)) * 32), generator(number + 1), shape, name)


def samples(decoy, boxes=BOXES, each=EACH):
    found = []
    for number in range(boxes):
        decoys = box(number)
        found += [decoys.datagrams(decoy, 0)[0] for _ in range(each)]
    return found


def constant_places(datagrams):
    """Offsets at which all have the same byte."""
    shortest = min([len(datagram) for datagram in datagrams])
    first = datagrams[0]
    return [i for i in range(shortest) if all(each[i] == first[i] for each in datagrams)]


def read_name(data, at):
    """(labels, where the next thing is) of a name without pointers."""
    labels = []
    while data[at]:
        labels.append(bytes(data[at + 1 : at + 1 + data[at]]))
        at += 1 + data[at]
    return labels, at + 1


class DnsTest(unittest.TestCase):
    def test_a_dns_decoy_is_a_whole_answer(self):
        for data in samples(DECOY_DNS):
            self.assertTrue(dns_decoy.LEN_MIN <= len(data) <= dns_decoy.LEN_MAX, len(data))
            self.assertEqual(data[2] & 0xF8, 0x80)  # an answer to an ordinary question
            self.assertEqual(data[3] & 0x8F, 0x80)  # with recursion, and without an error
            counts = [data[i] << 8 | data[i + 1] for i in (4, 6, 8, 10)]
            self.assertEqual((counts[0], counts[2], counts[3]), (1, 0, 0))
            self.assertTrue(counts[1] in (1, 2))
            labels, at = read_name(data, 12)
            self.assertTrue(len(labels) == 3 and all(0 < len(label) < 64 for label in labels))
            self.assertEqual(data[at : at + 4], b"\x00\x01\x00\x01")
            at += 4
            for _ in range(counts[1]):
                self.assertEqual(data[at : at + 6], b"\xc0\x0c\x00\x01\x00\x01")
                self.assertEqual(data[at + 6 : at + 8], b"\x00\x00")
                self.assertEqual(data[at + 10 : at + 12], b"\x00\x04")
                at += 16
            self.assertEqual(at, len(data))

    def test_only_what_dns_wants_is_constant_in_it(self):
        # One question, no other sections, and the highest byte of how many answers.
        places = constant_places(samples(DECOY_DNS))
        self.assertEqual([i for i in places if i not in (4, 5, 6, 8, 9, 10, 11)], [])

    def test_boxes_have_domains_of_their_own_and_keep_them(self):
        domains = set()
        for number in range(BOXES):
            decoys = box(number)
            own = {read_name(decoys.datagrams(DECOY_DNS, 0)[0], 12)[0][1] for _ in range(EACH)}
            self.assertEqual(len(own), 1)
            domains.update(own)
        self.assertTrue(len(domains) > 4, domains)

    def test_no_two_are_the_same(self):
        found = samples(DECOY_DNS)
        self.assertEqual(len(set(found)), len(found))


class QuicTest(unittest.TestCase):
    def test_an_initial_is_sealed_as_the_rfc_does(self):
        case = vectors.load("rfc/rfc9001.json")
        connection = bytes.fromhex(case["connection"])
        names = ("key", "iv", "hp")
        self.assertEqual(
            quic_decoy.keys(connection), tuple([bytes.fromhex(case[name]) for name in names])
        )
        packet = quic_decoy.seal(
            connection, bytes.fromhex(case["number"]), bytes.fromhex(case["crypto_frame"])
        )
        start, end = bytes.fromhex(case["protected_start"]), bytes.fromhex(case["protected_end"])
        self.assertEqual(len(packet), case["length"])
        self.assertEqual(packet[: len(start)], start)
        self.assertEqual(packet[-len(end) :], end)

    def test_only_what_quic_wants_is_constant_in_it(self):
        found = samples(DECOY_QUIC, 12, 4)
        self.assertTrue(all(len(each) == 1200 and each[0] & 0xF0 == 0xC0 for each in found))
        # Version, the lengths of the ids, of the token and of the rest.
        places = constant_places(found)
        self.assertEqual([i for i in places if i not in (1, 2, 3, 4, 5, 14, 15, 16, 17)], [])

    def test_who_opens_it_finds_the_allowed_name(self):
        if sys.implementation.name != "cpython":
            self.skipTest("what opens it here is CPython's cryptography")
        from tests.support import quic_reader

        names = set()
        for number in range(BOXES):
            datagram = box(number).datagrams(DECOY_QUIC, 0)[0]
            name = quic_reader.server_name(datagram)
            self.assertTrue(name in quic_decoy.NAMES, name)
            names.add(name)
            hello = quic_reader.client_hello(quic_reader.plaintext(datagram))
            found = quic_reader.extensions(hello)
            self.assertEqual(found[16], b"\x00\x03\x02h3")
            self.assertEqual(found[43], b"\x02\x03\x04")
            self.assertTrue(57 in found and 51 in found)
        self.assertTrue(len(names) > 3, names)

    def test_a_name_of_ones_own_is_asked_for(self):
        if sys.implementation.name != "cpython":
            self.skipTest("what opens it here is CPython's cryptography")
        from tests.support import quic_reader

        for name in ("a.example", "www.example.org", "x" * 60 + "." + "y" * 60 + ".example"):
            datagram = box(1, None, name).datagrams(DECOY_QUIC, 0)[0]
            self.assertEqual(quic_reader.server_name(datagram), name)

    def test_the_opener_refuses_what_is_not_authentic(self):
        if sys.implementation.name != "cpython":
            self.skipTest("what opens it here is CPython's cryptography")
        from tests.support import quic_reader

        datagram = bytearray(box(1).datagrams(DECOY_QUIC, 0)[0])
        datagram[700] ^= 1
        with self.assertRaises(quic_reader.NotInitialError):
            quic_reader.server_name(bytes(datagram))


class OwnTest(unittest.TestCase):
    def shape(self):
        shape = ShapeSettings()
        shape.junk_count, shape.junk_min, shape.junk_max = 4, 40, 44
        shape.decoys[0] = config_shape.read_tags("<b 0xc0FF><r 20><rd 5><rc 7><t>")
        shape.decoys[2] = config_shape.read_tags("<r 3>")
        return shape

    def test_tags_make_what_they_say(self):
        chance = Chance(generator(3))
        made = tags.datagram(self.shape().decoys[0], chance, 0x65A1B2C3)
        self.assertEqual(len(made), 2 + 20 + 5 + 7 + 4)
        self.assertEqual(made[:2], b"\xc0\xff")
        self.assertTrue(all(0x30 <= byte <= 0x39 for byte in made[22:27]))
        self.assertTrue(all(chr(byte).isalpha() for byte in made[27:34]))
        self.assertEqual(made[34:], b"\x65\xa1\xb2\xc3")
        again = tags.datagram(self.shape().decoys[0], chance, 0x65A1B2C3)
        self.assertTrue(again != made)

    def test_decoys_go_in_order_and_junk_behind_them(self):
        found = box(5, self.shape()).datagrams(DECOY_OWN, 0)
        self.assertEqual([len(each) for each in found[:2]], [38, 3])
        self.assertEqual(len(found), 2 + 4)
        self.assertTrue(all(40 <= len(each) <= 43 for each in found[2:]))
        found = box(5, self.shape()).datagrams(DECOY_DNS, 0)
        self.assertEqual(len(found), 1 + 4)
        self.assertEqual(box(5, self.shape()).datagrams(DECOY_NONE, 0), [])

    def test_every_length_of_junk_comes_and_no_other(self):
        decoys = box(6, self.shape())
        lengths = set()
        for _ in range(60):
            lengths.update([len(each) for each in decoys.datagrams(DECOY_OWN, 0)[2:]])
        self.assertEqual(sorted(lengths), [40, 41, 42, 43])


class BrowserTest(unittest.TestCase):
    def test_a_box_is_always_the_same_browser_and_boxes_are_not(self):
        agents = set()
        for number in range(60):
            seed = bytes((number,)) * 32
            first, second = Browser(seed), Browser(seed)
            self.assertEqual(
                first.upgrade_headers("a", "b", "c"), second.upgrade_headers("a", "b", "c")
            )
            agents.add((first.user_agent, first.language))
        self.assertTrue(len(agents) > 30, len(agents))

    def test_each_browser_has_headers_that_can_be(self):
        for number in range(20):
            browser = Browser(bytes((number,)) * 32)
            for name, value in browser.upgrade_headers("h.example", "https://h.example", "k"):
                self.assertTrue(name and value and "\n" not in value)
            self.assertTrue(browser.user_agent.startswith("Mozilla/5.0 ("))


class ChanceTest(unittest.TestCase):
    def test_numbers_are_as_likely_as_each_other(self):
        chance = Chance(generator(9))
        counts = [0] * 7
        for _ in range(7000):
            counts[chance.below(7)] += 1
        self.assertTrue(all(850 < count < 1150 for count in counts), counts)

    def test_a_number_beyond_the_last_whole_multiple_is_drawn_again(self):
        raws = [b"\xff\xff", b"\x00\x05"]
        self.assertEqual(Chance(lambda count: raws.pop(0)).below(7), 5)


if __name__ == "__main__":
    unittest.main()
