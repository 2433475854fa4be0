"""`invoke log`, `reboot` and `wipe`: what the other messages send people to."""

import json as json_text

from undertow.console.client import Console, Object
from undertow.console.status import NO_CONSOLE
from undertow.errors import EXIT_USAGE, UndertowError


def log(url: str, json: bool = False) -> None:
    """Print the last lines of a box's log, oldest first, with seconds since its start."""
    with _opened(url) as console:
        console.hello()
        lines = console.log()
    _print(json, {"lines": lines}, *lines)


def reboot(url: str, json: bool = False) -> None:
    """Have a box start anew."""
    with _opened(url) as console:
        name = console.hello().name
        console.reboot()
    _print(json, {"name": name, "done": "reboot"}, f"{_called(name)} starts anew.")


def wipe(url: str, name: str, json: bool = False) -> None:
    """Have a box forget its settings and its key. name: the box's, so that it is the right one."""
    with _opened(url) as console:
        box = console.hello()
        if box.name is not None and name != box.name:
            raise UndertowError(
                f"The box at {url} is called '{box.name}'",
                "Wiping takes its private key, too, and cannot be taken back.",
                f"If it is to be wiped, add --name {box.name}.",
                EXIT_USAGE,
            )
        console.wipe(name)
    said = f"{_called(box.name)} has forgotten everything and starts anew."
    _print(json, {"name": box.name, "done": "wipe"}, said)


def _print(json: bool, found: Object, *lines: str) -> None:
    """One object for programs, or lines for people."""
    if json:
        print(json_text.dumps(found, indent=2))
    else:
        for line in lines:
            print(line)


def _opened(url: str) -> Console:
    if not url:
        raise NO_CONSOLE
    return Console(url)


def _called(name: str | None) -> str:
    return f"The box '{name}'" if name else "The box"
