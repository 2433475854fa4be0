"""Two ends that pair, the published pairing, and one in between. Runs on MicroPython, too."""

import sys

from _wg import PrivateKey, sha256
from tests.support import vectors

from pairing.errors import PairingError
from pairing.session import Initiator, Responder

# A bare 32-bit board in an emulator: X25519 takes it a thousand times as long.
IS_SLOW = sys.maxsize < 2**32
IS_CPYTHON = sys.implementation.name == "cpython"
ROOM = "4711"


def unhex(text):
    return bytes(int(text[i : i + 2], 16) for i in range(0, len(text), 2))


class Published:
    """The published pairing: its values by name, as bytes."""

    def __init__(self):
        self.values = vectors.load("pairing/box_pair_1.json")["tests"][0]

    def __getitem__(self, name):
        return unhex(self.values[name])

    def initiator(self):
        return Initiator(*self._arguments("i"))

    def responder(self):
        return Responder(*self._arguments("r"))

    def _arguments(self, end):
        public = PrivateKey(self["static_" + end + "_private"]).public()
        drawn = [self["nonce_" + end], self["ephemeral_" + end]]

        def fill_random(buffer):
            buffer[:] = drawn.pop()

        return self.values["room"], public, self["info_" + end], fill_random


class Stream:
    """Bytes for tests, the same in every run: fill() is a fill_random."""

    def __init__(self, seed):
        self._state = bytearray(seed.encode())

    def fill(self, buffer):
        block = bytearray(32)
        for start in range(0, len(buffer), 32):
            sha256(block, self._state)
            self._state = bytearray(block) + b"next"
            count = min(32, len(buffer) - start)
            buffer[start : start + count] = block[:count]

    def take(self, length):
        out = bytearray(length)
        self.fill(out)
        return bytes(out)


def ends(seed, responder=Responder):
    """An initiator and a responder that have said nothing yet."""
    stream = Stream(seed)
    return (
        Initiator(ROOM, stream.take(32), b"travel", stream.fill),
        responder(ROOM, stream.take(32), b"home", stream.fill),
    )


def joined(initiator, responder, change=None):
    """Carry all messages until both have a code; change(number, message) may be in between."""
    m1 = initiator.commitment()
    m2 = responder.receive_commitment(change(1, m1) if change else m1)
    m3 = initiator.receive_answer(change(2, m2) if change else m2)
    responder.receive_reveal(change(3, m3) if change else m3)


def confirmed(initiator, responder):
    """Both persons compare, and find the same."""
    ours, theirs = initiator.confirm(), responder.confirm()
    initiator.accept(theirs)
    responder.accept(ours)


def paired(seed):
    initiator, responder = ends(seed)
    joined(initiator, responder)
    confirmed(initiator, responder)
    return initiator, responder


def psk_of(session):
    out = bytearray(32)
    session.preshared_key(out)
    return bytes(out)


class TrustingResponder(Responder):
    """The protocol without its commitment: takes whatever is revealed."""

    def receive_reveal(self, message):
        theirs = self._read_part(message)
        self._agree(theirs, self._ours, bytes(message))


class LyingInitiator(Initiator):
    """Commits like everybody, and then looks for a reveal that suits it better."""

    def commitment(self):
        self._stream = Stream("lies " + repr(self._commitment))
        return Initiator.commitment(self)

    def reveal_for(self, answer, wanted, size, tries):
        """A reveal after which the responder's code is the wanted one; None: not found."""
        for _ in range(tries):
            twin = Initiator(ROOM, self._static_public, b"travel", self._fill_again)
            twin._commitment = self._commitment  # what the responder has heard
            twin._state = self._state
            reveal = twin.receive_answer(answer)
            if short(twin.code, size) == wanted:
                self.twin = twin
                return reveal
        return None

    def _fill_again(self, buffer):
        self._stream.fill(buffer)


class MiddleMan:
    """Answers the initiator in the responder's place and the other way round, with his own keys."""

    def __init__(self, seed):
        stream = Stream("in between " + seed)
        self.to_initiator = Responder(ROOM, stream.take(32), b"home", stream.fill)
        self.to_responder = LyingInitiator(ROOM, stream.take(32), b"travel", stream.fill)

    def attack(self, initiator, responder, size, tries):
        """Go between two ends that have said nothing yet.

        He learns the initiator's code before he has to reveal: the best order there is for him.
        size: how many codes there are. tries: how many other reveals he tries when the one that he
        committed to gives another code. Whether the two persons see the same code; or the error of
        the end that ended it.
        """
        answer = responder.receive_commitment(self.to_responder.commitment())
        reveal = initiator.receive_answer(
            self.to_initiator.receive_commitment(initiator.commitment())
        )
        self.to_initiator.receive_reveal(reveal)
        wanted = short(initiator.code, size)
        lie = None
        if tries:
            lie = self.to_responder.reveal_for(answer, wanted, size, tries)
            self.to_responder = self.to_responder.twin
        try:
            responder.receive_reveal(lie or self.to_responder.receive_answer(answer))
        except PairingError as error:
            return error.code
        return short(responder.code, size) == wanted


def short(code, size):
    """The code, shortened to one of size."""
    return int(code.digits) % size
