"""The floor of handshake timestamps in a file, so that they rise over restarts without a clock."""

from box import record
from box.files import make_folder, replace
from wg import tai64n
from wg.compat import TYPE_CHECKING
from wg.const import TIMESTAMP_LEN

if TYPE_CHECKING:
    from collections.abc import Callable


FOLDER = "/var/lib/undertow"
KIND = b"TIME"
VERSION = 1
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
                data = file.read(record.OVERHEAD + TIMESTAMP_LEN + 1)
        except OSError as error:
            if error.errno != 2:
                self._tell("cannot be read", error)
            return None
        try:
            floor = bytes(record.open_(data, KIND, VERSION))
            tai64n.decode(floor)
        except (record.BrokenRecordError, ValueError):
            self._tell("holds no timestamp, the clock is used instead", None)
            return None
        return floor

    def save(self, floor: bytes) -> None:
        data = bytearray(record.OVERHEAD) + floor
        record.seal(data, KIND, VERSION)
        try:
            make_folder(self.path.rsplit("/", 1)[0])
            replace(self.path, bytes(data))
        except OSError as error:
            self._tell(UNSAVED, error)

    def _tell(self, what: str, error: "OSError | None") -> None:
        if not self.told:
            self.told = True
            reason = "" if error is None else " (%s)" % error
            self.log("warning", "%s %s%s" % (self.path, what, reason))
