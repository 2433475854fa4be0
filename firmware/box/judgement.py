"""Whether documents and key make a box, and all that keeps them from it."""

from box import reading
from box.box_settings import DHCP
from box.state import BOX, KEY, TUNNEL, State
from dhcp.subnet import overlap
from wg.compat import TYPE_CHECKING
from wg.errors import ConfigError
from wg.keytext import wipe

if TYPE_CHECKING:
    from box.box_settings import BoxSettings
    from box.tunnel_document import Tunnel

PROBLEMS_MAX = 8


class Judgement:
    """What came of judge().

    missing: the items that are not there. problems: (document, error) for each thing that is
    wrong. notes: likewise, for what is accepted and may surprise. settings, tunnel: what the
    documents say, where nothing is wrong with them.
    """

    def __init__(self) -> None:
        self.missing: "list[str]" = []
        self.notes: "list[tuple[str, ConfigError]]" = []
        self.problems: "list[tuple[str, ConfigError]]" = []
        self.settings: "BoxSettings | None" = None
        self.tunnel: "Tunnel | None" = None

    @property
    def is_good(self) -> bool:
        return not self.missing and not self.problems

    def wrong(self, name: str, error: "ConfigError") -> None:
        self.problems.append((name, error))

    def is_good_without(self, name: object) -> bool:
        """Whether all is good but that this one item is not there."""
        return self.missing == [name] and not self.problems

    def as_members(self) -> "dict[str, object]":
        """For the line: {missing, problems: [{k, line, what, why, mend}], more, notes}."""
        more = max(len(self.problems) - PROBLEMS_MAX, 0)
        return {
            "missing": self.missing,
            "problems": _members(self.problems[:PROBLEMS_MAX]),
            "more": more,
            "notes": _members(self.notes[:PROBLEMS_MAX]),
        }

    def wipe(self) -> None:
        if self.settings is not None:
            self.settings.wipe()
        if self.tunnel is not None:
            self.tunnel.wipe()


def _members(errors: "list[tuple[str, ConfigError]]") -> "list[dict[str, object]]":
    return [
        {"k": name, "line": error.line, "what": error.what, "why": error.why, "mend": error.mend}
        for name, error in errors
    ]


def judge(state: State, given_key: bool = False, has_wifi: bool = True) -> Judgement:
    """Read the documents of a state, which keeps its texts.

    A private key in the tunnel's document becomes the state's key, unless there is given_key: then
    the key was given or made apart, and the two must be the same. has_wifi: of the board. The
    caller wipes what comes back.
    """
    found = Judgement()
    if state.box is not None:
        found.settings, errors = reading.box(state.box, has_wifi)
        found.problems += [(BOX, each) for each in errors]
        if found.settings is not None:
            found.notes = [(BOX, each) for each in found.settings.notes]
    if state.tunnel is not None:
        text = bytearray(state.tunnel)  # reading wipes keys
        try:
            found.tunnel, errors = reading.tunnel(text)
            found.problems += [(TUNNEL, each) for each in errors]
        finally:
            wipe(text)
    _settle_key(state, found, given_key)
    _compare(state, found)
    for name in (BOX, TUNNEL):
        if state.document(name) is None:
            found.missing.append(name)
    # A document that cannot be read may hold the key.
    if state.key is None and (found.tunnel is not None or state.tunnel is None):
        found.missing.append(KEY)
    return found


def _settle_key(state: State, found: Judgement, given_key: bool) -> None:
    if found.tunnel is None or found.tunnel.key is None:
        return
    if state.key is not None and given_key:
        of_document = found.tunnel.configuration.interface.private_key
        if of_document is not None and of_document.public() != state.public_key():
            found.wrong(
                TUNNEL,
                ConfigError(
                    "PrivateKey",
                    "is another key than the one that the box was given or made",
                    "Give the document without its PrivateKey, or no key beside it.",
                ),
            )
        return
    if state.key is not None:
        wipe(state.key)
    state.key = bytearray(found.tunnel.key)


def _compare(state: State, found: Judgement) -> None:
    """What is wrong only with both documents and the key side by side."""
    tunnel, settings = found.tunnel, found.settings
    if tunnel is None:
        return
    public = state.public_key()
    if public is not None and any(p.public_key == public for p in tunnel.configuration.peers):
        found.wrong(
            TUNNEL,
            ConfigError(
                "PublicKey",
                "is the key of the box itself",
                "Give the public key of the other end.",
            ),
        )
    if settings is None:
        return
    if settings.lan_address is not None and overlap(*settings.lan_address, *tunnel.network):
        found.wrong(
            BOX,
            ConfigError(
                "[LAN] Address",
                "the network on the LAN is also the tunnel's own, where clients then find nobody",
                "Choose another, or leave it out: the box chooses one that is free.",
            ),
        )
    if settings.uplink_mode == DHCP:
        return
    if not settings.uplink_dns and tunnel.named_endpoints():
        found.wrong(
            BOX,
            ConfigError(
                "[Uplink]",
                "has no DNS, and the other end of the tunnel is given by its name",
                "Add a name server, or give the other end's address.",
            ),
        )
