"""A box that was never used, and its way to the first page."""

from collections.abc import Callable

from undertow.board.scene import TUNNEL_DNS, Scene
from undertow.console import Console
from undertow.lab.ethernet.world import ECHO, WEB

Connect = Callable[[], Console]


def test_a_blank_box_says_hello(scene: Scene, connect: Connect, board_name: str) -> None:
    scene.power()
    hello = connect().hello()
    assert (hello.board, hello.state, hello.name) == (board_name, "blank", None)


def test_a_provisioned_box_carries_what_its_clients_do(scene: Scene, connect: Connect) -> None:
    scene.power()
    console = connect()
    scene.provision(console)
    scene.gateway.world.names["web.example"] = ("203.0.113.80",)
    client = scene.client()
    client.join()
    scene.loop.wait_until(scene.gateway.handshakes, 60.0, lambda: "no handshake")
    assert client.ping("203.0.113.80") is not None
    assert client.resolve("web.example").addresses == ("203.0.113.80",)
    answer = client.ask("203.0.113.80", ECHO, b"question")
    assert answer is not None
    assert answer.payload == b"question"
    stream = client.connect("203.0.113.80", WEB)
    stream.send(b"GET / HTTP/1.0\r\n\r\n")
    assert stream.receive_all().endswith(b"hello\n")
    assert scene.hotel.asked == []
    assert {packet.destination for packet in scene.gateway.world.seen} == {
        "203.0.113.80",
        TUNNEL_DNS,
    }
    scene.rules(b"web.example", b"hello", b"question").require_silence(scene.uplink.sent())
