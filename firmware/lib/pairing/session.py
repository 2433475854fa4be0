"""One run of "box-pair-1", both ends: commit, reveal, compare, confirm.

    initiator                       responder
        commitment (M1)     ->
                            <-      answer (M2)
        reveal (M3)         ->
    both show the same code; a person compares; then each sends a confirmation

A session is for one run. Any error that a message causes ends it and wipes its secrets, so that
nobody can try twice with the same keys.
"""

from _wg import PairingSecret

from pairing import messages
from pairing.code import SAS_LEN, Code, read_digits
from pairing.errors import COMMITMENT, CONFIRMATION, MALFORMED, STATE, WEAK, PairingError
from wg.compat import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from pairing.messages import Buffer

# What has happened.
_BEGUN, _SENT, _AGREED, _OVER = range(4)

_AGAIN = "Begin again at both ends."
_IN_BETWEEN = "Someone may be in between. Begin again, over another path if you can."


class Session:
    """What both ends have in common; make an Initiator or a Responder."""

    def __init__(
        self,
        room: str,
        static_public: bytes,
        info: bytes,
        fill_random: "Callable[[bytearray], object]",
        is_initiator: bool,
    ) -> None:
        """room: four digits. static_public: our WireGuard key. info: at most 1024 bytes (info.py).

        fill_random: fills a bytearray from the system's generator; called twice.
        ValueError: room, key or info is none.
        """
        if not messages.is_room(room):
            raise ValueError("a room is four digits")
        if len(static_public) != messages.KEY_LEN:
            raise ValueError("a public key has 32 bytes, not %d" % len(static_public))
        if len(info) > messages.INFO_LEN_MAX:
            raise ValueError("the info has %d bytes, at most 512 fit" % len(info))
        seed = bytearray(messages.KEY_LEN)
        nonce = bytearray(messages.NONCE_LEN)
        fill_random(seed)
        fill_random(nonce)
        self._room = room.encode()
        self._is_initiator = is_initiator
        self._secret = PairingSecret(seed)
        ours = messages.Part(self._secret.public(), bytes(static_public), bytes(nonce), bytes(info))
        self._static_public = ours.static
        self._ours = ours.encode()
        self._commitment = b""
        self._state = _BEGUN
        self._code: "Code | None" = None
        self._we_confirmed = False
        self._they_confirmed = False
        self._is_attempt = False
        # Of the other end; nothing about it is proven before is_confirmed.
        self.their_public = b""
        self.their_info = b""

    @property
    def code(self) -> Code:
        """To be shown to our person. PairingError: it is not known yet, or the run is over."""
        code = self._code
        if code is None:
            raise _state("there is no code to compare")
        return code

    def matches(self, digits: str) -> bool:
        """Whether these are the digits of our code; spaces and dashes do not count.

        False: the run is over. Who types badly is asked again before (code.read_digits).
        """
        ours = self.code.digits.encode()
        typed = read_digits(digits)
        if typed is not None and messages.is_same(ours, typed.encode()):
            return True
        self.wipe()
        return False

    def confirm(self) -> bytes:
        """Our person has compared: the 16 bytes to send, the same however often it is called."""
        self._require(_AGREED)
        out = bytearray(messages.CONFIRMATION_LEN)
        self._secret.confirmation(out, self._is_initiator)
        self._we_confirmed = True
        return bytes(out)

    def accept(self, confirmation: "Buffer") -> None:
        """Take what the other end sent when its person had compared.

        PairingError: it is not that; the run is over.
        """
        self._require(_AGREED)
        wanted = bytearray(messages.CONFIRMATION_LEN)
        self._secret.confirmation(wanted, not self._is_initiator)
        is_right = messages.is_same(wanted, confirmation)
        _zero(wanted)
        if not is_right:
            raise self._ended(CONFIRMATION, "the other end did not confirm this code", _IN_BETWEEN)
        self._they_confirmed = True

    @property
    def is_confirmed(self) -> bool:
        """Whether both persons have compared: only now anything may be kept."""
        return self._we_confirmed and self._they_confirmed and self._state == _AGREED

    @property
    def is_attempt(self) -> bool:
        """Whether somebody could have had a try at the code: unless both confirm, it is a failure.

        It stays so when the run is over. A responder's is one from its answer on: who has that can
        work out the code before revealing anything, and leave if it does not suit.
        """
        return self._is_attempt

    @property
    def is_over(self) -> bool:
        """Whether nothing can come of this run any more."""
        return self._state == _OVER

    def preshared_key(self, out: bytearray) -> None:
        """Fill 32 bytes. PairingError: not confirmed by both."""
        if not self.is_confirmed:
            raise _state("not both ends have confirmed")
        self._secret.preshared_key(out)

    def wipe(self) -> None:
        """End the run; nothing of it is left but what was read from it."""
        self._state = _OVER
        self._we_confirmed = False
        self._they_confirmed = False
        self._code = None
        self.their_public = b""
        self.their_info = b""
        self._secret.wipe()

    # --- for both roles ---

    def _require(self, state: int) -> None:
        if self._state != state:
            is_over = self._state == _OVER
            raise _state("the run is over" if is_over else "it is not the time for this")

    def _ended(self, code: str, why: str, mend: str) -> PairingError:
        """The error to raise, with the run over."""
        self.wipe()
        error = PairingError(code, why, mend)
        self._is_attempt = self._is_attempt or error.is_suspicious
        return error

    def _read_part(self, message: "Buffer") -> messages.Part:
        try:
            part = messages.Part.decode(message)
        except PairingError:
            self.wipe()
            raise
        if messages.is_same(part.static, self._static_public):
            raise self._ended(
                WEAK, "the other end has our own key", "Make a new key at one of the two ends."
            )
        return part

    def _agree(self, theirs: messages.Part, answer: bytes, reveal: bytes) -> None:
        """Everything has been said: derive the code."""
        transcript = messages.transcript(self._room, self._commitment, answer, reveal)
        if not self._secret.agree(theirs.ephemeral, transcript):
            raise self._ended(
                WEAK, "the other end's key shares no secret with anybody", _IN_BETWEEN
            )
        self._is_attempt = True
        sas = bytearray(SAS_LEN)
        self._secret.sas(sas)
        self._code = Code(sas)
        self.their_public = theirs.static
        self.their_info = theirs.info
        self._state = _AGREED


class Initiator(Session):
    """The end that joins a room: it commits first, and reveals last."""

    def __init__(
        self,
        room: str,
        static_public: bytes,
        info: bytes,
        fill_random: "Callable[[bytearray], object]",
    ) -> None:
        super().__init__(room, static_public, info, fill_random, True)
        self._commitment = messages.commitment(self._room, self._ours)

    def commitment(self) -> bytes:
        """M1, 32 bytes."""
        if self._state != _SENT:
            self._require(_BEGUN)
        self._state = _SENT
        return self._commitment

    def receive_answer(self, message: "Buffer") -> bytes:
        """Take M2; M3. There is a code then. PairingError: the run is over."""
        self._require(_SENT)
        theirs = self._read_part(message)
        self._agree(theirs, bytes(message), self._ours)
        return self._ours


class Responder(Session):
    """The end that opened the room."""

    def __init__(
        self,
        room: str,
        static_public: bytes,
        info: bytes,
        fill_random: "Callable[[bytearray], object]",
    ) -> None:
        super().__init__(room, static_public, info, fill_random, False)

    def receive_commitment(self, message: "Buffer") -> bytes:
        """Take M1; M2. PairingError: the run is over."""
        self._require(_BEGUN)
        if len(message) != messages.COMMITMENT_LEN:
            raise self._ended(MALFORMED, "a commitment has 32 bytes, not %d" % len(message), _AGAIN)
        self._commitment = bytes(message)
        self._is_attempt = True
        self._state = _SENT
        return self._ours

    def receive_reveal(self, message: "Buffer") -> None:
        """Take M3. There is a code then. PairingError: the run is over."""
        self._require(_SENT)
        theirs = self._read_part(message)
        reveal = bytes(message)
        # Before anything else is done with it: this is what keeps who is in between from choosing.
        if not messages.is_same(messages.commitment(self._room, reveal), self._commitment):
            raise self._ended(
                COMMITMENT, "the other end revealed another key than it committed to", _IN_BETWEEN
            )
        self._agree(theirs, self._ours, reveal)


def _state(why: str) -> PairingError:
    return PairingError(STATE, why, _AGAIN)


def _zero(buffer: bytearray) -> None:
    for i in range(len(buffer)):
        buffer[i] = 0
