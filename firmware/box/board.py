"""The box on a board: tunnel, uplink and LAN, and the loop that runs them.

The packet path is C's and denies everything from power-on. Here it is told what may pass, once
all of that is known; whatever goes wrong before leaves it closed.
"""

import gc

import _board
import _router
from _wg import Gate, Tunnel

from box import lan
from box.box_settings import BoxSettings
from box.connection import DNS_DEFAULT, Connection
from box.control import Control
from box.judgement import judge
from box.lan import Lan
from box.limits import MTU_DEFAULT, MTU_MAX, PEERS_MAX, PREFIXES_MAX
from box.links import Links
from box.sign_in import SignIn
from box.state import TUNNEL
from box.store import TimestampStore
from box.uplink import Uplink
from wg.compat import TYPE_CHECKING
from wg.device import Device
from wg.errors import ConfigError
from wg.tai64n import Timestamps

if TYPE_CHECKING:
    from collections.abc import Callable

    from box.judgement import Judgement
    from box.state import State
    from box.status import Problem
    from box.tunnel_document import Tunnel as TunnelDocument


# Packets that wait for a handshake, and how long they can be.
WAITING = 8
PACKET_LEN = MTU_MAX
FEED_EVERY_MS = 2_000
# A box that has run so long forgets the crashes before.
HEALTHY_AFTER_MS = 60_000

# Counters of the router that are no drops.
PASSED = ("lan_rx", "lan_tx", "uplink_rx", "uplink_tx", "cookies")
PASSED_SIGN_IN = ("sign_in_tx", "sign_in_rx", "sign_in_names")

NO_GATEWAY = (
    "the gateway",
    "the box has none yet, so it carries nothing",
    "Pair it with one and compare the code, or give it a wg-quick file.",
)

LEASES = "leases"
TIMESTAMP = "tunnel"


class Board:
    """trouble: what is wrong with the settings, as (what, why, mend). public_key: the box's own."""

    def __init__(
        self,
        folder: str,
        log: "Callable[[str, str], object]",
        links: "Links | None" = None,
    ) -> None:
        """folder: where what must survive a restart is kept, besides the settings.

        links: how the board joins its networks; None: by cables that are simply there.
        """
        self.log = log
        self.links = links or Links()
        self.name = ""
        self.public_key: "bytes | None" = None
        self.trouble: "Problem | None" = None
        tunnel = Tunnel(
            PEERS_MAX,
            PREFIXES_MAX,
            WAITING,
            PACKET_LEN,
            MTU_DEFAULT,
        )
        gate = Gate()
        self.router = _router.Router(tunnel, gate)
        floors = TimestampStore(TIMESTAMP, log, folder)
        self.timestamps = Timestamps(_router.wall_clock, floors.load(), floors.save)
        self.device = Device(
            tunnel,
            gate,
            self.router,
            _router.fill_random,
            self.timestamps,
            _router.wall_clock,
            log,
        )
        self.control = Control(self.device, self.router, _router.now_ms, log)
        self.links.start(self.control)
        # In this order: a new network is known before names that were found by it.
        self.uplink = Uplink(self.router, self.device, self.control)
        self.uplink.on_change = self._follow_uplink
        self.links.on_uplink = self.uplink.renew
        self.connection = Connection(
            self.router, self.device, self.control, folder, _router.fill_random
        )
        self.uplink.leads = self.connection.leads
        self.uplink.on_speak = self._speak
        self.uplink.on_hold = self.connection.hold
        self.uplink.on_silence = self.connection.look_for_all
        self.sign_in = SignIn(self)
        self.lan = Lan(self.router, self.control, "%s/%s" % (folder, LEASES))

    def apply(self, state: "State", trouble: "Problem | None" = None) -> None:
        """Live by these settings from now on; without all of them there is a LAN and no tunnel.

        Everything is closed until the new settings are in place. What is wrong with them is
        `trouble`, or what was wrong when they were read. The state is the caller's to wipe.
        """
        self.connection.close()
        self.trouble = trouble
        self.public_key = state.public_key()
        if state.tunnel is not None and b"[Carriers]" in state.tunnel:
            # It will live long, so it must lie below what reading leaves behind.
            import box.lead  # noqa: F401

            gc.collect()
        verdict = judge(state, has_wifi=self.links.has_wifi)
        # What was read leaves a lot behind; what will live long must not come to lie above that.
        gc.collect()
        try:
            self._apply(state, verdict)
        except ConfigError as error:
            self._tell(error)
        except OSError as error:
            self._tell(ConfigError("the tunnel", "it cannot be opened: %s" % error, "Restart."))
        finally:
            verdict.wipe()
        gc.collect()

    def _apply(self, state: "State", verdict: "Judgement") -> None:
        if verdict.problems:
            self._tell(verdict.problems[0][1])
        elif TUNNEL in verdict.missing and not state.is_blank and self.trouble is None:
            self.trouble = NO_GATEWAY
        settings = verdict.settings or BoxSettings()
        tunnel = verdict.tunnel
        self.name = settings.name
        carries = verdict.is_good and tunnel is not None and _board.has_random()
        self.links.apply(settings, carries)
        self._set_lan(settings, tunnel)
        if not carries or tunnel is None:
            self.uplink.stop()
            return
        self._set_uplink(settings)
        private_key = state.private_key()
        if private_key is not None:
            self.connection.open(tunnel, private_key, settings.own_proxy())
            self.uplink.speak()

    def _tell(self, error: ConfigError) -> None:
        self.trouble = (error.what, error.why, error.mend)
        self.log("error", str(error))

    def _set_lan(self, settings: BoxSettings, tunnel: "TunnelDocument | None") -> None:
        own = settings.lan_address
        if own is None:
            own = (lan.default_address(_board.mac(1)), lan.PREFIX_LEN)
        if tunnel is None:
            self.lan.configure(own[0], own[1], MTU_DEFAULT)
        else:
            inside = (tunnel.address, tunnel.dns or DNS_DEFAULT)
            self.lan.configure(own[0], own[1], tunnel.mtu, inside)

    def _set_uplink(self, settings: BoxSettings) -> None:
        own, gateway = settings.uplink_address, settings.uplink_gateway
        if own is None or gateway is None:
            self.uplink.use_dhcp()
        else:
            self.uplink.use_static(own[0], own[1], gateway, tuple(settings.uplink_dns))

    def _follow_uplink(self) -> None:
        # First the LAN out of the way: packets to the gateway must not look for it there.
        self.lan.give_way(self.uplink.address, self.uplink.prefix_len)
        self.sign_in.follow_uplink()
        self.connection.look_now()

    def _speak(self) -> None:
        if self.uplink.is_usable():
            self.connection.begin()
        else:
            self.connection.pause()

    def drops(self) -> "dict[str, int]":
        """How many packets were dropped, by reason, where there were any."""
        counted = self.router.counters()
        counted.update(self.lan.drops())
        passed = PASSED + PASSED_SIGN_IN
        return {name: counted[name] for name in counted if counted[name] and name not in passed}

    # --- keeping it going ---

    def run(self) -> None:
        """For ever; what ends it is a fault, which resets the machine."""
        self._feed()
        self.control.after(HEALTHY_AFTER_MS, _board.healthy)
        self.control.run()

    def _feed(self) -> None:
        # By the loop that also moves packets and shakes hands: when that hangs, so does this.
        _board.feed()
        self.control.after(FEED_EVERY_MS, self._feed)
