"""A chip that is asked without esptool, where only the plan is at stake."""

from collections.abc import Sequence
from pathlib import Path

from tests.support.romloader import RomLoader

from undertow.flash.tool import Inspection, Piece, Tool


class OfflineTool(Tool):
    """Looks into the flash itself."""

    def __init__(self, loader: RomLoader) -> None:
        super().__init__("offline", 115200)
        self._flash = loader.flash

    def inspect(self, pieces: Sequence[Piece]) -> Inspection:
        matches = tuple(
            self._flash.read(piece.offset, piece.file.stat().st_size) == piece.file.read_bytes()
            for piece in pieces
        )
        return Inspection("ESP32", "", self._flash.size, matches)

    def read(self, offset: int, size: int, file: Path) -> None:
        file.write_bytes(self._flash.read(offset, size))
