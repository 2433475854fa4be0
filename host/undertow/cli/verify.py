"""`undertow verify`: pair with a gateway and compare the code, or say whether that was done."""

import argparse

from undertow.cli import where


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.set_defaults(run=_run)
    where.add_console(parser)
    where.add_board(parser)
    where.add_meeting(parser)
    parser.add_argument(
        "--digits-from-stdin",
        action="store_true",
        help="a program writes the digits that were heard, once the code is shown",
    )


def _run(given: argparse.Namespace) -> None:
    from undertow.pairing import command

    command.main(
        given.console,
        given.board,
        given.flash,
        given.pair,
        given.room,
        given.json,
        given.digits_from_stdin,
    )
