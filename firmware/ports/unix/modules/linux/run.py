"""`undertow-unix run FILE.conf`: the whole tunnel from a wg-quick file, in the foreground."""

import os

from carrier import settings as documents
from linux import interface, names
from linux.box import Box
from linux.errors import ProgramError, words
from linux.handler import Handler
from linux.leading import Leading
from linux.link import Link
from linux.log import Log
from linux.resolvconf import set_servers
from linux.routes import Routes
from linux.state import timestamps
from linux.uapi_socket import Server
from linux.undo import Undo
from wg import config, endpoint
from wg.compat import TYPE_CHECKING
from wg.config_values import MTU_MIN
from wg.keytext import wipe

if TYPE_CHECKING:
    from wg.settings import PeerSettings

ADDRESS_START = 7  # in endpoint bytes
WORLD = 0o007
SPARE = 16


def run(file: str, name: "str | None", log: Log) -> int:
    """Until a signal comes or the interface is removed. The exit status; 2: the file is broken."""
    if name is None:
        name = name_of(file)
    interface.check_name(name)
    configuration = read(file, log)
    if configuration is None:
        return 2
    interface.check_rights()
    interface.check_free(name)
    led = None if documents.is_plain(configuration) else documents.gateway(configuration)
    others = [peer for peer in configuration.peers if peer is not led]
    endpoints = names.look_up_all(others, log)
    undo = Undo(log)
    try:
        box = _set_up(name, configuration, endpoints, led, log, undo)
        _carry(box, log, undo)
    finally:
        undo.run()
    log("info", "%s and all that belongs to it is taken down" % name)
    return 0


def _carry(box: Box, log: Log, undo: Undo) -> None:
    try:
        box.control.run()
    except Exception:
        # Nobody has asked for the end of the tunnel, so nothing may leave past it.
        undo.steps.clear()
        log("error", "this should not happen; default routes stay and refuse until the next run")
        raise


def name_of(file: str) -> str:
    """The interface's name from the file's: that without folder and ending."""
    name = file.rsplit("/", 1)[-1]
    return name[:-5] if name.endswith(".conf") else name


def read(file: str, log: Log) -> "config.Configuration | None":
    """The configuration; None: it is broken, and everything that is wrong with it was told."""
    try:
        mode, size = os.stat(file)[0], os.stat(file)[6]
        buffer = bytearray(size)
        with open(file, "rb") as stream:
            stream.readinto(buffer)
    except OSError as error:
        raise ProgramError(
            file,
            words(error),
            "Give the path of a wg-quick file, for example /etc/wireguard/wg0.conf.",
            2,
        )
    if mode & WORLD:
        log("warning", "%s: everyone on this machine can read its keys; chmod 600 it" % file)
    try:
        configuration = config.parse(buffer, file)
    except config.ConfigFileError as broken:
        for each in broken.errors:
            log("error", str(each))
        return None
    finally:
        wipe(buffer)
    for line, text in configuration.notes:
        log("warning", "%s:%d: %s" % (file, line, text))
    return configuration


def _set_up(
    name: str,
    configuration: "config.Configuration",
    endpoints: "dict[bytes, bytes]",
    led: "PeerSettings | None",
    log: Log,
    undo: Undo,
) -> Box:
    settings = configuration.interface
    mtu = settings.mtu or _mtu(settings, endpoints)
    prefixes = [prefix for peer in configuration.peers for prefix in peer.allowed_ips]
    store = timestamps(name, log)
    # With room for what `wg set` may add later.
    peers = 2 * len(configuration.peers) + SPARE
    box = Box(peers, 2 * len(prefixes) + 2 * SPARE, store, log, mtu)
    undo.push(box.close)
    box.configure(configuration)
    for public_key, outer in endpoints.items():
        box.device.peers[public_key].set_endpoint(outer)
    interface.create(box.path, name)
    _open_sockets(box, settings)
    interface.set_addresses(name, settings.addresses)
    interface.bring_up(name, mtu)
    # Before our own name servers are set: names of peers are found by those that were there.
    moving = names.keep_up(box, [peer for peer in configuration.peers if peer is not led])
    routes = Routes(name, settings.addresses, undo, log, box.sockets.set_fwmark)
    routes.add(_unique(prefixes), settings.table, box.sockets.fwmark)
    Link(name, box, True, lambda: _set_again(name, settings, routes))
    set_servers(name, settings.dns, settings.dns_search, undo, log)
    moving.start()
    if led is not None:
        leading = Leading(name, box)
        undo.push(leading.close)
        leading.open(configuration, led, mtu)
    _listen(name, box, log, undo)
    count = len(configuration.peers)
    told = (name, box.sockets.listen_port, mtu, count, "" if count == 1 else "s")
    log("info", "%s is up, UDP port %d, MTU %d, %d peer%s" % told)
    for peer in box.device.peers.values():
        log("info", "peer %s: endpoint %s" % (peer.name, endpoint.format(peer.endpoint())))
    return box


def _mtu(settings: "config.Interface", endpoints: "dict[bytes, bytes]") -> int:
    """What fits the ways to these endpoints, with what the shape adds to each packet."""
    mtu = interface.mtu_for([outer[ADDRESS_START:] for outer in endpoints.values()])
    if settings.shape is not None:
        mtu = max(mtu - settings.shape.sizes[3], MTU_MIN)
    return mtu


def _set_again(name: str, settings: "config.Interface", routes: Routes) -> None:
    interface.set_addresses(name, settings.addresses)  # those of IPv6 went, too
    routes.set_again()


def _open_sockets(box: Box, settings: "config.Interface") -> None:
    try:
        if settings.fwmark:
            box.sockets.set_fwmark(settings.fwmark)
        box.sockets.set_listen_port(settings.listen_port or 0)
    except OSError as error:
        raise ProgramError(
            "UDP port %d" % (settings.listen_port or 0),
            words(error),
            "Choose another ListenPort, or stop the program that has this one.",
        )


def _listen(name: str, box: Box, log: Log, undo: Undo) -> None:
    """Let `wg` look and change things; the tunnel does without it where that cannot be."""
    try:
        server = Server(name, box, Handler(box).handle)
    except ProgramError as error:
        log("warning", "`wg` cannot reach this tunnel: %s" % error)
        return
    undo.push(server.close)


def _unique(prefixes: "list[tuple[bytes, int]]") -> "list[tuple[bytes, int]]":
    """Each prefix once: an allowed IP of two peers is one route."""
    return [prefix for i, prefix in enumerate(prefixes) if prefix not in prefixes[:i]]
