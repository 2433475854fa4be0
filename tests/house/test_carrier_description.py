"""What the description of the carriers says must be what the code does."""

import re

from carrier import inside, networks, proof, rung, settings
from carrier.better import BETTER_MS
from carrier.ladder import ANSWER_MS, CONNECT_MS, STREAM_MS, UPGRADE_MS
from carrier.search import REMEMBERED_MS, SLOT_MS, STREAMS_FROM_MS
from carrier.standing import BACKOFF_S, FROZEN_MS
from undertow import paths
from wg import config_carriers, config_shape

FOLDER = paths.FIRMWARE / "lib" / "carrier"
TEXT = (FOLDER / "README.md").read_text()
PROSE = " ".join(TEXT.split())  # wherever its lines end


def test_every_file_is_named_and_there() -> None:
    named = set(re.findall(r"`(\w+\.py)`", TEXT))
    there = {file.name for file in FOLDER.glob("*.py")}
    assert named <= there | {"config_shape.py"}
    assert there - named == {"__init__.py", "chance.py", "primitives.py"}


def test_the_times_of_the_ladder_are_its_own() -> None:
    for ms, words in (
        (REMEMBERED_MS, "alone, for 2 s"),
        (SLOT_MS[0], "1.2 s a pair"),
        (STREAMS_FROM_MS, "After 3 s streams"),
        (CONNECT_MS, "3.5 s for the connection"),
        (STREAM_MS, "8 s until it carries"),
        (UPGRADE_MS, "without TLS and proxy 3 s from the connection on"),
        (ANSWER_MS, "3 s for the tunnel to answer"),
        (FROZEN_MS, "for 30 min while another works"),
        (BETTER_MS, "asked every 30 min"),
        (proof.SILENT_MS, "No answer for 3 s"),
        (proof.STALLED_MS, "none for 1.5 s"),
    ):
        assert words in PROSE
        number, unit = re.search(r"([\d.]+) (s|min)\b", words).groups()  # type: ignore[union-attr]
        assert float(number) * (1000 if unit == "s" else 60000) == ms
    assert "waits 5, 15, 60, 60.. s" in TEXT
    assert BACKOFF_S == (5, 15, 60)


def test_the_numbers_of_the_formats_are_the_codes() -> None:
    assert (rung.UDP, rung.TCP, rung.WS, rung.TLS) == (0, 1, 2, 3)
    assert "0 UDP, 1 datagrams in TCP, 2 WebSocket, 3 WebSocket in TLS" in TEXT
    for kind in ("ECHO", "ECHOED", "CHECK", "REPORT", "WHERE", "SEEN"):
        assert f"| {getattr(inside, kind)} | {kind} |" in TEXT
    assert f"at most {inside.MESSAGE_LEN_MAX - inside.HEAD_LEN} bytes" in TEXT
    assert f"1 to {inside.PORTS_MAX} times" in TEXT
    assert f"At most {networks.NETWORKS_MAX}" in TEXT
    assert f"(0 to {networks.BAD_MAX})" in TEXT
    assert (rung.ID_LEN, networks.HASH_LEN, networks.SALT_LEN) == (5, 2, 16)
    assert proof.GOAL == 64 * 1024
    assert settings.UDP_RUNGS_MAX < settings.RUNGS_MAX
    assert config_shape.DATAGRAM_LEN_MAX == 1280


def test_every_line_of_the_section_is_described() -> None:
    described = set(re.findall(r"^\s*(\w+) = ", config_carriers.__doc__ or "", re.MULTILINE))
    assert described == set(config_carriers.CARRIER_KEYWORDS)
