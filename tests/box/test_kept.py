"""A document that leaves things as they are, written out with those in force."""

import unittest

from box.kept import resolve

OLD = (
    b"[Box]\nName = attic\n\n[Uplink]\nMode = dhcp\n\n[WiFi]\nSSID = one\nPassword = secret-1\n\n"
    b"[WiFi]\nSSID = two\n\n[LAN]\nAddress = 10.1.2.1/24\nSSID = x\nPassword = secret-2\n"
)


def resolved(text, old=OLD):
    return bytes(resolve(bytearray(text), None if old is None else bytearray(old)))


class Kept(unittest.TestCase):
    def test_a_document_without_keep_is_as_it_is(self):
        self.assertEqual(resolved(b"[Box]\nName = cellar\n"), b"[Box]\nName = cellar\n")

    def test_all_that_is_kept_makes_the_same_document(self):
        text = b"[Box]\nName = attic\n\n[Keep]\nWhat = Uplink, WiFi, LAN\n"
        self.assertEqual(resolved(text), OLD)

    def test_a_new_name_leaves_the_rest(self):
        text = b"[Box]\nName = cellar\n\n[Keep]\nWhat = LAN, WiFi,uplink\n"
        self.assertEqual(resolved(text), OLD.replace(b"attic", b"cellar"))

    def test_new_networks_replace_the_old_ones_in_their_place(self):
        text = b"[Box]\nName = attic\n\n[WiFi]\nSSID = three\n\n[Keep]\nWhat = Uplink, LAN\n"
        first, last = OLD.index(b"[WiFi]"), OLD.index(b"[LAN]")
        self.assertEqual(resolved(text), OLD[:first] + b"[WiFi]\nSSID = three\n\n" + OLD[last:])

    def test_a_password_goes_into_the_new_section(self):
        text = b"[Box]\nName = attic\n\n[LAN]\nSSID = y\n\n[Keep]\nWhat = Password\n"
        self.assertEqual(
            resolved(text),
            b"[Box]\nName = attic\n\n[LAN]\nSSID = y\nPassword = secret-2\n",
        )

    def test_a_networks_password_is_not_taken_for_the_boxs_own(self):
        old = OLD[: OLD.index(b"[LAN]")]
        text = b"[LAN]\nSSID = y\n\n[Keep]\nWhat = Password\n"
        self.assertEqual(resolved(text, old), b"[LAN]\nSSID = y\n")

    def test_where_nothing_is_in_force_nothing_is_kept(self):
        text = b"[Box]\nName = attic\n\n[Keep]\nWhat = Uplink, WiFi, LAN, Password\n"
        self.assertEqual(resolved(text, None), b"[Box]\nName = attic\n")

    def test_a_keep_that_is_none_stays_to_be_refused(self):
        for keep in (
            b"[Keep]\n",
            b"[Keep]\nWhat = Box\n",
            b"[Keep]\nWhat = \n",
            b"[Keep]\nWhy = LAN\n",
            b"[Keep]\nWhat = LAN\nWhat = WiFi\n",
            b"[Keep]\nWhat = LAN\n[WiFi]\nSSID = z\n",
        ):
            self.assertEqual(resolved(b"[Box]\nName = a\n" + keep), b"[Box]\nName = a\n" + keep)

    def test_noise_is_survived(self):
        for text in (b"", b"[", b"]\n[", b"\n\n", b"[]\n", b"[Keep]", b"\xff[Keep]\nWhat=\xff"):
            self.assertEqual(resolved(text), text)


if __name__ == "__main__":
    unittest.main()
