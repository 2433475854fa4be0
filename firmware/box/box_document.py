"""The document "box": what a box is called and how it joins the networks on its two sides.

    [Box]
    Name = attic

    [Uplink]
    Medium = auto             # or ethernet, or wifi; auto: the cable while it has link, else Wi-Fi
    Mode = static             # or dhcp, which needs nothing else
    Address = 192.0.2.7/24
    Gateway = 192.0.2.1
    DNS = 192.0.2.1, 9.9.9.9
    Proxy = http://192.0.2.3:3128   # or socks5://; tried where nothing else gets through
    ProxyUser = guest               # in quotes as below; left out: the proxy asks nobody
    ProxyPassword = "blue #7"

    [WiFi]                    # up to 8 of them: networks to join, the first is preferred
    SSID = "Room #4"          # in quotes where it has a '#', a quote, or blanks at its ends
    Password = correct horse  # left out: an open network

    [LAN]
    Address = 10.20.30.1/24   # left out: the box chooses
    SSID = attic              # of the box's own Wi-Fi; left out: "undertow-" and its MAC's end
    Password = battery staple # left out: the box has no Wi-Fi of its own

It has the form of a wg-quick file. Everything is IPv4. What a new one leaves as it was has been
written out before it is read here (kept.py).
"""

from box import box_values, quoted
from box.box_checks import Checks
from box.box_settings import BoxSettings, Network
from wg import config_values as values
from wg.config import ConfigFileError
from wg.config_keywords import find, nearest
from wg.keytext import wipe

NETWORKS_MAX = 8

_PROXY = ("Proxy", "ProxyUser", "ProxyPassword")
_KEYWORDS = {
    "box": ("Name",),
    "uplink": ("Medium", "Mode", "Address", "Gateway", "DNS") + _PROXY,
    "wifi": ("SSID", "Password"),
    "lan": ("Address", "SSID", "Password"),
}
_SPELLED = {"box": "Box", "uplink": "Uplink", "wifi": "WiFi", "lan": "LAN"}
_ALL = ("Name", "Medium", "Mode", "Address", "Gateway", "DNS", "SSID", "Password") + _PROXY
# What may stand in quotes.
_QUOTED = ("ssid", "password", "proxyuser", "proxypassword")


def read(buffer: "bytes | bytearray", has_wifi: bool = True) -> BoxSettings:
    """The settings in the document's text, to be wiped by the caller.

    has_wifi: of the board; without it there are notes on what it cannot do.
    ConfigFileError: all that is wrong with the document.
    """
    reader = _Reader(buffer, None)
    reader.has_wifi = has_wifi
    reader.read()
    if reader.errors:
        reader.settings.wipe()
        raise ConfigFileError(reader.sorted_errors())
    return reader.settings


class _Reader(Checks):
    def __init__(self, buffer: "bytes | bytearray", file: "str | None") -> None:
        super().__init__(buffer, file)
        self.network = Network(b"", None)
        self.section = ""  # one of _KEYWORDS; "": none yet, "?": one that there is not
        self.place = ""

    def text_of(self, start: int, end: int) -> "tuple[int, int]":
        return quoted.text_of(self.view, start, end)

    # --- sections ---

    def begin_section(self, name: "str | None") -> None:
        self.place = self.section = "?" if name is None else name.lower()
        if self.section not in _KEYWORDS:
            why = "this is not the head of a section"
            if name is not None:
                why = "there is no section [%s]" % name
            mend = "The sections are [Box], [Uplink], [WiFi] and [LAN]."
            self.wrong("section", why, mend)
            self.place = self.section = "?"
        elif self.section == "wifi":
            self.begin_network()
        elif self.section in self.sections:
            self.wrong(
                "[%s]" % _SPELLED[self.section],
                "is here a second time, the first is in line %d" % self.sections[self.section],
                "Put everything of it into one section.",
            )
        else:
            self.sections[self.section] = self.line

    def begin_network(self) -> None:
        networks = self.settings.networks
        if len(networks) == NETWORKS_MAX:
            self.wrong(
                "[WiFi]",
                "a box has room for %d of them, this is one more" % NETWORKS_MAX,
                "Keep those that are needed.",
            )
            self.place = self.section = "?"
            return
        self.network = Network(b"", None)
        networks.append(self.network)
        self.place = "wifi%d" % len(networks)
        self.sections[self.place] = self.line

    # --- settings ---

    def read_setting(self, keyword: str, start: int, end: int) -> None:
        if self.section == "?":
            return
        if not self.section:
            self.wrong(keyword, "stands before the first section", "Begin with the line [Box].")
            return
        name = keyword.lower()
        spelled = find(name, _KEYWORDS[self.section])
        if spelled is None:
            self.refuse_keyword(keyword, name)
            return
        first = self.seen.get((self.place, name))
        if first is not None and name != "dns":
            why = "is given twice, first in line %d" % first
            self.wrong(spelled, why, "Remove one of the two lines.")
            return
        if first is None:
            self.seen[(self.place, name)] = self.line
        if name in _QUOTED:
            self.read_quoted(name, spelled, start, end)
        else:
            self.read_value(name, spelled, start, end)

    def refuse_keyword(self, keyword: str, name: str) -> None:
        meant = nearest(name, _KEYWORDS[self.section])
        if find(name, _ALL) is not None:
            mend = "Move it into the section that it belongs to."
        else:
            mend = "Did you mean %s?" % meant if meant else "Remove the line."
        why = "there is none called '%s' in [%s]" % (keyword, _SPELLED[self.section])
        self.wrong("keyword", why, mend)

    def read_quoted(self, name: str, spelled: str, start: int, end: int) -> None:
        """A value that can be a secret, and is in no error."""
        data = bytearray()
        is_taken = False
        try:
            data = quoted.read(self.view, start, end)
            if name == "ssid":
                self.set_ssid(box_values.ssid(data))
            elif name == "proxyuser":
                self.settings.proxy_user = box_values.proxy_user(data)
            elif name == "proxypassword":
                self.settings.proxy_password = box_values.proxy_password(data)
                is_taken = True
            else:
                self.set_password(box_values.password(data, can_be_hex=self.section == "wifi"))
                is_taken = True
        except values.RefusedError as refused:
            self.wrong(spelled, refused.why, refused.mend)
        finally:
            if not is_taken:
                wipe(data)

    def set_ssid(self, ssid: bytes) -> None:
        if self.section == "lan":
            self.settings.lan_ssid = ssid
            return
        for i, other in enumerate(self.settings.networks):
            if other.ssid == ssid:
                line = self.seen[("wifi%d" % (i + 1), "ssid")]
                why = "this network is already in line %d" % line
                self.wrong("SSID", why, "Keep one of the two sections.")
        self.network.ssid = ssid

    def set_password(self, password: bytearray) -> None:
        if self.section == "lan":
            self.settings.lan_password = password
        else:
            self.network.password = password

    def apply_value(self, name: str, spelled: str, text: str) -> None:
        settings = self.settings
        if name == "name":
            settings.name = box_values.name(text)
        elif name == "medium":
            settings.uplink_medium = box_values.medium(text)
        elif name == "mode":
            settings.uplink_mode = box_values.mode(text)
        elif name == "gateway":
            settings.uplink_gateway = box_values.ipv4(text, "Write it like 192.0.2.1.")
        elif name == "proxy":
            settings.proxy = box_values.proxy(text)
        elif name == "dns":
            self.read_list(spelled, text, box_values.name_server, settings.uplink_dns)
        elif self.section == "uplink":
            settings.uplink_address = box_values.host(text, 30)
        else:
            settings.lan_address = box_values.lan(text)
