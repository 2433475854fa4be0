"""A file system that is made on the laptop fits its partition, and is what a box would make."""

from pathlib import Path

import pytest
from littlefs import LittleFS
from littlefs.errors import LittleFSError

from undertow.errors import UndertowError
from undertow.flash import filesystem

SIZE = 0xE0000


def mounted(image: bytes, size: int = SIZE) -> LittleFS:
    """The image in a partition that is erased behind it."""
    return filesystem.opened(image.ljust(size, b"\xff"))


def test_files_and_folders_are_in_it(tmp_path: Path) -> None:
    (tmp_path / "deep" / "er").mkdir(parents=True)
    (tmp_path / "note.txt").write_bytes(b"hello")
    (tmp_path / "deep" / "er" / "long.bin").write_bytes(bytes(range(256)) * 200)
    system = mounted(filesystem.make(SIZE, tmp_path))
    with system.open("/note.txt", "rb") as file:
        assert file.read() == b"hello"
    with system.open("/deep/er/long.bin", "rb") as file:
        assert file.read() == bytes(range(256)) * 200


def test_only_used_blocks_are_in_the_image(tmp_path: Path) -> None:
    assert len(filesystem.make(SIZE)) == 2 * 4096
    (tmp_path / "big").write_bytes(b"x" * 50_000)
    assert 50_000 < len(filesystem.make(SIZE, tmp_path)) < 65_000


def test_it_has_as_many_blocks_as_the_partition() -> None:
    with pytest.raises(LittleFSError, match=r"-22"):
        mounted(filesystem.make(SIZE), SIZE + 4096)


def test_the_same_files_give_the_same_bytes(tmp_path: Path) -> None:
    (tmp_path / "b").write_bytes(b"2")
    (tmp_path / "a").write_bytes(b"1")
    assert filesystem.make(SIZE, tmp_path) == filesystem.make(SIZE, tmp_path)


def test_files_that_do_not_fit_are_named(tmp_path: Path) -> None:
    (tmp_path / "huge").write_bytes(b"x" * (SIZE + 1))
    with pytest.raises(UndertowError, match="huge does not go into the file system"):
        filesystem.make(SIZE, tmp_path)
