"""The C and the reference do the same random things and must answer the same."""

import random
from collections.abc import Callable
from typing import Any

import _wg
import pytest
from tests.contract import reference, support

SEEDS = range(20)
LIMITS = (0, 1, 2**32 - 1, 2**60 - 1, 2**63, 2**64 - 2**13 - 2, 2**64 - 1, 2**64, -1)


class Both:
    """Calls the compiled module and the reference alike, and compares what comes back.

    Buffers are made for each of them; what they hold afterwards is compared, too.
    """

    def __init__(self, compiled: Any, oracle: Any) -> None:
        self.compiled, self.oracle = compiled, oracle

    def call(self, name: str, *arguments: Any) -> Any:
        """The result, or the kind of exception. A Both or bytearray stands for one of each."""
        outcomes = []
        sides = []
        for which in ("compiled", "oracle"):
            values = [copied(value, which) for value in arguments]
            outcomes.append(outcome(getattr(getattr(self, which), name), values))
            sides.append([bytes(v) if isinstance(v, bytearray) else None for v in values])
        first, second = outcomes
        if isinstance(first, tuple) and first and hasattr(first[0], "wipe"):
            return [Both(a, b) for a, b in zip(first, second, strict=True)]
        if hasattr(first, "wipe") or hasattr(first, "accept") or hasattr(first, "lookup"):
            return Both(first, second)
        if isinstance(first, list):
            first, second = sorted(first), sorted(second)
        assert first == second, (name, arguments)
        assert sides[0] == sides[1], (name, arguments)
        for value, after in zip(arguments, sides[0], strict=True):
            if isinstance(value, bytearray):
                value[:] = after
        return first


def copied(value: Any, which: str) -> Any:
    if isinstance(value, Both):
        return getattr(value, which)
    return bytearray(value) if isinstance(value, bytearray) else value


def outcome(function: Callable[..., Any], arguments: list[Any]) -> Any:
    try:
        return function(*arguments)
    except (ValueError, TypeError, OverflowError, MemoryError) as error:
        return type(error)


WG = Both(_wg, reference)


def some_bytes(r: random.Random, longest: int = 300) -> bytes:
    return r.randbytes(r.choice((0, 1, 15, 16, 17, 63, 64, 65, r.randrange(longest))))


@pytest.mark.parametrize("seed", SEEDS)
def test_primitives_give_the_same(seed: int) -> None:
    r = random.Random(seed)
    for _ in range(50):
        data, ad, key = some_bytes(r), some_bytes(r, 40), r.randbytes(32)
        nonce = r.randbytes(r.choice((12, 24)))
        WG.call("blake2s", bytearray(r.randrange(34)), data, r.randbytes(r.randrange(34)))
        WG.call("hmac", bytearray(32), ad, data)
        WG.call("poly1305", bytearray(16), data, key)
        counter = r.choice((0, 1, 2**31, 2**32 - 6, 2**32 - 1, 2**32))
        WG.call("chacha20_xor", bytearray(len(data)), data, key, r.randbytes(12), counter)
        sealed = bytearray(len(data) + 16)
        WG.call("aead_seal", sealed, data, ad, nonce, key)
        if r.random() < 0.5 and sealed:
            sealed[r.randrange(len(sealed))] ^= 1 << r.randrange(8)
        WG.call("aead_open", bytearray(len(data)), bytes(sealed), ad, nonce, key)


@pytest.mark.parametrize("seed", SEEDS)
def test_x25519_gives_the_same(seed: int) -> None:
    r = random.Random(seed)
    primes = 2**255 - 19
    edges = [0, 1, 9, primes - 1, primes, primes + 1, 2**255 - 1, 2**256 - 1]
    for _ in range(25):
        point = r.choice((r.randbytes(32), r.choice(edges).to_bytes(32, "little")))
        WG.call("x25519", bytearray(32), r.randbytes(32), point)


@pytest.mark.parametrize("seed", SEEDS)
def test_keys_are_read_and_refused_alike(seed: int) -> None:
    r = random.Random(seed)
    for _ in range(200):
        length = r.choice((44, 64))
        alphabet = (
            b"0123456789abcdefABCDEF"
            if length == 64
            else (b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/")
        )
        text = bytearray(r.choice(alphabet) for _ in range(length))
        if length == 44:
            text[42], text[43] = r.choice(b"AEIMQUYcgkosw048Bf"), ord("=")
        if r.random() < 0.4:
            text[r.randrange(length)] = r.randrange(256)
        key = WG.call("PresharedKey", text)
        if isinstance(key, Both):
            key.call("export", bytearray(32))


@pytest.mark.parametrize("seed", SEEDS)
def test_handshake_states_give_the_same(seed: int) -> None:
    r = random.Random(seed)
    state = WG.call("SymmetricState", support.NAME, some_bytes(r))
    other = state.call("copy")
    for _ in range(40):
        match r.randrange(7):
            case 0:
                state.call("mix_hash", some_bytes(r))
            case 1:
                state.call("mix_key", r.randbytes(32))
            case 2:
                point = r.choice((r.randbytes(32), bytes(32)))
                state.call("mix_dh", WG.call("PrivateKey", r.randbytes(32)), point)
            case 3:
                state.call("mix_psk", WG.call("PresharedKey", r.randbytes(32)))
            case 4:
                other = state.call("copy")
                message = some_bytes(r)
                sealed = bytearray(len(message) + 16)
                state.call("encrypt_and_hash", sealed, message)
                if r.random() < 0.3:
                    sealed[r.randrange(len(sealed))] ^= 1
                other.call("decrypt_and_hash", bytearray(len(message)), bytes(sealed))
            case 5:
                other.call("hash")
            case 6:
                state.call("hash")
    for cipher in state.call("split"):
        for _ in range(3):
            message = some_bytes(r)
            cipher.call("encrypt", bytearray(len(message) + 16), message)
            cipher.call("decrypt", bytearray(len(message)), r.randbytes(len(message) + 16))
            cipher.call("set_nonce", r.choice(LIMITS))


@pytest.mark.parametrize("seed", SEEDS)
def test_pairings_give_the_same(seed: int) -> None:
    r = random.Random(seed)
    for _ in range(10):
        WG.call("sha256", bytearray(32), some_bytes(r))
        secret = WG.call("PairingSecret", bytearray(r.randbytes(32)))
        for _ in range(12):
            match r.randrange(6):
                case 0:
                    secret.call("public")
                case 1:
                    point = r.choice((r.randbytes(32), r.randbytes(32), bytes(32)))
                    secret.call("agree", point, r.randbytes(32))
                case 2:
                    secret.call("sas", bytearray(8))
                case 3:
                    secret.call("confirmation", bytearray(16), r.random() < 0.5)
                case 4:
                    secret.call("preshared_key", bytearray(32))
                case 5:
                    if r.random() < 0.1:
                        secret.call("wipe")


@pytest.mark.parametrize("seed", SEEDS)
def test_replay_windows_accept_the_same(seed: int) -> None:
    r = random.Random(seed)
    window = WG.call("ReplayWindow")
    highest = 0
    for _ in range(2000):
        near = highest + r.choice((r.randrange(-8200, 200), r.randrange(-70, 70), -8128, -8129))
        far = highest + r.choice((8127, 8128, 8129, 8192, 2**16, 2**31, 2**32))
        counter = r.choices((near, far, r.choice(LIMITS)), weights=(300, 5, 1))[0]
        if window.call("accept", counter) is True:
            highest = max(highest, counter)


@pytest.mark.parametrize("seed", SEEDS)
def test_allowed_ips_route_the_same(seed: int) -> None:
    r = random.Random(seed)
    table = WG.call("AllowedIPs", 1000)

    def address() -> bytes:
        length = r.choice((4, 16))
        # Few different bits, so that prefixes meet.
        return bytes(r.choice((0, 0, 0, 1, 128, 255)) for _ in range(length))

    for _ in range(600):
        match r.randrange(10):
            case 0 | 1 | 2 | 3:
                table.call("insert", address(), r.randrange(34), r.randrange(6))
            case 4 | 5:
                table.call("remove", address(), r.randrange(34), r.randrange(6))
            case 6:
                table.call("insert", address(), r.randrange(130), r.randrange(6))
            case 7:
                table.call("prefixes", r.randrange(6))
                if r.random() < 0.1:
                    table.call("remove_peer", r.randrange(6))
            case _:
                table.call("lookup", address())
