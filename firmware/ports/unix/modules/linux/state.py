"""What must survive a restart of the program."""

import os

from box import store

from wg.compat import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable


def timestamps(name: str, log: "Callable[[str, str], object]") -> store.TimestampStore:
    """Of the tunnel NAME."""
    return store.TimestampStore(name, log, folder())


def folder() -> str:
    """systemd sets STATE_DIRECTORY for a service that has such a folder."""
    return os.getenv("STATE_DIRECTORY") or store.FOLDER
