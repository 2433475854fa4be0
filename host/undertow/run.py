"""Running other programs: their output is shown only when they fail."""

import os
import subprocess
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from undertow.errors import UndertowError

TAIL_LINES = 40


def ending_with_us(command: Sequence[str | Path], signal: str = "TERM") -> list[str]:
    """A command that gets a signal when the process that starts it dies, even by SIGKILL.

    For emulators: one whose starter is gone would run for ever. It keeps its process id.
    """
    return ["setpriv", "--pdeathsig", signal, *(str(word) for word in command)]


def run(
    command: Sequence[str | Path],
    *,
    why: str,
    cwd: Path | None = None,
    environment: Mapping[str, str] | None = None,
    on_line: Callable[[str], None] | None = None,
    mend: str = "The lines above are its last; mend what they name and run this again.",
) -> str:
    """Run a command to its end and return what it printed (stdout and stderr together).

    why: what it was needed for, for the error when it fails.
    environment: added to ours.
    on_line: called with each line as it comes.
    """
    words = [str(word) for word in command]
    try:
        process = subprocess.Popen(
            words,
            cwd=cwd,
            env={**os.environ, **(environment or {})},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
        )
    except FileNotFoundError as error:
        raise UndertowError(
            f"The program '{words[0]}' is not there", why, "Run ./invoke setup."
        ) from error
    lines = []
    with process:
        assert process.stdout is not None
        try:
            for line in process.stdout:
                lines.append(line)
                if on_line:
                    on_line(line.rstrip())
        except BaseException:
            process.terminate()
            raise
    if process.returncode:
        tail = "".join(lines[-TAIL_LINES:]).rstrip()
        raise UndertowError(
            f"{tail}\n'{' '.join(words[:4])} ...' ended with status {process.returncode}", why, mend
        )
    return "".join(lines)
