import unittest

from wg import endpoint
from wg.errors import ConfigError


class EndpointTest(unittest.TestCase):
    def test_endpoints_are_read_and_written(self):
        for text in (
            "192.0.2.1:51820",
            "0.0.0.0:1",
            "[2001:db8::1]:65535",
            "[fe80::1%3]:51820",
            "[fe80::1%4294967295]:51820",
        ):
            with self.subTest(text):
                self.assertEqual(endpoint.format(endpoint.parse(text)), text)

    def test_the_bytes_are_family_port_scope_and_address(self):
        self.assertEqual(
            endpoint.parse("192.0.2.1:51820"), b"\x04\xca\x6c\x00\x00\x00\x00\xc0\x00\x02\x01"
        )
        data = endpoint.parse("[fe80::1%258]:80")
        self.assertEqual(data, b"\x06\x00\x50\x00\x00\x01\x02\xfe\x80" + bytes(13) + b"\x01")
        self.assertEqual(endpoint.port(data), 80)
        self.assertEqual(endpoint.scope(data), 258)
        self.assertEqual(endpoint.host(data), b"\xfe\x80" + bytes(13) + b"\x01")

    def test_an_ipv4_address_inside_ipv6_becomes_ipv4(self):
        self.assertEqual(
            endpoint.parse("[::ffff:192.0.2.1]:9"), endpoint.pack(b"\xc0\x00\x02\x01", 9)
        )

    def test_an_unknown_endpoint_has_a_text_too(self):
        self.assertEqual(endpoint.format(b""), "(none)")

    def test_a_host_name_is_split_from_its_port(self):
        self.assertEqual(endpoint.split("home.example:51820"), ("home.example", 51820))
        self.assertEqual(endpoint.split("[fe80::1%3]:1"), ("fe80::1%3", 1))

    def test_broken_endpoints_are_refused_with_a_reason(self):
        for text, why in (
            ("", "port is missing"),
            ("192.0.2.1", "port is missing"),
            (":51820", "address is missing"),
            ("[]:51820", "address is missing"),
            ("192.0.2.1:", "no number from 1 to 65535"),
            ("192.0.2.1:0", "no number from 1 to 65535"),
            ("192.0.2.1:65536", "no number from 1 to 65535"),
            ("192.0.2.1:+1", "no number from 1 to 65535"),
            ("::1:51820", "needs brackets"),
            ("fd00::1:51820", "needs brackets"),
            ("[fd00::1]", "bracket is not closed"),
            ("[fd00::1:51820", "bracket is not closed"),
            ("[192.0.2.1]:51820", "brackets are for IPv6"),
            ("home.example:51820", "'home.example' is no IP address"),
            ("[fe80::1%eth0]:51820", "scope is no interface number"),
            ("192.0.2.1%3:51820", "scope is no interface number"),
        ):
            with self.subTest(text):
                try:
                    endpoint.parse(text)
                except ConfigError as error:
                    self.assertIn(why, str(error))
                else:
                    self.assertTrue(False)

    def test_numbers_out_of_range_are_errors(self):
        for host, port, scope in (
            (bytes(5), 1, 0),
            (bytes(4), -1, 0),
            (bytes(4), 65536, 0),
            (bytes(16), 1, -1),
            (bytes(16), 1, 1 << 32),
        ):
            with self.subTest(str((host, port, scope))):
                with self.assertRaises(ValueError):
                    endpoint.pack(host, port, scope)


if __name__ == "__main__":
    unittest.main()
