"""Reading a wg-quick file line by line."""

from _wg import PresharedKey, PrivateKey

from wg import config_values as values
from wg.config_keywords import HOOKS, INTERFACE_KEYWORDS, KEYS, LISTS, PEER_KEYWORDS, find, nearest
from wg.config_lines import LineReader
from wg.keytext import BASE64_LEN, is_base64_key, is_zero_text, public_from_base64
from wg.settings import Configuration, PeerSettings

KEY_MEND = "Copy the whole line that `%s` printed, with the '=' at its end."


class Reader(LineReader):
    """Reads a wg-quick file."""

    def __init__(
        self, buffer: "bytes | bytearray", file: "str | None", key_required: bool = True
    ) -> None:
        super().__init__(buffer, file)
        self.key_required = key_required
        self.configuration = Configuration()
        self.section = ""  # "interface", "peer", "": none yet, "?": one that there is not
        self.section_line = 0
        self.interface_line = 0
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
        else:
            if name is None:
                why = "this is not the head of a section"
            else:
                why = "there is no section [%s]" % name
            self.section = "?"
            self.wrong("section", why, "The sections are [Interface] and [Peer].")

    def end_section(self) -> None:
        line = self.line
        self.line = self.section_line
        if self.section == "interface" and self.key_required and "privatekey" not in self.seen:
            self.wrong(
                "[Interface]", "has no PrivateKey", "Add one; `wg genkey` makes a new private key."
            )
        elif self.section == "peer":
            self.end_peer()
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
        known = find(name, INTERFACE_KEYWORDS), find(name, PEER_KEYWORDS)
        if known[0] is None and known[1] is None:
            meant = nearest(name, INTERFACE_KEYWORDS + PEER_KEYWORDS)
            mend = "Did you mean %s?" % meant if meant else "Remove the line."
            self.wrong("keyword", "there is none called '%s'" % keyword, mend)
            return
        spelled = known[0] or known[1] or ""
        if not self.section:
            self.wrong(
                spelled,
                "stands before the first section",
                "Put [%s] in the line before it." % ("Interface" if known[0] else "Peer"),
            )
            return
        if known[0 if self.section == "interface" else 1] is None:
            home = "Interface" if known[0] else "Peer"
            self.wrong(
                spelled,
                "does not belong into [%s]" % ("Peer" if known[0] else "Interface"),
                "Move it into [%s]." % home,
            )
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
        else:
            self.read_value(name, spelled, start, end)

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
        elif is_zero_text(text):
            self.wrong(spelled, "is all zeros, which is no key", "`wg genkey` makes a new one.")
        else:
            self.configuration.interface.private_key = PrivateKey(text)

    def apply_value(self, name: str, spelled: str, text: str) -> None:
        interface = self.configuration.interface
        if name == "listenport":
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
