"""With whom a box was paired, and whether that still holds: the record "pairing" of its state."""

from wg.compat import TYPE_CHECKING
from wg.keytext import KEY_LEN, public_to_base64

if TYPE_CHECKING:
    Object = dict[str, object]

# Whether two people have compared the code of the keys that are in force.
NO = "no"
YES = "yes"
CHANGED = "changed"  # they have, and a key is another one since

_FORMAT = 1
_NAME = 1 + 2 * KEY_LEN


class Trust:
    """Both ends' public keys as they were when the code was compared, and the gateway's name."""

    def __init__(self, gateway: bytes, own: bytes, name: str) -> None:
        self.gateway = gateway
        self.own = own
        self.name = name

    def encode(self) -> bytearray:
        return bytearray(bytes([_FORMAT]) + self.gateway + self.own + self.name.encode())


def decode(data: "bytes | bytearray | None") -> "Trust | None":
    """None: there is no record, or it is of a form that this firmware does not know."""
    if data is None or len(data) < _NAME or data[0] != _FORMAT:
        return None
    gateway, own = bytes(data[1 : 1 + KEY_LEN]), bytes(data[1 + KEY_LEN : _NAME])
    return Trust(gateway, own, bytes(data[_NAME:]).decode())


class Verification:
    """state: NO, YES or CHANGED. trust: the record, if there is one."""

    def __init__(
        self, trust: "Trust | None", own: "bytes | None", peers: "list[bytes] | None"
    ) -> None:
        """own: the box's public key in force. peers: all that its tunnel leads to; None: unknown.

        A second peer, whose key nobody compared, could take a part of the packets.
        """
        self.trust = trust
        self.state = NO
        self.own_changed = False
        self.peer_changed = False
        if trust is not None and own is not None and peers:
            self.own_changed = own != trust.own
            self.peer_changed = peers != [trust.gateway]
            self.state = CHANGED if self.own_changed or self.peer_changed else YES

    def words(self) -> str:
        """For a line that people read."""
        if self.trust is None or self.state == NO:
            return "not verified"
        if self.state == YES:
            return "verified with %s" % self.trust.name
        whose = "its own key" if self.own_changed else "the key of %s" % self.trust.name
        return "NOT VERIFIED ANY MORE, %s has changed" % whose

    def as_members(self, locked_s: int) -> "Object":
        """The member "verification" of `status`. locked_s: for how long no pairing may begin."""
        trust = self.trust
        return {
            "state": self.state,
            "gateway": None if trust is None else trust.name,
            "peer": None if trust is None else public_to_base64(trust.gateway),
            "own_changed": self.own_changed,
            "peer_changed": self.peer_changed,
            "locked_s": locked_s,
        }
