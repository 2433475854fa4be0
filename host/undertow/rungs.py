"""The rungs of the ladder of tests: what each asks, and what has to be there for it."""

from dataclasses import dataclass

from undertow import build, setup

# The lane that is shown as it goes, of what keeps a processor busy.
SHOWN = ""


@dataclass(frozen=True)
class Suite:
    """A rung: what it answers, the pytest paths below tests/, and what must be there first.

    plugins: of pytest, that only this suite loads. ignored: paths below tests/ that are left out.
    environment: what is set for it. lane: the suites of one run one after the other, beside those
    of the others; what mostly waits has lanes of its own.
    """

    name: str
    answers: str
    files: tuple[str, ...] = ()
    packages: tuple[str, ...] = ()
    targets: tuple[str, ...] = ()
    programs: tuple[str, ...] = ()
    plugins: tuple[str, ...] = ()
    ignored: tuple[str, ...] = ()
    environment: tuple[tuple[str, str], ...] = ()
    lane: str = SHOWN

    def prepare(self) -> None:
        setup.packages.ensure(*self.packages)
        build.build(*self.targets)
        for program in self.programs:
            setup.programs.ensure(program)


SUITES = (
    Suite("lint", "Is everything formatted, linted and typed?"),
    Suite("house", "Do setup, builds and layers hold?", ("house",), ("build",), ("cpython",)),
    Suite("lab", "Are the emulated networks like real ones?", ("lab",), ("boards",)),
    Suite("native", "Is the C right, and clean under sanitizers?", ("native",), ("build", "test")),
    Suite(
        "wg",
        "Is the protocol right, on CPython?",
        ("wg", "ut1", "dhcp", "pairing", "improv", "carrier", "box"),
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
            "targets/test_adopter.py",
            "targets/test_inside.py",
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
        "esp32",
        "Does an ESP32 join, serve and keep what it should, and does its C compile?",
        ("esp32",),
        ("build", "boards"),
        ("cpython", "unix"),
    ),
    Suite(
        "hardware",
        "Are the boards' descriptions sound, and all that is made of them theirs?",
        ("hardware",),
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
        "flash",
        "Is a chip flashed by the real esptool, whatever goes wrong?",
        ("flash",),
        ("build",),
        lane="patience",
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
        ("cpython", "unix", "virt_rv32", "virt_rv32-dev"),
        ("wireguard-go",),
        ("pytest_embedded.plugin",),
        environment=(("UNDERTOW_BOARDS", "virt_rv32"),),
        lane="boards",
    ),
    Suite(
        "xtensa",
        "And on the board with the other processor?",
        ("boards",),
        ("build", "boards", "lab"),
        ("cpython", "unix", "virt_xtensa", "virt_xtensa-dev"),
        ("wireguard-go",),
        ("pytest_embedded.plugin",),
        # The same C, built for RV32; and what people and laptops see, the same everywhere.
        ignored=(
            "boards/test_defences.py",
            "boards/test_people.py",
            "boards/test_chain.py",
            "boards/test_doctor.py",
            "boards/test_journey.py",
            "boards/test_pairing_power_cut.py",
        ),
        environment=(("UNDERTOW_BOARDS", "virt_xtensa"),),
        lane="xtensa",
    ),
    Suite(
        "censor",
        "Does a box get out of networks that are against it, and leak nothing?",
        ("censor",),
        ("build", "boards", "lab"),
        ("cpython", "unix", "virt_rv32"),
        ("wireguard-go",),
        ("pytest_embedded.plugin",),
        environment=(("UNDERTOW_BOARDS", "virt_rv32"),),
        lane="networks",
    ),
    Suite(
        "system",
        "Does undertow-unix carry traffic?",
        ("system",),
        ("build", "boards", "lab"),
        ("cpython", "unix", "virt_rv32"),
        ("wireguard-go",),
        lane="networks",
    ),
    Suite(
        "gateway",
        "Does a gateway let the right boxes in, and no others anywhere?",
        ("gateway",),
        ("build", "lab", "browser"),
        ("cpython", "unix"),
        ("wireguard-go",),
        lane="networks",
    ),
    Suite(
        "interop",
        "Does it get on with the others?",
        ("interop",),
        ("build", "lab"),
        ("cpython", "unix"),
        ("wireguard-go",),
        ignored=("interop/test_real_time.py",),
        lane="networks",
    ),
    Suite(
        "patience",
        "And after two minutes of a real clock?",
        ("interop/test_real_time.py",),
        ("build", "lab"),
        ("cpython", "unix"),
        ("wireguard-go",),
        lane="patience",
    ),
)
