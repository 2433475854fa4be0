"""What a run changes on its machine, written down before it is done, and put back afterwards.

Whatever a run that was killed has left behind, the next one finds here and takes away first.
"""

import contextlib
import os
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from undertow.errors import UndertowError
from undertow.gateway import document, firewall, system
from undertow.gateway.document import BadValueError
from undertow.gateway.folder import Folder, broken
from undertow.gateway.lockout import boot_id

FILE = "run.json"
SYSCTL = Path("/proc/sys/net/ipv4")


@dataclass
class Changes:
    """interface, backend: of the tunnel. opened: interfaces that forward because of us."""

    folder: Folder
    interface: str
    backend: str
    opened: list[str] = field(default_factory=list)

    def begin(self) -> None:
        """Write down what will be made."""
        self._store()

    def plan(self, interfaces: Iterable[str]) -> None:
        """Add to `opened` those of them that do not forward yet, and write that down."""
        more = [i for i in interfaces if i not in self.opened and forwards(i) is False]
        if more:
            self.opened += more
            self._store()

    def open(self) -> None:
        """Have packets that come in by `opened` forwarded."""
        for interface in self.opened:
            set_forwarding(interface, True)

    def open_tunnel(self) -> None:
        """The same for the tunnel's own interface, which takes the setting with it."""
        set_forwarding(self.interface, True)

    def undo(self) -> None:
        """Put everything back; a second time does no harm. UndertowError: the first that failed."""
        failed: UndertowError | None = None
        for step in (self._close, self._remove_table, self._remove_interface):
            try:
                step()
            except UndertowError as error:
                failed = failed or error
        if failed is not None:
            raise failed
        self.folder.remove(FILE)

    def _close(self) -> None:
        # Whoever made this machine a router meanwhile wants it to be one.
        if forwards("all"):
            return
        for interface in self.opened:
            if forwards(interface):
                set_forwarding(interface, False)

    def _remove_table(self) -> None:
        firewall.remove(self.interface)

    def _remove_interface(self) -> None:
        if interface_exists(self.interface):
            done = system.attempt("ip", "link", "delete", "dev", self.interface)
            if done.returncode and interface_exists(self.interface):
                system.run("ip", "link", "delete", "dev", self.interface)

    def _store(self) -> None:
        content = {
            "interface": self.interface,
            "backend": self.backend,
            "opened": self.opened,
            "boot": boot_id(),
            "network": network_stack(),
        }
        document.store(self.folder, FILE, content)


def load(folder: Folder) -> Changes | None:
    """What a run has written down; None: nothing, or of another boot or network stack."""
    found = document.load(folder, FILE)
    if found is None:
        return None
    kinds = {"interface": str, "backend": str, "opened": list, "boot": str, "network": int}
    try:
        document.expect(found, kinds)
        opened = list(document.texts(found["opened"]))
    except BadValueError as error:
        raise broken(folder.path / FILE, str(error)) from None
    if found["boot"] != boot_id() or found["network"] != network_stack():
        return None
    return Changes(folder, found["interface"], found["backend"], opened)


def network_stack() -> int:
    """Which network namespace this is."""
    return os.stat("/proc/self/ns/net").st_ino


def interface_exists(name: str) -> bool:
    return Path("/sys/class/net", name).exists() or name in _names()


def _names() -> set[str]:
    # /sys may be of another network namespace, as under `ip netns exec` without a mount.
    return {str(link.get("ifname", "")) for link in system.ip_json("link", "show")}


def forwards(interface: str) -> bool | None:
    """Whether packets that come in by it are forwarded; None: it is not there."""
    with contextlib.suppress(OSError):
        return (SYSCTL / "conf" / interface / "forwarding").read_text().strip() != "0"
    return None


def set_forwarding(interface: str, does: bool) -> None:
    path = SYSCTL / "conf" / interface / "forwarding"
    try:
        path.write_text("1" if does else "0")
    except FileNotFoundError:
        return  # it went away, and its setting with it
    except OSError as error:
        raise UndertowError(
            f"{path} cannot be written",
            f"The system says: {error.strerror}. Without it no packet leaves the tunnel.",
            "Run this as root; in a container, one that may change its network's settings.",
        ) from error
