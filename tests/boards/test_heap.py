"""A box that lives long loses nothing of MicroPython's heap."""

from tests.support.absence import cannot_run

from undertow.bench import heap
from undertow.board import firmware_file


def test_packets_and_new_keys_leave_nothing_on_the_heap(built_board: str) -> None:
    # ./invoke bench --name heap does the same with 1,000,000 packets and 100 keys.
    found = heap.measure_release(built_board, (10_000, 50_000), rekeys=20)
    assert found["lost"] <= heap.BY_CHANCE
    assert found["keys_lost"] <= heap.BY_CHANCE


def test_packets_and_new_keys_that_it_asks_for_leave_nothing_either(built_board: str) -> None:
    if not firmware_file(built_board, dev=True).exists():
        cannot_run(f"{built_board}-dev is not built: run ./invoke build --target {built_board}-dev")
    found = heap.measure_prompt(built_board, rekeys=20, packets=10)
    assert found["lost"] <= heap.BY_CHANCE
