"""JSON files of ours with a version number: read strictly, so that nothing is half understood."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from undertow.errors import EXIT_REFUSED, UndertowError
from undertow.gateway.folder import Folder, broken

VERSION = 1


class BadValueError(ValueError):
    """Something in a document cannot be used; its text says what and why."""


def load(folder: Folder, name: str, newest: int = VERSION) -> dict[str, Any] | None:
    """The object in a file; None: there is no such file.

    newest: the version of the form that we write. Where there has been more than one, the object
    has its own as "version"; else it comes without.
    """
    data = folder.read(name)
    if data is None:
        return None
    path = folder.path / name
    try:
        found = json.loads(data.decode(), object_pairs_hook=_without_twins)
    except (ValueError, RecursionError) as error:
        raise broken(path, str(error) or "it is nested too deep") from None
    if not isinstance(found, dict):
        raise broken(path, "it is no object")
    version = found.pop("version", None)
    if type(version) is int and version > newest:
        raise UndertowError(
            f"{path} was written by a newer Undertow (version {version} of its form)",
            f"This one knows version {newest}, and would lose what it does not know.",
            "Install that Undertow again, or name another folder with --state DIR.",
            EXIT_REFUSED,
        )
    if type(version) is not int or version < VERSION:
        raise broken(path, "it has no version that we know")
    return found if newest == VERSION else {**found, "version": version}


def store(folder: Folder, name: str, content: Mapping[str, Any], version: int = VERSION) -> None:
    text = json.dumps({"version": version, **content}, indent=1, ensure_ascii=False)
    folder.write(name, text.encode() + b"\n")


def expect(content: Mapping[str, Any], keys: Mapping[str, type]) -> None:
    """Exactly these keys, with values of these types. BadValueError: not so."""
    for key, kind in keys.items():
        if key not in content:
            raise BadValueError(f"'{key}' is missing")
        if type(content[key]) is not kind:
            raise BadValueError(f"'{key}' is not of the right type")
    strange = sorted(set(content) - set(keys))
    if strange:
        raise BadValueError(f"'{strange[0]}' is unknown")


def numbers(values: object) -> tuple[int, ...]:
    """A list of whole numbers. BadValueError: it is none."""
    if not isinstance(values, list) or not all(type(value) is int for value in values):
        raise BadValueError("a list has something else than numbers in it")
    return tuple(values)


def texts(values: object) -> tuple[str, ...]:
    """A list of texts. BadValueError: it is none."""
    if not isinstance(values, list) or not all(isinstance(value, str) for value in values):
        raise BadValueError("a list has something else than texts in it")
    return tuple(values)


def explain(path: Path, error: BadValueError) -> UndertowError:
    return broken(path, str(error))


def _without_twins(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in pairs:
        if key in found:
            raise ValueError(f"'{key}' is there twice")
        found[key] = value
    return found
