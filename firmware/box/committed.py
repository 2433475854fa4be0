"""What there is to say of the settings in flash without showing them."""

from box import reading, trust
from box.trust import Verification
from wg.compat import TYPE_CHECKING
from wg.keytext import wipe

if TYPE_CHECKING:
    from box.state import State


class Committed:
    """digest: of the state; None: it is blank. name: the box's own; None: it has none.

    networks: how many there are to join.
    """

    def __init__(self, state: "State") -> None:
        """The state is the caller's to wipe."""
        self.digest = None if state.is_blank else state.digest()
        self.name, self.networks = _box(state)
        record = trust.decode(state.pairing)
        # Without a record nobody asks for the keys, and reading them takes its time.
        own = None if record is None else state.public_key()
        peers = None if record is None else _peers(state)
        self.verification = Verification(record, own, peers)


def _box(state: "State") -> "tuple[str | None, int]":
    if state.box is None:
        return None, 0
    settings, _ = reading.box(state.box)
    if settings is None:
        return None, 0
    settings.wipe()
    return settings.name, len(settings.networks)


def _peers(state: "State") -> "list[bytes] | None":
    if state.tunnel is None:
        return None
    text = bytearray(state.tunnel)  # reading wipes keys
    try:
        tunnel, _ = reading.tunnel(text)
    finally:
        wipe(text)
    if tunnel is None:
        return None
    tunnel.wipe()
    return [peer.public_key for peer in tunnel.configuration.peers]
