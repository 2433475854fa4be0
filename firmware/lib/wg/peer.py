"""One peer: what the user has set, and its handshakes (paper 5.4)."""

from binascii import b2a_base64

from wg import macs, noise, timers
from wg.compat import TYPE_CHECKING
from wg.const import (
    COOKIE_LIFE_MS,
    INITIATION_INTERVAL_MS,
    INITIATION_LEN,
    INITIATION_NOISE,
    INITIATION_NOISE_END,
    INITIATION_SENDER,
    KEEPALIVE_MAX_S,
    MESSAGE_INITIATION,
    MESSAGE_RESPONSE,
    REKEY_TIMEOUT_MS,
    RESPONSE_LEN,
    RESPONSE_NOISE,
    RESPONSE_NOISE_END,
    RESPONSE_RECEIVER,
    RESPONSE_SENDER,
    TIMESTAMP_LEN,
)

if TYPE_CHECKING:
    from _wg import PresharedKey

    from wg.device import Device


class Peer:
    """Made by Device.add_peer(). What says "for the device" is not for whoever set it up."""

    def __init__(self, device: "Device", public_key: bytes, number: int) -> None:
        self._device = device
        self.public_key = public_key
        self.number = number  # in the tunnel; -1: the peer was removed
        self.name = b2a_base64(public_key[:6])[:8].decode()  # for the log
        self.preshared_key: "PresharedKey | None" = None
        self.keepalive_s = 0
        # While it is not known which way works: endpoints that each initiation goes to as well,
        # until one is answered, and a shorter time than the paper's until the next (6.4).
        self.rivals: "list[bytes]" = []
        self.retry_ms = REKEY_TIMEOUT_MS
        self.last_handshake = (0, 0)  # seconds and nanoseconds by the wall clock; zeros: never
        # For the device and its timers: deadlines by kind, and those of them that are on the heap.
        self.due_ms = [0] * timers.KINDS
        self.queued_ms = [0] * timers.KINDS
        self.tries = 0
        self.initiation_sent_ms = 0
        self.given_up_bytes = -1
        self.told_endpoint = b""  # the last one in the log
        # Of the peer's initiations: the newest timestamp that was accepted, and when. The same of
        # its questions (wg.probe).
        self.timestamp = bytes(TIMESTAMP_LEN)
        self._accepted_ms = 0
        self.question_timestamp = bytes(TIMESTAMP_LEN)
        self.question_ms = 0
        # Our initiation without an answer.
        self._handshake: "noise.Initiator | None" = None
        self._handshake_index = -1
        # What a cookie reply must answer, and the cookie.
        self._signed_index = -1
        self._signed_mac1: "bytes | None" = None
        self._cookie: "bytes | None" = None
        self._cookie_ms = 0

    # --- settings ---

    def set_preshared_key(self, key: "PresharedKey | None") -> None:
        """Takes the key over; it counts from the next handshake on. None: no key, 32 zero bytes."""
        if self.preshared_key is not None and self.preshared_key is not key:
            self.preshared_key.wipe()
        self.preshared_key = key

    def set_keepalive(self, seconds: int, now_ms: int) -> None:
        """Send at least every so many seconds, so that a NAT keeps the way open. 0: off."""
        if not 0 <= seconds <= KEEPALIVE_MAX_S:
            raise ValueError("a keepalive interval is 0 to 65535 s, not %d" % seconds)
        if seconds != self.keepalive_s:
            self.keepalive_s = seconds
            self._device.timers.keep_open(self, now_ms)

    def set_endpoint(self, endpoint: bytes) -> None:
        """The outer address to send to, as wg.endpoint makes it; empty: forget it."""
        self._device.tunnel.set_endpoint(self.number, endpoint)

    def endpoint(self) -> "bytes":
        """The outer address where the peer was last heard, or was set to be; empty: not known."""
        return self._device.tunnel.endpoint(self.number)

    def allow(self, address: bytes, prefix_len: int) -> None:
        """Add an allowed IP; one that another peer had moves here. MemoryError: no room."""
        self._device.tunnel.allow(self.number, address, prefix_len)

    def disallow(self, address: bytes, prefix_len: int) -> bool:
        """Remove an allowed IP; False: this peer did not have it."""
        return self._device.tunnel.disallow(self.number, address, prefix_len)

    def replace_allowed_ips(self, prefixes: "list[tuple[bytes, int]]") -> None:
        """These (address, prefix length) in place of all others."""
        self._device.tunnel.disallow_all(self.number)
        for address, prefix_len in prefixes:
            self.allow(address, prefix_len)

    def allowed(self) -> "list[tuple[bytes, int]]":
        """The allowed IPs: (address, prefix length)."""
        return self._device.tunnel.allowed(self.number)

    def transfer(self) -> "tuple[int, int]":
        """Bytes received and sent, as `wg show` counts them: UDP payload, handshakes included."""
        return self._device.tunnel.bytes(self.number)

    def initiate(self, now_ms: int) -> bool:
        """Start a handshake unless one is under way. False: the device has no private key."""
        return self._device.timers.request_handshake(self, now_ms)

    def reach(self, now_ms: int, goes_on: bool = True) -> bool:
        """The network below has changed: tell the peer at once where we are, and see that it hears.

        Sessions go on with the first packet that arrives; a handshake without waiting for its turn
        proves the way. False: the device has no private key. goes_on: nothing but a handshake can
        be first on some ways.
        """
        return self._device.timers.reach(self, now_ms, goes_on)

    def is_lost(self) -> bool:
        """Whether the peer may be elsewhere: no endpoint, given up, or silent for three tries."""
        if not self.endpoint() or self.given_up_bytes >= 0:
            return True
        trying = self._device.timers.is_armed(self, timers.RETRY)
        return trying and self.tries >= timers.SILENT_TRIES

    # --- our initiation ---

    def send_initiation(self, now_ms: int) -> None:
        """For the timers: one try of a handshake, with a new ephemeral key each (paper 5.4.2)."""
        device = self._device
        self.abandon_handshake()
        if device.private_key is None or device.public_key is None:
            return
        endpoint = self.endpoint()
        if not endpoint:
            device.say("debug", self, "no endpoint to send a handshake to")
            return
        message = bytearray(INITIATION_LEN)
        message[:4] = device.new_type(MESSAGE_INITIATION, endpoint)
        handshake = noise.Initiator(device.private_key, device.public_key, self.public_key)
        out = memoryview(message)[INITIATION_NOISE:INITIATION_NOISE_END]
        if not handshake.write(out, device.timestamps.next(), device.new_key()):
            handshake.wipe()
            device.say("warning", self, "its public key is a weak point, no handshake is possible")
            return
        index = device.new_index()
        device.tunnel.reserve_index(self.number, index)
        message[INITIATION_SENDER : INITIATION_SENDER + 4] = index.to_bytes(4, "little")
        self._handshake = handshake
        self._handshake_index = index
        self._sign(message, index, now_ms)
        self.initiation_sent_ms = now_ms
        device.say("debug", self, "handshake, try %d" % self.tries)
        if device.on_initiation is not None:
            device.on_initiation(self, endpoint)
        device.path.send_to_peer(self.number, message)
        device.tunnel.note_sent(self.number, INITIATION_LEN, now_ms)
        for rival in list(self.rivals):
            # A rival whose shape has other types than these would not know it for an initiation.
            if rival != endpoint and device.has_type(message, MESSAGE_INITIATION, rival):
                if device.on_initiation is not None:
                    device.on_initiation(self, rival)
                device.path.send(message, rival)
                device.tunnel.note_sent(self.number, INITIATION_LEN, now_ms)

    def accept_response(self, message: memoryview, index: int, source: bytes, now_ms: int) -> bool:
        """For the device: a handshake response to this index. False: forged, or not ours."""
        device = self._device
        handshake = self._handshake
        if handshake is None or index != self._handshake_index:
            return False
        psk = self.preshared_key or device.no_psk
        if handshake.read(message[RESPONSE_NOISE:RESPONSE_NOISE_END], psk) is None:
            return False
        send, receive = handshake.split()
        remote_index = int.from_bytes(message[RESPONSE_SENDER : RESPONSE_SENDER + 4], "little")
        tunnel = device.tunnel
        tunnel.install(self.number, send, receive, True, index, remote_index, now_ms)
        self.abandon_handshake()
        tunnel.set_endpoint(self.number, source)
        self.rivals = []
        tunnel.note_heard(self.number, RESPONSE_LEN, now_ms)
        device.timers.keys_installed(self, now_ms)
        device.timers.handshake_complete(self, now_ms)
        # The responder may not send before it has heard something under the new keys.
        if device.path.flush(self.number) == 0:
            device.path.keepalive(self.number)
        return True

    def abandon_handshake(self) -> None:
        """For the timers: forget an initiation that has no answer yet."""
        if self._handshake is not None:
            self._handshake.wipe()
            self._handshake = None
            self._device.tunnel.release_index(self.number)

    # --- the peer's initiation ---

    def accept_initiation(
        self,
        responder: "noise.Responder",
        timestamp: bytes,
        remote_index: int,
        source: bytes,
        now_ms: int,
    ) -> bool:
        """For the device: answer a proven initiation. False: an old timestamp, or too many."""
        device = self._device
        if timestamp <= self.timestamp:
            return False
        if self._accepted_ms and now_ms - self._accepted_ms < INITIATION_INTERVAL_MS:
            return False
        self.timestamp = timestamp
        self._accepted_ms = now_ms
        message = bytearray(RESPONSE_LEN)
        message[:4] = device.new_type(MESSAGE_RESPONSE, source)
        message[RESPONSE_RECEIVER : RESPONSE_RECEIVER + 4] = remote_index.to_bytes(4, "little")
        out = memoryview(message)[RESPONSE_NOISE:RESPONSE_NOISE_END]
        psk = self.preshared_key or device.no_psk
        if not responder.write(out, b"", device.new_key(), psk):
            return False
        index = device.new_index()
        message[RESPONSE_SENDER : RESPONSE_SENDER + 4] = index.to_bytes(4, "little")
        self._sign(message, index, now_ms)
        send, receive = responder.split()
        tunnel = device.tunnel
        tunnel.install(self.number, send, receive, False, index, remote_index, now_ms)
        tunnel.set_endpoint(self.number, source)
        tunnel.note_heard(self.number, INITIATION_LEN, now_ms)
        device.timers.keys_installed(self, now_ms)
        device.say("debug", self, "answered a handshake")
        device.path.send(message, source)
        tunnel.note_sent(self.number, RESPONSE_LEN, now_ms)
        return True

    # --- macs and cookies ---

    def _sign(self, message: bytearray, index: int, now_ms: int) -> None:
        """Add mac1 and mac2; a cookie reply may answer only the last message that was signed."""
        if self._cookie is not None and now_ms - self._cookie_ms >= COOKIE_LIFE_MS:
            self._cookie = None
        self._signed_index = index
        self._signed_mac1 = macs.sign(message, self.public_key, self._cookie)

    def accept_cookie(self, reply: memoryview, index: int, now_ms: int) -> bool:
        """For the device: a cookie reply to this index. False: it answers nothing that we sent.

        The cookie goes into the next handshake, for which the timers see (paper 5.3).
        """
        mac1 = self._signed_mac1
        if mac1 is None or index != self._signed_index:
            return False
        cookie = macs.open_cookie(reply, self.public_key, mac1)
        if cookie is None:
            return False
        self._cookie = cookie
        self._cookie_ms = now_ms
        self._signed_mac1 = None
        self._device.say("debug", self, "is under load and sent a cookie")
        return True

    def close(self) -> None:
        """For the device: wipe what is secret, the peer is going."""
        self.abandon_handshake()
        self.set_preshared_key(None)
        self._cookie = None
        self._device.tunnel.remove_peer(self.number)
        self.number = -1
