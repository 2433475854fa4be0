"""The keywords of a wg-quick file, in their usual spelling."""

from wg.config_carriers import CARRIER_KEYWORDS
from wg.config_shape import SHAPE_KEYWORDS

_PLAIN_KEYWORDS = (
    "PrivateKey",
    "ListenPort",
    "FwMark",
    "Address",
    "DNS",
    "MTU",
    "Table",
    "SaveConfig",
    "PreUp",
    "PostUp",
    "PreDown",
    "PostDown",
)
INTERFACE_KEYWORDS = _PLAIN_KEYWORDS + SHAPE_KEYWORDS
PEER_KEYWORDS = ("PublicKey", "PresharedKey", "AllowedIPs", "Endpoint", "PersistentKeepalive")

SECTIONS = {
    "interface": INTERFACE_KEYWORDS,
    "peer": PEER_KEYWORDS,
    "carriers": CARRIER_KEYWORDS,
}
SPELLED = {"interface": "Interface", "peer": "Peer", "carriers": "Carriers"}

# In lower case: those that may be given several times, those that name commands, and those
# whose value is a key.
LISTS = ("address", "dns", "allowedips")
HOOKS = ("preup", "postup", "predown", "postdown")
KEYS = ("privatekey", "publickey", "presharedkey", "headerprotectionkey")


def find(name: str, keywords: "tuple[str, ...]") -> "str | None":
    """The keyword in its usual spelling."""
    for keyword in keywords:
        if keyword.lower() == name:
            return keyword
    return None


def nearest(name: str, keywords: "tuple[str, ...]") -> "str | None":
    """The keyword that a slip of the hand most likely meant, or None."""
    best = None
    best_distance = 1 + max(2, len(name) // 3)
    for keyword in keywords:
        distance = _distance(name, keyword.lower())
        if distance < best_distance:
            best, best_distance = keyword, distance
    return best


def _distance(a: str, b: str) -> int:
    """How many letters must be put in, taken out or changed to make b of a (Levenshtein)."""
    row = list(range(len(b) + 1))
    for i in range(len(a)):
        diagonal, row[0] = row[0], i + 1
        for j in range(len(b)):
            cost = diagonal if a[i] == b[j] else 1 + min(diagonal, row[j], row[j + 1])
            diagonal, row[j + 1] = row[j + 1], cost
    return row[len(b)]
