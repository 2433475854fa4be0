"""What holds where a step of the doctor says yes: a box says its name, and a laptop this."""

CLAIMS = {
    "settings": "the box is set up and has a gateway",
    "link": "the cable is in, or the Wi-Fi is joined",
    "address": "the network gives the box an address",
    "router": "the network's router answers",
    "sign-in": "nobody has to sign in here",
    "names": "the gateway's name is found",
    "way out": "this network lets the box out to it",
    "udp": "the gateway answers",
    "shape": "the tunnel's packets pass as they look",
    "volume": "as much passes as one likes",
    "size": "packets pass in their size",
    "handshake": "box and gateway have agreed on keys",
    "inside": "what goes through the tunnel comes back",
    "leaks": "nothing leaves past the tunnel",
    "speed": "the tunnel carries something",
}


def claim(step: str) -> str:
    """The step's name itself, of a newer box that has more of them."""
    return CLAIMS.get(step, step)
