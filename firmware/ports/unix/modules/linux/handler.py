"""What the configuration protocol's requests do to a box."""

import _datapath

from linux.box import Box
from linux.errors import words
from wg.compat import TYPE_CHECKING
from wg.uapi import Configurator

if TYPE_CHECKING:
    from collections.abc import Iterable

# What there is room for when nobody has said how many there will be; 4 MB of memory.
PEERS = 4096
PREFIXES = 16384


class Handler:
    """Requests; and sockets as soon as there is a key, for the first handshake."""

    def __init__(self, box: Box) -> None:
        self.box = box
        self.configurator = Configurator(
            box.device, box.sockets, _datapath.now_ms, box.peer_capacity, box.prefix_capacity
        )

    def handle(self, request: memoryview) -> "Iterable[bytearray]":
        answer = self.configurator.handle(request)
        if self.box.device.private_key is not None:
            try:
                self.box.sockets.open()
            except OSError as error:
                self.box.log("error", "UDP port: %s" % words(error))
        return answer
