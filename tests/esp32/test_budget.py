"""Whether a board's internal RAM goes round, by what is known without a chip.

Ours as compiled, the settings as they are, and what others have measured; the estimates have their
sources beside them, and `_board.memory()` of the first board replaces them. What this keeps is that
nothing grows without somebody adding it up, and that the README says where it does not fit.
"""

import re
from dataclasses import dataclass
from pathlib import Path

import pytest

from undertow.build import esp32_check, esp32_parts, micropython

KB = 1024
RADIO_BUFFER = 1600 + 64  # a frame, and what the heap adds to a block

# MicroPython's and ESP-IDF's static data without Bluetooth (micropython #8260: 51 KB with it).
STATIC_OF_OTHERS = 47 * KB
# The radio's driver and supplicant with both interfaces, without buffers.
RADIO = 46 * KB
# Static data and tasks of a small program with Wi-Fi, of which Espressif's table is.
SMALL_PROGRAM = (31 + 17) * KB
# What static data and heaps share. Espressif's table of Wi-Fi settings says how much is left by the
# default ones at the peak of so many buffers; MicroPython's and our code in RAM go off where code
# and data share it, which is not on an ESP32.
TOTAL = {
    "esp32": 144 * KB + 46 * RADIO_BUFFER + RADIO + SMALL_PROGRAM,
    "esp32s3": 184 * KB + 72 * RADIO_BUFFER + RADIO + SMALL_PROGRAM - 36 * KB,
    "esp32c6": 276 * KB + 40 * RADIO_BUFFER + RADIO + SMALL_PROGRAM - 37 * KB,
}
# Stacks and blocks: MicroPython's 16 KB, lwIP's 6, our worker's 8, ESP-IDF's own.
TASKS = (16 + 6 + 8 + 17) * KB
STORE = 3 * KB  # NVS, of 16 pages
TUNNEL = 17 * KB  # tables of 4 peers, 8 packets that wait
CABLE_TASK = 5 * KB
# What Python's objects take when the box is live: 90 KB on the emulated RV32 board, where the
# tunnel's tables are among them, and what chooses links here is not.
PYTHON = (90 - 17 + 10) * KB


@dataclass(frozen=True)
class Budget:
    python: int
    peak: int  # of radio buffers that come and go
    left: int  # before those
    reserve: int  # what Python's growing heap leaves


def number(name: str, text: str, default: int) -> int:
    found = re.findall(rf"{name}[ =(]+(\d+)(?: \* (\d+))?", text)
    if not found:
        return default
    return int(found[-1][0]) * int(found[-1][1] or 1)


def settings(board: str) -> str:
    """In the order in which they are read: the last counts."""
    chip = esp32_parts.boards()[board].name
    files = [
        micropython.tree().folder / "ports/esp32/boards/sdkconfig.base",
        *(esp32_parts.PORT / f"sdkconfig.{name}" for name in ("common", chip)),
        esp32_parts.PORT / "boards" / board / "sdkconfig.board",
    ]
    return "\n".join(file.read_text() for file in files)


def budget(board: str) -> Budget:
    checked, text = esp32_check.check(board), settings(board)
    chip, ours = checked.cpu.name, sum(part.zeroed + part.data for part in checked.parts)
    defined = "\n".join(esp32_parts.chip_definitions(chip))

    def of(name: str, file: str, default: int = 0) -> int:
        return number(name, defined, number(rf"define {name}", source(file), default))

    python = of("MICROPY_GC_INITIAL_HEAP_SIZE", "mpconfigboard_common.h")
    fixed = number("CONFIG_ESP_WIFI_STATIC_RX_BUFFER_NUM", text, 10)
    moving = number("CONFIG_ESP_WIFI_DYNAMIC_RX_BUFFER_NUM", text, 32)
    moving += number("CONFIG_ESP_WIFI_DYNAMIC_TX_BUFFER_NUM", text, 32)
    cable = 0
    if "CONFIG_ETH_USE_ESP32_EMAC=y" in text:
        cable = number("CONFIG_ETH_DMA_RX_BUFFER_NUM", text, 10)
        cable += number("CONFIG_ETH_DMA_TX_BUFFER_NUM", text, 10)
    spent = STATIC_OF_OTHERS + ours + TASKS + RADIO + STORE + TUNNEL + fixed * RADIO_BUFFER
    spent += (0 if has_psram(board) else python) + (CABLE_TASK + cable * (512 + 32) if cable else 0)
    return Budget(
        python,
        moving * RADIO_BUFFER,
        TOTAL[chip] - spent,
        of("MEMORY_RESERVE", "memory.c"),
    )


def source(file: str) -> str:
    return Path(esp32_parts.PORT / file).read_text()


def has_psram(board: str) -> bool:
    return "CONFIG_SPIRAM=y" in settings(board)


ALL = sorted(esp32_parts.boards())


@pytest.mark.parametrize("board", ALL)
def test_where_memory_does_not_go_round_the_readme_says_so(board: str) -> None:
    found = budget(board)
    # Drivers drop frames when none is left; a steady stream has a third of the peak on its way.
    fits = found.left >= found.peak // 3
    assert (f"`{board}`: does not fit" in source("README.md")) != fits, found


@pytest.mark.parametrize("board", ALL)
def test_pythons_heap_has_room_and_leaves_the_radio_its_peak(board: str) -> None:
    found = budget(board)
    assert found.python >= PYTHON
    assert found.reserve >= found.peak or has_psram(board), found  # Python's heap grows there


@pytest.mark.parametrize("board", ALL)
def test_frames_that_wait_leave_the_driver_buffers(board: str) -> None:
    text = settings(board)
    defined = "\n".join(esp32_parts.chip_definitions(esp32_parts.boards()[board].name))
    slots = number("INTAKE_SLOTS", defined, number("define INTAKE_SLOTS", source("intake.c"), 0))
    window = number("CONFIG_ESP_WIFI_RX_BA_WIN", text, 6)
    assert slots > 0
    assert number("CONFIG_ESP_WIFI_DYNAMIC_RX_BUFFER_NUM", text, 32) >= slots + window
    # ESP-IDF wants the window's buffers to be there always.
    assert number("CONFIG_ESP_WIFI_STATIC_RX_BUFFER_NUM", text, 10) >= window
