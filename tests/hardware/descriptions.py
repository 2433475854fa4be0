"""Descriptions of boards with something changed in their text, for tests."""

from pathlib import Path

from undertow.hardware import boards
from undertow.hardware.boards import Board


def changed(folder: Path, name: str, *changes: tuple[str, str]) -> Board:
    """The board as its file would describe it with each text replaced; each is there once."""
    return boards.read(file(folder, boards.FOLDER / f"{name}.toml", *changes))


def file(folder: Path, path: Path, *changes: tuple[str, str]) -> Path:
    """A copy of that file with these changes."""
    text = path.read_text()
    for old, new in changes:
        assert text.count(old) == 1, f"'{old}' is {text.count(old)} times in {path.name}"
        text = text.replace(old, new)
    copy = folder / path.name
    copy.write_text(text)
    return copy


OLIMEX = "olimex_esp32_poe"
WT32 = "wt32_eth01"
S3 = "waveshare_esp32_s3_eth"
C6 = "esp32_c6_devkitc_1"
