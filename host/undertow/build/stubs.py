"""The stubs in firmware/stubs: the `///` lines above each function of our C modules.

`CONSTANT(NAME, ...)  // why` in a list of constants becomes a name as well. All else is copied.

    python -m undertow.build.stubs           write them
    python -m undertow.build.stubs --check   exit with status 1 if they say something else
"""

import difflib
import re
import subprocess
import sys
from pathlib import Path

from undertow import paths
from undertow.errors import UndertowError

FOLDER = paths.FIRMWARE / "stubs"

_LINE = re.compile(r"^/// ?(.*)$")
_CONSTANT = re.compile(r"^CONSTANT\((\w+), [^)]*\)(?: *// *(.*))?$")


def module_sources() -> dict[str, list[Path]]:
    """For each of our modules, the C files that its stub is made of, in order."""
    binding = paths.NATIVE / "binding"
    mpy = paths.NATIVE / "mpy"
    virt = paths.PORTS / "virt"
    return {
        "_board": [
            virt / "modboard.c",
            paths.PORTS / "esp32" / "modboard_esp32.c",
            virt / "flash.c",
        ],
        "_wg": [binding / "bind_constants.h", *paths.listed_sources(binding / "sources.txt")],
        "_carrier": [mpy / "modcarrier.c"],
        "_datapath": [mpy / f"moddatapath{part}.c" for part in ("", "_stream")],
        "_router": [
            mpy / f"modrouter{part}.c"
            for part in ("", "_uplink", "_lan", "_stream", "_inside", "_sign_in", "_counters")
        ],
        "_system": [mpy / "modsystem.c"],
    }


def stub_text(source: str) -> str:
    """What one C file says for the stubs."""
    lines: list[str] = []
    for line in source.splitlines():
        if match := _LINE.match(line):
            lines.append(match[1])
        elif match := _CONSTANT.match(line):
            lines.append(f"{match[1]}: int" + (f"  # {match[2]}" if match[2] else ""))
        elif lines and lines[-1]:
            lines.append("")
    return "\n".join(lines)


def generate(module: str) -> str:
    """The stub of a module, formatted."""
    text = "\n".join(stub_text(source.read_text()) for source in module_sources()[module])
    command: list[str | Path] = [sys.executable, "-m", "ruff", "format"]
    command += ["--stdin-filename", FOLDER / f"{module}.pyi", "-"]
    done = subprocess.run(
        command, input=text, capture_output=True, text=True, check=False, cwd=paths.ROOT
    )
    if done.returncode != 0:
        raise UndertowError(
            f"The stub of {module} is no Python",
            done.stderr.strip(),
            f"Mend the /// lines in {', '.join(str(s) for s in module_sources()[module])}.",
        )
    return done.stdout


def drift() -> str:
    """How the files in firmware/stubs differ from what the C says; empty if they do not."""
    found: list[str] = []
    for module in module_sources():
        path = FOLDER / f"{module}.pyi"
        written = path.read_text().splitlines(keepends=True) if path.exists() else []
        made = generate(module).splitlines(keepends=True)
        found += difflib.unified_diff(written, made, str(path), "the /// lines")
    return "".join(found)


def write() -> None:
    """Write all stubs."""
    for module in module_sources():
        (FOLDER / f"{module}.pyi").write_text(generate(module))


def main() -> int:
    """Write, or check."""
    if "--check" not in sys.argv[1:]:
        write()
        return 0
    found = drift()
    print(found, end="")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
