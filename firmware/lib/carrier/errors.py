"""Why a carrier cannot be had."""

# Codes of an error, for programs; the words are for people.
PORTAL = "portal"  # a page instead of an answer: this place wants a sign-in
PROXY_LOGIN = "proxy-login"  # the proxy wants a user and a password, or others
PROXY_REFUSED = "proxy-refused"  # the proxy does not let us there
PROXY_UNREACHED = "proxy-unreached"  # the proxy did not get there
NOT_OURS = "not-ours"  # something else answers there
MALFORMED = "malformed"  # what came is not what was asked for


class CarrierError(Exception):
    """A carrier did not come to be, or ended because of what the other end sent.

    code: one of those above. why: half a sentence. mend: a sentence on what to do. None of them
    holds a secret, or anything that the other end wrote, except numbers.
    """

    def __init__(self, code: str, why: str, mend: str) -> None:
        super().__init__(code, why, mend)
        self.code = code
        self.why = why
        self.mend = mend

    def __str__(self) -> str:
        return "%s. %s" % (self.why, self.mend)
