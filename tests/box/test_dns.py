import unittest

from box import dns

ASKED = dns.question("vpn.example.com", dns.A, 0x1234)


def reply(records, asked=ASKED, flags=0x8180):
    """An answer with these (type, data), each named by a pointer to the question."""
    out = bytearray(asked)
    out[2:4] = flags.to_bytes(2, "big")
    out[6:8] = len(records).to_bytes(2, "big")
    for kind, data in records:
        out.extend(b"\xc0\x0c" + kind.to_bytes(2, "big") + b"\x00\x01\x00\x00\x00\x3c")
        out.extend(len(data).to_bytes(2, "big") + data)
    return bytes(out)


class DnsTest(unittest.TestCase):
    def test_a_question_is_what_the_standard_says(self):
        self.assertEqual(
            ASKED,
            b"\x12\x34\x01\x00\x00\x01\x00\x00\x00\x00\x00\x00"
            b"\x03vpn\x07example\x03com\x00\x00\x01\x00\x01",
        )
        self.assertEqual(dns.question("vpn.example.com.", dns.A, 0x1234), ASKED)

    def test_addresses_are_found_behind_aliases(self):
        message = reply([(5, b"\x01a\xc0\x10"), (1, b"\xc0\x00\x02\x01"), (1, b"\xc0\x00\x02\x02")])
        self.assertEqual(dns.answer(message, ASKED), [b"\xc0\x00\x02\x01", b"\xc0\x00\x02\x02"])

    def test_only_the_kind_that_was_asked_for_counts(self):
        asked = dns.question("a.b", dns.AAAA, 7)
        message = reply([(1, bytes(4)), (28, bytes(15)), (28, bytes(16))], asked)
        self.assertEqual(dns.answer(message, asked), [bytes(16)])

    def test_a_name_without_addresses_is_told_from_a_broken_answer(self):
        self.assertEqual(dns.answer(reply([]), ASKED), [])
        self.assertEqual(dns.answer(reply([], flags=0x8183), ASKED), [])

    def test_answers_to_other_questions_are_none(self):
        good = reply([(1, bytes(4))])
        self.assertEqual(dns.answer(good, dns.question("vpn.example.com", dns.A, 1)), None)
        self.assertEqual(dns.answer(good, dns.question("vpn.example.org", dns.A, 0x1234)), None)
        self.assertEqual(dns.answer(good, dns.question("vpn.example.com", dns.AAAA, 0x1234)), None)
        self.assertEqual(dns.answer(ASKED, ASKED), None)

    def test_the_case_of_letters_may_change(self):
        good = reply([(1, bytes(4))]).replace(b"vpn", b"VpN")
        self.assertEqual(dns.answer(good, ASKED), [bytes(4)])

    def test_a_broken_answer_is_none_wherever_it_is_cut(self):
        good = reply([(5, b"\x01a\xc0\x10"), (1, bytes(4))])
        for length in range(len(good)):
            self.assertEqual(dns.answer(good[:length], ASKED), None)

    def test_a_name_without_end_is_none(self):
        message = bytearray(reply([(1, bytes(4))]))
        message[len(ASKED) :] = b"\x01a" * 100
        self.assertEqual(dns.answer(bytes(message), ASKED), None)


if __name__ == "__main__":
    unittest.main()
