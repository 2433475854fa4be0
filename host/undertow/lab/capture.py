"""Listen to a cable: every frame that passes an interface, and what UDP and TCP carry in it."""

import contextlib
import ipaddress
import select
import socket
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from undertow.lab import pcap
from undertow.lab.namespace import Namespace
from undertow.lab.worker import Worker

ETH_P_ALL = 0x0003
ETH_P_IPV4 = 0x0800
ETH_P_IPV6 = 0x86DD
PACKET_OUTGOING = 4
SO_TIMESTAMPNS = 35
TCP = 6
UDP = 17


@dataclass(frozen=True)
class Frame:
    """One Ethernet frame. time_ns: the kernel's clock. outgoing: sent by the listening side."""

    time_ns: int
    outgoing: bool
    data: bytes


@dataclass(frozen=True)
class Datagram:
    """A UDP or TCP packet: "address:port" of both ends, and the payload behind that header."""

    time_ns: int
    outgoing: bool
    protocol: int
    source: str
    destination: str
    payload: bytes


def _join(host: bytes, port: int) -> str:
    address = ipaddress.ip_address(host)
    return f"[{address}]:{port}" if address.version == 6 else f"{address}:{port}"


def parse(frame: Frame) -> Datagram | None:
    """What a frame carries, if it is UDP or TCP over IP in one piece; else None."""
    (kind,) = struct.unpack_from("!H", frame.data, 12)
    packet = frame.data[14:]
    if kind == ETH_P_IPV4 and len(packet) >= 20:
        header_len, protocol = (packet[0] & 15) * 4, packet[9]
        hosts = packet[12:16], packet[16:20]
        packet = packet[: struct.unpack_from("!H", packet, 2)[0]]
        if struct.unpack_from("!H", packet, 6)[0] & 0x3FFF:
            return None
    elif kind == ETH_P_IPV6 and len(packet) >= 40:
        header_len, protocol = 40, packet[6]
        hosts = packet[8:24], packet[24:40]
        packet = packet[: 40 + struct.unpack_from("!H", packet, 4)[0]]
    else:
        return None
    body = packet[header_len:]
    if protocol == UDP and len(body) >= 8:
        payload = body[8:]
    elif protocol == TCP and len(body) >= 20:
        payload = body[(body[12] >> 4) * 4 :]
    else:
        return None
    ports = struct.unpack_from("!HH", body)
    source, destination = _join(hosts[0], ports[0]), _join(hosts[1], ports[1])
    return Datagram(frame.time_ns, frame.outgoing, protocol, source, destination, payload)


class Capture(Worker):
    """A with block that records what passes an interface; what it recorded stays after it."""

    def __init__(self, namespace: Namespace, interface: str, limit: int = 100_000) -> None:
        """limit: frames after which it no longer listens."""
        self._limit = limit
        self._frames: list[Frame] = []
        # Without a protocol it hears nothing until it is bound: not the other interfaces either.
        self._socket = namespace.socket(socket.AF_PACKET, socket.SOCK_RAW)
        self._socket.setsockopt(socket.SOL_SOCKET, SO_TIMESTAMPNS, 1)
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 8 << 20)
        self._socket.bind((interface, ETH_P_ALL))
        super().__init__(f"capture-{interface}", self._socket)

    def _work(self) -> None:
        while len(self._frames) < self._limit:
            if select.select([self._socket], [], [], 0.1)[0]:
                with contextlib.suppress(OSError):  # the interface went down: it may come back
                    self._receive()
            elif self._ended.is_set():  # and all that had passed until then is taken
                break

    def _receive(self) -> None:
        data, extra, _, address = self._socket.recvmsg(65_600, 64)
        time_ns = 0
        for level, kind, value in extra:
            if (level, kind) == (socket.SOL_SOCKET, SO_TIMESTAMPNS):
                seconds, nanoseconds = struct.unpack("@qq", value)
                time_ns = seconds * 1_000_000_000 + nanoseconds
        self._frames.append(Frame(time_ns, address[2] == PACKET_OUTGOING, data))

    def frames(self) -> list[Frame]:
        """What passed until now."""
        return list(self._frames)

    def datagrams(self, protocol: int = UDP) -> Iterator[Datagram]:
        """What passed until now of one protocol over IP."""
        for frame in self.frames():
            found = parse(frame)
            if found is not None and found.protocol == protocol:
                yield found

    def contains(self, text: bytes) -> bool:
        """Whether any frame holds text in clear."""
        return any(text in frame.data for frame in self.frames())

    def write_pcap(self, path: Path) -> None:
        """Save the frames for Wireshark (pcap with nanoseconds)."""
        pcap.write(path, ((frame.time_ns, frame.data) for frame in self.frames()))
