"""Opening a console: each thing that can be in the way is said in words, with what to try."""

import errno
import fcntl
import os
import pty
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
import serial

from undertow.console import Console, failure
from undertow.console.line import LineLostError, open_line
from undertow.errors import EXIT_NO_BOX, EXIT_PORT, UndertowError


def refusal(url: str) -> UndertowError:
    with pytest.raises(UndertowError) as caught:
        open_line(url)
    return caught.value


@pytest.fixture
def terminal() -> Iterator[tuple[int, str]]:
    """A pseudo-terminal: our end, and the name of the other."""
    ours, theirs = pty.openpty()
    yield ours, os.ttyname(theirs)
    os.close(ours)
    os.close(theirs)


def test_a_port_that_is_not_there_is_told_with_those_that_are() -> None:
    error = refusal("/dev/ttyUSB77")
    assert error.exit_code == EXIT_NO_BOX
    assert error.what == "There is no /dev/ttyUSB77"
    assert error.why.startswith("No serial port has this name. The")
    assert error.mend == (
        "Plug it in, with a cable that carries data and not power alone, or correct --console."
    )


def test_an_emulated_boards_console_is_there_only_while_it_runs(tmp_path: Path) -> None:
    url = f"unix:{tmp_path}/console"
    assert str(refusal(url)) == (
        f"There is no {url}. An emulated board makes it when it starts. "
        "Start the board with ./invoke run, or correct --console."
    )
    with socket.socket(socket.AF_UNIX) as left_over:
        left_over.bind(f"{tmp_path}/console")
        assert str(refusal(url)) == (
            f"Nobody is at {url}. No program listens there; an emulated board has its console "
            "only while it runs. Start the board with ./invoke run, or correct --console."
        )


def test_a_port_of_tcp_with_nobody_behind_it_is_told() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    error = refusal(f"socket://127.0.0.1:{port}")
    assert error.exit_code == EXIT_NO_BOX
    assert error.what == f"Nobody is at socket://127.0.0.1:{port}"


@pytest.mark.parametrize("url", ["socket://localhost", "socket://localhost:x", "socket://a:70000"])
def test_a_socket_without_a_port_is_no_console(url: str) -> None:
    assert str(refusal(url)) == (
        f"'{url}' names no console. It has no port: write socket://HOST:PORT. "
        "Give --console a port such as /dev/ttyUSB0, socket://HOST:PORT or unix:PATH."
    )


def test_a_url_of_an_unknown_kind_is_no_console() -> None:
    error = refusal("telepathy://box")
    assert error.exit_code == EXIT_NO_BOX
    assert error.what == "'telepathy://box' names no console"
    assert "telepathy" in error.why


def test_a_busy_port_is_told_with_the_program_that_has_it(terminal: tuple[int, str]) -> None:
    _, name = terminal
    script = "import fcntl, sys; f = open(sys.argv[1], 'rb'); fcntl.flock(f, 2); print(); input()"
    holder = subprocess.Popen(
        [sys.executable, "-c", script, name], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert holder.stdin is not None and holder.stdout is not None
    with holder:
        holder.stdout.readline()
        error = refusal(name)
        holder.stdin.close()
    assert error.exit_code == EXIT_PORT
    assert error.what == f"{name} is busy"
    assert f"(process {holder.pid})" in error.why
    assert error.why.endswith("has it open, and a console has room for one.")
    assert error.mend == "End that program (a serial monitor, perhaps) and run this again."


def test_a_program_that_reads_the_same_port_is_told(terminal: tuple[int, str]) -> None:
    _, name = terminal
    script = "import sys; f = open(sys.argv[1], 'rb'); print(flush=True); input()"
    reader = subprocess.Popen(
        [sys.executable, "-c", script, name], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert reader.stdin is not None and reader.stdout is not None
    with reader:
        reader.stdout.readline()
        with Console(name, timeout_ms=50, tries=2) as console, pytest.raises(UndertowError) as lost:
            console.hello()
        reader.stdin.close()
    assert lost.value.exit_code == EXIT_PORT
    assert f"(process {reader.pid}) has it open, too" in lost.value.why


def test_a_port_that_one_may_not_open_is_told_with_the_group_to_join(tmp_path: Path) -> None:
    port = tmp_path / "ttyUSB0"
    port.touch()
    error = failure.not_opened(str(port), errno.EACCES, "")
    assert error.exit_code == EXIT_PORT
    assert str(error) == (
        f"{port} may not be opened. It belongs to user {port.owner()} and group {port.group()}, "
        "and you are not among them. Run `sudo usermod -aG dialout $USER`, log out and in again."
    )


def test_a_port_is_held_alone_and_given_back(terminal: tuple[int, str]) -> None:
    _, name = terminal
    first = open_line(name)
    assert refusal(name).exit_code == EXIT_PORT
    first.close()
    open_line(name).close()


def test_opening_a_port_leaves_the_lines_alone_that_could_reset_the_box(
    terminal: tuple[int, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[tuple[str, bool]] = []
    monkeypatch.setattr(
        serial.Serial, "_update_dtr_state", lambda self: asked.append(("dtr", self._dtr_state))
    )
    monkeypatch.setattr(
        serial.Serial, "_update_rts_state", lambda self: asked.append(("rts", self._rts_state))
    )
    open_line(terminal[1]).close()
    assert ("dtr", False) in asked and ("rts", False) in asked
    assert not any(state for _, state in asked)


@pytest.mark.parametrize("kind", ["tty", "unix"])
def test_a_line_carries_bytes_both_ways(
    kind: str, terminal: tuple[int, str], tmp_path: Path
) -> None:
    if kind == "tty":
        line = open_line(terminal[1])
        end = os.dup(terminal[0])
    else:
        with socket.socket(socket.AF_UNIX) as server:
            server.bind(f"{tmp_path}/console")
            server.listen()
            line = open_line(f"unix:{tmp_path}/console")
            end = server.accept()[0].detach()
    every = bytes(range(256)) * 4
    assert line.read(0) == b""
    os.write(end, every)
    came = b""
    while len(came) < len(every):
        came += line.read(1.0)
    assert came == every
    line.write(bytearray(every))
    went = b""
    while len(went) < len(every):
        went += os.read(end, 4096)
    assert went == every
    os.close(end)
    line.close()


def test_a_line_whose_end_goes_away_says_so(tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(f"{tmp_path}/console")
        server.listen()
        with Console(f"unix:{tmp_path}/console") as console:
            end = server.accept()[0]
            threading.Timer(0.2, end.close).start()
            with pytest.raises(UndertowError) as caught:
                console.hello()
    assert caught.value.exit_code == EXIT_NO_BOX
    assert str(caught.value) == (
        f"The line to unix:{tmp_path}/console broke off. The cable was pulled, or the emulated "
        "board has ended. Plug it in and run this again: it goes on where it stopped."
    )


def test_a_pulled_plug_is_noticed_while_reading_and_writing() -> None:
    ours, theirs = pty.openpty()
    line = open_line(os.ttyname(theirs))
    os.close(theirs)
    os.close(ours)
    with pytest.raises(LineLostError):
        line.read(1.0)
    with pytest.raises(LineLostError):
        line.write(b"x")
    line.close()


def test_nobody_at_all_is_told_from_somebody_else(terminal: tuple[int, str]) -> None:
    ours, name = terminal
    with Console(name, timeout_ms=50, tries=2) as console:
        with pytest.raises(UndertowError) as silence:
            console.hello()
        os.write(ours, b"ets Jun  8 2016\r\nMicroPython v1.25.0\r\n>>> ")
        with pytest.raises(UndertowError) as stranger:
            console.hello()
    assert silence.value.exit_code == stranger.value.exit_code == EXIT_NO_BOX
    assert silence.value.what == f"Nobody answers at {name}"
    assert "no other program has the console open" in silence.value.mend
    assert stranger.value.what == f"What is at {name} does not answer as a box"
    assert "42 bytes came" in stranger.value.why
    assert stranger.value.why.endswith("the last line was '>>> '.")


def test_what_an_echo_gives_back_is_no_answer(terminal: tuple[int, str]) -> None:
    ours, name = terminal

    def echo() -> None:
        while data := os.read(ours, 4096):
            if b"stop" in data:
                return
            os.write(ours, data)

    mirror = threading.Thread(target=echo)
    mirror.start()
    with Console(name, timeout_ms=50, tries=3) as console:
        with pytest.raises(UndertowError) as caught:
            console.hello()
        console._line.write(b"stop")
        mirror.join()
    assert caught.value.what == f"What is at {name} does not answer as a box"


def test_locks_are_left_on_no_port(terminal: tuple[int, str]) -> None:
    open_line(terminal[1]).close()
    with open(terminal[1], "rb") as port:
        fcntl.flock(port, fcntl.LOCK_EX | fcntl.LOCK_NB)
