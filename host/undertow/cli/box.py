"""`undertow status`, `log`, `reboot`, `wipe`: a box that runs, on its console."""

import argparse

from undertow.cli import where


def add_arguments(parser: argparse.ArgumentParser) -> None:
    where.add_console(parser)
    if parser.get_default("command") == "wipe":
        parser.add_argument("--name", default="", help="of the box, to be sure it is this one")
    parser.set_defaults(run=_run)


def _run(arguments: argparse.Namespace) -> None:
    from undertow import reach
    from undertow.console import commands, status

    console = reach.running(arguments.console)
    if arguments.command == "status":
        status.main(console, arguments.json)
    elif arguments.command == "log":
        commands.log(console, arguments.json)
    elif arguments.command == "reboot":
        commands.reboot(console, arguments.json)
    else:
        commands.wipe(console, arguments.name, arguments.json)
