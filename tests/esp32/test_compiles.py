"""Every C file of a board's firmware compiles for its processor, and lacks nothing unknown."""

import dataclasses
import re

import pytest

from undertow.build import esp32_check, esp32_parts

# One board of each chip; the second of the ESP32's differs in pins alone.
BOARDS = ("olimex_esp32_poe", "waveshare_esp32_s3_eth", "esp32_c6_devkitc_1")


def test_there_is_a_board_of_every_chip() -> None:
    assert {esp32_parts.boards()[board].name for board in BOARDS} == set(esp32_parts.CPUS)


@pytest.mark.parametrize("board", BOARDS)
def test_everything_compiles_without_a_warning_and_nobody_is_unknown(board: str) -> None:
    checked = esp32_check.check(board)
    assert esp32_check.surprises(checked) == []
    assert checked.in_ram < 32 * 1024


def test_a_prototype_that_nobody_implements_is_noticed() -> None:
    checked = esp32_check.check(BOARDS[-1])
    more = dataclasses.replace(
        checked, undefined=checked.undefined | {"mp_sched_schedule_node", "__udivdi3"}
    )
    assert esp32_check.surprises(more) == ["mp_sched_schedule_node"]


def test_nothing_erases_the_keys_at_the_start() -> None:
    # MicroPython's boardctrl_startup() does when NVS finds no free page; only a wipe may.
    asked = set().union(*(esp32_check.check(board).undefined for board in BOARDS))
    assert "nvs_flash_init" in asked
    assert not asked & {"boardctrl_startup", "nvs_flash_erase", "nvs_flash_erase_partition"}


def test_the_list_of_symbols_has_none_that_nobody_asks_for() -> None:
    # What a development build asks for besides is the same on every chip.
    development = esp32_check.check(BOARDS[-1], dev=True).undefined
    asked = development.union(*(esp32_check.check(board).undefined for board in BOARDS))
    assert sorted(esp32_check.expected_symbols().keys() - asked) == []


def test_what_micropython_is_to_bring_is_defined_in_its_sources() -> None:
    from undertow.build import micropython

    tree = micropython.tree().folder
    text = "".join(
        file.read_text(errors="replace")
        for folder in ("py", "shared/runtime", "ports/esp32", "extmod")
        for file in (tree / folder).glob("*.c")
    )
    brought = [name for name, who in esp32_check.expected_symbols().items() if who == "MicroPython"]
    # A definition, or a macro that defines it, such as MP_DEFINE_EXCEPTION(MemoryError, Exception).
    missing = [
        name
        for name in brought
        if not re.search(rf"\b{name}\b", text) and f"({name.removeprefix('mp_type_')}," not in text
    ]
    assert missing == []


def test_the_declarations_of_esp_idf_say_what_they_stand_for() -> None:
    silent = [
        file.name
        for file in sorted(esp32_parts.DECLARATIONS.rglob("*.h"))
        if not re.match(r"// Stands for components/\S+", file.read_text())
    ]
    assert silent == []


def test_of_the_compilers_own_functions_only_sums_of_64_bits_are_wanted() -> None:
    # No atomic access, in particular, calls a function.
    wanted = {
        name for board in BOARDS for name in esp32_check.check(board).undefined if name[:2] == "__"
    }
    assert wanted == {"__udivdi3", "__divdi3", "__lshrdi3"}
