"""`undertow doctor`: what is in the way of a box, in plain words."""

import argparse

from undertow.cli import where


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.set_defaults(run=_run)
    where.add_console(parser)
    parser.add_argument(
        "--code",
        action="append",
        default=[],
        metavar="XXXXXX",
        help="explain a code that was read to you; again for more, the oldest first",
    )


def _run(arguments: argparse.Namespace) -> int:
    from undertow.doctor import command

    if arguments.code:
        command.explain(arguments.code, arguments.json)
        return 0
    from undertow import reach

    return command.ask(reach.running(arguments.console), arguments.json)
