"""Runs test files on MicroPython; each test is a line that host/undertow/testing.py reads.

On the unix port: `undertow-unix --micropython run_tests.py MODULE...`. On bare metal: import it and
call run(...).
"""

import gc
import json
import sys
import unittest

MARK = "@@ "


def report(name, outcome, text):
    print(MARK + json.dumps({"test": name, "outcome": outcome, "text": text}))


def run(module_name, only=None):
    """Import a test module by its dotted name and run its tests."""
    try:
        module = __import__(module_name, None, None, ("",))
    except Exception as error:  # a file that cannot be imported is a failure of the file
        report("import", "failed", unittest.describe(error))
        return
    gc.collect()
    unittest.run_module(module, report, only)
    print(MARK + json.dumps({"end": module_name, "heap_used": gc.mem_alloc()}))


class RomVectors:
    """tests/vectors out of the image that the host put into memory, read when asked for."""

    def __contains__(self, path):
        return True

    def __getitem__(self, path):
        with open("/rom/tests/vectors/" + path) as file:
            return json.load(file)


if __name__ == "__main__":
    for name in sys.argv[1:]:
        run(name)
