"""A board in an emulated hotel, without root: who uses it, where it is, and what it reaches.

client(s) --- LAN switch --- board --- hotel's switch --- hotel (DHCP, NAT) --- gateway --- world

The hotel has a censor (hotel.censor). With carriers the gateway has all its ports, UDP and TCP, and
the box's document a section [Carriers]; for networks that have nothing else there is a proxy().
"""

import contextlib
import socket
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

from undertow.board import machine
from undertow.board.board import Board, Wiring
from undertow.board.provision import provision
from undertow.console import Console
from undertow.lab.errors import LabError
from undertow.lab.ethernet import Client, HotelRouter, Loop, Port, Switch
from undertow.lab.ethernet.doors import PREFIX_LEN, Doors
from undertow.lab.ethernet.gateway import Gateway
from undertow.lab.leaks import Uplink
from undertow.lab.packets import ethernet
from undertow.lab.proxy import Proxy

GATEWAY = ("192.0.2.2", 51820)
PROXY = ("192.0.2.10", 3128)
BOX_INNER = "10.7.0.1"
TUNNEL_DNS = "10.7.0.254"
NAME = "test-box"


class Scene:
    """A with block in which all of it runs but the board, which power() starts."""

    def __init__(
        self,
        name: str,
        folder: Path,
        *,
        firmware: Path | None = None,
        flash: Path | None = None,
        options: Sequence[str] = (),
        has_entropy: bool = True,
        has_carriers: bool = False,
        prefix_len: int = PREFIX_LEN,
    ) -> None:
        """folder: for sockets, logs and the flash. prefix_len: of the gateway's shape. The rest is
        Board's.
        """
        self.folder = folder
        self._stack = contextlib.ExitStack()
        self.loop = Loop()
        self.street = Switch(self.loop)
        self.room = Switch(self.loop)
        self.uplink: Port = self.street.plug_socket("board", folder / "uplink")
        self.lan: Port = self.room.plug_socket("board", folder / "lan")
        self.hotel = HotelRouter(self.street)
        self.gateway = Gateway(self.loop, has_carriers, prefix_len)
        # Where the box may look for its gateway: it is there, or somebody lies about its name.
        self.places: set[str] = set()
        self.have_gateway_at(GATEWAY[0])
        wiring = Wiring(uplink=f"dgram:{folder / 'uplink'}", lan=f"dgram:{folder / 'lan'}")
        self.board = Board(
            name,
            folder,
            firmware=firmware,
            flash=flash,
            wiring=wiring,
            options=options,
            has_entropy=has_entropy,
        )
        self.public_key = ""

    def __enter__(self) -> Self:
        with self._stack:
            self._stack.enter_context(self.loop)
            for part in (self.street, self.room, self.hotel, self.gateway):
                self._stack.callback(part.close)
            self._stack.callback(self.board.stop)
            self._stack = self._stack.pop_all()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stack.__exit__(kind, error, trace)

    def have_gateway_at(self, address: str) -> None:
        """Let the gateway be reached at this address, too."""
        self.places.add(address)
        self.hotel.nat.reach(address, GATEWAY[1], self.gateway.port)
        if doors := self.gateway.doors:
            for port, real_port in doors.udp.items():
                self.hotel.nat.reach(address, port, real_port)
            for port, real_port in doors.tcp.items():
                self.hotel.nat.reach_tcp(address, port, real_port)

    def doors(self) -> Doors:
        """The gateway's carriers. LabError: the scene was made without."""
        if self.gateway.doors is None:
            raise LabError("no carriers", "the scene was made without has_carriers")
        return self.gateway.doors

    def power(self) -> None:
        """Switch the board on."""
        self.board.start()

    def client(self, number: int = 1) -> Client:
        """Somebody who is plugged into the LAN and has no address yet."""
        return Client(self.room, f"client{number}", number)

    def proxy(self, user: str = "", password: str = "") -> Proxy:
        """Have a proxy at PROXY from now on, HTTP and SOCKS5. user: empty: it asks for nobody."""

        def open_end(host: str, port: int) -> socket.socket:
            real = self.hotel.nat.find_tcp(host, port)
            if real is None:
                raise ConnectionRefusedError
            return socket.create_connection(real)

        made = Proxy(socket.create_server(("127.0.0.1", 0)), open_end, user, password)
        self._stack.enter_context(made)
        self.hotel.nat.reach_tcp(*PROXY, made.port)
        return made

    def provision(
        self, console: Console, reach: str = "", box: str = "", lines: str = "", carriers: str = ""
    ) -> None:
        """Give the box a key, its tunnel and its own document, and let the gateway know it.

        reach: where the box is to look for the gateway, if not by its address. box: more lines of
        its own document. lines: more of the peer's section. carriers: more of [Carriers].
        """
        reach = reach or f"{GATEWAY[0]}:{GATEWAY[1]}"
        self.public_key = provision(
            console,
            lambda key: self.gateway.admit(key, f"{BOX_INNER}/32"),
            self.gateway.box_file(reach, BOX_INNER, TUNNEL_DNS, lines, carriers),
            f"[Box]\nName = {NAME}\n{box}",
        )

    def rules(self, *words: bytes) -> Uplink:
        """What the box may have said on its uplink until now. words: of its clients."""
        mac = ethernet.mac(machine.mac(0))
        doors = self.gateway.doors
        udp = {GATEWAY[1], *(doors.udp if doors else ())}
        tcp = set(doors.tcp) if doors else set()
        return Uplink(
            mac,
            addresses=self.loop.call(lambda: self.hotel.dhcp.ever_given(mac)),
            neighbours=set(self.hotel.own_addresses),
            name_servers=set(self.hotel.own_addresses),
            gateways={(place, port) for place in self.places for port in udp},
            streams={PROXY, *((place, port) for place in self.places for port in tcp)}
            if doors
            else set(),
            is_shaped=doors is not None,
            names=set(self.hotel.names),
            words=words,
        )
