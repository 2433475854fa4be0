"""What a box says of its ways to the gateway: which it is on, and what the others came to."""

from carrier import errors
from carrier.standing import BUSY, FROZEN, PROVEN, SILENT, UNANSWERED
from wg.compat import TYPE_CHECKING

if TYPE_CHECKING:
    from box.climb import Climb

    Object = dict[str, object]
    Problem = tuple[str, str, str]

TRIED_MAX = 8  # told in the status, which has to fit in memory

# Why a way was left or not had: half a sentence each.
WHY = {
    SILENT: "no answer",
    UNANSWERED: "somebody is there, and the tunnel does not answer by it",
    FROZEN: "it carried something, and then nothing more came",
    PROVEN: "it works",
    errors.PORTAL: "a page came instead of an answer: this place wants a sign-in",
    errors.PROXY_LOGIN: "the proxy wants a user and a password, or others",
    errors.PROXY_REFUSED: "the proxy does not let us there",
    errors.PROXY_UNREACHED: "the proxy does not get there",
    errors.NOT_OURS: "something else answers there",
    errors.MALFORMED: "what answers there is no gateway",
    "refused": "nobody listens there",
    "unreachable": "the network has no way there",
    "timeout": "no answer",
    "reset": "the connection was cut off",
    "closed": "the other end closed it",
    "closed-here": "left for a better one",
    "alert": "the other end refused TLS",
    "tls": "what answers there does not speak TLS",
    "certificate": "its certificate is broken",
    "name": "its certificate is for another name",
    "expired": "its certificate is out of date",
    "pin": "its certificate is not the gateway's: somebody is in between",
    "protocol": "what came there makes no sense",
    "memory": "there was no memory left for it",
    BUSY: "there is only one such connection at a time",
}
# The first of these that was met says more than all silence: what, why, mend.
_TELLING = (
    (
        errors.PORTAL,
        "the network",
        "it wants you to sign in first",
        "Run `undertow sign-in`, or hold the box's button; then open any page behind the box.",
    ),
    (
        errors.PROXY_LOGIN,
        "the proxy",
        "it wants a user and a password, or others than it got",
        "Give ProxyUser and ProxyPassword in [Uplink].",
    ),
    (
        errors.PROXY_REFUSED,
        "the proxy",
        "it does not let the box through to the gateway",
        "Most proxies allow only port 443: have the gateway listen there.",
    ),
    (
        "pin",
        "the gateway",
        "something else answers in its place: its certificate is another one",
        "Pair the box with its gateway anew if that has a new one; else leave this network.",
    ),
    (
        FROZEN,
        "the gateway's address",
        "every way carries a little and is then frozen: this network slows it down",
        "Give the gateway another address or name in 'Address =', best one at home.",
    ),
)


def status(climb: "Climb", now_ms: int) -> "Object":
    """The member "carrier" of `status`."""
    rung = climb.way.rung
    is_searching = climb.way.searching_ms != 0
    return {
        "way": None if rung is None or is_searching else rung.words(),
        "since_s": None if rung is None or is_searching else (now_ms - climb.way.since_ms) // 1000,
        "proven": climb.way.is_proven and not is_searching,
        "mtu": climb.way.mtu,
        "searching_s": (now_ms - climb.way.searching_ms) // 1000 if is_searching else None,
        "tried": tried(climb),
    }


def tried(climb: "Climb") -> "list[Object]":
    """What was tried here, and what came of it."""
    if climb.ladder is None:
        return []
    return [
        {"way": rung.words(), "result": code, "why": WHY.get(code, code)}
        for rung, code in climb.ladder.tried()[:TRIED_MAX]
    ]


def problem(climb: "Climb", now_ms: int) -> "Problem | None":
    """Why there is no way, once it was looked for long enough."""
    if not climb.way.is_overdue(now_ms) or climb.ladder is None:
        return None
    found = [code for _, code in climb.ladder.tried()]
    for code, what, why, mend in _TELLING:
        if code in found:
            return what, why, mend
    host = climb.places.hosts[0] if climb.places.hosts else ""
    if climb.places.failed is not None and not climb.places.addresses(0):
        return (
            "the gateway %s" % climb.places.failed,
            "its name was not found",
            "See that the name is right and that the network reaches the internet.",
        )
    return (
        "the gateway %s" % host,
        "none of %d ways that were tried reaches it" % len(found),
        "See that it runs and knows this box; `undertow doctor` says what is in the way.",
    )
