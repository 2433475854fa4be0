"""What the program says, and its exit status, when it cannot or need not run a tunnel."""

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from undertow import paths
from undertow.lab import Lab, Namespace, PeerSettings, Process
from undertow.lab.tunnel import make_key_pair

PROGRAM = str(paths.UNIX_PROGRAM)
Start = Callable[..., Process]

BROKEN = """\
[Interface]
ListenPort = 99999
Address = 10.0.0.1/33
[Peer]
AlowedIPs = 0.0.0.0/0
"""


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([PROGRAM, *arguments], capture_output=True, text=True, timeout=20)


def state(namespace: Namespace) -> str:
    """What a tunnel could change in a network stack."""
    parts = (("link",), ("address",), ("rule",), ("route", "show", "table", "all"))
    text = "".join(namespace.ip("-o", *part) for part in parts)
    return text + namespace.run("nft", "list", "ruleset").stdout


def write(file: Path, *lines: str, peers: tuple[PeerSettings, ...] = ()) -> Path:
    """A wg-quick file. lines: of [Interface], beside a fresh key."""
    text = ["[Interface]", f"PrivateKey = {make_key_pair().private}", *lines]
    for peer in peers:
        text += ["", *peer.lines()]
    file.write_text("\n".join(text) + "\n")
    file.chmod(0o600)
    return file


@pytest.mark.parametrize("arguments", [["--help"], ["-h"], ["--version"]])
def test_help_is_given_on_the_standard_output(arguments: list[str]) -> None:
    done = run(*arguments)
    assert (done.returncode, done.stderr) == (0, "")
    assert "undertow-unix" in done.stdout


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["run"],
        ["run", "a.conf", "b.conf"],
        ["run", "a.conf", "--interface"],
        ["run", "--colour", "a.conf"],
        ["-f"],
        ["-x", "wg0"],
        ["wg0", "wg1"],
    ],
)
def test_wrong_usage_ends_with_2_and_shows_how(arguments: list[str]) -> None:
    done = run(*arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("Usage: undertow-unix run FILE.conf")


@pytest.mark.parametrize("name", ["a/b", "sixteen-letters-", "-", "a b", ".."])
def test_a_name_that_no_interface_can_have_is_refused(name: str) -> None:
    for arguments in (["run", "x.conf", "--interface=" + name], ["--", name]):
        assert run(*arguments).returncode == 2


def test_a_missing_file_is_named() -> None:
    done = run("run", "/nowhere/wg0.conf")
    assert done.returncode == 2
    assert (
        "/nowhere/wg0.conf: no such file or directory. Give the path of a wg-quick file"
        in done.stderr
    )


def test_a_broken_file_is_told_in_full_and_nothing_is_touched(
    lab: Lab, start: Start, tmp_path: Path
) -> None:
    computer = lab.namespace("box")
    before = state(computer)
    file = tmp_path / "wg0.conf"
    file.write_text(BROKEN)
    process = start(computer, "run", str(file))
    assert process.wait() == 2
    log = process.log()
    for line, words in (
        (1, "[Interface]: has no PrivateKey."),
        (2, "ListenPort: 99999 is not between 0 and 65535."),
        (3, "Address: '10.0.0.1/33' has a prefix longer than 32."),
        (4, "[Peer]: has no PublicKey."),
        (5, "Did you mean AllowedIPs?"),
    ):
        assert f"{file}:{line}: " in log
        assert words in log
    assert state(computer) == before


def test_without_rights_it_says_so_and_how_to_get_them(lab: Lab, tmp_path: Path) -> None:
    file = write(tmp_path / "wg0.conf")
    for arguments in (["run", str(file)], ["-f", "wg0"]):
        done = subprocess.run(
            ["setpriv", "--bounding-set", "-net_admin", PROGRAM, *arguments],
            capture_output=True,
            text=True,
            timeout=20,
        )
        assert done.returncode == 1
        assert "this user may not make them. Run it as root" in done.stderr


def test_an_interface_that_exists_is_left_alone(lab: Lab, start: Start, tmp_path: Path) -> None:
    computer = lab.namespace("box")
    computer.ip("tuntap", "add", "wg0", "mode", "tun")
    file = write(tmp_path / "wg0.conf")
    for arguments in (["run", str(file)], ["-f", "wg0"], ["wg0"]):
        process = start(computer, *arguments)
        assert process.wait() == 1
        assert "interface wg0: it exists already. Choose another name" in process.log()
    computer.ip("link", "show", "wg0")


@pytest.mark.parametrize(
    ("lines", "words"),
    [
        (("ListenPort = 500",), "UDP port 500: address already in use. Choose another ListenPort"),
        (("Address = 10.1.0.1/24", "Address = fd00::1/64"), "`ip -6 address replace fd00::1/64"),
    ],
)
def test_what_cannot_be_set_up_is_taken_down_again(
    lab: Lab, start: Start, tmp_path: Path, lines: tuple[str, ...], words: str
) -> None:
    computer = lab.namespace("box")
    for where in ("all", "default"):
        computer.set_sysctl(f"ipv6/conf/{where}/disable_ipv6", 1)
    before = state(computer)
    with computer.socket() as taken:
        taken.bind(("0.0.0.0", 500))
        file = write(
            tmp_path / "wg0.conf",
            *lines,
            peers=(PeerSettings(make_key_pair().public, ("0.0.0.0/0",), "192.0.2.1:1"),),
        )
        process = start(computer, "run", str(file))
        assert process.wait() == 1
    assert words in process.log()
    assert state(computer) == before
