"""What stands between a box and the world, on each of the ways that the lab has."""

from collections.abc import Iterator

import pytest
from tests.support.absence import require_lab

from undertow.lab import Lab

TOOLS = ("ip", "nft", "wg", "setpriv", "wireguard-go")


@pytest.fixture(scope="session")
def _namespaces() -> None:
    require_lab(*TOOLS)


@pytest.fixture
def lab(_namespaces: None) -> Iterator[Lab]:
    """An empty lab."""
    with Lab() as made:
        yield made
