"""A whole board abroad: the device program on the path of tests/box/abroad.py."""

import unittest

from _wg import Shape
from box.state import State
from tests.box import abroad
from tests.box.abroad_home import DOCUMENT, KEY, SECRET_PATH, SHAPE, TLS_NAME, connect, upgrade
from tests.support.board import Machine, load
from tests.support.flash import Folder

from carrier import inside
from wg import probe
from wg.keytext import public_to_base64

load(Machine(abroad.World()))  # before what imports its modules

from box.status import problem, status, tunnel_state  # noqa: E402

__all__ = ["AbroadTestCase", "problem", "status", "tunnel_state"]

BOX = b"[Box]\nName = attic\n[Uplink]\nProxy = http://192.168.1.3:3128\n"
BOX += b'ProxyUser = anna\nProxyPassword = "sesame #1"\n'


class AbroadMachine(Machine):
    def Router(self, tunnel, gate):  # noqa: N802 -- a class of the module
        return abroad.Path(self.world, tunnel, gate)


class AbroadTestCase(unittest.TestCase):
    seed = 1

    def setUp(self):
        if hasattr(self, "flash"):
            self.flash.close()  # called again: another box
        else:
            self.addCleanup(lambda: self.flash.close())
        self.flash = Folder()
        self.folder = self.flash.path
        self.world = abroad.World(self.seed)
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

    def apply(self, box, change=lambda text: text):
        """change: makes another document of ours."""
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
        lines = [line for line in change(text).split("\n") if not line.startswith("PrivateKey")]
        tunnel = bytearray("\n".join(lines).encode())
        self.board.apply(State(bytearray(box), tunnel, bytearray(b"\x07" * 32)))
        self.assertIsNone(self.board.trouble)
        to_box = self.gateway.device.add_peer(self.board.public_key)
        to_box.allow(abroad.BOX_INSIDE, 32)

    def apply_named(self):
        """The gateway has a name, and no proxy is known."""
        self.apply(
            b"[Box]\nName = attic\n", lambda text: text.replace(abroad.HOME, "home.example.org")
        )

    def apply_plain(self):
        """A wg-quick file: one way."""
        self.gateway.path.set_shape(None)
        self.gateway.device.types = self.gateway.device.probe_key = None

        def plain(text):
            head, _, tail = text.partition("[Carriers]")
            lines = [line for line in head.split("\n") if line[:1] != "S" and "Header" not in line]
            return "\n".join(lines) + "[Peer]" + tail.partition("[Peer]")[2]

        self.apply(b"[Box]\nName = attic\n", plain)

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
