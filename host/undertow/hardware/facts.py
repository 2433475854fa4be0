"""Reading hardware/*.toml: strictly, and with a source for every table."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from undertow import paths
from undertow.errors import UndertowError

FOLDER = paths.ROOT / "hardware"
if not (FOLDER / "boards").is_dir():  # installed without the checkout: setup.py has put them here
    FOLDER = Path(__file__).parent / "descriptions"


@dataclass(frozen=True)
class Source:
    """A public document that a fact was read in. key: what the tables of its file call it."""

    key: str
    title: str
    url: str


def refused(where: str, why: str) -> UndertowError:
    """The error for a file that does not say what it should."""
    return UndertowError(
        f"The hardware's description cannot be used: {where}",
        f"{why[:1].upper()}{why[1:]}.",
        "Mend that file; hardware/README.md says what its tables mean.",
    )


class Table:
    """A table of a TOML file: every key is asked for once, and none may be left over.

    where: the file, and the table in it, for errors.
    """

    def __init__(self, content: Mapping[str, Any], where: str, sources: Mapping[str, Source]):
        self._content = dict(content)
        self.where = where
        self._sources = sources

    def has(self, key: str) -> bool:
        return key in self._content

    def text(self, key: str, default: str | None = None) -> str:
        """Text that is not empty."""
        value = self._take(key, str, default)
        if value == "" and default is None:
            raise refused(self.where, f"'{key}' is empty")
        return str(value)

    def number(self, key: str, default: int | None = None) -> int:
        value = self._take(key, int, default)
        if isinstance(value, bool) or value < 0:
            raise refused(self.where, f"'{key}' has to be a whole number from 0 on")
        return int(value)

    def flag(self, key: str, default: bool | None = None) -> bool:
        return bool(self._take(key, bool, default))

    def numbers(self, key: str, default: tuple[int, ...] | None = None) -> tuple[int, ...]:
        found = self._take(key, list, None if default is None else list(default))
        if not all(isinstance(n, int) and not isinstance(n, bool) and n >= 0 for n in found):
            raise refused(self.where, f"'{key}' has to be a list of whole numbers from 0 on")
        return tuple(found)

    def texts(self, key: str, default: tuple[str, ...] | None = None) -> tuple[str, ...]:
        found = self._take(key, list, None if default is None else list(default))
        if not all(isinstance(text, str) and text for text in found):
            raise refused(self.where, f"'{key}' has to be a list of texts")
        return tuple(found)

    def spans(self, key: str) -> tuple[int, ...]:
        """All numbers of a list of [first, last]."""
        found: list[int] = []
        for pair in self._take(key, list, None):
            if not (isinstance(pair, list) and len(pair) == 2 and pair[0] <= pair[1]):
                raise refused(self.where, f"'{key}' has to be a list of [first, last]")
            found += range(pair[0], pair[1] + 1)
        return tuple(found)

    def length(self, key: str) -> float:
        """Millimetres, above 0."""
        value = self._take(key, (int, float), None)
        if isinstance(value, bool) or value <= 0:
            raise refused(self.where, f"'{key}' has to be a length above 0")
        return float(value)

    def lengths(self, key: str, count: int = 0) -> tuple[float, ...]:
        """Millimetres, of any sign; so many of them, or any number for 0."""
        found = self._take(key, list, None)
        if not all(isinstance(x, int | float) and not isinstance(x, bool) for x in found):
            raise refused(self.where, f"'{key}' has to be a list of lengths")
        if count and len(found) != count:
            raise refused(self.where, f"'{key}' has to be {count} lengths")
        return tuple(float(x) for x in found)

    def points(self, key: str, count: int) -> tuple[tuple[float, ...], ...]:
        """A list of places, so many coordinates each."""
        found = self._take(key, list, None)
        if not all(isinstance(place, list) and len(place) == count for place in found):
            raise refused(self.where, f"'{key}' has to be a list of places")
        return tuple(tuple(float(x) for x in place) for place in found)

    def choice(self, key: str, choices: tuple[str, ...], default: str | None = None) -> str:
        value = self.text(key, default)
        if value not in choices:
            raise refused(self.where, f"'{key}' is '{value}', and not one of {', '.join(choices)}")
        return value

    def table(self, key: str) -> "Table":
        """A table of facts in this one."""
        return Table(self._take(key, dict, None), f"{self.where}, {key}", self._sources)

    def optional(self, key: str) -> "Table | None":
        return self.table(key) if self.has(key) else None

    def tables(self, key: str) -> "list[Table]":
        """A list of tables; none at all is an empty one."""
        found = self._take(key, list, [])
        return [
            Table(content, f"{self.where}, {key} {number + 1}", self._sources)
            for number, content in enumerate(found)
        ]

    def numbered(self, key: str) -> "dict[int, Table]":
        """Tables whose names are numbers, as [strapping.12]."""
        content = self._take(key, dict, None)
        for name in content:
            if not name.isdecimal():
                raise refused(self.where, f"'{key}.{name}' has to be a number")
        return {
            int(name): Table(inner, f"{self.where}, {key}.{name}", self._sources)
            for name, inner in content.items()
        }

    def sources(self) -> tuple[Source, ...]:
        """Where this table's facts are from; there has to be one, and the file has to know it."""
        keys = self.texts("source")
        if not keys:
            raise refused(self.where, "it names no source")
        for key in keys:
            if key not in self._sources:
                raise refused(self.where, f"its source '{key}' is not in the file's [sources]")
        return tuple(self._sources[key] for key in keys)

    def end(self) -> None:
        """Refuse what nobody asked for: a misspelt key would be a fact that is lost."""
        if self._content:
            raise refused(self.where, f"unknown: {', '.join(sorted(self._content))}")

    def _take(self, key: str, kind: type | tuple[type, ...], default: Any) -> Any:
        if key not in self._content:
            if default is None:
                raise refused(self.where, f"'{key}' is missing")
            return default
        value = self._content.pop(key)
        if not isinstance(value, kind):
            raise refused(self.where, f"'{key}' has to be of another type")
        return value


def read(path: Path) -> Table:
    """A file of hardware/, as the table that all others are in."""
    try:
        where = str(path.relative_to(paths.ROOT))
    except ValueError:
        where = str(path)
    try:
        content = tomllib.loads(path.read_text())
    except OSError as error:
        raise refused(where, f"it cannot be read: {error.strerror}") from error
    except tomllib.TOMLDecodeError as error:
        raise refused(where, f"it is no TOML: {error}") from error
    sources = {}
    for key, named in content.pop("sources", {}).items():
        if set(named) != {"title", "url"} or not named["url"].startswith("https://"):
            raise refused(where, f"source '{key}' has to have a title and a url")
        sources[key] = Source(key, named["title"], named["url"])
    return Table(content, where, sources)
