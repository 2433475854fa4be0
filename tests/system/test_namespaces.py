"""A lab takes itself down from wherever it was interrupted, and outlives that."""

import subprocess
import sys

import pytest

from undertow import paths

pytestmark = pytest.mark.usefixtures("_namespaces")

# Ctrl-C between the call that enters a namespace and what would lead out of it.
INTERRUPTED = """
import os
from undertow.lab import Lab, isolation
from undertow.lab.namespace import NETNS_FOLDER
with Lab() as lab:
    place = lab.namespace("place")
    isolation.set_network_namespace(os.open(NETNS_FOLDER / place.name, os.O_RDONLY))
    raise KeyboardInterrupt
"""

# The same, where the call itself is the last that worked.
HALF_WAY = """
import os
from undertow.lab import Lab, isolation
enter = isolation.set_network_namespace
def interrupted(descriptor):
    enter(descriptor)
    isolation.set_network_namespace = enter
    raise KeyboardInterrupt
with Lab() as lab:
    place = lab.namespace("place")
    before = os.stat("/proc/thread-self/ns/net").st_ino
    isolation.set_network_namespace = interrupted
    try:
        place.socket()
    except KeyboardInterrupt:
        pass
    assert os.stat("/proc/thread-self/ns/net").st_ino == before
"""


def run(program: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", program],
        cwd=paths.ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_whoever_is_in_a_namespace_does_not_end_himself_with_it() -> None:
    done = run(INTERRUPTED)
    assert done.returncode == -2 or done.returncode == 130, (done.returncode, done.stderr)
    assert "KeyboardInterrupt" in done.stderr


def test_an_interruption_on_the_way_into_a_namespace_leads_out_of_it() -> None:
    done = run(HALF_WAY)
    assert done.returncode == 0, done.stderr
