"""A box that lives long loses nothing of MicroPython's heap."""

from tests.support.absence import cannot_run

from undertow.bench import heap
from undertow.board import firmware_file

# The collector takes all that is on the stack for addresses: by chance it keeps an object or two.
BY_CHANCE = 64


def test_packets_and_new_keys_leave_nothing_on_the_heap(built_board: str) -> None:
    if not firmware_file(built_board, dev=True).exists():
        cannot_run(f"{built_board}-dev is not built: run ./invoke build --target {built_board}-dev")
    found = heap.measure_board(built_board, rekeys=20, packets=10)
    assert found["lost"] <= BY_CHANCE
