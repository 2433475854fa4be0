"""A defence of the C code switched off in a copy of its source: a native test must notice."""

from undertow import native_tests, paths


def row_id(row):
    """What pytest calls a row (file, what it does without the defence, changes, test)."""
    return f"{row[0]}-{row[1].replace(' ', '-')}"


def check(file, changes, test):
    """Fail unless the test (file:name) fails with the changes (old text, new text) in the file.

    A change whose old text is not in the file exactly once is an error: rows follow the source.
    """
    (path,) = paths.NATIVE.rglob(file)
    text = path.read_text()
    for old, new in changes:
        assert text.count(old) == 1, f"{file} no longer has this once: {old}"
        text = text.replace(old, new)
    test_file, name = test.split(":")
    program = native_tests.build(native_tests.FOLDER / test_file, {file: text})
    ran = native_tests.run_test(program, name)
    assert ran.returncode == 1, f"{name} noticed nothing: {ran.stdout}{ran.stderr}"
    said = ran.stdout + ran.stderr
    words = (f": {name}: ", "check_", "ERROR: AddressSanitizer: ", ": runtime error: ")
    assert any(word in said for word in words), said
