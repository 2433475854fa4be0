"""Everything that can go wrong has its own message and status, and a second run finishes."""

import errno
import os
import pty
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
import serial
from tests.flash.conftest import BOARD, RISCV_BOARD, chip, is_complete, precious, put, use
from tests.support import esp_image
from tests.support.romloader import Faults, Flash, PtyFront, RomLoader, SocketFront

from undertow.errors import EXIT_FLASH, EXIT_INTERRUPTED, EXIT_NO_BOX, EXIT_PORT, UndertowError
from undertow.flash import command, failure
from undertow.flash.command import Wanted
from undertow.flash.firmware import Firmware

Load = Callable[[], Firmware]


@pytest.fixture(autouse=True)
def impatient(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """esptool waits for a line that broke off once, not seven times."""
    settings = tmp_path / "esptool.cfg"
    settings.write_text("[esptool]\nconnect_attempts = 1\n")
    monkeypatch.setenv("ESPTOOL_CFGFILE", str(settings))


def refused(build: Path, port: str, code: int, board: str = BOARD, **more: float) -> str:
    """The message, as people see it."""
    with pytest.raises(UndertowError) as caught:
        command.main(Wanted(board, port, str(build), **more))  # type: ignore[arg-type]
    assert caught.value.exit_code == code
    return caught.value.as_text().replace(port, "PORT")


def flashed_after(build: Path, load: Load, loader: RomLoader) -> None:
    """With the fault gone a second run finishes the job."""
    loader.faults = Faults()
    loader.reset()
    with PtyFront(loader) as line:
        command.main(Wanted(BOARD, line.url, str(build)))
    assert is_complete(loader, load())


def test_a_block_that_is_refused_once_is_sent_again(build: Path, load: Load) -> None:
    loader = chip(faults=Faults(refused_blocks=1))
    with PtyFront(loader) as line:
        command.main(Wanted(BOARD, line.url, str(build)))
    assert is_complete(loader, load())
    assert loader.faults.refused_blocks == 0


def test_a_block_that_is_always_refused_is_told(build: Path, load: Load) -> None:
    loader = chip(faults=Faults(refused_blocks=99))
    with PtyFront(loader) as line:
        text = refused(build, line.url, EXIT_FLASH)
    assert "The chip at PORT refused what it was to write" in text
    assert "It refused block 1 (result 0108) three times" in text
    assert "a lower --baud" in text
    flashed_after(build, load, loader)


def test_flash_that_reads_back_as_something_else_is_told(build: Path, load: Load) -> None:
    loader = chip(faults=Faults(has_wrong_md5=True))
    with PtyFront(loader) as line:
        text = refused(build, line.url, EXIT_FLASH)
    assert "The flash at PORT holds something else than was written" in text
    flashed_after(build, load, loader)


def test_a_wrong_chip_is_not_written_to(build: Path) -> None:
    loader = chip(RISCV_BOARD)
    with PtyFront(loader) as line:
        text = refused(build, line.url, EXIT_FLASH)
    assert "The chip at PORT is an ESP32-C6, and olimex_esp32_poe has an ESP32" in text
    assert "Nothing was written" in text
    assert loader.flash.bytes_programmed == loader.flash.sectors_erased == 0


def test_a_flash_that_is_too_small_is_not_written_to(build: Path) -> None:
    loader = RomLoader("esp32", Flash(2 << 20))
    with PtyFront(loader) as line:
        text = refused(build, line.url, EXIT_FLASH)
    assert "The flash at PORT is too small for olimex_esp32_poe" in text
    assert "It has 2048 KiB, and its partitions need 4096" in text
    assert loader.flash.bytes_programmed == loader.flash.sectors_erased == 0


def test_an_image_for_another_chip_does_not_reach_the_port(build: Path) -> None:
    (build / "app.bin").write_bytes(esp_image.program(13, 4096))
    loader = chip()
    with PtyFront(loader) as line:
        text = refused(build, line.url, EXIT_FLASH)
        assert line.bytes_in == 0
    assert "It is for an ESP32-C6, and this board has an ESP32" in text


def test_silence_is_told_with_what_to_press(build: Path) -> None:
    with SocketFront(chip(faults=Faults(is_silent=True))) as line:
        text = refused(build, line.url, EXIT_NO_BOX)
    assert "No chip answers at PORT" in text
    assert "Hold the board's BOOT button" in text


def test_a_chip_that_runs_its_program_is_told_apart_from_silence(build: Path) -> None:
    with SocketFront(chip(faults=Faults(says=b"I (312) main: hello\r\n"))) as line:
        text = refused(build, line.url, EXIT_NO_BOX)
    assert "What is at PORT does not answer as a chip in download mode" in text
    assert "the chip runs its program" in text


def test_a_chip_that_falls_silent_does_not_hold_us_for_ever(build: Path, load: Load) -> None:
    loader = chip(faults=Faults(stub_stays_away=True))
    with SocketFront(loader) as line:
        text = refused(build, line.url, EXIT_FLASH, patience_s=2.0)
    assert "The chip at PORT stopped answering" in text
    assert "For 2 s nothing came" in text
    flashed_after(build, load, loader)


@pytest.mark.parametrize("kind", [SocketFront, PtyFront])
def test_a_cable_that_is_pulled_half_way_is_told(
    build: Path, load: Load, kind: type[SocketFront]
) -> None:
    loader = chip(faults=Faults(unplugged_after=40_000))
    with kind(loader) as line:
        text = refused(build, line.url, EXIT_FLASH)
    assert "The line to PORT broke off" in text
    assert "Running this again finishes it" in text
    assert not is_complete(loader, load())
    flashed_after(build, load, loader)


@pytest.mark.parametrize("written", [0, 100, 5000, 8193, 30_000, 67_500, 70_000, 75_700])
def test_wherever_the_power_goes_what_is_there_is_what_a_second_run_needs(
    build: Path, load: Load, written: int
) -> None:
    """The parts go in one after the other; the second run is planned from what is left of that."""
    from tests.flash.offline import OfflineTool

    from undertow.flash import plan

    loader = chip()
    kept = precious(loader, load())["nvs"]
    left = written
    for part in load().parts:
        piece = part.content[:left]
        loader.flash.erase(part.offset, len(piece))
        loader.flash.program(part.offset, piece)
        left -= len(piece)
    tool = OfflineTool(loader)
    with plan.Pieces() as pieces:
        found = plan.look(tool, load(), pieces)
        made = plan.decide(tool, load(), found, pieces, erase=False)
    for part in made.to_write(load()):
        loader.flash.erase(part.offset, len(part.content))
        loader.flash.program(part.offset, part.content)
    assert is_complete(loader, load())
    assert precious(loader, load())["nvs"] == kept


def test_a_box_in_use_survives_an_update_that_is_cut_off(
    build: Path, load: Load, tmp_path: Path
) -> None:
    loader = chip()
    put(loader, load())
    kept = use(loader, load())
    loader.flash.erase(0x10000, 60_000)
    loader.faults = Faults(unplugged_after=20_000)
    with PtyFront(loader) as line:
        refused(build, line.url, EXIT_FLASH)
    assert precious(loader, load()) == kept
    loader.faults = Faults()
    loader.reset()
    with PtyFront(loader) as line:
        command.main(Wanted(BOARD, line.url, str(build)))
    assert precious(loader, load()) == kept
    app = load().part("app")
    assert loader.flash.read(app.offset, len(app.content)) == app.content


def test_a_port_that_somebody_else_has_open_names_him(build: Path) -> None:
    with PtyFront(chip()) as line, serial.Serial(line.url, exclusive=True):
        with pytest.raises(UndertowError) as caught:
            command.main(Wanted(BOARD, line.url, str(build)))
        assert caught.value.exit_code == EXIT_PORT
        assert caught.value.what == f"{line.url} is busy"
        assert line.bytes_in == 0


def test_a_port_that_is_not_there_is_told_apart(build: Path) -> None:
    text = refused(build, "/dev/ttyUSB99", EXIT_NO_BOX)
    assert "There is no PORT" in text
    assert "carries data and not power alone" in text


def test_a_port_server_that_is_not_there_is_told_apart(build: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        free = server.getsockname()[1]
    text = refused(build, f"socket://127.0.0.1:{free}", EXIT_NO_BOX)
    assert "Nobody is at PORT" in text


_AS_NOBODY = """
import os, sys
sys.path[:0] = sys.argv[3:]
from undertow.errors import UndertowError
from undertow.flash import ports
import undertow.hardware.boards, undertow.terminal.prompt, grp, pwd
os.setgroups([]); os.setgid(65534); os.setuid(65534)
try:
    ports.check(sys.argv[1])
except UndertowError as error:
    print(error.as_text())
    sys.exit(error.exit_code)
"""


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become somebody else")
def test_a_port_of_others_says_how_to_become_one_of_them() -> None:
    ours, theirs = pty.openpty()
    try:
        os.chmod(os.ttyname(theirs), 0o600)
        done = subprocess.run(
            [sys.executable, "-c", _AS_NOBODY, os.ttyname(theirs), "", *sys.path],
            capture_output=True,
            text=True,
            check=False,
        )
    finally:
        os.close(ours)
        os.close(theirs)
    assert done.returncode == EXIT_PORT, done.stderr
    assert "may not be opened" in done.stdout
    assert "It belongs to user root" in done.stdout
    assert "sudo usermod -aG dialout $USER" in done.stdout


def test_ctrl_c_says_that_running_again_finishes_it(build: Path, load: Load) -> None:
    # It stops in the middle by itself, so that there is time to interrupt it there.
    loader = chip(faults=Faults(silent_after=10_000))
    with SocketFront(loader) as line:
        words = ["flash", "--board", BOARD, "--images", str(build), "--port", line.url]
        with subprocess.Popen(
            [sys.executable, "-m", "undertow.cli", *words],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        ) as process:
            end = time.monotonic() + 30
            while not loader.faults.is_silent and time.monotonic() < end:
                time.sleep(0.02)
            # As a terminal does it: to everybody in the foreground, esptool too.
            os.killpg(process.pid, signal.SIGINT)
            said = process.communicate(timeout=20)[0]
    assert process.returncode == EXIT_INTERRUPTED, said
    assert "is not complete. Running this again finishes it" in said
    assert "Traceback" not in said
    assert not is_complete(loader, load())
    flashed_after(build, load, loader)


@pytest.mark.parametrize(
    ("said", "what", "code"),
    [
        ("Could not exclusively lock port /dev/x: [Errno 11]", "PORT is busy", EXIT_PORT),
        ("This chip is ESP32-S3, not ESP32. Wrong chip", "was exchanged", EXIT_FLASH),
        ("Wrong boot mode detected (0x13)!", "in download mode", EXIT_NO_BOX),
        ("Detected flash encryption and secure download mode", "is locked", EXIT_FLASH),
        ("Secure Boot V1 detected", "is locked", EXIT_FLASH),
        ("Failed to start stub flasher. There was no", "esptool's helper", EXIT_FLASH),
        ("something that nobody has seen yet", "cannot be flashed", EXIT_FLASH),
    ],
)
def test_what_a_simulator_cannot_do_is_told_by_esptools_words(
    said: str, what: str, code: int
) -> None:
    error = failure.of_esptool("PORT", f"ERROR: A fatal error occurred: {said}\n")
    assert what in error.what
    assert error.exit_code == code


def test_what_nobody_has_seen_yet_is_shown_in_esptools_own_words() -> None:
    error = failure.of_esptool("PORT", "one\nsee https://example.org\ntwo\n")
    assert error.why == "esptool says:\none\ntwo"


@pytest.mark.parametrize(
    ("number", "code"),
    [
        (errno.EACCES, EXIT_PORT),
        (errno.EBUSY, EXIT_PORT),
        (errno.ENOENT, EXIT_NO_BOX),
        (errno.ECONNREFUSED, EXIT_NO_BOX),
        (errno.EIO, EXIT_NO_BOX),
    ],
)
def test_every_way_a_port_fails_to_open_has_a_status(number: int, code: int) -> None:
    error = failure.not_opened("PORT", number, os.strerror(number))
    assert error.exit_code == code
    assert re.match(r"[A-Z].*\.$", error.mend)
