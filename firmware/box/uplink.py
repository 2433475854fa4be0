"""The uplink: where it has an address, and how the tunnel follows when that changes."""

from box.pace import Pace
from wg.allowedips import format_address, format_prefix
from wg.compat import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from _router import Router

    from box.control import Control
    from wg.device import Device
    from wg.peer import Peer


# What is sent the moment a network is there can be lost in it, so the peers are spoken to again.
AGAIN_MS = (700, 800, 1500, 3000)
# However often an uplink changes, peers are spoken to no more often than this.
PAUSE_MS = 500
WATCH_EVERY_MS = 2000
# lwIP waits for up to a minute before it asks once more for an address: too long for the clients of
# a box that was there before the network, as after a power cut.
ASK_EVERY_MS = 4000
# While nobody answers. The router does not: this may be another network, and the link stayed up.
NETWORK_EVERY_MS = 2000
# An address that changes does so within this time, as a rule; to speak with the old one is no use.
ANSWER_MS = 300
# The router does, but no peer: it may have forgotten us, or be elsewhere. Who sends and is sent
# nothing hears its peer every 10 s, which costs a handshake then; see also Peer.initiate().
PEERS_EVERY_MS = 10_000
PEERS_RARELY_MS = 30_000
# Handshakes have no answer, whether somebody sends or not.
SUSPECT_EVERY_MS = 30_000


class Uplink:
    """link, address (4 bytes or None), prefix_len, gateway, dns: as the router last told them.

    leads: whether somebody else looks for the way to a peer; on_speak, on_hold: and what tells him
    that there is an uplink, perhaps another one, or that it is the network here that is silent.
    is_router_silent: whether it answered no ARP when it was last asked, because nobody was heard.
    on_change: called after each change, before the peers are spoken to. on_silence: called when
    no peer answers, and again now and then.
    """

    def __init__(self, router: "Router", device: "Device", control: "Control") -> None:
        self.link = False
        self.address: "bytes | None" = None
        self.prefix_len = 0
        self.gateway: "bytes | None" = None
        self.dns: "tuple[bytes, ...]" = ()
        self.is_router_silent = False
        self.on_change: "Callable[[], object] | None" = None
        self.on_silence: "Callable[[], object] | None" = None
        self.leads: "Callable[[Peer], bool]" = lambda peer: False
        self.on_speak: "Callable[[], object] | None" = None
        self.on_hold: "Callable[[], object] | None" = None
        self._router = router
        self._device = device
        self._control = control
        self._is_dynamic = False
        self._static: "tuple[bytes, int, bytes, tuple[bytes, ...]] | None" = None
        self._asked_ms = 0
        self._suspected_ms = 0
        self._is_suspicious = False
        self._near = Pace(NETWORK_EVERY_MS, ASK_EVERY_MS)
        self._moved = Pace(NETWORK_EVERY_MS, ASK_EVERY_MS)
        self._far = Pace(PEERS_EVERY_MS, PEERS_RARELY_MS)
        self._changed_ms = 0
        self._spoken_ms = 0
        self._turn = 0  # counts changes, so that what was planned for an older one is left out
        control.on_wake(router.WAKE_UPLINK, self._follow)
        control.on_wake(router.WAKE_SILENCE, self._judge)
        control.after(WATCH_EVERY_MS, self._watch)

    def use_dhcp(self) -> None:
        self._is_dynamic = True
        self._static = None
        self._ask()
        self.look()

    def use_static(
        self, address: bytes, prefix_len: int, gateway: bytes, dns: "tuple[bytes, ...]"
    ) -> None:
        self._is_dynamic = False
        self._static = (address, prefix_len, gateway, dns)
        self._router.uplink_static(address, prefix_len, gateway, dns)
        self.look()

    def renew(self) -> None:
        """Another interface has become the uplink, and knows nothing of its address."""
        if self._is_dynamic:
            self._ask()
        elif self._static is not None:
            self._router.uplink_static(*self._static)
        self.look()

    def stop(self) -> None:
        """Say nothing on the uplink any more."""
        self._is_dynamic = False
        self._static = None
        self._router.uplink_stop()
        self.look()

    def _follow(self) -> None:
        if not self.look():
            # It changed and changed back: the network behind it may be another one all the same.
            self.speak()

    def look(self) -> bool:
        """See whether anything has changed, and act on it; False: nothing has."""
        now = self._router.uplink()
        if now == (self.link, self.address, self.prefix_len, self.gateway, self.dns):
            return False
        self.link, self.address, self.prefix_len, self.gateway, self.dns = now
        self.is_router_silent = False
        self._asked_ms = self._control.now_ms()  # when the link comes up, lwIP asks by itself
        self._control.log("info", "uplink: " + self._words())
        if self.on_change is not None:
            self.on_change()
        self.speak()
        return True

    def _ask(self) -> None:
        """Ask for an address; the one that we have stays until an answer."""
        self._asked_ms = self._control.now_ms()
        self._router.uplink_dhcp()

    def is_usable(self) -> bool:
        return self.link and self.address is not None

    def speak(self) -> None:
        """Let the peers hear from us: the network is a new one, or the settings are."""
        if self.on_speak is not None:
            self.on_speak()
        self._speak_anew()

    def _speak_anew(self) -> None:
        self._turn += 1
        if self.is_usable():
            self._changed_ms = self._control.now_ms()
            self._speak(self._turn, 0)

    # --- the peers ---

    def _speak(self, turn: int, count: int) -> None:
        """Reach all peers that were not heard since the last change, and plan the next time."""
        if turn != self._turn:
            return
        now_ms = self._control.now_ms()
        wait_ms = self._spoken_ms + PAUSE_MS - now_ms if self._spoken_ms else 0
        if wait_ms > 0:
            self._control.after(wait_ms, lambda: self._speak(turn, count))
            return
        peers = self._peers()
        silent = [peer for peer in peers if self._heard_ms(peer) <= self._changed_ms]
        for peer in silent:
            if peer.endpoint():
                self._spoken_ms = now_ms
                peer.reach(now_ms)
        if silent and count < len(AGAIN_MS):
            self._control.after(AGAIN_MS[count], lambda: self._speak(turn, count + 1))

    def _peers(self) -> "list[Peer]":
        """Those that are ours to speak to."""
        return [peer for peer in self._device.peers.values() if not self.leads(peer)]

    def _heard_ms(self, peer: "Peer") -> int:
        return self._device.tunnel.times(peer.number)[3]

    def _watch(self) -> None:
        """Never give up: nobody may be there who sends something."""
        now_ms = self._control.now_ms()
        peers = self._device.peers.values()
        if self.is_usable() and peers:
            for peer in self._peers():
                if peer.given_up_bytes >= 0:
                    peer.initiate(now_ms)
            if not all(peer.is_lost() for peer in peers):
                self._is_suspicious = False
            elif not self._suspected_ms or now_ms - self._suspected_ms >= SUSPECT_EVERY_MS:
                self._suspect(now_ms)
        is_asking = self._is_dynamic and self.link and self.address is None
        if is_asking and now_ms - self._asked_ms >= ASK_EVERY_MS:
            self._ask()
        self._control.after(WATCH_EVERY_MS, self._watch)

    def _suspect(self, now_ms: int) -> None:
        """Ask for an address anew, and the peers."""
        self._suspected_ms = now_ms
        if not self._is_suspicious:
            self._is_suspicious = True
            self._control.log("info", "uplink: nobody answers, looking for the network anew")
        if self._is_dynamic:
            self._ask()
        if self.on_silence is not None:
            self.on_silence()
        self._speak_anew()

    # --- silence, as the router tells of it within two seconds, while somebody sends ---

    def _judge(self) -> None:
        router = self._router
        silence = router.silence()
        self.is_router_silent = silence == router.SILENCE_NEAR
        if self.is_router_silent and self.on_hold is not None:
            self.on_hold()
        now_ms = self._control.now_ms()
        heard_ms = max([0] + [self._heard_ms(peer) for peer in self._device.peers.values()])
        if silence == router.SILENCE_NEAR and self._near.try_now(now_ms, heard_ms):
            self._look_for_network("the router does not answer", self._near)
        elif silence == router.SILENCE_MOVED and self._moved.try_now(now_ms, heard_ms):
            self._look_for_network("the router is another one, or is back", self._moved)
            turn = self._turn
            self._control.after(ANSWER_MS, lambda: self._speak_unless_changed(turn))
        elif silence == router.SILENCE_FAR and self._far.try_now(now_ms, heard_ms):
            self._look_for_peers(now_ms)

    def _look_for_network(self, why: str, pace: Pace) -> None:
        if pace.tries == 1:
            self._control.log("info", "uplink: " + why)
        if self._is_dynamic:
            self._ask()

    def _speak_unless_changed(self, turn: int) -> None:
        if turn == self._turn:
            self.speak()

    def _look_for_peers(self, now_ms: int) -> None:
        if self._far.tries == 1:
            self._control.log("debug", "uplink: nobody answers beyond the router")
        for peer in self._peers():
            peer.initiate(now_ms)
        if self.on_silence is not None:
            self.on_silence()

    def _words(self) -> str:
        if not self.link:
            return "no link"
        if self.address is None:
            return "link, no address"
        gateway = "none" if self.gateway is None else format_address(self.gateway)
        return "%s, gateway %s" % (format_prefix(self.address, self.prefix_len), gateway)
