"""What each board brings to the device program, from its own description."""

import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from box.box_settings import BoxSettings
from box.control import Control
from tests.support.esp32 import load
from tests.support.esp32.ether import Device, Ether
from tests.support.esp32.pins import Machine, Pin
from tests.support.esp32.rig import made
from tests.support.esp32.store import Store

from undertow import paths

BOARDS = sorted(path.name for path in (paths.PORTS / "esp32" / "boards").iterdir() if path.is_dir())


class Board:
    """A board of this name in the ether, and its port."""

    def __init__(self, name: str) -> None:
        self.ether = Ether()
        self.ether.module_machine = self.machine = Machine()
        self.ether.module_esp32 = self.flash = Store()
        self.lines: list[tuple[str, str]] = []
        file = paths.PORTS / "esp32" / "boards" / name / "modules" / "board_description.py"
        self.description = ModuleType("board_description")
        exec(compile(file.read_text(), file, "exec"), vars(self.description))
        sys.modules["board_description"] = self.description
        sys.modules.pop("espressif.port", None)
        self.port: Any = load("espressif.port").Port(lambda *line: self.lines.append(line))
        self.control = Control(Device(), self.ether, lambda: self.ether.now_ms, print)

    def close(self) -> None:
        for name in ("board_description", "espressif.port"):
            sys.modules.pop(name, None)


@pytest.fixture(params=BOARDS)
def board(request: pytest.FixtureRequest) -> Iterator[Board]:
    board = Board(request.param)
    yield board
    board.close()


def test_the_socket_is_made_from_the_boards_pins(board: Board) -> None:
    board.port.links.start(board.control)
    given, ethernet = board.ether.cable.made_with, board.description.ETHERNET
    if ethernet is None:
        assert board.ether.cable.calls == 0
        return
    assert given is not None
    pins = {name: pin.number for name, pin in given.items() if isinstance(pin, Pin)}
    for line, keyword in (
        ("mdc", "mdc"),
        ("mdio", "mdio"),
        ("clock", "ref_clk"),
        ("power", "power"),
        ("cs", "cs"),
        ("interrupt", "int"),
        ("reset", "reset"),
    ):
        assert pins.get(keyword) == ethernet.get(line)
    assert given["phy_addr"] == ethernet["phy_address"]
    if ethernet["phy"] == "W5500":
        bus = {"sck": ethernet["sclk"], "mosi": ethernet["mosi"], "miso": ethernet["miso"]}
        assert board.machine.buses == [(ethernet["spi_host"], bus)]
        assert given["phy_type"] == 102
    else:
        assert given["ref_clk_mode"] == {"in": Pin.IN, "out": Pin.OUT}[ethernet["clock_direction"]]


def test_every_board_joins_wifi(board: Board) -> None:
    board.ether.add(b"Home", b"correct horse")
    board.port.links.start(board.control)
    board.port.links.apply(made(networks=((b"Home", b"correct horse"),)))
    board.ether.run(board.control, 10_000)
    assert board.ether.sides.uplink == "sta"


def test_only_a_button_on_the_board_is_asked_for(board: Board) -> None:
    assert (board.port.is_asked_for is not None) == board.description.BUTTON["is_on_board"]
    assert (board.description.BUTTON["pin"] in Pin.modes) == board.description.BUTTON["is_on_board"]


def test_its_light_tells_of_trouble(board: Board) -> None:
    from box.port import TROUBLE

    board.port.begin(board.control, lambda: TROUBLE)
    pin, seen = board.description.LED["pin"], set()
    for _ in range(10):
        board.ether.run(board.control, 60)
        seen.add(board.machine.lights.get(pin, Pin.levels[pin]))
    assert len(seen) == 2


def test_a_program_that_has_run_well_stays_after_an_update(board: Board) -> None:
    assert not board.flash.is_valid
    board.port.has_run_well()
    assert board.flash.is_valid


def test_its_state_lies_in_nvs_and_is_erased_with_it(board: Board) -> None:
    from box.state import State
    from box.state_store import StateStore

    store = StateStore(slots=board.port.slots)
    store.save(State(bytearray(b"[Box]\nName = attic\n"), None, bytearray(32)))
    assert board.flash.values
    store.erase()
    board.port.erase()
    assert (board.flash.values, board.flash.traces) == ({}, [])


def test_main_runs_the_device_program_with_this_port(monkeypatch: pytest.MonkeyPatch) -> None:
    board = Board(BOARDS[0])
    try:
        program = ModuleType("box.program")
        started: list[object] = []
        vars(program)["run"] = started.append
        monkeypatch.setitem(sys.modules, "box.program", program)
        main: dict[str, Any] = {}
        exec(Path(paths.PORTS / "esp32" / "modules" / "main.py").read_text(), main)
        main["main"]()
        assert started == [sys.modules["espressif.port"].Port]
    finally:
        board.close()


def test_no_board_needs_settings_to_start(board: Board) -> None:
    board.port.links.start(board.control)
    board.port.links.apply(BoxSettings())
    board.ether.run(board.control, 30_000)
    assert (board.ether.sides.uplink, board.ether.sides.lan) == (None, None)
