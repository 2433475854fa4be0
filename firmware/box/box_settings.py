"""What the document "box" says, and the passwords in it, which wipe() erases."""

from wg.carrier_settings import Proxy
from wg.compat import TYPE_CHECKING
from wg.keytext import wipe

if TYPE_CHECKING:
    from wg.errors import ConfigError

    Prefix = tuple[bytes, int]

# How the uplink gets its address.
DHCP = "dhcp"
STATIC = "static"
# By what the uplink goes out. AUTO: the cable while it has a link, else Wi-Fi.
AUTO = "auto"
ETHERNET = "ethernet"
WIFI = "wifi"

MEDIA = (AUTO, ETHERNET, WIFI)


class Network:
    """A Wi-Fi network to join. It shows neither itself nor its password anywhere."""

    def __init__(self, ssid: bytes, password: "bytearray | None") -> None:
        """ssid: 1 to 32 bytes. password: 8 to 63 characters or 64 hex digits; None: open."""
        self.ssid = ssid
        self.password = password

    def wipe(self) -> None:
        if self.password is not None:
            wipe(self.password)
        self.password = None


class BoxSettings:
    """What the document says. Addresses have 4 bytes, and their host bits."""

    def __init__(self) -> None:
        self.name = ""
        self.uplink_medium = AUTO
        self.uplink_mode = DHCP
        # With STATIC only: address and prefix length, gateway, name servers.
        self.uplink_address: "Prefix | None" = None
        self.uplink_gateway: "bytes | None" = None
        self.uplink_dns: "list[bytes]" = []
        # The proxy of the network, and whom it knows; see own_proxy(). No user: it asks nobody.
        self.proxy: "Proxy | None" = None
        self.proxy_user = ""
        self.proxy_password: "bytearray | None" = None
        self.networks: "list[Network]" = []  # the first is preferred
        self.lan_address: "Prefix | None" = None  # None: the box chooses
        # Of the box's own Wi-Fi. No SSID: default_name(). No password: there is no such Wi-Fi.
        self.lan_ssid: "bytes | None" = None
        self.lan_password: "bytearray | None" = None
        # What was accepted but may surprise.
        self.notes: "list[ConfigError]" = []

    def own_proxy(self) -> "Proxy | None":
        """The proxy with all that it wants to know: the caller's to wipe."""
        if self.proxy is None:
            return None
        proxy = Proxy(self.proxy.scheme, self.proxy.place)
        proxy.user = self.proxy_user
        if self.proxy_password is not None:
            proxy.password = bytearray(self.proxy_password)
        return proxy

    def wipe(self) -> None:
        """Erase the passwords."""
        for network in self.networks:
            network.wipe()
        for password in (self.lan_password, self.proxy_password):
            if password is not None:
                wipe(password)
        self.lan_password = self.proxy_password = None


def default_name(mac: bytes) -> str:
    """What a box and its Wi-Fi are called until somebody names them. mac: of the uplink."""
    return "undertow-%02x%02x" % (mac[4], mac[5])
