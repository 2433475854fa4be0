"""A gateway's end for the bench of carriers: undertow-unix as the child, streams handed over to it.

python -m undertow.bench.carrier_gateway FILE; what is in FILE: carriers.py.

TCP carries frames from the first byte on: what HTTP says before is no matter of speed. TLS ends
here, as it does in a gateway (undertow.gateway.streams).
"""

import asyncio
import ipaddress
import json
import socket
import ssl
import struct
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from undertow import paths
from undertow.gateway import uapi
from undertow.gateway.streams import relay
from undertow.gateway.streams.channel import Secure
from undertow.gateway.streams.sink import LENGTH, TCP, TLS, WEBSOCKET_SERVER, WS
from undertow.lab.command import run
from undertow.run import ending_with_us

START_S = 10.0


class Child:
    """The data path, and how streams come to it."""

    def __init__(self, settings: dict[str, Any]) -> None:
        self._control, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._token = 0
        name = settings["interface"]
        with theirs:
            self._process = subprocess.Popen(
                ending_with_us([str(paths.UNIX_PROGRAM), "-f", "--adopt", name]),
                stdin=theirs.fileno(),
            )
        end = time.monotonic() + START_S
        while not uapi.answers(name) and time.monotonic() < end:
            time.sleep(0.01)
        lines = [f"private_key={settings['private_key']}", f"listen_port={settings['port']}"]
        lines.append(f"also_listen_ports={settings.get('also', '')}")
        lines += [f"s{number}=16" for number in range(1, 5)]
        lines += [f"header_protection_key={settings['shape_key']}", "replace_peers=true"]
        for peer in settings["peers"]:
            lines += [f"public_key={peer['public_key']}", f"allowed_ip={peer['allowed']}"]
        uapi.exchange(name, bytearray("set=1\n{}\n\n".format("\n".join(lines)).encode()))
        run(["ip", "link", "set", "mtu", str(settings["mtu"]), "up", "dev", name])
        for address in settings["addresses"]:
            run(["ip", "address", "add", address, "dev", name])

    def tell_ends(self, loop: asyncio.AbstractEventLoop) -> None:
        """Print what the child says of streams that have ended."""
        loop.add_reader(self._control, self._tell_end)

    def _tell_end(self) -> None:
        said = self._control.recv(100)
        if said:
            token, why = struct.unpack(">IB", said)
            print(f"stream {token} has ended: {why}", flush=True)

    def adopt(self, descriptor: int, framing: int, kind: int, outer: tuple[str, int]) -> None:
        self._token += 1
        address = ipaddress.IPv4Address(outer[0]).packed
        endpoint = struct.pack(">BHI", 4, outer[1], 0) + address
        head = struct.pack(">BBIB", framing, kind, self._token, len(endpoint))
        socket.send_fds(self._control, [head + endpoint], [descriptor])


def _listen(
    loop: asyncio.AbstractEventLoop, port: int, take: Callable[[socket.socket, Any], None]
) -> None:
    listener = socket.create_server(("", port))
    listener.setblocking(False)
    loop.add_reader(listener, lambda: take(*listener.accept()))


async def _serve(settings: dict[str, Any]) -> None:
    loop = asyncio.get_running_loop()
    child = Child(settings)
    child.tell_ends(loop)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(settings["certificate"], settings["certificate_key"])
    tasks = set()

    def plain(framing: int, kind: int) -> Callable[[socket.socket, Any], None]:
        def take(connection: socket.socket, outer: tuple[str, int]) -> None:
            with connection:
                child.adopt(connection.fileno(), framing, kind, outer)

        return take

    async def secure(connection: socket.socket, outer: tuple[str, int]) -> None:
        connection.setblocking(False)
        relay.tune(connection)
        channel = Secure(connection, context)
        await channel.shake_hands()
        ours, theirs = socket.socketpair()
        with theirs:
            child.adopt(theirs.fileno(), WEBSOCKET_SERVER, TLS, outer)
        relay.Relay(channel, ours, lambda _: None)

    def take_secure(connection: socket.socket, outer: tuple[str, int]) -> None:
        task = asyncio.ensure_future(secure(connection, outer))
        tasks.add(task)
        task.add_done_callback(tasks.discard)

    first = settings["port"]
    _listen(loop, first + 1, plain(LENGTH, TCP))
    _listen(loop, first + 2, plain(WEBSOCKET_SERVER, WS))
    _listen(loop, first + 3, take_secure)
    print("ready", flush=True)
    await asyncio.Event().wait()


def main(argv: Sequence[str]) -> None:
    asyncio.run(_serve(json.loads(Path(argv[0]).read_text())))


if __name__ == "__main__":
    main(sys.argv[1:])
