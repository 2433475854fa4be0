"""`undertow COMMAND`: arguments to a command's function, its errors to words and an exit status."""

import argparse
import importlib
import json
import sys
from collections.abc import Sequence
from typing import NoReturn

from undertow.cli.commands import COMMANDS
from undertow.errors import EXIT_FAILURE, EXIT_INTERRUPTED, EXIT_USAGE, UndertowError


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; the status of the program."""
    words = list(sys.argv[1:] if argv is None else argv)
    arguments = _parser(words).parse_args(words)
    try:
        return int(arguments.run(arguments) or 0)
    except UndertowError as error:
        if arguments.debug:
            raise
        _tell(error, arguments.json)
        return error.exit_code
    except KeyboardInterrupt:
        print("interrupted", file=sys.stderr)
        return EXIT_INTERRUPTED
    except BrokenPipeError:  # as in `undertow log | head`
        sys.stderr.close()
        return EXIT_FAILURE


class _Parser(argparse.ArgumentParser):
    """argparse, with our form of an error, for programs too."""

    def error(self, message: str) -> NoReturn:
        error = UndertowError(
            f"{self.prog}: {message}",
            "The command cannot be understood that way.",
            f"See {self.prog} --help.",
            EXIT_USAGE,
        )
        _tell(error, "--json" in sys.argv)
        raise SystemExit(EXIT_USAGE)


def _tell(error: UndertowError, as_json: bool) -> None:
    """In words on standard error; for programs an object on standard output, too."""
    if as_json:
        print(json.dumps({"error": error.as_object()}, indent=2))
    print(error.as_text(), file=sys.stderr)


def _parser(words: Sequence[str]) -> argparse.ArgumentParser:
    """With the arguments of the one command that is asked for: the others' code is not loaded."""
    parser = _Parser(prog="undertow", description="A travel router: set it up, look after it.")
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
