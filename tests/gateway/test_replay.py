"""A censor has recorded how a box begins on one way, and says it on another to see what answers."""

import base64
import re
import socket
import time

from tests.gateway.doors import frame
from tests.gateway.home import GATEWAY, Home

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
