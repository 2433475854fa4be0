"""What two boxes have in common on the wire: a constant byte at a constant place is a mark.

Each capture is a list of parts, such as "datagram 3 to the gateway" or "frame 2 from it"; parts of
the same name are laid over each other. By chance as many bytes as here are never the same anywhere.
"""

import itertools
import struct
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from undertow.lab.capture import UDP, Datagram, Frame
from undertow.lab.censor import quic
from undertow.lab.packets import dns, ethernet, ipv4, tcp

Parts = dict[str, bytes]

# So many of each kind are looked at: the beginnings, by which flows are judged.
FIRST = 6
_LONGEST = 256
_MODULO = 1 << 32


def constants(samples: Sequence[Parts]) -> dict[str, list[int]]:
    """Where all samples that have a part have the same byte, by the part's name."""
    found = {}
    for name in sorted(set(itertools.chain.from_iterable(samples))):
        parts = [sample[name] for sample in samples if name in sample]
        if len(parts) == len(samples):
            columns = zip(*(part[:_LONGEST] for part in parts), strict=False)
            same = [place for place, column in enumerate(columns) if len(set(column)) == 1]
            if same:
                found[name] = same
    return found


def unexplained(
    found: Mapping[str, list[int]], explained: Mapping[str, Iterable[int]]
) -> dict[str, list[int]]:
    """What is constant, and neither TLS nor HTTP nor a decoy wants it. explained: by prefixes."""
    left = {}
    for name, places in found.items():
        fine = {
            place for start, each in explained.items() if name.startswith(start) for place in each
        }
        if rest := [place for place in places if place not in fine]:
            left[name] = rest
    return left


def datagrams(seen: Iterable[Datagram]) -> Parts:
    """Of UDP: each by its direction, by whether it is a decoy, and by its number among those."""
    found: Parts = {}
    counts: Counter[str] = Counter()
    for each in seen:
        kind = "decoy" if _is_decoy(each.payload) else "datagram"
        name = f"{'there' if each.outgoing else 'back'} {kind}"
        if each.protocol == UDP and counts[name] < FIRST:
            found[f"{name} {counts[name]}"] = each.payload
            counts[name] += 1
    return found


def _is_decoy(payload: bytes) -> bool:
    """How many go before an initiation depends on how often it is sent."""
    return dns.parse(payload) is not None or bool(quic.server_name(payload))


def streams(sent: Iterable[Frame], port: int) -> tuple[bytes, bytes]:
    """Of the TCP connection that carried most: bytes there, and back."""
    flows: dict[int, dict[bool, dict[int, bytes]]] = {}
    for frame in sent:
        found = ethernet.parse(frame.data)
        packet = ipv4.parse(found.body) if found and found.kind == ethernet.IPV4 else None
        segment = tcp.parse(packet) if packet else None
        if segment is None or not segment.payload:
            continue
        ports = segment.source_port, segment.destination_port
        own, other = ports if frame.outgoing else ports[::-1]
        if other == port:
            pieces = flows.setdefault(own, {True: {}, False: {}})[frame.outgoing]
            pieces.setdefault(segment.sequence, segment.payload)  # and not what was sent again
    both = max(flows.values(), key=lambda flow: len(flow[True]))
    return _joined(both[True]), _joined(both[False])


def _joined(pieces: Mapping[int, bytes]) -> bytes:
    """From the first on, as far as nothing is missing."""
    data = bytearray()
    first = next(iter(pieces))
    for sequence, payload in sorted(pieces.items(), key=lambda each: (each[0] - first) % _MODULO):
        at = (sequence - first) % _MODULO
        if at > len(data):
            break
        data += payload[len(data) - at :]
    return bytes(data)


def frames(data: bytes, name: str) -> Parts:
    """Of UDP over TCP: lengths, and what they are of."""
    found: Parts = {}
    at = 0
    for number in range(FIRST):
        if len(data) < at + 2:
            break
        (length,) = struct.unpack_from("!H", data, at)
        found[f"{name} length {number}"] = data[at : at + 2]
        found[f"{name} datagram {number}"] = data[at + 2 : at + 2 + length]
        at += 2 + length
    return found


def web_socket(data: bytes, name: str) -> Parts:
    """Of WebSockets: the head, then headers of frames, and what they are of (RFC 6455 5.2)."""
    head, _, rest = data.partition(b"\r\n\r\n")
    found = {f"{name} head": head}
    for number in range(FIRST):
        if len(rest) < 2:
            break
        length, header = rest[1] & 0x7F, 2
        if length == 126:
            (length,), header = struct.unpack_from("!H", rest, 2), 4
        if rest[1] & 0x80:
            header += 4
        found[f"{name} header {number}"] = rest[:header]
        found[f"{name} datagram {number}"] = rest[header : header + length]
        rest = rest[header + length :]
    return found


def records(data: bytes, name: str) -> Parts:
    """Of TLS: headers of records, the handshake in clear, and what is secret (RFC 8446 5.1)."""
    found: Parts = {}
    kinds = {20: "change", 21: "alert", 22: "handshake", 23: "secret"}
    counts = dict.fromkeys(kinds.values(), 0)
    at = 0
    while len(data) >= at + 5:
        kind, _, length = struct.unpack_from("!BHH", data, at)
        word = kinds[kind]
        number, counts[word] = counts[word], counts[word] + 1
        if number < FIRST:
            found[f"{name} {word} header {number}"] = data[at : at + 5]
            found[f"{name} {word} {number}"] = data[at + 5 : at + 5 + length]
        at += 5 + length
    return found
