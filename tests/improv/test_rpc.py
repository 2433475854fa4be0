import unittest

from improv import rpc
from improv.packets import RESULT, build


class CommandTest(unittest.TestCase):
    def test_a_command_has_the_length_that_it_says(self):
        number, arguments = rpc.command(memoryview(b"\x01\x02ab"))
        self.assertEqual((number, bytes(arguments)), (1, b"ab"))
        for data in (b"", b"\x01", b"\x01\x01", b"\x01\x00x", b"\x01\x03ab"):
            with self.assertRaises(rpc.InvalidError):
                rpc.command(memoryview(data))

    def test_settings_are_a_name_and_a_password(self):
        data = memoryview(b"\x0cMyWirelessAP\x10mysecurepassword")
        ssid, password = rpc.wifi_settings(data)
        self.assertEqual((bytes(ssid), bytes(password)), (b"MyWirelessAP", b"mysecurepassword"))
        ssid, password = rpc.wifi_settings(memoryview(b"\x01a\x00"))
        self.assertEqual((bytes(ssid), bytes(password)), (b"a", b""))
        for data in (b"", b"\x01a", b"\x01a\x01", b"\x01a\x00\x00", b"\xffa", b"\x01a\x02b"):
            with self.assertRaises(rpc.InvalidError):
                rpc.wifi_settings(memoryview(data))


class ResultTest(unittest.TestCase):
    def test_a_result_is_a_list_of_texts(self):
        self.assertEqual(rpc.result(4, []), build(RESULT, b"\x04\x00"))
        self.assertEqual(
            rpc.result(3, [b"ESPHome", b"", b"x"]), build(RESULT, b"\x03\x0b\x07ESPHome\x00\x01x")
        )

    def test_what_does_not_fit_is_left_out(self):
        longest = b"x" * 252
        self.assertEqual(rpc.result(1, [longest]), build(RESULT, b"\x01\xfd\xfc" + longest))
        self.assertEqual(rpc.result(1, [longest + b"x"]), build(RESULT, b"\x01\x00"))


if __name__ == "__main__":
    unittest.main()
