"""Everything that a gateway keeps: its key, its settings, its boxes."""

import contextlib
import secrets
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from _wg import PrivateKey

from undertow.errors import EXIT_REFUSED, UndertowError
from undertow.gateway import carriers, changes, document, keys, peers, settings, web
from undertow.gateway.backend import KERNEL
from undertow.gateway.box_file import Ways
from undertow.gateway.disk import Disk
from undertow.gateway.document import BadValueError
from undertow.gateway.folder import Folder
from undertow.gateway.peers import Peer, Peers
from undertow.gateway.settings import Settings
from wg.keytext import wipe

PEERS = "peers.json"


class State:
    def __init__(self, path: Path, disk: Disk | None = None) -> None:
        self.folder = Folder(path, disk)

    def private_key(self) -> PrivateKey:
        """Made at the first use. The caller wipes it."""
        return keys.private_key(self.folder)

    def public_key(self) -> str:
        """The gateway's own, in base64."""
        key = self.private_key()
        try:
            return keys.public_text(key)
        finally:
            key.wipe()

    def carriers(self) -> carriers.Secrets:
        """Made at the first use. The caller wipes them."""
        return carriers.load(self.folder)

    def ways(self, settings: Settings, endpoints: Sequence[str]) -> Ways:
        """By which ways a box can come, for its file or its pairing."""
        if self._backend() == KERNEL:
            settings = carriers.of_kernel(settings)
        found = web.load_certificate(self.folder, settings)
        kept = self.carriers()
        try:
            pin = found.pin if found is not None else ""
            lines = carriers.carrier_lines(settings, kept, pin, endpoints)
            return Ways(carriers.shape_lines(settings, kept), lines)
        finally:
            kept.wipe()

    def _backend(self) -> str:
        """Of the gateway that runs; empty: none does."""
        running = changes.load(self.folder) if self.folder.is_running() else None
        return running.backend if running is not None else ""

    def settings(self) -> Settings:
        return settings.load(self.folder)

    def change_settings(self, **wanted: object) -> Settings:
        """Take over what is not None; the settings then. UndertowError: nothing has changed."""
        with self.folder.locked():
            before = self.settings()
            after = settings.change(before, **wanted)
            if after.pool != before.pool:
                _check_pool(after, self.peers())
            web.check(before, after)
            settings.store(self.folder, after)
        return after

    def peers(self) -> Peers:
        """The boxes as they are in the file; changing them here changes nothing there."""
        found = document.load(self.folder, PEERS)
        if found is None:
            return Peers()
        try:
            return peers.decode(found)
        except BadValueError as error:
            raise document.explain(self.folder.path / PEERS, error) from None

    @contextlib.contextmanager
    def changing(self) -> Iterator[Peers]:
        """The boxes, to be changed in a with block; it is kept at its end, unless it raises."""
        with self.folder.locked():
            found = self.peers()
            yield found
            now_s = int(time.time())
            found.reserved = {
                a: until_s for a, until_s in found.reserved.items() if until_s > now_s
            }
            document.store(self.folder, PEERS, peers.encode(found))
            self._remove_rests(found)

    def keep_preshared_key(self, text: bytearray) -> str:
        """Write it, before the box that has it, and wipe it; the file's name.

        To be called while changing(): what no box has at its end is removed.
        """
        name = f"psk-{secrets.token_hex(8)}"
        try:
            self.folder.write(name, text)
        finally:
            wipe(text)
        return name

    def preshared_key(self, peer: Peer) -> bytearray | None:
        """The 44 characters, for the caller to wipe."""
        return None if peer.psk is None else keys.preshared_key(self.folder, peer.psk)

    def _remove_rests(self, found: Peers) -> None:
        """What power cuts and removed boxes leave behind."""
        wanted = found.psk_files()
        for file in self.folder.path.glob("psk-*"):
            if file.name not in wanted:
                self.folder.remove(file.name)


def _check_pool(wanted: Settings, known: Peers) -> None:
    network = wanted.network()
    usable = range(2, network.num_addresses - 1)
    outside = [
        peer.name
        for peer in known.by_name.values()
        if peer.address not in network or int(peer.address) - int(network[0]) not in usable
    ]
    if outside:
        raise UndertowError(
            f"The pool cannot become {network}",
            f"'{outside[0]}' has an address outside of it, and would lose its way.",
            "Remove the boxes first, and pair them again afterwards.",
            EXIT_REFUSED,
        )
