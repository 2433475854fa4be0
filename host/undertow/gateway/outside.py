"""What a box says of one of the gateway's ports, in words: findings of `undertow gateway check`."""

from dataclasses import dataclass

from carrier import inside

GOOD, BAD, UNKNOWN = "good", "bad", "not known"


@dataclass(frozen=True)
class Finding:
    """where: a port, or what else was looked at. state: GOOD, BAD or UNKNOWN."""

    where: str
    state: str
    what: str
    why: str = ""
    mend: str = ""


_WHERE = {
    inside.PLAIN: "UDP {}, plain",
    inside.SHAPED: "UDP {}, shaped",
    inside.BY_WS: "TCP {}, WebSocket",
    inside.BY_TLS: "TCP {}, WebSocket by TLS",
}
_NETWORK = (
    " If other ports answer from the same network, and this one from another, that network closes "
    "it."
)
# By result: what happened, why, and what to do; {0}: the box, {1}: the port, {2}: its number.
_TCP = {
    inside.SILENT: (
        "{0} gets no connection to {1}",
        "Your router does not pass this port on, a firewall is in the way, or the network that the "
        "box is in does not let it out.",
        "Have the router pass TCP port {2} on to this machine." + _NETWORK,
    ),
    inside.REFUSED: (
        "{0} is refused at {1}",
        "Somebody answers that nobody listens there: your router, or the network that the box is "
        "in.",
        "Have the router pass TCP port {2} on to this machine." + _NETWORK,
    ),
    inside.CUT: (
        "{0} gets a connection to {1}, which is then cut or goes silent",
        "The network that the box is in may look at what passes and not like it, or another "
        "machine has the port.",
        "Look from another network: --box NAME. If it is cut there, too, see where your router "
        "passes TCP port {2} on to.",
    ),
    inside.WRONG_TLS: (
        "{0} meets somebody else's TLS, or none, at {1}",
        "The key in the certificate is not ours: another machine has the port, or somebody between "
        "us opens TLS.",
        "See where your router passes TCP port {2} on to. Where it is right, and the box is in a "
        "company's or a school's network, that is who opens it: the box does not use it there.",
    ),
    inside.NO_UPGRADE: (
        "{0} meets a web server at {1} that does not know it",
        "Another machine has the port, a proxy is in between, or the box has an old file.",
        "See where your router passes TCP port {2} on to; then pair the box again: undertow "
        "gateway pair.",
    ),
}
_UDP = (
    "{0} gets no answer from {1}",
    "Your router does not pass this port on, a firewall is in the way, or the network that the box "
    "is in does not let it out.",
    "Have the router pass UDP port {2} on to this machine." + _NETWORK,
)


def told(port: int, how: int, result: int, box: str) -> Finding:
    """port, how, result: as of inside.report(). box: its name."""
    where = _WHERE[how].format(port)
    is_tcp = how > inside.SHAPED
    if result == inside.ANSWERED:
        what = f"{box} is let in at {where}" if is_tcp else f"{box} gets an answer from {where}"
        return Finding(where, GOOD, what)
    if result == inside.BUSY:
        return Finding(
            where,
            UNKNOWN,
            f"{box} did not look at {where}",
            "It has come in by a stream itself, or needs one just now, and has no other to spare.",
            "Run this again when it comes in by UDP (undertow gateway list), or name another box: "
            "--box NAME.",
        )
    if result == inside.NOT_ASKED:
        why = "a WebSocket in its file" if is_tcp else "the tunnel"
        return Finding(where, UNKNOWN, f"{box} cannot ask {where} without {why}")
    texts = _TCP.get(result, _TCP[inside.SILENT]) if is_tcp else _UDP
    what, why, mend = (text.format(box, where, port) for text in texts)
    return Finding(where, BAD, what, why, mend)
