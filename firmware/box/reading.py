"""Reading documents, by modules that give their memory back: boxes read seldom and live long."""

from box.unload import READING_MODULES, unload
from wg.compat import TYPE_CHECKING

if TYPE_CHECKING:
    from box.box_settings import BoxSettings
    from box.tunnel_document import Tunnel
    from wg.errors import ConfigError


# What the readers import of each other, the lowest first: an import within an import, and so on for
# seven levels, is more than the stack of a board is long.
_LOWEST_FIRST = (
    "wg.config_values",
    "wg.config_lines",
    "wg.config_quoted",
    "wg.config_carriers",
    "wg.config_shape",
    "wg.config_keywords",
    "wg.config_reader",
)


def _load() -> None:
    for name in _LOWEST_FIRST:
        __import__(name)


def box(
    text: "bytes | bytearray", has_wifi: bool = True
) -> "tuple[BoxSettings | None, list[ConfigError]]":
    """The document "box": what it says, the caller's to wipe, or all that is wrong with it.

    has_wifi: of the board.
    """
    _load()
    from box import box_document
    from wg.config import ConfigFileError

    try:
        return box_document.read(text, has_wifi), []
    except ConfigFileError as error:
        return None, error.errors
    finally:
        unload(READING_MODULES)


def tunnel(text: bytearray) -> "tuple[Tunnel | None, list[ConfigError]]":
    """The document "tunnel", likewise. Keys in the text are wiped while it is read."""
    _load()
    from box import tunnel_document
    from wg.config import ConfigFileError

    try:
        return tunnel_document.read(text), []
    except ConfigFileError as error:
        return None, error.errors
    finally:
        unload(READING_MODULES)
