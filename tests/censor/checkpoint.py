"""Where a hotel's cable leaves for the world, in namespaces: both kinds of censor, one at work."""

from undertow.lab import Lab, Namespace, Nat
from undertow.lab.censor import Censor, Open, Profile
from undertow.lab.firewall import Firewall
from undertow.lab.middlebox import Middlebox
from undertow.lab.packets import dns

INSIDE, OUTSIDE = "rooms", "street"


class Checkpoint:
    """The hotel's router gets an interface `street`, whose cable ends in the world.

    Nothing is censored before become(). nat: told to forget where a profile says so.
    """

    def __init__(self, lab: Lab, router: Namespace, world: tuple[Namespace, str]) -> None:
        self.nat: Nat | None = None
        self.middle = Middlebox((router, OUTSIDE), world, on_rebind=self._rebind)
        self.middle.__enter__()
        lab.at_end(self.middle.stop)
        self.firewall = Firewall(router, INSIDE, OUTSIDE)
        self.profile: Profile = Open()
        self._past_deeds = 0

    def become(self, profile: Profile) -> str:
        """Have nftables censor if it can, else the box in the middle; who does."""
        self._past_deeds = self.deeds()
        by_rules = profile.rules() is not None
        self.profile = profile
        self.firewall.become(profile if by_rules else Open())
        self.middle.censor = Censor(Open() if by_rules else profile)
        return "nftables" if by_rules else "middlebox"

    def answer(self, query: dns.Message) -> dns.Message | None:
        """What the network's name server says in place of the truth; None: the truth."""
        return self.middle.censor.answer(query)

    def deeds(self) -> int:
        """How often either of them did anything but let a packet pass."""
        return self._past_deeds + self.firewall.dropped() + self.middle.censor.deeds()

    def _rebind(self) -> None:
        if self.nat is not None:
            self.nat.rebind()
