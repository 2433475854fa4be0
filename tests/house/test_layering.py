"""Who may use whom: read from the imports and the #includes themselves (firmware/README.md)."""

import ast
import re
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from undertow import paths, rungs

FREESTANDING = {"stddef.h", "stdint.h", "stdbool.h", "string.h"}
# Instructions of the machine, for the wide variants of the cryptography.
INTRINSICS = {"immintrin.h", "arm_neon.h"}

INCLUDE = re.compile(r'^\s*#\s*include\s+[<"]([^>"]+)[>"]', re.MULTILINE)

# For each Python layer: its folder, and the packages of ours that it may use.
PYTHON_LAYERS = {
    "protocol": (paths.FIRMWARE / "lib" / "wg", {"wg", "_wg"}),
    # Only what both interpreters spell differently comes from the protocol: wg.compat.
    "console's line protocol": (paths.FIRMWARE / "lib" / "ut1", {"ut1", "wg"}),
    # Of the protocol, only how addresses are read, and wg.compat.
    "Improv": (paths.FIRMWARE / "lib" / "improv", {"improv", "wg"}),
    "pairing": (paths.FIRMWARE / "lib" / "pairing", {"pairing", "wg", "_wg"}),
    # Of the protocol: how addresses and documents are read, and wg.compat.
    "carriers": (paths.FIRMWARE / "lib" / "carrier", {"carrier", "wg", "_carrier"}),
    "DHCP": (paths.FIRMWARE / "lib" / "dhcp", {"dhcp", "wg"}),
    "device program": (
        paths.FIRMWARE / "box",
        {"box", "carrier", "dhcp", "improv", "pairing", "ut1", "wg", "_wg", "_board", "_router"},
    ),
    "unix parts": (
        paths.PORTS / "unix" / "modules",
        {"linux", "box", "carrier", "wg", "_wg", "_datapath", "_system", "main"},
    ),
    "ESP32's parts": (
        paths.PORTS / "esp32" / "modules",
        {"espressif", "box", "wg", "_board", "main"},
    ),
    "emulated boards' parts": (paths.PORTS / "virt" / "modules", {"box", "main"}),
    "host": (
        paths.ROOT / "host" / "undertow",
        {"undertow", "carrier", "pairing", "ut1", "wg", "_wg"},
    ),
}
OURS = {
    "box",
    "carrier",
    "dhcp",
    "espressif",
    "linux",
    "main",
    "improv",
    "pairing",
    "tests",
    "undertow",
    "ut1",
    "wg",
    "_wg",
    "_board",
    "_datapath",
    "_router",
    "_system",
}
# What the protocol may use besides: nothing that does input or output.
PROTOCOL_MODULES = {"binascii", "collections", "heapq", "micropython", "struct", "sys", "typing"}


def includes(folder: Path) -> Iterator[tuple[Path, str]]:
    for file in sorted([*folder.rglob("*.c"), *folder.rglob("*.h")]):
        for name in INCLUDE.findall(file.read_text()):
            yield file, name


@cache
def imported(file: Path) -> tuple[str, ...]:
    """The full names of what a file imports, with those that it takes from a package."""
    found: list[str] = []
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.Import):
            found += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and not node.level:
            found += [f"{node.module}.{alias.name}" for alias in node.names]
    return tuple(found)


def imports(folder: Path) -> Iterator[tuple[Path, str]]:
    """Top-level names of what each file imports."""
    for file in sorted(folder.rglob("*.py")):
        yield from ((file, name.split(".")[0]) for name in imported(file))


def headers_of(*folders: str) -> set[str]:
    return {header.name for folder in folders for header in (paths.NATIVE / folder).glob("*.h")}


def strangers(folder: str, allowed: set[str]) -> list[str]:
    return [
        f"{file.relative_to(paths.ROOT)} includes {name}"
        for file, name in includes(paths.NATIVE / folder)
        if name not in allowed
    ]


def test_the_core_includes_only_freestanding_headers_and_its_own() -> None:
    assert strangers("core", FREESTANDING | headers_of("core")) == []


def test_the_wide_variants_add_only_machine_instructions() -> None:
    allowed = FREESTANDING | INTRINSICS | headers_of("core", "vector")
    assert strangers("vector", allowed) == []


def test_the_router_adds_only_itself_to_the_core() -> None:
    assert strangers("router", FREESTANDING | headers_of("core", "router")) == []


def test_the_shared_binding_knows_neither_python() -> None:
    assert strangers("binding", FREESTANDING | headers_of("core", "binding")) == []


def test_the_data_path_of_linux_knows_no_python() -> None:
    foreign = [
        f"{file.relative_to(paths.ROOT)} includes {name}"
        for file, name in includes(paths.NATIVE / "posix")
        if name.startswith(("py/", "extmod/", "shared/", "Python")) or name in headers_of("binding")
    ]
    assert foreign == []


def test_the_data_path_of_boards_knows_lwip_and_no_python() -> None:
    known = FREESTANDING | headers_of("core", "router", "carrier", "lwip")
    foreign = [
        f"{file.relative_to(paths.ROOT)} includes {name}"
        for file, name in includes(paths.LWIP)
        if name not in known and not name.startswith(("lwip/", "netif/ethernet.h"))
    ]
    assert foreign == []


def test_the_carriers_know_the_core_alone_and_their_tls_mbed_tls_alone() -> None:
    known = FREESTANDING | headers_of("core", "carrier")
    names = [name for file, name in includes(paths.CARRIER) if file.parent == paths.CARRIER]
    assert [name for name in names if name not in known] == []
    foreign = [
        f"{file.name} includes {name}"
        for file, name in includes(paths.TLS)
        if name not in known | headers_of("carrier/tls")
        and not name.startswith(("mbedtls/", "psa/"))
        # What a handshake knows of itself is in no header for others.
        and (file.name, name) != ("cr_fragment.c", "ssl_misc.h")
    ]
    assert foreign == []


def test_nobody_else_knows_mbed_tls() -> None:
    # AES for what a QUIC decoy is sealed with; where ESP-IDF's has its memory.
    known = {"modcarrier.c", "tls_memory.c", "mbedtls_of_idf.h"}
    users = {
        file.name
        for folder in (paths.NATIVE, paths.PORTS)
        for file, name in includes(folder)
        if name.startswith(("mbedtls", "psa/", "cr_mbedtls")) and file.parent != paths.TLS
    }
    assert users - known == set()


def test_what_is_a_boards_own_knows_no_packets_and_of_python_only_its_garbage() -> None:
    foreign = [
        f"{file.relative_to(paths.ROOT)} includes {name}"
        for board in ("virt_rv32", "virt_xtensa")
        for file, name in includes(paths.PORTS / board)
        if name.startswith(("py/", "extmod/", "lwip/", "netif/")) or name in headers_of("lwip")
    ]
    # Where registers may hold objects is the processor's to know.
    assert [line for line in foreign if not line.endswith("gc_registers.c includes py/gc.h")] == []


def test_what_the_boards_share_names_no_processor_and_reaches_packets_by_two_headers() -> None:
    shared = paths.PORTS / "virt"
    named = {
        file.name
        for file in shared.rglob("*.[ch]")
        if re.search(r"__riscv|__xtensa|\basm\b", file.read_text())
    }
    assert named == {"cpu.h"}
    native = headers_of("binding", "core", "lwip", "mpy", "router")
    assert {name for _, name in includes(shared)} & native == {
        "lwpath.h",
        "lwpath_port.h",
        "wg_wipe.h",
    }


def test_real_boards_reach_packets_by_few_headers_and_python_only_where_it_is_named() -> None:
    port = paths.PORTS / "esp32"
    native = headers_of("binding", "core", "lwip", "mpy", "router")
    own = [(file, name) for file, name in includes(port) if "idf_declarations" not in file.parts]
    assert {name for _, name in own} & native == {
        *("lwpath.h", "lwpath_port.h", "modlock.h"),
        *("wg_blake2s.h", "wg_chacha20.h", "wg_wipe.h"),
    }
    named = (line.split() for line in (port / "sources.txt").read_text().splitlines())
    may = {words[0] for words in named if words[1:] == ["names"]} | {"modboard_esp32.h", "memory.c"}
    python = {file.name for file, name in own if name.startswith(("py/", "extmod/", "shared/"))}
    assert python <= may


def test_a_board_sends_on_its_uplink_in_one_file_and_its_one_exception() -> None:
    senders: dict[str, set[str]] = {}
    sending = re.compile(r"\b(etharp_output|linkoutput|udp_send\w*|ip4_output\w*)\s*\(")
    for file in sorted(paths.LWIP.glob("*.c")):
        for match in sending.finditer(re.sub(r"//.*", "", file.read_text())):
            senders.setdefault(match[1], set()).add(file.name)
    # linkoutput is the LAN's: what is delivered there is never a packet for the uplink.
    assert senders == {
        "etharp_output": {"lwpath_transmit.c", "lwpath_sign_in.c"},
        "linkoutput": {"lwpath_deliver.c"},
    }
    # The window for signing in has one place where something leaves, and takes what it admitted.
    window = (paths.LWIP / "lwpath_sign_in.c").read_text()
    assert len(sending.findall(window)) == 1
    assert window.count("leave(&admitted)") == 1
    assert re.search(r"static void leave\(const admitted_t \*admitted\) \{", window)


@pytest.mark.parametrize("folder", ["core", "router", "lwip", "carrier"])
def test_the_packet_path_allocates_nothing_and_prints_nothing(folder: str) -> None:
    call = re.compile(r"\b(malloc|calloc|realloc|free|printf|abort|exit|time|rand)\s*\(")
    found = [
        f"{file.name}: {match[0]}"
        for file in sorted((paths.NATIVE / folder).glob("*.[ch]"))
        for match in call.finditer(re.sub(r"//.*", "", file.read_text()))
    ]
    assert found == []


@pytest.mark.parametrize("layer", PYTHON_LAYERS)
def test_a_layer_imports_only_what_lies_below_it(layer: str) -> None:
    folder, allowed = PYTHON_LAYERS[layer]
    upwards = [
        f"{file.relative_to(paths.ROOT)} imports {name}"
        for file, name in imports(folder)
        if name in OURS and name not in allowed
    ]
    assert upwards == []


def test_the_shared_packages_do_no_input_or_output() -> None:
    allowed = PROTOCOL_MODULES | {"wg", "_wg", "dhcp", "improv", "pairing"}
    foreign = [
        f"{file.relative_to(paths.ROOT)} imports {name}"
        for folder in ("wg", "dhcp", "improv", "pairing")
        for file, name in imports(paths.FIRMWARE / "lib" / folder)
        if name not in allowed
    ]
    assert foreign == []


def test_the_carriers_do_no_input_or_output() -> None:
    allowed = PROTOCOL_MODULES | {"carrier", "wg", "_carrier"}
    # What C gives on MicroPython.
    pythons = {"hashlib", "hmac", "cryptography"}
    foreign = [
        f"{file.relative_to(paths.ROOT)} imports {name}"
        for file, name in imports(paths.FIRMWARE / "lib" / "carrier")
        if name not in allowed and not (file.name == "primitives.py" and name in pythons)
    ]
    assert foreign == []


def test_the_line_protocol_of_the_console_does_no_input_or_output() -> None:
    allowed = {"binascii", "collections", "json", "ut1", "wg"}
    foreign = [
        f"{file.relative_to(paths.ROOT)} imports {name}"
        for file, name in imports(paths.FIRMWARE / "lib" / "ut1")
        if name not in allowed
    ]
    assert foreign == []


def test_the_device_programs_never_import_what_only_cpython_has() -> None:
    only_cpython = {
        "dataclasses",
        "enum",
        "abc",
        "contextlib",
        "subprocess",
        "threading",
        "logging",
    }
    ports = [paths.PORTS / port / "modules" for port in ("unix", "esp32")]
    for folder in (paths.FIRMWARE / "box", *ports):
        used = [f"{file.name}: {name}" for file, name in imports(folder) if name in only_cpython]
        assert used == []


def test_nothing_imports_the_tests() -> None:
    for folder, _ in PYTHON_LAYERS.values():
        assert [file.name for file, name in imports(folder) if name == "tests"] == []


def test_every_c_file_of_the_core_is_listed_once() -> None:
    for folder in ("core", "posix", "binding", "router", "lwip", "carrier", "carrier/tls"):
        listing = (paths.NATIVE / folder / "sources.txt").read_text().splitlines()
        names = [line.split("#")[0].split()[0] for line in listing if line.split("#")[0].strip()]
        there = {file.name for file in (paths.NATIVE / folder).glob("*.c")}
        assert set(names) == there
        assert len(names) == len(set(names))


def test_what_is_in_the_host_uses_only_rows_below_its_own_in_the_readme() -> None:
    host = paths.ROOT / "host" / "undertow"
    rows = re.findall(r"^\| (`[^|]*`) \|", (host / "README.md").read_text(), re.MULTILINE)
    rank = {name: number for number, row in enumerate(rows) for name in re.findall(r"`(\w+)`", row)}
    there = {path.stem for path in host.glob("[a-z]*") if path.suffix == ".py" or path.is_dir()}
    assert rank.keys() == there
    upwards = [
        f"{file.relative_to(host)} imports {name}"
        for file in sorted(host.rglob("[a-z]*.py"))
        for name in imported(file)
        if name.startswith("undertow.")
        and (other := name.split(".")[1])
        != (own := file.relative_to(host).with_suffix("").parts[0])
        and rank[other] <= rank[own]
    ]
    assert upwards == []


def test_the_host_uses_only_pinned_packages_and_the_standard_library() -> None:
    pinned = {"rich", "invoke", "pytest", "elftools", "cryptography", "serial", "segno", "littlefs"}
    known = {*sys.stdlib_module_names, *OURS, *pinned}
    used = {name for _, name in imports(paths.ROOT / "host" / "undertow")}
    assert used - known == set()


def test_foreign_cryptography_checks_and_plays_strangers_but_is_in_no_product() -> None:
    folders = ("firmware", "host")
    users = {
        file.relative_to(paths.ROOT).parts[:3]
        for folder in folders
        for file, name in imports(paths.ROOT / folder)
        if name == "cryptography"
    }
    # The laptop's signatures of releases (flash) are never a box's, nor is the certificate that a
    # gateway makes. In a box, C makes what the carriers' decoys need (_carrier).
    products = {("host", "undertow", part) for part in ("bench", "flash", "gateway", "lab")}
    assert users <= products | {("firmware", "lib", "carrier")}


def test_every_test_file_is_on_the_ladder() -> None:
    listed = [paths.TESTS / file for suite in rungs.SUITES for file in suite.files]
    forgotten = [
        str(test.relative_to(paths.TESTS))
        for test in sorted(paths.TESTS.rglob("test_*.py"))
        if not any(test == rung or rung in test.parents for rung in listed)
    ]
    assert forgotten == []
