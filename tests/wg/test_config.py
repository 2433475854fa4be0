import unittest

from _wg import PresharedKey, PrivateKey

from wg import config
from wg.settings import TABLE_AUTO, TABLE_OFF

PRIVATE = "yAnz5TF+lXXJte14tji3zlMNq+hd2rYUIgJBgB3fBmk="
PRESHARED = "FpCyhws9cxwWoV4xELtfJvjJN+zQVRPISllRWgeopVE="
PUBLIC = "xTIBA5rboUvnH4htodjb6e697QjLERt1NAB4mZqp8Dg="
PUBLIC_BYTES = (
    b"\xc5\x32\x01\x03\x9a\xdb\xa1\x4b\xe7\x1f\x88\x6d\xa1\xd8\xdb\xe9"
    b"\xee\xbd\xed\x08\xcb\x11\x1b\x75\x34\x00\x78\x99\x9a\xa9\xf0\x38"
)
OTHER = "TrMvSoP4jYQlY6RIzBgbssQqY3vxI2Pi+y71lOWWXX0="

WHOLE = """
# home
[Interface]
PrivateKey = %s
ListenPort = 51820
FwMark = 0xca6c
Address = 10.0.0.2/24, fd00::2/64
Address = 10.9.9.9
DNS = 10.0.0.1, fd00::1, home.example
MTU = 1412
Table = 1234

[Peer]
PublicKey = %s  # the gateway
PresharedKey = %s
AllowedIPs = 0.0.0.0/0, ::/0
Endpoint = vpn.example.com:51820
PersistentKeepalive = 25

[Peer]
PublicKey = %s
AllowedIPs = 192.168.1.77/24
AllowedIPs = fd00:1::5/48
Endpoint = [2001:db8::1]:443
""" % (PRIVATE, PUBLIC, PRESHARED, OTHER)

SMALL = "[Interface]\nPrivateKey = %s\n[Peer]\nPublicKey = %s\n" % (PRIVATE, PUBLIC)


def parse(text):
    return config.parse(bytearray(text.encode()), "t.conf")


def errors(text):
    """What is said about a broken file, a list of str."""
    try:
        parse(text)
    except config.ConfigFileError as error:
        return [str(each) for each in error.errors]
    return []


def in_interface(line):
    return errors("[Interface]\nPrivateKey = %s\n%s\n" % (PRIVATE, line))


def in_peer(line):
    return errors(SMALL + line + "\n")


def raw(key):
    out = bytearray(32)
    key.export(out)
    return bytes(out)


class ReadingTest(unittest.TestCase):
    def test_a_file_without_a_private_key_is_read_where_the_key_lies_elsewhere(self):
        text = "[Interface]\nMTU = 1400\n[Peer]\nPublicKey = %s\n" % PUBLIC
        interface = config.parse(text.encode(), key_required=False).interface
        self.assertEqual((interface.private_key, interface.mtu), (None, 1400))
        self.assertEqual(
            errors(text),
            [
                "t.conf:1: [Interface]: has no PrivateKey. "
                "Add one; `wg genkey` makes a new private key."
            ],
        )

    def test_every_setting_of_an_interface_is_read(self):
        interface = parse(WHOLE).interface
        self.assertEqual(interface.private_key.public(), PrivateKey(PRIVATE.encode()).public())
        self.assertEqual(interface.listen_port, 51820)
        self.assertEqual(interface.fwmark, 0xCA6C)
        self.assertEqual(
            interface.addresses,
            [
                (b"\x0a\x00\x00\x02", 24),
                (b"\xfd" + bytes(14) + b"\x02", 64),
                (b"\x0a\x09\x09\x09", 32),
            ],
        )
        self.assertEqual(interface.dns, [b"\x0a\x00\x00\x01", b"\xfd" + bytes(14) + b"\x01"])
        self.assertEqual(interface.dns_search, ["home.example"])
        self.assertEqual(interface.mtu, 1412)
        self.assertEqual(interface.table, 1234)

    def test_every_setting_of_a_peer_is_read(self):
        peers = parse(WHOLE).peers
        self.assertEqual(len(peers), 2)
        self.assertEqual(peers[0].public_key, PUBLIC_BYTES)
        self.assertTrue(peers[0].preshared_key is not None)
        self.assertEqual(peers[0].allowed_ips, [(bytes(4), 0), (bytes(16), 0)])
        self.assertEqual(
            (peers[0].endpoint.host, peers[0].endpoint.port), ("vpn.example.com", 51820)
        )
        self.assertEqual(peers[0].keepalive_s, 25)

    def test_host_bits_of_allowed_ips_are_cleared(self):
        prefixes = parse(WHOLE).peers[1].allowed_ips
        self.assertEqual(prefixes[0], (b"\xc0\xa8\x01\x00", 24))
        self.assertEqual(prefixes[1], (b"\xfd\x00\x00\x01" + bytes(12), 48))

    def test_what_is_not_said_is_none(self):
        configuration = parse(SMALL)
        interface = configuration.interface
        self.assertEqual(interface.listen_port, None)
        self.assertEqual(interface.fwmark, None)
        self.assertEqual(interface.mtu, None)
        self.assertEqual(interface.table, TABLE_AUTO)
        peer = configuration.peers[0]
        self.assertEqual((peer.endpoint, peer.preshared_key, peer.keepalive_s), (None, None, 0))

    def test_a_file_from_windows_in_any_case_is_read(self):
        text = "\ufeff" + SMALL.replace("\n", "\r\n").upper().replace("=\r", "=\r")
        text = text.replace(PRIVATE.upper(), PRIVATE).replace(PUBLIC.upper(), PUBLIC)
        self.assertEqual(parse(text).peers[0].public_key, PUBLIC_BYTES)

    def test_whitespace_does_not_matter(self):
        text = "\t[ Interface ]  \n  PrivateKey\t=%s   \n\n\n[peer]\nPublicKey=  %s\nAllowedIPs=\n"
        self.assertEqual(parse(text % (PRIVATE, PUBLIC)).peers[0].allowed_ips, [])

    def test_off_is_zero(self):
        lines = "FwMark = off\nTable = OFF\n[Peer]\nPublicKey = %s\nPersistentKeepalive = off\n"
        text = "[Interface]\nPrivateKey = %s\n" % PRIVATE + lines % PUBLIC
        configuration = parse(text)
        self.assertEqual(configuration.interface.fwmark, 0)
        self.assertEqual(configuration.interface.table, TABLE_OFF)
        self.assertEqual(configuration.peers[0].keepalive_s, 0)

    def test_zeros_stand_for_no_preshared_key(self):
        configuration = parse(SMALL + "PresharedKey = %s=\n" % ("A" * 43))
        self.assertEqual(configuration.peers[0].preshared_key, None)

    def test_save_config_is_accepted_and_noted(self):
        text = SMALL.replace("[Peer]", "SaveConfig = true\n[Peer]")
        notes = parse(text).notes
        self.assertEqual(len(notes), 1)
        self.assertEqual(notes[0][0], 3)
        self.assertTrue("SaveConfig" in notes[0][1])
        self.assertEqual(parse(text.replace("true", "false")).notes, [])

    def test_an_allowed_ip_of_two_peers_is_noted(self):
        text = SMALL + "AllowedIPs = 10.0.0.0/8\n[Peer]\nPublicKey = %s\nAllowedIPs = 10.0.0.0/8\n"
        notes = parse(text % OTHER).notes
        self.assertEqual([line for line, _ in notes], [8])

    def test_key_text_in_the_buffer_is_wiped(self):
        buffer = bytearray(WHOLE.encode())
        config.parse(buffer)
        for key in (PRIVATE, PRESHARED):
            self.assertTrue(key.encode() not in bytes(buffer))
        self.assertTrue(PUBLIC.encode() in bytes(buffer))

    def test_bytes_are_taken_too(self):
        self.assertEqual(len(config.parse(WHOLE.encode()).peers), 2)


class BrokenFileTest(unittest.TestCase):
    def assert_said(self, said, *words):
        """One error, and all these words in it."""
        self.assertEqual(len(said), 1, said)
        for word in words:
            self.assertTrue(word in said[0], "%s: %s" % (word, said[0]))

    def test_an_error_names_file_and_line_and_what_to_do(self):
        self.assert_said(in_interface("MTU = big"), "t.conf:3: MTU: 'big' is not a number", "leave")

    def test_all_errors_of_a_file_are_found(self):
        said = errors(
            "[Interface]\nListenPort = 70000\nMTU = x\nAddress = 10.0.0.0/33, 1.2.3\n"
            "[Peer]\nEndpoint = host\n[Peer]\nPublicKey = short\n"
        )
        lines = [int(each.split(":")[1]) for each in said]
        self.assertEqual(lines, [1, 2, 3, 4, 4, 5, 6, 8])

    def test_missing_parts_are_named(self):
        self.assert_said(errors(""), "t.conf: [Interface]", "no such section")
        self.assert_said(errors("[Interface]\n"), "t.conf:1: ", "no PrivateKey", "wg genkey")
        self.assert_said(errors(SMALL + "[Peer]\n"), "t.conf:5: ", "no PublicKey")

    def test_a_second_interface_is_refused(self):
        self.assert_said(
            errors(SMALL + "[Interface]\nPrivateKey = %s\n" % PRIVATE), ":5:", "line 1"
        )

    def test_an_unknown_section_is_named_once(self):
        said = errors(SMALL + "[Pear]\nPublicKey = x\nFoo = y\n")
        self.assert_said(said, ":5:", "[Pear]", "[Interface], [Peer] and [Carriers]")

    def test_a_slip_in_a_keyword_gets_a_suggestion(self):
        self.assert_said(in_peer("AllowedIP = 10.0.0.0/8"), "'AllowedIP'", "mean AllowedIPs?")
        self.assert_said(in_peer("Endpiont = a:1"), "mean Endpoint?")
        self.assert_said(in_peer("Colour = red"), "'Colour'", "Remove the line")

    def test_a_keyword_in_the_wrong_section_is_told_where_to_go(self):
        self.assert_said(in_peer("Address = 10.0.0.1/8"), "[Peer]", "Move it into [Interface]")
        self.assert_said(in_interface("AllowedIPs = ::/0"), "Move it into [Peer]")

    def test_a_keyword_before_all_sections_is_refused(self):
        self.assert_said(errors("MTU = 1400\n" + SMALL), ":1:", "before the first section")

    def test_a_setting_given_twice_is_refused(self):
        self.assert_said(in_interface("MTU = 1400\nMTU = 1300"), ":4:", "twice", "line 3")

    def test_commands_are_refused(self):
        for keyword in ("PreUp", "PostUp", "PreDown", "PostDown"):
            self.assert_said(
                in_interface(keyword + " = rm -rf /"), keyword, "no commands", "wg-quick"
            )

    def test_a_broken_key_says_how_long_it_is(self):
        for key, words in (
            (PRIVATE[:-1], "has 43 characters, a key has 44"),
            (PRIVATE + "A", "has 45 characters"),
            ("", "is empty"),
            (PRIVATE[:20] + "*" + PRIVATE[21:], "not the base64 of 32 bytes"),
            (PRIVATE[:-2] + "l=", "not the base64 of 32 bytes"),
            (PRIVATE[:-1] + "A", "not the base64 of 32 bytes"),
            ("A" * 43 + "=", "all zeros"),
        ):
            self.assert_said(errors("[Interface]\nPrivateKey = %s\n" % key), ":2:", words, "genkey")

    def test_a_peer_given_twice_is_refused(self):
        self.assert_said(errors(SMALL + "[Peer]\nPublicKey = %s\n" % PUBLIC), ":6:", "line 4")

    def test_the_own_key_as_a_peer_is_refused(self):
        config_errors = errors(SMALL.replace(PUBLIC, public_of(PRIVATE)))
        self.assert_said(config_errors, ":4:", "the interface itself")

    def test_broken_values_are_refused(self):
        for line, words in (
            ("ListenPort = 65536", "not between 0 and 65535"),
            ("ListenPort = -1", "'-1' is not a number"),
            ("ListenPort =", "'' is not a number"),
            ("FwMark = 0x", "hexadecimal"),
            ("FwMark = 0x123456789", "hexadecimal"),
            ("FwMark = 4294967296", "not between"),
            ("MTU = 100", "not between 576"),
            ("Table = 0", "not between 1"),
            ("Table = main", "'auto', 'off'"),
            ("SaveConfig = yes", "neither true nor false"),
            ("Address = 10.0.0.300/8", "not an IP address"),
            ("Address = 10.0.0.1/33", "longer than 32"),
            ("Address = fd00::1/129", "longer than 128"),
            ("Address = fd00::1/", "no prefix length"),
            ("Address = 10.0.0.1/8,", "address is missing"),
            ("DNS = 10.0.0", "not an IP address"),
            ("DNS = -x-", "neither an address nor a domain"),
        ):
            self.assert_said(in_interface(line), ":3:", words)
        for line, words in (
            ("AllowedIPs = 10.0.0.0/8 10.1.0.0/16", "no prefix length"),
            ("AllowedIPs = +10.0.0.0/8", "whole list"),
            ("Endpoint = example.com", "has no port"),
            ("Endpoint = example.com:", "'' is not a number"),
            ("Endpoint = example.com:0", "not between 1"),
            ("Endpoint = :51820", "no port"),
            ("Endpoint = 10.0.0.1.1:51820", "not an IP address"),
            ("Endpoint = 2001:db8::1:51820", "without brackets"),
            ("Endpoint = [2001:db8::1]", "no port after the ']'"),
            ("Endpoint = [10.0.0.1]:1", "not an IPv6 address"),
            ("Endpoint = [fe80::1%e/0]:1", "name of an interface"),
            ("Endpoint = ex ample:1", "not a host name"),
            ("PersistentKeepalive = 65536", "not between"),
        ):
            self.assert_said(in_peer(line), ":5:", words)

    def test_an_mtu_too_small_for_ipv6_is_refused(self):
        said = in_interface("MTU = 1279\nAddress = 10.0.0.1/8, fd00::1/64")
        self.assert_said(said, ":3:", "1279 is too small for the IPv6 address", "1280")
        self.assertEqual(in_interface("MTU = 1279\nAddress = 10.0.0.1/8"), [])

    def test_invisible_characters_are_found(self):
        self.assert_said(in_peer("Endpoint = a\u00a0b:1"), "character 2", "0xc2")

    def test_a_file_in_utf_16_is_named_so(self):
        data = b"\xff\xfe" + b"".join(bytes((c, 0)) for c in SMALL.encode())
        try:
            config.parse(data, "t.conf")
        except config.ConfigFileError as error:
            self.assertTrue("UTF-16" in str(error.errors[0]))
            self.assertEqual(len(error.errors), 1)
        else:
            self.fail("was read")


class SecretTest(unittest.TestCase):
    def test_no_error_shows_a_key(self):
        for line in (
            PRIVATE,
            "PrivateKey %s" % PRIVATE,
            "PrivateKey : %s" % PRIVATE,
            "%s PrivateKey" % PRIVATE,
            "PrivateKey = %s trailing" % PRIVATE,
            "PrivateKey = '%s'" % PRIVATE,
            "Endpoint = %s" % PRIVATE,
            "Address = %s" % PRIVATE,
            "AllowedIPs = %s" % PRIVATE,
            "DNS = 10.0.0.1, %s" % PRIVATE,
            "MTU = %s" % PRIVATE,
            "Table = %s" % PRIVATE,
            "[%s]" % PRIVATE,
            "[%s" % PRIVATE,
            "PostUp = wg set %%i private-key <(echo %s)" % PRIVATE,
        ):
            said = "\n".join(errors("[Interface]\n%s\n[Peer]\n%s\n" % (line, line)))
            self.assertTrue(said)
            for start in range(len(PRIVATE) - 12):
                self.assertTrue(PRIVATE[start : start + 12] not in said, said)

    def test_wiping_a_configuration_wipes_its_keys(self):
        configuration = parse(WHOLE)
        configuration.wipe()
        self.assertRaises(ValueError, configuration.interface.private_key.public)


def public_of(private):
    from wg.keytext import public_to_base64

    return public_to_base64(PrivateKey(private.encode()).public())


@unittest.skipUnless(hasattr(PrivateKey, "export"), "this build of _wg exports no keys")
class WritingTest(unittest.TestCase):
    def test_a_written_file_reads_back_the_same(self):
        self.assert_round_trip(parse(WHOLE))
        self.assert_round_trip(parse(SMALL))

    def assert_round_trip(self, configuration):
        text = config.format(configuration)
        again = config.parse(bytearray(text))
        self.assertEqual(config.format(again), text)
        one, two = configuration.interface, again.interface
        for name in ("listen_port", "fwmark", "addresses", "dns", "dns_search", "mtu", "table"):
            self.assertEqual(getattr(one, name), getattr(two, name))
        self.assertEqual(raw(one.private_key), raw(two.private_key))
        self.assertEqual(len(configuration.peers), len(again.peers))
        for a, b in zip(configuration.peers, again.peers):
            for name in ("public_key", "allowed_ips", "endpoint", "keepalive_s"):
                self.assertEqual(getattr(a, name), getattr(b, name))
            self.assertEqual(a.preshared_key is None, b.preshared_key is None)
            if a.preshared_key is not None:
                self.assertEqual(raw(a.preshared_key), raw(b.preshared_key))

    def test_any_configuration_survives_a_round_trip(self):
        state = [7]

        def random(below):
            state[0] = (state[0] * 1103515245 + 12345) & 0x3FFFFFFF
            return (state[0] >> 8) % below

        def some_bytes(count):
            return bytes(random(256) for _ in range(count))

        for _ in range(60):
            self.assert_round_trip(any_configuration(random, some_bytes))

    def test_the_text_of_a_key_is_right(self):
        text = bytes(config.format(parse(WHOLE))).decode()
        for key in (PRIVATE, PUBLIC, PRESHARED, OTHER):
            self.assertTrue(" = %s\n" % key in text)


def any_configuration(random, some_bytes):
    """A configuration with everything or nothing in it, from a seeded source."""
    configuration = config.Configuration()
    interface = configuration.interface
    interface.private_key = PrivateKey(some_bytes(32))
    if random(2):
        interface.listen_port = random(65536)
        interface.fwmark = random(1 << 16)
        interface.mtu = 1280 + random(9000)
        interface.table = (TABLE_AUTO, TABLE_OFF, 1 + random(1 << 20))[random(3)]
    for _ in range(random(4)):
        interface.addresses.append(random_prefix(random, some_bytes))
        interface.dns.append(random_prefix(random, some_bytes)[0])
        interface.dns_search.append("d%d.example" % random(1000))
    interface.addresses = unique(interface.addresses)
    for _ in range(random(5)):
        peer = config.PeerSettings(some_bytes(32))
        if random(2):
            peer.preshared_key = PresharedKey(some_bytes(32))
            peer.keepalive_s = random(65536)
            peer.endpoint = config.HostPort(
                ("a.b", "10.0.0.1", "fe80::1%eth0")[random(3)], 1 + random(65535)
            )
        for _ in range(random(4)):
            address, prefix_len = random_prefix(random, some_bytes)
            peer.allowed_ips.append((cut(address, prefix_len), prefix_len))
        peer.allowed_ips = unique(peer.allowed_ips)
        configuration.peers.append(peer)
    return configuration


def random_prefix(random, some_bytes):
    address = some_bytes((4, 16)[random(2)])
    return address, random(8 * len(address) + 1)


def cut(address, prefix_len):
    bits = int.from_bytes(address, "big") >> (8 * len(address) - prefix_len)
    return (bits << (8 * len(address) - prefix_len)).to_bytes(len(address), "big")


def unique(items):
    return [item for i, item in enumerate(items) if item not in items[:i]]


if __name__ == "__main__":
    unittest.main()
