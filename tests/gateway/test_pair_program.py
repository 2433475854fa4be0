"""`undertow gateway pair` as a program: at a terminal, and in the hands of another program."""

import json
import os
import pty
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.gateway.talk import Box

from pairing import frames
from undertow import paths
from undertow.errors import EXIT_INTERRUPTED, EXIT_MISMATCH, EXIT_PORT, EXIT_REFUSED, EXIT_USAGE
from undertow.gateway.state import State

PATIENCE_S = 30.0


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Program:
    """The command, with a terminal or with pipes."""

    def __init__(self, state: State, *words: str, terminal: bool) -> None:
        self.port = free_port()
        command = [sys.executable, "-m", "undertow.cli", "gateway", "pair", "--listen", "127.0.0.1"]
        command += ["--port", str(self.port), "--state", str(state.folder.path), *words]
        folders = [paths.ROOT / "host", paths.FIRMWARE / "lib"]
        environment = {**os.environ, "PYTHONPATH": ":".join(str(f) for f in folders)}
        environment |= {"TERM": "xterm", "PYTHONIOENCODING": "utf-8"}
        environment.pop("NO_COLOR", None)
        self.text = ""
        if terminal:
            self._ours, theirs = pty.openpty()
            ends = {"stdin": theirs, "stdout": theirs, "stderr": theirs}
        else:
            theirs, self._writes = os.pipe()
            self._ours, out = os.pipe()
            ends = {"stdin": theirs, "stdout": out, "stderr": out}
        self.process = subprocess.Popen(
            command,
            env=environment,
            start_new_session=True,
            **ends,  # type: ignore[call-overload]
        )
        os.close(theirs)
        if terminal:
            self._writes = self._ours
        else:
            os.close(out)
        os.set_blocking(self._ours, False)

    def read(self) -> str:
        """All that it has said, without what colours it."""
        try:
            while data := os.read(self._ours, 65536):
                self.text += data.decode(errors="replace")
        except OSError:  # nothing now, or no terminal any more
            pass
        return re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", self.text).replace("\r\n", "\n")

    def wait_for(self, pattern: str) -> re.Match[str]:
        end = time.monotonic() + PATIENCE_S
        while (found := re.search(pattern, self.read())) is None:
            assert time.monotonic() < end, f"never said {pattern!r}: {self.read()}"
            assert self.process.poll() is None or re.search(pattern, self.read()), self.read()
            time.sleep(0.01)
        return found

    def say(self, text: str) -> None:
        os.write(self._writes, text.encode() + b"\n")

    def wait(self) -> int:
        end = time.monotonic() + PATIENCE_S
        while self.process.poll() is None:
            assert time.monotonic() < end, f"it does not end: {self.read()}"
            self.read()
            time.sleep(0.01)
        self.read()
        return int(self.process.returncode)

    def close(self) -> None:
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        for descriptor in {self._ours, self._writes}:
            os.close(descriptor)

    def box(self, name: str = "attic") -> Box:
        room = self.wait_for(r"(?:Room |\"room\": \")(\d{4})")[1]
        connection = socket.create_connection(("127.0.0.1", self.port), PATIENCE_S)
        return Box(connection, room, name)


@pytest.fixture
def programs() -> Iterator[list[Program]]:
    made: list[Program] = []
    yield made
    for each in made:
        each.close()


def at_terminal(programs: list[Program], state: State) -> Program:
    programs.append(Program(state, terminal=True))
    return programs[-1]


def in_a_pipe(programs: list[Program], state: State, *words: str) -> Program:
    programs.append(Program(state, *words, terminal=False))
    return programs[-1]


def test_a_person_reads_the_room_compares_the_code_and_the_box_is_in(
    programs: list[Program], state: State
) -> None:
    state.change_settings(endpoints=("home.example",))
    program = at_terminal(programs, state)
    box = program.box()
    port = program.port
    program.wait_for(rf"undertow verify --pair home\.example:{port} --room {box.room}")
    code = box.agree()
    program.wait_for("  ".join(code.words))
    assert "█" in program.read()
    program.wait_for("six digits from there")
    program.say("12 34")  # no six digits: asked again, and nothing is lost
    program.wait_for("(?s)six digits from there.*six digits from there")
    program.say(f"{code.digits[:3]} {code.digits[3:]}")
    box.confirm()
    box.finish()
    box.connection.close()
    assert program.wait() == 0
    assert "attic is verified, and is let in at 10.51.82.2" in program.read()
    assert "undertow gateway run" in program.read()  # it does not run yet
    assert list(state.peers().by_name) == ["attic"]


def test_another_code_is_an_alarm_and_locks(programs: list[Program], state: State) -> None:
    program = at_terminal(programs, state)
    box = program.box()
    box.agree()
    program.wait_for("six digits from there")
    program.say("no")
    assert box.receive(frames.END) == bytes([frames.NO_MATCH])
    box.connection.close()
    assert program.wait() == EXIT_MISMATCH
    assert "Someone may be in between" in program.read()
    again = at_terminal(programs, state)
    assert again.wait() == EXIT_REFUSED
    assert re.search(r"locked for another \d+ s", again.read())


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_who_interrupts_it_tells_the_other_end(
    programs: list[Program], state: State, number: signal.Signals
) -> None:
    program = at_terminal(programs, state)
    box = program.box()
    box.agree()
    program.wait_for("six digits from there")
    program.process.send_signal(number)
    assert box.receive(frames.END) == bytes([frames.GAVE_UP])
    box.connection.close()
    expected = EXIT_INTERRUPTED if number == signal.SIGINT else 128 + number
    assert program.wait() == expected
    assert "Traceback" not in program.read()
    said = "no if they differ: \nGiven up. Nothing has been stored"
    assert (said in program.read()) == (number == signal.SIGINT)
    assert not state.peers().by_name
    assert not state.peers().reserved


def test_another_key_under_a_known_name_is_red_and_needs_the_digits(
    programs: list[Program], state: State
) -> None:
    for _ in range(2):
        program = at_terminal(programs, state)
        box = program.box()
        code = box.agree()
        program.wait_for("six digits from there")
        alarm = "KEY CHANGED" in program.read()
        if alarm:
            program.say("yes")  # is not enough now
            program.wait_for("(?s)six digits from there.*six digits from there")
            assert "\x1b[1;31mKEY CHANGED" in program.text
            program.say(code.digits)
        else:
            program.say("yes")
        box.confirm()
        box.finish()
        box.connection.close()
        assert program.wait() == 0
    assert alarm


def test_a_program_pairs_by_lines_of_json(programs: list[Program], state: State) -> None:
    program = in_a_pipe(programs, state, "--json")
    box = program.box()
    code = box.agree()
    shown = program.wait_for(rf'"digits": "{code.digits}"')
    assert shown
    program.say("yes")  # says nothing about what was compared
    program.say("y" * 10_000)
    box.confirm()
    program.wait_for("confirmed there")
    assert not state.peers().by_name
    program.say(code.digits)
    box.finish()
    box.connection.close()
    assert program.wait() == 0
    events = [json.loads(line) for line in program.read().splitlines()]
    assert [e["event"] for e in events] == ["room", "code", "confirmed there", "paired"]
    assert events[-1]["state"] == "verified"


def test_a_yes_from_before_the_code_was_shown_is_none(
    programs: list[Program], state: State
) -> None:
    program = at_terminal(programs, state)
    program.wait_for("Room")
    program.say("yes")
    box = program.box()
    box.agree()
    box.confirm()
    program.wait_for("Your answer is missing")
    assert not state.peers().by_name
    program.say("no")
    assert program.wait() == EXIT_MISMATCH


def test_nobody_is_asked_who_is_not_there(programs: list[Program], state: State) -> None:
    program = in_a_pipe(programs, state)
    assert program.wait() == EXIT_USAGE
    assert "standard input is not a terminal" in program.read()


def test_a_taken_port_is_told(programs: list[Program], state: State) -> None:
    with socket.create_server(("0.0.0.0", 0)) as taken:
        port = str(taken.getsockname()[1])
        program = in_a_pipe(programs, state, "--json", "--port", port)
        assert program.wait() == EXIT_PORT
        assert f"TCP port {port}" in program.read()


def test_one_room_is_open_at_a_time_whatever_its_port(
    programs: list[Program], state: State
) -> None:
    at_terminal(programs, state).wait_for("Room")
    second = in_a_pipe(programs, state, "--json")
    assert second.wait() == EXIT_PORT
    assert "open already" in second.read()


def test_secrets_are_in_no_output(programs: list[Program], state: State, tmp_path: Path) -> None:
    program = in_a_pipe(programs, state, "--json")
    box = program.box()
    code = box.agree()
    box.confirm()
    program.say(code.digits)
    psk = box.finish()
    box.connection.close()
    assert program.wait() == 0
    from binascii import b2a_base64

    for form in (psk.hex(), b2a_base64(psk, newline=False).decode()):
        assert form not in program.read()
