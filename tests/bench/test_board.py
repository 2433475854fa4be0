"""What a whole board takes for a packet, and that it is the same however many flows there are."""

import pytest

from undertow.bench import board, instructions

WORK = [f"{direction}_{length}" for direction in ("out", "in") for length in (64, 1420)]


@pytest.fixture(scope="module")
def measured():
    # The guest opens each packet at the tunnel's far end, or looks at it as the client, and ends
    # with an error when something else has arrived.
    return board.measure()


@pytest.mark.parametrize("target", ["rv32", "xtensa"])
@pytest.mark.parametrize("work", WORK)
def test_500_flows_of_8_clients_cost_no_more_than_one(measured, target, work):
    counts = measured[target]
    assert abs(counts[f"{work}_500"] - counts[f"{work}_1"]) <= 100


@pytest.mark.parametrize("target", ["rv32", "xtensa"])
def test_a_packet_costs_more_than_its_sealing(measured, target):
    counts = measured[target]
    assert counts["seal_64"] < counts["out_64_1"] < counts["seal_1420"] < counts["out_1420_1"]


def test_carrying_a_packet_costs_little_beside_sealing_it(measured):
    counts = measured["rv32"]
    assert counts["out_1420_1"] <= board.SHARE_MAX * counts["seal_1420"]
    for target in measured:
        beyond = measured[target]["out_64_1"] - measured[target]["seal_64"]
        assert beyond <= board.BEYOND_SEALING_MAX


@pytest.mark.parametrize("target", ["rv32", "xtensa"])
def test_the_full_shape_costs_at_most_3_percent_of_a_packet(measured, target):
    # 16 bytes before it and header protection: beside the whole way of a plain packet.
    shape = instructions.measure([target])[0]["counts"]
    for direction, work in (("out", "wrap"), ("in", "unwrap")):
        each = shape[f"{work}_{instructions.SHAPED}"] / instructions.SHAPED
        assert 0 < each <= instructions.SHAPE_SHARE_MAX * measured[target][f"{direction}_1420_1"]


def test_the_report_has_a_line_for_each_length_direction_and_target(measured):
    assert len(board.report(measured).lines) == len(WORK) * len(measured)
