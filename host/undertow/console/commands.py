"""`invoke log`, `reboot` and `wipe`: what the other messages send people to."""

from undertow.console.client import Console
from undertow.console.status import NO_CONSOLE
from undertow.errors import EXIT_USAGE, UndertowError


def log(url: str) -> None:
    """Print the last lines of a box's log, oldest first, with seconds since its start."""
    with _opened(url) as console:
        console.hello()
        for line in console.log():
            print(line)


def reboot(url: str) -> None:
    """Have a box start anew."""
    with _opened(url) as console:
        who = _called(console.hello().name)
        console.reboot()
    print(f"{who} starts anew.")


def wipe(url: str, name: str) -> None:
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
    print(f"{_called(box.name)} has forgotten everything and starts anew.")


def _opened(url: str) -> Console:
    if not url:
        raise NO_CONSOLE
    return Console(url)


def _called(name: str | None) -> str:
    return f"The box '{name}'" if name else "The box"
