"""What can go wrong with a request, as it goes over the line."""

# Codes of a refusal.
CRC = "crc"  # the frame arrived damaged; the host sends it again
SEQ = "seq"  # a part of an answer that is gone
PROTO = "proto"  # the two ends have no version in common
OP = "op"  # there is no such verb
KEY = "key"  # there is no document of that name
VALUE = "value"  # an argument, or what was put, cannot be used
FULL = "full"  # it does not fit
STATE = "state"  # not as things are now
BUSY = "busy"  # not at this moment; the same request can work later


class Ut1Error(Exception):
    """Any error of this package."""


class RefusedError(Ut1Error):
    """A request that is not granted: raised by the box's verbs, and at the host once it arrived.

    code: one of those above, for programs. why: what is wrong. mend: a sentence on what to do.
    Neither may hold a secret.
    """

    def __init__(self, code: str, why: str, mend: str) -> None:
        super().__init__(code, why, mend)
        self.code = code
        self.why = why
        self.mend = mend

    def __str__(self) -> str:
        return "%s. %s" % (self.why, self.mend)


class NoAnswerError(Ut1Error):
    """The box said nothing, or nothing whole, however often it was asked."""

    def __init__(self, verb: str, tries: int) -> None:
        super().__init__(verb, tries)
        self.verb = verb
        self.tries = tries

    def __str__(self) -> str:
        return "no answer to '%s', asked %d times" % (self.verb, self.tries)
