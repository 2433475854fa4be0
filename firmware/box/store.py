"""The floor of handshake timestamps in a file, so that they rise over restarts without a clock."""

from box.files import make_folder, replace
from wg import tai64n
from wg.compat import TYPE_CHECKING
from wg.const import TIMESTAMP_LEN

if TYPE_CHECKING:
    from collections.abc import Callable


FOLDER = "/var/lib/undertow"
UNSAVED = "cannot be written, after a restart with a wrong clock peers may not answer"


class TimestampStore:
    """One file. Whatever is wrong with it is told once and stops nothing."""

    def __init__(
        self, name: str, log: "Callable[[str, str], object]", folder: str = FOLDER
    ) -> None:
        """name: of the tunnel; each has a file of its own in the folder."""
        self.path = "%s/%s.timestamp" % (folder, name)
        self.log = log
        self.told = False

    def load(self) -> "bytes | None":
        """The floor that was saved last; None: there is none, or it cannot be read."""
        try:
            with open(self.path, "rb") as file:
                text = file.read(2 * TIMESTAMP_LEN + 2).strip()
        except OSError as error:
            if error.errno != 2:
                self._tell("cannot be read", error)
            return None
        try:
            floor = _from_hex(text)
            tai64n.decode(floor)
        except ValueError:
            self._tell("holds no timestamp, the clock is used instead", None)
            return None
        return floor

    def save(self, floor: bytes) -> None:
        text = "".join(["%02x" % byte for byte in floor]) + "\n"
        try:
            make_folder(self.path.rsplit("/", 1)[0])
            replace(self.path, text.encode())
        except OSError as error:
            self._tell(UNSAVED, error)

    def _tell(self, what: str, error: "OSError | None") -> None:
        if not self.told:
            self.told = True
            reason = "" if error is None else " (%s)" % error
            self.log("warning", "%s %s%s" % (self.path, what, reason))


def _from_hex(text: bytes) -> bytes:
    """ValueError: not the hexadecimal digits of whole bytes."""
    digits = b"0123456789abcdef"
    values = [digits.index(text[i : i + 1]) for i in range(len(text))]
    if len(values) % 2:
        raise ValueError(text)
    return bytes([values[i] << 4 | values[i + 1] for i in range(0, len(values), 2)])
