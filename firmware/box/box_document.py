"""The document "box": what a box is called and how it joins the networks on its two sides.

    [Box]
    Name = attic

    [Uplink]
    Mode = static             # or dhcp, which needs nothing else
    Address = 192.0.2.7/24
    Gateway = 192.0.2.1
    DNS = 192.0.2.1, 9.9.9.9

    [LAN]
    Address = 10.20.30.1/24   # left out: the box chooses

It has the form of a wg-quick file. Everything is IPv4.
"""

from box.box_settings import DHCP, STATIC, BoxSettings
from dhcp.subnet import overlap
from wg import config_values as values
from wg.allowedips import clear_host_bits, format_prefix
from wg.compat import TYPE_CHECKING
from wg.config import ConfigFileError
from wg.config_keywords import find, nearest
from wg.config_lines import LineReader

if TYPE_CHECKING:
    Prefix = tuple[bytes, int]

NAME_LEN_MAX = 32
DNS_MAX = 2

_KEYWORDS = {
    "box": ("Name",),
    "uplink": ("Mode", "Address", "Gateway", "DNS"),
    "lan": ("Address",),
}
_SPELLED = {"box": "Box", "uplink": "Uplink", "lan": "LAN"}
_ALL = ("Name", "Mode", "Address", "Gateway", "DNS")
_PRIVATE = ((b"\x0a\x00\x00\x00", 8), (b"\xac\x10\x00\x00", 12), (b"\xc0\xa8\x00\x00", 16))


def read(buffer: "bytes | bytearray") -> BoxSettings:
    """The settings in the document's text. ConfigFileError: all that is wrong with it."""
    reader = _Reader(buffer, None)
    reader.read()
    if reader.errors:
        raise ConfigFileError(reader.sorted_errors())
    return reader.settings


class _Reader(LineReader):
    def __init__(self, buffer: "bytes | bytearray", file: "str | None") -> None:
        super().__init__(buffer, file)
        self.settings = BoxSettings()
        self.section = ""  # one of _KEYWORDS; "": none yet, "?": one that there is not
        self.sections: "dict[str, int]" = {}  # name -> line
        self.seen: "dict[tuple[str, str], int]" = {}  # section and keyword -> line

    def begin_section(self, name: "str | None") -> None:
        self.section = "?" if name is None else name.lower()
        if self.section not in _KEYWORDS:
            why = "this is not the head of a section"
            if name is not None:
                why = "there is no section [%s]" % name
            self.wrong("section", why, "The sections are [Box], [Uplink] and [LAN].")
            self.section = "?"
        elif self.section in self.sections:
            self.wrong(
                "[%s]" % _SPELLED[self.section],
                "is here a second time, the first is in line %d" % self.sections[self.section],
                "Put everything of it into one section.",
            )
        else:
            self.sections[self.section] = self.line

    def read_setting(self, keyword: str, start: int, end: int) -> None:
        if self.section == "?":
            return
        if not self.section:
            self.wrong(keyword, "stands before the first section", "Begin with the line [Box].")
            return
        name = keyword.lower()
        spelled = find(name, _KEYWORDS[self.section])
        if spelled is None:
            meant = nearest(name, _KEYWORDS[self.section])
            if find(name, _ALL) is not None:
                mend = "Move it into the section that it belongs to."
            else:
                mend = "Did you mean %s?" % meant if meant else "Remove the line."
            why = "there is none called '%s' in [%s]" % (keyword, _SPELLED[self.section])
            self.wrong("keyword", why, mend)
            return
        first = self.seen.get((self.section, name))
        if first is not None and name != "dns":
            why = "is given twice, first in line %d" % first
            self.wrong(spelled, why, "Remove one of the two lines.")
            return
        if first is None:
            self.seen[(self.section, name)] = self.line
        self.read_value(name, spelled, start, end)

    def apply_value(self, name: str, spelled: str, text: str) -> None:
        settings = self.settings
        if name == "name":
            settings.name = _name(text)
        elif name == "mode":
            settings.uplink_mode = _mode(text)
        elif name == "gateway":
            settings.uplink_gateway = _ipv4(text, "Write it like 192.0.2.1.")
        elif name == "dns":
            self.read_list(spelled, text, _name_server, settings.uplink_dns)
        elif self.section == "uplink":
            settings.uplink_address = _host(text, 30)
        else:
            settings.lan_address = _lan(text)

    def finish(self) -> None:
        if ("box", "name") not in self.seen:
            self.at("box")
            self.wrong("[Box]", "has no Name", "Add one, such as 'Name = attic'.")
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

    def at(self, section: str, name: str = "") -> None:
        """What is found wrong next is in this section, or in the line with this keyword."""
        self.line = self.seen.get((section, name)) or self.sections.get(section) or 0


def _name(text: str) -> str:
    mend = "Use letters, digits and '-', at most %d of them." % NAME_LEN_MAX
    if not text:
        raise values.RefusedError("is empty", mend)
    if len(text) > NAME_LEN_MAX or "." in text or "_" in text or not values.is_host_name(text):
        raise values.RefusedError("%s cannot be a name" % values.shown(text), mend)
    return text


def _mode(text: str) -> str:
    if text.lower() in (DHCP, STATIC):
        return text.lower()
    raise values.RefusedError(
        "there is none called %s" % values.shown(text), "Write 'dhcp' or 'static'."
    )


def _ipv4(text: str, mend: str) -> bytes:
    address, _ = values.interface_address(text)
    if "/" in text or len(address) != 4:
        raise values.RefusedError("%s is no IPv4 address" % values.shown(text), mend)
    if not _is_unicast(address):
        raise values.RefusedError("%s is not the address of a machine" % values.shown(text), mend)
    return address


def _name_server(text: str) -> bytes:
    return _ipv4(text, "Give the addresses of name servers.")


def _host(text: str, longest: int) -> "Prefix":
    """An address with its prefix length that a machine can have in a network."""
    mend = "Write it like 192.0.2.7/24."
    address, prefix_len = values.interface_address(text)
    if len(address) != 4 or "/" not in text:
        raise values.RefusedError(
            "%s is no IPv4 address with a prefix length" % values.shown(text), mend
        )
    if not 8 <= prefix_len <= longest:
        raise values.RefusedError(
            "its prefix length %d is not between 8 and %d" % (prefix_len, longest), mend
        )
    host_bits = int.from_bytes(address, "big") & ((1 << 32 - prefix_len) - 1)
    if not _is_unicast(address) or host_bits in (0, (1 << 32 - prefix_len) - 1):
        raise values.RefusedError(
            "%s is not the address of a machine in its network" % values.shown(text), mend
        )
    return address, prefix_len


def _lan(text: str) -> "Prefix":
    """For clients to be served, a private network (RFC 1918) with room for some of them."""
    own = _host(text, 29)
    if own[1] < 16:
        raise values.RefusedError(
            "its network is larger than a /16", "Write it like 10.20.30.1/24."
        )
    if not any(own[1] >= length and overlap(*own, net, length) for net, length in _PRIVATE):
        raise values.RefusedError(
            "%s is a public address, which clients could then not reach" % values.shown(text),
            "Use a network of 10.0.0.0/8, 172.16.0.0/12 or 192.168.0.0/16.",
        )
    return own


def _is_unicast(address: bytes) -> bool:
    return 0 < address[0] < 224 and address[0] != 127
