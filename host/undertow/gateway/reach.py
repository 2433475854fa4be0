"""By which addresses boxes find the gateway."""

from ipaddress import IPv4Address

from undertow.errors import EXIT_USAGE, UndertowError
from undertow.gateway.settings import Settings
from undertow.gateway.surroundings import is_public, own_address


def endpoints(settings: Settings, reached_at: str = "") -> tuple[str, ...]:
    """HOST:PORT, the first to be tried first; empty: none is known that leads here from outside.

    reached_at: the address of ours at which a box's helper has just reached us.
    """
    if settings.endpoints:
        return settings.endpoints
    own = own_address()
    for address in (IPv4Address(reached_at) if reached_at else None, own):
        if address is not None and is_public(address):
            return (f"{address}:{settings.port}",)
    return ()


def nearby(settings: Settings, reached_at: str) -> tuple[str, ...]:
    """As endpoints(), but rather one that works at home only than none."""
    return endpoints(settings, reached_at) or (f"{reached_at}:{settings.port}",)


def require_endpoints(settings: Settings) -> tuple[str, ...]:
    """UndertowError: none is known."""
    found = endpoints(settings)
    if not found:
        raise UndertowError(
            "The gateway's public address is not known",
            "This machine has only addresses that mean nothing elsewhere, so it is behind a "
            "router; a box on its way could not find it.",
            "Have that router pass UDP port "
            f"{settings.port} on to this machine, and name the router's address or name: "
            "undertow gateway set --endpoint HOST.",
            EXIT_USAGE,
        )
    return found
