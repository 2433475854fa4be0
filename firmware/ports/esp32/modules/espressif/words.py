"""How the links do, for programs and for people; SSIDs have '?' for what is not printable ASCII."""

from espressif import cable, joining, station
from wg.compat import TYPE_CHECKING

if TYPE_CHECKING:
    from box.box_settings import Network
    from box.links import Problem

    from espressif.access_point import AccessPoint
    from espressif.joining import Joining
    from espressif.station import Station

MEDIA = {None: None, cable.NAME: "cable", station.NAME: "wifi"}
PHASES = {
    joining.IDLE: "off",
    joining.LISTENING: "listening",
    joining.JOINING: "joining",
    joining.JOINED: "joined",
    joining.PAUSING: "pausing",
}
RESTART = "Restart it; if it stays so, it is broken."


def wifi(
    its_joining: "Joining", its_station: "Station", problem: "Problem | None"
) -> "dict[str, object]":
    """The uplink by Wi-Fi. problem: of the links."""
    target = its_joining.target
    is_joined = its_joining.is_joined
    return {
        "state": PHASES[its_joining.phase],
        "ssid": None if target is None else joining.shown(target.network.ssid),
        "signal_dbm": its_station.signal() if is_joined else None,
        "channel": its_station.channel(),
        "why": None if problem is None or is_joined else problem[1],
    }


def own(point: "AccessPoint") -> "dict[str, object]":
    """Our own network."""
    return {
        "state": "up" if point.is_on else "starting" if point.is_wanted else "off",
        "ssid": joining.shown(point.ssid) if point.is_wanted else None,
        "clients": point.clients(),
        "why": point.why,
    }


def no_network(has_socket: bool) -> "Problem":
    mend = "Provision the box with the name and the password of a Wi-Fi network"
    mend += ", or plug a cable in." if has_socket else "."
    return ("the uplink", "no Wi-Fi network is known, and there is no cable", mend)


def problem_of(its_joining: "Joining", networks: "list[Network]") -> "Problem | None":
    """The first known network that does not let us in; None: one did, or none was tried yet."""
    if its_joining.is_joined:
        return None
    for network in networks:
        why = its_joining.failures.get(network.ssid)
        if why is not None:
            return ("the Wi-Fi network '%s'" % joining.shown(network.ssid), why, _mend(why))
    return None


def _mend(why: str) -> str:
    if "password" in why:
        return "Provision the box with the network's password; capitals and spaces count."
    if "not found" in why or "signal" in why:
        return "Bring the box nearer, and see that the name is right; only 2.4 GHz is heard."
    if "no address" in why:
        return "Ask whoever runs it whether it needs a fixed address, or has a page to log in."
    return "See that it works for others; restart it, or use another one."
