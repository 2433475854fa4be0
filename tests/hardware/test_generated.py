"""What is made of the descriptions: that it is checked in, and that it says what they say."""

import html
import importlib.util
import json
import re
import subprocess
from pathlib import Path
from types import ModuleType

import pytest

from undertow import paths
from undertow.flash import firmware
from undertow.hardware import (
    boards,
    case,
    constants,
    documents,
    facts,
    generated,
    partitions,
    web_flasher,
    wiring,
)
from undertow.hardware.boards import Board

BOARDS = [boards.load(name) for name in boards.names()]
every_board = pytest.mark.parametrize("board", BOARDS, ids=lambda board: board.name)


def test_what_is_checked_in_is_what_is_made() -> None:
    assert generated.drift() == "", "run ./invoke hardware"


def test_a_file_that_was_changed_by_hand_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    path, text = next(iter(generated.files().items()))
    monkeypatch.setattr(generated, "files", lambda: {path: text.replace("23", "24", 1)})
    assert str(path.relative_to(paths.ROOT)) in generated.drift()


def test_a_drawing_of_another_wiring_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    path, text = next(iter(generated.drawings().items()))
    monkeypatch.setattr(generated, "drawings", lambda: {path: text + "\n"})
    assert "is not the drawing of that wiring" in generated.drift()


def test_solids_of_another_case_are_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(case, "stamp", lambda: "0" * 64)
    assert generated.drift().count("was made of another case") == len(case.SOLIDS) + 1


def test_nothing_is_drawn_when_nothing_has_changed() -> None:
    assert not generated.needs_drawing()
    assert generated.write() == []


def test_no_generated_file_is_left_of_a_board_that_has_gone() -> None:
    made = {*generated.files(), *generated.drawings()}
    for folder, pattern in (
        (facts.FOLDER / "boards", "*.md"),
        (facts.FOLDER / "wiring", "*"),
        (facts.FOLDER / "web-flasher", "*.json"),
        (generated.PORT, "*/board_pins.h"),
        (generated.PORT, "*/partitions*.csv"),
        (generated.PORT, "*/pins.csv"),
    ):
        assert set(folder.glob(pattern)) <= made


@every_board
def test_the_header_compiles_and_says_what_the_description_says(
    board: Board, tmp_path: Path
) -> None:
    """By the compiler's own preprocessor, and as numbers that an #if can use."""
    ethernet = board.ethernet
    expected = {
        "BOARD_FLASH_SIZE": board.flash_size,
        "BOARD_PIN_BUTTON": board.button.gpio,
        "BOARD_PIN_LED": board.led.gpio,
        "BOARD_HAS_ETHERNET": int(ethernet is not None),
        "BOARD_PIN_ETHERNET_MDC": ethernet.lines.get("mdc", -1) if ethernet else -1,
        "BOARD_PIN_ETHERNET_CS": ethernet.lines.get("cs", -1) if ethernet else -1,
        "BOARD_PIN_DISPLAY_SDA": board.display.sda,
    }
    checks = [
        f"_Static_assert(({name}) == ({value}), {json.dumps(name)});\n"
        for name, value in expected.items()
    ]
    names = f'_Static_assert(sizeof BOARD_NAME == {len(board.name) + 1}, "BOARD_NAME");\n'
    source = tmp_path / "pins.c"
    source.write_text('#include "board_pins.h"\n' + "".join(checks) + names)
    (tmp_path / "board_pins.h").write_text(constants.header(board))
    command = ["gcc", "-std=c11", "-Wall", "-Wextra", "-Werror", "-fsyntax-only", str(source)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def description(board: Board) -> ModuleType:
    """The board's frozen module, imported."""
    path = generated.PORT / board.name / "modules" / "board_description.py"
    spec = importlib.util.spec_from_file_location(f"description_of_{board.name}", path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@every_board
def test_the_frozen_module_says_what_the_description_says(board: Board) -> None:
    module = description(board)
    assert [board.name, board.soc.name] == [module.NAME, module.SOC]
    led = {"kind": board.led.kind, "pin": board.led.gpio, "is_active_low": board.led.is_active_low}
    assert led == module.LED
    assert board.button.gpio == module.BUTTON["pin"]
    assert board.button.is_active_low == module.BUTTON["is_active_low"]
    display = [module.DISPLAY["sda"], module.DISPLAY["scl"], module.DISPLAY["address"]]
    assert [board.display.sda, board.display.scl, board.display.address] == display
    assert partitions.find(partitions.table(board), "vfs").size == module.VFS_SIZE
    if board.ethernet is None:
        assert module.ETHERNET is None
    else:
        assert board.ethernet.lines.items() <= module.ETHERNET.items()


@every_board
def test_pins_csv_names_no_pin_of_the_memory_and_none_that_is_not_there(board: Board) -> None:
    rows = [line.split(",") for line in constants.pins(board).splitlines()]
    names = [name for name, _ in rows]
    assert len(names) == len(set(names))
    numbers = {int(gpio.removeprefix("GPIO")) for _, gpio in rows}
    assert numbers <= set(board.soc.gpios) - set(board.soc.flash_pins)
    assert ["BUTTON", f"GPIO{board.button.gpio}"] in rows


@every_board
def test_the_manifest_puts_each_file_where_the_table_has_it(board: Board) -> None:
    content = json.loads(web_flasher.manifest(board))
    (build,) = content["builds"]
    assert build["chipFamily"] == board.soc.web_flasher
    offsets = {part["path"].split("/")[1]: part["offset"] for part in build["parts"]}
    rows = partitions.table(board)
    assert offsets["bootloader.bin"] == board.soc.bootloader_offset
    assert offsets["partitions.bin"] == 0x8000
    assert offsets["app.bin"] == partitions.find(rows, "ota_0").offset
    assert offsets["otadata.bin"] == partitions.find(rows, "otadata").offset
    named = {f"{name}.bin" for name in firmware.NAMES} - {f"{firmware.FILES}.bin"}
    assert set(offsets) == named, "as a release has them"
    # Neither the keys nor the files of a box that is flashed anew.
    assert partitions.find(rows, "nvs").offset not in offsets.values()
    assert partitions.find(rows, "vfs").offset not in offsets.values()
    assert content["new_install_prompt_erase"] is True


@every_board
def test_the_drawing_shows_every_wire(board: Board) -> None:
    text = wiring.yaml(board)
    svg = (facts.FOLDER / "wiring" / f"{board.name}.svg").read_text()
    shown = html.unescape(" ".join(re.findall(r">([^<>]+)</text>", svg)))
    names = re.findall(r'"([^"]+)"', text)
    assert len(names) >= 8
    for name in names:
        assert name in shown, name
    assert svg.count("<svg") == 1 and "href" not in svg.replace("xmlns:xlink", "")


@every_board
def test_the_page_names_every_pin_and_what_is_not_confirmed(board: Board) -> None:
    page = documents.page(board)
    for use in boards.uses(board):
        assert use.purpose in page or use.purpose in ("flash", "PSRAM")
    for text in board.unconfirmed:
        assert text in page
    for source in board.sources:
        assert source.url in page


def test_a_document_without_its_section_is_refused() -> None:
    with pytest.raises(ValueError, match="no section 'boards'"):
        documents.with_sections("# Hardware\n", {"boards": "x"})
