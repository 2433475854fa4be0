"""`undertow COMMAND`: arguments to a command's function, its errors to words and an exit status."""

import argparse
import importlib
import json
import sys
import traceback
from collections.abc import Sequence
from typing import NoReturn

from undertow.cli.commands import COMMANDS
from undertow.errors import EXIT_FAILURE, EXIT_INTERRUPTED, EXIT_MISMATCH, EXIT_USAGE, UndertowError


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; the status of the program."""
    words = list(sys.argv[1:] if argv is None else argv)
    arguments = _parser(words).parse_args(words)
    try:
        return int(arguments.run(arguments) or 0)
    except UndertowError as error:
        return told(error, arguments.json, arguments.debug)
    except KeyboardInterrupt:
        return told(INTERRUPTED, arguments.json)
    except BrokenPipeError:  # as in `undertow log | head`
        sys.stderr.close()
        return EXIT_FAILURE
    except Exception as error:  # a fault of ours: in words, too
        return told(_ours(error), arguments.json, arguments.debug)


INTERRUPTED = UndertowError(
    "Interrupted",
    "Ctrl-C was pressed.",
    "Running this again goes on from here.",
    EXIT_INTERRUPTED,
)


def told(error: UndertowError, as_json: bool, with_trace: bool = False) -> int:
    """Say an error on standard error, and to programs on standard output, too; its exit status."""
    if with_trace:
        traceback.print_exc()
    if as_json:
        print(json.dumps({"error": error.as_object()}, indent=2))
    if error.exit_code == EXIT_INTERRUPTED:
        print("interrupted", file=sys.stderr)
    else:
        from undertow.terminal import colour

        is_alarm = error.exit_code == EXIT_MISMATCH
        colour.say(error.as_text(), colour.ALARM if is_alarm else colour.PLAIN)
    return error.exit_code


def _ours(error: Exception) -> UndertowError:
    # Its text could hold anything, so it is left to --debug.
    return UndertowError(
        f"The program itself failed ({type(error).__name__})",
        "This is a fault of Undertow, not of yours.",
        "Run it again with --debug, which shows where, and report that.",
    )


class _Parser(argparse.ArgumentParser):
    """argparse, with our form of an error, for programs too."""

    words: Sequence[str] = ()

    def error(self, message: str) -> NoReturn:
        error = UndertowError(
            f"{self.prog}: {message}",
            "The command cannot be understood that way.",
            f"See {self.prog} --help.",
            EXIT_USAGE,
        )
        raise SystemExit(told(error, "--json" in self.words))


class _Wide(argparse.HelpFormatter):
    """argparse forgets that commands are set in, and so breaks the line behind the longest."""

    def __init__(self, prog: str) -> None:
        super().__init__(prog)
        self._action_max_length = max(map(len, COMMANDS)) + 4


def _parser(words: Sequence[str]) -> argparse.ArgumentParser:
    """With the arguments of the one command that is asked for: the others' code is not loaded."""
    _Parser.words = words
    parser = _Parser(
        prog="undertow",
        description="A travel router: set it up, look after it.",
        formatter_class=_Wide,
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    named = next((word for word in words if not word.startswith("-")), None)
    for name, command in COMMANDS.items():
        sub = commands.add_parser(name, help=command.help, description=command.help)
        sub.set_defaults(command=name)
        sub.add_argument("--json", action="store_true", help="print one object")
        sub.add_argument("--debug", action="store_true", help="show where an error comes from")
        if name == named:
            importlib.import_module(command.module).add_arguments(sub)
    return parser
