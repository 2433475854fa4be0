"""The socket of the configuration protocol, against clients that behave badly."""

import resource
import shutil
import socket
from collections.abc import Callable
from pathlib import Path

import pytest

from undertow import paths
from undertow.lab import Lab, Namespace, Process
from undertow.lab.namespace import wait_until

Start = Callable[..., Process]

GET = b"get=1\n\n"
FRESH = b"errno=0\n\n"


class Interface:
    """An interface in a namespace, and connections to its socket."""

    def __init__(self, lab: Lab, start: Start) -> None:
        self.name = lab.interface_name("wg")
        self.path = Path("/var/run/wireguard", f"{self.name}.sock")
        self.namespace = lab.namespace("box")
        self.process = start(self.namespace, "-f", self.name)
        self.process.wait_for("waits for its configuration")

    def connect(self) -> socket.socket:
        client = socket.socket(socket.AF_UNIX)
        client.connect(str(self.path))
        client.settimeout(20)
        return client

    def ask(self, request: bytes) -> bytes:
        """The answer to one request on a connection of its own."""
        with self.connect() as client:
            client.sendall(request)
            return read_answer(client)


def read_answer(client: socket.socket) -> bytes:
    answer = b""
    while not answer.endswith(b"\n\n"):
        part = client.recv(4096)
        if not part:
            break
        answer += part
    return answer


def peers(count: int) -> bytes:
    """A request that makes peers."""
    lines = [
        f"public_key={number:064x}\nallowed_ip=10.0.{number}.0/24" for number in range(1, count)
    ]
    return ("set=1\n" + "\n".join(lines) + "\n\n").encode()


@pytest.fixture
def interface(lab: Lab, start: Start) -> Interface:
    return Interface(lab, start)


def test_the_socket_is_only_for_its_owner(lab: Lab, start: Start) -> None:
    # In a folder of our own making: other programs make it more open.
    shutil.rmtree("/var/run/wireguard", ignore_errors=True)
    interface = Interface(lab, start)
    assert interface.path.stat().st_mode & 0o777 == 0o600
    assert interface.path.parent.stat().st_mode & 0o777 == 0o700


def test_one_connection_takes_many_requests_in_any_pieces(interface: Interface) -> None:
    with interface.connect() as client:
        for byte in GET * 2 + b"set=1\nlisten_port=0\n\n":
            client.sendall(bytes([byte]))
        answers = b""
        while answers.count(b"\n\n") < 3:
            answers += client.recv(4096)
        assert answers == FRESH * 2 + b"errno=0\n\n"


def test_a_client_that_stops_in_the_middle_holds_up_nobody(interface: Interface) -> None:
    with interface.connect() as silent:
        silent.sendall(b"set=1\nreplace_peers=true\npublic")
        assert interface.ask(GET) == FRESH
        silent.close()
        assert interface.ask(GET) == FRESH


def test_a_client_that_does_not_read_holds_up_nobody(interface: Interface) -> None:
    assert interface.ask(peers(200)) == b"errno=0\n\n"
    length = len(interface.ask(GET))
    assert length > 40000
    with interface.connect() as deaf:
        deaf.sendall(GET * 100)
        for _ in range(3):
            assert len(interface.ask(GET)) == length
        # All of it is there once somebody reads.
        got = 0
        while got < 100 * length:
            got += len(deaf.recv(1 << 16))
        assert got == 100 * length


def test_more_clients_than_there_are_places_push_out_the_oldest(interface: Interface) -> None:
    clients = [interface.connect() for _ in range(40)]
    try:
        for client in clients[-20:]:
            client.sendall(GET)
            assert read_answer(client) == FRESH
    finally:
        for client in clients:
            client.close()
    assert interface.ask(GET) == FRESH


def test_a_request_without_end_is_cut_off(interface: Interface) -> None:
    with interface.connect() as client:
        try:
            for _ in range(200):
                client.sendall(b"x" * (1 << 15))
        except OSError:
            pass
    assert interface.ask(GET) == FRESH


def test_a_dead_socket_is_replaced_and_a_living_one_is_not(
    lab: Lab, start: Start, interface: Interface
) -> None:
    other = lab.namespace("other")
    second = start(other, "-f", interface.name)
    assert second.wait() == 1
    assert "another program answers there" in second.log()
    interface.process.kill()
    assert interface.path.exists()
    third = start(other, "-f", interface.name)
    third.wait_for("waits for its configuration")


def test_removing_the_socket_ends_it(interface: Interface) -> None:
    interface.path.unlink()
    assert interface.process.wait() == 0
    assert "was removed" in interface.process.log()


def in_background(namespace: Namespace, name: str) -> None:
    """Start it as wg-quick does; the lab ends it."""
    namespace.run(str(paths.UNIX_PROGRAM), name)


def test_in_the_background_it_is_ready_when_it_returns(lab: Lab) -> None:
    namespace = lab.namespace("box")
    name = lab.interface_name("wg")
    in_background(namespace, name)
    assert namespace.run("wg", "show", name).stdout.strip() == f"interface: {name}"
    namespace.ip("link", "delete", name)
    path = Path("/var/run/wireguard", f"{name}.sock")
    wait_until(lambda: not path.exists(), 5, lambda: f"{path} stays")


def test_without_descriptors_nobody_is_served_and_everybody_later(interface: Interface) -> None:
    pid = interface.process.pid
    before = resource.prlimit(pid, resource.RLIMIT_NOFILE)
    resource.prlimit(pid, resource.RLIMIT_NOFILE, (3, before[1]))
    with interface.connect() as client:
        client.sendall(GET)
        interface.process.wait_for("too many open files")
        client.settimeout(0.5)
        with pytest.raises(TimeoutError):
            client.recv(1)
        # It waits for better times, and does not ask and complain as fast as it can.
        assert interface.process.log().count("too many open files") < 20
        resource.prlimit(pid, resource.RLIMIT_NOFILE, before)
        client.settimeout(20)
        assert read_answer(client).endswith(FRESH)
