"""A process of the lab: its output goes to a file, and it ends with the lab, whatever happens."""

import contextlib
import os
import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from undertow.lab.errors import LabError
from undertow.run import ending_with_us


class Process:
    """One running program. It gets SIGTERM when the lab's own process dies, even by SIGKILL."""

    def __init__(
        self,
        argv: Sequence[str],
        log: Path,
        prefix: Sequence[str] = (),
        environment: Mapping[str, str] | None = None,
    ) -> None:
        """Start argv behind prefix, which brings it into its namespace and becomes it.

        log: gets its stdout and stderr.
        """
        self.argv = list(argv)
        self.log_file = log
        with log.open("ab") as output:
            # A session of its own: Ctrl-C reaches the lab alone, which then ends its processes in
            # order.
            self._popen = subprocess.Popen(
                ending_with_us([*prefix, *argv]),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                env={**os.environ, **(environment or {})},
            )

    @property
    def pid(self) -> int:
        """Its process id: every prefix becomes the program and keeps the id."""
        return self._popen.pid

    def log(self) -> str:
        """All that it printed until now."""
        return self.log_file.read_text(errors="replace")

    def running(self) -> bool:
        """Whether it has not ended yet."""
        return self._popen.poll() is None

    def wait(self, timeout_s: float = 10.0) -> int:
        """Wait for its end by itself; its exit status (minus the signal that ended it)."""
        try:
            return self._popen.wait(timeout_s)
        except subprocess.TimeoutExpired as error:
            raise LabError(
                " ".join(self.argv), f"no end after {timeout_s:.0f} s; it said: {self.tail()}"
            ) from error

    def wait_for(self, words: str, timeout_s: float = 10.0) -> None:
        """Wait until its output contains words; LabError if it ends before or stays silent."""
        end = time.monotonic() + timeout_s
        while words not in self.log():
            if not self.running() or time.monotonic() > end:
                raise LabError(" ".join(self.argv), f'never said "{words}", but: {self.tail()}')
            time.sleep(0.01)

    def tail(self) -> str:
        """The last lines of its output in one, for error messages."""
        return " / ".join(self.log().strip().splitlines()[-6:]) or "nothing"

    def signal(self, number: int) -> None:
        """Send it a signal, if it still runs."""
        if self.running():
            self._popen.send_signal(number)

    def stop(self, timeout_s: float = 5.0) -> int:
        """End it by SIGTERM, and by SIGKILL if it does not obey; its exit status."""
        self.signal(signal.SIGTERM)
        try:
            return self._popen.wait(timeout_s)
        except subprocess.TimeoutExpired:
            return self.kill()

    def kill(self) -> int:
        """End it by SIGKILL, as a power cut would; its exit status."""
        with contextlib.suppress(ProcessLookupError):
            self._popen.kill()
        return self._popen.wait()

    def memory_kib(self) -> dict[str, int]:
        """Resident memory in KiB: "rss" (all pages) and "pss" (shared pages by their share)."""
        wanted = {"Rss": "rss", "Pss": "pss"}
        found: dict[str, int] = {}
        for line in Path(f"/proc/{self.pid}/smaps_rollup").read_text().splitlines()[1:]:
            name, _, rest = line.partition(":")
            if name in wanted:
                found[wanted[name]] = int(rest.split()[0])
        return found

    def cpu_s(self) -> float:
        """Processor time that it has used, user and system, in seconds."""
        fields = Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
