"""The demo's second act: every way that it shows is one, and what is not true ends it."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from tests.boards.conftest import require_built

from undertow.demo import cable, guest, travellers
from undertow.demo import censor as act
from undertow.demo.cable import Door
from undertow.demo.narrator import Narrator
from undertow.demo.networks import NETWORKS
from undertow.lab import LabError, censor

BOARD = "virt_rv32"
COMMAND = [sys.executable, "-m", "undertow.demo", "--act", "censor"]
OPEN = NETWORKS[0]


@pytest.fixture(autouse=True)
def _built() -> None:
    require_built(BOARD)


def _hear_interrupts() -> None:
    # Whoever runs the tests in the background of a shell hands down deafness to Ctrl-C.
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def start(folder: Path, *arguments: str) -> subprocess.Popen[str]:
    """Start it as from a terminal. folder: for its temporary files."""
    return subprocess.Popen(
        [*COMMAND, *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "TMPDIR": str(folder)},
        preexec_fn=_hear_interrupts,
    )


def users_of(folder: Path) -> list[str]:
    """Processes that were started with this folder for temporary files."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if f"TMPDIR={folder}".encode() in (process / "environ").read_bytes():
                found.append((process / "cmdline").read_bytes().decode().replace("\0", " "))
        except OSError:
            continue
    return found


@pytest.fixture
def short(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder whose path is short enough for unix sockets."""
    return tmp_path_factory.mktemp("d")


def test_the_box_finds_a_way_past_every_rule_and_a_plain_one_does_not(short: Path) -> None:
    out, err = (done := start(short, "--json")).communicate(timeout=240)
    assert done.returncode == 0, err
    found = json.loads(out)["censor"]
    ways = {each["network"]: each for each in found["networks"]}
    assert list(ways) == [network.short for network in NETWORKS]
    for network in NETWORKS:
        assert (ways[network.short]["plain"] == "works") == network.plain_works
        assert network.plain_works or ways[network.short]["plain_dropped"] > 0
        assert ways[network.short]["way"]
    assert ways["open"]["way"].startswith("UDP")
    assert ways["UDP blocked"]["way"].startswith("web page")
    assert "through the proxy" in ways["only by a proxy"]["way"]
    assert ways["frozen after 16 KB"]["way"] == "web page on port 443"
    assert found["call"]["heard"] > 0
    assert found["leaks"] == 0
    assert list(short.iterdir()) == []


@pytest.mark.parametrize(
    ("words", "number"), [("Beside it stands", signal.SIGTERM), ("the censor  ", signal.SIGINT)]
)
def test_nothing_stays_behind_after_an_interruption(
    short: Path, words: str, number: signal.Signals
) -> None:
    running = start(short)
    assert running.stdout is not None
    while words not in (line := running.stdout.readline()):
        assert line, "it ended before it could be interrupted"
    running.send_signal(number)
    running.communicate(timeout=30)
    assert running.returncode == {signal.SIGINT: 130, signal.SIGTERM: 143}[number]
    end = time.monotonic() + 5.0
    while users_of(short) and time.monotonic() < end:
        time.sleep(0.1)
    assert users_of(short) == []
    assert list(short.iterdir()) == []


@pytest.fixture
def _hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody waits for a plain box that has no chance."""
    monkeypatch.setattr(act, "CHANCE_S", 0.5)


def play() -> None:
    """The act in this process, and silent."""
    act.tell(Narrator(quiet=True), BOARD)


@pytest.mark.usefixtures("_hurried")
def test_a_plain_box_that_works_where_it_should_not_ends_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # The censor was forgotten: the box of comparison gets through.
    monkeypatch.setattr(act, "NETWORKS", (OPEN._replace(plain_works=False),))
    monkeypatch.setattr(travellers.Box, "dropped", lambda self: 1)
    with pytest.raises(LabError, match=r"plain box is not as expected .* It works"):
        play()


def test_a_page_that_does_not_come_ends_it(monkeypatch: pytest.MonkeyPatch) -> None:
    dark = OPEN._replace(make=lambda port: censor.Blackout())
    monkeypatch.setattr(act, "NETWORKS", (dark,))
    monkeypatch.setattr(act, "FIRST_S", 2.0)
    with pytest.raises(LabError, match="no page came to our guest"):
        play()


@pytest.mark.usefixtures("_hurried")
def test_a_leak_ends_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(act, "NETWORKS", (OPEN,))
    monkeypatch.setattr(travellers, "MARK", b"")  # which every frame has
    with pytest.raises(LabError, match=r"a box leaks.*words in clear"):
        play()


def test_a_call_that_is_cut_off_ends_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(act, "NETWORKS", (OPEN,))
    before = guest.Call.__init__

    def cut(self: guest.Call, *arguments: object) -> None:
        before(self, *arguments)  # type: ignore[arg-type]
        self._stream.connection.reset = True

    monkeypatch.setattr(guest.Call, "__init__", cut)
    with pytest.raises(LabError, match="the guest's call was cut off"):
        play()


def test_doors_are_told_in_the_order_of_knocking() -> None:
    found = [Door("UDP", 443), Door("UDP", 53), Door("TCP", 443), Door("UDP", 123)]
    assert cable.words(found) == "UDP 443, 53, then TCP 443, then UDP 123"
    assert cable.words([]) == ""
