"""Why a pairing ends."""

# Codes of an error, for programs.
MALFORMED = "malformed"  # a message that is none, or not one for now
VERSION = "version"  # a later version of the frames
COMMITMENT = "commitment"  # what was revealed is not what was committed to
WEAK = "weak"  # a key that shares no secret with anybody, or our own
CONFIRMATION = "confirmation"  # the other end saw another code, or is another
STATE = "state"  # not at this point; nothing was changed


class PairingError(Exception):
    """A pairing cannot go on.

    code: one of those above. why: what is wrong. mend: a sentence on what to do. None of them holds
    a secret, or anything that the other end wrote.
    """

    def __init__(self, code: str, why: str, mend: str) -> None:
        super().__init__(code, why, mend)
        self.code = code
        self.why = why
        self.mend = mend

    @property
    def is_suspicious(self) -> bool:
        """Whether it takes somebody in between, or a broken program, to cause this."""
        return self.code in (COMMITMENT, WEAK, CONFIRMATION)

    def __str__(self) -> str:
        return "%s. %s" % (self.why, self.mend)
