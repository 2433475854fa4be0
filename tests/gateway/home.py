"""The networks around a gateway.

    box(es) --- street ---(router of the internet)--- web 203.0.113.80
                              |
                          home: gateway 198.51.100.7, and its own LAN 192.168.7.0/24 with a printer

The gateway's machine routes for nobody by itself.
"""

import sys
from pathlib import Path

from undertow import paths
from undertow.gateway import box_file, pool
from undertow.gateway.peers import Peer
from undertow.gateway.state import State
from undertow.lab import Implementation, Lab, Namespace, Process
from undertow.lab.namespace import connect
from undertow.lab.tunnel import KeyPair, PeerSettings, Tunnel, make_key_pair

WEB = "203.0.113.80"
GATEWAY = "198.51.100.7"
STREET = "192.0.2.{}"
PRINTER = "192.168.7.9"
INTERFACE = "undertow0"
OURS = Implementation("undertow-unix", str(paths.UNIX_PROGRAM))
GO = Implementation("wireguard-go", "wireguard-go")


class Home:
    def __init__(self, lab: Lab, folder: Path) -> None:
        self.lab = lab
        self.folder = folder
        self.interface = lab.interface_name("ut")
        self.gateway = lab.namespace("gateway")
        self.internet = lab.namespace("internet")
        self.web = lab.namespace("web")
        self.printer = lab.namespace("printer")
        self.boxes = 0
        self.process: Process | None = None
        self._cables()
        self.state = State(folder)
        # Port 80 is left to servers that boxes must not reach.
        self.state.change_settings(
            interface=self.interface, endpoints=(GATEWAY,), web_ports=(8080,)
        )

    def _cables(self) -> None:
        connect(self.gateway, "eth0", self.internet, "home")
        connect(self.gateway, "eth1", self.printer, "eth0")
        connect(self.web, "eth0", self.internet, "web")
        self.gateway.address("eth0", f"{GATEWAY}/24")
        self.gateway.address("eth1", "192.168.7.1/24")
        self.printer.address("eth0", f"{PRINTER}/24")
        self.internet.address("home", "198.51.100.1/24")
        self.internet.address("web", "203.0.113.1/24")
        self.web.address("eth0", f"{WEB}/24")
        self.internet.forward()
        for one, via in (
            (self.gateway, "198.51.100.1"),
            (self.web, "203.0.113.1"),
            (self.printer, "192.168.7.1"),
        ):
            one.route("default", "via", via)

    # --- the gateway ---

    def command(self, *words: str) -> list[str]:
        return [
            sys.executable,
            "-m",
            "undertow.cli",
            "gateway",
            *words,
            "--state",
            str(self.folder),
        ]

    def undertow(self, *words: str, status: int = 0) -> str:
        """Run a command on the gateway's machine; what it printed."""
        done = self.gateway.attempt(*self.command(*words), environment=self.environment())
        assert done.returncode == status, f"{words}: {done.returncode}\n{done.stdout}{done.stderr}"
        return done.stdout + done.stderr

    def environment(self) -> dict[str, str]:
        path = [paths.ROOT / "host", paths.FIRMWARE / "lib", paths.ROOT]
        return {
            "UNDERTOW_UNIX": str(paths.UNIX_PROGRAM),
            "PYTHONPATH": ":".join(str(folder) for folder in path),
        }

    def run(self, *words: str, path: str = "", prefix: tuple[str, ...] = ()) -> Process:
        """`undertow gateway run`, as soon as it is up. prefix: what becomes it."""
        more = {"PATH": path} if path else {}
        process = self.gateway.start(
            *prefix, *self.command("run", *words), environment={**self.environment(), **more}
        )
        process.wait_for("boxes reach the internet", 15.0)
        self.process = process
        return process

    def rules(self) -> str:
        """All rules of nftables on the gateway's machine."""
        return self.gateway.run("nft", "list", "ruleset").stdout

    def forwarding(self) -> dict[str, str]:
        """Of each interface, whether it forwards."""
        with self.gateway.entered():
            folder = Path("/proc/sys/net/ipv4/conf")
            return {f.name: (f / "forwarding").read_text().strip() for f in folder.iterdir()}

    def leftovers(self) -> dict[str, object]:
        """What a gateway might leave behind."""
        links = self.gateway.ip("-br", "link")
        return {
            "rules": self.rules(),
            "forwarding": self.forwarding(),
            "interfaces": {line.split()[0].split("@")[0] for line in links.splitlines()},
        }

    # --- boxes ---

    def place(self) -> tuple[Namespace, str]:
        """A computer on the street, and its address there."""
        self.boxes += 1
        box = self.lab.namespace(f"box{self.boxes}")
        near, far = f"192.0.2.{self.boxes * 4 + 1}", f"192.0.2.{self.boxes * 4 + 2}"
        connect(box, "eth0", self.internet, f"street{self.boxes}")
        self.internet.address(f"street{self.boxes}", f"{near}/30")
        box.address("eth0", f"{far}/30")
        box.route(f"{GATEWAY}/32", "via", near)
        return box, far

    def box(
        self, name: str, implementation: Implementation = OURS, psk: str | None = None
    ) -> Tunnel:
        """A box that the gateway lets in, with everything routed into its tunnel."""
        key = make_key_pair()
        peer = self.let_in(name, key.public, psk)
        settings, own = self.state.settings(), self.state.public_key()
        conf = box_file.compose(settings, own, peer, settings.endpoints, None)
        return self.enter(conf.decode(), key, implementation, psk)

    def let_in(self, name: str, public_key: str = "", psk: str | None = None) -> Peer:
        """What `gateway add` does, without starting Python once more; until it counts."""
        with self.state.changing() as known:
            address = pool.free(self.state.settings().network(), known, 0)
            kept = self.state.keep_preshared_key(bytearray(psk.encode())) if psk else None
            peer = Peer(name, public_key or make_key_pair().public, address, kept)
            known.put(peer)
        self.await_log(f"{name}: is let in")
        return peer

    def shut_out(self, name: str) -> None:
        """What `gateway remove` does, in the same way."""
        with self.state.changing() as known:
            del known.by_name[name]
        self.await_log(f"{name}: is shut out")

    def await_log(self, words: str) -> None:
        """A box that comes before it is let in has lost its first handshake, and waits for 5 s."""
        if self.process is not None and self.process.running():
            self.process.wait_for(words)

    def enter(
        self, conf: str, key: KeyPair, implementation: Implementation, psk: str | None = None
    ) -> Tunnel:
        """Start a tunnel as the file says that `gateway add` printed."""
        said = dict(line.split(" = ", 1) for line in conf.splitlines() if " = " in line)
        where, _ = self.place()
        address = said["Address"]
        tunnel = Tunnel(implementation, where, self.lab.interface_name("box"), (address,), key)
        peer = PeerSettings(
            said["PublicKey"], (said["AllowedIPs"],), said["Endpoint"], psk, keepalive_s=1
        )
        tunnel.start(0, (peer,))
        where.route("default", "dev", tunnel.interface)
        return tunnel
