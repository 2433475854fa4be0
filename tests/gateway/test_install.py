"""The unit for systemd: whole, and with no more rights than a gateway needs."""

import configparser
import shutil
import subprocess
from pathlib import Path

import pytest

from undertow.errors import UndertowError
from undertow.gateway import unit
from undertow.gateway.folder import DEFAULT


@pytest.fixture(autouse=True)
def _program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program = tmp_path / "undertow-unix"
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    monkeypatch.setenv("UNDERTOW_UNIX", str(program))


def section(text: str, name: str = "Service") -> dict[str, str]:
    parser = configparser.ConfigParser(interpolation=None, strict=True)
    parser.optionxform = str  # type: ignore[assignment,method-assign]
    parser.read_string(text)
    return dict(parser[name])


def test_it_is_a_unit_that_systemd_takes(tmp_path: Path) -> None:
    for folder in (DEFAULT, tmp_path / "a folder, 100% mine"):
        file = tmp_path / unit.NAME
        file.write_text(unit.compose(folder, "own"))
        assert section(file.read_text())["ExecStart"].endswith("gateway run --backend own")
        if shutil.which("systemd-analyze"):
            done = subprocess.run(
                ["systemd-analyze", "verify", str(file)], capture_output=True, text=True
            )
            assert (done.returncode, done.stderr) == (0, "")


def test_it_gives_no_more_rights_than_needed() -> None:
    found = section(unit.compose(DEFAULT, "own"))
    assert found["CapabilityBoundingSet"] == "CAP_NET_ADMIN CAP_NET_BIND_SERVICE"
    assert found["StateDirectory"] == "undertow/gateway"
    assert (found["StateDirectoryMode"], found["UMask"]) == ("0700", "0077")
    assert (found["ProtectSystem"], found["NoNewPrivileges"]) == ("strict", "yes")
    assert found["DeviceAllow"] == "/dev/net/tun rw"
    assert "ProtectKernelTunables" not in found  # it sets what forwards


def test_a_folder_elsewhere_may_be_written_to(tmp_path: Path) -> None:
    found = section(unit.compose(Path("/srv/gateway"), "own"))
    assert found["ReadWritePaths"] == "/srv/gateway"
    assert "StateDirectory" not in found
    assert "UNDERTOW_GATEWAY=/srv/gateway" in found["Environment"]


def test_a_program_in_a_home_can_be_read_there(monkeypatch: pytest.MonkeyPatch) -> None:
    assert section(unit.compose(Path("/srv/gateway"), "kernel"))["ProtectHome"] in (
        "yes",
        "read-only",
    )
    found = section(unit.compose(Path("/home/ada/gateway"), "kernel"))
    assert found["ProtectHome"] == "read-only"


def test_without_the_data_path_it_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("UNDERTOW_UNIX", "/nowhere/undertow-unix")
    with pytest.raises(UndertowError, match="invoke build --target unix"):
        unit.compose(DEFAULT, "own")
