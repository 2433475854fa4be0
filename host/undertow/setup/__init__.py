"""Setting up: fetch and install what is missing, once; nothing to do is nothing done.

Each task says what it needs; `everything()` is `invoke setup`.
"""

from undertow.setup import packages, programs, sources
from undertow.setup.sources import Tree

__all__ = ["Tree", "everything", "packages", "programs", "sources"]

PACKAGE_GROUPS = ("build", "test", "lab", "boards")


def everything() -> Tree:
    """Make this machine ready for every task; returns the tree of sources."""
    packages.ensure(*PACKAGE_GROUPS)
    tree = sources.ensure()
    programs.ensure("wireguard-go")
    return tree
