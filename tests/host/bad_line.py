"""The cable between a console and a box, with everything that a cable can do to bytes.

The box's end is a TCP connection that the box opens (device_side.py); the laptop's end is a unix
socket or a pseudo-terminal. What the box says to an unplugged laptop is lost, as on a real line.
"""

import contextlib
import os
import pty
import random
import select
import socket
import time
import tty
from dataclasses import dataclass
from pathlib import Path

from undertow.lab.worker import Worker

READ_LEN = 4096


@dataclass
class Harm:
    """What happens to each byte, as probabilities."""

    lost: float = 0.0
    corrupted: float = 0.0
    doubled: float = 0.0

    def do(self, data: bytes, chance: random.Random) -> bytes:
        if not self.lost + self.corrupted + self.doubled:
            return data
        out = bytearray()
        for byte in data:
            if chance.random() < self.lost:
                continue
            if chance.random() < self.corrupted:
                byte ^= 1 << chance.randrange(8)
            out += bytes([byte] * (2 if chance.random() < self.doubled else 1))
        return bytes(out)


class BadLine(Worker):
    """A with block in which the line carries bytes. harm may be changed at any time."""

    def __init__(self, folder: Path, seed: int) -> None:
        self.harm = Harm()
        # What came out at each end, for tests that look for what must not be there.
        self.heard_by_box = bytearray()
        self.heard_by_laptop = bytearray()
        # Pulls the laptop's plug after so many more bytes of its; None: never.
        self.cut_after: int | None = None
        self.cuts = 0
        # Bytes in a second, as a serial port carries them: 11520 at 115200 baud. None: at once.
        self.rate: float | None = None
        self._chance = random.Random(seed)
        self._for_box = socket.create_server(("127.0.0.1", 0))
        self._socket_path = folder / "console"
        self._for_laptop = socket.socket(socket.AF_UNIX)
        self._for_laptop.bind(str(self._socket_path))
        self._for_laptop.listen()
        self._pty, self._tty = pty.openpty()
        tty.setraw(self._pty)
        tty.setraw(self._tty)
        os.set_blocking(self._pty, False)  # what nobody reads is lost
        self._box: socket.socket | None = None
        self._laptop: socket.socket | None = None
        super().__init__("bad line", self._for_box, self._for_laptop)

    @property
    def box_port(self) -> int:
        """Where the box connects to."""
        return int(self._for_box.getsockname()[1])

    @property
    def socket_url(self) -> str:
        return f"unix:{self._socket_path}"

    @property
    def tty_name(self) -> str:
        return os.ttyname(self._tty)

    def inject_noise(self, count: int) -> None:
        """Have the box hear so many random bytes, as a line that is not plugged in makes them."""
        assert self._box is not None
        self._box.sendall(self.noise(count))

    def noise(self, count: int) -> bytes:
        """So many random bytes, the same with each run of a test."""
        return self._chance.randbytes(count)

    def say_to_laptop(self, data: bytes) -> None:
        """Have the laptop hear something that the box did not say."""
        self._to_laptop(data)

    def _work(self) -> None:
        try:
            while not self._ended.is_set():
                ends = [self._for_box, self._for_laptop, self._pty]
                ends += [end for end in (self._box, self._laptop) if end is not None]
                for ready in select.select(ends, [], [], 0.05)[0]:
                    self._carry(ready)
        finally:
            for end in (self._box, self._laptop):
                if end is not None:
                    end.close()
            os.close(self._pty)
            os.close(self._tty)

    def _carry(self, ready: socket.socket | int) -> None:
        if ready is self._for_box:
            if self._box is not None:
                self._box.close()
            self._box = self._for_box.accept()[0]
        elif ready is self._for_laptop:
            self._unplug()
            self._laptop = self._for_laptop.accept()[0]
        elif ready is self._box:
            self._from_box(self._box)
        elif ready is self._laptop:
            self._from_laptop(_receive(self._laptop))
        elif ready == self._pty:
            self._from_laptop(os.read(self._pty, READ_LEN))

    def _from_box(self, box: socket.socket) -> None:
        data = _receive(box)
        if not data:
            box.close()
            self._box = None
            return
        self._to_laptop(self.harm.do(data, self._chance))

    def _take_time(self, data: bytes) -> None:
        if self.rate is not None:
            time.sleep(len(data) / self.rate)

    def _to_laptop(self, data: bytes) -> None:
        self._take_time(data)
        self.heard_by_laptop += data
        with contextlib.suppress(OSError):
            if self._laptop is not None:
                self._laptop.sendall(data)
            else:
                os.write(self._pty, data)

    def _from_laptop(self, data: bytes) -> None:
        if not data:
            self._unplug()
            return
        if self.cut_after is not None:
            data = data[: self.cut_after]
            self.cut_after -= len(data)
        harmed = self.harm.do(data, self._chance)
        self._take_time(harmed)
        self.heard_by_box += harmed
        if self._box is not None:
            with contextlib.suppress(OSError):
                self._box.sendall(harmed)
        if self.cut_after == 0:
            self.cut_after = None
            self.cuts += 1
            self._unplug()

    def _unplug(self) -> None:
        if self._laptop is not None:
            self._laptop.close()
            self._laptop = None


def _receive(end: socket.socket) -> bytes:
    try:
        return end.recv(READ_LEN)
    except OSError:
        return b""
