"""What differs from chip to chip, from their technical reference manuals."""

from collections.abc import Mapping
from dataclasses import dataclass, field

# "Magic" register of the chips that cannot tell their number.
MAGIC_REGISTER = 0x4000_1000


@dataclass(frozen=True)
class Chip:
    """name: as esptool's --chip has it. chip_id: as in images' headers. mac: bytes.

    spi: the controller's base and the offsets of USR, USR1, USR2 and W0. registers: what others
    read; all not named here read as zero. tells_number: GET_SECURITY_INFO is there.
    """

    name: str
    chip_id: int
    tells_number: bool
    spi: int
    usr: int
    usr1: int
    usr2: int
    w0: int
    mac: bytes
    registers: Mapping[int, int] = field(default_factory=dict)


def _modern(name: str, chip_id: int, spi: int, efuse: int, more: Mapping[int, int]) -> Chip:
    """The chips since the ESP32-S2 are alike: only addresses differ. efuse: of block 1."""
    mac = bytes((0x60, 0x55, 0xF9, 0x12, 0x34, chip_id))
    words = {
        efuse: int.from_bytes(mac[2:], "big"),
        efuse + 4: 0xFFFE << 16 | int.from_bytes(mac[:2], "big"),
    }
    return Chip(name, chip_id, True, spi, 0x18, 0x1C, 0x20, 0x58, mac, {**words, **more})


_ESP32_MAC = bytes((0x24, 0x0A, 0xC4, 0x12, 0x34, 0x56))

_CHIPS = (
    Chip(
        "esp32",
        0,
        tells_number=False,
        spi=0x3FF4_2000,
        usr=0x1C,
        usr1=0x20,
        usr2=0x24,
        w0=0x80,
        mac=_ESP32_MAC,
        registers={
            MAGIC_REGISTER: 0x00F0_1D83,
            0x3FF4_0014: 347,  # UART clock divider: a crystal of 40 MHz at 115200 baud
            0x3FF5_F06C: 800 << 7,  # RTC calibration and
            0x3FF5_A010: 128,  # the 8 MHz clock's frequency: 40 MHz as well
            0x3FF5_A004: int.from_bytes(_ESP32_MAC[2:], "big"),
            0x3FF5_A008: int.from_bytes(_ESP32_MAC[:2], "big"),
            0x3FF5_A00C: 1 << 15 | 1 << 9,  # revision 3, package D0WD
            0x3FF5_A014: 1 << 20,
            0x3FF6_607C: 1 << 31,
        },
    ),
    # 0x6000_0014: UART clock divider, 40 MHz.
    _modern("esp32s3", 9, 0x6000_2000, 0x6000_7044, {0x6000_0014: 347}),
    _modern("esp32c6", 13, 0x6000_3000, 0x600B_0844, {0x600B_0850: 1 << 24, 0x600B_0854: 1}),
    _modern("esp32c3", 5, 0x6000_2000, 0x6000_8844, {}),
)

CHIPS = {chip.name: chip for chip in _CHIPS}
