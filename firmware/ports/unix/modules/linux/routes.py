"""Routes into the tunnel, as wg-quick sets them.

A default route stands in a table of its own, which everything uses but what the tunnel itself
sends (that carries a mark); the main table still counts where it says more than "default". Behind
it in that table stands a route that refuses: when the interface goes down, or this program is
killed, packets are refused, and do not leave past the tunnel. The next run takes over from there.
"""

from linux.commands import attempt, run
from linux.errors import ProgramError, words
from linux.interface import family
from wg.allowedips import format_address, format_prefix
from wg.compat import TYPE_CHECKING
from wg.settings import TABLE_AUTO, TABLE_OFF

if TYPE_CHECKING:
    from collections.abc import Callable

    from linux.undo import Undo

    Prefix = tuple[bytes, int]  # address, prefix length


FIRST_TABLE = 51820
SUPPRESS = "lookup main suppress_prefixlength 0"
LAST_METRIC = "1000000"
SRC_VALID_MARK = "/proc/sys/net/ipv4/conf/all/src_valid_mark"


class Routes:
    """The routes of one interface. set_mark: called with the mark before a default route is set."""

    def __init__(
        self,
        name: str,
        addresses: "list[Prefix]",
        undo: "Undo",
        log: "Callable[[str, str], object]",
        set_mark: "Callable[[int], object]",
    ) -> None:
        self.name = name
        self.addresses = addresses
        self.undo = undo
        self.log = log
        self.set_mark = set_mark
        # Those through the interface, which the kernel forgets when that goes down: kind, the rest.
        self._through: "list[tuple[str, tuple[str, ...]]]" = []

    def add(self, prefixes: "list[Prefix]", table: int, mark: int) -> None:
        """Routes for all prefixes. table: as in wg.settings. mark: 0: choose one."""
        if table == TABLE_OFF:
            return
        # The longest first: a route that is there already by a shorter one need not be set.
        defaults = []
        for address, prefix_len in sorted(prefixes, key=lambda prefix: -prefix[1]):
            text = format_prefix(address, prefix_len)
            kind = family(address)
            if table != TABLE_AUTO:
                self._add(kind, (text, "table", str(table)))
            elif prefix_len == 0:
                defaults.append(kind)
            elif not self._is_routed(kind, text):
                self._add(kind, (text,))
        if defaults:
            self._add_defaults(defaults, mark)

    def set_again(self) -> None:
        """The interface was down and is up: set what the kernel has forgotten meanwhile."""
        for kind, route in self._through:
            self._route(kind, "replace", route)

    def _add(self, kind: str, route: "tuple[str, ...]") -> None:
        self._route(kind, "add", route)
        self._through.append((kind, route))

    def _route(self, kind: str, verb: str, route: "tuple[str, ...]") -> None:
        command = ["ip", kind, "route", verb]
        command.extend(route)
        command.extend(("dev", self.name))
        run(command)

    def _is_routed(self, kind: str, text: str) -> bool:
        status, said = attempt(("ip", kind, "route", "show", "dev", self.name, "match", text))
        return status == 0 and said.strip() != ""

    def _add_defaults(self, kinds: "list[str]", mark: int) -> None:
        table = mark or _free_table()
        number = str(table)
        if not mark:
            self.set_mark(table)
        for kind in ("-4", "-6"):
            if kind not in kinds and _has_rule(kind, "lookup " + number):
                _remove_rules(kind, number)  # a killed program had both
                _remove_refusal(kind, number)
        for kind in kinds:
            self._add_default(kind, table)

    def _add_default(self, kind: str, table: int) -> None:
        number = str(table)
        self._guard(kind, table)
        default = "0.0.0.0/0" if kind == "-4" else "::/0"
        self._add(kind, (default, "table", number))
        run(_refusal(kind, "replace", number))
        self.undo.push(lambda: _remove_refusal(kind, number))
        self.undo.push(lambda: _remove_rules(kind, number))
        # Rules of a killed program have gone on refusing; without them for a moment, packets leave.
        if not _has_rule(kind, "lookup " + number) or not _has_rule(kind, SUPPRESS):
            run(("ip", kind, "rule", "add", "not", "fwmark", number, "table", number))
            run(("ip", kind, "rule", "add", "table", "main", "suppress_prefixlength", "0"))
        if kind == "-4":
            self._let_marks_count()

    def _let_marks_count(self) -> None:
        """A strict reverse path filter would drop what the tunnel is sent, as nothing of ours."""
        try:
            with open(SRC_VALID_MARK, "w") as file:
                file.write("1")
        except OSError as error:  # in a container; nothing is lost without a strict filter
            self.log("warning", "%s cannot be set to 1: %s" % (SRC_VALID_MARK, words(error)))

    def _guard(self, kind: str, mark: int) -> None:
        """Drop packets to the tunnel's addresses that come by another way, and keep marks."""
        ip = "ip" if kind == "-4" else "ip6"
        table = "%s undertow-%s" % (ip, _safe(self.name))
        script = guard_script(table, ip, self.name, self._own(kind), mark)
        try:
            run(("nft", "-f", "-"), script)
        except ProgramError as error:
            self.log("warning", "packets to the tunnel's addresses are not filtered: %s" % error)
            return
        self.undo.push(lambda: run(("nft", "-f", "-"), "delete table %s\n" % table))

    def _own(self, kind: str) -> "list[str]":
        return [format_address(address) for address, _ in self.addresses if family(address) == kind]


def guard_script(table: str, ip: str, name: str, own: "list[str]", mark: int) -> str:
    """What nft is to do, in one step, also over what a killed program left behind."""
    lines = [
        "add table %s" % table,
        "delete table %s" % table,
        "add table %s" % table,
        "add chain %s preraw { type filter hook prerouting priority -300; }" % table,
        "add chain %s premangle { type filter hook prerouting priority -150; }" % table,
        "add chain %s postmangle { type filter hook postrouting priority -150; }" % table,
    ]
    for address in own:
        lines.append(
            'add rule %s preraw iifname != "%s" %s daddr %s fib saddr type != local drop'
            % (table, name, ip, address)
        )
    lines.append(
        "add rule %s postmangle meta l4proto { tcp, udp } mark %d ct mark set mark" % (table, mark)
    )
    lines.append("add rule %s premangle meta l4proto { tcp, udp } meta mark set ct mark" % table)
    return "\n".join(lines) + "\n"


def _free_table() -> int:
    """The first table from 51820 on without routes, but for what a killed program has left."""
    number = FIRST_TABLE
    while True:
        used = ""
        for kind in ("-4", "-6"):
            status, said = attempt(("ip", kind, "route", "show", "table", str(number)))
            for line in said.split("\n") if status == 0 else ():
                if not (line.startswith("unreachable") and "metric " + LAST_METRIC in line):
                    used += line
        if not used.strip():
            return number
        number += 1


def _refusal(kind: str, verb: str, table: str) -> "tuple[str, ...]":
    """The command for the route that counts when there is no other."""
    route = "ip %s route %s unreachable default metric %s table %s"
    return tuple((route % (kind, verb, LAST_METRIC, table)).split(" "))


def _remove_refusal(kind: str, table: str) -> None:
    run(_refusal(kind, "delete", table))


def _remove_rules(kind: str, table: str) -> None:
    """All rules that point to the table, also those of a program that was killed."""
    for marker, rule in (
        ("lookup " + table, ["table", table]),
        (SUPPRESS, ["table", "main", "suppress_prefixlength", "0"]),
    ):
        command = ["ip", kind, "rule", "delete"]
        command.extend(rule)
        while _has_rule(kind, marker):
            run(command)


def _has_rule(kind: str, marker: str) -> bool:
    status, said = attempt(("ip", kind, "rule", "show"))
    return status == 0 and any(line.strip().endswith(marker) for line in said.split("\n"))


def _safe(name: str) -> str:
    """A name for nft, which takes fewer characters than the kernel takes for interfaces."""
    return "".join([c if c.isalpha() or c.isdigit() or c in "_.-" else "_" for c in name])
