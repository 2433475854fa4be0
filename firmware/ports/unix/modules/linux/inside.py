"""Small messages inside of the tunnel, to the gateway's own service: as a board's path has them."""

import socket

from wg.allowedips import format_address
from wg.compat import TYPE_CHECKING

if TYPE_CHECKING:
    from linux.control import HostControl

    Buffer = bytes | bytearray | memoryview

# Of <linux/in.h> and <asm-generic/socket.h>, for all processors that we are built for.
SOL_SOCKET = 1
SO_BINDTODEVICE = 25
IPPROTO_IP = 0
IP_MTU_DISCOVER = 10
IP_PMTUDISC_DO = 2

EAGAIN = 11
ENOTCONN = 107
EIO = 5


class Inside:
    """A UDP socket on the tunnel's interface, whoever the packets of this machine else are for."""

    def __init__(self, name: str, control: "HostControl", wake: int) -> None:
        """name: of the interface. wake: the bit of WAKE_ that stands for something to read."""
        self._name = name
        self._control = control
        self._wake = wake
        self._socket: "socket.socket | None" = None

    def set(self, port: int, address: "bytes | None", to_port: int) -> None:
        """Our port, and whom to speak with; None: with nobody. OSError: the system refuses."""
        self.close()
        if address is None:
            return
        family = socket.AF_INET if len(address) == 4 else socket.AF_INET6
        there = socket.socket(family, socket.SOCK_DGRAM)
        try:
            there.setblocking(False)
            there.setsockopt(SOL_SOCKET, SO_BINDTODEVICE, self._name.encode() + b"\0")
            if len(address) == 4:
                # What does not fit is refused, and not cut in two: its size is what is asked for.
                there.setsockopt(IPPROTO_IP, IP_MTU_DISCOVER, IP_PMTUDISC_DO)
            # Any address of the one interface, which it is bound to.
            any_address = "0.0.0.0" if len(address) == 4 else "::"  # noqa: S104
            there.bind(socket.getaddrinfo(any_address, port)[0][-1])
            # From then on nobody else is heard.
            there.connect(socket.getaddrinfo(format_address(address), to_port)[0][-1])
            self._control.watch(there.fileno(), lambda: self._control.wake(self._wake))
        except OSError:
            there.close()
            raise
        self._socket = there

    def send(self, payload: "Buffer") -> int:
        """0, or an errno: it is too long for the tunnel, or there is no room now."""
        if self._socket is None:
            return ENOTCONN
        try:
            self._socket.send(payload)
        except OSError as error:
            return error.errno or EIO
        return 0

    def receive(self, buffer: bytearray) -> "int | None":
        """The length of the next message; None: there is none now."""
        while self._socket is not None:
            try:
                # readinto() would go on with the next message until the buffer is full.
                message = self._socket.recv(len(buffer))
            except OSError as error:
                if error.errno == EAGAIN:
                    return None
                # What ICMP said of an earlier one: the socket has told it, and goes on.
                continue
            buffer[: len(message)] = message
            return len(message)
        return None

    def close(self) -> None:
        if self._socket is not None:
            self._control.unwatch(self._socket.fileno())
            self._socket.close()
            self._socket = None
