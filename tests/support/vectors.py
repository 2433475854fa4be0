"""The published vectors in tests/vectors."""

import json

# Vectors by path, for targets without files: whoever runs the tests there fills it in first.
FROZEN = {}


def load(path):
    """The content of a JSON file, by its path below tests/vectors."""
    if path in FROZEN:
        return FROZEN[path]
    folder = __file__.replace("\\", "/").rpartition("/")[0]
    with open(folder + "/../vectors/" + path) as file:
        return json.load(file)
