"""Emulated networks in one thread of this process, without root: a switch, and who lives on it.

A board's network port reaches the switch through unix datagram sockets; the stations in Python
(a hotel's router, a client on the LAN) through calls.
"""

from undertow.lab.ethernet.client import Client
from undertow.lab.ethernet.hotel import HotelRouter
from undertow.lab.ethernet.loop import Loop
from undertow.lab.ethernet.port import Passed, Port
from undertow.lab.ethernet.station import Received, Station
from undertow.lab.ethernet.stream import Stream
from undertow.lab.ethernet.switch import Switch

__all__ = [
    "Client",
    "HotelRouter",
    "Loop",
    "Passed",
    "Port",
    "Received",
    "Station",
    "Stream",
    "Switch",
]
