"""The cryptography of the firmware, as it is compiled for a board, against independent ones."""

import hashlib
import random
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from tests.support.absence import cannot_run

from undertow.board import firmware_file
from undertow.board.prompt import fresh

# Around the block lengths of ChaCha20, Poly1305 and BLAKE2s, and the longest packet.
LENGTHS = (0, 1, 15, 16, 17, 63, 64, 65, 127, 128, 129, 255, 256, 1000, 1420)
KEYS = 12

ON_BOARD = """
import _wg
def x25519(scalar, point):
    out = bytearray(32)
    _wg.x25519(out, scalar, point)
    print(out.hex())
def seal(key, nonce, data, ad):
    out = bytearray(len(data) + 16)
    _wg.aead_seal(out, data, ad, nonce, key)
    opened = bytearray(len(data))
    right = _wg.aead_open(opened, out, ad, nonce, key) and opened == data
    out[-1] ^= 1
    wrong = _wg.aead_open(opened, out, ad, nonce, key)
    out[-1] ^= 1
    print(out.hex(), right, wrong)
def blake2s(data, key):
    out = bytearray(32)
    _wg.blake2s(out, data, key)
    print(out.hex())
"""


def test_a_board_computes_what_independent_implementations_compute(
    built_board: str, folder: Path
) -> None:
    if not firmware_file(built_board, dev=True).exists():
        cannot_run(f"{built_board}-dev is not built: run ./invoke build --target {built_board}-dev")
    chance = random.Random(25519)
    with fresh(built_board, folder) as board:
        board.run(ON_BOARD)
        for _ in range(KEYS):
            scalar, point = chance.randbytes(32), chance.randbytes(32)
            public = X25519PublicKey.from_public_bytes(point)
            shared = X25519PrivateKey.from_private_bytes(scalar).exchange(public)
            assert board.run(f"x25519({scalar}, {point})") == f"{shared.hex()}\n"
        for length in LENGTHS:
            key, nonce = chance.randbytes(32), chance.randbytes(12)
            data, ad = chance.randbytes(length), chance.randbytes(length % 48)
            sealed = ChaCha20Poly1305(key).encrypt(nonce, data, ad)
            assert (
                board.run(f"seal({key}, {nonce}, {data}, {ad})") == f"{sealed.hex()} True False\n"
            )
            keyed = hashlib.blake2s(data, key=key).hexdigest()
            assert board.run(f"blake2s({data}, {key})") == f"{keyed}\n"
