"""Emulated networks in this process: no root, no namespaces."""

from collections.abc import Iterator

import pytest

from undertow.lab.ethernet import Loop, Switch


@pytest.fixture
def loop() -> Iterator[Loop]:
    """A running loop."""
    with Loop() as made:
        yield made


@pytest.fixture
def switch(loop: Loop) -> Iterator[Switch]:
    """A switch with nothing plugged in."""
    made = Switch(loop)
    yield made
    made.close()
