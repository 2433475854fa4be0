"""What a box was given: two documents, its private key, and whom it trusts, as they lie in flash.

The key and the preshared keys in a tunnel's document lie there in clear: none of our boards can
encrypt its flash by itself. In memory they are in buffers that wipe() erases.
"""

from hashlib import sha256

from _wg import PrivateKey

from box import record
from wg.keytext import wipe

BOX = "box"
TUNNEL = "tunnel"
KEY = "key"
PAIRING = "pairing"
DOCUMENTS = (BOX, TUNNEL)
# What came later is behind: an older firmware passes over what it does not know.
ITEMS = (BOX, TUNNEL, KEY, PAIRING)

KIND = b"STAT"
VERSION = 1
KEY_LEN = 32


class State:
    """All of it, or a part of it. What is not there is None."""

    def __init__(
        self,
        box: "bytearray | None" = None,
        tunnel: "bytearray | None" = None,
        key: "bytearray | None" = None,
        pairing: "bytearray | None" = None,
    ) -> None:
        """box, tunnel: the documents' text. key: the private key, 32 bytes. pairing: see box.trust.

        Taken, not copied.
        """
        self.box = box
        self.tunnel = tunnel
        self.key = key
        self.pairing = pairing

    @property
    def is_blank(self) -> bool:
        return all(self.document(name) is None for name in ITEMS)

    def document(self, name: str) -> "bytearray | None":
        """The item of this name, one of ITEMS."""
        item: "bytearray | None" = getattr(self, name)
        return item

    def put(self, name: str, data: "bytearray | None") -> None:
        """Set the item of this name; what it was is the caller's to wipe."""
        setattr(self, name, data)

    def private_key(self) -> "PrivateKey | None":
        """A new object with the key, to be wiped by the caller."""
        return None if self.key is None else PrivateKey(bytearray(self.key))

    def public_key(self) -> "bytes | None":
        private_key = self.private_key()
        if private_key is None:
            return None
        public = private_key.public()
        private_key.wipe()
        return public

    def digest(self) -> bytes:
        """SHA-256 of the contents: of each document its name, length and text, the public key, and
        whom the box trusts.

        Both ends can form it, and it says nothing about the private key.
        """
        digest = sha256(b"undertow state 1\n")
        for name in DOCUMENTS:
            text = self.document(name)
            if text is not None:
                digest.update(("%s %d\n" % (name, len(text))).encode())
                digest.update(text)
        public = self.public_key()
        if public is not None:
            digest.update(b"public %d\n" % len(public))
            digest.update(public)
        if self.pairing is not None:
            digest.update(b"pairing %d\n" % len(self.pairing))
            digest.update(self.pairing)
        out: bytes = digest.digest()
        return out

    def wipe(self) -> None:
        for name in ITEMS:
            data = self.document(name)
            if data is not None:
                wipe(data)
            self.put(name, None)

    def encode(self) -> bytearray:
        """The record of this state, with its secrets: the caller wipes it."""
        items = [(name, self.document(name)) for name in ITEMS]
        size = record.OVERHEAD
        for name, data in items:
            if data is not None:
                size += 3 + len(name) + len(data)
        out = bytearray(size)
        at = record.OVERHEAD
        for name, data in items:
            if data is not None:
                head = bytes([len(name)]) + name.encode() + len(data).to_bytes(2, "big")
                out[at : at + len(head)] = head
                at += len(head)
                memoryview(out)[at : at + len(data)] = data
                at += len(data)
        record.seal(out, KIND, VERSION)
        return out


def decode(data: "bytes | bytearray") -> State:
    """The state in a record. BrokenRecordError: what is wrong with it."""
    body = record.open_(data, KIND, VERSION)
    found: "dict[str, bytearray]" = {}
    try:
        return _taken(body, found)
    except Exception:  # of memory, perhaps: what was copied until then is secret all the same
        for each in found.values():
            wipe(each)
        raise


def _taken(body: memoryview, found: "dict[str, bytearray]") -> State:
    at = 0
    while at < len(body):
        name_end = at + 1 + body[at]
        start = name_end + 2
        if start > len(body):
            raise record.BrokenRecordError("it is not built as it should be")
        end = start + int.from_bytes(bytes(body[name_end:start]), "big")
        if end > len(body):
            raise record.BrokenRecordError("it is not built as it should be")
        found[bytes(body[at + 1 : name_end]).decode()] = bytearray(body[start:end])
        at = end
    key = found.get(KEY)
    if key is not None and len(key) != KEY_LEN:
        raise record.BrokenRecordError("its key has %d bytes" % len(key))
    return State(found.get(BOX), found.get(TUNNEL), key, found.get(PAIRING))
