"""When what is due: the timers of all peers (paper 6) on one heap of deadlines.

RETRY      a handshake initiation has no answer after 5 s: send the next, for 90 s in all (6.4);
           sooner while whoever set the peer up is looking for a way to it (Peer.retry_ms)
KEEPALIVE  data came in and nothing went out for 10 s: send an empty message (6.5)
UNANSWERED data went out and nothing came in for 15 s: start a handshake (6.5)
PERSISTENT nothing passed for as long as the user wants the way kept open: send an empty message
WIPE       no new keys for 540 s: wipe the old ones (6.3)
MOVED      the peer's endpoint moved 5 s ago: tell of moves again

The packet path tells of the first data packet in each direction and then stays quiet. So a timer
that goes off looks at the times again, and may find that it is not due at all.
"""

from heapq import heappop, heappush

from _wg import (
    CURRENT,
    EVENT_ALL,
    EVENT_CONFIRMED,
    EVENT_ENDPOINT,
    EVENT_HANDSHAKE,
    EVENT_RECEIVED,
    EVENT_REKEY,
    EVENT_SENT,
    NEXT,
)

from wg import endpoint
from wg.compat import TYPE_CHECKING
from wg.const import (
    HANDSHAKE_TRIES,
    JITTER_MS,
    KEEPALIVE_TIMEOUT_MS,
    MOVED_QUIET_MS,
    NEW_HANDSHAKE_MS,
    REACH_AGAIN_MS,
    REJECT_AFTER_TIME_MS,
    REKEY_ATTEMPT_TIME_MS,
    REKEY_TIMEOUT_MS,
    WIPE_AFTER_MS,
)

if TYPE_CHECKING:
    from wg.device import Device
    from wg.peer import Peer

RETRY = 0
KEEPALIVE = 1
UNANSWERED = 2
PERSISTENT = 3
WIPE = 4
MOVED = 5
KINDS = 6

# A peer that has not answered so many tries of a handshake may have moved (6 s each).
SILENT_TRIES = 3

# An entry of the heap is one number: deadline, peer number (16 bits), kind (3 bits).
_TIME_SHIFT = 19
_KIND_SHIFT = 3


class Deadlines:
    """A heap of deadlines with one entry at most for each timer, however often it is set later.

    An entry that a later or cancelled deadline has made wrong is noticed when it comes up.
    """

    def __init__(self) -> None:
        self._heap: "list[int]" = []

    def __len__(self) -> int:
        return len(self._heap)

    def push(self, at_ms: int, number: int, kind: int) -> None:
        heappush(self._heap, at_ms << _TIME_SHIFT | number << _KIND_SHIFT | kind)

    def first_ms(self) -> int:
        """The earliest deadline, or -1 without any."""
        return self._heap[0] >> _TIME_SHIFT if self._heap else -1

    def pop(self) -> "tuple[int, int, int]":
        """Take off the earliest: (deadline, peer number, kind)."""
        first = heappop(self._heap)
        number = first >> _KIND_SHIFT & 0xFFFF
        return first >> _TIME_SHIFT, number, first & (1 << _KIND_SHIFT) - 1

    def clear(self) -> None:
        self._heap = []


class Timers:
    """The rules of the paper's section 6 for all peers of a device."""

    def __init__(self, device: "Device") -> None:
        self._device = device
        self._tunnel = device.tunnel
        self._deadlines = Deadlines()

    # --- the clockwork ---

    def arm(self, peer: "Peer", kind: int, at_ms: int) -> None:
        """Set a timer, in place of what it was set to before."""
        peer.due_ms[kind] = at_ms
        queued_ms = peer.queued_ms[kind]
        if queued_ms == 0 or at_ms < queued_ms:
            peer.queued_ms[kind] = at_ms
            self._deadlines.push(at_ms, peer.number, kind)

    def cancel(self, peer: "Peer", kind: int) -> None:
        peer.due_ms[kind] = 0

    def is_armed(self, peer: "Peer", kind: int) -> bool:
        return peer.due_ms[kind] != 0

    def run(self, now_ms: int) -> None:
        """Do all that is due."""
        deadlines = self._deadlines
        while deadlines and deadlines.first_ms() <= now_ms:
            at_ms, number, kind = deadlines.pop()
            peer = self._device.peer(number)
            if peer is None or peer.queued_ms[kind] != at_ms:
                continue  # the peer has gone, or an earlier entry took this one's place
            peer.queued_ms[kind] = 0
            due_ms = peer.due_ms[kind]
            if due_ms > now_ms:
                self.arm(peer, kind, due_ms)
            elif due_ms != 0:
                peer.due_ms[kind] = 0
                self._fire(peer, kind, now_ms)

    def wait_ms(self, now_ms: int) -> "int | None":
        """Milliseconds until something may be due; None: never."""
        first_ms = self._deadlines.first_ms()
        return None if first_ms < 0 else max(first_ms - now_ms, 0)

    def clear(self) -> None:
        self._deadlines.clear()

    def _fire(self, peer: "Peer", kind: int, now_ms: int) -> None:
        if kind == RETRY:
            self._retry(peer, now_ms)
        elif kind == KEEPALIVE:
            self._answer(peer, now_ms)
        elif kind == UNANSWERED:
            self._check_answered(peer, now_ms)
        elif kind == PERSISTENT:
            self._keep_open(peer, now_ms)
        elif kind == MOVED:
            self._tell_endpoint(peer, now_ms)
        else:
            peer.abandon_handshake()
            self._tunnel.clear_keypairs(peer.number)
            self._device.say("info", peer, "keys wiped, there were no new ones for 9 minutes")

    # --- what the packet path tells ---

    def raised(self, peer: "Peer", events: int, now_ms: int) -> None:
        """Act on events that were taken from the tunnel."""
        if events & EVENT_CONFIRMED:
            # The peer has our response, so both have the keys.
            self._tunnel.watch(peer.number, EVENT_CONFIRMED)
            self.handshake_complete(peer, now_ms)
            self._device.path.flush(peer.number)
        if events & (EVENT_HANDSHAKE | EVENT_REKEY) and not self.request_handshake(peer, now_ms):
            # Without a private key there is nothing to do until set_private_key() watches again.
            self._device.say("debug", peer, "no handshake without a private key")
        if events & EVENT_SENT:
            self._watch_sent(peer, now_ms)
        if events & EVENT_RECEIVED:
            self._watch_received(peer)
        if events & EVENT_ENDPOINT:
            self._tell_endpoint(peer, now_ms)

    def _tell_endpoint(self, peer: "Peer", now_ms: int) -> None:
        """Log where the peer is, every 5 s at most: between two networks it can move per packet."""
        moved_to = peer.endpoint()
        if moved_to == peer.told_endpoint:
            self._tunnel.watch(peer.number, EVENT_ENDPOINT)
        else:
            peer.told_endpoint = moved_to
            self._device.say("info", peer, "moved to " + endpoint.describe(moved_to))
            self.arm(peer, MOVED, now_ms + MOVED_QUIET_MS)

    def _watch_sent(self, peer: "Peer", now_ms: int) -> None:
        """Look again when the oldest data that nothing followed may be 15 s old."""
        sent_ms = self._tunnel.times(peer.number)[0]
        if sent_ms == 0:
            self._tunnel.watch(peer.number, EVENT_SENT)
        else:
            at_ms = max(sent_ms + NEW_HANDSHAKE_MS, now_ms) + self._device.random_below(JITTER_MS)
            self.arm(peer, UNANSWERED, at_ms)

    def _watch_received(self, peer: "Peer") -> None:
        """Look again when the oldest data that we did not follow is 10 s old."""
        received_ms = self._tunnel.times(peer.number)[1]
        if received_ms == 0:
            self._tunnel.watch(peer.number, EVENT_RECEIVED)
        else:
            self.arm(peer, KEEPALIVE, received_ms + KEEPALIVE_TIMEOUT_MS)

    # --- keepalives and lost keys ---

    def _answer(self, peer: "Peer", now_ms: int) -> None:
        received_ms = self._tunnel.times(peer.number)[1]
        if received_ms != 0 and received_ms + KEEPALIVE_TIMEOUT_MS <= now_ms:
            self._device.path.keepalive(peer.number)
            self._tunnel.watch(peer.number, EVENT_RECEIVED)
        else:
            self._watch_received(peer)

    def _check_answered(self, peer: "Peer", now_ms: int) -> None:
        sent_ms = self._tunnel.times(peer.number)[0]
        if sent_ms == 0 or sent_ms + NEW_HANDSHAKE_MS > now_ms:
            self._watch_sent(peer, now_ms)
        elif not self.is_armed(peer, RETRY):
            # After a handshake that was given up only something new to send starts another one.
            if self._tunnel.bytes(peer.number)[1] == peer.given_up_bytes:
                self._await_traffic(peer, now_ms)
            else:
                self._device.say("info", peer, "nothing heard for 15 s")
                self.request_handshake(peer, now_ms)

    def _await_traffic(self, peer: "Peer", now_ms: int) -> None:
        # Keys that are too old to send with call for a handshake by themselves.
        if 0 <= self._tunnel.keypair_age(peer.number, CURRENT, now_ms) < REJECT_AFTER_TIME_MS:
            self.arm(peer, UNANSWERED, now_ms + NEW_HANDSHAKE_MS)

    def keep_open(self, peer: "Peer", now_ms: int) -> None:
        """The user has set or changed the persistent keepalive."""
        if peer.keepalive_s:
            self.arm(peer, PERSISTENT, now_ms)
        else:
            self.cancel(peer, PERSISTENT)

    def _keep_open(self, peer: "Peer", now_ms: int) -> None:
        times = self._tunnel.times(peer.number)
        interval_ms = 1000 * peer.keepalive_s
        last_ms = max(times[2], times[3])
        if last_ms == 0 or last_ms + interval_ms <= now_ms:
            # Without keys this raises the event that starts a handshake.
            self._device.path.keepalive(peer.number)
            last_ms = now_ms
        self.arm(peer, PERSISTENT, last_ms + interval_ms)

    # --- handshakes ---

    def request_handshake(self, peer: "Peer", now_ms: int) -> bool:
        """See that a handshake is under way; False: we have no private key.

        Whoever was told by EVENT_HANDSHAKE or EVENT_REKEY is told again only after
        handshake_complete() or _give_up(), one of which follows from here.
        """
        if self._device.public_key is None:
            return False
        if self.is_armed(peer, RETRY):
            return True
        peer.tries = 0
        wait_ms = 0
        if peer.initiation_sent_ms:
            # "Under no circumstances" more often than every 5 s (6.4).
            wait_ms = peer.initiation_sent_ms + peer.retry_ms - now_ms
        age_ms = self._tunnel.keypair_age(peer.number, NEXT, now_ms)
        if age_ms >= 0:
            # We have just answered the peer's own; its first message makes those keys ours.
            wait_ms = max(wait_ms, REKEY_TIMEOUT_MS - age_ms)
        if wait_ms > 0:
            self.arm(peer, RETRY, now_ms + wait_ms)
        else:
            self._retry(peer, now_ms)
        return True

    def reach(self, peer: "Peer", now_ms: int, goes_on: bool = True) -> bool:
        """Speak to the peer over a network that is new: what was sent before never came there.

        So the 5 s between two handshakes (6.4) do not count; whoever calls sees to a pause.
        """
        if self._device.public_key is None:
            return False
        age_ms = self._tunnel.keypair_age(peer.number, CURRENT, now_ms)
        if goes_on and 0 <= age_ms < REJECT_AFTER_TIME_MS:
            self._device.path.keepalive(peer.number)
        again_ms = peer.initiation_sent_ms + REACH_AGAIN_MS
        if peer.initiation_sent_ms and again_ms > now_ms:
            # One is just under way, perhaps over the new network already; a second one right after
            # it would be refused, and the answer to the first not known any more.
            peer.tries = 0
            self.arm(peer, RETRY, again_ms)
            return True
        self.cancel(peer, RETRY)
        peer.initiation_sent_ms = 0
        return self.request_handshake(peer, now_ms)

    def _retry(self, peer: "Peer", now_ms: int) -> None:
        if peer.tries >= HANDSHAKE_TRIES and peer.tries >= REKEY_ATTEMPT_TIME_MS // peer.retry_ms:
            self._give_up(peer, now_ms)
            return
        peer.tries += 1
        wait_ms = peer.retry_ms + self._device.random_below(JITTER_MS)
        self.arm(peer, RETRY, now_ms + wait_ms)
        peer.send_initiation(now_ms)

    def _give_up(self, peer: "Peer", now_ms: int) -> None:
        peer.abandon_handshake()
        self.cancel(peer, KEEPALIVE)
        self._tunnel.drop_queue(peer.number)
        peer.given_up_bytes = self._tunnel.bytes(peer.number)[1]
        if not self.is_armed(peer, WIPE):
            self.arm(peer, WIPE, now_ms + WIPE_AFTER_MS)
        self._await_traffic(peer, now_ms)
        self._tunnel.watch(peer.number, EVENT_HANDSHAKE | EVENT_REKEY | EVENT_RECEIVED)
        self._device.say("warning", peer, "no answer to %d handshakes" % peer.tries)

    def keys_installed(self, peer: "Peer", now_ms: int) -> None:
        """There are new keys, whether the peer has confirmed them or not."""
        self.arm(peer, WIPE, now_ms + WIPE_AFTER_MS)

    def handshake_complete(self, peer: "Peer", now_ms: int) -> None:
        """Both sides are known to have the new keys."""
        peer.abandon_handshake()
        self.cancel(peer, RETRY)
        peer.given_up_bytes = -1
        peer.last_handshake = self._device.wall_clock()
        peer.told_endpoint = peer.endpoint()
        self._device.say("info", peer, "handshake with " + endpoint.describe(peer.told_endpoint))
        self._tunnel.watch(peer.number, EVENT_HANDSHAKE | EVENT_REKEY)
        # While the handshake was under way nobody looked whether data was answered.
        self._watch_sent(peer, now_ms)

    def restart(self, peer: "Peer") -> None:
        """Our own identity has changed: nothing that was under way counts any more."""
        self.cancel(peer, RETRY)
        self.cancel(peer, UNANSWERED)
        self.cancel(peer, KEEPALIVE)
        self._tunnel.watch(peer.number, EVENT_ALL)
