"""Addresses inside the tunnel, and who gets which."""

from ipaddress import IPv4Address, IPv4Network

from undertow.errors import EXIT_REFUSED, UndertowError
from undertow.gateway.peers import Peers


def free(network: IPv4Network, peers: Peers, now_s: int) -> IPv4Address:
    """The lowest that nobody has and nobody was promised. UndertowError: there is none.

    The first is the gateway's own; that of the network and the broadcast are nobody's.
    """
    taken = {peer.address for peer in peers.by_name.values()}
    taken.update(address for address, until_s in peers.reserved.items() if until_s > now_s)
    for number in range(2, network.num_addresses - 1):
        if network[number] not in taken:
            return network[number]
    raise UndertowError(
        f"The pool {network} has no address left",
        f"It has {len(peers.by_name)} boxes, and one that pairs may hold an address for 10 min.",
        "Remove a box that is gone: undertow gateway remove NAME.",
        EXIT_REFUSED,
    )


def check(address: IPv4Address, network: IPv4Network, peers: Peers, name: str) -> None:
    """Whether a box of this name may have the address. UndertowError: it may not."""
    holder = next((p.name for p in peers.by_name.values() if p.address == address), name)
    if holder != name:
        why = f"'{holder}' has it."
    elif address not in network or address in (network[0], network[-1]):
        why = f"It is none of the pool {network}."
    elif address == network[1]:
        why = "It is the gateway's own."
    else:
        return
    raise UndertowError(
        f"The address {address} cannot be given", why, "Leave --address out.", EXIT_REFUSED
    )
