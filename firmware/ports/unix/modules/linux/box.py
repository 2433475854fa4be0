"""A box: the tunnel's C objects, the protocol on top of them, and the loop that runs both."""

import _datapath
from _wg import Gate, Tunnel

from linux.control import HostControl
from linux.sockets import Sockets
from linux.streams import Streams
from wg.compat import TYPE_CHECKING
from wg.device import Device
from wg.tai64n import Timestamps

if TYPE_CHECKING:
    from box.store import TimestampStore

    from linux.log import Log
    from wg.settings import Configuration


# Packets that wait for a handshake, of all peers together, and how long they can be.
WAITING = 256
PACKET_LEN = 1500
MTU = 1420


class Box:
    def __init__(
        self, peers: int, prefixes: int, store: "TimestampStore", log: "Log", mtu: int = MTU
    ) -> None:
        """peers, prefixes: how many peers and allowed IPs there can be. mtu: of the interface."""
        self.peer_capacity = peers
        self.prefix_capacity = prefixes
        self.log = log
        self.tunnel = Tunnel(peers, prefixes, WAITING, max(mtu, PACKET_LEN), mtu)
        self.gate = Gate()
        self.path = _datapath.Path(self.tunnel, self.gate)
        timestamps = Timestamps(_datapath.wall_clock, store.load(), store.save)
        self.device = Device(
            self.tunnel,
            self.gate,
            self.path,
            _datapath.fill_random,
            timestamps,
            _datapath.wall_clock,
            log,
        )
        self.streams = Streams(self.path)
        self.sockets = Sockets(self.path, self.device, self.streams)
        self.control = HostControl(self.device, self.path, log)

    def configure(self, configuration: "Configuration") -> None:
        """Take over keys and peers of a wg.settings.Configuration; endpoints are set elsewhere."""
        now_ms = _datapath.now_ms()
        self.device.set_private_key(configuration.interface.private_key)
        for settings in configuration.peers:
            peer = self.device.add_peer(settings.public_key)
            peer.set_preshared_key(settings.preshared_key)
            peer.replace_allowed_ips(settings.allowed_ips)
            peer.set_keepalive(settings.keepalive_s, now_ms)

    def close(self) -> None:
        """Wipe all keys; the interface is gone afterwards."""
        self.device.close()
        self.path.close()
