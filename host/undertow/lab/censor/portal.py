"""A network that wants a sign-in first: a captive portal."""

from undertow.lab.censor.profile import Profile
from undertow.lab.censor.seen import End, Seen
from undertow.lab.censor.verdict import PASS, Verdict

HTTP = 80
# RFC 8910: the option of DHCP with the address of the portal's API (RFC 8908).
OPTION = 114


class Portal(Profile):
    """Nothing passes for a guest who has not signed in; a web page (TCP 80) is replaced by ours.

    page: where the network's own web server is, which no packet has to pass here to reach. host:
    its name, if guests are sent there by one.
    signed_in: the guests' addresses.
    """

    name = "sign-in page"
    beyond_rules = "it puts its own page in place of others, which no filter does"

    def __init__(self, page: End, host: str = "") -> None:
        self.page = page
        self.host = host or page[0]
        self.signed_in: set[str] = set()

    def judge(self, seen: Seen, now: float) -> Verdict:
        """By the guest's address."""
        guest = seen.packet.source if seen.outward else seen.packet.destination
        if guest in self.signed_in:
            return PASS
        if seen.outward and seen.is_tcp and seen.outside[1] == HTTP:
            return Verdict(diverted=True)
        return Verdict("not signed in")

    def url(self, path: str = "/") -> str:
        """Where a guest signs in."""
        return f"http://{self.host}:{self.page[1]}{path}"
