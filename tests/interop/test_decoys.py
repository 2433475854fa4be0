"""Decoys before a handshake, and a shape that is none, against a server that knows of neither."""

import base64
from pathlib import Path

import pytest
from tests.interop.conftest import implementation

from undertow import paths
from undertow.lab import Capture, Lab
from undertow.lab.pair import LEFT_OUTER, PORT, RIGHT_OUTER, Pair, join, make_direct

SCRIPT = Path(__file__).with_name("decoy_box.py")
DEAD_PORT = 40123


def test_a_server_takes_the_handshake_that_follows_decoys(
    lab: Lab, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    pair = Pair(implementation(request, "undertow"), implementation(request, "go"))
    ends = make_direct(lab, pair)
    ends.responder.start(PORT, (ends.settings_of_initiator(),))
    key = tmp_path / "key"
    key.write_bytes(base64.b64decode(ends.initiator.key.private))
    with Capture(ends.left, "eth0") as capture:
        ran = ends.left.attempt(
            str(paths.UNIX_PROGRAM),
            "--micropython",
            str(SCRIPT),
            str(key),
            base64.b64decode(ends.responder.key.public).hex(),
            join(RIGHT_OUTER[0], PORT),
            join(RIGHT_OUTER[0], DEAD_PORT),
            environment={"MICROPYPATH": f".frozen:{paths.FIRMWARE / 'lib'}"},
            timeout_s=30.0,
        )
    assert ran.returncode == 0, ran.stdout + ran.stderr
    said = ran.stdout
    received = int(said.split()[1])
    assert received >= 92 + 32 + 60
    assert f"at {join(RIGHT_OUTER[0], PORT)}" in said
    assert "rivals 0" in said
    sent = [d for d in capture.datagrams() if d.outgoing]
    # Four decoys and the initiation, to the server and to its rival; then data to the server alone.
    assert [len(d.payload) for d in sent[:10]] == [80, 1200, 100, 44, 148] * 2
    assert {d.payload[0] for d in sent[10:]} == {4}
    # Nothing answered a decoy: a response, and data.
    answers = [d for d in capture.datagrams() if not d.outgoing]
    assert [answers[0].payload[0], len(answers[0].payload)] == [2, 92]
    assert {d.payload[0] for d in answers[1:]} == {4}
    peer = ends.responder.status().peers[ends.initiator.key.public]
    assert peer.last_handshake_s > 0
    assert (peer.endpoint or "").startswith(LEFT_OUTER[0])
