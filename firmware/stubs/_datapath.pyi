"""The packet path on TUN, UDP sockets and streams, in C (native/posix); only in the unix port.

One thread: poll() moves packets between TUN and sockets until the control plane is wanted. Errors of the system are OSError.
"""

from typing import Optional

from _typeshed import ReadableBuffer, WriteableBuffer
from _wg import Gate, Shape, Tunnel

# Why poll() came back: a set of bits; 0 is the timeout.
WAKE_HANDSHAKE: int  # next_handshake() has something
WAKE_EVENT: int  # Tunnel.take_event() has something
WAKE_SIGNAL: int  # SIGINT, SIGTERM or SIGHUP: see signal()
WAKE_FILE: int  # a watched descriptor is readable: see ready()
WAKE_TUN: int  # the interface went up or down, changed its MTU, or is gone: see interface_state()
WAKE_STREAM: int  # a stream has changed its state, or has bytes to read: see next_stream()
WAKE_UPLINK: int  # an address or a route of this machine has changed; only after watch_uplink()

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
    WAKE_STREAM: int
    WAKE_UPLINK: int

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

    def also_bind(self, ports: "tuple[int, ...]") -> "tuple[tuple[int, int], ...]":
        """Have sockets on these ports (1 to 65535), too, and on no others beside that of bind(); at most 15.

        What leaves as an answer leaves by the port at which the question arrived. Returns (port, errno) of those that could
        not be had. unbind() closes these, too.
        """

    def unbind(self) -> None: ...
    def set_mark(self, mark: int) -> None:
        """SO_MARK of what leaves sockets and streams, now and of later ones; 0: none."""

    def set_shape(self, shape: "Optional[Shape]") -> None:
        """How datagrams look to and from endpoints that have shape 1; None: no other than WireGuard's own.

        With a shape, plain datagrams are taken as well, unless they could be mistaken for shaped ones.
        """

    def watch_uplink(self) -> None:
        """Have poll() come back with WAKE_UPLINK."""

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

    def send_decoy(self, datagram: ReadableBuffer, endpoint: ReadableBuffer) -> int:
        """Send bytes as they are, 1280 at most, to a UDP endpoint; 0 or an errno."""

    def send_to_peer(self, peer: int, datagram: ReadableBuffer) -> int:
        """The same, to the peer's endpoint and from the address at which it last reached us."""

    def local_port(self, peer: int) -> int:
        """The UDP port of ours by which we speak with a peer, that of its last datagram; 0: with none."""

    def keepalive(self, peer: int) -> int:
        """Send an empty transport message; a status of _wg."""

    def flush(self, peer: int) -> int:
        """Send the packets that waited for a keypair; how many."""

    def counters(self) -> "dict[str, int]":
        """What passed, and what was lost on the way.

        tun_rx, udp_rx, tun_tx, udp_tx: packets; each with _calls: system calls, and _errors: refused by the
        system. tun_rx_malformed: headers that contradict themselves. udp_tx_dropped: sockets were full.
        ring_full: handshakes that came faster than they were taken. cookies: cookie replies sent.
        stream_rx, stream_tx: datagrams; each with _calls; stream_tx_dropped: that had to make way for later ones in a
        stream's queue, or whose stream was gone.
        """

    def close(self) -> None:
        """Close sockets and interface (which goes away) and unblock the signals. Later calls but this one: OSError."""

    # --- streams: each is known by a number; what is no number of one raises ValueError ---

    def stream_open(self, address: bytes, port: int) -> int:
        """Begin to connect by TCP; the number. OSError: ENOSPC: 4096 are open."""

    def adopt(self, descriptor: int, framing: int, rest: ReadableBuffer = b"") -> int:
        """Carry frames on a connected stream socket, which is duplicated: the caller closes its own descriptor.

        rest: what was read from it already. The number; OSError: ENOSPC: 4096 are open.
        """

    def next_stream(self) -> int:
        """One that has changed its state, or has bytes to read, since it was told of here last; 0: none."""

    def stream_state(self, number: int) -> int:
        """_carrier.STREAM_CONNECTING, STREAM_OPEN, STREAM_SECURING, STREAM_CARRYING or STREAM_ENDED."""

    def stream_end(self, number: int) -> int:
        """Why it ended: one of _carrier.END_, 0: it has not."""

    def stream_secure(self, number: int, name: str, pin: ReadableBuffer, now_s: int = -1) -> None:
        """TLS over what flows now; STREAM_OPEN again when it is done. See native/carrier/cr_tls.h.

        name: the host's, for SNI and in certificates of a pinned issuer; empty: not said, and such are not believed. pin: SHA-256 of a key, 32 bytes, or up to 4 of them.
        now_s: the time since 1970 by which certificates are judged, 0: it is not known, -1: this machine's.
        """

    def stream_write(self, number: int, data: ReadableBuffer) -> int:
        """STREAM_OPEN: send bytes; how many were taken, 0: there is no room now."""

    def stream_read(self, number: int, buffer: WriteableBuffer) -> int:
        """STREAM_OPEN: read bytes; how many, 0: there are none now."""

    def stream_carry(self, number: int, framing: int, rest: ReadableBuffer = b"") -> None:
        """STREAM_OPEN: frames from now on. rest: what was read beyond the handshake."""

    def stream_ping(self, number: int) -> None:
        """WebSocket: ask the other end for an answer, which shows in stream_heard_ms()."""

    def stream_heard_ms(self, number: int) -> int:
        """When bytes came last, by now_ms()."""

    def stream_is_proven(self, number: int) -> bool:
        """Whether authentic data of a peer came by it."""

    def stream_close(self, number: int) -> None:
        """End it, if it has not ended; the number is nobody's then."""
