"""What kind of network it is: a rule for packets, which can be joined with others by `|`."""

from abc import ABC, abstractmethod

from undertow.lab.censor.seen import Seen
from undertow.lab.censor.verdict import PASS, Verdict
from undertow.lab.packets import dns


class Profile(ABC):
    """One rule. It may remember flows: each network has instances of its own.

    beyond_rules: why nftables cannot say it; empty: it can.
    """

    name: str
    beyond_rules = ""

    @abstractmethod
    def judge(self, seen: Seen, now: float) -> Verdict:
        """What happens to a packet. now: seconds of a monotonic clock."""

    def answer(self, query: dns.Message) -> dns.Message | None:
        """What the network's name server says in place of the truth; None: the truth."""
        del query
        return None

    def rules(self) -> tuple[str, ...] | None:
        """The same for the chain `forward` of nftables, a rule a line; None: it cannot say it.

        The interface to the guests is `$inside`, to the world `$outside`.
        """
        return None

    def __or__(self, other: "Profile") -> "Profile":
        """Both at once: what one of them drops is dropped."""
        return Combined((*parts(self), *parts(other)))

    def __str__(self) -> str:
        return self.name


class Open(Profile):
    """Everything passes."""

    name = "open"

    def judge(self, seen: Seen, now: float) -> Verdict:
        """It passes."""
        del seen, now
        return PASS

    def rules(self) -> tuple[str, ...]:
        """None are needed."""
        return ()


class Combined(Profile):
    """Several in a row, in this order: a later one sees only what the earlier ones let pass."""

    def __init__(self, members: tuple[Profile, ...]) -> None:
        self.members = members
        self.name = " | ".join(member.name for member in members)
        self.beyond_rules = next((each.beyond_rules for each in members if each.beyond_rules), "")

    def judge(self, seen: Seen, now: float) -> Verdict:
        """The first no; what the members before it inject stays."""
        whole = PASS
        for member in self.members:
            found = member.judge(seen, now)
            whole = Verdict(
                found.why,
                whole.injected + found.injected,
                whole.diverted or found.diverted,
                whole.rebinds or found.rebinds,
            )
            if found.why or found.diverted:
                break
        return whole

    def answer(self, query: dns.Message) -> dns.Message | None:
        """The first lie."""
        return next((lie for each in self.members if (lie := each.answer(query))), None)

    def rules(self) -> tuple[str, ...] | None:
        """Those of all, if each has some."""
        found: list[str] = []
        for member in self.members:
            rules = member.rules()
            if rules is None:
                return None
            found += rules
        return tuple(found)


def parts(profile: Profile) -> tuple[Profile, ...]:
    """The members of a combination, or the profile itself; nothing of one that does nothing."""
    if isinstance(profile, Combined):
        return profile.members
    return () if isinstance(profile, Open) else (profile,)
