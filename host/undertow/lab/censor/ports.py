"""Networks that go by ports, protocols and addresses: what every firewall can say."""

from collections.abc import Iterable

from undertow.lab.censor.profile import Profile
from undertow.lab.censor.seen import End, Seen
from undertow.lab.censor.verdict import PASS, Verdict
from undertow.lab.packets import ipv4

WEB_PORTS = (80, 443)


def _set(ports: Iterable[int]) -> str:
    return "{ " + ", ".join(str(port) for port in sorted(ports)) + " }"


class PortBlocked(Profile):
    """UDP to these ports is dropped."""

    def __init__(self, *ports: int) -> None:
        self.ports = frozenset(ports)
        self.name = "port blocked"

    def judge(self, seen: Seen, now: float) -> Verdict:
        """By the world's port."""
        blocked = seen.is_udp and seen.outside[1] in self.ports
        return Verdict("port") if blocked else PASS

    def rules(self) -> tuple[str, ...]:
        """Both ways, as flows begin inside."""
        return (
            f'iifname "$inside" udp dport {_set(self.ports)} drop',
            f'iifname "$outside" udp sport {_set(self.ports)} drop',
        )


class UdpBlocked(Profile):
    """No UDP at all, but to the network's own servers, which no packet of this kind passes."""

    name = "UDP blocked"

    def judge(self, seen: Seen, now: float) -> Verdict:
        """By the protocol."""
        return Verdict("UDP") if seen.packet.protocol == ipv4.UDP else PASS

    def rules(self) -> tuple[str, ...]:
        """By the protocol."""
        return ("meta l4proto udp drop",)


class OnlyTcpWeb(Profile):
    """Nothing but TCP to ports 80 and 443."""

    name = "only TCP 80 and 443"

    def judge(self, seen: Seen, now: float) -> Verdict:
        """By protocol and port."""
        return PASS if seen.is_tcp and seen.outside[1] in WEB_PORTS else Verdict("not the web")

    def rules(self) -> tuple[str, ...]:
        """By protocol and port."""
        return (
            f'iifname "$inside" tcp dport != {_set(WEB_PORTS)} drop',
            f'iifname "$outside" tcp sport != {_set(WEB_PORTS)} drop',
            "meta l4proto != tcp drop",
        )


class OnlyUdp443(Profile):
    """Nothing but UDP to port 443."""

    name = "only UDP 443"

    def judge(self, seen: Seen, now: float) -> Verdict:
        """By protocol and port."""
        return PASS if seen.is_udp and seen.outside[1] == 443 else Verdict("not UDP 443")

    def rules(self) -> tuple[str, ...]:
        """By protocol and port."""
        return (
            'iifname "$inside" udp dport != 443 drop',
            'iifname "$outside" udp sport != 443 drop',
            "meta l4proto != udp drop",
        )


class OnlyProxy(Profile):
    """Nothing but TCP to these ends: what they reach, everybody reaches by them."""

    name = "only by a proxy"

    def __init__(self, *proxies: End) -> None:
        self.proxies = frozenset(proxies)

    def judge(self, seen: Seen, now: float) -> Verdict:
        """By the world's end."""
        return PASS if seen.is_tcp and seen.outside in self.proxies else Verdict("not the proxy")

    def rules(self) -> tuple[str, ...]:
        """By the world's end."""
        ends = "{ " + ", ".join(f"{host} . {port}" for host, port in sorted(self.proxies)) + " }"
        return (
            f'iifname "$inside" ip daddr . tcp dport != {ends} drop',
            f'iifname "$outside" ip saddr . tcp sport != {ends} drop',
            "meta l4proto != tcp drop",
        )


class GatewayBlocked(Profile):
    """Nothing to or from these addresses."""

    name = "gateway blocked"

    def __init__(self, *addresses: str) -> None:
        self.addresses = frozenset(addresses)

    def judge(self, seen: Seen, now: float) -> Verdict:
        """By the world's address."""
        return Verdict("address") if seen.outside[0] in self.addresses else PASS

    def rules(self) -> tuple[str, ...]:
        """By the world's address."""
        addresses = "{ " + ", ".join(sorted(self.addresses)) + " }"
        return (
            f'iifname "$inside" ip daddr {addresses} drop',
            f'iifname "$outside" ip saddr {addresses} drop',
        )
