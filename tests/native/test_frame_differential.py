"""Frames by C and by Python (firmware/lib/carrier/framing.py), written apart: they are the same."""

import random
import struct
import subprocess
from pathlib import Path

import pytest

from carrier.errors import CarrierError
from carrier.framing import (
    CLOSE,
    DATAGRAM,
    LENGTH,
    PING,
    PONG,
    WEBSOCKET_CLIENT,
    WEBSOCKET_SERVER,
    Decoder,
    control,
    encode,
)
from undertow import native_tests

FRAMINGS = (LENGTH, WEBSOCKET_CLIENT, WEBSOCKET_SERVER)
# Who writes what such an end reads.
WRITERS = {
    LENGTH: LENGTH,
    WEBSOCKET_CLIENT: WEBSOCKET_SERVER,
    WEBSOCKET_SERVER: WEBSOCKET_CLIENT,
}
OPCODES = {CLOSE: 8, PING: 9, PONG: 10}
# cr_frame_event_t and cr_end_t.
EVENTS = {1: DATAGRAM, 2: PING, 3: PONG, 4: CLOSE}
BROKEN = 5
NOT_ENDED, CLOSED, PROTOCOL = 0, 6, 13
FED, READ = 1, 2
ROOM = 700  # for a datagram that arrives

Found = list[tuple[int, bytes]]


@pytest.fixture(scope="module")
def tool() -> Path:
    return native_tests.build(native_tests.FOLDER / "frame_tool.c")


def run(tool: Path, orders: list[bytes]) -> bytes:
    ran = subprocess.run([tool], input=b"".join(orders), capture_output=True, timeout=60)
    assert ran.returncode == 0, (ran.stdout + ran.stderr).decode(errors="replace")[-2000:]
    return ran.stdout


@pytest.mark.parametrize("framing", FRAMINGS)
def test_frames_are_written_alike(tool: Path, framing: int) -> None:
    dice = random.Random(framing)
    lengths = [1, 2, 3, 124, 125, 126, 127, 1419, 1420, 65535]
    lengths += [dice.randrange(1, 2000) for _ in range(200)]
    orders, expected = [], b""
    for length in lengths:
        datagram, mask = dice.randbytes(length), dice.randbytes(4)
        orders.append(struct.pack(">cB4sH", b"E", framing, mask, length) + datagram)
        frame = encode(framing, datagram, mask)
        expected += struct.pack(">I", len(frame)) + frame
    for kind, opcode in OPCODES.items():
        for length in (0, 1, 2, 31, 124, 125):
            payload, mask = dice.randbytes(length), dice.randbytes(4)
            orders.append(struct.pack(">cBB4sB", b"C", framing, opcode, mask, length) + payload)
            message = control(framing, kind, payload, mask)
            expected += struct.pack(">I", len(message)) + message
    assert run(tool, orders) == expected


@pytest.mark.parametrize("framing", FRAMINGS)
def test_what_arrives_is_read_alike_however_it_is_cut(tool: Path, framing: int) -> None:
    dice = random.Random(10 + framing)
    cases = [cut(dice, stream(dice, framing)) for _ in range(250)]
    orders = [
        struct.pack(">cBBHH", b"D", framing, how, ROOM, len(pieces))
        + b"".join(struct.pack(">H", len(piece)) + piece for piece in pieces)
        for pieces in cases
        for how in (FED, READ)
    ]
    said = run(tool, orders)
    ends: set[int] = set()
    kinds: set[int] = set()
    for pieces in cases:
        expected = by_python(framing, pieces)
        for _ in (FED, READ):
            found, said = read_answer(said)
            assert found == expected, b"".join(pieces).hex()
        ends.add(expected[1])
        kinds.update(kind for kind, _ in expected[0])
    assert not said
    # The cases are worth it: every end and every kind was among them.
    assert ends == ({NOT_ENDED, PROTOCOL} if framing == LENGTH else {NOT_ENDED, CLOSED, PROTOCOL})
    assert kinds == ({DATAGRAM} if framing == LENGTH else {DATAGRAM, PING, PONG, CLOSE})


def stream(dice: random.Random, framing: int) -> bytes:
    """Frames of somebody who mostly keeps to the rules."""
    writer = WRITERS[framing]
    wire = b""
    for _ in range(dice.randrange(1, 12)):
        mask = dice.randbytes(4)
        chance = dice.random()
        if chance < 0.70:
            length = dice.choice((1, 2, 125, 126, 127, ROOM, dice.randrange(1, ROOM)))
            frame = encode(writer, dice.randbytes(length), mask)
        elif chance < 0.90:
            kind = dice.choice((PING, PING, PONG, PONG, CLOSE))
            frame = control(writer, kind, dice.randbytes(dice.choice((0, 2, 5, 125))), mask)
        elif chance < 0.94:
            frame = encode(writer, bytes(dice.randrange(ROOM, ROOM + 3)), mask)
        elif chance < 0.96:
            frame = b"\0\0" if framing == LENGTH else empty(writer, mask)
        else:
            frame = bytearray(encode(writer, dice.randbytes(dice.randrange(1, 200)), mask))
            frame[dice.randrange(min(4, len(frame)))] ^= 1 << dice.randrange(8)
        wire += frame
    return wire[: dice.randrange(1, len(wire) + 1)] if wire and dice.random() < 0.3 else wire


def empty(writer: int, mask: bytes) -> bytes:
    """A message of no bytes."""
    return b"\x82\x80" + mask if writer == WEBSOCKET_CLIENT else b"\x82\0"


def cut(dice: random.Random, wire: bytes) -> list[bytes]:
    longest = dice.choice((1, 2, 7, 60, 1500, 60_000))
    pieces = []
    while wire:
        at = dice.randrange(1, longest + 1)
        pieces.append(wire[:at])
        wire = wire[at:]
    return pieces


def by_python(framing: int, pieces: list[bytes]) -> tuple[Found, int]:
    """What the other implementation finds, byte by byte, and how it ends."""
    decoder, found = Decoder(framing, ROOM), []
    for byte in b"".join(pieces):
        try:
            found += decoder.feed(bytes((byte,)))
        except CarrierError:
            return found, PROTOCOL
        if found and found[-1][0] == CLOSE:
            return found, CLOSED
    return found, NOT_ENDED


def read_answer(said: bytes) -> tuple[tuple[Found, int], bytes]:
    found: Found = []
    while said[0]:
        (length,) = struct.unpack_from(">I", said, 1)
        if said[0] != BROKEN:
            found.append((EVENTS[said[0]], said[5 : 5 + length]))
        said = said[5 + length :]
    return (found, said[1]), said[2:]
