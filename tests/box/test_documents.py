import unittest

from _wg import PrivateKey
from box import box_document, box_values, judgement, quoted, tunnel_document
from box.state import State

from wg.config import ConfigFileError
from wg.keytext import public_from_base64, public_to_base64

PRIVATE = "yAnz5TF+lXXJte14tji3zlMNq+hd2rYUIgJBgB3fBmk="
OTHER_PRIVATE = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="
GATEWAY = "TrMvSoP4jYQlY6RIzBgbssQqY3vxI2Pi+y71lOWWXX0="
PRESHARED = "FpCyhws9cxwWoV4xELtfJvjJN+zQVRPISllRWgeopVE="

PEER = "[Peer]\nPublicKey = %s\nEndpoint = 192.0.2.1:51820\nAllowedIPs = 0.0.0.0/0\n" % GATEWAY
TUNNEL = "[Interface]\nAddress = 10.0.0.2/32\nDNS = 10.0.0.1\n" + PEER
BOX = "[Box]\nName = attic\n"
STATIC = BOX + "[Uplink]\nMode = static\nAddress = 192.0.2.7/24\nGateway = 192.0.2.1\n"


def said(read, text):
    """What is wrong with a document, a list of "line: what: why"."""
    try:
        read(bytearray(text.encode()))
    except ConfigFileError as error:
        return ["%s: %s: %s" % (each.line, each.what, each.why) for each in error.errors]
    return []


def of_box(text):
    return said(box_document.read, text)


def of_tunnel(text):
    return said(tunnel_document.read, text)


class BoxDocumentTest(unittest.TestCase):
    def read(self, text):
        return box_document.read(text.encode())

    def test_a_name_is_enough(self):
        settings = self.read(BOX)
        self.assertEqual((settings.name, settings.uplink_mode), ("attic", "dhcp"))
        self.assertIsNone(settings.lan_address)

    def test_everything_is_read(self):
        settings = self.read(
            "# mine\n" + STATIC + "DNS = 192.0.2.1, 9.9.9.9\n[lan]\naddress = 10.9.0.1/24 # home\n"
        )
        self.assertEqual(settings.uplink_mode, "static")
        self.assertEqual(settings.uplink_address, (b"\xc0\x00\x02\x07", 24))
        self.assertEqual(settings.uplink_gateway, b"\xc0\x00\x02\x01")
        self.assertEqual(settings.uplink_dns, [b"\xc0\x00\x02\x01", b"\x09\x09\x09\x09"])
        self.assertEqual(settings.lan_address, (b"\x0a\x09\x00\x01", 24))

    def test_each_wrong_line_is_told_with_its_number(self):
        for line, why in (
            ("[Radio]", "3: section: there is no section [Radio]"),
            ("[Box]", "3: [Box]: is here a second time, the first is in line 1"),
            ("Name = b", "3: Name: is given twice, first in line 2"),
            ("Nane = b", "3: keyword: there is none called 'Nane' in [Box]"),
            ("Mode = dhcp", "3: keyword: there is none called 'Mode' in [Box]"),
            ("hello", "3: this line: is not 'Keyword = value'"),
        ):
            self.assertEqual(of_box(BOX + line + "\n"), [why])

    def test_a_name_is_one_that_can_be_shown_anywhere(self):
        for name in ("", "a b", "-a", "a-", "a.b", "a_b", "a" * 33, "k\u00fcche", "\x07"):
            self.assertEqual(len(of_box("[Box]\nName = %s\n" % name)), 1, name)
        self.assertEqual(of_box("[Box]\n"), ["1: [Box]: has no Name"])
        self.assertEqual(of_box(""), ["None: [Box]: has no Name"])

    def test_a_static_uplink_needs_an_address_and_a_gateway_in_its_network(self):
        self.assertEqual(of_box(STATIC), [])
        self.assertEqual(len(of_box(BOX + "[Uplink]\nMode = static\n")), 2)
        for address, gateway in (
            ("192.0.2.7", "192.0.2.1"),
            ("192.0.2.7/31", "192.0.2.6"),
            ("192.0.2.7/7", "192.0.2.1"),
            ("192.0.2.0/24", "192.0.2.1"),
            ("192.0.2.255/24", "192.0.2.1"),
            ("fd00::7/64", "192.0.2.1"),
            ("127.0.0.1/8", "192.0.2.1"),
            ("224.0.0.7/24", "192.0.2.1"),
            ("192.0.2.7/24", "192.0.3.1"),
            ("192.0.2.7/24", "192.0.2.7"),
            ("192.0.2.7/24", "192.0.2.1/24"),
            ("192.0.2.7/24", "fd00::1"),
            ("192.0.2.7/24", "0.0.0.0"),
        ):
            text = STATIC.replace("192.0.2.7/24", address).replace("= 192.0.2.1", "= " + gateway)
            self.assertEqual(len(of_box(text)), 1, text)

    def test_addresses_without_static_are_of_no_use_and_refused(self):
        self.assertEqual(len(of_box(STATIC.replace("static", "dhcp"))), 2)
        self.assertEqual(len(of_box(STATIC.replace("Mode = static\n", ""))), 2)
        self.assertEqual(len(of_box(STATIC.replace("static", "auto"))), 1)

    def test_the_lan_is_private_and_has_room_for_clients(self):
        for address in ("10.0.0.1/16", "172.16.5.1/24", "192.168.1.1/29"):
            self.assertEqual(of_box(BOX + "[LAN]\nAddress = %s\n" % address), [])
        for address in (
            "10.0.0.1/8",
            "10.0.0.1/30",
            "8.8.8.1/24",
            "172.32.0.1/24",
            "192.168.1.0/24",
            "192.168.1.1",
            "fd00::1/64",
        ):
            self.assertEqual(len(of_box(BOX + "[LAN]\nAddress = %s\n" % address)), 1, address)

    def test_uplink_and_lan_do_not_overlap(self):
        text = STATIC.replace("192.0.2.", "10.1.2.") + "[LAN]\nAddress = 10.1.0.1/16\n"
        self.assertEqual(
            of_box(text), ["8: Address: the network on the LAN is also that of the uplink"]
        )

    def test_more_name_servers_than_fit_are_refused(self):
        self.assertEqual(len(of_box(STATIC + "DNS = 1.1.1.1, 8.8.8.8, 9.9.9.9\n")), 1)


class WifiTest(unittest.TestCase):
    def read(self, text, has_wifi=True):
        data = text.encode() if isinstance(text, str) else text
        settings = box_document.read(BOX.encode() + data, has_wifi)
        self.addCleanup(settings.wipe)
        return settings

    def test_networks_and_the_boxs_own_are_read_in_their_order(self):
        settings = self.read(
            "[Uplink]\nMedium = wifi\n[WiFi]\nSSID = Hotel Lobby # ask at the desk\n"
            "Password = correct horse\n[wifi]\nssid = caf\u00e9\n"
            "[LAN]\nSSID = mine\nPassword = battery staple\n"
        )
        self.assertEqual(settings.uplink_medium, "wifi")
        self.assertEqual(
            [(network.ssid, network.password) for network in settings.networks],
            [(b"Hotel Lobby", b"correct horse"), ("caf\u00e9".encode(), None)],
        )
        self.assertEqual(settings.lan_ssid, b"mine")
        self.assertEqual(settings.lan_password, b"battery staple")
        self.assertEqual(self.read("").uplink_medium, "auto")

    def test_in_quotes_every_byte_counts(self):
        for written, meant in (
            ('"Room #4"', b"Room #4"),
            ('" two  blanks "  # and a comment', b" two  blanks "),
            (r'"say \"sea\" \\"', rb'say "sea" \\'[:-1]),
            (r"back\slash", rb"back\slash"),
            ("a = b", b"a = b"),
            ("[x]", b"[x]"),
            ('"#"', b"#"),
        ):
            settings = self.read("[WiFi]\nSSID = %s\n" % written)
            self.assertEqual(settings.networks[0].ssid, meant)

    def test_what_is_written_in_quotes_is_read_back(self):
        for value in (b"plain", b'"', b"\\", b"# '\\\" ", b" x ", b'a"b\\\\', b"~!=[]"):
            out = bytearray(quoted.encoded_len(value))
            self.assertEqual(quoted.write(out, 0, value), len(out))
            settings = self.read(b"[WiFi]\nSSID = " + bytes(out) + b" # x\n")
            self.assertEqual(settings.networks[0].ssid, value)

    def test_a_password_is_8_to_63_characters_or_64_digits(self):
        for password in ("12345678", "x" * 63, "0123456789abcdefABCDEF00" + "a" * 40):
            settings = self.read("[WiFi]\nSSID = a\nPassword = %s\n" % password)
            self.assertEqual(settings.networks[0].password, password.encode())
        own = "[LAN]\nPassword = %s\n"
        self.assertEqual(of_box(BOX + own % ("x" * 63)), [])
        self.assertEqual(of_box(BOX + own % ("a" * 64)), ["4: Password: has 64 characters"])

    def test_each_wrong_line_is_told_with_its_number_and_without_its_secret(self):
        for lines, why in (
            ("SSID =", "4: SSID: is empty"),
            ("SSID = %s" % ("x" * 33), "4: SSID: has 33 bytes"),
            ("SSID = a\tb", "4: SSID: has a character in it that cannot be shown"),
            ("SSID = a\nPassword = sEcret7", "5: Password: has 7 characters"),
            ("SSID = a\nPassword =", "5: Password: is empty"),
            ("SSID = a\nPassword = %s" % ("sEcretxx" * 8), "5: Password: has 64 characters"),
            (
                "SSID = a\nPassword = sEcretx\u00fc",
                "5: Password: has a character in it that is not plain text",
            ),
            (
                "SSID = a\nPassword = sEcretword#1",
                "5: Password: has a '#' in it, which begins a comment",
            ),
            ('SSID = a\nPassword = sEcret"word', "5: Password: has a quote in it"),
            ('SSID = a\nPassword = "sEcretword', "5: Password: has no quote at its end"),
            (
                'SSID = a\nPassword = "sEcret" word',
                "5: Password: goes on behind its closing quote",
            ),
            ('SSID = a\nPassword = "sEcret\\word"', "5: Password: has a single \\ in it"),
            ("Password = sEcretword", "3: [WiFi]: has no SSID"),
            ("SSID = a\nSSID = b", "5: SSID: is given twice, first in line 4"),
            ("SSID = a\n[WiFi]\nSSID = a", "6: SSID: this network is already in line 4"),
            ("SSID = a\nPasword = sEcretword", "5: keyword: there is none called 'Pasword'"),
            ("SSID = a\n[LAN]\nSSID = a", "6: SSID: is also a network that the box joins"),
        ):
            found = of_box(BOX + "[WiFi]\n" + lines + "\n")
            self.assertEqual(len(found), 1, (lines, found))
            self.assertTrue(found[0].startswith(why), found)
            self.assertNotIn("sEcret", found[0])
        with self.assertRaises(ConfigFileError) as caught:
            box_document.read(BOX.encode() + b"[WiFi]\nSSID = \xff\xfe\n")
        self.assertEqual(caught.exception.errors[0].why, "is not UTF-8")

    def test_a_medium_is_one_that_there_is(self):
        wrong = of_box(BOX + "[Uplink]\nMedium = radio\n")
        self.assertEqual(wrong, ["4: Medium: there is none called 'radio'"])
        wrong = of_box(BOX + "[Uplink]\nMedium = wifi\n")
        self.assertTrue(wrong[0].startswith("4: Medium: there is no [WiFi] section"), wrong)

    def test_more_networks_than_there_is_room_for_are_refused(self):
        text = "".join(["[WiFi]\nSSID = n%d\n" % i for i in range(8)])
        self.assertEqual(len(self.read(text).networks), 8)
        wrong = of_box(BOX + text + "[WiFi]\nSSID = a\n")
        self.assertEqual(wrong, ["19: [WiFi]: a box has room for 8 of them, this is one more"])

    def test_what_a_board_cannot_use_is_accepted_with_a_note(self):
        text = "[Uplink]\nMedium = %s\n[WiFi]\nSSID = a\n[LAN]\nSSID = b\n"
        for medium, has_wifi, lines in (
            ("wifi", False, [6, 4]),
            ("auto", False, [6]),
            ("ethernet", True, [4, 8]),
            ("wifi", True, [8]),
        ):
            notes = self.read(text % medium, has_wifi).notes
            self.assertEqual(sorted(note.line for note in notes), sorted(lines), medium)
            self.assertTrue(all(note.why and note.mend for note in notes))
        self.assertEqual(self.read("", False).notes, [])

    def test_wiping_leaves_no_password(self):
        settings = self.read(
            "[WiFi]\nSSID = a\nPassword = correct horse\n[LAN]\nPassword = battery staple\n"
            "[Uplink]\nProxy = http://10.0.0.1:3128\nProxyUser = a\nProxyPassword = open sesame\n"
        )
        kept = [settings.networks[0].password, settings.lan_password, settings.proxy_password]
        settings.wipe()
        self.assertEqual([bytes(each) for each in kept], [bytes(len(each)) for each in kept])
        self.assertIsNone(settings.networks[0].password)

    def test_a_proxy_is_read_with_whom_it_knows(self):
        for written, meant in (
            ("http://192.0.2.3:3128", ("http", "192.0.2.3", 3128)),
            ("HTTP://proxy.example.org:80/", ("http", "proxy.example.org", 80)),
            ("socks5://10.0.0.1:1080", ("socks5", "10.0.0.1", 1080)),
        ):
            settings = self.read("[Uplink]\nProxy = %s\n" % written)
            proxy = settings.own_proxy()
            place = proxy.place
            self.assertEqual((proxy.scheme, place.host, place.port), meant)
            self.assertEqual((proxy.user, proxy.password), ("", None))
        text = 'Proxy = http://10.0.0.1:1\nProxyUser = "a #1"\nProxyPassword = "b: \\" #2 "\n'
        settings = self.read("[Uplink]\n" + text)
        proxy = settings.own_proxy()
        self.assertEqual((proxy.user, proxy.password), ("a #1", b'b: " #2 '))
        settings.wipe()
        self.assertEqual(proxy.password, b'b: " #2 ')
        proxy.wipe()
        self.assertEqual(bytes(proxy.password), bytes(8))
        self.assertEqual([note.what for note in settings.notes], ["ProxyPassword"])
        self.assertNotIn("#2", str(settings.notes[0]))

    def test_a_proxy_that_cannot_be_is_refused_without_its_secret(self):
        for lines, why in (
            ("Proxy = 10.0.0.1:3128", "4: Proxy: it begins with neither http:// nor socks5://"),
            ("Proxy = https://10.0.0.1:3128", "4: Proxy: it begins with neither http://"),
            ("Proxy = http://10.0.0.1", "4: Proxy: '10.0.0.1' has no port"),
            ("Proxy = http://[fd00::1]:3128", "4: Proxy: it is an IPv6 address"),
            ("Proxy = http://a:sEcret@10.0.0.1:3128", "4: Proxy: has a user in it"),
            ("ProxyUser = a", "4: ProxyUser: there is no Proxy"),
            ("Proxy = http://10.0.0.1:1\nProxyPassword = sEcret", "5: ProxyPassword: there is no"),
            (
                "Proxy = http://10.0.0.1:1\nProxyUser = a:sEcret",
                "5: ProxyUser: no proxy takes such a name",
            ),
            (
                "Proxy = http://10.0.0.1:1\nProxyUser = a\nProxyPassword = sEcret#1",
                "6: ProxyPassword: has a '#' in it, which begins a comment",
            ),
            (
                "Proxy = http://10.0.0.1:1\nProxyUser = a\nProxyPassword = " + 11 * "sEcret",
                "6: ProxyPassword: has 66 characters",
            ),
        ):
            found = of_box(BOX + "[Uplink]\n" + lines + "\n")
            self.assertEqual(len(found), 1, (lines, found))
            self.assertTrue(found[0].startswith(why), found)
            self.assertNotIn("sEcret", found[0])

    def test_a_refused_document_leaves_no_password_behind(self):
        seen = []
        before = box_values.password

        def password(data, can_be_hex):
            seen.append(data)
            return before(data, can_be_hex)

        box_values.password = password
        self.addCleanup(setattr, box_values, "password", before)
        of_box(BOX + "[WiFi]\nPassword = correct horse\n[LAN]\nPassword = short\n")
        self.assertEqual([bytes(each) for each in seen], [bytes(13), bytes(5)])


class TunnelDocumentTest(unittest.TestCase):
    def read(self, text):
        found = tunnel_document.read(bytearray(text.encode()))
        self.addCleanup(found.wipe)
        return found

    def test_a_providers_file_is_read(self):
        found = self.read(TUNNEL)
        self.assertEqual(found.address, b"\x0a\x00\x00\x02")
        self.assertEqual(found.dns, b"\x0a\x00\x00\x01")
        self.assertEqual((found.mtu, found.key), (1420, None))
        self.assertFalse(found.named_endpoints())
        self.assertTrue(self.read(TUNNEL.replace("192.0.2.1:", "vpn.example:")).named_endpoints())

    def test_a_private_key_is_taken_out_and_leaves_nothing_in_the_text(self):
        text = bytearray(("[Interface]\nPrivateKey = %s\n" % PRIVATE + TUNNEL[12:]).encode())
        found = tunnel_document.read(text)
        self.assertEqual(bytes(found.key[:3]), b"\xc8\x09\xf3")
        self.assertEqual(len(found.key), 32)
        self.assertNotIn(PRIVATE.encode(), bytes(text))
        found.wipe()
        self.assertEqual(bytes(found.key), bytes(32))

    def test_ipv6_is_left_out_with_a_note(self):
        text = TUNNEL.replace("10.0.0.2/32", "10.0.0.2/32, fd00::2/128")
        text = text.replace("DNS = ", "DNS = fd00::1, ").replace("0.0.0.0/0", "::/0, 0.0.0.0/0")
        found = self.read(text)
        self.assertEqual(found.dns, b"\x0a\x00\x00\x01")
        self.assertEqual(found.configuration.peers[0].allowed_ips, [(bytes(4), 0)])
        self.assertEqual(len(found.configuration.notes), 1)

    def test_what_makes_no_sense_on_a_box_is_refused_with_its_line(self):
        for old, new, why in (
            ("DNS", "Table = off\nDNS", "3: Table: a box has no routing tables"),
            ("DNS", "FwMark = 1\nDNS", "3: FwMark: a box has no marks for packets"),
            ("DNS", "MTU = 1279\nDNS", "3: MTU: 1279 is not between 1280 and 1420"),
            ("DNS", "MTU = 1421\nDNS", "3: MTU: 1421 is not between 1280 and 1420"),
            ("DNS", "Address = 10.0.0.3\nDNS", "1: Address: there is more than one for IPv4"),
            ("10.0.0.2/32", "fd00::2", "1: [Interface]: has no IPv4 Address"),
            ("Address = 10.0.0.2/32", "", "1: [Interface]: has no IPv4 Address"),
            (PEER, "", "None: [Peer]: there is none"),
            ("Endpoint = 192.0.2.1:51820", "", "4: [Peer]: has no Endpoint"),
            ("192.0.2.1:51820", "[fd00::1]:1", "6: Endpoint: it is an IPv6 address"),
            ("AllowedIPs = 0.0.0.0/0", "", "5: AllowedIPs: no peer takes any IPv4 packets"),
            ("0.0.0.0/0", "::/0", "5: AllowedIPs: no peer takes any IPv4 packets"),
        ):
            found = of_tunnel(TUNNEL.replace(old, new, 1))
            self.assertEqual(len(found), 1, (new, found))
            self.assertTrue(found[0].startswith(why), found)

    def test_more_than_four_peers_are_refused_at_the_fifth(self):
        keys = ["%sAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=" % c for c in "BCDEF"]
        for count, problems in ((4, 0), (5, 1)):
            text = TUNNEL + "".join([PEER.replace(GATEWAY, key) for key in keys[: count - 1]])
            found = of_tunnel(text)
            self.assertEqual(len(found), problems, found)
        self.assertEqual(found[0].split(":")[:2], ["21", " [Peer]"])

    def test_more_allowed_ips_than_there_is_room_for_are_refused(self):
        prefixes = ", ".join(["10.%d.0.0/16" % i for i in range(65)])
        self.assertEqual(len(of_tunnel(TUNNEL.replace("0.0.0.0/0", prefixes))), 1)

    def test_hooks_are_refused_as_everywhere(self):
        self.assertEqual(len(of_tunnel(TUNNEL.replace("DNS", "PostUp = reboot\nDNS"))), 1)


class JudgementTest(unittest.TestCase):
    def judge(self, box=BOX, tunnel=TUNNEL, key=PRIVATE, given_key=False):
        self.state = State(
            None if box is None else bytearray(box.encode()),
            None if tunnel is None else bytearray(tunnel.encode()),
            None if key is None else bytearray(public_from_base64(key.encode())),
        )
        return judgement.judge(self.state, given_key)

    def test_a_whole_state_is_good(self):
        found = self.judge()
        self.assertTrue(found.is_good)
        self.assertEqual(found.settings.name, "attic")
        self.assertEqual(found.tunnel.address, b"\x0a\x00\x00\x02")
        self.assertEqual(bytes(self.state.tunnel), TUNNEL.encode())

    def test_everything_that_is_missing_is_named(self):
        self.assertEqual(self.judge(None, None, None).missing, ["box", "tunnel", "key"])
        self.assertEqual(self.judge(key=None).missing, ["key"])
        self.assertFalse(self.judge(key=None).is_good)

    def test_notes_go_with_the_problems(self):
        self.state = State(bytearray(BOX.encode() + b"[WiFi]\nSSID = a\n"))
        found = judgement.judge(self.state, has_wifi=False)
        (note,) = found.as_members()["notes"]
        self.assertEqual((note["k"], note["line"], note["what"]), ("box", 4, "Wi-Fi"))
        self.assertEqual(judgement.judge(self.state).as_members()["notes"], [])

    def test_without_a_tunnel_all_else_is_good_or_not(self):
        self.assertTrue(self.judge(tunnel=None).is_good_without("tunnel"))
        self.assertFalse(self.judge(tunnel=None).is_good)
        self.assertFalse(self.judge().is_good_without("tunnel"))
        self.assertFalse(self.judge(tunnel=None, key=None).is_good_without("tunnel"))
        self.assertFalse(self.judge(box="[Box]\n", tunnel=None).is_good_without("tunnel"))
        self.assertFalse(self.judge(box=None).is_good_without(None))

    def test_problems_of_both_documents_are_told_together(self):
        found = self.judge("[Box]\n", "[Interface]\nMTU = 1\n")
        self.assertEqual(sorted({name for name, _ in found.problems}), ["box", "tunnel"])

    def test_a_key_in_the_document_becomes_the_boxs(self):
        text = "[Interface]\nPrivateKey = %s\n" % OTHER_PRIVATE + TUNNEL[12:]
        for key in (None, PRIVATE):
            self.assertTrue(self.judge(tunnel=text, key=key).is_good)
            self.assertEqual(bytes(self.state.key), bytes(range(32)))

    def test_two_different_new_keys_are_refused(self):
        text = "[Interface]\nPrivateKey = %s\n" % OTHER_PRIVATE + TUNNEL[12:]
        self.assertFalse(self.judge(tunnel=text, given_key=True).is_good)
        self.assertTrue(self.judge(tunnel=text, key=OTHER_PRIVATE, given_key=True).is_good)

    def test_a_peer_with_the_boxs_own_key_is_refused(self):
        public = public_to_base64(PrivateKey(PRIVATE.encode()).public())
        self.assertFalse(self.judge(tunnel=TUNNEL.replace(GATEWAY, public)).is_good)

    def test_a_name_to_look_up_needs_a_name_server(self):
        text = TUNNEL.replace("192.0.2.1:", "vpn.example:")
        self.assertTrue(self.judge(tunnel=text).is_good)
        self.assertFalse(self.judge(STATIC, text).is_good)
        self.assertTrue(self.judge(STATIC + "DNS = 9.9.9.9\n", text).is_good)

    def test_the_lan_is_not_the_network_inside_the_tunnel(self):
        for lan, is_good in (("10.0.0.1/24", False), ("10.0.1.1/24", True), ("10.0.0.1/16", False)):
            box = BOX + "[LAN]\nAddress = %s\n" % lan
            found = self.judge(box, TUNNEL.replace("10.0.0.2/32", "10.0.0.130/25"))
            self.assertEqual(found.is_good, is_good)

    def test_secrets_are_in_no_problem(self):
        text = TUNNEL.replace("DNS", "PrivateKey = %sx\nDNS" % PRIVATE)
        text += "PresharedKey = x%s\n" % PRESHARED
        found = self.judge(tunnel=text)
        self.assertEqual(len(found.problems), 2)
        for secret in (PRIVATE, PRESHARED):
            self.assertNotIn(secret[:20], str(found.as_members()))


if __name__ == "__main__":
    unittest.main()
