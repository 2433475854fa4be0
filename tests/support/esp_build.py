"""What the build of a real board leaves: `python -m tests.support.esp_build BOARD FOLDER`."""

import sys
from pathlib import Path

from tests.support import esp_image

from undertow.hardware import boards, partitions

LARGE = 1_400_000  # about what MicroPython with networking has


def make(folder: Path, board: str = "olimex_esp32_poe", size: int = 60_000, seed: int = 1) -> Path:
    """Images that are valid and empty. size: of the program's contents."""
    described = boards.load(board)
    folder.mkdir(parents=True, exist_ok=True)
    chip_id = described.soc.chip_id
    (folder / "bootloader.bin").write_bytes(esp_image.bootloader(chip_id))
    table = partitions.binary(partitions.table(described))
    (folder / "partitions.bin").write_bytes(table)
    (folder / "app.bin").write_bytes(esp_image.program(chip_id, size, seed=seed))
    return folder


if __name__ == "__main__":
    make(Path(sys.argv[2]), sys.argv[1], LARGE)
