"""The contract against the reference: an oracle that is wrong is found by the same tests."""

import unittest
from types import ModuleType

from tests.contract import (
    reference,
    test_contract_noise,
    test_contract_packets,
    test_contract_pairing,
    test_contract_primitives,
    test_contract_shape,
    test_contract_tables,
    test_contract_tunnel,
)

FILES = (
    test_contract_primitives,
    test_contract_noise,
    test_contract_tables,
    test_contract_tunnel,
    test_contract_packets,
    test_contract_pairing,
    test_contract_shape,
)


def cases_of(module: ModuleType) -> list[type[unittest.TestCase]]:
    """The test classes of a file."""
    return [
        value
        for value in vars(module).values()
        if isinstance(value, type) and issubclass(value, unittest.TestCase)
    ]


for _module in FILES:
    for _case in cases_of(_module):
        _name = f"Reference{_case.__name__}"
        globals()[_name] = type(_name, (_case,), {"wg": reference, "__module__": __name__})
del _case
