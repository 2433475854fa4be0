"""Wi-Fi settings by Improv, which web flashers speak: on the console's line, beside ut1.

It is loaded when the first packet comes. What it takes over is tried first: a password that lets
nobody in is not stored.
"""

from box import box_values, network_list, trust
from box.box_settings import Network
from box.state import State
from improv import rpc
from improv.packets import BROKEN, ERROR, RPC, STATE, build
from wg.compat import TYPE_CHECKING
from wg.config import ConfigFileError
from wg.config_values import RefusedError
from wg.keytext import wipe

if TYPE_CHECKING:
    from collections.abc import Callable

    from box.identity import Identity
    from box.links import Heard, Links
    from box.state_store import StateStore
    from box.verbs import Verbs
    from improv.packets import Buffer

PRODUCT = b"Undertow"


class Improv:
    """Handles the packets that a client sends."""

    def __init__(
        self,
        identity: "Identity",
        store: "StateStore",
        links: "Links",
        verbs: "Verbs",
        send: "Callable[[bytes], object]",
        log: "Callable[[str, str], object]",
    ) -> None:
        """send: writes to the line. verbs: their on_commit is called after a change."""
        self._identity = identity
        self._store = store
        self._links = links
        self._verbs = verbs
        self._send = send
        self._log = log
        self._trying: "Network | None" = None

    def receive(self, kind: int, data: "Buffer") -> None:
        """A packet, or BROKEN. What is meant for clients is ignored: it can be an echo."""
        if kind == BROKEN:
            self._error(rpc.INVALID)
        if kind != RPC:
            return
        try:
            number, arguments = rpc.command(memoryview(data))
            if number == rpc.WIFI_SETTINGS:
                self._join(*rpc.wifi_settings(arguments))
                return
        except rpc.InvalidError:
            self._error(rpc.INVALID)
            return
        if number not in (rpc.STATE, rpc.DEVICE, rpc.NETWORKS):
            self._error(rpc.UNKNOWN_COMMAND)
            return
        self._error(rpc.NO_ERROR)
        if number == rpc.STATE:
            self._tell_state()
        elif number == rpc.DEVICE:
            self._send(rpc.result(rpc.DEVICE, self._device()))
        else:
            self._links.scan(self._tell_networks)

    # --- questions ---

    def _device(self) -> "list[Buffer]":
        name = self._verbs.name() or self._identity.default_name
        if self._verbs.committed().verification.state != trust.YES:
            name += " (not verified)"
        identity = self._identity
        return [PRODUCT, identity.firmware.encode(), identity.board.encode(), name.encode()]

    def _tell_state(self) -> None:
        if self._trying is not None:
            self._state(rpc.PROVISIONING)
        elif self._has_networks():
            self._state(rpc.PROVISIONED)
            self._send(rpc.result(rpc.STATE, []))  # there is no page to go to
        else:
            self._state(rpc.READY)

    def _has_networks(self) -> bool:
        settings = self._verbs.committed()
        return self._links.has_wifi and settings.networks > 0

    def _tell_networks(self, heard: "list[Heard]") -> None:
        for ssid, signal, is_protected in heard:
            if any(byte < 0x20 or byte == 0x7F for byte in ssid):
                continue  # no box joins it; and with a newline in it, it could pass for an answer
            protected = b"YES" if is_protected else b"NO"
            self._send(rpc.result(rpc.NETWORKS, [ssid, b"%d" % signal, protected]))
        self._send(rpc.result(rpc.NETWORKS, []))

    # --- taking over a network ---

    def _join(self, ssid: memoryview, password: memoryview) -> None:
        if self._trying is not None:
            self._error(rpc.UNKNOWN_ERROR)
            return
        network = _network(ssid, password)
        if network is None or not self._links.has_wifi:
            if network is not None:
                network.wipe()
            self._error(rpc.UNABLE_TO_CONNECT)
            return
        self._error(rpc.NO_ERROR)
        self._trying = network
        self._state(rpc.PROVISIONING)
        self._links.connect(network, self._tried)

    def _tried(self, is_in: bool) -> None:
        network, self._trying = self._trying, None
        if network is None:
            return
        try:
            error = self._keep(network) if is_in else rpc.UNABLE_TO_CONNECT
        finally:
            network.wipe()
        if error != rpc.NO_ERROR:
            self._error(error)
            self._state(rpc.PROVISIONED if self._has_networks() else rpc.READY)
            return
        self._state(rpc.PROVISIONED)
        self._send(rpc.result(rpc.WIFI_SETTINGS, []))
        if self._verbs.on_commit is not None:
            self._verbs.on_commit()

    def _keep(self, network: Network) -> int:
        """Store it with all else that is stored; NO_ERROR, or what a client is told."""
        state = self._store.load()
        try:
            self._add(state, network)
            self._store.save(state)
        except ConfigFileError as error:
            self._log("error", "the network cannot be kept: %s" % error.errors[0].why)
            return rpc.UNKNOWN_ERROR
        except OSError as error:
            self._log("error", "the network cannot be kept (%s)" % error)
            return rpc.UNKNOWN_ERROR
        finally:
            state.wipe()
        self._log("info", "a Wi-Fi network was added")
        return rpc.NO_ERROR

    def _add(self, state: State, network: Network) -> None:
        before = state.box
        if before is None:
            before = bytearray(("[Box]\nName = %s\n\n" % self._identity.default_name).encode())
        try:
            state.box = network_list.with_network(before, network)
        finally:
            wipe(before)

    # --- what is sent ---

    def _error(self, number: int) -> None:
        self._send(build(ERROR, bytes([number])))

    def _state(self, number: int) -> None:
        self._send(build(STATE, bytes([number])))


def _network(ssid: memoryview, password: memoryview) -> "Network | None":
    """None: there can be no such network."""
    name, secret = bytearray(ssid), bytearray(password)
    try:
        found = box_values.ssid(name)
        if not secret:
            return Network(found, None)
        return Network(found, box_values.password(secret, can_be_hex=True))
    except RefusedError:
        wipe(secret)
        return None
