"""SHA-256 and the secrets of a pairing, from the description in firmware/lib/pairing/README.md."""

import hashlib
from typing import Any

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.hmac import HMAC
from cryptography.hazmat.primitives.kdf.hkdf import HKDFExpand
from tests.contract.reference.arguments import alive, apart, boolean, readable, writable
from tests.contract.reference.primitives import dh


def sha256(out: Any, data: Any) -> None:
    target, source = writable(out, 32), readable(data)
    apart(target, source)
    target[:] = hashlib.sha256(source).digest()


def hmac_sha256(key: bytes, data: bytes) -> bytes:
    mac = HMAC(key, SHA256())
    mac.update(data)
    return mac.finalize()


class PairingSecret:
    def __init__(self, random: Any) -> None:
        view = readable(random, 32)
        self.ephemeral = bytes(view)
        self.transcript = b""
        self.secret: bytes | None = None
        self.live = True
        if not view.readonly:
            view[:] = bytes(32)

    @alive
    def public(self) -> bytes:
        self._expect_agreed(False)
        return dh(self.ephemeral, bytes([9]) + bytes(31))

    @alive
    def agree(self, public: Any, transcript: Any) -> bool:
        theirs, said = bytes(readable(public, 32)), bytes(readable(transcript, 32))
        self._expect_agreed(False)
        shared = dh(self.ephemeral, theirs)
        if shared == bytes(32):
            self.wipe()
            return False
        self.transcript, self.secret = said, hmac_sha256(said, shared)
        return True

    @alive
    def sas(self, out: Any) -> None:
        target = writable(out, 8)
        target[:] = self._expand("sas", 8)

    @alive
    def confirmation(self, out: Any, initiator: Any) -> None:
        target = writable(out, 16)
        key = self._expand("confirm I" if boolean(initiator) else "confirm R", 32)
        target[:] = hmac_sha256(key, self.transcript)[:16]

    @alive
    def preshared_key(self, out: Any) -> None:
        target = writable(out, 32)
        target[:] = self._expand("wg psk", 32)

    def wipe(self) -> None:
        self.ephemeral, self.transcript, self.secret = b"", b"", None
        self.live = False

    def _expect_agreed(self, wanted: bool) -> None:
        if (self.secret is not None) != wanted:
            raise ValueError("order")

    def _expand(self, what: str, length: int) -> bytes:
        self._expect_agreed(True)
        assert self.secret is not None
        info = b"box-pair-1 " + what.encode()
        return HKDFExpand(algorithm=SHA256(), length=length, info=info).derive(self.secret)
