"""A gateway that needs no root: the product's own protocol in the loop, and a world behind it."""

import contextlib
import ipaddress
import secrets
import socket
import time

from _wg import Gate, PresharedKey, PrivateKey, Tunnel

from carrier import inside
from undertow.lab.ethernet.doors import PREFIX_LEN, Doors
from undertow.lab.ethernet.loop import Loop, Timer
from undertow.lab.ethernet.world import World
from undertow.lab.packets import ipv4, udp
from wg import endpoint, probe
from wg.device import Device
from wg.keytext import public_from_base64, public_to_base64
from wg.memory import MemoryPath
from wg.tai64n import Timestamps

_MAX_DATAGRAM = 65_600
_MTU = 1420
_AT_ONCE = 64
_TYPES = (1, 1, 2, 2, 3, 3, 4, 4)

INSIDE = ("10.7.0.254", 51821)


class Gateway:
    """A UDP port of 127.0.0.1 that speaks WireGuard with the peers that it is told of.

    world: what answers behind it. doors: its carriers, if it has any; with them it answers shaped
    datagrams and probes as well, and inside of the tunnel at INSIDE. prefix_len: as in Doors.
    """

    def __init__(
        self, loop: Loop, has_carriers: bool = False, prefix_len: int = PREFIX_LEN
    ) -> None:
        self.loop = loop
        self.doors: Doors | None = None
        self.lines: list[str] = []
        self.world = World(loop, self.send)
        self._timer: Timer | None = None
        self._floor: bytes | None = None
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)
        self._socket.bind(("127.0.0.1", 0))
        self._socket.setblocking(False)
        self.port = int(self._socket.getsockname()[1])
        self._key = secrets.token_bytes(32)
        self._admitted: list[tuple[str, str, bytes | None]] = []
        if has_carriers:
            public_key = PrivateKey(self._key).public()
            self.doors = Doors(loop, public_key, self._take, prefix_len)
        self._device = self._make_device()
        loop.call(lambda: loop.watch(self._socket, self._receive))
        loop.call(self._poll)

    def _make_device(self) -> Device:
        tunnel = Tunnel(8, 32, 64, 2048, _MTU)
        gate = Gate()
        self._path = MemoryPath(tunnel, gate, self._transmit, self._deliver, _now_ms)
        device = Device(
            tunnel,
            gate,
            self._path,
            _fill_random,
            Timestamps(_wall_clock, self._floor, self._keep_floor),
            _wall_clock,
            lambda level, text: self.lines.append(f"{level}: {text}"),
        )
        self._path.attach(device)
        if self.doors is not None:
            self._path.set_shape(self.doors.shape())
            device.types = _TYPES
            device.probe_key = probe.key_of(self.doors.key)
        device.set_private_key(PrivateKey(self._key))
        return device

    @property
    def public_key(self) -> str:
        """In base64, as configuration files have it."""
        key = self._device.public_key
        assert key is not None
        return public_to_base64(key)

    def box_file(
        self, reach: str, address: str, dns: str = "", lines: str = "", carriers: str = ""
    ) -> str:
        """A wg-quick file for a box that is to reach us there. reach: HOST:PORT as the box has it.

        lines: more of the peer's section. carriers: more of the section [Carriers].
        """
        name_server = f"DNS = {dns}\n" if dns else ""
        shape = self.doors.interface_lines() if self.doors else ""
        place = f"{INSIDE[0]}:{INSIDE[1]}"
        return (
            f"[Interface]\nAddress = {address}/32\n{name_server}{shape}\n"
            f"[Peer]\nPublicKey = {self.public_key}\nAllowedIPs = 0.0.0.0/0, ::/0\n"
            f"Endpoint = {reach}\n{lines}"
            + (self.doors.section(place, carriers) if self.doors else "")
        )

    def admit(self, public_key: str, network: str, preshared_key: bytearray | None = None) -> None:
        """Let a box in, with what it may send from. preshared_key: 32 bytes, if there is one."""
        kept = None if preshared_key is None else bytes(preshared_key)
        self._admitted.append((public_key, network, kept))
        self.loop.call(lambda: self._add_peer(public_key, network, kept))

    def _add_peer(self, public_key: str, network: str, preshared_key: bytes | None) -> None:
        prefix = ipaddress.ip_network(network)
        peer = self._device.add_peer(public_from_base64(public_key.encode()))
        if preshared_key is not None:
            peer.set_preshared_key(PresharedKey(bytearray(preshared_key)))
        peer.allow(prefix.network_address.packed, prefix.prefixlen)
        self._poll()

    def restart(self) -> None:
        """Forget every session and every address, as a gateway does whose process starts anew."""

        def start() -> None:
            self._device.close()
            self._device = self._make_device()
            for admitted in self._admitted:
                self._add_peer(*admitted)

        self.loop.call(start)

    def handshakes(self) -> int:
        """How many peers have shaken hands since we started."""
        return self.loop.call(
            lambda: sum(peer.last_handshake != (0, 0) for peer in self._device.peers.values())
        )

    def close(self) -> None:
        """Wipe the keys and close the port."""

        def end() -> None:
            self.world.close()  # who would go on speaking into a tunnel that is gone
            if self._timer is not None:
                self._timer.cancel()
            self.loop.forget(self._socket)
            self._socket.close()
            self._device.close()

        if self.doors is not None:
            self.doors.close()
        self.loop.call(end)

    def send(self, packet: ipv4.Packet) -> None:
        """Send a packet into the tunnel. In the loop's thread."""
        self._path.send_packet(ipv4.build(packet))
        self._poll()

    def _deliver(self, packet: bytes, peer: int) -> None:
        found = ipv4.parse(packet)
        if found is None:
            return
        datagram = udp.parse(found) if self.doors and found.destination == INSIDE[0] else None
        if datagram is not None and datagram.destination_port == INSIDE[1]:
            self._answer_inside(found, datagram, peer)
        else:
            self.world.take(found)

    def _answer_inside(self, packet: ipv4.Packet, question: udp.Datagram, peer: int) -> None:
        data = bytearray(question.payload)
        message = inside.read(data)
        if message is None:
            return
        if message.kind == inside.WHERE:
            where = self._device.tunnel.endpoint(peer)
            data = inside.seen(message.token, message.sequence, where)
        elif not inside.answer_echo(data):
            return
        back = udp.Datagram(question.destination_port, question.source_port, bytes(data))
        self.send(udp.build(packet.destination, packet.source, back))

    def _transmit(self, datagram: bytes, target: bytes) -> None:
        if self.doors is not None and len(endpoint.host(target)) != 4:
            self.doors.transmit(datagram, target)
            return
        address = str(ipaddress.ip_address(endpoint.host(target)))
        with contextlib.suppress(OSError):  # nobody is there just now
            self._socket.sendto(datagram, (address, endpoint.port(target)))

    def _take(self, datagram: bytes, source: bytes) -> None:
        self._path.receive(datagram, source)
        self._poll()

    def _receive(self) -> None:
        for _ in range(_AT_ONCE):
            try:
                datagram, (address, port) = self._socket.recvfrom(_MAX_DATAGRAM)
            except BlockingIOError:
                break
            except OSError:  # an earlier datagram found nobody
                continue
            self._path.receive(datagram, endpoint.pack(socket.inet_aton(address), port))
        self._poll()

    def _poll(self) -> None:
        wait_ms = self._device.poll(_now_ms())
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if wait_ms is not None:
            self._timer = self.loop.after(wait_ms / 1000, self._poll)

    def _keep_floor(self, floor: bytes) -> None:
        self._floor = floor


def _now_ms() -> int:
    return time.monotonic_ns() // 1_000_000 + 1


def _wall_clock() -> tuple[int, int]:
    return divmod(time.time_ns(), 1_000_000_000)


def _fill_random(buffer: bytearray) -> None:
    buffer[:] = secrets.token_bytes(len(buffer))
