"""A file system that the laptop made is a box's own: it is mounted, and written to."""

from collections.abc import Callable
from pathlib import Path

from undertow.board import flash
from undertow.board.scene import Scene
from undertow.console import Console
from undertow.flash import filesystem

FILES = {"note.txt": b"from the laptop", "deep/er/long.bin": bytes(range(256)) * 40}


def test_a_file_system_of_the_laptop_is_mounted_kept_and_written_to(
    scene: Scene, connect: Callable[[], Console], tmp_path: Path
) -> None:
    for name, content in FILES.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(content)
    image = filesystem.make(flash.SIZE, tmp_path)
    assert len(image) < flash.SIZE // 2
    # As a chip has it: what the image does not reach is erased.
    scene.board.flash.write_bytes(image.ljust(flash.SIZE, b"\xff"))
    scene.power()
    console = connect()
    assert console.hello().state == "blank"
    scene.provision(console)
    assert console.hello().state in ("ready", "live")
    assert not any("flash" in line for line in console.log())
    scene.board.stop()
    system = filesystem.opened(scene.board.flash.read_bytes())
    for name, content in FILES.items():
        with system.open(f"/{name}", "rb") as file:
            assert file.read() == content
    # The box's settings are beside them: it took this file system for its own.
    assert {"note.txt", "deep"} < set(system.listdir("/"))
