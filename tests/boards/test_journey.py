"""From an empty flash to a guest's page, with the commands as people type them on each machine."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.boards.journey import Journey, code, travelling
from tests.gateway.home import GATEWAY


@pytest.fixture
def journey(built_board: str, tmp_path: Path) -> Iterator[Journey]:
    """A gateway that runs, an empty flash, a hotel, and somebody who serves a page."""
    with travelling(built_board, tmp_path) as made:
        yield made


def test_three_commands_take_an_empty_flash_to_a_guests_page(journey: Journey) -> None:
    with journey.pair() as gateway:
        room = journey.room(gateway)
        with journey.invoke(
            *("flash", "provision", "--name", "attic", "verify", *journey.box()),
            *("--pair", GATEWAY, "--room", room),
        ) as laptop:
            here, there = code(laptop), code(gateway)
            assert here == there
            # Neither end stores anything before both have heard it.
            assert journey.home.state.peers().by_name == {}
            laptop.type(f"{there.digits[:3]} {there.digits[3:]}")
            laptop.wait_for("Waiting for the person at the gateway")
            assert journey.home.state.peers().by_name == {}
            gateway.type(here.digits)
            assert laptop.wait() == 0
        assert gateway.wait() == 0
    assert "The box 'attic' is verified with 'home'." in laptop.shown()
    assert "attic is verified, and is let in" in gateway.shown()
    journey.see_a_page("yes, with home")
