"""What a client asks for, and the lists of texts that answer it."""

from improv.packets import DATA_LEN_MAX, RESULT, build
from wg.compat import TYPE_CHECKING

if TYPE_CHECKING:
    from improv.packets import Buffer

# Commands.
WIFI_SETTINGS, STATE, DEVICE, NETWORKS = 1, 2, 3, 4

# States.
READY, PROVISIONING, PROVISIONED = 2, 3, 4

# Errors.
NO_ERROR = 0
INVALID = 1  # the packet is broken, or its data is
UNKNOWN_COMMAND = 2
UNABLE_TO_CONNECT = 3
UNKNOWN_ERROR = 255


class InvalidError(Exception):
    """Data that is none of its command."""


def command(data: memoryview) -> "tuple[int, memoryview]":
    """The command in a packet's data, and what comes with it. InvalidError: there is none."""
    if len(data) < 2 or data[1] != len(data) - 2:
        raise InvalidError
    return data[0], data[2:]


def texts(data: memoryview) -> "list[memoryview]":
    """A list of texts, inside of data. InvalidError: it is none."""
    found = []
    at = 0
    while at < len(data):
        end = at + 1 + data[at]
        if end > len(data):
            raise InvalidError
        found.append(data[at + 1 : end])
        at = end
    return found


def wifi_settings(data: memoryview) -> "tuple[memoryview, memoryview]":
    """SSID and password, inside of data; an open network has an empty one. InvalidError."""
    found = texts(data)
    if len(found) != 2:
        raise InvalidError
    return found[0], found[1]


def result(number: int, strings: "list[Buffer]") -> bytes:
    """The packet that answers a command. Strings that do not fit any more are left out."""
    data = b""
    for string in strings:
        if len(data) + 1 + len(string) <= DATA_LEN_MAX - 2:
            data += bytes([len(string)]) + bytes(string)
    return build(RESULT, bytes([number, len(data)]) + data)
