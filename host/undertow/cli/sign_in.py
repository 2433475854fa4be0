"""`undertow sign-in`: a network that wants a sign-in, and one client that may see its page."""

import argparse

from undertow.cli import where


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.set_defaults(run=_run)
    where.add_console(parser)
    parser.add_argument(
        "--client", default="", metavar="ADDRESS", help="which one, by its address or its MAC"
    )
    parser.add_argument("--close", action="store_true", help="close the window")
    parser.add_argument(
        "--no-wait", action="store_true", help="do not stay until the window is closed"
    )


def _run(arguments: argparse.Namespace) -> int:
    from undertow import reach
    from undertow.console import sign_in

    console = reach.running(arguments.console)
    return sign_in.main(
        console, arguments.client, arguments.close, arguments.no_wait, arguments.json
    )
