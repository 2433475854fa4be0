"""The machine below the device program: reset, watchdog, disk, generator, sleep, memory.

These run the development build, whose prompt takes the place of the device program, unless they
say otherwise.
"""

import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from tests.support.absence import cannot_run

from undertow.board import Board, Wiring, firmware_file
from undertow.board.prompt import CTRL_C, CTRL_D, Prompt, PromptError
from undertow.build import memory

KIB = 1024
# Of a processor, for a board that waits for nothing to come.
IDLE_SHARE = 0.05

CAUSE = "import _board; print(_board.reset_cause(), _board.crashes())"

Start = Callable[..., Board]


@pytest.fixture
def start(board_name: str, folder: Path) -> Iterator[Start]:
    """start(dev=True, **what Board takes): a board on its own, its console on a unix socket."""
    begun: list[Board] = []

    def start_board(dev: bool = True, **given: bool) -> Board:
        firmware = firmware_file(board_name, dev)
        if not firmware.exists():
            cannot_run(f"{board_name} is not built: run ./invoke build --target {board_name}")
        board = Board(
            board_name,
            folder,
            firmware=firmware,
            wiring=Wiring(console=f"unix:{folder}/console"),
            **given,
        )
        begun.append(board)
        board.start()
        return board

    yield start_board
    for board in begun:
        board.stop()


@pytest.fixture
def ask(folder: Path) -> Iterator[Callable[[], Prompt]]:
    """ask(): the prompt of the board that runs, once the device program was stopped."""
    opened: list[Prompt] = []

    def open_prompt() -> Prompt:
        opened.append(Prompt(folder / "console"))
        opened[-1].enter()
        return opened[-1]

    yield open_prompt
    for prompt in opened:
        prompt.close()


Ask = Callable[[], Prompt]


# --- memory ---


@pytest.mark.parametrize("dev", [False, True])
def test_the_linker_holds_firmware_to_what_a_small_board_has(board_name: str, dev: bool) -> None:
    firmware = firmware_file(board_name, dev)
    if not firmware.exists():
        cannot_run(f"{board_name} is not built: run ./invoke build --target {board_name}")
    code, ram = memory.regions(firmware)
    # With a prompt and a generator of code it is none for a small board.
    code_limit = 768 if dev else 700
    assert (code.limit, ram.limit) == (code_limit * KIB, 320 * KIB)
    assert code.total <= code.limit
    assert ram.total <= ram.limit


def test_streams_with_tls_take_no_more_than_45_kib_from_boot(board_name: str) -> None:
    firmware = firmware_file(board_name, dev=False)
    if not firmware.exists():
        cannot_run(f"{board_name} is not built: run ./invoke build --target {board_name}")
    used = memory.regions(firmware)[1].used
    # What TLS works in, what TCP holds until it is acknowledged (lwIP has 4 KiB for all else,
    # lwipopts.h), and the small things, which the map adds to others': less than the rest of lwIP.
    heap = used["ram_heap (lwIP)"] - 4 * KIB
    assert used["arena (packet path)"] >= 24 * KIB
    assert heap > 0
    assert used["arena (packet path)"] + heap + used["lwIP"] <= 45 * KIB


def test_the_firmware_knows_the_same_sizes(start: Start, ask: Ask, board_name: str) -> None:
    start()
    told = ask().run("import _board; m = _board.memory(); print(m['code'], m['ram'])")
    code, ram = memory.regions(firmware_file(board_name, dev=True))
    assert told.split() == [str(code.total), str(ram.total)]


# --- reset ---


def test_a_reset_that_was_asked_for_is_told_from_power_on(start: Start, ask: Ask) -> None:
    start()
    prompt = ask()
    assert prompt.run(CAUSE) == "0 0\n"
    prompt.start("_board.reset()")
    prompt.enter()
    assert prompt.run(CAUSE) == "1 0\n"


def test_power_that_was_cut_leaves_nothing_in_ram(start: Start, ask: Ask) -> None:
    board = start()
    ask().start("import _board; _board.reset()")
    board.restart()
    assert ask().run(CAUSE) == "0 0\n"


@pytest.mark.parametrize("hang", ["while True: pass", "import time; time.sleep(60)"])
def test_the_watchdog_ends_a_hang(start: Start, ask: Ask, hang: str) -> None:
    start()
    prompt = ask()
    prompt.start(f"import _board; _board.watchdog(200)\n{hang}")
    prompt.read_until(b"the watchdog ended a hang", 30.0)
    prompt.enter()
    assert prompt.run(CAUSE) == "2 1\n"


def test_a_watchdog_that_is_fed_is_silent(start: Start, ask: Ask) -> None:
    start()
    prompt = ask()
    prompt.run(
        "import _board, time; _board.watchdog(400)\n"
        "for _ in range(10): time.sleep_ms(100); _board.feed()\n"
        "_board.watchdog(0); time.sleep_ms(600)"
    )
    assert prompt.run(CAUSE) == "0 0\n"


def test_a_fault_of_the_processor_is_said_and_counted_until_the_box_is_healthy(
    start: Start, ask: Ask
) -> None:
    start()
    prompt = ask()
    for crashes in (1, 2):
        # Nothing answers at this address.
        prompt.start("import uctypes; uctypes.bytearray_at(0xdeadbee0, 4)[0]")
        prompt.read_until(b"processor fault", 30.0)
        prompt.enter()
        assert prompt.run(CAUSE) == f"3 {crashes}\n"
    prompt.run("_board.healthy()")
    prompt.start("_board.reset()")
    prompt.enter()
    assert prompt.run(CAUSE) == "1 0\n"


# The first word of the code, and one between code and data.
@pytest.mark.parametrize("address", [0x80000000, 0x800F0000])
def test_what_is_no_data_cannot_be_written(
    start: Start, ask: Ask, board_name: str, address: int
) -> None:
    if board_name != "virt_rv32":
        pytest.skip(f"{board_name}'s processor protects no memory")
    start()
    prompt = ask()
    prompt.start(f"import uctypes; uctypes.bytearray_at({address}, 4)[0] = 1")
    prompt.read_until(b"processor fault", 30.0)
    prompt.enter()
    assert prompt.run(CAUSE) == "3 1\n"


@pytest.mark.parametrize("program", ["while True: pass", "import time; time.sleep(60)"])
def test_ctrl_c_reaches_a_development_build(start: Start, ask: Ask, program: str) -> None:
    start()
    prompt = ask()
    prompt.start(program)
    prompt.read_until(b"OK", 30.0)
    prompt.send(CTRL_C)
    assert prompt.read_until(CTRL_D + b">", 30.0).endswith(b"KeyboardInterrupt: \r\n")


# --- keys ---


def test_without_a_generator_there_are_no_random_bytes(start: Start, ask: Ask) -> None:
    start(has_entropy=False)
    prompt = ask()
    assert prompt.run("import _board; print(_board.has_random())") == "False\n"
    with pytest.raises(PromptError, match="OSError"):
        prompt.run("import _router; _router.fill_random(bytearray(32))")


def test_random_bytes_differ(start: Start, ask: Ask) -> None:
    start()
    prompt = ask()
    drawn = prompt.run(
        "import _board, _router\n"
        "for _ in range(3): b = bytearray(100); _router.fill_random(b); print(bytes(b))"
    ).splitlines()
    assert len(set(drawn)) == 3


# --- disk ---

MOUNT = "import _board, vfs; disk = _board.Flash()\n"


def test_a_file_is_there_after_a_power_cut(start: Start, ask: Ask) -> None:
    board = start()
    ask().run(
        MOUNT + "vfs.VfsLfs2.mkfs(disk); vfs.mount(disk, '/test')\n"
        "with open('/test/a', 'w') as f: f.write('kept')"
    )
    board.restart()
    assert ask().run(MOUNT + "vfs.mount(disk, '/test'); print(open('/test/a').read())") == "kept\n"


def test_any_bytes_of_the_disk_can_be_written_and_no_others_change(start: Start, ask: Ask) -> None:
    board = start()
    ask().run(
        MOUNT + "disk.writeblocks(3, b'\\x11' * 4096)\n"
        "disk.writeblocks(3, b'\\x22' * 1200, 500)\n"
        "r = bytearray(1202); disk.readblocks(3, r, 499)\n"
        "assert bytes(r) == b'\\x11' + b'\\x22' * 1200 + b'\\x11'"
    )
    board.kill()
    written = board.flash.read_bytes()[3 * 4096 : 4 * 4096]
    assert written == b"\x11" * 500 + b"\x22" * 1200 + b"\x11" * (4096 - 1700)


def test_what_lies_beyond_the_disk_is_refused(start: Start, ask: Ask) -> None:
    start()
    told = ask().run(
        MOUNT + "n = disk.ioctl(4, 0)\n"
        "print(disk.readblocks(n - 1, bytearray(4096)), disk.readblocks(n, bytearray(1)) < 0,\n"
        "      disk.writeblocks(n - 1, bytes(4097)) < 0)"
    )
    assert told == "0 True True\n"


# --- what nobody may do ---


def test_a_file_cannot_take_the_place_of_a_module(start: Start, ask: Ask) -> None:
    start()
    prompt = ask()
    prompt.run(
        MOUNT + "import os\n"
        "vfs.VfsLfs2.mkfs(disk); vfs.mount(disk, '/test'); os.chdir('/test')\n"
        "for name in ('wg.py', 'intruder.py'):\n"
        "    with open(name, 'w') as f: f.write('print(1)')"
    )
    assert prompt.run("import sys; print(sys.path)") == "['.frozen']\n"
    with pytest.raises(PromptError, match="ImportError"):
        prompt.run("import intruder")


def test_a_release_has_no_prompt_and_does_not_hear_ctrl_c(start: Start, folder: Path) -> None:
    board = start(dev=False)
    line = Prompt(folder / "console")
    line.read_until(b"undertow", 30.0)
    for _ in range(3):
        line.send(CTRL_C + CTRL_C + CTRL_D + b"\x01\x02\r\nprint(6 * 7)\r\n" + CTRL_D)
        time.sleep(0.3)
    line.close()
    assert board.running()
    for word in ("42", ">>>", "raw REPL", "Traceback", "KeyboardInterrupt", "ended"):
        assert word not in board.said()
    assert board.said().count("undertow ") == 1


# --- sleep ---


def processor_s(board: Board) -> float:
    """Time that the emulator has used of the machine's processors."""
    fields = Path(f"/proc/{board.process.pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def test_a_box_with_nothing_to_do_sleeps(start: Start) -> None:
    board = start(dev=False)
    time.sleep(1.0)
    before = processor_s(board)
    time.sleep(3.0)
    assert processor_s(board) - before < IDLE_SHARE * 3.0


def test_no_byte_is_slept_over(start: Start, ask: Ask) -> None:
    start()
    prompt = ask()
    # A waiting board is woken two hundred times, at all distances from its falling asleep.
    prompt.start(
        "import sys\nb = None\nwhile b != b'q': b = sys.stdin.buffer.read(1); sys.stdout.write(b)"
    )
    prompt.read_until(b"OK", 30.0)
    slowest = 0.0
    for i in range(200):
        time.sleep(i % 20 * 0.0003)
        sent = time.monotonic()
        prompt.send(b"x")
        prompt.read_until(b"x", 30.0)
        slowest = max(slowest, time.monotonic() - sent)
    prompt.send(b"q")
    # By itself it wakes once a second.
    assert slowest < 0.9
