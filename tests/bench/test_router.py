"""What the translation between LAN and tunnel costs does not depend on how full its table is."""

import pytest

from undertow.bench import router


@pytest.fixture(scope="module")
def measured():
    return router.measure()


@pytest.mark.parametrize("name", router.NAMES)
def test_500_flows_of_8_clients_cost_hardly_more_than_one(measured, name):
    # In a table with many flows some share a chain, and one of two is behind the other.
    assert measured[f"{name}_500"] <= measured[f"{name}_1"] + 30
    # The one flow is always the newest of its list; the others have to be moved there.
    assert measured[f"renewing_{name}_500"] <= measured[f"renewing_{name}_1"] + 60


def test_a_full_table_is_not_searched(measured):
    assert measured["open_full"] <= measured["open_500"] * 1.5


def test_the_report_has_every_figure(measured):
    values = [line.value for line in router.report(measured).lines]
    assert len(values) == len(router.NAMES) + len(router.OPENINGS)
