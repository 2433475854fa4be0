"""QEMU's debugger port, as far as tests need it: a machine's memory (gdb's protocol)."""

import re
import socket
from pathlib import Path

from elftools.elf.elffile import ELFFile
from elftools.elf.sections import SymbolTableSection


def options(path: Path) -> tuple[str, str]:
    """QEMU's options for a debugger port at a unix socket."""
    return "-gdb", f"unix:{path},server=on,wait=off"


def address_of(firmware: Path, symbol: str) -> int:
    """Where a function or variable is."""
    with firmware.open("rb") as file:
        table = ELFFile(file).get_section_by_name(".symtab")
        assert isinstance(table, SymbolTableSection)
        found = table.get_symbol_by_name(symbol)
        assert found, f"there is no {symbol} in {firmware}"
        return int(found[0]["st_value"])


def places_of(firmware: Path, symbol: str) -> dict[int, int]:
    """All that have this name, as files of C may have their own: addresses by length."""
    with firmware.open("rb") as file:
        table = ELFFile(file).get_section_by_name(".symtab")
        assert isinstance(table, SymbolTableSection)
        found = table.get_symbol_by_name(symbol) or []
        return {int(each["st_size"]): int(each["st_value"]) for each in found}


def read(path: Path, address: int, length: int) -> bytes:
    """Stop the machine, read its memory, and let it go on."""
    with socket.socket(socket.AF_UNIX) as port:
        port.settimeout(5.0)
        port.connect(str(path))
        command = f"m{address:x},{length:x}"
        port.sendall(f"${command}#{sum(command.encode()) & 0xFF:02x}".encode())
        said = b""
        while not (found := re.search(rb"\$([0-9a-f]{%d})#" % (2 * length), said)):
            said += port.recv(4096)
            assert b"$E" not in said, said
        port.sendall(b"+")
        _ask(port, "D")
        return bytes.fromhex(found[1].decode())


def write(path: Path, address: int, data: bytes) -> None:
    """Stop the machine, write into its memory, and let it go on."""
    with socket.socket(socket.AF_UNIX) as port:
        port.settimeout(5.0)
        port.connect(str(path))
        _ask(port, f"M{address:x},{len(data):x}:{data.hex()}")
        _ask(port, "D")


def _ask(port: socket.socket, command: str) -> None:
    """Send one packet and wait for OK; that the machine has stopped is told before."""
    port.sendall(f"${command}#{sum(command.encode()) & 0xFF:02x}".encode())
    said = b""
    while b"$OK#" not in said:
        said += port.recv(4096)
        assert b"$E" not in said, said
    port.sendall(b"+")
