"""The crypto core on the small CPUs' instruction sets: right, and as costly for every secret."""

import pytest

from undertow.bench import instructions


@pytest.fixture(scope="module", params=["rv32", "xtensa"])
def measured(request):
    return instructions.measure([request.param])[0]


def test_the_core_computes_what_an_independent_implementation_computes(measured):
    # measure() compares before it counts, and raises what differs.
    assert {figure["name"] for figure in measured["figures"]} >= {"seal 1420 B", "X25519"}
    assert all(count > 0 for name, count in measured["counts"].items() if "emulated" not in name)


@pytest.mark.parametrize("work", ["seal_1420", "x25519", "blake2s_64"])
def test_other_secrets_cost_as_many_instructions(measured, work):
    counts = measured["counts"]
    # Xtensa is counted through a clock that ticks about ten times in an instruction, good to 5 ppm.
    slack = 0 if measured["target"] == "rv32" else 1 + counts[work] * 5e-6
    assert abs(counts[f"other_{work}"] - counts[work]) <= slack


def test_every_run_counts_the_same(measured):
    again = instructions.measure([measured["target"]])[0]
    assert again["counts"] == measured["counts"]


def test_the_report_has_a_line_for_every_figure(measured):
    report = instructions.report([measured])
    assert all(f"| {figure['name']} |" in report for figure in measured["figures"])
