import unittest

from pairing import errors
from pairing.errors import PairingError
from pairing.info import Info
from pairing.messages import INFO_LEN_MAX

GATEWAY = b"""home
endpoint vpn.example.com:51820
endpoint [2001:db8::1]:443
address 10.66.0.7/32
dns 10.66.0.1, lan.example
allowed-ips 0.0.0.0/0, ::/0
mtu 1420
keepalive 25"""


def is_refused(text):
    try:
        Info.decode(text)
    except PairingError as error:
        return error.code == errors.MALFORMED
    return False


class ReadTest(unittest.TestCase):
    def test_what_a_gateway_says_is_read(self):
        info = Info.decode(GATEWAY)
        self.assertEqual(info.name, "home")
        self.assertEqual(info.endpoints, ["vpn.example.com:51820", "[2001:db8::1]:443"])
        self.assertEqual(info.address, "10.66.0.7/32")
        self.assertEqual(info.dns, "10.66.0.1, lan.example")
        self.assertEqual(info.allowed_ips, "0.0.0.0/0, ::/0")
        self.assertEqual((info.mtu, info.keepalive), (1420, 25))

    def test_what_a_box_says_is_read(self):
        info = Info.decode(b"travel\nboard olimex_esp32_poe\nfirmware 0.1.0")
        self.assertEqual((info.board, info.firmware), ("olimex_esp32_poe", "0.1.0"))
        self.assertEqual((info.endpoints, info.address, info.mtu), ([], "", None))

    def test_a_name_alone_is_enough(self):
        self.assertEqual(Info.decode(b"travel").name, "travel")

    def test_keywords_of_later_versions_are_passed_over(self):
        info = Info.decode(b"home\ncolour blue as the sky\nmtu 1280\ncolour red")
        self.assertEqual(info.mtu, 1280)

    def test_names_that_could_deceive_on_a_terminal_are_refused(self):
        for name in (
            b"",
            b" home",
            b"home ",
            b"ho\x1b[31mme",
            b"ho\rme",
            b"ho\tme",
            b"ho\x7fme",
            b"h\xc3\xb6me",
            b"\xe2\x80\xaehome",
            b"home!",
            b"a" * 64,
        ):
            self.assertTrue(is_refused(name), name)
            self.assertTrue(is_refused(b"home\nboard " + name), name)

    def test_what_is_not_plain_text_is_refused_in_any_line(self):
        for value in (b"\x1b[31m", b"a\x00b", b"a\x7fb", b"\xc2\x9b", b"\xff\xfe", b"a\tb"):
            self.assertTrue(is_refused(b"home\ncolour " + value), value)

    def test_lines_that_are_none_are_refused(self):
        for line in (
            b"",
            b"mtu",
            b"mtu ",
            b" mtu 1420",
            b"mtu  1420",
            b"mtu 1420 ",
            b"MTU 1420",
            b"mtu=1420",
            b"a-keyword-that-is-too-long 1",
        ):
            self.assertTrue(is_refused(b"home\n" + line), line)
            self.assertTrue(is_refused(b"home\n" + line + b"\nkeepalive 25"), line)
        self.assertTrue(is_refused(b"home\n"))
        self.assertTrue(is_refused(b"home\r\nmtu 1420"))

    def test_values_that_cannot_be_are_refused(self):
        for line in (
            "endpoint vpn.example.com",
            "endpoint vpn.example.com:0",
            "endpoint 300.1.1.1:51820",
            "address 10.66.0.7",
            "address 10.66.0.7/33",
            "dns 1.2.3",
            "allowed-ips 10.0.0.0/33",
            "allowed-ips 0.0.0.0/0,",
            "mtu 100",
            "mtu 1e3",
            "keepalive 65536",
            "keepalive -1",
        ):
            self.assertTrue(is_refused(b"home\n" + line.encode()), line)

    def test_what_may_stand_once_is_refused_twice(self):
        for line in (b"mtu 1420", b"address 10.66.0.7/32", b"dns 10.66.0.1", b"board x"):
            self.assertTrue(is_refused(b"home\n" + line + b"\n" + line))

    def test_too_much_is_refused(self):
        endpoints = b"".join(b"\nendpoint 192.0.2.%d:1" % number for number in range(9))
        self.assertTrue(is_refused(b"home" + endpoints))
        self.assertEqual(
            len(Info.decode(b"home" + endpoints[: endpoints.rindex(b"\n")]).endpoints), 8
        )
        long = b"home\nx " + b"y" * (INFO_LEN_MAX - 7)
        self.assertEqual(Info.decode(long).name, "home")
        self.assertTrue(is_refused(long + b"y"))


class CarriersTest(unittest.TestCase):
    def test_lines_for_the_document_are_read_in_their_order(self):
        info = Info.decode(
            b"home\nshape S1 16\nshape HeaderProtectionKey a2V5\nshape H1 5-9\ncarrier UDP 443, 53"
            b"\ncarrier TLSName home.example.org"
        )
        self.assertEqual(info.shape, [("S1", "16"), ("HeaderProtectionKey", "a2V5"), ("H1", "5-9")])
        self.assertEqual(info.carriers, [("UDP", "443, 53"), ("TLSName", "home.example.org")])

    def test_a_gateway_says_nothing_of_the_box_itself(self):
        for key in (
            b"PrivateKey",
            b"Address",
            b"DNS",
            b"PostUp",
            b"s1",
            b"S5",
            b"I6",
            b"H0",
            b"J1",
        ):
            self.assertTrue(is_refused(b"home\nshape " + key + b" 1"), key)
        for key in (b"Proxy", b"ProxyPassword", b"udp"):
            self.assertEqual(Info.decode(b"home\ncarrier " + key + b" 1").carriers, [])

    def test_a_line_that_would_be_another_in_the_document_is_refused(self):
        for value in (b"S1", b"S1 ", b"S1  1", b"S1 1 # 2", b'S1 "1"', b"S1=1 2", b"[Peer] x"):
            self.assertTrue(is_refused(b"home\nshape " + value), value)
        for value in (b"UDP", b"UDP 1#", b"U-P 1", b"[Peer] 1", b"UDP " + 201 * b"1"):
            self.assertTrue(is_refused(b"home\ncarrier " + value), value)

    def test_a_key_that_is_said_twice_is_refused(self):
        self.assertTrue(is_refused(b"home\nshape S1 16\nshape S1 17"))
        self.assertTrue(is_refused(b"home\ncarrier TCP 80\ncarrier TCP 80"))

    def test_all_that_a_gateway_can_be_reached_by_has_room(self):
        info = Info("a gateway with a long name")
        info.endpoints = ["gateway-%d.home.example.org:51820" % number for number in range(3)]
        info.address, info.dns, info.allowed_ips = "10.51.82.7/32", "10.51.82.1", "0.0.0.0/0"
        info.shape = [("Jc", "4"), ("Jmin", "40"), ("Jmax", "90")]
        info.shape += [("S%d" % number, "16") for number in (1, 2, 3, 4)]
        info.shape += [("H%d" % number, "%d" % number) for number in (1, 2, 3, 4)]
        info.shape += [("HeaderProtectionKey", 43 * "A" + "=")]
        info.carriers = [
            ("UDP", "443, 53, 123, 500, 4500, 51820, 40123"),
            ("Shapes", "shaped, plain"),
            ("Decoys", "dns, quic, none"),
            ("DecoyName", "www.example.org"),
            ("TCP", "80"),
            ("WS", "80"),
            ("TLS", "443"),
            ("TLSName", "gateway.home.example.org"),
            ("TLSPin", 43 * "A" + "="),
            ("Path", "/" + 32 * "a"),
            ("Address", "203.0.113.7, 198.51.100.9"),
            ("Inside", "10.51.82.1:51821"),
        ]
        self.assertEqual(Info.decode(info.encode()).carriers, info.carriers)
        self.assertTrue(len(info.encode()) < INFO_LEN_MAX * 9 // 10)


class WriteTest(unittest.TestCase):
    def test_what_is_read_is_written_the_same(self):
        shaped = b"home\nshape S1 16\nshape S2 16\ncarrier TLS 443\ncarrier TCP 80"
        for text in (GATEWAY, b"travel", b"travel\nboard x\nfirmware 1", shaped):
            self.assertEqual(Info.decode(text).encode(), text)

    def test_nothing_is_written_that_would_not_be_read(self):
        for change in (
            lambda info: setattr(info, "name", "a\nmtu 1280"),
            lambda info: setattr(info, "address", "10.0.0.1/32\nendpoint evil:1"),
            lambda info: setattr(info, "endpoints", ["nowhere"]),
            lambda info: setattr(info, "dns", "x" * 600),
            lambda info: setattr(info, "mtu", 5),
            lambda info: setattr(info, "shape", [("PrivateKey", "x")]),
            lambda info: setattr(info, "carriers", [("UDP", "443\n[Peer]")]),
        ):
            info = Info("home")
            change(info)
            self.assertRaises(ValueError, info.encode)
        info = Info("home")
        info.mtu = 5
        self.assertRaisesRegex(ValueError, "we say of ourselves .*'mtu'", info.encode)

    def test_keepalive_zero_is_said(self):
        info = Info("home")
        info.keepalive = 0
        self.assertEqual(info.encode(), b"home\nkeepalive 0")


if __name__ == "__main__":
    unittest.main()
