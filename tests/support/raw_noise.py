"""A handshake from bare primitives, as somebody writes one who does not refuse weak keys."""

import _wg

from wg import noise


def shared_secret(private, public):
    """X25519 as it comes, also when the result is zero."""
    out = bytearray(32)
    _wg.x25519(out, private, public)
    return bytes(out)


class RawState:
    """Chaining key, hash and key of Noise 5.2 in the open."""

    def __init__(self, responder_public, prologue=noise.PROLOGUE):
        self.chaining_key = bytearray(32)
        _wg.blake2s(self.chaining_key, noise.PROTOCOL_NAME)
        self.hash = bytes(self.chaining_key)
        self.key = bytearray(32)
        self.nonce = 0
        self.mix_hash(prologue)
        self.mix_hash(responder_public)

    def mix_hash(self, data):
        out = bytearray(32)
        _wg.blake2s(out, self.hash + bytes(data))
        self.hash = bytes(out)

    def mix_ephemeral(self, public):
        self.mix_hash(public)
        self._mix(public, 1)

    def mix_secret(self, secret, skip_zero=False):
        """skip_zero: leave a weak secret out, in case the other side does that."""
        if not (skip_zero and secret == bytes(32)):
            self._mix(secret, 2)

    def mix_psk(self, psk):
        self._mix(psk, 3)

    def _mix(self, data, outputs):
        self.nonce = 0
        chaining_key = bytearray(32)
        key = bytearray(32)
        middle = bytearray(32)
        if outputs == 1:
            _wg.kdf((chaining_key,), self.chaining_key, data)
        elif outputs == 2:
            _wg.kdf((chaining_key, key), self.chaining_key, data)
            self.key = key
        else:
            _wg.kdf((chaining_key, middle, key), self.chaining_key, data)
            self.mix_hash(middle)
            self.key = key
        self.chaining_key = chaining_key

    def seal(self, data):
        out = bytearray(len(data) + 16)
        nonce = bytes(4) + self.nonce.to_bytes(8, "little")
        _wg.aead_seal(out, data, self.hash, nonce, self.key)
        self.nonce += 1
        self.mix_hash(out)
        return bytes(out)


def initiation(responder_public, ephemeral, static, es, ss, payload, skip_zero=False):
    """A first message with any public keys and shared secrets; 96 bytes and the payload."""
    state = RawState(responder_public)
    state.mix_ephemeral(ephemeral)
    state.mix_secret(es, skip_zero)
    sealed_static = state.seal(static)
    state.mix_secret(ss, skip_zero)
    return bytearray(ephemeral + sealed_static + state.seal(payload))


def response(message, es, ss, ephemeral, ee, se, responder_public, skip_zero=False):
    """A second message to this first one, with no preshared key; 48 bytes."""
    state = RawState(responder_public)
    state.mix_ephemeral(bytes(message[:32]))
    state.mix_secret(es)
    state.mix_hash(message[32:80])
    state.mix_secret(ss)
    state.mix_hash(message[80:])
    state.mix_ephemeral(ephemeral)
    state.mix_secret(ee, skip_zero)
    state.mix_secret(se, skip_zero)
    state.mix_psk(bytes(32))
    return bytearray(ephemeral + state.seal(b""))
