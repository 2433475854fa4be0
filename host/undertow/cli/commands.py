"""The commands of `undertow`, in the order of --help.

Each module has add_arguments(parser), which gives the parser its arguments and `run` by
set_defaults(run=...): a function of the parsed arguments that returns the exit status or nothing.
It is loaded only when its command is asked for.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Command:
    help: str
    module: str


COMMANDS = {
    "flash": Command("write firmware into a board", "undertow.cli.flash"),
    "ports": Command("list the ports at which a board may be", "undertow.cli.ports"),
    "provision": Command("give a box its settings and its tunnel", "undertow.cli.provision"),
    "verify": Command("pair a box with a gateway, and compare the code", "undertow.cli.verify"),
    "status": Command("ask a running box how it is", "undertow.cli.box"),
    "doctor": Command("say what keeps a running box from its gateway", "undertow.cli.doctor"),
    "sign-in": Command("let one client see a network's sign-in page", "undertow.cli.sign_in"),
    "log": Command("print the last lines of a running box's log", "undertow.cli.box"),
    "reboot": Command("have a running box start anew", "undertow.cli.box"),
    "wipe": Command("have a running box forget its settings and its key", "undertow.cli.box"),
    "gateway": Command("run the far end of the tunnel on this machine", "undertow.cli.gateway"),
    "release": Command("sign what was built for a board", "undertow.cli.release"),
}
