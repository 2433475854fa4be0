import unittest

from tests.dhcp.client import ip

from dhcp.subnet import Subnet, overlap


class SubnetTest(unittest.TestCase):
    def test_every_address_but_the_first_the_last_and_ours_can_be_given_once(self):
        subnet = Subnet(ip("10.1.2.9"), 28)
        for start in (0, 5, 13, 14, 60000):
            with self.subTest(start):
                given = list(subnet.candidates(start))
                expected = [ip("10.1.2.%d" % host) for host in range(1, 15) if host != 9]
                self.assertEqual(sorted(given), expected)
                self.assertTrue(all(subnet.is_free(address) for address in given))

    def test_candidates_begin_where_they_are_told_to(self):
        self.assertEqual(
            next(Subnet(ip("10.1.2.1"), 24).candidates(99)),
            ip("10.1.2.100"),
        )

    def test_the_ends_and_ours_are_not_free(self):
        subnet = Subnet(ip("192.168.0.1"), 23)
        for text in ("192.168.0.0", "192.168.0.1", "192.168.1.255", "192.168.2.1", "0.0.0.0"):
            self.assertFalse(subnet.is_free(ip(text)), text)
        self.assertTrue(subnet.is_free(ip("192.168.0.255")))
        self.assertTrue(ip("192.168.0.0") in subnet)
        self.assertFalse(ip("192.168.2.0") in subnet)

    def test_the_mask_is_that_of_the_length(self):
        self.assertEqual(Subnet(ip("10.1.2.9"), 28).mask(), ip("255.255.255.240"))
        self.assertEqual(Subnet(ip("10.1.2.9"), 16).mask(), ip("255.255.0.0"))

    def test_networks_without_room_are_refused(self):
        for text, prefix_len in (
            ("10.0.0.1", 15),
            ("10.0.0.1", 30),
            ("10.0.0.0", 24),
            ("10.0.0.255", 24),
        ):
            with self.subTest(text, prefix_len=prefix_len), self.assertRaises(ValueError):
                Subnet(ip(text), prefix_len)

    def test_networks_overlap_when_one_holds_the_other(self):
        for first, first_len, second, second_len, expected in (
            ("10.1.2.1", 24, "10.1.2.200", 24, True),
            ("10.1.2.1", 24, "10.1.3.1", 24, False),
            ("10.1.2.1", 24, "10.200.0.1", 8, True),
            ("10.200.0.1", 8, "10.1.2.1", 24, True),
            ("10.1.2.1", 24, "0.0.0.0", 0, True),
            ("10.1.2.1", 32, "10.1.2.2", 32, False),
        ):
            with self.subTest(first, second=second):
                self.assertEqual(overlap(ip(first), first_len, ip(second), second_len), expected)


if __name__ == "__main__":
    unittest.main()
