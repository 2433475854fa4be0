"""What ports/esp32 does in Python, inside undertow-unix: by MicroPython, as on the chip."""

from pathlib import Path

import pytest

from undertow import paths, testing

FILES = sorted(
    file
    for file in (paths.TESTS / "esp32").glob("test_*.py")
    if file.read_text().endswith("unittest.main()\n")
)


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_the_unix_port_passes_every_test_of_the_file(file: Path) -> None:
    outcomes = testing.on_unix(file)
    assert sorted(outcomes) == testing.names(file)
    assert {name: each.text for name, each in outcomes.items() if each.outcome != "passed"} == {}
