"""A box in the middle of a cable between two namespaces that asks a censor for each packet.

It holds the far ends of two TAPs: what is sent into them comes out whole, in single packets with
finished checksums, as on a wire.
"""

import contextlib
import fcntl
import os
import select
import struct
from collections.abc import Callable

from undertow.lab.censor import Censor
from undertow.lab.isolation import TUN_DEVICE
from undertow.lab.namespace import Namespace
from undertow.lab.packets import ethernet, ipv4
from undertow.lab.worker import Worker

_TUNSETIFF = 0x400454CA
_IFF_TAP, _IFF_NO_PI = 0x0002, 0x1000
_MAX_FRAME = 65_600
_AT_ONCE = 64


class Middlebox(Worker):
    """A with block in which two namespaces have a cable with a censor on it.

    Both ends exist from the start, without addresses. on_rebind: what it means that the NAT
    forgets. IPv6 does not pass; what the censor would divert to a page is dropped.
    """

    def __init__(
        self,
        inside: tuple[Namespace, str],
        outside: tuple[Namespace, str],
        censor: Censor | None = None,
        on_rebind: Callable[[], object] = lambda: None,
    ) -> None:
        """inside, outside: the namespaces, and the names of their ends of the cable."""
        self.censor = censor or Censor()
        self._on_rebind = on_rebind
        self._ends = {True: _open_tap(*inside), False: _open_tap(*outside)}
        # The MAC addresses of what passed last, by its way: injected packets need a sender.
        self._routers: dict[bool, tuple[bytes, bytes]] = {}
        super().__init__(f"middlebox-{inside[1]}")

    def stop(self) -> None:
        """Take the cable away."""
        super().stop()
        for end in self._ends.values():
            with contextlib.suppress(OSError):  # stopped before
                os.close(end)
        self._ends.clear()

    def _work(self) -> None:
        sides = {end: side for side, end in self._ends.items()}
        while not self._ended.is_set():
            for end in select.select(list(sides), [], [], 0.1)[0]:
                for _ in range(_AT_ONCE):
                    try:
                        frame = os.read(end, _MAX_FRAME)
                    except BlockingIOError:
                        break
                    except OSError:  # the interface is down just now
                        break
                    self._pass(frame, sides[end])

    def _pass(self, data: bytes, outward: bool) -> None:
        frame = ethernet.parse(data)
        if frame is None or frame.kind == ethernet.IPV6:
            return
        packet = ipv4.parse(frame.body) if frame.kind == ethernet.IPV4 else None
        if packet is None:
            self._write(data, outward)
            return
        self._routers[outward] = frame.source, frame.destination
        verdict = self.censor.judge(packet, outward)
        if verdict.rebinds:
            self._on_rebind()
        if verdict.passes and not verdict.diverted:
            self._write(data, outward)
        for injected, goes_out in verdict.injected:
            self._inject(injected, goes_out)

    def _inject(self, packet: ipv4.Packet, outward: bool) -> None:
        if ends := self._routers.get(outward):
            source, destination = ends
        else:  # nothing has gone that way yet: as an answer to what came
            destination, source = self._routers[not outward]
        frame = ethernet.Frame(destination, source, ethernet.IPV4, ipv4.build(packet))
        self._write(ethernet.build(frame), outward)

    def _write(self, frame: bytes, outward: bool) -> None:
        with contextlib.suppress(OSError):  # the interface is down, or takes nothing just now
            os.write(self._ends[not outward], frame)


def _open_tap(namespace: Namespace, interface: str) -> int:
    with namespace.entered():
        descriptor = os.open(TUN_DEVICE, os.O_RDWR | os.O_NONBLOCK)
        request = struct.pack("16sH22x", interface.encode(), _IFF_TAP | _IFF_NO_PI)
        fcntl.ioctl(descriptor, _TUNSETIFF, request)
    namespace.ip("link", "set", interface, "up")
    return descriptor
