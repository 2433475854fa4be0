"""The TUN interface: its name, addresses and MTU."""

from box.files import exists

from linux.commands import attempt, run
from linux.errors import ProgramError, words
from wg.allowedips import format_address, format_prefix
from wg.compat import TYPE_CHECKING
from wg.config_values import MTU_MIN, is_interface_name

if TYPE_CHECKING:
    from _datapath import Path


OUTER_MTU = 1500
# What the tunnel adds to a packet at most: IPv6, UDP, WireGuard.
OVERHEAD = 80

CAP_NET_ADMIN = 12


def check_name(name: str) -> None:
    """ProgramError: no interface can have this name."""
    if not is_interface_name(name):
        raise ProgramError(
            "interface name '%s'" % name[:40],
            "it is not 1 to 15 of letters, digits and _ = + . -",
            "Choose another one, for example wg0.",
            2,
        )


def check_rights() -> None:
    """ProgramError: this process may not make interfaces."""
    with open("/proc/self/status") as file:
        for line in file:
            if line.startswith("CapEff:") and int(line[7:].strip(), 16) >> CAP_NET_ADMIN & 1:
                return
    raise ProgramError(
        "network interfaces",
        "this user may not make them",
        "Run it as root, for example with sudo.",
    )


def check_free(name: str) -> None:
    """ProgramError: there is such an interface already."""
    if exists("/sys/class/net/" + name):
        raise ProgramError(
            "interface " + name,
            "it exists already",
            "Choose another name, or remove it: ip link delete " + name + ".",
        )


def create(path: "Path", name: str) -> None:
    try:
        path.open_tun(name)
    except OSError as error:
        raise ProgramError(
            "interface " + name,
            words(error),
            "Load the kernel's TUN driver with `modprobe tun`, and see that /dev/net/tun is there.",
        )


def set_addresses(name: str, addresses: "list[tuple[bytes, int]]") -> None:
    """Add these, or those of them that are gone."""
    for address, prefix_len in addresses:
        text = format_prefix(address, prefix_len)
        run(("ip", family(address), "address", "replace", text, "dev", name))


def bring_up(name: str, mtu: int) -> None:
    run(("ip", "link", "set", "mtu", str(mtu), "up", "dev", name))


def family(address: bytes) -> str:
    return "-4" if len(address) == 4 else "-6"


def mtu_for(hosts: "list[bytes]") -> int:
    """The MTU that fits the ways to these outer addresses, as wg-quick finds it.

    Where they differ the smallest counts: no packet has to be cut in two then.
    """
    found = []
    for address in hosts:
        status, said = attempt(("ip", "route", "get", format_address(address)))
        if status == 0:
            found.append(_mtu_of_route(said))
    found = [mtu for mtu in found if mtu]
    if not found:
        status, said = attempt(("ip", "route", "show", "default"))
        mtu = _mtu_of_route(said) if status == 0 else 0
        found = [mtu or OUTER_MTU]
    return max(min(found) - OVERHEAD, MTU_MIN)


def _mtu_of_route(said: str) -> int:
    """The MTU that `ip route` tells for its first route, or that of the route's interface; or 0."""
    words_ = said.split("\n")[0].split()
    for key in ("mtu", "dev"):
        if key in words_[:-1]:
            value = words_[words_.index(key) + 1]
            try:
                if key == "mtu":
                    return int(value)
                with open("/sys/class/net/%s/mtu" % value) as file:
                    return int(file.read())
            except (OSError, ValueError):
                pass
    return 0
