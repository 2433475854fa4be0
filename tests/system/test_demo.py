"""The demo tells its story, and whatever ends it, nothing of it stays."""

import itertools
import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pytest

COMMAND = [sys.executable, "-m", "undertow.demo"]


# What it says in between, and what then ends it; the last is of the second act.
MOMENTS = [
    *itertools.product(
        ("client ---", "answers: virt_rv32", "shown by", "round trip"),
        (signal.SIGINT, signal.SIGTERM, signal.SIGKILL),
    ),
    ("1. The door", signal.SIGKILL),
]

pytestmark = pytest.mark.usefixtures("_namespaces")


# Where a demo that a test starts puts its temporary files: of this run of the tests alone.
TEMPORARY = tempfile.TemporaryDirectory(prefix="undertow-test-demo-")


def traces(marker: str) -> list[str]:
    """What is left of a demo on this system. marker: an environment variable that it had."""
    found = [str(path) for path in Path(TEMPORARY.name).iterdir()]
    found += [str(path) for path in Path("/run/netns").glob("*-*-*")]
    found += [str(path) for path in Path("/run/wireguard").glob("*")]
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if marker.encode() in (process / "environ").read_bytes():
                found.append((process / "cmdline").read_bytes().decode().replace("\0", " "))
        except OSError:
            continue
    return found


def _hear_interrupts() -> None:
    # Whoever runs the tests in the background of a shell hands down deafness to Ctrl-C.
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def start(marker: str, *arguments: str) -> subprocess.Popen[str]:
    """Start the demo as from a terminal."""
    return subprocess.Popen(
        [*COMMAND, *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "UNDERTOW_MARKER": marker, "TMPDIR": TEMPORARY.name},
        preexec_fn=_hear_interrupts,
    )


def marked() -> tuple[str, list[str]]:
    """A marker that no other process has, and what lay around before."""
    marker = f"demo-{os.getpid()}-{time.monotonic_ns()}"
    return marker, traces(marker)


def test_a_page_comes_through_the_tunnel() -> None:
    marker, before = marked()
    done = start(marker, "--act", "hotel")
    out, err = done.communicate(timeout=120)
    assert done.returncode == 0, err
    assert "Undertow works" in out
    assert "Only ciphertext" in out
    assert "handshake initiation" in out
    assert "made on the box" in out
    assert re.search(r"\n  box +(\d{3} \d{3}  .+)\n  gateway +\1\n", out), "both show one code"
    assert "traffic flows again" in out
    assert "\x1b" not in out, "no colours where there is no terminal"
    assert traces(marker) == before


def test_programs_get_json() -> None:
    marker, _ = marked()
    done = start(marker, "--act", "hotel", "--json")
    out, err = done.communicate(timeout=120)
    assert done.returncode == 0, err
    result = json.loads(out)
    assert result["page"].startswith("Undertow works")
    assert result["handshake_ms"] > 0
    assert "shaped" in result["way"]
    assert result["download_mbit_per_s"] > 0
    assert result["uplink_address"].startswith("172.16.5.")
    assert result["uplink_address_after"].startswith("172.16.9.")
    assert result["status"]["tunnel"]["public_key"] == result["public_key"]
    assert result["status"]["verification"]["state"] == "yes"
    assert result["digits"]["box"] == result["digits"]["gateway"]
    assert {seen["kind"] for seen in result["hotel_saw"]} <= {
        "the box asks for an address",
        "the hotel gives it one",
        "a decoy, as if it were DNS",
        "handshake initiation",
        "handshake response",
        "transport data",
    }


@pytest.mark.parametrize(("words", "number"), MOMENTS)
def test_nothing_stays_behind_after_an_interruption(words: str, number: signal.Signals) -> None:
    marker, before = marked()
    running = start(marker)
    assert running.stdout is not None
    while words not in (line := running.stdout.readline()):
        assert line, "the demo ended before it could be interrupted"
    running.send_signal(number)
    running.communicate(timeout=30)
    # The programs of a killed demo hear of its death a moment later.
    end = time.monotonic() + 5.0
    while traces(marker) != before and time.monotonic() < end:
        time.sleep(0.1)
    assert traces(marker) == before
    expected = {signal.SIGINT: 130, signal.SIGTERM: 143, signal.SIGKILL: -signal.SIGKILL}
    assert running.returncode == expected[number]
