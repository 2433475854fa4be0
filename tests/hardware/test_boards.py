"""What the files say of boards and chips, and that nothing else is taken for it."""

import importlib.metadata
import re
import tomllib
from pathlib import Path

import pytest
from tests.hardware.descriptions import C6, OLIMEX, S3, WT32, changed, file

from undertow.errors import UndertowError
from undertow.hardware import boards, facts, socs

ALL = boards.names()
FILES = sorted(facts.FOLDER.glob("*/*.toml"))


def test_the_boards_that_were_asked_for_are_there_and_the_open_one_is_first() -> None:
    assert ALL[0] == OLIMEX
    assert set(ALL) == {OLIMEX, WT32, S3, C6}
    assert {boards.load(name).soc.architecture for name in ALL} == {"xtensa", "riscv32"}


@pytest.mark.parametrize("name", socs.names())
def test_a_chip_is_the_one_that_esptool_knows(name: str) -> None:
    """esptool is read, not imported: it is GPL, and a program of its own."""
    installed = importlib.metadata.distribution("esptool")
    text = Path(str(installed.locate_file(f"esptool/targets/{name}.py"))).read_text()
    soc = socs.load(name)

    def number(constant: str) -> int:
        match = re.search(rf"^    {constant} = (\w+)", text, re.MULTILINE)
        assert match is not None
        return int(match[1], 0)

    assert soc.chip_id == number("IMAGE_CHIP_ID")
    assert soc.bootloader_offset == number("BOOTLOADER_FLASH_OFFSET")
    assert re.search(rf'CHIP_NAME = "{re.escape(soc.title)}"', text)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_every_source_is_used_and_is_a_public_document(path: Path) -> None:
    content = tomllib.loads(path.read_text())
    sources = content.pop("sources")

    def named(part: object) -> set[str]:
        if isinstance(part, list):
            return {key for one in part for key in named(one)}
        if isinstance(part, dict):
            own = part.get("source", []) if isinstance(part.get("source", []), list) else []
            return {*own, *(key for one in part.values() for key in named(one))}
        return set()

    assert named(content) == set(sources)
    assert all(source["url"].startswith("https://") for source in sources.values())


def test_a_table_without_a_source_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UndertowError, match="'source' is missing"):
        changed(tmp_path, OLIMEX, ('source = ["layout", "paxcounter"]\n\n[display]', "\n[display]"))
    with pytest.raises(UndertowError, match="names no source"):
        changed(tmp_path, OLIMEX, ('source = ["layout", "uext"]', "source = []"))
    with pytest.raises(UndertowError, match="'hearsay' is not in"):
        changed(tmp_path, OLIMEX, ('source = ["layout", "uext"]', 'source = ["hearsay"]'))


@pytest.mark.parametrize(
    ("old", "new", "why"),
    [
        ("mdc = 23", "mcd = 23", "'mdc' is missing"),
        ("is_active_low = true", "is_active_low = true\nis_pretty = true", "unknown: is_pretty"),
        ("mdio = 18", "mdio = -1", "'mdio' has to be a whole number"),
        ("mdio = 18", "mdio = true", "'mdio' has to be a whole number"),
        ("mdio = 18", 'mdio = "18"', "'mdio' has to be of another type"),
        ('phy = "LAN8720"', 'phy = "LAN9999"', "'phy' is 'LAN9999'"),
        ('soc = "esp32"', 'soc = "esp99"', "esp99.toml"),
        ('name = "olimex_esp32_poe"', 'name = "another"', "its name is 'another'"),
        ("flash_kb = 4096", "flash_kb = 4096 =", "it is no TOML"),
    ],
)
def test_a_description_is_read_strictly(tmp_path: Path, old: str, new: str, why: str) -> None:
    with pytest.raises(UndertowError, match="(?i)" + re.escape(why)):
        changed(tmp_path, OLIMEX, (old, new))


def test_a_board_that_nothing_could_flash_is_refused(tmp_path: Path) -> None:
    path = boards.FOLDER / f"{WT32}.toml"
    start, end = path.read_text().index("[uart]"), path.read_text().index("[power]")
    with pytest.raises(UndertowError, match="nothing could flash it"):
        boards.read(file(tmp_path, path, (path.read_text()[start:end], "")))


def test_an_unknown_board_is_told_with_the_known_ones() -> None:
    with pytest.raises(UndertowError, match="only olimex_esp32_poe, "):
        boards.load("toaster")


def test_what_is_not_confirmed_is_said_of_the_board() -> None:
    assert any("460800" in text for text in boards.load(OLIMEX).unconfirmed)
    for name in ALL:
        text = (boards.FOLDER / f"{name}.toml").read_text()
        assert text.count("unconfirmed = ") == len(boards.load(name).unconfirmed)
        listed = {source.key for source in boards.load(name).sources}
        assert listed == set(tomllib.loads(text)["sources"])


@pytest.mark.parametrize("name", ALL)
def test_every_pin_of_a_board_has_a_purpose_once(name: str) -> None:
    board = boards.load(name)
    gpios = [use.gpio for use in boards.uses(board)]
    assert len(gpios) == len(set(gpios))
    assert {board.soc.uart0[0], board.button.gpio, board.led.gpio} <= set(gpios)
