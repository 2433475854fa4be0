"""A box's own console on undertow-unix: `device_side.py PORT FOLDER [wifi]`.

All of it is the firmware's: session, verbs, staging, judgement, store. Only the line is a TCP
connection to PORT, the flash is FOLDER, and there is no packet path. wifi: the board has it.
"""

import os
import select
import socket
import sys
import time

from box.console import Console
from box.identity import Identity
from box.lockout_store import LockoutStore
from box.log_ring import LogRing
from box.state_store import StateStore
from box.verbs import Verbs


class ResetError(Exception):
    pass


def fill_random(buffer):
    buffer[:] = os.urandom(len(buffer))


def reset():
    raise ResetError


def serve(line, folder, has_wifi):
    """From one start to the next."""
    store = StateStore(folder)
    log = LogRing(time.ticks_ms)
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

    def live():
        state = store.load()
        # As a board does: without a tunnel there is nothing to live by.
        verbs.live_digest = None if state.tunnel is None else state.digest()

    verbs = Verbs(
        Identity("0.0.0-test", "unix", b"\x02\x75\x74\x00\x01\x00"),
        store,
        fill_random,
        lambda: {
            "box": {"name": verbs.name(), "state": verbs.state()},
            "verification": verbs.verification(),
            "problem": None,
        },
        log,
        lockout=LockoutStore(folder + "/lockout", time.ticks_ms, log),
        has_wifi=has_wifi,
    )
    verbs.on_commit = live
    live()
    console = Console(read, line.send, verbs, reset)
    console.tell("undertow 0.0.0-test on unix")
    try:
        while True:
            waiting.poll(-1)
            console.receive()
    except ResetError:
        pass


def main():
    port, folder, *words = sys.argv[1:]
    line = socket.socket()
    line.connect(socket.getaddrinfo("127.0.0.1", int(port))[0][-1])
    while True:
        serve(line, folder, "wifi" in words)


main()
