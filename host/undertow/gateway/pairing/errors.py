"""How a pairing can fail, in words."""

from pairing import frames
from undertow.errors import EXIT_MISMATCH, EXIT_REFUSED, UndertowError


class EndedError(UndertowError):
    """No box was let in. reason: what the other end is told (frames.NO_MATCH and so on).

    is_failure: it counts for the lockout.
    """

    def __init__(
        self,
        what: str,
        why: str,
        mend: str,
        reason: int = frames.GAVE_UP,
        is_failure: bool = False,
        exit_code: int = EXIT_REFUSED,
    ) -> None:
        super().__init__(what, why, mend, exit_code)
        self.reason = reason
        self.is_failure = is_failure


_AGAIN = "Open a new room: undertow gateway pair."
_WAIT = (
    "Wait for a minute, after the third time for ten; then pair again, if you can over another "
    "network."
)


def mismatch(why: str) -> EndedError:
    return EndedError(
        "The codes are not the same. Someone may be in between",
        f"{why} Nothing has been stored, and the box was not let in.",
        _WAIT,
        frames.NO_MATCH,
        True,
        EXIT_MISMATCH,
    )


def broken(why: str) -> EndedError:
    """Something that takes somebody in between, or a broken program."""
    return EndedError(
        "This pairing was broken. Someone may be in between",
        f"{why[:1].upper()}{why[1:]}. Nothing has been stored.",
        _WAIT,
        frames.NO_MATCH,
        True,
        EXIT_MISMATCH,
    )


def unusable(why: str) -> EndedError:
    return EndedError(
        "The box cannot be let in",
        f"{why[:1].upper()}{why[1:]}. Nothing has been stored.",
        f"Mend that at the box's end. {_AGAIN}",
    )


def left(was_attempt: bool) -> EndedError:
    why = "It ended the pairing, or the network did. Nothing has been stored"
    wait = "."
    if was_attempt:
        wait = ", and because the other end could know the code there is a minute to wait."
    return EndedError("The other end has gone", why + wait, _AGAIN, is_failure=was_attempt)


def given_up() -> EndedError:
    return EndedError(
        "The pairing was given up",
        "Nothing has been stored; a code was shown, so there is a minute to wait.",
        _AGAIN,
        is_failure=True,
    )


def too_late(after_code: bool) -> EndedError:
    return EndedError(
        "The room is closed: it was open for ten minutes",
        "A room that stays open is one to be found. Nothing has been stored.",
        _AGAIN,
        is_failure=after_code,
    )


def locked(seconds: int) -> UndertowError:
    return UndertowError(
        f"Pairing is locked for another {seconds} s",
        "A code that was shown before was not confirmed. Who sits in between would try again and "
        "again until one fits.",
        "Wait, and do not hurry: compare every digit.",
        EXIT_REFUSED,
    )
