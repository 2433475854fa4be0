"""A gateway, and a crowd of peers with one address each, written from the paper."""

import contextlib
import ipaddress
from base64 import b64decode, b64encode
from collections.abc import Iterator

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from undertow.lab.initiator import Initiator, Session
from undertow.lab.laboratory import Lab
from undertow.lab.namespace import Namespace, connect
from undertow.lab.packets import is_pong, ping
from undertow.lab.pair import PORT
from undertow.lab.tunnel import Implementation, PeerSettings, Tunnel

GATEWAY = "192.0.2.1"
GATEWAY_INNER = "10.8.0.1"
FIRST_INNER = ipaddress.ip_address("10.8.1.0")
FIRST_OUTER = ipaddress.ip_address("198.18.0.0")


class RemotePeer:
    """A peer at its own outer address, so that no limit per source stands in its way."""

    def __init__(self, number: int, namespace: Namespace) -> None:
        key = X25519PrivateKey.generate()
        self.inner = str(FIRST_INNER + number)
        self.private = key.private_bytes_raw()
        self.public = b64encode(key.public_key().public_bytes_raw()).decode()
        self.socket = namespace.socket()
        self.socket.settimeout(2.0)
        self.socket.bind((str(FIRST_OUTER + number), 0))
        self.socket.connect((GATEWAY, PORT))

    def settings(self) -> PeerSettings:
        """What the gateway has to know of it."""
        return PeerSettings(self.public, (f"{self.inner}/32",))

    def endpoint(self) -> str:
        """Where it is."""
        address, port = self.socket.getsockname()
        return f"{address}:{port}"

    def shake_hands(self, gateway: Tunnel, timestamp: bytes | None = None) -> Session:
        """A session with the gateway; TimeoutError if it keeps silent."""
        initiator = Initiator(self.private, b64decode(gateway.key.public))
        initiation = initiator.initiation(timestamp)
        self.socket.send(initiation)
        while True:
            answer = self.socket.recv(2048)
            if answer[0] == 3:
                # Hundreds of handshakes at once may look like a flood.
                self.socket.send(initiator.with_cookie(initiation, answer))
            elif answer[0] == 2:
                return initiator.finish(answer)

    def has_answer(self, session: Session, number: int) -> bool:
        """Whether the gateway answers a ping through the tunnel."""
        self.socket.send(session.seal(ping(self.inner, GATEWAY_INNER, number)))
        with contextlib.suppress(TimeoutError):
            while True:
                answer = self.socket.recv(2048)
                if answer[0] == 4 and is_pong(session.open(answer), GATEWAY_INNER, number):
                    return True
        return False


def make_gateway(lab: Lab, implementation: Implementation) -> tuple[Tunnel, Namespace]:
    """A tunnel that does not run yet, and the place where peers with many addresses live."""
    right, crowd = lab.namespace("right"), lab.namespace("crowd")
    connect(right, "eth0", crowd, "eth0")
    right.address("eth0", f"{GATEWAY}/24")
    crowd.address("eth0", "192.0.2.2/24")
    crowd.ip("route", "add", "local", f"{FIRST_OUTER}/16", "dev", "lo")
    right.route(f"{FIRST_OUTER}/16", "via", "192.0.2.2")
    addresses = (f"{GATEWAY_INNER}/16",)
    return Tunnel(implementation, right, lab.interface_name("many"), addresses), crowd


@contextlib.contextmanager
def remote_peers(namespace: Namespace, count: int) -> Iterator[list[RemotePeer]]:
    """So many peers, with sockets that close at the end."""
    with contextlib.ExitStack() as stack:
        peers = [RemotePeer(number, namespace) for number in range(count)]
        for peer in peers:
            stack.callback(peer.socket.close)
        yield peers
