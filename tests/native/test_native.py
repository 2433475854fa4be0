"""Every test of every tests/native/test_*.c, with the core as it is and with its wide variants."""

import pytest

from undertow import native_tests

CORES = ["core", "wide"] if native_tests.wide_substitutes() else ["core"]
TESTS = [
    pytest.param(file, name, core == "wide", id=f"{core}-{file.stem}-{name}")
    for core in CORES
    for file in native_tests.test_files()
    for name in native_tests.test_names(file)
]


@pytest.mark.parametrize(("file", "name", "wide"), TESTS)
def test_native(file, name, wide):
    ran = native_tests.run_test(native_tests.built(file, wide), name)
    assert ran.returncode == 0, ran.stdout + ran.stderr


def test_every_file_has_tests():
    assert all(native_tests.test_names(file) for file in native_tests.test_files())
