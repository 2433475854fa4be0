"""Setting up: fetch and install what is missing, once; nothing to do is nothing done.

Each task says what it needs; `everything()` is `invoke setup`.
"""

from undertow import paths
from undertow.errors import EXIT_USAGE, UndertowError
from undertow.setup import packages, programs, sources
from undertow.setup.sources import Tree

__all__ = [
    "Tree",
    "everything",
    "is_checkout",
    "packages",
    "programs",
    "require_checkout",
    "sources",
]

PACKAGE_GROUPS = ("build", "test", "lab", "boards")


def everything() -> Tree:
    """Make this machine ready for every task; returns the tree of sources."""
    packages.ensure(*PACKAGE_GROUPS)
    tree = sources.ensure()
    programs.ensure("wireguard-go")
    return tree


def is_checkout() -> bool:
    """Whether the sources are here; else only the program undertow is installed."""
    return paths.VERSIONS.is_file()


def require_checkout(what: str) -> None:
    """UndertowError: this is the program alone, without the sources that `what` is built from."""
    if not is_checkout():
        raise UndertowError(
            f"{what} needs a checkout of Undertow",
            "It is built from the sources, and only the program undertow is installed here.",
            "Fetch the sources, and run ./invoke there with the same words.",
            EXIT_USAGE,
        )
