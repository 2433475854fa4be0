"""The stubs, the bindings and the tests name the same things."""

import ast
import re
import sys
import unittest
from types import FrameType
from typing import Any

import _wg
import pytest
from tests.contract import reference, test_reference

from undertow import paths
from undertow.build import stubs

STUB = ast.parse((paths.FIRMWARE / "stubs" / "_wg.pyi").read_text())
LIST = (paths.NATIVE / "binding" / "bind_list.h").read_text()


def parameters_of(function: ast.FunctionDef) -> str:
    """As bind_list.h writes them: names with a space between, what may be left out with a mark."""
    names = [argument.arg for argument in function.args.args]
    first_default = len(names) - len(function.args.defaults)
    marked = [name + "?" * (at >= first_default) for at, name in enumerate(names)]
    return " ".join(name for name in marked if name != "self")


def stub_functions() -> dict[str, str]:
    """Each function and method of the stub, `Class.method`, with its parameters."""
    found = {}
    for node in STUB.body:
        if isinstance(node, ast.FunctionDef):
            found[node.name] = parameters_of(node)
        if isinstance(node, ast.ClassDef):
            for item in node.body:
                if isinstance(item, ast.FunctionDef):
                    found[f"{node.name}.{item.name}"] = parameters_of(item)
    return found


def listed_functions() -> dict[str, str]:
    """The same, from the list that the bindings are made of."""
    found = dict(re.findall(r'^    each\((\w+), "(.*)"\)', LIST, re.M))
    for name, parameters in re.findall(r'^    constructed\((\w+), "(.*)"\)', LIST, re.M):
        found[f"{name}.__init__"] = parameters
    for owner, name, parameters in re.findall(r'^    each\((\w+), (\w+), "(.*)"\)', LIST, re.M):
        found[f"{owner}.{name}"] = parameters
    for owner in re.findall(r"^    BIND_EXPORT\(each, (\w+)\)", LIST, re.M):
        found[f"{owner}.export"] = "out"
    return found


def public_names(thing: Any) -> set[str]:
    return {name for name in dir(thing) if not name.startswith("_")}


def stub_names() -> set[str]:
    return {
        node.target.id if isinstance(node, ast.AnnAssign) else node.name
        for node in STUB.body
        if isinstance(node, ast.FunctionDef | ast.ClassDef)
        or (isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name))
    }


def test_the_stubs_say_what_stands_above_each_function() -> None:
    found = stubs.drift()
    assert not found, f"{found}\nWrite them anew with ./invoke stubs."


def test_the_stub_names_the_parameters_that_the_bindings_take() -> None:
    assert stub_functions() == listed_functions()


@pytest.mark.parametrize("module", [_wg, reference], ids=["compiled", "reference"])
def test_the_module_has_the_names_of_the_stub_and_no_others(module: Any) -> None:
    extra = {
        "constants",
        "gate",
        "keys",
        "noise",
        "pairing",
        "primitives",
        "shape",
        "shape_vectors",
        "tables",
        "tunnel",
        "arguments",
    }
    folder = extra | {"peer"} if module is reference else set()
    assert public_names(module) - folder == stub_names()
    for node in STUB.body:
        if isinstance(node, ast.ClassDef):
            wanted = {item.name for item in node.body if isinstance(item, ast.FunctionDef)}
            kind = getattr(module, node.name)
            if module is _wg:
                assert public_names(kind) == wanted - {"__init__"}
            else:
                assert wanted <= set(dir(kind))


def test_constants_are_the_same_in_the_reference() -> None:
    for name in stub_names():
        if isinstance(getattr(_wg, name), int):
            assert getattr(reference, name) == getattr(_wg, name), name


def test_every_function_of_the_stub_is_called_by_the_contract() -> None:
    called: set[str] = set()

    def note(frame: FrameType, event: str, _argument: Any) -> None:
        if event != "call" or "/contract/reference/" not in frame.f_code.co_filename:
            return
        owner = frame.f_locals.get("self", frame.f_locals.get("cls"))
        kind = owner if isinstance(owner, type) else type(owner)
        prefix = "" if owner is None else f"{kind.__name__}."
        called.add(prefix + frame.f_code.co_name)

    suite = unittest.TestSuite(
        unittest.defaultTestLoader.loadTestsFromTestCase(case)
        for case in test_reference.cases_of(test_reference)
    )
    before = sys.getprofile()
    sys.setprofile(note)
    try:
        suite.run(unittest.TestResult())
    finally:
        sys.setprofile(before)
    assert set(stub_functions()) - called == set()
