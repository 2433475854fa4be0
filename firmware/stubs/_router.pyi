"""The packet path of a board, in C (native/lwip): clients on the LAN, the tunnel on the uplink.

It exists from power-on and denies everything; a Router opens it. Addresses are 4 bytes, MACs 6.
"""

from typing import Optional

from _typeshed import ReadableBuffer, WriteableBuffer
from _wg import Gate, Shape, Tunnel

# Why poll() came back: a set of bits; 0 is the timeout.
WAKE_HANDSHAKE: int  # next_handshake() has something
WAKE_EVENT: int  # Tunnel.take_event() has something
WAKE_CONSOLE: int  # bytes wait on the console
WAKE_UPLINK: int  # link, address or gateway of the uplink has changed: see uplink()
WAKE_DHCP: int  # next_dhcp() has something
WAKE_NAME: int  # the look-up has ended: see name()
WAKE_SILENCE: int  # we send and hear nothing: see silence()
WAKE_INSIDE: int  # next_inside() has something
WAKE_STREAM: int  # the stream's state has changed, or it has bytes to read
# What silence() says.
SILENCE_FAR: int  # the next hop answers, and nobody beyond it
SILENCE_NEAR: int  # the next hop does not answer: this may be another network
SILENCE_MOVED: int  # the next hop is another machine now, or is back
# What sign_in() says of the window for signing in.
SIGN_IN_OPEN: int
SIGN_IN_NONE: int  # there was none yet
SIGN_IN_CLOSED: int
SIGN_IN_TIME: int  # its time was over
SIGN_IN_TUNNEL: int  # the tunnel has brought something
SIGN_IN_UPLINK: int  # its network, address or link has changed

def now_ms() -> int:
    """Milliseconds since power-on, never 0."""

def fill_random(buffer: WriteableBuffer) -> None:
    """Fill buffer with bytes fit for keys. OSError: this machine has no generator."""

def wall_clock() -> "tuple[int, int]":
    """Seconds and nanoseconds since 1970, which may be wrong; (0, 0): the machine has no clock."""

class Router:
    """Only one is open at a time."""

    WAKE_HANDSHAKE: int  # all of them also here, for what runs on every data path
    WAKE_EVENT: int
    WAKE_CONSOLE: int
    WAKE_UPLINK: int
    WAKE_DHCP: int
    WAKE_NAME: int
    WAKE_SILENCE: int
    WAKE_INSIDE: int
    WAKE_STREAM: int
    SILENCE_FAR: int
    SILENCE_NEAR: int
    SILENCE_MOVED: int
    SIGN_IN_OPEN: int
    SIGN_IN_NONE: int
    SIGN_IN_CLOSED: int
    SIGN_IN_TIME: int
    SIGN_IN_TUNNEL: int
    SIGN_IN_UPLINK: int

    def __init__(self, tunnel: Tunnel, gate: Gate) -> None:
        """Holds both until it is closed, in place of the Router that was open before."""

    def poll(self, timeout_ms: int) -> int:
        """Move packets, run lwIP's timers and sleep until something is wanted. timeout_ms -1: for ever. Returns WAKE_ bits.

        With something wanted already it moves one bounded batch of packets and returns.
        """

    def next_handshake(self, message: WriteableBuffer) -> "Optional[tuple[int, bytes]]":
        """The oldest handshake message that passed the gate: (length, source endpoint), or None. message: 148 bytes."""

    def send(self, datagram: ReadableBuffer, endpoint: ReadableBuffer) -> int:
        """Send a handshake message or cookie reply; 0, or an errno that the network caused. ValueError: it is neither."""

    def send_to_peer(self, peer: int, datagram: ReadableBuffer) -> int:
        """The same, to the peer's endpoint."""

    def set_shape(self, shape: "Optional[Shape]") -> None:
        """How datagrams look to and from endpoints that have a shape (wg.endpoint.with_shape()); None: there are none such."""

    def send_decoy(self, datagram: ReadableBuffer, endpoint: ReadableBuffer) -> int:
        """Send up to 1280 bytes as they are, to an address; 0, or an errno that the network caused."""

    def keepalive(self, peer: int) -> int:
        """Send an empty transport message; a status of _wg."""

    def flush(self, peer: int) -> int:
        """Send the packets that waited for a keypair; how many. Those that find no buffer leave later by themselves."""

    def bind(self, port: int) -> int:
        """Take a UDP port on the uplink for the tunnel (0: a random one that is free), in place of the one before; the port.

        OSError: it is taken, and the one before is still ours.
        """

    def unbind(self) -> None: ...
    def close(self) -> None:
        """Back to denying everything; the uplink keeps its address. Later calls but this one: OSError."""

    def uplink_dhcp(self) -> None:
        """Get the uplink's address from a DHCP server; again: ask it again now. OSError ENODEV: there is no uplink."""

    def uplink_static(
        self,
        address: ReadableBuffer,
        prefix_len: int,
        gateway: ReadableBuffer,
        dns: "tuple[ReadableBuffer, ...]",
    ) -> None:
        """Give the uplink its address. Of the name servers the first two are used. OSError ENODEV: there is no uplink."""

    def uplink_stop(self) -> None:
        """Give the address back, and have none."""

    def uplink(self) -> "tuple[bool, Optional[bytes], int, Optional[bytes], tuple[bytes, ...]]":
        """(is the link up, address, prefix length, gateway, name servers); None: there is none."""

    def look_up(self, name: str) -> None:
        """Ask the uplink's name servers for an IPv4 address, in place of what was asked before. For the gateway's name alone."""

    def name(self) -> "Optional[bytes]":
        """The address that was found; b"": there is none; None: still looking."""

    def silence(self) -> int:
        """What it means that we send and hear nothing, SILENCE_; told again each second while it lasts. 0: nothing new."""

    def uplink_router(self) -> "Optional[bytes]":
        """The MAC of the uplink's next hop, as ARP told last; None: it is not known."""

    def uplink_portal(self) -> "Optional[str]":
        """Where one signs in, as the uplink's DHCP server says (option 114, RFC 8910); printable ASCII. None: it says nothing."""

    def set_tunnel(
        self, address: "Optional[ReadableBuffer]", dns: "Optional[ReadableBuffer]"
    ) -> None:
        """Our address in the tunnel, None: closed, and where clients' DNS queries go, None: nowhere. Takes over the tunnel's MTU."""

    def set_lan(self, address: ReadableBuffer, prefix_len: int) -> None:
        """Our address on the LAN. Clients elsewhere, but in the former LAN, are forgotten."""

    def set_former_lan(self, address: "Optional[ReadableBuffer]", prefix_len: int) -> None:
        """The address before, which is served, too; None: none. To be set before set_lan() when the LAN moves."""

    def next_dhcp(self, message: bytearray) -> "Optional[tuple[int, bytes]]":
        """The oldest DHCP message of a client: (length, MAC of the frame), or None. message: at least 576 bytes."""

    def send_dhcp(
        self, message: ReadableBuffer, mac: ReadableBuffer, address: ReadableBuffer, broadcast: bool
    ) -> int:
        """Send an answer from our LAN address, UDP 67 to 68; 0 or an errno. An acknowledgement binds its address to the MAC."""

    def clients(self) -> "list[tuple[bytes, bytes, int, int]]":
        """(address, MAC, flows, milliseconds since it was heard) of those whose address is known."""

    def try_leak(self) -> int:
        """Have a packet such as a client's come at a moment without the tunnel: 0: it died, 1: it left.

        -1: it could not be tried. Nobody else's packets are concerned, and what would leave does not.
        """

    def stream_open(self, address: ReadableBuffer, port: int) -> int:
        """Begin a TCP connection on the uplink; its number, by which wg.endpoint.stream() knows it.

        A board has one. OSError ENOBUFS: there is one that has not ended. What keeps it from being made is told by
        stream_state() and stream_end().
        """

    def stream_state(self, stream: int) -> int:
        """_carrier.STREAM_...; STREAM_ENDED also of a number that is not there."""

    def stream_end(self, stream: int) -> int:
        """Why it has ended, _carrier.END_...; 0: it has not."""

    def stream_secure(self, stream: int, name: str, pin: ReadableBuffer, now_s: int = 0) -> None:
        """TLS from now on, in STREAM_SECURING until it is STREAM_OPEN again.

        name: of the host; empty: none is said, and an issuer's pin is none. pin: SHA-256 of a SubjectPublicKeyInfo, 32 bytes, or up to four of them. now_s: seconds since 1970,
        0: the clock is not to be trusted. OSError ENOTCONN: the stream is not open. ValueError: no pin, or no name.
        """

    def stream_write(self, stream: int, data: ReadableBuffer) -> int:
        """STREAM_OPEN: how many bytes were taken; 0: none now, or it is not open."""

    def stream_read(self, stream: int, buffer: WriteableBuffer) -> int:
        """STREAM_OPEN: how many bytes were read; 0: none now, or it is not open."""

    def stream_carry(self, stream: int, framing: int, rest: ReadableBuffer = b"") -> None:
        """Carry datagrams from now on, _carrier.FRAMING_...; rest: what was read beyond what ended the bytes before, up to 1500.

        OSError ENOTCONN: the stream is not open. ValueError: no framing, or too much rest.
        """

    def stream_ping(self, stream: int) -> None:
        """STREAM_CARRYING: ask the other end for a sign of life, which shows in stream_heard_ms(). Not with FRAMING_LENGTH."""

    def stream_heard_ms(self, stream: int) -> int:
        """When bytes came last, as now_ms() says it; 0: it is not there."""

    def stream_close(self, stream: int) -> None:
        """Close it, say so to the other end, and wipe what it knew. Nothing happens to one that is not there."""

    def set_inside(self, port: int, address: "Optional[ReadableBuffer]", to_port: int) -> None:
        """What comes through the tunnel by UDP from this address and port to ours and this port is for next_inside(). None: nothing is."""

    def send_inside(self, payload: ReadableBuffer) -> int:
        """Send one message there; 0, or an errno that the network caused. ValueError: longer than any packet."""

    def next_inside(self, buffer: WriteableBuffer) -> "Optional[int]":
        """The oldest message: its length as it came, or None. buffer: 256 bytes or more, which is what is kept of a longer one."""

    def set_sign_in(
        self,
        mac: ReadableBuffer,
        addresses: "tuple[bytes, ...]",
        names: "tuple[str, ...]",
        seconds: int,
    ) -> int:
        """Let the client with this MAC speak with these addresses by TCP 80 and 443, in clear, for 1 to 600 s.

        addresses: 1 to 4. names: of these, "" for none; every other name has the first address for this client.
        0, or ENOTCONN: nobody with this MAC was heard; EHOSTUNREACH: there is no uplink. ValueError: an address can be no
        portal's. It closes by itself: when its time is over, the tunnel brings something, or the uplink is another one.
        """

    def close_sign_in(self) -> None:
        """Close it; without one nothing happens."""

    def sign_in(self) -> "tuple[int, int, bytes, bytes, int, int, int, int]":
        """The window of now, or the last one: a SIGN_IN_, milliseconds left, the client's MAC and address, then how many
        segments went to the portal and came from it, questions for names answered, and frames of it refused.
        """

    def counters(self) -> "dict[str, int]":
        """Counts since power-on, modulo 2^32.

        lan_rx, lan_tx, uplink_rx, uplink_tx: packets that passed; cookies: cookie replies sent. All others are drops:
        lan_ and uplink_ by this path (lwpath_counters.h), rt_ by the router (rt_verdict.h), wg_ by the tunnel (wg_status.h).
        """
