"""What undertow-unix needs of Linux beside packets: children, the background, names. Errors of the system are OSError."""

from typing import Optional

from _typeshed import ReadableBuffer, WriteableBuffer

def run(argv: "tuple[str, ...]", input: ReadableBuffer = b"") -> "tuple[int, bytes]":
    """Run a program to its end: (exit status or minus a signal, everything it printed). No shell is involved.

    argv: the program, looked for in PATH, and its arguments. OSError: it cannot be started.
    """

def daemonize() -> int:
    """Go on in a child with no terminal, whose parent waits for report(); returns the descriptor for that."""

def report(descriptor: int, status: int, keep_stderr: bool) -> None:
    """Let the waiting parent leave with this exit status, and let go of the standard error too unless it is kept."""

def watch_removal(path: str) -> int:
    """A descriptor that becomes readable when something happens to the file; see drain()."""

def drain(descriptor: int) -> None:
    """Read and forget what is there."""

def close(descriptor: int) -> None: ...
def receive(descriptor: int, buffer: WriteableBuffer) -> "Optional[tuple[int, int]]":
    """One message of a socket that keeps messages apart: (length, descriptor that came with it, or -1).

    None: there is none now. Length 0: the other end is gone. What does not fit is cut off.
    """

def send(descriptor: int, message: ReadableBuffer) -> bool:
    """Send one message; False: there is no room now."""

def raise_file_limit() -> int:
    """Allow this process as many open files as the system lets it have; how many."""

def interface_index(name: str) -> int:
    """0: there is no such interface."""

def error_text(errno: int) -> str:
    """The system's words for an error number."""
