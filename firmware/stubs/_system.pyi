"""What undertow-unix needs of Linux beside packets: children, the background, names. Errors of the system are OSError."""

from _typeshed import ReadableBuffer

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
def interface_index(name: str) -> int:
    """0: there is no such interface."""

def error_text(errno: int) -> str:
    """The system's words for an error number."""
