"""The rungs whose captures are laid over one another, and what may be the same in them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from tests.censor import sameness
from tests.censor.sameness import Parts
from tests.censor.traveller import PASSWORD, USER, proxy_lines

from undertow.board.scene import PROXY
from undertow.lab.capture import Frame, parse

# Of each of two boxes. No byte is the same in as many by chance: 256 ** -5.
TIMES = 3
ALL = range(1 << 16)
SECRET_LINES = ("TLSName", "TLSPin", "Path", "Inside")
# Greeting, name and password, CONNECT to an address; and their answers (RFC 1928, RFC 1929).
SOCKS_LENS = 4 + 3 + len(USER) + len(PASSWORD) + 10, 2 + 2 + 10

# An answer has one of four pairs of flags, one question, one or two answers, and nothing else.
DNS = {"there decoy": range(2, 12)}
# Version 1, an id of 8 bytes, no id of ours, no token, and the length of what fills 1200 bytes.
QUIC = {"there decoy": (1, 2, 3, 4, 5, 14, 15, 16, 17)}
# Lengths of 16 bits, most of them below 256 or 512 or 1536; the lower half is never the same.
TCP = {"there length": (0,), "back length": (0,)}
# HTTP's own words; then frames that are whole and binary, masked there, and their lengths.
WEB = {f"{way} {part}": ALL for way in ("there", "back") for part in ("head", "header")}
# Headers of records, and the hellos but for what is random in them (RFC 8446, 4.1.2); the change
# of ciphers that is none. A certificate is in clear only where TLS 1.2 has to do.
TLS = {
    **{f"{way} {part}": ALL for way in ("there", "back") for part in ("change", "alert")},
    **{
        f"{way} {part} header": ALL for way in ("there", "back") for part in ("handshake", "secret")
    },
    **{f"{way} handshake 0": (*range(6), *range(38, 512)) for way in ("there", "back")},
}


@dataclass(frozen=True)
class Rung:
    """kind, port: of the stream; "UDP": none. lines: of [Carriers]. explained: what may be."""

    name: str
    kind: str
    port: int
    lines: str = ""
    explained: dict[str, Iterable[int]] = field(default_factory=dict)
    proxy: str = ""

    def carriers(self, added: Iterable[str]) -> str:
        """[Carriers] of this rung alone. added: the lines of the file that `add` wrote."""
        secret = [line for line in added if line.split(" = ")[0] in SECRET_LINES]
        shapes = "" if "Shapes" in self.lines else "Shapes = shaped\n"
        proxy = proxy_lines(self.proxy) if self.proxy else ""
        return f"{self.kind} = {self.port}\n{shapes}{self.lines}{''.join(secret)}{proxy}"

    def parts(self, frames: Sequence[Frame]) -> Parts:
        """What of a capture is laid over what."""
        if self.kind == "UDP":
            return sameness.datagrams(found for frame in frames if (found := parse(frame)))
        there, back = sameness.streams(frames, PROXY[1] if self.proxy else self.port)
        if self.proxy == "http":
            there, back = (data.partition(b"\r\n\r\n")[2] for data in (there, back))
        elif self.proxy:
            there, back = there[SOCKS_LENS[0] :], back[SOCKS_LENS[1] :]
        reader = {"TCP": sameness.frames, "WS": sameness.web_socket, "TLS": sameness.records}
        read = reader[self.kind]
        return {**read(there, "there"), **read(back, "back")}


# WireGuard as everybody knows it: what the judge has to find.
PLAIN = Rung("UDP, plain", "UDP", 443, "Shapes = plain\nDecoys = none\n")
RUNGS = (
    Rung("UDP, shaped", "UDP", 443, "Decoys = none\n"),
    Rung("UDP after a DNS decoy", "UDP", 443, "Decoys = dns\n", DNS),
    Rung("UDP after a QUIC decoy", "UDP", 443, "Decoys = quic\n", QUIC),
    Rung("UDP over TCP", "TCP", 443, "", TCP),
    Rung("WebSocket", "WS", 80, "", WEB),
    Rung("WebSocket in TLS", "TLS", 443, "", TLS),
    Rung("TLS by an HTTP proxy", "TLS", 443, "", TLS, "http"),
    Rung("TLS by a SOCKS proxy", "TLS", 443, "", TLS, "socks5"),
)
