"""A corner of the system of our own: what a lab puts into /run ends with its processes.

Named network namespaces and WireGuard's sockets are files under /run. A lab gets a mount namespace
with an empty /run, so that nothing of it can stay behind, even when it is killed, and it cannot
meet what else runs here. Whoever is not root becomes root in a user namespace first, which most
Linux systems allow to everybody.
"""

import ctypes
import errno
import os
from pathlib import Path

from undertow.lab.errors import LabError

CLONE_NEWNS = 0x0002_0000
CLONE_NEWUSER = 0x1000_0000
CLONE_NEWNET = 0x4000_0000
MS_NOSUID = 0x2
MS_NODEV = 0x4
MS_REC = 0x4000
MS_PRIVATE = 0x4_0000

TUN_DEVICE = Path("/dev/net/tun")

_libc = ctypes.CDLL(None, use_errno=True)
_isolated_process = 0


def _check(result: int, what: str) -> None:
    if result != 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{what}: {os.strerror(number)}")


def _mount(source: str, target: str, kind: str | None, flags: int, data: str | None) -> None:
    encoded = [None if text is None else text.encode() for text in (source, target, kind, data)]
    _check(_libc.mount(encoded[0], encoded[1], encoded[2], flags, encoded[3]), f"mount {target}")


def _become_root_of_own_namespace() -> None:
    user, group = os.geteuid(), os.getegid()
    # The network too: only into a namespace that this user owns may a process come back later.
    _check(_libc.unshare(CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWNET), "unshare")
    Path("/proc/self/setgroups").write_text("deny")
    Path("/proc/self/uid_map").write_text(f"0 {user} 1")
    Path("/proc/self/gid_map").write_text(f"0 {group} 1")


def set_network_namespace(descriptor: int) -> None:
    """Move the calling thread into the network namespace behind an open descriptor."""
    _check(_libc.setns(descriptor, CLONE_NEWNET), "setns")


def isolate() -> None:
    """Give this process, and what it starts from now on, mounts of its own with an empty /run.

    Once per process. Call it from the main thread before other threads exist: the kernel lets only
    a process with one thread change its user, and threads that run already keep the old mounts.
    Raises LabError where the system forbids it.
    """
    global _isolated_process
    if _isolated_process == os.getpid():
        return
    try:
        if os.geteuid() == 0:
            _check(_libc.unshare(CLONE_NEWNS), "unshare")
        else:
            _become_root_of_own_namespace()
        _mount("none", "/", None, MS_REC | MS_PRIVATE, None)
        for folder in sorted({os.path.realpath("/run"), os.path.realpath("/var/run")}):
            _mount("undertow-lab", folder, "tmpfs", MS_NOSUID | MS_NODEV, "mode=755")
    except OSError as error:
        raise _refusal(error) from error
    _isolated_process = os.getpid()
    _require_tun()


def _refusal(error: OSError) -> LabError:
    what = "no network lab on this system"
    if os.geteuid() == 0:
        return LabError(
            what,
            f"root may not make namespaces and mounts here ({error.strerror})",
            "In a container, start it with --privileged; in a chroot, make its root a mount "
            "(mount --bind); otherwise use a virtual machine.",
        )
    if error.errno == errno.EINVAL:
        return LabError(
            what,
            "a process that already has several threads cannot get a user namespace",
            "Start it anew, or as root.",
        )
    return LabError(
        what,
        f"this user may not make user namespaces ({error.strerror})",
        "Run it as root (sudo), or allow them: sysctl kernel.unprivileged_userns_clone=1 "
        "(Debian), kernel.apparmor_restrict_unprivileged_userns=0 (Ubuntu).",
    )


def _require_tun() -> None:
    try:
        os.close(os.open(TUN_DEVICE, os.O_RDWR))
    except FileNotFoundError as error:
        raise LabError(
            "no tunnel interfaces on this system",
            f"{TUN_DEVICE} is missing",
            "Load the module as root: modprobe tun.",
        ) from error
    except OSError as error:
        raise LabError(
            "no tunnel interfaces for this user",
            f"{TUN_DEVICE}: {error.strerror}",
            f"Run it as root (sudo), or let users open it: chmod 666 {TUN_DEVICE}.",
        ) from error
