"""`undertow status`, `log`, `reboot`, `wipe`: a box that runs, on its console."""

import argparse

from undertow.console import commands, status


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--console", default="", help="/dev/ttyUSB0, COM3, socket://HOST:PORT or unix:PATH"
    )
    parser.add_argument("--name", default="", help="wipe: of the box, to be sure it is this one")
    parser.set_defaults(run=_run)


def _run(arguments: argparse.Namespace) -> None:
    if arguments.command == "status":
        status.main(arguments.console, arguments.json)
    elif arguments.command == "log":
        commands.log(arguments.console)
    elif arguments.command == "reboot":
        commands.reboot(arguments.console)
    else:
        commands.wipe(arguments.console, arguments.name)
