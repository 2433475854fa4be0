"""What a box remembers of networks, in a file: which way worked where, and a salt for the places.

A power cut leaves the old file or the new one. Damage costs the memory and nothing else: the box
then looks for its way as on a network that it has never seen.
"""

from box import record
from box.files import make_folder, replace
from carrier import networks
from carrier.networks import Network, Networks
from carrier.primitives import hmac_sha256
from wg.compat import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from box.control import Control

KIND = b"NETS"
VERSION = 1
# Flash wears out, and a network may have a box find one way after the other: so often it is written
# without a pause, and then no more often than this.
WRITES = 2 * networks.NETWORKS_MAX
WRITE_EVERY_MS = 600_000
_LEN_MAX = record.OVERHEAD + networks.SALT_LEN + networks.ENCODED_LEN_MAX


class NetworkStore:
    """One file. Whatever is wrong with it is told once and stops nothing."""

    def __init__(
        self, path: str, fill_random: "Callable[[bytearray], object]", control: "Control"
    ) -> None:
        """fill_random: fills the salt, the first time that something is to be kept."""
        self._path = path
        self._fill_random = fill_random
        self._control = control
        self._writes = WRITES
        self._written_ms = 0
        self._is_told = False
        self._salt = b""
        self._networks = Networks()
        self._read()

    def of_router(self, mac: bytes) -> Network:
        """The network behind this router, now as the one that was used last."""
        return self._networks.use(networks.hash_of_router(self._own_salt(), mac))

    def seed(self) -> bytes:
        """Of this box, secret, and the same until it is wiped: for what it pretends to be."""
        return hmac_sha256(self._own_salt(), b"seed")

    def last_address(self) -> "bytes | None":
        """Where the gateway was, wherever that was learned last; 4 bytes."""
        return self._networks.last_address()

    def save(self) -> None:
        """Keep what is known now, if only later. To be called when something is news."""
        now_ms = self._control.now_ms()
        gained = (now_ms - self._written_ms) // WRITE_EVERY_MS
        self._writes = min(self._writes + gained, WRITES)
        self._written_ms += gained * WRITE_EVERY_MS
        if self._writes:
            self._writes -= 1
            self._write()
        else:
            wait_ms = self._written_ms + WRITE_EVERY_MS - now_ms
            self._control.after(wait_ms, self.save, self)

    def _write(self) -> None:
        body = self._own_salt() + self._networks.encode()
        data = bytearray(record.OVERHEAD) + body
        record.seal(data, KIND, VERSION)
        try:
            make_folder(self._path.rsplit("/", 1)[0])
            replace(self._path, bytes(data))
        except OSError as error:
            self._tell("cannot be written", error)

    def _own_salt(self) -> bytes:
        if not self._salt:
            salt = bytearray(networks.SALT_LEN)
            self._fill_random(salt)
            self._salt = bytes(salt)
        return self._salt

    def _read(self) -> None:
        try:
            with open(self._path, "rb") as file:
                data = file.read(_LEN_MAX + 1)
        except OSError as error:
            if error.errno != 2:
                self._tell("cannot be read", error)
            return
        try:
            body = bytes(record.open_(data, KIND, VERSION))
        except record.BrokenRecordError:
            body = b""
        found = Networks.decode(body[networks.SALT_LEN :])
        if found is None:
            self._tell("holds nothing that can be read", None)
            return
        self._salt = body[: networks.SALT_LEN]
        self._networks = found

    def _tell(self, what: str, error: "OSError | None") -> None:
        if not self._is_told:
            self._is_told = True
            reason = "" if error is None else " (%s)" % error
            self._control.log("warning", "what is known of networks %s%s" % (what, reason))
