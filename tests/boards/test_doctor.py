"""The doctor of a box on an emulated board, in networks that have something in the way.

On one board: the same on all of them. What a person sees of it: tests/host/test_doctor.py.
"""

import json
import socket
import sys
from collections.abc import Iterator
from typing import Any

import pytest
from tests.boards.conftest import BOARDS, image, require_built
from tests.support.terminal import Terminal

from undertow.board.scene import GATEWAY, Scene
from undertow.console import Console
from undertow.doctor import phone
from undertow.errors import EXIT_IN_THE_WAY
from undertow.lab import censor
from ut1 import doctor_words

BOARD = BOARDS[0]  # one shows it; UNDERTOW_BOARDS chooses another
STEPS = [step[0] for step in doctor_words.STEPS]
WELL_KNOWN = ("1.1.1.1", "9.9.9.9", "8.8.8.8")  # box/doctor_way.py


class Patient:
    """A box that knows its gateway by all of its ways, and is unplugged."""

    def __init__(self, scene: Scene) -> None:
        self.scene = scene

    def go(self, network: censor.Profile) -> None:
        """Plug it in anew, where this is the network's way."""
        self.scene.board.set_link("uplink", False)
        self.scene.hotel.nat.rebind()
        self.scene.hotel.censor.become(network)
        self.scene.board.set_link("uplink", True)

    def examine(self) -> tuple[dict[str, Any], int]:
        """What `undertow doctor --json` says, and its exit status; it has a terminal."""
        words = ("doctor", "--json", "--console", self.scene.board.console_url)
        with Terminal((sys.executable, "-m", "undertow.cli", *words)) as person:
            status = person.wait()
            said = person.shown()
        return json.loads(said), status

    def require_no(self, step: str, reason: str) -> dict[str, Any]:
        """It stops there, says so to people and programs, and its code means the same."""
        found, status = self.examine()
        assert status == EXIT_IN_THE_WAY, found
        assert [each["step"] for each in found["steps"]] == STEPS[: STEPS.index(step) + 1]
        assert all(each["answer"] != "no" for each in found["steps"][:-1])
        (meaning,) = phone.meanings([found["code"]])
        assert (meaning.step, meaning.reason) == (step, reason)
        assert all(found["problem"].values())
        return found

    def require_well(self) -> dict[str, dict[str, Any]]:
        """Nothing is in the way; the steps by their names."""
        found, status = self.examine()
        assert (status, found["problem"]) == (0, None), found
        assert [each["step"] for each in found["steps"]] == STEPS
        return {each["step"]: each for each in found["steps"]}


@pytest.fixture(scope="module")
def patient(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Patient]:
    """One box for all networks, as its owner has one."""
    require_built(BOARD)
    folder = tmp_path_factory.mktemp("doctor")
    with Scene(BOARD, folder, firmware=image(BOARD), has_carriers=True) as scene:
        scene.power()
        scene.board.set_link("uplink", False)
        with Console(scene.board.console_url) as console:
            console.hello()
            scene.provision(console)
        yield Patient(scene)
        # Whatever was asked for: the doctor has made no packet that a box should not send.
        scene.hotel.censor.become(censor.Open())


def test_a_cable_that_is_not_in_and_a_network_without_addresses(patient: Patient) -> None:
    patient.scene.board.set_link("uplink", False)
    found = patient.require_no("link", "none")
    assert phone.meanings([found["code"]])[0].network is None
    patient.scene.uplink.cut()
    patient.scene.board.set_link("uplink", True)
    patient.require_no("address", "none")
    patient.scene.uplink.join()


def test_where_nothing_is_in_the_way_all_steps_are_asked(patient: Patient) -> None:
    patient.go(censor.Open())
    steps = patient.require_well()
    assert steps["way out"]["note"] == "the tunnel is there"
    assert steps["udp"]["facts"]["closed"] == []
    assert steps["volume"]["answer"] == steps["inside"]["answer"] == "yes"
    # What a packet such as a client's came to without the tunnel, and that nobody noticed it.
    assert steps["leaks"]["note"] == "a packet was tried without the tunnel, and died"
    assert steps["shape"]["facts"] == {"ports_compared": 3}
    assert steps["speed"]["facts"]["kbit_s"] > 0


def test_udp_that_is_closed_is_told_and_not_in_the_way(patient: Patient) -> None:
    patient.go(censor.UdpBlocked())
    steps = patient.require_well()
    assert steps["udp"]["note"] == "UDP is closed here, so the tunnel goes by TCP"
    assert steps["udp"]["facts"]["open"] == []


def test_a_network_that_slows_the_gateways_address_down(patient: Patient) -> None:
    patient.go(censor.Freeze(spared=None))
    found = patient.require_no("volume", "frozen")
    assert "slows it down" in found["problem"]["why"]


def test_a_gateway_that_is_not_there_is_told_from_a_network_without_a_way_out(
    patient: Patient,
) -> None:
    patient.go(censor.GatewayBlocked(GATEWAY[0]))
    nowhere = patient.require_no("udp", "closed")
    with socket.create_server(("127.0.0.1", 0)) as somebody:
        patient.scene.hotel.nat.reach_tcp(WELL_KNOWN[0], 443, somebody.getsockname()[1])
        found = patient.require_no("way out", "not-there")
    # Both codes are of one place, which the box knows again.
    first, second = phone.meanings([nowhere["code"], found["code"]])
    assert first.network is not None
    assert second.same_as == first.code


def test_no_examination_had_the_box_send_what_it_should_not(patient: Patient) -> None:
    sent = patient.scene.uplink.sent()
    assert sent, "this test sees what was sent"
    rules = patient.scene.rules()
    # Where nothing of the gateway's is reached, whether anybody is: connections without a word.
    rules.streams |= {(address, 443) for address in WELL_KNOWN}
    rules.require_silence(sent)
