"""The service at the gateway's own address inside of the tunnel (firmware/lib/carrier/inside.py).

Boxes prove their way there, ask where they are seen, and say which of our ports answer outside.
"""

import asyncio
import contextlib
import secrets
import socket
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address

from carrier import inside
from undertow.gateway.carriers import INSIDE_PORT
from undertow.gateway.settings import Settings

# How long a box takes for its probes at the most, and for each TCP port, which it looks at one
# after the other; and how often it is asked.
REPORT_S, REPORT_TCP_S, TRIES = 12.0, 6.5, 2
_AT_ONCE = 64
_BUFFER_LEN = 1 << 19


@dataclass
class _Check:
    """What is waited for. address: of the box that was asked."""

    address: str
    report: "asyncio.Future[list[tuple[int, int, int]]]"


class Service:
    """To be used in one loop's thread alone, but for `places`, which is put in place as a whole.

    places: where each box is seen, by its address in the tunnel; bytes as of wg.endpoint.
    """

    def __init__(self) -> None:
        self.places: Mapping[str, bytes] = {}
        self._ports: dict[str, int] = {}  # from which boxes have spoken
        self._checks: dict[bytes, _Check] = {}
        self._socket: socket.socket | None = None
        self._buffer = bytearray(inside.MESSAGE_LEN_MAX + 1)

    def begin(self, settings: Settings) -> int:
        """Answer at the tunnel's interface, which has to be there; the port. OSError."""
        return self.listen(str(settings.address()), INSIDE_PORT, settings.interface)

    def listen(self, address: str, port: int, interface: str = "") -> int:
        made = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        try:
            if interface:
                # Whoever is in our LAN knows our addresses, too.
                made.setsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, interface.encode())
            made.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _BUFFER_LEN)
            made.setblocking(False)
            made.bind((address, port))
        except OSError:
            made.close()
            raise
        self._socket = made
        asyncio.get_running_loop().add_reader(made, self._receive, made)
        return int(made.getsockname()[1])

    def end(self) -> None:
        if self._socket is None:
            return
        asyncio.get_running_loop().remove_reader(self._socket)
        self._socket.close()
        self._socket = None
        for check in self._checks.values():
            check.report.cancel()

    def _receive(self, made: socket.socket) -> None:
        with contextlib.suppress(OSError):  # nothing more; or a box that has just gone
            for _ in range(_AT_ONCE):
                count, (address, port) = made.recvfrom_into(self._buffer)
                with memoryview(self._buffer) as view:
                    answer = self._answer(view[:count], address, port)
                if answer is not None:
                    made.sendto(answer, (address, port))

    def _answer(self, data: memoryview, address: str, port: int) -> bytes | bytearray | None:
        found = inside.read(data)
        if found is None:
            return None
        if found.kind == inside.REPORT:
            self._take_report(found, address)
            return None
        self._ports[address] = port
        if found.kind == inside.ECHO:
            answer = bytearray(data)
            inside.answer_echo(answer)
            return answer
        if found.kind == inside.WHERE:
            place = self.places.get(address, b"")
            return inside.seen(found.token, found.sequence, place)
        return None

    def _take_report(self, found: inside.Message, address: str) -> None:
        check = self._checks.get(found.token)
        results = inside.read_report(found)
        # Another box's word says nothing of this one's network.
        if check is None or check.address != address or results is None:
            return
        if not check.report.done():
            check.report.set_result(results)

    async def check(
        self, box: IPv4Address, ports: Sequence[tuple[int, int]]
    ) -> list[tuple[int, int, int]] | None:
        """Have a box ask our ports: (port, how, result) of each; None: it says nothing."""
        if self._socket is None:
            return None
        token = secrets.token_bytes(inside.TOKEN_LEN)
        loop = asyncio.get_running_loop()
        check = _Check(str(box), loop.create_future())
        self._checks[token] = check
        question = inside.check(token, 0, list(ports))
        patience_s = REPORT_S + REPORT_TCP_S * sum(how > inside.SHAPED for _, how in ports)
        try:
            for _ in range(TRIES):
                with contextlib.suppress(OSError):
                    port = self._ports.get(str(box), INSIDE_PORT)
                    self._socket.sendto(question, (str(box), port))
                done, _ = await asyncio.wait([check.report], timeout=patience_s)
                if done:
                    return check.report.result()
        finally:
            del self._checks[token]
        return None
