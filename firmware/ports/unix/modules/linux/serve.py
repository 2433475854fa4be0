"""`undertow-unix [-f] NAME`: an interface that others set up by the configuration protocol."""

import _system

from linux import interface
from linux.adopter import Adopter
from linux.box import Box
from linux.handler import PEERS, PREFIXES, Handler
from linux.link import Link
from linux.log import Log
from linux.state import timestamps
from linux.uapi_socket import Server
from linux.undo import Undo


def serve(name: str, foreground: bool, log: Log, keep_log: bool, adopts: bool = False) -> int:
    """Until the interface or its socket is removed, or a signal comes. The exit status.

    adopts: take streams that are handed over by standard input, while that is open.
    """
    interface.check_name(name)
    interface.check_rights()
    interface.check_free(name)
    # Whoever started us may go on when the socket is there, and not before.
    report = -1 if foreground else _system.daemonize()
    undo = Undo(log)
    try:
        box = _set_up(name, log, undo)
        if adopts:
            Adopter(box)
        if report >= 0:
            _system.report(report, 0, keep_log)
        box.control.run()
    finally:
        undo.run()
    return 0


def _set_up(name: str, log: Log, undo: Undo) -> Box:
    box = Box(PEERS, PREFIXES, timestamps(name, log), log)
    undo.push(box.close)
    interface.create(box.path, name)
    Link(name, box, False)
    server = Server(name, box, Handler(box).handle)
    undo.push(server.close)
    log("info", "%s waits for its configuration at %s" % (name, server.path))
    return box
