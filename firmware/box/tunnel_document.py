"""The document "tunnel": a wg-quick file's text, and what of it makes sense on a box.

A PrivateKey in it becomes the box's own key; without one the box has the key that it made itself,
or that it was given apart. IPv6 addresses, routes and name servers are passed over with a note,
because a box carries IPv4.
"""

from box.limits import MTU_DEFAULT, MTU_MAX, MTU_MIN, PEERS_MAX, PREFIXES_MAX
from ut1 import base64
from wg import config_values as values
from wg.allowedips import parse_address
from wg.compat import TYPE_CHECKING
from wg.config import ConfigFileError
from wg.config_reader import Reader
from wg.errors import ConfigError
from wg.keytext import wipe

if TYPE_CHECKING:
    from wg.settings import Configuration

_NO_ROUTES = "Remove the line: all that the LAN sends goes into the tunnel, or nowhere."


class Tunnel:
    """What the document says: IPv4 only, and all of it of use on a box."""

    def __init__(self, configuration: "Configuration", key: "bytearray | None") -> None:
        """key: the private key in the document, 32 bytes; None: there is none in it."""
        self.configuration = configuration
        self.key = key

    @property
    def address(self) -> bytes:
        """The box's address in the tunnel, 4 bytes."""
        return self.configuration.interface.addresses[0][0]

    @property
    def network(self) -> "tuple[bytes, int]":
        """That address with the length of the network that it is in; 32: of none."""
        return self.configuration.interface.addresses[0]

    @property
    def mtu(self) -> int:
        interface = self.configuration.interface
        most = MTU_DEFAULT if interface.shape is None else interface.shape.mtu_max()
        return interface.mtu or min(MTU_DEFAULT, most)

    @property
    def dns(self) -> "bytes | None":
        """The name server for the clients of the LAN, 4 bytes; None: the document names none."""
        servers = self.configuration.interface.dns
        return servers[0] if servers else None

    def named_endpoints(self) -> bool:
        """Whether a name must be looked up on the uplink before there can be a tunnel."""
        return any(
            peer.endpoint is not None and not _is_address(peer.endpoint.host)
            for peer in self.configuration.peers
        )

    def wipe(self) -> None:
        self.configuration.wipe()
        if self.key is not None:
            wipe(self.key)


def read(buffer: bytearray) -> Tunnel:
    """What the document's text says; keys in it are wiped while it is read.

    ConfigFileError: all that is wrong with it.
    """
    reader = _Reader(buffer, None, key_required=False)
    reader.read()
    if reader.errors:
        reader.configuration.wipe()
        if reader.key is not None:
            wipe(reader.key)
        raise ConfigFileError(reader.sorted_errors())
    return Tunnel(reader.configuration, reader.key)


class _Reader(Reader):
    def __init__(
        self, buffer: "bytes | bytearray", file: "str | None", key_required: bool = True
    ) -> None:
        super().__init__(buffer, file, key_required)
        self.key: "bytearray | None" = None

    def read_key(self, name: str, spelled: str, start: int, end: int) -> None:
        text = bytearray(self.view[start:end]) if name == "privatekey" else bytearray()
        count = len(self.errors)
        super().read_key(name, spelled, start, end)
        if name == "privatekey" and len(self.errors) == count:
            self.key = bytearray(base64.decode_in_place(text))
            self.key[:] = memoryview(text)[: len(self.key)]
        wipe(text)

    def apply_value(self, name: str, spelled: str, text: str) -> None:
        if name == "table":
            raise values.RefusedError("a box has no routing tables", _NO_ROUTES)
        if name == "fwmark":
            raise values.RefusedError("a box has no marks for packets", _NO_ROUTES)
        super().apply_value(name, spelled, text)
        mtu = self.configuration.interface.mtu
        if name == "mtu" and mtu is not None and not MTU_MIN <= mtu <= MTU_MAX:
            raise values.RefusedError(
                "%d is not between %d and %d" % (mtu, MTU_MIN, MTU_MAX),
                "Leave the line out, or give a value that every network carries.",
            )
        endpoint = self.peer.endpoint
        if name == "endpoint" and endpoint is not None and ":" in endpoint.host:
            raise values.RefusedError(
                "it is an IPv6 address, and a box joins networks by IPv4",
                "Give a name or an IPv4 address.",
            )

    def end_peer(self) -> None:
        super().end_peer()
        if "endpoint" not in self.seen:
            self.wrong(
                "[Peer]",
                "has no Endpoint, and nobody can call a box that has no open port",
                "Add the address or name and the port of the other end.",
            )

    def check_mtu(self) -> None:
        """Every MTU of a box is enough for IPv6."""

    def finish(self) -> None:
        super().finish()
        self.check_peers()
        if self.interface_line:
            self.line = self.interface_line
            self.check_addresses()
        self.keep_ipv4()

    def check_peers(self) -> None:
        peers = self.configuration.peers
        self.line = 0
        if not self.peer_lines and not self.errors:
            self.wrong("[Peer]", "there is none", "Add the other end of the tunnel.")
        elif len(peers) > PEERS_MAX:
            self.line = self.peer_lines[peers[PEERS_MAX].public_key]
            self.wrong(
                "[Peer]",
                "a box has room for %d of them, this is one more" % PEERS_MAX,
                "Keep those that are needed.",
            )
        prefixes = [prefix for peer in peers for prefix in peer.allowed_ips]
        if len(prefixes) > PREFIXES_MAX:
            self.line = self.routes[prefixes[PREFIXES_MAX]]
            self.wrong(
                "AllowedIPs",
                "there are %d, and a box has room for %d" % (len(prefixes), PREFIXES_MAX),
                "Write fewer and larger ones; 0.0.0.0/0 is everything.",
            )
        elif peers and not self.errors and not any(len(net) == 4 for net, _ in prefixes):
            self.line = self.peer_lines[peers[0].public_key]
            self.wrong(
                "AllowedIPs",
                "no peer takes any IPv4 packets",
                "Add 'AllowedIPs = 0.0.0.0/0' to the one that everything goes to.",
            )

    def check_addresses(self) -> None:
        own = [net for net, _ in self.configuration.interface.addresses if len(net) == 4]
        if not own and not self.errors:
            self.wrong(
                "[Interface]",
                "has no IPv4 Address",
                "Add the box's address in the tunnel, such as 'Address = 10.0.0.2/32'.",
            )
        elif len(own) > 1:
            self.wrong(
                "Address",
                "there is more than one for IPv4, and a box has one in its tunnel",
                "Keep the one that the other end expects.",
            )

    def keep_ipv4(self) -> None:
        interface = self.configuration.interface
        left_out = [prefix for prefix in interface.addresses if len(prefix[0]) != 4]
        interface.addresses = [prefix for prefix in interface.addresses if len(prefix[0]) == 4]
        interface.dns = [server for server in interface.dns if len(server) == 4]
        for peer in self.configuration.peers:
            peer.allowed_ips = [prefix for prefix in peer.allowed_ips if len(prefix[0]) == 4]
        if left_out:
            self.line = self.interface_line
            self.note("IPv6 is left out: a box carries IPv4.")


def _is_address(host: str) -> bool:
    try:
        parse_address(host)
    except ConfigError:
        return False
    return True
