"""The two boxes that stand before the same censor, each with a guest: ours, and a plain one."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from undertow.board.scene import NAME, PROXY, Scene
from undertow.console import Console
from undertow.demo import cable
from undertow.demo.guest import MARK, Browser, Call
from undertow.demo.networks import Network
from undertow.lab import LabError
from undertow.lab.ethernet import Client

USER, PASSWORD = "guest", "open sesame 7"
# What the hotel's desk says of its proxy, as the box's own document has it.
_PROXY_LINES = (
    f"[Uplink]\nProxy = http://{PROXY[0]}:{PROXY[1]}\n"
    f'ProxyUser = {USER}\nProxyPassword = "{PASSWORD}"\n'
)


@dataclass
class Box:
    """One of them. leaks: frames on its uplink that should not be, in words."""

    scene: Scene
    client: Client
    browser: Browser
    leaks: list[str] = field(default_factory=list)
    _sent: list[bytes] = field(default_factory=list)
    _has_met: bool = False

    def meet(self, network: Network, port: int) -> None:
        """Have the censor in its hotel be another, and its guest open a page."""
        censor = self.scene.hotel.censor
        profile = network.make(port)

        def switch() -> None:
            censor.become(profile)
            censor.dropped.clear()
            self.scene.hotel.nat.rebind()

        self.sent()
        if self._has_met:  # what it did before the first counts for that
            self.scene.uplink.forget_record()
            self._sent = []
        self._has_met = True
        self.scene.loop.call(switch)

    def dropped(self) -> int:
        """How many packets the censor has swallowed since it became what it is."""
        censor = self.scene.hotel.censor
        return self.scene.loop.call(lambda: sum(censor.dropped.values()))

    def sent(self) -> list[bytes]:
        """What left the box since then; all of it is judged."""
        sent = self.scene.uplink.sent()
        self.leaks += self.scene.rules(MARK).leaks(sent[len(self._sent) :])
        self._sent = sent
        return sent

    def doors(self) -> list[cable.Door]:
        """At which doors it knocked since then."""
        return cable.doors(self.sent())


@dataclass
class Traveller(Box):
    """Ours: it has a console, and its guest holds a call."""

    console: Console | None = None
    call: Call | None = None

    def learn_proxy(self) -> None:
        """Give it what the hotel's desk says of the proxy, while it runs."""
        assert self.console is not None
        document = f"[Box]\nName = {NAME}\n{_PROXY_LINES}"
        self.console.put("box", bytearray(document.encode()))
        self.console.commit(self.console.check().digest)


@contextmanager
def plain(board: str, folder: Path) -> Iterator[Box]:
    """A box that knows its gateway as any WireGuard does: one address, one port."""
    with _scene(board, folder) as scene:
        with Console(scene.board.console_url) as console:
            console.hello()
            scene.provision(console)
        yield Box(scene, *_guest(scene))


@contextmanager
def ours(board: str, folder: Path) -> Iterator[Traveller]:
    """A box that knows every door of its gateway, and the hotel's proxy."""
    with _scene(board, folder, has_carriers=True) as scene, ExitStack() as stack:
        scene.proxy(USER, PASSWORD)
        console = stack.enter_context(Console(scene.board.console_url))
        console.hello()
        scene.provision(console)
        box = Traveller(scene, *_guest(scene), console=console)
        yield box


@contextmanager
def _scene(board: str, folder: Path, has_carriers: bool = False) -> Iterator[Scene]:
    folder.mkdir()
    with Scene(board, folder, has_carriers=has_carriers) as scene:
        scene.power()
        yield scene


def _guest(scene: Scene) -> tuple[Client, Browser]:
    client = scene.client()
    client.join()
    if client.lease is None:
        raise LabError("the guest has no address", "the box gave none")
    return client, Browser(client)
