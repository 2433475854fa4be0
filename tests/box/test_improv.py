"""Wi-Fi settings over Improv, at the console of a box that has a radio, or none."""

import unittest
from binascii import a2b_base64 as b64decode

from box import box_document, network_list
from box.box_settings import Network
from box.console import Console
from box.improv import Improv
from box.links import Links
from box.state_store import StateStore
from box.trust import Trust
from tests.box.test_console import BOX, TUNNEL, Box
from tests.support.flash import Folder

from improv.packets import ERROR, OTHER, RESULT, RPC, STATE, Reader, build
from wg.config import ConfigFileError

READY, PROVISIONING, PROVISIONED = b"\x02", b"\x03", b"\x04"
NO_ERROR = (ERROR, b"\x00")


class Radio(Links):
    """A board that hears networks and joins the one whose password it knows."""

    has_wifi = True

    def __init__(self, password=b"correct horse"):
        self.password = password
        self.heard = []
        self.waiting = None

    def scan(self, done):
        done(self.heard)

    def connect(self, network, done):
        self.waiting = (bytes(network.password or b""), done)

    def answer(self):
        """For the test: the network lets the box in, or does not."""
        password, done = self.waiting
        done(password == self.password)


class _Case(unittest.TestCase):
    links = Radio

    def setUp(self):
        folder = Folder()
        self.addCleanup(folder.close)
        self.path = folder.path + "/state"
        self.radio = self.links()
        self.box = Box(self.path)
        self.box.console = Console(
            self.box.read, self.box.write, self.box.verbs, self.box.reset, self.make_improv
        )
        self.made = 0

    def make_improv(self, send):
        self.made += 1
        box = self.box
        return Improv(box.verbs._identity, box.store, self.radio, box.verbs, send, box.log)

    def heard(self):
        """The packets that the box has sent since."""
        found = []
        for kind, data, length in Reader().feed(bytes(self.box.output)):
            if kind == OTHER:
                self.assertEqual(bytes(data[:length]).strip(), b"")
            else:
                found.append((kind, bytes(data[:length])))
        self.box.all_output.extend(self.box.output)
        self.box.output = bytearray()
        return found

    def send(self, data):
        self.box.input.extend(data)
        while self.box.input:
            self.box.console.receive()
        return self.heard()

    def call(self, command, data=b""):
        return self.send(build(RPC, bytes([command, len(data)]) + data))

    def join(self, ssid=b"Hotel", password=b"correct horse"):
        answer = self.call(1, bytes([len(ssid)]) + ssid + bytes([len(password)]) + password)
        if self.radio.waiting:
            self.radio.answer()
            self.radio.waiting = None
        return answer + self.heard()

    def networks(self):
        stored = StateStore(self.path).load()
        settings = box_document.read(stored.box)
        return [
            (network.ssid, None if network.password is None else bytes(network.password))
            for network in settings.networks
        ]


class QuestionTest(_Case):
    def test_a_box_says_who_it_is(self):
        texts = b"\x08Undertow\x030.1\x09virt_rv32\x1cundertow-0001 (not verified)"
        self.assertEqual(self.call(3), [NO_ERROR, (RESULT, b"\x03" + bytes([len(texts)]) + texts)])
        self.box.provision()
        self.assertIn(b"\x14attic (not verified)", self.call(3)[1][1])
        state = self.box.store.load()
        own, gateway = state.public_key(), b64decode(TUNNEL.split(b"PublicKey = ")[1][:44])
        for other, told in ((gateway, b"\x05attic"), (own, b"\x14attic (not verified)")):
            state.pairing = Trust(other, own, "home").encode()
            self.box.store.save(state)
            self.assertIn(told, self.call(3)[1][1])

    def test_its_state_follows_what_it_has(self):
        self.assertEqual(self.call(2), [NO_ERROR, (STATE, READY)])
        self.join()
        self.assertEqual(self.call(2), [NO_ERROR, (STATE, PROVISIONED), (RESULT, b"\x02\x00")])

    def test_it_tells_the_networks_that_it_hears(self):
        self.assertEqual(self.call(4), [NO_ERROR, (RESULT, b"\x04\x00")])
        lie = b"\n@ut1 1 ok e30= 12345678\n"
        self.radio.heard = [
            (lie, -9, False),
            (b"Hotel", -40, True),
            ("caf\u00e9".encode(), -71, False),
        ]
        self.assertEqual(
            self.call(4),
            [
                NO_ERROR,
                (RESULT, b"\x04\x0e\x05Hotel\x03-40\x03YES"),
                (RESULT, b"\x04\x0d\x05caf\xc3\xa9\x03-71\x02NO"),
                (RESULT, b"\x04\x00"),
            ],
        )

    def test_a_command_that_there_is_not_is_error_2(self):
        for command in (0, 5, 6, 7, 255):
            self.assertEqual(self.call(command), [(ERROR, b"\x02")])

    def test_what_is_broken_is_error_1(self):
        request = bytearray(build(RPC, b"\x02\x00"))
        request[-2] ^= 1
        self.assertEqual(self.send(request), [(ERROR, b"\x01")])
        for data in (b"", b"\x02", b"\x02\x01", b"\x01\x02\x01a", b"\x01\x03\x01a\x05"):
            self.assertEqual(self.send(build(RPC, data)), [(ERROR, b"\x01")])

    def test_what_is_meant_for_clients_is_not_answered(self):
        for kind in (STATE, ERROR, RESULT):
            self.assertEqual(self.send(build(kind, b"\x02")), [])

    def test_it_is_loaded_when_the_first_packet_comes(self):
        self.box.ask("hello")
        self.assertEqual(self.made, 0)
        self.call(2)
        self.call(2)
        self.assertEqual(self.made, 1)


class JoinTest(_Case):
    def test_a_network_that_lets_the_box_in_is_stored(self):
        told = []
        self.box.verbs.on_commit = lambda: told.append(self.networks())
        self.assertEqual(
            self.join(),
            [NO_ERROR, (STATE, PROVISIONING), (STATE, PROVISIONED), (RESULT, b"\x01\x00")],
        )
        self.assertEqual(told, [[(b"Hotel", b"correct horse")]])
        self.assertEqual(self.box.verbs.name(), "undertow-0001")
        self.assertEqual(self.box.ask("check")["problems"], [])

    def test_everything_else_stays_as_it_was(self):
        self.box.provision()
        before = StateStore(self.path).load()
        self.join(b"a", b"correct horse")
        after = StateStore(self.path).load()
        self.assertEqual((after.key, after.tunnel), (before.key, before.tunnel))
        self.assertTrue(bytes(after.box).startswith(BOX))
        self.assertEqual(self.networks(), [(b"a", b"correct horse")])

    def test_a_network_that_does_not_let_the_box_in_is_not_stored(self):
        self.assertEqual(
            self.join(password=b"another one"),
            [NO_ERROR, (STATE, PROVISIONING), (ERROR, b"\x03"), (STATE, READY)],
        )
        self.assertTrue(StateStore(self.path).load().is_blank)

    def test_the_state_is_told_while_it_tries_and_a_second_try_is_refused(self):
        data = b"\x05Hotel\x0dcorrect horse"
        self.call(1, data)
        self.assertEqual(self.call(2), [NO_ERROR, (STATE, PROVISIONING)])
        self.assertEqual(self.call(1, data), [(ERROR, b"\xff")])
        self.radio.answer()
        self.assertEqual(self.heard(), [(STATE, PROVISIONED), (RESULT, b"\x01\x00")])

    def test_what_can_be_no_network_is_not_tried(self):
        for ssid, password in (
            (b"", b"correct horse"),
            (b"x" * 33, b"correct horse"),
            (b"a\nb", b"correct horse"),
            (b"\xff\xfe", b"correct horse"),
            (b"Hotel", b"short"),
            (b"Hotel", b"x" * 64),
            (b"Hotel", b"correct\nhorse"),
        ):
            self.assertEqual(self.join(ssid, password), [(ERROR, b"\x03")])

    def test_a_network_without_a_password_is_an_open_one(self):
        self.radio.password = b""
        self.join(password=b"")
        self.assertEqual(self.networks(), [(b"Hotel", None)])

    def test_the_last_one_is_preferred_and_takes_the_place_of_its_namesake(self):
        for ssid, password in (
            (b"a", b"password-1"),
            (b"b", b"password-2"),
            (b'"#\\ ', b"password-3"),
            (b"a", b"password#4"),
        ):
            self.radio.password = password
            self.join(ssid, password)
        self.assertEqual(
            self.networks(),
            [(b"a", b"password#4"), (b'"#\\ ', b"password-3"), (b"b", b"password-2")],
        )

    def test_a_ninth_network_is_refused_and_the_eight_stay(self):
        for i in range(8):
            self.join(b"net%d" % i)
        before = self.networks()
        self.assertEqual(self.join(b"net8")[2:], [(ERROR, b"\xff"), (STATE, PROVISIONED)])
        self.assertEqual(self.networks(), before)
        self.assertIn("room for 8", self.box.log.lines()[-1])
        self.join(b"net3")
        self.assertEqual(len(self.networks()), 8)

    def test_flash_that_cannot_be_written_is_told(self):
        def broken(new):
            raise OSError(28)

        self.box.store.save = broken
        self.assertEqual(self.join()[2:], [(ERROR, b"\xff"), (STATE, READY)])
        self.assertTrue(StateStore(self.path).load().is_blank)

    def test_no_password_is_said_or_stays_in_memory(self):
        seen = []
        connect = self.radio.connect

        def remember(network, done):
            seen.append(network.password)
            connect(network, done)

        self.radio.connect = remember
        self.join()
        self.assertEqual([bytes(each) for each in seen], [bytes(13)])
        self.box.ask("log")
        self.box.ask("check")
        self.assertNotIn(b"correct horse", bytes(self.box.all_output))
        self.assertEqual(bytes(self.box.console._buffer), bytes(256))


class WithoutRadioTest(_Case):
    links = Links

    def setUp(self):
        super().setUp()
        self.radio.waiting = None

    def test_a_board_without_wifi_cannot_connect_and_stores_nothing(self):
        self.assertEqual(self.join(), [(ERROR, b"\x03")])
        self.assertTrue(StateStore(self.path).load().is_blank)
        self.box.provision()
        before = bytes(StateStore(self.path).load().box)
        self.assertEqual(self.join(), [(ERROR, b"\x03")])
        self.assertEqual(bytes(StateStore(self.path).load().box), before)

    def test_it_hears_no_networks_and_is_always_ready(self):
        self.assertEqual(self.call(4), [NO_ERROR, (RESULT, b"\x04\x00")])
        self.assertEqual(self.call(2), [NO_ERROR, (STATE, READY)])


class NetworkListTest(unittest.TestCase):
    def added(self, text, ssid=b"new", password=b"12345678"):
        network = Network(ssid, None if password is None else bytearray(password))
        return bytes(network_list.with_network(bytearray(text), network))

    def test_comments_and_order_stay(self):
        text = b"# mine\n[Box]\nName = a # attic\n\n[WiFi]\nSSID = one\n\n[LAN]\nSSID = x\n"
        section = b'[WiFi]\nSSID = "new"\nPassword = "12345678"\n\n'
        at = text.index(b"[WiFi]")
        self.assertEqual(self.added(text), text[:at] + section + text[at:])

    def test_a_document_without_a_newline_at_its_end_gets_one(self):
        self.assertEqual(
            self.added(b"[Box]\nName = a", password=None),
            b'[Box]\nName = a\n[WiFi]\nSSID = "new"\n\n',
        )

    def test_only_the_namesake_goes(self):
        text = b"[Box]\nName = a\n[WiFi]\nSSID = one\n[wifi]\nSSID = new\nPassword = abcdefgh\n"
        text += b"[Uplink]\nMode = dhcp\n"
        self.assertEqual(
            self.added(text, password=None),
            b'[Box]\nName = a\n[WiFi]\nSSID = "new"\n\n[WiFi]\nSSID = one\n[Uplink]\nMode = dhcp\n',
        )

    def test_a_broken_document_is_left_alone(self):
        with self.assertRaises(ConfigFileError):
            self.added(b"[Box]\nNane = a\n")


if __name__ == "__main__":
    unittest.main()
