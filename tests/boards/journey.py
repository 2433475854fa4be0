"""The way of a new box: set up on a laptop, let in by a gateway at home, plugged in at a hotel.

    client --- box --- hotel (NAT, DHCP) --- the internet --- gateway at home
                                 laptop ---/            \\--- web 203.0.113.80

The laptop, the gateway and the client are ordinary Linux, and run our programs as people type
them; the box is an emulated board. There is no line between laptop and hotel.
"""

import json
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.boards.conftest import IMAGES
from tests.boards.pairing_home import commit_without_tunnel
from tests.gateway.home import GATEWAY, WEB, Home
from tests.support.absence import cannot_run, require_lab
from tests.support.terminal import Terminal

from undertow import paths
from undertow.board import Board, Wiring, machine
from undertow.board.hotel import LAN_TAP, ROOMS, UPLINK_TAP, LanClient, plug, serve
from undertow.console import Console
from undertow.gateway import carriers, keys
from undertow.lab import Capture, Lab, Namespace, Nat, Process, WebServer
from undertow.lab.capture import TCP, UDP
from undertow.lab.dhcp_server import DhcpServer
from undertow.lab.leaks import Uplink
from undertow.lab.namespace import wait_until
from undertow.lab.packets import ethernet
from undertow.lab.services import NameServer

TOOLS = ("ip", "nft", "setpriv", "udhcpc", "curl", "unshare")
PORT = 51820
NAME = "web.example"
PAGE = b"the page that a guest of the hotel asked for\n" * 40

MIDDLE_PORT = 9999
_REDIRECTION = f"""
table ip middle_man {{
    chain prerouting {{
        type nat hook prerouting priority dstnat; policy accept;
        iifname "street*" ip daddr {GATEWAY} tcp dport {PORT} redirect to :{MIDDLE_PORT}
    }}
}}
"""


@dataclass(frozen=True)
class Code:
    """As a person reads it on a screen: "370 855" and four words."""

    digits: str
    words: tuple[str, ...]


class Journey:
    """Computers in a row; the board is off, its flash blank, the gateway's folder new."""

    def __init__(self, lab: Lab, folder: Path, board: str) -> None:
        self.lab = lab
        self.board_name = board
        self.flash = folder / "box.flash"
        self.home = Home(lab, folder / "gateway")
        self.home.state.change_settings(name="home", dns=(WEB,))
        self.laptop, _ = self.home.place()
        self._build_hotel()

    def _build_hotel(self) -> None:
        lab = self.lab
        self.hotel, outside = self.home.place()
        self.place = lab.namespace("room")
        self.client = LanClient(lab.namespace("client"), lab.folder)
        for name in ("all", "default"):
            self.place.set_sysctl(f"ipv6/conf/{name}/disable_ipv6", 1)
        plug(self.place, UPLINK_TAP, self.hotel, "rooms")
        plug(self.place, LAN_TAP, self.client.namespace, "eth0")
        self.hotel.address("rooms", f"{ROOMS.server}/24")
        self.nat = Nat(self.hotel, "rooms", "eth0", f"{outside}/30")
        self.rooms = DhcpServer(ROOMS)
        serve(lab, self.hotel, self.rooms)

    # --- at home ---

    def pair(self, later_s: int = 0) -> Terminal:
        """`undertow gateway pair` at a terminal. later_s: for it, so many seconds have passed."""
        clock = ["unshare", "--time", f"--boottime={later_s}"] if later_s else []
        return self._at(
            self.home.gateway, *clock, *self.home.command("pair"), **self.home.environment()
        )

    def room(self, gateway: Terminal) -> str:
        """The number that a gateway shows."""
        return gateway.wait_for(r"Room (\d{4}) is open")[1]

    def write_config(self, name: str, address: str) -> Path:
        """A wg-quick file for a box, as somebody wrote it who has only the gateway's key."""
        lines = ["[Interface]", f"Address = {address}/32", f"DNS = {WEB}", "", "[Peer]"]
        lines += [f"PublicKey = {self.home.state.public_key()}", "AllowedIPs = 0.0.0.0/0"]
        file = self.lab.folder / name
        file.write_text("\n".join([*lines, f"Endpoint = {GATEWAY}:{PORT}", ""]))
        return file

    def forget_key(self) -> None:
        """The gateway makes another one at its next use."""
        (self.home.folder / keys.PRIVATE_KEY).unlink()

    @contextmanager
    def middle_man(self, *options: str) -> Iterator[Process]:
        """Who connects to the gateway from now on comes to him (middle_man.py)."""
        internet = self.home.internet
        internet.nft(_REDIRECTION)
        process = internet.start(
            *(sys.executable, "-m", "tests.boards.middle_man"),
            *(str(MIDDLE_PORT), f"{GATEWAY}:{PORT}", *options),
            environment=self.home.environment(),
        )
        try:
            process.wait_for("waiting")
            yield process
        finally:
            process.stop()
            internet.run("nft", "delete", "table", "ip", "middle_man")

    def known(self) -> list[dict[str, Any]]:
        """The boxes, as `undertow gateway list --json` has them."""
        return list(json.loads(self.home.undertow("list", "--json"))["boxes"])

    def sources(self, at_web: Capture) -> set[str]:
        """From where the web server was asked for pages and names."""
        return {
            found.source.partition(":")[0]
            for protocol in (TCP, UDP)
            for found in at_web.datagrams(protocol)
            if found.destination.startswith(f"{WEB}:")
        }

    # --- on the laptop ---

    def invoke(self, *words: str) -> Terminal:
        """./invoke, as a person types it."""
        return self._at(self.laptop, sys.executable, "-m", "invoke", *words)

    def undertow(self, *words: str) -> Terminal:
        """`undertow`, as a person types it."""
        return self._at(self.laptop, sys.executable, "-m", "undertow.cli", *words)

    def verify(self, board: Board, room: str) -> Terminal:
        """`undertow verify` with a box that runs."""
        where = ("--console", board.console, "--pair", GATEWAY, "--room", room)
        return self.undertow("verify", *where)

    def status(self, board: Board) -> str:
        """What `undertow status` prints of a box that runs."""
        with self.undertow("status", "--console", board.console) as terminal:
            assert terminal.wait() == 0, terminal.shown()
            return terminal.shown()

    def box(self) -> tuple[str, ...]:
        """The flags that name the box."""
        return "--board", self.board_name, "--flash", str(self.flash)

    @contextmanager
    def powered(self) -> Iterator[Board]:
        """The box has power and a serial line, and no cables; its name is "attic"."""
        wiring = Wiring(console=f"unix:{self.lab.folder}/serial")
        with Board(self.board_name, self.lab.folder, flash=self.flash, wiring=wiring) as board:
            with Console(board.console) as console:
                if console.hello().state == "blank":
                    commit_without_tunnel(console, "attic")
            yield board

    def let_the_wait_pass(self, board: Board) -> None:
        """Have a box that refuses to pair run until it does again, on a clock that never idles."""
        board.stop()
        board.options = ("-icount", "shift=3,sleep=off")
        board.start()
        with Console(board.console) as console:
            wait_until(
                lambda: not console.status()["verification"]["locked_s"],
                60.0,
                lambda: "the wait does not end",
            )
        board.stop()
        board.options = ()
        board.start()

    # --- at the hotel ---

    @contextmanager
    def plugged_in(self) -> Iterator[tuple[Board, Capture]]:
        """The box has power and both of its cables; and all that its uplink carries."""
        wiring = Wiring(
            console=f"unix:{self.lab.folder}/console",
            uplink=f"tap:{UPLINK_TAP}",
            lan=f"tap:{LAN_TAP}",
        )
        prefix = ("ip", "netns", "exec", self.place.name)
        board = Board(
            self.board_name, self.lab.folder, flash=self.flash, wiring=wiring, prefix=prefix
        )
        with Capture(self.place, UPLINK_TAP) as seen, board:
            yield board, seen

    def see_a_page(self, expected: str) -> None:
        """A guest behind the box opens a page by its name; both ends say `expected` of the keys."""
        with self.plugged_in() as (board, seen), Capture(self.home.web, "eth0") as at_web:
            self.client.join()
            page = self.client.run("curl", "-sS", "-m", "10", f"http://{NAME}/")
            assert page.encode() == PAGE
            assert self.sources(at_web) == {GATEWAY}, "NAT by the gateway"
            assert re.search(rf"(?m)^keys +verified +{expected}", self.status(board))
            self.require_silence(seen)
        (box,) = self.known()
        assert box["state"] == ("verified" if expected.startswith("yes") else expected)
        assert box["last_handshake"] is not None

    def require_silence(self, seen: Capture) -> None:
        """The hotel saw the box ask for an address, and the tunnel; no word of the page."""
        mac = ethernet.mac(machine.mac(0))
        settings = self.home.state.settings()
        kept = self.home.state.carriers()
        try:
            ports = carriers.udp_ports(settings, kept)
        finally:
            kept.wipe()
        rules = Uplink(
            mac,
            addresses=self.rooms.ever_given(mac),
            neighbours={ROOMS.server},
            gateways={(GATEWAY, port) for port in ports},
            streams={(GATEWAY, port) for port in settings.tls_ports + settings.web_ports},
            is_shaped=True,
            words=(PAGE[:30], NAME.encode()),
        )
        sent = [frame.data for frame in seen.frames() if not frame.outgoing]
        assert sent
        rules.require_silence(sent)

    def _at(self, where: Namespace, *argv: str, **environment: str) -> Terminal:
        return Terminal(["ip", "netns", "exec", where.name, *argv], environment)


@contextmanager
def travelling(board: str, folder: Path) -> Iterator[Journey]:
    """A journey whose gateway runs, with names and a page behind it."""
    if paths.BUILD != IMAGES:
        cannot_run("the commands build their own firmware: leave UNDERTOW_IMAGES out")
    require_lab(str(paths.UNIX_PROGRAM), *TOOLS)
    if not Path("/proc/self/ns/time").exists():
        cannot_run("this kernel has no time namespaces, by which a minute passes at once")
    with Lab() as lab:
        made = Journey(lab, folder, board)
        made.home.run()
        web = made.home.web
        with NameServer(web, WEB, {NAME: WEB}), WebServer(web, WEB, {"/": PAGE}):
            yield made


def code(terminal: Terminal) -> Code:
    """What a person reads on the screen, and waits to be asked: what is typed before is nothing."""
    found = terminal.wait_for(r"\n +(\d{3}) (\d{3}) +([a-z]+)  ([a-z]+)  ([a-z]+)  ([a-z]+)\n")
    terminal.wait_for("The six digits from there|Digits heard:")
    return Code(found[1] + found[2], tuple(found.groups()[2:]))
