"""What happens to a laptop while it is out: each begins on an open network with a page."""

import contextlib
import socket
import time
from collections.abc import Callable, Iterator

from tests.censor.journeys import AGAIN_S, FIRST_S, Journey
from tests.censor.town import MARK, Laptop
from tests.gateway.home import GATEWAY, WEB

from undertow.lab import censor
from undertow.lab.packets import ethernet, ipv4, udp

TALK = 5050
ADDRESS, BLACKOUT = "uplink address changes", "blackout 30 s"
DOORS_CLOSED = "doors closed one by one"
BLACKOUT_S = 30.0
# One after the other, each with the ones before: what is left last is TLS on port 443.
DOORS = (
    lambda: censor.PortBlocked(443),
    lambda: censor.PortBlocked(443, 53, 123, 500),
    censor.UdpBlocked,
    censor.OnlyTcpWeb,
    lambda: censor.RstInjection() | censor.Entropy(),
    censor.Open,
)
_TALK_S = 40.0
BETWEEN_S = 1.5


@contextlib.contextmanager
def out(laptop: Laptop) -> Iterator[Journey]:
    """The laptop is out by a way that is proven."""
    made = Journey()
    laptop.switch_on()
    try:
        laptop.arrive()
        made.first_s = laptop.page(FIRST_S)
        laptop.settle()
        yield made
        made.large = laptop.large_page(FIRST_S)
        made.way = laptop.way()
    finally:
        laptop.switch_off()
        made.leaks = tuple(laptop.leaked)
        made.log = laptop.log()
        made.deeds = laptop.point.deeds()


def change_address(laptop: Laptop) -> Journey:
    """Its address on the uplink becomes another one."""
    with out(laptop) as made:
        laptop.change_address()
        made.second_s = laptop.page(AGAIN_S)
    return made


def go_dark(laptop: Laptop) -> Journey:
    """Nothing passes for a while, in which somebody wants pages in vain."""
    with out(laptop) as made:
        laptop.point.become(censor.Blackout())
        assert laptop.page(BLACKOUT_S) is None
        laptop.point.become(censor.Open())
        laptop.arrived = time.monotonic()
        made.second_s = laptop.page(AGAIN_S)
    return made


def close_doors(laptop: Laptop) -> Journey:
    """The censor closes one door after the other while one TCP connection is in use."""
    with out(laptop) as made, _talking(laptop) as say:
        for number, door in enumerate(DOORS):
            laptop.point.become(door())
            laptop.arrived = time.monotonic()
            say(b"%d" % number)
            made.second_s = max(made.second_s or 0.0, time.monotonic() - laptop.arrived)
            # Mostly until it has settled; where not, the next door closes in the middle of that.
            time.sleep(BETWEEN_S)
    return made


def leak(laptop: Laptop) -> Journey:
    """Somebody at it says words on the cable itself, to the gateway and to a page."""
    with out(laptop) as made:
        for host, port in ((GATEWAY, 443), (WEB, 80)):
            said = udp.build(laptop.address, host, udp.Datagram(5000, port, MARK))
            frame = ethernet.Frame(ethernet.BROADCAST, laptop.mac, ethernet.IPV4, ipv4.build(said))
            with laptop.where.socket(socket.AF_PACKET, socket.SOCK_RAW) as cable:
                cable.bind(("eth0", 0))
                cable.send(ethernet.build(frame))
        made.second_s = 0.0
    return made


@contextlib.contextmanager
def _talking(laptop: Laptop) -> Iterator[Callable[[bytes], None]]:
    """One TCP connection from the laptop through the tunnel. say(words): there and back."""
    listening = laptop.town.home.web.socket(kind=socket.SOCK_STREAM)
    with listening, laptop.where.socket(kind=socket.SOCK_STREAM) as client:
        listening.bind((WEB, TALK))
        listening.listen()
        client.settimeout(_TALK_S)
        client.connect((WEB, TALK))
        served, _ = listening.accept()
        with served:
            served.settimeout(_TALK_S)

            def say(words: bytes) -> None:
                client.sendall(words)
                assert served.recv(100) == words
                served.sendall(words)
                assert client.recv(100) == words

            yield say


LEAK = "a leak on purpose"
# What the judge has to find.
PLANTED: dict[str, Callable[[Laptop], Journey]] = {LEAK: leak}
MOVES: dict[str, Callable[[Laptop], Journey]] = {
    BLACKOUT: go_dark,
    ADDRESS: change_address,
    DOORS_CLOSED: close_doors,
}
