"""All files that are made of hardware/*.toml, and whether those that are checked in are those.

python -m undertow.hardware            write them
python -m undertow.hardware --check    exit with status 1 if they say something else
"""

import difflib
from pathlib import Path

from undertow import paths
from undertow.errors import UndertowError
from undertow.hardware import (
    boards,
    case,
    constants,
    documents,
    facts,
    partitions,
    rules,
    web_flasher,
    wiring,
)
from undertow.hardware.boards import Board

PORT = paths.PORTS / "esp32" / "boards"


def files() -> dict[Path, str]:
    """Every generated text, by its path; drawings are not among them (drawings())."""
    found: dict[Path, str] = {}
    for name in boards.names():
        found |= of_board(sound(boards.load(name)))
    found[case.FOLDER / f"{case.NAME}.scad"] = case.dimensions(case.load())
    readme = facts.FOLDER / "README.md"
    sections = {"boards": documents.choice(), "wiring": documents.pictures()}
    found[readme] = documents.with_sections(readme.read_text(), sections)
    return found


def sound(board: Board) -> Board:
    """The board, if it keeps the rules."""
    found = rules.broken(board) + partitions.faults(partitions.table(board), board.flash_size)
    if found:
        raise UndertowError(
            f"The description of {board.name} breaks a rule",
            "; ".join(found) + ".",
            f"Mend hardware/boards/{board.name}.toml.",
        )
    return board


def of_board(board: Board) -> dict[Path, str]:
    """The files of one board."""
    folder = PORT / board.name
    found = {
        folder / "board_pins.h": constants.header(board),
        folder / "modules" / "board_description.py": constants.module(board),
        folder / "pins.csv": constants.pins(board),
        folder / "partitions.csv": partitions.csv(partitions.table(board)),
        facts.FOLDER / "boards" / f"{board.name}.md": documents.page(board),
        facts.FOLDER / "wiring" / f"{board.name}.yml": wiring.yaml(board),
        facts.FOLDER / "web-flasher" / f"{board.name}.json": web_flasher.manifest(board),
    }
    encrypted = partitions.table(board, encrypted=True)
    found[folder / "partitions-encrypted.csv"] = partitions.csv(encrypted)
    return found


def drawings() -> dict[Path, str]:
    """Where each drawing is, and the text that it is drawn from."""
    folder = facts.FOLDER / "wiring"
    return {folder / f"{name}.svg": wiring.yaml(boards.load(name)) for name in boards.names()}


def drift() -> str:
    """How what is checked in differs from what would be made; empty if it does not."""
    found: list[str] = []
    for path, made in files().items():
        written = path.read_text() if path.exists() else ""
        found += difflib.unified_diff(
            written.splitlines(keepends=True),
            made.splitlines(keepends=True),
            str(path.relative_to(paths.ROOT)),
            "hardware/*.toml",
        )
    for path, text in drawings().items():
        if not path.exists() or not wiring.is_drawn_from(path.read_text(), text):
            found.append(f"{path.relative_to(paths.ROOT)} is not the drawing of that wiring\n")
    for path in case.outdated():
        found.append(f"{path.relative_to(paths.ROOT)} was made of another case\n")
    return "".join(found)


def needs_drawing() -> bool:
    """Whether a drawing or a solid is missing or another's, so that their programs are needed."""
    return bool(case.outdated()) or any(
        not path.exists() or not wiring.is_drawn_from(path.read_text(), text)
        for path, text in drawings().items()
    )


def write() -> list[Path]:
    """Write what differs, and draw what is to be drawn anew (by Graphviz). Returns those."""
    changed = []
    for path, made in files().items():
        if not path.exists() or path.read_text() != made:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(made)
            changed.append(path)
    for path, text in drawings().items():
        if not path.exists() or not wiring.is_drawn_from(path.read_text(), text):
            path.write_text(wiring.draw(text))
            changed.append(path)
    return changed + case.render()
