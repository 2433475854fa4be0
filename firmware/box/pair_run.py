"""One run of the pairing that firmware/lib/pairing describes, as its initiator.

Whoever is between the host and the gateway is not trusted. The box itself compares its code with
what a person types who heard the other end's; the host is its display and its keyboard.
"""

from box.draft import hexadecimal
from box.trust import Trust
from box.tunnel_text import compose
from pairing.code import read_digits
from pairing.errors import STATE as OUT_OF_TURN
from pairing.errors import PairingError
from pairing.info import Info
from pairing.messages import is_room
from pairing.session import Initiator
from ut1 import base64
from ut1.errors import STATE, VALUE, RefusedError
from wg.compat import TYPE_CHECKING
from wg.keytext import public_to_base64, wipe

if TYPE_CHECKING:
    from collections.abc import Callable

    from box.lockout_store import LockoutStore
    from ut1.payload import Object

# So long a run may take; the other end's room is open no longer.
RUN_MS = 600_000
CONFIRMATION_LEN = 16
KEY_LEN = 32

IN_BETWEEN = (
    "See that both of you look at this very pairing, and begin again, over another path if you can."
)


class Run:
    """is_over: nothing can come of it any more. public: the box's key that is paired."""

    def __init__(
        self,
        lockout: "LockoutStore",
        fill_random: "Callable[[bytearray], object]",
        room: object,
        public: bytes,
        info: Info,
    ) -> None:
        """info: what the box says of itself. OSError: there are no random numbers."""
        if not isinstance(room, str) or not is_room(room):
            raise RefusedError(
                VALUE, "a room is four digits", "Give the number that the other end shows."
            )
        self.is_over = False
        self.public = public
        self._lockout = lockout
        self._session = Initiator(room, public, info.encode(), fill_random)
        self._is_shown = False
        self._ends_ms = lockout.now_ms() + RUN_MS

    def commitment(self) -> "Object":
        return {"commit": hexadecimal(self._session.commitment())}

    def answer(self, message: bytearray) -> "Object":
        """Take what the other end answered: the code is known then."""
        session = self._session
        try:
            reveal = session.receive_answer(message)
            name = Info.decode(session.their_info).name
            peer = {"name": name, "public": public_to_base64(session.their_public)}
            code = session.code
        except PairingError as error:
            raise self._ended(error)
        try:
            self._lockout.shown()
        except OSError as error:
            self.end()
            raise RefusedError(
                STATE,
                "the flash cannot be written (%s), and without it tries are not counted" % error,
                "Try again; if it stays so, the flash is worn out.",
            )
        self._is_shown = True
        return {
            "reveal": _base64(reveal),
            "digits": code.digits,
            "words": list(code.words),
            "peer": peer,
        }

    def confirm(self, digits: object) -> "Object":
        """Compare what a person has typed."""
        session = self._shown()
        if not isinstance(digits, str) or read_digits(digits) is None:
            raise RefusedError(
                VALUE, "a code has six digits", "Type those that the other end shows."
            )
        if not session.matches(digits):
            self.end()
            raise RefusedError(
                VALUE, "the codes are not the same: someone may be in between", IN_BETWEEN
            )
        return {"confirmation": hexadecimal(session.confirm())}

    def finish(self, confirmation: object) -> "tuple[Trust, bytearray]":
        """What to stage once both have confirmed: whom to trust, and the tunnel's document.

        The document holds the preshared key: it is the caller's to wipe.
        """
        session = self._shown()
        data = _from_hexadecimal(confirmation)
        if len(data) != CONFIRMATION_LEN:
            raise RefusedError(
                VALUE, "a confirmation has 32 digits", "Use a host program of the same version."
            )
        key = bytearray(KEY_LEN)
        try:
            session.accept(data)
            session.preshared_key(key)
            info = Info.decode(session.their_info)
            trust = Trust(session.their_public, self.public, info.name)
            tunnel = compose(info, trust.gateway, key)
        except PairingError as error:
            raise self._ended(error)
        finally:
            wipe(key)
        self._lockout.succeeded()
        self._is_shown = False
        self.end()
        return trust, tunnel

    def mismatch(self) -> None:
        """A person saw another code."""
        self._shown()
        self.end()

    def end(self) -> None:
        """Give up; once a code was shown, that is a failure."""
        self._session.wipe()
        self.is_over = True
        if self._is_shown:
            self._is_shown = False
            self._lockout.failed()

    def check_time(self) -> None:
        """Give up a run that takes too long."""
        if not self.is_over and self._lockout.now_ms() >= self._ends_ms:
            self.end()

    def _shown(self) -> Initiator:
        if not self._is_shown:
            raise RefusedError(STATE, "there is no code yet", "Give the other end's answer first.")
        return self._session

    def _ended(self, error: PairingError) -> RefusedError:
        """The refusal for an error of the pairing, which ends the run."""
        if error.code == OUT_OF_TURN:
            return RefusedError(STATE, error.why, error.mend)
        if error.is_suspicious:
            self._is_shown = True  # as good as a wrong code
        self.end()
        return RefusedError(VALUE, error.why, error.mend)


def _base64(data: bytes) -> str:
    out = bytearray(base64.encoded_len(len(data)))
    base64.encode_into(out, 0, data)
    return bytes(out).decode()


def _from_hexadecimal(text: object) -> bytes:
    """Empty: it is none."""
    if not isinstance(text, str) or len(text) % 2:
        return b""
    if not all(c in "0123456789abcdef" for c in text.lower()):
        return b""
    return bytes([int(text[i : i + 2], 16) for i in range(0, len(text), 2)])
