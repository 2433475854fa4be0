"""The state of a handshake (Noise 5.1, 5.2, 9; paper 5.4)."""

from typing import Any

from tests.contract.reference.arguments import alive, in_place, instance, number, readable, writable
from tests.contract.reference.keys import PresharedKey, PrivateKey
from tests.contract.reference.primitives import (
    counter_nonce,
    dh,
    hash_of,
    kdf_of,
    open_sealed,
    seal,
)


def _pair(out: Any, message: Any, sealing: bool) -> tuple[memoryview, bytes]:
    target, given = writable(out), readable(message)
    in_place(target, given)
    if len(target) != len(given) + (16 if sealing else -16):
        raise ValueError("length")
    return target, bytes(given)


def _checked(nonce: int) -> bytes:
    if nonce == 2**64 - 1:
        raise ValueError("reserved")
    return counter_nonce(nonce)


class CipherState:
    live = False

    def __new__(cls) -> "CipherState":
        raise TypeError("made by split()")

    @classmethod
    def made(cls, key: bytes) -> "CipherState":
        self = object.__new__(cls)
        self.key, self.nonce, self.live = key, 0, True
        return self

    key: bytes
    nonce: int

    @alive
    def encrypt(self, out: Any, plaintext: Any) -> None:
        target, message = _pair(out, plaintext, True)
        target[:] = seal(self.key, _checked(self.nonce), message, b"")
        self.nonce += 1

    @alive
    def decrypt(self, out: Any, ciphertext: Any) -> bool:
        target, message = _pair(out, ciphertext, False)
        opened = open_sealed(self.key, _checked(self.nonce), message, b"")
        if opened is None:
            return False
        target[:] = opened
        self.nonce += 1
        return True

    @alive
    def set_nonce(self, nonce: Any) -> None:
        self.nonce = number(nonce)

    def wipe(self) -> None:
        self.key = bytes(32)
        self.live = False


class SymmetricState:
    def __init__(self, protocol_name: Any, prologue: Any) -> None:
        name, first = readable(protocol_name), readable(prologue)
        if len(name) <= 32:
            raise ValueError("length")
        self._c = hash_of(bytes(name))
        self._h = hash_of(self._c, bytes(first))
        self._k: bytes | None = None
        self._n = 0
        self.live = True

    @alive
    def copy(self) -> "SymmetricState":
        other: SymmetricState = object.__new__(SymmetricState)
        other.__dict__.update(self.__dict__)
        return other

    @alive
    def mix_hash(self, data: Any) -> None:
        self._h = hash_of(self._h, bytes(readable(data)))

    @alive
    def mix_key(self, public: Any) -> None:
        (self._c,) = kdf_of(1, self._c, bytes(readable(public, 32)))
        self._k = None

    @alive
    def mix_dh(self, private: Any, public: Any) -> bool:
        shared = dh(instance(private, PrivateKey).raw, bytes(readable(public, 32)))
        if shared == bytes(32):
            return False
        self._c, self._k = kdf_of(2, self._c, shared)
        self._n = 0
        return True

    @alive
    def mix_psk(self, psk: Any) -> None:
        self._c, t, self._k = kdf_of(3, self._c, instance(psk, PresharedKey).raw)
        self._h = hash_of(self._h, t)
        self._n = 0

    def _key(self) -> bytes:
        if self._k is None:
            raise ValueError("no key yet")
        return self._k

    @alive
    def encrypt_and_hash(self, out: Any, plaintext: Any) -> None:
        target, message = _pair(out, plaintext, True)
        sealed = seal(self._key(), _checked(self._n), message, self._h)
        self._n += 1
        self._h = hash_of(self._h, sealed)
        target[:] = sealed

    @alive
    def decrypt_and_hash(self, out: Any, ciphertext: Any) -> bool:
        target, message = _pair(out, ciphertext, False)
        opened = open_sealed(self._key(), _checked(self._n), message, self._h)
        if opened is None:
            return False
        self._n += 1
        self._h = hash_of(self._h, message)
        target[:] = opened
        return True

    @alive
    def hash(self) -> bytes:
        return self._h

    @alive
    def split(self) -> tuple[CipherState, CipherState]:
        send, receive = kdf_of(2, self._c, b"")
        self.wipe()
        return CipherState.made(send), CipherState.made(receive)

    def wipe(self) -> None:
        self._c = self._h = bytes(32)
        self._k = None
        self.live = False
