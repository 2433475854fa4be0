"""What can go wrong between a box and the gateway that it pairs with, and what to do."""

from typing import Any

from pairing import frames
from undertow.errors import EXIT_FAILURE, EXIT_MISMATCH, EXIT_NO_BOX, EXIT_REFUSED, UndertowError
from undertow.pairing.address import Meeting

_AGAIN = "Open a new room there with `undertow gateway pair`, and run this again with its number."


class MismatchError(UndertowError):
    """The two codes differ: the one thing that pairing is there to notice."""

    def __init__(self, what: str, mend: str = "") -> None:
        super().__init__(
            what,
            "SOMEONE MAY BE IN BETWEEN the box and the gateway, and nothing was stored. Or one of "
            "you looked at another pairing, or misread a digit.",
            mend
            or "Both ends now refuse for 60 s, after the third time for 10 min. Then open a new "
            "room and pair again, over another network if you can. If it fails again, do not use "
            "this path.",
            EXIT_MISMATCH,
        )


class NotVerifiedError(UndertowError):
    """The box is not, or not any more, one whose keys two people have compared."""

    def __init__(self, what: str, why: str, mend: str, verification: dict[str, Any]) -> None:
        super().__init__(what, why, mend, EXIT_MISMATCH)
        self.verification = verification

    def details(self) -> dict[str, Any]:
        return {"verification": self.verification}


def not_reached(meeting: Meeting, text: str) -> UndertowError:
    return UndertowError(
        f"There is no way to the gateway at {meeting}",
        f"The system says: {text.rstrip('.')}.",
        "See that `undertow gateway pair` waits there, that this laptop has a network, and that "
        "the gateway's router lets this TCP port in.",
        EXIT_NO_BOX,
    )


def silent(meeting: Meeting, seconds: float) -> UndertowError:
    return UndertowError(
        f"The gateway at {meeting} does not answer",
        f"It took the connection and said nothing for {seconds:g} s.",
        f"See that `undertow gateway pair` runs there. {_AGAIN}",
        EXIT_NO_BOX,
    )


def nobody_confirms(seconds: float) -> UndertowError:
    return UndertowError(
        "Nobody confirmed the code at the gateway",
        f"The box's side did, and then waited for {seconds / 60:g} min. Nothing was stored.",
        f"Agree on a time with the person there. {_AGAIN}",
        EXIT_REFUSED,
    )


def no_room(meeting: Meeting) -> UndertowError:
    return UndertowError(
        f"The gateway at {meeting} has no room {meeting.room}",
        "A room is open for 10 min and for one pairing, whatever comes of it; or its number was "
        "misheard.",
        _AGAIN,
        EXIT_REFUSED,
    )


def lost(meeting: Meeting) -> UndertowError:
    return UndertowError(
        f"The line to the gateway at {meeting} broke off",
        "The network, or the gateway's program, has ended. Nothing was stored in the box.",
        _AGAIN,
        EXIT_NO_BOX,
    )


def not_pairing(meeting: Meeting) -> UndertowError:
    return UndertowError(
        f"What is at {meeting} is no gateway of ours",
        "What it answers is not pairing.",
        "Correct --pair; the port is the one that `undertow gateway pair` shows.",
        EXIT_NO_BOX,
    )


def ended(meeting: Meeting, reason: int, is_shown: bool) -> UndertowError:
    """The gateway ended it. is_shown: after the code was shown."""
    if reason == frames.NO_MATCH:
        return MismatchError("The person at the gateway says that the codes differ")
    if reason == frames.LOCKED:
        return UndertowError(
            f"The gateway at {meeting} does not pair now",
            "A pairing has failed there: then it refuses for 60 s, after the third for 10 min.",
            f"Wait, and find out what failed. {_AGAIN}",
            EXIT_REFUSED,
        )
    if reason == frames.NO_ROOM and not is_shown:
        return no_room(meeting)
    return UndertowError(
        "The gateway gave up",
        "Somebody interrupted it there, or its time was up. Nothing was stored in the box.",
        _AGAIN,
        EXIT_FAILURE,
    )


def half_done(name: str) -> str:
    """What else to know when the box could not take over what both have confirmed."""
    return (
        f"The gateway may know the box by now: pairing again replaces that, and `undertow gateway "
        f"remove {name}` there takes it back."
    )
