"""A network that lies about names."""

from collections.abc import Collection

from undertow.lab.censor.profile import Profile
from undertow.lab.censor.seen import Seen
from undertow.lab.censor.verdict import PASS, Injected, Verdict
from undertow.lab.packets import dns, udp

_TTL_S = 60


class DnsFalsified(Profile):
    """Its name server gives a wrong address, and who asks another one gets the same lie first.

    names: that it lies about; None: about all.
    """

    name = "falsified DNS"
    beyond_rules = "it reads questions of DNS, and forges the answers"

    def __init__(self, address: str = "198.18.0.66", names: Collection[str] | None = None) -> None:
        self.address = address
        self.names = names

    def answer(self, query: dns.Message) -> dns.Message | None:
        """The lie, also where the truth is that there is no such name."""
        if query.is_response or (self.names is not None and query.name not in self.names):
            return None
        addresses = (self.address,) if query.kind == dns.A else ()
        return query._replace(is_response=True, addresses=addresses, code=0, ttl_s=_TTL_S)

    def judge(self, seen: Seen, now: float) -> Verdict:
        """A question that passes gets a forged answer, which comes before the true one."""
        if not seen.is_udp or not seen.outward or seen.outside[1] != dns.PORT:
            return PASS
        query = dns.parse(seen.payload)
        lie = query and self.answer(query)
        if not lie or seen.flow is None:
            return PASS
        guest, server = seen.flow.inside, seen.flow.outside
        forged = udp.Datagram(server[1], guest[1], dns.build(lie))
        return Verdict(injected=(Injected(udp.build(server[0], guest[0], forged), outward=False),))
