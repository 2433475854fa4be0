"""A port that is lent out over the network (RFC 2217) is as good as one of this machine.

pyserial negotiates each change of a timeout with the other end, which takes half a minute; so it
runs beside the other tests of this folder.
"""

import json

from tests.flash.conftest import RemoteRun


def test_a_chip_behind_a_port_server_is_asked_and_left_alone(remote: RemoteRun) -> None:
    said, errors = remote.process.communicate(timeout=120)
    assert remote.process.returncode == 0, errors
    told = json.loads(said)
    assert told["port"] == remote.url
    assert (told["chip"], told["flash_bytes"]) == ("ESP32", 4 << 20)
    assert {part["step"] for part in told["parts"]} == {"write", "skip"}
    assert remote.loader.flash.bytes_programmed == 0
