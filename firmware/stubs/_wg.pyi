"""The C core of Undertow: cryptography and the packet path. The same module on MicroPython and CPython.

Buffers are anything with the buffer protocol, but no text; an output must be writable and of the exact length, and may
share memory with an input only where it is said. ValueError: a wrong length, an overlap, a number that means nothing
here. TypeError: a wrong type, an output that cannot be written. OverflowError: a number that is negative or too big;
nothing is truncated or wrapped. Times are milliseconds of a clock that never goes back and never says 0, less than
2^62. Indices are unsigned 32 bits, counters 64 bits. Secrets go in and never come out; objects that hold them are wiped
when they are freed, and by wipe(), after which everything else is a ValueError.
"""

from typing import Optional

from _typeshed import ReadableBuffer, WriteableBuffer

# What became of a packet (core/wg_status.h); drop counters stand in this order.
OK: int
ERR_SHORT: int
ERR_TYPE: int
ERR_INDEX: int
ERR_TAG: int
ERR_REPLAY: int
ERR_EXPIRED: int
ERR_NO_KEY: int
ERR_NO_ENDPOINT: int
ERR_ROUTE: int
ERR_SOURCE: int
ERR_INNER: int
ERR_MAC1: int
ERR_COOKIE: int
ERR_RATE: int
ERR_HANDSHAKE: int
ERR_SPACE: int
STATUS_COUNT: int

# Events of a peer (core/wg_tunnel.h).
EVENT_HANDSHAKE: int
EVENT_REKEY: int
EVENT_SENT: int
EVENT_RECEIVED: int
EVENT_CONFIRMED: int
EVENT_ENDPOINT: int
EVENT_ALL: int

# Which of a peer's keypairs.
CURRENT: int
PREVIOUS: int
NEXT: int

OVERHEAD: int  # bytes that sealing adds, without padding

# --- primitives, for tests and for hashing public data; each writes into its first argument ---

def blake2s(
    out: WriteableBuffer, data: ReadableBuffer, key: Optional[ReadableBuffer] = None
) -> None:
    """RFC 7693. out: 1 to 32 bytes, its length is the hash's length. key: up to 32 bytes."""

def hmac(out: WriteableBuffer, key: ReadableBuffer, data: ReadableBuffer) -> None:
    """HMAC-BLAKE2s into 32 bytes."""

def kdf(
    outputs: "tuple[WriteableBuffer, ...]", chaining_key: ReadableBuffer, data: ReadableBuffer
) -> None:
    """KDF1, KDF2 or KDF3 of the paper: one to three outputs of 32 bytes each; one of them may be chaining_key."""

def chacha20_xor(
    out: WriteableBuffer,
    data: ReadableBuffer,
    key: ReadableBuffer,
    nonce: ReadableBuffer,
    counter: int,
) -> None:
    """RFC 8439, 2.4. out: as long as data, may be data. key: 32 bytes, nonce: 12 bytes, counter: 32 bits."""

def poly1305(out: WriteableBuffer, data: ReadableBuffer, key: ReadableBuffer) -> None:
    """RFC 8439, 2.5. out: 16 bytes, key: 32 bytes."""

def aead_seal(
    out: WriteableBuffer,
    data: ReadableBuffer,
    ad: ReadableBuffer,
    nonce: ReadableBuffer,
    key: ReadableBuffer,
) -> None:
    """RFC 8439, 2.8. out: len(data) + 16, may begin where data does.

    nonce: 12 bytes (ChaCha20-Poly1305) or 24 (XChaCha20-Poly1305).
    """

def aead_open(
    out: WriteableBuffer,
    data: ReadableBuffer,
    ad: ReadableBuffer,
    nonce: ReadableBuffer,
    key: ReadableBuffer,
) -> bool:
    """The reverse: out: len(data) - 16, may begin where data does. False: forged, out is as it was."""

def x25519(out: WriteableBuffer, scalar: ReadableBuffer, point: ReadableBuffer) -> bool:
    """RFC 7748, 5. False: the result is all zero and must not be used. Arguments: 32 bytes each."""

class PrivateKey:
    """A Curve25519 private key. There is no getter; builds for hosts have export()."""

    def __init__(self, key: ReadableBuffer) -> None:
        """key: 32 bytes, raw, or 44 bytes of base64 as in a wg-quick file, or 64 hexadecimal digits.

        A writable buffer is wiped once it was taken.
        """

    def public(self) -> bytes:
        """The public key, 32 bytes."""

    def export(self, out: WriteableBuffer) -> None:
        """Write the raw key into out (32 bytes).

        Only in builds for hosts (unix, CPython), which answer `wg showconf` with it.
        """

    def wipe(self) -> None: ...

class PresharedKey:
    """A preshared key of 32 bytes (paper 5.2)."""

    def __init__(self, key: ReadableBuffer) -> None:
        """key: as for PrivateKey."""

    def is_zero(self) -> bool:
        """Whether it is the key that stands for none."""

    def export(self, out: WriteableBuffer) -> None:
        """As for PrivateKey."""

    def wipe(self) -> None: ...

class CipherState:
    """A transport key and its nonce (Noise 5.1). Made only by SymmetricState.split()."""

    def encrypt(self, out: WriteableBuffer, plaintext: ReadableBuffer) -> None:
        """out: len(plaintext) + 16, may begin where plaintext does; empty associated data. Counts the nonce up."""

    def decrypt(self, out: WriteableBuffer, ciphertext: ReadableBuffer) -> bool:
        """out: len(ciphertext) - 16, may begin where ciphertext does. False: forged, the nonce stays."""

    def set_nonce(self, nonce: int) -> None:
        """The nonce of the next message, 64 bits. Whoever encrypts must not go back."""

    def wipe(self) -> None: ...

class SymmetricState:
    """Chaining key, hash and key of a handshake (Noise 5.2; C, H and kappa of paper 5.4)."""

    def __init__(self, protocol_name: ReadableBuffer, prologue: ReadableBuffer) -> None:
        """H = HASH(HASH(protocol_name) || prologue), C = HASH(protocol_name). protocol_name: more than 32 bytes."""

    def copy(self) -> "SymmetricState":
        """A second state that goes its own way: a forged message must leave the real one as it was."""

    def mix_hash(self, data: ReadableBuffer) -> None:
        """H = HASH(H || data)."""

    def mix_key(self, public: ReadableBuffer) -> None:
        """C = KDF1(C, public): an ephemeral public key, as psk patterns mix it (Noise 9.2, paper 5.4.2).

        There is no kappa then until the next mix_dh() or mix_psk().
        """

    def mix_dh(self, private: PrivateKey, public: ReadableBuffer) -> bool:
        """(C, kappa) = KDF2(C, DH(private, public)).

        False: the result was zero; nothing was mixed, and the handshake must be given up.
        """

    def mix_psk(self, psk: PresharedKey) -> None:
        """(C, t, kappa) = KDF3(C, Q), H = HASH(H || t)."""

    def encrypt_and_hash(self, out: WriteableBuffer, plaintext: ReadableBuffer) -> None:
        """out: len(plaintext) + 16, may begin where plaintext does."""

    def decrypt_and_hash(self, out: WriteableBuffer, ciphertext: ReadableBuffer) -> bool:
        """out: len(ciphertext) - 16, may begin where ciphertext does. False: forged, the state is as it was."""

    def hash(self) -> bytes:
        """H, 32 bytes (public: a handshake's transcript)."""

    def split(self) -> "tuple[CipherState, CipherState]":
        """The initiator's sending key and its receiving key (paper 5.4.5); this state is wiped."""

    def wipe(self) -> None: ...

class ReplayWindow:
    """RFC 6479, 8128 packets (core/wg_replay.h)."""

    def __init__(self) -> None: ...
    def accept(self, counter: int) -> bool:
        """Whether this counter (64 bits) is new, not too old, and below the limit; it is then no longer new."""

class AllowedIPs:
    """Cryptokey routing on its own, for tests; a Tunnel has one inside."""

    def __init__(self, capacity: int) -> None:
        """capacity: prefixes. MemoryError: more than there is memory for."""

    def insert(self, address: ReadableBuffer, prefix_len: int, peer: int) -> None:
        """address: 4 or 16 bytes; bits past prefix_len are ignored. MemoryError: full, nothing changed."""

    def remove(self, address: ReadableBuffer, prefix_len: int, peer: int) -> bool:
        """False: this peer has no such prefix."""

    def remove_peer(self, peer: int) -> None: ...
    def lookup(self, address: ReadableBuffer) -> int:
        """The peer, or -1."""

    def prefixes(self, peer: int) -> "list[tuple[bytes, int]]":
        """(address, prefix length), in no order."""

class Gate:
    """mac1, mac2, cookies and the rate limit before the handshake (core/wg_gate.h)."""

    def __init__(self) -> None: ...
    def set_identity(self, public_key: ReadableBuffer) -> None:
        """Our public key, on which all macs stand."""

    def clear_identity(self) -> None:
        """No key, no handshakes: every mac1 is wrong from here on."""

    def set_secret(self, random: ReadableBuffer, now_ms: int) -> None:
        """random: 64 fresh bytes; a writable buffer is wiped."""

    def wants_secret(self, now_ms: int) -> bool:
        """Whether set_secret() is due: at first, and every two minutes."""

    def set_loaded(self, now_ms: int) -> None:
        """Say that the receiver of handshake messages cannot keep up."""

    def is_loaded(self, now_ms: int) -> bool: ...
    def check(
        self,
        kind: int,
        message: ReadableBuffer,
        source: ReadableBuffer,
        now_ms: int,
        reply: WriteableBuffer,
    ) -> int:
        """A status: OK, ERR_COOKIE (reply, 64 bytes, is to be sent), or a drop. kind: 1 to 3; source: endpoint bytes."""

    def wipe(self) -> None: ...

class Shape:
    """How datagrams look on the wire: AmneziaWG's S1 to S4, H1 to H4 and header protection (core/wg_shape.h)."""

    def __init__(
        self,
        sizes: "tuple[int, ...]",
        types: "tuple[int, ...]",
        key: Optional[ReadableBuffer],
        seed: ReadableBuffer,
    ) -> None:
        """sizes: S1 to S4; the first three at most 1132, the last 64; with a key at least 12.

        types: H1 to H4, lowest and highest of each; none overlaps another. key: of header protection, 32 bytes.
        seed: 32 fresh bytes. Both are wiped when they can be written.
        """

    def room(self, kind: int) -> int:
        """How many bytes stand before a message of this kind, 1 to 4."""

    def wrap(self, kind: int, datagram: WriteableBuffer) -> None:
        """datagram: room(kind) bytes, which are overwritten, and the message, which is hidden in place."""

    def open(self, datagram: WriteableBuffer) -> "tuple[int, int, int]":
        """Uncover the message in a datagram: (kind, offset of the message, shape of the endpoint).

        A negative status in place of the kind: there is none, a drop.
        """

    def wipe(self) -> None: ...

class Tunnel:
    """Peers, keypairs, indices, allowed IPs and waiting packets (core/wg_tunnel.h)."""

    def __init__(self, peers: int, prefixes: int, waiting: int, packet_size: int, mtu: int) -> None:
        """Capacities: peers, allowed IPs, waiting packets and their longest length.

        mtu: of the inner interface; 0: not known.
        """

    def set_mtu(self, mtu: int) -> None:
        """Padding stops there; 0: not known."""

    def add_peer(self) -> int:
        """The new peer's number. MemoryError: the table is full."""

    def remove_peer(self, peer: int) -> None:
        """Forget it, its keys, its allowed IPs and what waits for it."""

    def set_endpoint(self, peer: int, endpoint: ReadableBuffer) -> None:
        """endpoint: bytes as wg.endpoint makes them; empty: forget it.

        Family (4, 6, or 1: a stream) | shape << 4, port, scope (both big endian, 2 and 4 bytes), address.
        """

    def endpoint(self, peer: int) -> bytes:
        """As in set_endpoint(); empty: not known."""

    def allow(self, peer: int, address: ReadableBuffer, prefix_len: int) -> None:
        """Add an allowed IP; one that another peer has moves here. MemoryError: full, nothing changed."""

    def disallow(self, peer: int, address: ReadableBuffer, prefix_len: int) -> bool:
        """False: this peer has no such prefix."""

    def disallow_all(self, peer: int) -> None: ...
    def allowed(self, peer: int) -> "list[tuple[bytes, int]]":
        """(address, prefix length), in no order."""

    def lookup(self, address: ReadableBuffer) -> int:
        """The peer whose allowed IPs hold this address, or -1."""

    def take_event(self) -> "Optional[tuple[int, int]]":
        """(peer, events), or None."""

    def watch(self, peer: int, events: int) -> None:
        """Let these events of a peer be raised again; what happened meanwhile is not: read times() after it."""

    def times(self, peer: int) -> "tuple[int, int, int, int]":
        """data_sent_ms, data_received_ms, sent_ms, heard_ms of core/wg_tunnel.h; 0 stands for never."""

    def bytes(self, peer: int) -> "tuple[int, int]":
        """Received and sent, outer UDP payload bytes."""

    def drops(self) -> "tuple[int, ...]":
        """How many packets were dropped, by status; STATUS_COUNT numbers of 32 bits."""

    def count_drop(self, status: int) -> None:
        """Count a packet that was dropped elsewhere, by any status but OK."""

    def wipe(self) -> None:
        """Wipe every key and every waiting packet, and forget all peers."""

    def find_index(self, index: int) -> int:
        """The peer whose keypair or handshake has this receiver index, or -1."""

    def reserve_index(self, peer: int, index: int) -> None:
        """The receiver index of a handshake that we begin, in place of that of the one before.

        ValueError: it is taken; nothing changed.
        """

    def release_index(self, peer: int) -> None:
        """The handshake that we began is given up; nothing happens when there is none."""

    def expect_answer(self, index: Optional[int] = None) -> None:
        """Expect a message of kind 2 to this index, too: an answer to a question outside of any handshake. None: none."""

    def expects(self, kind: int, message: ReadableBuffer) -> bool:
        """False: a handshake response (kind 2) or cookie reply (3) to an index where we wait for none."""

    def install(
        self,
        peer: int,
        send: CipherState,
        receive: CipherState,
        is_initiator: bool,
        local_index: int,
        remote_index: int,
        now_ms: int,
    ) -> None:
        """Take over the keypair of a finished handshake; both CipherStates are wiped.

        local_index may be the one reserved for this peer. ValueError: it is taken otherwise, or
        the CipherStates were used already; nothing changed.
        """

    def clear_keypairs(self, peer: int) -> None:
        """Forget the keys of a peer, but not what waits for it."""

    def has_keypair(self, peer: int, which: int) -> bool:
        """which: CURRENT, PREVIOUS, NEXT."""

    def keypair_age(self, peer: int, which: int, now_ms: int) -> int:
        """Milliseconds since its handshake, or -1 without one."""

    def set_send_counter(self, peer: int, counter: int) -> None:
        """Raise the counter of the current keypair, for tests of the limits.

        ValueError: lower than it is, or no keypair.
        """

    def route(self, packet: ReadableBuffer) -> int:
        """The peer of an inner packet, or minus a status."""

    def seal(self, peer: int, out: WriteableBuffer, packet: ReadableBuffer, now_ms: int) -> int:
        """Length of the datagram in out, or minus a status (see wg_tunnel_seal).

        packet may lie in out, 16 bytes after its beginning.
        """

    def queue(self, peer: int, packet: ReadableBuffer) -> int:
        """Let a packet wait for a keypair. A status."""

    def seal_queued(self, peer: int, out: WriteableBuffer, now_ms: int) -> int:
        """Length of the datagram in out; 0: nothing to send."""

    def waiting(self, peer: int) -> int:
        """How many packets wait."""

    def drop_queue(self, peer: int) -> None: ...
    def open(
        self, datagram: WriteableBuffer, source: ReadableBuffer, now_ms: int
    ) -> "tuple[int, int, int]":
        """Open in place: (peer, offset, length) of the inner packet; (-status, 0, 0) for a drop.

        length 0: a keepalive.
        """

    def note_sent(self, peer: int, length: int, now_ms: int) -> None:
        """Account for a handshake message of this peer that was sent. length: at most 65535."""

    def note_heard(self, peer: int, length: int, now_ms: int) -> None:
        """The same for one that was accepted."""

def sha256(out: WriteableBuffer, data: ReadableBuffer) -> None:
    """FIPS 180-4, into 32 bytes. For hashing public data."""

class PairingSecret:
    """An end's secrets of one pairing, "box-pair-1": an ephemeral key, then what both ends share. No getter.

    ValueError: not in this order: public(), agree(), the others.
    """

    def __init__(self, random: ReadableBuffer) -> None:
        """random: 32 fresh bytes; a writable buffer is wiped once they were taken."""

    def public(self) -> bytes:
        """The ephemeral public key, 32 bytes."""

    def agree(self, public: ReadableBuffer, transcript: ReadableBuffer) -> bool:
        """Take their ephemeral public key and the hash of all that was said, 32 bytes each.

        The ephemeral key is wiped. False: the shared secret is zero; all is wiped, and the object is of no use any more.
        """

    def sas(self, out: WriteableBuffer) -> None:
        """The 8 bytes that people compare."""

    def confirmation(self, out: WriteableBuffer, initiator: bool) -> None:
        """The 16 bytes by which the initiator, or else the responder, says that its person has compared."""

    def preshared_key(self, out: WriteableBuffer) -> None:
        """WireGuard's, 32 bytes. Only for who knows that both have confirmed."""

    def wipe(self) -> None: ...
