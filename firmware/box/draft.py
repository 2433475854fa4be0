"""What the box would live by after a commit: what was given lately, for the rest what it has."""

from hashlib import sha256

from box import judgement, kept
from box.staging import Staging
from box.state import BOX, DOCUMENTS, ITEMS, TUNNEL, State
from ut1.errors import STATE, VALUE, RefusedError
from wg.compat import TYPE_CHECKING
from wg.keytext import public_to_base64

if TYPE_CHECKING:
    from collections.abc import Callable

    from box.judgement import Judgement
    from box.log_ring import LogRing
    from box.state_store import StateStore
    from ut1.payload import Object


SALT_LEN = 16


class Draft:
    """has_wifi: of the board."""

    def __init__(
        self,
        store: "StateStore",
        log: "LogRing",
        fill_random: "Callable[[bytearray], object] | None" = None,
    ) -> None:
        """fill_random: fills a buffer, or OSError; None: the board has no generator."""
        self.staging = Staging()
        self._fill_random = fill_random
        # Another one after each start. Without it, whoever has the cable for a moment could try
        # at home, and at leisure, which Wi-Fi password has the digest that the box tells.
        self._salt = b""
        self.has_wifi = False
        self._store = store
        self._log = log

    @property
    def is_empty(self) -> bool:
        """Whether nothing was given since the last commit."""
        return self.staging.state.is_blank

    def judge(self) -> "tuple[State, Judgement]":
        """What there would be, and what is to be said of it; both to be wiped."""
        stored, staged = self._store.load(), self.staging.state
        merged = State()
        for name in ITEMS:
            new, old = staged.document(name), stored.document(name)
            if name == BOX and new is not None:
                merged.put(name, kept.resolve(new, old))
                continue
            chosen = old if new is None else new
            merged.put(name, None if chosen is None else bytearray(chosen))
        stored.wipe()
        given_key = staged.key is not None
        return merged, judgement.judge(merged, given_key, self.has_wifi)

    def check(self) -> "Object":
        """The answer to `check`."""
        state, found = self.judge()
        try:
            answer: "Object" = found.as_members()
            documents = {}
            for name in DOCUMENTS:
                text = state.document(name)
                if text is not None:
                    documents[name] = self._told_digest(name, text)
            public = state.public_key()
            answer["documents"] = documents
            answer["public"] = None if public is None else public_to_base64(public)
            answer["key"] = {"set": state.key is not None}
            if self.staging.has_given_key:
                answer["key"] = {"set": True, "given": True}
            answer["digest"] = self._told_digest(BOX, state.digest())
            return answer
        finally:
            found.wipe()
            state.wipe()

    def commit(self, digest: object, without: object, about_to: "Callable[[], object]") -> None:
        """Put it in force in flash. RefusedError: why not; all is as it was.

        without: "tunnel", if the box is to do without for now. about_to: called once nothing
        speaks against it any more.
        """
        state, found = self.judge()
        try:
            if not found.is_good and not (without == TUNNEL and found.is_good_without(TUNNEL)):
                raise RefusedError(
                    STATE,
                    "what the box has is not whole, or something is wrong with it",
                    "Ask for 'check': it says what.",
                )
            if digest != self._told_digest(BOX, state.digest()):
                raise RefusedError(
                    VALUE,
                    "the digest is not that of what the box was given",
                    "Ask for 'check' and commit what it says.",
                )
            about_to()
            if not self.is_empty:
                self._store.save(state)
                self.staging.forget()
                self._log("info", "new settings were committed")
        except OSError as error:
            self._log("error", "the settings cannot be written (%s)" % error)
            raise RefusedError(
                STATE,
                "the flash cannot be written (%s); the box is as it was" % error,
                "Try again; if it stays so, the flash is worn out.",
            )
        finally:
            found.wipe()
            state.wipe()

    def _told_digest(self, name: str, data: "bytes | bytearray") -> str:
        """SHA-256 in hexadecimal; of what has passwords in it, it tells no more than sameness."""
        if name == TUNNEL:  # its keys cannot be guessed
            return hexadecimal(sha256(data).digest())
        if not self._salt and self._fill_random is not None:
            salt = bytearray(SALT_LEN)
            try:
                self._fill_random(salt)
                self._salt = bytes(salt)
            except OSError:
                pass  # such a box has no key, either
        salted = sha256(self._salt)
        salted.update(data)
        return hexadecimal(salted.digest())


def hexadecimal(data: "bytes | bytearray") -> str:
    return "".join(["%02x" % byte for byte in data])
