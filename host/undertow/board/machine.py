"""How QEMU is to be called for each emulated board; nothing else knows it.

A console is unix:PATH, tcp:PORT (of 127.0.0.1) or stdio (QEMU's own input and output). A network
is tap:NAME (one that exists), dgram:PATH, user (QEMU's own, with a way out) or None (a cable with
nobody at its end). dgram: one unix datagram is one Ethernet frame; QEMU's socket is PATH.board, and
the other end has PATH.
"""

from dataclasses import dataclass
from pathlib import Path

from undertow.errors import EXIT_USAGE, UndertowError

# Locally administered; the last byte is the port, the ones before it the box (Machine.command).
_MAC = "02:75:74:{:02x}:{:02x}:{:02x}"
_NETWORKS = "tap:NAME, dgram:PATH or user"
_CONSOLES = "unix:PATH, tcp:PORT or stdio"


@dataclass(frozen=True)
class Machine:
    """A board as QEMU has it. Devices have {} for the number of the port, 0: uplink, 1: LAN."""

    name: str
    program: str
    options: tuple[str, ...]
    console: tuple[str, ...]
    nic: str
    disk: str
    entropy: str

    def command(
        self,
        firmware: Path,
        *,
        console: str,
        uplink: str | None = None,
        lan: str | None = None,
        flash: Path | None = None,
        console_log: Path | None = None,
        has_entropy: bool = True,
        number: int = 1,
        icount: int | None = None,
    ) -> list[str]:
        """The command line. UndertowError: a network or console that is none of the above.

        console_log: gets all that the console says. number: of the box, for its MAC addresses.
        icount: virtual time goes by instructions, each 2**icount ns, and never waits.
        """
        argv = [self.program, *self.options, "-nodefaults", "-display", "none", "-monitor", "none"]
        argv += ["-chardev", _chardev(console, console_log), *self.console]
        for index, (role, spec) in enumerate((("uplink", uplink), ("lan", lan))):
            device = f"{self.nic.format(index)},netdev={role},mac={mac(index, number)}"
            argv += ["-netdev", _netdev(role, index, spec), "-device", device]
        if flash is not None:
            argv += ["-drive", f"if=none,id=flash,format=raw,file={_escaped(flash)}"]
            argv += ["-device", f"{self.disk},drive=flash"]
        if has_entropy:
            argv += ["-object", "rng-builtin,id=entropy"]
            argv += ["-device", f"{self.entropy},rng=entropy"]
        if icount is not None:
            argv += ["-icount", f"shift={icount},sleep=off"]
        return [*argv, "-kernel", str(firmware)]


MACHINES = (
    Machine(
        "virt_rv32",
        "qemu-system-riscv32",
        (
            *("-machine", "virt", "-m", "16M", "-bios", "none"),
            *("-global", "virtio-mmio.force-legacy=false"),
        ),
        console=("-serial", "chardev:console"),
        nic="virtio-net-device,bus=virtio-mmio-bus.{}",
        disk="virtio-blk-device,bus=virtio-mmio-bus.7",
        entropy="virtio-rng-device,bus=virtio-mmio-bus.6",
    ),
    Machine(
        "virt_xtensa",
        "qemu-system-xtensa",
        # Semihosting is how it ends QEMU, the watchdog how it resets itself.
        (
            *("-machine", "virt", "-cpu", "dc233c", "-m", "16M"),
            *("-semihosting", "-device", "i6300esb"),
        ),
        # The machine's own console does not interrupt.
        console=("-serial", "none", "-device", "pci-serial,chardev=console"),
        nic="virtio-net-pci,disable-legacy=on,romfile=",
        disk="virtio-blk-pci,disable-legacy=on",
        entropy="virtio-rng-pci,disable-legacy=on",
    ),
)


def mac(port: int, number: int = 1) -> str:
    """The address of a box's network port, 0: uplink, 1: LAN. number: of the box."""
    return _MAC.format(number >> 8, number & 0xFF, port)


def names() -> list[str]:
    """The boards that there are."""
    return [machine.name for machine in MACHINES]


def find(name: str) -> Machine:
    """The board of that name; UndertowError if there is none."""
    for machine in MACHINES:
        if machine.name == name:
            return machine
    raise UndertowError(
        f"There is no board '{name}'",
        "A board is named by its folder in firmware/ports.",
        f"The emulated boards are: {', '.join(names())}.",
        EXIT_USAGE,
    )


def _escaped(path: Path | str) -> str:
    """A path inside one of QEMU's options, whose parts are divided by commas."""
    return str(path).replace(",", ",,")


def _chardev(console: str, log: Path | None) -> str:
    logged = f",logfile={_escaped(log)}" if log else ""
    if console == "stdio":
        return f"stdio,id=console,signal=off{logged}"
    kind, _, where = console.partition(":")
    if kind == "unix" and where:
        address = f"path={_escaped(where)}"
    elif kind == "tcp" and where.isdecimal():
        address = f"host=127.0.0.1,port={where}"
    else:
        raise _refusal("console", console, _CONSOLES)
    return f"socket,id=console,{address},server=on,wait=off{logged}"


def _netdev(role: str, index: int, spec: str | None) -> str:
    kind, _, where = (spec or "none").partition(":")
    if spec is None:
        return f"hubport,id={role},hubid={index}"
    if kind == "tap" and where:
        return f"tap,id={role},ifname={where},script=no,downscript=no"
    if kind == "dgram" and where:
        path = _escaped(where)
        ends = f"local.type=unix,local.path={path}.board,remote.type=unix,remote.path={path}"
        return f"dgram,id={role},{ends}"
    if spec == "user":
        return f"user,id={role}"
    raise _refusal(role, spec, _NETWORKS)


def _refusal(what: str, given: str, known: str) -> UndertowError:
    return UndertowError(
        f"'{given}' is no way to attach the {what}",
        "A board's ports are attached to something on this machine.",
        f"Give one of: {known}.",
        EXIT_USAGE,
    )
