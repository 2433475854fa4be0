"""What a person with a laptop waits for: measured as it is told, and told beside the targets."""

import shutil
import socket
import tempfile
import time
from pathlib import Path

from tests.support.absence import cannot_run

from undertow.bench import laptop
from undertow.bench.slow_line import SlowLine
from undertow.board import firmware_file, machine


def test_a_slow_line_takes_the_time_that_a_real_one_takes() -> None:
    with tempfile.TemporaryDirectory() as name, socket.socket(socket.AF_UNIX) as server:
        server.bind(f"{name}/board")
        server.listen()
        with SlowLine(Path(name), f"unix:{name}/board", 1000.0) as line:
            laptop_end = socket.socket(socket.AF_UNIX)
            laptop_end.connect(line.url.removeprefix("unix:"))
            box, _ = server.accept()
            started = time.monotonic()
            laptop_end.sendall(bytes(100))
            came = 0
            while came < 100:
                came += len(box.recv(100))
            # Never sooner; how much later is this machine's affair.
            assert time.monotonic() - started >= 0.1
            laptop_end.close()
            assert box.recv(1) == b""
            box.close()
        assert line.counts == [100, 0]


def test_a_blank_board_is_set_up_and_paired_by_the_real_commands() -> None:
    board = "virt_rv32"
    if shutil.which(machine.find(board).program) is None:
        cannot_run("QEMU is missing: run ./invoke setup")
    if not firmware_file(board).exists():
        cannot_run(f"{board} is not built: run ./invoke build --target {board}")
    found = laptop._measure(board, 1)
    to_box, from_box = found["bytes"]
    (provision_s,) = found["provision"]
    # The line alone takes that long.
    assert provision_s > max(to_box, from_box) / laptop.RATE > 0.05
    assert found["pairing"][0] > 0
    assert found["instructions"] > 1_000_000


def test_the_report_has_a_line_for_each_target() -> None:
    times = {"provision": [9.0, 11.0, 10.5], "pairing": [1.0]}
    board = {**times, "bytes": [1000, 2000], "instructions": 16_000_000}
    lines = laptop.report({"help": [0.1, 0.2, 0.3], "boards": {"a board": board}}).lines
    assert [(line.value, line.target, line.met) for line in lines] == [
        ("0.20 s", "<= 0.3 s", True),
        ("10.50 s", "<= 10 s", False),
        ("1.00 s", "<= 2 s", True),
        ("16.0 million", "", None),
    ]
