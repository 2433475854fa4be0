"""Reading a wg-quick file line by line."""

from _wg import PresharedKey, PrivateKey

from wg import config_carriers, config_quoted, config_shape, shape_lint
from wg import config_values as values
from wg.carrier_settings import CarrierSettings, ShapeSettings
from wg.compat import TYPE_CHECKING
from wg.config_keywords import HOOKS, KEYS, LISTS, SECTIONS, SPELLED, find, nearest
from wg.config_lines import LineReader
from wg.config_shape import SHAPE_KEYWORDS, UNSUPPORTED
from wg.keytext import (
    BASE64_LEN,
    is_base64_key,
    is_zero_text,
    public_from_base64,
    secret_from_base64,
)
from wg.settings import Configuration, PeerSettings

if TYPE_CHECKING:
    from wg.shape_lint import Finding

KEY_MEND = "Copy the whole line that `%s` printed, with the '=' at its end."


class Reader(LineReader):
    """Reads a wg-quick file."""

    def __init__(
        self, buffer: "bytes | bytearray", file: "str | None", key_required: bool = True
    ) -> None:
        super().__init__(buffer, file)
        self.key_required = key_required
        self.configuration = Configuration()
        self.section = ""  # one of SECTIONS; "": none yet, "?": one that there is not
        self.section_line = 0
        self.interface_line = 0
        self.carriers_line = 0
        self.carrier_lines: "dict[str, int]" = {}
        self.shape_lines: "dict[str, int]" = {}  # keyword of the shape, or "mtu" -> line
        self.mtu_line = 0
        self.peer = PeerSettings(b"")
        self.peer_key_broken = False
        self.peer_lines: "dict[bytes, int]" = {}
        self.seen: "dict[str, int]" = {}  # keyword -> line, in this section
        self.routes: "dict[tuple[bytes, int], int]" = {}  # allowed IP -> line

    def finish(self) -> None:
        self.end_section()
        if not self.interface_line:
            self.line = 0
            self.wrong(
                "[Interface]",
                "the file has no such section",
                "Add it, with PrivateKey and Address.",
            )
        self.check_own_key()
        self.check_mtu()
        self.check_shape()
        self.check_carriers()

    def text_of(self, start: int, end: int) -> "tuple[int, int]":
        if self.section == "carriers":  # a '#' in quotes begins no comment
            return config_quoted.text_of(self.view, start, end)
        return super().text_of(start, end)

    def note(self, text: str) -> None:
        self.configuration.notes.append((self.line, text))

    # --- sections ---

    def begin_section(self, name: "str | None") -> None:
        self.end_section()
        self.section = name.lower() if name is not None else "?"
        self.section_line = self.line
        self.seen = {}
        if self.section == "interface":
            if self.interface_line:
                self.wrong(
                    "[Interface]",
                    "is here a second time, the first is in line %d" % self.interface_line,
                    "Put everything of the interface into one section.",
                )
            self.interface_line = self.interface_line or self.line
        elif self.section == "peer":
            self.peer = PeerSettings(b"")
            self.peer_key_broken = False
        elif self.section == "carriers":
            self.begin_carriers()
        else:
            if name is None:
                why = "this is not the head of a section"
            else:
                why = "there is no section [%s]" % name
            self.section = "?"
            self.wrong("section", why, "The sections are [Interface], [Peer] and [Carriers].")

    def begin_carriers(self) -> None:
        if self.carriers_line:
            self.wrong(
                "[Carriers]",
                "is here a second time, the first is in line %d" % self.carriers_line,
                "Put all ways to the other end into one section.",
            )
        self.carriers_line = self.carriers_line or self.line
        if self.configuration.carriers is None:
            self.configuration.carriers = CarrierSettings()

    def end_section(self) -> None:
        line = self.line
        self.line = self.section_line
        if self.section == "interface" and self.key_required and "privatekey" not in self.seen:
            self.wrong(
                "[Interface]", "has no PrivateKey", "Add one; `wg genkey` makes a new private key."
            )
        elif self.section == "peer":
            self.end_peer()
        elif self.section == "carriers":
            self.carrier_lines = self.seen
        self.section = ""
        self.line = line

    def end_peer(self) -> None:
        if "publickey" not in self.seen:
            self.wrong("[Peer]", "has no PublicKey", "Add the public key of the other end.")
            return
        if self.peer_key_broken:
            return
        key = self.peer.public_key
        line = self.seen["publickey"]
        if key in self.peer_lines:
            self.line = line
            self.wrong(
                "PublicKey",
                "this peer is already described in line %d" % self.peer_lines[key],
                "Put everything of a peer into one [Peer] section.",
            )
            return
        self.peer_lines[key] = line
        self.configuration.peers.append(self.peer)

    def check_own_key(self) -> None:
        private_key = self.configuration.interface.private_key
        if private_key is None:
            return
        line = self.peer_lines.get(private_key.public())
        if line is not None:
            self.line = line
            self.wrong(
                "PublicKey",
                "this is the key of the interface itself",
                "Give the public key of the other end.",
            )

    def check_mtu(self) -> None:
        interface = self.configuration.interface
        if interface.mtu is None or interface.mtu >= values.MTU_MIN_IPV6:
            return
        if any(len(address) == 16 for address, _ in interface.addresses):
            self.line = self.mtu_line
            self.wrong(
                "MTU",
                "%d is too small for the IPv6 address of this interface" % interface.mtu,
                "IPv6 needs %d." % values.MTU_MIN_IPV6,
            )

    # --- settings ---

    def read_setting(self, keyword: str, start: int, end: int) -> None:
        name = keyword.lower()
        if self.section == "?":
            return
        spelled = find(name, SECTIONS[self.section]) if self.section else None
        if spelled is None:
            self.refuse_keyword(keyword, name)
            return
        if name in self.seen and name not in LISTS and name not in HOOKS:
            self.wrong(
                spelled,
                "is given twice, first in line %d" % self.seen[name],
                "Remove one of the two lines.",
            )
            return
        if name not in self.seen:
            self.seen[name] = self.line
        if name in HOOKS:
            self.wrong(
                spelled,
                "Undertow runs no commands from a file",
                "Remove the line, or use wg-quick with "
                "WG_QUICK_USERSPACE_IMPLEMENTATION=undertow-unix.",
            )
        elif name in KEYS:
            self.read_key(name, spelled, start, end)
        elif self.section == "carriers" and name in config_carriers.SECRETS:
            self.read_secret(name, spelled, start, end)
        else:
            self.read_value(name, spelled, start, end)

    def refuse_keyword(self, keyword: str, name: str) -> None:
        """One that there is not, or not in this section."""
        homes = [
            section
            for section in ("interface", "peer", "carriers")
            if find(name, SECTIONS[section])
        ]
        if find(name, UNSUPPORTED) is not None:
            self.wrong(
                "keyword",
                "'%s' is AmneziaWG's, and Undertow does not have it" % keyword,
                "Take it out at both ends: with one of them alone, packets are lost.",
            )
        elif not homes:
            near = SECTIONS.get(self.section, ()) or SECTIONS["interface"] + SECTIONS["peer"]
            meant = nearest(name, near) or nearest(name, SECTIONS["interface"] + SECTIONS["peer"])
            mend = "Did you mean %s?" % meant if meant else "Remove the line."
            self.wrong("keyword", "there is none called '%s'" % keyword, mend)
        else:
            spelled = find(name, SECTIONS[homes[0]]) or ""
            home = SPELLED[homes[0]]
            if not self.section:
                self.wrong(
                    spelled,
                    "stands before the first section",
                    "Put [%s] in the line before it." % home,
                )
            else:
                why = "does not belong into [%s]" % SPELLED[self.section]
                self.wrong(spelled, why, "Move it into [%s]." % home)

    def read_secret(self, name: str, spelled: str, start: int, end: int) -> None:
        """A value that is in no error, and never becomes a str."""
        carriers = self.configuration.carriers
        if carriers is None:
            return
        try:
            if end < len(self.view) and self.view[end] == 0x23:
                raise values.RefusedError(
                    "has a '#' in it, which begins a comment", "Write it in double quotes."
                )
            config_carriers.apply_secret(carriers, name, self.view[start:end])
        except values.RefusedError as refused:
            self.wrong(spelled, refused.why, refused.mend)

    def read_key(self, name: str, spelled: str, start: int, end: int) -> None:
        text = self.view[start:end]
        maker = "wg genpsk" if name == "presharedkey" else "wg genkey"
        mend = KEY_MEND % maker if name != "publickey" else KEY_MEND % "wg pubkey"
        if name == "publickey":
            self.peer_key_broken = True
        if not is_base64_key(text):
            self.wrong(spelled, _why_no_key(text), mend)
        elif name == "publickey":
            self.peer.public_key = public_from_base64(text)
            self.peer_key_broken = False
        elif name == "presharedkey":
            if not is_zero_text(text):  # zeros stand for none
                self.peer.preshared_key = PresharedKey(text)
        elif name == "headerprotectionkey":
            self.shape_lines[name] = self.line
            if not is_zero_text(text):  # zeros stand for none
                self.shape().key = secret_from_base64(text)
        elif is_zero_text(text):
            self.wrong(spelled, "is all zeros, which is no key", "`wg genkey` makes a new one.")
        else:
            self.configuration.interface.private_key = PrivateKey(text)

    def shape(self) -> ShapeSettings:
        interface = self.configuration.interface
        if interface.shape is None:
            interface.shape = ShapeSettings()
        return interface.shape

    def check_shape(self) -> None:
        interface = self.configuration.interface
        if interface.shape is None:
            return
        if any(error.what in SHAPE_KEYWORDS for error in self.errors):
            return  # of half a shape nothing can be said
        lines = dict(self.shape_lines)
        lines["mtu"] = self.mtu_line
        self.line = self.interface_line
        for finding in shape_lint.check(interface.shape, interface.mtu):
            self.report(finding, lines, "[Interface]")

    def check_carriers(self) -> None:
        if self.configuration.carriers is None:
            return
        shape = self.configuration.interface.shape
        is_shaped = shape is not None and shape.changes_messages()
        self.line = self.carriers_line
        for finding in config_carriers.check(self.configuration.carriers, is_shaped):
            self.report(finding, self.carrier_lines, "[Carriers]")

    def report(self, finding: "Finding", lines: "dict[str, int]", section: str) -> None:
        """An error that concerns several lines; it is told at the last of them."""
        names, why, mend = finding
        before = self.line
        there = [lines.get(name.lower(), 0) for name in names]
        self.line = max(there or [0]) or self.line
        self.wrong(" and ".join(names) or section, why, mend)
        self.line = before

    def apply_value(self, name: str, spelled: str, text: str) -> None:
        interface = self.configuration.interface
        if self.section == "carriers":
            if self.configuration.carriers is not None:
                config_carriers.apply(self.configuration.carriers, name, text)
        elif find(name, SHAPE_KEYWORDS) is not None:
            self.shape_lines[name] = self.line
            config_shape.apply(self.shape(), name, text)
        elif name == "listenport":
            interface.listen_port = values.port(text)
        elif name == "fwmark":
            interface.fwmark = values.fwmark(text)
        elif name == "mtu":
            interface.mtu = values.mtu(text)
            self.mtu_line = self.line
        elif name == "table":
            interface.table = values.table(text)
        elif name == "saveconfig":
            if values.boolean(text):
                self.note("SaveConfig has no effect: Undertow does not write to this file.")
        elif name == "endpoint":
            self.peer.endpoint = values.endpoint(text)
        elif name == "persistentkeepalive":
            self.peer.keepalive_s = values.keepalive(text)
        elif name == "address":
            self.read_list(spelled, text, values.interface_address, interface.addresses)
        elif name == "dns":
            self.read_dns(spelled, text)
        else:
            self.read_allowed_ips(spelled, text)

    def read_dns(self, spelled: str, text: str) -> None:
        found: "list[bytes | str]" = []
        self.read_list(spelled, text, values.dns, found)
        for value in found:
            if isinstance(value, str):
                self.configuration.interface.dns_search.append(value)
            else:
                self.configuration.interface.dns.append(value)

    def read_allowed_ips(self, spelled: str, text: str) -> None:
        before = len(self.peer.allowed_ips)
        self.read_list(spelled, text, values.allowed_ip, self.peer.allowed_ips)
        for prefix in self.peer.allowed_ips[before:]:
            line = self.routes.get(prefix)
            if line is not None:
                self.note(
                    "an allowed IP of the peer of line %d is given again and moves here." % line
                )
            self.routes[prefix] = self.line


def _why_no_key(text: memoryview) -> str:
    if len(text) != BASE64_LEN:
        count = "is empty" if not len(text) else "has %d characters" % len(text)
        return "%s, a key has %d" % (count, BASE64_LEN)
    return "is not the base64 of 32 bytes"
