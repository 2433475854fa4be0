"""wg-quick's configuration files, in and out.

A file is read from a buffer that the caller wipes afterwards; keys go from there into _wg objects
and never become a str. All that is wrong with a file is found in one go, and nothing of a broken
file is handed on.
"""

from wg.compat import TYPE_CHECKING
from wg.config_reader import Reader
from wg.config_writer import format
from wg.errors import WgError
from wg.settings import Configuration, HostPort, Interface, PeerSettings

if TYPE_CHECKING:
    from wg.errors import ConfigError

__all__ = [
    "ConfigFileError",
    "Configuration",
    "HostPort",
    "Interface",
    "PeerSettings",
    "format",
    "parse",
]


class ConfigFileError(WgError):
    """Everything that is wrong with one file, in the order of its lines."""

    def __init__(self, errors: "list[ConfigError]") -> None:
        super().__init__("\n".join(str(error) for error in errors))
        self.errors = errors


def parse(
    buffer: "bytes | bytearray", file: "str | None" = None, key_required: bool = True
) -> Configuration:
    """The configuration in a wg-quick file's bytes.

    buffer: the file; key text in a writable one is wiped while it is read, the rest is the
    caller's to wipe. file: its name, for errors. key_required: whether a PrivateKey must be in
    it; a box has its key elsewhere.
    ConfigFileError: what is wrong, each with its line and how to mend it.
    """
    reader = Reader(buffer, file, key_required)
    reader.read()
    if reader.errors:
        reader.configuration.wipe()
        raise ConfigFileError(reader.sorted_errors())
    return reader.configuration
