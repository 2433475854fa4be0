"""`undertow gateway run`: the tunnel, its rules, and what others change meanwhile."""

import contextlib
import errno
import os
import select
import socket
import time

from undertow.errors import EXIT_PORT, UndertowError
from undertow.gateway import (
    announcement,
    backends,
    carriers,
    changes,
    firewall,
    surroundings,
    system,
)
from undertow.gateway.admissions import Admissions
from undertow.gateway.backend import OWN, Backend, Wire
from undertow.gateway.changes import Changes
from undertow.gateway.doors import Doors
from undertow.gateway.log import Log
from undertow.gateway.settings import FILE as SETTINGS
from undertow.gateway.settings import Settings
from undertow.gateway.signals import Signals
from undertow.gateway.state import PEERS, State

# How often the files are looked at where the kernel does not say that they changed.
LOOK_S = 0.5
TRAFFIC_S = 2.0
# Where our own data path keeps what is its own.
DATA_PATH = "data-path"


class Runner:
    def __init__(self, state: State, log: Log, backend_name: str, program: str = "") -> None:
        self.state = state
        self.log = log
        self.settings: Settings = state.settings()
        folder = str(state.folder.path / DATA_PATH)
        self.backend: Backend = backends.make(
            backend_name, self.settings.interface, program, folder
        )
        self.changes = Changes(state.folder, self.settings.interface, backend_name)
        self.admissions = Admissions(state, self.backend, log)
        self._around = surroundings.Surroundings((), (), ())
        self._files: dict[str, object] = {}
        self._last_traffic_s = 0.0

    def run(self) -> None:
        """Until SIGTERM or SIGINT. UndertowError: it cannot start, or cannot go on."""
        with self.state.folder.running(), Signals(self.state.folder.path) as signals:
            self._clean_up_after_another()
            self._require_free()
            self.changes.begin()
            try:
                self._start()
                with Doors(self.state, self.settings, self.backend, self.log) as doors:
                    self._tell(doors)
                    self._serve(signals, doors)
            finally:
                # A second Ctrl-C does not leave the half of it behind.
                self.backend.stop()
                self.changes.undo()
        self.log("info", "stopped", "stopped; its interface and its rules are gone")

    def _clean_up_after_another(self) -> None:
        left = changes.load(self.state.folder)
        if left is not None:
            self._wait_for_its_end(left)
            left.undo()
            self.log("info", "cleaned", f"cleaned up after a run that was killed: {left.interface}")

    def _wait_for_its_end(self, left: Changes) -> None:
        # Its data path is told to end when it dies, and takes the interface with it.
        end = time.monotonic() + 2.0
        while changes.interface_exists(left.interface) and time.monotonic() < end:
            time.sleep(0.02)

    def _require_free(self) -> None:
        """From here on an interface of that name is ours, to be removed at the end."""
        name = self.settings.interface
        if changes.interface_exists(name):
            raise UndertowError(
                f"There is an interface {name} already",
                "This gateway has not made it, or it has been given to another program.",
                f"Remove it (ip link delete {name}), or choose another name: undertow gateway set "
                "--interface NAME.",
                EXIT_PORT,
            )

    def _start(self) -> None:
        settings = self.settings
        key, kept = self.state.private_key(), self.state.carriers()
        try:
            shape = kept if self.backend.name == OWN else None
            self.backend.start(key, Wire(settings.port, self._more_ports(settings), shape))
        finally:
            key.wipe()
            kept.wipe()
        name = settings.interface
        prefix = f"{settings.address()}/{settings.network().prefixlen}"
        self._files = self._look_at_files()
        self.admissions.take_over()
        # The rules first: no packet comes out of the tunnel without them.
        self._surround(force=True)
        system.run("ip", "-4", "address", "replace", prefix, "dev", name)
        system.run("ip", "link", "set", "mtu", str(settings.mtu), "up", "dev", name)
        self.changes.open_tunnel()

    def _more_ports(self, settings: Settings) -> tuple[int, ...]:
        kept = self.state.carriers()
        kept.wipe()
        return tuple(p for p in carriers.udp_ports(settings, kept) if p != settings.port)

    def _tell(self, doors: Doors) -> None:
        count = len(self.admissions.admitted)
        announcement.tell_running(self.log, self.settings, self.backend, count)
        self._tell_ways(doors)
        announcement.tell_policy(self.log, self.settings, self._ports(doors))

    def _tell_ways(self, doors: Doors) -> None:
        more = self._more_ports(self.settings)
        announcement.tell_ways(self.log, self.backend, more, doors.ports(), doors.refused)

    def _ports(self, doors: Doors) -> firewall.Ports:
        udp = {self.settings.port, *self._more_ports(self.settings)}
        return firewall.Ports(tuple(sorted(udp)), tuple(sorted(doors.ports())))

    def _serve(self, signals: Signals, doors: Doors) -> None:
        watch = surroundings.open_watch()
        with watch:
            descriptors = [signals.fileno(), watch.fileno()]
            output = self.backend.output()
            if output is not None:
                descriptors.append(output)
            while not signals.is_ending:
                ready, _, _ = select.select(descriptors, [], [], LOOK_S)
                if signals.fileno() in ready:
                    signals.drain()
                if output in ready and not self._pass_on(output):
                    raise self._ended()
                if not self.backend.is_alive() or not doors.is_alive:
                    raise self._ended()
                if watch.fileno() in ready:
                    _drain(watch)
                    self._surround()
                self._follow_files(signals, doors)
                self._follow_traffic(doors)

    def _follow_files(self, signals: Signals, doors: Doors) -> None:
        now = self._look_at_files()
        if now == self._files and not signals.take_hangup():
            return
        changed = {name for name in now if now[name] != self._files.get(name)} or set(now)
        self._files = now
        try:
            if SETTINGS in changed:
                self._take_over_settings(doors)
            elif changed - {PEERS}:
                doors.follow(self.settings)
                self.log("info", "web site", "took over the renewed certificate")
            if PEERS in changed:
                self.admissions.take_over()
        except UndertowError as error:
            # Whoever broke it has been told, or is told here; boxes that are in stay in.
            self.log("error", "state", f"what was changed cannot be taken over: {error}")

    def _take_over_settings(self, doors: Doors) -> None:
        after = self.state.settings()
        if after == self.settings:
            return
        fixed = [
            name
            for name in ("port", "pool", "interface", "mtu")
            if getattr(after, name) != getattr(self.settings, name)
        ]
        if fixed:
            self.log("warning", "restart", f"{', '.join(fixed)}: changed with the next start only")
        kept = {name: getattr(self.settings, name) for name in ("port", "pool", "interface", "mtu")}
        before, self.settings = self.settings, Settings(**{**vars(after), **kept})
        if self._more_ports(before) != self._more_ports(self.settings):
            self.backend.set_ports(Wire(self.settings.port, self._more_ports(self.settings)))
        self._surround(force=True)
        doors.follow(self.settings)
        if _ways(before) != _ways(self.settings):
            self._tell_ways(doors)
        self.log("info", "settings", "took over the new settings")

    def _surround(self, force: bool = False) -> None:
        """Follow the networks of this machine: rules, and which interfaces forward."""
        around = surroundings.look(self.settings)
        if around == self._around and not force:
            return
        self._around = around
        # Written down, then guarded by the rules, then opened.
        self.changes.plan(surroundings.needed(self.settings, around))
        redirected = self.backend.redirected()
        firewall.load(self.settings, around, self.changes.opened, redirected)
        self.changes.open()
        if not around.outward:
            self.log("warning", "no way out", "this machine has no default route just now")
        for network in around.networks:
            if network.overlaps(self.settings.network()):
                text = f"the pool {self.settings.pool} overlaps with this machine's {network}"
                self.log("warning", "pool", f"{text}: undertow gateway set --pool OTHER")

    def _follow_traffic(self, doors: Doors) -> None:
        if time.monotonic() - self._last_traffic_s < TRAFFIC_S:
            return
        self._last_traffic_s = time.monotonic()
        with contextlib.suppress(UndertowError):  # it is told of when it does not come back
            traffic = self.backend.traffic()
            self.admissions.tell_of(traffic)
            doors.service.places = self.admissions.places(traffic)

    def _look_at_files(self) -> dict[str, object]:
        found: dict[str, object] = {}
        settings = self.settings
        for name in (PEERS, SETTINGS, settings.certificate, settings.certificate_key):
            if not name:
                continue
            try:
                status = os.stat(self.state.folder.path / name)
                found[name] = (status.st_ino, status.st_mtime_ns, status.st_size)
            except OSError as error:
                found[name] = error.errno
        return found

    def _pass_on(self, output: int) -> bool:
        """Log what the data path says; False: it has ended."""
        said = os.read(output, 1 << 16)
        for line in said.decode(errors="replace").splitlines():
            self.log("warning", "data path", line)
        return bool(said)

    def _ended(self) -> UndertowError:
        return UndertowError(
            f"The tunnel {self.settings.interface} has ended by itself",
            "Its program was stopped, or its interface was removed.",
            "Start it again: undertow gateway run. What it said last is above.",
        )


def _ways(settings: Settings) -> tuple[object, ...]:
    return settings.udp_ports, settings.tls_ports, settings.web_ports


def _drain(watch: socket.socket) -> None:
    while True:
        try:
            watch.recv(1 << 16)
        except BlockingIOError:
            return
        except OSError as error:
            if error.errno != errno.ENOBUFS:  # so much has changed that some of it was lost
                raise
