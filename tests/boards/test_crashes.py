"""A box whose program breaks, or hangs: nothing gets past it, and it comes back."""

import contextlib
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.boards.noise import MARK, make_noise
from tests.boards.recovery import until_ping
from tests.support import gdb

from undertow.board import firmware_file
from undertow.board.scene import Scene
from undertow.console import Console
from undertow.errors import UndertowError

# What is no instruction, on each processor; and a jump to itself.
ILLEGAL = {"virt_rv32": bytes(4), "virt_xtensa": bytes(3)}
LOOP = {"virt_rv32": b"\x01\xa0", "virt_xtensa": b"\x06\xff\xff"}
# C that the control loop calls, and that a box with nothing but its console does not.
VICTIM = "lwpath_poll"
CRASHES_MAX = 3


class Patient:
    """A provisioned box with a client, into whose memory a debugger can write."""

    def __init__(self, scene: Scene, port: Path) -> None:
        self.scene = scene
        self._port = port
        self._victim = gdb.address_of(firmware_file(scene.board.name), VICTIM)
        scene.power()
        self.console = Console(scene.board.console_url)
        scene.provision(self.console)
        self.client = scene.client()
        self.client.join()
        until_ping(self.client, 30.0)

    def injure(self, with_what: dict[str, bytes]) -> None:
        """Break the loop. The next start has the firmware as it was."""
        gdb.write(self._port, self._victim, with_what[self.scene.board.name])

    def wait_for_crashes(self, count: int, timeout_s: float = 90.0) -> None:
        """Until the box has started again."""
        end = time.monotonic() + timeout_s
        while time.monotonic() < end:
            with contextlib.suppress(UndertowError):  # not while it is down
                self.console.hello()
                if self.console.status()["box"]["crashes"] == count:
                    return
            time.sleep(0.1)
        pytest.fail(f"the box did not come back from crash {count}")


@pytest.fixture
def patient(board_name: str, folder: Path) -> Iterator[Patient]:
    port = folder / "gdb"
    with Scene(board_name, folder, options=gdb.options(port)) as scene:
        yield Patient(scene, port)
        print("The console's last lines:", scene.board.said()[-2000:])


def test_a_crash_is_told_and_the_box_comes_back(patient: Patient) -> None:
    patient.injure(ILLEGAL)
    patient.wait_for_crashes(1)
    assert patient.console.status()["box"]["reset_cause"] == "crash"
    until_ping(patient.client, 30.0)
    assert "undertow:" in patient.scene.board.said()
    # Nobody listened to the console then; the log tells it again.
    assert "processor fault: cause" in patient.console.log()[0]


@pytest.mark.parametrize("injury", [ILLEGAL, LOOP], ids=["crash", "hang"])
def test_nothing_leaks_while_the_box_breaks_and_comes_back(
    patient: Patient, injury: dict[str, bytes]
) -> None:
    patient.injure(injury)
    end = time.monotonic() + 13.0  # past the watchdog, and the start after it
    while time.monotonic() < end:
        make_noise(patient.scene, patient.client)
        time.sleep(0.2)
    patient.wait_for_crashes(1)
    patient.scene.rules(MARK).require_silence(patient.scene.uplink.sent())


def test_a_hang_is_ended_by_the_watchdog(patient: Patient) -> None:
    patient.injure(LOOP)
    patient.wait_for_crashes(1)
    assert patient.console.status()["box"]["reset_cause"] == "watchdog"
    until_ping(patient.client, 30.0)


def test_after_three_crashes_there_is_a_console_and_nothing_else(patient: Patient) -> None:
    for number in range(1, CRASHES_MAX + 1):
        patient.injure(ILLEGAL)
        patient.wait_for_crashes(number)
    status = patient.console.status()
    assert "crashed 3 times in a row" in status["problem"]["why"]
    assert patient.client.ping("203.0.113.80", 2.0) is None
    patient.scene.uplink.forget_record()
    time.sleep(2)
    assert patient.scene.uplink.sent() == []
    # Asked to by hand, it tries again.
    patient.console.reboot()
    patient.wait_for_crashes(0)
    until_ping(patient.client, 30.0)


def test_other_settings_end_the_state_after_three_crashes(patient: Patient) -> None:
    for number in range(1, CRASHES_MAX + 1):
        patient.injure(ILLEGAL)
        patient.wait_for_crashes(number)
    patient.console.keygen()
    patient.console.commit(patient.console.check().digest)
    patient.wait_for_crashes(0)
    assert patient.console.hello().state == "live"


def test_settings_that_cannot_be_read_are_told_and_never_stop_the_box(patient: Patient) -> None:
    patient.scene.board.kill()
    flash = patient.scene.board.flash
    flash.write_bytes(b"\x5a" * len(flash.read_bytes()))
    patient.scene.uplink.forget_record()
    patient.scene.power()
    patient.console.close()
    patient.console = console = Console(patient.scene.board.console_url)
    assert console.hello().state == "blank"
    assert console.status()["problem"]["why"] == "its file system cannot be read"
    assert patient.client.ping("203.0.113.80", 1.0) is None
    assert patient.scene.uplink.sent() == []
    console.wipe("")
    console.hello()
    patient.scene.provision(console)
    patient.client.join()
    until_ping(patient.client, 30.0)
