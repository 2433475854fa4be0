"""No byte on the wire is the same for two boxes, but where the protocol that is spoken wants it.

Two gateways with secrets of their own, a box at each; each rung alone, several times. What may be
constant is listed for each rung, and why (rungs.py). Of laptops with the real gateway, and of
boards with the lab's (sameness_board.py).
"""

from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import pytest
from tests.censor import sameness
from tests.censor.rungs import PLAIN, RUNGS, TIMES, Rung
from tests.censor.sameness import Parts, constants, unexplained
from tests.censor.town import Laptop, Town
from tests.support.absence import require_lab

from undertow import paths
from undertow.gateway.carriers import SIZES
from undertow.lab import Lab

PAGE_S = 20.0
AT_ONCE = 5

Samples = dict[str, list[Parts]]


@pytest.fixture(scope="module", params=["unix", "RV32"])
def samples(request: pytest.FixtureRequest) -> Samples:
    """Of each rung, by its name: TIMES of one box, and as many of another one."""
    name = {"unix": "samples_of_laptops", "RV32": "samples_of_boards"}[request.param]
    found: Samples = request.getfixturevalue(name)
    return found


@pytest.fixture(scope="module")
def samples_of_boards(board_samples: list[Future[Samples]]) -> Samples:
    """Both have recorded since the run began."""
    one, other = (each.result() for each in board_samples)
    return {name: one[name] + other[name] for name in one}


@pytest.fixture(scope="module")
def samples_of_laptops(tmp_path_factory: pytest.TempPathFactory) -> Samples:
    """Recorded when they are wanted."""
    require_lab(str(paths.UNIX_PROGRAM))
    with Lab() as one, Lab() as other, ThreadPoolExecutor(2) as pool:
        towns = [Town(lab, tmp_path_factory.mktemp("town")) for lab in (one, other)]
        for town, size in zip(towns, SIZES, strict=False):
            _take_size(town, size)
        recorded = list(pool.map(_record_all, towns))
    return {name: recorded[0][name] + recorded[1][name] for name in recorded[0]}


def _record_all(town: Town) -> Samples:
    with town, ThreadPoolExecutor(AT_ONCE) as pool:
        laptops = [(rung, town.laptop()) for rung in (*RUNGS, PLAIN)]
        return dict(pool.map(lambda each: _record(*each), laptops))


def _take_size(town: Town, size: int) -> None:
    """Two gateways may have drawn the same; these have not."""
    while town.home.state.carriers().size != size:
        (Path(town.home.folder) / "carriers.json").unlink()


def _record(rung: Rung, laptop: Laptop) -> tuple[str, list[Parts]]:
    text = laptop.file.read_text()
    before, _, added = text.partition("[Carriers]\n")
    laptop.file.write_text(f"{before}[Carriers]\n{rung.carriers(added.splitlines(True))}")
    taken = []
    for _ in range(TIMES):
        laptop.switch_on()
        laptop.arrive()
        assert laptop.page(PAGE_S) is not None, f"{rung.name}\n{laptop.log()}"
        laptop.leave()
        laptop.switch_off()
        taken.append(rung.parts(laptop.capture.frames()))
    return rung.name, taken


@pytest.mark.parametrize("rung", RUNGS, ids=lambda rung: rung.name)
def test_two_boxes_have_no_byte_in_common_that_their_protocol_does_not_want(
    samples: Samples, rung: Rung
) -> None:
    taken = samples[rung.name]
    assert len(taken) == 2 * TIMES
    assert all(len(parts) >= sameness.FIRST for parts in taken)
    assert unexplained(constants(taken), rung.explained) == {}


def test_what_all_boxes_have_in_common_with_plain_wireguard_is_found(samples: Samples) -> None:
    found = constants(samples[PLAIN.name])
    assert found["there datagram 0"][:4] == [0, 1, 2, 3]
    assert found["back datagram 0"][:4] == [0, 1, 2, 3]


@pytest.mark.parametrize("rung", [rung for rung in RUNGS if rung.explained], ids=lambda r: r.name)
def test_what_a_protocol_wants_is_found_where_it_is_not_explained(
    samples: Samples, rung: Rung
) -> None:
    assert unexplained(constants(samples[rung.name]), {}) != {}
