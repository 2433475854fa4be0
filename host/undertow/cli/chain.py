"""Several tasks in one run of invoke, as in `./invoke flash provision verify --board X`.

To invoke a flag belongs to the task in front of it; to a person it is about the box.
"""

import contextlib
import sys
from collections.abc import Iterator, Mapping
from typing import Any

from invoke.exceptions import Exit, ParseError

from undertow.cli.program import told
from undertow.errors import EXIT_USAGE, UndertowError

# What some task of this run was given so far.
_settled: set[str] = set()


def settle(box: Any, given: Mapping[str, str]) -> Any:
    """What a task goes by: what it was given, else one before it, else the next one after it.

    box: invoke's configuration of that name, which is changed and returned; it holds for the tasks
    that follow, and what it held before is for what no task was given.
    """
    for name, value in given.items():
        if not value and name not in _settled:
            value = next(_given_to_others(name), "")
        if value:
            box[name] = value
            _settled.add(name)
    return box


def is_debugging() -> bool:
    """Whether invoke was told to show where errors come from: `./invoke --debug TASK`."""
    with contextlib.suppress(AttributeError, KeyError):
        return bool(_program().args.debug.value)
    return False


def say_usage_errors() -> None:
    """Have what invoke cannot parse end as all wrong usage does: in our words, with status 2."""
    program = _program()
    parse_tasks = program.parse_tasks

    def guarded() -> None:
        try:
            parse_tasks()
        except ParseError as error:
            wrong = UndertowError(
                str(error).rstrip(".!?"),
                "The command cannot be understood that way.",
                "See ./invoke --list, and ./invoke --help TASK.",
                EXIT_USAGE,
            )
            raise Exit(code=told(wrong, "--json" in sys.argv)) from error

    program.parse_tasks = guarded


def _given_to_others(name: str) -> Iterator[str]:
    """The values that the tasks of this run were given for a flag, in their order."""
    for task in getattr(_program(), "tasks", ()):
        argument = task.args.get(name)
        if argument is not None and argument.got_value and argument.value:
            yield str(argument.value)


def _program() -> Any:
    """The one that runs, or would."""
    from invoke.main import program

    return program
