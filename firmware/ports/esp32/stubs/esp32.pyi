"""What of MicroPython's esp32 our boards use, as version 1.25 has it (esp32_nvs.c, esp32_partition.c)."""

from typing import Optional

from _typeshed import ReadableBuffer, WriteableBuffer

class NVS:
    """A namespace. Keys have up to 15 characters. OSError(-code of ESP-IDF, its name): what went wrong."""

    def __init__(self, namespace: str) -> None: ...
    def get_i32(self, key: str) -> int: ...
    def set_i32(self, key: str, value: int) -> None: ...
    def get_blob(self, key: str, buffer: WriteableBuffer) -> int:
        """How long it is. OSError: it is longer than the buffer."""

    def set_blob(self, key: str, value: ReadableBuffer) -> None: ...
    def erase_key(self, key: str) -> None: ...
    def commit(self) -> None: ...

class Partition:
    """A part of the flash; a block device with blocks of 4096 bytes."""

    TYPE_APP: int
    TYPE_DATA: int

    @staticmethod
    def find(
        type: int = 0, subtype: int = 0xFF, label: Optional[str] = None
    ) -> "list[Partition]": ...
    @classmethod
    def mark_app_valid_cancel_rollback(cls) -> None: ...
    def readblocks(self, block: int, buffer: WriteableBuffer, offset: int = 0) -> None: ...
    def writeblocks(self, block: int, buffer: ReadableBuffer, offset: int = 0) -> None:
        """Without an offset the blocks are erased first."""

    def ioctl(self, operation: int, argument: int) -> Optional[int]: ...
