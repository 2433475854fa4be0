"""What a box says of itself: one object for programs, with what troubles it in words."""

import _board

from box import trust
from box.unload import WORDS_MODULES, unload
from box.version import VERSION
from wg import endpoint, timers
from wg.allowedips import format_address
from wg.compat import TYPE_CHECKING
from wg.const import REJECT_AFTER_TIME_MS
from wg.keytext import public_to_base64

if TYPE_CHECKING:
    from box.board import Board
    from box.climb import Climb
    from wg.peer import Peer

    Object = dict[str, object]
    Problem = tuple[str, str, str]  # what, why, mend


CAUSES = {
    _board.POWER_ON: "power",
    _board.RESET: "reset",
    _board.WATCHDOG: "watchdog",
    _board.CRASH: "crash",
}
# After so many handshakes without an answer it is told.
UNANSWERED_TRIES = 2
CURRENT = 0


def status(board: "Board", state: str, verification: "Object") -> "Object":
    """state: blank, partial, ready or live. verification: as box.trust has it for the line."""
    uplink = board.uplink
    lan = board.lan
    found = problem(board) or _key_problem(verification)
    return {
        "box": {
            "name": board.name,
            "board": _board.NAME,
            "firmware": VERSION,
            "state": state,
            "uptime_s": board.control.now_ms() // 1000,
            "reset_cause": CAUSES.get(_board.reset_cause(), "unknown"),
            "crashes": _board.crashes(),
        },
        "uplink": {
            "link": uplink.link,
            "address": _address(uplink.address),
            "gateway": _address(uplink.gateway),
            "dns": [format_address(server) for server in uplink.dns],
        },
        "tunnel": _tunnel(board),
        "lan": {
            "address": None if lan.subnet is None else format_address(lan.subnet.address),
            "clients": lan.clients(),
        },
        "verification": verification,
        "sign_in": board.sign_in.report(),
        "links": board.links.status(),
        "drops": board.drops(),
        "memory": _board.memory(),
        "problem": None if found is None else {"what": found[0], "why": found[1], "mend": found[2]},
    }


def _address(address: "bytes | None") -> "str | None":
    return None if address is None else format_address(address)


def _tunnel(board: "Board") -> "Object":
    peer = board.connection.peer()
    public_key = board.public_key
    told: "Object" = {
        "state": tunnel_state(board),
        "public_key": None if public_key is None else public_to_base64(public_key),
        "endpoint": None,
        "peer": None,
        "handshake_age_s": None,
        "rx_bytes": 0,
        "tx_bytes": 0,
    }
    if peer is not None:
        age_ms = _age_ms(board, peer)
        received, sent = peer.transfer()
        told["endpoint"] = endpoint.format(peer.endpoint()) if peer.endpoint() else None
        told["peer"] = public_to_base64(peer.public_key)
        told["handshake_age_s"] = None if age_ms < 0 else age_ms // 1000
        told["rx_bytes"] = received
        told["tx_bytes"] = sent
    climb = _climb(board)
    if climb is not None:
        from box import climb_words

        told["carrier"] = climb_words.status(climb, board.control.now_ms())
        unload(WORDS_MODULES)
    return told


def _climb(board: "Board") -> "Climb | None":
    """What looks for a way; None: the document names but one."""
    lead = board.connection.lead
    return None if lead is None else lead.climb


def _age_ms(board: "Board", peer: "Peer") -> int:
    return board.device.tunnel.keypair_age(peer.number, CURRENT, board.control.now_ms())


def tunnel_state(board: "Board") -> str:
    """closed, waiting (for the uplink), connecting, up, or idle (nobody has anything to send)."""
    if not board.connection.is_open:
        return "closed"
    peer = board.connection.peer()
    if not board.uplink.is_usable():
        return "waiting"
    climb = _climb(board)
    if peer is None or peer.is_lost() or (climb is not None and climb.way.searching_ms):
        return "connecting"
    if 0 <= _age_ms(board, peer) < REJECT_AFTER_TIME_MS:
        return "up"
    return "connecting" if _is_trying(board, peer) else "idle"


def problem(board: "Board") -> "Problem | None":
    """What keeps the box from carrying packets, the first thing first; None: nothing does."""
    if not _board.has_random():
        return (
            "the board",
            "it has no generator of random numbers, so it makes no keys and opens no tunnel",
            "Use a board with one; an emulated board needs virtio-rng.",
        )
    if board.trouble is not None:
        return board.trouble
    if not board.connection.is_open:
        return None
    return _uplink_problem(board) or _sign_in_problem(board) or _gateway_problem(board)


def _key_problem(verification: "Object") -> "Problem | None":
    if verification["state"] != trust.CHANGED:
        return None
    whose = "its own key" if verification["own_changed"] else "the gateway's key"
    return (
        "the verification",
        "%s is another one than two people compared; someone may be in between" % whose,
        "Pair the box with its gateway anew, and compare the code.",
    )


def _uplink_problem(board: "Board") -> "Problem | None":
    uplink = board.uplink
    if not uplink.link:
        return board.links.problem() or (
            "the uplink",
            "there is no link",
            "Plug the cable in, at both ends; try another socket.",
        )
    if uplink.address is None:
        return (
            "the uplink",
            "the network gives no address",
            "Ask whether it needs a fixed one, and provision the box with that.",
        )
    return None


def _sign_in_problem(board: "Board") -> "Problem | None":
    return None if tunnel_state(board) in ("up", "idle") else board.sign_in.problem()


def _gateway_problem(board: "Board") -> "Problem | None":
    peer = board.connection.peer()
    if peer is None:
        return None
    climb = _climb(board)
    if climb is not None:
        now_ms = board.control.now_ms()
        if not climb.way.is_overdue(now_ms):
            return None  # and its words are not loaded in vain
        from box import climb_words

        found = climb_words.problem(climb, now_ms)
        unload(WORDS_MODULES)
        return None if found is None else _router_problem(board) or found
    name = board.connection.name_not_found()
    if name is not None and not peer.endpoint():
        return _router_problem(board) or (
            "the gateway %s" % name,
            "its name was not found",
            "See that the name is right and that the network reaches the internet.",
        )
    is_unanswered = _is_trying(board, peer) and peer.tries >= UNANSWERED_TRIES
    if is_unanswered or peer.given_up_bytes >= 0:
        return _router_problem(board) or (
            "the gateway %s" % endpoint.format(peer.endpoint()),
            "it does not answer",
            "See that it runs, knows this box's public key, and that the network lets UDP pass.",
        )
    return None


def _router_problem(board: "Board") -> "Problem | None":
    gateway = board.uplink.gateway
    if gateway is None:
        return (
            "the uplink",
            "the network names no router, so nothing beyond it can be reached",
            "Ask whoever runs it; with 'Mode = static' the box can be told its router.",
        )
    if board.uplink.is_router_silent:
        return (
            "the uplink",
            "its router %s does not answer" % format_address(gateway),
            "See that the network works for others; with 'Mode = static', that it is right.",
        )
    return None


def _is_trying(board: "Board", peer: "Peer") -> bool:
    """Whether a handshake is under way."""
    return board.device.timers.is_armed(peer, timers.RETRY)
