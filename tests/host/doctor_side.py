"""A box abroad that examines itself, on undertow-unix: `doctor_side.py PORT FOLDER WHERE`.

Console, verbs, device program and doctor are the firmware's; the world around it is in memory
(tests/box/abroad.py), and its time passes quickly. The line is a TCP connection to PORT.
"""

import os
import select
import socket
import sys

from box.console import Console
from box.doctor import Doctor
from box.identity import Identity
from box.log_ring import LogRing
from box.state_store import StateStore
from box.verbs import Verbs
from tests.box import abroad
from tests.box.abroad_board import AbroadTestCase
from tests.box.abroad_home import HOTEL

STEP_MS = 200
SETTLED_MS = 5_000
STOPPED = "the doctor was stopped"


class Somebody:
    """A web server that everybody reaches."""

    def __init__(self, stream):
        pass

    def receive(self, data):
        pass

    def ended(self):
        pass


def travel(case, where):
    """Take the box to such a place, where it has had time to look around; "slow" takes its time."""
    if where == "no-link":
        return
    if where == "no-address":
        case.world.plug(None)
    if where in ("dark", "slow"):
        case.censor.is_dark = True
    if where == "blocked":
        case.censor.blocked.add(abroad.HOME_ADDRESS)
        case.world.servers.pop((abroad.PROXY_ADDRESS, 3128))  # by which it would be reached
        case.world.servers[(b"\x09\x09\x09\x09", 443)] = Somebody
    if where == "no-udp":
        case.censor.udp_ports = []
    if where != "no-address":
        case.world.plug(HOTEL)
    case.run_for(100 if where == "no-address" else 1_000 if where == "blocked" else SETTLED_MS)


def main():
    port, folder, where = sys.argv[1:]
    case = AbroadTestCase()
    case.setUp()
    travel(case, where)
    line = socket.socket()
    line.connect(socket.getaddrinfo("127.0.0.1", int(port))[0][-1])
    waiting = select.poll()
    waiting.register(line, select.POLLIN)

    def read(buffer):
        if not waiting.poll(0):
            return 0
        data = line.recv(len(buffer))
        if not data:
            sys.exit(0)
        buffer[: len(data)] = data
        return len(data)

    log = LogRing(lambda: case.board.control.now_ms())
    identity = Identity("0.0.0-test", "unix", b"\x02\x75\x74\x00\x01\x00")
    fill = lambda buffer: buffer.__setitem__(slice(None), os.urandom(len(buffer)))  # noqa: E731
    verbs = Verbs(identity, StateStore(folder), fill, dict, log)

    class Told(Doctor):
        """Says when it was stopped before its end."""

        def stop(self):
            if not self.is_over:
                console.tell(STOPPED)
            super().stop()

    verbs.make_doctor = lambda: Told(case.board)
    console = Console(read, line.send, verbs, lambda: sys.exit(0))
    console.tell("undertow 0.0.0-test on unix")
    while True:
        waiting.poll(10)
        console.receive()
        if where != "slow":
            case.run_for(STEP_MS)


main()
