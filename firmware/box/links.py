"""How a board joins the networks on its two sides. Here: by cables that are simply there.

A port whose board has Wi-Fi, or chooses between cables, hands another object with these members
to box.program.run(). None of them raises; what cannot be done is in status() and in the log.
"""

from wg.compat import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from box.box_settings import BoxSettings, Network
    from box.control import Control

    # What is heard: SSID, signal in dBm, whether it wants a password.
    Heard = tuple[bytes, int, bool]
    Problem = tuple[str, str, str]  # what, why, mend


class Links:
    """has_wifi: whether the board can join networks by radio, and have one of its own.

    on_uplink: to be called whenever another interface has become the uplink: it has no address.
    """

    has_wifi = False
    on_uplink: "Callable[[], object] | None" = None

    def start(self, control: "Control") -> None:
        """Called once, before anything else; control.after() and on_wake() are there to be used."""

    def apply(self, settings: "BoxSettings", carries: bool = False) -> None:
        """Join networks, and have one, as the settings say, until the next apply().

        carries: whether there is a tunnel: then a network that gives no address is of no use.

        They are wiped after this call: what is needed later is copied, passwords into bytearrays
        that are wiped in turn. Without a tunnel they are applied as well: the LAN is served then.
        """

    def scan(self, done: "Callable[[list[Heard]], object]") -> None:
        """Listen for networks, without stopping anything else.

        done: called once, from the control loop and a few seconds later at the most, with those
        that were heard, the strongest first. While clients are served these may be the ones that
        were heard last.
        """
        done([])

    def connect(self, network: "Network", done: "Callable[[bool], object]") -> None:
        """Try to join one network at once, whatever the settings say.

        done: called once, from the control loop; whether the network let us in. True: it stays
        joined until the next apply(). False: back to the settings. The network is the caller's to
        wipe once done() was called.
        """
        done(False)

    def problem(self) -> "Problem | None":
        """What keeps the board from its networks; None: nothing, or no more than a missing link."""
        return None

    def status(self) -> "dict[str, object]":
        """The member "links" of `status`, for programs and people; never a password."""
        return {}
