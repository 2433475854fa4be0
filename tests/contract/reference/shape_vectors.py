"""Makes tests/vectors/amneziawg/shape.json: `python -m tests.contract.reference.shape_vectors`.

From the description of AmneziaWG's wire format alone: `cryptography`'s ChaCha20 and hashlib, none
of our C and nothing of Shape, which is tested by what this writes.
"""

import hashlib
import json
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms

from undertow import paths

FILE: Path = paths.TESTS / "vectors" / "amneziawg" / "shape.json"

NAMES = ("initiation", "response", "cookie reply", "data", "keepalive")
LENGTHS = (148, 92, 64, 16 + 1280 + 16, 32)
KEY = bytes(range(32))
OWN = ((1, 1), (2, 2), (3, 3), (4, 4))
# Sizes, types, key of header protection: WireGuard's own, then versions 1.0, 2.0 and 3.
SHAPES: tuple[tuple[str, tuple[int, ...], tuple[tuple[int, int], ...], bytes], ...] = (
    ("WireGuard", (0, 0, 0, 0), OWN, b""),
    ("1.0", (15, 68, 0, 0), ((5, 5), (255, 255), (1000, 1000), (2**32 - 1, 2**32 - 1)), b""),
    (
        "2.0",
        (64, 90, 8, 27),
        (
            (351164001, 721039105),
            (1000000000, 1000000009),
            (2**31, 2**31 + 65535),
            (4000000000, 2**32 - 1),
        ),
        b"",
    ),
    ("3", (16, 16, 16, 16), OWN, KEY),
    ("3, least", (12, 12, 12, 12), OWN, KEY),
    (
        "3, with ranges",
        (40, 100, 1000, 64),
        ((5, 99), (100, 199), (200, 2**31), (2**31 + 1, 2**32 - 1)),
        bytes(reversed(KEY)),
    ),
)


def some_bytes(name: str, length: int) -> bytes:
    """Bytes that look random and are the same each time."""
    return hashlib.shake_128(name.encode()).digest(length)


def stream(key: bytes, nonce: bytes, length: int) -> bytes:
    """ChaCha20 of RFC 8439 with the counter at 0; `cryptography` has it before the nonce."""
    cipher = Cipher(algorithms.ChaCha20(key, bytes(4) + nonce), None)
    return cipher.encryptor().update(bytes(length))


def one(label: str, which: int, pick: int) -> dict[str, Any]:
    """One message in one shape. pick: 0: the lowest type, 1: the highest."""
    _, sizes, types, key = next(shape for shape in SHAPES if shape[0] == label)
    name = f"{label}: {NAMES[which]}, {('lowest', 'highest')[pick]} type"
    kind = min(which + 1, 4)
    number = types[kind - 1][pick].to_bytes(4, "little")
    body = some_bytes("body of " + name, LENGTHS[which] - 4)
    prefix = some_bytes("prefix of " + name, sizes[kind - 1])
    on_wire = number + body
    if key:
        hidden = 16 if kind == 4 else len(on_wire)
        covered = stream(key, prefix[:12], hidden)
        head = bytes(a ^ b for a, b in zip(on_wire[:hidden], covered, strict=True))
        on_wire = head + on_wire[hidden:]
    # Initiations and responses keep the type of the wire, because their macs cover it.
    inside = (number if kind < 3 else kind.to_bytes(4, "little")) + body
    flat = {f"s{i + 1}": size for i, size in enumerate(sizes)}
    for i, (low, high) in enumerate(types):
        flat[f"h{i + 1}low"], flat[f"h{i + 1}high"] = low, high
    return {
        "name": name,
        **flat,
        "key": key.hex(),
        "kind": kind,
        "message": inside.hex(),
        "wire": (prefix + on_wire).hex(),
    }


def published() -> dict[str, Any]:
    """The one example there is: the header of data under header protection."""
    wire = "404142434445464748494a4b4c4d4e4f1d509e570dec8005abfd26f596b7a404" + 16 * "00"
    vector = one("3", 4, 0)
    message = "04000000ddccbbaa0700000000000000" + 16 * "00"
    return {**vector, "name": "published", "message": message, "wire": wire}


def all_vectors() -> list[dict[str, Any]]:
    """Every message in every shape, with the lowest and highest of its types."""
    vectors = [published()]
    for label, _, types, _ in SHAPES:
        for which in range(len(NAMES)):
            low, high = types[min(which, 3)]
            vectors += [one(label, which, pick) for pick in range(1 if low == high else 2)]
    return vectors


def text() -> str:
    """The file."""
    return json.dumps({"tests": all_vectors()}, indent=1) + "\n"


if __name__ == "__main__":
    FILE.parent.mkdir(exist_ok=True)
    FILE.write_text(text())
