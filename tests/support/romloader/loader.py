"""The chip: requests in, replies out."""

import hashlib
import struct
import zlib
from collections.abc import Callable

from tests.support.romloader import slip
from tests.support.romloader.chips import CHIPS, Chip
from tests.support.romloader.faults import Faults, UnpluggedError
from tests.support.romloader.memory import SECTOR, Flash

FLASH_BEGIN, FLASH_DATA, FLASH_END = 0x02, 0x03, 0x04
MEM_BEGIN, MEM_END, MEM_DATA = 0x05, 0x06, 0x07
SYNC, WRITE_REG, READ_REG = 0x08, 0x09, 0x0A
SPI_SET_PARAMS, SPI_ATTACH, READ_FLASH_SLOW, CHANGE_BAUD = 0x0B, 0x0D, 0x0E, 0x0F
DEFL_BEGIN, DEFL_DATA, DEFL_END = 0x10, 0x11, 0x12
SPI_FLASH_MD5, GET_SECURITY_INFO = 0x13, 0x14
# The stub's own.
ERASE_FLASH, ERASE_REGION, READ_FLASH = 0xD0, 0xD1, 0xD2

# Reasons of a failed request.
_INVALID, _CHECKSUM, _WRITE, _OUTSIDE = 0x05, 0x07, 0x08, 0x06

_ROM_SYNC_VALUE = 0x2012_0707
_SPI_COMMAND_USER = 1 << 18
_READ_IDENTIFICATION = 0x9F
_SLOW_LEN = 64
_DATA_HEADER = struct.Struct("<IIII")
_ROM_BAUD = 115_200


class RomLoader:
    """A chip that was reset into download mode. feed() is all that its line does."""

    def __init__(
        self, chip: Chip | str = "esp32", flash: Flash | None = None, faults: Faults | None = None
    ) -> None:
        self.chip = CHIPS[chip] if isinstance(chip, str) else chip
        self.flash = flash or Flash()
        self.faults = faults or Faults()
        self.requests: list[int] = []
        self.reset()

    def reset(self) -> None:
        """Back to the ROM, as after a reset with the boot pin held."""
        self.is_stub = False
        self.baud = _ROM_BAUD
        self._decoder = slip.Decoder()
        self._registers: dict[int, int] = {}
        self._write_at = 0
        self._write_left = 0
        self._inflate: zlib._Decompress | None = None
        self._has_written = False
        self._reading: list[bytes] = []
        self._blocks = 0

    def feed(self, data: bytes) -> bytes:
        """What the chip says to these bytes. UnpluggedError: the cable was pulled meanwhile."""
        if self.faults.is_silent:
            return b""
        if self.faults.says:
            return self.faults.says
        return b"".join(self._packet(packet) for packet in self._decoder.feed(data))

    def _packet(self, packet: bytes) -> bytes:
        if self._reading and len(packet) == 4:  # the other end has taken so much of READ_FLASH
            return slip.encode(self._reading.pop(0))
        if len(packet) < 8 or packet[0] != 0:
            return b""
        operation, length, checksum = struct.unpack_from("<xBHI", packet)
        body = packet[8:]
        self.requests.append(operation)
        if len(body) != length:
            return self._refuse(operation, _INVALID)
        if operation in (FLASH_DATA, MEM_DATA, DEFL_DATA) and checksum != _checksum(body[16:]):
            return self._refuse(operation, _CHECKSUM)
        handler = _HANDLERS.get(operation)
        if handler is None or (operation >= ERASE_FLASH and not self.is_stub):
            return self._unknown(operation)
        return handler(self, operation, body)

    # --- replies ---

    def _reply(self, operation: int, body: bytes = b"", value: int = 0) -> bytes:
        status = bytes(2 if self.is_stub else 4)
        return self._encoded(operation, body + status, value)

    def _refuse(self, operation: int, reason: int) -> bytes:
        status = bytes((1, reason)) + (b"" if self.is_stub else bytes(2))
        return self._encoded(operation, status, 0)

    def _unknown(self, operation: int) -> bytes:
        if self.is_stub:
            return self._refuse(operation, _INVALID)
        # The ROM of the ESP32 says so eight times, and not which request it means.
        return self._encoded(0, bytes((1, _INVALID, 0, 0)), 0) * 8

    def _encoded(self, operation: int, body: bytes, value: int) -> bytes:
        return slip.encode(struct.pack("<BBHI", 1, operation, len(body), value) + body)

    # --- the line, registers and memory ---

    def _sync(self, operation: int, _body: bytes) -> bytes:
        if self.faults.deaf_syncs:
            self.faults.deaf_syncs -= 1
            return b""
        return self._reply(operation, value=0 if self.is_stub else _ROM_SYNC_VALUE) * 8

    def _acknowledge(self, operation: int, _body: bytes) -> bytes:
        return self._reply(operation)

    def _change_baud(self, operation: int, body: bytes) -> bytes:
        reply = self._reply(operation)
        self.baud = struct.unpack_from("<I", body)[0]
        return reply

    def _security_info(self, operation: int, _body: bytes) -> bytes:
        if not self.chip.tells_number:
            return self._unknown(operation)
        return self._reply(operation, struct.pack("<IB7xII", 0, 0, self.chip.chip_id, 0))

    def _read_register(self, operation: int, body: bytes) -> bytes:
        address = struct.unpack_from("<I", body)[0]
        value = self._registers.get(address, self.chip.registers.get(address, 0))
        return self._reply(operation, value=value)

    def _write_register(self, operation: int, body: bytes) -> bytes:
        spi = self.chip.spi
        for start in range(0, len(body) - 15, 16):
            address, value, _mask, _delay = struct.unpack_from("<IIII", body, start)
            self._registers[address] = value
            if address == spi and value & _SPI_COMMAND_USER:
                self._registers[spi] = 0
                self._registers[spi + self.chip.w0] = self._spi_command()
        return self._reply(operation)

    def _spi_command(self) -> int:
        """What the flash chip answers to the command that stands in the controller."""
        command = self._registers.get(self.chip.spi + self.chip.usr2, 0) & 0xFF
        return self.flash.identification if command == _READ_IDENTIFICATION else 0

    def _memory_end(self, operation: int, body: bytes) -> bytes:
        reply = self._reply(operation)
        if struct.unpack_from("<II", body)[1]:
            if self.faults.stub_stays_away:
                self.faults.is_silent = True
                return reply
            self.is_stub = True
            reply += slip.encode(b"OHAI")
        return reply

    # --- the flash ---

    def _begin(self, operation: int, body: bytes) -> bytes:
        size, _blocks, _block_len, offset = _DATA_HEADER.unpack_from(body)
        if size and not self.flash.holds(offset, size if self.is_stub else 0):
            return self._refuse(operation, _OUTSIDE)
        self._write_at, self._write_left, self._blocks = offset, size, 0
        self._inflate = zlib.decompressobj() if operation == DEFL_BEGIN else None
        if not self.is_stub:
            self.flash.erase(offset, size)
        return self._reply(operation)

    def _data(self, operation: int, body: bytes) -> bytes:
        length, number, _, _ = _DATA_HEADER.unpack_from(body)
        data = body[16:]
        if len(data) != length:
            return self._refuse(operation, _INVALID)
        if number >= self.faults.first_refused and self.faults.refused_blocks:
            self.faults.refused_blocks -= 1
            return self._refuse(operation, _WRITE)
        if number != self._blocks:
            return self._refuse(operation, _INVALID)
        self._blocks += 1
        if operation == DEFL_DATA:
            if self._inflate is None:
                return self._refuse(operation, _INVALID)
            data = self._inflate.decompress(data)
        self._write(data)
        return self._reply(operation)

    def _write(self, data: bytes) -> None:
        """The last block is padded: what is behind the announced size is not written."""
        data = data[: self._write_left]
        for start in range(0, len(data), SECTOR):
            piece = data[start : start + SECTOR]
            first = -self._write_at % SECTOR  # where a new sector begins in this piece
            if self.is_stub and first < len(piece):
                self.flash.erase(self._write_at + first, 1)
            piece = self._until_unplugged(piece)
            self.flash.program(self._write_at, piece)
            self._write_at += len(piece)
            self._write_left -= len(piece)
            self._has_written = True
            end = self.faults.silent_after
            if end is not None and self.flash.bytes_programmed >= end:
                self.faults.is_silent = True
            if self.faults.unplugged_after == 0:
                raise UnpluggedError

    def _until_unplugged(self, piece: bytes) -> bytes:
        if self.faults.unplugged_after is None:
            return piece
        piece = piece[: self.faults.unplugged_after]
        self.faults.unplugged_after -= len(piece)
        return piece

    def _md5(self, operation: int, body: bytes) -> bytes:
        offset, size, _, _ = _DATA_HEADER.unpack_from(body)
        if not self.flash.holds(offset, size):
            return self._refuse(operation, _OUTSIDE)
        content = self.flash.read(offset, size)
        if self.faults.has_wrong_md5 and self._has_written:
            content += b"?"
        digest = hashlib.md5(content)
        return self._reply(
            operation, digest.digest() if self.is_stub else digest.hexdigest().encode()
        )

    def _read_slowly(self, operation: int, body: bytes) -> bytes:
        offset, size = struct.unpack_from("<II", body)
        content = self.flash.read(offset, min(size, _SLOW_LEN))
        return self._reply(operation, content.ljust(_SLOW_LEN, b"\0"))

    def _read(self, operation: int, body: bytes) -> bytes:
        """Packets of the announced size, one for each that the other end has taken; then MD5."""
        offset, size, block_len, _in_flight = _DATA_HEADER.unpack_from(body)
        if not self.flash.holds(offset, size):
            return self._refuse(operation, _OUTSIDE)
        content = self.flash.read(offset, size)
        blocks = [content[i : i + block_len] for i in range(0, size, block_len)]
        self._reading = [*blocks[1:], hashlib.md5(content).digest()]
        return self._reply(operation) + slip.encode(blocks[0])

    def _erase(self, operation: int, body: bytes) -> bytes:
        offset, size = (0, self.flash.size)
        if operation == ERASE_REGION:
            offset, size = struct.unpack_from("<II", body)
        if not self.flash.holds(offset, size):
            return self._refuse(operation, _OUTSIDE)
        self.flash.erase(offset, size)
        return self._reply(operation)


def _checksum(data: bytes) -> int:
    result = 0xEF
    for byte in data:
        result ^= byte
    return result


_HANDLERS: dict[int, Callable[[RomLoader, int, bytes], bytes]] = {
    FLASH_BEGIN: RomLoader._begin,
    FLASH_DATA: RomLoader._data,
    FLASH_END: RomLoader._acknowledge,
    MEM_BEGIN: RomLoader._acknowledge,
    MEM_DATA: RomLoader._acknowledge,
    MEM_END: RomLoader._memory_end,
    SYNC: RomLoader._sync,
    WRITE_REG: RomLoader._write_register,
    READ_REG: RomLoader._read_register,
    SPI_SET_PARAMS: RomLoader._acknowledge,
    SPI_ATTACH: RomLoader._acknowledge,
    READ_FLASH_SLOW: RomLoader._read_slowly,
    CHANGE_BAUD: RomLoader._change_baud,
    DEFL_BEGIN: RomLoader._begin,
    DEFL_DATA: RomLoader._data,
    DEFL_END: RomLoader._acknowledge,
    SPI_FLASH_MD5: RomLoader._md5,
    GET_SECURITY_INFO: RomLoader._security_info,
    ERASE_FLASH: RomLoader._erase,
    ERASE_REGION: RomLoader._erase,
    READ_FLASH: RomLoader._read,
}
