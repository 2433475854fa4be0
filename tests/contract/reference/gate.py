"""The gate: mac1, cookies, mac2, and a bucket for each source (paper 5.3, 5.4.4, 5.4.7)."""

from typing import Any

from tests.contract.reference import constants as c
from tests.contract.reference.arguments import (
    alive,
    apart,
    endpoint,
    now,
    number,
    readable,
    writable,
)
from tests.contract.reference.primitives import hash_of, mac_of, seal

LENGTHS = {1: 148, 2: 92, 3: 64}
LOAD_RATE, LOAD_HOLD_MS, COOKIE_RATE = 1000, 1000, 100
SECRET_LIFE_MS = 120_000
TOKEN_MS, BURST = 50, 5


class Bucket:
    """Fills with one unit a millisecond; a message takes 50, and five fit."""

    def __init__(self, now_ms: int) -> None:
        self.level, self.at_ms = BURST * TOKEN_MS, now_ms

    def take(self, now_ms: int) -> bool:
        self.level = min(BURST * TOKEN_MS, self.level + max(0, now_ms - self.at_ms))
        self.at_ms = now_ms
        if self.level < TOKEN_MS:
            return False
        self.level -= TOKEN_MS
        return True


class Gate:
    def __init__(self) -> None:
        self.live = True
        self._public: bytes | None = None
        self._secret: bytes | None = None
        self._born_ms = 0
        self._loaded_until_ms = 0
        self._heard: list[int] = []
        self._cookies: list[int] = []
        self._replies = 0
        self._buckets: dict[bytes, Bucket] = {}

    @alive
    def set_identity(self, public_key: Any) -> None:
        self._public = bytes(readable(public_key, 32))

    @alive
    def clear_identity(self) -> None:
        self._public = None

    @alive
    def set_secret(self, random: Any, now_ms: Any) -> None:
        view = readable(random, 64)
        self._born_ms = now(now_ms)
        self._secret = bytes(view)
        if not view.readonly:
            view[:] = bytes(64)

    @alive
    def wants_secret(self, now_ms: Any) -> bool:
        return now(now_ms) >= self._born_ms + SECRET_LIFE_MS or self._secret is None

    @alive
    def set_loaded(self, now_ms: Any) -> None:
        self._loaded_until_ms = now(now_ms) + LOAD_HOLD_MS

    @alive
    def is_loaded(self, now_ms: Any) -> bool:
        return now(now_ms) < self._loaded_until_ms

    @alive
    def check(self, kind: Any, message: Any, source: Any, now_ms: Any, reply: Any) -> int:
        number(kind, 255)
        view, sender = readable(message), endpoint(source)
        now(now_ms)
        target = writable(reply, 64)
        apart(target, view)
        data = bytes(view)
        if kind not in LENGTHS:
            return c.ERR_TYPE
        if len(data) != LENGTHS[kind]:
            return c.ERR_SHORT
        if kind == 3:
            return c.ERR_RATE if self._count(self._cookies, now_ms) > COOKIE_RATE else c.OK
        return self._check_macs(data, sender, now_ms, target)

    @staticmethod
    def _count(times: list[int], now_ms: int) -> int:
        """How many there were within a second, this one too."""
        times[:] = [time for time in times if time > now_ms - 1000] + [now_ms]
        return len(times)

    def _check_macs(self, data: bytes, sender: bytes, now_ms: int, reply: memoryview) -> int:
        if self._public is None:
            return c.ERR_MAC1
        mac1 = data[-32:-16]
        if mac_of(hash_of(b"mac1----", self._public), data[:-32]) != mac1:
            return c.ERR_MAC1
        if self._count(self._heard, now_ms) > LOAD_RATE:
            self._loaded_until_ms = now_ms + LOAD_HOLD_MS
        if now_ms >= self._loaded_until_ms:
            return c.OK
        if self._secret is None:
            return c.ERR_RATE
        cookie = mac_of(self._secret[:32], sender[7:] + sender[1:3])
        if mac_of(cookie, data[:-16]) != data[-16:]:
            self._replies += 1
            nonce = mac_of(self._secret[32:], self._replies.to_bytes(8, "big"), 24)
            sealed = seal(hash_of(b"cookie--", self._public), nonce, cookie, mac1)
            reply[:] = b"\x03\0\0\0" + data[4:8] + nonce + sealed
            return c.ERR_COOKIE
        name = sender[:1] + sender[7:15]
        bucket = self._buckets.setdefault(name, Bucket(now_ms))
        return c.OK if bucket.take(now_ms) else c.ERR_RATE

    def wipe(self) -> None:
        self._public = self._secret = None
        self.live = False
