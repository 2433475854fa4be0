"""What `invoke status` shows: all that the box says, in words, the same without a terminal."""

import io
from typing import Any

import pytest
from rich.console import Console as Terminal

from undertow.console import status
from undertow.errors import EXIT_USAGE, UndertowError

STATUS: dict[str, Any] = {
    "box": {
        "name": "attic",
        "board": "virt_rv32",
        "firmware": "0.1.0",
        "state": "live",
        "uptime_s": 7300,
        "reset_cause": "power",
        "crashes": 0,
    },
    "verification": {
        "state": "yes",
        "gateway": "home",
        "own_changed": False,
        "peer_changed": False,
        "locked_s": 0,
    },
    "uplink": {
        "link": True,
        "address": "172.16.5.9",
        "gateway": "172.16.5.1",
        "dns": ["172.16.5.1", "9.9.9.9"],
    },
    "tunnel": {
        "state": "up",
        "endpoint": "192.0.2.2:51820",
        "public_key": "HIgo9xNzJMWLKASShiTqIybxZ0U3wGLiUeJ1PKf8ykw=",
        "peer": "xTIBA5rboUvnH4htodjb6e697QjLERt1NAB4mZqp8Dg=",
        "handshake_age_s": 5,
        "rx_bytes": 1023,
        "tx_bytes": 5 << 20,
    },
    "lan": {
        "address": "10.20.30.1",
        "clients": [{"address": "10.20.30.2", "mac": "02:00:00:00:00:07", "flows": 3}],
    },
    "drops": {"no_key": 1200, "replay": 0},
    "memory": {"heap_free": 65536},
    "problem": None,
}
PLAIN = """\
box name                attic
box board               virt_rv32
box firmware            0.1.0
box state               live
box up for              2 h
box last start          power
keys verified           yes, with home
uplink link             up
uplink address          172.16.5.9
uplink gateway          172.16.5.1
uplink name servers     172.16.5.1, 9.9.9.9
tunnel state            up
tunnel gateway at       192.0.2.2:51820
tunnel gateway's key    xTIBA5rboUvnH4htodjb6e697QjLERt1NAB4mZqp8Dg=
tunnel box's key        HIgo9xNzJMWLKASShiTqIybxZ0U3wGLiUeJ1PKf8ykw=
tunnel handshake        5 s ago
tunnel carried          1023 B in, 5.0 MiB out
lan address             10.20.30.1
lan clients             1
lan client              10.20.30.2  02:00:00:00:00:07  flows: 3
drops no key            1,200
memory heap free        65,536
"""


def shown(found: dict[str, object], is_terminal: bool = False) -> str:
    out = io.StringIO()
    terminal = Terminal(
        file=out, force_terminal=is_terminal, width=100, highlight=False, soft_wrap=True
    )
    status.show(found, terminal)
    return out.getvalue()


def test_without_a_terminal_it_is_plain_lines() -> None:
    assert shown(STATUS) == PLAIN


def test_on_a_terminal_it_is_a_table_with_the_same_in_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm")  # a dumb one has no bold
    monkeypatch.delenv("NO_COLOR", raising=False)
    table = shown(STATUS, is_terminal=True)
    assert "\x1b[" in table
    for line in PLAIN.splitlines():
        value = line[24:]
        assert value in table


VERIFICATION = {"gateway": "home", "own_changed": False, "peer_changed": False, "locked_s": 0}


@pytest.mark.parametrize(
    ("verification", "lines"),
    [
        ({"state": "no", "gateway": None}, ["keys verified           not verified"]),
        ({}, ["keys verified           not verified"]),
        (
            {"state": "no", "locked_s": 57},
            [
                "keys verified           not verified",
                "keys pairing            failed, refused for 57 s more",
            ],
        ),
        (
            {"state": "changed", "own_changed": True},
            ["keys verified           NOT ANY MORE, ANOTHER KEY: the box's"],
        ),
        (
            {"state": "changed", "own_changed": True, "peer_changed": True},
            ["keys verified           NOT ANY MORE, ANOTHER KEY: the box's and home's"],
        ),
    ],
)
def test_keys_that_nobody_compared_are_said_to_be_so(
    verification: dict[str, object], lines: list[str]
) -> None:
    text = shown({**STATUS, "verification": {**VERIFICATION, **verification}})
    assert [line for line in text.splitlines() if line.startswith("keys")] == lines


@pytest.mark.parametrize(("state", "code"), [("yes", "32m"), ("no", "33m"), ("changed", "31m")])
def test_keys_are_in_colour_on_a_terminal(
    state: str, code: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.delenv("NO_COLOR", raising=False)
    verification = {**VERIFICATION, "state": state, "peer_changed": True}
    assert code in shown({**STATUS, "verification": verification}, is_terminal=True)


def test_networks_by_radio_are_shown_where_there_are_any() -> None:
    links = {
        "medium": "wifi",
        "cable": False,
        "wifi": {
            "state": "joined",
            "ssid": "Hotel",
            "signal_dbm": -61,
            "channel": 6,
            "why": None,
        },
        "own": {"state": "off", "ssid": None, "clients": 0, "why": "it has no password"},
    }
    lines = shown({**STATUS, "links": links}).splitlines()
    assert [line for line in lines if line.startswith("links")] == [
        "links medium            wifi",
        "links cable             none",
        "links Wi-Fi             joined, Hotel",
        "links signal            -61 dBm on channel 6",
        "links own Wi-Fi         off: it has no password",
    ]


CARRIER = {
    "way": "UDP port 443, shaped",
    "since_s": 300,
    "proven": True,
    "mtu": 1280,
    "searching_s": None,
    "tried": [
        {"way": "UDP port 51820, plain", "result": "silent", "why": "no answer"},
        {"way": "UDP port 443, shaped", "result": "proven", "why": "it works"},
    ],
}


@pytest.mark.parametrize(
    ("carrier", "lines"),
    [
        (
            CARRIER,
            [
                "tunnel way              UDP port 443, shaped, since 5 min",
                "tunnel proven           yes, 64 KiB came through both ways",
                "tunnel packets          up to 1280 bytes",
                "tunnel tried            UDP port 51820, plain: no answer",
                "tunnel tried            UDP port 443, shaped: it works",
            ],
        ),
        (
            {**CARRIER, "proven": False, "tried": []},
            [
                "tunnel way              UDP port 443, shaped, since 5 min",
                "tunnel proven           not yet",
                "tunnel packets          up to 1280 bytes",
            ],
        ),
        (
            {**CARRIER, "way": None, "since_s": None, "proven": False, "searching_s": 7},
            [
                "tunnel way              none yet, looked for since 7 s",
                "tunnel packets          up to 1280 bytes",
                "tunnel tried            UDP port 51820, plain: no answer",
                "tunnel tried            UDP port 443, shaped: it works",
            ],
        ),
        ({}, []),
    ],
)
def test_the_way_of_the_tunnel_is_shown_with_what_the_others_came_to(
    carrier: dict[str, object], lines: list[str]
) -> None:
    found = {**STATUS, "tunnel": {**STATUS["tunnel"], "carrier": carrier}}
    before = shown(STATUS).splitlines()
    assert [line for line in shown(found).splitlines() if line not in before] == lines


def test_a_problem_is_a_sentence_at_the_end() -> None:
    problem = {
        "what": "the uplink",
        "why": "there is no link",
        "mend": "Plug the cable in, at both ends; try another socket.",
    }
    assert shown({**STATUS, "problem": problem}).splitlines()[-1] == (
        "problem: the uplink: there is no link. "
        "Plug the cable in, at both ends; try another socket."
    )


def test_a_blank_box_is_told_with_what_there_is() -> None:
    blank = {
        "box": {"name": None, "board": "virt_rv32", "state": "blank", "uptime_s": 1},
        "uplink": {"link": False, "address": None, "gateway": None, "dns": []},
        "tunnel": {"state": "closed", "endpoint": None, "handshake_age_s": None},
        "lan": {"address": None, "clients": []},
    }
    assert shown(blank) == (
        "box board               virt_rv32\n"
        "box state               blank\n"
        "box up for              1 s\n"
        "keys verified           not verified\n"
        "uplink link             down: no cable, or nothing at its other end\n"
        "uplink address          none yet\n"
        "tunnel state            closed\n"
        "tunnel handshake        never\n"
        "lan clients             0\n"
    )


def test_a_box_that_is_not_named_cannot_be_asked() -> None:
    with pytest.raises(UndertowError) as caught:
        status.main("", json=False)
    assert caught.value.exit_code == EXIT_USAGE
    assert caught.value.what == "No console is named"


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0, "0 s"),
        (119, "119 s"),
        (120, "2 min"),
        (7199, "120 min"),
        (7200, "2 h"),
        (1e6, "12 days"),
    ],
)
def test_durations_are_rounded_to_what_matters(seconds: float, words: str) -> None:
    assert status.duration(seconds) == words


@pytest.mark.parametrize(
    ("count", "words"),
    [(0, "0 B"), (1024, "1.0 KiB"), (1 << 40, "1.0 TiB"), (1 << 60, "1048576.0 TiB")],
)
def test_sizes_are_in_the_unit_that_fits(count: int, words: str) -> None:
    assert status.size(count) == words
