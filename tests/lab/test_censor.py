"""What each kind of network drops, and what it lets pass: the judge alone, packet by packet."""

import os
import random
import struct
from collections.abc import Callable

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from undertow.lab import censor
from undertow.lab.censor import Censor, Profile, Verdict, quic
from undertow.lab.censor.client_hello import server_name
from undertow.lab.censor.entropy import exemption
from undertow.lab.packets import dns, icmp, ipv4, tcp, udp

BOX, GATEWAY, PROXY, OTHER = "172.16.5.100", "192.0.2.2", "192.0.2.10", "198.51.100.9"
CHANCE = random.Random(4)
RANDOM = CHANCE.randbytes(400)
CLIENT_HELLO = bytes.fromhex("16030100c8010000c40303")
TYPES = {kind: bytes([kind, 0, 0, 0]) for kind in (1, 2, 3, 4)}


def out(
    port: int = 51820, payload: bytes = b"", host: str = GATEWAY, own: int = 5000
) -> ipv4.Packet:
    """A datagram of the box."""
    return udp.build(BOX, host, udp.Datagram(own, port, payload))


def back(
    port: int = 51820, payload: bytes = b"", host: str = GATEWAY, own: int = 5000
) -> ipv4.Packet:
    """A datagram to the box."""
    return udp.build(host, BOX, udp.Datagram(port, own, payload))


def segment(
    port: int = 443,
    payload: bytes = b"",
    flags: int = tcp.ACK,
    host: str = GATEWAY,
    own: int = 6000,
    outward: bool = True,
    sequence: int = 1000,
) -> ipv4.Packet:
    """A segment of a connection that the box made."""
    ports, ends = ((own, port), (BOX, host)) if outward else ((port, own), (host, BOX))
    return tcp.build(*ends, tcp.Segment(*ports, sequence, 77, flags, 65_535, payload))


class Watch:
    """A clock that is turned by hand."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def watch() -> Watch:
    """The censor's clock."""
    return Watch()


@pytest.fixture
def judge(watch: Watch) -> Callable[[Profile], Censor]:
    """judge(profile): a censor with that clock."""
    return lambda profile: Censor(profile, watch)


PING = icmp.build(BOX, GATEWAY, icmp.echo(1, 1, b""))


@pytest.mark.parametrize(
    ("profile", "passes", "drops"),
    [
        (
            censor.PortBlocked(51820),
            [out(443), back(443), segment(51820), PING],
            [out(), back()],
        ),
        (censor.UdpBlocked(), [segment(443), segment(99), PING], [out(443), back(53), out(53)]),
        (
            censor.OnlyTcpWeb(),
            [segment(443), segment(80), segment(80, outward=False)],
            [segment(81), segment(22, outward=False), out(443), PING],
        ),
        (
            censor.OnlyUdp443(),
            [out(443, RANDOM), back(443)],
            [out(53), back(51820), segment(443), PING],
        ),
        (
            censor.OnlyProxy((PROXY, 3128)),
            [segment(3128, host=PROXY), segment(3128, host=PROXY, outward=False)],
            [segment(3128), segment(443, host=PROXY), out(3128, host=PROXY), PING],
        ),
        (
            censor.GatewayBlocked(GATEWAY),
            [out(host=OTHER), segment(host=PROXY), back(host=OTHER)],
            [out(), back(), segment(), PING],
        ),
        (
            censor.TypesDropped(),
            [
                out(payload=b"\5\0\0\0"),
                out(payload=b"\1\0\0\1"),
                out(payload=b"\1\0\0"),
                segment(payload=TYPES[1]),
            ],
            [out(payload=kind + bytes(28)) for kind in TYPES.values()] + [back(payload=TYPES[2])],
        ),
        (
            censor.SizesDropped(),
            [out(payload=bytes(size)) for size in (147, 149, 1232, 32, 0)]
            + [segment(payload=bytes(148))],
            [out(payload=bytes(148)), back(payload=bytes(92)), back(payload=bytes(64))],
        ),
        (
            censor.MtuHole(1300),
            [out(payload=bytes(1272)), segment(payload=bytes(1260))],
            [out(payload=bytes(1273)), back(payload=bytes(1400)), segment(payload=bytes(1261))],
        ),
        (censor.Blackout(), [], [out(), back(), segment(), PING]),
    ],
    ids=lambda value: str(value).replace(" ", "-") if isinstance(value, Profile) else "",
)
def test_a_profile_drops_what_it_says_and_nothing_else(
    judge: Callable[[Profile], Censor],
    profile: Profile,
    passes: list[ipv4.Packet],
    drops: list[ipv4.Packet],
) -> None:
    made = judge(profile)

    def outward(packet: ipv4.Packet) -> bool:
        return packet.source == BOX

    assert [made.judge(packet, outward(packet)) for packet in passes] == [censor.PASS] * len(passes)
    assert [made.judge(packet, outward(packet)).passes for packet in drops] == [False] * len(drops)
    assert (made.passed, made.dropped.total()) == (len(passes), len(drops))


def test_profiles_join_and_change_live_and_every_drop_has_its_reason() -> None:
    made = Censor(censor.UdpBlocked() | censor.MtuHole(1300))
    made.judge(out(443), outward=True)
    made.judge(segment(payload=bytes(1400)), outward=True)
    made.judge(segment(), outward=True)
    assert made.dropped == {"UDP": 1, "too large": 1}
    assert made.passed == 1
    made.become(censor.Open() | censor.PortBlocked(53))
    assert made.judge(out(443), outward=True).passes
    assert made.judge(out(53), outward=True) == Verdict("port")
    assert str(made.profile) == "port blocked"
    assert (
        str(censor.UdpBlocked() | censor.Loss(0.1) | censor.Blackout())
        == "UDP blocked | loss 10% | blackout"
    )


def test_a_fragment_passes_no_port_that_is_not_open() -> None:
    (first, *_) = ipv4.fragments(out(443, bytes(2000)), 1000)
    assert not Censor(censor.OnlyUdp443()).judge(first, outward=True).passes
    assert not Censor(censor.UdpBlocked()).judge(first, outward=True).passes


# --- the published rule for what looks random ---


def text_then_random(count: int) -> bytes:
    return b"abcdef"[:count] + RANDOM[: 60 - count]


@pytest.mark.parametrize(
    ("payload", "reason"),
    [
        (bytes(100), "bits"),
        (b"\xff" * 100, "bits"),
        (b"\x0f" * 85 + b"\x07" * 15, ""),  # 3.85 bits a byte
        (b"abcdef" + RANDOM[:100], "printable start"),
        (b"abcde\x9b" + RANDOM[:100], ""),
        (b"\x9b" + b"kx9!ZQm" * 8 + RANDOM[:20], "half printable"),
        (
            RANDOM[:60] + b"\x9b" + b"u9Wm7kzqQ" * 2 + b"xyz" + b"\x9b" + RANDOM[60:120],
            "printable run",
        ),
        (RANDOM[:60] + b"\x9b" + b"u9Wm7kzqQ" * 2 + b"xy" + b"\x9b" + RANDOM[60:120], ""),
        (b"\x16\x03\x01" + RANDOM[:100], "TLS"),
        (b"\x17\x03\x09" + RANDOM[:100], "TLS"),
        (b"\x16\x03\x0a" + RANDOM[:100], ""),
        (b"GET " + RANDOM[:100], "HTTP"),
        (b"\x00\x94" + RANDOM[:148], ""),  # UDP over TCP with a message that looks random
        (RANDOM[:150], ""),
    ],
)
def test_what_looks_random_is_told_by_the_published_exemptions(payload: bytes, reason: str) -> None:
    assert exemption(payload) == reason


def test_wireguard_in_udp_over_tcp_looks_random_and_so_does_what_is_shaped() -> None:
    # An initiation is 148 bytes of which 21 are few bits: the length, the type, an empty mac2.
    initiations = [TYPES[1] + os.urandom(128) + bytes(16) for _ in range(200)]
    shaped = [os.urandom(16 + 148) for _ in range(200)]
    # Two in three of the first, by their bits; all but one in thousands of the others.
    for datagrams, fewest, most in ((initiations, 85, 170), (shaped, 195, 200)):
        framed = [struct.pack("!H", len(datagram)) + datagram for datagram in datagrams]
        assert fewest <= sum(not exemption(data) for data in framed) <= most


def test_only_the_first_data_of_a_connection_is_judged(judge: Callable[[Profile], Censor]) -> None:
    made = judge(censor.Entropy())
    for packet in (
        segment(flags=tcp.SYN),
        segment(),
        segment(payload=b"GET / HTTP/1.1\r\n"),
        segment(payload=RANDOM),
        segment(payload=RANDOM, outward=False),
    ):
        assert made.judge(packet, packet.source == BOX).passes
    assert made.judge(segment(payload=RANDOM, own=6001), outward=True) == Verdict("entropy")
    assert not made.judge(out(443), outward=True).passes


def test_a_server_stays_blocked_for_a_client_for_three_minutes(
    judge: Callable[[Profile], Censor], watch: Watch
) -> None:
    made = judge(censor.Entropy())
    made.judge(segment(payload=RANDOM), outward=True)
    assert made.judge(segment(flags=tcp.SYN, own=7000), outward=True) == Verdict("residual")
    assert made.judge(segment(flags=tcp.SYN, own=7000, host=OTHER), outward=True).passes
    assert made.judge(segment(80, flags=tcp.SYN, own=7000), outward=True).passes
    watch.now += 180.1
    assert made.judge(segment(flags=tcp.SYN, own=7000), outward=True).passes


# --- volume, rate, loss, time ---


@pytest.mark.parametrize("kind", ["UDP", "TCP"])
def test_a_flow_freezes_after_its_data_of_both_ways(kind: str) -> None:
    made = Censor(censor.Freeze(spared=None))

    def passes(outward: bool, own: int = 5000) -> bool:
        make = (out if outward else back) if kind == "UDP" else segment
        way = {} if kind == "UDP" else {"outward": outward}
        return made.judge(make(443, bytes(1024), own=own, **way), outward).passes

    assert [passes(number % 2 == 0) for number in range(16)] == [True] * 16
    assert [passes(True), passes(False), passes(True)] == [False] * 3
    assert passes(True, own=5001), "another flow begins anew"
    if kind == "TCP":
        assert made.judge(segment(), outward=True).passes, "an acknowledgement has no data"
        assert made.judge(segment(flags=tcp.SYN, own=5000), outward=True).passes
        assert passes(True), "another connection with the same ports"
    assert made.dropped == {"frozen": 3}


def test_tls_may_go_on_for_ever_where_only_it_is_known() -> None:
    made = Censor(censor.Freeze())
    made.judge(segment(payload=CLIENT_HELLO), outward=True)
    assert all(made.judge(segment(payload=bytes(1400)), True).passes for _ in range(50))
    assert not all(made.judge(segment(80, bytes(1400)), True).passes for _ in range(50))
    assert not all(made.judge(out(443, bytes(1400)), True).passes for _ in range(50))


def test_loss_has_its_share_and_repeats_with_its_seed() -> None:
    seen = [
        [Censor.judge(made, out(), True).passes for _ in range(2000)]
        for made in (
            Censor(censor.Loss(0.1)),
            Censor(censor.Loss(0.1)),
            Censor(censor.Loss(0.1, seed=2)),
        )
    ]
    assert 150 < seen[0].count(False) < 250
    assert seen[0] == seen[1] != seen[2]


def test_a_policed_way_carries_its_rate_and_the_other_way_its_own(
    judge: Callable[[Profile], Censor], watch: Watch
) -> None:
    made = judge(censor.Police(100_000, burst=10_000))
    packet = out(payload=bytes(972))  # 1000 bytes of IP
    assert sum(made.judge(packet, True).passes for _ in range(30)) == 10
    assert made.judge(packet, False).passes
    carried = 0
    for _ in range(1000):
        watch.now += 0.001
        carried += made.judge(packet, True).passes
    assert 98 <= carried <= 101


def test_a_nat_is_rebound_after_its_time_by_a_packet_from_inside(
    judge: Callable[[Profile], Censor], watch: Watch
) -> None:
    made = judge(censor.NatRebind(5.0, times=2))
    assert made.judge(out(), True) == censor.PASS
    for _ in range(2):
        watch.now += 5.1
        assert made.judge(back(), False) == censor.PASS
        assert made.judge(out(), True) == Verdict(rebinds=True)
        assert made.judge(out(), True) == censor.PASS
    watch.now += 5.1
    assert made.judge(out(), True) == censor.PASS, "it was to be so often"


# --- resets, names, sign-in ---


def hello(name: str) -> bytes:
    """A ClientHello as OpenSSL writes it."""
    import ssl

    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    context = ssl.create_default_context()
    tls = context.wrap_bio(incoming, outgoing, server_hostname=name)
    with pytest.raises(ssl.SSLWantReadError):
        tls.do_handshake()
    return outgoing.read()


def test_the_name_that_a_client_asks_for_is_read() -> None:
    assert server_name(hello("home.example.org")) == "home.example.org"
    assert server_name(b"GET / HTTP/1.1") == ""
    whole = hello("home.example.org")
    assert {server_name(whole[:length]) for length in range(len(whole))} <= {
        "home.example.org"[:length] for length in range(17)
    }


def test_both_ends_are_reset_with_the_numbers_that_they_wait_for() -> None:
    made = Censor(censor.RstInjection())
    verdict = made.judge(segment(payload=RANDOM[:10], sequence=500), outward=True)
    assert verdict.passes
    (guest, world) = verdict.injected
    assert (guest.outward, world.outward) == (False, True)
    assert (guest.packet.source, world.packet.source) == (GATEWAY, BOX)
    for injected, sequence in ((guest, 77), (world, 510)):
        found = tcp.parse(injected.packet)
        assert found is not None
        assert found.flags & tcp.RST
        assert found.sequence == sequence


def test_web_and_tls_are_not_reset_but_for_the_names_on_the_list() -> None:
    made = Censor(censor.RstInjection("forbidden.example"))
    fine = [b"GET / HTTP/1.1\r\n", b"\x16\x03\x01" + RANDOM, hello("home.example.org")]
    for own, payload in enumerate(fine, start=6000):
        assert made.judge(segment(payload=payload, own=own), True) == censor.PASS
        assert made.judge(segment(payload=RANDOM, own=own), True) == censor.PASS, "judged before"
    listed = {
        "forbidden.example": True,
        "www.forbidden.example": True,
        "notforbidden.example": False,
    }
    for own, name in enumerate(listed, start=7000):
        verdict = made.judge(segment(payload=hello(name), own=own), True)
        assert bool(verdict.injected) is listed[name]


def test_names_are_lied_about_by_the_network_and_to_who_asks_others() -> None:
    made = Censor(censor.DnsFalsified("198.18.0.66", {"gateway.example"}))
    query = dns.Message(7, "gateway.example", dns.A)
    lie = made.answer(query)
    assert lie is not None
    assert (lie.identifier, lie.addresses) == (7, ("198.18.0.66",))
    assert made.answer(query._replace(name="other.example")) is None
    verdict = made.judge(out(53, dns.build(query), host="9.9.9.9"), outward=True)
    assert verdict.passes
    ((forged, outward),) = verdict.injected
    found = udp.parse(forged)
    assert found is not None
    assert (forged.source, forged.destination, outward) == ("9.9.9.9", BOX, False)
    assert (found.source_port, found.destination_port) == (53, 5000)
    assert dns.parse(found.payload) == lie
    assert made.judge(out(53, RANDOM), outward=True) == censor.PASS, "no question"


def test_nobody_gets_out_before_signing_in_and_a_page_leads_there() -> None:
    portal = censor.Portal(("172.16.5.1", 80))
    made = Censor(portal)
    assert made.judge(segment(80, flags=tcp.SYN), outward=True) == Verdict(diverted=True)
    for packet in (segment(443), out(443), out(53), PING):
        assert not made.judge(packet, outward=True).passes
    portal.signed_in.add(BOX)
    for packet in (segment(443), out(443), segment(80)):
        assert made.judge(packet, outward=True) == censor.PASS
    assert not made.judge(udp.build(OTHER, "172.16.5.101", udp.Datagram(1, 2, b"")), False).passes


# --- what UDP flows begin with ---


def test_the_keys_of_an_initial_are_those_of_the_rfc() -> None:
    # RFC 9001, appendix A.1
    key, nonce, header_key = quic.keys(bytes.fromhex("8394c8f03e515708"))
    assert key.hex() == "1f369613dd76d5467730efcbe3b1a22d"
    assert nonce.hex() == "fa044b2f42a3fd3b46fb255c"
    assert header_key.hex() == "9f50449e04a0e810283a1e9933adedd2"


def initial(crypto: bytes, number_len: int = 1, split: int = 100) -> bytes:
    """A client's Initial, sealed; the ClientHello in two pieces, the second one first."""
    connection = os.urandom(8)
    key, nonce, header_key = quic.keys(connection)
    pieces = [(split, crypto[split:]), (0, crypto[:split])]
    frames = b"".join(
        b"\x06" + struct.pack("!HH", 0x4000 | at, 0x4000 | len(part)) + part for at, part in pieces
    )
    frames = frames.ljust(1200 - 18 - number_len - 16, b"\0")
    head = bytes([0xC0 | number_len - 1]) + bytes([0, 0, 0, 1, 8]) + connection + b"\0\0"
    head += struct.pack("!H", 0x4000 | number_len + len(frames) + 16)
    number = (7).to_bytes(number_len, "big")
    whole = head + number
    used = bytes(a ^ b for a, b in zip(nonce, number.rjust(12, b"\0"), strict=True))
    sealed = AESGCM(key).encrypt(used, frames, whole)
    at = len(head)
    hidden = quic.mask(header_key, (number + sealed)[4:20])
    out = bytearray(whole + sealed)
    out[0] ^= hidden[0] & 0x0F
    for index in range(number_len):
        out[at + index] ^= hidden[1 + index]
    return bytes(out)


@pytest.mark.parametrize("number_len", [1, 2, 4])
def test_a_true_initial_shows_its_name_and_a_changed_one_none(number_len: int) -> None:
    made = initial(hello("www.example.org")[5:], number_len)
    assert quic.server_name(made) == "www.example.org"
    for at in (1, 7, 30, len(made) - 1):
        changed = bytearray(made)
        changed[at] ^= 1
        assert quic.server_name(bytes(changed)) == ""
    assert quic.server_name(made[:1199]) == ""
    assert quic.server_name(b"\xc3\0\0\0\1\x08" + os.urandom(1194)) == "", "random behind it"


def test_a_flow_lives_by_its_first_datagram() -> None:
    made = Censor(censor.UnknownUdpDropped("forbidden.example"))
    answer = dns.Message(9, "abc.example", dns.A, True, ("203.0.113.9",))
    known = [dns.build(answer), initial(hello("www.example.org")[5:])]
    unknown = [RANDOM, TYPES[1] + bytes(144), initial(hello("forbidden.example")[5:]), b""]
    for own, (first, lives) in enumerate(
        [(p, True) for p in known] + [(p, False) for p in unknown]
    ):
        for payload in (first, RANDOM, TYPES[1] + bytes(144)):
            assert made.judge(out(443, payload, own=own), True).passes is lives
        assert made.judge(back(443, RANDOM, own=own), False).passes is lives
