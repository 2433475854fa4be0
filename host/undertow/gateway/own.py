"""Our own data path as the tunnel: undertow-unix in the foreground, set up by its socket."""

import contextlib
import errno
import os
import shutil
import subprocess
import time
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from _wg import PrivateKey

from undertow import paths
from undertow.errors import EXIT_PORT, UndertowError
from undertow.gateway import backends, handover, uapi
from undertow.gateway.backend import OWN, Admission, Traffic, Wire
from undertow.gateway.handover import Handover
from undertow.run import ending_with_us

PROGRAM = "undertow-unix"
VARIABLE = "UNDERTOW_UNIX"
START_S = 10.0
STOP_S = 5.0


def find(program: str = "") -> str:
    """Its path: as named, else UNDERTOW_UNIX, else in PATH, else as built in this checkout."""
    named = program or os.environ.get(VARIABLE, "")
    found = shutil.which(named or PROGRAM) or (not named and shutil.which(paths.UNIX_PROGRAM))
    if not found:
        raise UndertowError(
            f"The program {named or PROGRAM} is not there",
            "It is the data path of the gateway.",
            "Build it in a checkout, with `./invoke build --target unix`; put it (build/unix/"
            "undertow-unix) into PATH, or name it with --program FILE.",
        )
    return str(found)


class OwnBackend:
    name = OWN

    def __init__(self, interface: str, program: str, state_folder: str) -> None:
        self.interface = interface
        # It is handed the streams of boxes by its standard input.
        self._command = [find(program), "-f", "--adopt", interface]
        self._handover: Handover | None = None
        self._state_folder = state_folder
        self._process: subprocess.Popen[bytes] | None = None

    def start(self, key: PrivateKey, wire: Wire) -> None:
        if uapi.answers(self.interface):
            raise UndertowError(
                f"The interface {self.interface} belongs to another program",
                f"It answers at {uapi.path_of(self.interface)}.",
                "Stop that one, or choose a name: undertow gateway set --interface NAME.",
                EXIT_PORT,
            )
        self._process = self._started()
        end = time.monotonic() + START_S
        while not uapi.answers(self.interface):
            if not self.is_alive() or time.monotonic() > end:
                raise self._does_not_start()
            time.sleep(0.01)
        try:
            uapi.set_interface(self.interface, key, wire)
        except uapi.UapiError as error:
            raise _refused_port(wire.port, error) from error

    def set_ports(self, wire: Wire) -> None:
        with _told():
            uapi.set_ports(self.interface, wire.more)

    def refused(self) -> Mapping[int, str]:
        return backends.refused(OWN, self.interface)

    def redirected(self) -> tuple[int, ...]:
        return ()

    def sink(self) -> Handover | None:
        return self._handover

    def admit(self, boxes: Iterable[Admission]) -> None:
        with _told():
            uapi.admit(self.interface, boxes)

    def dismiss(self, public_keys: Iterable[str]) -> None:
        with _told():
            uapi.dismiss(self.interface, public_keys)

    def traffic(self) -> Mapping[str, Traffic]:
        return uapi.traffic(self.interface)

    def output(self) -> int | None:
        if self._process is None or self._process.stdout is None:
            return None
        return self._process.stdout.fileno()

    def is_alive(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def stop(self) -> None:
        if self._process is None:
            return
        process, self._process = self._process, None
        if self._handover is not None:
            self._handover.close()
        with process:
            process.terminate()
            try:
                process.wait(STOP_S)
            except subprocess.TimeoutExpired:
                process.kill()

    def _started(self) -> subprocess.Popen[bytes]:
        # It ends when we do, even by SIGKILL. Keys go through its socket: never its arguments.
        self._handover, theirs = handover.make()
        try:
            return subprocess.Popen(
                ending_with_us(self._command),
                stdin=theirs.fileno(),
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                # Ctrl-C is for us: we end it when the rest is taken down.
                start_new_session=True,
                env={**os.environ, "STATE_DIRECTORY": self._state_folder, "LOG_LEVEL": "warning"},
            )
        except OSError as error:
            raise UndertowError(
                f"The program {error.filename} cannot be started",
                f"The system says: {error.strerror}. It is needed for the data path.",
                "setpriv is in the package util-linux: sudo apt install util-linux.",
            ) from error
        finally:
            theirs.close()

    def _does_not_start(self) -> UndertowError:
        said = ""
        if self._process is not None and self._process.stdout is not None:
            self._process.terminate()
            said = self._process.stdout.read().decode(errors="replace").strip()
        return UndertowError(
            f"{Path(self._command[0]).name} does not start",
            f"It says: {said or 'nothing'}",
            "Run this as root; /dev/net/tun has to be there.",
        )


@contextlib.contextmanager
def _told() -> Iterator[None]:
    """What the data path refuses in a with block becomes an error for people."""
    try:
        yield
    except uapi.UapiError as error:
        raise UndertowError(
            "The data path refuses a box",
            f"It says: {error}.",
            "There is room for 4096 boxes: remove those that are gone.",
        ) from error


def _refused_port(port: int, error: uapi.UapiError) -> UndertowError:
    if error.errno == errno.EADDRINUSE:
        return UndertowError(
            f"UDP port {port} is taken",
            "Another program listens there, perhaps another WireGuard.",
            f"Look with `ss -lunp sport = {port}`, or: undertow gateway set --port OTHER.",
            EXIT_PORT,
        )
    return UndertowError(
        f"UDP port {port} cannot be opened",
        f"The system says: {error}.",
        "Ports below 1024 are root's (CAP_NET_BIND_SERVICE).",
        EXIT_PORT,
    )
