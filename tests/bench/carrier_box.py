"""A box's end for the bench of carriers, without a ladder: one tunnel by one way that it is told.

undertow-unix --micropython carrier_box.py FILE; what is in FILE: host/undertow/bench/carriers.py.
"""

import json
import sys

import _datapath
from _wg import PrivateKey
from box.store import TimestampStore
from linux import interface
from linux.box import Box
from linux.log import Log

from wg import endpoint
from wg.allowedips import parse_address, parse_prefix
from wg.carrier_settings import ShapeSettings

STREAM_OPEN, STREAM_CARRYING, STREAM_ENDED = 2, 4, 5


def main(settings):
    log = Log("info", sys.stderr)
    name = settings["interface"]
    store = TimestampStore(name, log, settings["folder"])
    box = Box(4, 8, store, log, settings["mtu"])
    box.device.set_private_key(PrivateKey(bytes.fromhex(settings["private_key"])))
    if settings["shape_key"]:
        shape = ShapeSettings()
        shape.sizes = [16, 16, 16, 16]
        shape.key = bytearray(bytes.fromhex(settings["shape_key"]))
        box.sockets.set_shape(shape)
    interface.create(box.path, name)
    interface.set_addresses(name, [(parse_address(settings["address"]), 24)])
    interface.bring_up(name, settings["mtu"])
    box.sockets.open()
    peer = box.device.add_peer(bytes.fromhex(settings["peer"]))
    peer.replace_allowed_ips([parse_prefix(settings["allowed"])])
    shaped = 1 if settings["shape_key"] else 0
    host = parse_address(settings["host"])
    if not settings["framing"]:
        peer.set_endpoint(endpoint.pack(host, settings["port"], 0, shaped))
        peer.reach(_datapath.now_ms())
    else:
        Stream(box, peer, settings, host, shaped)
    box.control.run()
    log("info", "counters " + repr(box.path.counters()))


class Stream:
    """Connects, secures and carries, as it becomes possible."""

    def __init__(self, box, peer, settings, host, shaped):
        self.box = box
        self.peer = peer
        self.settings = settings
        self.shaped = shaped
        self.is_secured = False
        self.number = box.streams.open(host, settings["port"])
        box.control.on_wake(box.path.WAKE_STREAM, self.look)

    def look(self):
        path, settings = self.box.path, self.settings
        path.next_stream()
        state = path.stream_state(self.number)
        if state == STREAM_ENDED:
            raise SystemExit("the stream has ended: " + str(path.stream_end(self.number)))
        if state != STREAM_OPEN:
            return
        if settings["pin"] and not self.is_secured:
            self.is_secured = True
            path.stream_secure(self.number, "home.example.org", bytes.fromhex(settings["pin"]))
            return
        path.stream_carry(self.number, settings["framing"])
        self.peer.set_endpoint(endpoint.stream(self.number, self.shaped))
        self.peer.reach(_datapath.now_ms())


with open(sys.argv[1]) as file:
    main(json.load(file))
