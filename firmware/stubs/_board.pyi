"""The board: console, flash, reset and watchdog. The network is in _router."""

from typing import Optional

from _typeshed import ReadableBuffer, WriteableBuffer

NAME: str  # the board's, as "virt_rv32"
DEV: bool  # a development build: there is a prompt, and Ctrl-C reaches it

# What reset_cause() says.
POWER_ON: int
RESET: int  # asked for
WATCHDOG: int  # nobody called feed() in time
CRASH: int  # a processor fault, or the device program ended

def console_read(buffer: WriteableBuffer) -> int:
    """Take what has come, as much as fits; how many bytes. Never waits."""

def console_write(data: ReadableBuffer) -> int:
    """Send all of it, at the speed of the wire; how many bytes. What nobody takes is dropped after a moment."""

def reset() -> None:
    """Start anew, at once."""

def power_off(status: int) -> None:
    """End the emulator, with this exit status of 0 to 127; a real board sleeps until it is reset."""

def reset_cause() -> int:
    """Why the machine started."""

def crashes() -> int:
    """How often in a row the box crashed or hung, since power-on or healthy()."""

def last_words() -> str:
    """What was said when the box crashed or hung, if it started because of that; else nothing."""

def healthy() -> None:
    """The box works: forget the crashes."""

def watchdog(timeout_ms: int) -> None:
    """Reset the box when feed() is not called for so long, whatever the program does then; 0: never."""

def feed() -> None:
    """The watchdog's time begins anew."""

def has_random() -> bool:
    """Whether there is a generator; without one no key can be made, and _router.fill_random() raises OSError."""

def mac(which: int) -> bytes:
    """The 6 bytes of the uplink's (0) or the LAN's (1) address. OSError ENODEV: the machine has no such interface."""

def memory() -> "dict[str, int]":
    """In bytes: heap_size, heap_free (after what is garbage now was collected), heap_largest (what could be had in one
    piece), stack_size, stack_left (the least that was ever left), code and ram (all of it, from the linker)."""

# Of boards that choose between a cable and Wi-Fi only: ports/esp32. An interface is "eth", "sta" (the radio in somebody's
# network) or "ap" (the radio's own network).

def set_interfaces(uplink: Optional[str], lan: Optional[str]) -> None:
    """Which interface is which side; None: none is. Every other one drops everything, as all do from power-on.

    A new uplink has no address until _router gives it one. ValueError: there is no such interface, or both are the same."""

def link(interface: str) -> bool:
    """Whether it has a link: a cable that leads somewhere, a network that was joined, an own network that is up. It is asked of
    the interface itself; an interface that was never started has none."""

def close_access_point() -> bool:
    """Have our own network be closed, and hidden, from the moment that it is switched on until it has its settings.

    After the first network.WLAN(), before the radio is on. False: the driver would not."""

class Flash:
    """A block device for vfs.VfsLfs2: the disk in blocks of 4096 bytes, read and written at any offset.

    What is written stays when the machine is killed; ioctl 3 (sync) lets its host write it to storage too."""
    def __init__(self) -> None:
        """OSError ENODEV: the machine has no disk."""

    def readblocks(self, block: int, buffer: WriteableBuffer, offset: int = 0) -> int:
        """0, or minus an error number."""

    def writeblocks(self, block: int, buffer: ReadableBuffer, offset: int = 0) -> int:
        """0, or minus an error number."""

    def ioctl(self, operation: int, argument: int) -> Optional[int]:
        """As vfs.AbstractBlockDev has it."""
