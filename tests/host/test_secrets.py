"""A whole run, with everything in it that is secret: it is where it has to be and nowhere else."""

import base64
import contextlib
import io
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from tests.host.conftest import Box
from tests.host.gateway_end import ROOM, GatewayEnd
from tests.host.test_pairing import wait_for
from tests.host.test_provisioning import config
from tests.host.test_tunnel_file import FILE
from tests.support.console_text import decoded
from tests.support.keys import PRESHARED, PRIVATE

from undertow import paths
from undertow.cli import program
from undertow.cli.commands import COMMANDS
from undertow.provisioning import Wanted, read
from undertow.provisioning.access_point import AccessPoint

JOINED = "correct horse #1"
OWN = 'battery "staple"'
CODED = "p;q\\r,s:t-in-a-code"


def forms(secret: str) -> list[bytes]:
    """A secret as somebody could have written it down."""
    raw = secret.encode()
    found = [raw, base64.b64encode(raw), raw.hex().encode(), secret.encode("utf-16-le")]
    found += [repr(secret)[1:-1].encode(), secret.replace('"', '\\"').encode()]
    if len(secret) == 44:
        key = base64.b64decode(secret)
        found += [key, key.hex().encode(), repr(key)[2:-1].encode()]
    return found


def undertow(
    *words: str, given: bytes = b"", then: Callable[[], bytes] | None = None
) -> tuple[int, bytes]:
    """The program's status, and all that it said; its own arguments too, as the system has them.

    then: what is written once there is something to write.
    """
    process = subprocess.Popen(
        [sys.executable, "-m", "undertow.cli", *words],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        cwd=paths.ROOT,
    )
    arguments = Path(f"/proc/{process.pid}/cmdline").read_bytes()
    if then is not None:
        given = then()
    said, _ = process.communicate(given, timeout=60)
    return process.returncode, arguments + said


def files(folder: Path, box: Box) -> list[str]:
    (folder / "joined").write_text(JOINED + "\n")
    (folder / "own").write_text(OWN + "\n")
    text = CODED.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,").replace(":", "\\:")
    (folder / "code").write_text(f"WIFI:T:WPA;S:Coded;P:{text};;\n")
    return [
        *("--console", box.line.socket_url, "--config", config(box), "--import-key"),
        *("--wifi", "Hotel", "--wifi-password-file", str(folder / "joined")),
        *("--wifi-qr", str(folder / "code"), "--lan-password-file", str(folder / "own")),
    ]


def assert_no_secret(box: Box, *said: bytes) -> None:
    sent = decoded(box.line.heard_by_box)
    box_said = decoded(box.line.heard_by_laptop).encode() + box.line.heard_by_laptop
    seen = b"\n".join([*said, box_said, box.log.read_bytes()])
    with box.console() as console:
        seen += repr((console.status(), console.log(), console.hello(), console.check())).encode()
    for secret in (PRIVATE, PRESHARED, JOINED, CODED, OWN):
        quoted = secret.replace("\\", "\\\\").replace('"', '\\"')
        assert secret in sent or quoted in sent, "this test sees what goes over the line"
        for form in forms(secret):
            assert form not in seen


def test_a_run_that_works_tells_no_secret(wifi_box: Box, tmp_path: Path) -> None:
    words = files(tmp_path, wifi_box)
    status, said = undertow("provision", *words, "--debug", "--qr")
    again, more = undertow("provision", *words, "--debug", "--json", "--name", "attic")
    assert (status, again) == (0, 0), (said + more).decode()
    assert_no_secret(wifi_box, said, more)


@pytest.mark.parametrize("cut", [600, 1200, 1800])
def test_a_run_that_breaks_off_tells_no_secret(wifi_box: Box, tmp_path: Path, cut: int) -> None:
    words = files(tmp_path, wifi_box)
    wifi_box.line.cut_after = cut
    status, said = undertow("provision", *words, "--debug", "--json")
    assert status != 0
    assert b"Traceback" in said, "it is in the traceback that secrets are easily forgotten"
    wifi_box.line.cut_after = None
    status, more = undertow("provision", *words)
    assert status == 0, more.decode()
    assert_no_secret(wifi_box, said, more)


def test_pairing_tells_no_secret_either(box: Box, tmp_path: Path) -> None:
    with GatewayEnd() as gateway:
        where = ("--console", box.line.socket_url, "--pair", gateway.pair, "--room", ROOM)
        status, said = undertow("provision", *where, "--name", "attic", "--debug")
        assert status == 0, said.decode()

        def heard() -> bytes:
            wait_for(lambda: gateway.codes)
            return gateway.codes[-1].encode() + b"\n"

        status, more = undertow("verify", *where, "--digits-from-stdin", "--debug", then=heard)
        assert status == 0, more.decode()
    ((_, preshared),) = gateway.peers
    whole = said + more + box.line.heard_by_laptop + box.line.heard_by_box
    whole += decoded(box.line.heard_by_laptop).encode() + decoded(box.line.heard_by_box).encode()
    assert gateway.codes[-1].encode() in whole, "this test sees what was said"
    for form in forms(base64.b64encode(preshared).decode()):
        assert form not in whole


def test_nothing_that_holds_a_secret_shows_it(tmp_path: Path) -> None:
    (tmp_path / "home.conf").write_text(FILE)
    (tmp_path / "own").write_text(OWN)
    password = str(tmp_path / "own")
    settings = read(
        Wanted(
            str(tmp_path / "home.conf"),
            import_key=True,
            wifi=("Hotel",),
            wifi_password_files=(password,),
            lan_password_file=password,
        )
    )
    shown = f"{settings!r} {settings.tunnel!r} {AccessPoint('x', bytearray(OWN.encode()))!r}"
    assert "Hotel" in shown, "this test sees what they show"
    for secret in (PRIVATE, PRESHARED, "staple"):
        assert secret not in shown


def test_no_argument_takes_a_secret() -> None:
    """A file is named, or a person asked: arguments are for all users of a machine to read."""
    for command in COMMANDS:
        with contextlib.redirect_stdout(io.StringIO()) as out, contextlib.suppress(SystemExit):
            program.main([command, "--help"])
        words = (word.strip("[],") for word in out.getvalue().split())
        flags = {word for word in words if word.startswith("--")}
        assert "--json" in flags
        for flag in flags:
            for secret in ("password", "psk", "private", "secret"):
                assert secret not in flag or flag.endswith("-file"), flag
