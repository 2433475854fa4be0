"""An end written from firmware/lib/pairing/README.md alone, on `cryptography`, pairs with ours."""

import hashlib
import hmac
import random
from collections.abc import Callable
from dataclasses import dataclass

import pytest
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDFExpand

from pairing.session import Initiator, Responder

SEEDS = range(25)
LABEL = b"box-pair-1"


def lp(*strings: bytes) -> bytes:
    return b"".join(len(string).to_bytes(2, "big") + string for string in strings)


@dataclass
class Agreed:
    """What two ends derive."""

    transcript: bytes
    prk: bytes

    def expand(self, what: str, length: int) -> bytes:
        info = LABEL + b" " + what.encode()
        return HKDFExpand(algorithm=SHA256(), length=length, info=info).derive(self.prk)

    def digits(self) -> str:
        return f"{int.from_bytes(self.expand('sas', 8), 'big') % 1_000_000:06d}"

    def confirmation(self, whose: str) -> bytes:
        key = self.expand(f"confirm {whose}", 32)
        return hmac.digest(key, self.transcript, "sha256")[:16]


class AnotherEnd:
    """What it says is fixed once it is made: its ephemeral key, nonce, static key and info."""

    def __init__(self, r: random.Random, room: str, info: bytes) -> None:
        self.private = X25519PrivateKey.from_private_bytes(r.randbytes(32))
        self.room = room.encode()
        self.static = r.randbytes(32)
        public = self.private.public_key().public_bytes_raw()
        self.message = lp(public, self.static, r.randbytes(16), info)

    def commit(self, reveal: bytes) -> bytes:
        return hashlib.sha256(lp(LABEL, b"commit", self.room, reveal)).digest()

    def agree(self, m1: bytes, m2: bytes, m3: bytes) -> Agreed:
        transcript = hashlib.sha256(lp(LABEL, b"transcript", self.room, m1, m2, m3)).digest()
        theirs = m3 if m2 == self.message else m2
        shared = self.private.exchange(X25519PublicKey.from_public_bytes(theirs[2:34]))
        return Agreed(transcript, hmac.digest(transcript, shared, "sha256"))


def filling(r: random.Random) -> Callable[[bytearray], None]:
    def fill_random(out: bytearray) -> None:
        out[:] = r.randbytes(len(out))

    return fill_random


def drawn(r: random.Random) -> tuple[str, bytes]:
    return f"{r.randrange(10_000):04d}", r.randbytes(r.choice((0, 4, 255, 256, 512)))


@pytest.mark.parametrize("seed", SEEDS)
def test_our_initiator_pairs_with_another_responder(seed: int) -> None:
    r = random.Random(seed)
    room, info = drawn(r)
    other = AnotherEnd(r, room, info)
    ours = Initiator(room, r.randbytes(32), b"box", filling(r))
    m1 = ours.commitment()
    m3 = ours.receive_answer(other.message)
    assert other.commit(m3) == m1
    agreed = other.agree(m1, other.message, m3)
    assert ours.code.digits == agreed.digits()
    assert (ours.their_public, ours.their_info) == (other.static, info)
    assert ours.confirm() == agreed.confirmation("I")
    ours.accept(agreed.confirmation("R"))
    psk = bytearray(32)
    ours.preshared_key(psk)
    assert psk == agreed.expand("wg psk", 32)


@pytest.mark.parametrize("seed", SEEDS)
def test_our_responder_pairs_with_another_initiator(seed: int) -> None:
    r = random.Random(seed)
    room, info = drawn(r)
    other = AnotherEnd(r, room, info)
    ours = Responder(room, r.randbytes(32), b"gateway", filling(r))
    m1 = other.commit(other.message)
    m2 = ours.receive_commitment(m1)
    ours.receive_reveal(other.message)
    agreed = other.agree(m1, m2, other.message)
    assert ours.code.digits == agreed.digits()
    assert (ours.their_public, ours.their_info) == (other.static, info)
    assert ours.confirm() == agreed.confirmation("R")
    ours.accept(agreed.confirmation("I"))
    psk = bytearray(32)
    ours.preshared_key(psk)
    assert psk == agreed.expand("wg psk", 32)
