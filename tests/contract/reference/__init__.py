"""The whole of `_wg` once more, slow and plain: an oracle for tests, and nothing else.

Written from the WireGuard paper, Noise, RFC 6479, 7693, 7748, 8439 and the XChaCha draft, on
`cryptography` and `hashlib`, not from our C. It shares with the C what the stubs promise: names,
limits, and kinds of exceptions.
"""

from tests.contract.reference.constants import *  # noqa: F403
from tests.contract.reference.gate import Gate
from tests.contract.reference.keys import PresharedKey, PrivateKey
from tests.contract.reference.noise import CipherState, SymmetricState
from tests.contract.reference.pairing import PairingSecret, sha256
from tests.contract.reference.primitives import (
    aead_open,
    aead_seal,
    blake2s,
    chacha20_xor,
    hmac,
    kdf,
    poly1305,
    x25519,
)
from tests.contract.reference.shape import Shape
from tests.contract.reference.tables import AllowedIPs, ReplayWindow
from tests.contract.reference.tunnel import Tunnel

__all__ = [
    "AllowedIPs",
    "CipherState",
    "Gate",
    "PairingSecret",
    "PresharedKey",
    "PrivateKey",
    "ReplayWindow",
    "Shape",
    "SymmetricState",
    "Tunnel",
    "aead_open",
    "aead_seal",
    "blake2s",
    "chacha20_xor",
    "hmac",
    "kdf",
    "poly1305",
    "sha256",
    "x25519",
]
