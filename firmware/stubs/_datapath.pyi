"""The packet path on TUN and UDP sockets, in C (native/posix); only in the unix port.

One thread: poll() moves packets between TUN and sockets until the control plane is wanted. Errors of the system are OSError.
"""

from typing import Optional

from _typeshed import ReadableBuffer, WriteableBuffer
from _wg import Gate, Tunnel

# Why poll() came back: a set of bits; 0 is the timeout.
WAKE_HANDSHAKE: int  # next_handshake() has something
WAKE_EVENT: int  # Tunnel.take_event() has something
WAKE_SIGNAL: int  # SIGINT, SIGTERM or SIGHUP: see signal()
WAKE_FILE: int  # a watched descriptor is readable: see ready()
WAKE_TUN: int  # the interface went up or down, changed its MTU, or is gone: see interface_state()

def now_ms() -> int:
    """CLOCK_BOOTTIME in milliseconds, never 0: it goes on while the machine sleeps."""

def fill_random(buffer: WriteableBuffer) -> None:
    """Fill buffer from the kernel's generator (getrandom)."""

def wall_clock() -> "tuple[int, int]":
    """Seconds and nanoseconds since 1970 by the system's clock, which may be wrong."""

def set_umask(mask: int) -> int:
    """Set the mode bits that new files do not get; the mask before."""

class Path:
    WAKE_HANDSHAKE: int  # also here, for what runs on every data path

    def __init__(self, tunnel: Tunnel, gate: Gate) -> None:
        """Holds both for as long as it lives. Blocks SIGINT, SIGTERM and SIGHUP, which poll() then reports."""

    def open_tun(self, name: str) -> str:
        """Create the interface with all the offloads that the kernel has; its real name. Its MTU becomes the tunnel's."""

    def interface_state(self) -> "tuple[bool, int]":
        """(is up, MTU); MTU 0: the interface is gone."""

    def bind(self, port: int) -> int:
        """Open the UDP sockets for IPv4 and IPv6 on one port (0: any that is free) in place of those before; the port.

        OSError: those before are still open, unless they had this port.
        """

    def unbind(self) -> None: ...
    def set_mark(self, mark: int) -> None:
        """SO_MARK of what leaves the sockets, now and after later bind(); 0: none."""

    def watch_file(self, descriptor: int) -> None: ...
    def unwatch_file(self, descriptor: int) -> None:
        """Call it before the descriptor is closed."""

    def poll(self, timeout_ms: int) -> int:
        """Move packets until something is wanted. timeout_ms -1: for ever. Returns WAKE_ bits.

        With something wanted already it moves one bounded batch of packets and returns: live sessions go on
        while a flood of handshakes is worked off, if no more than a few are taken between two calls.
        """

    def ready(self) -> "list[int]":
        """The watched descriptors that the last poll() found readable."""

    def signal(self) -> int:
        """The number of the signal that came last, once; else 0."""

    def next_handshake(self, message: WriteableBuffer) -> "Optional[tuple[int, bytes]]":
        """The oldest handshake message that passed the gate: (length, source endpoint), or None. message: 148 bytes."""

    def send(self, datagram: ReadableBuffer, endpoint: ReadableBuffer) -> int:
        """Send one datagram; 0, or an errno that the network caused (unreachable, refused, full)."""

    def send_to_peer(self, peer: int, datagram: ReadableBuffer) -> int:
        """The same, to the peer's endpoint and from the address at which it last reached us."""

    def keepalive(self, peer: int) -> int:
        """Send an empty transport message; a status of _wg."""

    def flush(self, peer: int) -> int:
        """Send the packets that waited for a keypair; how many."""

    def counters(self) -> "dict[str, int]":
        """What passed, and what was lost on the way.

        tun_rx, udp_rx, tun_tx, udp_tx: packets; each with _calls: system calls, and _errors: refused by the
        system. tun_rx_malformed: headers that contradict themselves. udp_tx_dropped: sockets were full.
        ring_full: handshakes that came faster than they were taken. cookies: cookie replies sent.
        """

    def close(self) -> None:
        """Close sockets and interface (which goes away) and unblock the signals. Later calls but this one: OSError."""
