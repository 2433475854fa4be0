"""Network namespaces, the cables between them, and their addresses."""

import contextlib
import os
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from undertow.lab import isolation
from undertow.lab.command import run
from undertow.lab.errors import LabError
from undertow.lab.process import Process

NETNS_FOLDER = Path("/run/netns")


class Namespace:
    """One computer of the lab: a network stack of its own, with processes in it."""

    def __init__(self, name: str, folder: Path) -> None:
        """Make it, with its loopback up. folder: for the output of its processes."""
        self.name = name
        self._folder = folder
        self._processes: list[Process] = []
        run(["ip", "netns", "add", name])
        self.ip("link", "set", "lo", "up")

    def close(self) -> None:
        """End what runs in it (also in the background) and take it down with its interfaces."""
        for process in reversed(self._processes):
            process.stop()
        self._end_strays()
        run(["ip", "netns", "del", self.name])

    def _end_strays(self) -> None:
        # In background by themselves, so no child of ours; but only ours can be in this namespace.
        for number, patience_s in ((signal.SIGTERM, 2.0), (signal.SIGKILL, 2.0)):
            end = time.monotonic() + patience_s
            while (pids := self.pids()) and time.monotonic() < end:
                for pid in pids:
                    with contextlib.suppress(ProcessLookupError):
                        os.kill(pid, number)
                time.sleep(0.05)

    def pids(self) -> list[int]:
        """The processes that live in it, without ourselves."""
        # Ctrl-C may have met us in here: who ends the strays then must not be one of them.
        found = run(["ip", "netns", "pids", self.name]).stdout.split()
        return [int(pid) for pid in found if int(pid) != os.getpid()]

    @contextlib.contextmanager
    def entered(self) -> Iterator[None]:
        """The calling thread is in this namespace for the length of a with block."""
        home = os.open("/proc/thread-self/ns/net", os.O_RDONLY)
        try:
            there = os.open(NETNS_FOLDER / self.name, os.O_RDONLY)
            try:
                try:
                    isolation.set_network_namespace(there)
                finally:
                    os.close(there)
                yield
            finally:
                isolation.set_network_namespace(home)
        finally:
            os.close(home)

    def socket(
        self, family: int = socket.AF_INET, kind: int = socket.SOCK_DGRAM, protocol: int = 0
    ) -> socket.socket:
        """A socket of this namespace; it stays there, whoever uses it."""
        with self.entered():
            return socket.socket(family, kind, protocol)

    def ip(self, *words: str) -> str:
        """Run `ip` with these words in the namespace; what it printed."""
        return run(["ip", "-n", self.name, *words]).stdout

    def run(
        self, *argv: str, input_text: str | None = None, timeout_s: float = 20.0
    ) -> subprocess.CompletedProcess[str]:
        """Run a program in it to its end; LabError if it fails."""
        return run(self._inside(argv), input_text, timeout_s)

    def attempt(
        self, *argv: str, environment: Mapping[str, str] | None = None, timeout_s: float = 20.0
    ) -> subprocess.CompletedProcess[str]:
        """Run a program in it to its end, whatever its exit status is."""
        return subprocess.run(
            self._inside(argv),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=timeout_s,
            env={**os.environ, **self._state(), **(environment or {})},
        )

    def start(self, *argv: str, environment: Mapping[str, str] | None = None) -> Process:
        """Start a program in it, which ends with it at the latest."""
        log = self._folder / f"{self.name}.{len(self._processes)}.log"
        process = Process(argv, log, self._inside(()), {**self._state(), **(environment or {})})
        self._processes.append(process)
        return process

    def _state(self) -> dict[str, str]:
        # What programs keep over restarts belongs to the lab, too.
        return {"STATE_DIRECTORY": str(self._folder / "state")}

    def _inside(self, argv: tuple[str, ...]) -> list[str]:
        return ["ip", "netns", "exec", self.name, *argv]

    def address(self, interface: str, *addresses: str) -> None:
        """Give an interface addresses with prefix length that work at once, and bring it up."""
        for address in addresses:
            # No duplicate address detection: it would keep IPv6 addresses unusable for a second.
            extra = ["nodad"] if ":" in address else []
            self.ip("address", "add", address, "dev", interface, *extra)
        self.ip("link", "set", interface, "up")

    def remove_address(self, interface: str, *addresses: str) -> None:
        """Take addresses away from an interface."""
        for address in addresses:
            self.ip("address", "del", address, "dev", interface)

    def route(self, destination: str, *via: str) -> None:
        """Add a route: route("default", "via", "192.0.2.1"). IPv6 is told by its colons."""
        family = "-6" if any(":" in word for word in (destination, *via)) else "-4"
        self.ip(family, "route", "replace", destination, *via)

    def set_sysctl(self, name: str, value: int) -> None:
        """Set net.NAME of this namespace: set_sysctl("ipv4/ip_forward", 1)."""
        with self.entered():
            Path("/proc/sys/net", name).write_text(str(value))

    def forward(self) -> None:
        """Make it a router for IPv4 and IPv6."""
        self.set_sysctl("ipv4/ip_forward", 1)
        self.set_sysctl("ipv6/conf/all/forwarding", 1)

    def nft(self, rules: str) -> None:
        """Load rules of nftables."""
        self.run("nft", "-f", "-", input_text=rules)

    def wait_for_interface(self, name: str, timeout_s: float = 5.0) -> None:
        """Wait until an interface exists; LabError if it does not come."""
        end = time.monotonic() + timeout_s
        while time.monotonic() < end:
            if self.attempt("ip", "link", "show", name).returncode == 0:
                return
            time.sleep(0.01)
        self.ip("link", "show", name)


def wait_until(
    condition: Callable[[], object], timeout_s: float, complaint: Callable[[], str]
) -> None:
    """Wait until condition() is true; after timeout_s a LabError with the complaint."""
    end = time.monotonic() + timeout_s
    while not condition():
        if time.monotonic() > end:
            raise LabError(complaint(), f"waited for {timeout_s:.0f} s")
        time.sleep(0.02)


def connect(
    one: Namespace, one_interface: str, other: Namespace, other_interface: str, mtu: int = 1500
) -> None:
    """Lay a cable between two namespaces and bring both ends up."""
    one.ip(
        *("link", "add", one_interface, "mtu", str(mtu), "type", "veth"),
        *("peer", "name", other_interface, "mtu", str(mtu), "netns", other.name),
    )
    one.ip("link", "set", one_interface, "up")
    other.ip("link", "set", other_interface, "up")
