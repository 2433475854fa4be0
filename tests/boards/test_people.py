"""What people at both ends are shown and type when pairing does not go as it should.

On one board: the same on all of them.
"""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.boards.conftest import require_built
from tests.boards.journey import Journey, code, travelling
from tests.support.terminal import Terminal

from undertow.board import Board
from undertow.console import Console
from undertow.errors import EXIT_INTERRUPTED, EXIT_MISMATCH, EXIT_REFUSED

BOARD = "virt_rv32"
RED = "\x1b[1;31m"


@pytest.fixture
def journey(tmp_path: Path) -> Iterator[Journey]:
    """A gateway that runs, an empty flash, a hotel, and somebody who serves a page."""
    require_built(BOARD)
    with travelling(BOARD, tmp_path) as made:
        yield made


def require_nothing_stored(journey: Journey, board: Board) -> None:
    assert journey.home.state.peers().by_name == {}
    assert list(journey.home.folder.glob("psk-*")) == []
    with Console(board.console) as console:
        assert console.check().missing == ("tunnel",)
        verification = console.status()["verification"]
    assert (verification["state"], verification["peer"]) == ("no", None)


def test_wrong_digits_end_it_at_both_ends_and_lock_both(journey: Journey) -> None:
    with journey.powered() as board:
        with journey.pair() as gateway, journey.verify(board, journey.room(gateway)) as laptop:
            digits = code(gateway).digits
            laptop.wait_for("digits that you HEAR")
            laptop.type(digits[:5] + str((int(digits[5]) + 1) % 10))
            assert laptop.wait() == EXIT_MISMATCH
            assert gateway.wait() == EXIT_MISMATCH
        assert f"{RED}error: The codes differ." in laptop.raw()
        assert f"{RED}SOMEONE MAY BE IN BETWEEN" in laptop.raw()
        assert f"{RED}error: The codes are not the same. Someone" in gateway.raw()
        assert "Whoever is at the other end said so." in gateway.shown()
        require_nothing_stored(journey, board)
        with journey.pair() as locked:
            assert locked.wait() == EXIT_REFUSED
            assert re.search(r"Pairing is locked for another \d+ s\.", locked.shown())
        # Another gateway, or one that has waited, does not help: the box counts by itself.
        with journey.pair(later_s=61) as gateway, journey.verify(board, "0000") as laptop:
            journey.room(gateway)
            laptop.wait_for(r"the box refuses for \d+ s more\. Waiting")
            laptop.interrupt()
            assert laptop.wait() == EXIT_INTERRUPTED


def test_somebody_in_between_is_in_the_digits_and_wins_nothing(journey: Journey) -> None:
    with journey.powered() as board:
        with (
            journey.middle_man() as middle,
            journey.pair() as gateway,
            journey.verify(board, journey.room(gateway)) as laptop,
        ):
            here, there = code(laptop), code(gateway)
            middle.wait_for(f'"laptop": "{here.digits}", "home": "{there.digits}"')
            assert here.digits != there.digits
            assert here.words != there.words
            # Each person hears the other, and types what is shown there.
            laptop.type(there.digits)
            assert laptop.wait() == EXIT_MISMATCH
            gateway.type(here.digits)
            assert gateway.wait() == EXIT_MISMATCH
        assert f"{RED}error: The codes differ." in laptop.raw()
        assert f"{RED}SOMEONE MAY BE IN BETWEEN" in laptop.raw()
        assert f"{RED}error: The codes are not the same. Someone" in gateway.raw()
        require_nothing_stored(journey, board)
        # When both have waited it is the same way, and he only passes on: so it was he.
        journey.let_the_wait_pass(board)
        with (
            journey.middle_man("--honest"),
            journey.pair(later_s=61) as gateway,
            journey.verify(board, journey.room(gateway)) as laptop,
        ):
            assert code(laptop) == code(gateway)
            laptop.type(code(gateway).digits)
            gateway.type("yes")
            assert (laptop.wait(), gateway.wait()) == (0, 0)
    journey.see_a_page("yes, with home")


def test_another_key_under_a_known_name_is_red_at_both_ends(journey: Journey) -> None:
    with journey.powered() as board:
        pair_again(journey, board)
        before = journey.home.state.peers().by_name["attic"]
        with journey.undertow("wipe", "--console", board.console, "--name", "attic") as wiping:
            assert wiping.wait() == 0, wiping.shown()
    # The same name, and another key: the box was wiped, or it is another one.
    with journey.powered() as board:
        gateway, laptop = pair_again(journey, board)
        assert f"{RED}KEY CHANGED: the box 'attic' had another key until now." in gateway.raw()
        assert "KEY CHANGED" not in laptop.shown(), "to a wiped box nothing is known"
        (after,) = journey.home.state.peers().by_name.values()
        assert after.name == "attic"
        assert after.public_key != before.public_key
        # And now it is the gateway that has another one.
        journey.forget_key()
        (found,) = journey.known()
        assert found["state"] == "KEY CHANGED"
        gateway, laptop = pair_again(journey, board)
        assert f"{RED}KEY CHANGED: this gateway had another key" in gateway.raw()
        assert f"{RED}KEY CHANGED: the box was verified with 'home'" in laptop.raw()
        (found,) = journey.known()
        assert found["state"] == "verified"


def pair_again(journey: Journey, board: Board) -> tuple[Terminal, Terminal]:
    """A pairing in which people compare, whatever they are told; what they were shown."""
    with journey.pair() as gateway, journey.verify(board, journey.room(gateway)) as laptop:
        digits = code(laptop).digits
        assert code(gateway).digits == digits
        if "KEY CHANGED" in gateway.shown():
            gateway.type("yes")  # is not enough now
            gateway.wait_for("(?s)six digits from there.*six digits from there")
        gateway.type(digits)
        laptop.type(digits)
        assert (laptop.wait(), gateway.wait()) == (0, 0)
    return gateway, laptop


def test_a_file_makes_a_box_carry_packets_that_is_not_verified(journey: Journey) -> None:
    config = journey.write_config("home.conf", "10.51.82.7")
    with journey.invoke("flash", "provision", *journey.box(), "--config", str(config)) as laptop:
        assert laptop.wait() == 0, laptop.shown()
    assert "Not verified: nobody has compared the keys" in laptop.shown()
    # What it says to type at the gateway, word by word.
    command = laptop.wait_for(r"\n +undertow (gateway add home .+)\n")[1].split()
    journey.home.undertow(*command[1:])
    journey.see_a_page("not verified")
