"""What is heard in the air, and which of it to join. No radio here."""

from wg.compat import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from box.box_settings import Network
    from box.links import Heard

    # As WLAN.scan() tells it: SSID, BSSID, channel, signal in dBm, security, hidden.
    Told = tuple[bytes, bytes, int, int, int, bool]

# What `security` says (ESP-IDF's wifi_auth_mode_t).
OPEN = 0
WEP = 1
OWE = 9
# Those that want more than a password: a user's name, a certificate.
ENTERPRISE = (5, 10, 14, 15)

# Channels that do not overlap; the first ones are allowed everywhere.
QUIET_CHANNELS = (1, 6, 11)
CHANNEL_DEFAULT = 6
SILENCE_DBM = -100


class Target:
    """What can be joined. bssid, channel: None where it was not heard by its name."""

    def __init__(
        self, network: "Network", bssid: "bytes | None" = None, channel: "int | None" = None
    ) -> None:
        self.network = network
        self.bssid = bssid
        self.channel = channel


def targets(heard: "list[Told]", networks: "Iterable[Network]") -> "list[Target]":
    """The known networks that are there, in their order, each by its strongest access point.

    After those, where somebody hides a name, the ones that were not heard.
    """
    found = []
    hidden = []
    is_hiding = any(not told[0] for told in heard)
    for network in networks:
        fitting = [told for told in heard if told[0] == network.ssid and fits(network, told[4])]
        if fitting:
            best = max(fitting, key=lambda told: told[3])
            found.append(Target(network, best[1], best[2]))
        elif is_hiding and not any(told[0] == network.ssid for told in heard):
            hidden.append(Target(network))
    return found + hidden


def fits(network: "Network", security: int) -> bool:
    """Whether an access point is what was meant: who calls itself alike and is open is not."""
    if network.password is None:
        return security in (OPEN, OWE)
    return security not in (OPEN, OWE, WEP) and security not in ENTERPRISE


def misfit(heard: "list[Told]", network: "Network") -> "str | None":
    """Why none of those with the network's name will do; None: one does, or none is there."""
    named = [told[4] for told in heard if told[0] == network.ssid]
    if not named or any(fits(network, security) for security in named):
        return None
    if network.password is None:
        return "it wants a password, and none was given"
    if any(security in ENTERPRISE for security in named):
        return "it wants a user's name, which this box cannot give"
    return "it is not protected as a network with a password is: it may be somebody else's"


def summary(heard: "list[Told]") -> "list[Heard]":
    """Each name once, the strongest first: (SSID, signal in dBm, whether it wants a password)."""
    best: "dict[bytes, Told]" = {}
    for told in heard:
        if told[0] and (told[0] not in best or best[told[0]][3] < told[3]):
            best[told[0]] = told
    ordered = sorted(best.values(), key=lambda told: -told[3])
    return [(told[0], told[3], told[4] not in (OPEN, OWE)) for told in ordered]


def quiet_channel(heard: "list[Told]") -> int:
    """Where others disturb us least: for our own network while it need not follow another's."""
    if not heard:
        return CHANNEL_DEFAULT
    loudest = []
    for channel in QUIET_CHANNELS:
        near = [told[3] for told in heard if abs(told[2] - channel) < 5]
        near.append(SILENCE_DBM)
        loudest.append((max(near), channel))
    return min(loudest)[1]
