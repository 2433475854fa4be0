"""Every test of every tests/native/test_*.c, under ASan and UBSan."""

import pytest

from undertow import native_tests

TESTS = [
    (file, name) for file in native_tests.test_files() for name in native_tests.test_names(file)
]


@pytest.mark.parametrize(("file", "name"), TESTS, ids=[f"{f.stem}-{name}" for f, name in TESTS])
def test_native(file, name):
    ran = native_tests.run_test(native_tests.build(file), name)
    assert ran.returncode == 0, ran.stdout + ran.stderr


def test_every_file_has_tests():
    assert all(native_tests.test_names(file) for file in native_tests.test_files())
