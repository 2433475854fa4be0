"""The handshake Noise_IKpsk2_25519_ChaChaPoly_BLAKE2s, both roles (Noise 7.5 and 9, paper 5.4).

    <- s
    ...
    -> e, es, s, ss
    <- e, ee, se, psk

Messages are the Noise messages alone, without WireGuard's headers and macs. Secrets stay in the
objects of _wg; what a forged message reached is thrown away with its own copy of the state.
"""

from _wg import PrivateKey, SymmetricState

from wg.compat import TYPE_CHECKING
from wg.const import KEY_LEN, TAG_LEN

if TYPE_CHECKING:
    from _wg import CipherState, PresharedKey

    Buffer = bytes | bytearray | memoryview

PROTOCOL_NAME = b"Noise_IKpsk2_25519_ChaChaPoly_BLAKE2s"
PROLOGUE = b"WireGuard v1 zx2c4 Jason@zx2c4.com"

# Where the encrypted static key ends and the payload starts in the first message.
STATIC_END = KEY_LEN + KEY_LEN + TAG_LEN
INITIATION_OVERHEAD = STATIC_END + TAG_LEN
RESPONSE_OVERHEAD = KEY_LEN + TAG_LEN


class Initiator:
    """The side that sends the first message, to a responder whose static key it knows."""

    def __init__(
        self, private: "PrivateKey", public: bytes, remote_public: bytes, prologue: bytes = PROLOGUE
    ) -> None:
        """private, public: our static key; both are only borrowed."""
        self._private = private
        self._public = public
        self._remote_public = remote_public
        self._ephemeral: "PrivateKey | None" = None
        self._state = SymmetricState(PROTOCOL_NAME, prologue)

    def write(self, out: memoryview, payload: "Buffer", ephemeral: "PrivateKey") -> bool:
        """Write the first message into out: len(payload) + 96 bytes. To be called once.

        ephemeral: a fresh key; wiped here after the handshake.
        False: the responder's public key is one of a low order, nobody can be behind it.
        """
        state = self._state
        self._ephemeral = ephemeral
        # <- s
        state.mix_hash(self._remote_public)
        # e
        ephemeral_public = ephemeral.public()
        out[:KEY_LEN] = ephemeral_public
        state.mix_hash(ephemeral_public)
        state.mix_key(ephemeral_public)
        # es
        if not state.mix_dh(ephemeral, self._remote_public):
            return False
        # s
        state.encrypt_and_hash(out[KEY_LEN:STATIC_END], self._public)
        # ss
        if not state.mix_dh(self._private, self._remote_public):
            return False
        # the payload, in WireGuard the timestamp
        state.encrypt_and_hash(out[STATIC_END:], payload)
        return True

    def read(self, message: memoryview, psk: "PresharedKey") -> "bytearray | None":
        """The payload of the second message; None: forged, and this object is as it was."""
        ephemeral = self._ephemeral
        if ephemeral is None or len(message) < RESPONSE_OVERHEAD:
            return None
        state = self._state.copy()
        payload = bytearray(len(message) - RESPONSE_OVERHEAD)
        if not self._read(state, ephemeral, message, psk, payload):
            state.wipe()
            return None
        self._state.wipe()
        self._state = state
        ephemeral.wipe()
        self._ephemeral = None
        return payload

    def _read(
        self,
        state: "SymmetricState",
        ephemeral: "PrivateKey",
        message: memoryview,
        psk: "PresharedKey",
        payload: bytearray,
    ) -> bool:
        remote_ephemeral = message[:KEY_LEN]
        # e
        state.mix_hash(remote_ephemeral)
        state.mix_key(remote_ephemeral)
        # ee; zero when the ephemeral is a point of low order
        if not state.mix_dh(ephemeral, remote_ephemeral):
            return False
        # se
        if not state.mix_dh(self._private, remote_ephemeral):
            return False
        # psk
        state.mix_psk(psk)
        # the payload, in WireGuard empty
        return state.decrypt_and_hash(payload, message[KEY_LEN:])

    def hash(self) -> bytes:
        """The transcript's hash, 32 bytes; the same on both sides."""
        return self._state.hash()

    def split(self) -> "tuple[CipherState, CipherState]":
        """The keys to send and to receive with; the handshake is over and wiped."""
        return self._state.split()

    def wipe(self) -> None:
        """Wipe the state and the ephemeral key; the object cannot be used any more."""
        self._state.wipe()
        if self._ephemeral is not None:
            self._ephemeral.wipe()
            self._ephemeral = None


class Responder:
    """The side that reads the first message and learns from it who wrote it."""

    def __init__(self, private: "PrivateKey", public: bytes, prologue: bytes = PROLOGUE) -> None:
        """private, public: our static key; both are only borrowed."""
        self._private = private
        self._remote_public = b""
        self._remote_ephemeral = b""
        self._state = SymmetricState(PROTOCOL_NAME, prologue)
        # <- s
        self._state.mix_hash(public)

    def read_static(self, message: memoryview) -> "bytes | None":
        """The initiator's static public key in the first message, not yet proven; None: forged."""
        if len(message) < INITIATION_OVERHEAD:
            return None
        state = self._state
        # e
        self._remote_ephemeral = bytes(message[:KEY_LEN])
        state.mix_hash(self._remote_ephemeral)
        state.mix_key(self._remote_ephemeral)
        # es
        if not state.mix_dh(self._private, self._remote_ephemeral):
            return None
        # s
        static = bytearray(KEY_LEN)
        if not state.decrypt_and_hash(static, message[KEY_LEN:STATIC_END]):
            return None
        self._remote_public = bytes(static)
        return self._remote_public

    def read_payload(self, message: memoryview) -> "bytearray | None":
        """The payload of the same message, which proves the static key; None: forged."""
        # ss
        if not self._state.mix_dh(self._private, self._remote_public):
            return None
        # the payload, in WireGuard the timestamp
        payload = bytearray(len(message) - INITIATION_OVERHEAD)
        if not self._state.decrypt_and_hash(payload, message[STATIC_END:]):
            return None
        return payload

    def write(
        self, out: memoryview, payload: "Buffer", ephemeral: "PrivateKey", psk: "PresharedKey"
    ) -> bool:
        """Write the second message into out: len(payload) + 48 bytes.

        ephemeral: a fresh key, wiped here. False: a shared secret was zero.
        """
        state = self._state
        # e
        ephemeral_public = ephemeral.public()
        out[:KEY_LEN] = ephemeral_public
        state.mix_hash(ephemeral_public)
        state.mix_key(ephemeral_public)
        # ee, se
        shared = state.mix_dh(ephemeral, self._remote_ephemeral)
        shared = shared and state.mix_dh(ephemeral, self._remote_public)
        ephemeral.wipe()
        if not shared:
            return False
        # psk
        state.mix_psk(psk)
        # the payload, in WireGuard empty
        state.encrypt_and_hash(out[KEY_LEN:], payload)
        return True

    def hash(self) -> bytes:
        """The transcript's hash, 32 bytes; the same on both sides."""
        return self._state.hash()

    def split(self) -> "tuple[CipherState, CipherState]":
        """The keys to send and to receive with; the handshake is over and wiped."""
        receive, send = self._state.split()
        return send, receive

    def wipe(self) -> None:
        """Wipe the state; the object cannot be used any more."""
        self._state.wipe()
