"""firmware/versions.toml, read once."""

import tomllib
from dataclasses import dataclass
from functools import cache

from undertow import paths


@dataclass(frozen=True)
class Download:
    """A file of the distribution, known by its SHA-256."""

    name: str
    version: str
    package: str
    file: str
    sha256: str


@dataclass(frozen=True)
class Source(Download):
    """Another project's sources, with the same release by git."""

    git: str
    tag: str

    @property
    def folder(self) -> str:
        return f"{self.name}-{self.version}"


@dataclass(frozen=True)
class Program(Download):
    """One program out of a binary package."""

    program: str
    architecture: str


@dataclass(frozen=True)
class Package:
    """A package of the distribution that gets installed."""

    name: str
    version: str
    reason: str


@dataclass(frozen=True)
class Versions:
    suite: str
    sources: dict[str, Source]
    programs: dict[str, Program]
    packages: dict[str, tuple[Package, ...]]
    tools: dict[str, str]  # what the user brings: versions


@cache
def pinned() -> Versions:
    """What versions.toml says."""
    with paths.VERSIONS.open("rb") as file:
        data = tomllib.load(file)
    return Versions(
        suite=data["suite"],
        sources={name: Source(name, **entry) for name, entry in data["sources"].items()},
        programs={name: Program(name, **entry) for name, entry in data["programs"].items()},
        packages={
            group: tuple(
                Package(name, entry["version"], entry["for"]) for name, entry in entries.items()
            )
            for group, entries in data["packages"].items()
        },
        tools={name: str(entry["version"]) for name, entry in data["tools"].items()},
    )
