"""undertow-unix itself, on computers of the lab."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from tests.support.absence import require_lab

from undertow import paths
from undertow.lab import Lab, Namespace, Process

PROGRAM = str(paths.UNIX_PROGRAM)
TOOLS = ("ip", "nft", "wg", "setpriv")


@pytest.fixture(scope="session")
def _namespaces() -> None:
    require_lab(PROGRAM, *TOOLS)


@pytest.fixture
def lab(_namespaces: None) -> Iterator[Lab]:
    """An empty lab."""
    with Lab() as made:
        yield made


@pytest.fixture
def start(lab: Lab, tmp_path: Path) -> Callable[..., Process]:
    """start(namespace, *arguments, path=None): the program, with a state folder of its own.

    It tells all. path: its PATH in place of ours.
    """

    def started(namespace: Namespace, *arguments: str, path: str | None = None) -> Process:
        environment = {"LOG_LEVEL": "debug", "STATE_DIRECTORY": str(tmp_path / "state")}
        if path is not None:
            environment["PATH"] = path
        return namespace.start(PROGRAM, *arguments, environment=environment)

    return started
