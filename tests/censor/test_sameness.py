"""No byte on the wire is the same for two boxes, but where the protocol that is spoken wants it.

Two gateways with secrets of their own, a box at each; each rung alone, several times. What may be
constant is listed here for each rung, and why.
"""

from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from tests.censor import sameness
from tests.censor.sameness import Parts, constants, unexplained
from tests.censor.town import Laptop, Town
from tests.censor.traveller import PASSWORD, USER, proxy_lines
from tests.support.absence import require_lab

from undertow import paths
from undertow.board.scene import PROXY
from undertow.gateway.carriers import SIZES
from undertow.lab import Lab
from undertow.lab.capture import parse

# Of each box. No byte is the same in as many from both by chance: 256 ** -5.
TIMES = 3
PAGE_S = 20.0
AT_ONCE = 6
ALL = range(1 << 16)
SECRET_LINES = ("TLSName", "TLSPin", "Path", "Inside")
# Greeting, name and password, CONNECT to an address; and their answers (RFC 1928, RFC 1929).
SOCKS_LENS = 4 + 3 + len(USER) + len(PASSWORD) + 10, 2 + 2 + 10

# An answer has one of four pairs of flags, one question, one or two answers, and nothing else.
DNS = {"there datagram 0": range(2, 12)}
# Version 1, an id of 8 bytes, no id of ours, no token, and the length of what fills 1200 bytes.
QUIC = {"there datagram 0": (1, 2, 3, 4, 5, 14, 15, 16, 17)}
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

    def parts(self, laptop: Laptop) -> Parts:
        """What of the capture is laid over what."""
        frames = laptop.capture.frames()
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

Samples = dict[str, list[Parts]]


@pytest.fixture(scope="module")
def samples(tmp_path_factory: pytest.TempPathFactory) -> Samples:
    """Of each rung, by its name: TIMES of one box, and as many of another one."""
    require_lab(str(paths.UNIX_PROGRAM))
    found: Samples = {rung.name: [] for rung in (*RUNGS, PLAIN)}
    for size in SIZES[:2]:
        # One after the other: sockets of tunnels share a folder.
        with Lab() as lab:
            town = Town(lab, tmp_path_factory.mktemp("town"))
            _take_size(town, size)
            with town, ThreadPoolExecutor(AT_ONCE) as pool:
                laptops = [(rung, town.laptop()) for rung in (*RUNGS, PLAIN)]
                for rung, taken in pool.map(lambda each: _record(*each), laptops):
                    found[rung.name] += taken
    return found


def _take_size(town: Town, size: int) -> None:
    """Two gateways may have drawn the same; these have not."""
    while town.home.state.carriers().size != size:
        (Path(town.home.folder) / "carriers.json").unlink()


def _record(rung: Rung, laptop: Laptop) -> tuple[Rung, list[Parts]]:
    text = laptop.file.read_text()
    before, _, added = text.partition("[Carriers]\n")
    laptop.file.write_text(f"{before}[Carriers]\n{rung.carriers(added.splitlines(True))}")
    taken = []
    for _ in range(TIMES):
        laptop.switch_on()
        laptop.arrive()
        assert laptop.page(PAGE_S) is not None, f"{rung.name}\n{laptop.log()}"
        laptop.leave()
        laptop.switch_off()
        taken.append(rung.parts(laptop))
    return rung, taken


@pytest.mark.parametrize("rung", RUNGS, ids=lambda rung: rung.name)
def test_two_boxes_have_no_byte_in_common_that_their_protocol_does_not_want(
    samples: Samples, rung: Rung
) -> None:
    taken = samples[rung.name]
    assert len(taken) == 2 * TIMES
    assert all(len(parts) >= sameness.FIRST for parts in taken)
    assert unexplained(constants(taken), rung.explained) == {}


def test_what_all_boxes_have_in_common_with_plain_wireguard_is_found(samples: Samples) -> None:
    found = constants(samples[PLAIN.name])
    assert found["there datagram 0"][:4] == [0, 1, 2, 3]
    assert found["back datagram 0"][:4] == [0, 1, 2, 3]


@pytest.mark.parametrize("rung", [rung for rung in RUNGS if rung.explained], ids=lambda r: r.name)
def test_what_a_protocol_wants_is_found_where_it_is_not_explained(
    samples: Samples, rung: Rung
) -> None:
    assert unexplained(constants(samples[rung.name]), {}) != {}
