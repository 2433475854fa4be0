"""A network lab on this machine: computers as namespaces, cables, NAT, captures and tunnels.

Everything in it ends with the process that made it. Only Linux has what it takes.
"""

from undertow.lab.capture import Capture, Datagram, Frame
from undertow.lab.errors import LabError
from undertow.lab.laboratory import Lab
from undertow.lab.namespace import Namespace, connect
from undertow.lab.nat import Nat
from undertow.lab.process import Process
from undertow.lab.sockets import Caller, Echo
from undertow.lab.tunnel import Implementation, KeyPair, PeerSettings, Tunnel
from undertow.lab.web import WebServer, fetch

__all__ = [
    "Caller",
    "Capture",
    "Datagram",
    "Echo",
    "Frame",
    "Implementation",
    "KeyPair",
    "Lab",
    "LabError",
    "Namespace",
    "Nat",
    "PeerSettings",
    "Process",
    "Tunnel",
    "WebServer",
    "connect",
    "fetch",
]
