"""The one exception of the host side: what a person can act on."""

from typing import Any

EXIT_FAILURE = 1
EXIT_USAGE = 2
EXIT_NO_BOX = 3  # nobody answers, or not a box that we understand
EXIT_PORT = 4  # the port is busy or not ours to open
EXIT_FLASH = 5  # the flash could not be written
EXIT_REFUSED = 6  # the box, or we before it, refused what it was to be given
EXIT_MISMATCH = 7  # the box holds something else than it was given
EXIT_IN_THE_WAY = 8  # the box works, and something keeps it from its gateway
EXIT_INTERRUPTED = 130


class UndertowError(Exception):
    """Something that a person can mend.

    what: what went wrong, a sentence without a full stop.
    why: what it stands in the way of, or what caused it.
    mend: the next step, with the exact command where there is one.
    exit_code: the status of the whole program.
    """

    def __init__(self, what: str, why: str, mend: str, exit_code: int = EXIT_FAILURE) -> None:
        super().__init__(what, why, mend)
        self.what = what
        self.why = why
        self.mend = mend
        self.exit_code = exit_code

    def __str__(self) -> str:
        return f"{self.what}. {self.why} {self.mend}"

    def as_text(self) -> str:
        """For people: what, why and mend, each on lines of its own."""
        return f"error: {self.what}.\n{self.why}\n{self.mend}"

    def as_object(self) -> dict[str, Any]:
        """For programs."""
        return {
            "what": self.what,
            "why": self.why,
            "mend": self.mend,
            "code": self.exit_code,
            **self.details(),
        }

    def details(self) -> dict[str, Any]:
        """What a kind of error has besides."""
        return {}
