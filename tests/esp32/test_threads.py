"""The packet glue of ports/esp32, with lwIP, drivers and MicroPython in tasks of their own."""

import pytest
from tests.esp32 import threads

from undertow import native_tests


@pytest.mark.parametrize("sanitizer", threads.SANITIZERS)
@pytest.mark.parametrize("name", native_tests.test_names(threads.TEST))
def test_board_on_threads(name: str, sanitizer: str) -> None:
    said = threads.run_test(threads.build(sanitizer), name)
    assert said == ""
