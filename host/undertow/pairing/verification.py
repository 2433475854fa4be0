"""Whether the keys of a box and its gateway were compared by two people, in the box's words."""

from typing import Any

from undertow.console import Console, Hello
from undertow.pairing import failure

YES, CHANGED, NO = "yes", "changed", "no"

_HOW = (
    "With a gateway of ours: run `undertow gateway pair` there, and here `undertow verify --pair "
    "HOST --room N` with what it shows. With another gateway nobody can tell."
)


def ask(console: Console, box: Hello) -> dict[str, Any]:
    """The member "verification" of the box's status; a box that has none was never verified."""
    found = console.status().get("verification")
    return dict(found) if isinstance(found, dict) else {"state": box.verified}


def require(verification: dict[str, Any], name: str | None) -> None:
    """NotVerifiedError: not verified, or not any more."""
    who = f"The box '{name}'" if name else "The box"
    gateway = verification.get("gateway")
    if verification.get("state") == CHANGED:
        whose = []
        if verification.get("own_changed"):
            whose.append("the box's own key")
        if verification.get("peer_changed"):
            whose.append(f"the key of the gateway '{gateway}'")
        raise failure.NotVerifiedError(
            f"{who} is NOT VERIFIED ANY MORE: {' and '.join(whose) or 'a key'} "
            f"{'HAVE' if len(whose) > 1 else 'HAS'} CHANGED",
            "Since two people compared the keys, one was replaced. If neither of you did that, "
            "someone may be in between, or has had the box in hand.",
            f"Ask the gateway's owner. If it is meant, pair again to compare the new keys. {_HOW}",
            verification,
        )
    if verification.get("state") != YES:
        raise failure.NotVerifiedError(
            f"{who} is not verified",
            "Nobody has compared the keys of the box and of its gateway: that they are the right "
            "ones is only what the file, or the network, said.",
            _HOW,
            verification,
        )
