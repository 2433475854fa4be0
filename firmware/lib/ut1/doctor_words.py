"""The doctor's steps, and the reasons for which each can say no, in words.

The box says them, and a laptop explains by them a code that somebody has read out (doctor_code).
The places of steps and of reasons, from 1, are in that code: new ones come last, none goes.
"""

from wg.compat import TYPE_CHECKING

if TYPE_CHECKING:
    Reason = tuple[str, str, str, str]
    Step = tuple[str, tuple[Reason, ...]]

_SIGN_IN = "Run `undertow sign-in`, or hold the box's button; then open any page behind the box."

# (name, reasons for a no: (name, what, why, mend)). Where the box knows it more precisely, it says
# that in place of what, why and mend. What holds where a step says yes: undertow.doctor.claims.
STEPS: "tuple[Step, ...]" = (
    (
        "settings",
        (
            (
                "unusable",
                "the settings",
                "the box cannot use them",
                "See `undertow status`, which says where; then provision the box anew.",
            ),
            (
                "no-gateway",
                "the gateway",
                "the box has none yet",
                "Pair it with one and compare the code, or give it a wg-quick file.",
            ),
        ),
    ),
    (
        "link",
        (
            (
                "broken",
                "the uplink",
                "its cable or its Wi-Fi does not work",
                "See `undertow status`, which says what is wrong with it.",
            ),
            (
                "none",
                "the uplink",
                "there is no link",
                "Plug the cable in, at both ends; try another socket.",
            ),
        ),
    ),
    (
        "address",
        (
            (
                "none",
                "the uplink",
                "the network gives no address; it may be full, or let in only who it knows",
                "Try again in a minute; ask whether it needs a fixed address or a known device.",
            ),
            (
                "no-router",
                "the uplink",
                "the network names no router, so nothing beyond it can be reached",
                "Ask whoever runs it; with 'Mode = static' the box can be told its router.",
            ),
        ),
    ),
    (
        "router",
        (
            (
                "silent",
                "the uplink",
                "its router does not answer",
                "See whether the network works for others; move closer, or plug the cable in anew.",
            ),
        ),
    ),
    (
        "sign-in",
        (
            ("page", "this place", "it wants you to sign in first", _SIGN_IN),
            ("told", "this place", "it says that it wants you to sign in first", _SIGN_IN),
        ),
    ),
    (
        "names",
        (
            (
                "not-found",
                "the gateway's name",
                "it is not found on this network",
                "See that it is right; give the gateway's address in 'Address =' beside it.",
            ),
        ),
    ),
    (
        "way out",
        (
            (
                "not-there",
                "the gateway",
                "the internet works here, but not to your gateway",
                "See that it runs; if it does, its address is blocked here: give it another.",
            ),
        ),
    ),
    (
        "udp",
        (
            (
                "closed",
                "the gateway",
                "none of its UDP ports answers here, and no other way reaches it either",
                "See that it runs; else this network closes UDP: use TLS, and a proxy if there is "
                "one.",
            ),
        ),
    ),
    ("shape", ()),
    (
        "volume",
        (
            (
                "frozen",
                "the gateway's address",
                "this network slows it down, so that the tunnel begins and then stops",
                "Have a gateway at home, or give it another address or name in 'Address ='.",
            ),
        ),
    ),
    ("size", ()),
    (
        "handshake",
        (
            (
                "unknown",
                "the gateway",
                "it answers nobody who uses this box's keys",
                "See that it runs and knows this box's public key; pair the two anew.",
            ),
            (
                "unheard",
                "the gateway",
                "nothing comes back from it; this network may close its port",
                "See that it runs and knows this box; give the box a file with more ways.",
            ),
        ),
    ),
    (
        "inside",
        (
            (
                "silent",
                "the tunnel",
                "the gateway hears the box, and the box does not hear the gateway",
                "Restart the gateway; see that nothing there drops the tunnel's packets.",
            ),
        ),
    ),
    (
        "leaks",
        (
            (
                "left",
                "the box",
                "a packet has left it without the tunnel",
                "Unplug it, do not use it any more, and tell who made its firmware.",
            ),
        ),
    ),
    ("speed", ()),
)


def number(step: int, name: str) -> int:
    """The place of a reason among those of a step, from 1. ValueError: there is no such one."""
    return [reason[0] for reason in STEPS[step - 1][1]].index(name) + 1


def reason(step: int, number: int) -> "Reason | None":
    """A reason by its place, as a code has it; None: newer firmware than this knows it."""
    if not 0 < step <= len(STEPS) or not 0 < number <= len(STEPS[step - 1][1]):
        return None
    return STEPS[step - 1][1][number - 1]
