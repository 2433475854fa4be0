"""Questions outside of any tunnel: does the peer answer at this endpoint, in this shape?

A question looks like a handshake initiation and is answered by what looks like a response, but no
keys come of it and no endpoint moves. It is made as an initiation is (Noise IK: e, es, s, ss and a
timestamp), under a prologue of its own, so that neither can ever be taken for the other; who asks
is known to the peer alone. Its mac2 is a MAC under the probe key, which whoever has the peer's
header protection key can derive. What has no right MAC, or a timestamp that is not new, gets
silence: a recorded question tells a stranger nothing when it is sent again.

The answer, where a response has its Noise message: 12 random bytes, then sealed under a key that
only these two share (e, psk): the endpoint at which the peer saw the question come in.
"""

import _wg

from wg import endpoint as endpoints
from wg import macs, noise
from wg.compat import TYPE_CHECKING
from wg.const import (
    INITIATION_INTERVAL_MS,
    INITIATION_LEN,
    INITIATION_NOISE,
    INITIATION_NOISE_END,
    INITIATION_SENDER,
    KEY_LEN,
    MAC_LEN,
    MESSAGE_INITIATION,
    MESSAGE_RESPONSE,
    RESPONSE_LEN,
    RESPONSE_NOISE,
    RESPONSE_NOISE_END,
    RESPONSE_RECEIVER,
    RESPONSE_SENDER,
    TAG_LEN,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from _wg import PresharedKey

    from wg.device import Device
    from wg.peer import Peer

PROLOGUE = b"undertow probe 1"
_LABEL = b"undertow probe"
_MAC2 = INITIATION_LEN - MAC_LEN
_SALT_LEN = 12
_SEEN_LEN = RESPONSE_NOISE_END - RESPONSE_NOISE - _SALT_LEN - TAG_LEN
# An answer that took longer is as good as none, and so many questions wait for one at most.
PATIENCE_MS = 5_000
AT_ONCE = 8
# Questions are so far apart that the peer takes each (INITIATION_INTERVAL_MS), if none overtakes.
INTERVAL_MS = INITIATION_INTERVAL_MS + 5


def key_of(header_protection_key: "bytes | bytearray") -> bytearray:
    """The probe key of a gateway with this header protection key, 32 bytes; to be wiped."""
    key = bytearray(KEY_LEN)
    _wg.kdf((key,), header_protection_key, _LABEL)
    return key


def _mac2(message: "bytearray | memoryview", key: "bytes | bytearray") -> bytearray:
    mac = bytearray(MAC_LEN)
    _wg.blake2s(mac, memoryview(message)[:_MAC2], key)
    return mac


def is_question(message: memoryview, key: "bytes | bytearray | None") -> bool:
    """Whether an initiation is a question under this probe key."""
    given = bytes(message[_MAC2:])
    if key is None or given == bytes(MAC_LEN):
        return False
    difference = 0
    for ours, theirs in zip(_mac2(message, key), given):
        difference |= ours ^ theirs
    return difference == 0


# --- the side that asks ---


class _Asker(noise.Initiator):
    """Writes one question, and knows its answer."""

    def read_answer(self, message: memoryview, psk: "PresharedKey") -> "bytearray | None":
        """Where the peer saw us, _SEEN_LEN bytes; None: no answer to this one."""
        state = self._state.copy()
        _mix_answer(state, bytes(message[:_SALT_LEN]), psk)
        seen = bytearray(_SEEN_LEN)
        is_right = state.decrypt_and_hash(seen, message[_SALT_LEN:])
        state.wipe()
        return seen if is_right else None


def _mix_answer(state: "_wg.SymmetricState", salt: bytes, psk: "PresharedKey") -> None:
    """A key for this answer alone: the salt stands in e's place."""
    state.mix_hash(salt)
    state.mix_key(salt + bytes(KEY_LEN - _SALT_LEN))
    state.mix_psk(psk)


class _Question:
    """One that has no answer yet."""

    def __init__(
        self,
        asker: "_Asker",
        peer: "Peer",
        endpoint: bytes,
        found: "Callable[[bytes, bytes], object]",
        asked_ms: int,
    ) -> None:
        self.asker = asker
        self.peer = peer
        self.endpoint = endpoint
        self.found = found
        self.asked_ms = asked_ms


class Questions:
    """Those of a device that wait for an answer; all have the index at which the path takes it."""

    def __init__(self, device: "Device") -> None:
        self._device = device
        self._waiting: "list[_Question]" = []
        self._index = -1
        self._asked_ms = 0

    def ask(
        self,
        peer: "Peer",
        endpoint: bytes,
        found: "Callable[[bytes, bytes], object]",
        now_ms: int,
    ) -> bool:
        """As Device.ask() says."""
        device = self._device
        if device.probe_key is None or device.private_key is None or device.public_key is None:
            return False
        if self._asked_ms and now_ms - self._asked_ms < INTERVAL_MS:
            return False
        self._drop_old(now_ms)
        if self._index < 0:
            self._index = device.new_index()
            device.tunnel.expect_answer(self._index)
        message = bytearray(INITIATION_LEN)
        message[:4] = device.new_type(MESSAGE_INITIATION, endpoint)
        message[INITIATION_SENDER : INITIATION_SENDER + 4] = self._index.to_bytes(4, "little")
        asker = _Asker(device.private_key, device.public_key, peer.public_key, PROLOGUE)
        out = memoryview(message)[INITIATION_NOISE:INITIATION_NOISE_END]
        if not asker.write(out, device.timestamps.next(), device.new_key()):
            asker.wipe()
            return False
        macs.sign(message, peer.public_key, None)
        message[_MAC2:] = _mac2(message, device.probe_key)
        self._waiting.append(_Question(asker, peer, endpoint, found, now_ms))
        self._asked_ms = now_ms
        if device.on_initiation is not None:
            device.on_initiation(peer, endpoint)
        device.path.send(message, endpoint)
        return True

    def accept_answer(self, message: memoryview, index: int) -> bool:
        """Whether a response is the answer to a question; if so, who asked is told."""
        if index != self._index:
            return False
        part = message[RESPONSE_NOISE:RESPONSE_NOISE_END]
        for question in self._waiting:
            seen = question.asker.read_answer(
                part, question.peer.preshared_key or self._device.no_psk
            )
            if seen is not None:
                self._remove(question)
                question.found(question.endpoint, _unpack(seen))
                return True
        return False

    def forget(self, peer: "Peer") -> None:
        """The peer goes away."""
        for question in [one for one in self._waiting if one.peer is peer]:
            self._remove(question)

    def clear(self) -> None:
        """Our identity has changed: nothing that waits can be answered."""
        for question in list(self._waiting):
            self._remove(question)

    def _drop_old(self, now_ms: int) -> None:
        for question in list(self._waiting):
            if now_ms - question.asked_ms >= PATIENCE_MS or len(self._waiting) >= AT_ONCE:
                self._remove(question)

    def _remove(self, question: "_Question") -> None:
        question.asker.wipe()
        self._waiting.remove(question)
        if not self._waiting:
            self._index = -1
            self._device.tunnel.expect_answer(None)


# --- the side that answers ---


class _Answerer(noise.Responder):
    """Reads one question, and writes its answer."""

    def write_answer(
        self, out: memoryview, seen: bytes, salt: bytearray, psk: "PresharedKey"
    ) -> None:
        """48 bytes, where a response has its Noise message."""
        out[:_SALT_LEN] = salt
        _mix_answer(self._state, bytes(salt), psk)
        self._state.encrypt_and_hash(out[_SALT_LEN:], seen)


def answer(device: "Device", message: memoryview, source: bytes, now_ms: int) -> bool:
    """Answer a question from there. False, and silence: it is forged, old, or one too many."""
    if device.private_key is None or device.public_key is None:
        return False
    answerer = _Answerer(device.private_key, device.public_key, PROLOGUE)
    peer = _who_asks(device, answerer, message[INITIATION_NOISE:INITIATION_NOISE_END], now_ms)
    if peer is not None:
        reply = bytearray(RESPONSE_LEN)
        random = bytearray(4 + _SALT_LEN)
        device.fill_random(random)
        reply[:4] = device.new_type(MESSAGE_RESPONSE, source)
        reply[RESPONSE_SENDER : RESPONSE_SENDER + 4] = random[:4]
        reply[RESPONSE_RECEIVER : RESPONSE_RECEIVER + 4] = message[
            INITIATION_SENDER : INITIATION_SENDER + 4
        ]
        out = memoryview(reply)[RESPONSE_NOISE:RESPONSE_NOISE_END]
        answerer.write_answer(out, _pack(source), random[4:], peer.preshared_key or device.no_psk)
        macs.sign(reply, peer.public_key, None)
        device.path.send(reply, source)
    answerer.wipe()
    return peer is not None


def _who_asks(
    device: "Device", answerer: "_Answerer", part: memoryview, now_ms: int
) -> "Peer | None":
    """The peer that has asked this, now and not before."""
    static = answerer.read_static(part)
    peer = None if static is None else device.peers.get(static)
    timestamp = None if peer is None else answerer.read_payload(part)
    if peer is None or timestamp is None:
        return None
    newest = max(peer.timestamp, peer.question_timestamp)
    if bytes(timestamp) <= newest:
        return None
    if peer.question_ms and now_ms - peer.question_ms < INITIATION_INTERVAL_MS:
        return None
    peer.question_timestamp = bytes(timestamp)
    peer.question_ms = now_ms
    return peer


# --- where a question was seen ---


def _pack(source: bytes) -> bytes:
    """_SEEN_LEN bytes: family, port, address, zeros; the scope is our own affair."""
    plain = endpoints.with_shape(source, 0)
    packed = plain[:3] + endpoints.host(plain)
    return packed + bytes(_SEEN_LEN - len(packed))


def _unpack(seen: bytearray) -> bytes:
    """The endpoint; empty: none that we know of."""
    port = seen[1] << 8 | seen[2]
    if seen[0] in (4, 6):
        return endpoints.pack(seen[3 : 7 if seen[0] == 4 else 19], port)
    return endpoints.stream(port) if seen[0] == 1 else b""
