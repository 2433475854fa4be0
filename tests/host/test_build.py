"""A build that goes on from an earlier one."""

from pathlib import Path

import pytest

from undertow.build import micropython

SETTINGS = "port/mpconfigport.h"
NAMES = "genhdr/module/uctypes.module"


@pytest.fixture
def ports(tmp_path: Path) -> Path:
    """The ports' folder, with one that was built."""
    for name in (SETTINGS, "port/port.mk", "port/main.c", "build/" + NAMES):
        file = tmp_path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text("as it was")
    micropython.forget_names(tmp_path / "build", {"DEV": "0"}, tmp_path)
    return tmp_path


def test_names_are_kept_while_the_settings_are_the_same(ports: Path) -> None:
    (ports / "port/main.c").write_text("changed")
    micropython.forget_names(ports / "build", {"DEV": "0"}, ports)
    assert (ports / "build" / NAMES).exists()


@pytest.mark.parametrize("name", [SETTINGS, "port/port.mk"])
def test_names_are_found_anew_when_a_module_may_have_been_switched_off(
    ports: Path, name: str
) -> None:
    (ports / name).write_text("changed")
    micropython.forget_names(ports / "build", {"DEV": "0"}, ports)
    assert not (ports / "build" / NAMES).exists()


def test_names_are_found_anew_when_make_is_told_something_else(ports: Path) -> None:
    micropython.forget_names(ports / "build", {"DEV": "1"}, ports)
    assert not (ports / "build" / NAMES).exists()
