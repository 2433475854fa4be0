import unittest

from _wg import Shape
from box.state import State
from tests.box import abroad
from tests.box.test_climb import (
    DOCUMENT,
    HOTEL,
    KEY,
    SECRET_PATH,
    SHAPE,
    TLS_NAME,
    connect,
    upgrade,
)
from tests.support.board import Machine, load
from tests.support.flash import Folder

from carrier import inside
from wg import probe
from wg.keytext import public_to_base64

load(Machine(abroad.World()))  # before what imports its modules

from box.status import problem, status, tunnel_state  # noqa: E402
from box.trust import Verification  # noqa: E402

UNPAIRED = Verification(None, None, None).as_members(0)
BOX = b"[Box]\nName = attic\n[Uplink]\nProxy = http://192.168.1.3:3128\n"
BOX += b'ProxyUser = anna\nProxyPassword = "sesame #1"\n'


class AbroadMachine(Machine):
    def Router(self, tunnel, gate):  # noqa: N802 -- a class of the module
        return abroad.Path(self.world, tunnel, gate)


class BoardTest(unittest.TestCase):
    def setUp(self):
        folder = Folder()
        self.addCleanup(folder.close)
        self.folder = folder.path
        self.world = abroad.World()
        self.censor = self.world.censor
        self.gateway = gateway = abroad.Gateway(self.world, self.serve_inside)
        types = (1, 1, 2, 2, 3, 3, 4, 4)
        gateway.path.set_shape(Shape((16,) * 4, types, bytearray(KEY), bytearray(32)))
        gateway.device.types = types
        gateway.device.probe_key = probe.key_of(KEY)
        servers = self.world.servers
        servers[(abroad.HOME_ADDRESS, 443)] = lambda s: abroad.WebServer(gateway, s, True, upgrade)
        servers[(abroad.PROXY_ADDRESS, 3128)] = lambda s: abroad.Proxy(self.world, s, self.proxy)
        self.proxied = []
        self.lines = []
        self.board = load(AbroadMachine(self.world)).Board(self.folder, self.log)
        self.apply(BOX)

    def apply(self, box):
        text = DOCUMENT % (
            SHAPE,
            public_to_base64(KEY),
            TLS_NAME,
            public_to_base64(abroad.PIN),
            SECRET_PATH,
            abroad.INSIDE_PORT,
            "",
            public_to_base64(self.gateway.device.public_key),
            abroad.HOME,
        )
        lines = [line for line in text.split("\n") if not line.startswith("PrivateKey")]
        tunnel = bytearray("\n".join(lines).encode())
        self.board.apply(State(bytearray(box), tunnel, bytearray(b"\x07" * 32)))
        self.assertIsNone(self.board.trouble)
        to_box = self.gateway.device.add_peer(self.board.public_key)
        to_box.allow(abroad.BOX_INSIDE, 32)

    def proxy(self, proxy, head):
        self.proxied.append(head)
        return connect(proxy, head)

    def serve_inside(self, message):
        message = bytearray(message)
        return [bytes(message)] if inside.answer_echo(message) else []

    def log(self, level, text):
        self.lines.append(text)

    def run_for(self, ms):
        self.world.run(self.board.control, ms)

    def carrier(self):
        return status(self.board, "live", UNPAIRED)["tunnel"]["carrier"]

    def test_the_status_says_which_way_carries_and_what_came_of_others(self):
        self.censor.udp_ports = []
        self.world.plug(HOTEL)
        self.run_for(20_000)
        self.assertEqual(tunnel_state(self.board), "up")
        told = self.carrier()
        self.assertTrue(told["way"].startswith("web page on port 443"), told)
        self.assertTrue(told["proven"])
        self.assertIsNone(told["searching_s"])
        self.assertTrue(any(each["result"] == "silent" for each in told["tried"]), told)
        self.assertIsNone(problem(self.board))

    def test_when_nothing_works_it_says_what_and_never_a_secret(self):
        self.censor.is_dark = True
        self.world.plug(HOTEL)
        self.run_for(10_000)
        self.assertEqual(tunnel_state(self.board), "connecting")
        self.run_for(30_000)
        found = problem(self.board)
        self.assertTrue(found is not None and "none of" in found[1], found)
        self.assertTrue(self.carrier()["searching_s"] >= 30)
        said = repr(status(self.board, "live", UNPAIRED)) + repr(self.lines)
        for secret in ("sesame", SECRET_PATH, public_to_base64(KEY)):
            self.assertNotIn(secret, said)

    def test_the_box_document_s_proxy_is_used_with_its_password(self):
        self.censor.only_proxy = True
        self.world.plug(HOTEL)
        self.run_for(20_000)
        self.assertEqual(tunnel_state(self.board), "up")
        self.assertTrue(any(b"YW5uYTpzZXNhbWUgIzE=" in head for head in self.proxied))

    def test_a_proxy_that_wants_a_sign_in_is_told_as_that(self):
        self.proxy = lambda proxy, head: (
            b"HTTP/1.1 407 No\r\nProxy-Authenticate: Basic\r\n\r\n",
            None,
        )
        self.censor.only_proxy = True
        self.world.plug(HOTEL)
        self.run_for(40_000)
        self.assertEqual(problem(self.board)[0], "the proxy")

    def test_a_cable_that_is_pulled_and_plugged_in_elsewhere_leads_home_again(self):
        self.world.plug(HOTEL)
        self.run_for(5_000)
        self.assertEqual(tunnel_state(self.board), "up")
        self.world.unplug()
        self.run_for(60_000)
        self.assertEqual(tunnel_state(self.board), "waiting")
        self.world.plug(HOTEL)
        self.run_for(2_000)
        self.assertEqual(tunnel_state(self.board), "up")

    def test_new_settings_leave_nothing_of_the_old(self):
        self.world.plug(HOTEL)
        self.run_for(5_000)
        carriers = self.board.connection.lead.climb.carriers
        self.board.apply(State())
        self.assertEqual(bytes(carriers.path), bytes(len(SECRET_PATH)))
        self.assertEqual(bytes(carriers.proxy.password), bytes(9))
        self.assertIsNone(self.board.connection.lead)
        self.assertIsNone(self.board.device.probe_key)


if __name__ == "__main__":
    unittest.main()
