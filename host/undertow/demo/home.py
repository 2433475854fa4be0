"""The gateway at home of the demo: `undertow gateway run`, in a network of its own."""

import sys

from undertow import paths
from undertow.board.hotel import GATEWAY, GATEWAY_PORT, WEB
from undertow.gateway import listing
from undertow.gateway.backend import Traffic
from undertow.gateway.state import State
from undertow.lab import Lab, LabError, Namespace, Process

NAME = "home"
POOL = "10.7.0.0/24"
START_S = 20.0


class Home:
    """state: its folder, new; it has made its key."""

    def __init__(self, lab: Lab, where: Namespace) -> None:
        """where: the machine that it runs on. Its way out is the cable to the web server."""
        self.where = where
        self.state = State(lab.folder / "gateway")
        self.state.change_settings(
            name=NAME,
            pool=POOL,
            dns=(WEB,),
            endpoints=(f"{GATEWAY}:{GATEWAY_PORT}",),
            interface=lab.interface_name("gate"),
            outward="eth1",
            allow_lan=True,
        )
        self._process: Process | None = None

    def command(self, *words: str) -> list[str]:
        """One of its commands, as it is typed there."""
        folder = str(self.state.folder.path)
        return [sys.executable, "-m", "undertow.cli", "gateway", *words, "--state", folder]

    def start(self) -> None:
        """Run it; returns when boxes may come. LabError: it does not start."""
        program = {"UNDERTOW_UNIX": str(paths.UNIX_PROGRAM)}
        self._process = self.where.start(*self.command("run"), environment=program)
        self._process.wait_for("boxes reach the internet", START_S)

    def stop(self) -> None:
        """End it. LabError: not cleanly."""
        if self._process is not None and (status := self._process.stop()):
            raise LabError("the gateway did not end cleanly", f"exit status {status}")

    def prefix_len(self) -> int:
        """How many random bytes boxes are told to put before each message, to look like nothing."""
        settings = self.state.settings()
        return int(dict(self.state.ways(settings, settings.endpoints).shape)["S1"])

    def seen(self, name: str) -> Traffic:
        """What it says of a box, as `undertow gateway list` does. LabError: nothing."""
        with self.where.entered():
            lines, _ = listing.gather(self.state)
        for line in lines:
            if line.peer.name == name and line.traffic is not None:
                return line.traffic
        raise LabError(f"the gateway does not know {name}", "it was paired with it")
