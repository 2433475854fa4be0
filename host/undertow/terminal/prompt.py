"""Questions to a person. Nobody is asked who is not there: then the error says what to give."""

import sys

from undertow.errors import EXIT_USAGE, UndertowError


def has_person() -> bool:
    """Whether there is somebody to ask."""
    try:
        return sys.stdin.isatty()
    except ValueError:  # it was closed
        return False


def is_watched() -> bool:
    """Whether somebody sees what is said, and nothing keeps it."""
    return sys.stderr.isatty()


def require_person(what: str, mend: str) -> None:
    """UndertowError: what would have to be asked for, and nobody is there. mend: what to give."""
    if not has_person():
        raise UndertowError(
            f"{what} is not given",
            "It would be asked for, but standard input is not a terminal: nobody is there.",
            mend,
            EXIT_USAGE,
        )


def ask(question: str, what: str, mend: str) -> str:
    """A person's answer, without spaces around it. UndertowError: nobody is there."""
    require_person(what, mend)
    # Not input(question): that goes to standard output, which belongs to results.
    print(question, end=" ", file=sys.stderr, flush=True)
    answer = sys.stdin.readline()
    if not answer:
        raise _gone(what, mend)
    return answer.strip()


def ask_secret(question: str, what: str, mend: str) -> bytearray:
    """What a person types without seeing it, as UTF-8; to be wiped by the caller."""
    require_person(what, mend)
    from getpass import getpass

    try:
        # A str, which Python gives back when it likes; everything else of ours is a buffer.
        return bytearray(getpass(f"{question} ").encode())
    except EOFError:
        raise _gone(what, mend) from None


def confirm(question: str) -> bool:
    """Whether a person says yes; nobody says no."""
    if not has_person():
        return False
    print(f"{question} [y/N]", end=" ", file=sys.stderr, flush=True)
    return sys.stdin.readline().strip().lower() in ("y", "yes")


def _gone(what: str, mend: str) -> UndertowError:
    return UndertowError(
        f"{what} is not given", "Instead of an answer the input ended.", mend, EXIT_USAGE
    )
