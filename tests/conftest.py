"""What holds for all tests that pytest runs."""

import gc

import pytest


def pytest_collection_finish(session: pytest.Session) -> None:
    """Boxes collect garbage often. What is there by now is not looked through each time: that took
    most of the time of their tests."""
    gc.collect()
    gc.freeze()
