"""AmneziaWG's keywords and the section [Carriers] in a wg-quick file."""

import unittest

from _wg import PrivateKey, Shape
from tests.support.randomness import Random

from wg import config, config_shape, shape_lint
from wg.carrier_settings import MESSAGE_LENS, ShapeSettings
from wg.config_values import RefusedError
from wg.keytext import KEY_LEN, base64_len, secret_from_base64, write_base64

PRIVATE = "yAnz5TF+lXXJte14tji3zlMNq+hd2rYUIgJBgB3fBmk="
PUBLIC = "xTIBA5rboUvnH4htodjb6e697QjLERt1NAB4mZqp8Dg="
HIDE = "FpCyhws9cxwWoV4xELtfJvjJN+zQVRPISllRWgeopVE="
PATH = "/0123456789abcdef0123456789abcdef"

SHAPE = (
    """
Jc = 3
Jmin = 40
Jmax = 90
S1 = 16
S2 = 16
S3 = 16
S4 = 16
I1 = <b 0xc0ff><r 20> <rc 4><rd 3><t>
I5 = <r 64>
HeaderProtectionKey = %s
"""
    % HIDE
)

CARRIERS = """
[Carriers]
UDP = 443, 53, 123, 500, 4500, 51820, 40123   # best first
TCP = 80
WS = 80, 8080
TLS = 443
Shapes = shaped, plain
Decoys = DNS, quic, own, none
DecoyName = www.example.org
TLSName = Home.Example.org
TLSPin = %s
Path = %s
Address = 203.0.113.7, other.example.org
Inside = 10.51.82.1:51821
Proxy = http://10.0.0.1:3128
ProxyUser = anna
ProxyPassword = "a # \\"b\\\\"
""" % (PUBLIC, PATH)


def text(shape="", carriers=""):
    return (
        "[Interface]\nPrivateKey = %s\n%s\n[Peer]\nPublicKey = %s\nEndpoint = h.example.org:443\n%s"
        % (PRIVATE, shape, PUBLIC, carriers)
    )


def parse(shape="", carriers=""):
    return config.parse(bytearray(text(shape, carriers).encode()), "t.conf")


def errors(shape="", carriers=""):
    try:
        parse(shape, carriers).wipe()
    except config.ConfigFileError as error:
        return [str(each) for each in error.errors]
    return []


class ShapeTest(unittest.TestCase):
    def assert_said(self, shape, *words):
        said = errors(shape)
        self.assertEqual(len(said), 1, "%s: %s" % (shape, said))
        for word in words:
            self.assertTrue(word in said[0], "%s: %s" % (word, said[0]))

    def test_every_keyword_is_read(self):
        shape = parse(SHAPE).interface.shape
        self.assertEqual((shape.junk_count, shape.junk_min, shape.junk_max), (3, 40, 90))
        self.assertEqual(shape.sizes, [16] * 4)
        self.assertEqual(shape.types, [(1, 1), (2, 2), (3, 3), (4, 4)])
        self.assertEqual(shape.key, secret_from_base64(HIDE.encode()))
        first = [("b", b"\xc0\xff"), ("r", 20), ("rc", 4), ("rd", 3), ("t", 4)]
        self.assertEqual(shape.decoys, [first, None, None, None, [("r", 64)]])
        self.assertTrue(shape.changes_messages() and shape.has_decoys())

    def test_ranges_of_types_are_read(self):
        lines = "H1 = 100-200\nH2 = 300\nH3 = 400 - 500\nH4 = 0xA\nS1 = 5"
        self.assert_said(lines, "H4", "not a number")
        shape = parse(lines.replace("0xA", "4294967295")).interface.shape
        self.assertEqual(
            shape.types, [(100, 200), (300, 300), (400, 500), (0xFFFFFFFF, 0xFFFFFFFF)]
        )

    def test_a_file_without_them_has_no_shape(self):
        configuration = parse()
        self.assertEqual((configuration.interface.shape, configuration.carriers), (None, None))

    def test_decoys_alone_change_no_message(self):
        shape = parse("Jc = 3\nJmin = 40\nJmax = 50\nI1 = <r 9>").interface.shape
        self.assertTrue(shape.has_decoys() and not shape.changes_messages())

    def test_what_amneziawg_has_and_we_have_not_is_refused_by_its_name(self):
        for keyword in config_shape.UNSUPPORTED:
            self.assert_said("%s = 1" % keyword, "'%s'" % keyword, "AmneziaWG's", "both ends")
        self.assert_said("H5 = 1", "there is none called 'H5'")
        self.assert_said("J1 = 1", "there is none called 'J1'")

    def test_each_rule_names_its_keywords(self):
        types = "H1=11\nH2=22\nH3=33\nH4=44\n"
        for lines, words in (
            ("Jc=1\nJmin=50\nJmax=50", ("Jmin and Jmax",)),
            (types + "S1=16\nS2=72", ("S1 and S2", "164")),
            (types + "S1=0\nS3=84", ("S1 and S3", "148")),
            (types + "S2=8\nS3=36", ("S2 and S3", "100")),
            (types.replace("11", "11-22") + "S1=16", ("H1 and H2",)),
            (
                "H1=5-900000000\nH2=2000000000\nH3=2000000001\nH4=2000000002\nS1=12",
                ("S1 and S4 and H1",),
            ),
            (
                "H2=5-900000000\nH1=2000000000\nH3=2000000001\nH4=2000000002\nS2=20",
                ("S2 and S4 and H2",),
            ),
            (
                "H3=5-900000000\nH1=2000000000\nH2=2000000001\nH4=2000000002\nS3=32",
                ("S3 and S4 and H3",),
            ),
            (types + "S1=1133", ("S1", "1132")),
            (types + "S1=16\nS2=16\nS3=16\nS4=65", ("S4", "64")),
            (types + "S4=40\nMTU=1420", ("MTU and S4", "1400")),
            ("S1=16", ("H1 and H2 and H3 and H4", "HeaderProtectionKey")),
            (types.replace("33", "3"), ("H3", "1 to 4")),
            ("S1=16\nS2=16\nS3=11\nS4=16\nHeaderProtectionKey = " + HIDE, ("S3", "nonce")),
        ):
            self.assert_said(lines, *words)

    def test_what_is_taken_can_be_on_the_packet_path(self):
        random = Random(7)
        taken = 0
        for _ in range(150):
            lines = ["S%d=%d" % (i, random.below((1140, 70)[i // 4])) for i in range(1, 5)]
            starts = sorted([random.below(1 << 20) for _ in range(4)])
            for i in range(4):
                last = starts[i] + random.below(1 << 18)
                lines.append("H%d=%d-%d" % (i + 1, starts[i], last))
            if random.below(2):
                lines.append("HeaderProtectionKey = " + HIDE)
            try:
                shape = parse("\n".join(lines)).interface.shape
            except config.ConfigFileError:
                continue
            taken += 1
            types = tuple([number for pair in shape.types for number in pair])
            Shape(tuple(shape.sizes), types, shape.key, bytearray(32)).wipe()
        self.assertTrue(10 < taken < 140, taken)

    def test_no_length_of_data_is_taken_for_a_handshake_where_the_rules_hold(self):
        # The receiver's order, in which the rules have their reason: by length and offset first.
        random = Random(3)
        refused = 0
        for _ in range(300):
            shape = ShapeSettings()
            shape.sizes = [random.below(60) for _ in range(4)]
            shape.types = [(10**9 * i + 5, 10**9 * i + 10**8) for i in range(4)]
            found = shape_lint.check(shape)
            clash = any(
                shape.sizes[i] + MESSAGE_LENS[i] == shape.sizes[k] + MESSAGE_LENS[k]
                for i in range(3)
                for k in range(i)
            )
            for packet in range(0, 1500, 16):
                total = shape.sizes[3] + 32 + packet
                for i in range(3):
                    is_same_place = shape.sizes[i] == shape.sizes[3]
                    if total == shape.sizes[i] + MESSAGE_LENS[i] and not is_same_place:
                        clash = True
            refused += clash
            self.assertEqual(bool(found), clash, shape.sizes)
        self.assertTrue(20 < refused < 280, refused)

    def test_tags_that_are_none_are_refused(self):
        for tags in ("<c>", "<r>", "<r 0>", "<r -1>", "<b c0>", "<b 0xc>", "<b 0x>", "<r 5", "r 5"):
            with self.assertRaises(RefusedError):
                config_shape.read_tags(tags)
        for tags in ("<r 1281>", "<r 1280><t>", "<t 4>", "<b 0xzz>", "x<r 1>", "<r 1>x"):
            with self.assertRaises(RefusedError):
                config_shape.read_tags(tags)

    def test_what_is_written_of_tags_is_read_again(self):
        tags = config_shape.read_tags("<b 0xC0ff00> <r 20><rc 4><rd 3><t>")
        self.assertEqual(config_shape.read_tags(config_shape.tags_text(tags)), tags)

    def test_the_mtu_leaves_room_for_what_stands_in_front_of_data(self):
        self.assertEqual(parse(SHAPE).interface.shape.mtu_max(), 1424)
        self.assertEqual(errors(SHAPE + "MTU = 1424"), [])
        self.assertEqual(len(errors(SHAPE + "MTU = 1425")), 1)


class CarriersTest(unittest.TestCase):
    def assert_said(self, lines, *words):
        said = errors(SHAPE, lines)
        self.assertEqual(len(said), 1, "%s: %s" % (lines, said))
        for word in words:
            self.assertTrue(word in said[0], "%s: %s" % (word, said[0]))

    def test_every_keyword_is_read(self):
        carriers = parse(SHAPE, CARRIERS).carriers
        self.assertEqual(carriers.udp, [443, 53, 123, 500, 4500, 51820, 40123])
        self.assertEqual((carriers.tcp, carriers.ws, carriers.tls), ([80], [80, 8080], [443]))
        self.assertEqual(carriers.shapes, ["shaped", "plain"])
        self.assertEqual(carriers.decoys, ["dns", "quic", "own", "none"])
        self.assertEqual(carriers.decoy_name, "www.example.org")
        self.assertEqual(carriers.tls_name, "home.example.org")
        self.assertEqual(len(carriers.tls_pin), 32)
        self.assertEqual(bytes(carriers.path), PATH.encode())
        self.assertEqual(carriers.addresses, ["203.0.113.7", "other.example.org"])
        self.assertEqual(carriers.inside, (b"\x0a\x33\x52\x01", 51821))
        proxy = carriers.proxy
        self.assertEqual(
            (proxy.scheme, proxy.place.host, proxy.place.port), ("http", "10.0.0.1", 3128)
        )
        self.assertEqual((proxy.user, bytes(proxy.password)), ("anna", b'a # "b\\'))

    def test_the_section_may_stand_anywhere(self):
        whole = CARRIERS + text(SHAPE)
        found = config.parse(bytearray(whole.encode())).carriers
        self.assertEqual(found.udp[0], 443)

    @unittest.skipUnless(hasattr(PrivateKey, "export"), "this build of _wg exports no keys")
    def test_what_was_read_is_written_and_read_the_same(self):
        configuration = parse(SHAPE, CARRIERS)
        written = config.format(configuration)
        self.assertEqual(config.format(config.parse(bytearray(written))), written)
        for part in (PATH, HIDE, 'ProxyPassword = "a # \\"b\\\\"', "WS = 80, 8080"):
            self.assertTrue(part.encode() in bytes(written), part)

    def test_secrets_are_wiped_and_in_no_text(self):
        configuration = parse(SHAPE, CARRIERS)
        carriers, shape = configuration.carriers, configuration.interface.shape
        for each in (configuration, carriers, shape, carriers.proxy):
            said = repr(each)
            self.assertFalse("anna" in said or PATH in said or HIDE in said)
        configuration.wipe()
        self.assertEqual(carriers.path, bytearray(len(PATH)))
        self.assertEqual(carriers.proxy.password, bytearray(7))
        self.assertEqual(shape.key, bytearray(32))

    def test_secrets_are_in_no_error(self):
        for lines in (
            "Path = /short",
            "Path = %s\\x" % PATH,
            'Proxy = http://a.example:1\nProxyUser = u\nProxyPassword = "hunter2" x',
            "Proxy = http://a.example:1\nProxyUser = u\nProxyPassword = hunter2#3",
            "Proxy = http://anna:hunter2@a.example:1",
            "ProxyPassword = hunter2",
        ):
            said = errors(SHAPE, "[Carriers]\nUDP = 1\n" + lines + "\n")
            self.assertEqual(len(said), 1, said)
            self.assertFalse("hunter2" in said[0] or "/short" in said[0] or PATH in said[0])

    def test_what_cannot_be_is_refused_by_its_name(self):
        for line, word in (
            ("UDP = 0", "UDP"),
            ("UDP = 1,2,3,4,5,6,7,8,9", "there are 9"),
            ("TLS = 65536", "TLS"),
            ("Shapes = round", "'round'"),
            ("Decoys = dns, tls", "'tls'"),
            ("DecoyName = localhost", "DecoyName"),
            ("DecoyName = a b.example", "DecoyName"),
            ("TLSPin = abc", "TLSPin"),
            ("Path = 0123456789abcdef0123", "Path"),
            ("Path = /0123456789abcdef?x=1", "Path"),
            ("Path = /0123456789abcdef\u00e9", "Path"),
            ("Address = 1.2.3.4.5", "Address"),
            ("Address = ::1", "Address"),
            ("Inside = home.example.org:1", "Inside"),
            ("Proxy = ftp://a.example:1", "Proxy"),
            ("Proxy = http://a.example", "Proxy"),
            ("Proxy = http://[2001:db8::1]:1", "Proxy"),
            ("ProxyUser = a", "no Proxy before it"),
            ("Gport = 3", "there is none called 'Gport'"),
            ("UPD = 443", "Did you mean UDP?"),
            ("ListenPort = 443", "does not belong into [Carriers]"),
        ):
            home = "TCP = 1\n" if "UDP" in line else "UDP = 1\n"
            self.assert_said("[Carriers]\n" + home + line, word)

    def test_what_is_missing_beside_others_is_told(self):
        for lines, words in (
            ("Shapes = plain", ("says no way",)),
            ("TLS = 443\nTLSPin = %s\nPath = %s" % (PUBLIC, PATH), ("TLS", "TLSName")),
            ("TLS = 443\nTLSName = a.example\nPath = %s" % PATH, ("TLS", "TLSPin", "anybody")),
            ("TLS = 443\nTLSName = a.example\nTLSPin = %s" % PUBLIC, ("TLS", "Path")),
            ("WS = 80", ("WS", "Path")),
            ("UDP = 1\nProxy = socks5://a.example:1\nProxyPassword = x", ("ProxyUser",)),
        ):
            self.assert_said("[Carriers]\n" + lines, *words)
        said = errors("", "[Carriers]\nUDP = 1\nShapes = shaped")
        self.assertEqual(len(said), 1)
        self.assertTrue("Shapes" in said[0] and "no shape" in said[0])

    def test_a_second_section_is_refused(self):
        said = errors(SHAPE, "[Carriers]\nUDP = 1\n[Carriers]\nUDP = 2")
        self.assertEqual(len(said), 1)
        self.assertTrue("a second time" in said[0])


class KeyTextTest(unittest.TestCase):
    def test_what_is_written_is_what_is_read_and_the_text_is_wiped(self):
        random = Random(1)
        for _ in range(200):
            key = bytearray(KEY_LEN)
            random.fill(key)
            text_ = bytearray(base64_len(KEY_LEN))
            write_base64(text_, 0, key)
            self.assertEqual(secret_from_base64(bytes(text_)), key)
            self.assertEqual(secret_from_base64(text_), key)
            self.assertEqual(text_, bytearray(len(text_)))


if __name__ == "__main__":
    unittest.main()
