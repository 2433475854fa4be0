"""Laptops in a town, each in a network of its own, and a gateway to which they want to get.

laptop --- router (NAT, nftables) --- [a box in the middle] --- internet --- gateway, web, proxy

All of them have the real programs: `undertow-unix run` with the file that `undertow gateway add`
writes, and `undertow gateway run`.
"""

import contextlib
import socket
import time
from dataclasses import dataclass, field
from pathlib import Path

from tests.censor.checkpoint import INSIDE, OUTSIDE, Checkpoint
from tests.gateway.home import GATEWAY, GO, OURS, WEB, Home

from undertow.board.scene import PROXY
from undertow.cli import main
from undertow.lab import Capture, Lab, Namespace, Nat, Process
from undertow.lab.firewall import send_single_packets
from undertow.lab.leaks import Uplink
from undertow.lab.namespace import connect, wait_until
from undertow.lab.packets import dns, ethernet
from undertow.lab.proxy import Proxy
from undertow.lab.tunnel import make_key_pair
from undertow.lab.web import WebServer, fetch
from undertow.lab.worker import Worker

# The gateway's second address, and the name by which some look for it.
SECOND = "198.51.100.8"
NAME = "home.example.org"
USER, PASSWORD = "guest", "open sesame 7"
# What nobody may read on the way: every question for a page has it, and every page begins with it.
MARK = b"what only the laptop and the page's server may read"
LARGE = 300_000
PAGES = {"/": MARK + b"\n", "/large": (MARK * LARGE)[:LARGE]}
_SAYING = {"X-Words": MARK.decode()}
STREAM_PORTS = (443, 80)
_TRY_S, _LARGE_TRY_S, _PAUSE_S = 0.4, 8.0, 0.05
# Has the program see name servers of its own: /etc belongs to all namespaces.
_WITH_NAMES = 'mount --bind "$0" /etc/resolv.conf && exec "$@"'


class Town:
    """A with block in which the gateway runs, with all that it offers when it is not told more."""

    def __init__(self, lab: Lab, folder: Path) -> None:
        self.lab = lab
        self.home = Home(lab, folder / "gateway")
        self.home.gateway.address("eth0", f"{SECOND}/24")
        self.internet = self.home.internet
        self.internet.address("lo", f"{PROXY[0]}/32")
        self.home.state.change_settings(web_ports=(80,))
        for place, interface in ((self.home.gateway, "eth0"), (self.internet, "home")):
            send_single_packets(place, interface)
        self._streets = 0
        self._stack = contextlib.ExitStack()

    def __enter__(self) -> "Town":
        with self._stack:
            enter = self._stack.enter_context
            enter(WebServer(self.home.web, WEB, PAGES))
            enter(Proxy(self._listen(PROXY), self._open, USER, PASSWORD))
            gateway = self.home.run()
            self._stack.callback(gateway.stop)
            self._stack = self._stack.pop_all()
        return self

    def __exit__(self, *error: object) -> None:
        self._stack.close()

    def _listen(self, end: tuple[str, int]) -> socket.socket:
        listening = self.internet.socket(kind=socket.SOCK_STREAM)
        listening.bind(end)
        listening.listen()
        return listening

    def _open(self, host: str, port: int) -> socket.socket:
        made = self.internet.socket(kind=socket.SOCK_STREAM)
        made.settimeout(5.0)
        made.connect((host, port))
        made.settimeout(None)
        return made

    def laptop(
        self, endpoints: tuple[str, ...] = (GATEWAY,), carriers: str = "", is_plain: bool = False
    ) -> "Laptop":
        """One that the gateway lets in, in a network of its own, with its cable out.

        endpoints: of the gateway's, as its owner has set them then. carriers: more of its file.
        is_plain: it has wireguard-go, and takes of the file what that understands.
        """
        self._streets += 1
        number = self._streets
        settings = self.home.state.settings()
        if endpoints != settings.endpoints:
            self.home.state.change_settings(endpoints=endpoints)
        file = self._add(f"laptop{number}", carriers)
        return (PlainLaptop if is_plain else Laptop)(self, number, file)

    def _add(self, name: str, carriers: str) -> Path:
        key = make_key_pair()
        written = self.lab.folder / f"{name}.added"
        words = ("gateway", "add", name, "--public-key", key.public, "--out", str(written))
        assert main([*words, "--state", str(self.home.folder)]) == 0
        own = f"[Interface]\nPrivateKey = {key.private}\n"
        text = written.read_text().replace("[Interface]\n", own) + carriers
        ready = self.lab.folder / f"{self.lab.interface_name('lap')}.conf"
        # This machine's own name servers are not the lab's to change.
        ready.write_text("".join(x for x in text.splitlines(True) if not x.startswith("DNS")))
        ready.chmod(0o600)
        self.home.await_log(f"{name}: is let in")
        return ready


@dataclass
class Laptop:
    """Who sits at it opens pages. arrive() plugs the cable in, leave() pulls it."""

    town: Town
    number: int
    file: Path
    arrived: float = 0.0
    leaked: list[str] = field(default_factory=list)
    _process: Process | None = None
    _addresses: int = 0

    def __post_init__(self) -> None:
        lab, number = self.town.lab, self.number
        self.where = lab.namespace(f"laptop{number}")
        self.router = lab.namespace(f"router{number}")
        for each in (self.where, self.router):
            for name in ("all", "default"):
                each.set_sysctl(f"ipv6/conf/{name}/disable_ipv6", 1)
        connect(self.where, "eth0", self.router, INSIDE)
        send_single_packets(self.where, "eth0")
        internet, cable = self.town.internet, f"street{number}"
        self.point = Checkpoint(lab, self.router, (internet, cable))
        self.router.address(INSIDE, f"{self._subnet}.1/24")
        outside = f"100.64.{number}.2/30"
        self.router.address(OUTSIDE, outside)
        internet.address(cable, f"100.64.{number}.1/30")
        self.router.route("default", "via", f"100.64.{number}.1")
        self.point.nat = Nat(self.router, INSIDE, OUTSIDE, outside)
        self.mac = ethernet.mac(self.where.ip("-br", "link", "show", "eth0").split()[2])
        self.where.ip("link", "set", "eth0", "down")
        self._state = lab.folder / f"state{number}"
        self._state.mkdir()
        (self._state / "resolv.conf").write_text(f"nameserver {self._subnet}.1\n")
        self._names = _Names(self.router, f"{self._subnet}.1", self.point)
        self._names.__enter__()
        lab.at_end(self._names.stop)

    @property
    def _subnet(self) -> str:
        return f"172.20.{self.number}"

    def switch_on(self) -> None:
        """Start the program, which finds no network yet."""
        program = (str(OURS.program), "run", str(self.file))
        names = str(self._state / "resolv.conf")
        environment = {"STATE_DIRECTORY": str(self._state)}
        words = ("sh", "-c", _WITH_NAMES, names, *program)
        self._process = self.where.start(*words, environment=environment)
        self._process.wait_for(f"{self.file.stem} is up")
        self.capture = Capture(self.where, "eth0")
        self.capture.__enter__()
        self.town.lab.at_end(self.capture.stop)

    def switch_off(self) -> None:
        """End it, and judge what the cable carried until then: whoever ends it wants no tunnel."""
        assert self._process is not None
        self.capture.stop()
        self._process.stop()
        sent = [frame.data for frame in self.capture.frames() if frame.outgoing]
        self.leaked = self._rules().leaks(sent)

    def arrive(self) -> None:
        """The cable, an address that nobody had here before, and the way out."""
        self._addresses += 1
        self.arrived = time.monotonic()
        self.where.address("eth0", f"{self.address}/24")
        self.where.route("default", "via", f"{self._subnet}.1")

    def leave(self) -> None:
        """The cable is pulled, and the network forgets."""
        self.where.ip("link", "set", "eth0", "down")
        self.where.ip("address", "flush", "dev", "eth0")
        if self.point.nat is not None:
            self.point.nat.rebind()

    def change_address(self) -> None:
        """As another lease: the address goes, and another one comes."""
        self.where.ip("address", "flush", "dev", "eth0")
        self.arrive()

    def page(self, timeout_s: float) -> float | None:
        """Seconds from the cable to the first page; None: none came."""
        end = time.monotonic() + timeout_s
        while time.monotonic() < end:
            with contextlib.suppress(OSError):
                if fetch(self.where, WEB, timeout_s=_TRY_S, headers=_SAYING) == PAGES["/"]:
                    return time.monotonic() - self.arrived
            time.sleep(_PAUSE_S)
        return None

    def large_page(self, timeout_s: float) -> bool:
        """Whether 300 kB come whole on one connection."""
        end = time.monotonic() + timeout_s
        while (left_s := end - time.monotonic()) > 0:
            with contextlib.suppress(OSError):
                once_s = min(_LARGE_TRY_S, left_s)
                return fetch(self.where, WEB, "/large", timeout_s=once_s) == PAGES["/large"]
        return False

    def way(self) -> str:
        """By which it is out, in the program's own words; empty: it never was."""
        found = [line for line in self.log().splitlines() if "the way is " in line]
        return found[-1].partition("the way is ")[2].rpartition(", found")[0] if found else ""

    def settle(self, timeout_s: float = 10.0) -> None:
        """Stay until the way is proven, which is when it is worth remembering."""
        end = time.monotonic() + timeout_s
        while not self.way() and time.monotonic() < end:
            time.sleep(_PAUSE_S)

    def log(self) -> str:
        """What the program said."""
        return "" if self._process is None else self._process.log()

    @property
    def address(self) -> str:
        """That it has on its uplink."""
        return self._address(self._addresses)

    def _address(self, number: int) -> str:
        return f"{self._subnet}.{100 + number}"

    def _rules(self) -> Uplink:
        """What the program may have said, and nobody else at this laptop may have said anything."""
        settings, kept = self.town.home.state.settings(), self.town.home.state.carriers()
        ports = (*settings.udp_ports, settings.port, kept.high_port)
        places = (GATEWAY, SECOND, LIE)
        return Uplink(
            self.mac,
            addresses={self._address(number) for number in range(1, self._addresses + 1)},
            neighbours={f"{self._subnet}.1"},
            name_servers={f"{self._subnet}.1"},
            gateways={(place, port) for place in places for port in ports},
            streams={PROXY, *((place, port) for place in places for port in STREAM_PORTS)},
            is_shaped=True,
            names={NAME},
            words=(MARK,),
        )


class PlainLaptop(Laptop):
    """One with wireguard-go, as wg-quick would have it, but for what only ours understands."""

    def switch_on(self) -> None:
        """Start the program; without a network it has no gateway yet."""
        self.interface = self.file.stem
        self._process = self.where.start(GO.program, "-f", self.interface)
        self.where.wait_for_interface(self.interface)
        wait_until(lambda: self._wg("show", self.interface) == 0, 5.0, self.log)
        tunnel = self.file.read_text().partition("[Carriers]")[0]
        said = dict(line.split(" = ", 1) for line in tunnel.splitlines() if " = " in line)
        self.where.address(self.interface, said["Address"])
        self.where.ip("link", "set", self.interface, "mtu", said["MTU"])
        self._conf = self._state / "plain.conf"
        keys = ("PrivateKey", "PublicKey", "AllowedIPs", "Endpoint", "PersistentKeepalive")
        parts = [f"{key} = {said[key]}\n" for key in keys]
        parts[:1] = ["[Interface]\n", parts[0], "[Peer]\n"]
        self._conf.touch(0o600)
        self._conf.write_text("".join(parts))
        self._has_conf = False

    def switch_off(self) -> None:
        """End it."""
        assert self._process is not None
        self._process.stop()

    def arrive(self) -> None:
        """As before, and the first time the gateway is looked for: wg-quick does so once."""
        super().arrive()
        for place in (GATEWAY, SECOND, LIE):
            self.where.route(f"{place}/32", "via", f"{self._subnet}.1")
        if not self._has_conf:
            self._wg("setconf", self.interface, str(self._conf))
            self._has_conf = True
        self.where.route("default", "dev", self.interface)

    def way(self) -> str:
        """There is one."""
        return "UDP"

    def _wg(self, *words: str) -> int:
        names = str(self._state / "resolv.conf")
        return self.where.attempt("sh", "-c", _WITH_NAMES, names, "wg", *words).returncode


# Where falsified names lead (undertow.lab.censor.DnsFalsified).
LIE = "198.18.0.66"


class _Names(Worker):
    """The network's own name server, which says what its censor wants it to say."""

    def __init__(self, router: Namespace, address: str, point: Checkpoint) -> None:
        self._point = point
        self._socket = router.socket()
        self._socket.bind((address, dns.PORT))
        super().__init__(f"names-{address}", self._socket)

    def _work(self) -> None:
        self._socket.settimeout(0.1)
        while not self._ended.is_set():
            with contextlib.suppress(OSError):
                payload, asker = self._socket.recvfrom(4096)
                query = dns.parse(payload)
                if query is None or query.is_response:
                    continue
                lie = self._point.answer(query)
                found = (GATEWAY,) if query.name == NAME and query.kind == dns.A else ()
                answer = lie or query._replace(is_response=True, addresses=found)
                self._socket.sendto(dns.build(answer), asker)
