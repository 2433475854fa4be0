"""What of the document "box" is seen only once all of its lines were read."""

from box.box_settings import ETHERNET, STATIC, WIFI, BoxSettings
from dhcp.subnet import overlap
from wg.allowedips import clear_host_bits, format_prefix
from wg.config_lines import LineReader
from wg.errors import ConfigError

DNS_MAX = 2


class Checks(LineReader):
    """settings: what was read. has_wifi: of the board.

    A place is a section's name in small letters; those of [WiFi] are called wifi1, wifi2 and so on.
    """

    def __init__(self, buffer: "bytes | bytearray", file: "str | None") -> None:
        super().__init__(buffer, file)
        self.has_wifi = True
        self.settings = BoxSettings()
        self.sections: "dict[str, int]" = {}  # place -> line
        self.seen: "dict[tuple[str, str], int]" = {}  # place and keyword -> line

    def finish(self) -> None:
        if ("box", "name") not in self.seen:
            self.at("box")
            self.wrong("[Box]", "has no Name", "Add one, such as 'Name = attic'.")
        self.check_uplink()
        self.check_proxy()
        self.check_networks()
        if not self.errors:
            self.note_what_is_of_no_use()

    def check_uplink(self) -> None:
        if len(self.settings.uplink_dns) > DNS_MAX:
            self.at("uplink", "dns")
            self.wrong("DNS", "there are more than %d" % DNS_MAX, "Keep those that are needed.")
        if self.settings.uplink_mode == STATIC:
            self.check_static()
        elif ("uplink", "mode") not in self.seen or not self.errors:
            for keyword in ("Address", "Gateway", "DNS"):
                if ("uplink", keyword.lower()) in self.seen:
                    self.at("uplink", keyword.lower())
                    self.wrong(
                        keyword,
                        "is of no use where the network gives the address",
                        "Write 'Mode = static' too, or remove this line.",
                    )

    def check_static(self) -> None:
        settings = self.settings
        for keyword in ("Address", "Gateway"):
            if ("uplink", keyword.lower()) not in self.seen:
                self.at("uplink")
                self.wrong(
                    "[Uplink]", "has no %s" % keyword, "Add one, or write 'Mode = dhcp' instead."
                )
        own, gateway = settings.uplink_address, settings.uplink_gateway
        if own is not None and gateway is not None:
            self.at("uplink", "gateway")
            if gateway == own[0]:
                self.wrong("Gateway", "is the box itself", "Give the address of the router there.")
            elif clear_host_bits(gateway, own[1]) != clear_host_bits(*own):
                self.wrong(
                    "Gateway",
                    "is not in the network of the box's address, "
                    + format_prefix(clear_host_bits(*own), own[1]),
                    "Correct one of the two, or the prefix length.",
                )
        lan = settings.lan_address
        if own is not None and lan is not None and overlap(*own, *lan):
            self.at("lan", "address")
            self.wrong(
                "Address",
                "the network on the LAN is also that of the uplink",
                "Choose another, or leave it out: the box chooses one that is free.",
            )

    def check_proxy(self) -> None:
        for keyword, other in (("ProxyUser", "Proxy"), ("ProxyPassword", "ProxyUser")):
            has_other = ("uplink", other.lower()) in self.seen
            if ("uplink", keyword.lower()) in self.seen and not has_other:
                self.at("uplink", keyword.lower())
                self.wrong(keyword, "there is no %s" % other, "Add it, or remove this line.")

    def check_networks(self) -> None:
        settings = self.settings
        for i in range(len(settings.networks)):
            place = "wifi%d" % (i + 1)
            if (place, "ssid") not in self.seen:
                self.at(place)
                self.wrong("[WiFi]", "has no SSID", "Add the name of the network.")
        if settings.uplink_medium == WIFI and not settings.networks:
            self.at("uplink", "medium")
            self.wrong(
                "Medium",
                "there is no [WiFi] section, so there is no network to join",
                "Add one with the network's SSID and Password, or write 'auto'.",
            )
        own = settings.lan_ssid
        if own is not None and any(network.ssid == own for network in settings.networks):
            self.at("lan", "ssid")
            self.wrong(
                "SSID",
                "is also a network that the box joins, which would then find itself",
                "Choose another for the box's own Wi-Fi.",
            )

    def note_what_is_of_no_use(self) -> None:
        settings = self.settings
        if settings.proxy_password is not None:
            self.at("uplink", "proxypassword")
            self.note("ProxyPassword", "it goes to the proxy as it is: the network can read it")
        if not self.has_wifi:
            self.note_without_wifi()
            return
        if settings.networks and settings.uplink_medium == ETHERNET:
            self.at("uplink", "medium")
            self.note("Medium", "the networks in [WiFi] are not joined")
        if settings.lan_ssid is not None and settings.lan_password is None:
            self.at("lan", "ssid")
            self.note("SSID", "without a Password the box has no Wi-Fi of its own")

    def note_without_wifi(self) -> None:
        if self.settings.uplink_medium == WIFI:
            self.at("uplink", "medium")
            self.note("Medium", "this board has no Wi-Fi; it uses its cable")
        lines = [self.seen[place] for place in self.seen if place[1] in ("ssid", "password")]
        if lines:
            self.line = min(lines)
            self.note("Wi-Fi", "this board has none; what is said of it is kept and not used")

    def note(self, what: str, why: str) -> None:
        mend = "Nothing has to be done, if that is meant."
        self.settings.notes.append(ConfigError(what, why, mend, self.file, self.line or None))

    def at(self, place: str, name: str = "") -> None:
        """What is found wrong next is in this section, or in the line with this keyword."""
        self.line = self.seen.get((place, name)) or self.sections.get(place) or 0
