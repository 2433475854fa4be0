"""Signing in: noticing a network's page, finding out where it is, the window for it."""

from box.sign_in_search import read_url
from tests.box import abroad
from tests.box.abroad_board import AbroadTestCase, problem, status
from tests.box.abroad_home import HOTEL
from tests.dhcp.client import ip

from ut1.errors import RefusedError

PAGE = ip("10.20.0.1")
MAC, OTHER_MAC = b"\x02\x00\x00\x00\x07\x01", b"\x02\x00\x00\x00\x07\x02"
CLIENT, OTHER = ip("10.1.1.20"), ip("10.1.1.21")
LOCATION = b"http://10.20.0.1/login"


def page(location):
    """A web server that sends everybody elsewhere."""
    head = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"
    if location is not None:
        head = b"HTTP/1.1 302 Found\r\nLocation: " + location + b"\r\n\r\n"

    class Page:
        def __init__(self, stream):
            self.stream = stream

        def receive(self, data):
            self.stream.to_client(head)

        def ended(self):
            pass

    return Page


class SignInTest(AbroadTestCase):
    def setUp(self):
        super().setUp()
        self.router = self.board.router
        del self.world.servers[(abroad.PROXY_ADDRESS, 3128)]
        self.router.neighbours = [(CLIENT, MAC, 0, 0)]

    def stay(self, location=LOCATION, ms=1_000):
        """In a hotel where every page is another."""
        self.censor.udp_ports = []
        self.censor.tcp_ports = [80]
        self.world.servers[(abroad.HOME_ADDRESS, 80)] = page(location)
        self.world.servers[(PAGE, 80)] = page(None) if location else page(location)
        self.world.plug(HOTEL)
        self.run_for(ms)

    def say(self, op, **arguments):
        return self.board.sign_in.handle(dict(arguments, op=op))

    def open(self, **arguments):
        told = self.say("open", **arguments)
        for _ in range(100):
            if told["state"] != "looking":
                break
            self.run_for(200)
            told = self.say("look")
        return told

    def refused(self, op, **arguments):
        with self.assertRaises(RefusedError) as caught:
            self.say(op, **arguments)
        self.assertTrue(caught.exception.mend)
        return caught.exception.why

    def test_a_page_is_noticed_and_said(self):
        self.stay(ms=30_000)
        self.assertTrue(self.board.sign_in.is_wanted)
        self.assertEqual(problem(self.board)[1], "it wants you to sign in first")
        self.assertEqual(self.router.sign_in()[0], self.router.SIGN_IN_NONE)

    def test_what_dhcp_says_is_enough(self):
        self.router.portal = "https://10.20.0.1/api"
        self.censor.udp_ports = []
        self.world.plug(HOTEL)
        self.run_for(2_000)
        self.assertTrue(self.board.sign_in.is_wanted)

    def test_the_window_is_for_the_only_client_and_where_the_page_leads(self):
        self.stay()
        told = self.open()
        self.assertEqual(told["state"], "open")
        self.assertEqual(told["client"], "10.1.1.20")
        self.assertEqual(told["mac"], "02:00:00:00:07:01")
        self.assertEqual(told["page"], ["10.20.0.1"])
        self.assertEqual(self.router.window_places, ((PAGE,), ("",)))
        self.assertTrue(0 < told["left_s"] <= 300)
        self.assertEqual(status(self.board, "live", {"state": "no"})["sign_in"]["state"], "open")
        self.assertTrue(any("sign-in: open for 10.1.1.20" in line for line in self.lines))

    def test_of_several_clients_one_has_to_be_named(self):
        self.router.neighbours.append((OTHER, OTHER_MAC, 0, 0))
        self.stay()
        self.assertIn("several", self.refused("open"))
        self.assertIn("no client", self.refused("open", client="10.1.1.22"))
        self.assertIn("no client", self.refused("open", client=7))
        self.assertEqual(self.open(client="10.1.1.21")["mac"], "02:00:00:00:07:02")
        self.say("close")
        self.assertEqual(self.open(client="02:00:00:00:07:01")["client"], "10.1.1.20")

    def test_without_a_client_or_a_network_there_is_no_window(self):
        self.assertIn("not on a network", self.refused("open"))
        self.router.neighbours = []
        self.stay()
        self.assertIn("no client", self.refused("open"))
        self.assertIn("none of open", self.refused("knock"))

    def test_with_a_tunnel_there_is_no_window(self):
        self.world.plug(HOTEL)
        self.run_for(5_000)
        self.assertIn("tunnel is up", self.refused("open"))

    def test_it_closes_when_the_tunnel_is_up(self):
        self.stay()
        self.assertEqual(self.open()["state"], "open")
        self.censor.udp_ports = None
        self.censor.tcp_ports = None
        self.run_for(40_000)
        self.assertEqual(self.say("look")["state"], "closed")
        self.assertFalse(self.board.sign_in.is_wanted)

    def test_it_closes_by_hand_after_its_time_and_on_another_network(self):
        self.stay()
        self.open()
        self.assertEqual(self.say("close")["why"], "closed")
        self.open()
        self.run_for(301_000)
        self.assertEqual(self.say("look")["why"], "its time was over")
        self.assertTrue(any("the window is closed: its time" in line for line in self.lines))

    def test_a_page_at_another_port_is_told(self):
        self.stay(b"http://10.20.0.1:8880/login")
        told = self.open()
        self.assertEqual(told["state"], "closed")
        self.assertIn("port 8880", told["why"])
        self.assertIn("port 8880", problem(self.board)[1])

    def test_a_page_in_place_is_the_routers(self):
        self.stay(None)
        self.assertEqual(self.open()["page"], ["192.168.1.1"])

    def test_where_no_page_can_be_is_not_let_through(self):
        own = abroad.HOME.encode()
        for host in (b"127.0.0.1", b"0.0.0.0", b"224.0.0.1", b"255.255.255.255", own):
            self.stay(b"http://" + host + b"/login")
            self.assertEqual(self.open()["page"], ["192.168.1.1"], host)
            self.assertEqual(self.router.window_places[0], (ip("192.168.1.1"),))
            self.world.unplug()

    def test_a_name_that_leads_back_to_the_box_is_none(self):
        # What C refuses of it as well, tests/native/test_lwpath_sign_in.c shows.
        self.world.names["login.example"] = b"\x7f\0\0\1"
        self.stay(b"http://login.example/")
        self.assertEqual(self.open()["page"], ["192.168.1.1"])
        self.assertFalse(any(port == 80 and data for _, port, data in self.censor.seen))

    def test_whoever_leads_in_a_circle_is_left(self):
        self.stay(b"http://10.20.0.1/again")
        asked = []

        class Circle(page(b"http://10.20.0.1/again")):
            def receive(self, data):
                asked.append(data)
                super().receive(data)

        self.world.servers[(PAGE, 80)] = Circle
        self.assertEqual(self.open()["page"], ["10.20.0.1"])
        self.assertTrue(1 < len(asked) <= 4)

    def test_opened_twice_there_is_one_window(self):
        self.stay()
        self.say("open")
        told = self.open()
        self.assertEqual((told["state"], told["page"]), ("open", ["10.20.0.1"]))
        told = self.open()
        self.assertEqual(told["state"], "open")
        self.board.sign_in.press()  # somebody at the box does not want it
        self.assertEqual(self.say("look")["state"], "closed")
        self.run_for(20_000)
        self.assertEqual(self.say("look")["state"], "closed")

    def test_while_the_window_is_open_a_search_has_time_to_come_to_its_end_now_and_then(self):
        self.stay()
        self.open()
        begun = []
        speak = self.board.uplink.speak

        def note():
            begun.append(self.world.clock.ms)
            speak()

        self.board.uplink.speak = note
        self.run_for(120_000)
        pauses = [begun[i] - begun[i - 1] for i in range(1, len(begun))]
        # Most of whom sign in have a way at once; the slowest takes 18 s on a board.
        self.assertTrue(sorted(pauses)[len(pauses) // 2] < 8_000, pauses)
        self.assertTrue(20_000 < max(pauses) < 40_000, pauses)

    def test_the_button_opens_and_closes(self):
        self.stay()
        self.board.sign_in.press()
        self.run_for(5_000)
        self.assertTrue(self.board.sign_in.is_open())
        self.board.sign_in.press()
        self.assertFalse(self.board.sign_in.is_open())

    def test_addresses_of_pages_are_read_strictly(self):
        for text, found in (
            ("http://login.example/a?b#c", ("login.example", 80, "/a?b")),
            ("HTTPS://Login.Example.", ("login.example", 443, "/")),
            ("http://user@h.example:8080?q", ("h.example", 8080, "/?q")),
            ("/login", None),
            ("ftp://h.example/", None),
            ("http://", None),
            ("http://h example/", None),
            ("http://h.example:0/", None),
            ("http://h.example:99999/", None),
            ("http://a..b/", None),
            ("http://h.example/a\r\nX: y", None),
            ("http://[::1]/", None),
            ("http://h.example:" + "9" * 3000 + "/", None),
            ("http://h.example:000080/", None),
            ("http://h.example/\x1b[2J", None),
            ("http://h\x1b]0;x.example/", None),
            ("http://good.example\\@evil.example/", ("evil.example", 80, "/")),
            ("http://good.example@evil.example/", ("evil.example", 80, "/")),
            ("http://" + "a" * 128 + "/", None),
        ):
            self.assertEqual(read_url(text), found)
