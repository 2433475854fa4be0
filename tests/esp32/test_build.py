"""Building a real board: what is asked of ESP-IDF, and what is said without one.

ESP-IDF itself is not here. A stand-in writes down how it was called, and leaves what the real one
leaves; that the real one accepts it is not shown by this (firmware/ports/esp32/README.md).
"""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from undertow import paths
from undertow.build import esp32, esp32_parts, micropython
from undertow.errors import EXIT_USAGE, UndertowError

IDF_PY = """#!/bin/sh
printf '%s\\n' "$@" > "$RECORD"
while [ "$1" != -B ]; do shift; done
mkdir -p "$2/bootloader" "$2/partition_table"
printf b > "$2/bootloader/bootloader.bin"
printf p > "$2/partition_table/partition-table.bin"
printf a > "$2/micropython.bin"
cat > "$2/flasher_args.json" <<END
{"flash_settings": {"flash_mode": "dio", "flash_size": "4MB", "flash_freq": "80m"},
 "flash_files": {"0x1000": "bootloader/bootloader.bin", "0x10000": "micropython.bin",
                 "0x8000": "partition_table/partition-table.bin"},
 "extra_esptool_args": {"chip": "esp32"}}
END
"""


@pytest.fixture
def idf(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that looks like ESP-IDF and records."""
    folder = tmp_path / "esp-idf"
    (folder / "tools" / "cmake").mkdir(parents=True)
    program = folder / "tools" / "idf.py"
    program.write_text(IDF_PY)
    program.chmod(0o755)
    (folder / "export.sh").write_text(f'export PATH="{folder}/tools:$PATH"\n')
    major, minor, patch = esp32.pinned().split(".")
    (folder / "tools" / "cmake" / "version.cmake").write_text(
        f"set(IDF_VERSION_MAJOR {major})\nset(IDF_VERSION_MINOR {minor})\n"
        f"set(IDF_VERSION_PATCH {patch})\n"
    )
    monkeypatch.setenv("RECORD", str(tmp_path / "record"))
    monkeypatch.delenv("IDF_PATH", raising=False)
    monkeypatch.setattr(paths, "BUILD", tmp_path / "build")
    monkeypatch.setattr(esp32, "WANTED", ())
    return folder


def test_the_three_images_and_where_they_go_lie_in_the_boards_folder(
    idf: Path, tmp_path: Path
) -> None:
    out = esp32.build("olimex_esp32_poe", str(idf))
    assert out == tmp_path / "build" / "olimex_esp32_poe"
    assert [
        (out / name).read_text() for name in ("bootloader.bin", "partitions.bin", "app.bin")
    ] == [*("b", "p", "a")]
    told = json.loads((out / "flash.json").read_text())
    assert (told["board"], told["chip"]) == ("olimex_esp32_poe", "esp32")
    assert {each["file"]: each["offset"] for each in told["images"]} == {
        "bootloader.bin": 0x1000,
        "partitions.bin": 0x8000,
        "app.bin": 0x10000,
    }


def test_esp_idf_is_told_of_the_board_its_modules_and_nothing_in_the_tree_is_written(
    idf: Path, tmp_path: Path
) -> None:
    esp32.build("wt32_eth01", str(idf), dev=True)
    words = (tmp_path / "record").read_text().splitlines()
    tree = micropython.tree().folder
    assert words[:4] == [
        *("-C", str(tree / "ports" / "esp32")),
        *("-B", str(tmp_path / "build" / "wt32_eth01-dev" / "idf")),
    ]
    assert set(words[4:]) == {
        "-DMICROPY_BOARD=wt32_eth01",
        f"-DMICROPY_BOARD_DIR={esp32_parts.PORT}/boards/wt32_eth01",
        f"-DUSER_C_MODULES={esp32_parts.PORT}/micropython.cmake",
        "-DUNDERTOW_DEV=1",
        "-DUNDERTOW_ENCRYPTED=0",
        "build",
    }


def test_without_esp_idf_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("IDF_PATH", raising=False)
    with pytest.raises(UndertowError) as caught:
        esp32.choose()
    assert f"git clone -b v{esp32.pinned()}" in caught.value.mend
    assert f"--container espressif/idf:v{esp32.pinned()}" in caught.value.mend


def test_another_version_is_refused(idf: Path) -> None:
    version = idf / "tools" / "cmake" / "version.cmake"
    version.write_text(version.read_text().replace("MINOR 4", "MINOR 1"))
    with pytest.raises(UndertowError) as caught:
        esp32.choose(str(idf))
    assert "5.1" in caught.value.what


def test_a_folder_that_is_none_and_an_unknown_board_are_refused(tmp_path: Path) -> None:
    with pytest.raises(UndertowError) as caught:
        esp32.choose(str(tmp_path))
    assert "tools/idf.py" in caught.value.why
    with pytest.raises(UndertowError) as caught:
        esp32.build("esp32_generic")
    assert (caught.value.exit_code, "olimex_esp32_poe" in caught.value.mend) == (EXIT_USAGE, True)


def test_sources_without_what_esp_idf_compiles_are_refused(tmp_path: Path) -> None:
    with pytest.raises(UndertowError) as caught:
        esp32.check_tree(tmp_path)
    assert "submodules" in caught.value.mend


# --- the build files, read by CMake itself ---

PROJECT = """
cmake_minimum_required(VERSION 3.16)
set(MICROPY_BOARD_DIR "{board}")
include("{board}/mpconfigboard.cmake")
project(check C)
set(USER_C_MODULES "{port}/micropython.cmake")
include("{tree}/py/usermod.cmake")
file(WRITE "${{CMAKE_BINARY_DIR}}/sources" "${{MICROPY_SOURCE_BOARD}};${{MICROPY_SOURCE_USERMOD}}")
file(WRITE "${{CMAKE_BINARY_DIR}}/includes" "${{MICROPY_INC_USERMOD}}")
file(WRITE "${{CMAKE_BINARY_DIR}}/settings" "${{SDKCONFIG_DEFAULTS}}")
file(WRITE "${{CMAKE_BINARY_DIR}}/definitions" "${{MICROPY_DEF_BOARD}}")
get_property(inherited DIRECTORY PROPERTY COMPILE_DEFINITIONS)
file(WRITE "${{CMAKE_BINARY_DIR}}/inherited" "${{inherited}}")
get_source_file_property(options "{core}/wg_chacha20.c" COMPILE_OPTIONS)
file(WRITE "${{CMAKE_BINARY_DIR}}/options" "${{options}}")
file(WRITE "${{CMAKE_BINARY_DIR}}/target" "${{IDF_TARGET}}")
# As esp32_common.cmake and ESP-IDF's project.cmake put a program together.
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
file(WRITE "${{CMAKE_BINARY_DIR}}/empty.c" "")
add_library(main STATIC "${{CMAKE_BINARY_DIR}}/empty.c" ${{MICROPY_SOURCE_BOARD}})
target_compile_definitions(main PUBLIC ${{MICROPY_DEF_BOARD}})
target_link_libraries(main usermod)
add_executable(program "${{CMAKE_BINARY_DIR}}/empty.c")
target_link_libraries(program PRIVATE main)
# What mkrules.cmake takes to look for names.
get_target_property(named main COMPILE_DEFINITIONS)
file(WRITE "${{CMAKE_BINARY_DIR}}/named" "${{named}}")
"""


@pytest.fixture(scope="module", params=sorted(esp32_parts.boards()))
def read(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> tuple[str, Path]:
    """A board whose build files CMake has read; the folder with what came of it."""
    folder = tmp_path_factory.mktemp("cmake")
    board = esp32_parts.PORT / "boards" / request.param
    (folder / "CMakeLists.txt").write_text(
        PROJECT.format(
            board=board, port=esp32_parts.PORT, tree=micropython.tree().folder, core=paths.CORE
        )
    )
    done = subprocess.run(
        ["cmake", "-S", folder, "-B", folder / "build"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return request.param, folder / "build"


def items(read: tuple[str, Path], name: str) -> list[str]:
    return (read[1] / name).read_text().split(";")


def test_cmake_compiles_what_the_check_compiles(read: tuple[str, Path]) -> None:
    assert {Path(name) for name in items(read, "sources") if name} == set(esp32_parts.all_sources())


def test_every_file_is_compiled_once_in_the_main_component(read: tuple[str, Path]) -> None:
    # What the program itself compiled would have no options, and be linked before libmain.a's.
    commands = json.loads((read[1] / "compile_commands.json").read_text())
    ours = [each for each in commands if not each["file"].endswith("/empty.c")]
    assert sorted(Path(each["file"]) for each in ours) == sorted(esp32_parts.all_sources())
    assert all("/main.dir/" in each["command"] for each in ours)
    link = (read[1] / "CMakeFiles" / "program.dir" / "link.txt").read_text()
    assert "--wrap=gc_get_max_new_split" in link
    assert "--wrap=mp_hal_stdout_tx_strn" in link


def test_names_are_looked_for_with_lwips_definitions_too(read: tuple[str, Path]) -> None:
    # lwpath_name.c stops any preprocessor that lacks one.
    assert set(esp32_parts.definitions("lwip_definitions.txt")) <= set(items(read, "named"))


def test_cmake_defines_what_the_check_defines(read: tuple[str, Path]) -> None:
    wanted = [
        *esp32_parts.chip_definitions(esp32_parts.boards()[read[0]].name),
        "UNDERTOW_DEV=0",
        f'UNDERTOW_BOARD="{read[0]}"',
        *esp32_parts.definitions("lwip_definitions.txt"),
    ]
    assert items(read, "definitions") == wanted
    assert items(read, "inherited") == esp32_parts.definitions("lwip_definitions.txt")
    assert items(read, "target") == [esp32_parts.boards()[read[0]].name]


def test_what_packets_pass_is_compiled_for_speed(read: tuple[str, Path]) -> None:
    assert items(read, "options") == ["-O2"]


def test_every_settings_file_and_partition_table_is_there(read: tuple[str, Path]) -> None:
    port = micropython.tree().folder / "ports" / "esp32"
    text = "".join((port / name).read_text() for name in items(read, "settings"))
    name = text.rsplit("CONFIG_PARTITION_TABLE_CUSTOM_FILENAME=", 1)[1].strip().strip('"')
    assert Path(name) == esp32_parts.PORT / "boards" / read[0] / "partitions.csv"
    assert Path(name).is_file()
    assert os.path.isabs(name)
    last = {line.split("=")[0]: line.split("=")[1] for line in text.splitlines() if "=" in line}
    assert last["CONFIG_LWIP_TCPIP_CORE_LOCKING"] == "y"
    assert last["CONFIG_LWIP_TCPIP_CORE_LOCKING_INPUT"] == "n"
    assert last["CONFIG_LWIP_IP_FORWARD"] == "n"
    # Of a choice one has to be set: "n" to the default is not heard.
    assert last["CONFIG_LWIP_DHCP_DOES_NOT_CHECK_OFFERED_IP"] == "y"
    assert "CONFIG_LWIP_DHCP_DOES_ARP_CHECK" not in last
    assert last["CONFIG_LWIP_LOCAL_HOSTNAME"] == '""'


@pytest.mark.parametrize("board", sorted(esp32_parts.boards()))
def test_what_is_frozen_is_found_and_compiles(board: str, tmp_path: Path) -> None:
    tree = micropython.tree()
    cross = micropython.mpy_cross(tree)
    genhdr = tmp_path / "genhdr"
    genhdr.mkdir()
    # As the firmware's own would begin.
    names = "QCFG(BYTES_IN_LEN, (1))\nQCFG(BYTES_IN_HASH, (2))\nQ(main)\n"
    (genhdr / "qstrdefs.preprocessed.h").write_text(names)
    variables = {
        "MPY_DIR": tree.folder,
        "MPY_LIB_DIR": tree.folder / "lib",
        "PORT_DIR": tree.folder / "ports" / "esp32",
        "BOARD_DIR": esp32_parts.PORT / "boards" / board,
    }
    done = subprocess.run(
        [
            *(sys.executable, tree.folder / "tools" / "makemanifest.py"),
            *("-o", tmp_path / "frozen_content.c", "-b", tmp_path),
            *(word for name, value in variables.items() for word in ("-v", f"{name}={value}")),
            f"-f-march={'rv32imc' if board.startswith('esp32_c6') else 'xtensawin'}",
            esp32_parts.PORT / "manifest.py",
        ],
        env={**os.environ, "MICROPY_MPYCROSS": str(cross)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    text = (tmp_path / "frozen_content.c").read_text()
    for name in ("_boot.py", "main.py", "board_description.py", "box/program.py", "pairing/"):
        assert name in text
