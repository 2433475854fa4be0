"""A gateway at home behind its own address, an internet behind it, and boxes on their way."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.gateway.home import Home
from tests.support.absence import require_lab

from undertow import paths
from undertow.gateway.state import State
from undertow.lab import Lab

TOOLS = ("ip", "nft", "wg", "setpriv")


@pytest.fixture
def state(tmp_path: Path) -> State:
    """A new gateway's folder."""
    return State(tmp_path / "gateway")


@pytest.fixture(scope="session")
def _namespaces() -> None:
    require_lab(str(paths.UNIX_PROGRAM), "wireguard-go", *TOOLS)


@pytest.fixture
def lab(_namespaces: None) -> Iterator[Lab]:
    """An empty lab."""
    with Lab() as made:
        yield made


@pytest.fixture
def home(lab: Lab, tmp_path: Path) -> Home:
    """The networks, with a gateway that does not run yet."""
    return Home(lab, tmp_path / "gateway")


def read_lines(text: str) -> list[dict[str, object]]:
    """What a program said with --json, an object a line."""
    return [json.loads(line) for line in text.splitlines() if line.startswith("{")]
