"""From a document to the rungs of its ladder, best first."""

from carrier.rung import TCP, TLS, UDP, WS, Rung
from wg.carrier_settings import DECOY_NONE, DECOY_OWN, PLAIN, SHAPED
from wg.compat import TYPE_CHECKING

if TYPE_CHECKING:
    from wg.settings import Configuration, PeerSettings

# What a board keeps in memory, and what a search gets through in reasonable time.
RUNGS_MAX = 40
UDP_RUNGS_MAX = 28
# Behind the first pair of shape and decoy, only the best ports are worth another try.
OTHER_PORTS = 4


def is_plain(configuration: "Configuration") -> bool:
    """Whether there is nothing to climb: one endpoint, by WireGuard as everybody knows it."""
    return configuration.carriers is None and configuration.interface.shape is None


def gateway(configuration: "Configuration") -> "PeerSettings | None":
    """The peer that the carriers lead to: the first that has an endpoint."""
    for peer in configuration.peers:
        if peer.endpoint is not None:
            return peer
    return None


def addresses(configuration: "Configuration") -> "list[str]":
    """Names and addresses of the gateway by the numbers that Rung.place has."""
    peer = gateway(configuration)
    found = [] if peer is None or peer.endpoint is None else [peer.endpoint.host]
    if configuration.carriers is not None:
        found += [host for host in configuration.carriers.addresses if host not in found]
    return found


def rungs(configuration: "Configuration", has_proxy: bool = False) -> "list[Rung]":
    """All rungs, best first: those of UDP, then those of streams. Empty: no endpoint.

    has_proxy: whether this network has a proxy (the box's own document, or the line Proxy). Where
    there is one, a stream through it comes before the same without: nobody sets one in vain.
    """
    peer = gateway(configuration)
    if peer is None or peer.endpoint is None:
        return []
    shape = configuration.interface.shape
    is_shaped = shape is not None and shape.changes_messages()
    own = [DECOY_OWN] if shape is not None and shape.has_decoys() else [DECOY_NONE]
    carriers = configuration.carriers
    if carriers is None:
        return [Rung(UDP, peer.endpoint.port, is_shaped, own[0])]
    shapes = carriers.shapes or [SHAPED if is_shaped else PLAIN]
    places = len(addresses(configuration))
    found = _udp(carriers.udp, shapes, carriers.decoys or own, places)
    # Inside of a stream the shape hides sizes and types at no cost that counts.
    for place in range(places):
        for kind, ports in ((TLS, carriers.tls), (WS, carriers.ws), (TCP, carriers.tcp)):
            for port in ports:
                if has_proxy:
                    found.append(Rung(kind, port, shapes[0] == SHAPED, DECOY_NONE, True, place))
                found.append(Rung(kind, port, shapes[0] == SHAPED, DECOY_NONE, False, place))
    return found[:RUNGS_MAX]


def _udp(ports: "list[int]", shapes: "list[str]", decoys: "list[str]", places: int) -> "list[Rung]":
    """By how likely they are: the best decoy on all ports, then another address or decoy."""
    kinds = [(shape == SHAPED, decoy) for shape in shapes for decoy in decoys]
    found: "list[Rung]" = []
    for step in range(len(kinds) + places - 1):
        for place in range(min(step + 1, places) - 1, -1, -1):
            if step - place >= len(kinds):
                continue
            is_shaped, decoy = kinds[step - place]
            for port in ports if step == 0 else ports[:OTHER_PORTS]:
                found.append(Rung(UDP, port, is_shaped, decoy, False, place))
    return found[:UDP_RUNGS_MAX]
