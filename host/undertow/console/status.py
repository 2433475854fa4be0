"""What a box says of itself, as a table for people. The object is that of `status` (ut1)."""

import json as json_text
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from rich.console import Console as Terminal
from rich.table import Table
from rich.text import Text

from undertow.console.client import Console
from undertow.errors import EXIT_USAGE, UndertowError
from undertow.terminal import colour

Row = tuple[str, str, str]  # section, name, value

NO_CONSOLE = UndertowError(
    "No console is named",
    "A box is asked over its serial line, and which one that is cannot be guessed.",
    "Add --console /dev/ttyUSB0, or for a board of ./invoke run the --console that it was given.",
    EXIT_USAGE,
)

# How a box says whether its keys were compared.
YES, CHANGED = "yes", "changed"

_UNITS = ("B", "KiB", "MiB", "GiB", "TiB")


def main(url: str, json: bool) -> None:
    """Ask the box at a console and print what it says."""
    if not url:
        raise NO_CONSOLE
    with Console(url) as console:
        console.hello()
        found = console.status()
    if json:
        print(json_text.dumps(found, indent=2, sort_keys=True))
    else:
        show(found)


def show(status: Mapping[str, Any], terminal: Terminal | None = None) -> None:
    """Print it: a table on a terminal, plain lines elsewhere."""
    terminal = terminal or Terminal(highlight=False, soft_wrap=True)
    table = Table.grid(padding=(0, 2))
    before = ""
    plain = not terminal.is_terminal
    for section, name, value in rows(status):
        if plain:
            terminal.print(f"{section + ' ' + name:<24}{value}", markup=False)
            continue
        head = Text(section if section != before else "", style="bold cyan")
        style = _style(status, section)
        table.add_row(head, Text(name, style="dim"), Text(value, style, overflow="fold"))
        before = section
    if not plain:
        terminal.print(table)
    problem = status.get("problem")
    if problem:
        text = f"problem: {problem['what']}: {problem['why']}. {problem['mend']}"
        terminal.print(Text(text, style="" if plain else "bold yellow"))


def _style(status: Mapping[str, Any], section: str) -> str:
    """Colour is for keys, and for a window that is open: it is what nobody may overlook."""
    if section == "sign-in" and (status.get("sign_in") or {}).get("state") == "open":
        return colour.ALARM
    if section != "keys":
        return colour.PLAIN
    state = status["verification"].get("state")
    return {YES: colour.GOOD, CHANGED: colour.ALARM}.get(state, colour.WARNING)


def rows(status: Mapping[str, Any]) -> Iterator[Row]:
    """All that there is to see, in order. What a box does not say is left out."""
    for section, lines in (
        ("box", _box(status.get("box") or {})),
        ("keys", _keys(status.get("verification") or {})),
        ("uplink", _uplink(status.get("uplink") or {})),
        ("sign-in", _sign_in(status.get("sign_in") or {})),
        ("links", _links(status.get("links") or {})),
        ("tunnel", _tunnel(status.get("tunnel") or {})),
        ("lan", _lan(status.get("lan") or {})),
        ("drops", _drops(status.get("drops") or {})),
        ("memory", _memory(status.get("memory") or {})),
    ):
        for name, value in lines:
            if value:
                yield section, name, value


Lines = Iterator[tuple[str, str]]


def _box(box: Mapping[str, Any]) -> Lines:
    yield "name", _text(box.get("name"))
    yield "board", _text(box.get("board"))
    yield "firmware", _text(box.get("firmware"))
    yield "state", _text(box.get("state"))
    if box.get("uptime_s") is not None:
        yield "up for", duration(box["uptime_s"])
    yield "last start", _text(box.get("reset_cause"))
    if box.get("crashes"):
        yield "crashes in a row", str(box["crashes"])


def _keys(verification: Mapping[str, Any]) -> Lines:
    """Whether two people have compared them."""
    state, gateway = verification.get("state"), verification.get("gateway")
    if state == YES:
        yield "verified", f"yes, with {gateway}"
    elif state == CHANGED:
        own, theirs = verification.get("own_changed"), verification.get("peer_changed")
        whose = [name for name, is_so in (("the box's", own), (f"{gateway}'s", theirs)) if is_so]
        yield "verified", f"NOT ANY MORE, ANOTHER KEY: {' and '.join(whose)}"
    else:  # also where the box does not say
        yield "verified", "not verified"
    if verification.get("locked_s"):
        yield "pairing", f"failed, refused for {duration(verification['locked_s'])} more"


def _links(links: Mapping[str, Any]) -> Lines:
    """How the board is attached, where it has a choice."""
    yield "medium", _text(links.get("medium"))
    if links.get("cable") is not None:
        yield "cable", "plugged in" if links["cable"] else "none"
    wifi, own = links.get("wifi") or {}, links.get("own") or {}
    yield "Wi-Fi", _joined(wifi.get("state"), wifi.get("ssid"), wifi.get("why"))
    if wifi.get("signal_dbm") is not None:
        yield "signal", f"{wifi['signal_dbm']} dBm on channel {_text(wifi.get('channel'))}"
    yield "own Wi-Fi", _joined(own.get("state"), own.get("ssid"), own.get("why"))
    if own.get("clients") is not None and own.get("state") == "up":
        yield "clients there", _text(own["clients"])


def _joined(state: object, ssid: object, why: object) -> str:
    words = _text(state)
    if ssid is not None:
        words += f", {ssid}"
    return f"{words}: {why}" if why else words


def _uplink(uplink: Mapping[str, Any]) -> Lines:
    yield "link", "up" if uplink.get("link") else "down: no cable, or nothing at its other end"
    yield "address", _text(uplink.get("address")) or "none yet"
    yield "gateway", _text(uplink.get("gateway"))
    yield "name servers", _text(uplink.get("dns"))


def _sign_in(told: Mapping[str, Any]) -> Lines:
    """Whether one client may see the network's sign-in page, in clear."""
    from undertow.console import sign_in

    yield "window", sign_in.words(told)
    if told.get("segments"):
        out, back = told["segments"]
        yield "let through", f"{out} out, {back} in; {told.get('names')} names answered"


def _tunnel(tunnel: Mapping[str, Any]) -> Lines:
    yield "state", _text(tunnel.get("state"))
    yield "gateway at", _text(tunnel.get("endpoint"))
    yield "gateway's key", _text(tunnel.get("peer"))
    yield "box's key", _text(tunnel.get("public_key"))
    age_s = tunnel.get("handshake_age_s")
    yield "handshake", "never" if age_s is None else f"{duration(age_s)} ago"
    if "rx_bytes" in tunnel:
        yield "carried", f"{size(tunnel['rx_bytes'])} in, {size(tunnel['tx_bytes'])} out"
    yield from _carrier(tunnel.get("carrier") or {})


def _carrier(carrier: Mapping[str, Any]) -> Lines:
    """By which way the tunnel goes, and what the others came to, where there are several."""
    if carrier.get("searching_s") is not None:
        yield "way", f"none yet, looked for since {duration(carrier['searching_s'])}"
    elif carrier.get("way"):
        since_s = carrier.get("since_s")
        since = "" if since_s is None else f", since {duration(since_s)}"
        yield "way", f"{_text(carrier['way'])}{since}"
        yield "proven", "yes, 64 KiB came through both ways" if carrier.get("proven") else "not yet"
    if carrier.get("mtu") is not None:
        yield "packets", f"up to {_text(carrier['mtu'])} bytes"
    for each in carrier.get("tried") or ():
        yield "tried", f"{_text(each['way'])}: {_text(each['why'])}"


def _lan(lan: Mapping[str, Any]) -> Lines:
    yield "address", _text(lan.get("address"))
    clients = lan.get("clients")
    if clients is not None:
        yield "clients", str(len(clients))
    for client in clients or ():
        yield "client", f"{client['address']}  {client['mac']}  flows: {client['flows']}"


def _drops(drops: Mapping[str, int]) -> Lines:
    for name in sorted(drops):
        if drops[name]:
            yield name.replace("_", " "), f"{drops[name]:,}"


def _memory(memory: Mapping[str, int]) -> Lines:
    for name in sorted(memory):
        yield name.replace("_", " "), f"{memory[name]:,}"


def _text(value: object) -> str:
    """A value as people read it; nothing for None."""
    if value is None:
        return ""
    if isinstance(value, Sequence) and not isinstance(value, str):
        return ", ".join(str(each) for each in value)
    return str(value)


def duration(seconds: float) -> str:
    """About how long: 42 s, 5 min, 3 h, 2 days."""
    if seconds < 120:
        return f"{seconds:.0f} s"
    if seconds < 7200:
        return f"{seconds / 60:.0f} min"
    if seconds < 172800:
        return f"{seconds / 3600:.0f} h"
    return f"{seconds / 86400:.0f} days"


def size(count: float) -> str:
    """Bytes in the unit in which they are at most four digits."""
    for unit in _UNITS[:-1]:
        if count < 1024:
            return f"{count:.0f} {unit}" if unit == "B" else f"{count:.1f} {unit}"
        count /= 1024
    return f"{count:.1f} {_UNITS[-1]}"
