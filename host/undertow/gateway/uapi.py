"""A client of WireGuard's configuration protocol (wireguard.com/xplatform); keys in buffers."""

import base64
import os
import socket
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from _wg import PresharedKey, PrivateKey

from undertow.errors import UndertowError
from undertow.gateway.backend import Admission, Traffic, Wire
from wg.keytext import (
    HEX_LEN,
    assemble,
    public_from_base64,
    secret_from_base64,
    wipe,
    write_hex,
)

if TYPE_CHECKING:
    from wg.keytext import Piece

FOLDER = Path("/var/run/wireguard")
TIMEOUT_S = 20.0
_CHUNK = 1 << 16


class UapiError(Exception):
    """A request was refused. errno: why, in the system's numbers."""

    def __init__(self, errno: int) -> None:
        super().__init__(os.strerror(errno))
        self.errno = errno


def path_of(interface: str) -> Path:
    return FOLDER / f"{interface}.sock"


def answers(interface: str) -> bool:
    """Whether somebody listens there."""
    with socket.socket(socket.AF_UNIX) as asker:
        try:
            asker.connect(str(path_of(interface)))
        except OSError:
            return False
    return True


def set_interface(interface: str, key: PrivateKey, wire: Wire) -> None:
    """Key, ports and shape, and no peers. UapiError: refused, and nothing has changed."""
    pieces: list[Piece] = ["set=1\nprivate_key=", key, f"\nlisten_port={wire.port}\n"]
    if wire.more:
        pieces.append(f"also_listen_ports={_listed(wire.more)}\n")
    shape_key = None
    if wire.secrets is not None:
        sizes = "".join(f"s{n}={size}\n" for n, size in enumerate(wire.secrets.sizes(), 1))
        types = "".join(f"h{n}={n}\n" for n in range(1, 5))
        shape_key = secret_from_base64(bytearray(wire.secrets.shape_key))
        pieces += [f"{sizes}{types}header_protection_key=", shape_key, "\n"]
    try:
        _change(interface, [*pieces, "replace_peers=true\n\n"])
    finally:
        wipe(shape_key or bytearray())


def set_ports(interface: str, ports: Iterable[int]) -> None:
    """The further ports, and no others. UapiError: refused."""
    _change(interface, [f"set=1\nalso_listen_ports={_listed(ports)}\n\n"])


def refused_ports(interface: str) -> dict[int, int]:
    """The further ports that it could not have, and why, in the system's numbers."""
    answer = exchange(interface, bytearray(b"get=1\n\n"))
    try:
        for name, value in _lines(answer):
            if name == "also_listen_refused" and value:
                pairs = (each.split(":") for each in value.split(","))
                return {int(port): abs(int(number)) for port, number in pairs}
    finally:
        wipe(answer)
    return {}


def _listed(ports: Iterable[int]) -> str:
    return ",".join(str(port) for port in ports)


def admit(interface: str, boxes: Iterable[Admission]) -> None:
    """Add peers or change them. UapiError: refused, and nothing has changed."""
    pieces: list[Piece] = ["set=1\n"]
    secrets = []
    for box in boxes:
        pieces.append(f"public_key={_hex(box.public_key)}\npreshared_key=")
        if box.psk is None:
            pieces.append("0" * HEX_LEN)
        else:
            secrets.append(PresharedKey(box.psk))
            pieces.append(secrets[-1])
        pieces.append(f"\nreplace_allowed_ips=true\nallowed_ip={box.address}/32\n")
    try:
        if len(pieces) > 1:
            _change(interface, [*pieces, "\n"])
    finally:
        for secret in secrets:
            secret.wipe()


def dismiss(interface: str, public_keys: Iterable[str]) -> None:
    lines = "".join(f"public_key={_hex(key)}\nremove=true\n" for key in public_keys)
    if lines:
        _change(interface, [f"set=1\n{lines}\n"])


def traffic(interface: str) -> dict[str, Traffic]:
    """Of each peer, by its public key in base64."""
    answer = exchange(interface, bytearray(b"get=1\n\n"))
    found: dict[str, dict[str, str]] = {}
    peer: dict[str, str] = {}
    try:
        for name, value in _lines(answer):
            if name == "public_key":
                peer = found.setdefault(base64.b64encode(bytes.fromhex(value)).decode(), {})
            else:
                peer[name] = value
    finally:
        wipe(answer)
    return {key: _traffic_of(values) for key, values in found.items()}


def _traffic_of(values: dict[str, str]) -> Traffic:
    return Traffic(
        values.get("endpoint", ""),
        int(values.get("last_handshake_time_sec", "0")),
        int(values.get("rx_bytes", "0")),
        int(values.get("tx_bytes", "0")),
        _way_of(values),
    )


def _way_of(values: dict[str, str]) -> str:
    """In words; empty: it has never come, or the port is the only one, in WireGuard's shape."""
    if "endpoint" not in values:
        return ""
    if "carrier" in values:
        return values["carrier"].upper()[:8]
    port = f" {values['local_port']}" if values.get("local_port", "").isdecimal() else ""
    return f"UDP{port}{', shaped' if values.get('shaped') == 'true' else ''}"


def _lines(answer: bytearray) -> Iterable[tuple[str, str]]:
    """Names and values, without the keys that are secret."""
    start = 0
    while (end := answer.find(b"\n", start)) > start:
        equals = answer.find(b"=", start, end)
        name = bytes(answer[start:equals]).decode()
        if name not in ("private_key", "preshared_key"):
            yield name, bytes(answer[equals + 1 : end]).decode()
        start = end + 1


def _hex(public_key: str) -> str:
    return public_from_base64(public_key.encode()).hex()


def _change(interface: str, pieces: "list[Piece]") -> None:
    request = assemble(pieces, HEX_LEN, write_hex)
    try:
        exchange(interface, request)
    finally:
        wipe(request)


def exchange(interface: str, request: bytearray) -> bytearray:
    """The answer to one request, for the caller to wipe. UapiError: it says errno."""
    try:
        with socket.socket(socket.AF_UNIX) as connection:
            connection.settimeout(TIMEOUT_S)
            connection.connect(str(path_of(interface)))
            connection.sendall(request)
            answer = _receive(connection)
    except OSError as error:
        raise UndertowError(
            f"{path_of(interface)} does not answer",
            f"The system says: {error.strerror or error}. It is how the tunnel is set up.",
            "Start the gateway again: undertow gateway run.",
        ) from error
    start = answer.rfind(b"errno=") + len(b"errno=")
    number = abs(int(bytes(answer[start:]).strip() or b"0"))
    if number:
        wipe(answer)
        raise UapiError(number)
    return answer


def _receive(connection: socket.socket) -> bytearray:
    """Up to the empty line; a buffer that has become too small is wiped."""
    buffer, used = bytearray(_CHUNK), 0
    while buffer[max(used - 2, 0) : used] != b"\n\n":
        if used == len(buffer):
            larger = bytearray(2 * used)
            larger[:used] = buffer
            wipe(buffer)
            buffer = larger
        with memoryview(buffer) as view:
            count = connection.recv_into(view[used:])
        if not count:
            wipe(buffer)
            raise ConnectionResetError("the connection was closed")
        used += count
    del buffer[used:]
    return buffer
