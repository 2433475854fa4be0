"""A censor has recorded how a box begins on one way, and says it on another to see what answers."""

import asyncio
import base64
import os
import re
import socket
import threading
import time

import pytest
from tests.gateway.doors import frame
from tests.gateway.home import GATEWAY, Home

from undertow.gateway import handover
from undertow.lab import Namespace
from undertow.lab.initiator import RESPONSE_LEN, Initiator
from undertow.lab.tunnel import make_key_pair
from wg.const import INITIATION_INTERVAL_MS


def said(where: Namespace, message: bytes) -> bytes:
    """What the gateway says to it in TCP, without the time."""
    with where.socket(kind=socket.SOCK_STREAM) as connection:
        connection.settimeout(10)
        connection.connect((GATEWAY, 8080))
        connection.sendall(frame(message))
        return re.sub(rb"Date: [^\r]*", b"", connection.recv(4096))


def test_what_was_seen_on_udp_meets_the_web_site_in_a_stream(home: Home) -> None:
    home.run()
    key = make_key_pair()
    home.let_in("attic", key.public)
    where, _ = home.place()
    gateway = base64.b64decode(home.state.public_key())
    private = base64.b64decode(key.private)
    recorded = Initiator(private, gateway).initiation()
    with where.socket() as udp:
        udp.settimeout(10)
        udp.sendto(recorded, (GATEWAY, 51820))
        assert len(udp.recv(2048)) == RESPONSE_LEN
    site = said(where, bytes(len(recorded)))
    assert site.startswith(b"HTTP/1.1 400 ")
    assert said(where, recorded) == site
    # A stranger's, who knows no more than the gateway's public key.
    assert said(where, Initiator(bytes(31) + b"\1", gateway).initiation()) == site
    # And the box itself is taken, once it may shake hands again.
    time.sleep(2 * INITIATION_INTERVAL_MS / 1000)
    fresh = Initiator(private, gateway)
    answer = said(where, fresh.initiation())
    assert answer[:2] == RESPONSE_LEN.to_bytes(2, "big")
    fresh.finish(answer[2:])


@pytest.mark.parametrize(("word", "is_new"), [(b"\1", True), (b"\0", False), (b"", False)])
def test_a_packet_path_that_is_asked_answers_for_itself(word: bytes, is_new: bool) -> None:
    """No word: it was out of descriptors, or died over the question."""
    ours, theirs = handover.make()
    asked = []

    def answer() -> None:
        message, rights, _, _ = socket.recv_fds(theirs, 200, 1)
        asked.append(message)
        if word:
            os.write(rights[0], word)
        os.close(rights[0])

    with theirs:
        path = threading.Thread(target=answer)
        path.start()
        assert asyncio.run(ours.is_new(b"initiation")) is is_new
        path.join()
    assert asked == [bytes(7) + b"initiation"]
    # And where nobody is left to be asked, nobody is let in.
    assert asyncio.run(ours.is_new(b"initiation")) is False
    ours.close()
