"""What a person sees while something takes its time: a live line on a terminal, else plain lines.

Everything goes to stderr; stdout belongs to results.
"""

import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, Progress, SpinnerColumn, TaskID, TextColumn, TimeElapsedColumn

# What takes less is not worth a line.
QUIET_S = 3.0

console = Console(stderr=True, highlight=False, soft_wrap=True)


class Step:
    """One piece of work under way. Its detail and its fraction may change; neither is needed."""

    def __init__(self, live: Progress | None = None, task: TaskID | None = None) -> None:
        self._live = live
        self._task = task

    def detail(self, text: str) -> None:
        """Say what is being done right now; shown on a terminal only."""
        if self._live is not None and self._task is not None:
            self._live.update(self._task, detail=text[:60])

    def fraction(self, done: float) -> None:
        """Say how much is done, from 0 to 1; shown on a terminal only."""
        if self._live is not None and self._task is not None:
            self._live.update(self._task, total=1.0, completed=done)


@contextmanager
def quiet_step(title: str) -> Iterator[Step]:
    """Like step() on a terminal; elsewhere one line at the end, and none when it took no time."""
    started = time.monotonic()
    if _may_be_live():
        with _live(title) as live:
            yield live
    else:
        yield Step()
    seconds = time.monotonic() - started
    if seconds > QUIET_S:
        say(f"{title}: {seconds:.1f} s")


@contextmanager
def step(title: str) -> Iterator[Step]:
    """Show `title` while the block runs, and how long it took when it is done."""
    started = time.monotonic()
    if _may_be_live():
        with _live(title) as live:
            yield live
    else:
        say(f"{title} ...")
        yield Step()
    say(f"{title}: {time.monotonic() - started:.1f} s")


def _may_be_live() -> bool:
    """On a terminal, and for one thread: a terminal has one last line."""
    return console.is_terminal and threading.current_thread() is threading.main_thread()


@contextmanager
def _live(title: str) -> Iterator[Step]:
    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(bar_width=20),
        TextColumn("[dim]{task.fields[detail]}"),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=console, transient=True) as live:
        yield Step(live, live.add_task(title, total=None, detail=""))


def say(text: str) -> None:
    """One line for people, at once."""
    if console.is_terminal:
        console.print(text, markup=False)
    else:
        print(text, file=sys.stderr, flush=True)
