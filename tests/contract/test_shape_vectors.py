"""Shape against vectors of AmneziaWG's wire format that were made without it."""

import json

import _wg
import pytest
from tests.contract import reference
from tests.contract.reference import shape_vectors

VECTORS = json.loads(shape_vectors.FILE.read_text())["tests"]


def test_the_file_is_what_its_script_makes():
    assert shape_vectors.FILE.read_text() == shape_vectors.text()


@pytest.mark.parametrize("module", [_wg, reference], ids=["compiled", "reference"])
@pytest.mark.parametrize("vector", VECTORS, ids=[vector["name"] for vector in VECTORS])
def test_a_datagram_is_what_the_description_says(module, vector):
    sizes = tuple(vector[f"s{i}"] for i in range(1, 5))
    types = tuple(vector[f"h{i}{end}"] for i in range(1, 5) for end in ("low", "high"))
    key = bytes.fromhex(vector["key"]) or None
    shape = module.Shape(sizes, types, key, bytes(32))
    datagram = bytearray.fromhex(vector["wire"])
    room = shape.room(vector["kind"])
    plain = 0 if vector["name"].startswith("WireGuard") else 1
    assert shape.open(datagram) == (vector["kind"], room, plain)
    assert datagram[room:].hex() == vector["message"]
