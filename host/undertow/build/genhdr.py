"""MicroPython's generated headers for some C files, made with its own scripts as its builds do."""

import re
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from undertow.run import run


@dataclass(frozen=True)
class Preprocessor:
    """A command that preprocesses: of a file, or of standard input."""

    command: Sequence[str]

    def file(self, source: Path, *flags: str) -> str:
        return run(
            [*self.command, *flags, str(source)],
            why=f"It looks for MicroPython's names in {source.name}.",
        )

    def text(self, text: str) -> str:
        done = subprocess.run(
            [*self.command, "-"], input=text, capture_output=True, text=True, check=True
        )
        return done.stdout


def generate(tree: Path, folder: Path, sources: Sequence[Path], preprocessor: Preprocessor) -> None:
    """Write genhdr: names (qstrs), modules, root pointers and the version.

    tree: MicroPython's. sources: the C files in which names are looked for.
    """
    py = tree / "py"
    folder.mkdir(parents=True, exist_ok=True)
    for name in ("qstrdefs.generated.h", "moduledefs.h", "root_pointers.h", "mpversion.h"):
        (folder / name).touch()  # they include each other before they are there
    text = "".join(preprocessor.file(source, "-DNO_QSTR") for source in sources)
    (folder / "all.i").write_text(text)
    collected = {kind: _collect(py, folder, kind) for kind in ("qstr", "module", "root_pointer")}
    names = "".join(
        file.read_text()
        for file in (
            py / "qstrdefs.h",
            tree / "ports" / "esp32" / "qstrdefsport.h",
            collected["qstr"],
        )
    )
    quoted = re.sub(r"^(Q\(.*\))", r'"\1"', names, flags=re.M)
    plain = re.sub(r'^"(Q\(.*\))"', r"\1", preprocessor.text(quoted), flags=re.M)
    (folder / "qstrdefs.preprocessed.h").write_text(plain)
    for script, given, made in (
        ("makeqstrdata.py", "qstrdefs.preprocessed.h", "qstrdefs.generated.h"),
        ("makemoduledefs.py", "module.collected", "moduledefs.h"),
        ("make_root_pointers.py", "root_pointer.collected", "root_pointers.h"),
    ):
        (folder / made).write_text(_script(py, script, folder / given))
    _script(py, "makeversionhdr.py", folder / "mpversion.h")


def _collect(py: Path, folder: Path, kind: str) -> Path:
    collected = folder / f"{kind}.collected"
    for old in (folder / kind).glob("*"):
        old.unlink()
    _script(py, "makeqstrdefs.py", "split", kind, folder / "all.i", folder / kind, "_")
    _script(py, "makeqstrdefs.py", "cat", kind, "_", folder / kind, collected)
    return collected


def _script(py: Path, name: str, *arguments: str | Path) -> str:
    done = subprocess.run(
        [sys.executable, py / name, *arguments], capture_output=True, text=True, check=True
    )
    return done.stdout
