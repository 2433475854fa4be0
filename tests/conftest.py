"""What holds for all tests that pytest runs."""

import gc
import signal

import pytest


def pytest_configure() -> None:
    """What a shell starts in the background is deaf to Ctrl-C, and so is what tests start."""
    signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_collection_finish(session: pytest.Session) -> None:
    """Boxes collect garbage often. What is there by now is not looked through each time: that took
    most of the time of their tests."""
    gc.collect()
    gc.freeze()
