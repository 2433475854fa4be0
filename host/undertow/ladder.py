"""The ladder of tests: suites of rising cost, in lanes that run beside one another.

Each suite but the first is a pytest of its own, so that one can be run alone, and says what
it costs.
"""

import os
import subprocess
import sys
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event
from typing import IO
from xml.etree import ElementTree

from undertow import checks, paths, progress, setup
from undertow.errors import UndertowError
from undertow.rungs import SHOWN, SUITES, Suite

REPORTS = paths.BUILD / "tests"
NO_TESTS_COLLECTED = 5

# Ctrl-C came, or one lane broke off: no other goes on.
_stopped = Event()


@dataclass
class Result:
    suite: str
    passed: int = 0
    failed: int = 0
    skipped: int = 0
    seconds: float = 0.0
    # What its processes kept processors busy, without the builds before it.
    processor_s: float = 0.0
    reasons: list[str] = field(default_factory=list)


def names() -> list[str]:
    return [suite.name for suite in SUITES]


def climb(wanted: Sequence[str] = (), only: str | None = None) -> bool:
    """Run the suites (all of them when none is named) and print the ladder; whether nothing failed.

    only: pytest's -k, to run some tests of the suites.
    """
    unknown = sorted(set(wanted) - set(names()))
    if unknown:
        raise UndertowError(
            f"There is no suite '{unknown[0]}'",
            "Each suite is one rung of the ladder in tests/README.md.",
            f"The suites are: {', '.join(names())}.",
            exit_code=2,
        )
    suites = [
        suite
        for suite in SUITES
        if (not wanted or suite.name in wanted)
        and (not suite.files or any((paths.TESTS / file).exists() for file in suite.files))
    ]
    # All that is missing is said, or installed, before the first test runs.
    setup.packages.ensure(*sorted({group for suite in suites for group in suite.packages}))
    results = _run_all(suites, only)
    _print_ladder(suites, results)
    return not any(result.failed for result in results)


def _run_all(suites: Sequence[Suite], only: str | None) -> list[Result]:
    """Run each lane beside the others; one is shown as it goes, the others are told of at the end.

    Two processors have something to do at every moment: one lane computes, the others often wait.
    """
    lanes: dict[str, list[Suite]] = {}
    for suite in suites:
        lanes.setdefault(suite.lane, []).append(suite)
    shown = lanes.pop(SHOWN if SHOWN in lanes else next(iter(lanes)), [])
    results: dict[str, Result] = {}
    _stopped.clear()

    def run(lane: Sequence[Suite]) -> None:
        for suite in lane:
            if _stopped.is_set():
                return
            _run(suite, only, results, is_shown=lane is shown)

    with ThreadPoolExecutor(max(1, len(lanes))) as beside:
        others = [beside.submit(run, lane) for lane in lanes.values()]
        try:
            run(shown)
            for other in others:
                other.result()
        except BaseException:
            _stopped.set()
            raise
    for suite in (suite for lane in lanes.values() for suite in lane):
        progress.say(f"\n=== {suite.name}: {suite.answers}")
        if _said(suite).exists():
            progress.say(_said(suite).read_text(errors="replace"))
    return [results[suite.name] for suite in suites]


def _run(suite: Suite, only: str | None, results: dict[str, Result], *, is_shown: bool) -> None:
    """Run one suite, with what it says shown at once or in a file."""
    _said(suite).unlink(missing_ok=True)
    if is_shown:
        progress.say(f"\n=== {suite.name}: {suite.answers}")
    started = time.monotonic()
    if _prepare(suite, results):
        if not suite.files:
            results[suite.name] = _lint()
        elif is_shown:
            results[suite.name] = _pytest(suite, only)
        else:
            REPORTS.mkdir(parents=True, exist_ok=True)
            with _said(suite).open("wb") as said:
                results[suite.name] = _pytest(suite, only, said)
    result = results[suite.name]
    result.seconds = time.monotonic() - started
    if not is_shown:
        progress.say(f"(beside: {suite.name}, {result.passed} passed, {result.failed} failed)")


def _prepare(suite: Suite, results: dict[str, Result]) -> bool:
    """Have what a suite needs. False: that cannot be, which is its result.

    One rung that cannot be built does not keep the others from being climbed.
    """
    try:
        suite.prepare()
    except UndertowError as error:
        progress.say(f"error: {error.what}.\n{error.why}\n{error.mend}")
        results[suite.name] = Result(suite.name, failed=1)
        return False
    return True


def _said(suite: Suite) -> Path:
    return REPORTS / f"{suite.name}.txt"


def _lint() -> Result:
    result = Result("lint")
    for name, complaint in checks.check().items():
        if complaint:
            result.failed += 1
            progress.say(f"{complaint}\n{name}: failed (./invoke format mends formats)")
        else:
            result.passed += 1
            progress.say(f"{name}: passed")
    return result


def _pytest(suite: Suite, only: str | None, said: IO[bytes] | None = None) -> Result:
    """Run a suite's tests; said: where to, in place of our own output."""
    report = REPORTS / f"{suite.name}.xml"
    report.parent.mkdir(parents=True, exist_ok=True)
    report.unlink(missing_ok=True)
    command = [
        *(sys.executable, "-m", "pytest", "-q", f"--junit-xml={report}"),
        # pytest-embedded writes into it what newer forms have no room for.
        *("-o", "junit_family=xunit1"),
        *(word for plugin in suite.plugins for word in ("-p", plugin)),
        *(["-k", only] if only else []),
        *(f"--ignore={paths.TESTS / path}" for path in suite.ignored),
        *(str(path) for file in suite.files if (path := paths.TESTS / file).exists()),
    ]
    environment = {**os.environ, **dict(suite.environment)}
    status, processor_s = _wait(
        subprocess.Popen(
            command, cwd=paths.ROOT, env=environment, stdout=said, stderr=said and subprocess.STDOUT
        )
    )
    if status == NO_TESTS_COLLECTED and only:
        return Result(suite.name)
    result = _read(suite.name, report)
    result.processor_s = processor_s
    if status and not result.failed:
        result.failed = 1
        progress.say(f"pytest ended with status {status}")
    return result


def _wait(process: subprocess.Popen[bytes]) -> tuple[int, float]:
    """Its exit status, and the seconds of processors that it and what it waited for have used.

    Ctrl-C reaches it as well as us; it is given the time to clean up.
    """
    try:
        _, status, used = os.wait4(process.pid, 0)
    except KeyboardInterrupt:
        # Before anything else: a lane whose suite was quicker to end must not begin its next.
        _stopped.set()
        process.wait()
        raise
    process.returncode = os.waitstatus_to_exitcode(status)
    return process.returncode, used.ru_utime + used.ru_stime


def _read(name: str, report: os.PathLike[str]) -> Result:
    """Count what pytest wrote down."""
    try:
        root = ElementTree.parse(report).getroot()  # noqa: S314 -- our own pytest wrote it
    except (OSError, ElementTree.ParseError):
        return Result(name)
    result = Result(name)
    for case in root.iter("testcase"):
        if case.find("failure") is not None or case.find("error") is not None:
            result.failed += 1
        elif (skipped := case.find("skipped")) is not None:
            result.skipped += 1
            result.reasons.append(skipped.get("message", ""))
        else:
            result.passed += 1
    return result


def _print_ladder(suites: Sequence[Suite], results: Sequence[Result]) -> None:
    progress.say("")
    progress.say(f"{'suite':10}{'passed':>7}{'failed':>7}{'skipped':>8}{'seconds':>8}{'cpu':>6}")
    for suite, result in zip(suites, results, strict=True):
        counts = f"{result.passed:7}{result.failed:7}{result.skipped:8}{result.seconds:8.1f}"
        busy = f"{result.processor_s:6.0f}" if result.processor_s else f"{'':6}"
        progress.say(f"{suite.name:10}{counts}{busy}  {suite.answers}")
    for result in results:
        for reason in sorted(set(result.reasons)):
            progress.say(f"skipped in {result.suite}: {reason}")
    passed, failed, skipped = (
        sum(getattr(result, kind) for result in results) for kind in ("passed", "failed", "skipped")
    )
    print(f"{passed} passed, {failed} failed, {skipped} skipped", flush=True)
