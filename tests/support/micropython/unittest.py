"""The part of unittest that our tests use, for MicroPython, where the interpreter brings none.

Where it has a name of CPython's unittest it means the same. Tests run in the order of their names.
"""

import io
import sys


class SkipTest(Exception):
    pass


class _Subtest:
    """`with self.subTest(...)`: a failure is kept, and the test goes on."""

    def __init__(self, case, words):
        self._case = case
        self._words = words

    def __enter__(self):
        return self

    def __exit__(self, kind, error, trace):
        if error is None or not isinstance(error, Exception) or isinstance(error, SkipTest):
            return False
        self._case._failures.append("in subtest " + self._words + "\n" + describe(error))
        return True


class _Raises:
    """`with self.assertRaises(X) as caught:` and caught.exception."""

    def __init__(self, case, expected, pattern=None):
        self._case = case
        self._expected = expected
        self._pattern = pattern
        self.exception = None

    def __enter__(self):
        return self

    def __exit__(self, kind, error, trace):
        if error is None:
            self._case.fail("nothing was raised, but " + repr(self._expected) + " was due")
        if not isinstance(error, self._expected):
            return False
        self.exception = error
        if self._pattern is not None and not _search(self._pattern, str(error)):
            self._case.fail(repr(self._pattern) + " is not in " + repr(str(error)))
        return True


class TestCase:
    maxDiff = None
    longMessage = True

    def __init__(self):
        self._failures = []
        self._cleanups = []

    def setUp(self):
        pass

    def tearDown(self):
        pass

    @classmethod
    def setUpClass(cls):
        pass

    @classmethod
    def tearDownClass(cls):
        pass

    def addCleanup(self, function, *args, **kwargs):
        self._cleanups.append((function, args, kwargs))

    def skipTest(self, reason):
        raise SkipTest(reason)

    def subTest(self, msg="", **values):
        words = [str(msg)] if msg != "" else []
        words += [name + "=" + repr(values[name]) for name in sorted(values)]
        return _Subtest(self, ", ".join(words))

    def fail(self, msg=None):
        raise AssertionError(msg or "failed")

    def _check(self, passed, said, msg):
        if not passed:
            raise AssertionError(said if msg is None else said + " : " + str(msg))

    def assertTrue(self, value, msg=None):
        self._check(value, repr(value) + " is not true", msg)

    def assertFalse(self, value, msg=None):
        self._check(not value, repr(value) + " is not false", msg)

    def assertEqual(self, first, second, msg=None):
        self._check(first == second, repr(first) + " != " + repr(second), msg)

    def assertNotEqual(self, first, second, msg=None):
        self._check(first != second, repr(first) + " == " + repr(second), msg)

    assertListEqual = assertEqual
    assertDictEqual = assertEqual
    assertTupleEqual = assertEqual
    assertSetEqual = assertEqual
    assertMultiLineEqual = assertEqual
    assertSequenceEqual = assertEqual

    def assertCountEqual(self, first, second, msg=None):
        rest = list(second)
        for item in first:
            self._check(item in rest, repr(item) + " is missing", msg)
            rest.remove(item)
        self._check(not rest, repr(rest) + " is too much", msg)

    def assertIs(self, first, second, msg=None):
        self._check(first is second, repr(first) + " is not " + repr(second), msg)

    def assertIsNot(self, first, second, msg=None):
        self._check(first is not second, "both are " + repr(first), msg)

    def assertIsNone(self, value, msg=None):
        self._check(value is None, repr(value) + " is not None", msg)

    def assertIsNotNone(self, value, msg=None):
        self._check(value is not None, "it is None", msg)

    def assertIn(self, member, container, msg=None):
        self._check(member in container, repr(member) + " not in " + repr(container), msg)

    def assertNotIn(self, member, container, msg=None):
        self._check(member not in container, repr(member) + " in " + repr(container), msg)

    def assertIsInstance(self, value, kind, msg=None):
        self._check(isinstance(value, kind), repr(value) + " is not a " + repr(kind), msg)

    def assertNotIsInstance(self, value, kind, msg=None):
        self._check(not isinstance(value, kind), repr(value) + " is a " + repr(kind), msg)

    def assertLess(self, first, second, msg=None):
        self._check(first < second, repr(first) + " is not less than " + repr(second), msg)

    def assertLessEqual(self, first, second, msg=None):
        self._check(first <= second, repr(first) + " is greater than " + repr(second), msg)

    def assertGreater(self, first, second, msg=None):
        self._check(first > second, repr(first) + " is not greater than " + repr(second), msg)

    def assertGreaterEqual(self, first, second, msg=None):
        self._check(first >= second, repr(first) + " is less than " + repr(second), msg)

    def assertAlmostEqual(self, first, second, places=7, msg=None, delta=None):
        limit = delta if delta is not None else 0.5 * 10**-places
        self._check(abs(first - second) <= limit, repr(first) + " is far from " + repr(second), msg)

    def assertRegex(self, text, pattern, msg=None):
        self._check(_search(pattern, text), repr(pattern) + " is not in " + repr(text), msg)

    def assertNotRegex(self, text, pattern, msg=None):
        self._check(not _search(pattern, text), repr(pattern) + " is in " + repr(text), msg)

    def assertRaises(self, expected, function=None, *args, **kwargs):
        context = _Raises(self, expected)
        if function is None:
            return context
        with context:
            function(*args, **kwargs)
        return None

    def assertRaisesRegex(self, expected, pattern, function=None, *args, **kwargs):
        context = _Raises(self, expected, pattern)
        if function is None:
            return context
        with context:
            function(*args, **kwargs)
        return None


def skip(reason):
    def mark(test):
        def skipped(*_args):
            raise SkipTest(reason)

        if isinstance(test, type):
            test._skip_reason = reason
            return test
        return skipped

    return mark


def skipIf(condition, reason):
    return skip(reason) if condition else lambda test: test


def skipUnless(condition, reason):
    return skipIf(not condition, reason)


def main(*_args, **_kwargs):
    """Test files are run by run_tests.py."""


def describe(error):
    """The traceback as text."""
    out = io.StringIO()
    sys.print_exception(error, out)
    return out.getvalue()


def run_module(module, report, only=None):
    """Run the tests of a module.

    report: called as report(name, outcome, text) for each test; name: `Class.test`, outcome:
    "passed", "failed" or "skipped".
    only: the names to run; None: all.
    """
    for class_name in sorted(dir(module)):
        kind = getattr(module, class_name)
        if isinstance(kind, type) and issubclass(kind, TestCase) and kind is not TestCase:
            if not class_name.startswith("_"):
                _run_class(class_name, kind, report, only)


def _run_class(class_name, kind, report, only):
    names = [name for name in sorted(dir(kind)) if name.startswith("test")]
    names = [name for name in names if only is None or class_name + "." + name in only]
    if not names:
        return
    reason = getattr(kind, "_skip_reason", None)
    trouble = ("skipped", reason) if reason is not None else _run_quietly(kind.setUpClass)
    for name in names:
        outcome, text = trouble or _run_test(kind, name)
        report(class_name + "." + name, outcome, text)
    if trouble is None:
        trouble = _run_quietly(kind.tearDownClass)
        if trouble is not None:
            report(class_name + ".tearDownClass", trouble[0], trouble[1])


def _run_test(kind, name):
    case = kind()
    trouble = _run_quietly(case.setUp)
    if trouble is None:
        trouble = _run_quietly(getattr(case, name))
        after = _run_quietly(case.tearDown)
        trouble = trouble or after
    while case._cleanups:
        function, args, kwargs = case._cleanups.pop()
        after = _run_quietly(function, *args, **kwargs)
        trouble = trouble or after
    failures = case._failures
    if trouble is not None and trouble[0] == "failed":
        failures.append(trouble[1])
    if failures:
        return "failed", "\n".join(failures)
    return trouble or ("passed", "")


def _run_quietly(function, *args, **kwargs):
    """None when it went well, else (outcome, text)."""
    try:
        function(*args, **kwargs)
    except SkipTest as error:
        return "skipped", str(error)
    except Exception as error:  # whatever the test raised is its result
        return "failed", describe(error)
    return None


def _search(pattern, text):
    import re

    return re.search(pattern, text) is not None
