"""Errors of the program: what, why, and how to mend it."""

import _system


class ProgramError(Exception):
    """Ends the program. status: its exit status, 2 when the user's own words are wrong."""

    def __init__(self, what: str, why: str, mend: str, status: int = 1) -> None:
        super().__init__("%s: %s. %s" % (what, why, mend))
        self.what = what
        self.why = why
        self.status = status


def words(error: OSError) -> str:
    """The system's words for an error, for example "no such file or directory"."""
    if error.errno is None:
        return str(error)
    text = _system.error_text(error.errno)
    return text[:1].lower() + text[1:]
