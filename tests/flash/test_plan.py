"""What is on a flash decides what is done to it; nothing that a box made is lost."""

from collections.abc import Callable
from pathlib import Path

import pytest
from tests.flash.conftest import chip, is_complete, precious, put, use
from tests.flash.offline import OfflineTool
from tests.support.romloader import Faults, PtyFront, RomLoader

from undertow.errors import UndertowError
from undertow.flash import plan
from undertow.flash.firmware import FILES, Firmware
from undertow.flash.plan import Plan, Step
from undertow.flash.tool import Tool

Load = Callable[[], Firmware]

ALL = {"bootloader", "partitions", "otadata", "app", "files"}


def planned(loader: RomLoader, firmware: Firmware, erase: bool = False) -> Plan:
    tool = OfflineTool(loader)
    with plan.Pieces() as pieces:
        found = plan.look(tool, firmware, pieces)
        return plan.decide(tool, firmware, found, pieces, erase)


def of(made: Plan, step: Step) -> set[str]:
    return {name for name, chosen in made.steps.items() if chosen is step}


def test_a_blank_flash_gets_all_but_what_is_blank_itself(load: Load) -> None:
    made = planned(chip(), load())
    assert of(made, Step.WRITE) == ALL - {"otadata"}
    assert (made.is_whole, made.loses, made.keeps) == (False, (), ())


def test_a_choice_between_programs_is_reset_to_the_one_that_is_written(load: Load) -> None:
    loader = chip()
    put(loader, load())
    loader.flash.program(load().row("otadata").offset, b"\x02\0\0\0 the second one runs")
    assert of(planned(loader, load()), Step.WRITE) == {"otadata"}


@pytest.mark.parametrize("block", [0, 1])
def test_a_file_system_that_a_box_has_written_to_is_kept(load: Load, block: int) -> None:
    loader = chip()
    put(loader, load())
    files = load().part(FILES)
    used = len(files.content[block * 4096 : (block + 1) * 4096].rstrip(b"\xff"))
    # The box's first file goes behind what the laptop has put into one of the first two blocks.
    loader.flash.program(files.offset + block * 4096 + used + 64, b"a small file" * 30)
    made = planned(loader, load())
    assert made.steps[FILES] is Step.KEEP
    assert "its files" in made.keeps


def test_files_at_the_end_of_a_file_system_are_a_box_s_too(load: Load) -> None:
    loader = chip()
    put(loader, load())
    loader.flash.program(load().row("vfs").end - 4096, b"a lease")
    assert planned(loader, load()).steps[FILES] is Step.KEEP


def test_a_box_in_use_loses_nothing(load: Load) -> None:
    loader = chip()
    put(loader, load())
    kept = use(loader, load())
    made = planned(loader, load())
    assert made.to_write(load()) == []
    assert made.keeps == ("the box's private key and settings", "its files")
    assert precious(loader, load()) == kept


def test_erasing_a_blank_flash_loses_nothing(load: Load) -> None:
    made = planned(chip(), load(), erase=True)
    assert (made.is_whole, made.loses) == (True, ())


def test_keys_of_an_encrypted_nvs_are_named_before_they_are_lost(load: Load) -> None:
    loader = chip()
    put(loader, load())
    loader.flash.program(load().row("nvs_keys").offset, b"key")
    assert "the keys that encrypt its settings" in planned(loader, load(), erase=True).loses
    assert "nvs_keys" not in {part.name for part in load().parts}


@pytest.mark.parametrize("name", ["nvs", "vfs"])
def test_what_lies_in_another_layout_is_nobodys_to_keep_or_to_take(load: Load, name: str) -> None:
    loader = chip()
    loader.flash.program(load().row(name).offset + 8192, b"photographs")
    with pytest.raises(UndertowError, match="holds something else"):
        planned(loader, load())
    assert planned(loader, load(), erase=True).is_whole


def test_every_beginning_of_an_image_is_known_for_one() -> None:
    wanted = bytes(range(1, 200)) * 50
    for length in range(0, len(wanted), 37):
        there = wanted[:length].ljust(len(wanted), b"\xff")
        assert plan.is_beginning(there, wanted)


def test_what_no_interruption_leaves_is_no_beginning() -> None:
    wanted = bytes(range(1, 200)) * 50
    beginning = bytearray(wanted[:1000].ljust(len(wanted), b"\xff"))
    for at in (1500, len(wanted) - 1):  # something behind the page that was under way
        assert not plan.is_beginning(beginning[:at] + b"\0" + beginning[at + 1 :], wanted)
    # A bit that is gone and should be there: no power cut takes it.
    assert not plan.is_beginning(beginning[:999] + b"\0" + beginning[1000:], wanted)


def test_a_chip_that_lost_the_helper_in_between_is_reset_and_gets_it_again(
    load: Load, tmp_path: Path
) -> None:
    loader = chip()
    with PtyFront(loader) as line, plan.Pieces() as pieces:
        tool = Tool(line.url, 460_800)
        found = plan.look(tool, load(), pieces)
        loader.reset()
        loader.faults = Faults(deaf_syncs=10)  # until it is reset into download mode
        parts = [part for part in load().parts if part.name != "otadata"]
        asked = [pieces.make(part.offset, part.content) for part in parts]
        tool.write(found.inspection.chip, asked, False, lambda number, fraction: None)
    assert is_complete(loader, load())
