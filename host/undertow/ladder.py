"""The ladder of tests: suites of rising cost, each with what it needs, run one after the other.

Each suite but the first is a pytest of its own, so that one can be run alone, and says what
it costs.
"""

import os
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from xml.etree import ElementTree

from undertow import build, checks, paths, progress, setup
from undertow.errors import UndertowError

REPORTS = paths.BUILD / "tests"
NO_TESTS_COLLECTED = 5


@dataclass(frozen=True)
class Suite:
    """A rung: what it answers, the pytest paths below tests/, and what must be there first.

    plugins: of pytest, that only this suite loads.
    """

    name: str
    answers: str
    files: tuple[str, ...] = ()
    packages: tuple[str, ...] = ()
    targets: tuple[str, ...] = ()
    programs: tuple[str, ...] = ()
    plugins: tuple[str, ...] = ()

    def prepare(self) -> None:
        setup.packages.ensure(*self.packages)
        for target in self.targets:
            build.TARGETS[target]()
        for program in self.programs:
            setup.programs.ensure(program)


@dataclass
class Result:
    suite: str
    passed: int = 0
    failed: int = 0
    skipped: int = 0
    seconds: float = 0.0
    reasons: list[str] = field(default_factory=list)


SUITES = (
    Suite("lint", "Is everything formatted, linted and typed?"),
    Suite("house", "Do setup, builds and layers hold?", ("house",), ("build",), ("cpython",)),
    Suite("lab", "Are the emulated networks like real ones?", ("lab",), ("boards",)),
    Suite("native", "Is the C right, and clean under sanitizers?", ("native",), ("build", "test")),
    Suite(
        "wg",
        "Is the protocol right, on CPython?",
        ("wg", "ut1", "dhcp", "box"),
        ("build",),
        ("cpython",),
    ),
    Suite(
        "contract",
        "Is _wg what its stub says, and equal to the reference?",
        ("contract",),
        ("build",),
        ("cpython",),
    ),
    Suite(
        "unix",
        "And inside undertow-unix?",
        (
            "targets/test_unix.py",
            "targets/test_datapath.py",
            "targets/test_program.py",
            "targets/test_resolver.py",
            "targets/test_run_fault.py",
        ),
        ("build",),
        ("cpython", "unix"),
    ),
    Suite(
        "host",
        "Does a laptop set a box up, over a bad line too?",
        ("host",),
        ("build",),
        ("cpython", "unix"),
    ),
    Suite(
        "rv32",
        "And on bare RV32?",
        ("targets/test_rv32.py", "targets/test_runner.py", "targets/test_store_defences.py"),
        ("build", "boards"),
        ("cpython", "unix", "rv32"),
    ),
    Suite(
        "cpus",
        "Is the crypto right, blind to secrets, and a packet cheap, on RV32 and Xtensa?",
        ("bench",),
        ("build", "boards"),
        ("cpython", "virt_rv32", "virt_xtensa"),
    ),
    Suite(
        "micropython",
        "Does MicroPython pass its own tests on the boards?",
        ("micropython",),
        ("build", "boards"),
        ("virt_rv32-dev", "virt_xtensa-dev"),
    ),
    Suite(
        "defences",
        "Does the suite fail when a defence is off?",
        ("defences",),
        ("build",),
        ("cpython", "unix"),
    ),
    Suite(
        "boards",
        "Does a box on an emulated board carry everything, and leak nothing?",
        ("boards",),
        ("build", "boards", "lab"),
        ("cpython", "unix", "virt_rv32", "virt_rv32-dev", "virt_xtensa", "virt_xtensa-dev"),
        ("wireguard-go",),
        ("pytest_embedded.plugin",),
    ),
    Suite(
        "system",
        "Does undertow-unix carry traffic?",
        ("system",),
        ("build", "boards", "lab"),
        ("cpython", "unix", "virt_rv32"),
        ("wireguard-go",),
    ),
    Suite(
        "interop",
        "Does it get on with the others?",
        ("interop",),
        ("build", "lab"),
        ("cpython", "unix"),
        ("wireguard-go",),
    ),
)


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
    results = [_run(suite, only) for suite in suites]
    _print_ladder(suites, results)
    return not any(result.failed for result in results)


def _run(suite: Suite, only: str | None) -> Result:
    progress.say(f"\n=== {suite.name}: {suite.answers}")
    started = time.monotonic()
    try:
        suite.prepare()
        result = _pytest(suite, only) if suite.files else _lint()
    except UndertowError as error:
        # One rung that cannot be built does not keep the others from being climbed.
        progress.say(f"error: {error.what}.\n{error.why}\n{error.mend}")
        result = Result(suite.name, failed=1)
    result.seconds = time.monotonic() - started
    return result


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


def _pytest(suite: Suite, only: str | None) -> Result:
    report = REPORTS / f"{suite.name}.xml"
    report.parent.mkdir(parents=True, exist_ok=True)
    report.unlink(missing_ok=True)
    command = [
        *(sys.executable, "-m", "pytest", "-q", f"--junit-xml={report}"),
        *(word for plugin in suite.plugins for word in ("-p", plugin)),
        *(["-k", only] if only else []),
        *(str(path) for file in suite.files if (path := paths.TESTS / file).exists()),
    ]
    status = _wait(subprocess.Popen(command, cwd=paths.ROOT))
    if status == NO_TESTS_COLLECTED and only:
        return Result(suite.name)
    result = _read(suite.name, report)
    if status and not result.failed:
        result.failed = 1
        progress.say(f"pytest ended with status {status}")
    return result


def _wait(process: subprocess.Popen[bytes]) -> int:
    """Its exit status. Ctrl-C reaches it as well as us; it is given the time to clean up."""
    try:
        return process.wait()
    except KeyboardInterrupt:
        process.wait()
        raise


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
    progress.say(f"{'suite':10}{'passed':>7}{'failed':>7}{'skipped':>8}{'seconds':>8}")
    for suite, result in zip(suites, results, strict=True):
        counts = f"{result.passed:7}{result.failed:7}{result.skipped:8}{result.seconds:8.1f}"
        progress.say(f"{suite.name:10}{counts}  {suite.answers}")
    for result in results:
        for reason in sorted(set(result.reasons)):
            progress.say(f"skipped in {result.suite}: {reason}")
    passed, failed, skipped = (
        sum(getattr(result, kind) for result in results) for kind in ("passed", "failed", "skipped")
    )
    print(f"{passed} passed, {failed} failed, {skipped} skipped", flush=True)
