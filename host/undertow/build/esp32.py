"""The firmware of a real board, built by an installed ESP-IDF.

ESP-IDF is neither fetched nor packaged here: who builds for a board names one, as a folder or as a
container's image. What is built is what esptool writes: three files, and flash.json, which says
where each goes.
"""

import json
import os
import re
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from undertow import paths
from undertow.build import esp32_parts, micropython
from undertow.errors import EXIT_USAGE, UndertowError
from undertow.run import run
from undertow.setup import versions

PORT = paths.PORTS / "esp32"
PROGRAM = "micropython"
# What MicroPython's tree needs beyond what Debian's source package has, for ESP-IDF's build.
WANTED = ("lib/berkeley-db-1.xx/PORT", "lib/micropython-lib/README.md")
WHY = "The firmware of a real board is compiled by ESP-IDF, Espressif's development kit."


@dataclass(frozen=True)
class Idf:
    """An ESP-IDF: a folder on this machine, or the image of a container that has it."""

    folder: Path | None = None
    image: str = ""


def pinned() -> str:
    """The version of ESP-IDF that this firmware is for."""
    return versions.pinned().tools["esp-idf"]


def choose(folder: str = "", image: str = "") -> Idf:
    """The ESP-IDF that was asked for, or the one that IDF_PATH names."""
    if folder and image:
        raise UndertowError(
            "Both --idf and --container are given",
            "Each says where ESP-IDF is.",
            "Give one of them.",
            EXIT_USAGE,
        )
    if image:
        if shutil.which("docker") is None and shutil.which("podman") is None:
            raise UndertowError(
                "There is neither docker nor podman",
                f"One of them runs the image {image}, which has ESP-IDF in it.",
                "Install one, or give --idf DIR with an ESP-IDF of this machine.",
            )
        return Idf(image=image)
    named = folder or os.environ.get("IDF_PATH", "")
    if not named:
        raise UndertowError("There is no ESP-IDF", WHY, how_to_install())
    path = Path(named).expanduser().absolute()
    if not (path / "tools" / "idf.py").is_file():
        raise UndertowError(
            f"{path} is no ESP-IDF",
            "It has no tools/idf.py.",
            how_to_install(),
        )
    _check_version(path)
    return Idf(folder=path)


def how_to_install() -> str:
    """The exact commands, for ESP-IDF's own installation."""
    version = pinned()
    return (
        f"Install version {version}, and say where it is:\n"
        f"  git clone -b v{version} --depth 1 --recursive --shallow-submodules"
        " https://github.com/espressif/esp-idf.git ~/esp-idf\n"
        "  ~/esp-idf/install.sh esp32,esp32s3,esp32c6\n"
        "  ./invoke build --board NAME --idf ~/esp-idf\n"
        "or use Espressif's image:\n"
        f"  ./invoke build --board NAME --container espressif/idf:v{version}"
    )


def _check_version(idf: Path) -> None:
    file = idf / "tools" / "cmake" / "version.cmake"
    text = file.read_text() if file.is_file() else ""
    parts = [
        match[1]
        for name in ("MAJOR", "MINOR", "PATCH")
        if (match := re.search(rf"set\(IDF_VERSION_{name} (\d+)\)", text))
    ]
    found = ".".join(parts)
    if found.split(".")[:2] != pinned().split(".")[:2]:
        raise UndertowError(
            f"{idf} is version {found or 'unknown'} of ESP-IDF",
            f"This firmware is written for {pinned()}: others have another lwIP, and other names.",
            how_to_install(),
        )


def board_folder(board: str) -> Path:
    """The definition of a board, by its name in hardware/boards."""
    known = list(esp32_parts.boards())
    if board not in known:
        raise UndertowError(
            f"There is no board '{board}'",
            "A firmware is built for one board: its chip, pins and flash are in it.",
            f"The boards are: {', '.join(known)}.",
            EXIT_USAGE,
        )
    return PORT / "boards" / board


def check_tree(tree: Path) -> None:
    """ESP-IDF's build of MicroPython needs parts that Debian's source package leaves out."""
    missing = [name for name in WANTED if not (tree / name).exists()]
    if missing:
        version = versions.pinned().sources["micropython"].version
        raise UndertowError(
            f"MicroPython's sources in {tree} lack {', '.join(missing)}",
            "ESP-IDF's build compiles them; the distribution's source package has them not.",
            f"  git clone -b v{version} --depth 1"
            " https://github.com/micropython/micropython ~/micropython\n"
            "  make -C ~/micropython/ports/esp32 BOARD=ESP32_GENERIC submodules\n"
            "  UNDERTOW_MICROPYTHON=~/micropython ./invoke build --board NAME ...",
        )


def command(
    board: str, tree: Path, build: Path, *, dev: bool = False, encrypted: bool = False
) -> list[str]:
    """What ESP-IDF is told to do."""
    given = {
        "MICROPY_BOARD": board,
        "MICROPY_BOARD_DIR": PORT / "boards" / board,
        "USER_C_MODULES": PORT / "micropython.cmake",
        "UNDERTOW_DEV": int(dev),
        "UNDERTOW_ENCRYPTED": int(encrypted),
    }
    return [
        *("idf.py", "-C", str(tree / "ports" / "esp32"), "-B", str(build)),
        *(f"-D{name}={value}" for name, value in given.items()),
        "build",
    ]


def wrapped(idf: Idf, words: Sequence[str], tree: Path, cross: Path) -> list[str]:
    """The same inside ESP-IDF's environment: its export script sets what idf.py needs."""
    if idf.folder is not None:
        script = 'd="$1"; shift; . "$d/export.sh" >/dev/null && exec "$@"'
        return ["bash", "-c", script, "idf", str(idf.folder), *words]
    engine = "docker" if shutil.which("docker") else "podman"
    # Paths are the same inside, so that what it says can be followed outside.
    folders = dict.fromkeys((paths.ROOT, tree.resolve(), paths.cache(), cross.parent))
    mounts = [word for folder in folders for word in ("-v", f"{folder}:{folder}")]
    user = ["-u", f"{os.getuid()}:{os.getgid()}", "-e", "HOME=/tmp"]
    environment = [word for pair in _environment(cross).items() for word in ("-e", "=".join(pair))]
    return [engine, "run", "--rm", *user, *environment, *mounts, idf.image, *words]


def _environment(cross: Path) -> dict[str, str]:
    return {
        "MICROPY_MPYCROSS": str(cross),
        "SOURCE_DATE_EPOCH": micropython.SOURCE_DATE_EPOCH,
    }


def build(
    board: str, idf: str = "", container: str = "", *, dev: bool = False, encrypted: bool = False
) -> Path:
    """Build a board's firmware; the folder with its images and flash.json."""
    board_folder(board)
    chosen = choose(idf, container)
    tree = micropython.tree()
    check_tree(tree.folder)
    cross = micropython.mpy_cross(tree)
    name = board + ("-dev" if dev else "") + ("-encrypted" if encrypted else "")
    out = paths.BUILD / name
    work = out / "idf"
    words = command(board, tree.folder, work, dev=dev, encrypted=encrypted)
    with paths.locked(paths.BUILD / f"{name}.lock"):
        out.mkdir(parents=True, exist_ok=True)
        run(
            wrapped(chosen, words, tree.folder, cross),
            why=f"ESP-IDF builds the firmware of {board}.",
            environment=_environment(cross),
        )
        collect(board, work, out)
    return out


def collect(board: str, work: Path, out: Path) -> None:
    """Put what esptool writes beside each other, with where it goes, from ESP-IDF's own list."""
    said = json.loads((work / "flasher_args.json").read_text())
    images = {}
    for offset, file in said["flash_files"].items():
        name = _NAMES.get(Path(file).name, Path(file).name)
        shutil.copyfile(work / file, out / name)
        images[name] = int(offset, 16)
    missing = set(_NAMES.values()) - images.keys()
    if missing:
        raise UndertowError(
            f"ESP-IDF has built no {', '.join(sorted(missing))}",
            "Its flasher_args.json lists what it built.",
            f"Look at {work / 'flasher_args.json'}, and build again after removing {work}.",
        )
    settings: Mapping[str, object] = said["flash_settings"]
    text = {
        "board": board,
        "chip": said["extra_esptool_args"]["chip"],
        "flash": dict(settings),
        "images": [{"file": name, "offset": offset} for name, offset in sorted(images.items())],
    }
    (out / "flash.json").write_text(json.dumps(text, indent=2) + "\n")


_NAMES = {
    "bootloader.bin": "bootloader.bin",
    "partition-table.bin": "partitions.bin",
    f"{PROGRAM}.bin": "app.bin",
}
