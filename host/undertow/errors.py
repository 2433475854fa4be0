"""The one exception of the host side: what a person can act on."""

EXIT_FAILURE = 1
EXIT_USAGE = 2
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
