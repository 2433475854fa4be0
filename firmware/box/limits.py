"""How much of everything a box has room for in its tunnel."""

PEERS_MAX = 4
PREFIXES_MAX = 64  # allowed IPs of all peers together
MTU_MIN = 1280
MTU_MAX = 1420
MTU_DEFAULT = 1420
