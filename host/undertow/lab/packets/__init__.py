"""Frames and packets by hand, a module for each protocol, for peers without a kernel.

Each has a NamedTuple, parse() from bytes and build() to bytes. parse() gives None for what a real
stack would drop: too short, wrong lengths, wrong checksums. Addresses of IP are text, of Ethernet
six bytes.
"""

from undertow.lab.packets.checksum import checksum
from undertow.lab.packets.describe import describe
from undertow.lab.packets.icmp import is_pong, ping

__all__ = ["checksum", "describe", "is_pong", "ping"]
