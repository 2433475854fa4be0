"""A configuration back to a wg-quick file; only in builds for hosts, whose _wg exports keys."""

from wg import config_carriers, config_shape
from wg.allowedips import format_address
from wg.compat import TYPE_CHECKING
from wg.keytext import BASE64_LEN, assemble, public_to_base64, wipe, write_base64
from wg.settings import TABLE_AUTO, TABLE_OFF

if TYPE_CHECKING:
    from wg.keytext import Piece
    from wg.settings import Configuration, Interface, PeerSettings


def format(configuration: "Configuration") -> bytearray:
    """The file's bytes, with its secrets: the caller wipes them.

    wg.config.parse() reads the same configuration from them.
    """
    pieces: "list[Piece]" = []
    _interface(configuration.interface, pieces)
    for peer in configuration.peers:
        _peer(peer, pieces)
    if configuration.carriers is not None:
        pieces.extend(config_carriers.lines(configuration.carriers))
    out = assemble(pieces, BASE64_LEN, write_base64)
    for piece in pieces:
        if isinstance(piece, memoryview):
            wipe(piece)
    return out


def _interface(interface: "Interface", pieces: "list[Piece]") -> None:
    pieces.append("[Interface]\n")
    if interface.private_key is not None:
        pieces.extend(("PrivateKey = ", interface.private_key, "\n"))
    if interface.listen_port is not None:
        pieces.append("ListenPort = %d\n" % interface.listen_port)
    if interface.fwmark is not None:
        pieces.append("FwMark = %s\n" % ("0x%x" % interface.fwmark if interface.fwmark else "off"))
    for prefix in interface.addresses:
        pieces.append("Address = %s\n" % _prefix(prefix))
    servers = [format_address(address) for address in interface.dns] + interface.dns_search
    if servers:
        pieces.append("DNS = %s\n" % ", ".join(servers))
    if interface.mtu is not None:
        pieces.append("MTU = %d\n" % interface.mtu)
    if interface.table == TABLE_OFF:
        pieces.append("Table = off\n")
    elif interface.table != TABLE_AUTO:
        pieces.append("Table = %d\n" % interface.table)
    if interface.shape is not None:
        pieces.extend(config_shape.lines(interface.shape))
        if interface.shape.key is not None:
            pieces.extend(("HeaderProtectionKey = ", interface.shape.key, "\n"))


def _peer(peer: "PeerSettings", pieces: "list[Piece]") -> None:
    pieces.append("\n[Peer]\nPublicKey = %s\n" % public_to_base64(peer.public_key))
    if peer.preshared_key is not None:
        pieces.extend(("PresharedKey = ", peer.preshared_key, "\n"))
    if peer.allowed_ips:
        pieces.append("AllowedIPs = %s\n" % ", ".join(_prefix(p) for p in peer.allowed_ips))
    if peer.endpoint is not None:
        pieces.append("Endpoint = %s\n" % repr(peer.endpoint))
    if peer.keepalive_s:
        pieces.append("PersistentKeepalive = %d\n" % peer.keepalive_s)


def _prefix(prefix: "tuple[bytes, int]") -> str:
    """With host bits kept, unlike an allowed IP's own form."""
    address, prefix_len = prefix
    return "%s/%d" % (format_address(address), prefix_len)
