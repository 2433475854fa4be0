"""The manifest with which ESP Web Tools flashes a board from a browser (Chrome, Edge)."""

import json
import re

from undertow import paths
from undertow.hardware import partitions
from undertow.hardware.boards import Board


def parts(board: Board) -> tuple[tuple[str, int], ...]:
    """The files of a release, and where each goes. Not nvs and vfs: a box keeps those."""
    rows = partitions.table(board)
    return (
        ("bootloader.bin", board.soc.bootloader_offset),
        ("partitions.bin", partitions.TABLE_OFFSET),
        ("otadata.bin", partitions.find(rows, "otadata").offset),
        ("app.bin", partitions.find(rows, "ota_0").offset),
    )


def manifest(board: Board) -> str:
    """The manifest, to be put beside a folder NAME into which a release was unpacked."""
    content = {
        "name": f"Undertow on {board.title}",
        "version": version(),
        "new_install_prompt_erase": True,  # erasing forgets a box's keys: never unasked
        "new_install_improv_wait_time": 15,  # seconds; the box answers Improv once it has started
        "builds": [
            {
                "chipFamily": board.soc.web_flasher,
                "improv": True,
                "parts": [
                    {"path": f"{board.name}/{file}", "offset": offset}
                    for file, offset in parts(board)
                ],
            }
        ],
    }
    return json.dumps(content, indent=2) + "\n"


def version() -> str:
    """The firmware's, from firmware/box/version.py."""
    text = (paths.FIRMWARE / "box" / "version.py").read_text()
    found = re.search(r'^VERSION = "([^"]+)"', text, re.MULTILINE)
    return found[1] if found else "development"
