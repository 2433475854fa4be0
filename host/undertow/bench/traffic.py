"""A box under load: both its cables and the gateway in one tight loop, without switch or record.

client --- board --- gateway: the client and the router to the gateway are a few bytes of header.
What is in flight is never more than a box has buffers for, so nothing is lost but by a fault.
"""

import contextlib
import secrets
import select
import socket
import struct
import time
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Self

from _wg import Gate, PrivateKey, Tunnel

from undertow.board import machine
from undertow.board.board import Board, Wiring
from undertow.board.provision import provision
from undertow.console import Console
from undertow.lab.errors import LabError
from undertow.lab.packets import arp, ethernet, ipv4, udp
from wg import endpoint
from wg.const import INITIATION_INTERVAL_MS, MESSAGE_TRANSPORT
from wg.device import Device
from wg.keytext import public_from_base64, public_to_base64
from wg.memory import MemoryPath
from wg.tai64n import Timestamps

MTU = 1420
SMALL = 64
# Fewer than an interface has buffers (ports/virt/nic.h).
WINDOW = 8

_GATEWAY, _PORT = "192.0.2.2", 51820
_UPLINK = "192.0.2.10"
_LAN, _CLIENT = "10.20.30.1", "10.20.30.20"
_INNER = "10.7.0.1"
_WEB, _WEB_PORT, _CLIENT_PORT = "203.0.113.80", 7, 40_000
_ROUTER_MAC = ethernet.mac("02:68:6f:74:65:6c")
_CLIENT_MAC = ethernet.mac("02:63:6c:69:00:01")
_BOX = (
    f"[Box]\nName = load\n[LAN]\nAddress = {_LAN}/24\n"
    f"[Uplink]\nMode = static\nAddress = {_UPLINK}/24\nGateway = {_GATEWAY}\n"
)
_DATAGRAM_AT = ethernet.HEADER_LEN + ipv4.HEADER_LEN + udp.HEADER_LEN
_FRAME_MAX = 2048
_PATIENCE_S = 10.0
_LOST_AFTER_S = 2.0
_REKEY_MS = 121_000


class Traffic:
    """A with block in which a provisioned board runs, with a tunnel that is up.

    lost: packets that never came.
    """

    def __init__(
        self,
        name: str,
        folder: Path,
        *,
        firmware: Path | None = None,
        options: tuple[str, ...] = (),
    ) -> None:
        """folder: for sockets, flash and logs. The rest is Board's."""
        self.lost = 0
        self._offset_ms = 0
        self._arrived = self._answered = 0
        self._answers = False
        self._head: dict[int, bytes] = {}
        self._uplink, self._lan = _Cable(folder / "uplink"), _Cable(folder / "lan")
        wiring = Wiring(uplink=f"dgram:{folder / 'uplink'}", lan=f"dgram:{folder / 'lan'}")
        self.board = Board(name, folder, firmware=firmware, wiring=wiring, options=options)
        self._box_macs = [ethernet.mac(machine.mac(port)) for port in (0, 1)]
        self._make_gateway()

    def _make_gateway(self) -> None:
        tunnel, gate = Tunnel(1, 4, 8, _FRAME_MAX, MTU), Gate()
        self._path = MemoryPath(tunnel, gate, self._transmit, self._deliver, self._now_ms)
        self._device = Device(
            tunnel,
            gate,
            self._path,
            _fill_random,
            Timestamps(self._wall_clock, None, lambda _floor: None),
            self._wall_clock,
            lambda _level, _text: None,
        )
        self._path.attach(self._device)
        self._device.set_private_key(PrivateKey(secrets.token_bytes(32)))

    def __enter__(self) -> Self:
        self.board.start()
        try:
            self.console = Console(self.board.console_url)
            provision(self.console, self._admit, self._tunnel_text(), _BOX)
            self._serve_until(lambda: self._peer.last_handshake != (0, 0), "no handshake")
            self.carry(WINDOW, SMALL)
        except BaseException:
            self._end()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._end()

    def _end(self) -> None:
        with contextlib.suppress(AttributeError):
            self.console.close()
        self.board.stop()
        self._device.close()
        self._uplink.close()
        self._lan.close()

    def _tunnel_text(self) -> str:
        key = self._device.public_key
        assert key is not None
        return (
            f"[Interface]\nAddress = {_INNER}/32\n\n[Peer]\nPublicKey = {public_to_base64(key)}\n"
            f"AllowedIPs = 0.0.0.0/0\nEndpoint = {_GATEWAY}:{_PORT}\n"
        )

    def _admit(self, public_key: str) -> None:
        self._peer = self._device.add_peer(public_from_base64(public_key.encode()))
        self._peer.allow(socket.inet_aton(_INNER), 32)

    # --- what passes ---

    def carry(self, count: int, length: int, window: int = WINDOW) -> None:
        """Send so many packets of so many bytes to the web, which sends each back to the client."""
        self._answers = True
        self._run(count, window, self._client_frame(length), lambda: self._answered)

    def send_out(self, count: int, length: int, window: int = WINDOW) -> None:
        """The same without the way back."""
        self._answers = False
        self._run(count, window, self._client_frame(length), lambda: self._arrived)

    def send_in(self, count: int, length: int, window: int = WINDOW) -> None:
        """Send so many packets from the web to the client, who has written to it before."""
        self._run(count, window, None, lambda: self._answered, length)

    def _run(
        self,
        count: int,
        window: int,
        frame: bytes | None,
        came: Callable[[], int],
        length: int = 0,
    ) -> None:
        self._arrived = self._answered = 0
        reply = _udp_packet(_WEB, _WEB_PORT, _INNER, _CLIENT_PORT, length) if length else b""
        sent = missing = 0
        moved = time.monotonic()
        while came() + missing < count:
            while sent < count and sent - came() - missing < window:
                if frame is None:
                    self._path.send_packet(reply)
                else:
                    self._lan.send(frame)
                sent += 1
            before = came()
            self._serve(0.05)
            if came() != before:
                moved = time.monotonic()
            elif time.monotonic() - moved > _LOST_AFTER_S:
                missing = sent - came()
                moved = time.monotonic()
        self.lost += missing

    def renew_keys(self) -> None:
        """Have the gateway's clock go on by two minutes, and ask for new keys as it does then."""
        # A box answers no sooner than this after the last time, and then not before five seconds.
        time.sleep(2 * INITIATION_INTERVAL_MS / 1000)
        self._offset_ms += _REKEY_MS
        before = self._peer.last_handshake
        self._peer.initiate(self._now_ms())
        self._serve_until(lambda: self._peer.last_handshake != before, "no new keys")

    # --- the loop ---

    def _serve_until(self, condition: Callable[[], bool], complaint: str) -> None:
        end = time.monotonic() + _PATIENCE_S
        while not condition():
            if time.monotonic() > end:
                raise LabError(complaint, f"waited for {_PATIENCE_S:.0f} s")
            self._device.poll(self._now_ms())
            self._serve(0.02)

    def _serve(self, timeout_s: float) -> None:
        """Take what comes, after waiting for it."""
        select.select([self._uplink.socket, self._lan.socket], [], [], timeout_s)
        for frame in self._uplink.received():
            self._take_uplink(frame)
        for frame in self._lan.received():
            # All that a box sends to a client's port without being asked is what it carries.
            if frame[12:14] == b"\x08\x00" and frame[23] == ipv4.UDP:
                self._answered += 1

    def _take_uplink(self, frame: bytes) -> None:
        if frame[12:14] == b"\x08\x06":
            question = arp.parse(frame[ethernet.HEADER_LEN :])
            if question and question.operation == arp.REQUEST and question.target == _GATEWAY:
                self._answer_arp(question)
        elif frame[12:14] == b"\x08\x00" and frame[23] == ipv4.UDP:
            length = struct.unpack_from("!H", frame, 38)[0] - udp.HEADER_LEN
            datagram = frame[_DATAGRAM_AT : _DATAGRAM_AT + length]
            self._source_port = struct.unpack_from("!H", frame, 34)[0]
            self._path.receive(
                datagram, endpoint.pack(socket.inet_aton(_UPLINK), self._source_port)
            )
            if datagram[0] != MESSAGE_TRANSPORT:
                self._device.poll(self._now_ms())

    def _answer_arp(self, question: arp.Arp) -> None:
        answer = arp.Arp(arp.REPLY, _ROUTER_MAC, _GATEWAY, question.sender_mac, question.sender)
        self._uplink.send(
            ethernet.build(
                ethernet.Frame(question.sender_mac, _ROUTER_MAC, ethernet.ARP, arp.build(answer))
            )
        )

    # --- the gateway ---

    def _deliver(self, packet: bytes, _peer: int) -> None:
        self._arrived += 1
        if self._answers:
            self._path.send_packet(_udp_packet(_WEB, _WEB_PORT, _INNER, _CLIENT_PORT, len(packet)))

    def _transmit(self, datagram: bytes, target: bytes) -> None:
        head = self._head.get(len(datagram))
        if head is None or endpoint.port(target) != struct.unpack_from("!H", head, 36)[0]:
            blank = udp.Datagram(_PORT, endpoint.port(target), bytes(len(datagram)))
            packet = ipv4.build(udp.build(_GATEWAY, _UPLINK, blank))
            frame = ethernet.build(
                ethernet.Frame(self._box_macs[0], _ROUTER_MAC, ethernet.IPV4, packet)
            )
            # Without a checksum of UDP, which need not be there.
            head = frame[: _DATAGRAM_AT - 2] + b"\0\0"
            self._head[len(datagram)] = head
        self._uplink.send(head + datagram)

    def _client_frame(self, length: int) -> bytes:
        packet = _udp_packet(_CLIENT, _CLIENT_PORT, _WEB, _WEB_PORT, length)
        return ethernet.build(ethernet.Frame(self._box_macs[1], _CLIENT_MAC, ethernet.IPV4, packet))

    def _now_ms(self) -> int:
        return time.monotonic_ns() // 1_000_000 + 1 + self._offset_ms

    def _wall_clock(self) -> tuple[int, int]:
        return divmod(time.time_ns() + self._offset_ms * 1_000_000, 1_000_000_000)


_packets: dict[tuple[str, int], bytes] = {}


def _udp_packet(source: str, source_port: int, to: str, port: int, length: int) -> bytes:
    """An IPv4 packet of so many bytes."""
    made = _packets.get((source, length))
    if made is None:
        payload = bytes(length - ipv4.HEADER_LEN - udp.HEADER_LEN)
        made = ipv4.build(udp.build(source, to, udp.Datagram(source_port, port, payload)))
        _packets[source, length] = made
    return made


class _Cable:
    """Our end of one of the box's cables; a full one is waited for."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind(str(path))
        self._sender = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        for each in (self.socket, self._sender):
            for buffer in (socket.SO_SNDBUF, socket.SO_RCVBUF):
                each.setsockopt(socket.SOL_SOCKET, buffer, 1 << 20)

    def send(self, frame: bytes) -> None:
        self._sender.sendto(frame, f"{self._path}.board")

    def received(self) -> list[bytes]:
        frames = []
        with contextlib.suppress(BlockingIOError):
            for _ in range(4 * WINDOW):
                frames.append(self.socket.recv(_FRAME_MAX, socket.MSG_DONTWAIT))
        return frames

    def close(self) -> None:
        self.socket.close()
        self._sender.close()


def _fill_random(buffer: bytearray) -> None:
    buffer[:] = secrets.token_bytes(len(buffer))
