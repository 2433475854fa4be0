"""The tasks: `./invoke --list`. Thin on purpose; the work is done in host/undertow."""

import functools
from collections.abc import Callable
from typing import Any

from invoke.context import Context
from invoke.exceptions import Exit
from invoke.tasks import task as invoke_task

from undertow.errors import EXIT_INTERRUPTED, UndertowError


def task(**options: Any) -> Callable[[Callable[..., None]], Any]:
    """invoke's task, with our errors said in words and Ctrl-C as an ordinary end."""

    def make(function: Callable[..., None]) -> Any:
        @functools.wraps(function)
        def guarded(context: Context, *args: Any, **kwargs: Any) -> None:
            try:
                function(context, *args, **kwargs)
            except UndertowError as error:
                text = f"error: {error.what}.\n{error.why}\n{error.mend}"
                raise Exit(text, error.exit_code) from error
            except KeyboardInterrupt as error:
                raise Exit("interrupted", EXIT_INTERRUPTED) from error

        return invoke_task(guarded, **options)

    return make


@task()
def setup(_context: Context) -> None:
    """Fetch and install whatever is missing; every other task does that too."""
    from undertow import progress, setup

    setup.everything()
    progress.say("All is there.")


@task(help={"target": "unix, cpython, rv32 or all"})
def build(_context: Context, target: str = "all") -> None:
    """Build undertow-unix, _wg for this Python, and the RV32 firmware of the tests."""
    from undertow import build

    for name, built in build.build(target).items():
        print(f"{name}: {built}")


@task(iterable=["suite"], help={"suite": "one rung, may be repeated", "only": "pytest's -k"})
def test(_context: Context, suite: list[str] | None = None, only: str = "") -> None:
    """Climb the ladder of tests (tests/README.md)."""
    from undertow import ladder

    if not ladder.climb(suite or (), only or None):
        raise Exit(code=1)


@task()
def lint(_context: Context) -> None:
    """Check formats, lint and types."""
    from undertow import ladder

    if not ladder.climb(["lint"]):
        raise Exit(code=1)


@task(name="format")
def format_(_context: Context) -> None:
    """Format Python and C."""
    from undertow import checks

    checks.rewrite()


@task()
def stubs(_context: Context) -> None:
    """Write firmware/stubs anew from the bindings."""
    from undertow.build import stubs

    stubs.write()


@task(help={"json": "print what was measured as one object instead of telling it"})
def demo(_context: Context, json: bool = False) -> None:
    """Watch a page come through a tunnel between two of our programs, in a lab on this machine."""
    from undertow import build, demo, setup

    setup.packages.ensure("build", "lab")
    build.build("cpython", "unix")
    raise Exit(code=demo.main(json))


@task(
    help={
        "name": "instructions, throughput or handshakes; all without",
        "json": "print one object instead of tables",
    }
)
def bench(_context: Context, name: str = "", json: bool = False) -> None:
    """Measure beside the targets and beside wireguard-go; also writes build/bench/*.json."""
    from undertow import bench, build, setup

    setup.everything()
    build.build("cpython", "unix")
    bench.main(name or None, json)


@task(
    help={
        "seconds": "how long, shared by all targets",
        "only": "one target",
        "keep": "put inputs that reach new code into the corpus",
    }
)
def fuzz(_context: Context, seconds: int = 60, only: str = "", keep: bool = False) -> None:
    """Look for inputs that break the C core (libFuzzer)."""
    from undertow import fuzzing, setup

    setup.packages.ensure("build", "test")
    fuzzing.main(seconds, only or None, keep)
