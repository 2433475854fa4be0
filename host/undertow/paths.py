"""Where things are: the checkout, what is built from it, and the cache that checkouts share."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
FIRMWARE = ROOT / "firmware"
NATIVE = FIRMWARE / "native"
CORE = NATIVE / "core"
POSIX = NATIVE / "posix"
ROUTER = NATIVE / "router"
LWIP = NATIVE / "lwip"
CARRIER = NATIVE / "carrier"
TLS = CARRIER / "tls"
PORTS = FIRMWARE / "ports"
TESTS = ROOT / "tests"
VECTORS = TESTS / "vectors"
VERSIONS = FIRMWARE / "versions.toml"

BUILD = ROOT / "build"
UNIX_PROGRAM = BUILD / "unix" / "undertow-unix"
RV32_FIRMWARE = BUILD / "rv32" / "firmware.elf"


def cache() -> Path:
    """The folder for everything that was fetched: UNDERTOW_CACHE, else the user's cache folder."""
    named = os.environ.get("UNDERTOW_CACHE")
    if named:
        return Path(named).expanduser().absolute()
    base = os.environ.get("XDG_CACHE_HOME") or "~/.cache"
    return Path(base).expanduser().absolute() / "undertow"


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Hold path's lock file, so that two runs at once do one piece of work one after the other."""
    # Only here: Windows has none, and nothing is built there.
    import fcntl

    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def core_sources() -> list[Path]:
    """The files of the C core, from the one list that every build reads."""
    return listed_sources(CORE / "sources.txt")


def posix_sources() -> list[Path]:
    """The files of the data path on Linux."""
    return listed_sources(POSIX / "sources.txt")


def router_sources() -> list[Path]:
    """The files of the translation between LAN and tunnel."""
    return listed_sources(ROUTER / "sources.txt")


def lwip_sources() -> list[Path]:
    """The files of the data path on lwIP."""
    return listed_sources(LWIP / "sources.txt")


def carrier_sources() -> list[Path]:
    """The files of the carriers, with those of TLS but without Mbed TLS itself."""
    return [*listed_sources(CARRIER / "sources.txt"), *listed_sources(TLS / "sources.txt")]


def listed_sources(listing: Path) -> list[Path]:
    """The files that a sources.txt names, one a line, beside it; `#` begins a comment."""
    names = (line.split("#")[0].strip() for line in listing.read_text().splitlines())
    return [listing.parent / name for name in names if name]
