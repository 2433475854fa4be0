"""QEMU's monitor (QMP): it tells that a board runs, and pulls its cables at the board's end."""

import contextlib
import json
import socket
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from undertow.lab.errors import LabError

_PATIENCE_S = 10.0


class Monitor:
    """A conversation with one QEMU, over the socket that options() names."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._socket: socket.socket | None = None
        self._unread = b""

    def options(self) -> list[str]:
        """What QEMU is started with; a socket of an earlier one is taken away."""
        self.close()
        self._path.unlink(missing_ok=True)
        return ["-qmp", f"unix:{str(self._path).replace(',', ',,')},server=on,wait=off"]

    def open(self, still_starting: Callable[[], bool]) -> bool:
        """Wait until QEMU has set up everything; False if it ended instead."""
        end = time.monotonic() + _PATIENCE_S
        while still_starting() and time.monotonic() < end:
            self._socket = socket.socket(socket.AF_UNIX)
            self._socket.settimeout(_PATIENCE_S)
            try:
                self._socket.connect(str(self._path))
                # It greets, and obeys, only from its main loop: then all devices are there.
                self._read()
                self.command("qmp_capabilities")
                return True
            except (FileNotFoundError, ConnectionRefusedError):
                self.close()
                time.sleep(0.003)
            except (OSError, LabError):  # it ended in the middle
                self.close()
        return False

    def close(self) -> None:
        """Hang up. More than once is as good as once."""
        if self._socket is not None:
            self._socket.close()
            self._socket = None
        self._unread = b""

    def command(self, name: str, /, **arguments: Any) -> Any:
        """Have QEMU do something and return its answer; LabError if it refuses."""
        if self._socket is None:
            raise LabError(f"QEMU's {name}", "no board runs")
        words = {"execute": name, "arguments": arguments}
        self._socket.sendall(json.dumps(words).encode() + b"\n")
        while True:
            answer = self._read()
            if "return" in answer:
                return answer["return"]
            if "error" in answer:
                raise LabError(f"QEMU's {name}", str(answer["error"]["desc"]).rstrip("."))

    def _read(self) -> dict[str, Any]:
        """The next message, be it an answer or an event."""
        assert self._socket is not None
        while b"\n" not in self._unread:
            data = self._socket.recv(65_536)
            if not data:
                raise LabError("QEMU's monitor", "it hung up")
            self._unread += data
        line, _, self._unread = self._unread.partition(b"\n")
        with contextlib.suppress(ValueError):
            message = json.loads(line)
            if isinstance(message, dict):
                return message
        raise LabError("QEMU's monitor", f"it said {line!r}")
