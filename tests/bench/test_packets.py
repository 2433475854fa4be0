"""What a packet takes of the whole release firmware, counted from outside.

The limits are loose: how many packets share a turn of the box's loop depends on this machine.
"""

import shutil

import pytest
from tests.support.absence import cannot_run

from undertow.bench import board, packets
from undertow.bench.traffic import MTU, SMALL
from undertow.board import firmware_file, machine

BATCHES = 5


@pytest.fixture(scope="module", params=machine.names())
def counts(request: pytest.FixtureRequest) -> dict[str, int]:
    name = request.param
    if shutil.which(machine.find(name).program) is None:
        cannot_run("QEMU is missing: run ./invoke setup")
    if not firmware_file(name).exists():
        cannot_run(f"{name} is not built: run ./invoke build --target {name}")
    return packets.measure_board(name, BATCHES)


@pytest.mark.parametrize("way", packets.WAYS)
@pytest.mark.parametrize("load", packets.LOADS)
def test_a_large_packet_costs_little_beside_its_sealing(counts, way, load):
    assert counts[f"seal_{MTU}"] < counts[f"{way}_{MTU}_{load}"]
    assert counts[f"{way}_{MTU}_{load}"] <= board.SHARE_MAX * counts[f"seal_{MTU}"]


@pytest.mark.parametrize("way", packets.WAYS)
@pytest.mark.parametrize("load", packets.LOADS)
def test_a_small_packet_costs_a_bounded_number_of_instructions(counts, way, load):
    beyond = counts[f"{way}_{SMALL}_{load}"] - counts[f"seal_{SMALL}"]
    assert 0 < beyond <= 2 * board.BEYOND_SEALING_MAX


def test_the_report_has_a_line_for_each_length_load_and_direction(counts):
    lines = packets.report({"a board": counts}).lines
    assert len(lines) == 2 * len(packets.LOADS) * len(packets.WAYS)
