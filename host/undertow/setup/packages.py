"""Debian packages: which are missing, and installing them when we may."""

import os
import shutil
import subprocess

from undertow import progress
from undertow.errors import UndertowError
from undertow.run import run
from undertow.setup.versions import Package, pinned


def missing(*groups: str) -> list[Package]:
    """The packages of these groups that are not installed; none where there is no dpkg."""
    wanted = [package for group in groups for package in pinned().packages[group]]
    if not wanted or shutil.which("dpkg-query") is None:
        return []
    query = ["dpkg-query", "-W", "-f", "${Package} ${db:Status-Abbrev}\n"]
    answer = subprocess.run(
        [*query, *(package.name for package in wanted)], capture_output=True, text=True, check=False
    )
    installed = {
        name
        for name, _, status in (line.partition(" ") for line in answer.stdout.splitlines())
        if status.startswith("ii")
    }
    return [package for package in wanted if package.name not in installed]


def ensure(*groups: str) -> None:
    """Install the packages of these groups that are missing, or say the command that does."""
    wanted = missing(*groups)
    if not wanted:
        return
    names = [package.name for package in wanted]
    command = ["apt-get", "install", "-y", "--no-install-recommends", *names]
    if os.geteuid() != 0 or shutil.which("apt-get") is None:
        reasons = ", ".join(f"{package.name} ({package.reason})" for package in wanted)
        raise UndertowError(
            f"{len(names)} packages of the distribution are missing",
            f"They are needed here: {reasons}.",
            f"Run: sudo {' '.join(command)}",
        )
    environment = {"DEBIAN_FRONTEND": "noninteractive"}
    mend = f"Run it by hand to see more: {' '.join(command)}"
    with progress.step(f"Installing {', '.join(names)}") as step:
        run(["apt-get", "update"], why="to install packages", mend=mend, on_line=step.detail)
        run(
            [*command[:1], "-o", "APT::Status-Fd=1", *command[1:]],
            why="to install what the tests and the lab run on",
            mend=mend,
            environment=environment,
            on_line=lambda line: _report(line, step),
        )


def _report(line: str, step: progress.Step) -> None:
    """Turn a line of apt's status (`pmstatus:package:percent:text`) into progress."""
    fields = line.split(":", 3)
    if len(fields) == 4 and fields[0] in ("dlstatus", "pmstatus"):
        try:
            share = float(fields[2]) / 100
        except ValueError:
            return
        step.detail(fields[3])
        step.fraction(share / 2 if fields[0] == "dlstatus" else 0.5 + share / 2)
