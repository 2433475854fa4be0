"""The kernel's WireGuard as the tunnel, by `ip` and `wg`."""

import socket
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from _wg import PrivateKey

from undertow.errors import UndertowError
from undertow.gateway import changes, system
from undertow.gateway.backend import KERNEL, Admission, Traffic, Wire
from wg.keytext import BASE64_LEN, assemble, wipe, write_base64

if TYPE_CHECKING:
    from wg.keytext import Piece

_STDIN = "/dev/stdin"


class KernelBackend:
    name = KERNEL

    def __init__(self, interface: str) -> None:
        self.interface = interface
        self._is_made = False
        self._more: tuple[int, ...] = ()
        self._refused: dict[int, str] = {}

    def start(self, key: PrivateKey, wire: Wire) -> None:
        self.set_ports(wire)
        done = system.attempt("ip", "link", "add", "dev", self.interface, "type", "wireguard")
        if done.returncode:
            raise _no_kernel(" ".join(done.stderr.split()).rstrip("."))
        self._is_made = True
        pieces: list[Piece] = ["[Interface]\nPrivateKey = ", key, f"\nListenPort = {wire.port}\n"]
        text = assemble(pieces, BASE64_LEN, write_base64)
        try:
            system.run("wg", "setconf", self.interface, _STDIN, text=text)
        finally:
            wipe(text)

    def set_ports(self, wire: Wire) -> None:
        self._more = wire.more
        self._refused = {port: why for port in wire.more if (why := _why_taken(port))}

    def refused(self) -> Mapping[int, str]:
        return self._refused

    def redirected(self) -> tuple[int, ...]:
        # A rule would take a name server's questions away from it, for example.
        return tuple(port for port in self._more if port not in self._refused)

    def sink(self) -> None:
        return None

    def admit(self, boxes: Iterable[Admission]) -> None:
        for box in boxes:
            words = ["peer", box.public_key, "preshared-key", _STDIN if box.psk else "/dev/null"]
            try:
                system.run(
                    *("wg", "set", self.interface, *words, "allowed-ips", f"{box.address}/32"),
                    text=box.psk or b"",
                )
            finally:
                wipe(box.psk or bytearray())

    def dismiss(self, public_keys: Iterable[str]) -> None:
        for key in public_keys:
            system.run("wg", "set", self.interface, "peer", key, "remove")

    def traffic(self) -> Mapping[str, Traffic]:
        # Not `dump`, which tells the keys, too.
        endpoints = self._shown("endpoints")
        handshakes = self._shown("latest-handshakes")
        transfers = self._shown("transfer")
        found = {}
        for key, words in transfers.items():
            endpoint = endpoints.get(key, ["(none)"])[0]
            handshake_s = int(handshakes.get(key, ["0"])[0])
            shown = "" if endpoint == "(none)" else endpoint
            found[key] = Traffic(shown, handshake_s, int(words[0]), int(words[1]))
        return found

    def _shown(self, what: str) -> dict[str, list[str]]:
        lines = system.run("wg", "show", self.interface, what).splitlines()
        return {words[0]: words[1:] for words in (line.split("\t") for line in lines) if words}

    def output(self) -> int | None:
        return None

    def is_alive(self) -> bool:
        return self._is_made and changes.interface_exists(self.interface)

    def stop(self) -> None:
        if self._is_made:
            self._is_made = False
            system.attempt("ip", "link", "delete", "dev", self.interface)


def _why_taken(port: int) -> str:
    """Why this UDP port is not free; empty: it is."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asker:
        try:
            asker.bind(("", port))
        except OSError as error:
            return error.strerror or str(error)
    return ""


def _no_kernel(said: str) -> UndertowError:
    return UndertowError(
        "This kernel makes no WireGuard interface",
        f"It says: {said or 'nothing'}. Linux has it from 5.6 on, as the module wireguard.",
        "Run `sudo modprobe wireguard` as root, or leave --backend out: our own data path needs no "
        "module.",
    )
