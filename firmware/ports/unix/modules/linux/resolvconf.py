"""Name servers of the tunnel, by resolvconf."""

from linux.commands import is_there, run
from wg.allowedips import format_address
from wg.compat import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from linux.undo import Undo


ORDER = "/etc/resolvconf/interface-order"


def set_servers(
    name: str,
    servers: "list[bytes]",
    search: "list[str]",
    undo: "Undo",
    log: "Callable[[str, str], object]",
) -> None:
    """Make these the system's name servers while the tunnel is up."""
    if not servers and not search:
        return
    if not is_there("resolvconf"):
        log(
            "warning",
            "DNS has no effect, resolvconf is not there: apt install openresolv, "
            "or name the servers in /etc/resolv.conf yourself",
        )
        return
    entry = _prefix() + name
    text = "".join(["nameserver %s\n" % format_address(address) for address in servers])
    if search:
        text += "search %s\n" % " ".join(search)
    undo.push(lambda: run(("resolvconf", "-d", entry, "-f")))
    run(("resolvconf", "-a", entry, "-m", "0", "-x"), text)


def _prefix() -> str:
    """Debian's resolvconf orders entries by kind; ours is to come before other interfaces'."""
    try:
        with open(ORDER) as file:
            for line in file:
                entry = str(line).strip()
                if entry.endswith("*") and entry[:-1].replace("-", "").isalpha():
                    return entry[:-1] + "."
    except OSError:
        pass
    return ""
