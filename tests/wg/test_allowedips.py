import unittest

from wg import allowedips
from wg.errors import ConfigError

# (text, its 16 bytes in hex, the text of RFC 5952)
IPV6 = (
    ("::", "00000000000000000000000000000000", "::"),
    ("::1", "00000000000000000000000000000001", "::1"),
    ("1::", "00010000000000000000000000000000", "1::"),
    ("2001:DB8::A", "20010db800000000000000000000000a", "2001:db8::a"),
    ("2001:0db8:0:0:1:0:0:1", "20010db8000000000001000000000001", "2001:db8::1:0:0:1"),
    ("2001:db8:0:1:1:1:1:1", "20010db8000000010001000100010001", "2001:db8:0:1:1:1:1:1"),
    ("2001:db8::0:1:1:1:1", "20010db8000000000001000100010001", "2001:db8::1:1:1:1"),
    ("1:0:0:2:0:0:0:3", "00010000000000020000000000000003", "1:0:0:2::3"),
    ("64:ff9b::192.0.2.33", "0064ff9b0000000000000000c0000221", "64:ff9b::c000:221"),
    ("::ffff:10.1.2.3", "00000000000000000000ffff0a010203", "::ffff:10.1.2.3"),
    ("1:2:3:4:5:6:7.8.9.10", "00010002000300040005000607080910", None),
    ("1:2:3:4:5:6:7:8", "00010002000300040005000600070008", "1:2:3:4:5:6:7:8"),
    ("1:2:3:4:5:6:7::", "00010002000300040005000600070000", "1:2:3:4:5:6:7:0"),
)
BROKEN = (
    "",
    ".",
    "1",
    "1.2.3",
    "1.2.3.4.5",
    "1.2.3.256",
    "1.2.3.04",
    "1.2.3.-4",
    "1.2.3.+4",
    "1.2.3. 4",
    "1.2.3.1_0",
    "0x1.2.3.4",
    " 1.2.3.4",
    ":",
    ":::",
    "1:",
    ":1",
    "1::2::3",
    "12345::",
    "g::",
    "1:2:3:4:5:6:7",
    "1:2:3:4:5:6:7:8:9",
    "1:2:3:4:5:6:7:8::",
    "1:2:3:4:5:6:7::8",
    "1.2.3.4::",
    "1.2.3.4:1::",
    "::1.2.3",
    "::-1",
    "fe80::1%3",
    "example.org",
)


class AddressTest(unittest.TestCase):
    def test_ipv4_addresses_are_read_and_written(self):
        for text in ("0.0.0.0", "10.1.2.3", "255.255.255.255"):
            with self.subTest(text):
                self.assertEqual(allowedips.format_address(allowedips.parse_address(text)), text)
        self.assertEqual(allowedips.parse_address("10.1.2.255"), b"\x0a\x01\x02\xff")

    def test_ipv6_addresses_are_read_and_written_as_rfc_5952_says(self):
        for text, digits, canonical in IPV6:
            with self.subTest(text):
                address = allowedips.parse_address(text)
                if canonical is not None:
                    self.assertEqual(address, bytes.fromhex(digits))
                    self.assertEqual(allowedips.format_address(address), canonical)
                self.assertEqual(len(address), 16)

    def test_text_that_is_no_address_is_refused(self):
        for text in BROKEN:
            with self.subTest(text):
                with self.assertRaises(ConfigError):
                    allowedips.parse_address(text)

    def test_an_address_of_another_length_is_an_error(self):
        with self.assertRaises(ValueError):
            allowedips.format_address(b"12345")


class PrefixTest(unittest.TestCase):
    def test_host_bits_are_cleared(self):
        for text, canonical in (
            ("10.1.2.3/8", "10.0.0.0/8"),
            ("10.1.2.3/0", "0.0.0.0/0"),
            ("10.1.2.255/31", "10.1.2.254/31"),
            ("10.1.2.3/32", "10.1.2.3/32"),
            ("10.1.2.3", "10.1.2.3/32"),
            ("fd12:3456::1/12", "fd10::/12"),
            ("fd12::ff/121", "fd12::80/121"),
            ("::1", "::1/128"),
            ("::/0", "::/0"),
        ):
            with self.subTest(text):
                self.assertEqual(
                    allowedips.format_prefix(*allowedips.parse_prefix(text)), canonical
                )

    def test_text_that_is_no_prefix_is_refused_with_a_reason(self):
        for text, why in (
            ("10.0.0.0/33", "0 to 32"),
            ("::/129", "0 to 128"),
            ("10.0.0.0/", "0 to 32"),
            ("10.0.0.0/-1", "0 to 32"),
            ("10.0.0.0/08", "0 to 32"),
            ("10.0.0.0/8/8", "0 to 32"),
            ("10.0.0/8", "'10.0.0' is no IP address"),
            ("/8", "no IP address"),
        ):
            with self.subTest(text):
                try:
                    allowedips.parse_prefix(text)
                except ConfigError as error:
                    self.assertIn(why, str(error))
                else:
                    self.assertTrue(False)


class NumberTest(unittest.TestCase):
    def test_only_plain_decimal_numbers_in_range_are_taken(self):
        for text, number in (
            ("0", 0),
            ("255", 255),
            ("256", -1),
            ("", -1),
            ("00", -1),
            ("1 ", -1),
            ("1_0", -1),
            ("9999", -1),
        ):
            with self.subTest(text):
                self.assertEqual(allowedips.parse_number(text, 255), number)


if __name__ == "__main__":
    unittest.main()
